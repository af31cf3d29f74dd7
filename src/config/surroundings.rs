//! The machine and the terminal around us, as far as the environment tells.

use std::ffi::OsString;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::ConfigError;
use super::flags::{Color, GlobalArgs};
use super::layers::Environment;
use super::origin::{Origin, Sourced};

/// The machine and the terminal around us.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    /// When to use colour.
    pub color: Sourced<Color>,
    /// Width of the page, if `COLUMNS` says so.
    pub columns: Option<u16>,
    /// `CI`.
    pub ci: bool,
    /// `GITHUB_ACTIONS`.
    pub github_actions: bool,
    /// The file to which GitHub Actions wants a summary to be appended, if `GITHUB_STEP_SUMMARY` names one.
    pub github_summary: Option<PathBuf>,
    /// The folder of the repository there, from which annotations name files (`GITHUB_WORKSPACE`).
    pub github_workspace: Option<PathBuf>,
    /// Who types here if not a person; then a terminal counts as none.
    pub driven_by: Option<Driver>,
    /// The folder with PostgreSQL's programs, if `PGKEEL_PG_BIN` says so.
    pub pg_bin: Option<PathBuf>,
    /// `PATH`.
    pub path: Option<OsString>,
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// Our state folder, if `PGKEEL_STATE_DIR` says so.
    pub state_dir: Option<PathBuf>,
    /// `XDG_STATE_HOME`.
    pub xdg_state_home: Option<PathBuf>,
    /// The user's folder for what can be made again: `XDG_CACHE_HOME`, else `.cache` below `HOME`.
    pub cache_home: Option<PathBuf>,
    /// `XDG_RUNTIME_DIR`.
    pub xdg_runtime_dir: Option<PathBuf>,
    /// A clock that stands still, for tests (`PGKEEL_NOW`).
    pub now: Option<DateTime<Utc>>,
    /// Where a test stops us (`PGKEEL_FAULT`).
    #[cfg(feature = "fault-points")]
    pub fault: Option<String>,
}

/// A program that types in place of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Driver {
    /// The variable that gives it away.
    pub variable: &'static str,
}

impl std::fmt::Display for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a program (`{}` is set)", self.variable)
    }
}

const AGENTS: [&str; 6] =
    ["CLAUDECODE", "GEMINI_CLI", "CURSOR_AGENT", "REPLIT_CLI", "CODEX_SANDBOX", "AI_AGENT"];

impl Surroundings {
    pub(super) fn read(args: &GlobalArgs, environment: &Environment) -> Result<Self, ConfigError> {
        // Relative XDG paths are invalid by their specification and to be ignored.
        let xdg = |name: &str| environment.path(name).filter(|path| path.is_absolute());
        let now = environment.text("PGKEEL_NOW")?.filter(|text| !text.is_empty()).map(|text| {
            DateTime::parse_from_rfc3339(text).map(|now| now.to_utc()).map_err(|_| ConfigError::Value {
                origin: Origin::Env("PGKEEL_NOW".to_owned()),
                expected: "a time by RFC 3339",
                found: text.to_owned(),
            })
        });
        Ok(Self {
            color: color(args, environment),
            columns: environment.text("COLUMNS")?.and_then(|columns| columns.parse().ok()).filter(|c| *c > 0),
            ci: is_on(environment, "CI"),
            github_actions: is_on(environment, "GITHUB_ACTIONS"),
            github_summary: environment.path("GITHUB_STEP_SUMMARY"),
            github_workspace: environment.path("GITHUB_WORKSPACE"),
            driven_by: driver(environment),
            pg_bin: environment.path("PGKEEL_PG_BIN"),
            path: environment.get("PATH").map(OsString::from),
            home: environment.path("HOME"),
            state_dir: environment.path("PGKEEL_STATE_DIR"),
            xdg_state_home: xdg("XDG_STATE_HOME"),
            cache_home: xdg("XDG_CACHE_HOME")
                .or_else(|| environment.path("HOME").map(|home| home.join(".cache")))
                .filter(|home| home.is_absolute()),
            xdg_runtime_dir: xdg("XDG_RUNTIME_DIR"),
            now: now.transpose()?,
            #[cfg(feature = "fault-points")]
            fault: environment.text("PGKEEL_FAULT")?.map(str::to_owned),
        })
    }
}

fn driver(environment: &Environment) -> Option<Driver> {
    let aider = || environment.get("OR_APP_NAME").filter(|name| name.eq_ignore_ascii_case("aider"));
    let agent = AGENTS.into_iter().find(|name| environment.is_set(name));
    let variable = agent.or_else(|| aider().map(|_| "OR_APP_NAME"));
    variable.or_else(|| is_on(environment, "CI").then_some("CI")).map(|variable| Driver { variable })
}

/// `--color` > `NO_COLOR` > `CLICOLOR_FORCE` > `TERM=dumb` > the stream, which `ui` knows.
fn color(args: &GlobalArgs, environment: &Environment) -> Sourced<Color> {
    let by = |name: &str, color| Sourced::new(color, Origin::Env(name.to_owned()));
    if let Some(color) = args.color {
        Sourced::new(color, Origin::Flag("--color"))
    } else if environment.is_set("NO_COLOR") {
        by("NO_COLOR", Color::Never)
    } else if environment.get("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
        by("CLICOLOR_FORCE", Color::Always)
    } else if environment.get("TERM").is_some_and(|term| term == "dumb") {
        by("TERM", Color::Never)
    } else {
        Sourced::default_of(Color::Auto)
    }
}

/// Some set `CI=false` to mean that it is not.
fn is_on(environment: &Environment, name: &str) -> bool {
    environment.get(name).is_some_and(|value| value != "0" && !value.eq_ignore_ascii_case("false"))
}
