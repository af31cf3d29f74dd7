//! What a merge hangs on, tried in shadow databases: all migrations from nothing, the seeds twice, and each migration up, down
//! and up again. It decides nothing about exit codes, and shows nothing.

mod trips;

pub use trips::{Fault, Left, Trip, Trips, trips};

use std::collections::BTreeSet;

use crate::engine::catalog::read::ReadError;
use crate::engine::catalog::{Catalog, Difference, Id, Scope};
use crate::engine::migrations::Folder;
use crate::engine::migrations::runner::{Settings, Stopped};
use crate::engine::pull::owner;
use crate::engine::seeds::{SeedError, SeedFile};
use crate::engine::shadow::{As, LeftOut, Place, Shadow, ShadowError};
use crate::engine::{Event, Observer};
use crate::pg::error::{PgError, PgFailure};

/// What is tried, and where.
#[derive(Debug)]
pub struct Trial<'a> {
    /// Where its shadow databases are made, one after the other.
    pub place: &'a Place,
    /// The migrations.
    pub folder: &'a Folder,
    /// How they are run.
    pub settings: &'a Settings,
    /// As whom.
    pub run: As,
    /// The names of the migrations that run with the rights of the server's own role.
    pub lent: &'a BTreeSet<String>,
}

/// What all migrations together made.
#[derive(Debug)]
pub struct Replayed {
    /// The catalog.
    pub catalog: Catalog,
    /// What was taken out of the migrations, because no schema holds it.
    pub left_out: Vec<LeftOut>,
    /// How the seeds loaded twice, and whether policies applied to them; nothing where there are none.
    pub seeds: Option<Result<bool, SeedError>>,
    /// Whether they ran as a role that policies apply to.
    pub is_checked: bool,
    /// Whether that role was made for the run.
    pub stands_in: bool,
    /// Why they did not run as that role: the error, which is not about policies.
    pub unlike: Option<ShadowError>,
    /// The migrations that ran with the rights of the server's own role, each with its error as an ordinary owner.
    pub lent: Vec<(String, ShadowError)>,
    /// The migrations whose code chooses a role or catches a lack of rights: what policies hide from it is not seen.
    pub blind: Vec<String>,
}

/// Why a trial could not come to an end.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// There is no shadow database, or a migration does not run in it.
    #[error(transparent)]
    Shadow(#[from] ShadowError),
    /// The catalog cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl Trial<'_> {
    /// Apply all migrations to an empty database, then load the seeds twice. What fails as an ordinary owner for another reason
    /// than policies is applied as the server's own role.
    ///
    /// # Errors
    /// See `TrialError`; a migration that fails is a `ShadowError`.
    pub fn replay(&self, seeds: &[SeedFile], observer: &mut dyn Observer) -> Result<Replayed, TrialError> {
        if self.run == As::Ourselves {
            return self.once(seeds, observer, &mut StandsIn::No);
        }
        let mut lent = self.lent.clone();
        let mut errors: Vec<(String, ShadowError)> = Vec::new();
        let error = loop {
            let mut stands_in = StandsIn::No;
            let mut kept = Kept { events: Vec::new(), observer };
            let trial = Trial { lent: &lent, ..*self };
            let error = match trial.once(seeds, &mut kept, &mut stands_in) {
                Err(TrialError::Shadow(error))
                    if stands_in != StandsIn::No && is_of_the_migration(&error) && !is_policy(&error) =>
                {
                    error
                }
                ended => {
                    kept.release();
                    return ended.map(|replayed| Replayed { lent: errors, ..replayed });
                }
            };
            let failed = name_of(&error).map(str::to_owned);
            match failed {
                Some(name)
                    if stands_in == StandsIn::Lends && errors.len() < LENT && lent.insert(name.clone()) =>
                {
                    errors.push((name, error));
                }
                _ => break error,
            }
        };
        // Otherwise it fails for the server's own role too, and that is what is said.
        let again = Trial { run: As::Ourselves, ..*self }.once(seeds, observer, &mut StandsIn::No)?;
        Ok(Replayed { unlike: Some(error), ..again })
    }

    fn once(
        &self,
        seeds: &[SeedFile],
        observer: &mut dyn Observer,
        stands_in: &mut StandsIn,
    ) -> Result<Replayed, TrialError> {
        let shadow = Shadow::create(self.place)?;
        let mut rehearsal = shadow.rehearse(self.folder, self.settings, self.run, observer)?;
        rehearsal.lend(self.lent);
        *stands_in = match (rehearsal.stands_in(), rehearsal.lends()) {
            (false, _) => StandsIn::No,
            (true, false) => StandsIn::Yes,
            (true, true) => StandsIn::Lends,
        };
        rehearsal.all_up(observer)?;
        let catalog = rehearsal.catalog()?;
        let seeds = (!seeds.is_empty()).then(|| rehearsal.seed_twice(seeds, observer));
        Ok(Replayed {
            catalog,
            left_out: std::mem::take(&mut rehearsal.left_out),
            seeds,
            is_checked: rehearsal.is_checked,
            stands_in: *stands_in != StandsIn::No,
            unlike: None,
            lent: Vec::new(),
            blind: rehearsal.blind(),
        })
    }
}

/// What the server says is kept until it is known whether that run counts.
struct Kept<'a> {
    events: Vec<Event>,
    observer: &'a mut dyn Observer,
}

impl Kept<'_> {
    fn release(self) {
        for event in self.events {
            self.observer.event(event);
        }
    }
}

impl Observer for Kept<'_> {
    fn event(&mut self, event: Event) {
        match event {
            Event::Notice { .. } | Event::MoreNotices { .. } | Event::Elevated { .. } => {
                self.events.push(event)
            }
            other => self.observer.event(other),
        }
    }
}

/// For so many migrations the trial begins again.
const LENT: usize = 8;

/// Whether a role stands in for the server's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StandsIn {
    No,
    Yes,
    /// It can be given the rights of a superuser.
    Lends,
}

/// The migration that failed.
fn name_of(error: &ShadowError) -> Option<&str> {
    match error {
        ShadowError::Migrations(Stopped::Migration(why)) => Some(&why.step.name),
        _ => None,
    }
}

/// Whether the server said no to a statement of a migration.
fn is_of_the_migration(error: &ShadowError) -> bool {
    matches!(error, ShadowError::Migrations(Stopped::Migration(why)) if matches!(why.cause, PgError::Server(_) | PgError::WithoutEffect(_)))
}

/// Whether rights were lacking.
fn is_denied(error: &ShadowError) -> bool {
    let ShadowError::Migrations(Stopped::Migration(why)) = error else { return false };
    why.cause.failure() == PgFailure::NoPrivilege || matches!(why.cause, PgError::WithoutEffect(_))
}

/// Whether policies would have hidden rows from a statement.
fn is_policy(error: &ShadowError) -> bool {
    let ShadowError::Migrations(Stopped::Migration(why)) = error else { return false };
    let met = matches!(&why.cause, PgError::Server(server) if server.met_policy() == Some(true));
    met || why.filtered.is_some()
}

/// What differs; of what comes or goes as a whole, not also its parts.
pub fn differing<'a>(one: &'a Catalog, other: &'a Catalog) -> Vec<Difference<'a>> {
    let all = one.differences(other, &Scope::default());
    let whole = |difference: &Difference<'_>| match difference {
        Difference::Missing(fact) => owner(other, &fact.id),
        Difference::Extra(fact) => owner(one, &fact.id),
        Difference::Other(fact, ..) => fact.id.clone(),
    };
    let come_or_go: BTreeSet<Id> = all
        .iter()
        .filter(|difference| !matches!(difference, Difference::Other(..)))
        .map(|difference| difference.id().clone())
        .collect();
    let is_part = |difference: &Difference<'_>| {
        let whole = whole(difference);
        whole != *difference.id() && come_or_go.contains(&whole)
    };
    all.into_iter().filter(|difference| !is_part(difference)).collect()
}
