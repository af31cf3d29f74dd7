//! A server with little room for locks: a proof takes as many transactions as it needs, and a deploy is told beforehand.

use insta::assert_snapshot;

use diesel::connection::SimpleConnection;

use crate::support::cluster::{PrivateCluster, private_cluster_with};
use crate::support::project::Project;

/// Room for 10 × 20 locks and a little more.
fn small() -> (PrivateCluster, Project) {
    let server = private_cluster_with(|spec| {
        for (name, value) in [
            ("max_locks_per_transaction", "10"),
            ("max_connections", "20"),
            ("max_prepared_transactions", "0"),
        ] {
            spec.settings.push((name.into(), value.into()));
        }
    });
    server.connect("postgres").batch_execute("CREATE DATABASE shop").unwrap();
    let mut project = Project::new();
    project.file("pgkeel.toml", "");
    project.connect_to(&server.running.url("shop"));
    (server, project)
}

/// So many tables need more locks than there is room for.
const TABLES: usize = 1_500;

fn tables() -> String {
    (0..TABLES).map(|at| format!("CREATE TABLE t{at} (id serial PRIMARY KEY, x text UNIQUE);\n")).collect()
}

#[test]
fn migrate_proves_and_applies_more_tables_than_one_transaction_can_lock() {
    let (server, project) = small();
    project.file("schema.sql", tables());
    project.run(&["migrate", "--name", "all"]).exits(0);
    let count = "SELECT count(*) AS value FROM pg_class WHERE relname ~ '^t[0-9]+$'";
    let found = crate::support::cluster::number(&mut server.connect("shop"), count);
    assert_eq!(found, i64::try_from(TABLES).unwrap());
    project.run(&["status"]).exits(0);
}

#[test]
fn deploy_is_told_beforehand_and_names_the_setting_when_it_fails() {
    let (_server, project) = small();
    project.migration("20260101000000_all", &tables(), "SELECT 1;");
    let dry = project.run(&["deploy", "--dry-run"]);
    let told = |text: &str| {
        text.lines().filter(|line| line.contains("max_locks_per_transaction")).collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(told(&dry.exits(0).stderr), @"warning: migration `20260101000000_all` may need about 9000 locks in one transaction, and the server has room for about 200 (max_locks_per_transaction 10 × (max_connections + max_prepared_transactions) 20): set max_locks_per_transaction = 563 in postgresql.conf and restart the server, or split the migration");
    let ran = project.run(&["deploy"]);
    let next = ran.exits(1).stderr.lines().last().unwrap_or_default();
    assert!(told(&ran.stderr).starts_with("warning: migration"), "{}", ran.stderr);
    assert_snapshot!(next, @"next: where the server names max_locks_per_transaction, raise that in postgresql.conf and restart it: a transaction keeps a lock on every table, index and sequence that it touches; then `pgkeel deploy`");
}
