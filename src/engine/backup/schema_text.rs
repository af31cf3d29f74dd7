//! The text of a schema as pg_dump and pg_restore write it, without what differs from run to run, so that two of them can
//! be compared. Pure.

use std::collections::BTreeMap;

use crate::engine::archive::adapted::without_own_options;
use crate::engine::migrations::folder::sha256;

/// Settings of pg_dump's sessions, as `PGOPTIONS` has them. pg_dump leaves these as it finds them, a database may have its
/// own, and each changes its text: it would be another one in a new database, which has none yet.
pub const DUMP_OPTIONS: &str =
    "-c quote_all_identifiers=off -c standard_conforming_strings=on -c bytea_output=hex";

/// The text without the random keys of `\restrict`, the versions of server and program, runs of blank lines, and the
/// options that the server wrote for itself, which an older pg_dump takes for options of users.
///
/// A key is random letters and digits on a line of its own, `\restrict` before everything and `\unrestrict` after it (the
/// releases of August 2025 began to write them); only lines with the key of the first are dropped, so that no function's
/// body loses one.
pub fn normalise_schema(text: &str) -> String {
    let text = without_own_options(text);
    // In the head alone: a function's body may hold anything.
    let head = text.lines().position(|line| line.starts_with("SET ")).unwrap_or(0);
    let key = text.lines().take(head).find_map(|line| line.strip_prefix("\\restrict "));
    let restricts = |line: &str| {
        let mut words = line.split(' ');
        matches!(words.next(), Some("\\restrict" | "\\unrestrict")) && key.is_some() && words.next() == key
    };
    let says_version =
        |at: usize, line: &str| at < head && line.starts_with("-- Dumped ") && line.contains(" version ");
    let mut out = String::with_capacity(text.len());
    let mut blank = true;
    for (at, line) in text.lines().enumerate() {
        if restricts(line) || says_version(at, line) || (line.is_empty() && blank) {
            continue;
        }
        blank = line.is_empty();
        out.push_str(line);
        out.push('\n');
    }
    // The end has blank lines only where a key was.
    let end = out.trim_end_matches('\n').len();
    out.truncate(end);
    out.push('\n');
    out
}

/// What pg_dump wrote as text. A database of the encoding SQL_ASCII holds any bytes: those that are no UTF-8 are written out,
/// so that two different ones stay different.
pub fn text_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\u{fffd}{byte:02x}"));
        }
    }
    text
}

/// SHA-256 of the lines that count, whatever their order: pg_dump orders objects by name, but where they depend on one
/// another by numbers that another database does not have.
pub fn fingerprint(text: &str) -> String {
    let normalised = normalise_schema(text);
    let mut lines: Vec<&str> = counting(&normalised).collect();
    lines.sort_unstable();
    sha256(lines.join("\n").as_bytes())
}

/// The lines that only one of two texts has, as often as it has them more.
pub fn different_lines(then: &str, now: &str) -> Vec<String> {
    let (then, now) = (normalise_schema(then), normalise_schema(now));
    // `pg_dump -n public` makes the schema, which every new database has: it is not made once more.
    let made = |text: &str| counting(text).any(|line| line == CREATES_PUBLIC);
    let is_there = made(&then) && !made(&now);
    let of_public = |line: &str| is_there && OF_PUBLIC.iter().any(|begin| line.starts_with(begin));
    let mut found: BTreeMap<&str, i64> = BTreeMap::new();
    for line in counting(&then).filter(|line| !of_public(line)) {
        *found.entry(line).or_default() += 1;
    }
    for line in counting(&now).filter(|line| !of_public(line)) {
        *found.entry(line).or_default() -= 1;
    }
    let told = |(line, count): (&str, i64)| match count {
        0 => None,
        1.. => Some(format!("missing `{line}`")),
        ..0 => Some(format!("too much `{line}`")),
    };
    found.into_iter().filter_map(told).collect()
}

/// The lines that say something of the schema. The name after REFRESH may hold line breaks: then a quote is open at the
/// end of the line.
fn counting(text: &str) -> impl Iterator<Item = &str> {
    let mut is_open = false;
    text.lines().filter(move |line| {
        let goes_on = is_open;
        let odd = line.matches('"').count() % 2 == 1;
        is_open = if goes_on { !odd } else { odd && line.starts_with(REFRESH) };
        !goes_on && counts(line)
    })
}

const CREATES_PUBLIC: &str = "CREATE SCHEMA public;";
/// The lines about it.
const OF_PUBLIC: [&str; 6] = [
    CREATES_PUBLIC,
    "ALTER SCHEMA public OWNER TO ",
    "COMMENT ON SCHEMA public IS 'standard public schema';",
    "-- *not* creating schema, since initdb creates it",
    "-- Name: public; Type: SCHEMA;",
    "-- Name: SCHEMA public; Type: COMMENT;",
];

const REFRESH: &str = "REFRESH MATERIALIZED VIEW ";

/// Whether a line says something of the schema. pg_restore calls the filling of materialised views schema, pg_dump does
/// not; and both set defaults only where they differ from the object before.
fn counts(line: &str) -> bool {
    !(line.is_empty()
        || line == "--"
        || line.starts_with("SET default_")
        || line.starts_with(REFRESH)
        || (line.starts_with("-- Name: ") && line.contains("; Type: MATERIALIZED VIEW DATA; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_bytes_stay_different() {
        assert_eq!(text_of("größe".as_bytes()), "größe");
        assert_ne!(text_of(b"a\xff"), text_of(b"a\xfe"));
        assert_ne!(text_of(b"\xc3"), text_of(b"\xc3\xc3"));
    }

    #[test]
    fn the_order_of_lines_is_no_difference() {
        let check = |then: &str, now: &str, different: &[&str]| {
            assert_eq!(different_lines(then, now), different);
            assert_eq!(fingerprint(then) == fingerprint(now), different.is_empty());
        };
        check("a\nb\n\n--\n", "b\na\n", &[]);
        check("a\nb\nb", "a\nb\nc", &["missing `b`", "too much `c`"]);
        check("a\nREFRESH MATERIALIZED VIEW \"s\nt\".\"v\n\n\";\nb\n", "a\nb\n", &[]);
        check("a\nREFRESH MATERIALIZED VIEW public.\"m\nv\";\nb\n", "a\nb\n", &[]);
        check("a\nREFRESH MATERIALIZED VIEW public.v;\n", "SET default_tablespace = '';\na\n", &[]);
    }

    #[test]
    fn a_number_of_the_servers_own_is_no_difference_and_an_option_of_a_user_is() {
        let dumped = |options: &str| {
            format!(
                "SET x = 0;\nCREATE TABLE t (i int);\n\n\nALTER TABLE ONLY t ALTER COLUMN i SET ({options});\n\n\nEND;\n"
            )
        };
        let none = "SET x = 0;\nCREATE TABLE t (i int);\n\nEND;\n";
        assert_eq!(different_lines(&dumped("pg_attver=1"), &dumped("pg_attver=2")), [""; 0]);
        assert_eq!(fingerprint(&dumped("pg_attver=1")), fingerprint(none));
        assert_eq!(
            different_lines(&dumped("pg_attver=1, n_distinct=5"), &dumped("pg_attver=2")),
            ["missing `ALTER TABLE ONLY t ALTER COLUMN i SET (n_distinct=5);`"]
        );
    }

    #[test]
    fn what_differs_from_run_to_run_is_dropped_and_nothing_else() {
        let text = "--\n-- PostgreSQL database dump\n--\n\n\\restrict AbC123\n\n-- Dumped from database version 15.18 (Debian)\n\
                    -- Dumped by pg_dump version 15.18\n\nSET statement_timeout = 0;\n\n\n\
                    CREATE FUNCTION f() RETURNS text AS $$\n-- Dumped from database version 1\n\\restrict other\n$$;\n\n\n\
                    --\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict AbC123\n\n";
        let expected = "--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n\n\
                        CREATE FUNCTION f() RETURNS text AS $$\n-- Dumped from database version 1\n\\restrict other\n$$;\n\n\
                        --\n-- PostgreSQL database dump complete\n--\n";
        assert_eq!(normalise_schema(text), expected);
        let older = text.replace("\\restrict AbC123\n\n", "").replace("\n\\unrestrict AbC123\n", "");
        assert_eq!(normalise_schema(&older), expected);
    }
}
