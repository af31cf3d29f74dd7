//! `rollback` of migrations without a down.sql: the way back is derived, proved, weighed and agreed to.

use insta::assert_snapshot;

use crate::support::project::Project;
use crate::support::role::Role;
use crate::support::terminal::Terminal;

/// `users`, and a migration without a way back that adds a column and a table.
fn project() -> Project {
    let project = Project::with_migrations(&[(
        "20260101000000_users",
        "CREATE TABLE users (id int PRIMARY KEY, name text);\n",
        "DROP TABLE users;\n",
    )]);
    project.file("pgkeel.toml", "").file(
        "migrations/20260102000000_plan/up.sql",
        "CREATE TABLE plan (id int PRIMARY KEY);\nALTER TABLE users ADD plan int REFERENCES plan;\n",
    );
    project.run(&["deploy"]).exits(0);
    project.sql("INSERT INTO plan VALUES (1), (2), (3); INSERT INTO users VALUES (1, 'a', 1)");
    project
}

fn columns(project: &Project) -> String {
    project.words(
        "SELECT string_agg(relname || '.' || attname, ' ' ORDER BY relname, attname) FROM pg_attribute a \
         JOIN pg_class c ON c.oid = attrelid WHERE relname IN ('users', 'plan') AND attnum > 0 AND NOT attisdropped",
    )
}

#[test]
fn without_a_terminal_the_refusal_names_the_flag() {
    let project = project();
    assert_snapshot!(project.run(&["rollback", "--yes"]).text(), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the migration `20260102000000_plan` cannot be undone: it has no down.sql; nothing was undone
    next: write its down.sql (bring its folder back, if it is gone), let `--derive` make one from the catalog, or undo it with a new migration
    ");
    assert_eq!(columns(&project), "plan.id users.id users.name users.plan");
}

#[test]
fn a_dry_run_shows_what_would_undo_it() {
    let project = project();
    assert_snapshot!(project.run(&["rollback", "--derive", "--dry-run"]).text(), @"
    exit 0
    --- stdout
    -- 20260102000000_plan/down.sql, derived from the catalog and proved
    -- data-loss: the values of public.users.plan (1 row)
    ALTER TABLE public.users DROP COLUMN plan;

    -- data-loss: the rows of public.plan (3 rows)
    DROP TABLE public.plan;
    DB: would undo 1 migration; 1 still applied
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    the migrations through 20260102000000_plan: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    the migrations through 20260101000000_users: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    warning: 20260102000000_plan: undoing it loses the values of public.users.plan (1 row)
    warning: 20260102000000_plan: undoing it loses the rows of public.plan (3 rows)
    ");
    assert_eq!(columns(&project), "plan.id users.id users.name users.plan");
}

#[test]
fn with_the_flag_it_is_undone_and_recorded_by_which_sql() {
    let project = project();
    assert_snapshot!(project.run(&["rollback", "--derive"]).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    the migrations through 20260102000000_plan: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    the migrations through 20260101000000_users: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    -- 20260102000000_plan: derived from the catalog; proved: undone, applied again and undone, with rows
    -- data-loss: the values of public.users.plan (1 row)
    ALTER TABLE public.users DROP COLUMN plan;

    -- data-loss: the rows of public.plan (3 rows)
    DROP TABLE public.plan;
    warning: 20260102000000_plan: undoing it loses the values of public.users.plan (1 row)
    warning: 20260102000000_plan: undoing it loses the rows of public.plan (3 rows)
    this undoes 1 migration, newest first:
      20260102000000_plan (20260102000000_plan/down.sql, derived from the catalog and proved)
        loses data: the values of public.users.plan (1 row)
        loses data: the rows of public.plan (3 rows)
    error: refused: nobody can be asked: this is no terminal
    next: give `--yes` if it is meant
    ");
    assert_snapshot!(project.run(&["rollback", "--derive", "--yes"]).text(), @"
    exit 0
    --- stdout
    undone 20260102000000_plan  N ms
    DB: undid 1 migration; 1 still applied
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    -- 20260102000000_plan: derived from the catalog; proved: undone, applied again and undone, with rows
    -- data-loss: the values of public.users.plan (1 row)
    ALTER TABLE public.users DROP COLUMN plan;

    -- data-loss: the rows of public.plan (3 rows)
    DROP TABLE public.plan;
    warning: 20260102000000_plan: undoing it loses the values of public.users.plan (1 row)
    warning: 20260102000000_plan: undoing it loses the rows of public.plan (3 rows)
    ");
    assert_eq!(columns(&project), "users.id users.name");
    assert_eq!(project.number("SELECT count(*) FROM users"), 1);
    let recorded = "SELECT state || ': ' || down_sql FROM pgkeel.migration WHERE version = '20260102000000'";
    let recorded = project.words(recorded);
    assert!(
        recorded.starts_with("rolled-back: ") && recorded.contains("DROP TABLE public.plan"),
        "{recorded}"
    );
    project.run(&["drift"]).exits(0);
    project.run(&["deploy"]).exits(0);
    assert_eq!(columns(&project), "plan.id users.id users.name users.plan");
}

#[test]
fn on_a_terminal_it_is_shown_and_asked() {
    let project = project();
    let mut terminal = Terminal::start(project.command(&["rollback"]));
    let (seen, code) = terminal.sees("Undo it with this SQL? [y/N]: ").types("n").ends();
    assert_eq!(code, 130, "{seen}");
    assert!(seen.contains("derived from the catalog; proved"), "{seen}");
    assert!(seen.contains("undoing it loses the rows of public.plan (3 rows)"), "{seen}");
    let mut terminal = Terminal::start(project.command(&["rollback"]));
    terminal.sees("Undo it with this SQL? [y/N]: ").types("y").sees("Go on? [y/N]: ").types("y");
    let (seen, code) = terminal.ends();
    assert_eq!(code, 0, "{seen}");
    assert_eq!(columns(&project), "users.id users.name");
}

#[test]
fn files_and_derived_ways_back_are_mixed() {
    let project = project();
    project.migration(
        "20260103000000_email",
        "ALTER TABLE users ADD email text;",
        "ALTER TABLE users DROP email;",
    );
    project.run(&["deploy"]).exits(0);
    let ran = project.run(&["rollback", "--derive", "--steps", "3", "--dry-run"]);
    let sources: Vec<&str> = ran
        .stdout
        .lines()
        .filter(|line| line.starts_with("-- 2026") || line.starts_with("-- migrations"))
        .collect();
    assert_eq!(
        sources,
        [
            "-- migrations/20260103000000_email/down.sql",
            "-- 20260102000000_plan/down.sql, derived from the catalog and proved",
            "-- migrations/20260101000000_users/down.sql",
        ]
    );
    project.run(&["rollback", "--derive", "--yes", "--steps", "3"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname IN ('users', 'plan')"), 0);
}

#[test]
fn what_was_renamed_gets_its_old_name_back_with_its_rows() {
    let project = project();
    project.run(&["rollback", "--derive", "--yes"]).exits(0);
    project.remove("migrations/20260102000000_plan").file(
        "migrations/20260104000000_names/up.sql",
        "ALTER TABLE users RENAME name TO full_name;\nALTER TABLE users RENAME TO people;\n",
    );
    project.run(&["deploy"]).exits(0);
    let ran = project.run(&["rollback", "--derive", "--yes"]);
    assert!(ran.exits(0).stderr.matches("RENAME").count() >= 2, "{}", ran.text());
    assert!(!ran.stderr.contains("loses"), "{}", ran.text());
    assert_eq!(project.words("SELECT name FROM users"), "a");
}

#[test]
fn where_the_folder_is_gone_the_stored_sql_tells_what_it_did() {
    let project = project();
    project.remove("migrations/20260102000000_plan").remove("migrations/20260101000000_users");
    assert_snapshot!(project.run(&["rollback", "--derive", "--yes"]).text(), @"
    exit 0
    --- stdout
    undone 20260102000000_plan  N ms
    DB: undid 1 migration; 1 still applied
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    the migrations through 20260102000000_plan: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    the migrations through 20260101000000_users: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    -- 20260102000000_plan: derived from the catalog; proved: undone, applied again and undone, with rows
    -- data-loss: the values of public.users.plan (1 row)
    ALTER TABLE public.users DROP COLUMN plan;

    -- data-loss: the rows of public.plan (3 rows)
    DROP TABLE public.plan;
    warning: 20260102000000_plan: undoing it loses the values of public.users.plan (1 row)
    warning: 20260102000000_plan: undoing it loses the rows of public.plan (3 rows)
    ");
    assert_eq!(columns(&project), "users.id users.name");
}

#[test]
fn rows_that_it_changed_stay_and_that_is_said() {
    let project = project();
    project.file("migrations/20260103000000_rows/up.sql", "UPDATE users SET name = 'b';\n");
    project.run(&["deploy"]).exits(0);
    assert_snapshot!(project.run(&["rollback", "--derive", "--yes"]).text(), @"
    exit 0
    --- stdout
    undone 20260103000000_rows  N ms
    DB: undid 1 migration; 2 still applied
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    the migrations through 20260103000000_rows: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    the migrations through 20260102000000_plan: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    -- 20260103000000_rows: derived from the catalog; it changed nothing in the catalog
    SELECT 1;
    warning: 20260103000000_rows: the rows that its UPDATE (up.sql:1) changed stay as they are, unless their tables go
    ");
    assert_eq!(project.words("SELECT name FROM users"), "b");
}

#[test]
fn where_no_shadow_is_to_be_had_the_refusal_says_why() {
    let mut project = Project::new();
    let _role = Role::owner(&mut project, "");
    project.set("CI", "1");
    project.file("pgkeel.toml", "").file("migrations/20260101000000_a/up.sql", "CREATE TABLE a (id int);\n");
    project.run(&["deploy"]).exits(0);
    let ran = project.run(&["rollback", "--derive", "--yes"]);
    assert_snapshot!(ran.text(), @"
    exit 3
    --- stderr
    database `DB` on TCP as `ROLE` (`DATABASE_URL` in the environment)
    error: `20260101000000_a` has no down.sql, and none can be derived; nothing was undone: there is no server for a shadow database: the role `ROLE` may not create databases beside `DB`; in CI the dev cluster stands in for nobody
    next: set SHADOW_DATABASE_URL to an empty database on a server of that version, which pgkeel may empty
    ");
    assert_eq!(project.number("SELECT count(*) FROM a"), 0);
}

#[test]
fn what_another_tool_applied_and_whose_folder_is_gone_cannot_be_derived() {
    let project = project();
    project.sql("INSERT INTO __diesel_schema_migrations (version) VALUES ('20260104000000')");
    assert_snapshot!(project.run(&["rollback", "--derive", "--yes"]).text(), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: `20260104000000` has no down.sql, and none can be derived; nothing was undone: what `20260104000000` did is not known: its folder is gone, and its up.sql is not stored
    next: write its down.sql (bring its folder back, if it is gone), or undo it with a new migration
    ");
}
