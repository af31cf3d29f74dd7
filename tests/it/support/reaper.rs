//! Nothing is left behind, not even by `kill -9`: every test process holds a shared lock on `lease`, which ends
//! with the process however it ends; the reaper waits until nobody holds it, and destroys every cluster.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::cluster;
use super::helper::{self, Role};

/// nextest has a process per test: between two of them nobody holds the lease.
const LINGER: Duration = Duration::from_secs(2);

/// How long the databases of failed tests can be looked at.
pub(crate) const KEPT: Duration = Duration::from_secs(15 * 60);

/// Keeps the clusters of `base` while it lives.
#[derive(Debug)]
pub(crate) struct Lease {
    _file: File,
}

impl Lease {
    /// Waits while a reaper is at work, and makes sure that one watches from now on.
    pub(crate) fn take(base: &Path) -> Lease {
        match DirBuilder::new().mode(0o711).create(base) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => {
                panic!("cannot create `{}`: {e}", base.display())
            }
            _ => {}
        }
        let file = open(base, "lease");
        file.lock_shared().unwrap();
        // Tells the reaper that somebody was here between two of its looks.
        file.set_modified(SystemTime::now()).unwrap();
        // Nobody can reap while we hold the lease, so a reaper that is there now stays.
        if open(base, "reaper").try_lock().is_ok() {
            let mut reaper = helper::spawn(Role::Reaper, base);
            thread::spawn(move || reaper.wait());
        }
        Lease { _file: file }
    }
}

/// Keeps the server for a while after the run: a test failed and left its database.
pub(crate) fn keep_for_a_while(base: &Path) {
    drop(open(base, "kept"));
}

/// What the reaper does; it ends when another one is there, or after its work.
pub(crate) fn reap(base: &Path) {
    let only = open(base, "reaper");
    // A test process that only looked whether we are here lets go at once.
    let patience = Instant::now() + Duration::from_secs(1);
    while only.try_lock().is_err() {
        if Instant::now() > patience {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    let lease = open(base, "lease");
    let mut free: Option<(Instant, SystemTime)> = None;
    loop {
        match lease.try_lock() {
            Err(TryLockError::WouldBlock) => free = None,
            Err(TryLockError::Error(e)) => panic!("cannot lock the lease of `{}`: {e}", base.display()),
            Ok(()) => {
                let taken = lease.metadata().and_then(|m| m.modified()).unwrap();
                let linger = if base.join("kept").exists() { KEPT } else { LINGER };
                match free {
                    Some((since, last)) if last == taken && since.elapsed() > linger => break,
                    Some((_, last)) if last == taken => {}
                    _ => free = Some((Instant::now(), taken)),
                }
                lease.unlock().unwrap();
            }
        }
        thread::sleep(Duration::from_millis(50));
    }
    for entry in fs::read_dir(base.join("clusters")).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let id = name.strip_suffix(".lock").unwrap_or(&name);
        cluster::at(base, id).destroy().ok();
    }
    fs::remove_file(base.join("kept")).ok();
    // In this order: who gets the lease next must find no reaper, and start one.
    drop(only);
    drop(lease);
}

fn open(base: &Path, name: &str) -> File {
    let path = base.join(name);
    File::options()
        .create(true)
        .append(true)
        .open(&path)
        .unwrap_or_else(|e| panic!("cannot open `{}`: {e}", path.display()))
}
