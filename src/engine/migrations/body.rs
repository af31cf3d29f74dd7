//! The SQL of a script: a text in memory, or a file too large for that, read in pieces as its
//! statements are taken from it. Reads files, writes none.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use sha2::{Digest, Sha256};

use crate::pg::plain;
use crate::pg::statements::{LexError, Normaliser, Splitter, Streamed};

/// Scripts larger than this are neither kept in memory nor stored in the database, in bytes.
pub const LARGEST_KEPT: u64 = 1 << 20;

/// How much is read at once.
const PIECE: usize = 256 << 10;

/// The SQL of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// In memory.
    Text(String),
    /// In its file.
    Large {
        /// Where.
        path: PathBuf,
        /// How large.
        bytes: u64,
    },
}

/// Why the statements of a script end early.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// The file cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A byte that is not UTF-8.
    #[error("the byte 0x{byte:02X} at offset {offset} is not UTF-8")]
    NotUtf8 {
        /// The byte.
        byte: u8,
        /// Where, in bytes from the beginning.
        offset: u64,
        /// On which line, from 1.
        line: u32,
    },
    /// A quote or comment that is never closed.
    #[error(transparent)]
    Lex(#[from] LexError),
}

impl Body {
    /// The text, where it is in memory.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Large { .. } => None,
        }
    }

    /// Its size, in bytes.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Large { bytes, .. } => *bytes,
        }
    }

    /// Its statements, one after another; memory is bounded by the longest one.
    ///
    /// # Errors
    /// `BodyError::Read`, already here where the file is gone.
    pub fn statements(&self) -> Result<Statements, BodyError> {
        self.read_by(Reading::Plain(Splitter::new()), None)
    }

    /// The same, with the checksum of the normal form at the end.
    ///
    /// # Errors
    /// As `statements`.
    pub fn normalising(&self) -> Result<Statements, BodyError> {
        let normal = Rc::new(RefCell::new(Sha256::new()));
        let into = Rc::clone(&normal);
        let sink: Sink = Box::new(move |piece| into.borrow_mut().update(piece));
        self.read_by(Reading::Normalising(Splitter::normalising(sink)), Some(normal))
    }

    fn read_by(
        &self,
        reading: Reading,
        normal: Option<Rc<RefCell<Sha256>>>,
    ) -> Result<Statements, BodyError> {
        let mut statements = Statements { reading, normal, file: None, failed: false };
        match self {
            Self::Text(text) => {
                statements.reading.push(text);
                statements.reading.finish();
            }
            Self::Large { path, .. } => statements.file = Some(Pieces::open(path)?),
        }
        Ok(statements)
    }
}

type Sink = Box<dyn FnMut(&str)>;

/// A splitter, with or without the normal form beside it.
enum Reading {
    Plain(Splitter),
    Normalising(Splitter<Normaliser<Sink>>),
}

impl Reading {
    fn push(&mut self, text: &str) {
        match self {
            Self::Plain(splitter) => splitter.push(text),
            Self::Normalising(splitter) => splitter.push(text),
        }
    }

    fn finish(&mut self) {
        match self {
            Self::Plain(splitter) => splitter.finish(),
            Self::Normalising(splitter) => splitter.finish(),
        }
    }

    fn pull(&mut self) -> Result<Option<Streamed>, LexError> {
        match self {
            Self::Plain(splitter) => splitter.pull(),
            Self::Normalising(splitter) => splitter.pull(),
        }
    }
}

/// A file under way.
#[derive(Debug)]
struct Pieces {
    file: File,
    path: PathBuf,
    /// The bytes of a character that the last piece cut.
    carry: Vec<u8>,
    offset: u64,
    lines: u32,
    checksum: Sha256,
}

impl Pieces {
    fn open(path: &Path) -> Result<Self, BodyError> {
        let wrong = |source| BodyError::Read { path: path.to_path_buf(), source };
        Ok(Self {
            file: plain::open(path).map_err(wrong)?,
            path: path.to_path_buf(),
            carry: Vec::new(),
            offset: 0,
            lines: 1,
            checksum: Sha256::new(),
        })
    }

    /// The next piece of text; `None` at the end of the file.
    fn next(&mut self) -> Result<Option<String>, BodyError> {
        let mut bytes = std::mem::take(&mut self.carry);
        let begun = bytes.len();
        bytes.resize(begun + PIECE, 0);
        let read = self
            .file
            .read(&mut bytes[begun..])
            .map_err(|source| BodyError::Read { path: self.path.clone(), source })?;
        bytes.truncate(begun + read);
        self.checksum.update(&bytes[begun..]);
        if bytes.is_empty() {
            return Ok(None);
        }
        let valid = match std::str::from_utf8(&bytes) {
            Ok(_) => bytes.len(),
            // A character that the piece cuts goes into the next one.
            Err(error) if error.error_len().is_none() && read > 0 => error.valid_up_to(),
            Err(error) => {
                let before = &bytes[..error.valid_up_to()];
                return Err(BodyError::NotUtf8 {
                    byte: bytes[error.valid_up_to()],
                    offset: self.offset + error.valid_up_to() as u64,
                    line: self.lines + lines(before),
                });
            }
        };
        self.carry = bytes.split_off(valid);
        let first = self.offset == 0;
        self.offset += valid as u64;
        self.lines += lines(&bytes);
        let text = String::from_utf8(bytes).unwrap_or_default();
        // A byte order mark is no part of the text, and the server would stumble over it.
        Ok(Some(match text.strip_prefix('\u{feff}') {
            Some(rest) if first => rest.to_owned(),
            _ => text,
        }))
    }
}

fn lines(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(u32::MAX)
}

/// The statements of a script, as they are read.
pub struct Statements {
    reading: Reading,
    normal: Option<Rc<RefCell<Sha256>>>,
    file: Option<Pieces>,
    failed: bool,
}

impl std::fmt::Debug for Statements {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Statements").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Statements {
    /// SHA-256 of the file's bytes, complete after the last statement; only of a large file.
    pub fn checksum(&self) -> Option<String> {
        self.file.as_ref().map(|file| hex(file.checksum.clone()))
    }

    /// SHA-256 of the normal form, complete after the last statement; only where it was asked for.
    pub fn normal_checksum(&self) -> Option<String> {
        self.normal.as_ref().map(|normal| hex(normal.borrow().clone()))
    }

    fn pull(&mut self) -> Result<Option<Streamed>, BodyError> {
        loop {
            if let Some(statement) = self.reading.pull()? {
                return Ok(Some(statement));
            }
            let Some(file) = &mut self.file else { return Ok(None) };
            match file.next()? {
                Some(text) => self.reading.push(&text),
                None => {
                    self.reading.finish();
                    return Ok(self.reading.pull()?);
                }
            }
        }
    }
}

/// A finished hash in lower-case hexadecimal.
pub(crate) fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Iterator for Statements {
    type Item = Result<Streamed, BodyError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.pull();
        self.failed = next.is_err();
        next.transpose()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_large_file_gives_the_statements_of_its_text() {
        let text: String =
            (0..60_000).map(|n| format!("INSERT INTO \"größe\" VALUES ({n}, 'ä{n}');\n")).collect();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let large = Body::Large { path: file.path().into(), bytes: text.len() as u64 };
        let take = |body: &Body| -> Vec<_> {
            body.statements().unwrap().map(|s| s.unwrap()).map(|s| (s.statement.range, s.text)).collect()
        };
        assert_eq!(take(&large), take(&Body::Text(text)));
    }

    #[test]
    fn a_byte_that_is_no_utf8_is_named_by_offset_and_line() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&[b"SELECT 1;\n".repeat(50_000), b"SELECT '\xe9';".to_vec()].concat()).unwrap();
        let large = Body::Large { path: file.path().into(), bytes: 0 };
        let error = large.statements().unwrap().find_map(Result::err).unwrap();
        assert!(
            matches!(error, BodyError::NotUtf8 { byte: 0xe9, offset: 500_008, line: 50_001 }),
            "{error:?}"
        );
    }
}
