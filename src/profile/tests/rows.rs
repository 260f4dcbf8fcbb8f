//! Every row in a document's words comes back as it was.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::samples::row;
use super::{Profile, again};

#[test]
fn rows_of_every_table_come_back_as_they_were() {
    let mut failed = Vec::new();
    for profile in Profile::ALL {
        for table in profile.tables() {
            let mut runner = TestRunner::new(Config {
                cases: 48,
                failure_persistence: None,
                ..Config::default()
            });
            let outcome = runner.run(&row(*profile, table), |row| {
                let back = again(*profile, &row)
                    .map_err(|error| TestCaseError::fail(format!("{error}")))?;
                let (was, is) = (&row.columns, &back.row.columns);
                let differs = was.iter().zip(is).find(|(was, is)| was != is);
                if let Some(((name, was), (_, is))) = differs {
                    let what = format!("{name}: {was:?} became {is:?}");
                    return Err(TestCaseError::fail(what));
                }
                prop_assert_eq!(was.len(), is.len());
                Ok(())
            });
            if let Err(error) = outcome {
                failed.push(format!("{profile} {}: {error:.400}", table.name));
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
