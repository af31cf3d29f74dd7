//! Random schemas with rows, from the generator of the diff's tests.

use crate::diff::random::whole::with_rows;

use super::case::{By, Case};

/// How many.
const CASES: usize = 100;

/// Databases called `random-1` and so on. A superuser makes them: they have foreign-data wrappers and event triggers.
pub(super) fn cases() -> Vec<Case> {
    let one = |(at, (schema, rows)): (usize, (String, String))| {
        let name = format!("random-{}", at + 1);
        let mut case = Case::parse(&name, "-- A random schema.\n-- runners: superuser");
        case.parts =
            vec![(By::Superuser, schema), (By::Superuser, rows), (By::Migration, "SELECT 1;".to_owned())];
        case
    };
    with_rows(CASES).into_iter().enumerate().map(one).collect()
}
