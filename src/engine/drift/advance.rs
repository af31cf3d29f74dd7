//! Runs a plan, and lets what is expected advance by what the plan itself changed: the catalog before and after, both under
//! the migration lock. What had drifted stays drift; where it cannot be done, the row does not account for the versions, which
//! is what `unknown` means.

use std::collections::BTreeSet;

use crate::engine::catalog::read::{ReadError, read_with_addresses};
use crate::engine::catalog::{Catalog, EXTRACTOR, Fact, Id, Kind};
use crate::engine::ledger::rows::Place;
use crate::engine::migrations::plan::{Direction, Plan};
use crate::engine::migrations::runner::{Done, Settings, Stopped};
use crate::engine::operation::Operation;
use crate::engine::{Event, Observer, fault};
use crate::pg::error::PgError;
use crate::pg::interrupt::Interrupt;
use crate::pg::session::{Session, TransactionStatus};

use super::expected::{Expected, Stored, lock_all, store};
use super::merge::{Seen, advanced};

/// The database at one moment.
struct Moment {
    seen: Seen,
    versions: BTreeSet<String>,
}

/// Run a plan as `Operation::run` does, and account for it.
///
/// # Errors
/// See `Stopped`. That it could not be accounted for is an event.
pub fn run(
    operation: &mut Operation,
    plan: &Plan,
    settings: &Settings,
    observer: &mut dyn Observer,
) -> Result<Done, Stopped> {
    if plan.is_empty() {
        return operation.run(plan, settings, observer);
    }
    let before = match moment(&mut operation.session, &operation.place) {
        Ok(before) => Some(before),
        // What ends the session, or was asked for, ends the run as well.
        Err(ReadError::Pg(error)) if !matches!(error, PgError::Server(_)) => return Err(error.into()),
        Err(_) => None,
    };
    let ended = operation.run(plan, settings, observer);
    fault::point("before-expected");
    let kept = match &before {
        Some(before) => keep(operation, before, plan, ended.is_ok()),
        None => Ok(false),
    };
    // Whoever learns why his migration failed needs no word about this.
    if ended.is_ok() && !matches!(kept, Ok(true)) {
        observer.event(Event::Cannot {
            what: "what this run changed could not be accounted for: `pgkeel drift` will say `unknown`, and \
                   `pgkeel drift --refresh` mends that",
        });
    }
    ended
}

fn moment(session: &mut Session, place: &Place) -> Result<Moment, ReadError> {
    let versions = place.versions(session)?;
    let (catalog, addresses) = read_with_addresses(session, place.bookkeeping.as_str())?;
    Ok(Moment { seen: Seen { catalog, addresses }, versions })
}

/// Whether it is accounted for.
fn keep(operation: &mut Operation, before: &Moment, plan: &Plan, well: bool) -> Result<bool, ReadError> {
    if !well && operation.session.transaction_status() != TransactionStatus::Idle {
        return Ok(false);
    }
    let place = operation.place.clone();
    if !operation.session.interrupt().is_raised() {
        return keep_by(&mut operation.session, &place, before, plan);
    }
    // What was finished before Ctrl-C counts too; the session obeys Ctrl-C, and goes on holding the lock.
    let options = operation.session.options().at_once();
    let mut calm = Session::connect(operation.session.url(), &options, &Interrupt::default())?;
    keep_by(&mut calm, &place, before, plan)
}

fn keep_by(session: &mut Session, place: &Place, before: &Moment, plan: &Plan) -> Result<bool, ReadError> {
    let after = moment(session, place)?;
    let mine = place.ledger_schema.as_str();
    let rows = lock_all(session, place)?;
    let has_mine = rows.iter().any(|(schema, _)| schema == mine);
    let first_run = (!has_mine && mine != "public").then(|| begun(before, mine));
    let before = first_run.as_ref().unwrap_or(before);
    let mut statements = Vec::new();
    let mut accounted = true;
    for (schema, row) in &rows {
        let Some(expected) = usable(row, &after.seen.catalog) else {
            accounted &= schema != mine;
            continue;
        };
        let catalog = advanced(&expected, &before.seen, &after.seen);
        let versions = if schema == mine {
            own_versions(&row.about.versions, before, &after, plan)
        } else {
            row.about.versions.clone()
        };
        if catalog != expected || versions != row.about.versions {
            let unproved = row.about.unproved.as_deref();
            statements.push(store(
                place,
                schema,
                Expected { catalog: &catalog, versions: &versions, unproved },
            ));
        }
    }
    if !has_mine {
        let (catalog, unproved) = first(&rows, before, &after, mine);
        let versions: Vec<String> = after.versions.iter().cloned().collect();
        let expected = Expected { catalog: &catalog, versions: &versions, unproved: unproved.as_deref() };
        statements.push(store(place, mine, expected));
    }
    statements.push("COMMIT".to_owned());
    session.query(&statements.join("; ")).inspect_err(|_| drop(session.query("ROLLBACK")))?;
    Ok(accounted)
}

/// What was done by hand becomes what is expected: by this ledger, which has migrations of it now, and by all others of the
/// database. Begins a transaction; the statements that are returned belong into it.
///
/// # Errors
/// What the server says.
pub fn taken_over(
    session: &mut Session,
    place: &Place,
    mine: Expected<'_>,
    (before, after): (&Catalog, &Catalog),
) -> Result<Vec<String>, PgError> {
    let schema = place.ledger_schema.as_str();
    let (before, now) = (Seen::from(before.clone()), Seen::from(after.clone()));
    let mut statements = vec![store(place, schema, mine)];
    for (other, row) in lock_all(session, place)?.iter().filter(|(other, _)| other != schema) {
        let Some(expected) = usable(row, after) else { continue };
        let catalog = advanced(&expected, &before, &now);
        let (versions, unproved) = (&row.about.versions, row.about.unproved.as_deref());
        statements.push(store(place, other, Expected { catalog: &catalog, versions, unproved }));
    }
    Ok(statements)
}

/// The beginning of the first run of a ledger: the schema of that name (`?schema=`) was made for it, just before.
fn begun(before: &Moment, mine: &str) -> Moment {
    let Moment { seen: Seen { catalog, addresses }, versions } = before;
    let made = Id::new(Kind::Schema, "", mine, "");
    let mut addresses = addresses.clone();
    addresses.remove(&made);
    let at = catalog.index(&made);
    let catalog = catalog.without(&|other| Some(other) == at);
    Moment { seen: Seen { catalog, addresses }, versions: versions.clone() }
}

/// The facts of a row, where what was read today can be added to them.
fn usable(row: &Stored, now: &Catalog) -> Option<Catalog> {
    let fits = row.about.extractor == EXTRACTOR && row.about.server_major == now.server / 10_000;
    fits.then(|| row.catalog()).flatten()
}

/// What the facts account for: what they did, with what this run applied and without what it undid. What others did is not
/// in it.
fn own_versions(known: &[String], before: &Moment, after: &Moment, plan: &Plan) -> Vec<String> {
    let of = |direction| {
        plan.steps.iter().filter(move |step| step.direction == direction).map(|step| &step.version)
    };
    let came = of(Direction::Up)
        .filter(|version| after.versions.contains(*version) && !before.versions.contains(*version));
    let went: BTreeSet<&String> =
        of(Direction::Down).filter(|version| !after.versions.contains(*version)).collect();
    // What is squashed goes by one name.
    let replaced = |version: &String| plan.marks.iter().any(|mark| mark.others.contains(version));
    let stays = |version: &&String| !went.contains(version) && !replaced(version);
    let mut versions: BTreeSet<&String> = known.iter().filter(stays).collect();
    versions.extend(came);
    versions.into_iter().cloned().collect()
}

/// The facts of a ledger that has none yet. Another application's in the same database know all that was there before.
fn first(
    rows: &[(String, Stored)],
    before: &Moment,
    after: &Moment,
    mine: &str,
) -> (Catalog, Option<String>) {
    if !before.versions.is_empty() {
        let count = before.versions.len();
        let were = if count == 1 { "migration was" } else { "migrations were" };
        let why = format!("{count} {were} applied here before pgkeel kept what is expected");
        return (after.seen.catalog.clone(), Some(why));
    }
    let theirs = rows.iter().find_map(|(_, row)| Some((row, usable(row, &after.seen.catalog)?)));
    if let Some((row, expected)) = theirs {
        return (advanced(&expected, &before.seen, &after.seen), row.about.unproved.clone());
    }
    let there: Vec<&Fact> =
        before.seen.catalog.facts().iter().filter(|fact| !belongs_to_the_place(fact, mine)).collect();
    let why = there.first().map(|first| {
        let (count, id) = (there.len(), &first.id);
        match count {
            1 => format!("{id} was here before the first migration"),
            _ => format!("{count} objects ({id}, …) were here before the first migration"),
        }
    });
    (after.seen.catalog.clone(), why)
}

/// What an empty database has already: `public`, the schema of the ledger, and what the server's owner gives to every new
/// database, which is extensions.
fn belongs_to_the_place(fact: &Fact, mine: &str) -> bool {
    match fact.id.kind {
        Kind::Schema => fact.id.name == "public" || fact.id.name == mine,
        Kind::Extension => true,
        Kind::Language => fact.id.name == "plpgsql",
        _ => false,
    }
}
