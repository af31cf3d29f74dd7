//! What to run, in which order. Pure: from what is known to steps, or to a refusal that names each
//! migration in the way.

use std::collections::BTreeMap;

use crate::engine::ledger::store::StoredSql;
use crate::engine::ledger::{Ledger, Recorded, RecordedState};
use crate::engine::row_security::RowSecurity;
use crate::pg::statements;

use super::body::Body;
use super::finding::{Finding, Severity};
use super::folder::Folder;
use super::reconcile::{Entry, Standing, State};
use super::replaced::Mark;
use super::step::resume;

pub use super::step::{Direction, Resume, Source, Step, entry_of};

/// Steps in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Step>,
    /// Squashed migrations that are recorded after the steps: the database then has all that they replace.
    pub marks: Vec<Mark>,
}

/// What trouble the user allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allow {
    /// `--allow-out-of-order`.
    pub out_of_order: bool,
    /// `--allow-edited`.
    pub edited: bool,
    /// `--allow-missing`.
    pub missing: bool,
}

impl Allow {
    fn allows(self, state: State) -> bool {
        match state {
            State::OutOfOrder => self.out_of_order,
            State::Edited => self.edited,
            State::Missing => self.missing,
            // A partial migration is gone on with.
            State::Partial | State::Applied | State::Pending => true,
        }
    }
}

/// How far a rollback goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The newest so many.
    Steps(usize),
    /// Everything newer than this version, which stays.
    Version(String),
    /// Everything that the last operation applied.
    LastOperation,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The folder must be mended first.
    #[error("the migrations folder must be mended first")]
    Findings(Vec<Finding>),
    /// The history is in trouble, which is worse than a folder that must be mended as well.
    #[error("the history of migrations is in trouble")]
    Trouble {
        /// The migrations in trouble.
        entries: Vec<Entry>,
        /// What is to be mended in the folder.
        findings: Vec<Finding>,
    },
    /// No migration has this version.
    #[error("there is no migration with version `{0}`")]
    UnknownVersion(String),
    /// The version is not applied.
    #[error("the migration `{0}` is not applied, so nothing can be rolled back to it")]
    NotApplied(String),
    /// A partial migration is in the way of a rollback.
    #[error("the migration `{0}` is partial: finish it first")]
    PartialInTheWay(String),
    /// A migration that is half undone is in the way of a deploy, which destroys nothing.
    #[error("the migration `{0}` is half undone: its rollback stopped, and must be finished first")]
    HalfUndone(String),
    /// There is no way down.
    #[error("the migration `{name}` cannot be undone: {why}")]
    NoDown {
        /// Its folder's name.
        name: String,
        /// Why.
        why: &'static str,
    },
    /// A squashed migration stands in the ledger by those that it replaces.
    #[error("the ledger still has the migrations that `{name}` replaces")]
    Unrecorded {
        /// Its folder's name.
        name: String,
    },
    /// Stored SQL must not be run.
    #[error(
        "the folder of `{name}` is gone, and its stored down.sql is not trusted: the bookkeeping schema belongs to a role that `{role}` is not a member of, or that has fewer rights"
    )]
    Untrusted {
        /// Its folder's name.
        name: String,
        /// Who would run it.
        role: String,
    },
}

impl Plan {
    /// Whether there is nothing to run and nothing to record.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.marks.is_empty()
    }

    /// Everything that is pending (or partial), up to `to`.
    ///
    /// # Errors
    /// Trouble that is not allowed, blocking findings, an unknown `to`.
    pub fn up(
        folder: &Folder,
        ledger: &Ledger,
        standing: &Standing,
        to: Option<&str>,
        allow: Allow,
    ) -> Result<Self, PlanError> {
        if let Some(to) = to
            && !standing.entries.iter().any(|entry| entry.version == to)
        {
            return Err(PlanError::UnknownVersion(to.into()));
        }
        let trouble: Vec<_> =
            standing.entries.iter().filter(|entry| !allow.allows(entry.state)).cloned().collect();
        let wanted = |entry: &&Entry| {
            matches!(entry.state, State::Pending | State::OutOfOrder | State::Partial)
                && to.is_none_or(|to| entry.version.as_str() <= to)
        };
        let chosen: Vec<_> = standing.entries.iter().filter(wanted).collect();
        if let Some(half) = standing.entries.iter().find(|entry| entry.is_half_undone()) {
            return Err(PlanError::HalfUndone(half.name.clone()));
        }
        let effective = folder.effective(ledger);
        let mut blocking: Vec<_> =
            folder.findings.iter().filter(|f| f.severity == Severity::Blocking).cloned().collect();
        blocking.extend(effective.findings.iter().cloned());
        let mut steps: Vec<Step> = Vec::new();
        for entry in chosen {
            let Some(migration) = effective.find(&entry.version) else {
                return Err(PlanError::Trouble { entries: vec![entry.clone()], findings: blocking });
            };
            blocking.extend(migration.findings.iter().filter(|f| f.severity == Severity::Blocking).cloned());
            let recorded = ledger.find(&entry.version);
            steps.push(Step::up(migration, recorded));
        }
        if !trouble.is_empty() {
            return Err(PlanError::Trouble { entries: trouble, findings: blocking });
        }
        if !blocking.is_empty() {
            return Err(PlanError::Findings(blocking));
        }
        let stands = |version: &str| {
            let applied = |entry: &Entry| entry.version == version && entry.state == State::Applied;
            steps.iter().any(|step| step.version == version) || standing.entries.iter().any(applied)
        };
        let complete = |versions: &[&str]| {
            let known = effective.migrations.iter().filter(|one| versions.contains(&one.version.as_str()));
            known.map(|one| one.version.as_str()).all(stands)
        };
        let unmarked = effective.unmarked.iter().filter(|one| complete(&one.replaces.versions()));
        let marks =
            unmarked.map(|one| Mark { squashed: one.squashed.clone(), others: one.others() }).collect();
        Ok(Self { steps, marks })
    }

    /// The versions that a rollback to `target` undoes, newest first.
    ///
    /// # Errors
    /// An unknown version, or a partial migration in the way.
    pub fn to_undo(ledger: &Ledger, standing: &Standing, target: &Target) -> Result<Vec<String>, PlanError> {
        let half_applied = |entry: &&Entry| entry.state == State::Partial && !entry.is_half_undone();
        if let Some(partial) = standing.entries.iter().find(half_applied) {
            return Err(PlanError::PartialInTheWay(partial.name.clone()));
        }
        let mut applied: Vec<_> = ledger.applied.iter().map(|row| row.version.clone()).collect();
        applied.sort();
        applied.reverse();
        Ok(match target {
            Target::Steps(steps) => applied.into_iter().take(*steps).collect(),
            Target::Version(version) => {
                if !applied.contains(version) {
                    let known = standing.entries.iter().any(|entry| &entry.version == version);
                    return Err(match known {
                        true => PlanError::NotApplied(version.clone()),
                        false => PlanError::UnknownVersion(version.clone()),
                    });
                }
                applied.into_iter().filter(|other| other > version).collect()
            }
            Target::LastOperation => {
                // What `resolve` wrote down was never run, so no run is undone by undoing it.
                let ran = |row: &&Recorded| {
                    row.state == RecordedState::Applied && row.command.as_deref() != Some("resolve")
                };
                let operation_of = |version: &String| {
                    ledger
                        .recorded
                        .iter()
                        .find(|row| &row.version == version && ran(row))
                        .and_then(|row| row.operation_id)
                };
                let last = applied.iter().filter_map(operation_of).max();
                applied
                    .into_iter()
                    .filter(|version| last.is_some() && operation_of(version) == last)
                    .collect()
            }
        })
    }

    /// Undo these versions: by what was derived for them, from their files, or from stored SQL where the files are gone.
    ///
    /// # Errors
    /// A migration that has no way down, blocking findings in a down.sql.
    pub fn down(
        folder: &Folder,
        ledger: &Ledger,
        versions: &[String],
        stored: &[StoredSql],
        derived: &BTreeMap<String, String>,
    ) -> Result<Self, PlanError> {
        let effective = folder.effective(ledger);
        let mut steps = Vec::with_capacity(versions.len());
        for version in versions {
            let recorded = ledger.find(version);
            if let Some(sql) = derived.get(version) {
                let name = effective.find(version).map(|one| one.name.clone());
                let name = name.or_else(|| recorded.map(|row| row.name.clone()));
                steps.push(Step::derived(version, name.as_deref().unwrap_or(version), sql, recorded));
                continue;
            }
            if let Some(migration) = effective.find(version) {
                let broken: Vec<_> = migration
                    .findings
                    .iter()
                    .filter(|f| f.severity == Severity::Blocking && f.file.ends_with("down.sql"))
                    .cloned()
                    .collect();
                if !broken.is_empty() {
                    return Err(PlanError::Findings(broken));
                }
                if effective.unmarked.iter().any(|one| std::ptr::eq(one.squashed, migration)) {
                    return Err(PlanError::Unrecorded { name: migration.name.clone() });
                }
                steps.push(Step::down(migration, recorded)?);
                continue;
            }
            let no_down = |name: &str, why| PlanError::NoDown { name: name.to_owned(), why };
            let Some(row) = stored.iter().find(|row| &row.version == version) else {
                return Err(no_down(
                    version,
                    "its folder is gone, and another tool applied it, so no down.sql is stored",
                ));
            };
            let Some(sql) = row.down_sql.clone() else {
                return Err(no_down(&row.name, "its folder is gone, and no down.sql is stored"));
            };
            if !ledger.facts.trusted {
                return Err(PlanError::Untrusted { name: row.name.clone(), role: ledger.facts.role.clone() });
            }
            let all = statements::split(&sql).unwrap_or_default();
            if all.iter().all(|statement| statement.is_empty()) {
                return Err(no_down(&row.name, "its stored down.sql holds no statement"));
            }
            let sets_lock_timeout = all.iter().any(|s| s.facts.sets.as_deref() == Some("lock_timeout"));
            let row_security = RowSecurity::of_text(&sql);
            steps.push(Step {
                version: version.clone(),
                name: row.name.clone(),
                direction: Direction::Down,
                transactional: row.transactional,
                body: Body::Text(sql),
                sets_lock_timeout,
                row_security,
                source: Source::Stored,
                checksum: recorded.map(|r| r.checksum.clone()).unwrap_or_default(),
                checksum_normalised: recorded.map(|r| r.checksum_normalised.clone()).unwrap_or_default(),
                up_sql: row.up_sql.clone(),
                down_sql: row.down_sql.clone(),
                resume: resume(recorded, RecordedState::PartialDown),
            });
        }
        Ok(Self { steps, marks: Vec::new() })
    }
}
