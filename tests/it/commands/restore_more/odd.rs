//! Databases that are not like others: their names, encodings, settings and objects.

use diesel::connection::SimpleConnection;
use pgkeel::pg::url::DatabaseUrl;

use crate::support::cluster::{PrivateCluster, private_cluster, variable, words};
use crate::support::project::Project;
use crate::support::restored::{Place, dump_of};

/// A project whose database is one of a server of its own.
pub(super) struct Own {
    pub(super) cluster: PrivateCluster,
    pub(super) project: Project,
    pub(super) name: String,
}

impl Own {
    pub(super) fn new(cluster: PrivateCluster, name: &str, options: &str) -> Self {
        let quoted = name.replace('"', "\"\"");
        cluster
            .connect("postgres")
            .batch_execute(&format!("CREATE DATABASE \"{quoted}\" {options}"))
            .unwrap();
        let url = DatabaseUrl::parse(&cluster.running.url("postgres")).unwrap().with_database(name);
        // In the environment of somebody who looks at an old database.
        let project = Project::new().url(url.uri().expose()).env("PGCLIENTENCODING", "LATIN9");
        project.file("pgkeel.toml", "");
        Self { cluster, project, name: name.to_owned() }
    }

    fn url(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.cluster.running.url("postgres")).unwrap().with_database(&self.name)
    }

    fn connect(&self) -> diesel::PgConnection {
        diesel::Connection::establish(self.url().conninfo().expose()).unwrap()
    }

    pub(super) fn sql(&self, sql: &str) {
        self.connect().batch_execute(sql).unwrap();
    }

    pub(super) fn words(&self, sql: &str) -> String {
        words(&mut self.connect(), &format!("SELECT ({sql})::text AS value"))
    }

    pub(super) fn contents(&self) -> String {
        dump_of(&self.url(), &[])
    }

    /// Backed up, proved, damaged, brought back, all of it the same.
    #[track_caller]
    pub(super) fn there_and_back(&self, damage: &str) {
        let before = self.contents();
        for form in [&["backup"][..], &["backup", "--plain"]] {
            self.project.run(form).exits(0);
            self.project.run(&["backup", "verify", "latest", "--level", "3"]).exits(0);
            self.sql(damage);
            self.project.run(&["restore", "latest", "--yes"]).exits(0);
            let after = self.contents();
            for (found, wanted) in after.lines().zip(before.lines()) {
                assert_eq!(found, wanted, "{}", self.name);
            }
            assert_eq!(after.lines().count(), before.lines().count(), "{}", self.name);
        }
    }
}

#[test]
fn whatever_a_database_is_called_it_comes_back() {
    let long = "n".repeat(63);
    let mut cluster = private_cluster();
    for name in ["../a=b", "it's \"so\" %25", &long, "магазин", r"-d dbname=x\y"] {
        let own = Own::new(cluster, name, "");
        let Own { project, .. } = &own;
        project.migration(
            "20250101000000_shop",
            "CREATE TABLE t (id int); INSERT INTO t VALUES (1);",
            "DROP TABLE t;",
        );
        project.run(&["deploy"]).exits(0);
        let taken = project.run(&["backup"]);
        assert_eq!(taken.code, 0, "{name}: {}", taken.text());
        own.sql("DELETE FROM t");
        let restored = project.run(&["restore", "--yes"]);
        assert_eq!(restored.code, 0, "{name}: {}", restored.text());
        assert_eq!(own.words("SELECT count(*) FROM t"), "1", "{name}");
        project.migration("20250102000000_later", "CREATE TABLE later ();", "DROP TABLE later;");
        project.run(&["deploy"]).exits(0);
        let back = project.run(&["rollback", "--to-backup", "latest", "--yes"]);
        assert_eq!(back.code, 0, "{name}: {}", back.text());
        project.run(&["status"]).exits(4);
        project.run(&["restore", "--undo", "--yes"]).exits(0);
        project.run(&["status"]).exits(0);
        let in_place = project.run(&["restore", "--in-place", "--no-backup", "--yes"]);
        assert_eq!(in_place.code, 0, "{name}: {}", in_place.text());
        project.run(&["restore", "--into", "the copy"]).exits(0);
        project.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
        assert_eq!(own.words("SELECT count(*) FROM pg_database"), "5", "{name}");
        cluster = own.cluster;
        let quoted = name.replace('"', "\"\"");
        let mut admin = cluster.connect("postgres");
        admin.batch_execute(&format!("DROP DATABASE \"{quoted}\" WITH (FORCE)")).unwrap();
        admin.batch_execute("DROP DATABASE \"the copy\"").unwrap();
    }
}

#[test]
fn text_of_other_encodings_comes_back() {
    let cluster = private_cluster();
    for (name, options, setup) in [
        (
            "latin1",
            "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
            "CREATE TABLE \"größe\" (\"länge\" text); INSERT INTO \"größe\" VALUES ('naïve'), ('ÿ'), (U&'\\00A0'); \
             CREATE VIEW \"höhe\" AS SELECT 'été' AS \"été\"; CREATE SEQUENCE \"zähler\"",
        ),
        (
            "sql_ascii",
            "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
            "CREATE TABLE words (word text); INSERT INTO words VALUES ('naïve'), ('plain'), (chr(255) || chr(128))",
        ),
        (
            "euc_jp",
            "ENCODING 'EUC_JP' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
            "CREATE TABLE \"表\" (\"列\" text); INSERT INTO \"表\" VALUES ('日本語')",
        ),
    ] {
        let own = Own::new(private_or(&cluster), name, options);
        own.sql(setup);
        let table = if name == "latin1" {
            "\"größe\""
        } else if name == "euc_jp" {
            "\"表\""
        } else {
            "words"
        };
        own.there_and_back(&format!("DELETE FROM {table}"));
    }
}

/// One server each: the value owns it.
fn private_or(_other: &PrivateCluster) -> PrivateCluster {
    private_cluster()
}

#[test]
fn a_database_with_its_own_locale_keeps_it() {
    let own = Own::new(private_cluster(), "c", "LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    own.sql("CREATE TABLE words (word text PRIMARY KEY); INSERT INTO words VALUES ('b'), ('B'), ('ä')");
    own.there_and_back("DELETE FROM words");
    assert_eq!(own.words("SELECT datcollate FROM pg_database WHERE datname = current_database()"), "C");
    if own.words("SELECT count(*) FROM pg_collation WHERE collprovider = 'i'") == "0"
        || own.words("SELECT current_setting('server_version_num')::int >= 150000") == "false"
    {
        crate::support::skipped::skipped("a database with a locale of ICU");
        return;
    }
    let own = Own::new(own.cluster, "icu", "LOCALE_PROVIDER icu ICU_LOCALE 'de' TEMPLATE template0");
    own.sql("CREATE TABLE words (word text PRIMARY KEY); INSERT INTO words VALUES ('b'), ('B'), ('ä')");
    own.there_and_back("DELETE FROM words");
    assert_eq!(own.words("SELECT datlocprovider FROM pg_database WHERE datname = current_database()"), "i");
}

const SETTINGS: [&str; 20] = [
    "quote_all_identifiers = on",
    "default_transaction_read_only = on",
    "DateStyle = 'German'",
    "IntervalStyle = 'iso_8601'",
    "TimeZone = 'Asia/Tokyo'",
    "bytea_output = 'escape'",
    "extra_float_digits = 0",
    "standard_conforming_strings = off",
    "search_path = '\"nowhere\"'",
    "statement_timeout = '2s'",
    "lock_timeout = '1s'",
    "row_security = off",
    "default_transaction_isolation = 'serializable'",
    "client_min_messages = 'error'",
    "array_nulls = off",
    "transform_null_equals = on",
    "xmloption = 'document'",
    "check_function_bodies = off",
    "default_toast_compression = 'pglz'",
    "idle_session_timeout = '3s'",
];

#[test]
fn whatever_is_set_for_a_database_it_comes_back_with_it() {
    let mut own = Own::new(private_cluster(), "shop", "");
    own.sql(
        "CREATE TABLE readings (at timestamptz, pause interval, value float8, raw bytea, \"user\" text, list text[], doc xml, \
           CHECK (at > '2020-01-01 00:00:00+01'::timestamptz)); \
         INSERT INTO readings SELECT '2026-01-02 03:04:05+06', '1 day 2 hours', pi() / n, '\\x00ff41', 'a\\b''c', \
           ARRAY['NULL', NULL, 'x'], xmlparse(CONTENT 'a<b/>') FROM generate_series(1, 3) n; \
         CREATE VIEW shown AS SELECT \"user\", at + '1 day'::interval AS later FROM readings",
    );
    let major = own.words("SELECT (current_setting('server_version_num')::int / 10000)::text");
    for setting in SETTINGS {
        // It is always on since 19.
        if setting == "standard_conforming_strings = off" && major.parse::<u32>().unwrap() >= 19 {
            continue;
        }
        own.cluster.connect("postgres").batch_execute(&format!("ALTER DATABASE shop SET {setting}")).unwrap();
    }
    own.project.connect_to(&format!(
        "{}&options=-cquote_all_identifiers%3Don%20-cbytea_output%3Descape",
        own.url().uri().expose()
    ));
    let settings = "SELECT setconfig FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let before = own.words(settings);
    own.there_and_back("SET default_transaction_read_only = off; BEGIN; COMMIT; DELETE FROM public.readings");
    assert_eq!(own.words(settings), before);
}

const OBJECTS: &str = "
CREATE TABLE \"select\" (\"order\" int, \"user\" text, \"Group\" int GENERATED ALWAYS AS (\"order\" * 2) STORED, \"a \"\"b\"\"\" int);
INSERT INTO \"select\" (\"order\", \"user\", \"a \"\"b\"\"\") VALUES (1, 'x', 3);
CREATE TABLE last (id smallint GENERATED ALWAYS AS IDENTITY, n int);
INSERT INTO last (n) SELECT n FROM generate_series(1, 10) n;
SELECT setval('last_id_seq', 32767);
CREATE TABLE down (id int GENERATED BY DEFAULT AS IDENTITY (INCREMENT -1 MINVALUE -2147483648 MAXVALUE -1));
INSERT INTO down DEFAULT VALUES;
CREATE SEQUENCE unused;
CREATE SCHEMA one; CREATE SCHEMA two; CREATE SCHEMA \"Odd schema\";
CREATE TABLE one.same (id serial, n int); CREATE TABLE two.same (id serial, n int); CREATE TABLE same (id serial, n int);
INSERT INTO one.same (n) VALUES (1); INSERT INTO two.same (n) VALUES (2), (2); INSERT INTO same (n) VALUES (3), (3), (3);
CREATE TABLE \"Odd schema\".\"T\" (n int);
ALTER TABLE \"Odd schema\".\"T\" ADD FOREIGN KEY (n) REFERENCES \"select\" (\"order\") NOT VALID;
CREATE FUNCTION seen() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN PERFORM 1; END';
CREATE EVENT TRIGGER seen ON ddl_command_end EXECUTE FUNCTION seen();
CREATE TABLE kept (id int PRIMARY KEY, n int); INSERT INTO kept VALUES (1, 1);
CREATE PUBLICATION some_rows FOR TABLE kept WHERE (id > 0);
CREATE PUBLICATION all_of_them FOR ALL TABLES;
CREATE STATISTICS st ON id, n FROM kept;
CREATE TABLE empty ();
";

#[test]
fn odd_objects_come_back() {
    let place = Place::new();
    place.file("pgkeel.toml", "");
    place.migration("20250101000000_one", "SELECT 1;", "SELECT 1;");
    place.run(&["deploy"]).exits(0);
    // What the foreign key refers to must be unique.
    place.sql(&OBJECTS.replace("\"order\" int,", "\"order\" int UNIQUE,"));
    if place.number("SELECT count(*) FROM pg_available_extensions WHERE name = 'file_fdw'") == 1 {
        place.sql(
            "CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw; \
             CREATE FOREIGN TABLE passwd (line text) SERVER files OPTIONS (filename '/etc/hostname')",
        );
    } else {
        assert!(variable("TEST_DATABASE_URL").is_some() || place.number("SELECT 0") == 0);
    }
    let user = |text: String| -> Vec<String> {
        // Our own rows say what was done meanwhile.
        let mut ours = false;
        let mut lines = Vec::new();
        for line in text.lines() {
            if line.starts_with("-- ") && line.contains("; Schema: ") {
                ours = line.contains("Schema: pgkeel;");
            }
            if !ours {
                lines.push(line.to_owned());
            }
        }
        lines
    };
    let before = user(place.contents(&place.db.name));
    for form in [&["backup", "--plain"][..], &["backup", "--label", "folder"]] {
        place.run(form).exits(0);
        place.run(&["backup", "verify", "latest", "--level", "3"]).exits(0);
        place.sql("DROP TABLE one.same; UPDATE kept SET n = 7");
        place.run(&["restore", "latest", "--yes"]).exits(0);
        assert_eq!(user(place.contents(&place.db.name)), before);
        assert!(place.number("SELECT count(*) FROM pg_sequences WHERE last_value = 32767") == 1);
        place.run(&["status"]).exits(0);
    }
    place.sql("DROP TABLE one.same; UPDATE kept SET n = 7");
    place.run(&["restore", "folder", "--in-place", "--no-backup", "--yes"]).exits(0);
    assert_eq!(place.number("SELECT count(*) FROM one.same"), 1);
    place.run(&["status"]).exits(0);
    place.run(&["deploy"]).exits(0);
}

#[test]
fn an_extension_that_the_server_lacks_is_named_before_any_work() {
    let place = Place::new();
    place.sql("CREATE EXTENSION pg_trgm");
    place.dump("-Fc", "dump.pgdump");
    place.dump("-Fp", "dump.sql");
    for file in ["dump.pgdump", "dump.sql"] {
        let mut bytes = std::fs::read(place.root().join(file)).unwrap();
        let (from, to) = (b"pg_trgm", b"pg_trgx");
        for at in 0..bytes.len() - from.len() {
            if bytes[at..].starts_with(from) {
                bytes[at..at + to.len()].copy_from_slice(to);
            }
        }
        std::fs::write(place.root().join(file), bytes).unwrap();
    }
    let ran = place.run(&["restore", "dump.pgdump", "--yes"]);
    assert!(ran.exits(3).stderr.contains("the server has no extension `pg_trgx`"), "{}", ran.text());
    // A script has no table of contents to be looked at.
    let ran = place.run(&["restore", "dump.sql", "--yes"]);
    assert!(ran.exits(1).stderr.contains("pg_trgx"), "{}", ran.text());
    assert!(ran.stderr.contains("the live database is as it was"), "{}", ran.text());
    assert!(place.beside().is_empty());
}

#[test]
fn missing_roles_are_created_for_a_restore_in_place_too() {
    let mut place = Place::shop();
    {
        let gone = crate::support::role::Role::new(&mut place, "");
        place.sql(&format!("GRANT SELECT ON customers TO {}", gone.name));
        place.run(&["backup"]).exits(0);
        place.dump("-Fc", "dump.pgdump");
    }
    place.run(&["restore", "--in-place", "--no-backup", "--yes"]).exits(3);
    place.run(&["restore", "dump.pgdump", "--yes", "--no-owner"]).exits(3);
    place.run(&["restore", "dump.pgdump", "--yes", "--no-owner", "--no-privileges"]).exits(0);
    place.run(&["restore", "--in-place", "--no-backup", "--yes", "--create-roles"]).exits(0);
    let role = place.words(
        "SELECT string_agg(DISTINCT grantee::regrole::text, ' ') FROM pg_class c, aclexplode(relacl) \
         WHERE relname = 'customers' AND grantee <> relowner",
    );
    assert!(role.starts_with("r_"), "{role}");
    place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
    place.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}
