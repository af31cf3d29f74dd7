//! Restoring over the live database: what `restore` and `rollback --to-backup` share, from the choice of the backup to the
//! report.

mod chosen;
mod replace;
mod report;

use std::path::{Path, PathBuf};

use crate::engine::restore::pause::Writing;
use crate::engine::restore::{Goal, Ownership, Rows, Selection};

pub(crate) use chosen::{Live, check_origin, live, source};
pub(crate) use replace::replace_live;
pub(crate) use report::{RestoreReport, lost};

/// What is wanted of a restore.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The backup, as the user named it.
    pub(crate) backup: String,
    /// It is what the database says of itself, and no path.
    pub(crate) recorded: bool,
    /// The folder of all backups.
    pub(crate) dir: Option<PathBuf>,
    /// The file with the secret keys of age.
    pub(crate) identity: Option<PathBuf>,
    /// Parallel jobs.
    pub(crate) jobs: Option<u32>,
    /// Owners, privileges and roles.
    pub(crate) ownership: Ownership,
    /// What is left out.
    pub(crate) select: Selection,
    /// A backup of another place is meant for this one.
    pub(crate) from_elsewhere: bool,
    /// A restored database that differs is kept.
    pub(crate) keep_scratch: bool,
    /// Whether a dump without rows may take the place of rows.
    pub(crate) rows: Rows,
    /// Lesser roles whose code may run under the role that restores.
    pub(crate) trust: Vec<String>,
    /// Show every step and stop.
    pub(crate) dry_run: bool,
    /// What becomes of those who write.
    pub(crate) writing: Writing,
    /// What asks for it.
    pub(crate) goal: Goal,
}

impl Wanted {
    fn dir(&self) -> Option<&Path> {
        self.dir.as_deref()
    }
}
