//! Reads where a database stands in one message, the lock attempt included: what every `deploy` and
//! `status` pays. The message guesses that all tables are there and of the newest form; where the guess was wrong, its
//! first answer says what is there, and a second message asks for just that.
//!
//! The tables are read by COPY TO, never by SELECT: it plans nothing, fires nothing, refuses views and takes no rows of
//! children, so that no code of the table's owner runs as us (docs "COPY"). Joins, filters and order are made
//! here. The ledger alone is named without its schema, as Diesel names it.

use std::collections::BTreeMap;

use crate::pg::error::{PgError, PgFailure, Refused};
use crate::pg::ident::Ident;
use crate::pg::session::{Rows, Session};

use super::facts::{self, are_facts, lock_key};
use super::hold::no_table;
use super::{
    Applied, Bookkeeping, Facts, LEDGER_TABLE, LastOperation, Ledger, Mark, Recorded, RecordedState,
};

/// Whether the message also tries for the migration lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// Only look.
    Leave,
    /// `pg_try_advisory_lock`, before anything is read; not through a pooler, which would keep it.
    Try,
    /// The same where a pooler was proved to keep its server connection for the session.
    TryThroughPooler,
}

/// The answer: the ledger, and whether the lock was had (`None`: not tried).
pub type Answer = (Ledger, Option<bool>);

/// Read everything.
///
/// # Errors
/// What the server says; a ledger that the role may not read is an error, a missing one is not. `PgError::Refused` where
/// one of the names is that of a view.
pub fn read(session: &mut Session, bookkeeping: &Ident, lock: Lock) -> Result<Answer, PgError> {
    let mut sought = Sought { ledger: true, ours: Some(Form::Newest), identifier: true };
    let mut lock = lock;
    let mut had = None;
    loop {
        let (results, error) = match session.query_partly(&message(session, bookkeeping, lock, sought)) {
            Ok(results) => (results, None),
            Err((error, results)) => {
                session.query("ROLLBACK")?;
                (results, Some(error))
            }
        };
        // The lock outlives the transaction that took it: what follows is read under it.
        if lock != Lock::Leave {
            had = lock_answer(&results);
            if had == Some(true) {
                lock = Lock::Leave;
            }
        }
        let facts = results.iter().find(|rows| are_facts(rows)).map(facts::parse).transpose()?;
        match (error, facts) {
            (None, Some((facts, is_newest))) => {
                // PostgreSQL 19 copies partitioned tables, too.
                if let Some(refused) = no_table(&facts) {
                    return Err(PgError::Refused(Box::new(refused)));
                }
                let there = Sought::of(&facts, is_newest, sought);
                // What was not there when the message was put together may be there by now.
                if (there.ledger && !sought.ledger) || (there.ours.is_some() && sought.ours.is_none()) {
                    sought = there;
                    continue;
                }
                return Ok((parse(session, facts, results, sought)?, had));
            }
            (Some(error), Some((facts, is_newest))) => {
                if let Some(refused) = no_table(&facts) {
                    return Err(PgError::Refused(Box::new(refused)));
                }
                if error.failure() == PgFailure::WrongObjectType {
                    return Err(PgError::Refused(Box::new(Refused {
                        what:
                            "a table of the migration record was replaced by another relation during the run"
                                .into(),
                        remedy: "`pgkeel status` names it".into(),
                    })));
                }
                let there = Sought::of(&facts, is_newest, sought);
                if error.failure() != PgFailure::NoSuchObject || there == sought {
                    return Err(error);
                }
                sought = there;
            }
            // Without facts, the right to ask for the cluster's identifier is what may be missing.
            (Some(error), None) if error.failure() == PgFailure::NoPrivilege && sought.identifier => {
                sought.identifier = false;
            }
            (Some(error), _) => return Err(error),
            (None, None) => return Err(unexpected("the facts about the database are missing")),
        }
    }
}

/// Whether the lock was had, where that was asked.
fn lock_answer(results: &[Rows]) -> Option<bool> {
    let answer =
        results.iter().find(|rows| rows.columns.len() == 1 && rows.columns[0].name == LOCK_COLUMN)?;
    Some(answer.get(0, 0) == Some("t"))
}

const LOCK_COLUMN: &str = "pgkeel_lock";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sought {
    ledger: bool,
    ours: Option<Form>,
    identifier: bool,
}

/// The form of our tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Before the last operation had a row of its own: all operations and the stored SQL are read, until a run upgrades them.
    Old,
    /// As this pgkeel makes them.
    Newest,
}

impl Sought {
    /// What the facts say is there.
    fn of(facts: &Facts, is_newest: bool, asked: Self) -> Self {
        let form = if is_newest { Form::Newest } else { Form::Old };
        let ours = (facts.bookkeeping == Bookkeeping::Present).then_some(form);
        Self { ledger: facts.has_ledger, ours, ..asked }
    }
}

/// In what form COPY writes times, and that no policy hides a row: it is an error where one would.
pub const READING: &str = "SET LOCAL datestyle = 'ISO, MDY'; SET LOCAL timezone = 'UTC'; SET LOCAL bytea_output = 'hex'; \
     SET LOCAL row_security = off; ";

/// The columns of `operation` and `last_operation`.
const OPERATION: &str =
    "ledger_schema, id, command, started_at, outcome, os_user, host, client_pid, backend_pid";

/// The columns of `migration`; what follows depends on the form.
const MIGRATION: &str = "ledger_schema, version, name, state, transactional, checksum, checksum_normalised, normalisation, \
     statements_done, statements_begun, statements_hash, operation_id, duration_ms";

fn message(session: &Session, bookkeeping: &Ident, lock: Lock, sought: Sought) -> String {
    let mut sql =
        format!("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; {}{READING}", session.local_settings());
    // First: what is read after it is read under it.
    let try_lock = format!("pg_catalog.pg_try_advisory_lock({})", lock_key(bookkeeping, session.url()));
    match lock {
        Lock::Leave => {}
        Lock::Try => sql.push_str(&format!(
            "SELECT CASE WHEN pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) {} THEN {try_lock} END AS {LOCK_COLUMN}; ",
            session.announced_pid()
        )),
        Lock::TryThroughPooler => sql.push_str(&format!("SELECT {try_lock} AS {LOCK_COLUMN}; ")),
    }
    sql.push_str(&facts::query(session, bookkeeping, sought.identifier));
    if sought.ledger {
        sql.push_str(&format!("; COPY {LEDGER_TABLE} (version, run_on) TO STDOUT"));
    }
    if let Some(form) = sought.ours {
        let (migration, operation) = match form {
            Form::Newest => ("command, has_up, has_down", "last_operation"),
            Form::Old => ("up_sql, down_sql", "operation"),
        };
        sql.push_str(&format!(
            "; COPY {bookkeeping}.migration ({MIGRATION}, {migration}) TO STDOUT; \
             COPY {bookkeeping}.environment (name, database, system_identifier, set_by, set_at) TO STDOUT; \
             COPY {bookkeeping}.{operation} ({OPERATION}) TO STDOUT; \
             COPY {bookkeeping}.{LEDGER_TABLE} (version) TO STDOUT",
        ));
    }
    sql.push_str("; COMMIT");
    sql
}

pub(super) fn unexpected(what: &str) -> PgError {
    PgError::Unexpected(what.to_owned())
}

type Row = Vec<Option<String>>;

fn parse(session: &mut Session, facts: Facts, results: Vec<Rows>, sought: Sought) -> Result<Ledger, PgError> {
    session.set_server_pid(facts.backend_pid);
    if results.iter().any(|rows| are_facts(rows) && facts::checks_client(rows, &facts)) {
        session.assume_client_check();
    }
    let mut copies = results.into_iter().filter(|rows| rows.tag.starts_with("COPY"));
    let mut next = || copies.next().map(|rows| rows.rows).ok_or_else(|| unexpected("a result is missing"));
    let mut facts = facts;
    let mut applied: Vec<Applied> =
        if sought.ledger { next()?.into_iter().map(applied_row).collect() } else { Vec::new() };
    applied.sort_by(|one, other| one.version.cmp(&other.version));
    let (mut recorded, mut mark, mut last_operation) = (Vec::new(), None, None);
    if let Some(form) = sought.ours {
        let is_mine = |row: &Row| row.first().is_some_and(|schema| *schema == facts.ledger_schema);
        let migrations: Vec<Row> = next()?.into_iter().filter(is_mine).collect();
        mark = next()?.into_iter().next().map(mark_row);
        let operations: Vec<LastOperation> = next()?.into_iter().filter(is_mine).map(operation_row).collect();
        recorded = migrations.iter().map(|row| recorded_row(row, form)).collect::<Result<_, _>>()?;
        if form == Form::Old {
            let commands: BTreeMap<i64, &str> =
                operations.iter().map(|operation| (operation.id, operation.command.as_str())).collect();
            for row in &mut recorded {
                let command = row.operation_id.and_then(|id| commands.get(&id));
                row.command = command.map(|command| (*command).to_owned());
            }
        }
        recorded.sort_by(|one: &Recorded, other| one.version.cmp(&other.version));
        last_operation = operations.into_iter().max_by_key(|operation| operation.id);
        facts.our_versions = next()?.into_iter().filter_map(|mut row| row.pop().flatten()).collect();
    }
    Ok(Ledger { facts, applied, recorded, mark, last_operation })
}

/// A time without its fraction and its zone, which is UTC.
fn to_the_second(time: String) -> String {
    match time.find(['.', '+']) {
        Some(end) => time[..end].to_owned(),
        None => time,
    }
}

fn applied_row(row: Row) -> Applied {
    let mut cells = row.into_iter().map(Option::unwrap_or_default);
    let mut cell = || cells.next().unwrap_or_default();
    Applied { version: cell(), run_on: to_the_second(cell()) }
}

fn recorded_row(row: &[Option<String>], form: Form) -> Result<Recorded, PgError> {
    let text = |i: usize| row.get(i).and_then(|cell| cell.clone());
    let must = |i: usize| text(i).unwrap_or_default();
    let yes = |i: usize| text(i).as_deref() == Some("t");
    let (command, has_up, has_down) = match form {
        Form::Newest => (text(13), yes(14), yes(15)),
        Form::Old => (None, text(13).is_some(), text(14).is_some()),
    };
    Ok(Recorded {
        version: must(1),
        name: must(2),
        state: RecordedState::parse(&must(3))
            .ok_or_else(|| unexpected("a newer pgkeel recorded a state that this one does not know"))?,
        transactional: yes(4),
        checksum: must(5),
        checksum_normalised: must(6),
        normalisation: must(7).parse().unwrap_or_default(),
        statements_done: must(8).parse().unwrap_or_default(),
        statements_begun: must(9).parse().unwrap_or_default(),
        statements_hash: text(10),
        operation_id: text(11).and_then(|id| id.parse().ok()),
        duration_ms: text(12).and_then(|ms| ms.parse().ok()),
        command,
        has_up,
        has_down,
    })
}

fn mark_row(row: Row) -> Mark {
    let mut cells = row.into_iter();
    let mut cell = || cells.next().flatten();
    Mark {
        name: cell().unwrap_or_default(),
        database: cell().unwrap_or_default(),
        system_identifier: cell(),
        set_by: cell().unwrap_or_default(),
        set_at: to_the_second(cell().unwrap_or_default()),
    }
}

fn operation_row(row: Row) -> LastOperation {
    let mut cells = row.into_iter().skip(1);
    let mut cell = || cells.next().flatten();
    LastOperation {
        id: cell().and_then(|id| id.parse().ok()).unwrap_or_default(),
        command: cell().unwrap_or_default(),
        started_at: to_the_second(cell().unwrap_or_default()),
        outcome: cell(),
        os_user: cell().unwrap_or_default(),
        host: cell().unwrap_or_default(),
        client_pid: cell().and_then(|pid| pid.parse().ok()),
        backend_pid: cell().and_then(|pid| pid.parse().ok()),
    }
}
