//! The catalogue: all backups below one folder, read from their manifests. There is no database to lose. It follows no
//! symlink, takes no name but a backup's own, and never changes anything; `record` does that.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::folder::{PARTIAL, is_abandoned, manifest_bytes};
use super::manifest::{Manifest, ManifestError, Scope};
use super::name::{BackupId, folder_of};
use crate::pg::nearest::did_you_mean;
use crate::pg::plain::open_itself;

/// What it is called while it is being removed: the id and this.
pub const DELETING: &str = ".deleting";

/// All backups below a folder.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// The whole ones, by the folder of their database, then oldest first.
    pub backups: Vec<Kept>,
    /// What a run left that is still going on or was killed.
    pub partial: Vec<Leftover>,
    /// Folders with a backup's name, but without a manifest that can be read.
    pub unreadable: Vec<(PathBuf, ManifestError)>,
}

/// A whole backup.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its folder.
    pub dir: PathBuf,
    /// What it holds.
    pub manifest: Manifest,
}

/// A folder that is no backup yet, or no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// The folder.
    pub path: PathBuf,
    /// Who writes it, where one does.
    pub pid: Option<i32>,
    /// Whether that run still goes on: it holds its lock.
    pub running: bool,
    /// Its size on disk.
    pub bytes: u64,
}

/// The database that a search is for, by name and by its cluster's identifier where that is known.
pub type Place<'a> = (&'a str, Option<&'a str>);

/// Why no backup was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FindError {
    /// There are none at all.
    #[error("there is no backup of {}", of.as_deref().map_or_else(|| "any database".into(), |name| format!("database `{name}`")))]
    Empty {
        /// Whose.
        of: Option<String>,
    },
    /// All that hold everything failed a verification.
    #[error("no backup of database `{of}` is sound: the newest, `{id}`, {how}")]
    Unsound {
        /// Whose.
        of: String,
        /// The newest.
        id: BackupId,
        /// What it failed.
        how: &'static str,
    },
    /// None is called so.
    #[error("no backup is called `{text}`.{near}")]
    None {
        /// What was asked for.
        text: String,
        /// The nearest names, as the end of a sentence.
        near: String,
    },
    /// Several are.
    #[error("`{text}` names several backups: {}", ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", "))]
    Several {
        /// What was asked for.
        text: String,
        /// Newest first.
        ids: Vec<BackupId>,
    },
    /// It cannot be a backup's name.
    #[error(
        "`{0}` is no name of a backup: give an id, its beginning or end (four characters or more), a label, or `latest`"
    )]
    NotAName(String),
}

impl Catalogue {
    /// Read all manifests below the folder. One that is not there holds none.
    ///
    /// # Errors
    /// The folder cannot be read. What is wrong below it is in `unreadable`.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut catalogue = Self::default();
        let databases = match folders(root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(catalogue),
            databases => databases?,
        };
        for database in databases.iter().filter(|name| !name.starts_with('.')) {
            let database = root.join(database);
            match folders(&database) {
                Ok(names) => names.iter().for_each(|name| catalogue.add(&database, name)),
                Err(error) => catalogue.unreadable.push((database, unreadable(&error))),
            }
        }
        let folder = |kept: &Kept| kept.dir.parent().map(Path::to_path_buf);
        catalogue.backups.sort_by(|a, b| {
            let key = |kept: &Kept| (folder(kept), kept.manifest.sequence, kept.manifest.id.clone());
            key(a).cmp(&key(b))
        });
        Ok(catalogue)
    }

    fn add(&mut self, database: &Path, name: &str) {
        let path = database.join(name);
        let stripped = name.strip_suffix(PARTIAL).or_else(|| name.strip_suffix(DELETING));
        if stripped.is_some_and(|id| BackupId::parse(id).is_ok()) {
            self.partial.push(leftover(path));
        } else if let Ok(id) = BackupId::parse(name) {
            match manifest(&path, &id) {
                Ok(manifest) => self.backups.push(Kept { dir: path, manifest }),
                Err(error) => self.unreadable.push((path, error)),
            }
        }
    }

    /// What belongs to databases of one name, and what lies in their folder.
    pub fn only(mut self, database: &str) -> Self {
        let folder = folder_of(database);
        let in_it = |path: &Path| path.iter().rev().take(2).any(|part| part == folder.as_str());
        self.backups.retain(|kept| kept.manifest.source.database == database);
        self.partial.retain(|leftover| in_it(&leftover.path));
        self.unreadable.retain(|(path, _)| in_it(path));
        self
    }

    /// The backups of one database, oldest first.
    pub fn of(&self, place: Place<'_>) -> impl DoubleEndedIterator<Item = &Kept> {
        self.backups.iter().filter(move |kept| kept.manifest.is_of(place.0, place.1))
    }

    /// The newest backup of a database from which it can be brought back: everything is in it, and no verification found
    /// damage.
    pub fn latest(&self, place: Place<'_>) -> Option<&Kept> {
        self.of(place).rfind(|kept| kept.is_whole())
    }

    /// The backup that a person means: `latest`, an id, its beginning or end, or a label that only one bears. Those of
    /// the place are meant first.
    ///
    /// # Errors
    /// See `FindError`.
    pub fn find(&self, text: &str, place: Option<Place<'_>>) -> Result<&Kept, FindError> {
        if text == "latest" {
            return self.find_latest(place);
        }
        if let Some(exact) = self.backups.iter().find(|kept| kept.manifest.id.as_str() == text) {
            return Ok(exact);
        }
        let here = |kept: &&Kept| place.is_none_or(|(name, cluster)| kept.manifest.is_of(name, cluster));
        let labelled = |kept: &&Kept| kept.manifest.label.as_deref() == Some(text);
        let begun = |kept: &&Kept| {
            let id = kept.manifest.id.as_str();
            text.len() >= 4 && (id.starts_with(text) || id.ends_with(text))
        };
        let candidates: [Vec<&Kept>; 4] = [
            self.backups.iter().filter(here).filter(labelled).collect(),
            self.backups.iter().filter(here).filter(begun).collect(),
            self.backups.iter().filter(labelled).collect(),
            self.backups.iter().filter(begun).collect(),
        ];
        match candidates.iter().find(|found| !found.is_empty()).map(Vec::as_slice) {
            Some([one]) => Ok(one),
            Some(several) => Err(FindError::Several { text: text.to_owned(), ids: newest_first(several) }),
            None if text.len() < 4 || text.contains(['/', '.', '\0']) => {
                Err(FindError::NotAName(text.to_owned()))
            }
            None => Err(FindError::None { text: text.to_owned(), near: self.near(text) }),
        }
    }

    fn find_latest(&self, place: Option<Place<'_>>) -> Result<&Kept, FindError> {
        if let Some(place) = place {
            return self.latest(place).ok_or_else(|| self.unsound(place));
        }
        let mut newest: Vec<&Kept> = Vec::new();
        for kept in self.backups.iter().rev().filter(|kept| kept.is_whole()) {
            if !newest.iter().any(|other| other.manifest.source.database == kept.manifest.source.database) {
                newest.push(kept);
            }
        }
        match newest.as_slice() {
            [] => Err(FindError::Empty { of: None }),
            [one] => Ok(one),
            several => Err(FindError::Several { text: "latest".into(), ids: newest_first(several) }),
        }
    }

    /// Why there is no latest one.
    fn unsound(&self, place: Place<'_>) -> FindError {
        let of = place.0.to_owned();
        match self.of(place).rfind(|kept| kept.manifest.scope == Scope::Full) {
            Some(kept) => {
                let trial = kept.manifest.failed_trial().is_some();
                let how = if trial { "failed its trial restore" } else { "is damaged" };
                FindError::Unsound { of, id: kept.manifest.id.clone(), how }
            }
            None => FindError::Empty { of: Some(of) },
        }
    }

    fn near(&self, text: &str) -> String {
        let labels = self.backups.iter().rev().filter_map(|kept| kept.manifest.label.as_deref());
        did_you_mean(text, self.backups.iter().rev().map(|kept| kept.manifest.id.as_str()).chain(labels))
    }
}

impl Kept {
    /// Whether its database can be brought back from it, as far as is known.
    pub fn is_whole(&self) -> bool {
        self.manifest.scope == Scope::Full && !self.manifest.is_damaged()
    }
}

fn newest_first(several: &[&Kept]) -> Vec<BackupId> {
    let mut ids: Vec<_> = several.iter().map(|kept| kept.manifest.id.clone()).collect();
    ids.sort();
    ids.dedup();
    ids.reverse();
    ids
}

/// The names of the folders in a folder, sorted; no symlinks, and nothing that is not UTF-8, as no name of ours is.
fn folders(dir: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        // The entry's own type: that of a symlink is a symlink.
        if entry.file_type()?.is_dir()
            && let Ok(name) = entry.file_name().into_string()
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn unreadable(error: &io::Error) -> ManifestError {
    ManifestError::Unreadable(error.to_string())
}

/// Read the manifest of a backup's folder; it must bear the folder's name.
pub(super) fn manifest(dir: &Path, id: &BackupId) -> Result<Manifest, ManifestError> {
    let manifest = manifest_in(dir)?;
    if manifest.id != *id {
        return Err(ManifestError::Unreadable(format!("it is the manifest of `{}`", manifest.id)));
    }
    Ok(manifest)
}

/// Read the manifest of a backup's folder, whatever the folder is called.
///
/// # Errors
/// See `ManifestError`.
pub fn manifest_in(dir: &Path) -> Result<Manifest, ManifestError> {
    let bytes = manifest_bytes(dir).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => ManifestError::Unreadable("there is no manifest.json".into()),
        _ => unreadable(&error),
    })?;
    Manifest::from_bytes(&bytes)
}

/// Whoever writes a backup, or removes one, has a lock on its folder.
fn leftover(path: PathBuf) -> Leftover {
    let running = !is_abandoned(&path).unwrap_or(false);
    let bytes = bytes_below(&path);
    // Whoever writes a backup has the lock of the database's folder too, and has written down there who it is.
    let is_written = running && path.to_string_lossy().ends_with(PARTIAL);
    let pid = path.parent().filter(|_| is_written).and_then(|shelf| {
        let mut text = String::new();
        open_itself(&shelf.join(".lock")).and_then(|file| file.take(32).read_to_string(&mut text)).ok()?;
        text.trim().parse().ok()
    });
    Leftover { path, pid, running, bytes }
}

/// The sizes of all files below a folder; what cannot be read counts nothing.
fn bytes_below(dir: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(dir) else { return 0 };
    let size = |entry: fs::DirEntry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => bytes_below(&entry.path()),
        Ok(kind) if kind.is_file() => entry.metadata().map_or(0, |metadata| metadata.len()),
        _ => 0,
    };
    entries.flatten().map(size).sum()
}
