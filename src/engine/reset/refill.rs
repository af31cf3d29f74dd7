//! Fills an emptied database again: migrations, then seeds, in one operation.

use crate::engine::Observer;
use crate::engine::drift::advance;
use crate::engine::migrations::plan::Plan;
use crate::engine::migrations::runner::{Done, RunError, Settings, StateNow, Stopped};
use crate::engine::operation::Operation;
use crate::engine::seeds::{self, Loading, SeedError, SeedFile, Touched};

/// What goes in.
#[derive(Debug, Clone, Copy)]
pub struct Refill<'a> {
    /// The migrations.
    pub plan: &'a Plan,
    /// How they are run.
    pub settings: &'a Settings,
    /// The seed files.
    pub seeds: &'a [SeedFile],
}

/// What went in.
#[derive(Debug)]
pub struct Refilled {
    /// The migrations.
    pub done: Done,
    /// What the seeds changed.
    pub seeded: Vec<Touched>,
}

/// What failed.
#[derive(Debug, thiserror::Error)]
pub enum RefillError {
    /// The migrations.
    #[error(transparent)]
    Migrations(#[from] Stopped),
    /// The seeds.
    #[error(transparent)]
    Seeds(#[from] SeedError),
}

impl Refill<'_> {
    /// Apply and load.
    ///
    /// # Errors
    /// See `RefillError`.
    pub fn run(
        &self,
        operation: &mut Operation,
        observer: &mut dyn Observer,
    ) -> Result<Refilled, RefillError> {
        let done = advance::run(operation, self.plan, self.settings, observer)?;
        let Operation { session, place, known, .. } = operation;
        let seeded = seeds::load(session, (place, known), self.seeds, Loading::Once, observer)?;
        Ok(Refilled { done, seeded })
    }
}

impl RefillError {
    /// The same error of a database that was made aside and is dropped: the one that people know is
    /// as it was.
    pub(super) fn aside(self) -> Self {
        match self {
            Self::Migrations(Stopped::Migration(error)) => {
                let error = RunError { state: StateNow::Untouched, done: Done::default(), ..*error };
                Self::Migrations(Stopped::Migration(Box::new(error)))
            }
            Self::Seeds(SeedError::File { file, offset, filtered, cause, .. }) => {
                Self::Seeds(SeedError::File { file, offset, filtered, cause, state: StateNow::Untouched })
            }
            Self::Seeds(SeedError::Record { file, lost, .. }) => {
                Self::Seeds(SeedError::Record { file, lost, state: StateNow::Untouched })
            }
            other => other,
        }
    }
}
