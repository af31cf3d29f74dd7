//! .env files: which ones there are, in which order they count, and what is in them. dotenvy parses; `$NAME` is expanded
//! here, because dotenvy expands what it does not know to nothing, and a URL without its database name is another
//! database. Nothing here changes the process's environment.

mod expand;
mod scan;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use expand::{Unexpanded, expand};

/// One .env file.
#[derive(Debug, Clone)]
pub(super) struct DotEnv {
    /// Its absolute path.
    pub(super) path: PathBuf,
    /// Its name in messages.
    shown: PathBuf,
    variables: BTreeMap<String, Value>,
}

/// What a variable is set to; of one that is set twice, the first, as dotenvy's own loader has it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Value {
    line: usize,
    /// The line that sets it again, to another value.
    again: Option<usize>,
    text: Result<String, Unexpanded>,
}

impl DotEnv {
    /// The value of a variable.
    ///
    /// # Errors
    /// `ConfigError::Expansion`: only now, because the application's other variables are not ours to judge.
    pub(super) fn get(&self, name: &str) -> Result<Option<&str>, ConfigError> {
        let Some(value) = self.variables.get(name) else { return Ok(None) };
        match &value.text {
            Ok(text) => Ok(Some(text)),
            Err(why) => Err(ConfigError::Expansion {
                file: self.shown.clone(),
                line: value.line,
                name: name.to_owned(),
                why: why.to_string(),
            }),
        }
    }

    /// A warning that the file sets a variable twice.
    pub(super) fn twice(&self, name: &str) -> Option<String> {
        let value = self.variables.get(name)?;
        let again = value.again?;
        Some(format!(
            "{} sets `{name}` in line {} and again in line {again}: the first counts, as for applications that load the file.",
            self.shown.display(),
            value.line
        ))
    }
}

/// The file names in one folder, strongest first. The names with an environment exist only if one is known.
pub(super) fn names(environment: Option<&str>) -> Vec<String> {
    let mut names = Vec::new();
    names.extend(environment.map(|environment| format!(".env.{environment}.local")));
    names.push(".env.local".to_owned());
    names.extend(environment.map(|environment| format!(".env.{environment}")));
    names.push(".env".to_owned());
    names
}

/// Read one, if it is there; `shown` is its name in errors, `known` gives the variables that count before the file's. A folder
/// of that name (a Python environment) is skipped; a pipe (a vault's) is read.
pub(super) fn read(
    path: &Path,
    shown: &Path,
    known: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<DotEnv>, ConfigError> {
    let failed = |cause| ConfigError::Read { file: shown.to_owned(), cause };
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Ok(None),
        Ok(_) => {}
        Err(cause) if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&cause.kind()) => {
            return Ok(None);
        }
        Err(cause) => return Err(failed(cause)),
    }
    let text = fs::read_to_string(path).map_err(failed)?;
    let variables =
        parse(&text, known).map_err(|line| ConfigError::DotEnv { file: shown.to_owned(), line })?;
    Ok(Some(DotEnv { path: path.to_owned(), shown: shown.to_owned(), variables }))
}

/// The variables in a text, or the number of the line that is none.
fn parse(text: &str, known: &dyn Fn(&str) -> Option<String>) -> Result<BTreeMap<String, Value>, usize> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let scanned = scan::scan(text);
    let mut variables: BTreeMap<String, Value> = BTreeMap::new();
    let mut starts = scanned.starts.iter();
    for item in dotenvy::from_read_iter(scanned.text.as_bytes()) {
        let (name, raw) = match item {
            Ok(pair) => pair,
            // dotenvy gives the text of the line and not its number. A quotation that never ends gives all the rest.
            Err(dotenvy::Error::LineParse(line, _)) => {
                let start = scanned.text.find(line.trim()).unwrap_or_default();
                return Err(scanned.text[..start].matches('\n').count() + 1);
            }
            Err(_) => return Err(text.lines().count()),
        };
        let line = starts.find(|(start, _)| *start == name).map_or(0, |(_, line)| *line);
        let value = expand(&raw, &|name| {
            known(name).or_else(|| variables.get(name).and_then(|value| value.text.clone().ok()))
        });
        match variables.get_mut(&name) {
            Some(first) if first.text != value && first.again.is_none() => first.again = Some(line),
            Some(_) => {}
            None => drop(variables.insert(name, Value { line, again: None, text: value })),
        }
    }
    Ok(variables)
}
