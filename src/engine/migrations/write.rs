//! Writes new migrations into the folder: names, versions, files. A migration is there whole or not at all, and nothing is
//! ever overwritten.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use tempfile::TempDir;

use super::folder::{Folder, OnDisk, read_one};

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

/// Whether a new version comes after all that are known; those that are no numbers have an order of their own.
///
/// # Errors
/// `InvalidInput`, naming the one that is in the way.
pub fn is_newest(version: &str, known: &[&str]) -> io::Result<()> {
    let is_newer = |known: &&&str| **known >= version && known.bytes().all(|byte| byte.is_ascii_digit());
    match known.iter().find(is_newer) {
        None => Ok(()),
        Some(newer) => {
            let what =
                format!("no new version can be newer than `{newer}`: give that migration one that is a time");
            Err(io::Error::new(io::ErrorKind::InvalidInput, what))
        }
    }
}

/// Migrations that lie beside the others under names that Diesel passes over; they go with this value unless they are
/// published.
#[derive(Debug)]
pub struct Staged {
    dir: PathBuf,
    all: Vec<(TempDir, Written)>,
}

/// Write `<YYYYMMDDHHMMSS>_<slug>/{up.sql,down.sql,metadata.toml}` for each, in this order, each a second later than the
/// one before, but not yet under these names. `also` are versions that are known elsewhere, as in a ledger: the new ones are
/// newer than those, too.
///
/// # Errors
/// What the file system says, with the path in the text; a version that no time is newer than.
pub fn stage(dir: &Path, also: &[&str], all: &[New], now: DateTime<Utc>) -> io::Result<Staged> {
    let existing = Folder::read(dir)?;
    let known: Vec<&str> =
        existing.migrations.iter().map(|one| one.version.as_str()).chain(also.iter().copied()).collect();
    let first = newest(known.iter().copied(), now);
    named(fs::create_dir_all(dir), "create", dir)?;
    let mut staged = Staged { dir: dir.to_path_buf(), all: Vec::new() };
    for (later, new) in (0..).zip(all) {
        let version = (first + TimeDelta::seconds(later)).format(VERSION).to_string();
        let is_newer =
            |known: &&&str| **known >= version.as_str() && known.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(newer) = known.iter().find(is_newer) {
            let what =
                format!("no new version can be newer than `{newer}`: give that migration one that is a time");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
        staged.all.push(one(dir, version, new)?);
    }
    Ok(staged)
}

/// Stage and publish.
///
/// # Errors
/// As of both.
pub fn write(dir: &Path, also: &[&str], all: &[New], now: DateTime<Utc>) -> io::Result<Vec<Written>> {
    stage(dir, also, all, now)?.publish()
}

/// Write one of this version.
///
/// # Errors
/// What the file system says, with the path in the text.
pub(super) fn of_version(dir: &Path, version: String, new: &New) -> io::Result<Written> {
    let staged = Staged { dir: dir.to_path_buf(), all: vec![one(dir, version, new)?] };
    Ok(staged.publish()?.remove(0))
}

impl Staged {
    /// As they will be.
    pub fn written(&self) -> impl Iterator<Item = &Written> {
        self.all.iter().map(|(_, written)| written)
    }

    /// Read them where they lie now.
    ///
    /// # Errors
    /// What the file system says.
    pub fn on_disk(&self) -> io::Result<Vec<OnDisk>> {
        let read = |(folder, one): &(TempDir, Written)| {
            read_one(folder.path(), one.version.clone(), one.name.clone())
        };
        self.all.iter().map(read).collect()
    }

    /// Give them their names.
    ///
    /// # Errors
    /// What the file system says; what has its name by then loses it again.
    pub fn publish(self) -> io::Result<Vec<Written>> {
        let mut done: Vec<Written> = Vec::new();
        for (folder, written) in self.all {
            let path = self.dir.join(&written.name);
            let ended = match path.exists() {
                true => Err(io::Error::new(
                    io::ErrorKind::AlreadyExists,
                    format!("`{}` is there already", path.display()),
                )),
                false => named(fs::rename(folder.path(), &path), "create", &path),
            };
            if let Err(error) = ended {
                for Written { name, .. } in &done {
                    drop(fs::remove_dir_all(self.dir.join(name)));
                }
                return Err(error);
            }
            // It has another name now.
            drop(folder.keep());
            done.push(written);
        }
        Ok(done)
    }
}

fn one(dir: &Path, version: String, new: &New) -> io::Result<(TempDir, Written)> {
    let name = format!("{version}_{}", new.slug);
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
    let folder = dir.join(&name);
    let files = files.iter().map(|(file, _)| folder.join(file)).collect();
    Ok((partial, Written { version, name, files }))
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

pub(super) fn named<T>(ended: io::Result<T>, verb: &str, path: &Path) -> io::Result<T> {
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
        write(folder.path(), &["99991231235959"], &two, now).unwrap_err();
        drop(stage(folder.path(), &[], &two, now).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), before);
    }
}
