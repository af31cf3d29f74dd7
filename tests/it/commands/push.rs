//! `pgkeel push`: what it does, what it costs, and where it is not to be had.

use insta::assert_snapshot;

use crate::support::project::Project;
use crate::support::terminal::Terminal;

const SCHEMA: &str = "CREATE TABLE users (id int PRIMARY KEY, name text);\n\
    COMMENT ON TABLE users IS 'who may log in';\n";

fn project() -> Project {
    let project = Project::new();
    project.file("schema.sql", SCHEMA);
    project
}

#[test]
fn the_desired_state_is_made_and_a_second_time_does_nothing() {
    let project = project();
    let ran = project.run(&["push"]);
    assert_snapshot!(ran.text(), @"
    exit 0
    --- stdout
    DB: ran 2 statements; it is as schema.sql says
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    schema.sql: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    ");
    assert_eq!(project.words("SELECT obj_description('users'::regclass)"), "who may log in");
    assert_eq!(
        project.number("SELECT count(*) FROM pgkeel.operation WHERE command = 'push' AND outcome = 'done'"),
        1
    );
    let again = project.run(&["push"]);
    assert!(again.stdout.contains(": nothing to do, it is as schema.sql says"), "{}", again.text());
    assert_eq!(project.number("SELECT count(*) FROM pgkeel.operation"), 1);
}

#[test]
fn a_dry_run_shows_the_sql_and_the_losses_and_changes_nothing() {
    let project = project();
    project.sql("CREATE TABLE users (id int PRIMARY KEY, mail text); INSERT INTO users VALUES (1, 'a'), (2, NULL); CREATE TABLE gone ()");
    let ran = project.run(&["push", "--dry-run"]);
    assert_snapshot!(ran.text(), @"
    exit 0
    --- stdout
    -- data-loss: the rows of public.gone
    DROP TABLE public.gone;

    -- data-loss: the values of public.users.mail; if it is the same under a new name, say `--rename 'column public.users.mail=name'`
    ALTER TABLE public.users DROP COLUMN mail;

    COMMENT ON TABLE public.users IS 'who may log in';

    ALTER TABLE public.users ADD COLUMN name text;

    lost: the values of public.users.mail (2 rows); if it is the same under a new name, say `--rename 'column public.users.mail=name'`
    DB: would run 4 statements
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    schema.sql: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    column public.users.mail goes and column public.users.name comes: if they are the same, say `--rename 'column public.users.mail=name'`
    ");
    assert_eq!(project.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'pgkeel'"), 0);
    let json = project.run(&["push", "--dry-run", "--json"]).exits(0).json();
    assert_eq!(json["losses"][0]["rows"], 2, "{json}");
    assert_eq!(json["steps"][0]["part"], 1, "{json}");
}

#[test]
fn what_would_be_lost_is_counted_and_wants_a_flag() {
    let project = project();
    project.sql("CREATE TABLE users (id int PRIMARY KEY, name text); CREATE TABLE old (a int); INSERT INTO old VALUES (1), (2)");
    let ran = project.run(&["push"]);
    assert_snapshot!(ran.text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    schema.sql: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    warning: lost: the rows of public.old (2 rows)
    error: refused: this would lose the rows of public.old; nothing was changed
    next: `--accept-data-loss` if it is meant; `--rename OLD=NEW` keeps what only has another name
    ");
    assert_eq!(project.number("SELECT count(*) FROM old"), 2);
    // A yes to everything is no yes to this.
    project.run(&["push", "--yes"]).exits(3);
    project.run(&["push", "--accept-data-loss"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname = 'old'"), 0);
}

#[test]
fn a_table_without_rows_goes_without_a_flag() {
    let project = project();
    project.sql("CREATE TABLE old (a int)");
    project.run(&["push"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname = 'old'"), 0);
}

#[test]
fn a_person_is_asked_for_renames_and_losses() {
    for (answer, code, left) in [("n", 130, 1), ("y", 0, 0)] {
        let project = project();
        project.sql("CREATE TABLE users (id int PRIMARY KEY, full_name text); INSERT INTO users VALUES (1, 'Ann'); CREATE TABLE old (a int); INSERT INTO old VALUES (1)");
        let mut terminal = Terminal::start(project.command(&["push"]));
        terminal
            .sees("Is column public.users.name the same as column public.users.full_name before?")
            .types("y");
        terminal.sees("lost: the rows of public.old (1 row)").sees("Lose that?").types(answer);
        let (shown, ended) = terminal.ends();
        assert_eq!(ended, code, "{shown}");
        assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname = 'old'"), left);
        if left == 0 {
            assert_eq!(project.words("SELECT name FROM users"), "Ann");
        }
    }
}

#[test]
fn a_rename_keeps_the_rows() {
    let project = project();
    project.sql("CREATE TABLE people (id int PRIMARY KEY, name text); ALTER TABLE people RENAME CONSTRAINT people_pkey TO users_pkey; INSERT INTO people VALUES (1, 'Ann')");
    let ran = project.run(&["push"]);
    ran.exits(3);
    assert!(ran.stderr.contains("say `--rename 'table public.people=users'`"), "{}", ran.text());
    project.run(&["push", "--rename", "people=users"]).exits(0);
    assert_eq!(project.words("SELECT name FROM users"), "Ann");
}

#[test]
fn rows_in_the_way_stop_it_before_anything() {
    let project = project();
    project.file("schema.sql", "CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, mail text UNIQUE);\nCREATE TABLE more (a int);\n");
    project.sql("CREATE TABLE users (id int PRIMARY KEY, name text, mail text); INSERT INTO users VALUES (1, NULL, 'a'), (2, NULL, 'a')");
    let ran = project.run(&["push"]);
    assert_snapshot!(ran.text(), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    schema.sql: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    error: the rows that are there are in the way; nothing was changed
      column public.users.name: fails if public.users.name has NULLs (2 rows)
        SELECT * FROM public.users WHERE name IS NULL LIMIT 20
      constraint public.users.users_mail_key: fails if rows of public.users have the same (mail)
        SELECT mail, count(*) FROM public.users WHERE mail IS NOT NULL GROUP BY mail HAVING count(*) > 1 LIMIT 20
    next: the queries show the rows: mend or remove them (`pgkeel execute`), then `pgkeel push`
    ");
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname = 'more'"), 0);
    let dry = project.run(&["push", "--dry-run"]);
    dry.exits(0);
    assert!(dry.stdout.contains("fails: column public.users.name"), "{}", dry.text());
}

#[test]
fn a_statement_that_fails_is_shown_with_what_the_database_is_now() {
    let project = project();
    project.file("schema.sql", "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (1 / a) STORED);\n");
    project.sql("CREATE TABLE t (a int); INSERT INTO t VALUES (0)");
    let ran = project.run(&["push"]);
    assert_snapshot!(ran.text(), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    schema.sql: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    error: the push failed at column public.t.b
      | ALTER TABLE public.t ADD COLUMN b integer GENERATED ALWAYS AS ((1 / a)) STORED
      division by zero (SQLSTATE 22012)
      the database now: as it was, nothing of the push stays
    next: mend the desired state or the rows, then `pgkeel push`
    ");
    assert_eq!(project.words("SELECT a::text FROM t"), "0");
    let outcome = "SELECT outcome FROM pgkeel.operation ORDER BY id DESC LIMIT 1";
    assert_eq!(project.words(outcome), "failed");
}

#[test]
fn values_that_do_not_go_over_to_a_new_type_stop_it_before_anything() {
    let project = project();
    project.file("schema.sql", "CREATE TABLE t (a int);\n");
    project.sql("CREATE TABLE t (a text); INSERT INTO t VALUES ('x')");
    assert_snapshot!(project.run(&["push"]).text(), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    schema.sql: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    error: the rows that are there are in the way; nothing was changed
      column public.t.a: fails if public.t.a has values that are no integer
        SELECT count(a::integer) FROM public.t
    next: the queries show the rows: mend or remove them (`pgkeel execute`), then `pgkeel push`
    ");
    assert_eq!(project.words("SELECT a FROM t"), "x");
}

#[test]
fn what_cannot_be_one_transaction_is_two() {
    let project = project();
    project.sql("CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (m mood)");
    project.file(
        "schema.sql",
        "CREATE TYPE mood AS ENUM ('sad', 'ok');\nCREATE TABLE t (m mood DEFAULT 'ok');\n",
    );
    let ran = project.run(&["push"]);
    ran.exits(0);
    assert!(ran.stdout.contains("in 2 transactions"), "{}", ran.text());
    project.sql("INSERT INTO t DEFAULT VALUES");
    assert_eq!(project.words("SELECT m FROM t"), "ok");
}

#[test]
fn where_the_second_transaction_fails_the_first_stays_and_is_told() {
    let project = project();
    project.sql("CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (m mood); INSERT INTO t VALUES ('sad')");
    project.file(
        "schema.sql",
        "CREATE TYPE mood AS ENUM ('sad', 'ok');\nCREATE TABLE t (m mood CHECK (m = 'ok'));\n",
    );
    let ran = project.run(&["push"]);
    ran.exits(1);
    assert!(
        ran.stderr.contains("the database now: 1 of 2 transactions of the push stay; the one that"),
        "{}",
        ran.text()
    );
    assert!(ran.stderr.contains("SQLSTATE 23514"), "{}", ran.text());
    assert_eq!(project.number("SELECT count(*) FROM pg_enum WHERE enumlabel = 'ok'"), 1);
    project.sql("UPDATE t SET m = 'ok'");
    project.run(&["push"]).exits(0);
}

#[test]
fn names_that_need_quotes_go_through() {
    let project = Project::new();
    let schema = "CREATE SCHEMA \"My Schema\";\nCREATE TABLE \"My Schema\".\"select\" (\"a \"\"b\"\"\" int, \"Größe\" text DEFAULT 'it''s');\n";
    project.file("schema.sql", schema);
    project.run(&["push"]).exits(0);
    project.sql("INSERT INTO \"My Schema\".\"select\" VALUES (1)");
    project.file("schema.sql", "CREATE SCHEMA \"My Schema\";\n");
    let ran = project.run(&["push"]);
    ran.exits(3);
    assert!(ran.stderr.contains("\"My Schema\".\"select\" (1 row)"), "{}", ran.text());
}

#[test]
fn a_protected_place_is_refused_whatever_is_said() {
    let project = project();
    let all = ["push", "--yes", "--accept-data-loss", "--despite-history", "--env", "production"];
    let ran = project.run(&all);
    assert_snapshot!(ran.text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: refused: `push` is for development, and this place is protected (the environment's name is `production`); nothing was changed
    next: make a migration (`pgkeel migrate --name …` on a development database) and `pgkeel deploy` it here
    ");
    let confirm = format!("production/{}", project.db.name);
    project.run(&[&all[..], &["--confirm", &confirm]].concat()).exits(3);
    project.run(&["env", "set", "production", "--yes"]).exits(0);
    project.run(&["push", "--yes"]).exits(3);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname = 'users'"), 0);
}

#[test]
fn a_history_is_not_passed_over_in_silence() {
    let project = project();
    project.migration(
        "20260101000000_users",
        "CREATE TABLE users (id int PRIMARY KEY);",
        "DROP TABLE users;",
    );
    project.run(&["deploy"]).exits(0);
    let ran = project.run(&["push"]);
    assert_snapshot!(ran.text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: refused: 1 migration is applied here, and what is pushed is in none of them: the database would differ from its history
    next: `pgkeel migrate --name …` makes a migration of the change; or push it with `--despite-history`: `pgkeel drift` then shows it until `pgkeel migrate --name …` takes it into a migration
    ");
    let ran = project.run(&["push", "--despite-history"]);
    ran.exits(0);
    assert!(ran.stderr.contains("`pgkeel drift` shows it until"), "{}", ran.text());
    assert_eq!(project.number("SELECT count(*) FROM __diesel_schema_migrations"), 1);
}

#[test]
fn a_missing_database_is_created_and_a_missing_schema_file_is_named() {
    let mut project = project();
    let url = project.url_text();
    let other = format!("{}_new", project.db.name);
    project.connect_to(&url.replace(&project.db.name, &other));
    let ran = project.run(&["push"]);
    ran.exits(0);
    assert!(ran.stdout.starts_with("created database"), "{}", ran.text());
    project.connect_to(&url);
    project.sql(&format!("DROP DATABASE \"{other}\""));
    project.remove("schema.sql");
    let ran = project.run(&["push"]);
    ran.exits(2);
    assert!(ran.stderr.contains("`pgkeel pull` makes one"), "{}", ran.text());
    let source = project.run(&["push", "--from", "empty"]);
    source.exits(0);
}

#[test]
fn an_ordinary_role_that_owns_its_database_pushes() {
    let mut project = project();
    let role = crate::support::role::Role::owner(&mut project, "CREATEDB");
    project.sql(&format!("ALTER SCHEMA public OWNER TO {}", role.name));
    project.run(&["push"]).exits(0);
    assert_eq!(project.words("SELECT tableowner FROM pg_tables WHERE tablename = 'users'"), role.name);
    // What it may not make is told, and nothing stays.
    project.file("schema.sql", format!("{SCHEMA}CREATE TABLE more (a int);\nCREATE EXTENSION file_fdw;\n"));
    let ran = project.run(&["push"]);
    assert_ne!(ran.code, 0, "{}", ran.text());
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname = 'more'"), 0);
}

#[test]
fn rows_that_policies_hide_are_lost_all_the_same() {
    let mut project = project();
    let _role = crate::support::role::Role::owner(&mut project, "CREATEDB");
    project.file("schema.sql", "CREATE TABLE secret (id int, tenant text, note text);");
    project.run(&["push"]).exits(0);
    project.sql(
        "INSERT INTO secret VALUES (1, 'a', 'x'); ALTER TABLE secret ENABLE ROW LEVEL SECURITY; \
         ALTER TABLE secret FORCE ROW LEVEL SECURITY; \
         CREATE POLICY p ON secret USING (tenant = current_setting('app.tenant', true))",
    );
    project.file(
        "schema.sql",
        "CREATE TABLE secret (id int, tenant text); ALTER TABLE secret ENABLE ROW LEVEL SECURITY; \
         ALTER TABLE secret FORCE ROW LEVEL SECURITY; \
         CREATE POLICY p ON secret USING (tenant = current_setting('app.tenant', true));",
    );
    let ran = project.run(&["push"]);
    assert!(ran.exits(3).stderr.contains("the values of public.secret.note"), "{}", ran.text());
    assert_eq!(project.words("SELECT note FROM secret"), "x");
}
