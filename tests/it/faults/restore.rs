//! A restore that is killed at every named point: the live database is the old one or the new one, whole, and the next run
//! finishes.

use std::process::{Child, Stdio};

use crate::support::poll;
use crate::support::restored::Place;

const POINTS: [&str; 7] = [
    "restore-created",
    "restore-loading",
    "restore-loaded",
    "restore-verified",
    "restore-carried",
    "swap-before-lock",
    "swap-before-commit",
];

/// The points of an undo; at the last one it is done.
const UNDO: [&str; 4] = ["restore-carried", "swap-before-lock", "swap-before-commit", "swap-after-commit"];

fn start(place: &Place, arguments: &[&str], point: &str) -> Child {
    let flag = place.root().join("fault");
    let mut command = place.command(arguments);
    command.env("PGKEEL_FAULT", format!("{point}:{}", flag.display()));
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    poll::until(30, point, || flag.exists().then_some(()));
    child
}

fn backed_up() -> Place {
    let place = Place::shop();
    place.run(&["env", "set", "development"]).exits(0);
    place.run(&["backup"]).exits(0);
    place.sql("UPDATE customers SET name = 'edited'");
    place
}

/// The old database, whole, and open to everybody.
fn is_as_it_was(place: &Place, point: &str) {
    assert_eq!(place.number("SELECT count(*) FROM customers WHERE name = 'edited'"), 100, "{point}");
}

fn is_restored(place: &Place, point: &str) {
    assert_eq!(place.number("SELECT count(*) FROM customers WHERE name LIKE 'n%'"), 100, "{point}");
    assert_eq!(place.words("SELECT name FROM pgkeel.environment"), "development", "{point}");
    assert_eq!(place.number("SELECT count(*) FROM pgkeel.operation WHERE outcome IS NULL"), 0, "{point}");
    place.run(&["status"]).exits(0);
}

#[test]
fn a_restore_that_is_killed_anywhere_is_finished_by_the_next() {
    for point in POINTS {
        let place = backed_up();
        let mut child = start(&place, &["restore", "--yes"], point);
        child.kill().unwrap();
        child.wait().unwrap();
        is_as_it_was(&place, point);
        place.run(&["restore", "--yes"]).exits(0);
        is_restored(&place, point);
        assert_eq!(place.beside().len(), 1, "{point}: {:?}", place.beside());
    }
}

#[test]
fn an_undo_that_is_killed_anywhere_is_finished_by_the_next() {
    for point in UNDO {
        let place = backed_up();
        place.run(&["restore", "--yes"]).exits(0);
        let mut child = start(&place, &["restore", "--undo", "--yes"], point);
        child.kill().unwrap();
        child.wait().unwrap();
        let swapped = point == "swap-after-commit";
        if swapped {
            is_as_it_was(&place, point);
        } else {
            is_restored_but_for_the_open_row(&place, point);
        }
        // However often it is typed.
        for again in [swapped, true, true] {
            let ran = place.run(&["restore", "--undo", "--yes", "--json"]);
            assert_eq!(ran.exits(0).json()["already"], again, "{point}: {}", ran.text());
            is_as_it_was(&place, point);
        }
        assert_eq!(place.beside().len(), 1, "{point}: {:?}", place.beside());
        assert_eq!(place.number("SELECT count(*) FROM pgkeel.operation WHERE outcome IS NULL"), 0, "{point}");
    }
}

#[test]
fn a_redo_that_is_killed_anywhere_is_finished_by_the_next() {
    for point in UNDO {
        let place = backed_up();
        place.run(&["restore", "--yes"]).exits(0);
        place.run(&["restore", "--undo", "--yes"]).exits(0);
        let mut child = start(&place, &["restore", "--redo", "--yes"], point);
        child.kill().unwrap();
        child.wait().unwrap();
        for again in [point == "swap-after-commit", true, true] {
            let ran = place.run(&["restore", "--redo", "--yes", "--json"]);
            assert_eq!(ran.exits(0).json()["already"], again, "{point}: {}", ran.text());
            is_restored(&place, point);
        }
        // It is the restore's undo that comes next, and it is done once.
        place.run(&["restore", "--undo", "--yes"]).exits(0);
        is_as_it_was(&place, point);
    }
}

#[test]
fn a_redo_without_an_undo_is_refused() {
    let place = backed_up();
    place.run(&["restore", "--redo", "--yes"]).exits(2);
    place.run(&["restore", "--yes"]).exits(0);
    let ran = place.run(&["restore", "--redo", "--yes"]);
    assert!(ran.exits(2).stderr.contains("was not undone: there is nothing to redo"), "{}", ran.text());
    is_restored(&place, "refused");
}

fn is_restored_but_for_the_open_row(place: &Place, point: &str) {
    assert_eq!(place.number("SELECT count(*) FROM customers WHERE name LIKE 'n%'"), 100, "{point}");
}

#[test]
fn a_restore_in_place_that_is_killed_before_its_commit_leaves_everything() {
    for point in ["restore-loading", "restore-before-commit"] {
        let place = backed_up();
        let mut child = start(&place, &["restore", "--in-place", "--no-backup", "--yes"], point);
        child.kill().unwrap();
        child.wait().unwrap();
        poll::until(20, "its programs are gone", || {
            let there = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                         AND application_name LIKE 'pgkeel%'";
            (place.number(there) == 0).then_some(())
        });
        is_as_it_was(&place, point);
        place.run(&["restore", "--in-place", "--no-backup", "--yes"]).exits(0);
        is_restored(&place, point);
    }
}

#[test]
fn ctrl_c_drops_what_was_restored_so_far() {
    let place = backed_up();
    let child = start(&place, &["restore", "--yes"], "restore-loaded");
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    std::fs::remove_file(place.root().join("fault")).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130), "{}", String::from_utf8_lossy(&ended.stderr));
    is_as_it_was(&place, "Ctrl-C");
    assert!(place.beside().is_empty());
    assert_eq!(place.words("SELECT outcome FROM pgkeel.operation ORDER BY id DESC LIMIT 1"), "interrupted");
}

#[test]
fn what_a_run_left_that_could_not_yet_say_what_for_is_dropped_by_the_next() {
    let place = backed_up();
    // As after a kill while the server was still creating it.
    let (left, trial) = (format!("{}__r_zzzzz1", place.db.name), "pgkeel_verify_zzzzz1_1a2b");
    let theirs = format!("{}__r_of_a_person", place.db.name);
    for name in [left.as_str(), trial, theirs.as_str()] {
        place.sql(&format!("CREATE DATABASE \"{name}\""));
    }
    let there =
        |name: &str| place.number(&format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'"));
    place.run(&["restore", "--yes"]).exits(0);
    assert_eq!((there(&left), there(&theirs)), (0, 1));
    place.run(&["backup", "verify", "--level", "2"]).exits(0);
    assert_eq!(there(trial), 0);
    place.sql(&format!("DROP DATABASE \"{theirs}\""));
}
