//! Decodes a file that somebody compressed as a whole, to its exact end: `gzip`, `zstd` and `lz4` write several streams one
//! after the other where they work in parallel or files were put together.

use std::io::Read;

use super::codec::{self, Container, Failure};
use super::data::explain;
use super::source::Source;
use super::{ArchiveError, Compression};

/// How files of the codecs begin.
const MAGIC: [(Compression, &[u8]); 3] = [
    (Compression::Gzip, &[0x1f, 0x8b]),
    (Compression::Zstd, &[0x28, 0xb5, 0x2f, 0xfd]),
    (Compression::Lz4, &[0x04, 0x22, 0x4d, 0x18]),
];

/// The frames of data that zstd and lz4 skip, but for the first of their four bytes.
const SKIPPABLE: [u8; 3] = [0x2a, 0x4d, 0x18];

impl Compression {
    /// As what a file that begins so was compressed as a whole; `None`: with none of our codecs.
    #[must_use]
    pub fn of_whole(head: &[u8]) -> Option<Self> {
        MAGIC.iter().find(|(_, magic)| head.starts_with(magic)).map(|(codec, _)| *codec)
    }
}

/// Decodes all of it, stream after stream.
///
/// # Errors
/// If it is cut or damaged, or is followed by anything else; if the input or the sink fails.
pub fn decode_whole(
    input: &mut dyn Read,
    compression: Compression,
    sink: &mut dyn FnMut(&[u8]) -> Result<(), ArchiveError>,
) -> Result<(), ArchiveError> {
    let mut source = Source::new(input);
    loop {
        match codec::decode(&mut source, compression, Container::File, sink) {
            Ok(()) => return Ok(()),
            Err(Failure::Trailing) if begins_again(source.peek()?, compression) => {}
            Err(failure) => return Err(explain(failure, &mut source, compression)),
        }
    }
}

/// Whether another stream follows; where less of it than its first bytes is there, the codec finds out.
fn begins_again(rest: &[u8], compression: Compression) -> bool {
    let begins = |magic: &[u8]| {
        let seen = rest.len().min(magic.len());
        seen > 0 && rest[..seen] == magic[..seen]
    };
    let skippable = rest.first().is_some_and(|first| first & 0xf0 == 0x50)
        && rest[1..].iter().zip(SKIPPABLE).all(|(byte, wanted)| *byte == wanted);
    let magic = MAGIC.iter().find(|(codec, _)| *codec == compression);
    magic.is_some_and(|(_, magic)| begins(magic)) || (compression != Compression::Gzip && skippable)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn packed(compression: Compression, text: &[u8]) -> Vec<u8> {
        match compression {
            Compression::None => text.to_vec(),
            Compression::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap()
            }
            Compression::Zstd => zstd::encode_all(text, 1).unwrap(),
            Compression::Lz4 => {
                let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap()
            }
        }
    }

    fn unpacked(file: &[u8]) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        let compression = Compression::of_whole(file)?;
        let decoded = decode_whole(&mut &*file, compression, &mut |piece| {
            text.extend_from_slice(piece);
            Ok(())
        });
        decoded.ok().map(|()| text)
    }

    #[test]
    fn all_streams_of_a_file_are_decoded_and_nothing_cut_or_strange_passes() {
        let text = "SELECT 1;\n".repeat(40_000);
        let text = text.as_bytes();
        for compression in [Compression::Gzip, Compression::Zstd, Compression::Lz4] {
            let one = packed(compression, text);
            assert!(unpacked(&one).as_deref() == Some(text), "{compression}");
            let two = [&*one, &packed(compression, b"-- more\n")].concat();
            assert!(unpacked(&two).as_deref() == Some(&*[text, b"-- more\n"].concat()), "{compression}");
            for cut in [one.len() - 1, one.len() / 2, one.len() + 1, two.len() - 1] {
                assert!(unpacked(&two[..cut]).is_none(), "{compression} cut at {cut}");
            }
            assert!(unpacked(&[&*one, b"x"].concat()).is_none(), "{compression}");
        }
        assert_eq!(unpacked(b"SELECT 1"), None);
    }
}
