//! `migrate`: the developer's loop.

use insta::assert_snapshot;

use crate::support::cluster::unique;
use crate::support::project::Project;

const A: (&str, &str, &str) = ("20260101000000_a", "CREATE TABLE a (id int);", "DROP TABLE a;");

/// A project whose DATABASE_URL names a database that does not exist.
fn without_a_database() -> (Project, String) {
    let project = Project::with_migrations(&[A]);
    let name = unique("m").chars().take(60).collect::<String>();
    let url = project.db.url.replacen(&project.db.name, &name, 1);
    (project.url(&url), name)
}

#[test]
fn pending_migrations_are_applied() {
    let project = Project::with_migrations(&[A]);
    assert_snapshot!(project.run(&["migrate", "--dry-run"]).text(), @"
    exit 0
    --- stdout
    -- migrations/20260101000000_a/up.sql
    CREATE TABLE a (id int);
    DB: would apply 1 migration
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(project.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'pgkeel'"), 0);
    assert_snapshot!(project.run(&["migrate"]).text(), @"
    exit 0
    --- stdout
    applied 20260101000000_a  N ms
    DB: applied 1 migration
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_snapshot!(project.run(&["migrate"]).text(), @"
    exit 0
    --- stdout
    DB: nothing to apply
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(project.words("SELECT string_agg(command, ' ') FROM pgkeel.operation"), "migrate");
}

#[test]
fn a_missing_database_is_created() {
    let (project, name) = without_a_database();
    let there = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
    let steady = |text: &str| text.replace(&name, "NEW");
    assert_snapshot!(steady(project.run(&["deploy"]).text()), @r#"
    exit 8
    --- stderr
    tried postgres://dev@/NEW?host=SOCKET (`DATABASE_URL` in the environment)
    error: cannot connect to postgres://dev@/NEW?host=SOCKET: database "NEW" does not exist (SQLSTATE 3D000)
    next: `pgkeel migrate` creates it where the role may; else: CREATE DATABASE
    "#);
    assert_snapshot!(steady(project.run(&["migrate", "--dry-run"]).text()), @r#"
    exit 8
    --- stderr
    tried postgres://dev@/NEW?host=SOCKET (`DATABASE_URL` in the environment)
    error: cannot connect to postgres://dev@/NEW?host=SOCKET: database "NEW" does not exist (SQLSTATE 3D000)
    next: `pgkeel migrate` creates it where the role may; else: CREATE DATABASE
    "#);
    assert_eq!(project.number(&there), 0);
    assert_snapshot!(steady(project.run(&["migrate"]).text()), @"
    exit 0
    --- stdout
    created database NEW
    applied 20260101000000_a  N ms
    NEW: applied 1 migration
    --- stderr
    database `NEW` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(project.number(&there), 1);
    project.run(&["status"]).exits(0);
    project.sql(&format!("DROP DATABASE {name}"));
}

#[test]
fn a_new_migration_is_laid_out_to_be_written() {
    let project = Project::new();
    assert_snapshot!(project.run(&["migrate", "--name", "Add phone, to User!", "--empty"]).text(), @"
    exit 0
    --- stdout
    wrote migrations/20260102030405_add_phone_to_user/up.sql
    wrote migrations/20260102030405_add_phone_to_user/down.sql
    next: write the SQL, then `pgkeel migrate`
    ");
    let up = project.root().join("migrations/20260102030405_add_phone_to_user/up.sql");
    assert!(std::fs::read_to_string(&up).unwrap().contains("no BEGIN, no COMMIT"));
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the migrations folder must be mended first; nothing was run
      migrations/20260102030405_add_phone_to_user/up.sql: the file holds no statement, which Diesel refuses to run
        write `SELECT 1;` if it is meant to do nothing
    next: mend them and run the command again
    ");
    std::fs::write(up, "SELECT 1;").unwrap();
    project.run(&["deploy"]).exits(0);
}

#[test]
fn a_new_migration_never_overwrites_and_is_always_the_newest() {
    let project = Project::new();
    let new = || {
        let json = project.run(&["migrate", "--name", "x", "--empty", "--json"]).exits(0).json();
        json["version"].as_str().unwrap().to_owned()
    };
    assert_eq!(new(), "20260102030405");
    assert_eq!(new(), "20260102030406", "two in one second");
    project.migration("20270101235959_from_a_clock_ahead", "SELECT 1;", "SELECT 1;");
    assert_eq!(new(), "20270102000000");
    project.migration("2028-01-01-000000_as_diesel_cli_names_it", "SELECT 1;", "SELECT 1;");
    assert_eq!(new(), "20280101000001");
    let migrations = std::fs::read_dir(project.root().join("migrations")).unwrap().count();
    assert_eq!(migrations, 6);
}

#[test]
fn a_folder_whose_versions_are_no_times_gets_one_all_the_same() {
    let project = Project::with_migrations(&[
        ("00000000000000_diesel_initial_setup", "SELECT 1;", "SELECT 1;"),
        ("V2_x", "SELECT 1;", "SELECT 1;"),
    ]);
    let json = project.run(&["migrate", "--name", "x", "--empty", "--json"]).exits(0).json();
    assert_eq!(json["version"], "20260102030405");
}

#[test]
fn a_name_without_a_letter_is_refused() {
    let project = Project::new();
    assert_snapshot!(project.run(&["migrate", "--name", "../..", "--empty"]).text(), @"
    exit 2
    --- stderr
    error: `../..` has no letter or digit to name a folder with
    next: for example `--name add_phone_to_user`
    ");
    project.run(&["migrate", "--name", "", "--empty"]).exits(2);
    project.run(&["migrate", "--empty"]).exits(2);
    assert_eq!(project.root().join("migrations").read_dir().unwrap().count(), 0);
    project.run(&["migrate", "--name", &"long ".repeat(80), "--empty"]).exits(2);
    assert_eq!(project.root().join("migrations").read_dir().unwrap().count(), 0);
}

#[test]
fn a_name_may_be_written_in_any_script() {
    let project = Project::new();
    let json = project.run(&["migrate", "--name", "Größe & 名前", "--empty", "--json"]).exits(0).json();
    assert_eq!(json["format"], 1);
    assert_eq!(json["files"][0], "migrations/20260102030405_größe_名前/up.sql");
    assert_eq!(json["files"][1], "migrations/20260102030405_größe_名前/down.sql");
}

#[test]
fn a_failure_names_migrate_as_what_to_run_again() {
    let project = Project::with_migrations(&[("20260101000000_a", "SELECT oops;", "SELECT 1;")]);
    let ran = project.run(&["migrate"]);
    ran.exits(1);
    assert!(
        ran.stderr.contains("next: mend migrations/20260101000000_a/up.sql, then `pgkeel migrate`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_migrate_did_is_json_for_programs() {
    let project = Project::with_migrations(&[A]);
    let json = project.run(&["migrate", "--json"]).exits(0).json();
    assert_eq!(json["format"], 1);
    assert_eq!(json["createdDatabase"], false);
    assert_eq!(json["dryRun"], false);
    assert_eq!(json["applied"][0]["version"], "20260101000000");
    assert_eq!(json["applied"][0]["name"], "20260101000000_a");
    assert!(json["applied"][0]["durationMs"].is_u64());
}
