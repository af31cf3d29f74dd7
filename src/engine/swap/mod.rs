//! Puts a database in the place of another while the application works, and back: two renames in one transaction, begun
//! before the sessions are ended. The rename's own lock keeps new ones out, and a crash anywhere leaves everything as it
//! was, or done. It makes and drops no database.

mod error;
mod names;
mod paused;
mod rights;
mod sessions;
mod transaction;

pub use error::SwapError;
pub use names::{aside_name, fresh_name};
pub use rights::{Lack, rights};
pub(in crate::engine) use sessions::MAY_END;
pub use sessions::foresee;

use std::time::{Duration, Instant};

use crate::engine::migrations::patience::Patience;
use crate::engine::operation::Opening;
use crate::engine::{Event, Observer};
use crate::pg::connect::sleep;
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::{Literal, Nullable};
use crate::pg::url::DatabaseUrl;

pub use paused::resume_left;

use paused::Paused;
use sessions::{Oids, make_way};

/// For how long the lock is tried to be had; each attempt keeps new sessions waiting for 3 s at most before it.
const PATIENCE: Duration = Duration::from_secs(30);

/// What happens to the sessions in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sessions {
    /// They are ended, our own too.
    Terminate,
    /// They stay, and there is no swap.
    Refuse,
}

/// What is to be swapped.
#[derive(Debug)]
pub struct Swap<'a> {
    /// The way to the live database.
    pub opening: &'a Opening,
    /// Its name. Where no database has it, `fresh` takes it.
    pub live: &'a str,
    /// The database that takes the name; it must be closed or unknown to others.
    pub fresh: &'a str,
    /// The name that the old one gets; nobody can connect to it then.
    pub aside: &'a str,
    /// The comment that the old one gets.
    pub aside_comment: &'a str,
    /// The comment that the new one gets.
    pub live_comment: Option<&'a str>,
    /// PgBouncer's admin console, to hold its clients back meanwhile. A run that is killed while it does leaves the pools
    /// paused, until the next one or an operator resumes them.
    pub bouncer: Option<&'a DatabaseUrl>,
    /// What happens to the sessions in the way.
    pub sessions: Sessions,
}

/// It was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swapped {
    /// From the moment at which nobody could connect any more until it was committed.
    pub gap: Duration,
    /// How many sessions were ended.
    pub terminated: usize,
    /// How often it was tried.
    pub attempts: usize,
}

/// Put `fresh` in the place of `live`, which is kept as `aside`. The same back: with `fresh` as the old one's new name.
///
/// ALTER DATABASE … RENAME locks the database against new sessions, then waits up to five seconds for those that are
/// connected (PostgreSQL's `CountOtherDBBackends`): they are ended while it waits.
///
/// # Errors
/// See `SwapError`; but for `SwapError::Unknown` everything is as it was. Ctrl-C is obeyed until COMMIT is sent.
pub fn swap(what: &Swap<'_>, observer: &mut dyn Observer) -> Result<Swapped, SwapError> {
    let begin = Instant::now();
    let mut patience = Patience::new(PATIENCE);
    let mut attempts = 0;
    loop {
        attempts += 1;
        let tried = Instant::now();
        let source = match attempt(what, observer) {
            Ok(done) => return Ok(Swapped { attempts, ..done }),
            Err(error) => error.passing()?,
        };
        patience.spend(tried.elapsed());
        let Some(pause) = patience.pause() else {
            let (database, waited) = (what.live.to_owned(), begin.elapsed());
            return Err(SwapError::Busy { database, attempts, waited, source });
        };
        observer.event(Event::Retry { name: what.live.to_owned(), why: source.to_string(), pause });
        sleep(pause, &what.opening.interrupt)?;
    }
}

fn attempt(what: &Swap<'_>, observer: &mut dyn Observer) -> Result<Swapped, SwapError> {
    if what.opening.interrupt.is_raised() {
        return Err(PgError::Interrupted.into());
    }
    // The session beside must see a rename to its end, also after Ctrl-C.
    let mut watcher = what.unhurried(&Interrupt::default()).maintenance(what.live)?;
    let oids = Oids::read(&mut watcher, what)?;
    make_way(what, &mut watcher, &oids)?;
    let paused = match what.bouncer.filter(|_| oids.live.is_some()) {
        None => None,
        Some(url) => {
            let Opening { options, interrupt, .. } = what.opening;
            Some(Paused::pause(url, options, what.live, interrupt, observer)?)
        }
    };
    let done = transaction::run(what, &oids, &mut watcher);
    if let Some(paused) = paused {
        paused.resume(observer);
    }
    done
}

impl Swap<'_> {
    /// The same way, under another interrupt.
    fn unhurried(&self, interrupt: &Interrupt) -> Opening {
        Opening { interrupt: interrupt.clone(), ..self.opening.clone() }
    }
}

/// What opens the transaction. The lock is waited for briefly, because everybody who connects waits behind us.
const BEGIN: [&str; 4] = [
    "BEGIN",
    "SET LOCAL search_path = pg_catalog, pg_temp",
    "SET LOCAL lock_timeout = '3s'",
    "SET LOCAL statement_timeout = '15s'",
];

/// What renames: the first takes the lock.
fn renames(what: &Swap<'_>, is_live: bool) -> Vec<String> {
    let [live, fresh, aside] = [what.live, what.fresh, what.aside].map(Ident::new);
    let mut sql = Vec::new();
    if is_live {
        sql.push(format!("ALTER DATABASE {live} RENAME TO {aside}"));
    }
    sql.push(format!("ALTER DATABASE {fresh} RENAME TO {live}"));
    if is_live {
        sql.push(format!("COMMENT ON DATABASE {aside} IS {}", Literal(what.aside_comment)));
        sql.push(format!("ALTER DATABASE {aside} WITH ALLOW_CONNECTIONS false"));
    }
    sql.push(format!("COMMENT ON DATABASE {live} IS {}", Nullable(what.live_comment)));
    // It may have been put aside once.
    sql.push(format!("ALTER DATABASE {live} WITH ALLOW_CONNECTIONS true"));
    sql
}

/// The swap as statements that can be typed in another database, in order; where `live` exists. The one that ends the
/// sessions belongs into a second session.
pub fn sql(what: &Swap<'_>) -> Vec<String> {
    let mut sql: Vec<String> = BEGIN.iter().map(|begin| format!("{begin};")).collect();
    if what.sessions == Sessions::Terminate {
        sql.push(format!(
            "-- while the next statement waits, in a second session, again and again:\n\
             --   SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ({}, {});",
            Literal(what.live),
            Literal(what.fresh)
        ));
    }
    sql.extend(renames(what, true).into_iter().map(|rename| format!("{rename};")));
    sql.push("COMMIT;".to_owned());
    sql
}
