//! Which environment this run is in, and how strongly that was said.
//!
//! Order: `--env`; `PGKEEL_ENV` in the real environment, in .env.local, in .env; likewise `APP_ENV`, `RUST_ENV`,
//! `NODE_ENV`; `default_environment` in pgkeel.toml. A `.env.NAME` file cannot name another environment: it is read
//! because of the name.

use super::dotenv::DotEnv;
use super::error::ConfigError;
use super::flags::GlobalArgs;
use super::layers::{Environment, Read};
use super::origin::{Layer, Origin, Sourced};
use super::project_toml::ProjectToml;
use crate::pg::nearest::did_you_mean;

/// Addressed to us.
const OURS: &str = "PGKEEL_ENV";
/// Variables that may name the environment, ours first. The others are set for the application.
pub(super) const VARIABLES: [&str; 4] = [OURS, "APP_ENV", "RUST_ENV", "NODE_ENV"];
/// The .env files that exist without an environment's name.
pub(super) const GENERAL_FILES: [&str; 2] = [".env.local", ".env"];

/// The environment's name, and the strength that its section in pgkeel.toml has by it.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) name: Sourced<String>,
    pub(super) layer: Layer,
}

impl Named {
    /// Was it named for this run, rather than for the application or by default?
    pub(super) fn on_purpose(&self) -> bool {
        self.layer < Layer::ProjectToml
    }
}

/// The environment's name.
pub(super) fn find(
    args: &GlobalArgs,
    environment: &Environment,
    general: &[Read<DotEnv>],
    project: &Read<ProjectToml>,
) -> Result<Option<Sourced<String>>, ConfigError> {
    let mut found = args.env.clone().map(|name| Sourced::new(name, Origin::Flag("--env")));
    for variable in VARIABLES {
        if found.is_some() {
            break;
        }
        found = match environment.text(variable)?.filter(|value| !value.trim().is_empty()) {
            Some(value) => Some(Sourced::new(value.to_owned(), Origin::Env(variable.to_owned()))),
            None => in_files(general, variable)?,
        };
    }
    let by_default = || {
        let key = "default_environment".to_owned();
        let origin = Origin::ProjectToml { file: project.shown.clone(), key };
        project.content.default_environment.clone().map(|name| Sourced::new(name, origin))
    };
    let Some(name) = found.or_else(by_default) else { return Ok(None) };
    let name = name.map(|name| name.trim().to_owned());
    // It becomes part of file names.
    if !name.value.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) || name.value.is_empty() {
        let expected = "a name of letters, digits, `-` and `_`";
        return Err(ConfigError::Value { origin: name.origin, expected, found: name.value });
    }
    Ok(Some(name))
}

/// The strongest value in these files that is not empty.
fn in_files(files: &[Read<DotEnv>], variable: &str) -> Result<Option<Sourced<String>>, ConfigError> {
    for file in files {
        if let Some(value) = file.content.get(variable)?.filter(|value| !value.trim().is_empty()) {
            let origin = Origin::DotEnv { file: file.shown.clone(), name: variable.to_owned() };
            return Ok(Some(Sourced::new(value.to_owned(), origin)));
        }
    }
    Ok(None)
}

/// How strongly it was named; and an error if pgkeel.toml lists environments and this is none of them.
pub(super) fn rank(
    name: Sourced<String>,
    dotenv: &[Read<DotEnv>],
    project: &Read<ProjectToml>,
) -> Result<Named, ConfigError> {
    let layer = match &name.origin {
        Origin::Flag(_) => Layer::EnvironmentOfFlag,
        Origin::Env(variable) if variable == OURS => Layer::EnvironmentOfVariable,
        Origin::DotEnv { file, name } if name == OURS => {
            Layer::DotEnv(dotenv.iter().position(|read| read.shown == *file).unwrap_or(dotenv.len()))
        }
        _ => Layer::ProjectToml,
    };
    let for_the_application =
        layer == Layer::ProjectToml && !matches!(name.origin, Origin::ProjectToml { .. });
    let known = &project.content.environments;
    let has_file = || {
        let names = [format!(".env.{}", name.value), format!(".env.{}.local", name.value)];
        dotenv.iter().any(|file| names.iter().any(|name| file.content.path.ends_with(name)))
    };
    // Names that everybody uses need no section; a misspelt `prodution` must not pass for one of them.
    let usual =
        ["production", "staging", "test", "development", "dev", "local"].contains(&name.value.as_str());
    if usual || for_the_application || known.is_empty() || known.contains_key(&name.value) || has_file() {
        return Ok(Named { name, layer });
    }
    let mut sentences = did_you_mean(&name.value, known.keys().map(String::as_str));
    let list: Vec<String> = known.keys().map(|name| format!("`{name}`")).collect();
    sentences.push_str(&format!(" Known: {}.", list.join(", ")));
    Err(ConfigError::UnknownEnvironment { name: name.value, origin: name.origin, known: sentences })
}
