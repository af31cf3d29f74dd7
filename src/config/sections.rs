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
