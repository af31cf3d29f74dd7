//! Drop and recreate, so that a crash at any point leaves the old database or the new one under its
//! name, never none: the new one is made aside, given what belongs to the place, filled, and swapped
//! in. What fails before the swap leaves the old one as it was.

use std::time::Duration;

use crate::engine::Observer;
use crate::engine::ledger::lock::{LockError, Waiting};
use crate::engine::ledger::read::{Lock, read};
use crate::engine::ledger::store::{Legacy, StoreError};
use crate::engine::ledger::{Bookkeeping, Facts, Ledger};
use crate::engine::migrations::folder::sha256;
use crate::engine::operation::{Locked, OpenError, Opening};
use crate::engine::properties::{Properties, Template, apply};
use crate::engine::turn::take_turn;
use crate::pg::connect::sleep;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::{Literal, Nullable};
use crate::pg::session::Session;

use super::refill::{Refill, RefillError, Refilled};

/// What `recreate` works on.
#[derive(Debug)]
pub struct Recreate<'a> {
    /// The way to the database.
    pub opening: &'a Opening,
    /// Its name.
    pub database: &'a str,
    /// The environment's name, if one is stated.
    pub environment: Option<&'a str>,
    /// Whether other sessions are disconnected.
    pub disconnect: bool,
    /// How long to wait for another run.
    pub waiting: Waiting,
    /// What goes into the new database.
    pub refill: Refill<'a>,
}

/// A database was recreated.
#[derive(Debug)]
pub struct Recreated {
    /// What went into it.
    pub refilled: Refilled,
    /// The name of the old one, where it could not be dropped.
    pub leftover: Option<String>,
}

/// Why the database was not recreated; it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RecreateError {
    /// Others are connected.
    #[error("other sessions use the database: {}", sessions.join("; "))]
    InUse {
        /// Who.
        sessions: Vec<String>,
    },
    /// A lock or the bookkeeping was not to be had.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The migrations or the seeds failed.
    #[error(transparent)]
    Refill(RefillError),
    /// The server said no.
    #[error(transparent)]
    Pg(#[from] PgError),
}

impl From<StoreError> for RecreateError {
    fn from(error: StoreError) -> Self {
        Self::Open(error.into())
    }
}

impl From<LockError> for RecreateError {
    fn from(error: LockError) -> Self {
        Self::Open(error.into())
    }
}

/// Recreate the database, with what `refill` puts into it.
///
/// The migrations run before the new database has its name: `current_database()` is a temporary one
/// for them. What they do to the database by its real name (`ALTER DATABASE shop SET …`, GRANT,
/// COMMENT) reaches the new one with the other properties of the old one.
///
/// # Errors
/// See `RecreateError`.
pub fn recreate(what: &Recreate<'_>, observer: &mut dyn Observer) -> Result<Recreated, RecreateError> {
    let mut admin = what.opening.maintenance(what.database)?;
    // Here and not in the database: who waits there would be in the way of its renaming.
    take_turn(&mut admin, what.database, what.waiting, observer)?;
    let mut old = what.opening.lock(what.opening.connect()?, what.waiting, observer)?;
    // Both idle while the migrations run, and what they do may take its time: no timeout of the role's may end them.
    for session in [&mut admin, &mut old.session] {
        session.query(&session.prelude())?;
    }
    if old.ledger.facts.standby {
        return Err(OpenError::Standby { database: what.database.to_owned() }.into());
    }
    drop_leftovers(&mut admin, what.database)?;
    if !what.disconnect {
        wait_for_others(what, &mut admin, &old)?;
    }
    let unique = std::process::id() ^ old.ledger.facts.backend_pid.unsigned_abs().rotate_left(16);
    let [fresh, replaced] =
        ["new", "old"].map(|which| format!("pgkeel_{which}_{}_{unique:08x}", mine(what.database)));
    let names = Names { now: what.database, fresh, replaced };
    let properties = properties_of(&mut admin, names.now)?;
    let template = Template::fitting(&mut admin, &properties)?;
    admin.query(&properties.creation(&names.fresh, &template, admin.server_version()))?;
    match replace(what, &mut admin, old, &names, observer) {
        Ok(refilled) => {
            let dropped = admin.query(&format!("DROP DATABASE {} WITH (FORCE)", Ident::new(&names.replaced)));
            Ok(Recreated { refilled, leftover: dropped.is_err().then_some(names.replaced) })
        }
        Err(error) => {
            drop_aside(&admin, what.opening, &names.fresh);
            Err(error)
        }
    }
}

/// The three names of a reset.
struct Names<'a> {
    /// The database's own.
    now: &'a str,
    /// The new one's, until the swap.
    fresh: String,
    /// The old one's, after it.
    replaced: String,
}

fn replace(
    what: &Recreate<'_>,
    admin: &mut Session,
    mut old: Locked,
    names: &Names<'_>,
    observer: &mut dyn Observer,
) -> Result<Refilled, RecreateError> {
    let mark_leftover = format!(
        "COMMENT ON DATABASE {} IS {}",
        Ident::new(&names.fresh),
        Literal(&leftover_comment(names.now))
    );
    admin.query(&mark_leftover)?;
    let properties = properties_of(admin, names.now)?.settings_and_grants(&names.fresh);
    apply(admin, &properties)?;

    let aside = what.opening.of_database(&names.fresh);
    let legacy = legacy_of(what.opening, &old.ledger)?;
    if let Some(legacy) = &legacy {
        // The mark names the place by the database's final name, which the old facts say.
        let store = aside.store()?;
        let facts = Facts { bookkeeping: Bookkeeping::Absent, has_ledger: false, ..old.ledger.facts.clone() };
        store.upgrade(&facts)?;
        store.inherit(legacy, &facts)?;
    }
    let locked = aside.lock(aside.connect()?, what.waiting, observer)?;
    let mut operation = locked.begin("reset", what.environment)?;
    let refilled = operation
        .record(|operation| what.refill.run(operation, observer))
        .map_err(|error| RecreateError::Refill(error.aside()))?;

    // What others wrote meanwhile (another application's runs in this database have another lock) goes along.
    let (now, _) = read(&mut old.session, &what.opening.bookkeeping, Lock::Leave)?;
    if let (Some(_), Some(late)) = (legacy, legacy_of(what.opening, &now)?) {
        operation.store.inherit(&late, &now.facts)?;
    }
    drop(operation);
    let mut late = properties_of(admin, names.now)?.settings_and_grants(&names.fresh);
    late.retain(|statement| !properties.contains(statement));
    apply(admin, &late)?;
    swap(what, admin, old, names)?;
    Ok(refilled)
}

fn properties_of(admin: &mut Session, database: &str) -> Result<Properties, PgError> {
    let missing = || PgError::Unexpected("the database is not in pg_database".into());
    Properties::read(admin, database)?.ok_or_else(missing)
}

/// What belongs to the place.
fn legacy_of(opening: &Opening, ledger: &Ledger) -> Result<Option<Legacy>, StoreError> {
    match ledger.facts.bookkeeping {
        Bookkeeping::Present => opening.store()?.legacy(ledger.mark.clone()).map(Some),
        _ => Ok(None),
    }
}

fn leftover_comment(database: &str) -> String {
    format!("pgkeel: made or replaced by a reset of {database}; may be dropped")
}

/// In the names of the databases that a reset of this one makes: CREATE DATABASE and COMMENT are two steps.
fn mine(database: &str) -> String {
    sha256(database.as_bytes())[..8].to_owned()
}

fn drop_leftovers(admin: &mut Session, database: &str) -> Result<(), PgError> {
    let rows = admin.catalog(&format!(
        "SELECT datname FROM pg_database WHERE datname ~ '^pgkeel_(new|old)_{}_' \
         AND coalesce(shobj_description(oid, 'pg_database'), {comment}) = {comment} \
         AND pg_has_role(datdba, 'MEMBER')",
        mine(database),
        comment = Literal(&leftover_comment(database))
    ))?;
    for name in rows.rows.iter().filter_map(|row| row.first()?.as_ref()) {
        admin.query(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", Ident::new(name)))?;
    }
    Ok(())
}

/// The half-made database goes, also after Ctrl-C, which the other sessions obey. The caller learns
/// why it is not needed; that it could not be dropped is found by the next reset.
fn drop_aside(admin: &Session, opening: &Opening, fresh: &str) {
    let again = Session::connect(admin.url(), &opening.options.at_once(), &Interrupt::default());
    let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", Ident::new(fresh));
    drop(again.and_then(|mut session| session.query(&sql)));
}

/// Sessions that are just leaving, our own among them, are given a second; then nothing is begun.
fn wait_for_others(what: &Recreate<'_>, admin: &mut Session, old: &Locked) -> Result<(), RecreateError> {
    let ours = old.ledger.facts.backend_pid;
    for _ in 0..10 {
        if others(what, admin, ours)?.is_empty() {
            return Ok(());
        }
        sleep(Duration::from_millis(100), &what.opening.interrupt)?;
    }
    Err(RecreateError::InUse { sessions: others(what, admin, ours)? })
}

/// Who else uses the database.
fn others(what: &Recreate<'_>, admin: &mut Session, ours: i32) -> Result<Vec<String>, PgError> {
    let rows = admin.catalog(&format!(
        "SELECT concat_ws(', ', 'pid ' || pid, 'role ' || usename, 'application ' || nullif(application_name, ''), state) \
         {}",
        of_others(what, ours)
    ))?;
    Ok(rows.rows.into_iter().filter_map(|mut row| row.remove(0)).collect())
}

/// Without pg_read_all_stats the server hides what kind of process another role's is; autovacuum has no role.
fn of_others(what: &Recreate<'_>, ours: i32) -> String {
    format!(
        "FROM pg_stat_activity WHERE datname = {} AND pid NOT IN (pg_backend_pid(), {ours}) \
         AND usesysid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'",
        Literal(what.database)
    )
}

/// Rename both. The old database's lock is let go here and not before: nobody begins a run in what is
/// to be replaced.
fn swap(
    what: &Recreate<'_>,
    admin: &mut Session,
    old: Locked,
    names: &Names<'_>,
) -> Result<(), RecreateError> {
    let ours = old.ledger.facts.backend_pid;
    let comment = admin.catalog(&format!(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = {}",
        Literal(names.now)
    ))?;
    let sql = format!(
        "BEGIN; ALTER DATABASE {name} RENAME TO {old}; ALTER DATABASE {fresh} RENAME TO {name}; \
         COMMENT ON DATABASE {old} IS {leftover}; COMMENT ON DATABASE {name} IS {comment}; COMMIT",
        leftover = Literal(&leftover_comment(names.now)),
        name = Ident::new(names.now),
        old = Ident::new(&names.replaced),
        fresh = Ident::new(&names.fresh),
        comment = Nullable(comment.get(0, 0)),
    );
    let mut old = Some(old);
    // ALTER DATABASE itself waits five seconds for sessions that are just leaving.
    for attempt in 0.. {
        if what.disconnect {
            admin.catalog(&format!("SELECT pg_terminate_backend(pid) {}", of_others(what, ours)))?;
        }
        drop(old.take());
        let Err(error) = admin.query(&sql) else { break };
        drop(admin.query("ROLLBACK"));
        if error.failure() != PgFailure::InUse || (what.disconnect && attempt >= 5) {
            return Err(error.into());
        }
        if !what.disconnect {
            return Err(RecreateError::InUse { sessions: others(what, admin, ours)? });
        }
        sleep(Duration::from_millis(100), &what.opening.interrupt)?;
    }
    Ok(())
}
