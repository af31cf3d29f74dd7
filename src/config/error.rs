//! What can be wrong with the configuration: what, where, why, what next. Exit code 2. No value that may hold a
//! password is quoted.

use std::path::PathBuf;

use thiserror::Error;

use super::origin::Origin;
use crate::pg::url::UrlError;

/// What is wrong with the configuration.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum ConfigError {
    /// `-C` names nothing, or the working directory is gone.
    #[error("The directory `{}` cannot be used: {cause}. Give an existing one with `-C`.", path.display())]
    Directory {
        /// As given.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// `--config` names nothing.
    #[error("`--config` names `{}`, and there is no such file. Correct the path, or write one with `pgkeel init`.", path.display())]
    NoConfigFile {
        /// As given.
        path: PathBuf,
    },
    /// A file that is there cannot be read.
    #[error("{} cannot be read: {cause}. Correct its permissions, or remove it.", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// Malformed TOML, an unknown key, or a wrong type.
    #[error("{}:{line}:{column}: {message}.{did_you_mean}", file.display())]
    Toml {
        /// The file.
        file: PathBuf,
        /// Counted from one.
        line: usize,
        /// Counted from one, in characters.
        column: usize,
        /// What the parser says.
        message: String,
        /// The nearest known key as a sentence, or nothing.
        did_you_mean: String,
    },
    /// A line that is not `NAME=value`.
    #[error(
        "{}:{line}: this line is not of the form `NAME=value` (it is not shown, it may hold a secret). Put a value with \
         blanks, `#`, `$` or quotes into single quotes.",
        file.display()
    )]
    DotEnv {
        /// The file.
        file: PathBuf,
        /// Counted from one.
        line: usize,
    },
    /// A value that cannot be expanded.
    #[error(
        "{}:{line}: `{name}` cannot be expanded: {why}. Set that variable, or put the value into single quotes if the `$` belongs \
         to it.",
        file.display()
    )]
    Expansion {
        /// The file.
        file: PathBuf,
        /// Counted from one.
        line: usize,
        /// The variable.
        name: String,
        /// Why.
        why: String,
    },
    /// A variable whose value is not UTF-8.
    #[error("{origin} is not UTF-8. Set it again, or unset it.")]
    NotUnicode {
        /// The variable.
        origin: Origin,
    },
    /// A database URL that cannot be read.
    #[error("{origin}: {cause}")]
    Url {
        /// Where it comes from.
        origin: Box<Origin>,
        /// What is wrong with it.
        cause: Box<UrlError>,
    },
    /// A value that is not what it must be.
    #[error("{origin} must be {expected}, and it is `{found}`.")]
    Value {
        /// Where it comes from.
        origin: Origin,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// A regular expression that is none.
    #[error("{origin}: `{pattern}` is no regular expression ({why}).")]
    Pattern {
        /// Where it comes from.
        origin: Origin,
        /// As written.
        pattern: String,
        /// Why not.
        why: String,
    },
    /// The pool's limits contradict each other.
    #[error(
        "The pool cannot hold at least {min} connections ({min_origin}) and at most {max} ({max_origin}). Lower the one or raise the other."
    )]
    PoolLimits {
        /// The lower limit.
        min: u32,
        /// Where it comes from.
        min_origin: Box<Origin>,
        /// The upper limit.
        max: u32,
        /// Where it comes from.
        max_origin: Box<Origin>,
    },
    /// An environment that pgkeel.toml does not know.
    #[error(
        "{origin} names the environment `{name}`, which has neither a section `[environments.{name}]` in pgkeel.toml nor \
         a file `.env.{name}`.{known}"
    )]
    UnknownEnvironment {
        /// The name.
        name: String,
        /// Who named it.
        origin: Origin,
        /// The nearest known one and all known ones, as sentences.
        known: String,
    },
    /// A variable that pgkeel.toml names, and nobody sets.
    #[error(
        "{by} names the variable `{variable}`, which is set neither in the environment nor in a .env file. Set it, or give `--database-url`."
    )]
    VariableNotSet {
        /// The variable.
        variable: String,
        /// The key that names it.
        by: Origin,
    },
    /// An environment that was named as a source has no database that is its own.
    #[error(
        "The environment `{name}` has no database of its own: neither `url` in `[environments.{name}]` of pgkeel.toml nor \
         DATABASE_URL in a file `.env.{name}`.{known}"
    )]
    NoEnvironmentUrl {
        /// The name.
        name: String,
        /// The nearest known one and all known ones, as sentences.
        known: String,
    },
    /// Two keys that exclude each other.
    #[error("{origin} and `{other}` exclude each other. Remove one.")]
    Exclusive {
        /// The one.
        origin: Origin,
        /// The other.
        other: &'static str,
    },
    /// Nothing says which database.
    #[error(
        "No database is configured{unused}, and {}. Set DATABASE_URL, or give `--dev` for the project's own dev cluster.",
        if *ci { "in CI the dev cluster is nobody's default" } else { "this command does not fall back to the dev cluster" }
    )]
    NoDatabase {
        /// Whether a developer's command found itself in CI.
        ci: bool,
        /// What looks as if it named one, in brackets.
        unused: String,
    },
    /// `url_command` gave no URL.
    #[error(
        "The command of {origin}, which prints the database's URL, gave none: {why}. Run it by hand to see."
    )]
    UrlCommand {
        /// The key.
        origin: Box<Origin>,
        /// Why not.
        why: String,
    },
    /// There is no folder for the dev cluster.
    #[error(
        "There is no folder for the dev cluster: neither HOME nor XDG_STATE_HOME is set. Set PGKEEL_STATE_DIR."
    )]
    NoStateDir,
}
