//! What stock pg_dump wrote, in every form; and what it did not write.

use crate::support::restored::{EVERYTHING, Place};

/// A place with everything, without our tables, so that a dump is the same before and after.
fn full() -> (Place, String) {
    let place = Place::new();
    place.sql(EVERYTHING);
    let before = place.contents(&place.db.name);
    (place, before)
}

#[track_caller]
fn same(found: &str, wanted: &str, what: &str) {
    for (found, wanted) in found.lines().zip(wanted.lines()) {
        assert_eq!(found, wanted, "{what}");
    }
    assert_eq!(found.lines().count(), wanted.lines().count(), "{what}");
}

#[test]
fn archives_come_back_whatever_flags_they_were_written_with() {
    let (place, before) = full();
    for form in ["-Fc", "-Fd"] {
        for (at, flags) in [
            &["-C"][..],
            &["--clean"],
            &["--clean", "--create", "--if-exists"],
            &["--inserts"],
            &["--no-owner"],
        ]
        .iter()
        .enumerate()
        {
            let file = format!("dump{at}{form}");
            place.dump_with(&[&[form], *flags].concat(), &file);
            place.sql("CREATE TABLE later ()");
            place.run(&["restore", &file, "--yes"]).exits(0);
            same(&place.contents(&place.db.name), &before, &file);
            place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
        }
    }
}

#[test]
fn scripts_come_back_or_are_refused_with_the_reason() {
    let (place, before) = full();
    for (at, flags) in
        [&["--inserts"][..], &["--no-owner"], &["--clean", "--if-exists"], &["--column-inserts"]]
            .iter()
            .enumerate()
    {
        let file = format!("dump{at}.sql");
        place.dump_with(&[&["-Fp"], *flags].concat(), &file);
        place.sql("CREATE TABLE later ()");
        let ran = place.run(&["restore", &file, "--yes"]);
        assert_eq!(ran.code, 0, "{flags:?} {}", ran.text());
        same(&place.contents(&place.db.name), &before, &file);
        place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
    }
    place.sql("CREATE TABLE later ()");
    place.dump_with(&["-Fp", "--create"], "create.sql");
    let ran = place.run(&["restore", "create.sql", "--yes"]);
    assert!(ran.exits(3).stderr.contains("--create"), "{}", ran.text());
    // It begins by dropping what is not there.
    place.dump_with(&["-Fp", "--clean"], "clean.sql");
    let ran = place.run(&["restore", "clean.sql", "--yes"]);
    assert!(ran.exits(3).stderr.contains("--if-exists"), "{}", ran.text());
    assert!(place.beside().is_empty());
    assert_eq!(place.number("SELECT count(*) FROM later"), 0);
}

#[test]
fn what_is_no_dump_of_a_database_is_refused_by_what_it_is() {
    let place = Place::shop();
    place.dump("-Ft", "dump.tar");
    let tar = place.run(&["restore", "dump.tar", "--yes"]);
    tar.exits(2);
    place.dump("-Fp", "plain.sql");
    let plain = std::fs::read_to_string(place.root().join("plain.sql")).unwrap();
    // As pg_dumpall puts the dumps of all databases behind the roles.
    let all = format!(
        "--\n-- PostgreSQL database cluster dump\n--\n\nSET default_transaction_read_only = off;\n\nCREATE ROLE dev;\n\n\
         \\connect shop\n\n{plain}\n--\n-- PostgreSQL database cluster dump complete\n--\n"
    );
    place
        .file("all.sql", all)
        .file("empty.sql", "")
        .file("letter.txt", "Dear Ada,\n")
        .file("b.bin", [0u8, 255, 3, 7]);
    place.file("zip.sql.gz", [0x1f, 0x8b, 8, 0, 0, 0]).file("folder/readme", "no toc.dat");
    for (file, code, why) in [
        ("all.sql", 3, "pg_dumpall"),
        ("empty.sql", 2, "empty"),
        ("letter.txt", 10, "does not end as pg_dump ends its scripts"),
        ("b.bin", 10, "does not end as pg_dump ends its scripts"),
        ("zip.sql.gz", 10, "is not whole"),
        ("folder", 2, "toc.dat"),
        ("nothing.sql", 2, "nothing.sql"),
    ] {
        let ran = place.run(&["restore", file, "--yes"]);
        assert_eq!(ran.code, code, "{file}: {}", ran.text());
        assert!(ran.stderr.contains(why), "{file}: {}", ran.text());
    }
    assert!(place.beside().is_empty());
    assert_eq!(place.number("SELECT count(*) FROM customers"), 100);
}

/// What the refusal of a tar file tells to do works.
#[test]
fn a_tar_file_is_told_how_it_becomes_one_that_can_be_restored() {
    let place = Place::shop();
    place.dump("-Ft", "dump.tar");
    let ran = place.run(&["restore", "dump.tar", "--yes"]);
    assert!(ran.stderr.contains("pg_restore -f dump.sql"), "{}", ran.text());
    let tools = pgkeel::pg::tools::Tools::find(
        &crate::support::cluster::search(),
        "pg_restore",
        pgkeel::pg::tools::Wanted::Any,
    )
    .unwrap();
    let (tar, sql) = (place.root().join("dump.tar"), place.root().join("dump.sql"));
    assert!(tools.command().arg("-f").args([&sql, &tar]).status().unwrap().success());
    place.sql("DELETE FROM customers");
    place.run(&["restore", "dump.sql", "--yes"]).exits(0);
    assert_eq!(place.number("SELECT count(*) FROM customers"), 100);
}
