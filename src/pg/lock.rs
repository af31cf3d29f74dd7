//! Who holds an advisory lock. Taking it is done by polling, never by a blocking wait: a waiter's
//! snapshot deadlocks the holder's CREATE INDEX CONCURRENTLY.

use super::error::PgError;
use super::session::{Rows, Session};

/// The session that holds a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its backend.
    pub pid: i32,
    /// Its role, where we may see it.
    pub role: Option<String>,
    /// Its application_name, where we may see it.
    pub application: Option<String>,
    /// Where its client is.
    pub client: Option<String>,
    /// How long the session has existed, in seconds.
    pub age_s: i64,
    /// `active`, `idle`, …
    pub state: Option<String>,
    /// Changes whenever the session does something.
    pub activity: String,
}

/// The session that holds the advisory lock with this key in the current database, if any.
///
/// # Errors
/// What the server says.
pub fn holder(session: &mut Session, key: i64) -> Result<Option<Holder>, PgError> {
    let rows = session.catalog(&holder_query(key))?;
    Ok(Holder::told(&rows, 0))
}

/// The query for it, to be asked together with others: seven columns, at most one row.
pub fn holder_query(key: i64) -> String {
    // A 64-bit key is shown as two halves (docs 54.12 "pg_locks").
    format!(
        "SELECT a.pid, a.usename, nullif(a.application_name, ''), coalesce(a.client_addr::text, 'local'), \
         extract(epoch FROM clock_timestamp() - a.backend_start)::bigint, a.state, \
         concat_ws(' ', a.pid, a.query_start, a.state_change, a.xact_start, a.wait_event) \
         FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid) \
         WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 \
         AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) \
         AND (l.classid::bigint << 32 | l.objid::bigint) = {key} LIMIT 1"
    )
}

impl Holder {
    /// What the query said, in the columns from this one on; nothing where there is none.
    pub fn told(rows: &Rows, first: usize) -> Option<Self> {
        let text = |column| rows.get(0, first + column).map(str::to_owned);
        Some(Self {
            pid: text(0)?.parse().ok()?,
            role: text(1),
            application: text(2),
            client: text(3),
            age_s: text(4).and_then(|age| age.parse().ok()).unwrap_or_default(),
            state: text(5),
            activity: text(6).unwrap_or_default(),
        })
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "pid {}", self.pid)?;
        if let Some(role) = &self.role {
            write!(f, ", role {role}")?;
        }
        if let Some(application) = &self.application {
            write!(f, ", application {application}")?;
        }
        if let Some(client) = &self.client {
            write!(f, ", client {client}")?;
        }
        write!(f, ", connected for {} s", self.age_s)
    }
}
