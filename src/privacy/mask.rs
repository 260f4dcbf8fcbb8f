//! What a clerk may see of a value.

/// All but the last `keep` letters and digits as `*`; separators stay. At most half is kept.
#[must_use]
pub fn mask_tail(value: &str, keep: usize) -> String {
    let count = value.chars().filter(|one| one.is_alphanumeric()).count();
    let hidden = count.saturating_sub(keep.min(count.checked_div(2).unwrap_or(0)));
    let mut seen = 0_usize;
    let masked = value.chars().map(|one| {
        if !one.is_alphanumeric() {
            return one;
        }
        seen = seen.saturating_add(1);
        if seen <= hidden { '*' } else { one }
    });
    masked.collect()
}

/// A card number as PCI DSS lets it be shown to anybody: its last four digits, and never more than
/// half of it (3.2.1, requirement 3.3).
#[must_use]
pub fn mask_card(value: &str) -> String {
    mask_tail(value, 4)
}

/// The first letter of the local part, and the domain: `a***@example.com`. A local part of one
/// letter is hidden whole.
#[must_use]
pub fn mask_email(value: &str) -> String {
    match value.rsplit_once('@') {
        Some((local, domain)) => {
            let first: String =
                local.chars().take(usize::from(local.chars().count() > 1)).collect();
            format!("{first}***@{domain}")
        }
        None => "***".to_owned(),
    }
}

/// The last two digits.
#[must_use]
pub fn mask_phone(value: &str) -> String {
    mask_tail(value, 2)
}
