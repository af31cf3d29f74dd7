//! Reading and replacing one generated file: there is the old text or the new one, never half of it.

use std::fs::{self, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::pg::plain;

/// The text of a file; `None` where there is none. What is no UTF-8 is read as far as it is.
pub(super) fn read(path: &Path) -> io::Result<Option<String>> {
    match plain::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Put a text in the place of a file, with the file's permissions; a link stays one. Folders on the way are made.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // Minus the umask, as any program makes a file.
    let mode = Permissions::from_mode(0o666);
    let mut file = tempfile::Builder::new().prefix(".pgkeel-").permissions(mode).tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    if let Ok(now) = fs::metadata(&path) {
        file.as_file().set_permissions(now.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    Ok(())
}
