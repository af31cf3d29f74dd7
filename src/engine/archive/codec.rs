//! Decodes what pg_dump compresses, to its exact end: a stream that is cut, damaged, or followed by anything is an error.
//! A file of the directory format is a gzip file, a block of the custom format a zlib stream; LZ4 and zstd are frames in
//! both.

use std::io::{self, BufRead, Read};

use flate2::{Decompress, FlushDecompress, Status};

use super::source::BUFFER;
use super::{ArchiveError, Compression};

/// Where the compressed stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    /// A file of the directory format.
    File,
    /// A block of the custom format.
    Block,
}

/// zlib's largest window, which reads streams with any.
const WINDOW_BITS: u8 = 15;

/// Decodes all of `input`. An error is the codec's own, or a signal of the input's or the sink's.
pub(super) fn decode(
    input: &mut dyn BufRead,
    compression: Compression,
    container: Container,
    sink: &mut dyn FnMut(&[u8]) -> Result<(), ArchiveError>,
) -> Result<(), Failure> {
    match compression {
        Compression::None => copy(input, sink),
        // pg_dump opens some streams only when the first byte is written: nothing stays nothing.
        _ if input.fill_buf()?.is_empty() => Ok(()),
        Compression::Gzip => {
            let state = match container {
                Container::File => Decompress::new_gzip(WINDOW_BITS),
                Container::Block => Decompress::new(true),
            };
            pump(&mut Inflate { input, state, ended: false }, sink)?;
            nothing_left(input)
        }
        Compression::Zstd => {
            // The decoder refuses windows above 128 MB, however large the frame says it is.
            let mut decoder = zstd::Decoder::with_buffer(&mut *input)?.single_frame();
            pump(&mut decoder, sink)?;
            drop(decoder);
            nothing_left(input)
        }
        Compression::Lz4 => {
            let mut watched = Watched { input: &mut *input, came_to_end: false };
            pump(&mut lz4_flex::frame::FrameDecoder::new(&mut watched), sink)?;
            // The decoder takes a frame without its end for a whole one.
            if watched.came_to_end {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            nothing_left(input)
        }
    }
}

/// Why decoding stopped.
pub(super) enum Failure {
    /// The codec, or a signal of the input.
    Codec(io::Error),
    /// What the sink found.
    Sink(ArchiveError),
    /// The stream has ended, the input not.
    Trailing,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Codec(error)
    }
}

fn nothing_left(input: &mut dyn BufRead) -> Result<(), Failure> {
    if input.fill_buf()?.is_empty() { Ok(()) } else { Err(Failure::Trailing) }
}

/// No codec: the bytes as they lie in the input's buffer.
fn copy(
    input: &mut dyn BufRead,
    sink: &mut dyn FnMut(&[u8]) -> Result<(), ArchiveError>,
) -> Result<(), Failure> {
    loop {
        let there = input.fill_buf()?;
        let count = there.len();
        if count == 0 {
            return Ok(());
        }
        sink(there).map_err(Failure::Sink)?;
        input.consume(count);
    }
}

fn pump(
    decoder: &mut dyn Read,
    sink: &mut dyn FnMut(&[u8]) -> Result<(), ArchiveError>,
) -> Result<(), Failure> {
    let mut buffer = vec![0; BUFFER];
    loop {
        match decoder.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => sink(&buffer[..count]).map_err(Failure::Sink)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Reads one zlib or gzip stream. Unlike flate2's own reader it takes a missing end for an error.
struct Inflate<'a> {
    input: &'a mut dyn BufRead,
    state: Decompress,
    ended: bool,
}

impl Read for Inflate<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while !self.ended {
            let there = self.input.fill_buf()?;
            let flush = if there.is_empty() { FlushDecompress::Finish } else { FlushDecompress::None };
            let (read, written) = (self.state.total_in(), self.state.total_out());
            let status = self.state.decompress(there, into, flush)?;
            let read = usize::try_from(self.state.total_in() - read).map_err(io::Error::other)?;
            let written = usize::try_from(self.state.total_out() - written).map_err(io::Error::other)?;
            let no_more = there.is_empty();
            self.input.consume(read);
            self.ended = status == Status::StreamEnd;
            if written > 0 {
                return Ok(written);
            }
            if !self.ended && no_more {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if !self.ended && read == 0 {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the stream makes no progress"));
            }
        }
        Ok(0)
    }
}

/// Notices that somebody wanted to read beyond the end.
struct Watched<'a> {
    input: &'a mut dyn BufRead,
    came_to_end: bool,
}

impl Read for Watched<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(into)?;
        self.came_to_end |= count == 0 && !into.is_empty();
        Ok(count)
    }
}
