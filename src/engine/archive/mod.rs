//! Our own reader of what pg_dump writes, so that a backup can be read back without a server: everything is decoded, rows
//! are counted, contents digested. Pure: bytes in, values out, no path and no connection. It believes nothing it reads: no
//! length allocates more than is there, nothing panics, every stream must come to its exact end.
//!
//! [`Archive::read_toc`] for a table of contents, [`read_table_data`] and its like for the files of the directory format,
//! [`read_custom`] for a whole custom-format archive, [`script`] for a plain one. To stop a reader, let its input fail.

pub mod adapted;
pub(crate) mod calls;
mod codec;
mod custom;
mod data;
mod digest;
mod error;
mod evaluation;
mod roles;
mod rows;
pub mod script;
mod source;
mod toc;
mod whole;

#[cfg(test)]
mod tests;

use std::fmt;
use std::io::Read;

use serde::{Deserialize, Serialize};

pub use custom::{Block, CustomContents, read_custom};
pub use data::{BlobFile, read_blob_data, read_blob_list, read_table_data};
pub use digest::{Content, Digest, DigestSum, NotADigest};
pub use error::ArchiveError;
pub use whole::decode_whole;

use source::Source;

/// The head of an archive and its table of contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// Of the format, not of PostgreSQL: 1.14 is written by PostgreSQL 12 to 15, 1.15 by 16, 1.16 by 17 and 18.
    pub version: (u8, u8, u8),
    /// How the archive is laid out.
    pub format: Format,
    /// Of its data; the table of contents is never compressed.
    pub compression: Compression,
    /// When pg_dump began, `2026-01-02 03:04:05` in the time zone of its machine; None if what is there is no date.
    pub created: Option<String>,
    /// The database's name.
    pub database: String,
    /// The server's version, as in `15.18 (Debian 15.18-0+deb12u1)`.
    pub server_version: String,
    /// pg_dump's version.
    pub dump_version: String,
    /// What the archive holds, in the order of the dump.
    pub entries: Vec<Entry>,
}

/// How an archive is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One file, `pg_dump -Fc`.
    Custom,
    /// A folder, `pg_dump -Fd`. The `toc.dat` inside of a `pg_dump -Ft` cannot be told from that of a folder.
    Directory,
    /// No data.
    Null,
}

/// How data is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip or zlib.
    Gzip,
    /// LZ4 frames.
    Lz4,
    /// zstd frames.
    Zstd,
}

impl Compression {
    /// What the data files of the directory format end in.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Compression::None => "",
            Compression::Gzip => ".gz",
            Compression::Lz4 => ".lz4",
            Compression::Zstd => ".zst",
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Compression::None => "uncompressed",
            Compression::Gzip => "gzip",
            Compression::Lz4 => "lz4",
            Compression::Zstd => "zstd",
        })
    }
}

/// When pg_restore brings an entry back (pg_restore docs, `--section`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Comments and privileges, which go with what they are of.
    None,
    /// Before the data.
    PreData,
    /// The data.
    Data,
    /// After the data: indexes, constraints, triggers.
    PostData,
}

/// Where an entry's data is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataState {
    /// There is some; it is in the entry's file, or the custom format's writer could not go back to say where.
    Unplaced,
    /// Offset of its block in the custom format.
    At(u64),
    /// There is none.
    Absent,
}

/// One thing in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number in the archive; unique.
    pub dump_id: i32,
    /// Oid of the catalog that the object is in, as 1259 for pg_class; 0 if there is no object.
    pub table_oid: u32,
    /// Oid of the object in that catalog.
    pub oid: u32,
    /// Its name, perhaps with arguments or the table that it is on.
    pub tag: String,
    /// What it is: `TABLE`, `TABLE DATA`, `SEQUENCE SET`, `BLOBS`, `BLOB METADATA`, `ACL`, …
    pub desc: String,
    /// When it is restored.
    pub section: Section,
    /// SQL that makes it.
    pub definition: String,
    /// SQL that drops it.
    pub drop: String,
    /// `COPY … FROM stdin;`, where the data is rows of COPY.
    pub copy: Option<String>,
    /// The schema.
    pub namespace: Option<String>,
    /// The tablespace, if it is not the database's.
    pub tablespace: Option<String>,
    /// The role that owns it; empty if nobody does.
    pub owner: String,
    /// It has data.
    pub had_dumper: bool,
    /// Numbers of the entries that must be restored before.
    pub dependencies: Vec<i32>,
    /// The data's file in the folder, without the codec's suffix; for `BLOBS` the list of large objects. It is a plain
    /// name: it cannot lead out of the folder.
    pub file: Option<String>,
    /// Where the data is.
    pub state: DataState,
}

impl Archive {
    /// Reads a `toc.dat`, or the head of a custom-format archive; what follows the head is not looked at, though some of
    /// it may have been read from `input`.
    ///
    /// # Errors
    /// If it is something else, of another version, cut, or damaged; if the input fails.
    pub fn read_toc(input: &mut dyn Read) -> Result<Archive, ArchiveError> {
        let mut source = Source::new(input);
        let (archive, _) = toc::read(&mut source)?;
        if archive.format != Format::Custom && !source.is_at_end()? {
            return Err(ArchiveError::Trailing { offset: source.at(), after: "the table of contents" });
        }
        Ok(archive)
    }

    /// The entry of this number.
    #[must_use]
    pub fn entry(&self, dump_id: i32) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.dump_id == dump_id)
    }
}

/// Whether this names a file of the folder itself.
fn safe_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\', '\0', '\n'])
}
