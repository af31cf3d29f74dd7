//! `pgkeel validate`: one failing project per check, the summary, annotations, SARIF, exit codes.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::project::Project;

const USERS: (&str, &str, &str) =
    ("20260101000000_users", "CREATE TABLE users (id int PRIMARY KEY, name text);", "DROP TABLE users;");
const NOTES: (&str, &str, &str) = (
    "20260102000000_notes",
    "CREATE TABLE notes (id int PRIMARY KEY, owner int REFERENCES users (id));\nCREATE INDEX by_owner ON notes (owner);",
    "DROP TABLE notes;",
);
const SCHEMA: &str = "CREATE TABLE users (id int PRIMARY KEY, name text);\n\
    CREATE TABLE notes (id int PRIMARY KEY, owner int REFERENCES users (id));\nCREATE INDEX by_owner ON notes (owner);\n";

fn project() -> Project {
    let project = Project::with_migrations(&[USERS, NOTES]);
    project.file("schema.sql", SCHEMA);
    project.file("seeds/base/10_users.sql", "INSERT INTO users VALUES (1, 'Ann') ON CONFLICT DO NOTHING;");
    project
}

/// The result of each check, by its name.
fn verdicts(json: &Value) -> String {
    let one = |check: &Value| {
        format!("{} {}", check["check"].as_str().unwrap(), check["verdict"].as_str().unwrap())
    };
    json["checks"].as_array().unwrap().iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Rule and place of each finding that is an error.
fn errors(json: &Value) -> Vec<String> {
    let findings =
        json["checks"].as_array().unwrap().iter().flat_map(|check| check["findings"].as_array().unwrap());
    let errors = findings.filter(|finding| finding["level"] == "error");
    errors
        .map(|finding| {
            let file = finding["file"].as_str().unwrap_or("-");
            format!("{} {file}:{}", finding["rule"].as_str().unwrap(), finding["line"])
        })
        .collect()
}

#[test]
fn a_project_in_order_is_valid_and_its_database_is_not_touched() {
    let project = project();
    let ran = project.run(&["validate"]);
    assert_snapshot!(ran.text(), @"
    exit 0
    --- stdout
    check          result   what
    layout         passed   2 migrations
    replay         passed   2 migrations from nothing
    up-down-up     passed   2 migrations
    desired state  passed   schema.sql
    seeds          passed   1 file, twice
    generated      skipped  diesel.toml names no file that is generated

    valid: 0 errors, 0 notes, 1 check skipped
    --- stderr
    migrations: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    schema.sql: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    ");
    assert_eq!(
        project
            .number("SELECT count(*) FROM pg_class WHERE relname IN ('users', '__diesel_schema_migrations')"),
        0
    );
}

#[test]
fn what_cannot_be_read_is_a_finding_and_the_rest_waits() {
    let project = project();
    project.file("migrations/20260102000000_twice/up.sql", "SELECT 1;");
    project.migration("20260103000000_begin", "SELECT 1;\nBEGIN;", "SELECT 1;");
    let ran = project.run(&["validate"]);
    assert_snapshot!(ran.text(), @"
    exit 2
    --- stdout
    check          result   what
    layout         failed   3 migrations
    replay         skipped  the layout must be mended first
    up-down-up     skipped  the layout must be mended first
    desired state  skipped  the layout must be mended first
    seeds          skipped  the layout must be mended first
    generated      skipped  the layout must be mended first

    error layout: migrations/20260102000000_twice
      the version `20260102000000` is also that of `20260102000000_notes`, and Diesel would record only one of them
      next: give one of the two folders another version

    error layout: migrations/20260103000000_begin/up.sql:2
      `BEGIN` would end the transaction that holds the migration and its record together
      next: take BEGIN, COMMIT and ROLLBACK out: pgkeel runs the file in one transaction

    not valid: 2 errors, 0 notes, 5 checks skipped
    ");
}

#[test]
fn a_migration_that_does_not_apply_is_shown_with_its_place() {
    let project = project();
    project.migration("20260103000000_broken", "SELECT 1;\nALTER TABLE nowhere ADD a int;", "SELECT 1;");
    let ran = project.run(&["validate"]);
    assert_snapshot!(ran.text(), @r#"
    exit 1
    --- stdout
    check          result   what
    layout         passed   3 migrations
    replay         failed   3 migrations from nothing
    up-down-up     skipped  the migrations do not apply
    desired state  skipped  the migrations do not apply
    seeds          skipped  the migrations do not apply
    generated      skipped  the migrations do not apply

    error replay-fails: migrations/20260103000000_broken/up.sql:2
      migration `20260103000000_broken` could not be applied
        migrations/20260103000000_broken/up.sql:2:1
          |
        2 | ALTER TABLE nowhere ADD a int;
          | ^
        relation "nowhere" does not exist (SQLSTATE 42P01)
        the database is as it was: the migrations and seeds ran in a new one, which is dropped
      next: mend migrations/20260103000000_broken/up.sql, then `pgkeel validate`

    not valid: 1 error, 0 notes, 4 checks skipped
    --- stderr
    migrations: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    "#);
    let json = project.run(&["validate", "--json"]).exits(1).json();
    assert_eq!(errors(&json), ["replay-fails migrations/20260103000000_broken/up.sql:2"]);
}

#[test]
fn a_down_that_leaves_something_is_named_with_what_it_leaves_and_the_others_are_tried_all_the_same() {
    let project = project();
    project.migration(
        "20260103000000_leaves",
        "CREATE TABLE a (x int); CREATE TYPE mood AS ENUM ('ok'); COMMENT ON TABLE users IS 'u';",
        "DROP TABLE a;",
    );
    project.migration("20260104000000_fails", "CREATE TABLE b (x int);", "SELECT 1;\nDROP TABLE nowhere;");
    project.migration("20260105000000_good", "CREATE TABLE c (x int);", "DROP TABLE c;");
    project.migration("20260106000000_forgets", "CREATE TABLE d (x int);", "SELECT 1;");
    project.migration("20260107000000_also_good", "CREATE TABLE e (x int);", "DROP TABLE e;");
    project.remove("schema.sql").remove("seeds");
    let ran = project.run(&["validate"]);
    assert_snapshot!(ran.text(), @r#"
    exit 1
    --- stdout
    check          result   what
    layout         passed   7 migrations
    replay         passed   7 migrations from nothing
    up-down-up     failed   3 of 7 migrations
    desired state  skipped  there is no desired state `schema.sql`
    seeds          skipped  there are none in `seeds`
    generated      skipped  diesel.toml names no file that is generated

    error down-leaves: migrations/20260103000000_leaves/down.sql
      after up and down of `20260103000000_leaves` the schema is not as it was: enum public.mood stays; table public.users has another comment
      next: write what undoes the rest of up.sql

    error down-fails: migrations/20260104000000_fails/down.sql:2
      migration `20260104000000_fails` could not be undone
        migrations/20260104000000_fails/down.sql:2:1
          |
        2 | DROP TABLE nowhere;
          | ^
        table "nowhere" does not exist (SQLSTATE 42P01)
        the database is as it was: the migrations and seeds ran in a new one, which is dropped
      next: mend migrations/20260104000000_fails/down.sql, then `pgkeel validate`

    error down-leaves: migrations/20260106000000_forgets/down.sql
      after up and down of `20260106000000_forgets` the schema is not as it was: table public.d stays
      next: write what undoes the rest of up.sql

    not valid: 3 errors, 0 notes, 3 checks skipped
    --- stderr
    migrations: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    "#);
    // What is older is only applied.
    let json = project.run(&["validate", "--since", "20260107000000", "--json"]).exits(0).json();
    assert_eq!(json["checks"][2]["what"], "1 migration");
    let ran = project.run(&["validate", "--since", "2026"]);
    ran.exits(2);
    let replayed = project.run(&["validate", "--replay", "--json"]).exits(0).json();
    assert_eq!(verdicts(&replayed), "layout passed, replay passed");
}

#[test]
fn a_down_without_a_transaction_is_tried_too_and_a_missing_one_is_a_note() {
    let project = project();
    project.migration(
        "20260103000000_index",
        "CREATE INDEX CONCURRENTLY by_name ON users (name);",
        "DROP INDEX CONCURRENTLY by_name;",
    );
    project.file("migrations/20260103000000_index/metadata.toml", "run_in_transaction = false\n");
    project.migration(
        "20260104000000_half",
        "CREATE INDEX CONCURRENTLY x ON users (name);",
        "DROP INDEX CONCURRENTLY x; DROP INDEX CONCURRENTLY y;",
    );
    project.file("migrations/20260104000000_half/metadata.toml", "run_in_transaction = false\n");
    project.file("migrations/20260105000000_one_way/up.sql", "CREATE TABLE f (x int);");
    project.remove("schema.sql");
    let json = project.run(&["validate", "--json"]).exits(1).json();
    assert_eq!(errors(&json), ["down-fails migrations/20260104000000_half/down.sql:1"]);
    assert_eq!(json["checks"][2]["what"], "1 of 4 migrations, 1 without a way down");
    assert_eq!(json["checks"][0]["findings"][0]["level"], "note");
}

#[test]
fn an_up_that_does_not_come_again_is_told_from_a_down_that_leaves() {
    let project = project();
    // The sequence remembers, which no catalog shows.
    project.migration(
        "20260103000000_once",
        "CREATE TABLE IF NOT EXISTS once (n int);\nSELECT 1 / (CASE WHEN pg_try_advisory_lock(4711) AND (SELECT count(*) FROM pg_locks WHERE objid = 4711) > 0 THEN 1 END);",
        "DROP TABLE once;",
    );
    project.remove("schema.sql");
    project.run(&["validate"]).exits(0);
    project.migration(
        "20260104000000_remembers",
        "DO $$ BEGIN IF obj_description('users'::regclass) = 'seen' THEN RAISE 'again'; END IF; END $$;\nINSERT INTO users VALUES (7, 'x');",
        "SELECT 1;",
    );
    let json = project.run(&["validate", "--json"]).exits(1).json();
    assert_eq!(errors(&json), ["up-again-fails migrations/20260104000000_remembers/up.sql:2"]);
}

#[test]
fn a_desired_state_that_differs_or_does_not_load_is_a_finding() {
    let project = project();
    project.file(
        "schema.sql",
        format!("{SCHEMA}CREATE TABLE more (a int);\n").replace("name text", "name varchar"),
    );
    let ran = project.run(&["validate"]);
    assert_snapshot!(ran.text(), @"
    exit 6
    --- stdout
    check          result   what
    layout         passed   2 migrations
    replay         passed   2 migrations from nothing
    up-down-up     passed   2 migrations
    desired state  failed   schema.sql
    seeds          passed   1 file, twice
    generated      skipped  diesel.toml names no file that is generated

    error desired-differs: schema.sql
      table public.more is in the desired state, and no migration makes it
      next: `pgkeel migrate --name …` writes the migration that is missing; or mend the desired state

    error desired-differs: schema.sql
      column public.users.name has another type in the desired state than the migrations make
      next: `pgkeel migrate --name …` writes the migration that is missing; or mend the desired state

    not valid: 2 errors, 0 notes, 1 check skipped
    --- stderr
    migrations: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    schema.sql: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    ");
    project.file("schema.sql", "CREATE TABLE t (a nonsense);");
    let json = project.run(&["validate", "--json"]).exits(1).json();
    assert_eq!(errors(&json), ["desired-fails schema.sql:1"]);
    assert!(verdicts(&json).contains("seeds passed"), "{json}");
}

#[test]
fn seeds_that_change_a_second_time_or_fail_are_findings() {
    let project = project();
    project.file("seeds/base/20_more.sql", "INSERT INTO users SELECT max(id) + 1, 'more' FROM users;");
    let json = project.run(&["validate", "--json"]).exits(1).json();
    assert_eq!(errors(&json), ["seeds-twice -:null"]);
    assert!(
        json["checks"][4]["findings"][0]["message"].as_str().unwrap().contains("users (2 rows, then 3)"),
        "{json}"
    );
    project.file("seeds/base/20_more.sql", "SELECT 1;\nINSERT INTO nowhere VALUES (1);");
    let json = project.run(&["validate", "--json"]).exits(1).json();
    assert_eq!(errors(&json), ["seeds-fail seeds/base/20_more.sql:2"]);
    project.file("seeds/base/20_more.sql", "SELECT 1;\nCOMMIT;");
    let json = project.run(&["validate", "--json"]).exits(2).json();
    assert_eq!(errors(&json), ["seeds-layout seeds/base/20_more.sql:2"]);
    assert!(verdicts(&json).contains("up-down-up passed"), "{json}");
}

#[test]
fn a_generated_file_that_is_stale_is_a_finding() {
    let project = project();
    project.file("diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\n").file("src/lib.rs", "");
    let json = project.run(&["validate", "--json"]).exits(6).json();
    assert_eq!(errors(&json), ["generated-stale src/schema.rs:null"]);
    project.run(&["generate", "--from", "migrations"]).exits(0);
    project.run(&["validate"]).exits(0);
    project.migration("20260103000000_more", "CREATE TABLE more (id int PRIMARY KEY);", "DROP TABLE more;");
    project.file("schema.sql", format!("{SCHEMA}CREATE TABLE more (id int PRIMARY KEY);\n"));
    let json = project.run(&["validate", "--json"]).exits(6).json();
    assert_eq!(errors(&json), ["generated-stale src/schema.rs:null"]);
}

#[test]
fn github_is_shown_each_finding_beside_its_line_and_a_summary_of_the_job() {
    let mut project = project();
    let root = project.root();
    project.set("GITHUB_ACTIONS", "true");
    project.set("GITHUB_STEP_SUMMARY", root.join("summary.md").to_str().unwrap());
    project.set("GITHUB_WORKSPACE", root.parent().unwrap().to_str().unwrap());
    project.migration(
        "20260103000000_a,b",
        "CREATE TABLE a (x int);",
        "SELECT 1;\nDROP TABLE nowhere; -- 100 %",
    );
    project.remove("schema.sql");
    let ran = project.run(&["validate"]);
    ran.exits(1);
    let folder = root.file_name().unwrap().to_str().unwrap().to_owned();
    let line = ran.stderr.lines().find(|line| line.starts_with("::error")).unwrap();
    assert!(
        line.starts_with(&format!(
            "::error file={folder}/migrations/20260103000000_a%2Cb/down.sql,line=2,title=down-fails::migration `20260103000000_a,b` could not be undone%0A"
        )),
        "{line}"
    );
    assert!(line.contains("100 %25"), "{line}");
    let summary = fs::read_to_string(root.join("summary.md")).unwrap();
    assert!(summary.starts_with("### pgkeel validate: not valid (1 error, 0 notes, "), "{summary}");
    assert!(summary.contains("| up-down-up | ❌ failed | 1 of 3 migrations |"), "{summary}");
    // It is appended to.
    project.run(&["validate"]).exits(1);
    assert_eq!(fs::read_to_string(root.join("summary.md")).unwrap(), summary.repeat(2));
}

#[test]
fn sarif_names_rules_levels_and_places() {
    let project = project();
    project.migration("20260103000000_größe 1", "CREATE TABLE a (x int);", "SELECT 1;\nDROP TABLE nowhere;");
    project.file("migrations/20260104000000_one_way/up.sql", "CREATE TABLE f (x int);");
    project.remove("schema.sql");
    project.run(&["validate", "--sarif", "out.sarif"]).exits(1);
    let text = fs::read_to_string(project.root().join("out.sarif")).unwrap();
    let sarif: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "pgkeel");
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2, "{text}");
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
    }
    let error = results.iter().find(|result| result["level"] == "error").unwrap();
    let place = &error["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "migrations/20260103000000_gr%C3%B6%C3%9Fe%201/down.sql");
    assert_eq!(place["region"]["startLine"], 2);
}

#[test]
fn it_needs_no_database_where_a_shadow_is_named() {
    let project = project();
    let mut elsewhere = project.url("").env("CI", "true");
    elsewhere.run(&["validate"]).exits(2);
    let shadow = elsewhere.db.url.clone();
    elsewhere.set("SHADOW_DATABASE_URL", &shadow);
    let json = elsewhere.run(&["validate", "--json"]).exits(0).json();
    assert_eq!(
        verdicts(&json),
        "layout passed, replay passed, up-down-up passed, desired-state passed, seeds passed, generated skipped"
    );
    assert_eq!(elsewhere.number("SELECT count(*) FROM pg_class WHERE relname = 'users'"), 0);
}
