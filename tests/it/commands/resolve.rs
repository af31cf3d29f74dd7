//! `resolve`: the ledger is corrected by hand, and no SQL of any migration runs.

use insta::assert_snapshot;

use crate::support::project::Project;

const A: (&str, &str, &str) = ("20260101000000_a", "CREATE TABLE a (id int);", "DROP TABLE a;");
const B: (&str, &str, &str) = ("20260102000000_b", "CREATE TABLE b (id int);", "DROP TABLE b;");
const C: (&str, &str, &str) = ("20260103000000_c", "CREATE TABLE c (id int);", "DROP TABLE c;");

fn tables(project: &Project) -> i64 {
    project.number("SELECT count(*) FROM pg_class WHERE relname IN ('a', 'b', 'c')")
}

#[test]
fn applied_records_what_is_in_the_database_already() {
    let project = Project::with_migrations(&[A, B]);
    assert_snapshot!(project.run(&["resolve", "--applied", "20260101000000", "--dry-run"]).text(), @"
    exit 0
    --- stdout
    would record 20260101000000_a as applied
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(project.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'pgkeel'"), 0);
    assert_snapshot!(project.run(&["resolve", "--applied", "20260101000000"]).text(), @"
    exit 0
    --- stdout
    recorded 20260101000000_a as applied
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(tables(&project), 0);
    project.run(&["deploy"]).exits(0);
    assert_eq!(tables(&project), 1);
    assert_snapshot!(project.run(&["resolve", "--applied", "20260101000000"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: `20260101000000_a` is applied already
    next: `pgkeel status` shows it
    ");
    assert_snapshot!(project.run(&["resolve", "--applied", "7"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: there is no migration `7`
    next: `pgkeel migrate list` shows all
    ");
}

#[test]
fn rolled_back_forgets_what_was_undone_by_hand() {
    let project = Project::with_migrations(&[A]);
    project.run(&["deploy"]).exits(0);
    project.sql("DROP TABLE a");
    assert_snapshot!(project.run(&["resolve", "--rolled-back", "20260101000000"]).text(), @"
    exit 0
    --- stdout
    recorded 20260101000000_a as rolled back
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    project.run(&["status"]).exits(4);
    assert_snapshot!(project.run(&["resolve", "--rolled-back", "20260101000000"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: `20260101000000_a` is not applied
    next: `pgkeel status` shows it
    ");
    project.run(&["deploy"]).exits(0);
    assert_eq!(tables(&project), 1);
}

#[test]
fn rolled_back_forgets_a_migration_whose_folder_is_gone() {
    let project = Project::with_migrations(&[A]);
    project.run(&["deploy"]).exits(0);
    project.remove("migrations/20260101000000_a").run(&["status"]).exits(5);
    project.run(&["resolve", "--rolled-back", "20260101000000"]).exits(0);
    project.run(&["status"]).exits(0);
}

#[test]
fn accept_edit_records_the_file_as_it_is_now() {
    let project = Project::with_migrations(&[A, B]);
    project.run(&["deploy", "--to", "20260101000000"]).exits(0);
    let edited = "CREATE TABLE a (id bigint);";
    project.file("migrations/20260101000000_a/up.sql", edited).run(&["status"]).exits(5);
    assert_snapshot!(project.run(&["resolve", "--accept-edit", "20260101000000"]).text(), @"
    exit 0
    --- stdout
    recorded 20260101000000_a as applied, from the file as it is now
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    project.run(&["status"]).exits(4);
    assert_eq!(project.words("SELECT up_sql FROM pgkeel.migration"), edited);
    assert_eq!(project.words("SELECT format_type(atttypid, -1) FROM pg_attribute WHERE attrelid = 'a'::regclass AND attname = 'id'"), "integer");
    assert_snapshot!(project.run(&["resolve", "--accept-edit", "20260102000000"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: `20260102000000_b` is not applied
    next: edit it freely: nothing is recorded yet
    ");
}

#[test]
fn accept_edit_records_the_sql_of_what_another_tool_applied() {
    let project = Project::with_migrations(&[A]);
    project.run(&["deploy"]).exits(0);
    project.sql("DROP SCHEMA pgkeel CASCADE");
    assert!(project.run(&["status"]).stdout.contains("applied by another tool"));
    project.run(&["resolve", "--accept-edit", "20260101000000"]).exits(0);
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 0
    --- stdout
    DB: up to date, 1 migration
    drift: never checked (`pgkeel drift`)
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
}

#[test]
fn a_baseline_records_everything_up_to_a_version() {
    let project = Project::with_migrations(&[A, B, C]);
    project.sql("CREATE TABLE a (id int); CREATE TABLE b (id int)");
    assert_snapshot!(project.run(&["resolve", "--baseline", "20260102000000"]).text(), @"
    exit 0
    --- stdout
    recorded 20260101000000_a as applied
    recorded 20260102000000_b as applied
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_snapshot!(project.run(&["resolve", "--baseline", "20260102000000"]).text(), @"
    exit 0
    --- stdout
    DB: nothing to record
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    project.run(&["deploy"]).exits(0);
    assert_eq!(tables(&project), 3);
    project.run(&["status"]).exits(0);
}

#[test]
fn exactly_one_of_the_four_is_wanted() {
    let project = Project::new();
    project.run(&["resolve"]).exits(2);
    project.run(&["resolve", "--applied", "1", "--baseline", "1"]).exits(2);
}

#[test]
fn a_correction_is_json_for_programs_and_stands_in_the_audit_trail() {
    let project = Project::with_migrations(&[A]);
    let json = project.run(&["resolve", "--applied", "20260101000000", "--json"]).exits(0).json();
    assert_eq!(json["format"], 1);
    assert_eq!(json["recorded"], "applied");
    assert_eq!(json["versions"][0], "20260101000000_a");
    assert_eq!(json["dryRun"], false);
    assert_eq!(
        project.words("SELECT concat_ws(' ', command, outcome) FROM pgkeel.operation"),
        "resolve done"
    );
    let json = project.run(&["resolve", "--applied", "7", "--json"]).exits(2).json();
    assert_eq!(json["error"]["exitCode"], 2);
}
