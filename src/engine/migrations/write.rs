//! Writes new migrations into the folder: names, versions, files. A migration is there whole or not at all, and nothing is
//! ever overwritten.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::Folder;

/// How a version is written.
const VERSION: &str = "%Y%m%d%H%M%S";

/// File systems take 255 bytes; the version and its `_` take 15.
const LONGEST_NAME: usize = 240;

/// What a migration is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    /// The part of the folder's name after the version.
    pub slug: String,
    /// up.sql.
    pub up: String,
    /// down.sql; a migration without a way back has none.
    pub down: Option<String>,
    /// Whether it runs in one transaction (`metadata.toml`).
    pub transactional: bool,
    /// Other files, by name.
    pub more: Vec<(&'static str, String)>,
}

/// A migration that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its version.
    pub version: String,
    /// Its folder's name.
    pub name: String,
    /// Its files.
    pub files: Vec<PathBuf>,
}

/// Why a name is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// There is nothing in it.
    #[error("`{0}` has no letter or digit to name a folder with")]
    Empty(String),
    /// A file system does not take it.
    #[error("the name has {0} bytes; a folder takes {LONGEST_NAME}")]
    Long(usize),
}

/// What people call it, as a folder is called.
///
/// # Errors
/// See `NameError`.
pub fn slug(name: &str) -> Result<String, NameError> {
    let slug: String = name
        .trim()
        .chars()
        .map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
        .collect::<String>()
        .split('_')
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("_");
    match slug.len() {
        0 => Err(NameError::Empty(name.to_owned())),
        n if n > LONGEST_NAME => Err(NameError::Long(n)),
        _ => Ok(slug),
    }
}

/// Now, but later than every time that names a version: of two in one second, and beside a folder
/// from a clock ahead of ours, the new one must still be the newest.
pub fn newest<'a>(versions: impl Iterator<Item = &'a str>, now: DateTime<Utc>) -> NaiveDateTime {
    let times = versions.filter_map(|version| NaiveDateTime::parse_from_str(version, VERSION).ok());
    let next = times.max().map(|time| time + TimeDelta::seconds(1));
    next.map_or(now.naive_utc(), |next| next.max(now.naive_utc()))
}

/// Write `<YYYYMMDDHHMMSS>_<slug>/{up.sql,down.sql,metadata.toml}` for each, in this order, each a second later than the
/// one before. `also` are versions that are known elsewhere, as in a ledger: the new ones are newer than those, too.
///
/// # Errors
/// What the file system says, with the path in the text; what was written by then is taken away again.
pub fn write(dir: &Path, also: &[&str], all: &[New], now: DateTime<Utc>) -> io::Result<Vec<Written>> {
    let existing = Folder::read(dir)?;
    let known = existing.migrations.iter().map(|one| one.version.as_str()).chain(also.iter().copied());
    let first = newest(known, now);
    named(fs::create_dir_all(dir), "create", dir)?;
    let mut written = Vec::new();
    for (later, new) in (0..).zip(all) {
        let version = (first + TimeDelta::seconds(later)).format(VERSION).to_string();
        match one(dir, version, new) {
            Ok(done) => written.push(done),
            Err(error) => {
                for Written { name, .. } in &written {
                    drop(fs::remove_dir_all(dir.join(name)));
                }
                return Err(error);
            }
        }
    }
    Ok(written)
}

fn one(dir: &Path, version: String, new: &New) -> io::Result<Written> {
    let name = format!("{version}_{}", new.slug);
    let folder = dir.join(&name);
    // Diesel passes over names that begin with a dot.
    let made = tempfile::Builder::new().prefix(".pgkeel-").tempdir_in(dir);
    let partial = named(made, "create a folder in", dir)?;
    let mut files = vec![("up.sql", new.up.clone())];
    files.extend(new.down.clone().map(|down| ("down.sql", down)));
    if !new.transactional {
        // Diesel reads a file without this key as `false`, and no file as `true`.
        files.push(("metadata.toml", "run_in_transaction = false\n".to_owned()));
    }
    files.extend(new.more.iter().cloned());
    for (file, text) in &files {
        let path = partial.path().join(file);
        named(fs::write(&path, text), "write", &path)?;
    }
    named(readable(partial.path()), "open", partial.path())?;
    if folder.exists() {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            format!("`{}` is there already", folder.display()),
        ));
    }
    named(fs::rename(partial.path(), &folder), "create", &folder)?;
    // It has another name now.
    drop(partial.keep());
    Ok(Written { version, name, files: files.iter().map(|(file, _)| folder.join(file)).collect() })
}

/// A temporary folder is ours alone; a migration is as open as the user's umask makes folders.
fn readable(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let probe = folder.join(".probe");
    fs::create_dir(&probe)?;
    let mode = fs::metadata(&probe)?.permissions().mode() & 0o777;
    fs::remove_dir(&probe)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(mode))
}

fn named<T>(ended: io::Result<T>, verb: &str, path: &Path) -> io::Result<T> {
    ended
        .map_err(|error| io::Error::new(error.kind(), format!("cannot {verb} `{}`: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_slug() {
        assert_eq!(slug(" Add phone, to User! "), Ok("add_phone_to_user".into()));
        assert_eq!(slug("Überblick"), Ok("Überblick".into()));
        assert_eq!(slug("--"), Err(NameError::Empty("--".into())));
        assert_eq!(slug(&"x".repeat(241)), Err(NameError::Long(241)));
    }

    #[test]
    fn several_are_written_a_second_apart_and_nothing_is_left_of_those_that_fail() {
        let folder = tempfile::tempdir().unwrap();
        let new = |slug: &str, transactional: bool| New {
            slug: slug.into(),
            up: "SELECT 1;\n".into(),
            down: transactional.then(|| "SELECT 2;\n".into()),
            transactional,
            more: Vec::new(),
        };
        let now = "2026-01-02T03:04:05Z".parse().unwrap();
        let two = [new("a", true), new("b", false)];
        let names: Vec<String> =
            write(folder.path(), &[], &two, now).unwrap().into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["20260102030405_a", "20260102030406_b"]);
        let read = Folder::read(folder.path()).unwrap();
        assert!(read.migrations[0].transactional && !read.migrations[1].transactional);
        assert!(read.migrations[0].down.is_some() && read.migrations[1].down.is_none());
        let also = write(folder.path(), &["20270101000000"], &two[..1], now).unwrap();
        assert_eq!(also[0].version, "20270101000001");

        let before = fs::read_dir(folder.path()).unwrap().count();
        let wrong = [new("c", true), new("no/such/folder", true)];
        write(folder.path(), &[], &wrong, now).unwrap_err();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), before);
    }
}
