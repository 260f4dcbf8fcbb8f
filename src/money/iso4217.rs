//! The ISO 4217 tables, sorted by code: the active currencies, the codes without a minor unit,
//! and the codes that were withdrawn and may never be used again for something else.
//!
//! Generated once from the crate `iso_currency` 0.7.1 and checked by hand; the tests compare the
//! table with that crate in both directions and name every deviation with its reason.

/// One active currency of ISO 4217 that has a minor unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IsoRow {
    /// The alphabetic code.
    pub(super) code: &'static str,
    /// The numeric code.
    pub(super) number: u16,
    /// How many decimal digits the minor unit has.
    pub(super) exponent: u8,
    /// The English name.
    pub(super) name: &'static str,
}

const fn row(code: &'static str, number: u16, exponent: u8, name: &'static str) -> IsoRow {
    IsoRow { code, number, exponent, name }
}

/// The active currencies that have a minor unit, sorted by code.
pub(super) const ACTIVE: &[IsoRow] = &[
    row("AED", 784, 2, "United Arab Emirates dirham"),
    row("AFN", 971, 2, "Afghan afghani"),
    row("ALL", 8, 2, "Albanian lek"),
    row("AMD", 51, 2, "Armenian dram"),
    row("AOA", 973, 2, "Angolan kwanza"),
    row("ARS", 32, 2, "Argentine peso"),
    row("AUD", 36, 2, "Australian dollar"),
    row("AWG", 533, 2, "Aruban florin"),
    row("AZN", 944, 2, "Azerbaijani manat"),
    row("BAM", 977, 2, "Bosnia and Herzegovina convertible mark"),
    row("BBD", 52, 2, "Barbados dollar"),
    row("BDT", 50, 2, "Bangladeshi taka"),
    row("BHD", 48, 3, "Bahraini dinar"),
    row("BIF", 108, 0, "Burundian franc"),
    row("BMD", 60, 2, "Bermudian dollar"),
    row("BND", 96, 2, "Brunei dollar"),
    row("BOB", 68, 2, "Bolivian boliviano"),
    row("BOV", 984, 2, "Bolivian Mvdol"),
    row("BRL", 986, 2, "Brazilian real"),
    row("BSD", 44, 2, "Bahamian dollar"),
    row("BTN", 64, 2, "Bhutanese ngultrum"),
    row("BWP", 72, 2, "Botswana pula"),
    row("BYN", 933, 2, "Belarusian ruble"),
    row("BZD", 84, 2, "Belize dollar"),
    row("CAD", 124, 2, "Canadian dollar"),
    row("CDF", 976, 2, "Congolese franc"),
    row("CHE", 947, 2, "WIR Euro"),
    row("CHF", 756, 2, "Swiss franc"),
    row("CHW", 948, 2, "WIR Franc"),
    row("CLF", 990, 4, "Unidad de Fomento"),
    row("CLP", 152, 0, "Chilean peso"),
    row("CNY", 156, 2, "Chinese renminbi yuan"),
    row("COP", 170, 2, "Colombian peso"),
    row("COU", 970, 2, "Unidad de Valor Real"),
    row("CRC", 188, 2, "Costa Rican colon"),
    row("CUP", 192, 2, "Cuban peso"),
    row("CVE", 132, 2, "Cape Verdean escudo"),
    row("CZK", 203, 2, "Czech koruna"),
    row("DJF", 262, 0, "Djiboutian franc"),
    row("DKK", 208, 2, "Danish krone"),
    row("DOP", 214, 2, "Dominican peso"),
    row("DZD", 12, 2, "Algerian dinar"),
    row("EGP", 818, 2, "Egyptian pound"),
    row("ERN", 232, 2, "Eritrean nakfa"),
    row("ETB", 230, 2, "Ethiopian birr"),
    row("EUR", 978, 2, "Euro"),
    row("FJD", 242, 2, "Fiji dollar"),
    row("FKP", 238, 2, "Falkland Islands pound"),
    row("GBP", 826, 2, "Pound sterling"),
    row("GEL", 981, 2, "Georgian lari"),
    row("GHS", 936, 2, "Ghanaian cedi"),
    row("GIP", 292, 2, "Gibraltar pound"),
    row("GMD", 270, 2, "Gambian dalasi"),
    row("GNF", 324, 0, "Guinean franc"),
    row("GTQ", 320, 2, "Guatemalan quetzal"),
    row("GYD", 328, 2, "Guyanese dollar"),
    row("HKD", 344, 2, "Hong Kong dollar"),
    row("HNL", 340, 2, "Honduran lempira"),
    row("HTG", 332, 2, "Haitian gourde"),
    row("HUF", 348, 2, "Hungarian forint"),
    row("IDR", 360, 2, "Indonesian rupiah"),
    row("ILS", 376, 2, "Israeli new shekel"),
    row("INR", 356, 2, "Indian rupee"),
    row("IQD", 368, 3, "Iraqi dinar"),
    row("IRR", 364, 2, "Iranian rial"),
    row("ISK", 352, 0, "Icelandic króna"),
    row("JMD", 388, 2, "Jamaican dollar"),
    row("JOD", 400, 3, "Jordanian dinar"),
    row("JPY", 392, 0, "Japanese yen"),
    row("KES", 404, 2, "Kenyan shilling"),
    row("KGS", 417, 2, "Kyrgyzstani som"),
    row("KHR", 116, 2, "Cambodian riel"),
    row("KMF", 174, 0, "Comoro franc"),
    row("KPW", 408, 2, "North Korean won"),
    row("KRW", 410, 0, "South Korean won"),
    row("KWD", 414, 3, "Kuwaiti dinar"),
    row("KYD", 136, 2, "Cayman Islands dollar"),
    row("KZT", 398, 2, "Kazakhstani tenge"),
    row("LAK", 418, 2, "Lao kip"),
    row("LBP", 422, 2, "Lebanese pound"),
    row("LKR", 144, 2, "Sri Lankan rupee"),
    row("LRD", 430, 2, "Liberian dollar"),
    row("LSL", 426, 2, "Lesotho loti"),
    row("LYD", 434, 3, "Libyan dinar"),
    row("MAD", 504, 2, "Moroccan dirham"),
    row("MDL", 498, 2, "Moldovan leu"),
    row("MGA", 969, 2, "Malagasy ariary"),
    row("MKD", 807, 2, "Macedonian denar"),
    row("MMK", 104, 2, "Myanmar kyat"),
    row("MNT", 496, 2, "Mongolian tögrög"),
    row("MOP", 446, 2, "Macanese pataca"),
    row("MRU", 929, 2, "Mauritanian ouguiya"),
    row("MUR", 480, 2, "Mauritian rupee"),
    row("MVR", 462, 2, "Maldivian rufiyaa"),
    row("MWK", 454, 2, "Malawian kwacha"),
    row("MXN", 484, 2, "Mexican peso"),
    row("MXV", 979, 2, "Mexican Unidad de Inversion"),
    row("MYR", 458, 2, "Malaysian ringgit"),
    row("MZN", 943, 2, "Mozambican metical"),
    row("NAD", 516, 2, "Namibian dollar"),
    row("NGN", 566, 2, "Nigerian naira"),
    row("NIO", 558, 2, "Nicaraguan córdoba"),
    row("NOK", 578, 2, "Norwegian krone"),
    row("NPR", 524, 2, "Nepalese rupee"),
    row("NZD", 554, 2, "New Zealand dollar"),
    row("OMR", 512, 3, "Omani rial"),
    row("PAB", 590, 2, "Panamanian balboa"),
    row("PEN", 604, 2, "Peruvian sol"),
    row("PGK", 598, 2, "Papua New Guinean kina"),
    row("PHP", 608, 2, "Philippine peso"),
    row("PKR", 586, 2, "Pakistani rupee"),
    row("PLN", 985, 2, "Polish złoty"),
    row("PYG", 600, 0, "Paraguayan guaraní"),
    row("QAR", 634, 2, "Qatari riyal"),
    row("RON", 946, 2, "Romanian leu"),
    row("RSD", 941, 2, "Serbian dinar"),
    row("RUB", 643, 2, "Russian ruble"),
    row("RWF", 646, 0, "Rwandan franc"),
    row("SAR", 682, 2, "Saudi riyal"),
    row("SBD", 90, 2, "Solomon Islands dollar"),
    row("SCR", 690, 2, "Seychelles rupee"),
    row("SDG", 938, 2, "Sudanese pound"),
    row("SEK", 752, 2, "Swedish krona"),
    row("SGD", 702, 2, "Singapore dollar"),
    row("SHP", 654, 2, "Saint Helena pound"),
    row("SLE", 925, 2, "Sierra Leonean leone"),
    row("SOS", 706, 2, "Somali shilling"),
    row("SRD", 968, 2, "Surinamese dollar"),
    row("SSP", 728, 2, "South Sudanese pound"),
    row("STN", 930, 2, "São Tomé and Príncipe dobra"),
    row("SVC", 222, 2, "Salvadoran colón"),
    row("SYP", 760, 2, "Syrian pound"),
    row("SZL", 748, 2, "Swazi lilangeni"),
    row("THB", 764, 2, "Thai baht"),
    row("TJS", 972, 2, "Tajikistani somoni"),
    row("TMT", 934, 2, "Turkmenistan manat"),
    row("TND", 788, 3, "Tunisian dinar"),
    row("TOP", 776, 2, "Tongan paʻanga"),
    row("TRY", 949, 2, "Turkish lira"),
    row("TTD", 780, 2, "Trinidad and Tobago dollar"),
    row("TWD", 901, 2, "New Taiwan dollar"),
    row("TZS", 834, 2, "Tanzanian shilling"),
    row("UAH", 980, 2, "Ukrainian hryvnia"),
    row("UGX", 800, 0, "Ugandan shilling"),
    row("USD", 840, 2, "United States dollar"),
    row("USN", 997, 2, "United States dollar (next day)"),
    row("UYI", 940, 0, "Uruguay Peso en Unidades Indexadas"),
    row("UYU", 858, 2, "Uruguayan peso"),
    row("UYW", 927, 4, "Unidad previsional"),
    row("UZS", 860, 2, "Uzbekistan som"),
    row("VED", 926, 2, "Venezuelan digital bolívar"),
    row("VES", 928, 2, "Venezuelan bolívar soberano"),
    row("VND", 704, 0, "Vietnamese đồng"),
    row("VUV", 548, 0, "Vanuatu vatu"),
    row("WST", 882, 2, "Samoan tala"),
    row("XAD", 396, 2, "Arab Accounting Dinar"),
    row("XAF", 950, 0, "CFA franc BEAC"),
    row("XCD", 951, 2, "East Caribbean dollar"),
    row("XCG", 532, 2, "Caribbean guilder"),
    row("XOF", 952, 0, "CFA franc BCEAO"),
    row("XPF", 953, 0, "CFP franc"),
    row("YER", 886, 2, "Yemeni rial"),
    row("ZAR", 710, 2, "South African rand"),
    row("ZMW", 967, 2, "Zambian kwacha"),
    row("ZWG", 924, 2, "Zimbabwe Gold"),
];

/// Codes that are active but have no minor unit (metals, units of account, testing, "no
/// currency"), sorted. An amount in one of these has no smallest unit, so it cannot be booked.
pub(super) const WITHOUT_MINOR_UNIT: &[&str] =
    &["XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"];

/// Codes that ISO 4217 withdrew (its list three), sorted. They stay reserved.
pub(super) const WITHDRAWN: &[&str] = &[
    "ADP", "AFA", "ALK", "ANG", "AOK", "AON", "AOR", "ARA", "ARP", "ARY", "ATS", "AYM", "AZM",
    "BAD", "BEC", "BEF", "BEL", "BGJ", "BGK", "BGL", "BGN", "BOP", "BRB", "BRC", "BRE", "BRN",
    "BRR", "BUK", "BYB", "BYR", "CHC", "CSD", "CSJ", "CSK", "CUC", "CYP", "DDM", "DEM", "ECS",
    "ECV", "EEK", "ESA", "ESB", "ESP", "FIM", "FRF", "GEK", "GHC", "GHP", "GNE", "GNS", "GQE",
    "GRD", "GWE", "GWP", "HRD", "HRK", "IEP", "ILP", "ILR", "ISJ", "ITL", "LAJ", "LSM", "LTL",
    "LTT", "LUC", "LUF", "LUL", "LVL", "LVR", "MAF", "MGF", "MLF", "MRO", "MTL", "MTP", "MVQ",
    "MXP", "MZE", "MZM", "NIC", "NLG", "PEH", "PEI", "PES", "PLZ", "PTE", "RHD", "ROK", "ROL",
    "RUR", "SDD", "SDP", "SIT", "SKK", "SLL", "SRG", "STD", "SUR", "TJR", "TMM", "TPE", "TRL",
    "UAK", "UGS", "UGW", "USS", "UYN", "UYP", "VEB", "VEF", "VNC", "XEU", "XFO", "XFU", "XRE",
    "YDD", "YUD", "YUM", "YUN", "ZAL", "ZMK", "ZRN", "ZRZ", "ZWC", "ZWD", "ZWL", "ZWN", "ZWR",
];

/// The row of an active currency.
pub(super) fn find(code: &str) -> Option<&'static IsoRow> {
    let at = ACTIVE.binary_search_by(|row| row.code.cmp(code)).ok()?;
    ACTIVE.get(at)
}

/// Whether the code is active but without a minor unit.
pub(super) fn lacks_minor_unit(code: &str) -> bool {
    WITHOUT_MINOR_UNIT.binary_search(&code).is_ok()
}

/// Whether the code was withdrawn.
pub(super) fn is_withdrawn(code: &str) -> bool {
    WITHDRAWN.binary_search(&code).is_ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

    use iso_currency::Currency as Oracle;
    use iso_currency::IntoEnumIterator;

    use super::*;

    /// Where this table knowingly differs from the oracle, and why.
    const DEVIATIONS: &[(&str, &str)] = &[
        ("BGN", "withdrawn: Bulgaria took the euro on 2026-01-01"),
        ("CUC", "withdrawn in 2021, replaced by CUP"),
        ("HRK", "withdrawn: Croatia took the euro on 2023-01-01"),
        ("SLL", "withdrawn in 2024, replaced by SLE"),
        ("ZWL", "withdrawn in 2024, replaced by ZWG"),
    ];

    fn deviates(code: &str) -> bool {
        DEVIATIONS.iter().any(|(known, _)| *known == code)
    }

    #[test]
    fn tables_are_sorted_unique_and_disjoint() {
        assert!(ACTIVE.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert!(WITHOUT_MINOR_UNIT.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(WITHDRAWN.windows(2).all(|pair| pair[0] < pair[1]));
        for row in ACTIVE {
            assert!(row.code.len() == 3 && row.code.bytes().all(|b| b.is_ascii_uppercase()));
            assert!(row.exponent <= 4 && !row.name.is_empty());
            assert!(!lacks_minor_unit(row.code) && !is_withdrawn(row.code), "{}", row.code);
            assert_eq!(ACTIVE.iter().filter(|other| other.number == row.number).count(), 1);
        }
        assert!(WITHOUT_MINOR_UNIT.iter().all(|code| !is_withdrawn(code)));
    }

    #[test]
    fn every_row_agrees_with_the_oracle() {
        for row in ACTIVE {
            let oracle = Oracle::from_code(row.code).expect(row.code);
            assert_eq!(oracle.numeric(), row.number, "{}", row.code);
            assert_eq!(oracle.exponent(), Some(u16::from(row.exponent)), "{}", row.code);
        }
        for code in WITHOUT_MINOR_UNIT {
            assert_eq!(Oracle::from_code(code).expect(code).exponent(), None, "{code}");
        }
    }

    #[test]
    fn the_oracle_knows_nothing_that_we_miss() {
        for oracle in Oracle::iter() {
            let code = oracle.code();
            match (deviates(code), oracle.exponent()) {
                (true, _) => assert!(find(code).is_none() && is_withdrawn(code), "{code}"),
                (false, None) => assert!(lacks_minor_unit(code), "{code}"),
                (false, Some(_)) => assert!(find(code).is_some(), "{code}"),
            }
        }
    }

    #[test]
    fn hand_checked_rows() {
        for (code, number, exponent) in [
            ("JPY", 392, 0),
            ("USD", 840, 2),
            ("EUR", 978, 2),
            ("KWD", 414, 3),
            ("CLF", 990, 4),
            ("UYW", 927, 4),
            ("UYI", 940, 0),
            ("MGA", 969, 2),
            ("MRU", 929, 2),
            ("ISK", 352, 0),
            ("XCG", 532, 2),
            ("VED", 926, 2),
            ("VES", 928, 2),
            ("ZWG", 924, 2),
        ] {
            let row = find(code).expect(code);
            assert_eq!((row.number, row.exponent), (number, exponent), "{code}");
        }
        assert!(find("usd").is_none() && find("").is_none() && find("USDX").is_none());
    }
}
