//! The words of the documents: one table for each enumeration (C01, C02, C09 to C12, C34, C35).

use super::labels::{Labels, Open};
use super::{PostingState, Profile};
use crate::account::{AccountStatus, OwnershipKind};
use crate::kyc::{AmlStatus, DocumentKind, KycStatus, PepStatus, RiskLevel};
use crate::ledger::{Channel, Kind, Side};
use crate::party::{Gender, Lifecycle, Onboarding, Segment};
use crate::product::AccountType;

/// Onboarding and lifecycle of a customer: two machines of which the documents show one (C11).
pub type CustomerState = (Onboarding, Lifecycle);

/// The tables of a profile, one for each enumeration; `None` where the document has no column for
/// it.
macro_rules! words {
    ($($(#[$doc:meta])* $method:ident: $type:ty, $what:literal, $code:expr => {
        $($profile:ident { $($label:literal = $means:expr),* $(,)? }
            $(else { $($other:expr => $fallback:literal),* $(,)? })? $(open $open:expr)?;)*
    })*) => {
        impl Profile {$(
            $(#[$doc])*
            #[must_use]
            pub fn $method(self) -> Option<&'static Labels<$type>> {
                match self {
                    $(Self::$profile => {
                        static LABELS: Labels<$type> = Labels::new(
                            $what,
                            &[$(($label, $means)),*],
                            &[$($(($other, $fallback)),*)?],
                            $code,
                        )$(.open($open))?;
                        Some(&LABELS)
                    })*
                    #[allow(unreachable_patterns)]
                    _ => None,
                }
            }
        )*}
    };
}

use AccountStatus as Status;
use AccountType::{Checking, CreditCard, Investment, Loan, MoneyMarket, Savings};
use DocumentKind as Paper;
use KycStatus as Kyc;
use Lifecycle::{Active, Closed, Inactive, Suspended};
use Onboarding::{Approved, PendingApproval as Waiting, Rejected};
use PostingState as Posting;

const KINDS: Open<Kind> = Open {
    write: |kind| kind.as_str().to_ascii_uppercase(),
    read: |label| {
        let upper = label.bytes().all(|one| !one.is_ascii_lowercase());
        upper.then(|| Kind::new(&label.to_ascii_lowercase()).ok()).flatten()
    },
};
const PAPERS: Open<Paper> = Open {
    write: |kind| kind.code().to_owned(),
    read: |label| {
        let kind: Paper = label.parse().ok()?;
        (kind.code() == label).then_some(kind)
    },
};
const CAPITAL_PAPERS: Open<Paper> = Open {
    write: |kind| kind.code().to_ascii_uppercase(),
    read: |label| {
        let kind: Paper = label.to_ascii_lowercase().parse().ok()?;
        (kind.code().to_ascii_uppercase() == label).then_some(kind)
    },
};

words! {
    /// The status of an account (C01, S0-021, S1-060, S2-031, S3-025, S4-050).
    account_status: Status, "account status", |state| state.code().to_owned() => {
        S0 { "active" = Status::Active, "closed" = Status::Closed, "frozen" = Status::Frozen }
            else { Status::Suspended => "frozen" };
        S1 {
            "active" = Status::Active, "closed" = Status::Closed, "suspended" = Status::Suspended,
            "dormant" = Status::Dormant,
        };
        S2 {
            "ACTIVE" = Status::Active, "INACTIVE" = Status::Inactive,
            "SUSPENDED" = Status::Suspended, "CLOSED" = Status::Closed,
        } else { Status::Dormant => "INACTIVE" };
        S3 { "true" = Status::Active, "false" = Status::Inactive } else {
            Status::PendingActivation => "false", Status::Dormant => "false",
            Status::Suspended => "false", Status::Frozen => "false", Status::Closed => "false",
        };
        S4 { "ACTIVE" = Status::Active, "CLOSED" = Status::Closed, "FROZEN" = Status::Frozen }
            else { Status::Suspended => "FROZEN" };
    }

    /// The type of an account (C02, S0-020, S1-058, S2-030, S3-022, S4-049). A current account is
    /// one for payments; `CREDIT` is that of a credit card.
    account_type: AccountType, "account type", |state| state.code().to_owned() => {
        S0 { "checking" = Checking, "savings" = Savings, "loan" = Loan };
        S1 {
            "checking" = Checking, "savings" = Savings, "money_market" = MoneyMarket,
            "credit_card" = CreditCard, "loan" = Loan, "investment" = Investment,
        };
        S2 { "SAVINGS" = Savings, "CURRENT" = Checking, "LOAN" = Loan };
        S3 {
            "CHECKING" = Checking, "SAVINGS" = Savings, "INVESTMENT" = Investment,
            "CREDIT" = CreditCard,
        };
        S4 { "SAVINGS" = Savings, "CURRENT" = Checking };
    }

    /// The kind of ownership (S1-059).
    ownership: OwnershipKind, "ownership type", |state| state.code().to_owned() => {
        S1 {
            "individual" = OwnershipKind::Individual, "joint" = OwnershipKind::Joint,
            "trust" = OwnershipKind::Trust, "business" = OwnershipKind::Business,
        };
    }

    /// Where a customer is in life with the bank (C11, S1-056, S2-027, S3-025, S4-041). Documents
    /// 001 to 003 know no onboarding: who waits or was rejected shows by the lifecycle only.
    customer_status: CustomerState, "customer status",
    |(onboarding, lifecycle)| format!("{}, {}", onboarding.code(), lifecycle.code()) => {
        S1 {
            "active" = (Approved, Active), "inactive" = (Approved, Inactive),
            "suspended" = (Approved, Suspended), "closed" = (Approved, Closed),
        } else {
            (Waiting, Active) => "active", (Waiting, Inactive) => "inactive",
            (Waiting, Suspended) => "suspended", (Waiting, Closed) => "closed",
            (Rejected, Active) => "active", (Rejected, Inactive) => "inactive",
            (Rejected, Suspended) => "suspended", (Rejected, Closed) => "closed",
        };
        S2 {
            "ACTIVE" = (Approved, Active), "INACTIVE" = (Approved, Inactive),
            "SUSPENDED" = (Approved, Suspended),
        } else {
            (Waiting, Active) => "ACTIVE", (Waiting, Inactive) => "INACTIVE",
            (Waiting, Suspended) => "SUSPENDED", (Rejected, Active) => "ACTIVE",
            (Rejected, Inactive) => "INACTIVE", (Rejected, Suspended) => "SUSPENDED",
        };
        S3 { "true" = (Approved, Active), "false" = (Approved, Inactive) } else {
            (Approved, Suspended) => "false", (Approved, Closed) => "false",
            (Waiting, Active) => "true", (Waiting, Inactive) => "false",
            (Waiting, Suspended) => "false", (Waiting, Closed) => "false",
            (Rejected, Active) => "true", (Rejected, Inactive) => "false",
            (Rejected, Suspended) => "false", (Rejected, Closed) => "false",
        };
        S4 {
            "PENDING_APPROVAL" = (Waiting, Active), "APPROVED" = (Approved, Active),
            "REJECTED" = (Rejected, Active), "SUSPENDED" = (Approved, Suspended),
        } else {
            (Waiting, Inactive) => "PENDING_APPROVAL", (Waiting, Suspended) => "SUSPENDED",
            (Rejected, Inactive) => "REJECTED", (Rejected, Suspended) => "REJECTED",
            (Rejected, Closed) => "REJECTED",
        };
    }

    /// The KYC status of a customer (C12, S1-051, S2-026).
    customer_kyc: Kyc, "KYC status", |state| state.code().to_owned() => {
        S1 {
            "pending" = Kyc::Pending, "approved" = Kyc::Approved, "rejected" = Kyc::Rejected,
            "expired" = Kyc::Expired,
        };
        S2 { "PENDING" = Kyc::Pending, "APPROVED" = Kyc::Approved, "REJECTED" = Kyc::Rejected }
            else { Kyc::Expired => "PENDING" };
    }

    /// The status of a document (C12, S2-033, S3-017, A3 KYC_DOCUMENT).
    document_status: Kyc, "document status", |state| state.code().to_owned() => {
        S2 {
            "PENDING" = Kyc::Pending, "APPROVED" = Kyc::Approved, "REJECTED" = Kyc::Rejected,
            "EXPIRED" = Kyc::Expired,
        };
        S3 { "true" = Kyc::Approved, "false" = Kyc::Pending }
            else { Kyc::Rejected => "false", Kyc::Expired => "false" };
        S4 {
            "PENDING" = Kyc::Pending, "APPROVED" = Kyc::Approved, "REJECTED" = Kyc::Rejected,
            "EXPIRED" = Kyc::Expired,
        };
    }

    /// The kind of a document (C35, S1-055, S2-032, S3-026, A3 KYC_DOCUMENT).
    document_kind: Paper, "document type", |state| state.code().to_owned() => {
        S1 {
            "passport" = Paper::Passport, "drivers_license" = Paper::DriversLicense,
            "national_id" = Paper::NationalId,
        };
        S2 {
            "NATIONAL_ID" = Paper::NationalId, "PASSPORT" = Paper::Passport,
            "DRIVERS_LICENSE" = Paper::DriversLicense, "UTILITY_BILL" = Paper::UtilityBill,
            "BANK_STATEMENT" = Paper::BankStatement,
        };
        S3 {
            "id" = Paper::NationalId, "passport" = Paper::Passport,
            "driver_license" = Paper::DriversLicense,
        } open PAPERS;
        S4 { "PAN" = Paper::Pan, "AADHAAR" = Paper::Aadhaar } open CAPITAL_PAPERS;
    }

    /// The gender of a person (S1-050).
    gender: Gender, "gender", |state| match state {
        Gender::Male => "male",
        Gender::Female => "female",
        Gender::Other => "other",
        Gender::NotSaid => "not_said",
    }.to_owned() => {
        S1 {
            "M" = Gender::Male, "F" = Gender::Female, "O" = Gender::Other, "N" = Gender::NotSaid,
        };
    }

    /// The segment of a customer (S1-057).
    segment: Segment, "customer segment", |state| format!("{state:?}").to_lowercase() => {
        S1 { "retail" = Segment::Retail, "sme" = Segment::Sme, "corporate" = Segment::Corporate };
    }

    /// What anti-money-laundering checks say (S1-052).
    aml_status: AmlStatus, "AML status", |state| state.code().to_owned() => {
        S1 {
            "clear" = AmlStatus::Clear, "flagged" = AmlStatus::Flagged,
            "blocked" = AmlStatus::Blocked,
        };
    }

    /// Whether a customer is politically exposed (S1-053).
    pep_status: PepStatus, "PEP status", |state| state.code().to_owned() => {
        S1 {
            "clear" = PepStatus::Clear, "match" = PepStatus::Match,
            "rejected" = PepStatus::Rejected,
        };
    }

    /// The risk that the bank sees in a customer (S1-054).
    risk_level: RiskLevel, "risk level", |state| state.code().to_owned() => {
        S1 {
            "low" = RiskLevel::Low, "medium" = RiskLevel::Medium, "high" = RiskLevel::High,
            "critical" = RiskLevel::Critical,
        };
    }

    /// What a transaction is for (C09, S0-022, S1-061, S2-034, S3-023, S4-051).
    transaction_kind: Kind, "transaction type", |kind| kind.as_str().to_owned() => {
        S0 { "deposit" = Kind::DEPOSIT, "withdrawal" = Kind::WITHDRAWAL, "transfer" = Kind::TRANSFER };
        S1 {
            "debit" = Kind::DEBIT, "credit" = Kind::CREDIT, "transfer" = Kind::TRANSFER,
            "payment" = Kind::PAYMENT, "withdrawal" = Kind::WITHDRAWAL, "deposit" = Kind::DEPOSIT,
            "fee" = Kind::FEE, "interest" = Kind::INTEREST,
        } else { Kind::BILL_PAYMENT => "payment" };
        S2 {
            "DEPOSIT" = Kind::DEPOSIT, "WITHDRAWAL" = Kind::WITHDRAWAL,
            "TRANSFER" = Kind::TRANSFER, "FEE" = Kind::FEE, "INTEREST" = Kind::INTEREST,
        };
        S3 {
            "DEPOSIT" = Kind::DEPOSIT, "WITHDRAWAL" = Kind::WITHDRAWAL,
            "TRANSFER" = Kind::TRANSFER, "PAYMENT" = Kind::PAYMENT, "REFUND" = Kind::REFUND,
        } else { Kind::BILL_PAYMENT => "PAYMENT" };
        S4 {
            "TRANSFER" = Kind::TRANSFER, "BILL_PAYMENT" = Kind::BILL_PAYMENT,
            "CHEQUE" = Kind::CHEQUE, "INTEREST" = Kind::INTEREST, "FEE" = Kind::FEE,
        } open KINDS;
    }

    /// How far a transaction is (C10, S1-062, S2-035, S3-024, S4-052). Document 000 has no column:
    /// its transactions are posted.
    transaction_status: Posting, "transaction status", |state| state.code().to_owned() => {
        S1 {
            "pending" = Posting::Pending, "completed" = Posting::Posted,
            "failed" = Posting::Failed, "reversed" = Posting::Reversed,
            "scheduled" = Posting::Scheduled,
        } else { Posting::Cancelled => "failed", Posting::Expired => "failed" };
        S2 {
            "PENDING" = Posting::Pending, "COMPLETED" = Posting::Posted,
            "FAILED" = Posting::Failed, "CANCELLED" = Posting::Cancelled,
        } else {
            Posting::Scheduled => "PENDING", Posting::Expired => "CANCELLED",
            Posting::Reversed => "COMPLETED",
        };
        S3 {
            "PENDING" = Posting::Pending, "COMPLETED" = Posting::Posted,
            "FAILED" = Posting::Failed, "CANCELLED" = Posting::Cancelled,
        } else {
            Posting::Scheduled => "PENDING", Posting::Expired => "CANCELLED",
            Posting::Reversed => "COMPLETED",
        };
        S4 { "POSTED" = Posting::Posted, "REVERSED" = Posting::Reversed };
    }

    /// On which way a request came in (C34, S1-071 for chat, S4-053 for transactions).
    channel: Channel, "channel", |channel| channel.as_str().to_owned() => {
        S1 {
            "web" = Channel::WEB, "mobile" = Channel::MOBILE, "api" = Channel::API,
            "voice" = Channel::VOICE,
        };
        S4 { "WEB" = Channel::WEB, "ADMIN" = Channel::ADMIN, "SYSTEM" = Channel::SYSTEM }
            else { Channel::MOBILE => "WEB", Channel::BRANCH => "ADMIN" };
    }

    /// The side of an entry (S2-036).
    entry_type: Side, "entry type", |side| side.code().to_owned() => {
        S2 { "DEBIT" = Side::Debit, "CREDIT" = Side::Credit };
    }
}

/// The codes of states with what a profile says for them, for views.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) type Cases = Vec<(String, &'static str)>;

#[cfg(any(feature = "sqlite", feature = "postgres"))]
impl Profile {
    /// What the profile says for the states of an enumeration, by the name of its method.
    pub(crate) fn cases(self, what: &str) -> Option<Cases> {
        macro_rules! of {
            ($($name:ident),*) => {
                match what {
                    $(stringify!($name) => self.$name().map(Labels::cases),)*
                    _ => None,
                }
            };
        }
        of!(
            account_status,
            account_type,
            ownership,
            customer_status,
            customer_kyc,
            document_status,
            document_kind,
            gender,
            segment,
            aml_status,
            pep_status,
            risk_level,
            transaction_kind,
            transaction_status,
            channel
        )
    }
}
