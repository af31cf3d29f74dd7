//! Versions as people type them: whatever `status` shows is taken by every command that asks for one.

use insta::assert_snapshot;

use crate::support::project::Project;

/// As `diesel migration generate` names them.
const CRATE: &str = "2026-03-01-080000-0000_crate";
const PALLET: &str = "2026-03-02-080000-0000_pallet";

fn project() -> Project {
    Project::with_migrations(&[
        (CRATE, "CREATE TABLE crate (id int);", "DROP TABLE crate;"),
        (PALLET, "CREATE TABLE pallet (id int);", "DROP TABLE pallet;"),
    ])
}

#[test]
fn a_version_is_taken_as_it_is_shown() {
    for text in [CRATE, "2026-03-01-080000-0000", "202603010800000000", "2026-03-01", "20260301"] {
        let project = project();
        project.run(&["deploy", "--to", text]).exits(0);
        assert_eq!(project.number("SELECT count(*) FROM __diesel_schema_migrations"), 1, "{text}");
        project.run(&["deploy"]).exits(0);
        project.run(&["rollback", "--to", text, "--yes"]).exits(0);
        assert_eq!(project.number("SELECT count(*) FROM __diesel_schema_migrations"), 1, "{text}");
        project.run(&["resolve", "--rolled-back", text]).exits(0);
        project.run(&["resolve", "--applied", text]).exits(0);
        project.run(&["resolve", "--accept-edit", text]).exits(0);
        project.run(&["resolve", "--baseline", text]).exits(0);
        project.run(&["migrate", "show", text]).exits(0);
        project.run(&["validate", "--since", text]).exits(0);
    }
}

#[test]
fn what_may_mean_two_or_nothing_is_refused() {
    let project = project();
    assert_snapshot!(project.run(&["deploy", "--to", "2026-03"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: `2026-03` may mean `2026-03-01-080000-0000_crate`, `2026-03-02-080000-0000_pallet`
    next: give more of the name, or the version
    ");
    project.run(&["deploy"]).exits(0);
    // A part of a name is too little for what changes a database.
    assert_snapshot!(project.run(&["rollback", "--to", "crate"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: there is no migration `crate`
    next: `pgkeel migrate list` shows all
    ");
    project.run(&["migrate", "list"]).exits(0);
}

#[test]
fn numbers_of_several_lengths_are_a_finding() {
    let project = Project::with_migrations(&[
        ("1_a", "SELECT 1;", "SELECT 1;"),
        ("2_b", "SELECT 1;", "SELECT 1;"),
        ("10_c", "SELECT 1;", "SELECT 1;"),
    ]);
    let ran = project.run(&["status"]);
    let note = "note: migrations/10_c: it runs before `2_b`, because Diesel compares versions as text; \
                give all versions the same length, as in `001_`, before any is applied";
    assert!(ran.exits(4).text().contains(note), "{}", ran.text());
}
