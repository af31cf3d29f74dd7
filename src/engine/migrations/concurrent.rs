//! Statements that no transaction can hold: what they leave when they fail or when the run dies in
//! them, and how to tell whether they had finished. PostgreSQL keeps the invalid index of a failed
//! concurrent build (docs 11.9 and CREATE INDEX, "Building Indexes Concurrently"): the same
//! statement then fails for ever, or with IF NOT EXISTS "succeeds" without an index.

use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::{Rows, Session};
use crate::pg::statements::{ConcurrentIndex, Evidence, Facts, Reindexed};

/// What is known of such a statement before it runs.
#[derive(Debug)]
pub(super) struct Before {
    /// Oids of invalid indexes that are somebody else's.
    foreign: Vec<String>,
}

/// Whether the run died in this statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begun {
    /// It runs for the first time.
    No,
    /// A run died in it: it may have finished.
    Perhaps,
}

/// What to do with the statement.
#[derive(Debug)]
pub(super) enum Todo {
    /// Run it.
    Run(Before),
    /// It had finished.
    Nothing,
}

/// Look around before the statement runs, and clear away what an attempt of ours has left.
///
/// # Errors
/// What the server says, or what stands in the way.
pub(super) fn before(session: &mut Session, facts: &Facts, begun: Begun) -> Result<Todo, PgError> {
    if let Some(index) = &facts.concurrent_index {
        return before_index(session, index, begun);
    }
    if begun == Begun::Perhaps
        && let Some(evidence) = &facts.evidence
        && has_finished(session, evidence)?
    {
        return Ok(Todo::Nothing);
    }
    let mut foreign = invalid_indexes(session)?;
    if let (Some(Evidence::Reindex(what)), Begun::Perhaps) = (&facts.evidence, begun) {
        let left = transient(session, what, &[])?;
        drop_all(session, &left)?;
        foreign = invalid_indexes(session)?;
    }
    Ok(Todo::Run(Before { foreign }))
}

fn before_index(session: &mut Session, index: &ConcurrentIndex, begun: Begun) -> Result<Todo, PgError> {
    let found = named(session, index)?;
    match (&index.name, found.get(0, 2)) {
        // Valid, and we have tried to build it: we did.
        (Some(_), Some("t")) if begun == Begun::Perhaps => return Ok(Todo::Nothing),
        // An invalid one of that name on that table: nobody can use it, and the statement makes it anew.
        (Some(name), Some("f")) => {
            if found.get(0, 3) == Some("t") {
                return Err(PgError::Unexpected(format!(
                    "the index `{name}` is invalid, and another session may be building it at this moment"
                )));
            }
            drop_all(session, &found)?;
        }
        (None, _) if begun == Begun::Perhaps => {
            let left = invalid_of(session, index)?;
            if !left.rows.is_empty() {
                let names: Vec<_> = left.rows.iter().filter_map(|row| row.get(1)?.clone()).collect();
                return Err(PgError::Unexpected(format!(
                    "a run died while it built an index without a name, and its table has an invalid one ({}): \
                     drop it if it is nobody else's, and give the index a name",
                    names.join(", ")
                )));
            }
        }
        _ => {}
    }
    Ok(Todo::Run(Before { foreign: invalid_indexes(session)? }))
}

/// After the statement failed: drop what it has left, and only that.
///
/// # Errors
/// What the server says.
pub(super) fn after_failure(session: &mut Session, facts: &Facts, before: &Before) -> Result<(), PgError> {
    let left = match (&facts.concurrent_index, &facts.evidence) {
        (Some(index), _) if index.name.is_some() => {
            let mut found = named(session, index)?;
            found.rows.retain(|row| row.get(2) == Some(&Some("f".into())));
            found
        }
        (Some(index), _) => new_ones(invalid_of(session, index)?, before),
        (None, Some(Evidence::Reindex(what))) => transient(session, what, &before.foreign)?,
        _ => return Ok(()),
    };
    drop_all(session, &left)
}

/// Whether the statement, once it failed and `after_failure` has cleaned up, has changed nothing. CALL and DO may have
/// committed a part; a concurrent DROP INDEX and DETACH PARTITION go in steps.
pub(super) fn leaves_nothing(facts: &Facts) -> bool {
    let in_steps =
        matches!(facts.evidence, Some(Evidence::DropIndex { .. } | Evidence::DetachPartition { .. }));
    facts.concurrent_index.is_some() || facts.evidence.is_some() && !in_steps
}

/// After the statement went through: its index must be one that queries use.
///
/// # Errors
/// What the server says, or that the index is invalid.
pub(super) fn assert_valid(session: &mut Session, facts: &Facts, before: &Before) -> Result<(), PgError> {
    let Some(index) = &facts.concurrent_index else { return Ok(()) };
    let invalid = match &index.name {
        Some(_) => {
            let found = named(session, index)?;
            (found.get(0, 2) == Some("f")).then(|| found.get(0, 1).map(str::to_owned)).flatten()
        }
        None => new_ones(invalid_of(session, index)?, before).get(0, 1).map(str::to_owned),
    };
    match invalid {
        None => Ok(()),
        Some(name) => Err(PgError::Unexpected(format!(
            "the index `{name}` is there and invalid: no query uses it; perhaps another session is building it"
        ))),
    }
}

/// Whether the statement had finished when the run died.
fn has_finished(session: &mut Session, evidence: &Evidence) -> Result<bool, PgError> {
    let mut exists = |sql: String| -> Result<bool, PgError> {
        Ok(session.query(&sql)?.last().is_some_and(|rows| rows.get(0, 0) == Some("t")))
    };
    let one = |table: &str, column: &str, name: &str| {
        format!("SELECT EXISTS (SELECT FROM pg_catalog.{table} WHERE {column} {EQUAL} {})", Literal(name))
    };
    Ok(match evidence {
        Evidence::DropIndex { name } => !exists(format!("SELECT {} IS NOT NULL", regclass(name)))?,
        Evidence::CreateDatabase { name } => exists(one("pg_database", "datname", name))?,
        Evidence::DropDatabase { name } => !exists(one("pg_database", "datname", name))?,
        Evidence::CreateTablespace { name } => exists(one("pg_tablespace", "spcname", name))?,
        Evidence::DropTablespace { name } => !exists(one("pg_tablespace", "spcname", name))?,
        Evidence::CreateSubscription { name } => exists(of_subscription(name, "true"))?,
        Evidence::DropSubscription { name } => !exists(of_subscription(name, "true"))?,
        Evidence::AddPublications { subscription, publications } => exists(of_subscription(
            subscription,
            &format!("subpublications OPERATOR(pg_catalog.@>) {}", array(publications)),
        ))?,
        Evidence::DropPublications { subscription, publications } => exists(of_subscription(
            subscription,
            &format!("NOT subpublications OPERATOR(pg_catalog.&&) {}", array(publications)),
        ))?,
        Evidence::FinishPrepared { gid } => !exists(one("pg_prepared_xacts", "gid", gid))?,
        Evidence::DetachPartition { parent, partition } => {
            let row = format!(
                "FROM pg_catalog.pg_inherits WHERE inhrelid {EQUAL} {} \
                 AND inhparent {EQUAL} {}",
                regclass(partition),
                regclass(parent)
            );
            if exists(format!("SELECT EXISTS (SELECT {row} AND inhdetachpending)"))? {
                // Nothing else helps then (docs, ALTER TABLE, "DETACH PARTITION").
                session.query(&format!(
                    "ALTER TABLE {} DETACH PARTITION {} FINALIZE",
                    dotted(parent),
                    dotted(partition)
                ))?;
                return Ok(true);
            }
            !exists(format!("SELECT EXISTS (SELECT {row})"))?
        }
        Evidence::CreateIndex | Evidence::Reindex(_) | Evidence::Repeatable => false,
    })
}

fn of_subscription(name: &str, condition: &str) -> String {
    format!(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_subscription WHERE subname {EQUAL} {} \
         AND subdbid {EQUAL} (SELECT oid FROM pg_catalog.pg_database \
           WHERE datname {EQUAL} pg_catalog.current_database()) AND {condition})",
        Literal(name)
    )
}

/// The search_path is the script's, by which its unqualified names are resolved.
const EQUAL: &str = "OPERATOR(pg_catalog.=)";

fn array(names: &[String]) -> String {
    let items: Vec<_> = names.iter().map(|name| Literal(name).to_string()).collect();
    format!("ARRAY[{}]::pg_catalog.text[]", items.join(", "))
}

/// A name as SQL.
fn dotted(parts: &[String]) -> String {
    parts.iter().map(|part| Ident::new(part).to_string()).collect::<Vec<_>>().join(".")
}

/// The relation of that name, as the script's search_path sees it.
fn regclass(parts: &[String]) -> String {
    format!("pg_catalog.to_regclass({})", Literal(&dotted(parts)))
}

/// Schema, name, validity, and whether somebody is building it; of indexes that fulfil a condition.
/// Who builds holds SHARE UPDATE EXCLUSIVE on the table; so does autovacuum, which has no user.
fn indexes(session: &mut Session, condition: &str) -> Result<Rows, PgError> {
    let rows = session.query(&format!(
        "SELECT n.nspname, c.relname, i.indisvalid, EXISTS (SELECT FROM pg_catalog.pg_locks l \
           JOIN pg_catalog.pg_stat_activity a ON a.pid {EQUAL} l.pid AND a.usesysid IS NOT NULL \
           WHERE l.relation {EQUAL} i.indrelid AND l.granted \
           AND l.mode {EQUAL} 'ShareUpdateExclusiveLock' \
           AND l.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()), c.oid::pg_catalog.text \
         FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid {EQUAL} i.indexrelid \
         JOIN pg_catalog.pg_namespace n ON n.oid {EQUAL} c.relnamespace WHERE {condition}"
    ))?;
    Ok(rows.into_iter().next_back().unwrap_or_default())
}

/// The index of that name on that table.
fn named(session: &mut Session, index: &ConcurrentIndex) -> Result<Rows, PgError> {
    let Some(name) = &index.name else { return Ok(Rows::default()) };
    let condition = format!(
        "i.indrelid {EQUAL} {} AND c.relname {EQUAL} {}::pg_catalog.name",
        regclass(&index.table),
        Literal(name)
    );
    indexes(session, &condition)
}

/// The invalid indexes of the table that nobody is building.
fn invalid_of(session: &mut Session, index: &ConcurrentIndex) -> Result<Rows, PgError> {
    let mut found =
        indexes(session, &format!("i.indrelid {EQUAL} {} AND NOT i.indisvalid", regclass(&index.table)))?;
    found.rows.retain(|row| row.get(3) == Some(&Some("f".into())));
    Ok(found)
}

fn invalid_indexes(session: &mut Session) -> Result<Vec<String>, PgError> {
    let found = indexes(session, "NOT i.indisvalid")?;
    Ok(found.rows.into_iter().filter_map(|mut row| row.pop().flatten()).collect())
}

fn new_ones(mut found: Rows, before: &Before) -> Rows {
    found
        .rows
        .retain(|row| row.get(4).and_then(Option::as_ref).is_none_or(|oid| !before.foreign.contains(oid)));
    found
}

/// The invalid indexes that REINDEX CONCURRENTLY leaves (docs, REINDEX, "Rebuilding Indexes
/// Concurrently": `_ccnew` is dropped before another attempt, `_ccold` is dropped), apart from those
/// known before, and from those of a table on which somebody is building.
fn transient(session: &mut Session, what: &Reindexed, known: &[String]) -> Result<Rows, PgError> {
    let of = match what {
        Reindexed::Index(name) => format!(
            "i.indrelid {EQUAL} (SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid {EQUAL} {})",
            regclass(name)
        ),
        Reindexed::Table(name) => format!("i.indrelid {EQUAL} {}", regclass(name)),
        Reindexed::Schema(name) => format!("n.nspname {EQUAL} {}", Literal(name)),
        Reindexed::Database | Reindexed::System => "true".into(),
    };
    let mut found = indexes(
        session,
        &format!("NOT i.indisvalid AND c.relname OPERATOR(pg_catalog.~) '_cc(new|old)[0-9]*$' AND {of}"),
    )?;
    found.rows.retain(|row| {
        let mine = row.get(4).and_then(Option::as_ref).is_some_and(|oid| !known.contains(oid));
        mine && row.get(3) == Some(&Some("f".into()))
    });
    Ok(found)
}

fn drop_all(session: &mut Session, found: &Rows) -> Result<(), PgError> {
    for row in 0..found.rows.len() {
        if let (Some(schema), Some(name)) = (found.get(row, 0), found.get(row, 1)) {
            let index = format!("{}.{}", Ident::new(schema), Ident::new(name));
            session.query(&format!("DROP INDEX CONCURRENTLY IF EXISTS {index}"))?;
        }
    }
    Ok(())
}
