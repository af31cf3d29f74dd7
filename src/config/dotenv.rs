//! .env files: which ones there are, in which order they count, and what is in them. dotenvy parses; nothing here
//! changes the process's environment.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::ConfigError;

/// One .env file.
#[derive(Debug, Clone)]
pub(super) struct DotEnv {
    /// Its absolute path.
    pub(super) path: PathBuf,
    /// What it sets; of one variable set twice, the last, as a shell that reads the file would have it.
    pub(super) variables: BTreeMap<String, String>,
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

/// Read one, if it is there; `shown` is its name in errors. A folder of that name (a Python environment) is none; a pipe (a vault's) is.
pub(super) fn read(path: &Path, shown: &Path) -> Result<Option<DotEnv>, ConfigError> {
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
    let variables = parse(&text).map_err(|line| ConfigError::DotEnv { file: shown.to_owned(), line })?;
    Ok(Some(DotEnv { path: path.to_owned(), variables }))
}

/// The variables in a text, or the number of the line that is none.
fn parse(text: &str) -> Result<BTreeMap<String, String>, usize> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut variables = BTreeMap::new();
    for item in dotenvy::from_read_iter(text.as_bytes()) {
        match item {
            Ok((name, value)) => variables.insert(name, value),
            // dotenvy gives the text of the line and not its number. A quotation that never ends gives all the rest.
            Err(dotenvy::Error::LineParse(line, _)) => {
                let start = text.find(line.trim()).unwrap_or_default();
                return Err(text[..start].matches('\n').count() + 1);
            }
            Err(_) => return Err(text.lines().count()),
        };
    }
    Ok(variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&[(&str, &str)], usize>) {
        let expected =
            expected.map(|pairs| pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect());
        assert_eq!(parse(text), expected, "{text}");
    }

    #[test]
    fn variables_are_read_and_a_bad_line_is_counted() {
        check("A=1\n# note\nexport B='two words'\n", Ok(&[("A", "1"), ("B", "two words")]));
        check("\u{feff}A=\"x\"\r\nB=\r\n", Ok(&[("A", "x"), ("B", "")]));
        check("A=1\nA=2\n", Ok(&[("A", "2")]));
        check("U=postgres://u:p%40ss@h/db?a=b&c=d\n", Ok(&[("U", "postgres://u:p%40ss@h/db?a=b&c=d")]));
        check("A=1\n\nhunter2\nB=2\n", Err(3));
        check("A=1\nB='open\nC=2\n", Err(2));
        check("A=two words\n", Err(1));
    }

    #[test]
    fn the_names_of_an_environment_go_before_the_general_ones() {
        assert_eq!(names(Some("test")), [".env.test.local", ".env.local", ".env.test", ".env"]);
        assert_eq!(names(None), [".env.local", ".env"]);
    }
}
