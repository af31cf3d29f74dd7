//! Where backups lie: one folder per database, one per backup in it. A backup is built under `<id>.partial` and has its
//! name only once every byte of it is on disk. No symbolic link is followed below the root.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};
use nix::unistd::{getegid, geteuid};

use super::manifest::Manifest;
use super::name::{BackupId, folder_of};
use crate::engine::fault;
use crate::pg::interrupt::Interrupt;
use crate::pg::plain::{self, open_itself};

/// The file that describes a backup.
pub const MANIFEST: &str = "manifest.json";

/// How large that may be: room for about 400,000 tables.
const MANIFEST_LIMIT: u64 = 256 << 20;

/// What a folder's name ends in until it is a backup.
pub const PARTIAL: &str = ".partial";

/// Of a database's folder: locked while a backup is taken into it.
const LOCK: &str = ".lock";

/// How often a taken lock is tried again.
const TICK: Duration = Duration::from_millis(100);

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The file system said no.
    #[error("cannot {doing} `{}`", path.display())]
    Io {
        /// What we were doing.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something else lies there.
    #[error("`{}` is {what}: pgkeel writes a backup only below folders of its own", path.display())]
    NotAFolder {
        /// Where.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// Another backup is being taken into it.
    #[error("another backup is being taken into `{}`{}; waited {waited_s} s", path.display(), pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default())]
    Busy {
        /// The folder.
        path: PathBuf,
        /// By which process.
        pid: Option<u32>,
        /// For how long we waited.
        waited_s: u64,
    },
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}

fn io_error<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> FolderError + 'a {
    move |source| FolderError::Io { doing, path: path.to_owned(), source }
}

/// The folder of a database's backups, locked.
#[derive(Debug)]
pub struct Shelf {
    path: PathBuf,
    _lock: Flock<File>,
}

/// The folder of a database's backups below the root; it may not exist.
pub fn shelf_of(root: &Path, database: &str) -> PathBuf {
    root.join(folder_of(database))
}

impl Shelf {
    /// Open it for one more backup; it is created where it is missing. While somebody else has it, wait.
    ///
    /// # Errors
    /// See `FolderError`.
    pub fn open(
        root: &Path,
        database: &str,
        patience: Duration,
        interrupt: &Interrupt,
    ) -> Result<Self, FolderError> {
        let path = shelf_of(root, database);
        if !root.exists() {
            private_folders(root).map_err(io_error("create", root))?;
        }
        match private_folder(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(io_error("create", &path)(error));
            }
            _ => check_folder(&path)?,
        }
        for folder in [root, &path] {
            check_owner(folder)?;
        }
        let lock = lock(&path, patience, interrupt)?;
        Ok(Self { path, _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The backup with the largest number.
    ///
    /// # Errors
    /// `FolderError::Io`.
    pub fn newest(&self) -> Result<Option<Manifest>, FolderError> {
        let mut newest: Option<Manifest> = None;
        for entry in fs::read_dir(&self.path).map_err(io_error("read", &self.path))? {
            let entry = entry.map_err(io_error("read", &self.path))?;
            if BackupId::parse(&entry.file_name().to_string_lossy()).is_err() {
                continue;
            }
            // A damaged manifest has no say in it: two backups of one number still differ in their time.
            let bytes = manifest_bytes(&entry.path()).unwrap_or_default();
            if let Ok(manifest) = Manifest::from_bytes(&bytes) {
                newest = newest.filter(|newest| newest.sequence >= manifest.sequence).or(Some(manifest));
            }
        }
        Ok(newest)
    }

    /// Begin a backup.
    ///
    /// # Errors
    /// `FolderError::Io`, also where something of that name is there.
    pub fn begin(&self, id: &BackupId) -> Result<Partial, FolderError> {
        let target = self.path.join(id.as_str());
        let path = self.path.join(format!("{id}{PARTIAL}"));
        // mkdir follows no link and takes nothing that exists.
        private_folder(&path).map_err(io_error("create", &path))?;
        let alive = open_folder(&path).map_err(io_error("open", &path))?;
        let alive = Flock::lock(alive, FlockArg::LockExclusiveNonblock)
            .map_err(|(_, errno)| io_error("lock", &path)(errno.into()))?;
        Ok(Partial { path, target, parent: self.path.clone(), _alive: alive, published: false })
    }
}

/// Whether a `.partial` folder is what a dead run left: whoever builds one holds a lock on it.
///
/// # Errors
/// What the file system says.
pub fn is_abandoned(partial: &Path) -> io::Result<bool> {
    match Flock::lock(open_folder(partial)?, FlockArg::LockSharedNonblock) {
        Ok(_released) => Ok(true),
        Err((_, Errno::EWOULDBLOCK)) => Ok(false),
        Err((_, errno)) => Err(errno.into()),
    }
}

/// A backup that has no name yet. Dropped without `publish`, it is removed.
#[derive(Debug)]
pub struct Partial {
    path: PathBuf,
    target: PathBuf,
    parent: PathBuf,
    _alive: Flock<File>,
    published: bool,
}

impl Partial {
    /// Where it is built.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A new file in it, for us alone.
    ///
    /// # Errors
    /// `FolderError::Io`, also where it exists.
    pub fn create(&self, name: &str) -> Result<File, FolderError> {
        let path = self.path.join(name);
        create_private(&path).map_err(io_error("create", &path))
    }

    /// A new file in it with this content.
    ///
    /// # Errors
    /// `FolderError::Io`.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<(), FolderError> {
        let path = self.path.join(name);
        self.create(name)?.write_all(content).map_err(io_error("write", &path))
    }

    /// Take from others what the programs that wrote here gave them by their umask.
    ///
    /// # Errors
    /// `FolderError::Io`.
    pub fn make_private(&self) -> Result<(), FolderError> {
        each_entry(&self.path, &mut |path, is_folder| {
            let mode = if is_folder { 0o700 } else { 0o600 };
            fs::set_permissions(path, Permissions::from_mode(mode))
        })
        .map_err(io_error("set the rights of", &self.path))
    }

    /// Give it its name: everything reaches the disk, the manifest last, then the folder is renamed.
    ///
    /// # Errors
    /// `FolderError::Io`, `FolderError::Interrupted` until it has its name; nothing was published.
    pub fn publish(mut self, manifest: &Manifest, interrupt: &Interrupt) -> Result<PathBuf, FolderError> {
        let sync = |path: &Path, _| File::open(path)?.sync_all();
        each_entry(&self.path, &mut |path, is_folder| sync(path, is_folder))
            .map_err(io_error("write to disk", &self.path))?;
        fault::point("backup-before-manifest");
        let path = self.path.join(MANIFEST);
        let bytes = manifest.to_bytes();
        within_limit(&bytes).map_err(io_error("write", &path))?;
        let mut file = self.create(MANIFEST)?;
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(io_error("write", &path))?;
        File::open(&self.path)
            .and_then(|dir| dir.sync_all())
            .map_err(io_error("write to disk", &self.path))?;
        fault::point("backup-before-rename");
        if interrupt.is_raised() {
            return Err(FolderError::Interrupted);
        }
        // rename(2) would replace an empty folder; the lock keeps out every other pgkeel.
        if fs::symlink_metadata(&self.target).is_ok() {
            let there = io::Error::from(io::ErrorKind::AlreadyExists);
            return Err(io_error("create", &self.target)(there));
        }
        fs::rename(&self.path, &self.target).map_err(io_error("name", &self.target))?;
        self.published = true;
        File::open(&self.parent)
            .and_then(|dir| dir.sync_all())
            .map_err(io_error("write to disk", &self.parent))?;
        fault::point("backup-after-rename");
        Ok(self.target.clone())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.published {
            // What cannot be removed is a leftover, which `prune` removes: it never counts as a backup.
            fs::remove_dir_all(&self.path).ok();
        }
    }
}

/// Every file and folder below this one, and then itself; links are not followed, and are an error.
fn each_entry(folder: &Path, on: &mut dyn FnMut(&Path, bool) -> io::Result<()>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            each_entry(&entry.path(), on)?;
        } else if kind.is_file() {
            on(&entry.path(), false)?;
        } else {
            let why = format!("`{}` is {}, not a plain file", entry.path().display(), plain::kind(kind));
            return Err(io::Error::other(why));
        }
    }
    on(folder, true)
}

/// The bytes of a backup's manifest.
///
/// # Errors
/// What the file system says; that it is too large, or not a plain file.
pub(super) fn manifest_bytes(dir: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_itself(&dir.join(MANIFEST))?.take(MANIFEST_LIMIT + 1).read_to_end(&mut bytes)?;
    within_limit(&bytes)?;
    Ok(bytes)
}

fn within_limit(manifest: &[u8]) -> io::Result<()> {
    if manifest.len() as u64 > MANIFEST_LIMIT {
        let why = format!("it is larger than {} MiB, the limit for a manifest", MANIFEST_LIMIT >> 20);
        return Err(io::Error::other(why));
    }
    Ok(())
}

fn open_folder(path: &Path) -> io::Result<File> {
    let flags = OFlag::O_NOFOLLOW | OFlag::O_DIRECTORY;
    OpenOptions::new().read(true).custom_flags(flags.bits()).open(path)
}

fn create_private(path: &Path) -> io::Result<File> {
    let flags = OFlag::O_NOFOLLOW.bits();
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).custom_flags(flags).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o700))
}

fn private_folders(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).recursive(true).create(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o700))
}

fn check_folder(path: &Path) -> Result<(), FolderError> {
    let kind = fs::symlink_metadata(path).map_err(io_error("look at", path))?.file_type();
    let what = match kind {
        kind if kind.is_dir() => return Ok(()),
        kind if kind.is_symlink() => "a symbolic link",
        _ => "no folder",
    };
    Err(FolderError::NotAFolder { path: path.to_owned(), what })
}

/// Whoever else can write there could put something of theirs in the place of a backup, or have us write where they like.
/// In a folder with the sticky bit nobody takes away or renames what is another's.
fn check_owner(path: &Path) -> Result<(), FolderError> {
    let found = fs::metadata(path).map_err(io_error("look at", path))?;
    let (mode, me) = (found.mode(), geteuid().as_raw());
    let group_writes = mode & 0o020 != 0 && found.gid() != getegid().as_raw();
    let what = if found.uid() != me && found.uid() != 0 {
        "another user's"
    } else if (group_writes || mode & 0o002 != 0) && mode & 0o1000 == 0 {
        "open to be written by others"
    } else {
        return Ok(());
    };
    Err(FolderError::NotAFolder { path: path.to_owned(), what })
}

fn lock(folder: &Path, patience: Duration, interrupt: &Interrupt) -> Result<Flock<File>, FolderError> {
    let path = folder.join(LOCK);
    let begin = Instant::now();
    let open = || {
        let flags = (OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits();
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).mode(0o600).custom_flags(flags).open(&path)?;
        let kind = file.metadata()?.file_type();
        if kind.is_file() { Ok(file) } else { Err(io::Error::other(format!("it is {}", plain::kind(kind)))) }
    };
    loop {
        let file = open().map_err(io_error("open", &path))?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(mut lock) => {
                let pid = format!("{}\n", std::process::id());
                lock.set_len(0)
                    .and_then(|()| lock.write_all(pid.as_bytes()))
                    .map_err(io_error("write", &path))?;
                return Ok(lock);
            }
            Err((mut file, Errno::EWOULDBLOCK)) => {
                if begin.elapsed() >= patience {
                    let mut text = String::new();
                    // Whoever has it may not have said who it is.
                    file.read_to_string(&mut text).ok();
                    let (pid, waited_s) = (text.trim().parse().ok(), begin.elapsed().as_secs());
                    return Err(FolderError::Busy { path: folder.to_owned(), pid, waited_s });
                }
            }
            Err((_, errno)) => return Err(io_error("lock", &path)(errno.into())),
        }
        if interrupt.is_raised() {
            return Err(FolderError::Interrupted);
        }
        std::thread::sleep(TICK);
    }
}
