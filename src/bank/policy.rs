//! Who may do what. For now a port with an answer that allows everything.

use std::fmt;

use crate::bank::{Context, Denied};

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $code:literal;)*) => {
        /// What a request wants to do, as a policy is asked.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Action { $($(#[$doc])* $variant,)* }

        impl Action {
            /// All actions.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }
    };
}

actions! {
    /// Add to the chart of accounts.
    DefineChart = "define_chart";
    /// Open accounts.
    OpenAccount = "open_account";
    /// Change the block, floor or ceiling of an account, close it, open it again.
    ChangeAccount = "change_account";
    /// Post transactions.
    Post = "post";
    /// Place holds.
    Hold = "hold";
    /// Capture holds.
    Capture = "capture";
    /// Release holds.
    Release = "release";
    /// Expire holds whose time has passed.
    ExpireHolds = "expire_holds";
    /// Reverse transactions.
    Reverse = "reverse";
    /// Reverse transactions although a floor or ceiling would be broken.
    ForceReversal = "force_reversal";
    /// Set and remove limits.
    ChangeLimits = "change_limits";
    /// Close periods and years.
    ClosePeriod = "close_period";
    /// Seal the journal.
    Seal = "seal";
    /// Create and remove subscriptions to the journal.
    Subscribe = "subscribe";
    /// Claim events of a subscription, acknowledge them, renew and give back leases.
    ConsumeEvents = "consume_events";
    /// Register customers.
    RegisterCustomer = "register_customer";
    /// Change who a customer is: name, contact, consents, preferences, identifiers.
    AmendCustomer = "amend_customer";
    /// Approve or reject the onboarding of a customer.
    DecideOnboarding = "decide_onboarding";
    /// Activate, suspend or close a customer, or delete one softly.
    ChangeCustomer = "change_customer";
    /// Read a national identifier or document number in clear.
    RevealIdentifier = "reveal_identifier";
    /// Hand in documents of customers.
    UploadDocument = "upload_document";
    /// Approve and reject documents.
    ReviewDocument = "review_document";
    /// Ask the screening port, and record answers.
    Screen = "screen";
    /// Set the AML, PEP and risk status of a customer.
    SetStanding = "set_standing";
    /// Let documents lapse whose time is over, and accounts fall dormant.
    Sweep = "sweep";
    /// Define products and their versions.
    DefineProduct = "define_product";
    /// Define branches, merchants and organisations.
    DefineParty = "define_party";
    /// Open accounts of customers.
    OpenCustomerAccount = "open_customer_account";
    /// Change the status, owners, mandate or cover of a customer's account.
    ChangeCustomerAccount = "change_customer_account";
    /// Close accounts of customers.
    CloseCustomerAccount = "close_customer_account";
    /// Move customers' money on their word.
    CarryOut = "carry_out";
    /// Move customers' money on the bank's word: interest, fees, corrections.
    PostForBank = "post_for_bank";
    /// Create and rotate data keys.
    RotateKeys = "rotate_keys";
    /// Wrap data keys under another master key.
    RewrapKeys = "rewrap_keys";
    /// Seal identifiers again under the active data key.
    ResealIdentifiers = "reseal_identifiers";
    /// Destroy data keys that nothing is sealed under.
    DestroyKeys = "destroy_keys";
    /// Write the whole bank to an archive: whoever may, reads everything.
    Export = "export";
    /// Read a whole bank into an empty store.
    Import = "import";
}

/// Decides who may do what. Asked once per action and call, before anything is read.
///
/// Reads are not asked about yet: a host guards its own reads until roles exist.
pub trait Policy: Send + Sync + fmt::Debug + 'static {
    /// Whether the actor of a context may.
    ///
    /// # Errors
    /// [`Denied`] when not.
    fn authorise(&self, context: &Context, action: Action) -> Result<(), Denied>;
}

/// Allows everything to everybody. It is what its name says: a host that opens a bank with it has
/// decided to authorise by itself, before it calls.
#[derive(Debug, Clone, Copy, Default)]
pub struct AllowAll;

impl Policy for AllowAll {
    fn authorise(&self, _: &Context, _: Action) -> Result<(), Denied> {
        Ok(())
    }
}
