//! An application's own Diesel migrations beside pgkeel, in both directions, with diesel_migrations'
//! harness as an application uses it.

use std::process::Stdio;

use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};

use crate::support::cluster::{number, words};
use crate::support::poll;
use crate::support::project::Project;

const A: (&str, &str, &str) = ("20260101000000_a", "CREATE TABLE a (id int);", "DROP TABLE a;");
const B: (&str, &str, &str) = ("2026-01-02-000000_b", "CREATE TABLE b (id int);", "DROP TABLE b;");

fn project() -> Project {
    Project::with_migrations(&[A, B])
}

/// The application: its migrations and its connection.
fn application(project: &Project) -> (FileBasedMigrations, PgConnection) {
    let folder = FileBasedMigrations::from_path(project.root().join("migrations")).unwrap();
    (folder, project.db.connect())
}

fn applied(connection: &mut PgConnection) -> Vec<String> {
    let mut applied: Vec<_> =
        connection.applied_migrations().unwrap().iter().map(ToString::to_string).collect();
    applied.sort();
    applied
}

#[test]
fn what_pgkeel_deployed_diesel_knows_and_undoes() {
    let project = project();
    project.run(&["deploy"]).exits(0);
    let (folder, mut connection) = application(&project);
    assert!(!connection.has_pending_migration(folder.clone()).unwrap());
    assert_eq!(applied(&mut connection), ["20260101000000", "20260102000000"]);
    assert_eq!(connection.run_pending_migrations(folder.clone()).unwrap().len(), 0);

    let undone = connection.revert_last_migration(folder.clone()).unwrap();
    assert_eq!(undone.to_string(), "20260102000000");
    assert_eq!(number(&mut connection, "SELECT count(*) AS value FROM pg_class WHERE relname = 'b'"), 0);
    let status = project.run(&["status"]);
    status.exits(4);
    assert!(status.stdout.contains("1 applied, 1 pending"), "{}", status.stdout);

    project.run(&["deploy"]).exits(0);
    assert!(!connection.has_pending_migration(folder).unwrap());
    project.run(&["status"]).exits(0);
}

#[test]
fn what_diesel_ran_pgkeel_knows_and_undoes() {
    let project = project();
    let (folder, mut connection) = application(&project);
    connection.run_pending_migrations(folder.clone()).unwrap();

    let status = project.run(&["status"]);
    status.exits(0);
    assert_eq!(status.stdout.matches("applied by another tool").count(), 2, "{}", status.stdout);
    let deploy = project.run(&["deploy"]);
    deploy.exits(0);
    assert!(deploy.stdout.contains("nothing to apply"), "{}", deploy.stdout);
    let bookkeeping = "SELECT count(*) AS value FROM pg_namespace WHERE nspname = 'pgkeel'";
    assert_eq!(number(&mut connection, bookkeeping), 0, "looking creates nothing");

    project.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(applied(&mut connection), ["20260101000000"]);
    assert_eq!(number(&mut connection, "SELECT count(*) AS value FROM pg_class WHERE relname = 'b'"), 0);
    assert!(connection.has_pending_migration(folder.clone()).unwrap());
    connection.run_pending_migrations(folder).unwrap();
    project.run(&["status"]).exits(0);
}

#[test]
fn both_may_take_turns() {
    let project = Project::with_migrations(&[A]);
    let (folder, mut connection) = application(&project);
    connection.run_pending_migrations(folder).unwrap();
    project.migration(B.0, B.1, B.2).run(&["deploy"]).exits(0);
    project.migration("20260103000000_c", "CREATE TABLE c (id int);", "DROP TABLE c;");
    let (folder, mut connection) = application(&project);
    connection.run_pending_migrations(folder.clone()).unwrap();
    project.run(&["status"]).exits(0);
    connection.revert_all_migrations(folder).unwrap();
    assert_eq!(applied(&mut connection), [""; 0]);
    let status = project.run(&["status"]);
    status.exits(4);
    assert!(status.stdout.contains("0 applied, 3 pending"), "{}", status.stdout);
}

#[test]
fn non_transactional_migrations_mean_the_same_to_both() {
    let project = Project::with_migrations(&[A]);
    project
        .migration(
            "20260102000000_index",
            "CREATE INDEX CONCURRENTLY a_id ON a (id);",
            "DROP INDEX CONCURRENTLY a_id;",
        )
        .file("migrations/20260102000000_index/metadata.toml", "run_in_transaction = false\n");
    project.run(&["deploy"]).exits(0);
    let (folder, mut connection) = application(&project);
    assert!(!connection.has_pending_migration(folder.clone()).unwrap());
    connection.revert_last_migration(folder.clone()).unwrap();
    connection.run_pending_migrations(folder).unwrap();
    project.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(number(&mut connection, "SELECT count(*) AS value FROM pg_class WHERE relname = 'a_id'"), 0);
}

/// Everything that the catalog says of a table: columns, types, defaults, constraints, indexes, kind.
fn definition(connection: &mut PgConnection, schema: &str) -> String {
    words(
        connection,
        &format!(
            "SELECT concat_ws(E'\\n', relkind, relpersistence, relhasrules, relrowsecurity, reloptions, \
             (SELECT string_agg(concat_ws(' ', attnum, attname, format_type(atttypid, atttypmod), attnotnull, \
               attidentity, attgenerated, attstorage, pg_get_expr(adbin, adrelid)), E'\\n' ORDER BY attnum) \
              FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum \
              WHERE attrelid = c.oid AND attnum > 0), \
             (SELECT string_agg(concat_ws(' ', conname, contype, pg_get_constraintdef(oid)), E'\\n' ORDER BY conname) \
              FROM pg_constraint WHERE conrelid = c.oid), \
             (SELECT string_agg(replace(pg_get_indexdef(indexrelid), '{schema}.', ''), E'\\n') \
              FROM pg_index WHERE indrelid = c.oid), obj_description(c.oid, 'pg_class')) AS value \
             FROM pg_class c WHERE relname = '__diesel_schema_migrations' AND relnamespace = '{schema}'::regnamespace"
        ),
    )
}

#[test]
fn the_ledger_is_exactly_as_diesel_makes_it() {
    let (ours, theirs) = (project(), project());
    ours.run(&["deploy"]).exits(0);
    let (folder, mut diesel) = application(&theirs);
    diesel.run_pending_migrations(folder).unwrap();
    let made_by_diesel = definition(&mut diesel, "public");
    assert!(made_by_diesel.contains("1 version character varying(50) t"), "{made_by_diesel}");
    assert_eq!(definition(&mut ours.db.connect(), "public"), made_by_diesel);
    let rows = "SELECT string_agg(version, ' ' ORDER BY version) AS value FROM public.__diesel_schema_migrations \
                WHERE run_on BETWEEN localtimestamp - interval '1 hour' AND localtimestamp + interval '1 second'";
    assert_eq!(words(&mut ours.db.connect(), rows), words(&mut diesel, rows));
}

#[test]
fn our_own_tables_have_a_ledger_of_their_own() {
    let project = project();
    project.run(&["deploy"]).exits(0);
    let mut connection = project.db.connect();
    let versions = |schema: &str| {
        format!(
            "SELECT string_agg(version, ' ' ORDER BY version) AS value FROM {schema}.__diesel_schema_migrations"
        )
    };
    assert_eq!(words(&mut connection, &versions("public")), "20260101000000 20260102000000");
    let ours = "20260101000000 20260102000000 20260103000000 20261201000000";
    assert_eq!(words(&mut connection, &versions("pgkeel")), ours, "the versions of our own tables");
    let in_public = "SELECT string_agg(relname, ' ' ORDER BY relname) AS value FROM pg_class \
                     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'";
    assert_eq!(words(&mut connection, in_public), "__diesel_schema_migrations a b");
    project.run(&["rollback", "--yes", "--steps", "2"]).exits(0);
    assert_eq!(words(&mut connection, &versions("pgkeel")), ours, "a rollback leaves it alone");
}

#[test]
fn tables_of_an_earlier_pgkeel_are_read_as_they_are_and_upgraded_by_the_next_run_that_writes() {
    let project = project();
    project.run(&["deploy", "--to", A.0.split_once('_').unwrap().0]).exits(0);
    project.sql(
        "ALTER TABLE pgkeel.operation DROP COLUMN lsn, DROP COLUMN backup; \
         DELETE FROM pgkeel.__diesel_schema_migrations WHERE version = '20260102000000'",
    );
    project.run(&["status"]).exits(4);
    let upgraded = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'pgkeel.operation'::regclass AND attname = 'backup'";
    assert_eq!(project.number(upgraded), 0, "a command that only reads changes nothing");
    project.run(&["deploy"]).exits(0);
    assert_eq!(project.number(upgraded), 1);
    assert_eq!(project.number("SELECT count(*) FROM pgkeel.operation WHERE outcome = 'done'"), 2);
}

/// The versions in the ledger after Diesel has run what it takes for pending.
fn after_diesel(project: &Project) -> Vec<String> {
    let (folder, mut connection) = application(project);
    connection.run_pending_migrations(folder).unwrap();
    applied(&mut connection)
}

#[test]
fn a_squashed_history_is_one_migration_for_diesel_before_and_after_it_is_recorded() {
    let squashed = |project: &Project| {
        project
            .migration("20260103000000_c", "CREATE TABLE c (id int);", "DROP TABLE c;")
            .file("pgkeel.toml", "");
        project.run(&["migrate", "squash", "--through", "20260102000000"]).exits(0);
    };
    // A new database: Diesel runs the squashed one, and all that follow.
    let fresh = project();
    squashed(&fresh);
    assert_eq!(after_diesel(&fresh), ["20260102000000", "20260103000000"]);
    assert_eq!(fresh.number("SELECT count(*) FROM a, b, c"), 0);
    fresh.run(&["status"]).exits(0);
    let deploy = fresh.run(&["deploy"]);
    assert!(deploy.exits(0).stdout.contains("nothing to apply"), "{}", deploy.text());

    // A database that has the old ones, applied by either of the two: Diesel runs what follows, also before it is marked.
    for by_diesel in [true, false] {
        let old = project();
        if by_diesel {
            after_diesel(&old);
        } else {
            old.run(&["deploy"]).exits(0);
        }
        squashed(&old);
        assert_eq!(after_diesel(&old), ["20260101000000", "20260102000000", "20260103000000"]);
        old.run(&["status"]).exits(0);
        old.run(&["deploy"]).exits(0);
        let (folder, mut connection) = application(&old);
        assert_eq!(applied(&mut connection), ["20260102000000", "20260103000000"]);
        assert!(!connection.has_pending_migration(folder.clone()).unwrap());
        old.run(&["status"]).exits(0);
        // And the way down and up again, which finds every version in the folder.
        connection.revert_all_migrations(folder).unwrap();
        assert_eq!(old.number("SELECT count(*) FROM pg_class WHERE relname IN ('a', 'b', 'c')"), 0);
        old.run(&["status"]).exits(4);
        old.run(&["deploy"]).exits(0);
        old.run(&["status"]).exits(0);
    }
}

/// Run a command of ours while Diesel is inside a transaction that does the same; Diesel wins.
#[track_caller]
fn behind_diesel(project: &Project, command: &[&str], diesel_does: &str) -> String {
    let mut diesel = project.db.connect();
    diesel.batch_execute(&format!("BEGIN; {diesel_does}")).unwrap();
    let ours = project.command(command).stderr(Stdio::piped()).spawn().unwrap();
    let mut watcher = project.db.connect();
    let waits = "SELECT count(*) AS value FROM pg_stat_activity WHERE datname = current_database() \
                 AND application_name LIKE 'pgkeel %' AND wait_event_type = 'Lock'";
    poll::until(20, "our run waits for Diesel", || (number(&mut watcher, waits) == 1).then_some(()));
    diesel.batch_execute("COMMIT").unwrap();
    let output = ours.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(
        stderr.contains("next: `pgkeel status` shows where the database stands; then `pgkeel "),
        "{stderr}"
    );
    stderr
}

#[test]
fn a_migration_that_diesel_applies_at_the_same_moment_is_applied_once() {
    let project = Project::with_migrations(&[A]);
    project.run(&["deploy"]).exits(0);
    project.migration(B.0, B.1, B.2);
    // Diesel takes no lock: its row's key is what we wait for.
    let stderr = behind_diesel(
        &project,
        &["deploy"],
        "CREATE TABLE b (id int); INSERT INTO __diesel_schema_migrations (version) VALUES ('20260102000000')",
    );
    assert!(
        stderr.contains("it is in the ledger already: another tool applied it at this moment"),
        "{stderr}"
    );
    project.run(&["deploy"]).exits(0);
    project.run(&["status"]).exits(0);
}

#[test]
fn a_migration_that_diesel_undoes_at_the_same_moment_is_undone_once() {
    let project = project();
    project.run(&["deploy"]).exits(0);
    let stderr = behind_diesel(
        &project,
        &["rollback", "--yes"],
        "DROP TABLE b; DELETE FROM __diesel_schema_migrations WHERE version = '20260102000000'",
    );
    assert!(
        stderr.contains("it is no longer in the ledger: another tool undid it at this moment"),
        "{stderr}"
    );
    assert_eq!(project.number("SELECT count(*) FROM a"), 0, "and nothing else");
    project.run(&["status"]).exits(4);
}
