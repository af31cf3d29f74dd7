//! The configuration of another environment than this run's, for what compares with it. Its database must be stated for it by
//! name: a DATABASE_URL that is there for this run must never pass for another environment's.

use super::database::URL_VARIABLES;
use super::origin::Origin;
use super::{Config, ConfigError, Environment, GlobalArgs};
use crate::pg::nearest::did_you_mean;

impl Config {
    /// What this environment is configured to be.
    ///
    /// # Errors
    /// `NoEnvironmentUrl`, and what is wrong with its configuration.
    pub(crate) fn elsewhere(&self, name: &str) -> Result<Self, ConfigError> {
        self.elsewhere_in(name, &Environment::of_process())
    }

    /// The same, in this environment of a process.
    pub(super) fn elsewhere_in(&self, name: &str, environment: &Environment) -> Result<Self, ConfigError> {
        let args = GlobalArgs {
            env: Some(name.to_owned()),
            database_url: None,
            dev: false,
            directory: None,
            ..self.args.clone()
        };
        let found = match Self::load(&args, environment, &self.directory) {
            Err(ConfigError::UnknownEnvironment { .. }) => return Err(self.none_of(name)),
            found => found?,
        };
        if found.is_stated_for(name) {
            return Ok(found);
        }
        // What the process is given for this run hides what a file says of the other environment.
        let found = Self::load(&args, &environment.without(&URL_VARIABLES), &self.directory)?;
        if found.is_stated_for(name) {
            return Ok(found);
        }
        if self.environment.as_ref().is_some_and(|here| here.value == name)
            && self.configured_database().is_some()
        {
            return Ok(self.clone());
        }
        Err(self.none_of(name))
    }

    fn none_of(&self, name: &str) -> ConfigError {
        let known: Vec<String> = self.environments.iter().map(|name| format!("`{name}`")).collect();
        let known = match known.is_empty() {
            true => String::new(),
            false => format!(
                "{} Known: {}.",
                did_you_mean(name, self.environments.iter().map(String::as_str)),
                known.join(", ")
            ),
        };
        ConfigError::NoEnvironmentUrl { name: name.to_owned(), known }
    }

    fn is_stated_for(&self, name: &str) -> bool {
        self.database.as_ref().is_some_and(|database| is_by_name(&database.origin, name))
    }
}

/// Whether something was said of the environment of this name, and of no other.
fn is_by_name(origin: &Origin, name: &str) -> bool {
    match origin {
        Origin::ProjectToml { key, .. } => key.starts_with(&format!("environments.{name}.")),
        Origin::Named { by, .. } => is_by_name(by, name),
        Origin::DotEnv { file, .. } => {
            [format!(".env.{name}"), format!(".env.{name}.local")].iter().any(|own| file.ends_with(own))
        }
        _ => false,
    }
}
