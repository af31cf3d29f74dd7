//! Reading a catalog: whole, the same twice, at one moment, by whoever may connect, and nothing passed over in silence.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use diesel::connection::SimpleConnection;
use pgkeel::engine::catalog::read::{ReadError, read};
use pgkeel::engine::catalog::{Catalog, Id, Kind, Scope};
use pgkeel::pg::connect::ConnectOptions;
use pgkeel::pg::interrupt::Interrupt;
use pgkeel::pg::session::Session;
use pgkeel::pg::url::DatabaseUrl;

use crate::support::cluster::{TestDb, number, private_cluster_with, words};
use crate::support::project::Project;
use crate::support::role::Role;
use crate::support::{attver, poll};

fn session(url: &str) -> Session {
    Session::connect(&DatabaseUrl::parse(url).unwrap(), &ConnectOptions::default(), &Interrupt::default())
        .unwrap()
}

/// The catalog that a superuser reads.
fn catalog_of(url: &str) -> Catalog {
    attver::reading(url, || read(&mut session(url), "pgkeel").unwrap())
}

/// What is there and what is not compared, one line each, without schema public.
fn listed(catalog: &Catalog) -> Vec<String> {
    let facts = catalog.facts().iter().map(|fact| fact.id.to_string()).filter(|name| name != "schema public");
    facts
        .chain(catalog.unmodelled.iter().map(|it| format!("not compared: {} {}", it.kind, it.name)))
        .collect()
}

const AWKWARD: &str = r#"
    CREATE SCHEMA "Sch ema""";
    CREATE TABLE "Sch ema"""."ta.ble / 1;" (
        "select" int PRIMARY KEY, "ünï çø∂é" text DEFAULT E'a\nb\\c''d', "a
b" int REFERENCES "Sch ema"""."ta.ble / 1;", CHECK ("select" > 0));
    COMMENT ON COLUMN "Sch ema"""."ta.ble / 1;"."select" IS E'two\nlines; -- and more';
    CREATE TABLE "ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc" ("public" int, "PUBLIC" int, "current_user" int);
    CREATE INDEX "{{index}}" ON "Sch ema"""."ta.ble / 1;" (("select" + 1)) WHERE "ünï çø∂é" <> '--';
"#;

#[test]
fn reading_twice_gives_equal_catalogs_that_survive_being_written_down() {
    let db = TestDb::new();
    db.connect().batch_execute(AWKWARD).unwrap();
    let (one, other) = (catalog_of(&db.url), catalog_of(&db.url));
    assert_eq!(one, other);
    assert_eq!(one.fingerprint(&Scope::default()), other.fingerprint(&Scope::default()));
    assert_eq!(Catalog::from_bytes(&one.to_bytes()), Some(one.clone()));
    assert_eq!(Catalog::from_bytes(&one.to_bytes()[1..]), None);
    let column = Id::new(Kind::Column, "Sch ema\"", "ta.ble / 1;", "select");
    assert_eq!(one.fact(&column).unwrap().get("comment"), Some("two\nlines; -- and more"));
    assert_eq!(one.unmodelled, []);
}

#[test]
fn a_large_catalog_survives_being_written_down() {
    let db = TestDb::new();
    let sql = "DO $$ BEGIN FOR i IN 1..300 LOOP
        EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, a int DEFAULT %s, b text, CHECK (a > %s))', i, i, i);
        EXECUTE format('CREATE INDEX ON t%s (b, a)', i); END LOOP; END $$";
    db.connect().batch_execute(sql).unwrap();
    let catalog = catalog_of(&db.url);
    assert_eq!(catalog.facts().len(), 1 + 300 * 8);
    assert_eq!(Catalog::from_bytes(&catalog.to_bytes()), Some(catalog));
}

#[test]
fn what_migration_tools_keep_is_never_there() {
    let db = TestDb::new();
    db.connect()
        .batch_execute(
            "CREATE SCHEMA pgkeel; CREATE TABLE pgkeel.x (id serial PRIMARY KEY, y int UNIQUE);
             CREATE TYPE pgkeel.e AS ENUM ('a'); CREATE FUNCTION pgkeel.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
             ALTER DEFAULT PRIVILEGES IN SCHEMA pgkeel GRANT SELECT ON TABLES TO PUBLIC;
             CREATE SCHEMA other;
             CREATE TABLE other.__diesel_schema_migrations (version varchar(50) PRIMARY KEY, run_on timestamp NOT NULL DEFAULT now());
             CREATE TABLE _prisma_migrations (id serial PRIMARY KEY, checksum text NOT NULL UNIQUE, n int GENERATED ALWAYS AS IDENTITY, CHECK (n > 0));
             CREATE INDEX by_checksum ON _prisma_migrations (checksum);
             COMMENT ON TABLE _prisma_migrations IS 'not ours'; COMMENT ON INDEX by_checksum IS 'neither';
             GRANT SELECT ON _prisma_migrations TO PUBLIC;",
        )
        .unwrap();
    assert_eq!(listed(&catalog_of(&db.url)), ["schema other"]);
}

#[test]
fn what_an_extension_made_is_not_there_and_what_stands_on_it_is() {
    let db = TestDb::new();
    let mut admin = db.connect();
    let available = "SELECT count(*) AS value FROM pg_available_extensions WHERE name = 'citext'";
    if number(&mut admin, available) == 0 {
        // A server without contrib has its one extension, and nothing of what that made.
        let there = listed(&catalog_of(&db.url));
        assert!(there.iter().all(|name| name == "extension plpgsql"), "{there:?}");
        return;
    }
    admin
        .batch_execute(
            "CREATE EXTENSION citext; CREATE TABLE t (name citext DEFAULT 'x'::citext, CHECK (name <> ''));
             CREATE VIEW v AS SELECT citext_eq(name, 'y') AS same FROM t;",
        )
        .unwrap();
    let catalog = catalog_of(&db.url);
    let there: Vec<String> = listed(&catalog).into_iter().filter(|name| !name.contains("plpgsql")).collect();
    assert_eq!(
        there,
        [
            "extension citext",
            "table public.t",
            "column public.t.name",
            "default public.t.name",
            "view public.v",
            "constraint public.t.t_name_check",
        ]
    );
    admin
        .batch_execute(
            "REVOKE EXECUTE ON FUNCTION citext_eq(citext, citext) FROM PUBLIC;
             COMMENT ON FUNCTION citext_ne(citext, citext) IS 'changed';",
        )
        .unwrap();
    let said: Vec<String> =
        listed(&catalog_of(&db.url)).into_iter().filter(|it| it.contains("citext_")).collect();
    assert_eq!(
        said,
        ["grants on FUNCTION public.citext_eq(public.citext, public.citext)"],
        "a comment on a member is the extension's own text as far as one can see"
    );
}

#[test]
fn a_catalog_that_changes_while_it_is_read_is_read_again() {
    let db = TestDb::new();
    let mut other = db.connect();
    other.batch_execute("CREATE TABLE t (id int)").unwrap();
    // Reading waits here, after it has begun.
    other.batch_execute("BEGIN; LOCK TABLE pg_catalog.pg_ts_template IN ACCESS EXCLUSIVE MODE").unwrap();
    let url = db.url.clone();
    let reading = thread::spawn(move || catalog_of(&url));
    let waits =
        "SELECT count(*) AS value FROM pg_locks WHERE NOT granted AND relation = 'pg_ts_template'::regclass";
    poll::until(30, "the reading waits", || (number(&mut db.connect(), waits) > 0).then_some(()));
    other.batch_execute("ALTER TABLE t ADD COLUMN late int; COMMIT").unwrap();
    let catalog = reading.join().unwrap();
    assert!(catalog.fact(&Id::new(Kind::Column, "public", "t", "late")).is_some());
    assert_eq!(catalog, catalog_of(&db.url));
}

#[test]
fn a_catalog_that_goes_on_changing_is_given_up_with_the_name_of_who_changes_it() {
    let db = TestDb::new();
    let mut other = db.connect();
    other.batch_execute("SET application_name = 'busy one'; CREATE TABLE t (id int)").unwrap();
    let pid = number(&mut other, "SELECT pg_backend_pid()::int8 AS value");
    let ended = AtomicBool::new(false);
    let failed = thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                other.batch_execute("ALTER TABLE t ADD COLUMN c int; ALTER TABLE t DROP COLUMN c").unwrap();
            }
        });
        let failed = read(&mut session(&db.url), "pgkeel");
        ended.store(true, Ordering::Relaxed);
        failed
    });
    let Err(ReadError::Unsteady { database, by }) = failed else { panic!("{failed:?}") };
    assert_eq!(database, db.name);
    assert!(by.contains(&format!("process {pid} of ")) && by.contains("(busy one)"), "{by}");
}

#[test]
fn who_may_only_connect_reads_the_same_and_is_told_what_it_may_not_read() {
    let mut project = Project::new();
    let role = Role::new(&mut project, "");
    project.sql(&format!("{AWKWARD}; REVOKE ALL ON SCHEMA \"Sch ema\"\"\" FROM PUBLIC; CREATE SCHEMA hidden;
         CREATE TABLE hidden.t (id int, secret text); CREATE STATISTICS hidden.st ON id, secret FROM hidden.t;
         CREATE POLICY p ON hidden.t USING (secret = current_user); CREATE PUBLICATION pub FOR TABLE hidden.t;
         CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (password 'sesame');
         CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (\"user\" 'x', password 'sesame');
         CREATE FUNCTION hidden.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION hidden.f() FROM PUBLIC;
         CREATE VIEW hidden.v AS SELECT id FROM hidden.t; CREATE MATERIALIZED VIEW hidden.m AS SELECT id FROM hidden.t"));
    let (all, seen) = (catalog_of(&project.db.url), read(&mut session(&role.url()), "pgkeel").unwrap());
    assert_eq!(all.differences(&seen, &Scope::default()), []);
    let said = |catalog: &Catalog| -> Vec<String> {
        catalog.unmodelled.iter().map(|it| format!("{} {}", it.kind, it.name)).collect()
    };
    let options = format!("options of user mapping for public on server s, which {} may not read", role.name);
    assert_eq!(said(&seen), [options.as_str(), "secret option password of server s"]);
    assert_eq!(
        said(&all),
        [
            "secret option password of server s",
            "secret option password of user mapping for public on server s"
        ]
    );
    assert!(!String::from_utf8_lossy(&all.to_bytes()).contains("sesame"), "no secret is kept");
}

#[test]
fn a_session_that_may_not_write_reads_the_same() {
    let db = TestDb::new();
    db.connect().batch_execute(AWKWARD).unwrap();
    let mut reader = session(&db.url);
    reader.query("SET default_transaction_read_only = on; SET search_path = \"Sch ema\"\"\"; SET DateStyle = 'SQL, DMY'").unwrap();
    assert_eq!(read(&mut reader, "pgkeel").unwrap(), catalog_of(&db.url));
    let path = reader.query_value("SHOW search_path").unwrap();
    assert_eq!(path.as_deref(), Some("\"Sch ema\"\"\""), "the session stays as it was");
}

/// Catalogs with an oid column that the probe does not go over, and why.
const OUTSIDE: &[(&str, &str)] = &[
    ("pg_authid", "roles belong to the server"),
    ("pg_auth_members", "roles belong to the server"),
    ("pg_database", "belongs to the server"),
    ("pg_tablespace", "belongs to the server; where something is in one, that is said"),
    ("pg_parameter_acl", "belongs to the server"),
    ("pg_enum", "the labels are an attribute of their type"),
    ("pg_largeobject_metadata", "data; they are counted"),
    ("pg_user_mapping", "not readable; pg_user_mappings is"),
];

#[test]
fn every_catalog_of_the_server_is_probed_or_is_outside_for_a_reason() {
    let db = TestDb::new();
    let probe = include_str!("../../../src/engine/catalog/sql/objects.sql");
    let all = words(
        &mut db.connect(),
        "SELECT string_agg(c.relname, ' ' ORDER BY c.relname) AS value FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND a.attname = 'oid' AND a.attnum > 0",
    );
    let is_probed = |name: &str| probe.lines().any(|line| line.split_whitespace().any(|word| word == name));
    let missed: Vec<&str> = all
        .split(' ')
        .filter(|name| !is_probed(name) && OUTSIDE.iter().all(|(outside, _)| outside != name))
        .collect();
    assert!(all.contains("pg_class") && missed.is_empty(), "nobody looks into {missed:?}");
}

/// A statement for every kind of object; each makes something with `every_` in its name.
const EVERYTHING: &[(&str, &str)] = &[
    ("every_schema", "CREATE SCHEMA every_schema"),
    (
        "every_table",
        "CREATE TABLE every_table (id int PRIMARY KEY, n int DEFAULT 7 CONSTRAINT every_check CHECK (n > 0))",
    ),
    ("every_check", ""),
    ("every_child", "CREATE TABLE every_child () INHERITS (every_table)"),
    ("every_index", "CREATE INDEX every_index ON every_table (n)"),
    (
        "every_parted",
        "CREATE TABLE every_parted (id int PRIMARY KEY, t int REFERENCES every_table) PARTITION BY RANGE (id)",
    ),
    ("every_part", "CREATE TABLE every_part PARTITION OF every_parted FOR VALUES FROM (1) TO (9)"),
    ("every_sequence", "CREATE SEQUENCE every_sequence"),
    (
        "every_identity",
        "CREATE TABLE every_identity (id int GENERATED ALWAYS AS IDENTITY, t text GENERATED ALWAYS AS ('x') STORED)",
    ),
    ("every_view", "CREATE VIEW every_view AS SELECT id FROM every_table"),
    ("every_matview", "CREATE MATERIALIZED VIEW every_matview AS SELECT id FROM every_table"),
    ("every_enum", "CREATE TYPE every_enum AS ENUM ('a')"),
    ("every_composite", "CREATE TYPE every_composite AS (a int)"),
    ("every_range", "CREATE TYPE every_range AS RANGE (SUBTYPE = int4)"),
    ("every_domain", "CREATE DOMAIN every_domain AS int CONSTRAINT every_limit CHECK (VALUE > 0)"),
    ("every_limit", ""),
    ("every_shell", "CREATE TYPE every_shell"),
    ("every_base", "CREATE TYPE every_base"),
    (
        "every_input",
        "CREATE FUNCTION every_input(cstring) RETURNS every_base LANGUAGE internal IMMUTABLE STRICT AS 'int4in'",
    ),
    (
        "every_output",
        "CREATE FUNCTION every_output(every_base) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out'",
    ),
    ("every_base", "CREATE TYPE every_base (INPUT = every_input, OUTPUT = every_output, LIKE = int4)"),
    (
        "every_function",
        "CREATE FUNCTION every_function(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'",
    ),
    ("every_procedure", "CREATE PROCEDURE every_procedure() LANGUAGE sql AS ''"),
    ("every_aggregate", "CREATE AGGREGATE every_aggregate(int) (SFUNC = int4pl, STYPE = int)"),
    (
        "every_trigger_function",
        "CREATE FUNCTION every_trigger_function() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    ),
    (
        "every_trigger",
        "CREATE TRIGGER every_trigger AFTER INSERT ON every_table EXECUTE FUNCTION every_trigger_function()",
    ),
    (
        "every_ctrigger",
        "CREATE CONSTRAINT TRIGGER every_ctrigger AFTER INSERT ON every_table FOR EACH ROW EXECUTE FUNCTION every_trigger_function()",
    ),
    ("every_rule", "CREATE RULE every_rule AS ON DELETE TO every_table DO INSTEAD NOTHING"),
    ("every_policy", "CREATE POLICY every_policy ON every_table USING (true)"),
    ("every_statistics", "CREATE STATISTICS every_statistics ON id, n FROM every_table"),
    (
        "every_event_function",
        "CREATE FUNCTION every_event_function() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
    ),
    (
        "every_event",
        "CREATE EVENT TRIGGER every_event ON ddl_command_end EXECUTE FUNCTION every_event_function()",
    ),
    ("every_collation", "CREATE COLLATION every_collation (LOCALE = 'C')"),
    ("every_conversion", "CREATE CONVERSION every_conversion FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8"),
    ("every_base AS", "CREATE CAST (every_base AS text) WITH INOUT"),
    ("<=&", "CREATE OPERATOR <=& (FUNCTION = int4pl, LEFTARG = int, RIGHTARG = int)"),
    ("every_family", "CREATE OPERATOR FAMILY every_family USING btree"),
    (
        "every_class",
        "CREATE OPERATOR CLASS every_class FOR TYPE every_base USING btree AS STORAGE every_base",
    ),
    ("every_method", "CREATE ACCESS METHOD every_method TYPE INDEX HANDLER bthandler"),
    ("every_language", "CREATE LANGUAGE every_language HANDLER plpgsql_call_handler"),
    (
        "every_language",
        "CREATE TRANSFORM FOR int LANGUAGE every_language (FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION int4recv(internal))",
    ),
    (
        "every_parser",
        "CREATE TEXT SEARCH PARSER every_parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype)",
    ),
    ("every_template", "CREATE TEXT SEARCH TEMPLATE every_template (LEXIZE = dsimple_lexize)"),
    ("every_dictionary", "CREATE TEXT SEARCH DICTIONARY every_dictionary (TEMPLATE = simple)"),
    ("every_configuration", "CREATE TEXT SEARCH CONFIGURATION every_configuration (COPY = simple)"),
    ("every_wrapper", "CREATE FOREIGN DATA WRAPPER every_wrapper"),
    ("every_server", "CREATE SERVER every_server FOREIGN DATA WRAPPER every_wrapper"),
    ("every_server.public", "CREATE USER MAPPING FOR PUBLIC SERVER every_server"),
    ("every_foreign", "CREATE FOREIGN TABLE every_foreign (id int) SERVER every_server"),
    ("every_publication", "CREATE PUBLICATION every_publication FOR TABLE every_table"),
    ("every_table.every_publication", ""),
    (
        "every_subscription",
        "CREATE SUBSCRIPTION every_subscription CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false)",
    ),
    (
        "default privileges every_schema",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA every_schema GRANT SELECT ON TABLES TO PUBLIC",
    ),
    ("large objects 1", "SELECT lo_create(0)"),
    ("every_space of table public.every_far", "SET allow_in_place_tablespaces = on"),
    ("", "CREATE TABLESPACE every_space LOCATION ''"),
    ("", "CREATE TABLE every_far (id int) TABLESPACE every_space"),
    ("grants on function pg_sleep", "REVOKE EXECUTE ON FUNCTION pg_sleep(double precision) FROM PUBLIC"),
    // An attribute of the constraint.
    ("constraint public.every_table.every_table_pkey", "COMMENT ON INDEX every_table_pkey IS 'commented'"),
    // Before PostgreSQL 15 the trigger of a foreign key is on the partitions alone.
    (
        "trigger state of trigger",
        "ALTER TABLE every_parted DISABLE TRIGGER ALL; ALTER TABLE every_part DISABLE TRIGGER ALL",
    ),
];

#[test]
fn of_everything_that_can_be_created_nothing_is_passed_over_in_silence() {
    let cluster = private_cluster_with(|_| {});
    let mut admin = cluster.connect("postgres");
    for (_, sql) in EVERYTHING.iter().filter(|(_, sql)| !sql.is_empty()) {
        admin.batch_execute(sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
    }
    let catalog = catalog_of(&cluster.running.url("postgres"));
    let said = listed(&catalog);
    let silent: Vec<&str> = EVERYTHING
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !said.iter().any(|it| it.contains(name)))
        .collect();
    assert!(silent.is_empty(), "not a word of {silent:?} in\n{}", said.join("\n"));
    let is_known = |it: &str| EVERYTHING.iter().any(|(known, _)| !known.is_empty() && it.contains(known));
    let strange: Vec<&String> =
        said.iter().filter(|it| it.starts_with("not compared") && !is_known(it)).collect();
    assert!(strange.is_empty(), "inner parts are no objects: {strange:#?}");
}
