//! PgBouncer around a swap: its clients wait instead of failing, which it would remember for `server_login_retry` (15 s).
//! Whatever happens, what was paused is resumed; only a killed run leaves it, and the next one resumes it.

use std::thread;
use std::time::{Duration, Instant};

use crate::engine::operation::Opening;
use crate::engine::{Event, Observer};
use crate::pg::bouncer::Console;
use crate::pg::connect::ConnectOptions;
use crate::pg::error::PgError;
use crate::pg::interrupt::Interrupt;
use crate::pg::url::DatabaseUrl;

use super::SwapError;

/// How long the running transactions of the pools' clients are waited for, while all other clients of theirs wait too.
pub(super) const PAUSE: Duration = Duration::from_secs(5);

/// How long PgBouncer is tried to be told that its clients may go on.
const RESUME: Duration = Duration::from_secs(10);

/// Pools that are paused until this value goes.
pub(super) struct Paused<'a> {
    url: &'a DatabaseUrl,
    options: &'a ConnectOptions,
    database: &'a str,
    pools: Vec<String>,
}

/// What a killed run left paused goes on. The caller has the turn for this database, so that nobody else holds it back;
/// a console that does not answer is told by the swap.
pub fn resume_left(opening: &Opening, url: &DatabaseUrl, database: &str, observer: &mut dyn Observer) {
    if let Ok(paused) = Paused::left(url, &opening.options, database) {
        paused.resume(observer);
    }
}

impl<'a> Paused<'a> {
    /// Those that are paused already.
    fn left(url: &'a DatabaseUrl, options: &'a ConnectOptions, database: &'a str) -> Result<Self, PgError> {
        let pools = Console::connect(url, options)?.pools_of(database)?;
        let pools = pools.into_iter().filter(|pool| pool.paused).map(|pool| pool.name).collect();
        Ok(Self { url, options, database, pools })
    }

    /// Pause what leads to this database.
    ///
    /// # Errors
    /// `SwapError::Bouncer` where a pool's clients do not finish; all are resumed then. `PgError::Interrupted`.
    pub(super) fn pause(
        url: &'a DatabaseUrl,
        options: &'a ConnectOptions,
        database: &'a str,
        interrupt: &Interrupt,
        observer: &mut dyn Observer,
    ) -> Result<Self, SwapError> {
        let failed = |pool: Option<&str>, source| SwapError::Bouncer {
            url: Box::new(url.clone()),
            pool: pool.map(str::to_owned),
            source,
        };
        let mut console = Console::connect(url, options).map_err(|source| failed(None, source))?;
        let pools = console.pools_of(database).map_err(|source| failed(None, source))?;
        if pools.is_empty() {
            observer.event(Event::Cannot {
                what: "PgBouncer has no pool that leads to this database: no clients of its are held back",
            });
        }
        let mut paused = Self { url, options, database, pools: Vec::new() };
        let begin = Instant::now();
        for pool in pools {
            // A killed run left it: paused again from the start, so that its server connections are surely gone.
            if pool.paused {
                console.resume(&pool.name).map_err(|source| failed(Some(&pool.name), source))?;
            }
            paused.pools.push(pool.name.clone());
            let left = PAUSE.saturating_sub(begin.elapsed());
            if let Err(source) = console.pause(&pool.name, left, interrupt) {
                // The waiting console must be gone before others are told to go on.
                drop(console);
                paused.resume(observer);
                return Err(match source {
                    PgError::Abandoned if interrupt.is_raised() => PgError::Interrupted.into(),
                    source => failed(Some(&pool.name), source),
                });
            }
        }
        Ok(paused)
    }

    /// Let all go on; those that could not be told so are an event.
    pub(super) fn resume(mut self, observer: &mut dyn Observer) {
        let pools = self.let_go();
        if !pools.is_empty() {
            observer.event(Event::StillPaused { pools });
        }
    }

    /// Returns what is still paused.
    fn let_go(&mut self) -> Vec<String> {
        let begin = Instant::now();
        while !self.pools.is_empty() {
            match self.resume_once() {
                Ok(left) => self.pools = left,
                Err(_) if begin.elapsed() > RESUME => break,
                Err(_) => {}
            }
            if !self.pools.is_empty() {
                if begin.elapsed() > RESUME {
                    break;
                }
                thread::sleep(Duration::from_millis(100));
            }
        }
        std::mem::take(&mut self.pools)
    }

    /// A look at what is paused decides, not the answer: to resume what goes on already is an error, too.
    fn resume_once(&self) -> Result<Vec<String>, PgError> {
        let mut console = Console::connect(self.url, self.options)?;
        for pool in &self.pools {
            // Older ones do not know it, and all server connections were closed by PAUSE.
            drop(console.reconnect(pool));
            drop(console.resume(pool));
        }
        let now = console.pools_of(self.database)?;
        Ok(now
            .into_iter()
            .filter(|pool| pool.paused && self.pools.contains(&pool.name))
            .map(|p| p.name)
            .collect())
    }
}

impl Drop for Paused<'_> {
    fn drop(&mut self) {
        self.let_go();
    }
}
