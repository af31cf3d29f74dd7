//! Non-transactional migrations: they stop half way, say where, and go on there.

use insta::assert_snapshot;

use crate::support::project::Project;

const NAME: &str = "20260101000000_indexes";
const UP: &str = "migrations/20260101000000_indexes/up.sql";
const NO_TRANSACTION: &str = "run_in_transaction = false\n";

/// A project with one non-transactional migration.
fn project(up: &str, down: &str) -> Project {
    let project = Project::with_migrations(&[(NAME, up, down)]);
    project.file("migrations/20260101000000_indexes/metadata.toml", NO_TRANSACTION);
    project
}

#[test]
fn what_cannot_be_in_a_transaction_runs_and_is_recorded() {
    let project = project(
        "CREATE TABLE t (id int);\nCREATE INDEX CONCURRENTLY t_id ON t (id);\nVACUUM t;",
        "DROP INDEX CONCURRENTLY t_id;\nDROP TABLE t;",
    );
    project.run(&["deploy"]).exits(0);
    assert_eq!(
        project.number("SELECT count(*) FROM pg_index WHERE indexrelid = 't_id'::regclass AND indisvalid"),
        1
    );
    project.run(&["status"]).exits(0);
    project.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname IN ('t', 't_id')"), 0);
    project.run(&["status"]).exits(4);
}

#[test]
fn a_second_of_three_statements_that_fails_is_where_the_next_run_goes_on() {
    let project = project(
        "CREATE TABLE t (id int);\n\nALTER TABLE t ADD nmae txet;\nCREATE INDEX CONCURRENTLY t_id ON t (id);\n",
        "DROP TABLE t;",
    );
    assert_snapshot!(project.run(&["deploy"]).text(), @r#"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: migration `20260101000000_indexes` could not be applied
      migrations/20260101000000_indexes/up.sql:3:24
        |
      3 | ALTER TABLE t ADD nmae txet;
        |                        ^
      type "txet" does not exist (SQLSTATE 42704)
      the database now: statement 1 stays, and the next run goes on with statement 2
    next: mend migrations/20260101000000_indexes/up.sql, then `pgkeel deploy`
    "#);
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 5
    --- stdout
    DB: 0 applied, 0 pending, 1 partial

       migration  state  applied at (UTC)  took  note
    x  20260101000000_indexes  partial  up.sql stopped after statement 1
    drift: never checked (`pgkeel drift`)

    next: `pgkeel deploy` goes on with the partial migration where it stopped
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(project.number("SELECT count(*) FROM __diesel_schema_migrations"), 0);
    assert_eq!(project.number("SELECT count(*) FROM t"), 0, "the first statement stays");
    assert_snapshot!(project.run(&["rollback", "--yes"]).text(), @"
    exit 5
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the migration `20260101000000_indexes` is partial: finish it first
    next: `pgkeel deploy` goes on where it stopped
    ");

    project.file(
        UP,
        "CREATE TABLE t (id int); -- done already\nALTER TABLE t ADD name text;\nCREATE INDEX CONCURRENTLY t_id ON t (id);\n",
    );
    assert_snapshot!(project.run(&["deploy", "-v"]).text(), @"
    exit 0
    --- stdout
    applied 20260101000000_indexes  N ms
    DB: applied 1 migration
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
      statement 2: ALTER TABLE
      statement 3: CREATE INDEX CONCURRENTLY
    ");
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 0
    --- stdout
    DB: up to date, 1 migration
    drift: never checked (`pgkeel drift`)
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(
        project.words("SELECT up_sql FROM pgkeel.migration"),
        std::fs::read_to_string(project.root().join(UP)).unwrap(),
        "what ran is what is stored"
    );
}

#[test]
fn the_finished_part_of_a_partial_migration_may_not_be_edited() {
    let project = project("CREATE TABLE t (id int);\nSELECT oops;\n", "DROP TABLE t;");
    project.run(&["deploy"]).exits(1);
    project.file(UP, "CREATE TABLE t (id bigint);\nSELECT 1;\n");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 5
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: of `20260101000000_indexes` the first statement has run already, and what has run was edited since; nothing of it was run now
      statement 1 ran as
      | CREATE TABLE t (id int)
      and is now
      | CREATE TABLE t (id bigint)
    next: bring the finished statements back as they were; what follows them may be edited
    ");
    assert_eq!(project.number("SELECT count(*) FROM __diesel_schema_migrations"), 0);
    project.run(&["status"]).exits(5);
}

#[test]
fn settings_of_the_finished_part_hold_again_when_it_goes_on() {
    let project = project(
        "CREATE SCHEMA app;\nSET search_path = app;\nSELECT oops;\nCREATE TABLE t (id int);\n",
        "DROP TABLE app.t;",
    );
    project.run(&["deploy"]).exits(1);
    project.file(UP, "CREATE SCHEMA app;\nSET search_path = app;\nSELECT 1;\nCREATE TABLE t (id int);\n");
    project.run(&["deploy"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM app.t"), 0);
}

#[test]
fn the_first_statement_fails_and_none_stays() {
    let project = project("SELECT oops;\nCREATE TABLE t (id int);\n", "DROP TABLE t;");
    assert_snapshot!(project.run(&["deploy"]).text(), @r#"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: migration `20260101000000_indexes` could not be applied
      migrations/20260101000000_indexes/up.sql:1:8
        |
      1 | SELECT oops;
        |        ^
      column "oops" does not exist (SQLSTATE 42703)
      the database now: none of its statements has run; the next run begins with the first
    next: mend migrations/20260101000000_indexes/up.sql, then `pgkeel deploy`
    "#);
    project.file(UP, "CREATE TABLE t (id int);\n");
    project.run(&["deploy"]).exits(0);
    project.run(&["status"]).exits(0);
}

#[test]
fn a_rollback_that_stops_half_way_goes_on_with_the_next_rollback() {
    let project = project(
        "CREATE TABLE t (id int);\nCREATE TABLE u (id int);",
        "DROP TABLE u;\nDROP TABLE oops;\nDROP TABLE t;",
    );
    project.run(&["deploy"]).exits(0);
    assert_snapshot!(project.run(&["rollback", "--yes"]).text(), @r#"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: migration `20260101000000_indexes` could not be undone
      migrations/20260101000000_indexes/down.sql:2:1
        |
      2 | DROP TABLE oops;
        | ^
      table "oops" does not exist (SQLSTATE 42P01)
      the database now: statement 1 stays, and the next run goes on with statement 2
    next: mend migrations/20260101000000_indexes/down.sql, then `pgkeel rollback`
    "#);
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 5
    --- stdout
    DB: 0 applied, 0 pending, 1 partial

       migration  state  applied at (UTC)  took  note
    x  20260101000000_indexes  partial  TIME  N ms  down.sql stopped after statement 1
    drift: never checked (`pgkeel drift`)

    next: `pgkeel rollback` goes on with the half undone migration where it stopped
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 5
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the migration `20260101000000_indexes` is half undone: its rollback stopped, and must be finished first; nothing was run
    next: `pgkeel rollback` goes on where it stopped; or finish it by hand, then `pgkeel resolve --rolled-back VERSION`
    ");
    assert_eq!(project.number("SELECT count(*) FROM t"), 0, "a deploy destroys nothing");
    project.file("migrations/20260101000000_indexes/down.sql", "DROP TABLE u;\nDROP TABLE t;");
    project.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname IN ('t', 'u')"), 0);
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 4
    --- stdout
    DB: 0 applied, 1 pending

       migration  state  applied at (UTC)  took  note
    .  20260101000000_indexes  pending
    drift: never checked (`pgkeel drift`)

    next: `pgkeel deploy`, or `pgkeel migrate` on your own database
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
}

#[test]
fn what_a_human_finished_by_hand_is_resolved() {
    let half = || {
        let project = project("CREATE TABLE t (id int);\nSELECT oops;\n", "DROP TABLE t;");
        project.run(&["deploy"]).exits(1);
        project
    };
    let finished = half();
    finished.run(&["resolve", "--applied", "20260101000000"]).exits(0);
    finished.run(&["status"]).exits(0);
    let undone = half();
    undone.sql("DROP TABLE t").run(&["resolve", "--rolled-back", "20260101000000"]).exits(0);
    undone.run(&["status"]).exits(4);
}

#[test]
fn a_half_undone_one_that_a_human_finished_is_resolved_in_both_directions() {
    let half = || {
        let project = project("CREATE TABLE t (id int);", "SELECT 1;\nSELECT oops;\n");
        project.run(&["deploy"]).exits(0);
        project.run(&["rollback", "--yes"]).exits(1);
        project
    };
    let kept = half();
    kept.run(&["resolve", "--applied", "20260101000000"]).exits(0);
    kept.run(&["status"]).exits(0);
    let undone = half();
    undone.run(&["resolve", "--rolled-back", "20260101000000"]).exits(0);
    undone.run(&["status"]).exits(4);
}
