//! The rows that would go without others coming: tables of the live database that have rows, and of which a dump from
//! elsewhere brings none, because it was made with `--schema-only`, of one schema, or of some tables.

use std::collections::BTreeSet;

use crate::engine::ledger::{Facts, LEDGER_TABLE};
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

use super::RestoreError;
use super::error::Obstacle;
use super::source::Source;

/// How many tables a text names.
const NAMED: usize = 5;

/// Whether a dump without any row may take the place of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// It is refused.
    Required,
    /// It is what is wanted.
    Dispensable,
}

/// What a dump from elsewhere does not bring, as a clause of the question; `None`: it brings rows for every table that has
/// some. It reads all of the dump.
///
/// # Errors
/// `Refused` for a dump without any row where `rows` says so; `Source`, `Pg`.
pub fn unfilled(
    source: &Source,
    rows: Rows,
    live: &mut Session,
    facts: &Facts,
    bookkeeping: &Ident,
    interrupt: &Interrupt,
) -> Result<Option<String>, RestoreError> {
    let Source::Foreign(_) = source else { return Ok(None) };
    let expected = source.read(interrupt)?;
    let lost = with_rows(live, facts, bookkeeping, &expected.brings)?;
    if lost.is_empty() {
        return Ok(None);
    }
    let some = named(&lost);
    let nothing = expected.brings.is_empty() && !expected.brings_objects;
    if !nothing {
        // Tables without rows are known, too.
        let known: BTreeSet<&str> = expected.tables.iter().map(|table| table.schema.as_str()).collect();
        let missing: BTreeSet<&str> = lost
            .iter()
            .map(|(schema, _)| schema.as_str())
            .filter(|schema| !known.contains(schema) && !expected.brings.iter().any(|(of, _)| of == schema))
            .collect();
        if !missing.is_empty() && rows == Rows::Required {
            let missing: Vec<String> = missing.into_iter().map(|schema| format!("`{schema}`")).collect();
            let (what, have) = if missing.len() == 1 { ("schema", "has") } else { ("schemas", "have") };
            return Err(RestoreError::Refused(vec![Obstacle::new(
                format!(
                    "`{}` has nothing of the {what} {}, which {have} rows in the live database and would be lost",
                    source.name(),
                    missing.join(", ")
                ),
                "give `--without-rows` if they are not needed, or `--into NAME` for a separate database",
            )]));
        }
        return Ok(Some(format!("it has no rows for {some}, which {} rows now", have(&lost))));
    }
    let what =
        format!("`{}` has no rows, and {some} of the live database {} some", source.name(), have(&lost));
    if rows == Rows::Dispensable {
        return Ok(Some(format!("it has no rows at all, and {some} {} some now", have(&lost))));
    }
    Err(RestoreError::Refused(vec![Obstacle::new(
        what,
        "give `--without-rows` if the schema alone is wanted, or `--into NAME` for a separate database",
    )]))
}

fn have(tables: &[(String, String)]) -> &'static str {
    if tables.len() == 1 { "has" } else { "have" }
}

fn named(tables: &[(String, String)]) -> String {
    let mut text = tables
        .iter()
        .take(NAMED)
        .map(|(schema, name)| format!("`{schema}.{name}`"))
        .collect::<Vec<_>>()
        .join(", ");
    if tables.len() > NAMED {
        text.push_str(&format!(" and {} more tables", tables.len() - NAMED));
    }
    text
}

/// The tables with rows, by their size: it plans nothing and needs no right to read them. Rows of a partition may come
/// under its root's name.
fn with_rows(
    live: &mut Session,
    facts: &Facts,
    bookkeeping: &Ident,
    brings: &BTreeSet<(String, String)>,
) -> Result<Vec<(String, String)>, PgError> {
    let ledger = facts.ledger_schema.as_deref().unwrap_or("public");
    let rows = live.catalog(&format!(
        "SELECT n.nspname, c.relname, rn.nspname, r.relname \
         FROM pg_catalog.pg_class c \
           JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
           JOIN pg_catalog.pg_class r ON r.oid OPERATOR(pg_catalog.=) \
             coalesce(pg_catalog.pg_partition_root(c.oid), c.oid) \
           JOIN pg_catalog.pg_namespace rn ON rn.oid OPERATOR(pg_catalog.=) r.relnamespace \
         WHERE c.relkind OPERATOR(pg_catalog.=) 'r' AND c.relpersistence OPERATOR(pg_catalog.<>) 't' \
           AND n.nspname OPERATOR(pg_catalog.!~) '^pg_' AND n.nspname OPERATOR(pg_catalog.<>) 'information_schema' \
           AND n.nspname OPERATOR(pg_catalog.<>) {} \
           AND NOT (n.nspname OPERATOR(pg_catalog.=) {} AND c.relname OPERATOR(pg_catalog.=) {}) \
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype OPERATOR(pg_catalog.=) 'e' \
             AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass \
             AND d.objid OPERATOR(pg_catalog.=) c.oid) \
           AND pg_catalog.pg_relation_size(c.oid) OPERATOR(pg_catalog.>) 0 \
         ORDER BY 1, 2",
        Literal(bookkeeping.as_str()),
        Literal(ledger),
        Literal(LEDGER_TABLE)
    ))?;
    let cell = |row: usize, column| rows.get(row, column).unwrap_or_default().to_owned();
    let brought = |row: &usize| {
        brings.contains(&(cell(*row, 0), cell(*row, 1))) || brings.contains(&(cell(*row, 2), cell(*row, 3)))
    };
    let lost = (0..rows.rows.len()).filter(|row| !brought(row));
    Ok(lost.map(|row| (cell(row, 0), cell(row, 1))).collect())
}
