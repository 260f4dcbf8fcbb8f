//! From a template to the text of a dialect.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, PoisonError, RwLock};

/// How tables are called, and the texts that were built so far.
#[derive(Debug)]
#[allow(unreachable_pub, reason = "part of a sealed trait")]
pub struct Names {
    prefix: Box<str>,
    built: RwLock<HashMap<Key, Arc<str>>>,
}

/// A text: its template, a table if the template serves several, how many rows it takes.
type Key = (&'static str, &'static str, usize);

impl Names {
    /// Names that begin with `prefix`.
    pub(in crate::store) fn new(prefix: String) -> Self {
        Self { prefix: prefix.into_boxed_str(), built: RwLock::default() }
    }

    /// Puts the names of tables into a text.
    pub(in crate::store) fn fill(&self, template: &str) -> String {
        template.replace('~', &self.prefix)
    }

    /// The text of a template, built once.
    pub(in crate::store) fn text(
        &self,
        template: &'static str,
        table: &'static str,
        rows: usize,
        build: impl FnOnce() -> String,
    ) -> Arc<str> {
        let key = (template, table, rows);
        let built = self.built.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = built.get(&key) {
            return Arc::clone(text);
        }
        drop(built);
        let text: Arc<str> = Arc::from(self.fill(&build()));
        let mut built = self.built.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(built.entry(key).or_insert(text))
    }
}

/// A marker of a template.
pub(in crate::store) enum Marker<'a> {
    /// `{in 2}`
    In(usize),
    /// `{rows 2,3 AS w(a,b)}`
    Rows(Vec<usize>, &'a str),
    /// `{lock a}`
    Lock(&'a str),
    /// `{beside ~entity e WHERE e.id = w.id SHARE}`: the rows to each of those before, in their order.
    Beside(&'a str, Option<&'a str>),
    /// `{pack iut}`: how the rows may be packed.
    Pack,
}

/// Replaces the markers of a template.
pub(in crate::store) fn expand(
    template: &str,
    mut write: impl FnMut(&mut String, &Marker<'_>),
) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        text.push_str(before);
        let (marker, after) = behind.split_once('}').unwrap_or((behind, ""));
        let (word, arguments) = marker.split_once(' ').unwrap_or((marker, ""));
        let marker = match word {
            "in" => Marker::In(arguments.trim().parse().unwrap_or(0)),
            "lock" => Marker::Lock(arguments),
            "pack" => Marker::Pack,
            "beside" => {
                let lock = ["SHARE", "UPDATE"].into_iter().find(|lock| arguments.ends_with(lock));
                let part = lock.and_then(|lock| arguments.strip_suffix(lock)).unwrap_or(arguments);
                Marker::Beside(part.trim_end(), lock)
            }
            _ => {
                let (numbers, alias) = arguments.split_once(" AS ").unwrap_or((arguments, ""));
                let numbers = numbers.split(',').filter_map(|number| number.trim().parse().ok());
                Marker::Rows(numbers.collect(), alias)
            }
        };
        write(&mut text, &marker);
        rest = after;
    }
    text.push_str(rest);
    text
}

/// `(?,?),(?,?)`: rows of variables.
pub(in crate::store) fn variables(columns: usize, rows: usize) -> String {
    let mut row = String::from("(?");
    (1..columns).for_each(|_| row.push_str(",?"));
    row.push(')');
    let mut text = String::with_capacity(row.len().saturating_add(1).saturating_mul(rows));
    for at in 0..rows {
        if at > 0 {
            text.push(',');
        }
        text.push_str(&row);
    }
    text
}

/// Names of columns, joined.
pub(in crate::store) fn joined<'a>(
    names: impl Iterator<Item = &'a str>,
    mut each: impl FnMut(&mut String, usize, &str),
) -> String {
    let mut text = String::new();
    for (at, name) in names.enumerate() {
        if at > 0 {
            text.push_str(", ");
        }
        each(&mut text, at, name);
    }
    text
}

/// Writes into a text, which cannot fail.
pub(in crate::store) fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(arguments);
}
