//! Reads a migrations folder as Diesel lays it out: `<version>_<name>/{up.sql,down.sql,metadata.toml}`.
//! What Diesel would trip over becomes a finding with file and line. Reads files, writes none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::pg::statements;

use super::finding::{Finding, Severity};
use super::script::{self, Mode, Script};

/// Diesel's ledger keeps versions in a VARCHAR(50).
pub const LONGEST_VERSION: usize = 50;

/// A migrations folder, read.
#[derive(Debug, Clone, Default)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// Its migrations by version.
    pub migrations: Vec<OnDisk>,
    /// What is wrong with its layout; each migration carries what is wrong with its files.
    pub findings: Vec<Finding>,
}

/// A migration's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDisk {
    /// The part of the folder's name before the first `_`, without `-`, as Diesel reads it.
    pub version: String,
    /// The folder's name.
    pub name: String,
    /// Where the folder is.
    pub path: PathBuf,
    /// Whether it runs in one transaction (`metadata.toml`).
    pub transactional: bool,
    /// up.sql.
    pub up: Script,
    /// down.sql, if there is one.
    pub down: Option<Script>,
    /// What is wrong with its files; blocking only while the migration is pending.
    pub findings: Vec<Finding>,
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Folder {
    /// Read the folder; an absent one is empty, so that a new project can start.
    ///
    /// # Errors
    /// What the file system says, with the path in the text.
    pub fn read(path: &Path) -> std::io::Result<Self> {
        let named = |error: std::io::Error, path: &Path| {
            std::io::Error::new(error.kind(), format!("cannot read `{}`: {error}", path.display()))
        };
        let mut folder = Self { path: path.to_path_buf(), ..Self::default() };
        let entries = match path.read_dir() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(folder),
            entries => entries.map_err(|e| named(e, path))?,
        };
        let mut by_version: BTreeMap<String, String> = BTreeMap::new();
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|e| named(e, path))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // As Diesel: files and hidden folders are not migrations; links to folders are.
            if !name.starts_with('.') && entry.path().is_dir() {
                names.push(name);
            }
        }
        names.sort();
        for name in names {
            let dir = path.join(&name);
            let version = name.split('_').next().unwrap_or_default().replace('-', "");
            let mut block = |message: String, remedy: &str| {
                folder.findings.push(Finding {
                    severity: Severity::Blocking,
                    file: dir.clone(),
                    line: None,
                    message,
                    remedy: remedy.into(),
                });
            };
            if version.is_empty() {
                block("the folder's name has no version".into(), "name it `<YYYYMMDDHHMMSS>_<name>`");
                continue;
            }
            if version.chars().count() > LONGEST_VERSION {
                block(
                    format!(
                        "the version `{version}` has {} characters, Diesel's ledger keeps {LONGEST_VERSION}",
                        version.chars().count()
                    ),
                    "put an `_` after the time stamp, or shorten it",
                );
                continue;
            }
            if let Some(other) = by_version.get(&version) {
                block(
                    format!(
                        "the version `{version}` is also that of `{other}`, and Diesel would record only one of them"
                    ),
                    "give one of the two folders another version",
                );
                continue;
            }
            if !dir.join("up.sql").is_file() {
                block("the folder has no up.sql".into(), "write it, or delete the folder");
                continue;
            }
            by_version.insert(version.clone(), name.clone());
            folder.migrations.push(read_one(&dir, version, name).map_err(|e| named(e, &dir))?);
        }
        folder.migrations.sort_by(|a, b| a.version.cmp(&b.version));
        Ok(folder)
    }

    /// The migration with this version.
    pub fn find(&self, version: &str) -> Option<&OnDisk> {
        // Sorted by version.
        let found = self.migrations.binary_search_by(|migration| migration.version.as_str().cmp(version));
        found.ok().map(|index| &self.migrations[index])
    }
}

fn read_one(dir: &Path, version: String, name: String) -> std::io::Result<OnDisk> {
    let mut findings = Vec::new();
    let transactional = metadata(dir, &mut findings)?;
    let mode = if transactional { Mode::Transaction } else { Mode::Statements };
    let up = script::read(&dir.join("up.sql"), mode, &mut findings)?;
    let mut note = |file: PathBuf, severity, message: &str, remedy: &str| {
        findings.push(Finding { severity, file, line: None, message: message.into(), remedy: remedy.into() });
    };
    if up.is_empty {
        note(
            up.path.clone(),
            Severity::Blocking,
            "the file holds no statement, which Diesel refuses to run",
            "write `SELECT 1;` if it is meant to do nothing",
        );
    }
    let down_path = dir.join("down.sql");
    let down = if down_path.is_file() { Some(script::read(&down_path, mode, &mut findings)?) } else { None };
    let mut note = |file: PathBuf, message: &str, remedy: &str| {
        findings.push(Finding {
            severity: Severity::Note,
            file,
            line: None,
            message: message.into(),
            remedy: remedy.into(),
        });
    };
    match &down {
        None => note(
            down_path,
            "there is no down.sql, so this migration cannot be rolled back",
            "write it while you still know how",
        ),
        Some(down) if down.is_empty => note(
            down_path,
            "the file holds comments only, so a rollback would undo nothing",
            "write the statements, or `SELECT 1;` if there is nothing to undo",
        ),
        Some(_) => {}
    }
    Ok(OnDisk { version, name, path: dir.to_path_buf(), transactional, up, down, findings })
}

/// `run_in_transaction` of metadata.toml, with Diesel's two traps made findings.
fn metadata(dir: &Path, findings: &mut Vec<Finding>) -> std::io::Result<bool> {
    let file = dir.join("metadata.toml");
    let text = match std::fs::read_to_string(&file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(true),
        text => text?,
    };
    let mut block = |line, message: String, remedy: &str| {
        findings.push(Finding {
            severity: Severity::Blocking,
            file: file.clone(),
            line,
            message,
            remedy: remedy.into(),
        });
    };
    let key = "write `run_in_transaction = true` or `run_in_transaction = false`";
    match text.parse::<toml::Table>() {
        Err(error) => {
            let line = error.span().map(|span| statements::position(&text, span.start).line);
            block(
                line,
                format!(
                    "the file is not valid TOML ({}), and Diesel would silently run it in a transaction",
                    error.message()
                ),
                key,
            );
            Ok(true)
        }
        Ok(table) => match table.get("run_in_transaction") {
            Some(toml::Value::Boolean(value)) => Ok(*value),
            Some(_) => {
                let line = text
                    .lines()
                    .position(|l| l.trim_start().starts_with("run_in_transaction"))
                    .and_then(|n| u32::try_from(n + 1).ok());
                block(line, "`run_in_transaction` is not a boolean".into(), key);
                Ok(true)
            }
            None => {
                block(
                    Some(1),
                    "the key `run_in_transaction` is missing, which Diesel reads as false: no transaction"
                        .into(),
                    key,
                );
                Ok(false)
            }
        },
    }
}

/// The line, from 1, that follows these bytes.
pub(crate) fn line_of(before: &[u8]) -> u32 {
    u32::try_from(before.iter().filter(|byte| **byte == b'\n').count() + 1).unwrap_or(u32::MAX)
}
