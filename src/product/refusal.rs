//! Every reason for which this room refuses, in the order in which they are looked for.

use chrono::NaiveDate;

use crate::id::ProductId;
use crate::ledger::ChartCode;
use crate::money::Currency;

crate::support::refusals! {
    /// Why a product or its terms were refused. The order of the variants is the order of
    /// precedence.
    Refusal;
    /// Terms that make no sense.
    InvalidProductTerms {
        /// What is wrong, in words.
        what: &'static str,
    } = "invalid_product_terms", false, "{what}";
    /// An id that was used for another product.
    ProductIdReused {
        /// The first field that differs, by name.
        field: String,
    } = "product_id_reused", false, "the id was used before with another {field}; use a fresh id for a new product";
    /// A product that does not exist.
    UnknownProduct {
        /// The product.
        product: ProductId,
    } = "unknown_product", true, "product {product} does not exist; define it first";
    /// A product under which no more accounts are opened.
    ProductRetired {
        /// The product.
        product: ProductId,
    } = "product_retired", false, "no more accounts are opened under product {product}; choose another";
    /// A day on which no version of the product is in force.
    ProductNotInForce {
        /// The product.
        product: ProductId,
        /// The day.
        day: NaiveDate,
    } = "product_not_in_force", true, "no version of product {product} is in force on {day}";
    /// A version that does not begin after the one before, or begins in the past.
    VersionNotLater {
        /// The product.
        product: ProductId,
        /// The earliest day on which a version may begin.
        earliest: NaiveDate,
    } = "version_not_later", false, "a version of product {product} begins on {earliest} at the earliest";
    /// Too many versions.
    TooManyVersions {
        /// How many are allowed.
        max: usize,
    } = "too_many_versions", false, "a product has at most {max} versions; define another product";
    /// A currency in which the product is not offered.
    CurrencyNotOffered {
        /// The product.
        product: ProductId,
        /// The currency.
        currency: Currency,
    } = "currency_not_offered", false, "product {product} is not offered in {currency}";
    /// A node of the chart under which another product keeps its accounts: its limits would count
    /// for the accounts of both.
    ProductChartTaken {
        /// The node.
        chart: ChartCode,
    } = "product_chart_taken", false, "another product keeps its accounts under chart code {chart}; give each product a node of its own";
    /// A code that another product has.
    ProductCodeTaken = "product_code_taken", false, "another product has this code";
}
