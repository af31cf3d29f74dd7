//! Makes a file that psql and pg_restore can read of one that was compressed as a whole, of a script that went through
//! Windows, and of what arrives on standard input. The copy is a temporary file of ours, removed with its value.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::engine::archive::{ArchiveError, Compression, decode_whole};
use crate::pg::interrupt::Interrupt;

use super::reading::{damaged, watched};
use super::source::SourceError;
use super::windows::{Windows, Wrong};

/// The readable copy of what was named.
#[derive(Debug)]
pub(super) struct Staged {
    file: NamedTempFile,
    /// The command that makes it, for people: `gzip -dc dump.sql.gz`.
    pub(super) made_by: String,
    /// What was changed on the way.
    pub(super) notes: Vec<String>,
}

impl Staged {
    /// Where the copy is.
    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }
}

/// Copy all of an input.
///
/// # Errors
/// `Io`, `Unwritable`, `Interrupted`.
pub(super) fn received(
    input: &mut dyn Read,
    name: &Path,
    interrupt: &Interrupt,
) -> Result<Staged, SourceError> {
    let mut copy = Copy::new()?;
    let mut buffer = vec![0; 1 << 17];
    loop {
        match input.read(&mut buffer) {
            _ if interrupt.is_raised() => return Err(SourceError::Interrupted),
            Ok(0) => break,
            Ok(count) => copy.write(&buffer[..count])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return Err(SourceError::Io { path: name.to_owned(), source }),
        }
    }
    copy.done("cat".to_owned())
}

/// Decompress a file.
///
/// # Errors
/// `Io`, `Damaged`, `Unwritable`, `Interrupted`.
pub(super) fn decompressed(
    path: &Path,
    compression: Compression,
    command: String,
    interrupt: &Interrupt,
) -> Result<Staged, SourceError> {
    let mut copy = Copy::new()?;
    let mut broken = None;
    let mut sink = |piece: &[u8]| {
        copy.write(piece).map_err(|error| {
            broken = Some(error);
            ArchiveError::NotOurScript { offset: 0, why: "a copy that could not be written" }
        })
    };
    let decoded = decode_whole(&mut watched(path, interrupt)?, compression, &mut sink);
    if let Some(error) = broken {
        return Err(error);
    }
    decoded.map_err(damaged(path, interrupt))?;
    copy.done(command)
}

/// Take out of a script what Windows has put into it.
///
/// # Errors
/// `Io`, `Unknown`, `Unwritable`, `Interrupted`.
pub(super) fn from_windows(
    path: &Path,
    mut windows: Windows,
    command: String,
    interrupt: &Interrupt,
) -> Result<Staged, SourceError> {
    let wrong = |wrong: Wrong| SourceError::Unknown { path: path.to_owned(), what: wrong.to_string() };
    let mut copy = Copy::new()?;
    let mut input = watched(path, interrupt)?;
    let mut buffer = vec![0; 1 << 17];
    let mut text = Vec::new();
    loop {
        let count = match input.read(&mut buffer) {
            Ok(count) => count,
            Err(_) if interrupt.is_raised() => return Err(SourceError::Interrupted),
            Err(source) => return Err(SourceError::Io { path: path.to_owned(), source }),
        };
        text.clear();
        if count == 0 {
            windows.end(&mut text).map_err(wrong)?;
            copy.write(&text)?;
            break;
        }
        windows.feed(&buffer[..count], &mut text).map_err(wrong)?;
        copy.write(&text)?;
    }
    let mut staged = copy.done(command)?;
    staged.notes.push(windows.note());
    Ok(staged)
}

/// A copy that is being written.
struct Copy {
    out: BufWriter<File>,
    file: NamedTempFile,
}

impl Copy {
    fn new() -> Result<Self, SourceError> {
        let unwritable = |source| unwritable(Path::new("a temporary file"), source);
        let file = NamedTempFile::with_prefix("pgkeel-dump-").map_err(unwritable)?;
        let out = BufWriter::with_capacity(1 << 17, file.reopen().map_err(unwritable)?);
        Ok(Self { out, file })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), SourceError> {
        self.out.write_all(bytes).map_err(|source| unwritable(self.file.path(), source))
    }

    fn done(mut self, made_by: String) -> Result<Staged, SourceError> {
        self.out.flush().map_err(|source| unwritable(self.file.path(), source))?;
        Ok(Staged { file: self.file, made_by, notes: Vec::new() })
    }
}

fn unwritable(path: &Path, source: io::Error) -> SourceError {
    SourceError::Unwritable { path: PathBuf::from(path), source }
}
