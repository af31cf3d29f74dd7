//! Where a cluster lives: its folders, their permissions, its lock and the short path of its socket.
//!
//! `base/templates/`, `base/clusters/<id>/{data,log,state.json,…}`, `base/clusters/<id>.lock`. Only `data` and
//! the socket's folder belong to the user who runs the server.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use nix::unistd::geteuid;

use super::{ClusterError, Owner};

/// A socket's whole path must stay under 104 bytes on macOS; `/.s.PGSQL.65535` takes 15 of them.
pub(super) const SOCKET_DIR_LIMIT: usize = 88;

/// How long to wait for another process; longer than any start.
const LOCK_WAIT: Duration = Duration::from_secs(120);

/// The paths of one cluster.
#[derive(Debug, Clone)]
pub(super) struct Places {
    pub(super) base: PathBuf,
    pub(super) home: PathBuf,
    pub(super) lock: PathBuf,
    pub(super) data: PathBuf,
    pub(super) log: PathBuf,
    pub(super) state: PathBuf,
    pub(super) hba: PathBuf,
    pub(super) ident: PathBuf,
}

impl Places {
    pub(super) fn of(base: &Path, id: &str) -> Places {
        // The server's own idea of its path, by which we recognise its process.
        let base = fs::canonicalize(base).unwrap_or_else(|_| base.to_owned());
        let clusters = base.join("clusters");
        let home = clusters.join(id);
        Places {
            lock: clusters.join(format!("{id}.lock")),
            data: home.join("data"),
            log: home.join("log"),
            state: home.join("state.json"),
            hba: home.join("pg_hba.conf"),
            ident: home.join("pg_ident.conf"),
            home,
            base,
        }
    }

    /// Makes the folders above the data.
    pub(super) fn prepare(base: &Path, id: &str, owner: &Owner) -> Result<Places, ClusterError> {
        fs::create_dir_all(base.parent().unwrap_or(base))
            .map_err(ClusterError::io("create the folder of", base))?;
        passage(base, owner)?;
        owner.must_reach(&fs::canonicalize(base).map_err(ClusterError::io("resolve", base))?)?;
        let places = Places::of(base, id);
        passage(&places.base.join("clusters"), owner)?;
        Ok(places)
    }

    /// The major version that made the data, if there is data.
    pub(super) fn data_major(&self) -> Option<u32> {
        fs::read_to_string(self.data.join("PG_VERSION")).ok()?.trim().parse().ok()
    }
}

/// Makes a folder that only we write to, or checks that it is one.
pub(super) fn passage(dir: &Path, owner: &Owner) -> Result<(), ClusterError> {
    match DirBuilder::new().mode(owner.passage_mode()).create(dir) {
        Ok(()) => {
            // The umask may have taken more than we want.
            let mode = fs::Permissions::from_mode(owner.passage_mode());
            fs::set_permissions(dir, mode).map_err(ClusterError::io("protect", dir))
        }
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => trusted(dir, geteuid().as_raw()),
        Err(e) => Err(ClusterError::io("create", dir)(e)),
    }
}

/// Refuses a folder that somebody else owns or can write to.
fn trusted(dir: &Path, uid: u32) -> Result<(), ClusterError> {
    let found = fs::symlink_metadata(dir).map_err(ClusterError::io("look at", dir))?;
    let why = if !found.is_dir() {
        "it is a link or a file, not a folder"
    } else if found.uid() != uid {
        "it belongs to another user"
    } else if found.mode() & 0o022 != 0 {
        "others can write to it"
    } else {
        return Ok(());
    };
    Err(ClusterError::Untrusted { path: dir.to_owned(), why })
}

/// Makes the socket's folder: `previous` if that is free or ours, so that a copied URL stays valid, else a new
/// one under `preferred` or `/tmp`.
pub(super) fn socket_dir(
    previous: Option<&Path>,
    preferred: Option<&Path>,
    owner: &Owner,
) -> Result<PathBuf, ClusterError> {
    let fresh = |dir: &Path| Ok::<_, ClusterError>(dir.join(format!("pgkeel-{}", random_hex(4)?)));
    let mut candidates: Vec<_> = previous.map(Path::to_owned).into_iter().collect();
    for dir in preferred.into_iter().chain([Path::new("/tmp"), Path::new("/tmp")]) {
        candidates.push(fresh(dir)?);
    }
    for dir in candidates {
        let reachable = dir.parent().is_some_and(|parent| owner.must_reach(parent).is_ok());
        let short = dir.as_os_str().len() <= SOCKET_DIR_LIMIT;
        if !reachable || !short {
            continue;
        }
        match DirBuilder::new().mode(0o700).create(&dir) {
            Ok(()) => owner.gets(&dir)?,
            Err(_) if trusted(&dir, owner.uid).is_ok() => {}
            Err(_) => continue,
        }
        return Ok(dir);
    }
    Err(ClusterError::NoSocketDir { limit: SOCKET_DIR_LIMIT })
}

/// Removes a folder with everything in it; it may be gone already.
pub(super) fn remove(dir: &Path) -> Result<(), ClusterError> {
    match fs::remove_dir_all(dir) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(ClusterError::io("remove", dir)(e)),
        _ => Ok(()),
    }
}

/// Removes the socket's folder if it is ours.
pub(super) fn remove_socket_dir(dir: &Path, owner: &Owner) -> Result<(), ClusterError> {
    if trusted(dir, owner.uid).is_ok() { remove(dir) } else { Ok(()) }
}

/// Random bytes from the system, in hexadecimal.
pub(super) fn random_hex(bytes: usize) -> Result<String, ClusterError> {
    let source = Path::new("/dev/urandom");
    let mut buffer = vec![0; bytes];
    File::open(source)
        .and_then(|mut file| io::Read::read_exact(&mut file, &mut buffer))
        .map_err(ClusterError::io("read", source))?;
    Ok(buffer.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A lock file that is held until dropped.
#[derive(Debug)]
pub(super) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Waits for the lock. The file may be deleted by a holder: then the lock we got is of a dead file.
    pub(super) fn take(path: &Path) -> Result<FolderLock, ClusterError> {
        let deadline = Instant::now() + LOCK_WAIT;
        loop {
            let file = File::options()
                .create(true)
                .append(true)
                .open(path)
                .map_err(ClusterError::io("open", path))?;
            match file.try_lock() {
                Ok(()) if is_still(path, &file) => return Ok(FolderLock { _file: file }),
                Ok(()) => continue,
                Err(fs::TryLockError::WouldBlock) => {}
                Err(fs::TryLockError::Error(e)) => return Err(ClusterError::io("lock", path)(e)),
            }
            if Instant::now() > deadline {
                return Err(ClusterError::Busy { lock: path.to_owned(), seconds: LOCK_WAIT.as_secs() });
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

fn is_still(path: &Path, file: &File) -> bool {
    match (fs::metadata(path), file.metadata()) {
        (Ok(named), Ok(held)) => (named.dev(), named.ino()) == (held.dev(), held.ino()),
        _ => false,
    }
}
