//! The layers that values come from: the process's environment (read here and nowhere else, once, into a value), the
//! .env files, pgkeel.toml and diesel.toml. It finds and reads; which value wins is `resolve`'s.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::diesel_toml::DieselToml;
use super::dotenv::{self, DotEnv};
use super::error::ConfigError;
use super::flags::GlobalArgs;
use super::naming::{self, Named};
use super::origin::{Layer, Origin, Sourced, shown};
use super::places::Places;
use super::project_toml::{EnvironmentToml, ProjectToml};
use crate::pg::environ;

static PROCESS: OnceLock<Environment> = OnceLock::new();

/// The environment of a process, as a value.
#[derive(Clone, Default)]
pub(crate) struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// That of this process.
    pub(crate) fn of_process() -> Self {
        PROCESS.get_or_init(|| std::env::vars_os().collect()).clone()
    }

    /// Read it, and take libpq's variables out of the process. Call it first of all: no other thread may run.
    pub(crate) fn take() {
        let libpq = |(name, _): &(&OsString, &OsString)| name.to_str().is_some_and(environ::is_libpq);
        let taken = Self::of_process();
        let pairs = taken.0.iter().filter(libpq).map(|(name, value)| (name.clone(), value.clone()));
        environ::remove(pairs.collect());
    }

    /// Is the variable set to an empty value?
    pub(super) fn is_emptied(&self, name: &str) -> bool {
        self.0.get(OsStr::new(name)).is_some_and(|value| value.is_empty())
    }

    /// The raw value of a variable, unless it is empty.
    pub(crate) fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// The same without these variables.
    pub(super) fn without(&self, names: &[&str]) -> Self {
        let is_named = |name: &OsString| names.iter().any(|other| name == other);
        self.0
            .iter()
            .filter(|(name, _)| !is_named(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// Is the variable set, and not empty?
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A path, which need not be UTF-8.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }

    /// A text. Set and empty is `Some("")`: it hides what weaker layers say.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, ConfigError> {
        let value = self.0.get(OsStr::new(name)).map(|value| value.to_str());
        match value {
            Some(None) => Err(ConfigError::NotUnicode { origin: Origin::Env(name.to_owned()) }),
            other => Ok(other.flatten()),
        }
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl std::fmt::Debug for Environment {
    /// Names alone: the values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A file that was read, with the name under which origins mention it.
#[derive(Debug)]
pub(super) struct Read<T> {
    pub(super) shown: PathBuf,
    pub(super) content: T,
}

/// Everything that was read.
#[derive(Debug)]
pub(super) struct Layers<'a> {
    pub(super) args: &'a GlobalArgs,
    pub(super) environment: &'a Environment,
    pub(super) root: PathBuf,
    pub(super) start: PathBuf,
    /// Strongest first.
    pub(super) dotenv: Vec<Read<DotEnv>>,
    pub(super) project: Read<ProjectToml>,
    pub(super) diesel: Read<DieselToml>,
    /// Which environment, and how strongly it was named.
    pub(super) named: Option<Named>,
}

impl<'a> Layers<'a> {
    /// Find and read all files.
    pub(super) fn gather(
        args: &'a GlobalArgs,
        environment: &'a Environment,
        working_directory: &Path,
    ) -> Result<Self, ConfigError> {
        let places = Places::find(args, working_directory)?;
        let root = places.root.clone();
        let project = read(places.project_toml.as_deref(), "pgkeel.toml", &root, ProjectToml::parse)?;
        let diesel = read(places.diesel_toml.as_deref(), "diesel.toml", &root, DieselToml::parse)?;

        // First the two files that exist without an environment's name: they may hold that name. Then, with it, all.
        let general = read_dotenv(&places, environment, None, Vec::new())?;
        let name = naming::find(args, environment, &general, &project)?;
        let named = name.as_ref().map(|name| name.value.as_str());
        let dotenv = read_dotenv(&places, environment, named, general)?;
        let named = name.map(|name| naming::rank(name, &dotenv, &project)).transpose()?;
        Ok(Self { args, environment, root, start: places.start, dotenv, project, diesel, named })
    }

    /// The strongest value of a variable in the environment and the .env files; an empty one is none, and hides weaker.
    pub(super) fn variable(&self, name: &str) -> Result<Option<(Layer, Sourced<String>)>, ConfigError> {
        let found = match self.environment.text(name)? {
            Some(value) => {
                Some((Layer::Environment, Sourced::new(value.to_owned(), Origin::Env(name.to_owned()))))
            }
            None => self.in_dotenv(name).next().transpose()?,
        };
        Ok(found.filter(|(_, found)| !found.value.trim().is_empty()))
    }

    /// Every value of a variable in the .env files, strongest first.
    pub(super) fn in_dotenv(
        &self,
        name: &str,
    ) -> impl Iterator<Item = Result<(Layer, Sourced<String>), ConfigError>> {
        self.dotenv.iter().enumerate().filter_map(move |(index, file)| {
            let value = file.content.get(name).transpose()?;
            let origin = Origin::DotEnv { file: file.shown.clone(), name: name.to_owned() };
            Some(value.map(|value| (Layer::DotEnv(index), Sourced::new(value.to_owned(), origin))))
        })
    }

    /// The named environment's section in pgkeel.toml.
    pub(super) fn section(&self) -> Option<(&Named, &EnvironmentToml)> {
        let named = self.named.as_ref()?;
        Some((named, self.project.content.environments.get(&named.name.value)?))
    }

    /// A value of pgkeel.toml with its origin.
    pub(super) fn in_project<T>(&self, key: &str, value: Option<T>) -> Option<Sourced<T>> {
        value.map(|value| Sourced::new(value, self.project_key(key)))
    }

    /// A key of pgkeel.toml as an origin.
    pub(super) fn project_key(&self, key: &str) -> Origin {
        Origin::ProjectToml { file: self.project.shown.clone(), key: key.to_owned() }
    }
}

fn read<T: Default>(
    path: Option<&Path>,
    name: &str,
    root: &Path,
    parse: fn(&str, &Path) -> Result<T, ConfigError>,
) -> Result<Read<T>, ConfigError> {
    let Some(path) = path else { return Ok(Read { shown: PathBuf::from(name), content: T::default() }) };
    let shown = shown(path, root);
    let text =
        std::fs::read_to_string(path).map_err(|cause| ConfigError::Read { file: shown.clone(), cause })?;
    Ok(Read { content: parse(&text, &shown)?, shown })
}

/// The .env files of an environment, strongest first: the nearest folder, in it the order of `dotenv::names`. Those
/// already read are not read again (a vault's pipe gives its text once).
fn read_dotenv(
    places: &Places,
    process: &Environment,
    environment: Option<&str>,
    mut already: Vec<Read<DotEnv>>,
) -> Result<Vec<Read<DotEnv>>, ConfigError> {
    let mut files: Vec<Read<DotEnv>> = Vec::new();
    for folder in &places.dotenv_folders {
        for name in dotenv::names(environment) {
            let path = folder.join(&name);
            if let Some(at) = already.iter().position(|file| file.content.path == path) {
                files.push(already.remove(at));
            } else if environment.is_none() || !naming::GENERAL_FILES.contains(&name.as_str()) {
                let shown = shown(&path, &places.root);
                // As applications load them: what is set already stays, and is what `$NAME` means.
                let known = |name: &str| {
                    let stronger = || files.iter().find_map(|file| file.content.get(name).ok().flatten());
                    process.text(name).ok().flatten().or_else(stronger).map(str::to_owned)
                };
                let found = dotenv::read(&path, &shown, &known)?;
                files.extend(found.map(|content| Read { shown, content }));
            }
        }
    }
    Ok(files)
}
