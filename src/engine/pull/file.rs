//! The header of the file: who wrote it, how it is written anew, and a hash by which it is seen whether people have edited it.

use crate::engine::migrations::folder::sha256;

const FIRST: &str = "-- Written by `pgkeel pull` from a database's catalog; `pgkeel pull` writes it anew.";
const HASH: &str = "-- pgkeel pull sha256:";

/// Whose work a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// As it was written by us.
    Ours,
    /// Written by us and edited since.
    Edited,
    /// Of somebody else.
    Foreign,
}

/// The whole file: header and body.
pub fn with_header(body: &str) -> String {
    format!("{FIRST}\n{HASH}{}\n\n{body}", sha256(body.as_bytes()))
}

/// Whose work a file's text is. That a version control system turned the ends of its lines is no edit.
pub fn hand(text: &str) -> Hand {
    let text = text.replace("\r\n", "\n");
    let parts = text.split_once('\n').and_then(|(_, rest)| rest.strip_prefix(HASH)?.split_once("\n\n"));
    match parts {
        None => Hand::Foreign,
        Some((hash, body)) if hash == sha256(body.as_bytes()) => Hand::Ours,
        Some(_) => Hand::Edited,
    }
}
