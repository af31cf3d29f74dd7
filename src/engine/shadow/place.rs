//! Where a shadow database may be: what is asked of a server before anything is made on it. Nothing here writes.

use crate::engine::ledger::read::{Lock, read};
use crate::engine::operation::Opening;
use crate::engine::properties::Properties;
use crate::pg::error::PgError;
use crate::pg::pooler::{self, Pooling};
use crate::pg::session::Session;

use super::ShadowError;
use super::refuse::Server;

/// Where a shadow database goes.
#[derive(Debug, Clone)]
pub enum Place {
    /// Into a new database on the server of this one, which is dropped afterwards.
    Beside {
        /// The way to any database of the server.
        opening: Box<Opening>,
        /// Whose server it is.
        server: Server,
        /// What the new one is to be like; without it, like template0.
        like: Option<Box<Properties>>,
    },
    /// Into this database, which SHADOW_DATABASE_URL names: it is emptied before and after.
    Given {
        /// The way to it.
        opening: Box<Opening>,
    },
}

/// What a server is asked, on a session of any of its databases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// The database that the session is in.
    pub database: String,
    /// The role.
    pub role: String,
    /// Whether the role may create databases.
    pub creates: bool,
    /// Whether nothing can be written there.
    pub standby: bool,
    /// The server's major version.
    pub major: u32,
    /// What tells this database from all others: when its server was started, and its oid there.
    pub identity: (String, String),
}

/// Ask.
///
/// # Errors
/// What the server says.
pub fn survey(session: &mut Session) -> Result<Survey, PgError> {
    let rows = session.catalog(
        "SELECT current_database(), current_user, rolsuper OR rolcreatedb, pg_is_in_recovery(), \
           extract(epoch FROM pg_postmaster_start_time())::text, \
           (SELECT oid FROM pg_database WHERE datname = current_database()) \
         FROM pg_roles WHERE rolname = current_user",
    )?;
    let text = |column| rows.get(0, column).unwrap_or_default().to_owned();
    Ok(Survey {
        database: text(0),
        role: text(1),
        creates: rows.get(0, 2) == Some("t"),
        standby: rows.get(0, 3) == Some("t"),
        major: major(session),
        identity: (text(4), text(5)),
    })
}

/// The major version of a session's server.
pub fn major(session: &Session) -> u32 {
    u32::try_from(session.server_version() / 10_000).unwrap_or_default()
}

/// Whether a database that is to be emptied carries an environment mark: then it is somebody's, whatever its URL says.
///
/// # Errors
/// `Marked`, `Pg`.
pub fn unmarked(opening: &Opening) -> Result<(), ShadowError> {
    let mut session = opening.connect()?;
    let (ledger, _) = read(&mut session, &opening.bookkeeping, Lock::Leave)?;
    match ledger.mark {
        Some(mark) => Err(ShadowError::Marked { shadow: opening.url.to_string(), mark: mark.name }),
        None => Ok(()),
    }
}

/// An advisory lock is kept by a session of the server, which a pooler by transaction hands on.
pub(super) fn direct(session: &mut Session, database: &str) -> Result<(), ShadowError> {
    let rows = session.catalog("SELECT pg_backend_pid()")?;
    let pid: i32 = rows.get(0, 0).and_then(|pid| pid.parse().ok()).unwrap_or_default();
    if session.announced_pid() != pid && pooler::prove(session, pid)? == Pooling::Transaction {
        return Err(ShadowError::Pooler { database: database.to_owned() });
    }
    Ok(())
}
