//! The migration lock, taken on the session that runs the statements, in the same message that
//! reads the ledger. Polled, never waited for.

use std::time::{Duration, Instant};

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
    wait: LockWait,
    observer: &mut dyn Observer,
) -> Result<Ledger, LockError> {
    let mut attempt = Lock::Try;
    let mut queue = Queue::new(wait);
    loop {
        let (ledger, locked) = read(session, bookkeeping, attempt)?;
        if locked == Some(true) {
            queue.leave(observer);
            return Ok(ledger);
        }
        let Facts { database, backend_pid, lock_key, .. } = ledger.facts;
        if attempt == Lock::Try && session.announced_pid() != backend_pid {
            match pooler::prove(session, backend_pid)? {
                Pooling::Transaction => return Err(LockError::Pooler { database }),
                Pooling::Direct | Pooling::Session => attempt = Lock::TryThroughPooler,
            }
            continue;
        }
        queue.stand(session, lock_key, &database, observer)?;
    }
}

/// Waiting for a lock that somebody else holds: polled, its holder told once, until patience ends.
#[derive(Debug)]
pub struct Queue {
    wait: LockWait,
    begin: Instant,
    pause: Duration,
    seen: Option<(Holder, Instant)>,
}

impl Queue {
    /// Nothing was tried yet.
    pub fn new(wait: LockWait) -> Self {
        Self { wait, begin: Instant::now(), pause: Duration::from_millis(50), seen: None }
    }

    /// The lock was not had: wait a little before the next attempt.
    ///
    /// # Errors
    /// `LockError::Busy` where patience ends.
    pub fn stand(
        &mut self,
        session: &mut Session,
        key: i64,
        database: &str,
        observer: &mut dyn Observer,
    ) -> Result<(), LockError> {
        if let Some(now) = holder(session, key)? {
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
