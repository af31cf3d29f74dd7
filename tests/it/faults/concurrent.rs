//! Statements that no transaction can hold, beside sessions that they must wait for, and cut off while they wait.

use std::process::{Child, Stdio};

use diesel::connection::SimpleConnection;

use crate::support::cluster::number;
use crate::support::poll;
use crate::support::project::Project;

use super::shop::ended;

const INVALID: &str = "SELECT count(*) FROM pg_index WHERE NOT indisvalid";

/// A project with one non-transactional migration, after `setup`.
fn project(setup: &str, up: &str) -> Project {
    let project = Project::with_migrations(&[("20260101000000_index", up, "SELECT 1;")]);
    project.file("migrations/20260101000000_index/metadata.toml", "run_in_transaction = false\n");
    project.sql(setup);
    project
}

fn deploy(project: &Project) -> Child {
    project.command(&["deploy"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Wait until the deploy waits for another session, in a statement that begins like this.
#[track_caller]
fn waits(project: &Project, statement: &str) {
    let mut watcher = project.db.connect();
    let waiting = format!(
        "SELECT count(*) AS value FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
         AND application_name = 'pgkeel deploy' AND datname = current_database() AND query LIKE '{statement}%'"
    );
    poll::until(20, statement, || (number(&mut watcher, &waiting) == 1).then_some(()));
}

const DUPLICATES: &str = "CREATE TABLE t (id int); INSERT INTO t VALUES (1), (1)";
const UNIQUE: &str = "CREATE UNIQUE INDEX CONCURRENTLY t_id ON t (id);\n";

#[test]
fn an_old_snapshot_does_not_keep_an_invalid_index_alive() {
    let project = project(DUPLICATES, UNIQUE);
    let mut old = project.db.connect();
    old.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1").unwrap();
    project.run(&["deploy"]).exits(1);
    assert_eq!(project.number(INVALID), 0);
    // The build of a good one waits for the snapshot, and no longer.
    project.sql("DELETE FROM t");
    let again = deploy(&project);
    waits(&project, "CREATE UNIQUE INDEX");
    old.batch_execute("COMMIT").unwrap();
    let (code, stdout, stderr) = ended(again);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert_eq!(
        project.number("SELECT count(*) FROM pg_index WHERE indexrelid = 't_id'::regclass AND indisvalid"),
        1
    );
}

#[test]
fn a_reader_that_ends_while_a_failed_build_is_cleared_away_is_waited_for() {
    let project = project(DUPLICATES, UNIQUE);
    let mut reader = project.db.connect();
    reader.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM t").unwrap();
    let failing = deploy(&project);
    waits(&project, "DROP INDEX CONCURRENTLY");
    reader.batch_execute("COMMIT").unwrap();
    let (code, stdout, stderr) = ended(failing);
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    assert!(stderr.contains("Key (id)=(1) is duplicated."), "{stderr}");
    assert_eq!(project.number(INVALID), 0);
    project.sql("DELETE FROM t").run(&["deploy"]).exits(0);
    assert_eq!(project.number(INVALID), 0);
}

#[test]
fn a_build_waits_for_a_writer_and_finishes() {
    let project = project("CREATE TABLE t (id int); INSERT INTO t VALUES (1)", UNIQUE);
    let mut writer = project.db.connect();
    writer.batch_execute("BEGIN; INSERT INTO t VALUES (2)").unwrap();
    let waiting = deploy(&project);
    waits(&project, "CREATE UNIQUE INDEX");
    writer.batch_execute("COMMIT").unwrap();
    let (code, stdout, stderr) = ended(waiting);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert_eq!(project.number(INVALID), 0);
}

#[test]
fn of_several_concurrent_statements_those_that_finished_are_not_run_again() {
    let up = "CREATE INDEX CONCURRENTLY t_name ON t (name);\n\
              DROP INDEX CONCURRENTLY t_old;\n\
              CREATE UNIQUE INDEX CONCURRENTLY t_id ON t (id);\n\
              REINDEX INDEX CONCURRENTLY t_name;\n";
    let project = project(
        "CREATE TABLE t (id int, name text); CREATE INDEX t_old ON t (name); INSERT INTO t VALUES (1), (1)",
        up,
    );
    let ran = project.run(&["deploy"]);
    assert!(
        ran.exits(1).stderr.contains("statements 1 to 2 stay, and the next run goes on with statement 3"),
        "{}",
        ran.stderr
    );
    assert_eq!(project.number(INVALID), 0);
    let index = "SELECT 't_name'::regclass::oid";
    let before = project.number(index);
    project.sql("DELETE FROM t").run(&["deploy"]).exits(0);
    // REINDEX CONCURRENTLY swaps the files and keeps the names: a new oid.
    assert_ne!(project.number(index), before);
    assert_eq!(
        project.number("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass AND indisvalid"),
        2
    );
    assert_eq!(project.number("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass"), 2);
}

#[test]
fn a_failed_concurrent_reindex_leaves_no_transient_index() {
    for reindex in ["INDEX CONCURRENTLY t_f", "TABLE CONCURRENTLY t", "SCHEMA CONCURRENTLY public"] {
        let project = project(
            "CREATE FUNCTION f(id int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1'; \
             CREATE TABLE t (id int); INSERT INTO t VALUES (0), (1); CREATE INDEX t_f ON t (f(id)); \
             CREATE OR REPLACE FUNCTION f(id int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1 / $1'",
            &format!("REINDEX {reindex};\n"),
        );
        let ran = project.run(&["deploy"]);
        assert!(ran.exits(1).stderr.contains("division by zero"), "{reindex}: {}", ran.stderr);
        assert_eq!(
            project.number("SELECT count(*) FROM pg_class WHERE relname ~ '_cc(new|old)'"),
            0,
            "{reindex}"
        );
        assert_eq!(project.number(INVALID), 0, "{reindex}");
        project.sql("DELETE FROM t WHERE id = 0").run(&["deploy"]).exits(0);
        assert_eq!(
            project.number("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass"),
            1,
            "{reindex}"
        );
    }
}

#[test]
fn a_detach_that_is_cut_off_while_it_waits_is_finalized_by_the_next_run() {
    for cut in [Cut::Killed, Cut::Cancelled] {
        let project = project(
            "CREATE TABLE log (day int) PARTITION BY LIST (day); \
             CREATE TABLE log_1 PARTITION OF log FOR VALUES IN (1); INSERT INTO log VALUES (1)",
            "ALTER TABLE log DETACH PARTITION log_1 CONCURRENTLY;\n",
        );
        let mut reader = project.db.connect();
        reader.batch_execute("BEGIN; SELECT count(*) FROM log").unwrap();
        let mut detaching = deploy(&project);
        waits(&project, "ALTER TABLE log DETACH");
        match cut {
            Cut::Killed => {
                detaching.kill().unwrap();
                detaching.wait().unwrap();
            }
            Cut::Cancelled => {
                project.sql(
                    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
                     AND application_name = 'pgkeel deploy' AND state = 'active'",
                );
                let (code, stdout, stderr) = ended(detaching);
                assert_eq!(code, Some(1), "{cut:?}: {stdout}{stderr}");
            }
        }
        let mut watcher = project.db.connect();
        let left = "SELECT count(*) AS value FROM pg_stat_activity WHERE datname = current_database() \
                    AND application_name = 'pgkeel deploy'";
        poll::until(10, "its session ends", || (number(&mut watcher, left) == 0).then_some(()));
        let pending = "SELECT count(*) FROM pg_inherits WHERE inhdetachpending";
        assert_eq!(project.number(pending), 1, "{cut:?}");
        reader.batch_execute("COMMIT").unwrap();
        project.run(&["deploy"]).exits(0);
        assert_eq!(project.number("SELECT count(*) FROM pg_inherits"), 0, "{cut:?}");
        assert_eq!(project.number("SELECT count(*) FROM log_1"), 1, "{cut:?}");
        project.run(&["status"]).exits(0);
    }
}

#[derive(Debug, Clone, Copy)]
enum Cut {
    Killed,
    Cancelled,
}
