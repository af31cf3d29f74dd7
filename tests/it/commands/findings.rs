//! What is wrong with a migrations folder is told with file and line before anything runs.

use insta::assert_snapshot;

use crate::support::project::{Project, Ran};

const GOOD: (&str, &str, &str) = ("20260101000000_good", "CREATE TABLE good (id int);", "DROP TABLE good;");

/// Deploy must refuse with 2 and create nothing, and `status` must say the same.
#[track_caller]
fn refused(project: &Project) -> Ran {
    let ran = project.run(&["deploy"]);
    ran.exits(2);
    assert_eq!(ran.stdout, "");
    nothing_is_created(project);
    project.run(&["migrate"]).exits(2);
    project.run(&["deploy", "--dry-run"]).exits(2);
    let status = project.run(&["status"]);
    status.exits(2);
    assert!(status.stdout.contains("must be mended"), "{}", status.stdout);
    nothing_is_created(project);
    ran
}

#[track_caller]
fn nothing_is_created(project: &Project) {
    let ours = "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = 'pgkeel') \
                + (SELECT count(*) FROM pg_class WHERE relname IN ('__diesel_schema_migrations', 'good'))";
    assert_eq!(project.number(ours), 0);
}

fn good() -> Project {
    Project::with_migrations(&[GOOD])
}

#[test]
fn every_finding_is_listed_at_once() {
    let project = good();
    project
        .migration("20260102000000_begin", "SELECT 1;\nBEGIN;\nSELECT 2;\nCOMMIT;\n", "SELECT 1;")
        .migration("20260103000000_psql", "\\set ON_ERROR_STOP on\nSELECT 1;\n", "SELECT 1;")
        .migration("20260104000000_empty", "", "SELECT 1;")
        .migration("20260105000000_comment", "-- later\n", "SELECT 1;")
        .migration("20260106000000_latin", "x", "SELECT 1;")
        .file("migrations/20260106000000_latin/up.sql", b"SELECT 1;\nSELECT 'Gr\xf6\xdfe';\n")
        .migration("20260106120000_zero", "SELECT 1;\nSELECT '\0';\n", "SELECT 1;")
        .migration("20260107000000_twice", "SELECT 1;", "SELECT 1;")
        .migration("2026-01-07-000000_twice_too", "SELECT 1;", "SELECT 1;")
        .migration(&format!("{}_long", "1".repeat(51)), "SELECT 1;", "SELECT 1;")
        .migration("20260108000000_meta", "SELECT 1;", "SELECT 1;")
        .file("migrations/20260108000000_meta/metadata.toml", "# nothing\n")
        .migration("20260109000000_meta", "SELECT 1;", "SELECT 1;")
        .file("migrations/20260109000000_meta/metadata.toml", "# broken\nrun_in_transaction = maybe\n")
        .migration("20260110000000_meta", "SELECT 1;", "SELECT 1;")
        .file("migrations/20260110000000_meta/metadata.toml", "run_in_transaction = \"no\"\n")
        .file("migrations/20260111000000_no_up/down.sql", "SELECT 1;")
        .migration("_unnamed", "SELECT 1;", "SELECT 1;")
        .migration(
            "20260112000000_copy",
            "CREATE TABLE t (id int);\nCOPY t FROM STDIN;\n1\n\\.\n",
            "SELECT 1;",
        )
        .migration("20260113000000_open", "SELECT 1;\nSELECT 'never closed;\n", "SELECT 1;");
    assert_snapshot!(refused(&project).text(), @r"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the migrations folder must be mended first; nothing was run
      migrations/111111111111111111111111111111111111111111111111111_long: the version `111111111111111111111111111111111111111111111111111` has 51 characters, Diesel's ledger keeps 50
        put an `_` after the time stamp, or shorten it
      migrations/20260107000000_twice: the version `20260107000000` is also that of `2026-01-07-000000_twice_too`, and Diesel would record only one of them
        give one of the two folders another version
      migrations/20260111000000_no_up: the folder has no up.sql
        write it, or delete the folder
      migrations/_unnamed: the folder's name has no version
        name it `<YYYYMMDDHHMMSS>_<name>`
      migrations/20260102000000_begin/up.sql:2: `BEGIN` would end the transaction that holds the migration and its record together
        take BEGIN, COMMIT and ROLLBACK out: pgkeel runs the file in one transaction
      migrations/20260102000000_begin/up.sql:4: `COMMIT` would end the transaction that holds the migration and its record together
        take BEGIN, COMMIT and ROLLBACK out: pgkeel runs the file in one transaction
      migrations/20260103000000_psql/up.sql:1: `\set` is a command of psql, not SQL
        take it out, or write its effect in SQL
      migrations/20260104000000_empty/up.sql: the file holds no statement, which Diesel refuses to run
        write `SELECT 1;` if it is meant to do nothing
      migrations/20260105000000_comment/up.sql: the file holds no statement, which Diesel refuses to run
        write `SELECT 1;` if it is meant to do nothing
      migrations/20260106000000_latin/up.sql:2: the byte 0xF6 at offset 20 is not UTF-8
        save the file as UTF-8 (`iconv -f LATIN1 -t UTF-8` if it is Latin-1)
      migrations/20260106120000_zero/up.sql:2: there is a zero byte at offset 18, which PostgreSQL cannot read
        take it out, or save the file as UTF-8 if it is UTF-16
      migrations/20260108000000_meta/metadata.toml:1: the key `run_in_transaction` is missing, which Diesel reads as false: no transaction
        write `run_in_transaction = true` or `run_in_transaction = false`
      migrations/20260109000000_meta/metadata.toml:2: the file is not valid TOML (string values must be quoted, expected literal string), and Diesel would silently run it in a transaction
        write `run_in_transaction = true` or `run_in_transaction = false`
      migrations/20260110000000_meta/metadata.toml:1: `run_in_transaction` is not a boolean
        write `run_in_transaction = true` or `run_in_transaction = false`
      migrations/20260112000000_copy/up.sql:2: `COPY … FROM STDIN` needs a data stream, which a migration does not have
        write INSERT statements (`pg_dump --inserts`)
      migrations/20260113000000_open/up.sql:2: the string that begins here is never closed: its `'` is missing
        close it
    next: mend them and run the command again
    ");
}

#[test]
fn a_missing_or_empty_down_sql_is_a_note_and_no_obstacle() {
    let project = good();
    project
        .remove("migrations/20260101000000_good/down.sql")
        .migration("20260102000000_comment", "SELECT 1;", "-- nothing to undo\n")
        .migration("20260103000000_void", "SELECT 1;", "");
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 4
    --- stdout
    DB: 0 applied, 3 pending

       migration  state  applied at (UTC)  took  note
    .  20260101000000_good  pending
    .  20260102000000_comment  pending
    .  20260103000000_void  pending
    note: migrations/20260101000000_good/down.sql: there is no down.sql, so this migration cannot be rolled back; write it while you still know how
    note: migrations/20260102000000_comment/down.sql: the file holds comments only, so a rollback would undo nothing; write the statements, or `SELECT 1;` if there is nothing to undo
    note: migrations/20260103000000_void/down.sql: the file holds comments only, so a rollback would undo nothing; write the statements, or `SELECT 1;` if there is nothing to undo

    next: `pgkeel deploy`, or `pgkeel migrate` on your own database
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 0
    --- stdout
    applied 20260101000000_good  N ms
    applied 20260102000000_comment  N ms
    applied 20260103000000_void  N ms
    DB: applied 3 migrations
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    warning: migrations/20260101000000_good/down.sql: there is no down.sql, so this migration cannot be rolled back; write it while you still know how
    warning: migrations/20260102000000_comment/down.sql: the file holds comments only, so a rollback would undo nothing; write the statements, or `SELECT 1;` if there is nothing to undo
    warning: migrations/20260103000000_void/down.sql: the file holds comments only, so a rollback would undo nothing; write the statements, or `SELECT 1;` if there is nothing to undo
    ");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 0
    --- stdout
    DB: nothing to apply
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
}

#[test]
fn what_is_wrong_with_an_applied_migration_does_not_stop_a_deploy() {
    let project = good();
    project.run(&["deploy"]).exits(0);
    project.file("migrations/20260101000000_good/metadata.toml", "# nothing\n");
    project.migration("20260102000000_next", "SELECT 1;", "SELECT 1;");
    project.run(&["deploy"]).exits(0);
}

#[test]
fn findings_beyond_the_target_do_not_stop_a_deploy() {
    let project = good();
    project.migration("20260102000000_begin", "BEGIN;", "SELECT 1;");
    project.run(&["deploy", "--to", "20260101000000"]).exits(0);
    project.run(&["deploy"]).exits(2);
    project.run(&["status"]).exits(2);
}

#[test]
fn transaction_words_inside_functions_and_procedures_are_no_transaction_control() {
    let project = good();
    project.migration(
        "20260102000000_bodies",
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;\n\
         CREATE FUNCTION g() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END;\n\
         CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;\n\
         COMMENT ON FUNCTION f() IS 'BEGIN; COMMIT; \\d';",
        "DROP PROCEDURE p(); DROP FUNCTION g(); DROP FUNCTION f();",
    );
    project.run(&["deploy"]).exits(0);
}

#[test]
fn findings_are_json_for_programs() {
    let project = good();
    project.migration("20260102000000_begin", "SELECT 1;\nBEGIN;", "SELECT 1;");
    let error = &project.run(&["deploy", "--json"]).exits(2).json()["error"];
    assert_eq!(error["file"], "migrations/20260102000000_begin/up.sql");
    assert_eq!(error["line"], 2);
    let json = project.run(&["status", "--json"]).exits(2).json();
    let finding = &json["findings"][0];
    assert_eq!(finding["severity"], "blocking");
    assert_eq!(finding["file"], "migrations/20260102000000_begin/up.sql");
    assert_eq!(finding["line"], 2);
}

#[test]
fn files_and_hidden_folders_beside_the_migrations_are_none() {
    let project = good();
    project
        .file("migrations/README.md", "notes")
        .file("migrations/.keep", "")
        .file("migrations/.git/up.sql", "BEGIN");
    project.run(&["deploy"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM __diesel_schema_migrations"), 1);
}

#[test]
fn a_project_without_a_migrations_folder_has_nothing_to_apply() {
    let project = Project::new();
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 0
    --- stdout
    DB: nothing to apply
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    nothing_is_created(&project);
}
