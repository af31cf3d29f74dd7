//! The database of SHADOW_DATABASE_URL: emptied before and after, unless it is marked.

use diesel::connection::SimpleConnection;
use pgkeel::engine::shadow::{Place, Server, Shadow, ShadowError};

use super::stage::{ask, folder, read};
use crate::support::cluster::TestDb;
use crate::support::dump::catalog;
use crate::support::opening::opening;
use crate::support::project::Project;

const FULL: &str = "CREATE SCHEMA app; CREATE TABLE app.t (a int); CREATE TABLE t (a int); CREATE VIEW v AS SELECT * FROM t; \
    CREATE TYPE mood AS ENUM ('a'); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; \
    CREATE EXTENSION pg_trgm; CREATE PUBLICATION p FOR TABLE t; CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; \
    CREATE FUNCTION et() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'; \
    CREATE CAST (mood AS point) WITH INOUT; \
    ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC; ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC; \
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON SEQUENCES TO PUBLIC; \
    SELECT lo_create(0); GRANT CREATE ON SCHEMA public TO PUBLIC; COMMENT ON SCHEMA public IS 'mine'; \
    CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY, run_on timestamp); \
    CREATE EVENT TRIGGER et ON ddl_command_start EXECUTE FUNCTION et()";

#[test]
fn a_given_database_is_emptied_before_and_after() {
    let (db, empty) = (TestDb::new(), TestDb::new());
    db.connect().batch_execute(FULL).unwrap();
    let shadow = Shadow::create(&Place::Given { opening: Box::new(opening(&db.url)) }).unwrap();
    assert_eq!(shadow.server(), Server::Shared);
    assert_eq!(catalog(&db), catalog(&empty));
    let files = folder(&[("a.sql", "CREATE TABLE t (a int);")]);
    shadow.load(&read(files.path())).unwrap();
    assert_eq!(ask(&mut shadow.connect().unwrap(), "SELECT count(*) FROM t"), "0");
    drop(shadow);
    assert_eq!(catalog(&db), catalog(&empty));
    let left = "SELECT (SELECT count(*) FROM pg_default_acl) + (SELECT count(*) FROM pg_largeobject_metadata) \
        + (SELECT count(*) FROM pg_cast WHERE oid >= 16384)";
    assert_eq!(ask(&mut opening(&db.url).connect().unwrap(), left), "0");
}

#[test]
fn a_given_database_that_is_marked_is_not_touched() {
    let project = Project::new();
    project.run(&["env", "set", "development", "--yes"]).exits(0);
    project.sql("CREATE TABLE kept (a int)");
    let error = Shadow::create(&Place::Given { opening: Box::new(opening(&project.db.url)) }).unwrap_err();
    assert!(matches!(&error, ShadowError::Marked { mark, .. } if mark == "development"), "{error}");
    assert_eq!(project.number("SELECT count(*) FROM kept"), 0);
}

#[test]
fn two_runs_in_a_given_database_take_turns() {
    let db = TestDb::new();
    let first = Shadow::create(&Place::Given { opening: Box::new(opening(&db.url)) }).unwrap();
    let files = folder(&[("a.sql", "CREATE TABLE first (a int);")]);
    first.load(&read(files.path())).unwrap();
    let url = db.url.clone();
    let second = std::thread::spawn(move || {
        let second = Shadow::create(&Place::Given { opening: Box::new(opening(&url)) }).unwrap();
        let files = folder(&[("a.sql", "CREATE TABLE first (a int, b int);")]);
        second.load(&read(files.path())).unwrap();
    });
    crate::support::poll::until(20, "the second one waits", || {
        let mut session = opening(&db.url).connect().unwrap();
        let sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()";
        (ask(&mut session, sessions).parse::<i32>().unwrap() >= 3).then_some(())
    });
    assert_eq!(ask(&mut first.connect().unwrap(), "SELECT count(*) FROM first"), "0");
    drop(first);
    second.join().unwrap();
}

#[test]
fn an_owner_without_any_other_right_can_empty_his_database() {
    let mut project = Project::new();
    let role = crate::support::role::Role::owner(&mut project, "");
    let shadow = Shadow::create(&Place::Given { opening: Box::new(opening(&role.url())) }).unwrap();
    let files = folder(&[("a.sql", "CREATE SCHEMA s; CREATE TABLE s.t (a int); CREATE TABLE t (a int);")]);
    shadow.load(&read(files.path())).unwrap();
    drop(shadow);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE oid >= 16384 AND relkind = 'r'"), 0);
    assert_eq!(project.number("SELECT count(*) FROM pg_namespace WHERE nspname IN ('s', 'public')"), 1);
}
