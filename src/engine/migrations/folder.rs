//! Reads a migrations folder as Diesel lays it out: `<version>_<name>/{up.sql,down.sql,metadata.toml}`.
//! What Diesel would trip over becomes a finding with file and line. Reads files, writes none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::pg::plain;
use crate::pg::statements;

use super::finding::{Finding, Severity};
use super::own_toml;
use super::replaced::{Item, KEPT, Replaces};
use super::script::{self, Mode, Script};

/// Diesel's ledger keeps versions in a VARCHAR(50).
pub const LONGEST_VERSION: usize = 50;

/// A migrations folder, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// Its migrations by version.
    pub migrations: Vec<OnDisk>,
    /// What is wrong with its layout; each migration carries what is wrong with its files.
    pub findings: Vec<Finding>,
    /// Replaced migrations that are still beside their squashed one: a squash was stopped before all had moved.
    pub unmoved: Vec<Unmoved>,
}

/// A replaced migration that has not moved yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmoved {
    /// Where it is.
    pub path: PathBuf,
    /// The folder's name of the squashed migration that replaces it.
    pub squashed: String,
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
    /// What it replaces, if it is a squashed one.
    pub replaces: Option<Replaces>,
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
        Self::read_in(path, path)
    }

    /// `root` is the folder of all; below it, in `.replaced`, are folders like it.
    fn read_in(path: &Path, root: &Path) -> std::io::Result<Self> {
        let mut folder = Self { path: path.to_path_buf(), ..Self::default() };
        let names = names(path, &mut folder.findings)?;
        let mut squashed: BTreeMap<&str, Vec<Item>> = BTreeMap::new();
        for name in &names {
            let dir = path.join(name);
            let items = own_toml::read(&dir, &mut folder.findings).map_err(|e| named(e, &dir))?;
            squashed.extend(items.map(|items| (name.as_str(), items)));
        }
        let mut by_version: BTreeMap<String, String> = BTreeMap::new();
        let mut unmoved: BTreeMap<String, Vec<OnDisk>> = BTreeMap::new();
        for name in &names {
            let dir = path.join(name);
            let version = version_of(name);
            let of = squashed
                .iter()
                .find(|(other, items)| *other != name && items.iter().any(|item| item.version() == version));
            // Of two that replace the same, each would be the other's.
            let of =
                of.filter(|(other, _)| !squashed.contains_key(name.as_str()) || version < version_of(other));
            if let Some((other, _)) = of.filter(|_| dir.join("up.sql").is_file()) {
                folder.unmoved.push(Unmoved { path: dir.clone(), squashed: (*other).to_owned() });
                let mut one = read_one(&dir, version, name.clone()).map_err(|e| named(e, &dir))?;
                if let Some(items) = squashed.get(name.as_str()) {
                    one.replaces = Some(folder.replaced(name, items, root, Vec::new())?);
                }
                unmoved.entry((*other).to_owned()).or_default().push(one);
                continue;
            }
            if let Some((message, remedy)) = misplaced(&dir, &version, by_version.get(&version)) {
                folder.block(dir, message, remedy);
                continue;
            }
            by_version.insert(version.clone(), name.clone());
            folder.migrations.push(read_one(&dir, version, name.clone()).map_err(|e| named(e, &dir))?);
        }
        for at in 0..folder.migrations.len() {
            let name = folder.migrations[at].name.clone();
            let Some(items) = squashed.get(name.as_str()) else { continue };
            if items.last().is_none_or(|item| item.version() != folder.migrations[at].version) {
                let message = "the last of the versions that it replaces is not its own";
                folder.block(
                    path.join(&name).join(own_toml::FILE),
                    message.into(),
                    "bring the file back as `pgkeel migrate squash` wrote it",
                );
            }
            let still_here = unmoved.remove(&name).unwrap_or_default();
            folder.migrations[at].replaces = Some(folder.replaced(&name, items, root, still_here)?);
        }
        for one in &folder.unmoved {
            folder.findings.push(Finding {
                severity: Severity::Note,
                file: one.path.clone(),
                line: None,
                message: format!(
                    "`{}` replaces it, and it is still here: a squash was stopped",
                    one.squashed
                ),
                remedy: "`pgkeel migrate squash --finish` moves it; diesel_cli cannot work until then".into(),
            });
        }
        folder.migrations.sort_by(|a, b| a.version.cmp(&b.version));
        folder.findings.extend(numbered(&folder));
        Ok(folder)
    }

    /// What a squashed migration replaces, as far as it is kept.
    fn replaced(
        &mut self,
        name: &str,
        items: &[Item],
        root: &Path,
        still_here: Vec<OnDisk>,
    ) -> std::io::Result<Replaces> {
        // What a squashed one within replaces may not have moved with it yet.
        let within = self.path.join(KEPT).join(name);
        let place = if within.is_dir() { within } else { root.join(KEPT).join(name) };
        let mut kept = Self::read_in(&place, root)?;
        self.findings.append(&mut kept.findings);
        kept.migrations.extend(still_here);
        kept.migrations.sort_by(|a, b| a.version.cmp(&b.version));
        Ok(Replaces { items: items.to_vec(), kept: kept.migrations })
    }

    fn block(&mut self, file: PathBuf, message: String, remedy: &str) {
        let remedy = remedy.into();
        self.findings.push(Finding { severity: Severity::Blocking, file, line: None, message, remedy });
    }

    /// The migration with this version.
    pub fn find(&self, version: &str) -> Option<&OnDisk> {
        // Sorted by version.
        let found = self.migrations.binary_search_by(|migration| migration.version.as_str().cmp(version));
        found.ok().map(|index| &self.migrations[index])
    }
}

/// Diesel compares versions as text, so `10` runs before `2`.
fn numbered(folder: &Folder) -> Option<Finding> {
    let number = |one: &OnDisk| one.version.parse::<u128>().ok();
    let pair =
        folder.migrations.windows(2).find(|pair| number(&pair[0]) > number(&pair[1]).or(Some(u128::MAX)))?;
    Some(Finding {
        severity: Severity::Note,
        file: pair[0].path.clone(),
        line: None,
        message: format!("it runs before `{}`, because Diesel compares versions as text", pair[1].name),
        remedy: "give all versions the same length, as in `001_`, before any is applied".into(),
    })
}

fn named(error: std::io::Error, path: &Path) -> std::io::Error {
    std::io::Error::new(error.kind(), format!("cannot read `{}`: {error}", path.display()))
}

/// The names of the folders that may be migrations, sorted. A link that leads nowhere is a finding, because Diesel would
/// pass it over in silence.
fn names(path: &Path, findings: &mut Vec<Finding>) -> std::io::Result<Vec<String>> {
    let entries = match path.read_dir() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|e| named(e, path))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| named(e, path))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // As Diesel: files and hidden folders are not migrations; links to folders are.
        if name.starts_with('.') {
            continue;
        }
        let path = entry.path();
        if path.is_dir() {
            names.push(name);
        } else {
            findings.extend(no_folder(&path, &name));
        }
    }
    names.sort();
    findings.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(names)
}

/// Why something that is not a folder may have been meant as a migration.
fn no_folder(path: &Path, name: &str) -> Option<Finding> {
    let broken = path.read_link().ok().filter(|_| !path.exists());
    let (message, remedy) = if let Some(target) = broken {
        (
            format!("is a symbolic link to `{}`, which does not exist", target.display()),
            "restore the folder that it names, or delete the link",
        )
    } else if path.extension().is_none() && name.starts_with(|first: char| first.is_ascii_digit()) {
        (
            "is a file, and a migration is a folder; a checkout without symbolic links writes a link as such a file".into(),
            "put the folder in its place, or `git config core.symlinks true` and check it out again",
        )
    } else {
        return None;
    };
    let (file, remedy) = (path.to_owned(), remedy.into());
    Some(Finding { severity: Severity::Blocking, file, line: None, message, remedy })
}

/// The part of a folder's name that is the version, as Diesel reads it.
pub fn version_of(name: &str) -> String {
    name.split('_').next().unwrap_or_default().replace('-', "")
}

/// Why a folder is no migration, and what to do.
fn misplaced(dir: &Path, version: &str, other: Option<&String>) -> Option<(String, &'static str)> {
    let length = version.chars().count();
    match other {
        _ if version.is_empty() => {
            Some(("the folder's name has no version".into(), "name it `<YYYYMMDDHHMMSS>_<name>`"))
        }
        _ if length > LONGEST_VERSION => Some((
            format!(
                "the version `{version}` has {length} characters, Diesel's ledger keeps {LONGEST_VERSION}"
            ),
            "put an `_` after the time stamp, or shorten it",
        )),
        Some(other) => Some((
            format!(
                "the version `{version}` is also that of `{other}`, and Diesel would record only one of them"
            ),
            "give one of the two folders another version",
        )),
        None if dir.join("migration.sql").is_file() => Some((
            "the folder has no up.sql but a migration.sql, as Prisma writes it".into(),
            "rename migration.sql to up.sql, and write a down.sql",
        )),
        None if !dir.join("up.sql").is_file() => {
            Some(("the folder has no up.sql".into(), "write it, or delete the folder"))
        }
        None => None,
    }
}

/// Read a migration's folder, wherever it lies.
///
/// # Errors
/// What the file system says.
pub(super) fn read_one(dir: &Path, version: String, name: String) -> std::io::Result<OnDisk> {
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
    Ok(OnDisk { version, name, path: dir.to_path_buf(), transactional, up, down, findings, replaces: None })
}

/// `run_in_transaction` of metadata.toml, with Diesel's two traps made findings.
fn metadata(dir: &Path, findings: &mut Vec<Finding>) -> std::io::Result<bool> {
    let file = dir.join("metadata.toml");
    let text = match plain::read_to_string(&file) {
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
