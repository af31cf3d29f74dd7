//! What a merge hangs on, tried in shadow databases: all migrations from nothing, the seeds twice, and each migration up, down
//! and up again. It decides nothing about exit codes, and shows nothing.

mod trips;

pub use trips::{Fault, Left, Trip, Trips, trips};

use std::collections::BTreeSet;

use crate::engine::Observer;
use crate::engine::catalog::read::ReadError;
use crate::engine::catalog::{Catalog, Difference, Id, Scope};
use crate::engine::migrations::Folder;
use crate::engine::migrations::runner::Settings;
use crate::engine::pull::owner;
use crate::engine::seeds::{SeedError, SeedFile};
use crate::engine::shadow::{LeftOut, Place, Shadow, ShadowError};

/// What is tried, and where.
#[derive(Debug)]
pub struct Trial<'a> {
    /// Where its shadow databases are made, one after the other.
    pub place: &'a Place,
    /// The migrations.
    pub folder: &'a Folder,
    /// How they are run.
    pub settings: &'a Settings,
}

/// What all migrations together made.
#[derive(Debug)]
pub struct Replayed {
    /// The catalog.
    pub catalog: Catalog,
    /// What was taken out of the migrations, because no schema holds it.
    pub left_out: Vec<LeftOut>,
    /// How the seeds loaded twice; nothing where there are none.
    pub seeds: Option<Result<(), SeedError>>,
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
    /// Apply all migrations to an empty database, then load the seeds twice.
    ///
    /// # Errors
    /// See `TrialError`; a migration that fails is a `ShadowError`.
    pub fn replay(&self, seeds: &[SeedFile], observer: &mut dyn Observer) -> Result<Replayed, TrialError> {
        let shadow = Shadow::create(self.place)?;
        let mut rehearsal = shadow.rehearse(self.folder, self.settings, observer)?;
        rehearsal.all_up(observer)?;
        let catalog = rehearsal.catalog()?;
        let seeds = (!seeds.is_empty()).then(|| rehearsal.seed_twice(seeds, observer));
        Ok(Replayed { catalog, left_out: std::mem::take(&mut rehearsal.left_out), seeds })
    }
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
