//! Extensions: configuration tables that an extension's own script fills, and members that stay when a backup is restored in
//! place.

use std::path::PathBuf;

use super::{Hard, Who};
use crate::support::restored::Place;
use crate::support::skipped::skipped;

/// An extension whose script fills a part of its configuration table, as that of PostGIS does.
struct Extension(Vec<PathBuf>);

const FILLED: &str = "CREATE TABLE pgkeel_filled (id int PRIMARY KEY, own boolean DEFAULT true);\n\
     INSERT INTO pgkeel_filled SELECT g, false FROM generate_series(1, 50) g;\n\
     SELECT pg_catalog.pg_extension_config_dump('pgkeel_filled', 'WHERE own');\n";

/// As that of PostGIS's topology: the table that comes first by its name refers to the other.
const LINKED: &str = "CREATE TABLE pgkeel_topology (id serial PRIMARY KEY, word text);\n\
     CREATE TABLE pgkeel_layer (topology int REFERENCES pgkeel_topology, id int);\n\
     SELECT pg_catalog.pg_extension_config_dump('pgkeel_topology', '');\n\
     SELECT pg_catalog.pg_extension_config_dump('pgkeel_layer', '');\n";

impl Extension {
    /// `None` where the server's files cannot be written.
    fn new(place: &Place, extension: &str, script: &str) -> Option<Self> {
        let share = PathBuf::from(place.words("SELECT setting FROM pg_config WHERE name = 'SHAREDIR'"));
        let files = [
            ("control", "default_version = '1.0'\nrelocatable = false\nschema = public\ntrusted = true\n"),
            ("sql", script),
        ];
        let mut written = Vec::new();
        for (kind, text) in files {
            let name = match kind {
                "control" => format!("{extension}.control"),
                _ => format!("{extension}--1.0.sql"),
            };
            let path = share.join("extension").join(name);
            if std::fs::write(&path, text).is_err() {
                skipped("an extension with a configuration table");
                return None;
            }
            written.push(path);
        }
        Some(Self(written))
    }
}

impl Drop for Extension {
    fn drop(&mut self) {
        for path in &self.0 {
            drop(std::fs::remove_file(path));
        }
    }
}

#[test]
fn rows_that_an_extension_fills_in_are_no_difference() {
    let Some(_extension) = Extension::new(&Place::new(), "pgkeel_filled", FILLED) else { return };
    for who in [Who::Superuser, Who::SuperuserForOwner, Who::SuperuserInPlace] {
        let hard = Hard::new(who, &["pgkeel_filled"], "CREATE TABLE t (i int); INSERT INTO t VALUES (1)");
        hard.place.sql("INSERT INTO pgkeel_filled VALUES (100), (101)");
        hard.goes_round();
        hard.place.run(&["backup", "verify", "latest", "--level", "3"]).exits(0);
        assert_eq!(
            hard.place.words("SELECT count(*) || ' ' || sum(id) FROM pgkeel_filled"),
            "52 1476",
            "{who:?}"
        );
        hard.place.sql("DELETE FROM pgkeel_filled WHERE own");
        hard.restore(0);
        assert_eq!(hard.place.number("SELECT count(*) FROM pgkeel_filled"), 52, "{who:?}");
        hard.place.sql("DROP EXTENSION pgkeel_filled");
        hard.restore(0);
        assert_eq!(hard.place.number("SELECT count(*) FROM pgkeel_filled"), 52, "{who:?}");
    }
}

#[test]
fn rows_alone_of_configuration_tables_come_back() {
    let Some(_extension) = Extension::new(&Place::new(), "pgkeel_alone", &FILLED.replace("filled", "alone"))
    else {
        return;
    };
    let hard =
        Hard::new(Who::Superuser, &["pgkeel_alone"], "CREATE TABLE t (i int); INSERT INTO t VALUES (1)");
    hard.place.sql("INSERT INTO pgkeel_alone VALUES (100), (101)");
    hard.place.run(&["backup", "--data-only", "--label", "rows"]).exits(0);
    hard.place.sql("DELETE FROM pgkeel_alone WHERE own; DELETE FROM t");
    hard.place.run(&["restore", "rows", "--yes"]).exits(0);
    assert_eq!(
        hard.place
            .words("SELECT count(*) || ' ' || sum(id) || ' ' || (SELECT count(*) FROM t) FROM pgkeel_alone"),
        "52 1476 1"
    );
}

/// Several jobs fill them in no fixed order, while their foreign keys are there.
#[test]
fn configuration_tables_that_refer_to_each_other_come_back() {
    let Some(_extension) = Extension::new(&Place::new(), "pgkeel_linked", LINKED) else { return };
    for who in [Who::Superuser, Who::SuperuserInPlace] {
        let hard = Hard::new(who, &["pgkeel_linked"], "CREATE TABLE t (i int)");
        hard.place.sql(
            "INSERT INTO pgkeel_topology (word) SELECT repeat('x', 100) FROM generate_series(1, 50000); \
             INSERT INTO pgkeel_layer VALUES (50000, 1)",
        );
        hard.backup();
        for jobs in ["2", "1"] {
            hard.place.run(&["backup", "verify", "latest", "--level", "2", "--jobs", jobs]).exits(0);
        }
        hard.restore(0);
        hard.place.sql("INSERT INTO pgkeel_topology (word) VALUES ('next')");
        assert_eq!(hard.place.number("SELECT max(id) FROM pgkeel_topology"), 50_001, "{who:?}");
    }
}

#[test]
fn what_an_extension_brings_stays_in_place() {
    // Composite and base types, casts, wrappers, access methods, templates for text search.
    let extensions = [
        "tablefunc",
        "hstore",
        "citext",
        "postgres_fdw",
        "bloom",
        "dict_int",
        "unaccent",
        "btree_gist",
        "cube",
    ];
    let hard = Hard::new(
        Who::SuperuserInPlace,
        &extensions,
        "CREATE TABLE t (i int, h hstore, c citext); INSERT INTO t VALUES (1, 'a=>1', 'C'); \
         CREATE INDEX t_bloom ON t USING bloom (i); CREATE TYPE pair AS (a int, b int); \
         CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw; CREATE TEXT SEARCH DICTIONARY ints (TEMPLATE = intdict_template)",
    );
    hard.goes_round();
}

#[test]
fn what_only_superusers_make_is_replaced_in_place() {
    let hard = Hard::new(
        Who::SuperuserInPlace,
        &[],
        "CREATE TYPE shade AS ENUM ('dark'); CREATE FUNCTION to_int(shade) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'; \
         CREATE CAST (shade AS int) WITH FUNCTION to_int(shade) AS ASSIGNMENT; \
         CREATE CAST (int AS shade) WITH INOUT; \
         CREATE FOREIGN DATA WRAPPER nothing; \
         CREATE ACCESS METHOD heap_again TYPE TABLE HANDLER heap_tableam_handler; \
         CREATE TEXT SEARCH TEMPLATE simple_again (INIT = dsimple_init, LEXIZE = dsimple_lexize); \
         CREATE TEXT SEARCH DICTIONARY again (TEMPLATE = simple_again); \
         CREATE FUNCTION seen() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; \
         CREATE EVENT TRIGGER seen ON ddl_command_end EXECUTE FUNCTION seen(); \
         CREATE TABLE t (i int) USING heap_again; INSERT INTO t VALUES (1)",
    );
    hard.goes_round();
    assert_eq!(hard.place.number("SELECT count(*) FROM t"), 1);
}
