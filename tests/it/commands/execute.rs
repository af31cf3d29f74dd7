//! `execute`: SQL in, rows out, as they come.

use std::io::{Read as _, Write as _};
use std::process::Stdio;

use insta::assert_snapshot;

use crate::support::cluster::variable;
use crate::support::project::Project;

const ROWS: &str =
    "SELECT * FROM (VALUES (1, 'a', true, NULL), (2, 'b, \"c\"', false, 1.50)) t (id, name, ok, price)";

#[test]
fn rows_are_printed_as_a_table_as_json_or_as_csv() {
    let project = Project::new();
    assert_snapshot!(project.run(&["execute", "--sql", ROWS]).text(), @r#"
    exit 0
    --- stdout
    id  name    ok  price
    1   a       t   NULL
    2   b, "c"  f   1.50
    (2 rows)
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    "#);
    assert_snapshot!(project.run(&["execute", "--sql", ROWS, "--format", "json", "-q"]).text(), @r#"
    exit 0
    --- stdout
    {"format":1,"results":[
    {"columns":["id","name","ok","price"],"rows":[
    [1,"a",true,null],
    [2,"b, \"c\"",false,"1.50"]],"tag":"SELECT 2"}
    ]}
    "#);
    assert_snapshot!(project.run(&["execute", "--sql", ROWS, "--format", "csv", "-q"]).text(), @r#"
    exit 0
    --- stdout
    id,name,ok,price
    1,a,t,
    2,"b, ""c""",f,1.50
    "#);
    let csv =
        project.run(&["execute", "--sql", "SELECT NULL AS nothing UNION ALL SELECT ''", "--format", "csv"]);
    assert_eq!(csv.stdout, "nothing\n\n\"\"\n", "NULL and an empty text differ");
    assert_eq!(project.run(&["execute", "--sql", ROWS, "--json"]).json()["results"][0]["rows"][1][3], "1.50");
}

#[test]
fn sql_comes_from_a_flag_a_file_or_standard_input() {
    let project = Project::new();
    project.file("question.sql", "\u{feff}SELECT 42 AS answer;\n");
    let file = project.run(&["execute", "--file", "question.sql", "--format", "csv"]);
    assert_eq!(file.exits(0).stdout, "answer\n42\n");
    let mut child = project
        .command(&["execute", "--stdin", "--format", "csv"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"SELECT 42 AS answer").unwrap();
    assert_eq!(child.wait_with_output().unwrap().stdout, b"answer\n42\n");
    project.run(&["execute"]).exits(2);
    project.run(&["execute", "--sql", "SELECT 1", "--stdin"]).exits(2);
    assert_snapshot!(project.run(&["execute", "--sql", "-- nothing\n"]).text(), @"
    exit 2
    --- stderr
    error: --sql holds no statement
    next: give some SQL
    ");
    assert_snapshot!(project.run(&["execute", "--file", "gone.sql"]).text(), @"
    exit 1
    --- stderr
    error: cannot read `gone.sql`: No such file or directory (os error 2)
    ");
    assert_snapshot!(project.run(&["execute", "--sql", "SELECT 'open"]).text(), @"
    exit 2
    --- stderr
    error: --sql: line 1, column 8: the string that begins here is never closed: its `'` is missing
    next: close it, and run the command again
    ");
    assert_snapshot!(project.run(&["execute", "--sql", "SELECT 1;\n\\dt"]).text(), @r"
    exit 2
    --- stderr
    error: --sql:2: `\dt` is a command of psql, not SQL
    next: take it out, or use psql
    ");
}

#[test]
fn an_error_is_told_with_file_line_and_column_and_everything_is_rolled_back() {
    let project = Project::new();
    project.file(
        "report.sql",
        "CREATE TABLE note (id int);\nINSERT INTO note VALUES (1);\n  SELECT ä, nme FROM note;\n",
    );
    assert_snapshot!(project.run(&["execute", "--file", "report.sql"]).text(), @r#"
    exit 1
    --- stdout
    CREATE TABLE
    INSERT 0 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the SQL failed
      report.sql:3:10
        |
      3 |   SELECT ä, nme FROM note;
        |          ^
      column "ä" does not exist (SQLSTATE 42703)
      the database now: rolled back, nothing of it stays
    "#);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname = 'note'"), 0);
    let json = project.run(&["execute", "--file", "report.sql", "--json"]);
    assert_eq!(json.json()["error"]["sqlstate"], "42703", "{}", json.text());
    let json = project.run(&["execute", "--sql", "SELCT", "--json"]);
    assert_eq!(json.json()["error"]["exitCode"], 1, "{}", json.text());
}

#[test]
fn json_stays_one_document_when_an_error_comes_between_the_rows() {
    let project = Project::new();
    let late = "SELECT 1 AS one; SELECT 10 / (3 - n) AS q FROM generate_series(1, 5) n";
    for format in [&["--json"][..], &["--format", "json"]] {
        let arguments: Vec<_> = ["execute", "--sql", late].iter().chain(format).copied().collect();
        let ran = project.run(&arguments);
        let json = ran.exits(1).json();
        assert_eq!(json["format"], 1);
        assert_eq!(json["results"][0]["rows"], serde_json::json!([[1]]));
        assert_eq!(json["error"]["sqlstate"], "22012", "{}", ran.text());
        assert_eq!(json["error"]["exitCode"], 1, "{}", ran.text());
        // Before any row, too.
        let arguments: Vec<_> = ["execute", "--sql", "SELECT 1/0"].iter().chain(format).copied().collect();
        let json = project.run(&arguments).exits(1).json();
        assert_eq!((json["format"].as_i64(), json["error"]["sqlstate"].as_str()), (Some(1), Some("22012")));
    }
}

#[test]
fn json_keeps_numbers_and_documents_and_quotes_the_rest() {
    let project = Project::new();
    let sql = "SELECT 9007199254740993::bigint AS big, 'NaN'::float8 AS nan, 12345678901234567890.5::numeric AS exact, \
        '{\"a\": [1, null, 12345678901234567890.12345]}'::jsonb AS doc, NULL::jsonb AS none, E'tab\\t\\u00e4'::text AS text, '2026-01-01'::date AS day";
    let ran = project.run(&["execute", "--sql", sql, "--json"]);
    assert!(ran.stdout.contains("9007199254740993"), "{}", ran.text());
    assert!(ran.stdout.contains("12345678901234567890.12345"), "{}", ran.text());
    assert_eq!(
        ran.json()["results"][0]["rows"][0],
        serde_json::json!([9007199254740993_i64, "NaN", "12345678901234567890.5", {"a": [1, null, 12345678901234567890.12345]}, null, "tab\tä", "2026-01-01"])
    );
}

#[test]
fn read_only_lets_the_server_refuse_every_write() {
    let project = Project::new();
    project.sql("CREATE TABLE note (id int); INSERT INTO note VALUES (1); CREATE SEQUENCE s; \
        CREATE FUNCTION sly() RETURNS int LANGUAGE sql AS 'DELETE FROM note RETURNING 1'; \
        CREATE PROCEDURE slier() LANGUAGE plpgsql AS 'BEGIN COMMIT; SET TRANSACTION READ WRITE; DELETE FROM note; END'");
    for sql in [
        "DELETE FROM note",
        "DROP TABLE note",
        "COMMIT; DELETE FROM note",
        "END; DELETE FROM note",
        "ROLLBACK; DELETE FROM note",
        "ABORT; DELETE FROM note",
        "COMMIT AND CHAIN; SET TRANSACTION READ WRITE; DELETE FROM note",
        "PREPARE TRANSACTION 'x'; DELETE FROM note",
        "SET TRANSACTION READ WRITE; DELETE FROM note",
        "SET transaction_read_only = off; DELETE FROM note",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE; DELETE FROM note",
        "SELECT set_config('transaction_read_only', 'off', false); DELETE FROM note",
        "RESET transaction_read_only; DELETE FROM note",
        "RESET ALL; DELETE FROM note",
        "DO $$ BEGIN EXECUTE 'RE' || 'SET transaction_read_only'; DELETE FROM note; END $$; SELECT 1/0",
        "SELECT sly()",
        "CALL slier()",
        "DO $$ BEGIN COMMIT; DELETE FROM note; END $$",
        "DO $$ BEGIN PERFORM set_config('transaction_read_only', 'off', true); DELETE FROM note; END $$",
        "PREPARE gone AS DELETE FROM note; EXECUTE gone",
        "WITH gone AS (DELETE FROM note RETURNING 1) SELECT * FROM gone",
        "EXPLAIN ANALYZE DELETE FROM note",
        "SELECT nextval('s')",
        "CREATE TABLE other ()",
        "VACUUM note",
        "SELECT 1 INTO other",
    ] {
        let ran = project.run(&["execute", "--read-only", "--sql", sql]);
        assert!([1, 2].contains(&ran.code) || sql.starts_with("RESET tr"), "{sql}: {}", ran.text());
        assert_eq!(project.number("SELECT count(*) FROM note"), 1, "{sql}");
    }
    assert_snapshot!(project.run(&["execute", "--read-only", "--sql", "DELETE FROM note"]).text(), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the SQL failed
      --sql:1:1
        |
      1 | DELETE FROM note
        | ^
      cannot execute DELETE in a read-only transaction (SQLSTATE 25006)
      the database now: unchanged
    next: leave `--read-only` out if the write is meant
    ");
    assert_snapshot!(project.run(&["execute", "--read-only", "--sql", "COMMIT; DELETE FROM note"]).text(), @"
    exit 2
    --- stderr
    error: --sql:1: `COMMIT` is not possible with `--read-only`
    next: take it out: everything runs in one read-only transaction
    ");
    assert_eq!(project.run(&["execute", "--read-only", "--sql", ROWS]).exits(0).stdout.lines().count(), 4);
}

#[test]
fn several_statements_run_in_one_transaction_and_vacuum_runs_for_itself() {
    let project = Project::new();
    project.sql("CREATE TABLE note (id int)");
    assert_snapshot!(project.run(&["execute", "--sql", "INSERT INTO note VALUES (1); SELECT count(*) FROM note; UPDATE note SET id = 2 WHERE id = 1"]).text(), @"
    exit 0
    --- stdout
    INSERT 0 1
    count
    1
    (1 row)
    UPDATE 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    project
        .run(&["execute", "--sql", "INSERT INTO note VALUES (3); INSERT INTO nowhere VALUES (1)"])
        .exits(1);
    assert_eq!(project.words("SELECT string_agg(id::text, ',') FROM note"), "2");
    assert_snapshot!(project.run(&["execute", "--sql", "VACUUM note; SELECT 1 AS one"]).text(), @"
    exit 0
    --- stdout
    VACUUM
    one
    1
    (1 row)
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    project.run(&["execute", "--sql", "CREATE INDEX CONCURRENTLY ON note (id)"]).exits(0);
    // His own transaction is his own.
    project
        .run(&[
            "execute",
            "--sql",
            "BEGIN; INSERT INTO note VALUES (4); ROLLBACK; INSERT INTO note VALUES (5)",
        ])
        .exits(0);
    assert_eq!(project.words("SELECT string_agg(id::text, ',' ORDER BY id) FROM note"), "2,5");
    project
        .run(&["execute", "--sql", "SAVEPOINT a; DELETE FROM note; ROLLBACK TO a; RELEASE a", "--yes"])
        .exits(0);
    assert_eq!(project.number("SELECT count(*) FROM note"), 2);
    let open = project.run(&["execute", "--sql", "BEGIN; INSERT INTO note VALUES (6)"]);
    assert!(open.exits(0).stderr.contains("never committed"), "{}", open.text());
    assert_snapshot!(project.run(&["execute", "--sql", "VACUUM note; SELECT 1; SELECT 1/0"]).text(), @"
    exit 1
    --- stdout
    VACUUM
    ?column?
    1
    (1 row)
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the SQL failed
      --sql:1:24
        |
      1 | VACUUM note; SELECT 1; SELECT 1/0
        |                        ^
      division by zero (SQLSTATE 22012)
      the database now: the 2 statements before this one have run, each for itself
    ");
    project.sql("ALTER TABLE note ADD UNIQUE (id) DEFERRABLE INITIALLY DEFERRED");
    assert_snapshot!(project.run(&["execute", "--sql", "INSERT INTO note VALUES (2); SELECT 1 AS one"]).text(), @r#"
    exit 1
    --- stdout
    INSERT 0 1
    one
    1
    (1 row)
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the SQL failed
      --sql: at COMMIT, when deferred constraints are checked
      duplicate key value violates unique constraint "note_id_key" (SQLSTATE 23505)
      DETAIL: Key (id)=(2) already exists.
      the database now: rolled back, nothing of it stays
    "#);
    assert_snapshot!(project.run(&["execute", "--sql", "DO $$ BEGIN RAISE NOTICE 'hello'; END $$"]).text(), @"
    exit 0
    --- stdout
    DO
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    NOTICE: hello
    ");
}

#[test]
fn copy_to_standard_output_is_printed_as_it_is() {
    let project = Project::new();
    let ran = project.run(&["execute", "--sql", "COPY (SELECT 1, 'x') TO STDOUT WITH (FORMAT csv)"]);
    assert_eq!(ran.exits(0).stdout.lines().next(), Some("1,x"), "{}", ran.text());
    let json = project
        .run(&["execute", "--json", "--sql", "COPY (VALUES (1, 'x'), (2, 'y')) TO STDOUT; SELECT 1"])
        .json();
    assert_eq!(json["results"][0]["rows"], serde_json::json!([["1\tx"], ["2\ty"]]));
    assert_eq!(json["results"][1]["rows"], serde_json::json!([[1]]));
    assert_snapshot!(project.run(&["execute", "--sql", "COPY note FROM STDIN"]).text(), @r#"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the SQL failed
      --sql:1:1
        |
      1 | COPY note FROM STDIN
        | ^
      relation "note" does not exist (SQLSTATE 42P01)
      the database now: rolled back, nothing of it stays
    "#);
}

#[test]
fn a_table_for_people_is_cut_and_says_so() {
    let project = Project::new();
    let ran = project.run(&["execute", "--sql", "SELECT generate_series(1, 2500) AS n"]);
    assert!(ran.stderr.contains("first 1000 rows") && ran.stdout.contains("(2500 rows)"), "{}", ran.stderr);
    assert_eq!(ran.stdout.lines().count(), 1002);
}

#[test]
fn any_number_of_rows_passes_in_bounded_memory() {
    let project = Project::new();
    // Held at once, even the fewer rows would take 20 MB. The program's own pages are not counted: a build decides on those.
    let limit = 12 << 10;
    let rows = if variable("PGKEEL_LONG").is_some() { 1_000_000 } else { 50_000 };
    let sql = &format!("SELECT n, repeat('x', 400) AS filler FROM generate_series(1, {rows}) n");
    let mut child = project
        .command(&["execute", "--format", "csv", "--sql", sql])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (mut stdout, mut peak, mut lines) = (child.stdout.take().unwrap(), 0, 0);
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = stdout.read(&mut buffer).unwrap();
        if read == 0 {
            break;
        }
        lines += buffer[..read].iter().filter(|byte| **byte == b'\n').count();
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let now = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap_or("0 kB");
        peak = peak.max(now.trim().trim_end_matches(" kB").parse::<u64>().unwrap());
    }
    assert!(child.wait().unwrap().success());
    assert_eq!(lines, rows + 1);
    assert!(peak > 0 && peak < limit, "{peak} kB");
}
