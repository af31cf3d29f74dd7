//! `reset`: drop, recreate, apply, seed; what belongs to the place outlives it, and nothing is dropped that could not be
//! made again. Who may do it is in `guard`.

use std::process::Stdio;
use std::time::Duration;

use insta::assert_snapshot;

use crate::support::poll;
use crate::support::project::Project;
use crate::support::role::Role;

const CUSTOMER: (&str, &str, &str) =
    ("20260101000000_customer", "CREATE TABLE customer (id int PRIMARY KEY);", "DROP TABLE customer;");

const OID: &str = "SELECT oid FROM pg_database WHERE datname = current_database()";

fn hash(name: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(name)[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Databases that a reset of this one made or replaced, and did not drop.
fn leftovers(project: &Project) -> i64 {
    project.number(&format!(
        "SELECT count(*) FROM pg_database WHERE datname ~ '^pgkeel_(new|old)_{}_'",
        hash(&project.db.name)
    ))
}

#[test]
fn everything_is_dropped_applied_and_seeded() {
    let project = Project::with_migrations(&[CUSTOMER]);
    project.file("seeds/base/10_customers.sql", "INSERT INTO customer VALUES (1), (2);");
    project.run(&["deploy"]).exits(0);
    project.sql("CREATE TABLE by_hand (); INSERT INTO customer VALUES (7); ANALYZE");
    let before = project.number(OID);
    assert_snapshot!(project.run(&["reset", "--dry-run"]).text(), @"
    exit 0
    --- stdout
    DB: would be dropped and recreated, and gone would be 2 tables, about 1 row, N MiB
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!((project.number(OID), project.number("SELECT count(*) FROM customer")), (before, 1));
    assert_snapshot!(project.run(&["reset", "--yes"]).text(), @"
    exit 0
    --- stdout
    dropped and recreated DB; gone: 2 tables, about 1 row, N MiB
    applied 20260101000000_customer
    seeded public.customer: 2 rows
    DB: 1 migration applied
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_ne!(project.number(OID), before);
    assert_eq!(project.number("SELECT sum(id) FROM customer"), 3);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname = 'by_hand'"), 0);
    assert_eq!(leftovers(&project), 0);
    let state = project.run(&["reset", "--yes", "--skip-seed", "--json"]).json();
    assert_eq!(state["seeded"], serde_json::json!([]));
    assert_eq!(state["way"], "recreate");
    assert_eq!(project.number("SELECT count(*) FROM customer"), 0);
    project.run(&["status"]).exits(0);
}

#[test]
fn what_was_set_on_the_database_itself_survives_its_recreation() {
    let mut project = Project::with_migrations(&[CUSTOMER]);
    let (owner, reader) = (Role::new(&mut project, ""), Role::new(&mut project, ""));
    let (db, owner, reader) = (&project.db.name, &owner.name, &reader.name);
    project.sql(&format!(
        "ALTER DATABASE {db} OWNER TO {owner};
         ALTER DATABASE {db} SET work_mem = '5MB';
         ALTER DATABASE {db} SET search_path = public, \"Odd, name\";
         ALTER DATABASE {db} SET timezone = 'Europe/Berlin';
         ALTER ROLE {reader} IN DATABASE {db} SET statement_timeout = '7s';
         ALTER DATABASE {db} CONNECTION LIMIT 42;
         REVOKE ALL ON DATABASE {db} FROM PUBLIC;
         GRANT CONNECT ON DATABASE {db} TO {reader} WITH GRANT OPTION;
         GRANT TEMPORARY, CREATE ON DATABASE {db} TO {reader};
         COMMENT ON DATABASE {db} IS 'the shop''s own'"
    ));
    let properties = "SELECT concat_ws(E'\\n', pg_get_userbyid(datdba), datconnlimit, datcollate, datctype, encoding, \
         shobj_description(d.oid, 'pg_database'), \
         (SELECT string_agg(format('%s %s %s %s', privilege_type, grantee, grantor, is_grantable), ',' \
           ORDER BY privilege_type, grantee) FROM aclexplode(datacl)), \
         (SELECT string_agg(format('%s %s', setrole, setconfig), ';' ORDER BY setrole) \
           FROM pg_db_role_setting WHERE setdatabase = d.oid)) \
         FROM pg_database d WHERE datname = current_database()";
    let (oid, before) = (project.number(OID), project.words(properties));
    project.run(&["reset", "--yes"]).exits(0);
    assert_ne!(project.number(OID), oid);
    assert_eq!(project.words(properties), before);
}

#[test]
fn other_sessions_are_named_and_only_force_disconnects_them() {
    let project = Project::with_migrations(&[CUSTOMER]);
    project.run(&["deploy"]).exits(0);
    let before = project.number(OID);
    let mut other = project.db.connect();
    diesel::connection::SimpleConnection::batch_execute(&mut other, "SET application_name = 'colleague'")
        .unwrap();
    assert_snapshot!(project.run(&["reset", "--yes"]).text(), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: other sessions use the database: pid PID, role dev, application colleague, idle; nothing was changed
    next: end them, or give `--force`, which disconnects them
    ");
    let still_there =
        "SELECT oid AS value FROM (SELECT oid::bigint FROM pg_database WHERE datname = current_database()) d";
    assert_eq!(crate::support::cluster::number(&mut other, still_there), before);
    assert_eq!(leftovers(&project), 0);
    project.run(&["reset", "--yes", "--force"]).exits(0);
    assert!(diesel::connection::SimpleConnection::batch_execute(&mut other, "SELECT 1").is_err());
    drop(other);
    assert_ne!(project.number(OID), before);
    assert_eq!(leftovers(&project), 0);
}

#[test]
fn nothing_is_dropped_for_migrations_or_seeds_that_cannot_be_read() {
    let project = Project::with_migrations(&[CUSTOMER]);
    project.run(&["deploy"]).exits(0);
    let before = project.number(OID);
    let broken = [
        ("migrations/20260102000000_broken/up.sql", "CREATE TABLE a (note text DEFAULT 'open);"),
        ("migrations/20260102000000_broken/up.sql", "\\connect other"),
        ("migrations/20260101000000_twice/up.sql", "SELECT 1;"),
        ("seeds/base/10_a.sql", "INSERT INTO customer VALUES (1); COMMIT;"),
    ];
    for (file, content) in broken {
        project.file(file, content);
        let reset = project.run(&["reset", "--yes"]);
        reset.exits(2);
        assert!(reset.stderr.contains(&format!("{file}:1: ")) || file.contains("twice"), "{}", reset.text());
        assert_eq!(project.number(OID), before, "{file}");
        project.remove(file);
        project.remove(file.rsplit_once('/').unwrap().0);
    }
    project.run(&["reset", "--yes"]).exits(0);
}

#[test]
fn a_migration_that_fails_leaves_the_database_as_it_was() {
    let project = Project::with_migrations(&[CUSTOMER]);
    project.run(&["deploy"]).exits(0);
    project.sql("INSERT INTO customer VALUES (7)");
    let before = project.number(OID);
    project.migration("20260102000000_bad", "SELECT 1/0;", "SELECT 1;");
    assert_snapshot!(project.run(&["reset", "--yes"]).text(), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: migration `20260102000000_bad` could not be applied
      migrations/20260102000000_bad/up.sql:1:1
        |
      1 | SELECT 1/0;
        | ^
      division by zero (SQLSTATE 22012)
      the database is as it was: the migrations and seeds ran in a new one, which is dropped
    next: mend migrations/20260102000000_bad/up.sql, then `pgkeel reset`
    ");
    assert_eq!((project.number(OID), project.number("SELECT id FROM customer")), (before, 7));
    assert_eq!(
        (
            project.words("SELECT string_agg(command, ', ') FROM pgkeel.operation").as_str(),
            leftovers(&project)
        ),
        ("deploy", 0)
    );
}

#[test]
fn a_role_that_may_create_databases_recreates_its_own() {
    let mut project = Project::with_migrations(&[CUSTOMER]);
    let _role = Role::owner(&mut project, "CREATEDB");
    project.run(&["deploy"]).exits(0);
    let before = project.number(OID);
    // Sessions of other roles are seen, though not what they do.
    let other = project.db.connect();
    let refused = project.run(&["reset", "--yes"]);
    assert!(refused.exits(1).stderr.contains(", role dev"), "{}", refused.text());
    let refused = project.run(&["reset", "--yes", "--force"]);
    assert_snapshot!(refused.text(), @r#"
    exit 3
    --- stderr
    database `DB` on TCP as `ROLE` (`DATABASE_URL` in the environment)
    error: role `ROLE` may not end sessions that use the database `DB`: pid PID, role dev; the live database is as it was
    next: end them, or have a superuser run: GRANT pg_signal_backend TO "ROLE"; (no help against a superuser's sessions)
    "#);
    drop(other);
    assert_eq!((project.number(OID), leftovers(&project)), (before, 0));
    project.run(&["reset", "--yes"]).exits(0);
    assert_ne!(project.number(OID), before);
    assert_eq!(project.number("SELECT count(*) FROM customer"), 0);
}

#[test]
fn a_role_that_may_not_create_databases_empties_what_is_its_own() {
    let up = "CREATE SCHEMA app; CREATE TABLE app.item (id serial PRIMARY KEY);
        CREATE TABLE customer (id bigint GENERATED ALWAYS AS IDENTITY, mood mood);
        CREATE VIEW happy AS SELECT * FROM customer; CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM customer;
        CREATE SEQUENCE number_of_invoice; CREATE DOMAIN email AS text CHECK (VALUE ~ '@'); CREATE TYPE pair AS (a int, b int);
        CREATE TYPE span AS RANGE (subtype = int); CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE PROCEDURE nothing() LANGUAGE sql AS ''; CREATE AGGREGATE total (int) (sfunc = int4pl, stype = int);
        CREATE TABLE parted (id int) PARTITION BY RANGE (id); CREATE TABLE part PARTITION OF parted DEFAULT;
        CREATE TEXT SEARCH CONFIGURATION shop (COPY = english); CREATE COLLATION sorted (locale = 'C');";
    let mut project = Project::with_migrations(&[
        ("20260101000000_mood", "CREATE TYPE mood AS ENUM ('sad', 'ok');", "DROP TYPE mood;"),
        ("20260102000000_all", up, "SELECT 1;"),
    ]);
    project.file("seeds/10_customers.sql", "INSERT INTO customer (mood) VALUES ('ok');");
    let role = Role::owner(&mut project, "");
    let reader = Role::new(&mut project, "");
    // Not every server has the whole of contrib.
    let has_hstore = "SELECT count(*) FROM pg_available_extensions WHERE name = 'hstore'";
    let (extension, used) = match project.number(has_hstore) {
        1 => ("hstore", "SELECT 'a=>1'::hstore -> 'a' = '1'"),
        _ => ("vector", "SELECT '[1]'::vector = '[1]'::vector"),
    };
    project.sql(&format!(
        "CREATE EXTENSION {extension}; GRANT USAGE ON SCHEMA public TO {reader}; CREATE TABLE not_mine (id int);
         ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT SELECT ON TABLES TO {reader};
         CREATE SCHEMA mine AUTHORIZATION {owner}",
        owner = role.name,
        reader = reader.name
    ));
    project.run(&["deploy"]).exits(0);
    project.run(&["seed"]).exits(0);
    project.run(&["env", "set", "development"]).exits(0);
    let (oid, acl) = (project.number(OID), "SELECT nspacl FROM pg_namespace WHERE nspname = 'public'");
    let grants = project.words(acl);
    assert_snapshot!(project.run(&["reset", "--yes"]).text(), @"
    exit 0
    --- stdout
    emptied DB; gone: 4 tables, about 1 row, N MiB
    applied 20260101000000_mood
    applied 20260102000000_all
    seeded public.customer: 1 row
    DB: 2 migrations applied
    --- stderr
    database `DB` on TCP as `ROLE` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(project.number(OID), oid);
    assert_eq!(project.words(acl), grants);
    assert_eq!(project.number("SELECT count(*) FROM customer"), 1);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname = 'not_mine'"), 1);
    assert_eq!(project.words(used), "true");
    assert_eq!(project.words("SELECT name FROM pgkeel.environment"), "development");
    assert_eq!(
        project.words("SELECT string_agg(command, ', ' ORDER BY id) FROM pgkeel.operation"),
        "deploy, seed, env set, reset"
    );
    assert!(project.words("SELECT has_table_privilege(rolname, 'customer', 'SELECT') FROM pg_roles \
        WHERE oid = (SELECT grantee FROM pg_class, aclexplode(relacl) WHERE relname = 'customer' AND grantee <> relowner)")
        == "true");
    project.run(&["status"]).exits(0);
}

#[test]
fn a_kill_at_any_moment_leaves_a_database_under_the_name() {
    let project = Project::with_migrations(&[CUSTOMER]);
    project.run(&["deploy"]).exits(0);
    project.run(&["env", "set", "development"]).exits(0);
    let mut whole = 0;
    for wait in [8, 16, 24, 32, 40, 50, 60, 75, 90, 120] {
        let mut reset = project.command(&["reset", "--yes", "--force"]).spawn().unwrap();
        let begin = std::time::Instant::now();
        let mut ended = None;
        poll::until(20, "the moment of the kill", || {
            ended = reset.try_wait().unwrap();
            (ended.is_some() || begin.elapsed() > Duration::from_millis(wait)).then_some(())
        });
        reset.kill().unwrap();
        reset.wait().unwrap();
        whole += i32::from(ended.is_some());
        // The name always leads to a database, old or new, and it knows what it is. Who comes while the server itself
        // swaps the two is turned away once ("It seems to have just been dropped or renamed").
        poll::until(5, "a database under the name", || {
            [0, 4].contains(&project.run(&["status"]).code).then_some(())
        });
        assert_eq!(project.words("SELECT name FROM pgkeel.environment"), "development", "after {wait} ms");
    }
    assert!(whole < 10, "no reset was killed before its end");
    project.run(&["reset", "--yes", "--force"]).exits(0);
    assert_eq!(leftovers(&project), 0);
    project.run(&["status"]).exits(0);
}

#[test]
fn what_a_killed_reset_left_is_dropped_by_the_next_one_and_nothing_else() {
    let project = Project::with_migrations(&[CUSTOMER]);
    let mine = hash(&project.db.name);
    let foreign = format!("pgkeel_old_00000000_{mine}");
    let used = format!("pgkeel_new_{mine}_used");
    for name in [&format!("pgkeel_new_{mine}_0"), &used, &foreign] {
        project.sql(&format!("CREATE DATABASE {name}"));
    }
    project.sql(&format!("COMMENT ON DATABASE {used} IS 'somebody took it into use'"));
    assert_eq!(leftovers(&project), 2);
    project.run(&["reset", "--yes"]).exits(0);
    let left =
        format!("SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE datname ~ '{mine}'");
    assert_eq!(project.words(&left), format!("{used} {foreign}"));
    project.sql(&format!("DROP DATABASE {used}")).sql(&format!("DROP DATABASE {foreign}"));
}

#[test]
fn two_resets_at_once_leave_one_whole_database() {
    let project = Project::with_migrations(&[CUSTOMER]);
    project.run(&["deploy"]).exits(0);
    project.run(&["env", "set", "development"]).exits(0);
    for force in [&[][..], &["--force"], &["--force"]] {
        let arguments: Vec<_> = ["reset", "--yes"].iter().chain(force).copied().collect();
        let start =
            || project.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let ended = [start(), start(), start()].map(|child| child.wait_with_output().unwrap());
        let told: Vec<_> =
            ended.iter().map(|one| String::from_utf8_lossy(&one.stderr).into_owned()).collect();
        assert!(!told.concat().contains("mend "), "nothing is wrong with the migrations: {told:?}");
        project.run(&["status"]).exits(0);
        assert_eq!(project.words("SELECT name FROM pgkeel.environment"), "development");
    }
    project.run(&["reset", "--yes"]).exits(0);
    assert_eq!(leftovers(&project), 0);
}
