//! What can be wrong with a backup's files: what was expected, and where. The place is a byte of the input as it comes
//! in, unless an error says that it counts decoded bytes.

use std::io;

use super::Compression;

/// A backup that cannot be read, or is not whole.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The input itself failed; nothing is said about the backup.
    #[error("reading failed at byte {offset}")]
    Read {
        /// How far it was read.
        offset: u64,
        /// Why.
        source: io::Error,
    },
    /// The input ends too early: the file is cut.
    #[error("the file ends at byte {offset}, inside {inside}: it is cut short")]
    Ended {
        /// Where it ends.
        offset: u64,
        /// What is not complete.
        inside: &'static str,
    },
    /// The first bytes are not those of a pg_dump archive.
    #[error("this is no archive of pg_dump: it does not begin with `PGDMP`")]
    NotAnArchive,
    /// A version of the format that we do not know.
    #[error(
        "the archive's format is version {}.{}, and 1.12 (PostgreSQL 9.0) to 1.16 (PostgreSQL 17 and later) can be read",
        .found.0, .found.1
    )]
    Version {
        /// Major, minor and revision.
        found: (u8, u8, u8),
    },
    /// Something is there that pg_dump does not write.
    #[error("at byte {offset} there should be {expected}, and there is {found}: the file is damaged")]
    Malformed {
        /// Where.
        offset: u64,
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// The compressed data cannot be decoded, or its checksum is wrong.
    #[error("the {compression} data that is read up to byte {offset} is damaged")]
    Damaged {
        /// The codec.
        compression: Compression,
        /// How far the file was read.
        offset: u64,
        /// What the codec says.
        source: io::Error,
    },
    /// Bytes follow where everything should have ended.
    #[error("{after} ends at byte {offset}, but more bytes follow: the file is damaged")]
    Trailing {
        /// Where the end should be.
        offset: u64,
        /// What has ended.
        after: &'static str,
    },
    /// The rows of a table are not followed by the line `\.`: they are not all there.
    #[error(
        "the data of the table ends after {rows} rows ({bytes} bytes decoded) without the line `\\.`: rows are missing"
    )]
    NoTerminator {
        /// Complete rows so far.
        rows: u64,
        /// Decoded bytes so far.
        bytes: u64,
    },
    /// After the line `\.` comes something other than the three newlines that pg_dump writes.
    #[error(
        "after the rows and the line `\\.`, at decoded byte {offset}, there is not what pg_dump writes there"
    )]
    BadEnd {
        /// Where, in decoded bytes.
        offset: u64,
    },
    /// The table of contents promises data that never came.
    #[error("{} of the archive's data blocks are missing, the first that of {desc} `{tag}` (entry {dump_id})", .count)]
    MissingData {
        /// How many entries have no data.
        count: usize,
        /// The first of them.
        dump_id: i32,
        /// What it is.
        desc: String,
        /// Its name.
        tag: String,
    },
    /// A data block belongs to an entry that is unknown, has no data, has another kind of data, or already had it.
    #[error("the data block at byte {offset} is of entry {dump_id}, {why}: the file is damaged")]
    StrayData {
        /// Where the block begins.
        offset: u64,
        /// The entry that it names.
        dump_id: i32,
        /// Why it cannot be.
        why: &'static str,
    },
    /// A script is not as pg_dump writes them, so what is in it cannot be said.
    #[error("near byte {offset} the script is not as pg_dump writes it: {why}")]
    NotOurScript {
        /// Where.
        offset: u64,
        /// What is unusual.
        why: &'static str,
    },
}
