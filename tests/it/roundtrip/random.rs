//! Random schemas with rows, from the generator of the diff's tests.

use crate::diff::random::whole::with_rows;

use super::case::{By, Case};

/// How many.
const CASES: usize = 100;

/// Rows that a deferred constraint refuses are left out, too.
const IMMEDIATE: &str = "BEGIN; SET CONSTRAINTS ALL IMMEDIATE;\n";

/// A restore refreshes what has rows: it must not be older than the rows that it reads.
const REFRESH: &str = "COMMIT; DO $refresh$DECLARE one regclass; BEGIN
  FOR one IN SELECT oid FROM pg_class WHERE relkind = 'm' AND relispopulated ORDER BY oid LOOP
    BEGIN EXECUTE 'REFRESH MATERIALIZED VIEW ' || one; EXCEPTION WHEN OTHERS THEN NULL; END;
  END LOOP;
END$refresh$;";

/// Databases called `random-1` and so on. A superuser makes them: they have foreign-data wrappers and event triggers.
pub(super) fn cases() -> Vec<Case> {
    let one = |(at, (schema, rows)): (usize, (String, String))| {
        let name = format!("random-{}", at + 1);
        let mut case = Case::parse(&name, "-- A random schema.\n-- runners: superuser");
        let rows = format!("{IMMEDIATE}{rows}{REFRESH}");
        case.parts =
            vec![(By::Superuser, schema), (By::Superuser, rows), (By::Migration, "SELECT 1;".to_owned())];
        case
    };
    with_rows(CASES).into_iter().enumerate().map(one).collect()
}
