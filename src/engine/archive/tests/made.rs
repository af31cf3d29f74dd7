//! Data that pg_dump may write and the builds at hand do not, and data that nobody should write.

use std::io::Write;

use flate2::write::{GzEncoder, ZlibEncoder};

use super::super::source::{BUFFER, Source};
use super::super::toc;
use super::*;

const ALL: [Compression; 4] = [Compression::None, Compression::Gzip, Compression::Lz4, Compression::Zstd];

fn lz4(bytes: &[u8]) -> Vec<u8> {
    // As pg_dump does: blocks that refer to each other.
    let info = lz4_flex::frame::FrameInfo::new().block_mode(lz4_flex::frame::BlockMode::Linked);
    let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// As in a file of the directory format.
fn file(bytes: &[u8], compression: Compression) -> Vec<u8> {
    match compression {
        Compression::None => bytes.to_vec(),
        Compression::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Lz4 => lz4(bytes),
        Compression::Zstd => zstd::encode_all(bytes, 1).unwrap(),
    }
}

/// As in a block of the custom format.
fn block(bytes: &[u8], compression: Compression) -> Vec<u8> {
    let stream = match compression {
        Compression::Gzip => {
            let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        other => file(bytes, other),
    };
    let chunks = stream.chunks(4096).flat_map(|chunk| {
        let length = i32::try_from(chunk.len()).unwrap();
        [int(length).as_slice(), chunk].concat()
    });
    chunks.chain(int(0)).collect()
}

fn int(value: i32) -> [u8; 5] {
    let [a, b, c, d] = value.unsigned_abs().to_le_bytes();
    [u8::from(value < 0), a, b, c, d]
}

/// The table of contents of a real archive, with other data behind it.
fn archive(compression: Compression, table: &[u8], object: &[u8]) -> Vec<u8> {
    let mut bytes = PIPED.1;
    let mut source = Source::new(&mut bytes);
    let (archive, _) = toc::read(&mut source).unwrap();
    let end = usize::try_from(source.at()).unwrap();
    let mut made = PIPED.1[..end].to_vec();
    let codes = [Compression::None, Compression::Gzip, Compression::Lz4, Compression::Zstd];
    made[11] = u8::try_from(codes.iter().position(|code| *code == compression).unwrap()).unwrap();
    for entry in archive.entries.iter().filter(|entry| entry.had_dumper) {
        let objects = entry.desc == "BLOBS";
        made.push(if objects { 3 } else { 1 });
        made.extend(int(entry.dump_id));
        if objects {
            // An oid above 2^31.
            for oid in [-5, 77] {
                made.extend(int(oid));
                made.extend(block(object, compression));
            }
            made.extend(int(0));
        } else {
            made.extend(block(table, compression));
        }
    }
    made
}

fn sample() -> (Vec<String>, String) {
    let mut random = Random(9);
    let rows: Vec<String> = (0..3000)
        .map(|n| format!("{n}\t{}\t\\N", "x".repeat(random.below(300)) + &random.next().to_string()))
        .collect();
    let text = rows.iter().map(|row| format!("{row}\n")).collect::<String>() + END;
    assert!(text.len() > 3 * BUFFER);
    (rows, text)
}

#[test]
fn every_codec_is_read_in_files_and_in_blocks() {
    let (rows, text) = sample();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let expected = content_of(&rows);
    for compression in ALL {
        let encoded = file(text.as_bytes(), compression);
        assert_eq!(table_data(&encoded, compression).unwrap(), expected, "{compression}");
        assert_eq!(read_blob_data(&mut &*encoded, compression).unwrap(), text.len() as u64);
        let dripping = read_table_data(&mut Drip(&encoded, Random(4)), compression).unwrap();
        assert_eq!(dripping, expected, "{compression}");
        let made = archive(compression, text.as_bytes(), b"some object");
        let mut oids = Vec::new();
        let contents = read_custom(&mut &*made, &mut |_, block| {
            if let Block::Object { oid, .. } = block {
                oids.push(oid);
            }
        });
        let contents = contents.unwrap_or_else(|error| panic!("{compression}: {error}"));
        assert!(contents.tables.len() == 6 && contents.tables.values().all(|table| *table == expected));
        assert_eq!((contents.objects, contents.object_bytes), (2, 22), "{compression}");
        assert_eq!(oids, [u32::MAX - 4, 77]);
    }
}

#[test]
fn no_part_of_a_data_file_passes_for_the_whole() {
    let text = format!("1\tone\n2\ttwo\n{END}");
    for compression in ALL {
        let encoded = file(text.as_bytes(), compression);
        let whole = table_data(&encoded, compression).unwrap();
        assert_eq!(whole, content_of(&["1\tone", "2\ttwo"]));
        for end in 0..encoded.len() {
            assert!(table_data(&encoded[..end], compression).is_err(), "{compression} cut at {end}");
            let blob = read_blob_data(&mut &encoded[..end], compression);
            let visible = compression != Compression::None && end > 0;
            assert_eq!(blob.is_err(), visible, "{compression} cut at {end}");
        }
        for more in ["\n", "x", "\\.\n"] {
            let longer = [encoded.as_slice(), more.as_bytes()].concat();
            assert!(table_data(&longer, compression).is_err(), "{compression} and {more:?}");
        }
        let twice = [encoded.as_slice(), &encoded].concat();
        assert!(table_data(&twice, compression).is_err(), "{compression}");
    }
}

#[test]
fn a_damaged_gzip_file_is_an_error_or_still_the_same_data() {
    let (_, text) = sample();
    let encoded = file(&text.as_bytes()[text.len() - 1000..], Compression::Gzip);
    let whole = table_data(&encoded, Compression::Gzip).unwrap();
    let mut unseen = 0;
    // What gzip's head says of time and system has no meaning.
    for at in (0..3).chain(10..encoded.len()) {
        for bit in 0..8 {
            let mut damaged = encoded.clone();
            damaged[at] ^= 1 << bit;
            if let Ok(content) = table_data(&damaged, Compression::Gzip) {
                assert_eq!(content, whole, "byte {at}, bit {bit}");
                unseen += 1;
            }
        }
    }
    // Lengths of codes that are not used.
    assert!(unseen * 25 < encoded.len() * 8, "{unseen} bits of {} bytes", encoded.len());
}

#[test]
fn damaged_codecs_are_survived() {
    let (_, text) = sample();
    let mut random = Random(8);
    for compression in ALL {
        let encoded = file(&text.as_bytes()[text.len() - 20_000..], compression);
        for _ in 0..200 {
            let mut damaged = encoded.clone();
            let at = random.below(damaged.len());
            damaged[at] ^= 1 << random.below(8);
            if let Ok(content) = table_data(&damaged, compression) {
                assert!(content.bytes > 0, "{compression}");
            }
        }
    }
}

#[test]
fn rows_end_where_the_line_says_so_wherever_the_buffer_ends() {
    let check = |before: usize, row: &str| {
        let long = "y".repeat(before);
        let text = format!("{long}\n{row}\n{END}");
        let content = table_data(text.as_bytes(), Compression::None).unwrap();
        assert_eq!(content, content_of(&[&long, row]), "{before}, {row:?}");
    };
    for before in BUFFER - 8..BUFFER + 2 {
        for row in ["", "\\", ".", "\\..", "\\\\.", " \\.", "plain"] {
            check(before, row);
        }
    }
    check(3 * BUFFER, "");
}

#[test]
fn what_follows_the_rows_is_checked() {
    let check = |text: &str, says: &str| {
        let error = table_data(text.as_bytes(), Compression::None).unwrap_err().to_string();
        assert!(error.contains(says), "{text:?}: {error}");
    };
    check("", "ends after 0 rows");
    check("1\n2\n", "ends after 2 rows (4 bytes decoded)");
    check("1\n2", "ends after 1 rows");
    check("1\n\\.", "ends after 1 rows");
    check("1\n\\.\n", "at decoded byte 5");
    check("1\n\\.\n\n", "at decoded byte 6");
    check("1\n\\.\n\n\n\n", "at decoded byte 5");
    check("1\n\\.\n2\n\\.\n\n\n", "at decoded byte 5");
    check("INSERT INTO t VALUES (1);\n\n\n", "ends after 3 rows");
}

#[test]
fn the_list_of_large_objects_is_read_and_leads_nowhere_else() {
    let list = |text: &str| read_blob_list(&mut text.as_bytes());
    assert_eq!(
        list("16401 blob_16401.dat\n4294967295 blob_4294967295.dat\n").unwrap(),
        [(16401, "blob_16401.dat"), (u32::MAX, "blob_4294967295.dat")]
            .map(|(oid, file)| BlobFile { oid, file: file.to_owned() })
    );
    assert!(list("").unwrap().is_empty());
    for bad in
        ["1 a", "1 ../a\n", "1 /etc/passwd\n", "1 ..\n", "1 \n", "x a\n", "0 a\n", "\n", "1\n", "1 a\n\n"]
    {
        assert!(list(bad).is_err(), "{bad:?}");
    }
    assert!(list(&format!("1 {}\n", "a".repeat(2000))).is_err());
}

#[test]
fn a_digest_does_not_depend_on_the_order_and_reads_back() {
    let (one, other) = (content_of(&["a", "b", "b"]), content_of(&["b", "a", "b"]));
    assert_eq!(one, other);
    assert_ne!(one.digest, content_of(&["a", "b"]).digest);
    assert_ne!(one.digest, content_of(&["a", "a", "b"]).digest);
    let shown = content_of(&["a"]).digest.to_string();
    // XXH3_128bits("a"), as `xxhsum -H2` says.
    assert_eq!(shown, "a96faf705af16834e6c632b61e964e1f");
    assert_eq!(shown.parse::<Digest>().unwrap(), content_of(&["a"]).digest);
    for bad in ["", "a96f", "+96faf705af16834e6c632b61e964e1f", "xx6faf705af16834e6c632b61e964e1f"] {
        assert_eq!(bad.parse::<Digest>(), Err(NotADigest));
    }
    let json = serde_json::to_string(&one).unwrap();
    assert!(json.starts_with("{\"rows\":3,\"bytes\":11,\"digest\":\""), "{json}");
    assert_eq!(serde_json::from_str::<Content>(&json).unwrap(), one);
}
