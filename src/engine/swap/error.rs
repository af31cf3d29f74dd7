//! Why a database was not put in the place of another. But for `Unknown`, nothing was changed.

use std::time::Duration;

use crate::engine::migrations::patience::may_pass;
use crate::engine::prepared::Prepared;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::url::DatabaseUrl;

use super::paused::PAUSE;

/// Why there was no swap. But for `Unknown`, everything is as it was.
#[derive(Debug, thiserror::Error)]
pub enum SwapError {
    /// Others are connected, and are not to be disconnected.
    #[error("other sessions use the database `{database}`: {}", sessions.join("; "))]
    InUse {
        /// Which.
        database: String,
        /// Who.
        sessions: Vec<String>,
    },
    /// Others are connected, and the role may not disconnect them.
    #[error("role `{role}` may not end sessions that use the database `{database}`: {}", sessions.join("; "))]
    CannotEnd {
        /// Which.
        database: String,
        /// Our role.
        role: String,
        /// Who.
        sessions: Vec<String>,
    },
    /// Prepared transactions use the database, and no session's end ends them.
    #[error(
        "the database `{database}` cannot be renamed while it has prepared transactions: {}",
        transactions.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    )]
    Prepared {
        /// Which.
        database: String,
        /// All of them.
        transactions: Vec<Prepared>,
    },
    /// The database that is to take the name is not there.
    #[error("there is no database `{database}` to take the place of another")]
    Missing {
        /// Its name.
        database: String,
    },
    /// A database has the name that the old one is to get.
    #[error("there is a database `{database}` already")]
    Taken {
        /// The name.
        database: String,
    },
    /// The lock was not had in all attempts.
    #[error("`{database}` could not be renamed in {attempts} attempts within {} s: {source}", waited.as_secs())]
    Busy {
        /// Which.
        database: String,
        /// How often it was tried.
        attempts: usize,
        /// For how long.
        waited: Duration,
        /// Why the last one failed.
        source: PgError,
    },
    /// PgBouncer did not hold its clients back.
    #[error("{}", bouncer(url, pool.as_deref(), source))]
    Bouncer {
        /// Its console.
        url: Box<DatabaseUrl>,
        /// Which pool, where one was paused.
        pool: Option<String>,
        /// What it said; `PgError::Abandoned` where it did not answer.
        source: PgError,
    },
    /// Somebody renamed one of the databases meanwhile.
    #[error("somebody else renamed `{live}` or `{fresh}` at the same time")]
    Changed {
        /// The name that was to change hands.
        live: String,
        /// The database that was to take it.
        fresh: String,
    },
    /// The connection was lost at COMMIT, and the server cannot be asked.
    #[error(
        "the connection was lost while the swap was committed, and the server cannot be asked whether `{live}` is the new database or the old one: {source}"
    )]
    Unknown {
        /// The name that may have changed hands.
        live: String,
        /// The database that was to take it: it is called so no more if it did.
        fresh: String,
        /// Why it cannot be asked.
        source: PgError,
    },
    /// The server said no.
    #[error(transparent)]
    Pg(#[from] PgError),
}

impl SwapError {
    /// What the server said, where another attempt can help: a lock that was not had, or sessions that did not go in time.
    pub(super) fn passing(self) -> Result<PgError, Self> {
        match self {
            Self::Pg(error) if may_pass(&error) => Ok(error),
            Self::Pg(error) if matches!(error.failure(), PgFailure::InUse | PgFailure::Cancelled) => {
                Ok(error)
            }
            other => Err(other),
        }
    }
}

fn bouncer(url: &DatabaseUrl, pool: Option<&str>, source: &PgError) -> String {
    match (pool, source) {
        (None, PgError::Connect(connect)) => format!("PgBouncer's admin console: {connect}"),
        (None, source) => format!("PgBouncer's admin console {url}: {source}"),
        (Some(pool), PgError::Abandoned) => format!(
            "PgBouncer could not pause its pool `{pool}` within {} s: a client keeps its server connection, in a transaction \
             that does not end or in a pool by session",
            PAUSE.as_secs()
        ),
        (Some(pool), source) => format!("PgBouncer did not pause its pool `{pool}`: {source}"),
    }
}
