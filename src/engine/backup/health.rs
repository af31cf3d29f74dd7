//! What a database's backups are worth now: the newest that is proved, and what somebody should see to. Reads no file
//! that the catalogue has not read.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::catalogue::{Catalogue, Kept, Place};
use super::manifest::{Level, Scope};
use super::name::BackupId;
use crate::engine::restorability::{Code, Finding};

/// The state of a database's backups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// Whole backups of it.
    pub count: usize,
    /// The newest that has passed a verification and from which all can be brought back.
    pub newest: Option<Proved>,
    /// What somebody should see to.
    pub warnings: Vec<Warning>,
}

/// A backup that is proved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proved {
    /// Which.
    pub id: BackupId,
    /// When it was taken.
    pub taken_at: DateTime<Utc>,
    /// The best level that it has passed.
    pub level: Level,
    /// When it last passed that.
    pub proved_at: DateTime<Utc>,
}

/// What somebody should see to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "what")]
pub enum Warning {
    /// There are backups, but none that is sound and holds everything.
    NothingSound,
    /// The newest one is damaged.
    NewestDamaged {
        /// It.
        id: BackupId,
    },
    /// The newest one failed its restore on trial, with files that are undamaged as far as is known.
    NewestFailedTrial {
        /// It.
        id: BackupId,
        /// What the restore failed at.
        why: Vec<String>,
    },
    /// Something is known to get in the way of restoring the newest verified one, which was not restored on trial.
    Restorability {
        /// It.
        id: BackupId,
        /// What.
        findings: Vec<Finding>,
    },
    /// No backup was restored on trial for long.
    Untried {
        /// When one last was.
        since: Option<DateTime<Utc>>,
    },
    /// A killed run left something.
    Leftover {
        /// What.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// A folder with a backup's name without a manifest that can be read.
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

impl Health {
    /// Of the backups of a database, of which alone the catalogue is; `None` if there is nothing to say. A trial is due every `verify_every`, once the
    /// oldest backup is as old as that.
    pub fn of(
        catalogue: &Catalogue,
        place: Place<'_>,
        now: DateTime<Utc>,
        verify_every: Duration,
    ) -> Option<Self> {
        let backups: Vec<&Kept> = catalogue.of(place).collect();
        let mut warnings = Vec::new();
        let newest = backups.iter().rev().filter(|kept| kept.is_whole()).find_map(|kept| {
            // A look at sizes alone verifies nothing.
            let (level, proved_at) = kept.manifest.proved().filter(|(level, _)| *level >= Level::L1)?;
            let (id, taken_at) = (kept.manifest.id.clone(), kept.manifest.created_at);
            Some(Proved { id, taken_at, level, proved_at })
        });
        let of_all = |kept: &&&Kept| kept.manifest.scope == Scope::Full;
        if let Some(damaged) = backups.iter().rfind(of_all).filter(|kept| kept.manifest.is_damaged()) {
            let id = damaged.manifest.id.clone();
            warnings.push(match damaged.manifest.failed_trial() {
                Some(failed) => Warning::NewestFailedTrial { id, why: failed.notes.clone() },
                None => Warning::NewestDamaged { id },
            });
        }
        if !backups.is_empty() && newest.is_none() {
            warnings.push(Warning::NothingSound);
        }
        let newest_kept = newest
            .iter()
            .filter(|newest| newest.level < Level::L2)
            .find_map(|newest| backups.iter().find(|kept| kept.manifest.id == newest.id));
        // Programs are a matter of the machine that restores.
        let of_database = |finding: &&Finding| finding.code != Code::ClientPrograms;
        let findings = newest_kept.iter().flat_map(|kept| kept.manifest.findings.iter().flatten());
        let findings: Vec<Finding> = findings.filter(of_database).cloned().collect();
        if let Some(newest) = newest.as_ref().filter(|_| !findings.is_empty()) {
            warnings.push(Warning::Restorability { id: newest.id.clone(), findings });
        }
        let every = TimeDelta::from_std(verify_every).unwrap_or(TimeDelta::MAX);
        let due = now.checked_sub_signed(every).unwrap_or(DateTime::<Utc>::MIN_UTC);
        let since = backups.iter().filter_map(|kept| last_trial(kept)).max();
        let is_due = backups.iter().any(|kept| kept.manifest.created_at < due);
        if newest.is_some() && is_due && since.is_none_or(|since| since < due) {
            warnings.push(Warning::Untried { since });
        }
        let dead = catalogue.partial.iter().filter(|leftover| !leftover.running);
        warnings.extend(dead.map(|left| Warning::Leftover { path: left.path.clone(), bytes: left.bytes }));
        warnings.extend(
            catalogue
                .unreadable
                .iter()
                .map(|(path, why)| Warning::Unreadable { path: path.clone(), why: why.to_string() }),
        );
        let health = Self { count: backups.len(), newest, warnings };
        (health.count > 0 || !health.warnings.is_empty()).then_some(health)
    }
}

/// When a backup was last restored on trial.
fn last_trial(kept: &Kept) -> Option<DateTime<Utc>> {
    let passed = kept.manifest.verifications.iter().filter(|one| one.passed && one.level >= Level::L2);
    passed.map(|one| one.at).max()
}
