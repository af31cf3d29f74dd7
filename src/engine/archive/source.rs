//! The input of all readers here: buffered, counting bytes, and with the primitives of the archive format. No length
//! that is read is believed: memory grows with what is really there.

use std::io::{self, BufRead, Read};

use super::ArchiveError;

/// Large enough that the system calls do not count, small enough for the second level cache.
pub(super) const BUFFER: usize = 128 * 1024;

/// The longest string: no value in PostgreSQL is longer than 1 GB.
const LONGEST: u64 = 1 << 30;

/// A counted, buffered input. Its own failures are kept in `failure`, so that they pass through any decoder unharmed.
pub(super) struct Source<'a> {
    input: &'a mut dyn Read,
    buffer: Box<[u8]>,
    /// The part of the buffer that is not used yet.
    from: usize,
    to: usize,
    /// Offset of the next byte.
    at: u64,
    failure: Option<ArchiveError>,
}

impl<'a> Source<'a> {
    pub(super) fn new(input: &'a mut dyn Read) -> Source<'a> {
        let buffer = vec![0; BUFFER].into_boxed_slice();
        Source { input, buffer, from: 0, to: 0, at: 0, failure: None }
    }

    /// Offset of the next byte.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Keeps `error` for whoever is behind a decoder, and gives what passes through it.
    pub(super) fn fail(&mut self, error: ArchiveError) -> io::Error {
        let signal = io::Error::other("see the failure");
        self.failure.get_or_insert(error);
        signal
    }

    /// The failure behind an error that came through a decoder; None: the decoder's own.
    pub(super) fn failure(&mut self) -> Option<ArchiveError> {
        self.failure.take()
    }

    /// What is in the buffer, filled if it was empty; empty at the end of the input only.
    pub(super) fn peek(&mut self) -> Result<&[u8], ArchiveError> {
        match self.fill_buf() {
            Ok(_) => Ok(&self.buffer[self.from..self.to]),
            Err(error) => {
                let offset = self.at;
                Err(self.failure().unwrap_or(ArchiveError::Read { offset, source: error }))
            }
        }
    }

    pub(super) fn is_at_end(&mut self) -> Result<bool, ArchiveError> {
        Ok(self.peek()?.is_empty())
    }

    pub(super) fn byte(&mut self, inside: &'static str) -> Result<u8, ArchiveError> {
        let offset = self.at;
        let byte = *self.peek()?.first().ok_or(ArchiveError::Ended { offset, inside })?;
        self.consume(1);
        Ok(byte)
    }

    /// An integer: a byte for the sign, then four of magnitude, the least significant first.
    pub(super) fn int(&mut self, inside: &'static str) -> Result<i32, ArchiveError> {
        let offset = self.at;
        let negative = match self.byte(inside)? {
            0 => false,
            1 => true,
            other => return Err(malformed(offset, "the sign of a number, 0 or 1", other)),
        };
        let mut magnitude = [0; 4];
        for byte in &mut magnitude {
            *byte = self.byte(inside)?;
        }
        let magnitude = i64::from(u32::from_le_bytes(magnitude));
        let value = if negative { -magnitude } else { magnitude };
        i32::try_from(value).map_err(|_| malformed(offset, "a number of 32 bits", value))
    }

    /// An unsigned number of `size` bytes, the least significant first.
    pub(super) fn offset(&mut self, size: u8, inside: &'static str) -> Result<u64, ArchiveError> {
        let mut value = 0;
        for place in 0..u32::from(size) {
            value |= u64::from(self.byte(inside)?) << (8 * place);
        }
        Ok(value)
    }

    /// A string: its length, -1 for none, then its bytes. Bytes that are not UTF-8 (a dump in another encoding) become
    /// the replacement character.
    pub(super) fn string(&mut self, inside: &'static str) -> Result<Option<String>, ArchiveError> {
        let offset = self.at;
        let length = match self.int(inside)? {
            -1 => return Ok(None),
            length => u64::try_from(length).ok().filter(|length| *length <= LONGEST),
        };
        let length =
            length.ok_or_else(|| malformed(offset, "the length of a string", "an impossible one"))?;
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < length {
            let offset = self.at;
            let left = length - bytes.len() as u64;
            let there = self.peek()?;
            let take = there.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            if take == 0 {
                return Err(ArchiveError::Ended { offset, inside });
            }
            bytes.extend_from_slice(&there[..take]);
            self.consume(take);
        }
        Ok(Some(
            String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()),
        ))
    }
}

pub(super) fn malformed(offset: u64, expected: &'static str, found: impl ToString) -> ArchiveError {
    ArchiveError::Malformed { offset, expected, found: found.to_string() }
}

impl Read for Source<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let there = self.fill_buf()?;
        let count = there.len().min(into.len());
        into[..count].copy_from_slice(&there[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Source<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.from == self.to {
            match self.input.read(&mut self.buffer) {
                Ok(count) => {
                    (self.from, self.to) = (0, count.min(self.buffer.len()));
                    break;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => {
                    let offset = self.at;
                    return Err(self.fail(ArchiveError::Read { offset, source }));
                }
            }
        }
        Ok(&self.buffer[self.from..self.to])
    }

    fn consume(&mut self, count: usize) {
        self.from = (self.from + count).min(self.to);
        self.at += count as u64;
    }
}
