//! CREATE INDEX CONCURRENTLY in a migration: no invalid index is left, none is taken for a good one.

use std::process::Stdio;

use diesel::connection::SimpleConnection;

use crate::support::project::Project;

/// A project with one non-transactional migration.
fn project(up: &str, down: &str) -> Project {
    let project = Project::with_migrations(&[("20260101000000_index", up, down)]);
    project.file("migrations/20260101000000_index/metadata.toml", "run_in_transaction = false\n");
    project
}

const INVALID: &str = "SELECT count(*) FROM pg_index WHERE NOT indisvalid";

#[test]
fn a_concurrent_index_that_fails_leaves_no_invalid_one_behind() {
    for create in ["CREATE UNIQUE INDEX CONCURRENTLY", "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS"] {
        let project = project(&format!("{create} \"T Id\" ON public.t (id);\n"), "DROP INDEX \"T Id\";");
        project.sql("CREATE TABLE t (id int); INSERT INTO t VALUES (1), (1)");
        let ran = project.run(&["deploy"]);
        assert!(ran.exits(1).stderr.contains("DETAIL: Key (id)=(1) is duplicated."), "{}", ran.stderr);
        assert_eq!(project.number("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass"), 0);
        project.sql("DELETE FROM t").run(&["deploy"]).exits(0);
        assert_eq!(project.number(INVALID), 0);
        project.run(&["status"]).exits(0);
    }
}

#[test]
fn the_invalid_index_of_a_killed_run_is_built_again() {
    for create in ["CREATE INDEX CONCURRENTLY", "CREATE INDEX CONCURRENTLY IF NOT EXISTS"] {
        let project = project(&format!("{create} t_id ON t (id);\n"), "DROP INDEX t_id;");
        project.sql(
            "CREATE TABLE t (id int); CREATE INDEX t_id ON t (id); \
             UPDATE pg_index SET indisvalid = false WHERE indexrelid = 't_id'::regclass",
        );
        assert_eq!(project.number(INVALID), 1);
        project.run(&["deploy"]).exits(0);
        assert_eq!(project.number(INVALID), 0);
        assert_eq!(project.number("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass"), 1);
    }
}

#[test]
fn an_invalid_index_that_somebody_builds_is_not_taken_for_a_finished_one() {
    let project = project("CREATE INDEX CONCURRENTLY IF NOT EXISTS t_id ON t (id);\n", "DROP INDEX t_id;");
    project.sql(
        "CREATE TABLE t (id int); CREATE INDEX t_id ON t (id); \
         UPDATE pg_index SET indisvalid = false WHERE indexrelid = 't_id'::regclass",
    );
    // IF NOT EXISTS takes SHARE UPDATE EXCLUSIVE too: what it skips is somebody's who is done with the table.
    let mut builder = project.db.connect();
    builder.batch_execute("BEGIN; LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE").unwrap();
    let deploy = project.command(&["deploy"]).stderr(Stdio::piped()).spawn().unwrap();
    let output = deploy.wait_with_output().unwrap();
    builder.batch_execute("COMMIT").unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(
        stderr.contains("the index `t_id` is invalid, and another session may be building it at this moment"),
        "{stderr}"
    );
    assert_eq!(project.number("SELECT count(*) FROM __diesel_schema_migrations"), 0);
    project.run(&["deploy"]).exits(0);
    assert_eq!(project.number(INVALID), 0);
}
