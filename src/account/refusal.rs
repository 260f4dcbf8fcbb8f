//! Every reason for which this room refuses, in the order in which they are looked for.

use super::{Operation, OwnershipKind};
use crate::id::{AccountId, CustomerId};
use crate::money::{Currency, Money};

crate::support::refusals! {
    /// Why something about a customer's account was refused. The order of the variants is the
    /// order of precedence: when several apply, the first is returned.
    Refusal;
    // ---- the request by itself
    /// Too many parties.
    TooManyParties {
        /// How many are allowed.
        max: usize,
    } = "too_many_parties", false, "an account has at most {max} parties";
    /// No primary owner, or several.
    PrimaryNotOne = "primary_not_one", false, "an account has exactly one primary owner";
    /// The same customer twice (S1-080).
    PartyRepeated {
        /// The customer.
        customer: CustomerId,
    } = "party_repeated", false, "customer {customer} is a party twice; name each party once";
    /// Parties that do not fit the kind of ownership (S1-078).
    PartiesDoNotFit {
        /// The kind.
        kind: OwnershipKind,
    } = "parties_do_not_fit", false, "the parties do not fit: joint needs a second owner, individual has none, a trust needs a trustee and only a trust has one";
    /// A mandate that nobody could ever meet, or that asks for nobody.
    MandateImpossible {
        /// How many must sign.
        needed: usize,
        /// How many may.
        possible: usize,
    } = "mandate_impossible", false, "{needed} must sign and {possible} may; ask for at least one and at most those";
    /// A number that is none of the scheme.
    AccountNumberInvalid {
        /// What the scheme asks for.
        wants: &'static str,
    } = "account_number_invalid", false, "an account number here has {wants}";
    /// A subtype that is too long.
    SubtypeTooLong {
        /// How many characters are allowed.
        max: usize,
    } = "subtype_too_long", false, "a subtype has at most {max} characters";
    /// A change of status without a reason.
    StatusReasonMissing {
        /// The account.
        account: AccountId,
    } = "status_reason_missing", false, "say why account {account} is to be frozen, suspended or closed";

    // ---- identity
    /// An id that was used for another account.
    AccountIdReused {
        /// The first field that differs, by name.
        field: String,
    } = "account_id_reused", false, "the id was used before with another {field}; use a fresh id for a new account";

    // ---- what the request refers to
    /// An account that is no customer's.
    UnknownCustomerAccount {
        /// The account.
        account: AccountId,
    } = "unknown_customer_account", true, "account {account} is not the account of a customer";
    /// A change of what has changed meanwhile.
    AccountChangedMeanwhile {
        /// The version that the caller had read.
        expected: u64,
        /// The version that stands.
        actual: u64,
    } = "account_changed", false, "the account was changed meanwhile (version {actual}, not {expected}); read it again and decide anew";

    // ---- state
    /// A status that may not come next.
    StatusTransition {
        /// The account.
        account: AccountId,
        /// The code of the present status.
        from: &'static str,
        /// The code of the status asked for.
        to: &'static str,
    } = "status_transition", false, "account {account} cannot go from {from} to {to}";
    /// An operation that the status does not allow.
    StatusForbids {
        /// The account.
        account: AccountId,
        /// The operation.
        operation: Operation,
        /// The code of the status.
        status: &'static str,
    } = "status_forbids", true, "account {account} is {status}, which does not allow {operation}";
    /// Less than the terms allow for one movement (S1-081).
    BelowTerms {
        /// The account.
        account: AccountId,
        /// The least.
        minimum: Money,
    } = "below_terms", false, "the terms of account {account} ask for at least {minimum}";
    /// More than the terms allow for one movement (S1-081).
    AboveTerms {
        /// The account.
        account: AccountId,
        /// The most.
        maximum: Money,
    } = "above_terms", false, "the terms of account {account} allow at most {maximum}";

    // ---- the mandate
    /// A signature of somebody who may not sign.
    SignerUnknown {
        /// The customer.
        customer: CustomerId,
    } = "signer_unknown", false, "customer {customer} may not sign for this account";
    /// The same signature twice.
    SignerRepeated {
        /// The customer.
        customer: CustomerId,
    } = "signer_repeated", false, "customer {customer} signed twice; each signature counts once";
    /// Too few signatures.
    SignaturesMissing {
        /// How many were given.
        given: usize,
        /// How many are needed.
        needed: usize,
    } = "signatures_missing", true, "{needed} must sign and {given} did; get the others to sign";

    // ---- cover
    /// Terms that allow no cover.
    CoverNotOffered {
        /// The account.
        account: AccountId,
    } = "cover_not_offered", false, "the terms of account {account} allow no cover";
    /// An account that cannot cover this one.
    CoverDoesNotFit {
        /// The account that is to cover.
        cover: AccountId,
        /// What does not fit, in words.
        what: &'static str,
    } = "cover_does_not_fit", false, "account {cover} cannot cover: {what}";
    /// An account with another currency.
    CoverCurrency {
        /// The account that is to cover.
        cover: AccountId,
        /// Its currency.
        currency: Currency,
    } = "cover_currency", false, "account {cover} is kept in {currency}; an account covers one of its own currency";

    // ---- what is another's
    /// A number that another account has.
    AccountNumberTaken = "account_number_taken", false, "another account has this number; give another or let the bank choose";
}
