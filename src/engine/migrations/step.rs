//! One migration to run: its SQL, which way, where the SQL comes from, and what is recorded of it. Values only.

use std::path::{Path, PathBuf};

use crate::engine::ledger::{Recorded, RecordedState, rows};
use crate::engine::row_security::RowSecurity;

use super::body::Body;
use super::folder::OnDisk;
use super::plan::PlanError;
use super::script::Script;

/// Up or down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// up.sql.
    Up,
    /// down.sql.
    Down,
}

/// Where a step's SQL comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// The database: the folder is gone.
    Stored,
    /// The catalog: there was no down.sql.
    Derived,
}

/// Where a partial migration goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resume {
    /// How many statements have finished.
    pub done: usize,
    /// How many have begun.
    pub begun: usize,
    /// SHA-256 of the finished statements, normalised.
    pub hash: Option<String>,
}

/// One migration to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its version.
    pub version: String,
    /// Its folder's name.
    pub name: String,
    /// Up or down.
    pub direction: Direction,
    /// Whether it runs in one transaction.
    pub transactional: bool,
    /// The SQL to run.
    pub body: Body,
    /// Whether it sets lock_timeout itself.
    pub sets_lock_timeout: bool,
    /// Whether policies filter what it reads and changes.
    pub row_security: RowSecurity,
    /// Where the SQL comes from.
    pub source: Source,
    /// SHA-256 of up.sql's bytes.
    pub checksum: String,
    /// SHA-256 of up.sql's tokens.
    pub checksum_normalised: String,
    /// up.sql as it will be stored.
    pub up_sql: Option<String>,
    /// down.sql as it will be stored.
    pub down_sql: Option<String>,
    /// Set where a partial migration goes on.
    pub resume: Option<Resume>,
}

pub(super) fn resume(recorded: Option<&Recorded>, state: RecordedState) -> Option<Resume> {
    recorded.filter(|row| row.is_partial(state)).map(|row| Resume {
        done: row.statements_done,
        begun: row.statements_begun,
        hash: row.statements_hash.clone(),
    })
}

/// What is recorded of a migration whose SQL is not run.
pub fn entry_of(migration: &OnDisk) -> rows::Entry<'_> {
    rows::Entry {
        version: &migration.version,
        name: &migration.name,
        transactional: migration.transactional,
        checksum: &migration.up.checksum,
        checksum_normalised: &migration.up.checksum_normalised,
        up_sql: migration.up.body.text(),
        down_sql: migration.down.as_ref().and_then(|down| down.body.text()),
    }
}

impl Step {
    pub(super) fn up(migration: &OnDisk, recorded: Option<&Recorded>) -> Self {
        Self {
            resume: resume(recorded, RecordedState::Partial),
            ..Self::of(migration, Direction::Up, &migration.up)
        }
    }

    pub(super) fn down(migration: &OnDisk, recorded: Option<&Recorded>) -> Result<Self, PlanError> {
        let no_down = |why| PlanError::NoDown { name: migration.name.clone(), why };
        match &migration.down {
            None => Err(no_down("it has no down.sql")),
            Some(down) if down.is_empty => Err(no_down("its down.sql holds no statement")),
            Some(down) => Ok(Self {
                resume: resume(recorded, RecordedState::PartialDown),
                ..Self::of(migration, Direction::Down, down)
            }),
        }
    }

    /// A way back that no file and no record has.
    pub(super) fn derived(version: &str, name: &str, sql: &str, recorded: Option<&Recorded>) -> Self {
        Self {
            version: version.to_owned(),
            name: name.to_owned(),
            direction: Direction::Down,
            transactional: true,
            body: Body::Text(sql.to_owned()),
            sets_lock_timeout: false,
            row_security: RowSecurity::Off,
            source: Source::Derived,
            checksum: recorded.map(|row| row.checksum.clone()).unwrap_or_default(),
            checksum_normalised: recorded.map(|row| row.checksum_normalised.clone()).unwrap_or_default(),
            up_sql: None,
            down_sql: Some(sql.to_owned()),
            resume: None,
        }
    }

    fn of(migration: &OnDisk, direction: Direction, script: &Script) -> Self {
        let entry = entry_of(migration);
        Self {
            version: migration.version.clone(),
            name: migration.name.clone(),
            direction,
            transactional: migration.transactional,
            body: script.body.clone(),
            sets_lock_timeout: script.sets_lock_timeout,
            row_security: script.row_security,
            source: Source::File(script.path.clone()),
            checksum: migration.up.checksum.clone(),
            checksum_normalised: migration.up.checksum_normalised.clone(),
            up_sql: entry.up_sql.map(str::to_owned),
            down_sql: entry.down_sql.map(str::to_owned),
            resume: None,
        }
    }

    /// What is run, for people: the file as seen from `root`, or that it was stored.
    pub fn origin(&self, root: &Path) -> String {
        let file = match self.direction {
            Direction::Up => "up.sql",
            Direction::Down => "down.sql",
        };
        match &self.source {
            Source::File(path) => path.strip_prefix(root).unwrap_or(path).display().to_string(),
            Source::Stored => format!("{}/{file}, as stored in the database", self.name),
            Source::Derived => format!("{}/{file}, derived from the catalog and proved", self.name),
        }
    }
}
