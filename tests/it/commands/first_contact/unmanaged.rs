//! A database with tables and without a ledger of ours.

use insta::assert_snapshot;

use crate::support::project::Project;

const SHOP: (&str, &str, &str) =
    ("20260101000000_shop", "CREATE TABLE shop (id int PRIMARY KEY);", "DROP TABLE shop;");

/// What each tool's own first run leaves.
const LEDGERS: [(&str, &str); 6] = [
    ("Prisma", "_prisma_migrations (id text, checksum text, migration_name text)"),
    ("sqlx", "_sqlx_migrations (version bigint, description text, checksum bytea)"),
    ("golang-migrate", "schema_migrations (version bigint, dirty boolean)"),
    ("dbmate or Rails", "schema_migrations (version text PRIMARY KEY)"),
    ("Alembic", "alembic_version (version_num text)"),
    ("Sequelize", "\"SequelizeMeta\" (name text)"),
];

#[test]
fn the_way_home_is_shown_and_works() {
    let project = Project::new();
    project.sql("CREATE TABLE shop (id int PRIMARY KEY); INSERT INTO shop VALUES (1)");
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 0
    --- stdout
    DB: unmanaged database, 1 table, no migration ledger
    next: `pgkeel pull` writes schema.sql from the database that DATABASE_URL names; then `pgkeel migrate --name baseline` makes it the first migration and records it as applied
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(project.run(&["status", "--json"]).json()["unmanaged"]["tables"], 1);
    project.run(&["pull"]).exits(0);
    project.run(&["migrate", "--name", "baseline"]).exits(0);
    project.run(&["status"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM shop"), 1);
}

#[test]
fn another_tools_ledger_stops_the_first_deploy() {
    for (tool, table) in LEDGERS {
        let project = Project::with_migrations(&[SHOP]);
        project.sql(&format!("CREATE TABLE shop (id int PRIMARY KEY); CREATE TABLE {table}"));
        let name = table.split(' ').next().unwrap();
        for run in [&["deploy"][..], &["deploy", "--dry-run"], &["migrate"]] {
            let ran = project.run(run);
            let expected = format!("`DB` holds the migration ledger of {tool} (`public.{name}`)");
            assert!(ran.exits(5).text().contains(&expected), "{}", ran.text());
        }
        let ran = project.run(&["status"]);
        assert!(
            ran.exits(5).text().contains(&format!("2 tables, the ledger of {tool} (`public.{name}`)")),
            "{}",
            ran.text()
        );
        // The next step that the error names.
        project.run(&["resolve", "--baseline", "20260101000000"]).exits(0);
        project.run(&["deploy"]).exits(0);
        project.run(&["status"]).exits(0);
    }
}

#[test]
fn a_second_application_in_the_database_gets_its_own_ledger_when_asked() {
    let project = Project::with_migrations(&[SHOP]);
    project.sql("CREATE TABLE _sqlx_migrations (version bigint, checksum bytea)");
    project.run(&["deploy"]).exits(5);
    project.run(&["deploy", "--new-ledger"]).exits(0);
    project.run(&["deploy"]).exits(0);
}

#[test]
fn a_table_that_is_only_called_like_a_ledger_is_none() {
    let project = Project::with_migrations(&[SHOP]);
    project.sql("CREATE TABLE migrations (id int, bird text)");
    project.run(&["deploy"]).exits(0);
}

#[test]
fn what_exists_already_leads_to_resolve() {
    let project = Project::with_migrations(&[SHOP]);
    project.sql("CREATE TABLE shop (id int PRIMARY KEY)");
    let ran = project.run(&["deploy"]);
    let next = "next: if the database had all of this migration before, `pgkeel resolve --applied 20260101000000` records it and \
                runs nothing; else correct migrations/20260101000000_shop/up.sql; then `pgkeel deploy`";
    assert!(ran.exits(1).text().contains(next), "{}", ran.text());
    let status = project.run(&["status"]);
    assert!(
        status.exits(4).text().contains("unmanaged database, 1 table, no migration ledger"),
        "{}",
        status.text()
    );
    project.run(&["resolve", "--applied", "20260101000000"]).exits(0);
    project.run(&["deploy"]).exits(0);
}
