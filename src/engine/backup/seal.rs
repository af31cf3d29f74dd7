//! An encrypted dump: what pg_dump prints is encrypted on its way to disk, and decoded beside it, so that the plaintext is
//! in memory alone and still every row is counted.

use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, sync_channel};

use age::x25519::Recipient;
use sha2::{Digest as _, Sha256};

use super::crypt::{CryptError, encrypt_to};
use super::manifest::{FileSum, Layout};
use super::readback::{Contents, decode_script, described, hex};
use crate::engine::archive::read_custom;

/// Pieces of this many bytes go to the decoder, at most `WAITING` of which wait for it.
const PIECE: usize = 1 << 17;

const WAITING: usize = 16;

/// What became of a stream.
pub(super) struct Sealed {
    /// The file that was written.
    pub(super) sum: FileSum,
    /// What the decoder read, or what is wrong with it.
    pub(super) contents: Result<Contents, String>,
}

/// Encrypt what comes in to `file`, called `name`, to its end. `on` hears how many bytes came.
///
/// # Errors
/// `CryptError::Io`: the file cannot be written, or the input fails.
pub(super) fn seal(
    mut input: impl Read,
    file: File,
    name: &str,
    layout: Layout,
    recipients: &[Recipient],
    on: &dyn Fn(u64),
) -> Result<Sealed, CryptError> {
    let (pieces, arriving) = sync_channel::<Vec<u8>>(WAITING);
    std::thread::scope(|scope| {
        let decoder =
            scope.spawn(move || decode(Arriving { pieces: arriving, piece: Vec::new(), at: 0 }, layout));
        let mut writer = encrypt_to(recipients, Hashed { file, hash: Sha256::new(), size: 0 })?;
        let mut pieces = Some(pieces);
        loop {
            let mut piece = vec![0; PIECE];
            let read = input.read(&mut piece)?;
            if read == 0 {
                break;
            }
            piece.truncate(read);
            writer.write_all(&piece)?;
            on(read as u64);
            // A decoder that has seen enough is gone; what it has seen is told at the end.
            pieces = pieces.filter(|pieces| pieces.send(piece).is_ok());
        }
        drop(pieces);
        let Hashed { file, hash, size } = writer.finish()?;
        file.sync_all()?;
        let contents = decoder.join().unwrap_or_else(|_| Err("it could not be decoded".into()));
        let sum = FileSum { path: name.to_owned(), size, sha256: hex(&hash.finalize()) };
        Ok(Sealed { sum, contents })
    })
}

/// Encrypt a small file.
///
/// # Errors
/// `CryptError::Io`.
pub(super) fn seal_bytes(bytes: &[u8], file: File, recipients: &[Recipient]) -> Result<(), CryptError> {
    let mut writer = encrypt_to(recipients, file)?;
    writer.write_all(bytes)?;
    writer.finish()?;
    Ok(())
}

fn decode(mut input: Arriving, layout: Layout) -> Result<Contents, String> {
    match layout {
        Layout::Plain => decode_script(&mut input),
        Layout::Directory | Layout::Custom => read_custom(&mut input, &mut |_, _| {})
            .map(|found| Contents::of_custom(&found))
            .map_err(|error| described(&error)),
    }
}

/// The pieces as one stream.
struct Arriving {
    pieces: Receiver<Vec<u8>>,
    piece: Vec<u8>,
    at: usize,
}

impl Read for Arriving {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() {
            let Ok(piece) = self.pieces.recv() else { return Ok(0) };
            self.piece = piece;
            self.at = 0;
        }
        let read = (&self.piece[self.at..]).read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

/// Hashes what it writes.
struct Hashed {
    file: File,
    hash: Sha256,
    size: u64,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
