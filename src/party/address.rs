//! Addresses (C17).

use super::{City, Line, PostalCode, Region, Short};
use crate::locale::CountryCode;

/// A country: by its code, or as it was written where nobody knows the code (S2-017).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Country {
    /// ISO 3166-1.
    Code(CountryCode),
    /// As it was written.
    Written(Short),
}

/// An address; everything in it is optional, what is required is a rule's to say.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Address {
    /// Street, house, floor: at most four lines.
    pub lines: Vec<Line>,
    /// The city.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<City>,
    /// State, province or region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<PostalCode>,
    /// The country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
}

impl Address {
    /// The most lines.
    pub const MAX_LINES: usize = 4;

    /// An address with one line.
    #[must_use]
    pub fn of(line: Line) -> Self {
        Self { lines: vec![line], ..Self::default() }
    }

    /// With another line.
    #[must_use]
    pub fn with_line(mut self, line: Line) -> Self {
        self.lines.push(line);
        self
    }

    /// With a city.
    #[must_use]
    pub fn with_city(mut self, city: City) -> Self {
        self.city = Some(city);
        self
    }

    /// With a state, province or region.
    #[must_use]
    pub fn with_region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// With a postal code.
    #[must_use]
    pub fn with_postal_code(mut self, code: PostalCode) -> Self {
        self.postal_code = Some(code);
        self
    }

    /// With a country.
    #[must_use]
    pub fn with_country(mut self, country: Country) -> Self {
        self.country = Some(country);
        self
    }
}
