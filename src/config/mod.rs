//! The resolved configuration: every value with its origin, one value for the whole run, and the only place where a
//! default is written. `layers` reads, `resolve` decides; nothing here connects or runs a program.
//!
//! Strongest first: flag, environment, .env files, pgkeel.toml, diesel.toml, dev cluster. An environment that is named
//! lends its section in pgkeel.toml the strength of that naming (see [`Layer`]).

mod database;
mod diesel_toml;
mod dotenv;
mod duration;
mod elsewhere;
mod entries;
mod error;
mod flags;
mod layers;
mod libpq;
mod naming;
mod origin;
mod places;
mod project_toml;
mod resolve;
mod sections;
mod surroundings;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) use database::Target;
pub(crate) use diesel_toml::{Docs, Filter, PrintSchema, SameQuery, Sorting};
pub(crate) use duration::{parse_duration, show_duration};
pub(crate) use entries::Entry;
pub(crate) use error::ConfigError;
pub(crate) use flags::{Color, GlobalArgs, shell_word};
pub(crate) use layers::Environment;
pub(crate) use origin::{Origin, Sourced};
pub(crate) use project_toml::CommandLine;
pub(crate) use sections::{BackupFirst, KeepToml};
pub(crate) use surroundings::Surroundings;

use crate::pg::url::{DatabaseUrl, PoolTimeout};

/// The configuration of one run.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The project's folder: where pgkeel.toml, diesel.toml or migrations/ is, else where we were started.
    pub root: PathBuf,
    /// Where we were started, or what `-C` names.
    pub directory: PathBuf,
    /// The environment, if anybody names one.
    pub environment: Option<Sourced<String>>,
    /// Why the configuration holds the database to be protected, if it does. The mark in the database may add to it.
    pub protected: Option<Sourced<Protection>>,
    /// May `reset` run at all? `false` cannot be passed by any flag.
    pub allow_reset: Sourced<bool>,
    /// The database; `None` only in CI, where the dev cluster is nobody's default.
    pub database: Option<Sourced<Target>>,
    /// The same database around the pooler.
    pub direct: Option<Sourced<DatabaseUrl>>,
    /// The shadow database.
    pub shadow: Option<Sourced<DatabaseUrl>>,
    /// Connections for our own tables.
    pub pool: Pool,
    /// The desired state: a file or a folder. Absolute.
    pub schema: Sourced<PathBuf>,
    /// The migrations folder. Absolute.
    pub migrations: Sourced<PathBuf>,
    /// The schema of our own tables.
    pub bookkeeping_schema: Sourced<String>,
    /// Other roles that may own the tables of the record.
    pub trusted_owners: Option<Sourced<Vec<String>>>,
    /// `[deploy]`.
    pub deploy: DeployConfig,
    /// `[backup]`.
    pub backup: BackupConfig,
    /// `[drift]`.
    pub drift: DriftConfig,
    /// `[seed]`, and the sets of the environment.
    pub seed: SeedConfig,
    /// `[print_schema]` of diesel.toml as written, with the file's name: `print_schemas` reads it.
    print_schema: (PathBuf, toml::Table),
    /// What the flags answer and how they want it told.
    pub answers: Answers,
    /// The machine and terminal around us.
    pub surroundings: Surroundings,
    /// The environments that pgkeel.toml has a section for.
    pub environments: Vec<String>,
    /// The flags, to ask for another environment's configuration.
    args: GlobalArgs,
    /// What makes the choice of the database surprising: an empty DATABASE_URL, a PGHOST that is not used.
    pub unused: Option<String>,
    /// What the user should know: files that disagree, parameters read differently. Full sentences without secrets.
    pub warnings: Vec<String>,
}

/// Why the configuration calls the database protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Protection {
    /// `protected = true`.
    Stated,
    /// The environment's name is a production's.
    Name(String),
}

/// How many connections, and how long to wait for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pool {
    /// Kept open.
    pub min: Sourced<u32>,
    /// At most open.
    pub max: Sourced<u32>,
    /// How long to wait for one.
    pub timeout: Sourced<PoolTimeout>,
}

/// `[deploy]`, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeployConfig {
    /// The role that the SQL runs as.
    pub role: Option<Sourced<String>>,
    /// How long a statement may wait for a table lock.
    pub lock_timeout: Sourced<Duration>,
    /// How long to wait for another deploy; `None`: as long as it makes progress.
    pub lock_wait: Option<Sourced<Duration>>,
    /// How long to wait for the server; `None`: not at all.
    pub wait: Option<Sourced<Duration>>,
    /// Whether a backup is taken before it.
    pub backup: Sourced<BackupFirst>,
    /// How long that may take.
    pub backup_budget: Sourced<Duration>,
}

/// `[backup]`, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BackupConfig {
    /// The folder of all backups. Absolute.
    pub dir: Sourced<PathBuf>,
    /// Parallel jobs; `None`: as many as this machine has processors, four at most.
    pub jobs: Option<Sourced<u32>>,
    /// `auto`, or as pg_dump has it.
    pub compression: Sourced<String>,
    /// Public keys of age; empty: not encrypted.
    pub recipients: Sourced<Vec<String>>,
    /// A file with the secret keys of age. Absolute.
    pub identity: Option<Sourced<PathBuf>>,
    /// How long the database that a restore replaced is kept.
    pub quarantine: Sourced<Duration>,
    /// When a backup that was not restored on trial for so long is worth a warning.
    pub verify_every: Sourced<Duration>,
    /// What `backup prune` keeps where no flag says it; its keys are below that of its origin.
    pub keep: Sourced<KeepToml>,
    /// The admin console of the PgBouncer before the database.
    pub pgbouncer: Option<Sourced<DatabaseUrl>>,
}

/// `[drift]`, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DriftConfig {
    /// What is none of the migrations', as written.
    pub ignore: Sourced<Vec<String>>,
    /// Whether it is compared who owns what.
    pub owners: Sourced<bool>,
    /// Whether grants and default privileges are compared.
    pub privileges: Sourced<bool>,
}

/// `[seed]`, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeedConfig {
    /// The folder of the sets. Absolute.
    pub dir: Sourced<PathBuf>,
    /// The sets of this environment; `None` if it does not say.
    pub sets: Option<Sourced<Vec<String>>>,
    /// A command that seeds after the sets.
    pub command: Option<Sourced<CommandLine>>,
    /// The sets that may run in a protected environment.
    pub production: Sourced<Vec<String>>,
}

/// What the flags answer and how they want it told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answers {
    /// `--yes`.
    pub yes: bool,
    /// `--confirm`.
    pub confirm: Option<String>,
    /// `--json`.
    pub json: bool,
    /// `--quiet`.
    pub quiet: bool,
    /// How many `-v`.
    pub verbose: u8,
    /// The flags that chose project and database, for a command that is to be typed; no password.
    pub place: String,
}

impl Config {
    /// A URL that was given on the command line or printed by a command, completed by libpq's variables.
    pub(crate) fn complete(&self, url: DatabaseUrl) -> Result<DatabaseUrl, ConfigError> {
        libpq::complete(url, &Environment::of_process(), libpq::Gives::All)
    }

    /// Whether anything here is a project's: pgkeel.toml, diesel.toml, migrations or a schema file.
    pub(crate) fn is_project(&self) -> bool {
        let root = ["pgkeel.toml", "diesel.toml"].iter().any(|name| self.root.join(name).is_file());
        root || self.args.config.is_some() || self.migrations.value.exists() || self.schema.value.exists()
    }

    /// Read the configuration of this process.
    pub(crate) fn of_process(args: &GlobalArgs) -> Result<Self, ConfigError> {
        let working_directory = std::env::current_dir()
            .map_err(|cause| ConfigError::Directory { path: PathBuf::from("."), cause })?;
        Self::load(args, &Environment::of_process(), &working_directory)
    }

    /// Read the configuration from these flags, this environment and the files around this directory.
    pub(crate) fn load(
        args: &GlobalArgs,
        environment: &Environment,
        working_directory: &Path,
    ) -> Result<Self, ConfigError> {
        resolve::resolve(&layers::Layers::gather(args, environment, working_directory)?)
    }

    /// The database for commands that never fall back to the dev cluster (`deploy`, `backup`, `restore`, `rollback`):
    /// they get it with `--dev` alone.
    pub(crate) fn configured_database(&self) -> Option<&Sourced<Target>> {
        self.database.as_ref().filter(|database| database.origin != Origin::DevCluster)
    }
}

impl std::fmt::Display for Protection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stated => f.write_str("the configuration says `protected = true`"),
            Self::Name(name) => write!(f, "the environment is called `{name}`"),
        }
    }
}
