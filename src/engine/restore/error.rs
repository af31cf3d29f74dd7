//! Why a restore did not come about. Until the swap everything happens in a database of its own: the live one is as it
//! was, whatever is told here, but for what `Unknown` and the swap's own errors say otherwise.

use crate::engine::backup::manifest::Scope;
use crate::engine::ledger::lock::LockError;
use crate::engine::ledger::store::StoreError;
use crate::engine::operation::OpenError;
use crate::engine::swap::SwapError;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::tools::ToolError;
use crate::pg::tools::client::ClientError;

use super::source::SourceError;

/// One reason not to begin, with what would mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// What is in the way.
    pub what: String,
    /// What to run or to give, where that is known.
    pub remedy: Option<String>,
}

impl Obstacle {
    pub(super) fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: Some(remedy.into()) }
    }

    pub(super) fn hopeless(what: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: None }
    }
}

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// It cannot go well, which was seen before any work.
    #[error("{}; nothing was changed", join(.0))]
    Refused(Vec<Obstacle>),
    /// The backup or file is damaged.
    #[error("the backup is damaged: {}; nothing was changed", .0.join("; "))]
    Damaged(Vec<String>),
    /// What was restored is not what the manifest says.
    #[error(
        "what was restored is not what was backed up: {}; the live database is as it was{}",
        shorten(.differences),
        kept.as_ref().map(|name| format!(", and the restored one is kept as `{name}`")).unwrap_or_default()
    )]
    Differs {
        /// In what.
        differences: Vec<String>,
        /// The name of the restored database, if it was to be kept.
        kept: Option<String>,
    },
    /// Rows break keys that PostgreSQL has for all rows or not at all.
    #[error("rows in the backup break {}; the live database is as it was", .0.join("; "))]
    Broken(Vec<String>),
    /// The backup holds not everything.
    #[error("the backup has {}: it cannot take a database's place", match .0 { Scope::Data => "rows alone", Scope::Schema => "no rows", Scope::Full => "everything" })]
    Scope(Scope),
    /// A database has that name already.
    #[error("there is a database `{name}` already")]
    Taken {
        /// Its name.
        name: String,
    },
    /// There is nothing to put back.
    #[error("no database that was `{live}` before is there")]
    NothingAside {
        /// The live name.
        live: String,
    },
    /// There is no such quarantined database.
    #[error("`{name}` is no database that was put aside for `{live}`")]
    NotAside {
        /// What was named.
        name: String,
        /// The live name.
        live: String,
    },
    /// Between the question and the work another run put another database in its place.
    #[error(
        "`{live}` was replaced by another run meanwhile: it is not the database that you were asked about; nothing was done"
    )]
    Replaced {
        /// The live name.
        live: String,
    },
    /// A table that is not in the backup.
    #[error("there is no table `{0}` in the backup")]
    NoTable(String),
    /// Other sessions hold locks on tables.
    #[error("could not lock {tables}: {holders}")]
    Locked {
        /// Which.
        tables: String,
        /// Who.
        holders: String,
    },
    /// Some tables were brought back, and the others were not.
    #[error("{} brought back, and the other tables were not: {source}", was(.done))]
    Partly {
        /// Which were.
        done: Vec<String>,
        /// Why the others were not.
        source: Box<RestoreError>,
    },
    /// The end of a script was sent, and did not arrive.
    #[error("psql ended without an error, but the end of the script never ran: it was not restored whole")]
    NoEnd,
    /// COMMIT was sent to the live database, and nobody could be asked what became of it.
    #[error(
        "the connection was lost at COMMIT, and the server does not answer: the live database holds the backup, or is as it was"
    )]
    Unknown {
        /// Why it does not answer.
        source: PgError,
    },
    /// PostgreSQL's program failed.
    #[error("{doing}{}: {source}", why.and_then(PgFailure::shortage).map(|why| format!(", as {why}")).unwrap_or_default())]
    Client {
        /// What it was to do.
        doing: &'static str,
        /// What it said.
        source: ClientError,
        /// What the server had too little of.
        why: Option<PgFailure>,
    },
    /// The server refused to load it.
    #[error("{doing}: {source}")]
    Unloadable {
        /// What a program was to do.
        doing: &'static str,
        /// What it said.
        source: ClientError,
    },
    /// The server refused a statement of the backup.
    #[error("the server refused a part of the backup: {0}")]
    Stopped(PgError),
    /// The source cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A program is missing.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// A lock, or the bookkeeping, was not to be had.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The swap did not come about.
    #[error(transparent)]
    Swap(#[from] SwapError),
    /// The server said no.
    #[error(transparent)]
    Pg(#[from] PgError),
}

impl RestoreError {
    /// What makes a restore on trial a failed one: what the server refused of the backup. `None`: nothing is known about
    /// the backup, as a program, the connection or the server failed.
    pub fn verdict(&self) -> Option<String> {
        match self {
            Self::Unloadable { source: ClientError::Failed { said, .. }, .. } if !said.is_empty() => {
                Some(format!("it cannot be loaded: {}", said.join("\n    ")))
            }
            Self::Unloadable { source, .. } => Some(format!("it cannot be loaded: {source}")),
            Self::NoEnd => Some(self.to_string()),
            Self::Stopped(error) => Some(format!("it cannot be loaded: {error}")),
            Self::Broken(broken) => Some(format!("rows break {}", broken.join("; "))),
            Self::Differs { differences, .. } => Some(differences.join("; ")),
            _ => None,
        }
    }
}

impl From<StoreError> for RestoreError {
    fn from(error: StoreError) -> Self {
        Self::Open(error.into())
    }
}

impl From<LockError> for RestoreError {
    fn from(error: LockError) -> Self {
        Self::Open(error.into())
    }
}

fn was(done: &[String]) -> String {
    format!("{} {}", done.join(", "), if done.len() == 1 { "was" } else { "were" })
}

fn join(obstacles: &[Obstacle]) -> String {
    obstacles.iter().map(|obstacle| obstacle.what.as_str()).collect::<Vec<_>>().join("; ")
}

fn shorten(differences: &[String]) -> String {
    const SHOWN: usize = 20;
    let mut text = differences.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ");
    if differences.len() > SHOWN {
        text.push_str(&format!("; and {} more", differences.len() - SHOWN));
    }
    text
}
