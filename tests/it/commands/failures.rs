//! A migration that fails: where, why, what the database is like now, and what to type next.

use insta::assert_snapshot;

use crate::support::project::{Project, Ran};

const FIRST: (&str, &str, &str) =
    ("20260101000000_first", "CREATE TABLE first (id int PRIMARY KEY);", "DROP TABLE first;");

/// A project with one good migration and `up` after it.
fn failing(up: &str) -> Project {
    Project::with_migrations(&[FIRST, ("20260102000000_second", up, "SELECT 1;")])
}

/// Deploy `up`: it must fail, and leave nothing of itself.
#[track_caller]
fn fails(up: &str) -> Ran {
    let project = failing(up);
    let ran = project.run(&["deploy"]);
    ran.exits(1);
    nothing_of_the_second_stays(&project);
    ran
}

#[track_caller]
fn nothing_of_the_second_stays(project: &Project) {
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname = 'stays'"), 0);
    for table in ["public.__diesel_schema_migrations", "pgkeel.migration"] {
        assert_eq!(
            project.words(&format!("SELECT string_agg(version, ' ') FROM {table}")),
            "20260101000000",
            "{table}"
        );
    }
}

#[test]
fn the_second_of_three_statements_fails_and_nothing_stays() {
    let project = failing(
        "CREATE TABLE stays (id int);\n\nALTER TABLE stays\n  ADD COLUMN fine int,\n  DROP COLUMN nmae;\nSELECT 1;\n",
    );
    assert_snapshot!(project.run(&["deploy"]).text(), @r#"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: migration `20260102000000_second` could not be applied
      migrations/20260102000000_second/up.sql:3:1
        |
      3 | ALTER TABLE stays
        | ^
      column "nmae" of relation "stays" does not exist (SQLSTATE 42703)
      the database now: rolled back, nothing of this migration stays; 1 migration before it is done: 20260101000000_first
    next: mend migrations/20260102000000_second/up.sql, then `pgkeel deploy`
    "#);
    nothing_of_the_second_stays(&project);
    project.run(&["status"]).exits(4);
    project.file("migrations/20260102000000_second/up.sql", "CREATE TABLE stays (id int);");
    project.run(&["deploy"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM stays"), 0);
    assert_eq!(
        project.words("SELECT string_agg(outcome, ' ' ORDER BY id) FROM pgkeel.operation"),
        "failed done"
    );
}

#[test]
fn an_error_has_its_caret_where_the_server_points() {
    assert_snapshot!(
        fails("CREATE TABLE stays (id int);\nSELECT id,\n\tnmae -- a tab before it\nFROM stays;").text(),
        @r#"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: migration `20260102000000_second` could not be applied
      migrations/20260102000000_second/up.sql:3:2
        |
      3 | 	nmae -- a tab before it
        | 	^
      column "nmae" does not exist (SQLSTATE 42703)
      the database now: rolled back, nothing of this migration stays; 1 migration before it is done: 20260101000000_first
    next: mend migrations/20260102000000_second/up.sql, then `pgkeel deploy`
    "#
    );
}

#[test]
fn an_error_without_a_position_names_the_statement() {
    assert_snapshot!(
        fails("CREATE TABLE stays (id int PRIMARY KEY);\nINSERT INTO stays VALUES (1);\n\n-- again\nINSERT INTO stays\nVALUES (1);\nSELECT 1;").text(),
        @r#"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: migration `20260102000000_second` could not be applied
      migrations/20260102000000_second/up.sql:5:1
        |
      5 | INSERT INTO stays
        | ^
      duplicate key value violates unique constraint "stays_pkey" (SQLSTATE 23505)
      DETAIL: Key (id)=(1) already exists.
      the database now: rolled back, nothing of this migration stays; 1 migration before it is done: 20260101000000_first
    next: mend migrations/20260102000000_second/up.sql, then `pgkeel deploy`
    "#
    );
}

#[test]
fn an_error_inside_a_do_block_tells_its_context() {
    assert_snapshot!(
        fails("CREATE TABLE stays (id int);\nDO $$\nBEGIN\n  PERFORM nmae FROM stays;\nEND\n$$;").text(),
        @r#"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: migration `20260102000000_second` could not be applied
      migrations/20260102000000_second/up.sql:2:1
        |
      2 | DO $$
        | ^
      column "nmae" does not exist (SQLSTATE 42703)
      in: SELECT nmae FROM stays
      CONTEXT: PL/pgSQL function inline_code_block line 3 at PERFORM
      the database now: rolled back, nothing of this migration stays; 1 migration before it is done: 20260101000000_first
    next: mend migrations/20260102000000_second/up.sql, then `pgkeel deploy`
    "#
    );
}

#[test]
fn what_a_function_raises_comes_with_detail_and_hint() {
    assert_snapshot!(
        fails(
            "CREATE FUNCTION check_it() RETURNS void LANGUAGE plpgsql AS $$ BEGIN\n  \
             RAISE 'there are % orphans', 3 USING DETAIL = 'rows 1 to 3', HINT = 'delete them', ERRCODE = 'XX123';\n\
             END $$;\nSELECT 1;\nSELECT check_it();"
        )
        .text(),
        @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: migration `20260102000000_second` could not be applied
      migrations/20260102000000_second/up.sql:5:1
        |
      5 | SELECT check_it();
        | ^
      there are 3 orphans (SQLSTATE XX123)
      DETAIL: rows 1 to 3
      HINT: delete them
      CONTEXT: PL/pgSQL function check_it() line 2 at RAISE
      the database now: rolled back, nothing of this migration stays; 1 migration before it is done: 20260101000000_first
    next: mend migrations/20260102000000_second/up.sql, then `pgkeel deploy`
    "
    );
}

#[test]
fn characters_of_several_bytes_do_not_move_the_caret() {
    assert_snapshot!(
        fails("-- Größe, 名前, 🎉\nCREATE TABLE stays (größe int);\nSELECT 'ÄÖÜ🎉', nmae FROM stays;").text(),
        @r#"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: migration `20260102000000_second` could not be applied
      migrations/20260102000000_second/up.sql:3:16
        |
      3 | SELECT 'ÄÖÜ🎉', nmae FROM stays;
        |                ^
      column "nmae" does not exist (SQLSTATE 42703)
      the database now: rolled back, nothing of this migration stays; 1 migration before it is done: 20260101000000_first
    next: mend migrations/20260102000000_second/up.sql, then `pgkeel deploy`
    "#
    );
}

#[test]
fn lines_that_end_with_crlf_are_counted_and_shown_without_it() {
    let ran = fails("CREATE TABLE stays (id int);\r\n\r\nSELECT nmae\r\nFROM stays;\r\n");
    assert!(!ran.stderr.contains('\r'), "{:?}", ran.stderr);
    assert_snapshot!(ran.text(), @r#"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: migration `20260102000000_second` could not be applied
      migrations/20260102000000_second/up.sql:3:8
        |
      3 | SELECT nmae
        |        ^
      column "nmae" does not exist (SQLSTATE 42703)
      the database now: rolled back, nothing of this migration stays; 1 migration before it is done: 20260101000000_first
    next: mend migrations/20260102000000_second/up.sql, then `pgkeel deploy`
    "#);
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_sql() {
    assert_snapshot!(fails("\u{feff}SELECT nmae;").text(), @r#"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: migration `20260102000000_second` could not be applied
      migrations/20260102000000_second/up.sql:1:8
        |
      1 | SELECT nmae;
        |        ^
      column "nmae" does not exist (SQLSTATE 42703)
      the database now: rolled back, nothing of this migration stays; 1 migration before it is done: 20260101000000_first
    next: mend migrations/20260102000000_second/up.sql, then `pgkeel deploy`
    "#);
    let project = failing("\u{feff}CREATE TABLE fine (id int);");
    project.run(&["deploy"]).exits(0);
}

#[test]
fn a_syntax_error_is_shown_at_its_place_and_nothing_before_it_runs() {
    assert_snapshot!(fails("CREATE TABLE stays (id int);\nCREATE TABEL oops (id int);\n").text(), @r#"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: migration `20260102000000_second` could not be applied
      migrations/20260102000000_second/up.sql:2:8
        |
      2 | CREATE TABEL oops (id int);
        |        ^
      syntax error at or near "TABEL" (SQLSTATE 42601)
      the database now: rolled back, nothing of this migration stays; 1 migration before it is done: 20260101000000_first
    next: mend migrations/20260102000000_second/up.sql, then `pgkeel deploy`
    "#);
}

#[test]
fn an_error_in_the_statement_before_which_the_lock_timeout_is_lowered_is_placed_right() {
    let ran = fails("CREATE TABLE stays (id int PRIMARY KEY);\nINSERT INTO stays VALUES (1), (1);\n");
    assert!(ran.stderr.contains("second/up.sql:2:1\n"), "{}", ran.stderr);
    // Here our own `SET LOCAL` stands between the two statements.
    let ran = fails("INSERT INTO first VALUES (1), (1);\nALTER TABLE first ADD a int;");
    assert!(ran.stderr.contains("second/up.sql:1:1\n"), "{}", ran.stderr);
    let ran = fails("INSERT INTO first VALUES (1);\nALTER TABLE first ADD PRIMARY KEY (id);");
    assert!(ran.stderr.contains("second/up.sql:2:1\n"), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_in_a_transaction_is_told_how_to_do_without() {
    let project = failing("CREATE INDEX CONCURRENTLY first_id ON first (id);");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the migrations folder must be mended first; nothing was run
      migrations/20260102000000_second/up.sql:1: `CREATE INDEX CONCURRENTLY` cannot run in a transaction
        put it into a migration whose metadata.toml says `run_in_transaction = false`
    next: mend them and run the command again
    ");
}

#[test]
fn the_error_is_json_where_json_is_wanted() {
    let ran = fails("CREATE TABLE stays (id int);\nSELECT nmae FROM stays;");
    assert_eq!(ran.stdout, "");
    let project = failing("CREATE TABLE stays (id int);\nSELECT nmae FROM stays;");
    let ran = project.run(&["deploy", "--json"]);
    let json = ran.exits(1).json();
    assert_eq!(json["format"], 1);
    let error = &json["error"];
    assert_eq!(error["exitCode"], 1);
    assert_eq!(error["sqlstate"], "42703");
    assert_eq!(error["file"], "migrations/20260102000000_second/up.sql");
    assert_eq!(error["line"], 2);
    assert!(error["message"].as_str().unwrap().contains("could not be applied"), "{error}");
    assert!(error["hints"][0].as_str().unwrap().contains("pgkeel deploy"), "{error}");
}

#[test]
fn a_failure_in_a_down_sql_undoes_nothing() {
    let project = Project::with_migrations(&[(
        "20260101000000_first",
        "CREATE TABLE stays (id int);",
        "-- undo\nDROP TABLE stays;\nDROP TABLE sayts;\n",
    )]);
    project.run(&["deploy"]).exits(0);
    assert_snapshot!(project.run(&["rollback", "--yes"]).text(), @r#"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: migration `20260101000000_first` could not be undone
      migrations/20260101000000_first/down.sql:3:1
        |
      3 | DROP TABLE sayts;
        | ^
      table "sayts" does not exist (SQLSTATE 42P01)
      the database now: rolled back, nothing of this migration stays
    next: mend migrations/20260101000000_first/down.sql, then `pgkeel rollback`
    "#);
    assert_eq!(project.number("SELECT count(*) FROM stays"), 0);
    project.run(&["status"]).exits(0);
    project.file("migrations/20260101000000_first/down.sql", "DROP TABLE stays;");
    project.run(&["rollback", "--yes"]).exits(0);
    project.run(&["status"]).exits(4);
}
