//! What goes into our own tables and comes out of them, and what can go wrong with them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::Mark;
use super::schema::operation;
use crate::pg::error::Refused;

/// Sizes of the pool (DATABASE_POOL_MIN, DATABASE_POOL_MAX, `connection_limit`, `pool_timeout`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolSize {
    /// Connections kept open when idle.
    pub min: u32,
    /// Connections at most.
    pub max: u32,
    /// How long to wait for a free one.
    pub timeout: Duration,
}

/// What can go wrong with our own tables.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The role may not create the schema.
    #[error("the role `{role}` may not create the bookkeeping schema `{schema}` in database `{database}`")]
    MayNotCreate {
        /// The schema.
        schema: String,
        /// Who asked.
        role: String,
        /// Where.
        database: String,
    },
    /// Somebody else's ledger lives in the schema.
    #[error(
        "the schema `{schema}` already holds an application's ledger (`{schema}.__diesel_schema_migrations`), so pgkeel's own tables cannot live there"
    )]
    Foreign {
        /// The schema.
        schema: String,
    },
    /// The tables come from a newer pgkeel.
    #[error(
        "the bookkeeping schema `{schema}` was made by a newer pgkeel (it has {versions}): this one may read it, but not write"
    )]
    Newer {
        /// The schema.
        schema: String,
        /// Its versions that we do not know.
        versions: String,
    },
    /// The pool gave no connection.
    #[error("no connection for the bookkeeping tables")]
    Pool(#[from] r2d2::Error),
    /// It could have run code of other roles.
    #[error("{}", .0.what)]
    Refused(Box<Refused>),
    /// A statement failed.
    #[error("cannot {doing} in the bookkeeping tables")]
    Diesel {
        /// What.
        doing: &'static str,
        /// Why.
        source: diesel::result::Error,
    },
    /// Our own migrations failed.
    #[error("cannot create the bookkeeping tables in schema `{schema}`: {message}")]
    Migrating {
        /// The schema.
        schema: String,
        /// Why.
        message: String,
    },
}

/// A run that took a backup before it changed anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guarded {
    /// The backup.
    pub backup: String,
    /// The command.
    pub command: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// The command of the newest run after it that changed something and took none.
    pub later: Option<String>,
}

impl StoreError {
    /// Whether it is because nobody may write there now.
    pub fn is_read_only(&self) -> bool {
        use diesel::result::{DatabaseErrorKind, Error};
        matches!(
            self,
            Self::Diesel { source: Error::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _), .. }
        )
    }
}

pub(super) fn doing(what: &'static str) -> impl FnOnce(diesel::result::Error) -> StoreError {
    move |source| StoreError::Diesel { doing: what, source }
}

/// Who runs the command, for the audit trail.
#[derive(Debug, Clone)]
pub struct Author {
    /// The operating system's user.
    pub os_user: String,
    /// The machine.
    pub host: String,
}

/// What a new row of `operation` needs that its place does not hold.
#[derive(Debug, Clone)]
pub struct NewOperation<'a> {
    /// The environment's name, if one is stated.
    pub environment: Option<&'a str>,
    /// Who.
    pub author: &'a Author,
    /// The backend that holds the migration lock.
    pub backend_pid: i32,
}

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// As wanted.
    Done,
    /// With an error.
    Failed,
    /// By Ctrl-C or SIGTERM.
    Interrupted,
}

impl Ended {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }
}

/// A run, as its row tells of it.
#[derive(Debug, Clone)]
pub struct Run {
    /// Its number.
    pub id: i64,
    /// The command.
    pub command: String,
    /// The schema of the user's ledger.
    pub ledger_schema: String,
    /// The role in the database.
    pub role: String,
    /// Who ran it.
    pub os_user: String,
    /// Where it ran.
    pub host: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// `done`, `failed`, `interrupted`; `None`: running, or killed.
    pub outcome: Option<String>,
}

/// The stored SQL of one migration.
#[derive(Debug, Clone)]
pub struct StoredSql {
    /// The schema of the user's ledger.
    pub ledger_schema: String,
    /// The version.
    pub version: String,
    /// The folder's name.
    pub name: String,
    /// Whether it ran in one transaction.
    pub transactional: bool,
    /// up.sql as it ran.
    pub up_sql: Option<String>,
    /// down.sql as it was then.
    pub down_sql: Option<String>,
    /// The operation that applied it.
    pub operation_id: Option<i64>,
}

/// A seed file as it was last loaded.
#[derive(Debug, Clone)]
pub struct SeedRow {
    /// The schema of the user's ledger.
    pub ledger_schema: String,
    /// The set.
    pub seed_set: String,
    /// The file's name in the set.
    pub file: String,
    /// SHA-256 of its bytes.
    pub checksum: String,
    /// The operation that loaded it.
    pub operation_id: Option<i64>,
    /// When.
    pub applied_at: DateTime<Utc>,
    /// How long it took.
    pub duration_ms: i64,
}

/// A row of the audit trail, as it is carried over when a database is replaced.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = operation)]
pub struct OperationRow {
    pub(super) id: i64,
    pub(super) command: String,
    pub(super) environment: Option<String>,
    pub(super) ledger_schema: String,
    pub(super) role: String,
    pub(super) os_user: String,
    pub(super) host: String,
    pub(super) client_pid: i32,
    pub(super) backend_pid: i32,
    pub(super) tool_version: String,
    pub(super) started_at: DateTime<Utc>,
    pub(super) finished_at: Option<DateTime<Utc>>,
    pub(super) outcome: Option<String>,
    pub(super) message: Option<String>,
    pub(super) backup: Option<String>,
    pub(super) lsn: Option<String>,
}

/// The way back from a run, recorded before it changes anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WayBack {
    /// The backup that was taken for it.
    pub backup: Option<String>,
    /// Position of the write-ahead log, as a target for point-in-time recovery.
    pub lsn: Option<String>,
}

impl OperationRow {
    /// What tells one run from another: two places number theirs alike.
    pub(super) fn run(&self) -> (DateTime<Utc>, &str, i32) {
        (self.started_at, &self.host, self.client_pid)
    }
}

/// What belongs to the place and not to the data: it outlives a reset.
#[derive(Debug, Clone)]
pub struct Legacy {
    pub(super) operations: Vec<OperationRow>,
    pub(super) next: i64,
    pub(super) mark: Option<Mark>,
}
