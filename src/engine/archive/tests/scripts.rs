//! Scripts: what pg_dump may put into one to mislead a reader of lines.

use super::*;
use crate::engine::archive::script::Script;

fn read(text: &str) -> Script {
    script::read(&mut text.as_bytes(), Compression::None).unwrap()
}

const COMPLETE: &str = "--\n-- PostgreSQL database dump complete\n--\n\n";

fn tables(script: &Script) -> Vec<(Option<&str>, &str, u64)> {
    script.tables.iter().map(|t| (t.schema.as_deref(), t.name.as_str(), t.content.rows)).collect()
}

#[test]
fn only_the_end_makes_it_complete() {
    let check = |text: &str, complete| assert_eq!(read(text).complete, complete, "{text}");
    check(COMPLETE, true);
    check("", false);
    check("SELECT 1;\n", false);
    check(&format!("SELECT 1;\n{COMPLETE}"), true);
    check(&format!("SELECT 1;\n{COMPLETE}SELECT 2;\n"), false);
    check(&format!("COPY t (a) FROM stdin;\n1\n\\.\n\n{COMPLETE}"), true);
    check(&format!("COPY t (a) FROM stdin;\n1\n{COMPLETE}"), false);
    check(&format!("{COMPLETE}COPY t (a) FROM stdin;\n\\.\n"), false);
    check(&format!("SELECT $$\n{COMPLETE}"), false);
    check(&format!("SELECT $$\n{COMPLETE}$$;\n"), false);
    check(&format!("SELECT 1\n{COMPLETE}"), false);
    check(&format!("/*\n{COMPLETE}*/"), false);
    check(" -- PostgreSQL database dump complete\n", false);
    check("-- PostgreSQL database dump complete", false);
}

#[test]
fn restrict_wants_its_end_too() {
    let check = |text: String, complete| {
        let script = read(&text);
        assert!(script.restricted);
        assert_eq!(script.complete, complete, "{text}");
    };
    check(format!("\\restrict key\n\nSELECT 1;\n{COMPLETE}\\unrestrict key\n\n"), true);
    check(format!("\\restrict key\n{COMPLETE}"), false);
    check(format!("\\restrict key\n{COMPLETE}\\unrestrict ke\n"), false);
    check(format!("\\restrict key\n{COMPLETE}\\unrestrict key\n\\! ls\n"), false);
    check(
        format!("\\restrict k\n\\unrestrict k\n\\connect x\n\\restrict k\n{COMPLETE}\\unrestrict k\n"),
        true,
    );
    check(format!("\\restrict k\n\\unrestrict k\n\\connect x\n\\restrict k\n{COMPLETE}"), false);
}

#[test]
fn rows_are_those_of_real_copies_only() {
    let text = "\
COPY public.\"A \"\"B\"\".c\" (a) FROM stdin;\n1\n\n\\\\.\nCOPY x FROM stdin;\n\\.\n\n\
CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $_$\nSELECT '\n\
COPY public.trap (a) FROM stdin;\n1\n\\.\n'$_$;\n\
COPY plain FROM stdin;\n\\.\n\
SELECT '\nCOPY public.trap (a) FROM stdin;\n1\n\\.\n';\n\
COPY s.t (a) FROM stdin;\n1\n2\n\\.\n";
    let script = read(&format!("{text}{COMPLETE}"));
    assert_eq!(tables(&script), [(Some("public"), "A \"B\".c", 4), (None, "plain", 0), (Some("s"), "t", 2)]);
    assert!(script.complete);
}

#[test]
fn a_copy_right_after_a_long_function_is_noticed_in_time() {
    for length in [10, 100, 1000, 5000, 40_000] {
        let body = "  SELECT 1; -- a line\n".repeat(length / 20);
        let text = format!(
            "SELECT 1;\nCREATE FUNCTION f() AS $$\n{body}$$;\nCOPY s.t (a) FROM stdin;\nit's\n$$\n\\.\n{COMPLETE}"
        );
        let script = read(&text);
        assert_eq!(tables(&script), [(Some("s"), "t", 2)], "{length}");
        assert!(script.complete);
    }
}

#[test]
fn a_copy_that_pg_dump_does_not_write_is_not_guessed_at() {
    for text in [
        "COPY t\n  FROM\nstdin;\n1\n\\.\n",
        "COPY t FROM stdin; \n1\n\\.\n",
        "COPY (SELECT 1) FROM stdin;\n\\.\n",
    ] {
        let error = script::read(&mut text.as_bytes(), Compression::None).unwrap_err();
        assert!(matches!(error, ArchiveError::NotOurScript { .. }), "{error}");
    }
}

#[test]
fn a_name_with_line_breaks_is_read_as_it_is() {
    let copy =
        "COPY \"s\nCOPY x (a) FROM stdin;\n\".\"t\n FROM stdin;\n\" (\"a\nb\") FROM stdin;\n1\n2\n\\.\n";
    let script = read(&format!("{copy}SELECT 1;\nCOPY t (a) FROM stdin;\n\\.\n"));
    let tables: Vec<_> = script
        .tables
        .iter()
        .map(|one| (one.schema.as_deref(), one.name.as_str(), one.content.rows))
        .collect();
    assert_eq!(tables, [(Some("s\nCOPY x (a) FROM stdin;\n"), "t\n FROM stdin;\n", 2), (None, "t", 0)]);
}

#[test]
fn insert_commands_and_create_database_are_seen() {
    let script = read(
        "CREATE DATABASE x;\n\\connect x\nINSERT INTO t VALUES ('a;\nINSERT');\ninsert into t values (1);\n",
    );
    assert_eq!((script.inserts, script.creates_database, script.connects), (2, true, true));
    let script = read("CREATE TABLE t (a text DEFAULT 'CREATE DATABASE x; \\connect x');\n");
    assert!(!script.creates_database && !script.connects);
}

#[test]
fn any_encoding_and_any_length_of_line_will_do() {
    let mut latin =
        b"COPY public.caf\xe9 (a) FROM stdin;\n\xe9t\xe9\n\\.\nINSERT INTO t VALUES ('\xe9".to_vec();
    latin.extend(vec![b'x'; 3 << 20]);
    latin.extend(b"');\n");
    latin.extend(COMPLETE.as_bytes());
    let script = script::read(&mut &*latin, Compression::None).unwrap();
    assert!(script.complete);
    assert_eq!((script.inserts, script.tables[0].content.rows), (1, 1));
    let mut sum = DigestSum::default();
    sum.add_line(b"\xe9t\xe9");
    assert_eq!(script.tables[0].content.digest, sum.finish(), "the digest is of the bytes as they are");
}

#[test]
fn a_compressed_script_is_read_and_a_cut_one_is_an_error() {
    let packed = zstd::encode_all(SCRIPT, 1).unwrap();
    assert!(script::read(&mut &*packed, Compression::Zstd).unwrap().complete);
    let cut = &packed[..packed.len() / 2];
    assert!(matches!(script::read(&mut &*cut, Compression::Zstd), Err(ArchiveError::Ended { .. })));
}
