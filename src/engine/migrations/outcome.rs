//! How a run is set up, and how it can end. Values only; `runner` and `stepwise` make them.

use std::time::Duration;

use crate::engine::ledger::LEDGER_TABLE;
use crate::engine::ledger::look::Lost;
use crate::engine::ledger::rows::Place;
use crate::engine::row_security::Filtered;
use crate::pg::error::PgError;
use crate::pg::ident::Ident;

use super::acting::Acting;
use super::blockers::Sample;
use super::body::BodyError;
use super::message::{LockTimeouts, Spot};
use super::plan::Step;

/// How to run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long statements wait for locks.
    pub timeouts: LockTimeouts,
    /// For how long locks are tried for again and again in the whole run; counts waiting only.
    pub budget: Duration,
    /// The role that the SQL runs as (`[deploy] role`).
    pub role: Option<Ident>,
    /// Whether a migration for whose locks the server has no room may be committed statement by statement.
    pub may_split: bool,
    /// An ordinary role made for the run, in a shadow database.
    pub acting: Option<Acting>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeouts: LockTimeouts::default(),
            budget: Duration::from_secs(600),
            role: None,
            may_split: false,
            acting: None,
        }
    }
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// Version, name and duration of each finished migration.
    pub finished: Vec<(String, String, Duration)>,
}

/// At what a migration failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// A statement of its script.
    Script(Spot),
    /// The bookkeeping rows, or what else of ours comes before the script.
    Before,
    /// COMMIT, or what comes after the script.
    Commit,
    /// Its script has finished, and rows or tables of the record were missing.
    Record(Box<RecordLost>),
}

/// What a script has removed from the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordLost {
    /// Which part.
    pub what: Lost,
    /// The ledger's name.
    pub ledger: String,
    /// The bookkeeping schema's name.
    pub bookkeeping: String,
    /// The ledger's rows that are missing.
    pub versions: Vec<String>,
    /// The statement that did it, as far as its text shows.
    pub by: Option<Blamed>,
}

impl RecordLost {
    /// What is missing at this place.
    pub(crate) fn of(place: &Place, what: Lost, versions: Vec<String>, by: Option<Blamed>) -> Self {
        let ledger = format!("{}.{LEDGER_TABLE}", place.ledger_schema.as_str());
        let bookkeeping = place.bookkeeping.as_str().to_owned();
        Self { what, ledger, bookkeeping, versions, by }
    }
}

/// A statement that may have removed rows or tables of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blamed {
    /// Where it is.
    pub spot: Spot,
    /// Its command.
    pub verb: String,
    /// Whether it names what was removed.
    pub is_certain: bool,
}

/// What the database looks like after a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateNow {
    /// Nothing of the migration stays.
    RolledBack,
    /// The first statements stay; the next run goes on after them.
    Partial {
        /// How many statements have finished.
        done: usize,
        /// Whether the one after them may have finished too: the connection broke.
        perhaps_one_more: bool,
    },
    /// It ran in a database made aside, which is dropped: the one that people know is as it was.
    Untouched,
    /// The answer to COMMIT never came; the next run will know.
    Unknown,
}

/// A run that stopped.
#[derive(Debug, thiserror::Error)]
#[error("migration `{}` failed", step.name)]
pub struct RunError {
    /// The migration that failed.
    pub step: Box<Step>,
    /// Why.
    #[source]
    pub cause: PgError,
    /// Where.
    pub at: At,
    /// What the database looks like now.
    pub state: StateNow,
    /// Who was in the way, where it failed for a lock.
    pub blockers: Option<Sample>,
    /// The tables whose policies would have hidden rows, where it failed for them.
    pub filtered: Option<Box<Filtered>>,
    /// What was finished before.
    pub done: Done,
}

/// A finished statement that was edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which, from 1.
    pub number: usize,
    /// As it ran.
    pub ran: String,
    /// As it is now; `None`: it is gone.
    pub is: Option<String>,
}

/// What stops a run.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// A migration failed.
    #[error(transparent)]
    Migration(Box<RunError>),
    /// The finished part of a partial migration was edited.
    #[error(
        "of `{name}` {} already, and what has run was edited since; nothing of it was run now",
        if *done == 1 { "the first statement has run".into() } else { format!("the first {done} statements have run") }
    )]
    FinishedPartEdited {
        /// Its folder's name.
        name: String,
        /// How many have run.
        done: usize,
        /// The first statement that differs, as it ran and as it is, where its SQL is stored.
        difference: Option<Box<Difference>>,
    },
    /// A script cannot be read any more.
    #[error("migration `{name}`: {source}; nothing of it stays")]
    Script {
        /// Its folder's name.
        name: String,
        /// Why.
        source: BodyError,
    },
    /// What surrounds the migrations failed.
    #[error(transparent)]
    Pg(#[from] PgError),
}
