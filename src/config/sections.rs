//! The sections of pgkeel.toml below the top level, as written: every key optional, defaults are the resolver's.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::duration;
use super::project_toml::CommandLine;

/// `[pool]`: connections for our own tables.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PoolToml {
    /// Kept open.
    pub min: Option<u32>,
    /// At most open.
    pub max: Option<u32>,
}

/// `[deploy]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeployToml {
    /// When a backup is taken first.
    pub backup: Option<BackupMode>,
    /// How long that backup may be expected to take.
    #[serde(default, deserialize_with = "duration::optional")]
    pub backup_budget: Option<Duration>,
    /// The role that owns the objects: the SQL runs as it.
    pub role: Option<String>,
    /// How long a statement may wait for a table lock.
    #[serde(default, deserialize_with = "duration::optional")]
    pub lock_timeout: Option<Duration>,
    /// How long to wait for another deploy; without it, as long as that makes progress.
    #[serde(default, deserialize_with = "duration::optional")]
    pub lock_wait: Option<Duration>,
    /// How long to wait for the server.
    #[serde(default, deserialize_with = "duration::optional")]
    pub wait: Option<Duration>,
}

/// When `deploy` takes a backup first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BackupMode {
    /// In protected environments.
    #[default]
    Auto,
    /// Everywhere.
    Always,
    /// Someone else does: LSN and time are recorded for their point-in-time recovery.
    External,
    /// Nowhere.
    Never,
}

impl BackupMode {
    /// As it is written in pgkeel.toml.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::External => "external",
            Self::Never => "never",
        }
    }
}

/// `[seed]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeedToml {
    /// The folder of the sets.
    pub dir: Option<PathBuf>,
    /// A command that seeds after the sets.
    pub command: Option<CommandLine>,
    /// The sets that may run in a protected environment.
    pub production: Option<Vec<String>>,
}

/// `[backup]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupToml {
    /// The folder that holds backups.
    pub dir: Option<PathBuf>,
    /// How many tables at once.
    pub jobs: Option<u32>,
    /// Whom to encrypt to.
    pub encrypt_to: Option<String>,
    /// `[backup.keep]`.
    #[serde(default)]
    pub keep: KeepToml,
}

/// `[backup.keep]`: what `backup prune` keeps; each line keeps more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeepToml {
    /// The newest.
    pub last: Option<u32>,
    /// The newest of each of that many hours.
    pub hourly: Option<u32>,
    /// … days.
    pub daily: Option<u32>,
    /// … weeks.
    pub weekly: Option<u32>,
    /// … months.
    pub monthly: Option<u32>,
    /// … years.
    pub yearly: Option<u32>,
    /// All not older than the newest by more than this.
    #[serde(default, deserialize_with = "duration::optional")]
    pub within: Option<Duration>,
}

/// `[lint]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LintToml {
    /// Rules that are off.
    #[serde(default)]
    pub disable: Vec<String>,
}

/// `[drift]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriftToml {
    /// Objects that are no drift.
    #[serde(default)]
    pub ignore: Vec<String>,
}

/// `[generate]`: the files to write; what is absent is not written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenerateToml {
    /// Diesel's schema.rs; without it, the file of `[print_schema]` in diesel.toml.
    pub schema: Option<PathBuf>,
    /// Models.
    pub models: Option<PathBuf>,
    /// Documentation.
    pub docs: Option<PathBuf>,
    /// The diagram.
    pub diagram: Option<PathBuf>,
}

/// One of `[[retention]]`: rows that `purge` deletes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionToml {
    /// The table, with its schema if it is not on the search path.
    pub table: String,
    /// The column that says how old a row is.
    pub column: String,
    /// How old a row may become.
    #[serde(deserialize_with = "duration::required")]
    pub keep: Duration,
}

/// `[hooks]`: commands before and after.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HooksToml {
    /// Before `migrate` applies.
    pub before_migrate: Option<CommandLine>,
    /// After it has applied.
    pub after_migrate: Option<CommandLine>,
    /// Before `deploy` applies.
    pub before_deploy: Option<CommandLine>,
    /// After it has applied.
    pub after_deploy: Option<CommandLine>,
}
