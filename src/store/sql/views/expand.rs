//! From the template of a view to the text of a dialect. Markers nest: what stands in one is
//! expanded first.
//!
//! | marker | gives |
//! |---|---|
//! | `{text B p.a.t.h}`, `{json B path}` | a value in a document of JSON, as text or as JSON |
//! | `{date ..}`, `{time ..}`, `{timetz ..}` | the same as a day, an instant in UTC, with its zone |
//! | `{each k B path}` | the elements of an array, as rows `k(value, key)` |
//! | `{uuid X}`, `{uuid_text X}`, `{cast_uuid T}`, `{key T}` | an id shown, as text, read from text, and as it is stored |
//! | `{cast_date T}`, `{midnight T}` | a day read from text, and the instant at which it begins |
//! | `{day N}`, `{instant N}`, `{instanttz N}` | a day or an instant of its number |
//! | `{amount N}`, `{thousandths N}` | a number of two or three decimals of its smallest units |
//! | `{bytes T}`, `{user T}` | bytes of hexadecimal digits; the id in `user:id` |
//! | `{label what X}`, `{country X}` | what the profile says for a code; the name of a country |
//! | any other | a fragment: see `fragments.rs` |

use super::Dialect;
use super::fragments::fragment;
use crate::locale::CountryCode;
use crate::profile::Profile;

/// Expands templates.
pub(super) struct Expander {
    pub(super) profile: Profile,
    pub(super) dialect: Dialect,
}

impl Expander {
    /// The text of a template.
    pub(super) fn expand(&self, template: &str) -> String {
        let mut text = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, behind)) = rest.split_once('{') {
            text.push_str(before);
            let (inner, after) = behind.split_at(closing(behind));
            text.push_str(&self.marker(&self.expand(inner)));
            rest = after.strip_prefix('}').unwrap_or(after);
        }
        text.push_str(rest);
        text
    }

    fn marker(&self, marker: &str) -> String {
        let (word, rest) = marker.split_once(' ').unwrap_or((marker, ""));
        let pair = || rest.split_once(' ').unwrap_or((rest, ""));
        match word {
            "text" | "json" | "date" | "time" | "timetz" => {
                let (body, path) = pair();
                self.value(word, body, path)
            }
            "each" => {
                let (alias, from) = pair();
                let (body, path) = from.split_once(' ').unwrap_or((from, ""));
                self.each(alias, body, path)
            }
            "label" => {
                let (what, of) = pair();
                self.label(what, of)
            }
            "country" => country(rest),
            _ => self.scalar(word, rest).unwrap_or_else(|| {
                match fragment(word, rest, self.dialect) {
                    Some(template) => self.expand(&template),
                    None => format!("{{?{marker}}}"),
                }
            }),
        }
    }

    /// A value in a document.
    fn value(&self, word: &str, body: &str, path: &str) -> String {
        match (self.dialect, word) {
            (Dialect::Postgres, _) => {
                let path = path.replace('.', ",");
                let text = format!("({body}::jsonb #>> '{{{path}}}')");
                match word {
                    "json" => format!("({body}::jsonb #> '{{{path}}}')"),
                    "date" => format!("{text}::date"),
                    "time" => format!("({text}::timestamptz AT TIME ZONE 'UTC')"),
                    "timetz" => format!("{text}::timestamptz"),
                    _ => text,
                }
            }
            (Dialect::Sqlite, _) => format!("json_extract({body}, '{}')", sqlite_path(path)),
        }
    }

    fn each(&self, alias: &str, body: &str, path: &str) -> String {
        match self.dialect {
            Dialect::Postgres => {
                let path = path.replace('.', ",");
                format!(
                    "jsonb_array_elements({body}::jsonb #> '{{{path}}}') \
                     WITH ORDINALITY AS {alias}(value, key)"
                )
            }
            Dialect::Sqlite => format!("json_each({body}, '{}') AS {alias}", sqlite_path(path)),
        }
    }

    /// What the profile says for the code in an expression, in any case; NULL for what it cannot
    /// say.
    fn label(&self, what: &str, of: &str) -> String {
        let mut text = format!("CASE lower({of})");
        for (code, label) in self.profile.cases(what).unwrap_or_default() {
            text.push_str(&format!(" WHEN '{code}' THEN '{label}'"));
        }
        text.push_str(" END");
        text
    }

    fn scalar(&self, word: &str, of: &str) -> Option<String> {
        match self.dialect {
            Dialect::Postgres => postgres(word, of),
            Dialect::Sqlite => sqlite(word, of),
        }
    }
}

/// Where the marker that was opened ends.
fn closing(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, one) in text.char_indices() {
        match one {
            '{' => depth = depth.saturating_add(1),
            '}' if depth == 0 => return at,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    text.len()
}

/// `$.address.lines[0]`
fn sqlite_path(path: &str) -> String {
    path.split('.').fold(String::from("$"), |path, part| {
        if part.bytes().all(|one| one.is_ascii_digit()) {
            format!("{path}[{part}]")
        } else {
            format!("{path}.{part}")
        }
    })
}

fn postgres(word: &str, of: &str) -> Option<String> {
    const EPOCH: &str = "TIMESTAMP '1970-01-01' + INTERVAL '1 microsecond'";
    Some(match word {
        "uuid" => of.to_owned(),
        "uuid_text" => format!("{of}::text"),
        "cast_uuid" | "key" => format!("({of})::uuid"),
        "cast_date" => format!("({of})::date"),
        "midnight" => format!("({of})::date::timestamp"),
        "day" => format!("(DATE '1970-01-01' + {of})"),
        "instant" => format!("({EPOCH} * ({of} / 1000))"),
        "instanttz" => format!("(({EPOCH} * ({of} / 1000)) AT TIME ZONE 'UTC')"),
        "amount" => format!("(({of})::numeric / 100)::numeric(20, 2)"),
        "thousandths" => format!("(({of})::numeric / 1000)::numeric(20, 3)"),
        "bytes" => format!("decode({of}, 'hex')"),
        "user" => {
            let hex = |count: u32| format!("[0-9a-fA-F]{{{count}}}");
            let id = [8, 4, 4, 4, 12].map(hex).join("-");
            format!("CASE WHEN {of} SIMILAR TO 'user:{id}' THEN substr({of}, 6)::uuid END")
        }
        "today" => "to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD')".to_owned(),
        "yes" => "('true')".to_owned(),
        "hex16" => format!("lpad(to_hex({of}), 16, '0')"),
        _ => return None,
    })
}

fn sqlite(word: &str, of: &str) -> Option<String> {
    let decimals = |count: u32, unit: u32| {
        format!(
            "CASE WHEN ({of}) IS NULL THEN NULL ELSE \
             printf('%s%d.%0{count}d', CASE WHEN ({of}) < 0 THEN '-' ELSE '' END, \
             abs({of}) / {unit}, abs({of}) % {unit}) END"
        )
    };
    Some(match word {
        "uuid" | "uuid_text" => {
            let part = |from: u32, count: u32| format!("substr(hex({of}), {from}, {count})");
            let parts = [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)];
            format!("lower({})", parts.join(" || '-' || "))
        }
        "key" => format!("unhex({of}, '-')"),
        "cast_uuid" | "cast_date" => of.to_owned(),
        "midnight" => format!("({of} || 'T00:00:00.000000000Z')"),
        "day" => format!("date(({of}) * 86400, 'unixepoch')"),
        "instant" | "instanttz" => format!(
            "(strftime('%Y-%m-%dT%H:%M:%S', {of} / 1000000000, 'unixepoch') \
             || printf('.%09dZ', {of} % 1000000000))"
        ),
        "amount" => decimals(2, 100),
        "thousandths" => decimals(3, 1000),
        "bytes" => format!("unhex({of})"),
        "user" => {
            let id = [8_usize, 4, 4, 4, 12].map(|count| "_".repeat(count)).join("-");
            format!("CASE WHEN {of} LIKE 'user:{id}' THEN substr({of}, 6) END")
        }
        "today" => "date('now')".to_owned(),
        "yes" => "(1)".to_owned(),
        "hex16" => format!("printf('%016x', {of})"),
        _ => return None,
    })
}

/// The name of the country of a code.
fn country(of: &str) -> String {
    let mut text = format!("CASE {of}");
    for code in CountryCode::all() {
        let name = code.name().replace('\'', "''");
        text.push_str(&format!(" WHEN '{}' THEN '{name}'", code.alpha2()));
    }
    text.push_str(" END");
    text
}
