//! Simulates the servers of November 2026, which keep `pg_attver=N` among the options of every column: with
//! `TEST_ATTVER=simulated` a superuser writes it while a catalog is read. For servers without that change.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use super::cluster::variable;

/// Tables, views, materialized views, foreign tables and composite types of people, as on a server with the change.
/// Each relation has another number; its place among the column's other options differs, too.
const WRITE: &str = "UPDATE pg_catalog.pg_attribute a SET attoptions = CASE WHEN c.oid::bigint % 2 = 0 \
    THEN array_prepend('pg_attver=' || 18000000 + c.oid::bigint * 8, attoptions) \
    ELSE array_append(attoptions, 'pg_attver=' || 18000000 + c.oid::bigint * 8) END \
    FROM pg_catalog.pg_class c WHERE c.oid = a.attrelid AND c.oid >= 16384 AND a.attnum > 0 \
    AND c.relkind IN ('r', 'p', 'f', 'c', 'm', 'v')";

/// As it was. Older servers refuse to change other options of a column as long as there is one they do not know, and
/// older programs would dump it.
const REMOVE: &str = "UPDATE pg_catalog.pg_attribute SET attoptions = (SELECT array_agg(o ORDER BY n) \
    FROM unnest(attoptions) WITH ORDINALITY AS u (o, n) WHERE NOT starts_with(o, 'pg_attver=')) \
    WHERE attoptions::text LIKE '%pg_attver=%'";

/// Reads something of the database of this superuser's URL: on a simulated server, if the run asks for that.
pub(crate) fn reading<T>(url: &str, read: impl FnOnce() -> T) -> T {
    if variable("TEST_ATTVER").is_none_or(|value| value != "simulated") {
        return read();
    }
    let mut superuser = PgConnection::establish(url).unwrap();
    superuser.batch_execute(WRITE).unwrap();
    let value = read();
    superuser.batch_execute(REMOVE).unwrap();
    value
}

/// A dump without `pg_attver`, which programs of before that change write, with another number in each database.
pub(crate) fn left_out(dump: &str) -> String {
    let rest_of = |line: &str| {
        let Some((head, options)) = line.split_once(" SET (pg_attver=") else { return Some(line.to_owned()) };
        let others = options.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix(", ")?;
        Some(format!("{head} SET ({others}"))
    };
    dump.split_inclusive('\n').filter_map(rest_of).collect()
}

#[test]
fn pg_attver_is_left_out_of_a_dump() {
    let dump = "CREATE TABLE t;\nALTER TABLE ONLY t ALTER COLUMN a SET (pg_attver=12);\n\
                ALTER TABLE ONLY t ALTER COLUMN b SET (pg_attver=12, n_distinct=5);\n";
    assert_eq!(left_out(dump), "CREATE TABLE t;\nALTER TABLE ONLY t ALTER COLUMN b SET (n_distinct=5);\n");
}
