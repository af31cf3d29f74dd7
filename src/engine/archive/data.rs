//! The files of a directory-format archive: the rows of a table, a large object, the list of large objects.

use std::io::Read;

use super::codec::{self, Container, Failure};
use super::rows::Rows;
use super::source::{Source, malformed};
use super::{ArchiveError, Compression, Content, safe_name};

/// What pg_dump writes after the line `\.` of a table's data.
const AFTER_ROWS: &[u8] = b"\n\n";

/// Reads the data of a table as it streams by, and knows whether it is all there.
#[derive(Default)]
pub(super) struct TableData {
    rows: Rows,
    /// How much of `AFTER_ROWS` has come, once the line `\.` has.
    after: Option<usize>,
    bytes: u64,
}

impl TableData {
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        let mut rest = bytes;
        if self.after.is_none() {
            let Some(used) = self.rows.feed(rest) else {
                self.bytes += bytes.len() as u64;
                return Ok(());
            };
            self.after = Some(0);
            rest = &rest[used..];
        }
        let seen = self.after.unwrap_or_default();
        if !AFTER_ROWS[seen..].starts_with(rest) {
            return Err(ArchiveError::BadEnd { offset: self.rows.content().bytes + seen as u64 });
        }
        self.after = Some(seen + rest.len());
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Content, ArchiveError> {
        match self.after {
            None => Err(ArchiveError::NoTerminator { rows: self.rows.rows(), bytes: self.bytes }),
            Some(seen) if seen < AFTER_ROWS.len() => Err(ArchiveError::BadEnd { offset: self.bytes }),
            Some(_) => Ok(Content { bytes: self.bytes, ..self.rows.content() }),
        }
    }
}

/// Reads one data file of a table to its end: its rows, the line `\.`, and the two empty lines that pg_dump writes.
///
/// # Errors
/// If anything is missing, damaged or too much; if the input fails. An archive made with `--inserts` has no rows of COPY.
pub fn read_table_data(input: &mut dyn Read, compression: Compression) -> Result<Content, ArchiveError> {
    let mut data = TableData::default();
    read_file(input, compression, &mut |piece| data.feed(piece))?;
    data.finish()
}

/// Reads one large object's file to its end and returns its size in bytes, decoded.
///
/// # Errors
/// If the codec finds it cut or damaged; if the input fails. Without a codec nothing can be seen: compare checksums.
pub fn read_blob_data(input: &mut dyn Read, compression: Compression) -> Result<u64, ArchiveError> {
    let mut bytes = 0;
    read_file(input, compression, &mut |piece| {
        bytes += piece.len() as u64;
        Ok(())
    })?;
    Ok(bytes)
}

pub(super) fn read_file(
    input: &mut dyn Read,
    compression: Compression,
    sink: &mut dyn FnMut(&[u8]) -> Result<(), ArchiveError>,
) -> Result<(), ArchiveError> {
    let mut source = Source::new(input);
    let decoded = codec::decode(&mut source, compression, Container::File, sink);
    decoded.map_err(|failure| explain(failure, &mut source, compression))
}

/// The error behind a failed decoding.
pub(super) fn explain(failure: Failure, source: &mut Source<'_>, compression: Compression) -> ArchiveError {
    let offset = source.at();
    match failure {
        Failure::Sink(error) => error,
        Failure::Trailing => ArchiveError::Trailing { offset, after: "the compressed data" },
        Failure::Codec(error) => match source.failure() {
            Some(behind) => behind,
            None if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                ArchiveError::Ended { offset, inside: "the compressed data" }
            }
            None => ArchiveError::Damaged { compression, offset, source: error },
        },
    }
}

/// A large object of a directory-format archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobFile {
    /// The object.
    pub oid: u32,
    /// Its file in the archive's folder, without the codec's suffix.
    pub file: String,
}

/// Reads `blobs.toc` or `blobs_<n>.toc`: lines of an oid and a file's name. It is never compressed.
///
/// # Errors
/// If a line is something else, or a name would lead out of the folder; if the input fails.
pub fn read_blob_list(input: &mut dyn Read) -> Result<Vec<BlobFile>, ArchiveError> {
    /// pg_dump reads its own lines into a buffer of the longest path, 1024 bytes, and an oid.
    const LONGEST: usize = 1100;
    let mut source = Source::new(input);
    let mut list = Vec::new();
    while !source.is_at_end()? {
        let offset = source.at();
        let mut line = Vec::new();
        loop {
            match source.byte("the list of large objects")? {
                b'\n' => break,
                _ if line.len() == LONGEST => return Err(malformed(offset, EXPECTED, "a very long line")),
                byte => line.push(byte),
            }
        }
        let line = String::from_utf8_lossy(&line);
        let parsed = line.split_once(' ').and_then(|(oid, file)| {
            let oid = oid.parse().ok().filter(|oid| *oid != 0)?;
            safe_name(file).then(|| BlobFile { oid, file: file.to_owned() })
        });
        list.push(parsed.ok_or_else(|| malformed(offset, EXPECTED, format!("`{line}`")))?);
    }
    Ok(list)
}

const EXPECTED: &str = "a large object's oid and the name of its file";
