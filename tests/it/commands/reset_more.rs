//! What `reset` does beside the usual: it fills the new database before the old one goes, takes turns, makes the new one
//! like the old one, and trusts no text that others have planted.

use std::process::Child;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use insta::assert_snapshot;

use crate::support::cluster::{private_cluster, unique};
use crate::support::poll;
use crate::support::project::Project;
use crate::support::role::Role;

const CUSTOMER: (&str, &str, &str) =
    ("20260101000000_customer", "CREATE TABLE customer (id int PRIMARY KEY);", "DROP TABLE customer;");

const OID: &str = "SELECT oid FROM pg_database WHERE datname = current_database()";

const OPERATIONS: &str =
    "SELECT string_agg(command || ' ' || coalesce(outcome, '-'), ', ' ORDER BY id) FROM pgkeel.operation";

/// Databases that a reset of this one made or replaced, and did not drop.
fn leftovers(project: &Project) -> i64 {
    project.number(&format!(
        "SELECT count(*) FROM pg_database WHERE shobj_description(oid, 'pg_database') LIKE '%reset of {};%'",
        project.db.name
    ))
}

/// A migration that goes on when the session with this application_name is gone.
fn gated(gate: &str) -> String {
    format!(
        "DO $$ BEGIN WHILE EXISTS (SELECT FROM pg_stat_activity WHERE application_name = '{gate}') LOOP \
           PERFORM pg_sleep(0.01); PERFORM pg_stat_clear_snapshot(); END LOOP; END $$;"
    )
}

/// A session in the maintenance database, which is in nobody's way.
fn maintenance(project: &Project, application: &str) -> PgConnection {
    let url = project.db.url.replacen(&format!("/{}?", project.db.name), "/postgres?", 1);
    let mut session = PgConnection::establish(&url).unwrap();
    session.batch_execute(&format!("SET application_name = '{application}'")).unwrap();
    session
}

/// A reset that stands before the gate, with the old database still there.
fn stopped_reset(project: &Project, gate: &str) -> (Child, PgConnection) {
    project.migration("20260102000000_gate", &gated(gate), "SELECT 1;");
    let held = maintenance(project, gate);
    let reset = project.command(&["reset", "--yes"]).spawn().unwrap();
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'pgkeel_new_%' AND wait_event = 'PgSleep'";
    poll::until(20, "the reset before the gate", || (project.number(waiting) > 0).then_some(()));
    (reset, held)
}

#[test]
fn a_seed_that_fails_leaves_the_database_as_it_was() {
    let project = Project::with_migrations(&[CUSTOMER]);
    project.run(&["deploy"]).exits(0);
    project.sql("INSERT INTO customer VALUES (7)");
    let before = project.number(OID);
    project.file("seeds/10_customers.sql", "INSERT INTO customer VALUES (1), (1);");
    assert_snapshot!(project.run(&["reset", "--yes"]).text(), @r#"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the seed file `main/10_customers.sql` failed
      seeds/10_customers.sql:1:1
        |
      1 | INSERT INTO customer VALUES (1), (1);
        | ^
      duplicate key value violates unique constraint "customer_pkey" (SQLSTATE 23505)
      DETAIL: Key (id)=(1) already exists.
      the database is as it was: the migrations and seeds ran in a new one, which is dropped
    next: mend seeds/10_customers.sql, then `pgkeel reset`
    "#);
    assert_eq!((project.number(OID), project.number("SELECT id FROM customer")), (before, 7));
    assert_eq!((project.words(OPERATIONS).as_str(), leftovers(&project)), ("deploy done", 0));
}

#[test]
fn an_interrupted_reset_leaves_the_database_as_it_was_and_nothing_beside_it() {
    let project = Project::with_migrations(&[CUSTOMER]);
    project.run(&["deploy"]).exits(0);
    let before = project.number(OID);
    let (mut reset, held) = stopped_reset(&project, &unique("gate"));
    let pid = nix::unistd::Pid::from_raw(i32::try_from(reset.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    assert_eq!(reset.wait().unwrap().code(), Some(130));
    drop(held);
    assert_eq!((project.number(OID), leftovers(&project)), (before, 0));
}

#[test]
fn while_a_reset_fills_the_new_database_a_deploy_waits_and_what_others_write_goes_along() {
    let project = Project::with_migrations(&[CUSTOMER]);
    project.run(&["deploy"]).exits(0);
    let before = project.number(OID);
    let (mut reset, held) = stopped_reset(&project, &unique("gate"));
    let deploy = project.run(&["deploy", "--lock-wait", "0s"]);
    assert!(deploy.exits(7).stderr.contains("application pgkeel reset"), "{}", deploy.text());
    // Another application's run, under a lock of its own; it ends, and so does one that had begun before.
    project.sql(
        "INSERT INTO pgkeel.operation (command, ledger_schema, os_user, host, tool_version, client_pid, backend_pid, outcome) \
         VALUES ('deploy', 'other', 'me', 'here', '1', 1, 1, 'done'); \
         UPDATE pgkeel.operation SET message = 'late' WHERE id = 1; \
         UPDATE pgkeel.environment SET name = 'staging'",
    );
    drop(held);
    assert_eq!(reset.wait().unwrap().code(), Some(0));
    assert_ne!(project.number(OID), before);
    assert_eq!(project.words(OPERATIONS), "deploy done, reset done, deploy done");
    assert_eq!(project.words("SELECT message FROM pgkeel.operation WHERE id = 1"), "late");
    project.run(&["env", "set", "development"]).exits(0);
    assert_eq!(project.words(OPERATIONS), "deploy done, reset done, deploy done, env set done");
    assert_eq!(leftovers(&project), 0);
}

#[test]
fn what_a_migration_sets_on_the_database_by_its_name_is_kept() {
    let project = Project::new();
    let db = &project.db.name;
    project.migration(
        "20260101000000_settings",
        &format!("ALTER DATABASE {db} SET work_mem = '7MB'; COMMENT ON DATABASE {db} IS 'the shop';"),
        "SELECT 1;",
    );
    project.run(&["reset", "--yes"]).exits(0);
    let comment =
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()";
    assert_eq!(
        (project.words("current_setting('work_mem')"), project.words(comment)),
        ("7MB".into(), "the shop".into())
    );
}

#[test]
fn resets_of_one_database_take_turns() {
    let project = Project::with_migrations(&[CUSTOMER]);
    project.run(&["deploy"]).exits(0);
    let (mut first, held) = stopped_reset(&project, &unique("gate"));
    let impatient = Project::with_migrations(&[CUSTOMER]);
    impatient.file("pgkeel.toml", "[deploy]\nlock_wait = \"0s\"\n");
    let busy = impatient.command(&["reset", "--yes"]).env("DATABASE_URL", &project.db.url).output().unwrap();
    let told = String::from_utf8(busy.stderr).unwrap();
    assert!(
        told.contains("application pgkeel reset") && told.contains("the database is as it was"),
        "{told}"
    );
    assert_eq!(busy.status.code(), Some(7), "{told}");
    // One that waits is in nobody's way.
    let mut second = project.command(&["reset", "--yes"]).spawn().unwrap();
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'postgres' AND application_name = 'pgkeel reset'";
    poll::until(20, "two resets", || (project.number(waiting) > 1).then_some(()));
    drop(held);
    assert_eq!((first.wait().unwrap().code(), second.wait().unwrap().code()), (Some(0), Some(0)));
    assert_eq!(
        (project.words(OPERATIONS).as_str(), leftovers(&project)),
        ("deploy done, reset done, reset done", 0)
    );
}

#[test]
fn the_database_called_postgres_can_be_reset() {
    let server = private_cluster();
    let project = Project::with_migrations(&[CUSTOMER]).url(&server.running.url("postgres"));
    project.run(&["reset", "--yes"]).exits(0);
    project.run(&["reset", "--yes"]).exits(0);
    project.run(&["status"]).exits(0);
}

#[test]
fn a_database_of_another_locale_provider_keeps_it() {
    let project = Project::with_migrations(&[CUSTOMER]);
    let version = project.number("current_setting('server_version_num')");
    let mut made = vec![];
    if version >= 150_000 {
        made.push("LOCALE_PROVIDER libc".to_owned());
    }
    // A server that was built without ICU knows but the one of its collations that is in every catalog.
    if version >= 150_000 && project.number("SELECT count(*) FROM pg_collation WHERE collprovider = 'i'") > 10
    {
        let rules = if version >= 160_000 { " ICU_RULES '&a < b'" } else { "" };
        made.push(format!("LOCALE_PROVIDER icu ICU_LOCALE 'de'{rules}"));
    }
    if version >= 170_000 {
        made.push("LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'".into());
    }
    for how in made {
        let name = unique("locale");
        project.sql(&format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' {how}"
        ));
        let url = project.db.url.replacen(&format!("/{}?", project.db.name), &format!("/{name}?"), 1);
        let properties = format!(
            "SELECT to_jsonb(d) - 'oid' - 'datfrozenxid' - 'datminmxid' FROM pg_database d WHERE datname = '{name}'"
        );
        let before = project.words(&properties);
        let reset = project.command(&["reset", "--yes"]).env("DATABASE_URL", &url).output().unwrap();
        assert!(reset.status.success(), "{how}: {}", String::from_utf8_lossy(&reset.stderr));
        assert_eq!(project.words(&properties), before, "{how}");
        project.sql(&format!("DROP DATABASE {name}"));
    }
}

#[test]
fn a_planted_setting_is_text_and_no_statement() {
    let mut project = Project::with_migrations(&[CUSTOMER]);
    let role = Role::new(&mut project, "");
    let planted = unique("planted");
    // No blank in it: then it passes as the name of a schema.
    PgConnection::establish(&role.url())
        .unwrap()
        .batch_execute(&format!(
            "SELECT set_config('search_path', 'a;create/**/role/**/{planted}/**/superuser', false); \
             ALTER ROLE CURRENT_USER IN DATABASE {} SET search_path FROM CURRENT",
            project.db.name
        ))
        .unwrap();
    project.run(&["reset", "--yes"]).exits(0);
    assert_eq!(project.number(&format!("SELECT count(*) FROM pg_roles WHERE rolname = '{planted}'")), 0);
    assert_eq!(
        project.words(
            "SELECT setconfig::text FROM pg_db_role_setting WHERE setrole > 0 AND setdatabase = \
            (SELECT oid FROM pg_database WHERE datname = current_database())"
        ),
        format!("{{\"search_path=\\\"a;create/**/role/**/{planted}/**/superuser\\\"\"}}")
    );
}

#[test]
fn every_kind_of_object_of_a_role_that_may_not_create_databases_is_dropped() {
    let up = "CREATE TABLE customer (id bigint GENERATED ALWAYS AS IDENTITY, a int, b int);
        CREATE TEXT SEARCH DICTIONARY simple_too (TEMPLATE = simple); CREATE TEXT SEARCH CONFIGURATION shop (COPY = english);
        CREATE FUNCTION same(int, int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2';
        CREATE OPERATOR === (leftarg = int, rightarg = int, function = same);
        CREATE CONVERSION latin FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
        CREATE STATISTICS together ON a, b FROM customer; CREATE PUBLICATION news FOR TABLE customer;
        CREATE COLLATION sorted (locale = 'C'); CREATE TYPE mood AS ENUM ('ok'); CREATE DOMAIN email AS text;
        CREATE TYPE span AS RANGE (subtype = int); CREATE SCHEMA pgx CREATE TABLE t (); SELECT lo_create(0);
        CREATE VIEW v AS SELECT * FROM customer; CREATE AGGREGATE total (int) (sfunc = int4pl, stype = int);
        CREATE SERVER elsewhere FOREIGN DATA WRAPPER wrapper; CREATE FOREIGN TABLE far (id int) SERVER elsewhere;";
    let mut project = Project::with_migrations(&[("20260101000000_all", up, "SELECT 1;")]);
    let role = Role::owner(&mut project, "");
    project.sql(&format!(
        "CREATE FOREIGN DATA WRAPPER wrapper; GRANT USAGE ON FOREIGN DATA WRAPPER wrapper TO {0};
         ALTER DATABASE {1} SET standard_conforming_strings = off;
         CREATE SCHEMA evil; CREATE FUNCTION evil.starts_with(name, text) RETURNS boolean LANGUAGE sql AS 'SELECT 1/0 = 0';
         ALTER ROLE {0} IN DATABASE {1} SET search_path = public, evil, pg_catalog",
        role.name, project.db.name
    ));
    project.run(&["deploy"]).exits(0);
    // Superusers alone create these, and may give them away.
    project.sql(&format!(
        "CREATE OPERATOR FAMILY kin USING btree; ALTER OPERATOR FAMILY kin USING btree OWNER TO {0};
         CREATE OPERATOR CLASS class FOR TYPE int USING hash AS FUNCTION 1 hashint4(int);
         ALTER OPERATOR CLASS class USING hash OWNER TO {0}; ALTER OPERATOR FAMILY class USING hash OWNER TO {0}",
        role.name
    ));
    let reset = project.run(&["reset", "--yes"]);
    assert_eq!(reset.exits(0).text().lines().nth(2).unwrap().split(';').next(), Some("emptied DB"));
    assert_eq!(
        project.number("SELECT (SELECT count(*) FROM pg_largeobject_metadata) * 10 + (SELECT count(*) FROM pg_opfamily WHERE oid >= 16384)"),
        10
    );
    project.remove("migrations/20260101000000_all");
    project.run(&["reset", "--yes"]).exits(0);
    let left = "SELECT coalesce(string_agg(DISTINCT s.classid::regclass::text || ' ' || s.objid, ', '), '') FROM pg_shdepend s \
        WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND s.deptype = 'o' \
        AND refobjid = (SELECT datdba FROM pg_database WHERE datname = current_database()) \
        AND NOT EXISTS (SELECT FROM pg_class c WHERE s.classid = 'pg_class'::regclass AND c.oid = s.objid \
          AND (c.relnamespace = 'pgkeel'::regnamespace OR c.relname = '__diesel_schema_migrations')) \
        AND NOT (s.classid = 'pg_namespace'::regclass AND s.objid = 'pgkeel'::regnamespace)";
    assert_eq!(project.words(left), "");
    assert_eq!(project.words("SELECT string_agg(nspname, ',' ORDER BY nspname) FROM pg_namespace WHERE oid >= 16384 AND nspname !~ '^pg_'"), "evil,pgkeel");
    project.sql("DROP FOREIGN DATA WRAPPER wrapper CASCADE");
}

#[test]
fn a_reset_that_cannot_empty_the_schemas_is_recorded_as_failed() {
    let mut project = Project::with_migrations(&[CUSTOMER]);
    let _role = Role::owner(&mut project, "");
    project.run(&["deploy"]).exits(0);
    project.sql(
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END';
         CREATE TRIGGER no BEFORE DELETE ON __diesel_schema_migrations FOR EACH ROW EXECUTE FUNCTION no()",
    );
    project.run(&["reset", "--yes"]).exits(1);
    assert_eq!(project.words(OPERATIONS), "deploy done, reset failed");
    assert_eq!(project.number("SELECT count(*) FROM customer"), 0);
}
