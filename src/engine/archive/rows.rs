//! The lines of a COPY in the text format, as they stream by: counted and digested where they lie, up to the line `\.`.
//! In this format a newline in a value is written `\n` and a backslash `\\`, so that one line is one row and no row is
//! `\.` (PostgreSQL docs, COPY, "Text Format").

use twox_hash::xxhash3_128::Hasher;

use super::digest::{Content, DigestSum};

/// The line that ends the rows.
const END: &[u8] = b"\\.";

/// Rows so far.
#[derive(Default)]
pub(super) struct Rows {
    sum: DigestSum,
    /// The line that the last piece ended in.
    open: Option<Open>,
    bytes: u64,
}

/// The beginning of a line. However long it is, only its hash is kept.
struct Open {
    hasher: Hasher,
    /// Its first bytes, as many as the line `\.` has.
    head: [u8; END.len()],
    length: usize,
}

impl Open {
    fn new() -> Open {
        Open { hasher: Hasher::new(), head: [0; END.len()], length: 0 }
    }

    fn add(&mut self, piece: &[u8]) {
        for (place, byte) in self.head.iter_mut().skip(self.length).zip(piece) {
            *place = *byte;
        }
        self.hasher.write(piece);
        self.length = self.length.saturating_add(piece.len());
    }

    fn is_end(&self) -> bool {
        self.length == END.len() && self.head == END
    }
}

impl Rows {
    /// Reads on. Once the line `\.` has come: how many of the bytes it and what was before it are.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        let (from, ended) = match self.open.take() {
            None => (0, false),
            Some(mut open) => match memchr::memchr(b'\n', bytes) {
                None => {
                    open.add(bytes);
                    self.open = Some(open);
                    self.bytes += bytes.len() as u64;
                    return None;
                }
                Some(end) => {
                    open.add(&bytes[..end]);
                    let ended = open.is_end();
                    if !ended {
                        self.sum.add_hash(open.hasher.finish_128());
                    }
                    (end + 1, ended)
                }
            },
        };
        let used = if ended { Some(from) } else { self.lines(bytes, from) };
        self.bytes += used.unwrap_or(bytes.len()) as u64;
        used
    }

    /// The lines that begin in `bytes`.
    fn lines(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
        let mut start = from;
        for end in memchr::memchr_iter(b'\n', &bytes[from..]) {
            let end = from + end;
            let line = &bytes[start..end];
            start = end + 1;
            if line == END {
                return Some(start);
            }
            self.sum.add_line(line);
        }
        if start < bytes.len() {
            let mut open = Open::new();
            open.add(&bytes[start..]);
            self.open = Some(open);
        }
        None
    }

    /// Complete rows.
    pub(super) fn rows(&self) -> u64 {
        self.sum.rows()
    }

    /// What came up to the line `\.`.
    pub(super) fn content(&self) -> Content {
        Content { rows: self.sum.rows(), bytes: self.bytes, digest: self.sum.finish() }
    }
}
