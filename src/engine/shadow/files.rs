//! The files of a schema on the disk: what lies at a path, and the .sql files below it. It reads, and understands no SQL.

use std::io;
use std::path::{Path, PathBuf};

use super::ShadowError;
use crate::engine::migrations::folder::line_of;
use crate::engine::source::Lies;
use crate::pg::plain;

/// How deep folders of .sql files are followed: a link that leads back must not lead on for ever.
const DEEPEST: usize = 16;

/// One file of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its SQL, without a byte order mark.
    pub text: String,
}

/// What lies at a path.
///
/// # Errors
/// What the file system says, but for there being nothing.
pub fn lies(path: &Path) -> io::Result<Lies> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Lies::Nothing),
        // A pipe will do: `<(pg_dump …)`.
        Ok(about) if !about.is_dir() => return Ok(Lies::File),
        about => {
            about?;
        }
    }
    let folders = entries(path)?.into_iter().filter(|entry| entry.is_dir());
    let (migrations, others): (Vec<_>, Vec<_>) = folders.partition(|folder| folder.join("up.sql").is_file());
    let mut below = Vec::new();
    for entry in entries(path)?.iter().filter(|entry| is_sql(entry)) {
        below.push(entry.clone());
    }
    for folder in &others {
        sql_files(folder, 1, &mut below)?;
    }
    Ok(match (migrations.is_empty(), below.is_empty()) {
        (false, true) => Lies::MigrationsFolder,
        (true, false) => Lies::SqlFolder,
        (false, false) => Lies::Both,
        (true, true) => Lies::Neither,
    })
}

/// The file, or all .sql files of the folder and those below it, sorted by their paths.
///
/// # Errors
/// `Io`, `NotUtf8`.
pub fn read(path: &Path) -> Result<Vec<SqlFile>, ShadowError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| ShadowError::Io { path, source }
    };
    let mut paths = Vec::new();
    if std::fs::metadata(path).map_err(failed(path))?.is_dir() {
        sql_files(path, 0, &mut paths).map_err(failed(path))?;
        paths.sort();
    } else {
        paths.push(path.to_owned());
    }
    paths.into_iter().map(|path| Ok(SqlFile { text: text(&path)?, path })).collect()
}

/// The text of a file, without a byte order mark.
///
/// # Errors
/// `Io`, `NotUtf8`.
pub(super) fn text(path: &Path) -> Result<String, ShadowError> {
    let path = path.to_owned();
    let bytes = match plain::read(&path) {
        Ok(bytes) => bytes,
        Err(source) => return Err(ShadowError::Io { path, source }),
    };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
        Err(error) => {
            let line = line_of(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
            Err(ShadowError::NotUtf8 { path, line })
        }
    }
}

fn sql_files(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    if depth > DEEPEST {
        return Ok(());
    }
    for entry in entries(folder)? {
        if entry.is_dir() {
            sql_files(&entry, depth + 1, found)?;
        } else if is_sql(&entry) {
            found.push(entry);
        }
    }
    Ok(())
}

fn is_sql(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sql")) && path.is_file()
}

/// What is in a folder and not hidden, sorted.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            all.push(entry.path());
        }
    }
    all.sort();
    Ok(all)
}
