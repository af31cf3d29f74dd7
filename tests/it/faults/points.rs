//! At every named point: the program is killed, its session is ended, its server stops at once.

use std::process::Child;

use diesel::connection::SimpleConnection;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::cluster::private_cluster_with;
use crate::support::poll;

use super::shop::{Shop, Size, ended};

const POINTS: [&str; 13] = [
    "after-lock",
    "before-message",
    "mid-script",
    "after-commit",
    "after-record:1",
    "after-statement:2",
    "after-record:2",
    "after-record:3",
    "after-statement:4",
    "after-record:4",
    "before-ledger",
    "before-end",
    "before-expected",
];

/// A run that stands at its point.
struct Standing {
    point: &'static str,
    shop: Shop,
    child: Child,
}

/// One run at each point; they do not know of each other.
fn all_standing(mut shop: impl FnMut(usize, Size) -> Shop) -> Vec<Standing> {
    let begin = |(index, point): (usize, &'static str)| {
        let size = if point == "mid-script" { Size::Large } else { Size::Small };
        let shop = shop(index, size);
        let child = shop.start_to(point);
        Standing { point, shop, child }
    };
    let all: Vec<_> = POINTS.into_iter().enumerate().map(begin).collect();
    for run in &all {
        run.shop.stands(run.point);
    }
    all
}

#[test]
fn a_run_that_is_killed_anywhere_is_finished_by_the_next() {
    for mut run in all_standing(|_, size| Shop::new(size)) {
        run.child.kill().unwrap();
        run.child.wait().unwrap();
        run.shop.recovers(run.point);
    }
}

#[test]
fn a_run_whose_session_is_ended_anywhere_is_finished_by_the_next() {
    let all = all_standing(|_, size| Shop::new(size));
    for run in &all {
        run.shop.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND application_name = 'pgkeel deploy'",
        );
        std::fs::remove_file(run.shop.flag()).unwrap();
    }
    for run in all {
        went_on(run, "terminating connection due to administrator command");
    }
}

#[test]
fn a_run_whose_server_stops_anywhere_is_finished_by_the_next() {
    // A commit that was answered must outlive the server.
    let mut cluster = private_cluster_with(|spec| {
        spec.settings.push(("synchronous_commit".to_owned(), "on".to_owned()));
    });
    let all = all_standing(|index, size| {
        cluster.connect("postgres").batch_execute(&format!("CREATE DATABASE shop{index}")).unwrap();
        Shop::at(cluster.running.url(&format!("shop{index}")), size)
    });
    let postmaster = Pid::from_raw(cluster.running.pid);
    kill(postmaster, Signal::SIGQUIT).unwrap();
    poll::until(20, "the server is gone", || kill(postmaster, None).is_err().then_some(()));
    cluster.running = cluster.cluster.start(&mut |_| {}).unwrap_or_else(|e| panic!("{e}"));
    for run in &all {
        std::fs::remove_file(run.shop.flag()).unwrap();
    }
    for (index, mut run) in all.into_iter().enumerate() {
        run.shop.moved_to(cluster.running.url(&format!("shop{index}")));
        went_on(run, "");
    }
}

/// The run went on: it failed unless all its work was done; the next one finishes.
#[track_caller]
fn went_on(run: Standing, says: &str) {
    let Standing { point, shop, child } = run;
    let (code, stdout, stderr) = ended(child);
    if matches!(point, "before-end" | "before-expected") {
        assert_eq!(code, Some(0), "{point}: {stdout}{stderr}");
    } else {
        assert!(matches!(code, Some(1 | 8)), "{point}: {code:?} {stdout}{stderr}");
        assert!(stderr.contains("error: ") && stderr.contains("next: "), "{point}: {stderr}");
        assert!(stderr.contains(says), "{point}: {stderr}");
    }
    shop.recovers(point);
}
