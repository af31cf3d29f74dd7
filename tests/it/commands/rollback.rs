//! `rollback`: newest first, after asking, from stored SQL where the files are gone.

use insta::assert_snapshot;

use crate::support::project::Project;

/// Three tables; `a` came with one deploy, `b` and `c` with the next.
fn project() -> Project {
    let project =
        Project::with_migrations(&[("20260101000000_a", "CREATE TABLE a (id int);", "DROP TABLE a;")]);
    project.run(&["deploy"]).exits(0);
    project.migration("20260102000000_b", "CREATE TABLE b (id int);", "DROP TABLE b;").migration(
        "20260103000000_c",
        "CREATE TABLE c (id int);",
        "-- Undo c.\nDROP TABLE c;\n",
    );
    project.run(&["deploy"]).exits(0);
    project
}

/// The tables that stand, and the versions in both ledgers; the three must agree.
#[track_caller]
fn stand(project: &Project, expected: &str) {
    let tables = "SELECT coalesce(string_agg(relname, ' ' ORDER BY relname), '') FROM pg_class WHERE relname IN ('a', 'b', 'c')";
    assert_eq!(project.words(tables), expected, "tables");
    let version = "translate(right(rtrim(version, '0'), 1), '123', 'abc')";
    let ledger = format!(
        "SELECT coalesce(string_agg({version}, ' ' ORDER BY version), '') FROM __diesel_schema_migrations"
    );
    assert_eq!(project.words(&ledger), expected, "Diesel's ledger");
    let ours = format!(
        "SELECT coalesce(string_agg({version}, ' ' ORDER BY version) FILTER (WHERE state = 'applied'), '') FROM pgkeel.migration"
    );
    assert_eq!(project.words(&ours), expected, "our record");
}

#[test]
fn the_last_applied_migration_is_undone() {
    let project = project();
    assert_snapshot!(project.run(&["rollback", "--yes"]).text(), @"
    exit 0
    --- stdout
    undone 20260103000000_c  N ms
    DB: undid 1 migration; 2 still applied
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    stand(&project, "a b");
    project.run(&["status"]).exits(4);
    project.run(&["deploy"]).exits(0);
    stand(&project, "a b c");
}

#[test]
fn without_a_terminal_and_without_yes_nothing_changes() {
    let project = project();
    assert_snapshot!(project.run(&["rollback"]).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    this undoes 1 migration, newest first:
      20260103000000_c (migrations/20260103000000_c/down.sql)
        loses data: DROP TABLE c
    error: refused: nobody can be asked: this is no terminal
    next: give `--yes` if it is meant
    ");
    stand(&project, "a b c");
}

#[test]
fn steps_undo_that_many_newest_first() {
    let project = project();
    assert_snapshot!(project.run(&["rollback", "--yes", "--steps", "2"]).text(), @"
    exit 0
    --- stdout
    undone 20260103000000_c  N ms
    undone 20260102000000_b  N ms
    DB: undid 2 migrations; 1 still applied
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    stand(&project, "a");
    project.run(&["rollback", "--yes", "--steps", "9"]).exits(0);
    stand(&project, "");
    assert_snapshot!(project.run(&["rollback", "--yes"]).text(), @"
    exit 0
    --- stdout
    DB: nothing to undo
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
}

#[test]
fn the_version_named_by_to_stays_applied() {
    let project = project();
    project.run(&["rollback", "--yes", "--to", "20260101000000"]).exits(0);
    stand(&project, "a");
    assert_snapshot!(project.run(&["rollback", "--yes", "--to", "20260102000000"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the migration `20260102000000` is not applied, so nothing can be rolled back to it
    next: `pgkeel status --all` shows which are applied
    ");
    assert_snapshot!(project.run(&["rollback", "--yes", "--to", "7"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: there is no migration `7`
    next: `pgkeel migrate list` shows all
    ");
    stand(&project, "a");
}

#[test]
fn the_last_deploy_is_undone_as_a_whole() {
    let project = project();
    project.run(&["rollback", "--yes", "--last-deploy"]).exits(0);
    stand(&project, "a");
}

#[test]
fn what_resolve_wrote_down_is_no_deploy() {
    let project = project();
    project.file("migrations/20260101000000_a/up.sql", "CREATE TABLE a (id int NOT NULL);");
    project.run(&["resolve", "--accept-edit", "20260101000000"]).exits(0);
    project.run(&["rollback", "--yes", "--last-deploy"]).exits(0);
    stand(&project, "a");
}

#[test]
fn a_baseline_is_no_deploy_either() {
    let project = Project::with_migrations(&[
        ("20260101000000_a", "CREATE TABLE a (id int);", "DROP TABLE a;"),
        ("20260102000000_b", "CREATE TABLE b (id int);", "DROP TABLE b;"),
    ]);
    project.sql("CREATE TABLE a (id int)");
    project.run(&["resolve", "--baseline", "20260101000000"]).exits(0);
    assert_snapshot!(project.run(&["rollback", "--yes", "--last-deploy"]).text(), @"
    exit 0
    --- stdout
    DB: nothing to undo
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    stand(&project, "a");
    project.run(&["deploy"]).exits(0);
    project.run(&["rollback", "--yes", "--last-deploy"]).exits(0);
    stand(&project, "a");
}

#[test]
fn a_dry_run_shows_the_sql_and_takes_no_lock() {
    let project = project();
    let operations = project.number("SELECT count(*) FROM pgkeel.operation");
    assert_snapshot!(project.run(&["rollback", "--dry-run", "--steps", "2"]).text(), @"
    exit 0
    --- stdout
    -- migrations/20260103000000_c/down.sql
    -- Undo c.
    DROP TABLE c;
    -- migrations/20260102000000_b/down.sql
    DROP TABLE b;
    DB: would undo 2 migrations; 1 still applied
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    stand(&project, "a b c");
    assert_eq!(project.number("SELECT count(*) FROM pgkeel.operation"), operations);
    let fresh = Project::new();
    fresh.run(&["rollback", "--dry-run"]).exits(0);
    assert_eq!(fresh.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'pgkeel'"), 0);
}

#[test]
fn stored_sql_is_shown_and_run_where_the_folder_is_gone() {
    let project = project();
    project.remove("migrations/20260103000000_c");
    assert_snapshot!(project.run(&["rollback", "--dry-run"]).text(), @"
    exit 0
    --- stdout
    -- 20260103000000_c/down.sql, as stored in the database
    -- Undo c.
    DROP TABLE c;
    DB: would undo 1 migration; 2 still applied
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_snapshot!(project.run(&["rollback", "--yes"]).text(), @"
    exit 0
    --- stdout
    undone 20260103000000_c  N ms
    DB: undid 1 migration; 2 still applied
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    -- 20260103000000_c/down.sql, as stored in the database
    -- Undo c.
    DROP TABLE c;
    ");
    stand(&project, "a b");
}

#[test]
fn a_migration_without_a_way_down_stops_a_rollback_before_anything() {
    let project = project();
    project.remove("migrations/20260102000000_b/down.sql");
    assert_snapshot!(project.run(&["rollback", "--yes", "--steps", "2"]).text(), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the migration `20260102000000_b` cannot be undone: it has no down.sql; nothing was undone
    next: write its down.sql (bring its folder back, if it is gone), let `--derive` make one from the catalog, or undo it with a new migration
    ");
    stand(&project, "a b c");
    project.file("migrations/20260102000000_b/down.sql", "-- nothing\n");
    assert_snapshot!(project.run(&["rollback", "--yes", "--steps", "2"]).text(), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the migration `20260102000000_b` cannot be undone: its down.sql holds no statement; nothing was undone
    next: write its down.sql (bring its folder back, if it is gone), let `--derive` make one from the catalog, or undo it with a new migration
    ");
    stand(&project, "a b c");
    project.file("migrations/20260102000000_b/down.sql", "ROLLBACK;\n");
    assert_snapshot!(project.run(&["rollback", "--yes", "--steps", "2"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the migrations folder must be mended first; nothing was run
      migrations/20260102000000_b/down.sql:1: `ROLLBACK` would end the transaction that holds the migration and its record together
        take BEGIN, COMMIT and ROLLBACK out: pgkeel runs the file in one transaction
    next: mend them and run the command again
    ");
    stand(&project, "a b c");
}

#[test]
fn what_another_tool_applied_and_whose_folder_is_gone_has_no_way_down() {
    let project = project();
    project.sql("INSERT INTO __diesel_schema_migrations (version) VALUES ('20260104000000')");
    assert_snapshot!(project.run(&["rollback", "--yes"]).text(), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the migration `20260104000000` cannot be undone: its folder is gone, and another tool applied it, so no down.sql is stored; nothing was undone
    next: write its down.sql (bring its folder back, if it is gone), let `--derive` make one from the catalog, or undo it with a new migration
    ");
}

#[test]
fn a_rollback_is_json_for_programs() {
    let project = project();
    let json = project.run(&["rollback", "--yes", "--steps", "2", "--json"]).exits(0).json();
    assert_eq!(json["format"], 1);
    assert_eq!(json["applied"], 1);
    assert_eq!(json["undone"][0]["version"], "20260103000000");
    assert_eq!(json["undone"][1]["name"], "20260102000000_b");
    assert!(json["undone"][1]["durationMs"].is_u64());
    let json = project.run(&["rollback", "--json"]).exits(3).json();
    assert_eq!(json["error"]["exitCode"], 3);
}
