//! Migrations outside of a transaction: a statement that can be rolled back is, and the others' damage is restored.

use insta::assert_snapshot;

use super::{deployed, record};

const ODD: &str = "20260103000000_odd";
const METADATA: &str = "migrations/20260103000000_odd/metadata.toml";

#[test]
fn a_statement_that_can_be_rolled_back_is_refused() {
    let project = deployed();
    project.migration(ODD, "CREATE TABLE x (id int);\nTRUNCATE __diesel_schema_migrations;", "SELECT 1;");
    project.file(METADATA, "run_in_transaction = false\n");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: migration `20260103000000_odd` could not be applied
      migrations/20260103000000_odd/up.sql:2:1
        |
      2 | TRUNCATE __diesel_schema_migrations;
        | ^
      this TRUNCATE removes 2 rows (`20260101000000`, `20260102000000`) from the ledger `public.__diesel_schema_migrations`: the next deploy would apply those migrations again, over existing rows
      the database now: statement 1 stays, and the next run goes on with statement 2
    next: change migrations/20260103000000_odd/up.sql:2 so that it leaves `public.__diesel_schema_migrations` as it was (drop or empty the other objects by name), then `pgkeel deploy`
    ");
    assert!(record(&project).starts_with("20260101000000 20260102000000 |"));
    project.file(&format!("migrations/{ODD}/up.sql"), "CREATE TABLE x (id int);\nSELECT 2;");
    project.run(&["deploy"]).exits(0);
}

#[test]
fn what_a_block_has_committed_is_restored_and_nothing_runs_twice() {
    for sql in [
        "DELETE FROM public.__diesel_schema_migrations",
        "DROP TABLE public.__diesel_schema_migrations",
        "TRUNCATE pgkeel.operation, pgkeel.migration, pgkeel.environment, pgkeel.seed, pgkeel.__diesel_schema_migrations",
        "DROP SCHEMA pgkeel CASCADE",
    ] {
        let project = deployed();
        project.run(&["env", "set", "staging", "--yes"]).exits(0);
        let up = format!(
            "CREATE TABLE x (id int);\nDO $$ BEGIN EXECUTE '{sql}'; COMMIT; END $$;\nCREATE TABLE y (id int);"
        );
        project.migration(ODD, &up, "SELECT 1;").file(METADATA, "run_in_transaction = false\n");
        let ran = project.run(&["deploy"]);
        assert!(
            ran.exits(0).stderr.contains("statement 2 of `20260103000000_odd` (DO) removed"),
            "{}",
            ran.text()
        );
        let all = "20260101000000 20260102000000 20260103000000";
        assert!(record(&project).starts_with(all), "{sql}: {}", record(&project));
        assert_eq!(project.number("SELECT count(*) FROM ward"), 1000, "{sql}");
        project.run(&["status"]).exits(0);
        project.run(&["deploy"]).exits(0);
        assert_eq!(project.words("SELECT name FROM pgkeel.environment"), "staging", "{sql}");
    }
}
