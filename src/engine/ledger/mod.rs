//! The record of applied migrations: Diesel's table, which stays exactly Diesel's, and ours beside
//! it. `read` fetches everything in one message; `rows` renders what shares the user's transaction;
//! `store` writes the rest with Diesel over a pool; `hold` sees to it that no write runs code of other roles.

pub mod audit;
mod copied;
mod facts;
pub mod hold;
pub mod lock;
pub mod look;
pub mod owners;
pub mod read;
pub mod records;
mod replace;
pub mod restore;
pub mod rows;
mod schema;
pub mod store;
pub mod way_back;

use serde::Serialize;

use crate::pg::ident::Ident;

/// Where the session is and what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// `current_database()`.
    pub database: String,
    /// `session_user`.
    pub role: String,
    /// `current_user`: another one where the role's settings say so.
    pub current_role: String,
    /// The database's owner, where the session is a superuser's and the owner is no superuser.
    pub lesser_owner: Option<String>,
    /// Who owns what of the record.
    pub owned: Vec<owners::Owned>,
    /// `pg_backend_pid()`.
    pub backend_pid: i32,
    /// As PQserverVersion: 150018 is 15.18.
    pub server_version: i32,
    /// Whether this is a standby.
    pub standby: bool,
    /// The schema that holds the user's ledger, or would; `None` if no schema of the search_path exists.
    pub ledger_schema: Option<String>,
    /// Whether `__diesel_schema_migrations` is there.
    pub has_ledger: bool,
    /// The state of the bookkeeping schema.
    pub bookkeeping: Bookkeeping,
    /// Whether stored SQL may be trusted: the bookkeeping schema's owner is a role that we are or
    /// are a member of. A superuser counts as a member of all, and so demands another superuser.
    pub trusted: bool,
    /// `pg_control_system()`, where we may read it.
    pub system_identifier: Option<String>,
    /// Whether unqualified names would land in the bookkeeping schema, now or once it exists: the
    /// search_path names it, or the role is called like it and `"$user"` is in the search_path.
    pub bookkeeping_in_path: bool,
    /// The versions of our own tables' migrations that the bookkeeping schema has.
    pub our_versions: Vec<String>,
    /// The key of the migration lock.
    pub lock_key: i64,
    /// Whether a restore refuses writes in the database.
    pub is_stopped: bool,
    /// Where the search_path finds no ledger: the schemas that hold one.
    pub other_ledgers: Vec<String>,
}

impl Facts {
    /// To whom new tables of the record are given: a superuser makes them for the database's owner, who must be able to dump
    /// and to upgrade them. Nothing: they belong to who makes them.
    pub fn owner_of_new(&self) -> Option<&str> {
        let operation = self.owned.iter().find(|one| one.table.as_deref() == Some("operation"));
        let owner = self.lesser_owner.as_deref().filter(|_| self.role == self.current_role)?;
        operation.is_none_or(|one| one.owner == owner).then_some(owner)
    }

    /// The tables that the bookkeeping schema does not have.
    pub(crate) fn missing(&self, bookkeeping: &Ident) -> impl Iterator<Item = &'static str> {
        let is_there = |table: &str| {
            let of_ours = self.owned.iter().filter(|one| one.schema == bookkeeping.as_str());
            of_ours.filter_map(|one| one.table.as_deref()).any(|there| there == table)
        };
        look::OURS.into_iter().filter(move |table| !is_there(table))
    }
}

/// The state of the bookkeeping schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bookkeeping {
    /// There is no such schema.
    Absent,
    /// The schema is there and empty of ours.
    Empty,
    /// It holds a ledger that is not ours: an application lives there.
    Foreign,
    /// Our tables are there.
    Present,
}

/// A row of Diesel's ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Applied {
    /// The migration's version.
    pub version: String,
    /// When, in UTC as Diesel records it, as text.
    pub run_on: String,
}

/// A row of `pgkeel.migration`, without the SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its version.
    pub version: String,
    /// Its folder's name.
    pub name: String,
    /// What we know of it.
    pub state: RecordedState,
    /// Whether it ran in one transaction.
    pub transactional: bool,
    /// SHA-256 of up.sql's bytes.
    pub checksum: String,
    /// SHA-256 of up.sql's tokens.
    pub checksum_normalised: String,
    /// The version of the normalisation.
    pub normalisation: i32,
    /// Of a partial one: how many statements have finished.
    pub statements_done: usize,
    /// Of a partial one: how many have begun.
    pub statements_begun: usize,
    /// Of a partial one: hash of the finished statements.
    pub statements_hash: Option<String>,
    /// The operation that last touched it.
    pub operation_id: Option<i64>,
    /// The command of that operation.
    pub command: Option<String>,
    /// How long it took.
    pub duration_ms: Option<i64>,
    /// Whether up.sql is stored.
    pub has_up: bool,
    /// Whether down.sql is stored.
    pub has_down: bool,
}

/// `pgkeel.migration.state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordedState {
    /// It ran.
    Applied,
    /// A non-transactional up stopped half way.
    Partial,
    /// A non-transactional down stopped half way.
    PartialDown,
    /// It was undone.
    RolledBack,
}

impl Recorded {
    /// Whether it stopped half way and something of it may be in the database: one that stopped before its first statement
    /// has left nothing. A statement that no transaction can hold is recorded when it begins, so it counts from then on.
    pub fn is_partial(&self, state: RecordedState) -> bool {
        self.state == state && self.statements_done.max(self.statements_begun) > 0
    }
}

impl RecordedState {
    /// The word in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Partial => "partial",
            Self::PartialDown => "partial-down",
            Self::RolledBack => "rolled-back",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Applied, Self::Partial, Self::PartialDown, Self::RolledBack]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// The environment mark, as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mark {
    /// `production`, `staging`, …
    pub name: String,
    /// The database it was set in.
    pub database: String,
    /// The cluster it was set in.
    pub system_identifier: Option<String>,
    /// Who set it.
    pub set_by: String,
    /// When, as text.
    pub set_at: String,
}

/// The last row of `pgkeel.operation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LastOperation {
    /// Its number.
    pub id: i64,
    /// The command.
    pub command: String,
    /// When it began, as text.
    pub started_at: String,
    /// `done`, `failed`, `interrupted`; `None`: running, or killed.
    pub outcome: Option<String>,
    /// Who ran it.
    pub os_user: String,
    /// Where it ran.
    pub host: String,
    /// Its process there.
    pub client_pid: Option<i32>,
    /// Its backend.
    pub backend_pid: Option<i32>,
}

/// Everything that a command must know before it decides, read in one snapshot.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// Where we are.
    pub facts: Facts,
    /// Diesel's rows by version.
    pub applied: Vec<Applied>,
    /// Our rows by version.
    pub recorded: Vec<Recorded>,
    /// The mark, if one was set.
    pub mark: Option<Mark>,
    /// The last operation, if any.
    pub last_operation: Option<LastOperation>,
}

impl Ledger {
    /// Whether it records any migration, also one that was reverted or is half applied.
    pub fn is_in_use(&self) -> bool {
        !self.applied.is_empty() || !self.recorded.is_empty()
    }

    /// The last operation, if it has no end: it still runs, or, for whoever holds the migration lock,
    /// it was killed or lost its connection.
    pub fn killed(&self) -> Option<&LastOperation> {
        self.last_operation.as_ref().filter(|operation| operation.outcome.is_none())
    }

    /// Our row of a version.
    pub fn find(&self, version: &str) -> Option<&Recorded> {
        // Sorted by version, as text in the C collation.
        let found = self.recorded.binary_search_by(|row| row.version.as_str().cmp(version));
        found.ok().map(|index| &self.recorded[index])
    }
}

/// The file that lists a schema's ledger table.
pub const LEDGER_TABLE: &str = "__diesel_schema_migrations";
