//! The bytes that pg_restore and psql are given: as they are, or decrypted as they stream by, once their hash was checked.

use std::io::Read;
use std::path::Path;

use crate::engine::archive::Archive;
use crate::engine::backup::unseal::{UnsealError, unseal};
use crate::pg::error::PgError;
use crate::pg::interrupt::Interrupt;

use super::RestoreError;
use super::error::Obstacle;
use super::load::open;
use super::source::{Source, SourceError};

/// Open a file, or an encrypted one.
///
/// # Errors
/// `Source`, `Damaged`; `Refused` where the keys do not fit.
pub(super) fn plaintext(
    source: &Source,
    identity: Option<&Path>,
    interrupt: &Interrupt,
) -> Result<Box<dyn Read + Send>, RestoreError> {
    let path = source.payload();
    if !source.is_encrypted() {
        return Ok(Box::new(open(&path)?));
    }
    let Some(identity) = identity else { return Err(RestoreError::Refused(vec![no_key()])) };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let listed = source.manifest().and_then(|manifest| manifest.files.iter().find(|file| file.path == name));
    let Some(listed) = listed else {
        return Err(RestoreError::Damaged(vec![format!("the manifest does not list `{name}`")]));
    };
    match unseal(&path, &listed.sha256, identity, interrupt) {
        Ok(text) => Ok(Box::new(text)),
        Err(UnsealError::Interrupted) => Err(PgError::Interrupted.into()),
        Err(UnsealError::Io { path, source }) => Err(SourceError::Io { path, source }.into()),
        Err(error @ UnsealError::Changed(_)) => Err(RestoreError::Damaged(vec![error.to_string()])),
        Err(UnsealError::Crypt(error)) => Err(RestoreError::Refused(vec![Obstacle::new(
            error.to_string(),
            "name the right one: `--identity FILE`",
        )])),
    }
}

/// The table of contents of an encrypted archive.
///
/// # Errors
/// As `plaintext`; `Damaged`.
pub(super) fn table_of_contents(
    source: &Source,
    identity: Option<&Path>,
    interrupt: &Interrupt,
) -> Result<Archive, RestoreError> {
    let mut text = plaintext(source, identity, interrupt)?;
    Archive::read_toc(&mut text).map_err(|error| RestoreError::Damaged(vec![error.to_string()]))
}

/// There is no secret key.
pub(super) fn no_key() -> Obstacle {
    Obstacle::new(
        "the backup is encrypted, and no secret key was named",
        "give `--identity FILE`, or set `identity` in `[backup]` of pgkeel.toml",
    )
}
