//! Seeds count the ledger among what they touch, and may not remove its rows.

use insta::assert_snapshot;

use super::{BOTH, deployed, record};

#[test]
fn a_seed_file_that_empties_every_table_is_named_and_rolled_back() {
    let project = deployed();
    project.file("seeds/10_first.sql", "INSERT INTO bed VALUES (1);").file(
        "seeds/20_clean.sql",
        "-- begin again\nDO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP\n\
         EXECUTE format('TRUNCATE %I CASCADE', t); END LOOP; END $$;\nINSERT INTO bed VALUES (2)",
    );
    assert_snapshot!(project.run(&["seed"]).text(), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the seed file `main/20_clean.sql` failed
      seeds/20_clean.sql:2:1
        |
      2 | DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOO…
        | ^
      its SQL, probably this DO, removes 2 rows (`20260101000000`, `20260102000000`) from the ledger `public.__diesel_schema_migrations`: the next deploy would apply those migrations again, over existing rows
      the database now: rolled back, nothing of the seeds stays
    next: change seeds/20_clean.sql:2 so that it leaves `public.__diesel_schema_migrations` as it was (drop or empty the other objects by name), then `pgkeel seed`
    ");
    assert_eq!(record(&project), BOTH);
    assert_eq!(project.number("SELECT count(*) FROM ward"), 1000);
    for sql in [
        "DELETE FROM __diesel_schema_migrations WHERE version = '20260101000000'",
        "DROP SCHEMA pgkeel CASCADE",
        "TRUNCATE pgkeel.operation CASCADE",
    ] {
        project.file("seeds/20_clean.sql", sql);
        project.run(&["seed"]).exits(1);
        project.run(&["seed", "--verify-idempotent"]).exits(1);
        assert_eq!(record(&project), BOTH, "{sql}");
    }
}

#[test]
fn rows_of_the_ledger_that_seeds_add_are_counted() {
    let project = deployed();
    project.file("seeds/10_first.sql", "INSERT INTO __diesel_schema_migrations VALUES ('20250101000000');");
    let ran = project.run(&["seed"]);
    assert!(ran.exits(0).stdout.contains("public.__diesel_schema_migrations  1"), "{}", ran.text());
}

#[test]
fn deferred_constraints_may_wait_for_the_rows_of_a_later_file() {
    let project = deployed();
    project.sql("ALTER TABLE bed ADD ward int REFERENCES ward DEFERRABLE INITIALLY DEFERRED");
    project.file("seeds/10_bed.sql", "INSERT INTO bed VALUES (1, 2000)");
    project.run(&["seed"]).exits(1);
    project.file("seeds/20_ward.sql", "INSERT INTO ward VALUES (2000)");
    project.run(&["seed"]).exits(0);
}

#[test]
fn a_reset_with_such_a_seed_leaves_the_database_as_it_was() {
    let project = deployed();
    project.file("seeds/10_clean.sql", "TRUNCATE __diesel_schema_migrations;");
    let ran = project.run(&["reset", "--yes"]);
    assert!(ran.exits(1).stderr.contains("the database is as it was"), "{}", ran.text());
    assert_eq!(record(&project), BOTH);
    project.remove("seeds").run(&["reset", "--yes"]).exits(0);
    assert_eq!(record(&project), BOTH);
}
