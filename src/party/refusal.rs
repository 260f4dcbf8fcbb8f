//! Every reason for which this room refuses, in the order in which they are looked for.

use chrono::NaiveDate;

use crate::id::{BranchId, CustomerId, MerchantId, OrganisationId};

crate::support::refusals! {
    /// Why a customer's data, or what other rows refer to, was refused. None of these holds
    /// personal data.
    ///
    /// The order of the variants is the order of precedence: when several apply, the first is
    /// returned.
    Refusal;
    // ---- the request by itself
    /// An address with too many lines.
    AddressTooLong {
        /// How many are allowed.
        max: usize,
    } = "address_too_long", false, "an address has at most {max} lines";
    /// Too many pairs of preferences, or consents.
    TooManyPreferences {
        /// How many are allowed.
        max: usize,
    } = "too_many_preferences", false, "at most {max} preferences or consents are kept of a customer";
    /// Two identifiers of one scheme.
    IdentifierRepeated {
        /// The scheme.
        scheme: String,
    } = "identifier_repeated", false, "a customer has one identifier of the scheme {scheme}; give it once";
    /// A day of birth or a gender of an organisation.
    NotAPerson = "not_a_person", false, "an organisation has no day of birth, gender or name in parts; leave them out";

    // ---- identity
    /// An id that was used for another customer.
    CustomerIdReused {
        /// The first field that differs, by name.
        field: String,
    } = "customer_id_reused", false, "the id was used before with another {field}; use a fresh id for a new customer";

    // ---- what the request refers to
    /// A customer that does not exist.
    UnknownCustomer {
        /// The customer.
        customer: CustomerId,
    } = "unknown_customer", true, "customer {customer} does not exist";
    /// A branch that does not exist.
    UnknownBranch {
        /// The branch.
        branch: BranchId,
    } = "unknown_branch", true, "branch {branch} does not exist; define it first";
    /// A merchant that does not exist.
    UnknownMerchant {
        /// The merchant.
        merchant: MerchantId,
    } = "unknown_merchant", true, "merchant {merchant} does not exist; define it first";
    /// An organisation that does not exist.
    UnknownOrganisation {
        /// The organisation.
        organisation: OrganisationId,
    } = "unknown_organisation", true, "organisation {organisation} does not exist; define it first";
    /// An identifier that the customer does not have.
    NoIdentifier {
        /// The scheme.
        scheme: String,
    } = "no_identifier", true, "the customer has no identifier of the scheme {scheme} that can be read";
    /// A change of what has changed meanwhile.
    CustomerChanged {
        /// The version that the caller had read.
        expected: u64,
        /// The version that stands.
        actual: u64,
    } = "customer_changed", false, "the customer was changed meanwhile (version {actual}, not {expected}); read it again and decide anew";

    // ---- the state of what it refers to
    /// A customer that was closed or deleted.
    CustomerGone {
        /// The customer.
        customer: CustomerId,
    } = "customer_gone", false, "customer {customer} was closed or deleted and is not changed any more";

    // ---- what the rules ask for
    /// An organisation where only persons may be customers.
    OrganisationNotTaken = "organisation_not_taken", false, "only persons may be customers here";
    /// A field that must be there.
    FieldMissing {
        /// The field.
        field: &'static str,
    } = "customer_field_missing", false, "a customer needs the field {field}";
    /// An identifier that must be there.
    IdentifierMissing {
        /// The scheme.
        scheme: String,
    } = "identifier_missing", false, "a customer needs an identifier of the scheme {scheme}";
    /// A day of birth in the future.
    BornInFuture {
        /// The business date.
        today: NaiveDate,
    } = "born_in_future", false, "a day of birth lies before the business date {today}";
    /// Too young.
    UnderAge {
        /// The least age, in years.
        min_age: u32,
        /// The business date.
        today: NaiveDate,
    } = "under_age", true, "a customer must be {min_age} years old on {today}";

    // ---- what is another's
    /// A number that another customer has.
    CustomerNumberTaken = "customer_number_taken", false, "another customer has this number; give another or let the bank choose";
    /// An e-mail address that another customer has.
    EmailTaken = "email_taken", true, "another customer has this e-mail address";
    /// An identifier that another customer has.
    IdentifierTaken {
        /// The scheme.
        scheme: String,
    } = "identifier_taken", true, "another customer has this identifier of the scheme {scheme}";
    /// A code that another branch has.
    BranchCodeTaken = "branch_code_taken", false, "another branch has this code";
}
