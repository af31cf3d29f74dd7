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
    /// The role that will own the objects. It does not protect the role that connects: the SQL can RESET ROLE.
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
    /// Whether a backup is taken before it.
    pub backup: Option<BackupFirst>,
    /// How long that backup may take; where it would take longer, the deploy stops before it begins.
    #[serde(default, deserialize_with = "duration::optional")]
    pub backup_budget: Option<Duration>,
}

/// `[deploy] backup`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BackupFirst {
    /// In protected environments.
    Auto,
    /// Everywhere.
    Always,
    /// The provider's point-in-time recovery does it: position and time are recorded.
    External,
    /// Nowhere.
    Never,
}

impl std::fmt::Display for BackupFirst {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::External => "external",
            Self::Never => "never",
        })
    }
}

/// `[backup]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BackupToml {
    /// The folder of all backups.
    pub dir: Option<PathBuf>,
    /// Parallel jobs of pg_dump and pg_restore.
    pub jobs: Option<u32>,
    /// `auto`, `none`, `gzip:1`, `zstd:3`, ….
    pub compression: Option<String>,
    /// Public keys of age: every file is encrypted to them.
    pub recipients: Option<Vec<String>>,
    /// A file with the secret keys of age that decrypt here.
    pub identity: Option<PathBuf>,
    /// How long the database that a restore replaced is kept.
    #[serde(default, deserialize_with = "duration::optional")]
    pub quarantine: Option<Duration>,
    /// When a backup that was not restored on trial for so long is worth a warning.
    #[serde(default, deserialize_with = "duration::optional")]
    pub verify_every: Option<Duration>,
    /// What `backup prune` keeps where no flag says it.
    #[serde(default)]
    pub keep: KeepToml,
}

/// `[backup.keep]`: restic's words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeepToml {
    /// The newest so many.
    pub last: Option<u32>,
    /// The newest of so many hours that have one.
    pub hourly: Option<u32>,
    /// The newest of so many days that have one.
    pub daily: Option<u32>,
    /// Weeks.
    pub weekly: Option<u32>,
    /// Months.
    pub monthly: Option<u32>,
    /// Years.
    pub yearly: Option<u32>,
    /// Everything not older than this.
    #[serde(default, deserialize_with = "duration::optional")]
    pub within: Option<Duration>,
    /// Everything with one of these labels.
    pub labels: Option<Vec<String>>,
}

/// `[drift]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DriftToml {
    /// What is none of the migrations': `[kind ]schema.name[.part]`, with `*` and `?`.
    pub ignore: Option<Vec<String>>,
    /// Whether it is compared who owns what.
    pub owners: Option<bool>,
    /// Whether grants and default privileges are compared.
    pub privileges: Option<bool>,
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
