//! A backup beside the live database: as a copy under a name of its own, for testing migrations; or some of its tables, to
//! bring rows back by hand. The live database is not touched.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::engine::Observer;
use crate::engine::catalog::id::qualified;
use crate::engine::ledger::lock::Waiting;
use crate::engine::operation::Opening;
use crate::engine::properties::Properties;
use crate::engine::row_security::Forced;
use crate::engine::turn::take_turn;
use crate::engine::untrusted;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::{Incoming, Session};
use crate::pg::shell;

use super::RestoreError;
use super::carry;
use super::fill::{Filled, Filling, accept};
use super::journal::{self, Found, Role, scratch_name};
use super::scratch::{begun, drop_database};

/// What is restored beside.
#[derive(Debug, Clone, Copy)]
pub struct Beside<'a> {
    /// How it is restored.
    pub filling: Filling<'a>,
    /// The way to the server.
    pub opening: &'a Opening,
    /// The name of the copy.
    pub name: &'a str,
    /// How to wait for another run.
    pub waiting: Waiting,
}

/// A copy was made.
#[derive(Debug)]
pub struct Copied {
    /// How long loading took, in ms.
    pub restore_ms: u64,
    /// What is worth a word.
    pub notes: Vec<String>,
}

/// Restore into a new database; it starts without a mark, and records where it came from.
///
/// # Errors
/// `Taken` where there is a database of that name; see `RestoreError`.
pub fn copy(what: &Beside<'_>, observer: &mut dyn Observer) -> Result<Copied, RestoreError> {
    let source = what.filling.source;
    let mut admin = what.opening.maintenance(what.name)?;
    take_turn(&mut admin, what.name, what.waiting, observer)?;
    admin.query(&admin.prelude())?;
    let taken = |name: &str| RestoreError::Taken { name: name.to_owned() };
    if Properties::read(&mut admin, what.name)?.is_some() {
        return Err(taken(what.name));
    }
    // Only what is whole gets the name that the user gave.
    let name = scratch_name(what.name, &source.suffix());
    match journal::find(&mut admin, &name, what.name, &source.name())? {
        Found::Nothing => {}
        Found::Foreign => return Err(taken(&name)),
        Found::Verified | Found::Unfinished => drop_database(what.opening, &name),
    }
    let role = Role::Restore(begun(&mut admin, what.name, &source.name(), &what.opening.author.host)?);
    let mut filled = what.filling.fill(what.opening, &mut admin, &name, role, None, observer)?;
    accept(&mut filled, &mut admin, what.filling.keep)?;
    let Filled { mut scratch, compared, restore_ms } = filled;
    let mut notes = compared.notes;
    if let Some(manifest) = source.manifest() {
        notes.extend(carry::give(&mut admin, &manifest.source.properties, &name)?);
        notes.extend(carry::left_out(&manifest.source.properties));
    }
    let from = match source.manifest() {
        Some(manifest) => {
            format!(
                "a copy of {} on {}, from {}",
                manifest.source.database, manifest.source.server, manifest.id
            )
        }
        None => format!("a copy from {}", source.name()),
    };
    carry::begin_unmarked(&scratch.opening(), &from)?;
    if let Some(manifest) = source.manifest() {
        carry::limit(&mut admin, &manifest.source.properties, &name)?;
    }
    // One message is one transaction (docs 55.2.2.1).
    let (fresh, named) = (Ident::new(&name), Ident::new(what.name));
    let renamed = format!(
        "ALTER DATABASE {fresh} RENAME TO {named}; COMMENT ON DATABASE {named} IS {}",
        Literal(&from)
    );
    admin.query(&renamed).map_err(|error| match error.failure() {
        PgFailure::DatabaseExists => taken(what.name),
        _ => error.into(),
    })?;
    scratch.keep();
    Ok(Copied { restore_ms, notes })
}

/// A table whose rows lie beside the live ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableBeside {
    /// Schema and name.
    pub table: String,
    /// Its rows in the backup.
    pub rows_there: i64,
    /// Its rows in the live database; `None` where it has no such table.
    pub rows_live: Option<i64>,
    /// What to type in a shell to bring the rows over.
    pub by_hand: Vec<String>,
}

/// Compare tables of a copy with the live ones, and say how to merge them. Each is `schema.table` or `table`.
///
/// # Errors
/// `NoTable`, `Pg`.
pub fn tables(
    copy: &Opening,
    live: &Opening,
    copy_name: &str,
    live_name: &str,
    wanted: &[String],
) -> Result<Vec<TableBeside>, RestoreError> {
    let (mut there, mut here) = (copy.connect()?, live.connect()?);
    let forced = Forced::of(&mut there)?;
    let untrusted = (untrusted::tables(&mut there)?, untrusted::tables(&mut here)?);
    for session in [&mut there, &mut here] {
        // A policy must not hide rows from the counts: then it is an error.
        session.query("SET row_security = off")?;
    }
    let table = |name: &String| {
        table((&mut there, &forced, &untrusted.0), (&mut here, &untrusted.1), copy_name, live_name, name)
    };
    wanted.iter().map(table).collect()
}

fn table(
    (there, forced, untrusted_there): (&mut Session, &Forced, &BTreeSet<String>),
    (here, untrusted_here): (&mut Session, &BTreeSet<String>),
    copy_name: &str,
    live_name: &str,
    wanted: &str,
) -> Result<TableBeside, RestoreError> {
    let none = || RestoreError::NoTable(wanted.to_owned());
    let found = there.catalog(&format!(
        "SELECT nspname, relname, \
           (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute \
            WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') \
         FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace \
         WHERE relkind IN ('r', 'p') AND {wanted} IN (relname::text, nspname || '.' || relname) \
         ORDER BY nspname = 'public' DESC, nspname LIMIT 1",
        wanted = Literal(wanted)
    ))?;
    let (schema, name) = (found.get(0, 0).ok_or_else(none)?, found.get(0, 1).ok_or_else(none)?);
    let columns = found.get(0, 2).unwrap_or_default();
    let named = format!("{}.{}", Ident::new(schema), Ident::new(name));
    let path = qualified(schema, name);
    let reading = |untrusted: &BTreeSet<String>| match untrusted.contains(&path) {
        true => Reading::Copy,
        false => Reading::Query,
    };
    let rows_there =
        forced.read(there, &[(schema, name)], |session| count(session, &named, reading(untrusted_there)))?;
    let exists = here.catalog(&format!("SELECT to_regclass({}) IS NOT NULL", Literal(&named)))?;
    let rows_live = if exists.get(0, 0) == Some("t") {
        Some(count(here, &named, reading(untrusted_here))?)
    } else {
        None
    };
    let stage =
        Ident::new(format!("pgkeel_from_backup_{name}").chars().take(60).collect::<String>()).to_string();
    let psql = |database: &str, sql: &str| {
        format!("psql -X -v ON_ERROR_STOP=1 -d {} -c {}", shell::dbname(database), shell::word(sql))
    };
    let mut by_hand = vec![
        // Neither constraints nor what is generated: rows alone.
        psql(live_name, &format!("CREATE TABLE {stage} AS SELECT {columns} FROM {named} WITH NO DATA")),
        format!(
            "{} | {}",
            psql(copy_name, &format!("\\copy (SELECT {columns} FROM {named}) TO STDOUT")),
            psql(live_name, &format!("\\copy {stage} ({columns}) FROM STDIN"))
        ),
    ];
    if has_key(here, &named)? {
        by_hand.push(psql(
            live_name,
            &format!(
                "INSERT INTO {named} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {stage} ON CONFLICT DO NOTHING"
            ),
        ));
    } else {
        by_hand.push(format!(
            "# {named} has no unique key, which would say what rows are there already: insert from {stage} what is missing"
        ));
    }
    by_hand.push(psql(live_name, &format!("DROP TABLE {stage}")));
    Ok(TableBeside { table: format!("{schema}.{name}"), rows_there, rows_live, by_hand })
}

/// How rows are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// By SELECT, unless an expression could call code.
    Query,
    /// By COPY: expressions of the table, or of one below it, call functions of roles that this one does not act for.
    Copy,
}

/// The rows of a table and of those below it. The planner evaluates constants in the expressions of indexes and statistics,
/// which may call code of the table's owner: COPY plans nothing.
fn count(session: &mut Session, named: &str, reading: Reading) -> Result<i64, PgError> {
    let family = session.catalog(&format!(
        "WITH RECURSIVE family (oid) AS (SELECT to_regclass({})::oid \
           UNION SELECT inhrelid FROM pg_inherits JOIN family ON inhparent = family.oid) \
         SELECT quote_ident(nspname) || '.' || quote_ident(relname), c.relkind, \
           EXISTS (SELECT FROM pg_index WHERE indrelid = c.oid AND (indexprs IS NOT NULL OR indpred IS NOT NULL)) \
             OR EXISTS (SELECT FROM pg_statistic_ext WHERE stxrelid = c.oid) \
         FROM family JOIN pg_class c ON c.oid = family.oid JOIN pg_namespace n ON n.oid = relnamespace",
        Literal(named)
    ))?;
    let is = |row: usize, column, value| family.get(row, column) == Some(value);
    let count = family.rows.len();
    if reading == Reading::Query && !(0..count).any(|row| is(row, 2, "t")) {
        let counted = session.query_value(&format!("SELECT pg_catalog.count(*) FROM {named}"))?;
        return Ok(counted.and_then(|n| n.parse().ok()).unwrap_or_default());
    }
    let mut rows = 0;
    for row in (0..count).filter(|row| is(*row, 1, "r")) {
        let table = family.get(row, 0).unwrap_or_default();
        session
            .run(&format!("COPY {table} TO STDOUT"), &mut |incoming| {
                rows += i64::from(matches!(incoming, Incoming::CopyRow(_)));
            })
            .map_err(|failed| failed.error)?;
    }
    Ok(rows)
}

/// Whether a unique index covers all rows, so that ON CONFLICT finds those that are there already.
fn has_key(here: &mut Session, named: &str) -> Result<bool, PgError> {
    let rows = here.catalog(&format!(
        "SELECT 1 FROM pg_index WHERE indrelid = to_regclass({}) AND indisunique AND indisvalid AND indpred IS NULL",
        Literal(named)
    ))?;
    Ok(!rows.rows.is_empty())
}
