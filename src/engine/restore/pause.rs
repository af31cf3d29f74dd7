//! Writing stops while a restore runs: what is written meanwhile would be lost. The live database is read-only by default,
//! and its sessions come back so; whoever reads goes on.

use std::thread;
use std::time::{Duration, Instant};

use crate::engine::operation::{Locked, Opening};
use crate::engine::properties::{DatabaseSetting, Properties};
use crate::engine::swap::MAY_END;
use crate::pg::connect::ConnectOptions;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
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

/// The setting that does it (docs 20.11.1).
const SETTING: &str = "default_transaction_read_only";

/// PostgreSQL reads any beginning of `true`, and keeps it as it was written: nobody else writes it like this. One
/// statement both stops the writing and says whose work that is, so that a killed run leaves no doubt.
const OURS: &str = "tru";

/// Setting and value as pg_db_role_setting has them.
pub(super) const STORED: &str = "default_transaction_read_only=tru";

/// Whether a restore has stopped the writing in the database of these properties.
pub fn is_stopped(properties: &Properties) -> bool {
    properties.settings.iter().any(is_ours)
}

fn is_ours(setting: &DatabaseSetting) -> bool {
    setting.role.is_none() && setting.name == SETTING && is_marker(&setting.value)
}

/// Whether the database's own `default_transaction_read_only` is what a restore wrote.
pub fn is_marker(value: &str) -> bool {
    value == OURS
}

/// Whether writing takes a word of its own there, whoever wanted it so.
pub fn is_read_only(properties: &Properties) -> bool {
    properties.settings.iter().any(|setting| setting.name == SETTING)
}

/// The properties without what a restore did to them.
pub(super) fn without(mut properties: Properties) -> Properties {
    properties.settings.retain(|setting| !is_ours(setting));
    properties
}

/// The statements that stop it, for the DBA who reads along.
pub fn sql(live: &str) -> [String; 2] {
    [
        format!("ALTER DATABASE {} SET {SETTING} = {OURS}", Ident::new(live)),
        format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {} AND pid <> pg_backend_pid()",
            Literal(live)
        ),
    ]
}

/// The statement that lets it go on.
pub fn resume_sql(database: &str) -> String {
    format!("ALTER DATABASE {} RESET {SETTING}", Ident::new(database))
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
    let is_set = place.settings.iter().any(|setting| setting.role.is_none() && setting.name == SETTING);
    if !is_set {
        let [set, _] = sql(live);
        admin.query(&set)?;
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
    match Properties::read(admin, database)? {
        Some(properties) if is_stopped(&properties) => admin.query(&resume_sql(database)).map(drop),
        _ => Ok(()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_restore_wrote_is_taken_away() {
        let setting = |role: Option<&str>, value: &str| DatabaseSetting {
            role: role.map(str::to_owned),
            name: SETTING.to_owned(),
            value: value.to_owned(),
        };
        let check = |role, value, ours| {
            let properties = Properties { settings: vec![setting(role, value)], ..Properties::default() };
            assert_eq!(is_stopped(&properties), ours, "{role:?} {value}");
            assert_eq!(without(properties).settings.is_empty(), ours);
        };
        check(None, "tru", true);
        check(None, "on", false);
        check(None, "true", false);
        check(Some("app"), "tru", false);
    }
}
