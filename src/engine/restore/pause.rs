//! Writing stops while a restore runs: what is written meanwhile would be lost. The live database is read-only by default,
//! and its sessions come back so; whoever reads goes on.

use std::thread;
use std::time::{Duration, Instant};

use crate::engine::marks::{self, READ_ONLY};
use crate::engine::operation::{Locked, Opening};
use crate::engine::properties::{DatabaseSetting, Properties};
use crate::engine::swap::MAY_END;
use crate::pg::connect::ConnectOptions;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

use super::RestoreError;
use super::error::Obstacle;

/// How long a session that was ended may take to go: it may be in the middle of its COMMIT.
const GONE: Duration = Duration::from_secs(30);

/// What becomes of those who write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// They go on; what they write stays in the database that is put aside.
    GoesOn,
    /// They are refused from the beginning.
    Stops,
}

/// The statements that stop it in the database of these properties, for the DBA who reads along.
pub fn sql(live: &str, place: &Properties) -> [String; 3] {
    let [words, set] = marks::stop_sql(live, &place.settings);
    let end = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {} AND pid <> pg_backend_pid()",
        Literal(live)
    );
    [words, set, end]
}

/// Stop it, unless the place is read-only anyway: the default is set, and the sessions that know another are ended.
/// `ours` is the backend that holds the migration lock. Returns the backends that were told to end.
///
/// # Errors
/// What the server says.
pub(super) fn stop(
    admin: &mut Session,
    live: &str,
    place: &Properties,
    ours: i32,
) -> Result<Vec<String>, PgError> {
    let is_set = |one: &DatabaseSetting| one.role.is_none() && one.name == READ_ONLY;
    if !place.is_stopped() && !place.settings.iter().any(is_set) {
        // One message is one transaction (docs 55.2.2.1).
        admin.query(&marks::stop_sql(live, &place.settings).join("; "))?;
    }
    // A superuser's background worker is no writer of the application's, and only a superuser may end it. What kind another
    // role's backend is, not everybody may see: then it counts as a writer.
    let ended = admin.catalog(&format!(
        "SELECT a.pid, pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid \
         WHERE a.datname = {} AND a.pid NOT IN (pg_backend_pid(), {ours}) \
           AND (coalesce(a.backend_type, 'client backend') = 'client backend' OR {MAY_END})",
        Literal(live)
    ))?;
    Ok(ended.rows.into_iter().filter_map(|mut row| row.remove(0)).collect())
}

/// Let it go on, where it was a restore that stopped it.
///
/// # Errors
/// What the server says.
pub(super) fn resume(admin: &mut Session, database: &str) -> Result<(), PgError> {
    match Properties::read(admin, database)?.and_then(|properties| properties.stopped) {
        Some(stopped) => admin.query(&stopped.resume_sql(database)).map(drop),
        None => Ok(()),
    }
}

/// The same at the end of a run, also after Ctrl-C, and where the server is just starting again. That it could not is seen
/// in `status`, and mended by the next run.
pub(super) fn go_on(opening: &Opening, database: &str) {
    drop(calm(opening).maintenance(database).and_then(|mut admin| resume(&mut admin, database)));
}

fn calm(opening: &Opening) -> Opening {
    let options = ConnectOptions { wait: PATIENCE, ..opening.options.at_once() };
    Opening { interrupt: Interrupt::default(), options, ..opening.clone() }
}

/// How long a server that was stopped is waited for, so that nobody finds the database read-only.
const PATIENCE: Duration = Duration::from_secs(30);

/// Nobody writes as long as this lives; its end lets the writing go on, however the run ended.
#[derive(Debug)]
pub struct Stopped<'a> {
    opening: &'a Opening,
    live: &'a str,
}

impl<'a> Stopped<'a> {
    /// Stop the writing in the database that `locked` holds, and see the last writer gone. `opening` is one that may write.
    ///
    /// # Errors
    /// `Refused` where the role may not; `Pg`. The writing goes on then.
    pub fn begin(
        opening: &'a Opening,
        live: &'a str,
        place: &Properties,
        locked: &mut Locked,
    ) -> Result<Self, RestoreError> {
        let (ours, session) = (locked.ledger.facts.backend_pid, &mut locked.session);
        let stopped = Self { opening, live };
        // Who connected while the setting was made may not be seen by the first round.
        for _ in 0..2 {
            let ended = stop(session, live, place, ours).map_err(refused)?;
            gone(session, live, &ended)?;
        }
        Ok(stopped)
    }
}

impl Drop for Stopped<'_> {
    /// Through the database itself: another may not be open to this role.
    fn drop(&mut self) {
        drop(calm(self.opening).connect().and_then(|mut session| resume(&mut session, self.live)));
    }
}

fn refused(error: PgError) -> RestoreError {
    if error.failure() != PgFailure::NoPrivilege {
        return error.into();
    }
    let what =
        format!("the writing cannot be stopped, and what was written meanwhile would be lost: {error}");
    RestoreError::Refused(vec![Obstacle::new(
        what,
        "let the database's owner restore, a member of pg_signal_backend; or end all writers yourself, and give `--no-backup`",
    )])
}

/// Wait until none of these backends is left.
fn gone(session: &mut Session, live: &str, ended: &[String]) -> Result<(), PgError> {
    let begin = Instant::now();
    let still = format!(
        "SELECT 1 FROM pg_stat_activity WHERE datname = {} AND pid = ANY ('{{{}}}'::int[])",
        Literal(live),
        ended.join(",")
    );
    while !session.catalog(&still)?.rows.is_empty() {
        if begin.elapsed() > GONE {
            return Err(PgError::Unexpected("a session that was to be ended still runs".into()));
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
