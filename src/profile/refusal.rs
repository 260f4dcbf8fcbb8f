//! Every reason for which a profile refuses. None holds a value of a row: only names of tables and
//! columns, labels and codes.

crate::support::refusals! {
    /// What a profile cannot say, or what a row says that the profile does not know.
    ///
    /// The order of the variants is the order of precedence within a row; columns are looked at in
    /// the order of the table.
    Refusal;
    // ---- the row by itself
    /// A table that the profile does not have.
    EntityUnsayable {
        /// The profile.
        profile: &'static str,
        /// What was to be said.
        what: &'static str,
    } = "profile_entity_unsayable", false, "profile {profile} has no table for {what}; use another profile or leave it out";
    /// A row of another table.
    TableUnknown {
        /// The table that is read.
        table: &'static str,
    } = "profile_table_unknown", false, "the row is not one of table {table}";
    /// A column that the table does not have, or has twice in the row.
    ColumnUnknown {
        /// The table.
        table: &'static str,
        /// The column.
        column: String,
    } = "profile_column_unknown", false, "table {table} has no column {column}, or it stands there twice";
    /// A column that must be given and has no default.
    ColumnMissing {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    } = "profile_column_missing", false, "table {table} needs the column {column}, which has no default";
    /// No value where there must be one (NOT NULL).
    ValueMissing {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    } = "profile_value_missing", false, "column {table}.{column} must not be empty";
    /// A value of another type.
    ValueType {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The type, as the document writes it.
        wants: &'static str,
    } = "profile_value_type", false, "column {table}.{column} takes {wants}";
    /// A text or bytes beyond the width of the column.
    ValueTooLong {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The width, in characters or bytes.
        max: usize,
    } = "profile_value_too_long", false, "column {table}.{column} takes {max} characters at most";
    /// A number beyond the precision of the column.
    ValueTooPrecise {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// How many digits in all.
        precision: u32,
        /// How many of them after the point.
        scale: u32,
    } = "profile_value_too_precise", false, "column {table}.{column} takes {precision} digits, {scale} of them after the point; nothing is rounded";
    /// A label that the profile does not know.
    LabelUnknown {
        /// What it is a label of.
        what: &'static str,
        /// The labels that it may be.
        possible: String,
    } = "profile_label_unknown", false, "this is no label of {what} in this profile; possible: {possible}";
    /// A value that is not written as it must be.
    ValueMalformed {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The code of what is wrong with it.
        why: &'static str,
    } = "profile_value_malformed", false, "column {table}.{column}: {why}";
    /// A ciphertext or hash that this bank's keys did not make.
    IdentifierForeign {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    } = "profile_identifier_foreign", false, "what {table}.{column} holds was not made by this bank's keys; register the customer with the number in clear";
    /// A row that breaks a rule of its table.
    ConstraintBroken {
        /// The table.
        table: &'static str,
        /// The rule, by its checklist id.
        rule: &'static str,
    } = "profile_constraint_broken", false, "a row of {table} breaks rule {rule}";

    // ---- what the profile cannot say
    /// A state without a label and without a documented fallback.
    StateUnsayable {
        /// What state.
        what: &'static str,
        /// Its code.
        state: String,
        /// The labels that there are.
        possible: String,
    } = "profile_state_unsayable", false, "this profile has no label for the {what} {state}; it says: {possible}";
    /// A name in a form that the profile does not have.
    NameUnsayable = "profile_name_unsayable", false, "this profile needs a person's first and last name; a whole name is never taken apart";
    /// Owners that the profile has no columns for.
    OwnershipUnsayable {
        /// The kind of ownership.
        kind: &'static str,
    } = "profile_ownership_unsayable", false, "this profile cannot say who owns a {kind} account like this one";
    /// A currency that the profile cannot say.
    CurrencyUnsayable {
        /// The currency.
        currency: String,
    } = "profile_currency_unsayable", false, "this profile cannot say amounts in {currency}: it has two decimals and codes of three letters, and where it has no column for a currency, USD only";
    /// An amount of zero where the sign is the side.
    AmountZero = "profile_amount_zero", false, "an amount of zero has no side; an entry moves money";
    /// An amount of another sign than the direction asks for.
    AmountSign = "profile_amount_sign", false, "the amount must be greater than zero: its direction is in another column";
    /// A customer's movement beyond the bounds of the profile.
    AmountOutOfBounds {
        /// The least, in minor units.
        min: i64,
        /// The most, in minor units.
        max: i64,
    } = "profile_amount_out_of_bounds", false, "a movement on a customer's word is between {min} and {max} minor units in this profile";
    /// A transaction of a shape that one row cannot say.
    ShapeUnsayable = "profile_shape_unsayable", false, "the row has one amount, one payer and one payee at most; book the rest as a transaction of its own";
}
