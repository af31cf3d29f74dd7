//! `deploy`: the main job.

use insta::assert_snapshot;

use crate::support::project::Project;

#[test]
fn pending_migrations_are_applied_once() {
    let project = Project::with_migrations(&[
        ("20260101000000_customers", "CREATE TABLE customer (id int PRIMARY KEY);", "DROP TABLE customer;"),
        ("20260102000000_orders", "CREATE TABLE \"order\" (id int);", "DROP TABLE \"order\";"),
    ]);
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 0
    --- stdout
    applied 20260101000000_customers  N ms
    applied 20260102000000_orders  N ms
    DB: applied 2 migrations
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 0
    --- stdout
    DB: nothing to apply
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(project.number("SELECT count(*) FROM __diesel_schema_migrations"), 2);
}
