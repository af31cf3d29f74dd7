//! Changes to backups that exist: a new fact in a manifest, and removal. Both leave a whole backup or none, whenever
//! they are killed, and neither happens while another run reads the backup.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};

use super::catalogue::{DELETING, manifest};
use super::folder::{MANIFEST, PARTIAL};
use super::manifest::{Manifest, ManifestError};
use super::name::BackupId;
use crate::engine::fault;

/// While this lives, the backup is not removed: for whoever reads it.
#[derive(Debug)]
pub struct InUse {
    _folder: Flock<File>,
}

/// Why a backup was not changed.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Its manifest cannot be read.
    #[error("the backup `{}`: {source}; it is as it was", dir.display())]
    Manifest {
        /// The backup.
        dir: PathBuf,
        /// What is wrong.
        source: ManifestError,
    },
    /// Another run reads it, or removes it.
    #[error("the backup `{}` is in use by another run; it is as it was", dir.display())]
    InUse {
        /// The backup.
        dir: PathBuf,
    },
    /// The file system says no.
    #[error("cannot {doing} `{}`: {source}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Keep a backup from being removed while it is read.
///
/// # Errors
/// It is being removed, or is gone.
pub fn hold(dir: &Path) -> Result<InUse, RecordError> {
    lock(dir, FlockArg::LockSharedNonblock).map(|folder| InUse { _folder: folder })
}

/// Change a manifest: it is read again under a lock, changed, and replaced as a whole. Two who do so at once do not lose
/// one another's change.
///
/// # Errors
/// See `RecordError`; then the manifest is as it was.
pub fn update(dir: &Path, change: impl FnOnce(&mut Manifest)) -> Result<Manifest, RecordError> {
    let _in_use = hold(dir)?;
    // The database's folder, as readers hold the backup's own, and a verification may read for hours.
    let _alone = lock(parent(dir), FlockArg::LockExclusive)?;
    let unreadable = |source| RecordError::Manifest { dir: dir.to_path_buf(), source };
    let id = id_of(dir)
        .ok_or_else(|| unreadable(ManifestError::Unreadable("its folder has another name".into())))?;
    let mut manifest = manifest(dir, &id).map_err(unreadable)?;
    change(&mut manifest);
    replace(dir, &manifest)?;
    // The copy in memory with the file's checksum.
    Manifest::from_bytes(&manifest.to_bytes()).map_err(unreadable)
}

fn replace(dir: &Path, manifest: &Manifest) -> Result<(), RecordError> {
    // Beside the backup, in which nothing is that its manifest does not list. One name, under the lock: what a killed run
    // left of it is overwritten by the next.
    let new = parent(dir).join(format!(".{}.manifest", manifest.id));
    let target = dir.join(MANIFEST);
    let written = || -> io::Result<()> {
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .custom_flags(OFlag::O_NOFOLLOW.bits())
            .open(&new)?;
        file.write_all(&manifest.to_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &target)?;
        File::open(dir)?.sync_all()
    };
    written().map_err(|source| {
        // The old manifest stands; what there is of the new one is of no use.
        drop(fs::remove_file(&new));
        RecordError::Io { doing: "replace", path: target.clone(), source }
    })
}

/// Remove a backup or a leftover. It loses its name first: a run that is killed half way leaves no half backup under one.
///
/// # Errors
/// See `RecordError`. Where it failed after the renaming, the next removal of leftovers goes on.
pub fn remove(dir: &Path) -> Result<(), RecordError> {
    let _alone = lock(dir, FlockArg::LockExclusiveNonblock)?;
    let failed = |doing, path: &Path| {
        let path = path.to_path_buf();
        move |source| RecordError::Io { doing, path, source }
    };
    let name = dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let doomed = if name.ends_with(DELETING) {
        dir.to_path_buf()
    } else {
        let doomed = dir.with_file_name(format!("{}{DELETING}", name.strip_suffix(PARTIAL).unwrap_or(&name)));
        fs::rename(dir, &doomed).map_err(failed("rename", dir))?;
        File::open(parent(dir)).and_then(|folder| folder.sync_all()).map_err(failed("sync", parent(dir)))?;
        doomed
    };
    fault::point("prune-renamed");
    fs::remove_dir_all(&doomed).map_err(failed("remove", &doomed))
}

fn lock(dir: &Path, how: FlockArg) -> Result<Flock<File>, RecordError> {
    let failed = |source| RecordError::Io { doing: "lock", path: dir.to_path_buf(), source };
    let flags = OFlag::O_NOFOLLOW | OFlag::O_DIRECTORY;
    let folder = OpenOptions::new().read(true).custom_flags(flags.bits()).open(dir).map_err(failed)?;
    Flock::lock(folder, how).map_err(|(_, errno)| match errno {
        Errno::EWOULDBLOCK => RecordError::InUse { dir: dir.to_path_buf() },
        errno => failed(errno.into()),
    })
}

fn parent(dir: &Path) -> &Path {
    dir.parent().unwrap_or(dir)
}

fn id_of(dir: &Path) -> Option<BackupId> {
    dir.file_name().and_then(|name| BackupId::parse(name.to_str()?).ok())
}
