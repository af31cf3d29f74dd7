//! A restored database takes the place of the live one: everything aside, under the migration lock, then the swap. A run
//! that was killed is gone on with by the next.

use std::time::{Duration, Instant};

use crate::engine::ledger::Ledger;
use crate::engine::ledger::lock::Waiting;
use crate::engine::ledger::read::{Lock, read};
use crate::engine::operation::{Locked, OpenError, Opening};
use crate::engine::properties::Properties;
use crate::engine::swap::{self, Sessions, Swap, Swapped, aside_name};
use crate::engine::{Event, Observer, fault};
use crate::pg::connect::sleep;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::interrupt::Interrupt;
use crate::pg::session::Session;
use crate::pg::url::DatabaseUrl;

use super::RestoreError;
use super::carry::{self, Carry, Row};
use super::fill::{Filled, Filling, accept};
use super::journal::{self, Aside, Found, Phase, Role, now, scratch_name};
use super::pause::{self, Writing, go_on};
use super::scratch::{Scratch, begun, drop_database, drop_leftovers};
use super::source::Source;
use super::turn::{Turn, give_up};

/// For how long a pooler's refusals are no answer yet: PgBouncer's `server_login_retry` is 15 s.
const LOGIN_RETRY: Duration = Duration::from_secs(20);

/// How often it is asked meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// What is put in the place of what.
#[derive(Debug, Clone, Copy)]
pub struct Replace<'a> {
    /// How it is restored.
    pub filling: Filling<'a>,
    /// The way to the live database.
    pub opening: &'a Opening,
    /// Its name.
    pub live: &'a str,
    /// Which database had the name when this was decided; 0: none.
    pub oid: u32,
    /// Its cluster, where we may know.
    pub system_identifier: Option<&'a str>,
    /// As the application connects, to look at the end.
    pub application: &'a DatabaseUrl,
    /// PgBouncer's admin console.
    pub bouncer: Option<&'a DatabaseUrl>,
    /// The environment's name, if one is stated.
    pub environment: Option<&'a str>,
    /// How to wait for another run.
    pub waiting: Waiting,
    /// What becomes of those who write.
    pub writing: Writing,
}

/// It took its place.
#[derive(Debug)]
pub struct Replaced {
    /// What the old one is called now, if there was one.
    pub quarantine: Option<String>,
    /// The swap.
    pub swapped: Swapped,
    /// How long loading took, in ms; `None` where an earlier run had done it.
    pub restore_ms: Option<u64>,
    /// What is worth a word.
    pub notes: Vec<String>,
    /// The newest applied migration now.
    pub head: Option<String>,
    /// What the look through the application's connection found wrong.
    pub unreached: Option<String>,
}

/// Restore, and swap in.
///
/// # Errors
/// See `RestoreError`; but for `SwapError::Unknown` the live database is as it was.
pub fn replace(what: &Replace<'_>, observer: &mut dyn Observer) -> Result<Replaced, RestoreError> {
    let Replace { opening, live, oid, bouncer, waiting, .. } = *what;
    let mut admin = Turn { opening, live, oid, bouncer, waiting }.take(observer)?;
    let found = Properties::read(&mut admin, what.live)?;
    let opening = match &found {
        Some(found) if what.writing == Writing::Stops || found.is_read_only() => what.opening.writing(),
        _ => what.opening.clone(),
    };
    let what = &Replace { opening: &opening, ..*what };
    // It idles while programs work: no timeout of the role's may end it.
    admin.query(&admin.prelude())?;
    let place = match found {
        None => None,
        Some(properties) => {
            let mut locked = what.opening.lock(what.opening.connect()?, what.waiting, observer)?;
            if locked.ledger.facts.standby {
                return Err(OpenError::Standby { database: what.live.to_owned() }.into());
            }
            locked.session.query(&locked.session.prelude())?;
            let row = carry::begin(what.opening, &locked.ledger, what.environment)?;
            Some(Live { locked, properties, row })
        }
    };
    let row = place.as_ref().and_then(|place| place.row);
    let done =
        stopped(what, &mut admin, place.as_ref()).and_then(|()| work(what, &mut admin, place, observer));
    if let Err(error) = &done {
        give_up(what.opening, what.live, row, error);
    }
    done
}

fn stopped(what: &Replace<'_>, admin: &mut Session, live: Option<&Live>) -> Result<(), RestoreError> {
    if let (Writing::Stops, Some(live)) = (what.writing, live) {
        pause::stop(admin, what.live, &live.properties, live.locked.ledger.facts.backend_pid)?;
    }
    fault::point("restore-stopped");
    Ok(())
}

/// The database that is replaced.
struct Live {
    locked: Locked,
    properties: Properties,
    row: Option<Row>,
}

fn work(
    what: &Replace<'_>,
    admin: &mut Session,
    mut live: Option<Live>,
    observer: &mut dyn Observer,
) -> Result<Replaced, RestoreError> {
    let Filled { mut scratch, compared, restore_ms } = filled(what, admin, live.as_ref(), observer)?;
    let mut notes = compared.notes;
    let fresh = scratch.opening();

    // As they are now, and not as they were before the hours that loading took.
    let place = Properties::read(admin, what.live)?;
    let given = match (&place, what.filling.source.manifest()) {
        (Some(place), manifest) => {
            if let Some(manifest) = manifest {
                notes.extend(carry::differences(place, &manifest.source.properties, what.live));
            }
            Some(place)
        }
        (None, Some(manifest)) => Some(&manifest.source.properties),
        (None, None) => None,
    };
    if let (None, Some(properties)) = (&place, given) {
        notes.extend(carry::give_owner(admin, properties, &scratch.name));
    }
    if let Some(properties) = given {
        notes.extend(carry::give(admin, properties, &scratch.name)?);
        notes.extend(carry::left_out(properties).filter(|_| place.is_none()));
    }
    let message = format!("{} was restored", what.filling.source.name());
    if let Some(Live { locked, row, .. }) = &mut live {
        let (ledger, _) = read(&mut locked.session, &what.opening.bookkeeping, Lock::Leave)?;
        carry(what, &ledger, &fresh, *row, &message)?;
    } else if !is_of_this_place(what) {
        carry::begin_unmarked(&fresh, &message)?;
    }
    if let Some(properties) = given {
        carry::limit(admin, properties, &scratch.name)?;
    }
    fault::point("restore-carried");

    let since = now(admin)?;
    let aside = aside_name(what.live, &format!("{:x}", since.timestamp_millis()));
    let comment = given.and_then(|given| given.comment.clone());
    let role = Role::Quarantine(Aside {
        of: what.live.to_owned(),
        since,
        backup: Some(what.filling.source.name()),
        comment: comment.clone(),
        undone: None,
        redone: false,
    });
    let swapped = swap::swap(
        &Swap {
            opening: what.opening,
            live: what.live,
            fresh: &scratch.name,
            aside: &aside,
            aside_comment: &role.comment(),
            live_comment: comment.as_deref(),
            bouncer: what.bouncer,
            sessions: Sessions::Terminate,
        },
        observer,
    );
    if !what.opening.interrupt.is_raised() || swapped.is_ok() {
        // Where only the swap did not come about, the next run has nothing else to do.
        scratch.keep();
    }
    let swapped = swapped?;
    if place.is_some() {
        go_on(what.opening, &aside);
    }
    let looked = look(what, observer);
    Ok(Replaced {
        quarantine: place.is_some().then_some(aside),
        swapped,
        restore_ms: (restore_ms > 0).then_some(restore_ms),
        notes,
        head: looked.as_ref().ok().cloned().flatten(),
        unreached: looked.err().map(|error| error.to_string()),
    })
}

fn carry(
    what: &Replace<'_>,
    ledger: &Ledger,
    fresh: &Opening,
    row: Option<Row>,
    message: &str,
) -> Result<(), OpenError> {
    Carry {
        live: what.opening,
        ledger,
        fresh,
        row,
        message,
        backup: Some(&what.filling.source.name()),
        same_place: is_of_this_place(what),
        environment: what.environment,
    }
    .run()
}

fn is_of_this_place(what: &Replace<'_>) -> bool {
    let manifest = what.filling.source.manifest();
    manifest.is_some_and(|manifest| manifest.is_of(what.live, what.system_identifier))
}

/// The restored database: that of an earlier run where it had come so far, else a new one.
fn filled<'a>(
    what: &Replace<'a>,
    admin: &mut Session,
    live: Option<&Live>,
    observer: &mut dyn Observer,
) -> Result<Filled<'a>, RestoreError> {
    let source = what.filling.source;
    let name = scratch_name(what.live, &source.suffix());
    // With other owners it is another database.
    let flags: Vec<_> =
        what.filling.ownership.flags().iter().map(|flag| format!(" {}", flag.display())).collect();
    let key = format!("{}{}{}", source.name(), flags.concat(), what.filling.select.as_typed());
    match journal::find(admin, &name, what.live, &key)? {
        Found::Foreign => return Err(RestoreError::Taken { name }),
        // A foreign file may have been replaced by another of its name.
        Found::Verified if matches!(source, Source::Backup { .. }) => {
            let mut compared = super::Compared::default();
            compared
                .notes
                .push("an earlier run had restored and compared it; this one went on from there".into());
            return Ok(Filled { scratch: Scratch::found(what.opening, &name), compared, restore_ms: 0 });
        }
        Found::Nothing => {}
        Found::Verified | Found::Unfinished => drop_database(what.opening, &name),
    }
    drop_leftovers(admin, what.opening, what.live)?;
    let role = Role::Restore(begun(admin, what.live, &key, &what.opening.author.host)?);
    let place = live.map(|live| &live.properties);
    let mut filled = what.filling.fill(what.opening, admin, &name, role, place, observer)?;
    accept(&mut filled, admin, what.filling.keep)?;
    filled.scratch.say(admin, Phase::Verified)?;
    fault::point("restore-verified");
    Ok(filled)
}

/// As the application comes. A pooler that could not connect during the swap refuses everybody until it tries again.
fn look(what: &Replace<'_>, observer: &mut dyn Observer) -> Result<Option<String>, PgError> {
    let begin = Instant::now();
    let mut told = false;
    loop {
        match look_once(what) {
            Err(error @ (PgError::Connect(_) | PgError::Server(_)))
                if is_behind(what) && begin.elapsed() < LOGIN_RETRY =>
            {
                if !std::mem::replace(&mut told, true) {
                    let (name, why) = (what.live.to_owned(), error.to_string());
                    observer.event(Event::Retry { name, why, pause: LOOK_AGAIN });
                }
                sleep(LOOK_AGAIN, &what.opening.interrupt)?;
            }
            looked => return looked,
        }
    }
}

/// Whether the application goes another way than we do.
fn is_behind(what: &Replace<'_>) -> bool {
    what.application.endpoints() != what.opening.url.endpoints()
}

/// Does it answer, and is it the restored one?
fn look_once(what: &Replace<'_>) -> Result<Option<String>, PgError> {
    let Opening { bookkeeping, options, interrupt, .. } = what.opening;
    // A Ctrl-C that came after the swap has nothing more to stop.
    let interrupt = if interrupt.is_raised() { &Interrupt::default() } else { interrupt };
    let mut session = Session::connect(what.application, options, interrupt)?;
    session.catalog("SELECT count(*) FROM pg_class")?;
    let ledger = match read(&mut session, bookkeeping, Lock::Leave) {
        Ok((ledger, _)) => ledger,
        // The application need not see the ledger.
        Err(error) if error.failure() == PgFailure::NoPrivilege => {
            read(&mut what.opening.connect()?, bookkeeping, Lock::Leave)?.0
        }
        Err(error) => return Err(error),
    };
    let head = ledger.applied.last().map(|applied| applied.version.clone());
    if let Some(manifest) = what.filling.source.manifest() {
        // Another role's search_path may lead to another ledger, or to none.
        let same = ledger.facts.ledger_schema == manifest.migrations.ledger_schema;
        if same && head.as_deref() != manifest.migrations.head() {
            return Err(PgError::Unexpected(format!(
                "its newest migration is {}, and that of the backup {}",
                head.as_deref().unwrap_or("none"),
                manifest.migrations.head().unwrap_or("none")
            )));
        }
    }
    Ok(head)
}
