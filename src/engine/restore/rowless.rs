//! Finds rows that would be lost: tables of the live database that have rows, and that a dump from elsewhere does not fill,
//! because it was made with `--schema-only`, of one schema, of some tables, or without the rows of some.

use std::collections::BTreeSet;

use crate::engine::backup::manifest::Scope;
use crate::engine::ledger::{Facts, LEDGER_TABLE};
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

use super::RestoreError;
use super::error::Obstacle;
use super::select::Selection;
use super::source::Source;

/// How many tables a text names.
const NAMED: usize = 5;

/// Whether a dump may replace tables that have rows without filling them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// It is refused.
    Required,
    /// It is what is wanted.
    Dispensable,
}

/// What a dump from elsewhere does not fill, as a clause of the question; `None`: it fills every table that has rows. It
/// reads all of the dump.
///
/// # Errors
/// `Refused` where it leaves out the rows of a table and `rows` does not allow it; `Source`, `Pg`.
pub fn unfilled(
    source: &Source,
    rows: Rows,
    live: &mut Session,
    facts: &Facts,
    select: &Selection,
    bookkeeping: &Ident,
    interrupt: &Interrupt,
) -> Result<Option<String>, RestoreError> {
    let Source::Foreign(_) = source else { return Ok(None) };
    let expected = source.read(interrupt)?;
    let mut lost = with_rows(live, facts, bookkeeping, &expected.brings)?;
    lost.retain(|table| select.schemas.is_empty() || select.schemas.contains(&table.schema));
    if lost.is_empty() {
        return Ok(None);
    }
    // That a table was empty is part of the dump.
    let holds = pairs(&expected.holds);
    let left_out: Vec<&Filled> = lost.iter().filter(|table| !table.is_in(&holds)).collect();
    // A large object or the position of a sequence is no row of a table.
    let nothing = expected.brings.is_empty();
    if rows == Rows::Dispensable || left_out.is_empty() {
        let some = named(&lost.iter().collect::<Vec<_>>());
        return Ok(Some(match nothing {
            true => format!("it has no rows at all, and {some} {} some now", have(lost.len())),
            false => format!("it has no rows for {some}, which {} rows now", have(lost.len())),
        }));
    }
    let some = named(&left_out);
    let what = match nothing {
        true => format!(
            "`{}` has no rows, and {some} of the live database {} some",
            source.name(),
            have(left_out.len())
        ),
        false => format!(
            "`{}` has no rows for {some} of the live database, which {} some",
            source.name(),
            have(left_out.len())
        ),
    };
    Err(RestoreError::Refused(vec![Obstacle::new(
        what,
        "give `--without-rows` if these rows are not needed, or `--into NAME` for a separate database",
    )]))
}

/// Look whether there are rows to bring back.
///
/// # Errors
/// `Refused` where there are none; `Source`.
pub fn has_rows(source: &Source, interrupt: &Interrupt) -> Result<(), RestoreError> {
    let is_bare = match source.manifest() {
        Some(manifest) => manifest.scope == Scope::Schema,
        None => source.read(interrupt)?.holds.is_empty(),
    };
    if !is_bare {
        return Ok(());
    }
    Err(RestoreError::Refused(vec![Obstacle::new(
        format!("`{}` has no rows", source.name()),
        "choose a backup that has them: `pgkeel restore --list`; `--into NAME` restores the schema alone",
    )]))
}

/// A table of the live database that has rows.
struct Filled {
    schema: String,
    name: String,
    /// Its own name, or that of the partitioned table above it.
    root: (String, String),
}

impl Filled {
    fn is_in(&self, all: &BTreeSet<(&str, &str)>) -> bool {
        all.contains(&(self.schema.as_str(), self.name.as_str()))
            || all.contains(&(self.root.0.as_str(), self.root.1.as_str()))
    }
}

fn pairs(tables: &BTreeSet<(String, String)>) -> BTreeSet<(&str, &str)> {
    tables.iter().map(|(schema, name)| (schema.as_str(), name.as_str())).collect()
}

fn have(tables: usize) -> &'static str {
    if tables == 1 { "has" } else { "have" }
}

fn named(tables: &[&Filled]) -> String {
    let one = |table: &&Filled| format!("`{}.{}`", table.schema, table.name);
    let mut text = tables.iter().take(NAMED).map(one).collect::<Vec<_>>().join(", ");
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
) -> Result<Vec<Filled>, PgError> {
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
    let one = |row| Filled { schema: cell(row, 0), name: cell(row, 1), root: (cell(row, 2), cell(row, 3)) };
    let brings = pairs(brings);
    Ok((0..rows.rows.len()).map(one).filter(|table| !table.is_in(&brings)).collect())
}
