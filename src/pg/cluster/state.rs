//! What we remember of a cluster between commands: a 0600 file, written by rename.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::ClusterError;

/// A password that shows itself as `****`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Password(pub(super) String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}

/// How the server was started last.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct State {
    /// 1.
    pub(super) format: u32,
    /// The folder of the socket.
    pub(super) socket_dir: PathBuf,
    /// Part of the socket's name, and the TCP port if there is one.
    pub(super) port: u16,
    /// The superuser's password if the server listens on TCP.
    pub(super) password: Option<Password>,
    /// The program that was started, its version and the age of its file.
    pub(super) postgres: PathBuf,
    pub(super) version: String,
    pub(super) modified: u64,
    /// Whether the start went through to its end.
    pub(super) complete: bool,
}

impl State {
    /// The socket itself.
    pub(super) fn socket(&self) -> PathBuf {
        self.socket_dir.join(format!(".s.PGSQL.{}", self.port))
    }

    /// `None` if there is no such file.
    pub(super) fn read(path: &Path) -> Result<Option<State>, ClusterError> {
        let text = match fs::read_to_string(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(ClusterError::io("read", path))?,
        };
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|source| ClusterError::State { path: path.to_owned(), source })
    }

    pub(super) fn write(&self, path: &Path) -> Result<(), ClusterError> {
        let text = serde_json::to_string_pretty(self).expect("a state is made of text and numbers");
        replace(path, &text, 0o600)
    }
}

/// Writes a whole file or nothing, with `mode`.
pub(super) fn replace(path: &Path, text: &str, mode: u32) -> Result<(), ClusterError> {
    let write = || {
        let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new("/")))?;
        file.write_all(text.as_bytes())?;
        file.as_file().set_permissions(fs::Permissions::from_mode(mode))?;
        file.persist(path).map_err(|e| e.error)
    };
    write().map(drop).map_err(ClusterError::io("write", path))
}

/// When a file was last changed; 0 if it is not there.
pub(super) fn modified(path: &Path) -> u64 {
    let time = fs::metadata(path).and_then(|m| m.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    time.duration_since(UNIX_EPOCH).map(|d| d.as_secs()).unwrap_or_default()
}
