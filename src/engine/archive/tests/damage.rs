//! What is cut, damaged, or was never an archive is never taken for a whole one, and never brings the reader down.

use super::*;

/// More of them is what `fuzz/` is for.
const ROUNDS: usize = 700;

#[test]
fn no_part_of_an_archive_passes_for_the_whole() {
    for (name, bytes) in CUSTOM {
        // Without its second table of contents the archive is still whole.
        let whole = if *bytes == REDIRECTED.1 { CUSTOM[2].1.len() } else { bytes.len() };
        // Each byte of the end of one, which is large objects, and every few of the rest.
        let each = if *bytes == PIPED.1 { bytes.len() - 200 } else { bytes.len() };
        let ends = (0..each).step_by(47).chain(each..bytes.len()).filter(|end| *end != whole);
        for end in ends {
            assert!(custom(&bytes[..end]).is_err(), "{name} cut at {end} of {}", bytes.len());
        }
    }
}

#[test]
fn nothing_may_follow_an_archive() {
    for (name, bytes) in CUSTOM {
        for more in [b"\0".as_slice(), b"\x01", b"\n", b"PGDMP", bytes] {
            assert!(custom(&[bytes, more].concat()).is_err(), "{name}");
        }
    }
}

#[test]
fn damaged_compressed_data_is_an_error_or_still_the_same_data() {
    for (name, bytes) in CUSTOM.iter().filter(|(name, _)| name.contains("z6")) {
        let whole = custom(bytes).unwrap();
        let places = whole.archive.entries.iter().filter_map(|entry| match entry.state {
            DataState::At(place) => Some(usize::try_from(place).unwrap()),
            _ => None,
        });
        let first = places.min().unwrap();
        let mut unseen = 0;
        for at in (first..bytes.len()).step_by(7) {
            let mut damaged = bytes.to_vec();
            damaged[at] ^= 1 << (at % 8);
            if let Ok(contents) = custom(&damaged) {
                assert_eq!(contents, whole, "{name} at {at}");
                unseen += 1;
            }
        }
        // The oids of large objects, and codes that the compressed data does not use.
        assert!(unseen * 100 < bytes.len() - first, "{name}: {unseen} of {}", bytes.len() - first);
    }
}

#[test]
fn damage_anywhere_is_survived() {
    let mut random = Random(1);
    for round in 0..ROUNDS {
        let (name, bytes) = CUSTOM[round % CUSTOM.len()];
        let mut damaged = bytes.to_vec();
        for _ in 0..=random.below(3) {
            let at = random.below(damaged.len());
            match random.below(4) {
                0 => damaged[at] = 0xff,
                1 => damaged[at] = 0,
                2 => drop(damaged.remove(at)),
                _ => damaged[at] ^= 1 << random.below(8),
            }
        }
        if let Ok(contents) = custom(&damaged) {
            assert!(contents.size == damaged.len() as u64, "{name}: all of it was read");
        }
    }
}

#[test]
fn noise_is_survived() {
    let mut random = Random(2);
    for round in 0..ROUNDS {
        let noise: Vec<u8> = (0..random.below(400)).map(|_| random.next().to_le_bytes()[0]).collect();
        // Behind a good head, so that it gets far.
        let head = CUSTOM[round % CUSTOM.len()].1;
        let noisy = [&head[..random.below(120)], &noise].concat();
        assert!(custom(&noisy).is_err());
        for compression in [Compression::None, Compression::Gzip, Compression::Lz4, Compression::Zstd] {
            assert!(table_data(&noise, compression).is_err());
            let read = script::read(&mut &*noise, compression);
            assert!(!read.is_ok_and(|script| script.complete));
            let _size = read_blob_data(&mut &*noise, compression);
        }
        assert!(read_blob_list(&mut &*noise).is_ok_and(|list| list.is_empty()) == noise.is_empty());
    }
}

#[test]
fn a_length_is_not_believed() {
    let toc = CUSTOM[0].1;
    // The length of the database's name comes after the head of 11 bytes, the level, and seven numbers.
    let at = 11 + 8 * 5;
    assert_eq!(toc[at..at + 5], [0, 4, 0, 0, 0]);
    for (length, says) in [
        ([0, 0, 0, 0, 0x40], "it is cut short"),
        ([0, 0xff, 0xff, 0xff, 0x7f], "an impossible one"),
        ([1, 2, 0, 0, 0], "an impossible one"),
        ([0, 0xff, 0xff, 0xff, 0xff], "a number of 32 bits"),
        ([7, 0, 0, 0, 0], "the sign of a number"),
    ] {
        let mut damaged = toc.to_vec();
        damaged[at..at + 5].copy_from_slice(&length);
        let error = custom(&damaged).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn what_is_no_archive_is_told_from_what_is_too_new() {
    assert!(matches!(custom(SCRIPT), Err(ArchiveError::NotAnArchive)));
    assert!(matches!(custom(b""), Err(ArchiveError::NotAnArchive)));
    let mut newer = CUSTOM[0].1.to_vec();
    newer[6] = 17;
    let error = custom(&newer).unwrap_err();
    assert!(matches!(error, ArchiveError::Version { found: (1, 17, 0) }), "{error}");
}

#[test]
fn the_error_says_what_is_missing_and_where() {
    let cut = &PIPED.1[..PIPED.1.len() - 10];
    assert_eq!(
        custom(cut).unwrap_err().to_string(),
        format!("the file ends at byte {}, inside a data block: it is cut short", cut.len())
    );
    let (_, first) = CUSTOM[0];
    let place = custom(first).unwrap().archive.entries.iter().find_map(|entry| match entry.state {
        DataState::At(place) => Some(usize::try_from(place).unwrap()),
        _ => None,
    });
    assert_eq!(
        custom(&first[..place.unwrap()]).unwrap_err().to_string(),
        "7 of the archive's data blocks are missing, the first that of TABLE DATA `a.b; --` (entry 3383)"
    );
}

#[test]
fn no_part_of_a_script_passes_for_the_whole() {
    let key = SCRIPT.len() - 2;
    let ends = (0..key - 300).step_by(211).chain(key - 300..SCRIPT.len());
    for end in ends {
        let script = script::read(&mut &SCRIPT[..end], Compression::None).unwrap();
        // Only the newlines at the very end may be missing.
        assert_eq!(script.complete, end >= key, "cut at {end}");
    }
}

#[test]
fn the_input_s_own_failure_is_told_as_such() {
    struct Fails<'a>(&'a [u8]);
    impl Read for Fails<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            if self.0.is_empty() {
                return Err(std::io::Error::other("the disk is gone"));
            }
            self.0.read(into)
        }
    }
    for (name, bytes) in CUSTOM {
        for end in [0, 5, 100, bytes.len() / 3, bytes.len() - 1] {
            let error = read_custom(&mut Fails(&bytes[..end]), &mut |_, _| {}).unwrap_err();
            let ArchiveError::Read { offset, source } = error else { panic!("{name}: {error}") };
            assert_eq!((offset, source.to_string().as_str()), (end as u64, "the disk is gone"));
        }
    }
}
