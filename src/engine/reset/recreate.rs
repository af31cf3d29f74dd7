//! Drop and recreate, so that a crash at any point leaves the old database or the new one under its
//! name, never none: the new one is made aside, given what belongs to the place, filled, and swapped
//! in. What fails before the swap leaves the old one as it was.

use crate::engine::Observer;
use crate::engine::ledger::lock::{LockError, Waiting};
use crate::engine::ledger::read::{Lock, read};
use crate::engine::ledger::store::{Legacy, StoreError, WayBack};
use crate::engine::ledger::{Bookkeeping, Facts, Ledger};
use crate::engine::marks::reset_comment as leftover_comment;
use crate::engine::migrations::folder::sha256;
use crate::engine::operation::{Locked, OpenError, Opening};
use crate::engine::properties::{Properties, Template, apply};
use crate::engine::swap::{Sessions, Swap, SwapError, foresee, swap};
use crate::engine::turn::take_turn;
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
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
    /// How what goes comes back, to be recorded.
    pub way: &'a WayBack,
}

/// A database was recreated.
#[derive(Debug)]
pub struct Recreated {
    /// What went into it.
    pub refilled: Refilled,
    /// The name of the old one, where it could not be dropped.
    pub leftover: Option<String>,
}

/// Why the database was not recreated; but for `SwapError::Unknown` it is as it was.
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
    /// The new one did not get the name.
    #[error(transparent)]
    Swap(SwapError),
    /// The server said no.
    #[error(transparent)]
    Pg(#[from] PgError),
}

impl From<SwapError> for RecreateError {
    fn from(error: SwapError) -> Self {
        match error {
            SwapError::InUse { sessions, .. } => Self::InUse { sessions },
            error => Self::Swap(error),
        }
    }
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

impl Recreate<'_> {
    fn sessions(&self) -> Sessions {
        if self.disconnect { Sessions::Terminate } else { Sessions::Refuse }
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
    foresee(&mut admin, what.database, what.sessions(), old.ledger.facts.backend_pid)?;
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
        let facts = Facts {
            bookkeeping: Bookkeeping::Absent,
            has_ledger: false,
            owned: Vec::new(),
            ..old.ledger.facts.clone()
        };
        let store = aside.store(&facts)?;
        store.upgrade(&facts)?;
        store.inherit(legacy, &facts)?;
    }
    let locked = aside.lock(aside.connect()?, what.waiting, observer)?;
    let mut operation = locked.begin("reset", what.environment)?;
    operation.go_back_by(what.way)?;
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
    replace_by_name(what, admin, old, names, observer)?;
    Ok(refilled)
}

fn properties_of(admin: &mut Session, database: &str) -> Result<Properties, PgError> {
    let missing = || PgError::Unexpected("the database is not in pg_database".into());
    Properties::read(admin, database)?.ok_or_else(missing)
}

/// What belongs to the place.
fn legacy_of(opening: &Opening, ledger: &Ledger) -> Result<Option<Legacy>, StoreError> {
    match ledger.facts.bookkeeping {
        Bookkeeping::Present => opening.store(&ledger.facts)?.legacy(ledger.mark.clone()).map(Some),
        _ => Ok(None),
    }
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
    let again = Session::connect(admin.url(), &opening.options.at_once().for_ours(), &Interrupt::default());
    let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", Ident::new(fresh));
    drop(again.and_then(|mut session| session.query(&sql)));
}

/// Rename both. The old database's lock is let go here and not before: nobody begins a run in what is
/// to be replaced.
fn replace_by_name(
    what: &Recreate<'_>,
    admin: &mut Session,
    old: Locked,
    names: &Names<'_>,
    observer: &mut dyn Observer,
) -> Result<(), RecreateError> {
    let comment = properties_of(admin, names.now)?.comment;
    // Else it is ended with all others, once the name is locked.
    let mut old = Some(old);
    if !what.disconnect {
        drop(old.take());
    }
    let swapped = swap(
        &Swap {
            opening: what.opening,
            live: names.now,
            fresh: &names.fresh,
            aside: &names.replaced,
            aside_comment: &leftover_comment(names.now),
            live_comment: comment.as_deref(),
            bouncer: None,
            sessions: what.sessions(),
        },
        observer,
    );
    drop(old);
    Ok(swapped.map(drop)?)
}
