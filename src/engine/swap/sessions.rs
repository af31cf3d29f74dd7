//! Which databases are meant, who is connected to them, and their end.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::engine::prepared::of_databases;
use crate::pg::connect::sleep;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::literal::Literal;
use crate::pg::session::Session;

use super::{Sessions, Swap, SwapError};

/// How long sessions that are just leaving are given, our own among them.
const LEAVING: Duration = Duration::from_secs(1);

/// How often they are looked for.
const PAUSE: Duration = Duration::from_millis(50);

/// The session `a` of pg_stat_activity, whose role is `r`, may be ended by us (docs 9.28.2, `pg_signal_backend`): a
/// superuser's by a superuser alone, everybody else's by who has its role's rights or pg_signal_backend's.
pub(in crate::engine) const MAY_END: &str = "((SELECT rolsuper FROM pg_roles WHERE rolname = current_user) OR \
     (NOT r.rolsuper AND (pg_has_role(r.oid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE'))))";

/// The databases, whatever they are called meanwhile.
pub(super) struct Oids {
    /// Of the live one, if there is one.
    pub(super) live: Option<u32>,
    /// Of the one that takes its place.
    pub(super) fresh: u32,
}

impl Oids {
    /// Look for both, and that the old one's new name is free.
    pub(super) fn read(admin: &mut Session, what: &Swap<'_>) -> Result<Self, SwapError> {
        let live = oid(admin, what.live)?;
        let Some(fresh) = oid(admin, what.fresh)? else {
            return Err(SwapError::Missing { database: what.fresh.to_owned() });
        };
        if live.is_some() && oid(admin, what.aside)?.is_some() {
            return Err(SwapError::Taken { database: what.aside.to_owned() });
        }
        Ok(Self { live, fresh })
    }

    /// The one whose rename takes the lock.
    pub(super) fn first(&self) -> u32 {
        self.live.unwrap_or(self.fresh)
    }

    fn list(&self) -> String {
        match self.live {
            Some(live) => format!("{live}, {}", self.fresh),
            None => self.fresh.to_string(),
        }
    }
}

/// The database that has this name now.
pub(super) fn oid(admin: &mut Session, name: &str) -> Result<Option<u32>, PgError> {
    let sql = format!("SELECT oid FROM pg_database WHERE datname = {}", Literal(name));
    Ok(admin.catalog(&sql)?.get(0, 0).and_then(|oid| oid.parse().ok()))
}

/// Before a long preparation: whoever would be in the way of the swap in the end is named at once, but for a session of
/// our own that will have gone by then.
///
/// # Errors
/// `SwapError::InUse`, `SwapError::CannotEnd`.
pub fn foresee(admin: &mut Session, live: &str, sessions: Sessions, our_pid: i32) -> Result<(), SwapError> {
    let Some(oid) = oid(admin, live)? else { return Ok(()) };
    none_prepared(admin, live, &oid.to_string())?;
    let begin = Instant::now();
    loop {
        let mut there = there(admin, &oid.to_string())?;
        there.retain(|one| one.pid != our_pid && (sessions == Sessions::Refuse || !one.may_end));
        if there.is_empty() {
            return Ok(());
        }
        if begin.elapsed() > LEAVING {
            return Err(in_the_way(admin, live, sessions, there)?);
        }
        sleep(PAUSE, &admin.interrupt().clone())?;
    }
}

/// Before anything is locked: whoever is in the way for good is named, and who is connected to the new one goes.
///
/// # Errors
/// `SwapError::InUse`, `SwapError::CannotEnd`.
pub(super) fn make_way(what: &Swap<'_>, admin: &mut Session, oids: &Oids) -> Result<(), SwapError> {
    none_prepared(admin, what.live, &oids.list())?;
    let begin = Instant::now();
    loop {
        let gives_up = begin.elapsed() > LEAVING;
        if what.sessions == Sessions::Terminate {
            end(admin, &oids.fresh.to_string())?;
        }
        let mut there = there(admin, &oids.list())?;
        if what.sessions == Sessions::Terminate {
            // Who keeps coming back to the new one is ended under its lock.
            there.retain(|one| !one.may_end || one.database == oids.fresh && !gives_up);
        }
        if there.is_empty() {
            return Ok(());
        }
        if gives_up {
            return Err(in_the_way(admin, what.live, what.sessions, there)?);
        }
        sleep(PAUSE, &what.opening.interrupt)?;
    }
}

/// Neither waiting nor ending sessions ends these: they are named before anything else.
fn none_prepared(admin: &mut Session, live: &str, databases: &str) -> Result<(), SwapError> {
    let transactions = of_databases(admin, databases)?;
    match transactions.is_empty() {
        true => Ok(()),
        false => Err(SwapError::Prepared { database: live.to_owned(), transactions }),
    }
}

fn in_the_way(
    admin: &mut Session,
    live: &str,
    sessions: Sessions,
    there: Vec<There>,
) -> Result<SwapError, PgError> {
    let (database, who) = (live.to_owned(), there.into_iter().map(|one| one.who).collect());
    Ok(match sessions {
        Sessions::Refuse => SwapError::InUse { database, sessions: who },
        Sessions::Terminate => {
            let role = admin.catalog("SELECT current_user")?.get(0, 0).unwrap_or_default().to_owned();
            SwapError::CannotEnd { database, role, sessions: who }
        }
    })
}

/// End every session that we may end; returns whose.
pub(super) fn end_all(admin: &mut Session, oids: &Oids) -> Result<BTreeSet<i32>, PgError> {
    end(admin, &oids.list())
}

/// Autovacuum has no role, and the rename itself ends it.
fn end(admin: &mut Session, databases: &str) -> Result<BTreeSet<i32>, PgError> {
    let ended = admin.catalog(&format!(
        "SELECT a.pid, pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid \
         WHERE a.datid IN ({databases}) AND a.pid <> pg_backend_pid() AND {MAY_END}"
    ));
    match ended {
        Ok(rows) => Ok((0..rows.rows.len()).filter_map(|row| rows.get(row, 0)?.parse().ok()).collect()),
        // Between our look and the signal it became somebody else's.
        Err(error) if error.failure() == PgFailure::NoPrivilege => Ok(BTreeSet::new()),
        Err(error) => Err(error),
    }
}

/// Somebody who is connected.
struct There {
    pid: i32,
    database: u32,
    who: String,
    may_end: bool,
}

fn there(admin: &mut Session, databases: &str) -> Result<Vec<There>, PgError> {
    let rows = admin.catalog(&format!(
        "SELECT a.pid, a.datid, concat_ws(', ', 'pid ' || a.pid, 'role ' || a.usename, \
           'application ' || nullif(a.application_name, ''), a.state), {MAY_END} \
         FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid \
         WHERE a.datid IN ({databases}) AND a.pid <> pg_backend_pid() ORDER BY a.backend_start"
    ))?;
    let one = |row| {
        Some(There {
            pid: rows.get(row, 0)?.parse().ok()?,
            database: rows.get(row, 1)?.parse().ok()?,
            who: rows.get(row, 2)?.to_owned(),
            may_end: rows.get(row, 3) == Some("t"),
        })
    };
    Ok((0..rows.rows.len()).filter_map(one).collect())
}
