//! Undoes a restore, and undoes that: the database that was kept takes its place again, with the environment label and the
//! audit trail of now. What put the kept one aside decides which of the two it is. Drops kept databases.

use crate::engine::ledger::lock::Waiting;
use crate::engine::operation::{OpenError, Opening};
use crate::engine::properties::Properties;
use crate::engine::swap::{self, Sessions, Swap, Swapped, aside_name};
use crate::engine::turn::take_turn;
use crate::engine::{Observer, fault};
use crate::pg::ident::Ident;
use crate::pg::interrupt::Interrupt;
use crate::pg::session::Session;
use crate::pg::url::DatabaseUrl;

use super::RestoreError;
use super::carry::{self, Carry};
use super::journal::{Aside, By, Quarantined, Role, now, quarantined};
use super::pause::{self, go_on};
use super::scratch::drop_leftovers;
use super::turn::{Turn, give_up};

/// What is put back.
#[derive(Debug, Clone, Copy)]
pub struct Undo<'a> {
    /// The way to the live database.
    pub opening: &'a Opening,
    /// Its name.
    pub live: &'a str,
    /// Which database had the name when this was decided.
    pub oid: u32,
    /// The database that is put back, as it was decided.
    pub back: &'a str,
    /// PgBouncer's admin console.
    pub bouncer: Option<&'a DatabaseUrl>,
    /// The environment's name, if one is stated.
    pub environment: Option<&'a str>,
    /// How to wait for another run.
    pub waiting: Waiting,
}

/// It was put back.
#[derive(Debug)]
pub struct Undone {
    /// What is live again.
    pub back: Quarantined,
    /// What the other one is called now.
    pub quarantine: String,
    /// The swap.
    pub swapped: Swapped,
    /// What is worth a word.
    pub notes: Vec<String>,
}

/// Put the newest quarantined database back.
///
/// # Errors
/// `NothingAside`; see `RestoreError`. But for `SwapError::Unknown` the live database is as it was.
pub fn undo(what: &Undo<'_>, observer: &mut dyn Observer) -> Result<Undone, RestoreError> {
    let Undo { opening, live, oid, bouncer, waiting, .. } = *what;
    let mut admin = Turn { opening, live, oid, bouncer, waiting }.take(observer)?;
    let found = Properties::read(&mut admin, what.live)?;
    let opening = match &found {
        Some(found) if found.is_read_only() => what.opening.writing(),
        _ => what.opening.clone(),
    };
    let what = &Undo { opening: &opening, ..*what };
    let back = quarantined(&mut admin, what.live)?.into_iter().find(|one| one.name == what.back);
    let Some(back) = back else { return Err(RestoreError::NothingAside { live: what.live.to_owned() }) };
    drop_leftovers(&mut admin, what.opening, what.live)?;
    let mut locked = what.opening.lock(what.opening.connect()?, what.waiting, observer)?;
    if locked.ledger.facts.standby {
        return Err(OpenError::Standby { database: what.live.to_owned() }.into());
    }
    locked.session.query(&locked.session.prelude())?;
    let row = carry::begin(what.opening, &locked.ledger, what.environment)?;
    let done = put_back(what, &mut admin, &locked.ledger, row, back, observer);
    match &done {
        Ok(undone) => go_on(what.opening, &undone.quarantine),
        Err(error) => give_up(what.opening, what.live, row, error),
    }
    done
}

fn put_back(
    what: &Undo<'_>,
    admin: &mut Session,
    ledger: &crate::engine::ledger::Ledger,
    row: Option<carry::Row>,
    back: Quarantined,
    observer: &mut dyn Observer,
) -> Result<Undone, RestoreError> {
    let name = Ident::new(&back.name);
    let (redone, undone) = match &back.by {
        By::Undo { of } => (true, of.clone()),
        By::Restore | By::Redo => (false, None),
    };
    admin.query(&format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true"))?;
    pause::resume(admin, &back.name)?;
    let fresh = what.opening.of_database(&back.name);
    let message =
        format!("the database of before {} was put back", back.since.format("%Y-%m-%d %H:%M:%S UTC"));
    let carry = Carry {
        live: what.opening,
        ledger,
        fresh: &fresh,
        row,
        message: &message,
        backup: None,
        same_place: true,
        environment: what.environment,
    };
    let swapped = carry.run().map_err(RestoreError::from).and_then(|()| {
        let mut notes = Vec::new();
        // They belong to the place, as they are now.
        if let Some(place) = Properties::read(admin, what.live)? {
            notes = carry::give_instead(admin, &place, &back.name)?;
            carry::limit(admin, &place, &back.name)?;
        }
        fault::point("restore-carried");
        let since = now(admin)?;
        let aside = aside_name(what.live, &format!("{:x}", since.timestamp_millis()));
        let role = Role::Quarantine(Aside {
            of: what.live.to_owned(),
            since,
            backup: redone.then(|| undone.unwrap_or_else(|| "a restore".to_owned())),
            comment: back.comment.clone(),
            undone: back.backup.clone(),
            redone,
        });
        let swapped = swap::swap(
            &Swap {
                opening: what.opening,
                live: what.live,
                fresh: &back.name,
                aside: &aside,
                aside_comment: &role.comment(),
                live_comment: back.comment.as_deref(),
                bouncer: what.bouncer,
                sessions: Sessions::Terminate,
            },
            observer,
        )?;
        Ok((aside, swapped, notes))
    });
    match swapped {
        Ok((quarantine, swapped, notes)) => Ok(Undone { back, quarantine, swapped, notes }),
        Err(error) => {
            // It is still aside: nobody should find it open.
            close(what.opening, &back.name);
            Err(error)
        }
    }
}

/// Also after Ctrl-C, which the other sessions obey.
fn close(opening: &Opening, name: &str) {
    let (interrupt, options) = (Interrupt::default(), opening.options.at_once());
    let calm = Opening { interrupt, options, ..opening.clone() };
    let sql = format!("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false", Ident::new(name));
    drop(calm.maintenance(name).and_then(|mut admin| admin.query(&sql)));
}

/// Drop databases that were put aside: those that were named in the question, and no other.
///
/// # Errors
/// `NotAside`, `Pg`; `Open` where another run works.
pub fn drop_quarantine(
    opening: &Opening,
    live: &str,
    names: &[String],
    waiting: Waiting,
    observer: &mut dyn Observer,
) -> Result<Vec<Quarantined>, RestoreError> {
    let mut admin = opening.maintenance(live)?;
    // Somebody may just be putting it back.
    take_turn(&mut admin, live, waiting, observer)?;
    let all = quarantined(&mut admin, live)?;
    let mut dropped = Vec::new();
    for name in names {
        let Some(one) = all.iter().find(|one| one.name == *name) else {
            return Err(RestoreError::NotAside { name: name.clone(), live: live.to_owned() });
        };
        admin.query(&drop_sql(&one.name))?;
        dropped.push(one.clone());
    }
    Ok(dropped)
}

/// The statement that does it.
pub fn drop_sql(name: &str) -> String {
    format!("DROP DATABASE {}", Ident::new(name))
}

/// The statements that put a database back, but for the rows of the audit trail and the mark.
pub fn undo_sql(what: &Undo<'_>) -> Vec<String> {
    let open = format!("ALTER DATABASE {} WITH ALLOW_CONNECTIONS true;", Ident::new(what.back));
    let swap = Swap {
        opening: what.opening,
        live: what.live,
        fresh: what.back,
        aside: &aside_name(what.live, "old"),
        aside_comment: "put aside by an undo",
        live_comment: None,
        bouncer: what.bouncer,
        sessions: Sessions::Terminate,
    };
    std::iter::once(open).chain(swap::sql(&swap)).collect()
}
