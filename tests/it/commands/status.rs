//! `status`, and what `deploy` refuses: edited, missing, out of order.

use insta::assert_snapshot;

use crate::support::project::Project;

const A: (&str, &str, &str) = ("20260101000000_a", "CREATE TABLE a (id int);", "DROP TABLE a;");
const B: (&str, &str, &str) = ("20260102000000_b", "CREATE TABLE b (id int);", "DROP TABLE b;");
const C: (&str, &str, &str) = ("20260103000000_c", "CREATE TABLE c (id int);", "DROP TABLE c;");
const D: (&str, &str, &str) = ("20260104000000_d", "CREATE TABLE d (id int);", "DROP TABLE d;");

/// `a` and `c` are applied; then `a` is edited, `c` is deleted, `b` comes late and `d` is new.
fn in_trouble() -> Project {
    let project = Project::with_migrations(&[A, C]);
    project.run(&["deploy"]).exits(0);
    project
        .file("migrations/20260101000000_a/up.sql", "CREATE TABLE a (id bigint);")
        .remove("migrations/20260103000000_c")
        .migration(B.0, B.1, B.2)
        .migration(D.0, D.1, D.2);
    project
}

#[test]
fn a_database_without_anything_is_told_as_such() {
    let project = Project::new();
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 0
    --- stdout
    DB: there are no migrations
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(
        project.number("SELECT count(*) FROM pg_class WHERE relname = '__diesel_schema_migrations'"),
        0
    );
}

#[test]
fn pending_migrations_are_exit_4() {
    let project = Project::with_migrations(&[A, B]);
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 4
    --- stdout
    DB: 0 applied, 2 pending

       migration  state  applied at (UTC)  took  note
    .  20260101000000_a  pending
    .  20260102000000_b  pending

    next: `pgkeel deploy`, or `pgkeel migrate` on your own database
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    project.run(&["deploy", "--to", "20260101000000"]).exits(0);
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 4
    --- stdout
    DB: 1 applied, 1 pending

       migration  state  applied at (UTC)  took  note
    +  20260101000000_a  applied  TIME  N ms
    .  20260102000000_b  pending
    drift: never checked (`pgkeel drift`)

    next: `pgkeel deploy`, or `pgkeel migrate` on your own database
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    project.run(&["status", "--exit-zero"]).exits(0);
    project.run(&["deploy"]).exits(0);
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 0
    --- stdout
    DB: up to date, 2 migrations
    drift: never checked (`pgkeel drift`)
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_snapshot!(project.run(&["status", "--all"]).text(), @"
    exit 0
    --- stdout
    DB: 2 applied, 0 pending

       migration  state  applied at (UTC)  took  note
    +  20260101000000_a  applied  TIME  N ms
    +  20260102000000_b  applied  TIME  N ms
    drift: never checked (`pgkeel drift`)
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
}

#[test]
fn everything_that_is_wrong_is_listed_at_once() {
    let project = in_trouble();
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 5
    --- stdout
    DB: 2 applied, 2 pending

       migration  state  applied at (UTC)  took  note
    x  20260101000000_a  edited  TIME  N ms  up.sql is f76305fcce25 now, a79422e6feea was applied
    x  20260102000000_b  out of order  older than the applied 20260103000000
    x  20260103000000_c  missing  TIME  N ms  its folder is gone; its down.sql is stored in the database
    .  20260104000000_d  pending
    drift: never checked (`pgkeel drift`)

    next: bring up.sql back as it was applied, or `pgkeel resolve --accept-edit VERSION`
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 5
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the history of migrations is in trouble, and nothing was run
      20260101000000_a: edited (up.sql is f76305fcce25 now, a79422e6feea was applied)
      20260102000000_b: out of order (older than the applied 20260103000000)
      20260103000000_c: missing (its folder is gone; its down.sql is stored in the database)
    next: edited: bring up.sql back as it was applied, or `pgkeel resolve --accept-edit VERSION`; `--allow-edited` goes on this once
    next: out of order: `pgkeel migrate rebase --all` gives it a newer version; `--allow-out-of-order` applies it now
    next: missing: bring the folder back (another branch?); `--allow-missing` goes on this once
    ");
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname IN ('b', 'd')"), 0);
}

#[test]
fn each_trouble_is_allowed_by_its_own_flag_alone() {
    let project = in_trouble();
    let (edited, missing, order) = ("--allow-edited", "--allow-missing", "--allow-out-of-order");
    let refused = |flags: &[&str], named: &str, not_named: &[&str]| {
        let ran = project.run(&[&["deploy"], flags].concat());
        ran.exits(5);
        assert!(ran.stderr.contains(named), "{}", ran.stderr);
        for name in not_named {
            assert!(!ran.stderr.contains(name), "{name} is allowed: {}", ran.stderr);
        }
    };
    refused(&[edited, missing], "20260102000000_b: out of order", &["0_a: edited", "0_c: missing"]);
    refused(&[edited, order], "20260103000000_c: missing", &["0_a: edited", "0_b: out of order"]);
    refused(&[missing, order], "20260101000000_a: edited", &["0_c: missing", "0_b: out of order"]);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname IN ('b', 'd')"), 0);
    project.run(&["deploy", edited, missing, order]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname IN ('b', 'd')"), 2);
    // Allowed once is not mended.
    project.run(&["status"]).exits(5);
}

#[test]
fn white_space_and_comments_may_change_with_a_note() {
    let project =
        Project::with_migrations(&[("20260101000000_a", "CREATE TABLE a (id int);", "DROP TABLE a;")]);
    project.run(&["deploy"]).exits(0);
    project.file("migrations/20260101000000_a/up.sql", "-- The first.\nCREATE TABLE a (\n  id int\n);\n");
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 0
    --- stdout
    DB: 1 applied, 0 pending

       migration  state  applied at (UTC)  took  note
    +  20260101000000_a  applied  TIME  N ms  only white space or comments of up.sql changed
    drift: never checked (`pgkeel drift`)
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    project.run(&["deploy"]).exits(0);
}

#[test]
fn what_is_quoted_is_no_white_space() {
    let project = Project::with_migrations(&[(
        "20260101000000_a",
        "CREATE TABLE a AS SELECT 'x y' AS v;",
        "DROP TABLE a;",
    )]);
    project.run(&["deploy"]).exits(0);
    project.file("migrations/20260101000000_a/up.sql", "CREATE TABLE a AS SELECT 'x  y' AS v;");
    project.run(&["status"]).exits(5);
}

#[test]
fn the_down_sql_of_an_applied_migration_may_change() {
    let project = Project::with_migrations(&[A]);
    project.run(&["deploy"]).exits(0);
    project.file("migrations/20260101000000_a/down.sql", "DROP TABLE IF EXISTS a;");
    project.run(&["status"]).exits(0);
}

#[test]
fn status_is_json_for_programs() {
    let project = in_trouble();
    let json = project.run(&["status", "--json"]).exits(5).json();
    assert_eq!(json["format"], 1);
    assert_eq!(json["state"], "trouble");
    assert_eq!((&json["applied"], &json["pending"]), (&2.into(), &2.into()));
    let states: Vec<_> = json["migrations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {}", one["name"].as_str().unwrap(), one["state"].as_str().unwrap()))
        .collect();
    assert_eq!(
        states,
        [
            "20260101000000_a edited",
            "20260102000000_b out-of-order",
            "20260103000000_c missing",
            "20260104000000_d pending"
        ]
    );
    assert_eq!(json["lastOperation"]["command"], "deploy");
    assert_eq!(json["lastOperation"]["outcome"], "done");
}

#[test]
fn only_the_newest_ten_applied_ones_are_listed() {
    let project = Project::new();
    for n in 10..25 {
        project.migration(&format!("202601{n}000000_m{n}"), "SELECT 1;", "SELECT 1;");
    }
    project.run(&["deploy", "--to", "20260123000000"]).exits(0);
    let ran = project.run(&["status"]);
    ran.exits(4);
    assert!(ran.stdout.contains("(4 older applied migrations are not shown: `--all`)"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("_m13") && ran.stdout.contains("_m14"), "{}", ran.stdout);
    assert!(project.run(&["status", "--all"]).stdout.contains("_m10"));
}
