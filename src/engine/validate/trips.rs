//! Each migration up, down and up again, the catalog read after each: down has to bring back what was there before, up the same
//! as the first time. A migration that leaves a mess does not spoil the next: that one begins in a new database.

use std::fmt;
use std::path::PathBuf;

use crate::engine::Observer;
use crate::engine::catalog::{Catalog, Difference};
use crate::engine::migrations::plan::{Source, Step};
use crate::engine::migrations::runner::Stopped;
use crate::engine::shadow::{As, Rehearsal, Shadow, ShadowError};

use super::{Trial, TrialError, differing, is_denied};
use crate::pg::error::PgError;

/// What was found.
#[derive(Debug, Default)]
pub struct Trips {
    /// How many migrations went up, down and up again, also those with a fault.
    pub made: usize,
    /// Migrations without a way down, by name.
    pub one_way: Vec<String>,
    /// What went wrong, in order.
    pub faults: Vec<Trip>,
    /// Whether they ran as a role that was made for it.
    stands_in: bool,
    /// Whether they may do something else as another role.
    depends: bool,
}

/// A migration that did not come through.
#[derive(Debug)]
pub struct Trip {
    /// Its folder's name.
    pub name: String,
    /// The file that is to be mended.
    pub file: PathBuf,
    /// What went wrong.
    pub fault: Fault,
}

/// What went wrong.
#[derive(Debug)]
pub enum Fault {
    /// down.sql fails.
    DownFails(ShadowError),
    /// down.sql leaves another catalog than there was before.
    DownLeaves(Vec<Left>),
    /// up.sql fails where down.sql has undone it.
    AgainFails(ShadowError),
    /// up.sql makes something else than the first time.
    AgainDiffers(Vec<Left>),
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// What, as people say it.
    pub what: String,
    /// How.
    pub how: How,
}

/// How something is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// It is not there.
    Gone,
    /// It is there, and should not be.
    Stays,
    /// It differs in these.
    Other(Vec<String>),
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.how {
            How::Gone => write!(f, "{} is gone", self.what),
            How::Stays => write!(f, "{} stays", self.what),
            How::Other(attributes) => write!(f, "{} has another {}", self.what, attributes.join(", ")),
        }
    }
}

/// What differs between the catalog that is and the one that should be.
fn left(is: &Catalog, wanted: &Catalog) -> Vec<Left> {
    let one = |difference: &Difference<'_>| Left {
        what: difference.id().to_string(),
        how: match difference {
            Difference::Missing(_) => How::Gone,
            Difference::Extra(_) => How::Stays,
            Difference::Other(_, _, names) => {
                How::Other(names.iter().map(|name| name.replace('_', " ")).collect())
            }
        },
    };
    differing(is, wanted).iter().map(one).collect()
}

/// How a migration left the database.
enum End {
    /// As all migrations up to it make it: this is its catalog.
    Clean(Catalog),
    /// Nobody knows.
    Mess,
}

/// When the catalog is read after up.sql has run again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    /// Once at the end: where all is well there, it was so before.
    Trusted,
    /// Each time.
    Looked,
}

/// Try every migration from the one at an index on; those before it are only applied. All together are known to make `made`.
/// What goes wrong as an ordinary owner for another reason than policies is tried as the server's own role.
///
/// # Errors
/// See `TrialError`.
pub fn trips(
    trial: &Trial<'_>,
    from: usize,
    made: &Catalog,
    observer: &mut dyn Observer,
) -> Result<Trips, TrialError> {
    let found = trips_as(trial, from, made, observer)?;
    let is_policy = |trip: &Trip| match &trip.fault {
        Fault::DownFails(error) | Fault::AgainFails(error) => super::is_policy(error),
        Fault::DownLeaves(_) | Fault::AgainDiffers(_) => false,
    };
    let is_denied = |trip: &Trip| match &trip.fault {
        Fault::DownFails(error) | Fault::AgainFails(error) => is_denied(error) && !is_policy(trip),
        Fault::DownLeaves(_) | Fault::AgainDiffers(_) => false,
    };
    let is_other = found.depends && !found.faults.iter().all(is_policy);
    if !found.stands_in || !is_other && !found.faults.iter().any(is_denied) {
        return Ok(found);
    }
    let mut again = trips_as(&Trial { run: As::Ourselves, ..*trial }, from, made, observer)?;
    let policies = found.faults.into_iter().filter(is_policy);
    let others: Vec<Trip> =
        policies.filter(|trip| again.faults.iter().all(|other| other.name != trip.name)).collect();
    again.faults.extend(others);
    Ok(again)
}

fn trips_as(
    trial: &Trial<'_>,
    from: usize,
    made: &Catalog,
    observer: &mut dyn Observer,
) -> Result<Trips, TrialError> {
    if let Some(found) = quickly(trial, from, made, observer)? {
        return Ok(found);
    }
    let mut found = Trips::default();
    let mut at = from;
    while at < trial.folder.migrations.len() {
        let shadow = Shadow::create(trial.place)?;
        let mut rehearsal = before(trial, &shadow, at, observer)?;
        (found.stands_in, found.depends) = (rehearsal.stands_in(), rehearsal.depends_on_role());
        let mut before = rehearsal.catalog()?;
        while at < rehearsal.len() {
            let end = trip(&mut rehearsal, (at, Again::Looked), &before, &mut found, observer)?;
            at += 1;
            match end {
                End::Clean(after) => before = after,
                End::Mess => break,
            }
        }
    }
    Ok(found)
}

/// The same in one database, with fewer readings; nothing where it turns out that a migration has left a mess.
fn quickly(
    trial: &Trial<'_>,
    from: usize,
    made: &Catalog,
    observer: &mut dyn Observer,
) -> Result<Option<Trips>, TrialError> {
    let mut found = Trips::default();
    let shadow = Shadow::create(trial.place)?;
    let mut rehearsal = before(trial, &shadow, from, observer)?;
    (found.stands_in, found.depends) = (rehearsal.stands_in(), rehearsal.depends_on_role());
    let mut before = rehearsal.catalog()?;
    for at in from..rehearsal.len() {
        match trip(&mut rehearsal, (at, Again::Trusted), &before, &mut found, observer)? {
            End::Clean(after) => before = after,
            End::Mess => return Ok(None),
        }
    }
    let is_same = left(&rehearsal.catalog()?, made).is_empty();
    Ok(is_same.then_some(found))
}

/// A shadow database with all migrations before the one at an index.
fn before<'s>(
    trial: &Trial<'_>,
    shadow: &'s Shadow,
    at: usize,
    observer: &mut dyn Observer,
) -> Result<Rehearsal<'s>, TrialError> {
    let mut rehearsal = shadow.rehearse(trial.folder, trial.settings, trial.run, observer)?;
    rehearsal.lend(trial.lent);
    for before in 0..at {
        rehearsal.up(before, observer)?;
    }
    Ok(rehearsal)
}

fn trip(
    rehearsal: &mut Rehearsal<'_>,
    (at, again): (usize, Again),
    before: &Catalog,
    found: &mut Trips,
    observer: &mut dyn Observer,
) -> Result<End, TrialError> {
    rehearsal.up(at, observer)?;
    let after = rehearsal.catalog()?;
    let up = rehearsal.way_up(at).clone();
    let Some(down) = rehearsal.way_down(at).cloned() else {
        found.one_way.push(up.name);
        return Ok(End::Clean(after));
    };
    found.made += 1;
    let mut fault = |step: &Step, fault: Fault| {
        found.faults.push(Trip { name: step.name.clone(), file: file(step), fault });
    };
    if let Err(error) = rehearsal.down(at, observer) {
        fault(&down, Fault::DownFails(ended(error)?));
        // What is one transaction has left everything as it was.
        return Ok(if down.transactional { End::Clean(after) } else { End::Mess });
    }
    let lefts = left(&rehearsal.catalog()?, before);
    let is_undone = lefts.is_empty();
    if !is_undone {
        fault(&down, Fault::DownLeaves(lefts));
    }
    if let Err(error) = rehearsal.up(at, observer) {
        let error = ended(error)?;
        // What stayed is in its way: that is said already.
        if is_undone {
            fault(&up, Fault::AgainFails(error));
        }
        return Ok(End::Mess);
    }
    if again == Again::Trusted && is_undone {
        return Ok(End::Clean(after));
    }
    let lefts = left(&rehearsal.catalog()?, &after);
    if lefts.is_empty() {
        return Ok(End::Clean(after));
    }
    if is_undone {
        fault(&up, Fault::AgainDiffers(lefts));
    }
    Ok(End::Mess)
}

/// An error that is the migration's; others end the trial.
fn ended(error: ShadowError) -> Result<ShadowError, ShadowError> {
    match error {
        ShadowError::Migrations(Stopped::Migration(ref why)) if matches!(why.cause, PgError::Server(_)) => {
            Ok(error)
        }
        ShadowError::Refused { .. } | ShadowError::Roles { .. } | ShadowError::Lex { .. } => Ok(error),
        other => Err(other),
    }
}

fn file(step: &Step) -> PathBuf {
    match &step.source {
        Source::File(path) => path.clone(),
        Source::Stored | Source::Derived => PathBuf::from(&step.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_said_in_a_sentence() {
        let check = |how: How, said: &str| {
            assert_eq!(Left { what: "table public.t".into(), how }.to_string(), said);
        };
        check(How::Gone, "table public.t is gone");
        check(How::Stays, "table public.t stays");
        check(How::Other(vec!["comment".into(), "acl".into()]), "table public.t has another comment, acl");
    }
}
