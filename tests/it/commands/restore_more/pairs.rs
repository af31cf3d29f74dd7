//! Programs of one version with a server of another: what a backup accepts is verified and restored. Tests that need a
//! second version take its programs from `TEST_CLIENT_BIN`, and say so where there are none.

use std::io::Write;
use std::path::PathBuf;

use crate::support::cluster::variable;
use crate::support::restored::{Place, key};

/// Options of users, odd names, and a body that looks like what is left out of it.
const SCHEMA: &str = r#"
    ALTER TABLE customers ALTER name SET (n_distinct = -0.5, n_distinct_inherited = 5);
    CREATE TABLE "Odd ""t" (id int PRIMARY KEY, "B c" text); ALTER TABLE "Odd ""t" ALTER "B c" SET (n_distinct = 7);
    INSERT INTO "Odd ""t" VALUES (1, E'ALTER TABLE ONLY public.customers ALTER COLUMN name SET (pg_attver=1);\n');
    CREATE MATERIALIZED VIEW "m
v" AS SELECT id, name AS "b
c" FROM customers; ALTER MATERIALIZED VIEW "m
v" ALTER "b
c" SET (n_distinct = 9);
    CREATE TABLE part (a int) PARTITION BY LIST (a); CREATE TABLE part_1 PARTITION OF part FOR VALUES IN (1);
    CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT '
ALTER TABLE ONLY public.customers ALTER COLUMN name SET (pg_attver=1);
' $$;
"#;

/// What must be the same in every copy.
const SAME: &str = "SELECT count(*) FROM pg_attribute a WHERE (SELECT array_agg(o ORDER BY o) FROM unnest(attoptions) o \
     WHERE o !~ '^pg_attver=') = '{n_distinct=-0.5,n_distinct_inherited=5}' AND attrelid = 'customers'::regclass \
     AND f() ~ 'pg_attver=1' AND EXISTS (SELECT FROM \"Odd \"\"t\" WHERE \"B c\" ~ 'pg_attver=1')";

fn place() -> Place {
    let place = Place::shop();
    place.sql(SCHEMA);
    place
}

/// Numbers as a server since CVE-2026-6460 writes them, on one that does not write its own. pg_dump of such a server takes
/// them for options of users.
fn numbered(place: &Place) {
    let own = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'customers'::regclass AND attoptions::text ~ 'pg_attver'";
    if place.number(own) == 0 {
        place.sql(
            "UPDATE pg_attribute SET attoptions = ARRAY['pg_attver=' || 26496440 + attrelid::int] || attoptions \
             FROM pg_class c WHERE c.oid = attrelid AND relnamespace = 'public'::regnamespace AND attnum > 0 AND relkind <> 'i'",
        );
    }
}

/// Every layout of a backup, and every way back.
#[track_caller]
fn goes_round(place: &Place) {
    let public = key(place);
    let identity: &[&str] = &["--identity", "key.txt"];
    for (take, more) in
        [(&[] as &[&str], &[] as &[&str]), (&["--plain"], &[]), (&["--encrypt-to", &public], identity)]
    {
        let run = |arguments: &[&str], more: &[&str]| {
            let ran = place.run(&[arguments, more].concat());
            assert_eq!(ran.code, 0, "{take:?} {arguments:?}: {}", ran.text());
        };
        run(&["backup"], take);
        run(&["backup", "verify", "latest", "--level", "2"], more);
        run(&["backup", "verify", "latest", "--level", "3"], more);
        run(&["restore", "latest", "--yes"], more);
        assert_eq!(place.number(SAME), 1);
        run(&["restore", "latest", "--tables", "customers", "--yes"], more);
        if take != ["--plain"] {
            run(&["restore", "latest", "--in-place", "--no-backup", "--yes"], more);
            assert_eq!(place.number(SAME), 1);
        }
    }
}

#[test]
fn numbers_that_the_server_wrote_for_itself_are_not_restored_as_options() {
    let place = place();
    numbered(&place);
    goes_round(&place);
}

#[test]
fn a_script_with_settings_and_options_of_another_version_is_restored() {
    let place = place();
    let script = "--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 14.25\n-- Dumped by pg_dump version 14.23\n\n\
        SET statement_timeout = 0;\nSET escape_string_warning = off;\nSET setting_of_a_later_version = 0;\n\n\
        CREATE TABLE public.customers (\n    id integer,\n    name text\n);\n\n\n\
        ALTER TABLE ONLY public.customers ALTER COLUMN id SET (pg_attver=26496440);\n\
        ALTER TABLE ONLY public.customers ALTER COLUMN name SET (pg_attver=26496440, n_distinct=-0.5, n_distinct_inherited=5);\n\n\n\
        CREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS $$ SELECT '\n\
        ALTER TABLE ONLY public.customers ALTER COLUMN name SET (pg_attver=1);\n' $$;\n\n\n\
        CREATE TABLE public.odd (\n    a text\n);\n\n\n\
        COPY public.odd (a) FROM stdin;\n\
        ALTER TABLE ONLY public.customers ALTER COLUMN name SET (pg_attver=1);\n\\.\n\n\n\
        --\n-- PostgreSQL database dump complete\n--\n\n";
    place.file("script.sql", script);
    let ran = place.run(&["restore", "./script.sql", "--without-rows", "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.text());
    let same = SAME.replace("\"Odd \"\"t\" WHERE \"B c\"", "odd WHERE a");
    assert_eq!(place.number(&same), 1);
}

/// The programs of another version. Without them nothing is tried, which is said past the harness, and never in silence.
fn others() -> Option<PathBuf> {
    let others = variable("TEST_CLIENT_BIN").map(PathBuf::from);
    if others.is_none() {
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        writeln!(
            std::io::stderr(),
            "not tried, TEST_CLIENT_BIN names no programs of another version: {test}"
        )
        .ok();
    }
    others
}

#[test]
fn programs_of_another_version_verify_and_restore_what_they_back_up() {
    let Some(others) = others() else { return };
    let mut place = place();
    place.set("PGKEEL_PG_BIN", &others.display().to_string());
    goes_round(&place);
}
