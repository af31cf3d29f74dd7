//! Archives that pg_dump wrote: all of them say the same.

use std::collections::BTreeMap;

use super::*;

/// Rows and digest per table.
type Tables = BTreeMap<String, (u64, Digest)>;

fn tables(contents: &CustomContents) -> Tables {
    let name = |id| {
        let entry = contents.archive.entry(id).unwrap();
        format!("{}/{}", entry.namespace.as_deref().unwrap(), entry.tag)
    };
    contents.tables.iter().map(|(id, content)| (name(*id), (content.rows, content.digest))).collect()
}

fn rows(tables: &Tables) -> Vec<(&str, u64)> {
    tables.iter().map(|(name, (rows, _))| (name.as_str(), *rows)).collect()
}

#[test]
fn every_version_and_codec_says_the_same() {
    let expected = tables(&custom(CUSTOM[0].1).unwrap());
    assert_eq!(
        rows(&expected),
        [
            ("Odd \"Schema\"/a.b; --", 10),
            ("public/bare", 3),
            ("public/empty", 0),
            ("public/events_2025", 213),
            ("public/events_2026", 187),
            ("public/files", 20),
        ]
    );
    let three = content_of(&["", "", ""]);
    assert_eq!(expected["public/bare"], (3, three.digest));
    for (name, bytes) in CUSTOM {
        let contents = custom(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(tables(&contents), expected, "{name}");
        assert_eq!((contents.objects, contents.object_bytes), (3, 10_014), "{name}");
        assert_eq!(contents.size, bytes.len() as u64, "{name}");
        assert_eq!(Archive::read_toc(&mut &**bytes).unwrap(), contents.archive, "{name}");
    }
}

#[test]
fn the_head_says_who_wrote_it() {
    let check = |index: usize, version, compression, major: &str| {
        let archive = custom(CUSTOM[index].1).unwrap().archive;
        assert_eq!((archive.version, archive.compression), (version, compression));
        assert_eq!((archive.format, archive.database.as_str()), (Format::Custom, "shop"));
        assert!(archive.server_version.starts_with(major) && archive.dump_version.starts_with(major));
        assert!(archive.created.unwrap().starts_with("2026-11-20 "));
    };
    check(0, (1, 14, 0), Compression::None, "15.");
    check(1, (1, 14, 0), Compression::Gzip, "15.");
    check(2, (1, 15, 0), Compression::Gzip, "16.");
    check(3, (1, 16, 0), Compression::None, "18.");
    check(4, (1, 16, 0), Compression::Gzip, "18.");
}

#[test]
fn entries_say_what_there_is() {
    let archive = custom(CUSTOM[0].1).unwrap().archive;
    let find = |desc: &str, tag: &str| {
        archive.entries.iter().find(|entry| entry.desc == desc && entry.tag == tag).unwrap()
    };
    let data = find("TABLE DATA", "a.b; --");
    let table = find("TABLE", "a.b; --");
    assert_eq!(
        data.copy.as_deref(),
        Some("COPY \"Odd \"\"Schema\"\"\".\"a.b; --\" (\"from\", \"Ü(stdin)\") FROM stdin;\n")
    );
    assert_eq!((data.section, table.section), (Section::Data, Section::PreData));
    assert_eq!((table.table_oid, data.dependencies.as_slice()), (1259, [table.dump_id].as_slice()));
    assert!(table.definition.contains("CREATE TABLE") && table.drop.contains("DROP TABLE"));
    assert!(data.had_dumper && !table.had_dumper);
    assert_eq!((table.state, table.file.as_deref()), (DataState::Absent, None));
    assert_eq!(find("SEQUENCE SET", "counter").owner, "archivist");
    assert_eq!(find("CONSTRAINT", "a.b; -- a.b; --_pkey").section, Section::PostData);
}

#[test]
fn the_watcher_sees_each_thing_once() {
    let mut seen = Vec::new();
    let mut bytes = PIPED.1;
    read_custom(&mut bytes, &mut |entry, block| {
        seen.push((entry.desc.clone(), matches!(block, Block::Object { .. })));
    })
    .unwrap();
    let count = |desc: &str, object| seen.iter().filter(|(d, o)| d == desc && *o == object).count();
    assert_eq!((count("TABLE DATA", false), count("BLOBS", true), seen.len()), (6, 3, 9));
}

#[test]
fn insert_commands_are_read_but_their_rows_are_not_counted() {
    let contents = custom(INSERTS).unwrap();
    assert!(contents.tables.is_empty());
    assert_eq!(contents.statements.len(), 6);
    assert!(contents.statements.values().all(|bytes| *bytes > 0));
}

#[test]
fn a_script_says_the_same_as_an_archive() {
    let script = script::read(&mut &*SCRIPT, Compression::None).unwrap();
    let found: Tables = script
        .tables
        .iter()
        .map(|table| {
            let name = format!("{}/{}", table.schema.as_deref().unwrap(), table.name);
            (name, (table.content.rows, table.content.digest))
        })
        .collect();
    assert_eq!(found, tables(&custom(CUSTOM[0].1).unwrap()));
    assert!(script.complete && script.restricted && script.creates_database && script.connects);
    assert_eq!((script.inserts, script.bytes), (0, SCRIPT.len() as u64));
    assert_eq!(script.server_version.as_deref(), Some("18.4"));
    assert_eq!(script.dump_version.as_deref(), Some("18.4"));
}

#[test]
fn it_does_not_matter_how_the_bytes_come() {
    for (name, bytes) in CUSTOM {
        let dripping = read_custom(&mut Drip(bytes, Random(3)), &mut |_, _| {}).unwrap();
        assert_eq!(dripping, custom(bytes).unwrap(), "{name}");
    }
    let dripping = script::read(&mut Drip(SCRIPT, Random(5)), Compression::None).unwrap();
    assert_eq!(dripping, script::read(&mut &*SCRIPT, Compression::None).unwrap());
}
