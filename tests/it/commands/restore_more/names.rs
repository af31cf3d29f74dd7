//! Names that hold line breaks, tabs, backslashes and quotes, of every kind of object.

use diesel::connection::SimpleConnection;

use super::odd::Own;
use crate::support::cluster::private_cluster;
use crate::support::restored::Place;

/// Objects of many kinds, each of them named like this.
fn objects(name: &str) -> String {
    let one = name.replace('"', "\"\"");
    let literal = name.replace('\'', "''");
    let quoted = one.replace('\'', "''");
    format!(
        "CREATE SCHEMA \"{one}\"; SET search_path = \"{one}\"; \
         CREATE TABLE \"{one}\" (\"{one}\" int PRIMARY KEY, other text DEFAULT '{literal}', CONSTRAINT \"c{one}\" CHECK (\"{one}\" > 0)); \
         INSERT INTO \"{one}\" VALUES (1, '{literal}'), (2, NULL), (3, E'a\\nb\\\\.'); \
         CREATE SEQUENCE \"s{one}\"; SELECT setval('\"s{quoted}\"', 42); \
         CREATE INDEX \"i{one}\" ON \"{one}\" (other); \
         CREATE VIEW \"v{one}\" AS SELECT * FROM \"{one}\"; \
         CREATE MATERIALIZED VIEW \"m{one}\" AS SELECT * FROM \"{one}\"; \
         CREATE TYPE \"e{one}\" AS ENUM ('{literal}'); \
         CREATE FUNCTION \"f{one}\"() RETURNS int LANGUAGE sql AS 'SELECT 1'; \
         CREATE TABLE \"p{one}\" (\"{one}\" int) PARTITION BY LIST (\"{one}\"); \
         CREATE TABLE \"q{one}\" PARTITION OF \"p{one}\" DEFAULT; INSERT INTO \"p{one}\" VALUES (7); \
         COMMENT ON TABLE \"{one}\" IS '{literal}'; RESET search_path;"
    )
}

const NAMES: [&str; 9] = [
    "line\nbreak",
    "carriage\r\nreturn",
    "\n",
    "tab\tand \\ and ' and =",
    "-dash \"quoted\"",
    "COPY x FROM stdin;\n\\.\n-- é",
    "SELECT pg_catalog.setval('\n",
    "\\restrict x\n\\connect y",
    "ääääääääääääääääääääääääääääää",
];

#[test]
fn objects_of_any_name_come_back() {
    let own = Own::new(private_cluster(), "shop", "");
    for name in NAMES {
        own.sql(&objects(name));
    }
    own.there_and_back(
        "DROP SCHEMA \"line\nbreak\" CASCADE; DELETE FROM \"\n\".\"\n\"; CREATE TABLE late (id int)",
    );
    own.project.run(&["backup"]).exits(0);
    let before = own.contents();
    own.sql("DROP SCHEMA \"-dash \"\"quoted\"\"\" CASCADE; CREATE TABLE \"late\n\" (id int)");
    own.project.run(&["restore", "latest", "--in-place", "--no-backup", "--yes"]).exits(0);
    let own_tables = |text: &str| text.lines().filter(|line| line.contains("pgkeel")).count();
    let after = own.contents();
    assert!(own_tables(&after) >= own_tables(&before));
    for name in NAMES {
        let quoted = name.replace('"', "\"\"");
        assert_eq!(own.words(&format!("SELECT count(*) FROM \"{quoted}\".\"{quoted}\"")), "3", "{name:?}");
        assert_eq!(
            own.words(&format!("SELECT last_value FROM \"{quoted}\".\"s{quoted}\"")),
            "42",
            "{name:?}"
        );
    }
    let ran = own.project.run(&["restore", "latest", "--tables", "line\nbreak.line\nbreak", "--json"]);
    assert_eq!(ran.exits(0).json()["tables"][0]["rowsThere"], 3, "{}", ran.text());
    let shown = own.project.run(&["backup", "show", "latest", "--json"]);
    let tables = shown.exits(0).json().to_string();
    assert!(tables.contains("line\\nbreak"), "{tables}");
    own.project.run(&["backup", "show", "latest"]).exits(0);
    own.project.run(&["backup", "list"]).exits(0);
}

#[test]
fn an_encrypted_backup_of_objects_of_any_name_comes_back() {
    let place = Place::new();
    let public = crate::support::restored::key(&place);
    for name in NAMES {
        place.sql(&objects(name));
    }
    let before = place.contents(&place.db.name);
    place.run(&["backup", "--encrypt-to", &public]).exits(0);
    place.run(&["backup", "verify", "--level", "3", "--identity", "key.txt"]).exits(0);
    place.sql("DROP SCHEMA \"\n\" CASCADE");
    place.run(&["restore", "--yes", "--identity", "key.txt"]).exits(0);
    assert_eq!(place.contents(&place.db.name), before);
}

#[test]
fn databases_and_roles_whose_names_hold_line_breaks_come_back() {
    let mut cluster = private_cluster();
    let mut admin = cluster.connect("postgres");
    if let Err(refused) = admin.batch_execute("CREATE ROLE \"ro\nle\"") {
        // PostgreSQL 19 and later.
        assert!(refused.to_string().contains("role name"), "{refused}");
        return;
    }
    for name in ["line\nbreak", "carriage\rreturn"] {
        let own = Own::new(cluster, name, "");
        own.sql("CREATE TABLE t (id int); INSERT INTO t VALUES (1); ALTER TABLE t OWNER TO \"ro\nle\"");
        let ran = own.project.run(&["backup"]);
        assert_eq!(ran.code, 0, "{name:?}: {}", ran.text());
        own.sql("DELETE FROM t");
        for words in [
            &["restore", "--yes"][..],
            &["restore", "--undo", "--yes"],
            &["restore", "--redo", "--yes"],
            &["restore", "--list"],
            &["status"],
            &["restore", "--in-place", "--no-backup", "--yes"],
            &["restore", "--into", "the\ncopy"],
            &["restore", "--drop-quarantine", "--yes"],
        ] {
            let ran = own.project.run(words);
            assert_eq!(ran.code, 0, "{name:?} {words:?}: {}", ran.text());
        }
        assert_eq!(own.words("SELECT count(*) FROM t"), "1");
        assert_eq!(own.words("SELECT tableowner FROM pg_tables WHERE tablename = 't'"), "ro\nle");
        cluster = own.cluster;
        cluster.connect("postgres").batch_execute("DROP DATABASE \"the\ncopy\"").unwrap();
    }
}
