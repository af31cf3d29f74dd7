//! One attempt: a thread renames, and this one ends the sessions that the rename waits for, as soon as its lock keeps new
//! ones out. Until COMMIT is sent, whatever goes wrong drops the connection, and the server rolls back.

use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::thread;
use std::time::{Duration, Instant};

use crate::engine::fault;
use crate::engine::operation::Opening;
use crate::pg::error::PgError;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

use super::sessions::{Oids, end_all, oid};
use super::{BEGIN, Sessions, Swap, SwapError, Swapped, renames};

/// How often the lock and the sessions are looked at.
const LOOK: Duration = Duration::from_millis(5);

/// How long COMMIT may take, as with a synchronous standby that does not answer.
const COMMIT: Duration = Duration::from_secs(30);

/// How long a backend whose client is gone may go on with its COMMIT before it is ended.
const GRACE: Duration = Duration::from_secs(3);

/// How long the server is asked what became of a lost COMMIT.
const SETTLE: Duration = Duration::from_secs(15);

/// Rename under the eyes of `watcher`, a session beside; `attempts` is the caller's to count.
pub(super) fn run(what: &Swap<'_>, oids: &Oids, watcher: &mut Session) -> Result<Swapped, SwapError> {
    let stop = Interrupt::default();
    let mut session = what.unhurried(&stop).maintenance(what.live)?;
    let pid = begin(&mut session)?;
    fault::point("swap-before-lock");
    let mut watch = Watch { pid, locked: None, ended: BTreeSet::new() };
    let mut broken = None;
    let renamed = thread::scope(|scope| {
        let renaming = scope.spawn(|| rename(what, oids, &mut session));
        while !renaming.is_finished() {
            if broken.is_none() {
                broken = watch.look(what, oids, watcher).err();
            }
            if (broken.is_some() || what.opening.interrupt.is_raised()) && !stop.is_raised() {
                stop.raise();
            }
            thread::sleep(LOOK);
        }
        renaming.join().unwrap_or_else(|panic| resume_unwind(panic))
    });
    if let Some(error) = broken {
        return Err(error.into());
    }
    let first = renamed?;
    watch.is_locked(first);
    fault::point("swap-before-commit");
    if what.opening.interrupt.is_raised() {
        return Err(PgError::Interrupted.into());
    }
    commit(what, oids, &mut session, pid)?;
    let gap = watch.locked.map_or(Duration::ZERO, |locked| locked.elapsed());
    fault::point("swap-after-commit");
    Ok(Swapped { gap, terminated: watch.ended.len(), attempts: 1 })
}

/// Returns the backend's pid, which behind a pooler is known inside of the transaction only. If we hang between two
/// statements, the server takes everything back.
fn begin(session: &mut Session) -> Result<i32, PgError> {
    let [begin, settings @ ..] = BEGIN;
    let pid = session.query_value(&format!(
        "{begin}; {}{}; SET LOCAL idle_in_transaction_session_timeout = '15s'; SELECT pg_backend_pid()",
        session.local_limits(),
        settings.join("; ")
    ))?;
    let unexpected = || PgError::Unexpected("no pg_backend_pid()".into());
    pid.and_then(|pid| pid.parse().ok()).ok_or_else(unexpected)
}

/// Returns when the first rename was through.
fn rename(what: &Swap<'_>, oids: &Oids, session: &mut Session) -> Result<Instant, SwapError> {
    let sql = renames(what, oids.live.is_some());
    let (first, others) = sql.split_first().expect("at least one database is renamed");
    session.query(first)?;
    let through = Instant::now();
    fault::point("swap-renamed-once");
    session.query(&others.join("; "))?;
    verify(what, oids, session)?;
    Ok(through)
}

/// By their names now, are they the databases that were meant? Somebody may have renamed them before we had the lock.
fn verify(what: &Swap<'_>, oids: &Oids, session: &mut Session) -> Result<(), SwapError> {
    let (live, aside) = (Literal(what.live), Literal(what.aside));
    let sql = match oids.live {
        Some(old) => format!(
            "SELECT count(*) = 2 FROM pg_database WHERE (datname, oid) IN (({live}, {}), ({aside}, {old}))",
            oids.fresh
        ),
        None => {
            format!("SELECT count(*) = 1 FROM pg_database WHERE (datname, oid) = ({live}, {})", oids.fresh)
        }
    };
    if session.query_value(&sql)?.as_deref() == Some("t") {
        return Ok(());
    }
    Err(SwapError::Changed { live: what.live.to_owned(), fresh: what.fresh.to_owned() })
}

/// What the session beside saw and did.
struct Watch {
    pid: i32,
    locked: Option<Instant>,
    ended: BTreeSet<i32>,
}

impl Watch {
    fn look(&mut self, what: &Swap<'_>, oids: &Oids, watcher: &mut Session) -> Result<(), PgError> {
        if self.locked.is_none() && holds_lock(watcher, self.pid, oids.first())? {
            self.is_locked(Instant::now());
        }
        // Not before: whoever is ended could come back.
        if self.locked.is_some() && what.sessions == Sessions::Terminate {
            self.ended.extend(end_all(watcher, oids)?);
        }
        Ok(())
    }

    /// Without a session in the way the rename is through before anybody sees its lock.
    fn is_locked(&mut self, at: Instant) {
        if self.locked.is_none() {
            self.locked = Some(at);
            fault::point("swap-locked");
        }
    }
}

/// Whether this backend has locked the database against everybody else (docs 54.12 "pg_locks").
fn holds_lock(session: &mut Session, pid: i32, database: u32) -> Result<bool, PgError> {
    let rows = session.catalog(&format!(
        "SELECT 1 FROM pg_locks WHERE pid = {pid} AND locktype = 'object' AND classid = 'pg_database'::regclass \
         AND objid = {database} AND mode = 'AccessExclusiveLock' AND granted"
    ))?;
    Ok(!rows.rows.is_empty())
}

fn commit(what: &Swap<'_>, oids: &Oids, session: &mut Session, pid: i32) -> Result<(), SwapError> {
    let answer = session.query_within("COMMIT", COMMIT, &Interrupt::default());
    let error = match answer {
        // The server answers COMMIT of a failed transaction with ROLLBACK.
        Ok(rows) if rows.last().is_some_and(|rows| rows.tag == "COMMIT") => return Ok(()),
        Ok(_) => PgError::Unexpected("COMMIT was answered with another word".into()),
        Err(error) => error,
    };
    let unknown = |source| {
        let (live, fresh) = (what.live.to_owned(), what.fresh.to_owned());
        SwapError::Unknown { live, fresh, source }
    };
    match settle(what, oids, pid).map_err(unknown)? {
        true => Ok(()),
        false => Err(error.into()),
    }
}

/// What became of a COMMIT without an answer: whether the name leads to the new database, once the lock is gone.
fn settle(what: &Swap<'_>, oids: &Oids, pid: i32) -> Result<bool, PgError> {
    let begin = Instant::now();
    let mut opening: Opening = what.unhurried(&Interrupt::default());
    opening.options = opening.options.at_once();
    loop {
        let asked = ask(&opening, what, oids, (begin.elapsed() > GRACE).then_some(pid), pid);
        match asked {
            Ok(Some(is_new)) => return Ok(is_new),
            Ok(None) if begin.elapsed() > SETTLE => {
                return Err(PgError::Unexpected("the transaction still runs".into()));
            }
            Err(error) if begin.elapsed() > SETTLE => return Err(error),
            Ok(None) | Err(_) => thread::sleep(Duration::from_millis(100)),
        }
    }
}

/// `None` while the transaction still runs.
fn ask(
    opening: &Opening,
    what: &Swap<'_>,
    oids: &Oids,
    end: Option<i32>,
    pid: i32,
) -> Result<Option<bool>, PgError> {
    let mut session = opening.maintenance(what.live)?;
    // Locks go after the commit can be seen (PostgreSQL's CommitTransaction).
    if holds_lock(&mut session, pid, oids.first())? {
        if let Some(end) = end {
            session.catalog(&format!("SELECT pg_terminate_backend({end})"))?;
        }
        return Ok(None);
    }
    Ok(Some(oid(&mut session, what.live)? == Some(oids.fresh)))
}
