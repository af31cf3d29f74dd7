//! `execute` asks before it touches the record, and does not empty it.

use insta::assert_snapshot;

use super::{BOTH, deployed, record};

#[test]
fn sql_that_empties_the_record_is_rolled_back() {
    let project = deployed();
    assert_snapshot!(project.run(&["execute", "--yes", "--sql", "SELECT 1;\nTRUNCATE __diesel_schema_migrations"]).text(), @"
    exit 3
    --- stdout
    ?column?
    1
    (1 row)
    TRUNCATE TABLE
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the SQL was rolled back
      --sql:2:1
        |
      2 | TRUNCATE __diesel_schema_migrations
        | ^
      this TRUNCATE removes rows from the ledger `public.__diesel_schema_migrations`: the next deploy would apply those migrations again, over existing rows
      the database now: rolled back, nothing of it stays
    next: change --sql:2 so that it leaves `public.__diesel_schema_migrations` as it was (drop or empty the other objects by name), then `pgkeel execute`
    ");
    for sql in [
        "DROP SCHEMA public CASCADE; CREATE SCHEMA public",
        "DO $$ BEGIN DELETE FROM __diesel_schema_migrations; END $$",
        "DROP SCHEMA pgkeel CASCADE",
        "DELETE FROM pgkeel.migration",
        "VACUUM ward; DELETE FROM __diesel_schema_migrations",
        "VACUUM ward; DO $$ BEGIN DELETE FROM __diesel_schema_migrations; END $$",
        "BEGIN; DELETE FROM __diesel_schema_migrations; COMMIT",
        "BEGIN; DELETE FROM __diesel_schema_migrations; END; SELECT 1",
    ] {
        project.run(&["execute", "--yes", "--sql", sql]).exits(3);
        assert_eq!(record(&project), BOTH, "{sql}");
        assert_eq!(project.number("SELECT count(*) FROM ward"), 1000, "{sql}");
    }
}

#[test]
fn one_row_may_be_removed_after_confirmation() {
    let project = deployed();
    let sql = "DELETE FROM __diesel_schema_migrations WHERE version = '20260102000000'";
    assert_snapshot!(project.run(&["execute", "--sql", sql]).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    this can destroy data:
      line 1: DELETE FROM __diesel_schema_migrations WHERE version = '20260102000000'
    error: refused: nobody can be asked: this is no terminal
    next: give `--yes` if it is meant
    ");
    project.run(&["execute", "--yes", "--sql", sql]).exits(0);
    project.run(&["status"]).exits(4);
    project.run(&["execute", "--sql", "SELECT count(*) FROM __diesel_schema_migrations"]).exits(0);
}

#[test]
fn a_block_that_has_committed_is_reported_and_the_ledger_restored() {
    let project = deployed();
    let sql = "VACUUM ward; DO $$ BEGIN DELETE FROM __diesel_schema_migrations; COMMIT; END $$";
    let ran = project.run(&["execute", "--yes", "--sql", sql]);
    assert!(ran.exits(1).stderr.contains("pgkeel restored the ledger's rows"), "{}", ran.text());
    assert_eq!(record(&project), BOTH);
}

#[test]
fn a_database_without_a_record_is_none_of_its_business() {
    let project = crate::support::project::Project::new();
    project.run(&["execute", "--yes", "--sql", "CREATE TABLE t (id int); TRUNCATE t"]).exits(0);
}
