//! A migration outside of a transaction that failed and left nothing is pending, not partial.

use insta::assert_snapshot;

use super::deployed;
use crate::support::project::Project;

const INDEX: &str = "20260103000000_index";

fn with(up: &str, down: &str) -> Project {
    let project = deployed();
    project
        .migration(INDEX, up, down)
        .file("migrations/20260103000000_index/metadata.toml", "run_in_transaction = false\n");
    project
}

#[test]
fn a_first_statement_that_failed_and_left_nothing_leaves_it_pending() {
    for up in [
        "CREATE UNIQUE INDEX CONCURRENTLY ward_one ON ward ((1));",
        "CREATE UNIQUE INDEX CONCURRENTLY ON ward ((1));",
        "SELECT oops;",
        "VACUUM oops;",
        "REINDEX TABLE CONCURRENTLY oops;",
    ] {
        let project = with(up, "SELECT 1;");
        let ran = project.run(&["deploy", "--json"]);
        assert_eq!(ran.exits(1).json()["error"]["state"], "rolled-back", "{up}: {}", ran.text());
        let status = project.run(&["status", "--json"]);
        assert_eq!(status.exits(4).json()["migrations"][2]["state"], "pending", "{up}");
        assert_eq!(project.number("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), 0, "{up}");
        project.run(&["rollback", "--dry-run"]).exits(0);
        project.file("migrations/20260103000000_index/up.sql", "CREATE TABLE good (id int);");
        project.run(&["deploy"]).exits(0);
        project.run(&["status"]).exits(0);
    }
}

#[test]
fn a_fixed_one_may_be_transactional() {
    let project = with("SELECT oops;", "SELECT 1;");
    project.run(&["deploy"]).exits(1);
    project.remove("migrations/20260103000000_index/metadata.toml");
    project.file("migrations/20260103000000_index/up.sql", "CREATE TABLE good (id int);");
    project.run(&["deploy"]).exits(0);
    project.run(&["rollback", "--yes"]).exits(0);
}

#[test]
fn a_block_that_may_have_committed_something_stays_partial() {
    let project = with("DO $$ BEGIN CREATE TABLE half (id int); COMMIT; PERFORM 1 / 0; END $$;", "SELECT 1;");
    project.run(&["deploy"]).exits(1);
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 5
    --- stdout
    DB: 2 applied, 0 pending, 1 partial

       migration  state  applied at (UTC)  took  note
    +  20260101000000_ward  applied  TIME  N ms
    +  20260102000000_bed  applied  TIME  N ms
    x  20260103000000_index  partial  up.sql stopped in statement 1
    drift: never checked (`pgkeel drift`)

    next: `pgkeel deploy` goes on with the partial migration where it stopped
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
}

#[test]
fn a_down_that_failed_at_its_first_statement_leaves_it_applied() {
    let project = with("CREATE TABLE good (id int);", "SELECT oops;\nDROP TABLE good;");
    project.run(&["deploy"]).exits(0);
    project.run(&["rollback", "--yes"]).exits(1);
    project.run(&["status"]).exits(0);
    project.run(&["deploy"]).exits(0);
    project.file("migrations/20260103000000_index/down.sql", "DROP TABLE good;");
    project.run(&["rollback", "--yes"]).exits(0);
}

#[test]
fn an_older_record_of_nothing_done_counts_as_pending_and_one_that_began_does_not() {
    let project = with("SELECT oops;", "SELECT 1;");
    project.run(&["deploy"]).exits(1);
    project.sql("UPDATE pgkeel.migration SET state = 'partial', statements_done = 0, statements_begun = 0 WHERE version = '20260103000000'");
    project.run(&["status"]).exits(4);
    project.sql("UPDATE pgkeel.migration SET statements_begun = 1 WHERE version = '20260103000000'");
    project.run(&["status"]).exits(5);
    project.run(&["resolve", "--rolled-back", "20260103000000"]).exits(0);
    project.run(&["status"]).exits(4);
}
