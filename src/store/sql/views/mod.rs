//! Read-only views in the words of the requirement documents, one set for each profile.
//!
//! The texts stand in one file for each document; what the dialects write otherwise stands in
//! markers: see `expand.rs`. What a view shows is documented at
//! [`SqlStore::create_views`](super::SqlStore::create_views).

mod expand;
mod fragments;

use super::migrate::Schema;
use super::store::SqlStore;
use crate::profile::Profile;
use crate::store::StoreError;
use expand::Expander;

/// A dialect of SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(unreachable_pub, reason = "a constant of a sealed trait")]
pub enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}

const fn templates(profile: Profile) -> &'static str {
    match profile {
        Profile::S0 => include_str!("s0.sql"),
        Profile::S1 => include_str!("s1.sql"),
        Profile::S2 => include_str!("s2.sql"),
        Profile::S3 => include_str!("s3.sql"),
        Profile::S4 => include_str!("s4.sql"),
    }
}

/// The views of a profile: name, and the template of its query.
fn views(profile: Profile) -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = templates(profile).split("-- view ").filter(|one| !one.is_empty());
    all.filter_map(|one| one.split_once('\n'))
}

/// The statements that take away and make the views of a profile.
fn drops(profile: Profile, prefix: &str) -> String {
    let names: Vec<&str> = views(profile).map(|(name, _)| name).collect();
    let drop = |name: &&str| format!("DROP VIEW IF EXISTS {prefix}{name};\n");
    names.iter().rev().map(drop).collect()
}

fn creates(profile: Profile, dialect: Dialect, prefix: &str) -> String {
    let expander = Expander { profile, dialect };
    let create = |(name, query): (&str, &str)| {
        format!("CREATE VIEW {prefix}{name} AS\n{};\n", expander.expand(query.trim_end()))
    };
    views(profile).map(create).collect()
}

impl<E: Schema> SqlStore<E> {
    /// Makes the views of a profile, or makes them anew: for each table of the document that the
    /// books can show, a read-only view with the document's own names of columns. Returns the names
    /// of the views as a statement says them.
    ///
    /// | store | where | example |
    /// |---|---|---|
    /// | PostgreSQL | a schema beside the bank's, named after it and the document | `corebank_001.customers` |
    /// | SQLite | in the file, with a prefix | `corebank_001_customers` |
    ///
    /// - What the profile cannot say is NULL; what it falls back on is shown (see [`Profile`]).
    ///   Accounts in currencies without two decimals, and accounts of several owners where the
    ///   document has one column for them, are left out.
    /// - `ssn_encrypted` is the ciphertext, hashes are blind indexes. Names, addresses and telephone
    ///   numbers are in clear: grant the views as you would grant the tables.
    /// - SQLite has no decimal numbers: amounts there are texts with two decimals, instants are RFC
    ///   3339 texts, ids are hyphenated texts.
    /// - A status that lapses with a day is reckoned by the database's own date in UTC.
    /// - A row is shown as it stands: what an export would refuse for a rule between columns (such as
    ///   S2-040) is not judged here.
    /// - Country names are those of ISO 3166-1; a password hash is always `!`.
    ///
    /// # Errors
    /// Faults of the database, among them that the role may not create a schema.
    pub async fn create_views(&self, profile: Profile) -> Result<Vec<String>, StoreError> {
        let engine = &self.core.engine;
        let (prologue, prefix) = engine.views(profile.code());
        let mut transaction = engine.begin().await?;
        engine.script(&mut transaction, &prologue).await?;
        engine.script(&mut transaction, &drops(profile, &prefix)).await?;
        engine.script(&mut transaction, &creates(profile, E::DIALECT, &prefix)).await?;
        E::commit(transaction).await?;
        Ok(views(profile).map(|(name, _)| format!("{prefix}{name}")).collect())
    }

    /// Takes the views of a profile away, if they are there. On PostgreSQL their schema stays.
    ///
    /// # Errors
    /// Faults of the database, among them that something of the host's depends on a view.
    pub async fn drop_views(&self, profile: Profile) -> Result<(), StoreError> {
        let engine = &self.core.engine;
        let (_, prefix) = engine.views(profile.code());
        let mut transaction = engine.begin().await?;
        engine.script(&mut transaction, &drops(profile, &prefix)).await?;
        E::commit(transaction).await
    }

    /// The statements of [`create_views`](Self::create_views), to read, or to run by hand.
    #[must_use]
    pub fn print_views(&self, profile: Profile) -> String {
        let engine = &self.core.engine;
        let (prologue, prefix) = engine.views(profile.code());
        let schema = if prologue.is_empty() { prologue } else { format!("{prologue};\n") };
        let made = creates(profile, E::DIALECT, &prefix);
        format!("{schema}{}", engine.names().fill(&made))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_of_a_profile_has_its_view_with_its_columns() {
        for profile in Profile::ALL {
            let names: Vec<&str> = views(*profile).map(|(name, _)| name).collect();
            let tables: Vec<&str> = profile.tables().iter().map(|table| table.name).collect();
            assert_eq!(names, tables, "{profile}");
            for (name, query) in views(*profile) {
                let mut rest = query;
                for column in profile.tables().iter().filter(|one| one.name == name) {
                    for column in column.columns {
                        let named = format!(" AS {}", column.name);
                        let ends = |after: &str| {
                            !after.starts_with(|one: char| one == '_' || one.is_alphanumeric())
                        };
                        let found = rest.match_indices(&named).map(|(at, _)| at + named.len());
                        let found =
                            found.into_iter().find(|at| ends(rest.get(*at..).unwrap_or("")));
                        assert!(
                            found.is_some(),
                            "{profile} {name}.{}: in the order of the table",
                            column.name
                        );
                        rest = rest.get(found.unwrap_or(0)..).unwrap_or("");
                    }
                }
            }
        }
    }

    #[test]
    fn no_marker_is_left() {
        for profile in Profile::ALL {
            for dialect in [Dialect::Postgres, Dialect::Sqlite] {
                let text = creates(*profile, dialect, "v_");
                assert!(!text.contains("{?"), "{text}");
            }
        }
    }
}
