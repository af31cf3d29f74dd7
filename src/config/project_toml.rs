//! pgkeel.toml: its keys as types, and errors with line, column and the nearest known key. An unknown key is refused: a
//! mistyped `protected` must not pass in silence.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::ConfigError;
use super::sections::{BackupToml, DeployToml, DriftToml, PoolToml, SeedToml};
use crate::pg::nearest::did_you_mean;
use crate::pg::secret::Secret;

/// pgkeel.toml as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProjectToml {
    /// The desired state: a .sql file or a folder of them.
    pub schema: Option<PathBuf>,
    /// The migrations folder.
    pub migrations: Option<PathBuf>,
    /// The environment where nobody names one.
    pub default_environment: Option<String>,
    /// The schema of our own tables.
    pub bookkeeping_schema: Option<String>,
    /// Other roles that may own the tables of the record.
    pub trusted_owners: Option<Vec<String>>,
    /// `false`: no flag can make `reset` run.
    pub allow_reset: Option<bool>,
    /// `[environments.NAME]`.
    #[serde(default)]
    pub environments: BTreeMap<String, EnvironmentToml>,
    /// `[pool]`.
    #[serde(default)]
    pub pool: PoolToml,
    /// `[deploy]`.
    #[serde(default)]
    pub deploy: DeployToml,
    /// `[backup]`.
    #[serde(default)]
    pub backup: BackupToml,
    /// `[drift]`.
    #[serde(default)]
    pub drift: DriftToml,
    /// `[seed]`.
    #[serde(default)]
    pub seed: SeedToml,
}

/// `[environments.NAME]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EnvironmentToml {
    /// The database: `env:VARIABLE`, or a URL.
    pub url: Option<RawUrl>,
    /// The same database around the pooler: `env:VARIABLE`, or a URL.
    pub direct_url: Option<RawUrl>,
    /// The shadow database: `env:VARIABLE`, or a URL.
    pub shadow_url: Option<RawUrl>,
    /// The admin console of the PgBouncer before it: `env:VARIABLE`, or a URL.
    pub pgbouncer_url: Option<RawUrl>,
    /// A command whose output is the URL (cloud IAM, a vault).
    pub url_command: Option<CommandLine>,
    /// Is it to be guarded as production is?
    pub protected: Option<bool>,
    /// `false`: no flag can make `reset` run here.
    pub allow_reset: Option<bool>,
    /// The seed sets of this environment.
    pub seeds: Option<Vec<String>>,
}

/// A URL, or the name of a variable that holds one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub(super) enum RawUrl {
    /// `env:NAME`.
    Variable(String),
    /// The URL itself; not yet read.
    Literal(Secret),
}

impl From<String> for RawUrl {
    fn from(text: String) -> Self {
        match text.strip_prefix("env:") {
            Some(name) => Self::Variable(name.trim().to_owned()),
            None => Self::Literal(Secret::new(text)),
        }
    }
}

/// A command: a line for the shell, or a program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a command: a line for the shell, or a list of a program and its arguments"
)]
pub(crate) enum CommandLine {
    /// For `sh -c`.
    Shell(String),
    /// Program and arguments.
    Program(Vec<String>),
}

impl std::fmt::Display for CommandLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Shell(line) => f.write_str(line),
            Self::Program(words) => f.write_str(&words.join(" ")),
        }
    }
}

impl ProjectToml {
    /// Read a text; `file` is its name in errors.
    pub(super) fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        parse(text, file)
    }
}

/// Read TOML; errors name `file`, line and column, and quote no value.
pub(super) fn parse<T: DeserializeOwned>(text: &str, file: &Path) -> Result<T, ConfigError> {
    toml::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        let (line, column) = position(text, span.start);
        let message = without_values(error.message());
        let did_you_mean = did_you_mean_key(text, span, &message);
        ConfigError::Toml { file: file.to_owned(), line, column, message, did_you_mean }
    })
}

/// Line and column of a byte, both counted from one.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// serde quotes a wrong value as `string "…"`: it may be a URL with its password.
fn without_values(message: &str) -> String {
    let message = message.trim_end_matches('.').replace('\n', ", ");
    match (message.find('"'), message.rfind('"')) {
        (Some(open), Some(close)) if open < close => {
            format!("{}\"…\"{}", &message[..open], &message[close + 1..])
        }
        _ => message,
    }
}

/// serde lists the known keys in backticks, the unknown one first; the span covers it. If a version of serde writes
/// this in another way, the list stays and only this sentence is missing.
fn did_you_mean_key(text: &str, span: Range<usize>, message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match quoted.split_first() {
        Some((unknown, known)) if text.get(span).is_some_and(|key| key.contains(unknown)) => {
            did_you_mean(unknown, known.iter().copied())
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = match ProjectToml::parse(text, Path::new("pgkeel.toml")) {
            Ok(_) => "accepted".to_owned(),
            Err(error) => error.to_string(),
        };
        assert!(found.starts_with(expected), "{found}");
        assert!(!found.contains("hunter2"), "{found}");
    }

    #[track_caller]
    fn check_suggests(text: &str, expected: &str) {
        let error = ProjectToml::parse(text, Path::new("pgkeel.toml")).unwrap_err().to_string();
        assert!(error.ends_with(expected), "{error}");
    }

    #[test]
    fn known_keys_are_read() {
        check("", "accepted");
        check(
            r#"
            schema = "db/schema.sql"
            migrations = "db/migrations"
            default_environment = "development"
            bookkeeping_schema = "ops"
            allow_reset = false
            [environments.staging]
            url = "env:STAGING_URL"
            protected = true
            seeds = ["base"]
            [environments.production]
            url_command = ["vault", "read"]
            [pool]
            min = 1
            max = 4
            [deploy]
            lock_timeout = "500ms"
            "#,
            "accepted",
        );
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place_and_the_nearest_known_one() {
        check("\n  shcema = 1", "pgkeel.toml:2:3: unknown field `shcema`, expected one of");
        check_suggests("shcema = 1", " Did you mean `schema`?");
        check("[environments.x]\nprotect = true", "pgkeel.toml:2:1: unknown field `protect`");
        check_suggests("[environments.x]\nprotect = true", " Did you mean `protected`?");
        check_suggests("[deploy]\nlock_time_out = \"1s\"", " Did you mean `lock_timeout`?");
    }

    #[test]
    fn a_wrong_value_is_named_without_being_shown() {
        check(
            "[environments]\nx = \"postgres://a:hunter2@h\"",
            "pgkeel.toml:2:5: invalid type: string \"…\", expected",
        );
        check("[environments.x]\nurl = \"postgres://a:hunter2@h", "pgkeel.toml:2:");
        check("[deploy]\nlock_timeout = \"5\"", "pgkeel.toml:2:16: not a length of time");
        check("[deploy]\nlock_timeout = 5", "pgkeel.toml:2:16: invalid type: integer `5`, expected a string");
        check("[environments.x]\nurl_command = 5", "pgkeel.toml:2:15: expected a command");
    }
}
