//! The migration lock, taken on the session that runs the statements, in the same message that
//! reads the ledger. Polled, never waited for.

use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;

use crate::engine::{Event, Observer};
use crate::pg::connect::sleep;
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::lock::{Holder, holder};
use crate::pg::pooler::{self, Pooling};
use crate::pg::session::Session;

use super::read::{Lock, read};
use super::{Facts, Ledger};

/// How long to wait for another run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockWait {
    /// As long as its holder does something at least this often.
    WhileBusy(Duration),
    /// This long at most.
    AtMost(Duration),
}

/// What to do with an orphan: a backend that holds the lock although the process that it worked for
/// is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Orphan {
    /// Name it.
    Name,
    /// End it (`--terminate-orphan`).
    Terminate,
}

/// How to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// How long.
    pub wait: LockWait,
    /// What to do with an orphan.
    pub orphan: Orphan,
}

/// Why the lock was not had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The server said no.
    #[error(transparent)]
    Pg(#[from] PgError),
    /// Somebody else has it.
    #[error("another run holds the migration lock of `{database}`{}; waited {waited_s} s", holder.as_ref().map(|h| format!(" ({h})")).unwrap_or_default())]
    Busy {
        /// The database.
        database: String,
        /// Who.
        holder: Option<Box<Holder>>,
        /// For how long we waited, in seconds.
        waited_s: u64,
        /// Whether its process is gone.
        orphan: bool,
    },
    /// A pooler by transaction stands between.
    #[error(
        "a connection pooler in transaction mode stands between pgkeel and `{database}`: it would hand the migration lock and the session's settings to others"
    )]
    Pooler {
        /// The database.
        database: String,
    },
}

/// Take the lock and read the ledger under it. The lock is released when the session ends.
///
/// # Errors
/// See `LockError`.
pub fn read_locked(
    session: &mut Session,
    bookkeeping: &Ident,
    waiting: Waiting,
    host: &str,
    observer: &mut dyn Observer,
) -> Result<Ledger, LockError> {
    let mut attempt = Lock::Try;
    let mut queue = Queue::new(waiting.wait);
    loop {
        let (ledger, locked) = read(session, bookkeeping, attempt)?;
        if locked == Some(true) {
            queue.leave(observer);
            return Ok(ledger);
        }
        let Facts { database, backend_pid, lock_key, .. } = ledger.facts.clone();
        if attempt == Lock::Try && session.announced_pid() != backend_pid {
            match pooler::prove(session, backend_pid)? {
                Pooling::Transaction => return Err(LockError::Pooler { database }),
                Pooling::Direct | Pooling::Session => attempt = Lock::TryThroughPooler,
            }
            continue;
        }
        let now = holder(session, lock_key)?;
        let gone = now.as_ref().and_then(|now| gone_process(&ledger, now, host));
        if let Some(process) = gone
            && !std::mem::replace(&mut queue.orphan, true)
        {
            let terminated = waiting.orphan == Orphan::Terminate;
            if terminated && let Some(now) = &now {
                session.catalog(&format!("SELECT pg_terminate_backend({})", now.pid))?;
            }
            observer.event(Event::Orphan { process, terminated });
        }
        queue.stand(session, now, &database, observer)?;
    }
}

/// Waiting for a lock that somebody else holds: polled, its holder told once, until patience ends.
#[derive(Debug)]
pub struct Queue {
    wait: LockWait,
    begin: Instant,
    pause: Duration,
    seen: Option<(Holder, Instant)>,
    /// Whether the holder's process is gone.
    orphan: bool,
}

impl Queue {
    /// Nothing was tried yet.
    pub fn new(wait: LockWait) -> Self {
        Self { wait, begin: Instant::now(), pause: Duration::from_millis(50), seen: None, orphan: false }
    }

    /// The lock was not had: wait a little before the next attempt.
    ///
    /// # Errors
    /// `LockError::Busy` where patience ends.
    pub fn stand(
        &mut self,
        session: &mut Session,
        holder: Option<Holder>,
        database: &str,
        observer: &mut dyn Observer,
    ) -> Result<(), LockError> {
        if let Some(now) = holder {
            let known = self.seen.as_ref().map(|(before, _)| before);
            if known.is_none_or(|before| before.pid != now.pid) {
                observer.event(Event::LockBusy { holder: now.clone() });
            }
            // A long statement changes nothing that can be seen, and without the right to see a
            // session nothing at all: only one that is known to idle makes no progress.
            let idles = now.state.as_deref().is_some_and(|state| state != "active");
            if !idles || known.is_none_or(|before| before.activity != now.activity) {
                self.seen = Some((now, Instant::now()));
            }
        }
        let patient = match self.wait {
            LockWait::AtMost(limit) => self.begin.elapsed() + self.pause <= limit,
            LockWait::WhileBusy(patience) => {
                self.seen.as_ref().map_or(self.begin.elapsed(), |(_, since)| since.elapsed()) < patience
            }
        };
        if !patient {
            return Err(LockError::Busy {
                database: database.to_owned(),
                holder: self.seen.take().map(|(holder, _)| Box::new(holder)),
                waited_s: self.begin.elapsed().as_secs(),
                orphan: self.orphan,
            });
        }
        sleep(self.pause, session.interrupt())?;
        self.pause = (self.pause * 2).min(Duration::from_secs(1));
        Ok(())
    }

    /// The lock was had.
    pub fn leave(self, observer: &mut dyn Observer) {
        if let Some((holder, _)) = self.seen {
            observer.event(Event::LockHad { holder, waited: self.begin.elapsed() });
        }
    }
}

/// The process that the holder worked for, if it ran on this machine and is gone.
fn gone_process(ledger: &Ledger, holder: &Holder, host: &str) -> Option<i32> {
    let operation = ledger.killed()?;
    let process = operation.client_pid?;
    let is_its = operation.backend_pid == Some(holder.pid) && operation.host == host;
    // Signal 0 only asks whether it is there (kill(2)).
    let is_gone = kill(Pid::from_raw(process), None) == Err(Errno::ESRCH);
    (is_its && is_gone).then_some(process)
}
