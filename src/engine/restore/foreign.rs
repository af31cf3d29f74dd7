//! Looks at a file or folder that is no backup of ours: which form of pg_dump it has, and whether psql and pg_restore can
//! read it as it is. What they cannot read is copied (`staged`), or refused for what it is.

use std::fs::Metadata;
use std::io::Read;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use crate::engine::archive::Compression;
use crate::engine::backup::manifest::Layout;
use crate::pg::interrupt::Interrupt;
use crate::pg::plain;
use crate::pg::shell;

use super::source::{Foreign, Source, SourceError, open};
use super::staged::{Staged, decompressed, from_windows, received};
use super::windows::Windows;

/// How much of a file is looked at: pg_dump's settings are in there, and the mark of a tar file.
const HEAD: usize = 4096;

impl Source {
    /// Look at a file or folder (pg_dump docs, `--format`).
    ///
    /// # Errors
    /// `Io`, `Unknown`, `Damaged`, `Unwritable`, `Interrupted`.
    pub fn foreign(path: &Path, interrupt: &Interrupt) -> Result<Self, SourceError> {
        let io = |source| SourceError::Io { path: path.to_owned(), source };
        let about = std::fs::metadata(path).map_err(io)?;
        if is_passed(path, &about) {
            let mut input = plain::open_given(path).map_err(io)?;
            return settle(path, Some(received(&mut input, path, interrupt)?), interrupt);
        }
        if about.is_dir() {
            return folder(path);
        }
        if !about.is_file() {
            return Err(unknown(
                path,
                &format!("{}, and only a plain file or a folder is restored", plain::kind(about.file_type())),
            ));
        }
        settle(path, None, interrupt)
    }

    /// Read all of an input that can be read only once.
    ///
    /// # Errors
    /// As `foreign`.
    pub fn standard_input(input: &mut dyn Read, interrupt: &Interrupt) -> Result<Self, SourceError> {
        let name = Path::new("standard input");
        settle(name, Some(received(input, name, interrupt)?), interrupt)
    }
}

/// A pipe that the shell has made: `<(zcat dump.sql.gz)`.
fn is_passed(path: &Path, about: &Metadata) -> bool {
    let passed = ["/dev/fd", "/dev/stdin", "/proc/self/fd"];
    about.file_type().is_fifo() && passed.iter().any(|passed| path.starts_with(passed))
}

fn folder(path: &Path) -> Result<Source, SourceError> {
    let io = |source| SourceError::Io { path: path.to_owned(), source };
    if !path.join("toc.dat").is_file() {
        return Err(unknown(
            path,
            "a folder without `toc.dat`: neither a backup nor what `pg_dump -Fd` writes",
        ));
    }
    let mut bytes = 0;
    for entry in std::fs::read_dir(path).map_err(io)? {
        let entry = entry.map_err(io)?;
        // A link that leads nowhere is missing, which is for the reading to say.
        let Ok(about) = std::fs::metadata(entry.path()) else { continue };
        // pg_restore would open it, and wait.
        if !about.is_file() && !about.is_dir() {
            let what = format!("{}, and pg_dump writes plain files only", plain::kind(about.file_type()));
            return Err(unknown(&entry.path(), &what));
        }
        bytes += about.len();
    }
    Ok(Source::Foreign(Box::new(Foreign::new(path, None, Layout::Directory, bytes))))
}

/// What it is, once it is decompressed and Windows is taken out of it.
fn settle(path: &Path, mut staged: Option<Staged>, interrupt: &Interrupt) -> Result<Source, SourceError> {
    let (mut unpacked, mut converted) = (false, false);
    loop {
        let at = staged.as_ref().map_or(path, Staged::path);
        let head = head(at)?;
        if head.is_empty() {
            return Err(unknown(path, "empty"));
        }
        if let Some(what) = refused(&head) {
            return Err(unknown(path, what));
        }
        let before = staged.as_ref().map(|staged| staged.made_by.clone());
        let command = |program: &str| match &before {
            Some(before) => format!("{before} | {program}"),
            None => format!("{program} {}", shell::word(&path.display().to_string())),
        };
        if let Some(compression) = Compression::of_whole(&head) {
            if std::mem::replace(&mut unpacked, true) {
                return Err(unknown(path, "compressed twice: decompress it first"));
            }
            let program = match compression {
                Compression::Zstd => "zstd -dc",
                Compression::Lz4 => "lz4 -dc",
                Compression::Gzip | Compression::None => "gzip -dc",
            };
            let copy = decompressed(at, compression, command(program), interrupt);
            staged = Some(copy.map_err(|error| error.shown_as(at, path))?);
            continue;
        }
        if !converted
            && let Some(windows) = Windows::of(&head).map_err(|wrong| unknown(path, &wrong.to_string()))?
        {
            converted = true;
            let copy = from_windows(at, windows, command(&windows.command()), interrupt);
            staged = Some(copy.map_err(|error| error.shown_as(at, path))?);
            continue;
        }
        let layout = if head.starts_with(b"PGDMP") { Layout::Custom } else { Layout::Plain };
        let bytes = std::fs::metadata(at).map_or(0, |about| about.len());
        return Ok(Source::Foreign(Box::new(Foreign::new(path, staged, layout, bytes))));
    }
}

/// The first bytes of a file.
fn head(path: &Path) -> Result<Vec<u8>, SourceError> {
    let io = |source| SourceError::Io { path: path.to_owned(), source };
    let mut head = Vec::with_capacity(HEAD);
    open(path)?.take(HEAD as u64).read_to_end(&mut head).map_err(io)?;
    Ok(head)
}

/// What a file is that begins so, where it is nothing that can be restored.
fn refused(head: &[u8]) -> Option<&'static str> {
    Some(match head {
        [b'B', b'Z', b'h', ..] => "compressed with bzip2: decompress it first, and restore what that makes",
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
            "compressed with xz: decompress it first, and restore what that makes"
        }
        [b'P', b'K', 3, 4, ..] => "a zip file: unpack it first, and restore what is in it",
        head if head.starts_with(b"toc.dat\0") => {
            "made by `pg_dump -Ft`: make a script of it with `pg_restore -f dump.sql`, and restore that"
        }
        head if head.get(257..262) == Some(b"ustar") => {
            "a tar file: unpack it first, and restore the file or folder that pg_dump wrote"
        }
        head if head.starts_with(b"age-encryption.org/") => "encrypted, but not by pgkeel: decrypt it first",
        _ => return None,
    })
}

fn unknown(path: &Path, what: &str) -> SourceError {
    SourceError::Unknown { path: path.to_owned(), what: what.to_owned() }
}
