//! Replicas that deploy at once, with a statement that waits for every snapshot: one builds, all succeed, none deadlocks.

use std::process::Stdio;

use diesel::connection::SimpleConnection;

use crate::support::cluster::{number, private_cluster, variable};
use crate::support::poll;
use crate::support::project::Project;

use super::shop::ended;

const REPLICAS: usize = 5;

#[test]
fn of_five_replicas_one_builds_the_index_and_the_others_wait_for_it() {
    let cluster = private_cluster();
    let rounds = if variable("PGKEEL_LONG").is_some() { 20 } else { 3 };
    for round in 0..rounds {
        let database = format!("round{round}");
        cluster.connect("postgres").batch_execute(&format!("CREATE DATABASE {database}")).unwrap();
        one_builds(&cluster.running.url(&database), &mut || cluster.connect(&database));
    }
    let log = std::fs::read_to_string(cluster.running.log()).unwrap();
    assert!(!log.contains("deadlock detected"), "{log}");
}

#[track_caller]
fn one_builds(url: &str, connect: &mut dyn FnMut() -> diesel::PgConnection) {
    let project = Project::with_migrations(&[(
        "20260101000000_index",
        "CREATE INDEX CONCURRENTLY item_name ON item (name);",
        "DROP INDEX item_name;",
    )])
    .url(url);
    project.file("migrations/20260101000000_index/metadata.toml", "run_in_transaction = false\n");
    let (mut watcher, mut writer) = (connect(), connect());
    watcher
        .batch_execute(
            "CREATE TABLE item (name text); INSERT INTO item SELECT md5(i::text) FROM generate_series(1, 5000) i",
        )
        .unwrap();
    // The build waits for this writer, so the others come while it is under way.
    writer.batch_execute("BEGIN; INSERT INTO item VALUES ('late')").unwrap();
    let start =
        |_| project.command(&["deploy"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let replicas: Vec<_> = (0..REPLICAS).map(start).collect();
    // Who waits has asked who holds the lock.
    let waiters = "SELECT count(*) AS value FROM pg_stat_activity WHERE datname = current_database() \
                   AND application_name = 'pgkeel deploy' AND query LIKE '%pg_locks%'";
    let builders = "SELECT count(*) AS value FROM pg_stat_progress_create_index";
    poll::until(60, "one builds and four wait", || {
        let there = (number(&mut watcher, builders), number(&mut watcher, waiters));
        (there == (1, REPLICAS as i64 - 1)).then_some(())
    });
    writer.batch_execute("COMMIT").unwrap();
    let ended: Vec<_> = replicas.into_iter().map(ended).collect();
    for (code, stdout, stderr) in &ended {
        assert_eq!(*code, Some(0), "{stdout}{stderr}");
    }
    let applied = ended.iter().filter(|(_, stdout, _)| stdout.contains("applied 1 migration")).count();
    assert_eq!(applied, 1, "{ended:#?}");
    let waited = ended.iter().filter(|(_, _, stderr)| {
        stderr.contains("another run holds the migration lock (pid ")
            && stderr.contains("application pgkeel deploy")
            && stderr.contains("got the migration lock after ")
    });
    assert_eq!(waited.count(), REPLICAS - 1, "{ended:#?}");
    let indexes = |which: &str| {
        format!("SELECT count(*) AS value FROM pg_index WHERE indrelid = 'item'::regclass {which}")
    };
    assert_eq!(number(&mut watcher, &indexes("")), 1);
    assert_eq!(number(&mut watcher, &indexes("AND NOT indisvalid")), 0);
    assert_eq!(number(&mut watcher, "SELECT count(*) AS value FROM pgkeel.operation"), 1);
}
