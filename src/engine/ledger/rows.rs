//! The bookkeeping rows that share the user's transaction, as SQL text for the wire session. They
//! come first in the message: nothing in the user's SQL can then touch them, and a diesel_cli
//! beside us waits on the ledger's key.

use crate::pg::ident::Ident;
use crate::pg::literal::{Literal, Nullable};

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

    /// The query for the ledger's versions.
    pub fn versions(&self) -> String {
        format!("SELECT version FROM {}", self.ledger())
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
        self.upsert(entry, state, "EXCLUDED.operation_id")
    }

    /// Our row alone, of a migration that is in Diesel's ledger already: its SQL as it is now. The
    /// operation that applied it stays the one that did.
    pub fn accepted(&self, entry: &Entry<'_>) -> String {
        self.upsert(entry, RecordedState::Applied, "coalesce(m.operation_id, EXCLUDED.operation_id)")
    }

    /// The rows of a database that has all that a squashed migration replaces: that one stands for them from now on. No
    /// operation has run it, so none is undone by undoing it.
    pub fn marked(&self, squashed: &Entry<'_>, others: &[String]) -> String {
        let others: Vec<String> = others.iter().map(|version| Literal(version).to_string()).collect();
        let others = others.join(", ");
        format!(
            "{upsert}; UPDATE {ours} SET operation_id = NULL WHERE ledger_schema = {schema} AND version = {version}; \
             DELETE FROM {ledger} WHERE version IN ({others}); \
             DELETE FROM {ours} WHERE ledger_schema = {schema} AND version IN ({others})",
            upsert = self.record(squashed, RecordedState::Applied),
            ours = self.ours(),
            ledger = self.ledger(),
            schema = Literal(self.ledger_schema.as_str()),
            version = Literal(squashed.version),
        )
    }

    fn insert(&self, entry: &Entry<'_>, state: RecordedState) -> String {
        format!(
            "INSERT INTO {} AS m (ledger_schema, version, name, state, transactional, checksum, \
             checksum_normalised, normalisation, up_sql, down_sql, operation_id) \
             VALUES ({}, {}, {}, '{state}', {}, {}, {}, {}, {}, {}, {})",
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
            self.operation,
            state = state.as_str(),
        )
    }

    fn upsert(&self, entry: &Entry<'_>, state: RecordedState, operation: &str) -> String {
        format!(
            "{} \
             ON CONFLICT (ledger_schema, version) DO UPDATE SET name = EXCLUDED.name, state = EXCLUDED.state, \
             transactional = EXCLUDED.transactional, checksum = EXCLUDED.checksum, \
             checksum_normalised = EXCLUDED.checksum_normalised, normalisation = EXCLUDED.normalisation, \
             up_sql = EXCLUDED.up_sql, down_sql = EXCLUDED.down_sql, operation_id = {operation}, \
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

    /// The query for the SQL of a partial migration as it was when it began.
    pub fn stored(&self, version: &str, direction: Direction) -> String {
        let column = match direction {
            Direction::Up => "up_sql",
            Direction::Down => "down_sql",
        };
        format!(
            "SELECT {column} FROM {} WHERE ledger_schema = {} AND version = {}",
            self.ours(),
            Literal(self.ledger_schema.as_str()),
            Literal(version)
        )
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
        format!("SELECT 1 / pg_catalog.count(*) FROM {} WHERE version = {}", self.ledger(), Literal(version))
    }

    /// Fails (division by zero, 22012) where the version is in the ledger.
    pub fn assert_not_applied(&self, version: &str) -> String {
        format!(
            "SELECT 1 / (1 - pg_catalog.count(*)) FROM {} WHERE version = {}",
            self.ledger(),
            Literal(version)
        )
    }

    /// Both rows of an undone migration. Fails (division by zero, 22012) where another tool was
    /// faster and the version is no longer in the ledger: its SQL must not run twice.
    pub fn undone(&self, version: &str) -> String {
        format!(
            "WITH gone AS (DELETE FROM {} WHERE version = {} RETURNING 1) SELECT 1 / pg_catalog.count(*) FROM gone; {}",
            self.ledger(),
            Literal(version),
            self.update(
                version,
                "state = 'rolled-back', statements_done = 0, statements_begun = 0, statements_hash = NULL"
            )
        )
    }

    /// Which SQL undid it, where no down.sql did.
    pub fn undone_by(&self, version: &str, sql: &str) -> String {
        self.update(version, &format!("down_sql = {}", Literal(sql)))
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
            "DELETE FROM {} WHERE version = {}; {}",
            self.ledger(),
            Literal(version),
            self.update(
                version,
                "state = 'rolled-back', statements_done = 0, statements_begun = 0, statements_hash = NULL"
            )
        )
    }

    /// What each migration of this run took, in one statement after the last.
    pub fn durations(&self, durations: &[(String, u128)]) -> String {
        let values: Vec<_> =
            durations.iter().map(|(version, ms)| format!("({}, {ms}::bigint)", Literal(version))).collect();
        format!(
            "UPDATE {} m SET duration_ms = d.ms FROM (VALUES {}) d (version, ms) \
             WHERE m.version = d.version AND m.ledger_schema = {}",
            self.ours(),
            values.join(", "),
            Literal(self.ledger_schema.as_str())
        )
    }

    fn update(&self, version: &str, set: &str) -> String {
        format!(
            "UPDATE {} SET {set}, operation_id = {}, changed_at = pg_catalog.clock_timestamp() \
             WHERE ledger_schema = {} AND version = {}",
            self.ours(),
            self.operation,
            Literal(self.ledger_schema.as_str()),
            Literal(version)
        )
    }
}
