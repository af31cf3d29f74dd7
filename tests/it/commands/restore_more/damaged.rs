//! Cut or flipped anywhere, nothing is restored: the live database is as it was, and nothing is left beside it.

use std::path::{Path, PathBuf};

use crate::support::restored::{Place, files, key};

const CUTS: usize = 20;

/// Places that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }
}

/// A shop with rows that compress badly, and an edit that shows whether it is still the same.
fn shop() -> Place {
    let place = Place::shop();
    place.sql("INSERT INTO customers (name) SELECT md5(n::text) FROM generate_series(1, 3000) n");
    place
}

fn edit(place: &Place) {
    place.sql("UPDATE customers SET name = 'edited' WHERE id = 1");
}

#[track_caller]
fn untouched(place: &Place) {
    assert_eq!(place.number("SELECT count(*) FROM customers WHERE name = 'edited'"), 1);
    assert!(place.beside().is_empty(), "{:?}", place.beside());
    assert_eq!(
        place.number("SELECT count(*) FROM pgkeel.operation WHERE command = 'restore' AND outcome = 'done'"),
        0
    );
}

/// Where bytes are flipped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flips {
    Anywhere,
    /// Not in the table of contents, which comes first, and which stock pg_dump writes without a checksum.
    Rows,
}

/// Restore with `file` cut at many places and with one byte flipped at as many; then as it was.
fn cut_and_flipped(
    place: &Place,
    file: &Path,
    arguments: &[&str],
    flips: Flips,
    expected: impl Fn(i32) -> bool,
) {
    let whole = std::fs::read(file).unwrap();
    let from = if flips == Flips::Rows { whole.len() / 2 } else { 0 };
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for at in 0..CUTS {
        let end = if at == 0 { whole.len() - 1 } else { dice.below(whole.len()) };
        std::fs::write(file, &whole[..end]).unwrap();
        let ran = place.run(arguments);
        assert!(expected(ran.code), "cut at {end} of {}: {}", whole.len(), ran.text());
    }
    for _ in 0..CUTS {
        let at = from + dice.below(whole.len() - from);
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << dice.below(8);
        std::fs::write(file, &bytes).unwrap();
        let ran = place.run(arguments);
        assert!(expected(ran.code), "flipped at {at} of {}: {}", whole.len(), ran.text());
    }
    std::fs::write(file, &whole).unwrap();
}

#[test]
fn a_cut_or_flipped_archive_of_stock_pg_dump_is_never_swapped_in() {
    let place = shop();
    place.dump("-Fc", "dump.pgdump");
    edit(&place);
    let file = place.root().join("dump.pgdump");
    // Cut before its head ends, it is no archive at all.
    cut_and_flipped(&place, &file, &["restore", "dump.pgdump", "--yes"], Flips::Rows, |code| {
        [1, 2, 10].contains(&code)
    });
    untouched(&place);
    place.run(&["restore", "dump.pgdump", "--yes"]).exits(0);
}

/// The files of the newest backup that hold rows or the schema.
fn payload(place: &Place) -> Vec<PathBuf> {
    let backup = place.backups("backups").pop().unwrap();
    let mut all = files(&backup);
    all.extend(files(&backup.join("dump")));
    all.retain(|file| file.is_file());
    all
}

#[test]
fn a_cut_or_flipped_backup_of_ours_is_damaged() {
    let place = shop();
    place.run(&["backup"]).exits(0);
    edit(&place);
    let largest = payload(&place).into_iter().max_by_key(|file| file.metadata().unwrap().len()).unwrap();
    cut_and_flipped(&place, &largest, &["restore", "--yes"], Flips::Anywhere, |code| code == 10);
    untouched(&place);
    place.run(&["restore", "--yes"]).exits(0);
}

#[test]
fn a_cut_or_flipped_encrypted_backup_is_damaged() {
    let place = shop();
    let public = key(&place);
    place.run(&["backup", "--encrypt-to", &public]).exits(0);
    edit(&place);
    let backup = place.backups("backups").pop().unwrap();
    let sealed =
        files(&backup).into_iter().find(|file| file.to_string_lossy().ends_with(".pgdump.age")).unwrap();
    cut_and_flipped(
        &place,
        &sealed,
        &["restore", "--yes", "--identity", "key.txt"],
        Flips::Anywhere,
        |code| code == 10,
    );
    untouched(&place);
    place.run(&["restore", "--yes", "--identity", "key.txt"]).exits(0);
}

#[test]
fn a_file_that_is_missing_or_was_added_is_found() {
    let place = shop();
    place.run(&["backup"]).exits(0);
    edit(&place);
    for file in payload(&place) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        // Without its manifest it is no backup, and its checksums are for people without pgkeel.
        if name == "manifest.json" || name.starts_with("manifest") {
            continue;
        }
        let bytes = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        let ran = place.run(&["restore", "--yes"]);
        if name.starts_with("SHA256SUMS") || name.to_lowercase().contains("readme") {
            assert!([0, 10].contains(&ran.code), "{name}: {}", ran.text());
        } else {
            assert_eq!(ran.code, 10, "{name}: {}", ran.text());
        }
        std::fs::write(&file, bytes).unwrap();
    }
}
