//! Dumps from elsewhere: compressed as a whole, piped, gone through Windows, of one schema, without rows. Each is restored,
//! or refused for the reason that is the true one.

use std::fs::File;
use std::io::Write;
use std::process::Stdio;

use crate::support::project::{Project, Ran};
use crate::support::restored::{EVERYTHING, Place};
use crate::support::role::Role;

/// A place with everything, and its dump as a script and as an archive.
fn dumped() -> (Place, String) {
    let place = Place::new();
    place.sql(EVERYTHING);
    place.dump("-Fp", "dump.sql");
    place.dump("-Fc", "dump.dump");
    let before = place.contents(&place.db.name);
    (place, before)
}

fn bytes(place: &Project, file: &str) -> Vec<u8> {
    std::fs::read(place.root().join(file)).unwrap()
}

/// Changed, restored, and the same as before.
#[track_caller]
fn comes_back(place: &Place, before: &str, file: &str) -> Ran {
    place.sql("CREATE TABLE later ()");
    let ran = place.run(&["restore", file, "--yes"]);
    assert_eq!(ran.code, 0, "{file}: {}", ran.text());
    assert!(place.contents(&place.db.name) == before, "{file}");
    place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
    ran
}

#[track_caller]
fn is_refused(place: &Place, file: &str, code: i32, why: &str) {
    let ran = place.run(&["restore", file, "--yes"]);
    assert_eq!(ran.code, code, "{file}: {}", ran.text());
    assert!(ran.stderr.contains(why), "{file}: {}", ran.text());
}

fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn lz4(text: &[u8]) -> Vec<u8> {
    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn what_was_compressed_as_a_whole_comes_back() {
    let (place, before) = dumped();
    for file in ["dump.sql", "dump.dump"] {
        let plain = bytes(&place, file);
        for (suffix, packed) in
            [("gz", gzipped(&plain)), ("zst", zstd::encode_all(&*plain, 1).unwrap()), ("lz4", lz4(&plain))]
        {
            let name = format!("{file}.{suffix}");
            place.file(&name, &packed);
            comes_back(&place, &before, &name);
            place.file("cut", &packed[..packed.len() - 3]);
            is_refused(&place, "cut", 10, "is not whole");
        }
    }
    let dry = place.run(&["restore", "dump.sql.gz", "--dry-run"]);
    assert!(dry.exits(0).stdout.contains("gzip -dc "), "{}", dry.text());
    place.file("twice", gzipped(&gzipped(b"--\n"))).file("xz", b"\xfd7zXZ\0\0").file("bz2", "BZh91AY");
    is_refused(&place, "twice", 2, "compressed twice");
    is_refused(&place, "xz", 2, "compressed with xz");
    is_refused(&place, "bz2", 2, "compressed with bzip2");
    assert!(place.beside().is_empty());
}

#[test]
fn what_a_pipe_hands_over_comes_back() {
    let (place, before) = dumped();
    place.file("dump.gz", gzipped(&bytes(&place, "dump.dump")));
    for file in ["dump.sql", "dump.dump", "dump.gz"] {
        place.sql("CREATE TABLE later ()");
        let piped = |arguments: &[&str]| {
            let mut command = place.command(arguments);
            command.stdin(Stdio::from(File::open(place.root().join(file)).unwrap()));
            command.output().unwrap()
        };
        let refused = piped(&["restore", "-"]);
        assert_eq!(refused.status.code(), Some(3), "{file}");
        let output = piped(&["restore", "-", "--yes"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{file}: {said}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("standard input"));
        assert!(place.contents(&place.db.name) == before, "{file}");
        place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
    }
    is_refused(&place, "-", 2, "empty");
}

#[test]
fn scripts_that_went_through_windows_come_back_or_are_refused_by_name() {
    let (place, before) = dumped();
    let script = String::from_utf8(bytes(&place, "dump.sql")).unwrap();
    let crlf = script.replace('\n', "\r\n");
    place.file("crlf.sql", &crlf).file("mark.sql", format!("\u{feff}{crlf}"));
    place.file("crlf.sql.gz", gzipped(crlf.as_bytes()));
    for file in ["crlf.sql", "mark.sql", "crlf.sql.gz"] {
        let ran = comes_back(&place, &before, file);
        assert!(ran.stdout.contains("went through Windows"), "{file}: {}", ran.text());
    }
    let utf16 = |text: &str| -> Vec<u8> {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    place.sql("CREATE TABLE plain (word text); INSERT INTO plain VALUES ('a'), (NULL), (E'\\\\')");
    place.dump_with(&["-t", "plain"], "plain.sql");
    let plain = String::from_utf8(bytes(&place, "plain.sql")).unwrap().replace('\n', "\r\n");
    place
        .file("utf16.sql", utf16(&plain))
        .file("words.sql", utf16(&format!("{plain}-- gr\u{f6}\u{df}e\r\n")));
    place.run(&["restore", "utf16.sql", "--into", "utf16 copy"]).exits(0);
    assert_eq!(place.number_in("utf16 copy", "SELECT count(*) FROM plain"), 3);
    place.sql("DROP DATABASE \"utf16 copy\"");
    is_refused(&place, "words.sql", 2, "PowerShell");
    place.file("mixed.sql", format!("{crlf}-- one line more\n"));
    is_refused(&place, "mixed.sql", 2, "some lines end in CR LF");
    place.file(
        "text.dump",
        utf16(&bytes(&place, "dump.dump").iter().map(|byte| char::from(*byte)).collect::<String>()),
    );
    is_refused(&place, "text.dump", 2, "whose bytes were taken for text");
    assert!(place.beside().is_empty());
}

/// What `pg_dump -n public` writes begins with a schema that every new database has.
#[test]
fn a_dump_of_one_schema_comes_back() {
    for owned in [false, true] {
        let mut place = Place::new();
        let role = owned.then(|| Role::owner(&mut place, "CREATEDB"));
        if let Some(role) = &role {
            // Before 15 the schema belongs to a superuser.
            place.sql(&format!(
                "ALTER SCHEMA public OWNER TO {0}; SET ROLE {0}; CREATE TABLE t (i int); RESET ROLE",
                role.name
            ));
            place.sql(&format!("GRANT pg_signal_backend TO {}", role.name));
        } else {
            place.sql("CREATE TABLE t (i int)");
        }
        place.sql("INSERT INTO t VALUES (1)");
        let since_15 = place.number("SELECT current_setting('server_version_num')::int / 10000") >= 15;
        if since_15 {
            // What pg_dump writes about it begins with what a new database of 15 has.
            place.sql("REVOKE ALL ON SCHEMA public FROM PUBLIC");
        }
        let before = place.contents(&place.db.name);
        for (flags, file) in [
            (&["-Fp"][..], "public.sql"),
            (&["-Fp", "--clean", "--if-exists"], "clean.sql"),
            (&["-Fc"], "public.dump"),
            (&["-Fd"], "public"),
        ] {
            place.dump_with(&[flags, &["-n", "public"]].concat(), file);
            place.sql("INSERT INTO t VALUES (2)");
            let ran = place.run(&["restore", file, "--yes"]);
            if owned && !since_15 {
                assert!(ran.code == 1 || ran.code == 3, "{file}: {}", ran.text());
                continue;
            }
            assert_eq!(ran.code, 0, "{owned} {file}: {}", ran.text());
            assert_eq!(place.contents(&place.db.name), before, "{owned} {file}");
            place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
        }
        drop(role);
    }
}

#[test]
fn a_dump_without_rows_takes_the_place_of_rows_only_when_that_is_said() {
    let place = Place::new();
    place.sql(
        "CREATE TABLE customer (id int); CREATE TABLE \"Odd \"\"t\" (id int); CREATE TABLE empty (id int)",
    );
    place.dump_with(&["-Fp", "-s"], "s.sql");
    place.dump_with(&["-Fc", "-s"], "s.dump");
    place.dump_with(&["-Fd", "-s"], "s");
    // Nothing is lost where there are no rows.
    place.run(&["restore", "s.sql", "--yes"]).exits(0);
    place.sql("INSERT INTO customer SELECT generate_series(1, 100); INSERT INTO \"Odd \"\"t\" VALUES (1)");
    place.file("s.sql.gz", gzipped(&bytes(&place, "s.sql")));
    for file in ["s.sql", "s.dump", "s", "s.sql.gz"] {
        is_refused(
            &place,
            file,
            3,
            "has no rows, and `public.Odd \"t`, `public.customer` of the live database have some",
        );
        place.run(&["restore", file, "--yes", "--dry-run"]).exits(3);
        place.run(&["restore", file, "--into", "bare"]).exits(0);
        place.sql("DROP DATABASE bare");
    }
    is_refused(&place, "s.dump", 3, "--without-rows");
    let in_place = place.run(&["restore", "s.dump", "--in-place", "--no-backup", "--yes"]);
    assert!(in_place.exits(3).stderr.contains("--without-rows"), "{}", in_place.text());
    assert_eq!(place.number("SELECT count(*) FROM customer"), 100);
    // The rows of some tables, in each way to leave others out. Large objects and positions of sequences are no rows.
    place.sql("CREATE SEQUENCE number; SELECT lo_from_bytea(77, 'x')");
    for (flags, file, why) in [
        (
            &["-Fp", "--exclude-table-data=customer"][..],
            "one.sql",
            "has no rows for `public.customer` of the",
        ),
        (&["-Fc", "--exclude-table-data=customer"], "one.dump", "has no rows for `public.customer` of the"),
        (&["-Fd", "--exclude-table-data=customer"], "one", "has no rows for `public.customer` of the"),
        (&["-Fc", "-T", "customer"], "without.dump", "has no rows for `public.customer` of the"),
        (&["-Fc", "-a", "-t", "customer"], "alone.dump", "has no rows for `public.Odd \"t` of the"),
        (&["-Fp", "-a", "-t", "customer"], "alone.sql", "has no rows for `public.Odd \"t` of the"),
        (
            &["-Fc", "--exclude-table-data=*"],
            "objects.dump",
            "has no rows, and `public.Odd \"t`, `public.customer`",
        ),
        (
            &["-Fp", "--exclude-table-data=*"],
            "objects.sql",
            "has no rows, and `public.Odd \"t`, `public.customer`",
        ),
        (
            &["-Fc", "--section=pre-data"],
            "before.dump",
            "has no rows, and `public.Odd \"t`, `public.customer`",
        ),
    ] {
        place.dump_with(flags, file);
        is_refused(&place, file, 3, why);
        is_refused(&place, file, 3, "--without-rows");
    }
    let ran = place.run(&["restore", "one.dump", "--without-rows", "--dry-run"]);
    assert!(ran.exits(0).stdout.contains("has no rows for `public.customer`"), "{}", ran.text());
    assert_eq!(place.number("SELECT count(*) FROM customer"), 100);
    // That a table was empty is part of a dump.
    place.dump_with(&["-Fc"], "empty.dump");
    place.sql("INSERT INTO empty VALUES (1)");
    let ran = place.run(&["restore", "empty.dump", "--dry-run"]);
    assert!(ran.exits(0).stdout.contains("has no rows for `public.empty`"), "{}", ran.text());
    place.sql("TRUNCATE empty; SELECT lo_unlink(77)");
    place.dump_with(&["-Fp", "--inserts"], "inserts.sql");
    let ran = place.run(&["restore", "inserts.sql", "--yes"]);
    assert!(!ran.exits(0).stdout.contains("no rows"), "{}", ran.text());
    let ran = place.run(&["restore", "s.dump", "--yes", "--without-rows"]);
    assert!(ran.exits(0).stdout.contains("it has no rows at all"), "{}", ran.text());
    assert_eq!(place.number("SELECT count(*) FROM customer"), 0);
}

/// What a newer pg_dump writes into a script, and what older ones wrote about plpgsql.
#[test]
fn scripts_of_other_versions_come_back_for_a_role_that_is_no_superuser() {
    let mut place = Place::new();
    let role = Role::owner(&mut place, "CREATEDB");
    place.sql(&format!("GRANT pg_signal_backend TO {0}; GRANT CREATE ON SCHEMA public TO {0}", role.name));
    place.sql(&format!("SET ROLE {}; CREATE TABLE t (i int); INSERT INTO t VALUES (1)", role.name));
    place.dump_with(&["-t", "t"], "dump.sql");
    let script = String::from_utf8(bytes(&place, "dump.sql")).unwrap();
    let more = "SET transaction_timeout = 0;\nSET a_setting_of_2030 = off;\nSET lock_timeout = 0;\n";
    let adapted = script.replacen("SET lock_timeout = 0;\n", more, 1);
    let extension = "CREATE EXTENSION IF NOT EXISTS plpgsql WITH SCHEMA pg_catalog;\n\n\n\
                     COMMENT ON EXTENSION plpgsql IS 'PL/pgSQL procedural language';\n\n\n\
                     COMMENT ON SCHEMA public IS 'standard public schema';\n\n\n\
                     SET default_tablespace = '';\n";
    let adapted = adapted.replacen("SET default_tablespace = '';\n", extension, 1);
    assert_eq!(
        adapted.len(),
        script.len() + more.len() - "SET lock_timeout = 0;\n".len() + extension.len()
            - "SET default_tablespace = '';\n".len()
    );
    place.file("other.sql", adapted);
    let ran = place.run(&["restore", "other.sql", "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.text());
    assert_eq!(place.number("SELECT count(*) FROM t"), 1);
    place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
    drop(role);
}

#[test]
fn a_dump_of_one_schema_does_not_drop_the_rows_of_others_unasked() {
    let place = Place::new();
    place.file("pgkeel.toml", "");
    place.sql(
        "CREATE TABLE t (i int); INSERT INTO t VALUES (1); CREATE SCHEMA \"Other\"; CREATE SCHEMA bare; \
         CREATE TABLE \"Other\".u (i int); INSERT INTO \"Other\".u VALUES (2); CREATE TABLE bare.v ()",
    );
    place.dump_with(&["-Fc", "-n", "public"], "n.dump");
    place.dump_with(&["-Fp", "-n", "public"], "n.sql");
    for file in ["n.dump", "n.sql"] {
        is_refused(&place, file, 3, "has no rows for `Other.u` of the live database");
    }
    let in_place = place.run(&["restore", "n.dump", "--in-place", "--no-backup", "--yes"]);
    assert!(in_place.exits(3).stderr.contains("--without-rows"), "{}", in_place.text());
    assert_eq!(place.number("SELECT i FROM \"Other\".u"), 2);
    place.run(&["restore", "n.dump", "--yes", "--without-rows"]).exits(0);
    assert_eq!(place.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'Other'"), 0);
}
