//! Decrypts the file of a backup as it streams by, for pg_restore and psql: after its hash was found right, from the very
//! file that was hashed.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::crypt::{Checked, CryptError, decrypt};
use crate::pg::interrupt::Interrupt;
use crate::pg::plain;

/// Why a file was not decrypted.
#[derive(Debug, thiserror::Error)]
pub enum UnsealError {
    /// It cannot be read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not what was written.
    #[error("the checksum of `{}` is not that of the manifest: it was damaged or edited", .0.display())]
    Changed(PathBuf),
    /// The keys do not fit.
    #[error(transparent)]
    Crypt(#[from] CryptError),
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}

/// Hash the file, then decrypt it.
///
/// # Errors
/// See `UnsealError`; nothing was decrypted.
pub fn unseal(
    path: &Path,
    sha256: &str,
    identity: &Path,
    interrupt: &Interrupt,
) -> Result<impl Read + Send + use<>, UnsealError> {
    let io = |source| UnsealError::Io { path: path.to_owned(), source };
    let mut file = plain::open_itself(path).map_err(io)?;
    if hash(&file, interrupt).map_err(io)?.ok_or(UnsealError::Interrupted)? != sha256 {
        return Err(UnsealError::Changed(path.to_owned()));
    }
    file.rewind().map_err(io)?;
    Ok(decrypt(identity, Checked::new(file))?)
}

/// `None`: interrupted.
fn hash(file: &File, interrupt: &Interrupt) -> io::Result<Option<String>> {
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        if interrupt.is_raised() {
            return Ok(None);
        }
        match reader.read(&mut buffer)? {
            0 => break,
            read => hasher.update(&buffer[..read]),
        }
    }
    Ok(Some(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
}
