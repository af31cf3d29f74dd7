//! Restores a backup into a copy with a name of its own. The live database is not touched.

use crate::engine::Observer;
use crate::engine::ledger::lock::Waiting;
use crate::engine::operation::Opening;
use crate::engine::properties::Properties;
use crate::engine::turn::take_turn;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::{Incoming, Rows, Session};

use super::RestoreError;
use super::carry;
use super::fill::{Filled, Filling, accept};
use super::journal::{self, Found, Phase, Role, scratch_name};
use super::scratch::{begun, drop_database};

/// What a copy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose<'a> {
    /// The user gave it its name.
    Copy,
    /// Its tables are compared with those of this database. It replaces one that was made for that.
    Tables {
        /// The live database.
        of: &'a str,
    },
}

/// What is restored beside.
#[derive(Debug, Clone, Copy)]
pub struct Beside<'a> {
    /// How it is restored.
    pub filling: Filling<'a>,
    /// The way to the server.
    pub opening: &'a Opening,
    /// The name of the copy.
    pub name: &'a str,
    /// What it is for.
    pub purpose: Purpose<'a>,
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
    let is_there = Properties::read(&mut admin, what.name)?.is_some();
    match what.purpose {
        _ if !is_there => {}
        Purpose::Tables { of } if journal::is_of_tables(&mut admin, what.name, of)? => {
            drop_database(what.opening, what.name);
        }
        Purpose::Copy | Purpose::Tables { .. } => return Err(taken(what.name)),
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
    // Objects of its owner are trusted in it as they are in the live database.
    let live = what.opening.url.database().unwrap_or_default();
    if admin.is_superuser()
        && let Some(live) = Properties::read(&mut admin, live)?
    {
        notes.extend(carry::give_owner(&mut admin, &live, &name));
    }
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
    let comment = match what.purpose {
        Purpose::Copy => from,
        Purpose::Tables { of } => {
            let begun = begun(&mut admin, of, &source.name(), &what.opening.author.host)?;
            Role::Tables(begun).at(Phase::Verified).comment()
        }
    };
    // One message is one transaction (docs 55.2.2.1).
    let (fresh, named) = (Ident::new(&name), Ident::new(what.name));
    let renamed = format!(
        "ALTER DATABASE {fresh} RENAME TO {named}; COMMENT ON DATABASE {named} IS {}",
        Literal(&comment)
    );
    admin.query(&renamed).map_err(|error| match error.failure() {
        PgFailure::DatabaseExists => taken(what.name),
        _ => error.into(),
    })?;
    scratch.keep();
    Ok(Copied { restore_ms, notes })
}

/// How rows are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// By SELECT, unless an expression could call code.
    Query,
    /// By COPY: expressions of the table, or of one below it, call functions of roles that this one does not act for.
    Copy,
}

/// The rows of a table and of those below it. The planner evaluates constants in the expressions of indexes and statistics,
/// which may call code of the table's owner: COPY plans nothing.
pub(super) fn count(
    session: &mut Session,
    named: &str,
    family: &Rows,
    reading: Reading,
) -> Result<i64, PgError> {
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

/// A table and those below it, as `count` needs them. A transaction of its own.
pub(super) fn family(session: &mut Session, named: &str) -> Result<Rows, PgError> {
    listed(
        session,
        &format!(
            "SELECT to_regclass({})::oid UNION SELECT inhrelid FROM pg_inherits JOIN family ON inhparent = family.oid",
            Literal(named)
        ),
    )
}

/// The same of the table alone.
pub(super) fn alone(session: &mut Session, named: &str) -> Result<Rows, PgError> {
    listed(session, &format!("SELECT to_regclass({})::oid", Literal(named)))
}

fn listed(session: &mut Session, family: &str) -> Result<Rows, PgError> {
    session.catalog(&format!(
        "WITH RECURSIVE family (oid) AS ({family}) \
         SELECT quote_ident(nspname) || '.' || quote_ident(relname), c.relkind, \
           EXISTS (SELECT FROM pg_index WHERE indrelid = c.oid AND (indexprs IS NOT NULL OR indpred IS NOT NULL)) \
             OR EXISTS (SELECT FROM pg_statistic_ext WHERE stxrelid = c.oid) \
         FROM family JOIN pg_class c ON c.oid = family.oid JOIN pg_namespace n ON n.oid = relnamespace"
    ))
}
