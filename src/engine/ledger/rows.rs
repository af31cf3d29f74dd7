//! The bookkeeping rows that share the user's transaction, as SQL text for the wire session. They
//! come first in the message: nothing in the user's SQL can then touch them, and a diesel_cli
//! beside us waits on the ledger's key. They run under the search_path of the user's SQL, so every
//! name in them is qualified, operators included.

use std::collections::BTreeSet;

use crate::pg::error::{PgError, PgFailure, Refused};
use crate::pg::ident::Ident;
use crate::pg::literal::{Literal, Nullable};
use crate::pg::session::{Rows, Session};

use super::hold::Hold;
use super::owners::Owners;
use super::read::READING;
use super::records::{Ended, NewOperation};
use super::store::LAST;
use super::{LEDGER_TABLE, RecordedState};
use crate::engine::migrations::Direction;

/// Where the rows go.
#[derive(Debug, Clone)]
pub struct Place {
    /// The bookkeeping schema.
    pub bookkeeping: Ident,
    /// The schema of the user's ledger.
    pub ledger_schema: Ident,
    /// The operation that writes.
    pub operation: i64,
    /// Its command.
    pub command: String,
    /// Whose the tables are.
    pub owners: Owners,
}

/// What is recorded of one migration.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// Its version.
    pub version: &'a str,
    /// Its folder's name.
    pub name: &'a str,
    /// Whether it runs in one transaction.
    pub transactional: bool,
    /// SHA-256 of up.sql's bytes.
    pub checksum: &'a str,
    /// SHA-256 of up.sql's tokens.
    pub checksum_normalised: &'a str,
    /// up.sql, unless too large to keep.
    pub up_sql: Option<&'a str>,
    /// down.sql, unless absent or too large to keep.
    pub down_sql: Option<&'a str>,
}

/// How far a non-transactional migration has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// `Partial` or `PartialDown`.
    pub state: RecordedState,
    /// How many statements have finished.
    pub done: usize,
    /// How many have begun.
    pub begun: usize,
    /// SHA-256 of the finished statements, normalised.
    pub hash: &'a str,
}

/// Diesel's ledger table, in Diesel's own words.
pub fn create_ledger(schema: &Ident) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {schema}.{LEDGER_TABLE} (version VARCHAR(50) PRIMARY KEY NOT NULL, \
         run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)"
    )
}

impl Place {
    pub(super) fn ours(&self) -> String {
        format!("{}.migration", self.bookkeeping)
    }

    /// The ledger's name as SQL.
    pub fn ledger(&self) -> String {
        format!("{}.{LEDGER_TABLE}", self.ledger_schema)
    }

    /// The ledger's versions, as they are now.
    ///
    /// # Errors
    /// What the server says; `PgError::Refused` where the ledger is not a table any more.
    pub fn versions(&self, session: &mut Session) -> Result<BTreeSet<String>, PgError> {
        let ledger = self.ledger();
        let sql = format!("{}BEGIN; {READING}COPY {ledger} (version) TO STDOUT; COMMIT", session.prelude());
        let answers = session.query(&sql).map_err(|error| {
            if matches!(error, PgError::Server(_)) {
                drop(session.query("ROLLBACK"));
            }
            match error.failure() {
                PgFailure::WrongObjectType => PgError::Refused(Box::new(Refused {
                    what: format!(
                        "`{}.{LEDGER_TABLE}` is not an ordinary table any more",
                        self.ledger_schema.as_str()
                    ),
                    remedy: format!("see what it is in psql: \\d+ {ledger}"),
                })),
                _ => error,
            }
        })?;
        let copied = answers.into_iter().filter(|rows| rows.tag.starts_with("COPY"));
        Ok(copied.flat_map(|rows| rows.rows).filter_map(|mut row| row.pop().flatten()).collect())
    }

    /// The tables that a migration's rows are in, held: SQL that ends in `; `.
    pub fn held(&self) -> String {
        self.hold_rows().all()
    }

    /// The tables that a migration's rows are in, to be held.
    pub fn hold_rows(&self) -> Hold<'_> {
        self.hold(&["migration"]).table(&self.ledger_schema, LEDGER_TABLE)
    }

    /// In a shadow database, a table of the record was given to this role, which was made for the run.
    pub fn given(&mut self, role: &Ident) {
        self.owners.join(role.as_str());
    }

    /// These tables of the bookkeeping schema, to be held.
    pub fn hold<'a>(&'a self, tables: &[&'a str]) -> Hold<'a> {
        self.owners.hold(&self.bookkeeping).ours(tables)
    }

    /// Whether this is the row of a version, in our table.
    fn is_row(&self, version: &str) -> String {
        format!("{} AND {}", self.is_mine(), is("version", version))
    }

    /// Whether a row of ours belongs to this ledger.
    pub(super) fn is_mine(&self) -> String {
        is("ledger_schema", self.ledger_schema.as_str())
    }

    /// Both rows of an applied migration.
    pub fn applied(&self, entry: &Entry<'_>) -> String {
        format!(
            "INSERT INTO {} (version) VALUES ({}); {}",
            self.ledger(),
            Literal(entry.version),
            self.record(entry, RecordedState::Applied)
        )
    }

    /// Our row alone, of a migration that is not in Diesel's ledger yet.
    pub fn record(&self, entry: &Entry<'_>, state: RecordedState) -> String {
        self.upsert(entry, state, "EXCLUDED.operation_id", "EXCLUDED.command")
    }

    /// Our row alone, of a migration that is in Diesel's ledger already: its SQL as it is now. The
    /// operation that applied it stays the one that did.
    pub fn accepted(&self, entry: &Entry<'_>) -> String {
        self.upsert(
            entry,
            RecordedState::Applied,
            "coalesce(m.operation_id, EXCLUDED.operation_id)",
            "coalesce(m.command, EXCLUDED.command)",
        )
    }

    /// The rows of a database that has all that a squashed migration replaces: that one stands for them from now on. No
    /// operation has run it, so none is undone by undoing it.
    pub fn marked(&self, squashed: &Entry<'_>, others: &[String]) -> String {
        let others = array(others);
        format!(
            "{upsert}; UPDATE {ours} SET operation_id = NULL, command = NULL WHERE {row}; \
             DELETE FROM {ledger} WHERE version::pg_catalog.text OPERATOR(pg_catalog.=) ANY ({others}::pg_catalog.text[]); \
             DELETE FROM {ours} WHERE {mine} AND version OPERATOR(pg_catalog.=) ANY ({others}::pg_catalog.text[])",
            upsert = self.record(squashed, RecordedState::Applied),
            ours = self.ours(),
            ledger = self.ledger(),
            mine = self.is_mine(),
            row = self.is_row(squashed.version),
        )
    }

    fn insert(&self, entry: &Entry<'_>, state: RecordedState) -> String {
        format!(
            "INSERT INTO {} AS m (ledger_schema, version, name, state, transactional, checksum, \
             checksum_normalised, normalisation, up_sql, down_sql, has_up, has_down, operation_id, command) \
             VALUES ({}, {}, {}, '{state}', {}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
            self.ours(),
            Literal(self.ledger_schema.as_str()),
            Literal(entry.version),
            Literal(entry.name),
            entry.transactional,
            Literal(entry.checksum),
            Literal(entry.checksum_normalised),
            crate::pg::statements::NORMALISATION,
            Nullable(entry.up_sql),
            Nullable(entry.down_sql),
            entry.up_sql.is_some(),
            entry.down_sql.is_some(),
            self.operation,
            Literal(&self.command),
            state = state.as_str(),
        )
    }

    fn upsert(&self, entry: &Entry<'_>, state: RecordedState, operation: &str, command: &str) -> String {
        format!(
            "{} \
             ON CONFLICT (ledger_schema, version) DO UPDATE SET name = EXCLUDED.name, state = EXCLUDED.state, \
             transactional = EXCLUDED.transactional, checksum = EXCLUDED.checksum, \
             checksum_normalised = EXCLUDED.checksum_normalised, normalisation = EXCLUDED.normalisation, \
             up_sql = EXCLUDED.up_sql, down_sql = EXCLUDED.down_sql, has_up = EXCLUDED.has_up, has_down = EXCLUDED.has_down, \
             operation_id = {operation}, command = {command}, \
             statements_done = 0, statements_begun = 0, statements_hash = NULL, duration_ms = NULL, changed_at = pg_catalog.clock_timestamp()",
            self.insert(entry, state)
        )
    }

    /// How far a partial migration has come.
    pub fn progress(&self, version: &str, progress: Progress<'_>) -> String {
        self.update(
            version,
            &format!(
                "state = '{}', statements_done = {}, statements_begun = {}, statements_hash = {}",
                progress.state.as_str(),
                progress.done,
                progress.begun.max(progress.done),
                Literal(progress.hash)
            ),
        )
    }

    /// The transaction that reads the SQL of a partial migration as it was when it began: all rows, with schema, version and
    /// SQL.
    pub fn stored(&self, direction: Direction) -> String {
        let column = match direction {
            Direction::Up => "up_sql",
            Direction::Down => "down_sql",
        };
        format!("BEGIN; {READING}COPY {} (ledger_schema, version, {column}) TO STDOUT; COMMIT", self.ours())
    }

    /// Our row where there is none yet: another tool applied the migration.
    pub fn ensure(&self, entry: &Entry<'_>) -> String {
        format!(
            "{} ON CONFLICT (ledger_schema, version) DO NOTHING",
            self.insert(entry, RecordedState::Applied)
        )
    }

    /// Fails (division by zero, 22012) where the version is not in the ledger.
    pub fn assert_applied(&self, version: &str) -> String {
        format!(
            "SELECT 1 OPERATOR(pg_catalog./) pg_catalog.count(*) FROM {} WHERE {}",
            self.ledger(),
            is("version", version)
        )
    }

    /// Fails (division by zero, 22012) where the version is in the ledger.
    pub fn assert_not_applied(&self, version: &str) -> String {
        format!(
            "SELECT 1 OPERATOR(pg_catalog./) (1 OPERATOR(pg_catalog.-) pg_catalog.count(*)) FROM {} WHERE {}",
            self.ledger(),
            is("version", version)
        )
    }

    /// Both rows of an undone migration. Fails (division by zero, 22012) where another tool was
    /// faster and the version is no longer in the ledger: its SQL must not run twice.
    pub fn undone(&self, version: &str) -> String {
        format!(
            "WITH gone AS (DELETE FROM {} WHERE {} RETURNING 1) SELECT 1 OPERATOR(pg_catalog./) pg_catalog.count(*) FROM gone; {}",
            self.ledger(),
            is("version", version),
            self.update(
                version,
                "state = 'rolled-back', statements_done = 0, statements_begun = 0, statements_hash = NULL"
            )
        )
    }

    /// Which SQL undid it, where no down.sql did.
    pub fn undone_by(&self, version: &str, sql: &str) -> String {
        self.update(version, &format!("down_sql = {}, has_down = true", Literal(sql)))
    }

    /// A loaded seed file.
    pub fn seed(&self, set: &str, file: &str, checksum: &str, duration_ms: u128) -> String {
        format!(
            "INSERT INTO {}.seed (ledger_schema, seed_set, file, checksum, operation_id, duration_ms) \
             VALUES ({}, {}, {}, {}, {}, {duration_ms}) ON CONFLICT (ledger_schema, seed_set, file) DO UPDATE SET \
             checksum = EXCLUDED.checksum, operation_id = EXCLUDED.operation_id, \
             duration_ms = EXCLUDED.duration_ms, applied_at = pg_catalog.clock_timestamp()",
            self.bookkeeping,
            Literal(self.ledger_schema.as_str()),
            Literal(set),
            Literal(file),
            Literal(checksum),
            self.operation,
        )
    }

    /// Both rows of a migration that a human has undone, whatever they say now.
    pub fn forget(&self, version: &str) -> String {
        format!(
            "DELETE FROM {} WHERE {}; {}",
            self.ledger(),
            is("version", version),
            self.update(
                version,
                "state = 'rolled-back', statements_done = 0, statements_begun = 0, statements_hash = NULL"
            )
        )
    }

    /// What each migration of this run took, in one statement after the last.
    pub fn durations(&self, durations: &[(String, u128)]) -> String {
        let values: Vec<_> = durations
            .iter()
            .map(|(version, ms)| format!("({}, {ms}::pg_catalog.int8)", Literal(version)))
            .collect();
        format!(
            "UPDATE {} m SET duration_ms = d.ms FROM (VALUES {}) d (version, ms) \
             WHERE m.version OPERATOR(pg_catalog.=) d.version::pg_catalog.text AND {}",
            self.ours(),
            values.join(", "),
            self.is_mine()
        )
    }

    /// Write the row of an operation that begins; returns its number.
    ///
    /// # Errors
    /// What the server says, `PgError::Refused`.
    pub fn begin(&self, session: &mut Session, new: &NewOperation<'_>) -> Result<i64, PgError> {
        let answers = self.alone(session, &LAST, &self.begun(new))?;
        let id = answers.iter().rev().find_map(|rows| rows.get(0, 0)?.parse().ok());
        id.ok_or_else(|| PgError::Unexpected("the operation has no number".into()))
    }

    /// Record how this operation ended.
    ///
    /// # Errors
    /// What the server says, `PgError::Refused`.
    pub fn end(&self, session: &mut Session, ended: Ended, message: Option<&str>) -> Result<(), PgError> {
        self.alone(session, &LAST, &self.ended(ended, message)).map(drop)
    }

    /// Rows that share no transaction with SQL of the user's, in one message.
    ///
    /// # Errors
    /// What the server says, `PgError::Refused`.
    pub fn alone(&self, session: &mut Session, tables: &[&str], rows: &str) -> Result<Vec<Rows>, PgError> {
        self.hold(tables).write(session, rows)
    }

    fn begun(&self, new: &NewOperation<'_>) -> String {
        let insert = format!(
            "INSERT INTO {0}.operation (command, environment, ledger_schema, os_user, host, client_pid, backend_pid, \
             tool_version) VALUES ({1}, {2}, {3}, {4}, {5}, {6}, {7}, {8}) \
             RETURNING ledger_schema, id, command, started_at, os_user, host, client_pid, backend_pid",
            self.bookkeeping,
            Literal(&self.command),
            Nullable(new.environment),
            Literal(self.ledger_schema.as_str()),
            Literal(&new.author.os_user),
            Literal(&new.author.host),
            std::process::id(),
            new.backend_pid,
            Literal(env!("CARGO_PKG_VERSION")),
        );
        format!(
            "WITH new AS ({insert}) INSERT INTO {schema}.last_operation (ledger_schema, id, command, started_at, \
             os_user, host, client_pid, backend_pid) SELECT new.ledger_schema, new.id, new.command, new.started_at, \
             new.os_user, new.host, new.client_pid, new.backend_pid FROM new ON CONFLICT (ledger_schema) DO UPDATE SET \
             id = EXCLUDED.id, command = EXCLUDED.command, started_at = EXCLUDED.started_at, outcome = NULL, \
             os_user = EXCLUDED.os_user, host = EXCLUDED.host, client_pid = EXCLUDED.client_pid, \
             backend_pid = EXCLUDED.backend_pid RETURNING id",
            schema = self.bookkeeping,
        )
    }

    fn ended(&self, ended: Ended, message: Option<&str>) -> String {
        format!(
            "UPDATE {schema}.operation SET outcome = '{outcome}', message = {message}, \
             finished_at = pg_catalog.clock_timestamp() WHERE id OPERATOR(pg_catalog.=) {id}::pg_catalog.int8; \
             UPDATE {schema}.last_operation SET outcome = '{outcome}' WHERE id OPERATOR(pg_catalog.=) {id}::pg_catalog.int8",
            schema = self.bookkeeping,
            outcome = ended.as_str(),
            message = Nullable(message),
            id = self.operation,
        )
    }

    fn update(&self, version: &str, set: &str) -> String {
        format!(
            "UPDATE {} SET {set}, operation_id = {}, command = {}, changed_at = pg_catalog.clock_timestamp() \
             WHERE {}",
            self.ours(),
            self.operation,
            Literal(&self.command),
            self.is_row(version)
        )
    }
}

/// A column equals a text.
pub(super) fn is(column: &str, value: &str) -> String {
    format!("{column}::pg_catalog.text OPERATOR(pg_catalog.=) {}::pg_catalog.text", Literal(value))
}

/// An array as one literal: parsed much faster than an array of literals.
pub(super) fn array<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<_> = items
        .into_iter()
        .map(|item| format!("\"{}\"", item.as_ref().replace('\\', "\\\\").replace('"', "\\\"")))
        .collect();
    Literal(&format!("{{{}}}", items.join(","))).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_versions_survive_both_levels_of_quoting() {
        assert_eq!(array(["1", "a'b", "c\"d", "e\\f"]), r#"E'{"1","a''b","c\\"d","e\\\\f"}'"#);
    }
}
