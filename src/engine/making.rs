//! Databases that a killed run is still making: its CREATE DATABASE works on without it, and the name is in pg_database
//! only when it has finished. The run that sees one at its beginning looks for it again at its end.

use std::time::{Duration, Instant};

use crate::pg::connect::sleep;
use crate::pg::error::PgError;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

/// How long a run waits at its end for a CREATE DATABASE that it saw at its beginning.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a backend takes to notice that its client is gone, and to release its locks.
const NOTICE: Duration = Duration::from_secs(2);

/// How often it is looked at.
const EVERY: Duration = Duration::from_millis(50);

/// The CREATE DATABASE of others: which backend, since when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::engine) struct Making(Vec<(String, String)>);

impl Making {
    /// Those at work on a database whose name begins with `prefix`, as far as this role may see it.
    ///
    /// # Errors
    /// What the server says.
    pub(in crate::engine) fn see(admin: &mut Session, prefix: &str) -> Result<Self, PgError> {
        let rows = admin.catalog(&format!(
            "SELECT pid, query_start FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() \
             AND starts_with(replace(query, '\"', ''), {})",
            Literal(&format!("CREATE DATABASE {prefix}"))
        ))?;
        let one = |mut row: Vec<Option<String>>| Some((row.remove(0)?, row.remove(0)?));
        Ok(Self(rows.rows.into_iter().filter_map(one).collect()))
    }

    /// Whether there are none.
    pub(in crate::engine) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Wait until all have finished, and those whose run was killed have ended their session.
    ///
    /// # Errors
    /// What the server says; Ctrl-C.
    pub(in crate::engine) fn wait(&self, admin: &mut Session) -> Result<(), PgError> {
        let begin = Instant::now();
        let each: Vec<_> =
            self.0.iter().map(|(pid, since)| format!("({pid}, {}::timestamptz)", Literal(since))).collect();
        let sql = format!(
            "SELECT count(*) FILTER (WHERE a.query_start = m.since AND a.state = 'active'), \
             count(*) FILTER (WHERE a.query_start = m.since) \
             FROM pg_stat_activity a JOIN (VALUES {}) m (pid, since) ON a.pid = m.pid",
            each.join(", ")
        );
        let mut finished = None;
        while begin.elapsed() < PATIENCE {
            let rows = admin.catalog(&sql)?;
            let none = |column| rows.get(0, column) == Some("0");
            // A run that lives goes on to its next statement.
            if none(1) || finished.is_some_and(|since: Instant| since.elapsed() > NOTICE) {
                break;
            }
            if none(0) && finished.is_none() {
                finished = Some(Instant::now());
            }
            sleep(EVERY, &admin.interrupt().clone())?;
        }
        Ok(())
    }
}
