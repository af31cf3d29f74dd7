//! A restore whose sessions are ended, or whose server stops at once and comes back: the database is the old one or the new
//! one, whole, and the next run finishes.

use std::process::Child;

use diesel::connection::SimpleConnection;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pgkeel::pg::cluster::Durability;

use crate::support::cluster::{number, private_cluster_with};
use crate::support::poll;

use super::stage::{BACK, Stage, Which};

const POINTS: [&str; 7] = [
    "restore-stopped",
    "restore-created",
    "restore-loading",
    "restore-verified",
    "swap-locked",
    "swap-before-commit",
    "swap-after-commit",
];

#[track_caller]
fn is_finished_by_the_next(stage: &Stage, point: &str, code: Option<i32>, said: &str) {
    let which = stage.which(point);
    match code {
        Some(0) => assert_eq!(which, Which::New, "{point}: {said}"),
        Some(1 | 8) => assert!(said.contains("error: "), "{point}: {said}"),
        code => panic!("{point}: {code:?} {said}"),
    }
    let again = stage.place.run(&BACK);
    assert_eq!(again.code, 0, "{point}: {}", again.text());
    assert_eq!(stage.which(point), Which::New, "{point}");
    stage.is_settled(point);
}

#[test]
fn a_way_back_whose_sessions_are_ended_is_finished_by_the_next() {
    let mut stage = Stage::new();
    for point in POINTS {
        let child = stage.start(&BACK, point);
        let end = format!(
            "SELECT count(pg_terminate_backend(pid)) AS value FROM pg_stat_activity WHERE pid <> pg_backend_pid() \
             AND application_name LIKE 'pgkeel%' AND (datname LIKE '{0}%' OR query LIKE '%{0}%' OR pid IN \
               (SELECT pid FROM pg_locks WHERE objid = (SELECT oid FROM pg_database WHERE datname = '{0}')))",
            stage.name
        );
        let ended = number(&mut stage.admin(), &end);
        // What is left to do then is done by sessions that do not name the database.
        assert!(ended > 0 || point == "swap-after-commit", "{point}");
        let (code, said) = stage.goes_on(child);
        is_finished_by_the_next(&stage, point, code, &said);
        stage.tidies().exits(0);
        stage.changes();
    }
}

/// A run that stands at its point, in a database of its own.
struct Standing {
    point: &'static str,
    stage: Stage,
    child: Child,
}

#[test]
fn a_way_back_whose_server_stops_at_once_is_finished_by_the_next() {
    // What was answered must outlive the server.
    let mut cluster = private_cluster_with(|spec| spec.durability = Durability::Persistent);
    let mut admin = cluster.connect("postgres");
    let stand = |(index, point)| {
        let name = format!("shop{index}");
        admin.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        let stage = Stage::at(cluster.running.url(&name), &name);
        let child = stage.start(&BACK, point);
        Standing { point, stage, child }
    };
    let all: Vec<_> = POINTS.into_iter().enumerate().map(stand).collect();
    drop(admin);
    let postmaster = Pid::from_raw(cluster.running.pid);
    kill(postmaster, Signal::SIGQUIT).unwrap();
    poll::until(20, "the server is gone", || kill(postmaster, None).is_err().then_some(()));
    cluster.running = cluster.cluster.start(&mut |_| {}).unwrap_or_else(|e| panic!("{e}"));
    for (index, Standing { point, mut stage, child }) in all.into_iter().enumerate() {
        let (code, said) = stage.goes_on(child);
        stage.moved_to(cluster.running.url(&format!("shop{index}")));
        is_finished_by_the_next(&stage, point, code, &said);
    }
}
