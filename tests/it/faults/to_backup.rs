//! `rollback --to-backup`, killed at every named point: the database is the old one or the new one, typed again it comes to
//! its end, and once more does nothing. Whatever is typed instead, nobody is kept from writing.

use std::time::Duration;

use diesel::{Connection, PgConnection};
use pgkeel::pg::bouncer::Console;
use pgkeel::pg::connect::ConnectOptions;
use pgkeel::pg::interrupt::Interrupt;
use pgkeel::pg::url::DatabaseUrl;

use crate::support::bouncer::Bouncer;

use super::stage::{BACK, Stage, Which};

const BEFORE: [&str; 6] = [
    "restore-stopped",
    "restore-created",
    "restore-loading",
    "restore-loaded",
    "restore-verified",
    "restore-carried",
];

const SWAP: [&str; 5] =
    ["swap-before-lock", "swap-locked", "swap-renamed-once", "swap-before-commit", "swap-after-commit"];

#[track_caller]
fn comes_to_its_end(stage: &Stage, point: &str) {
    let ran = stage.place.run(&BACK);
    assert_eq!(ran.code, 0, "{point}: {}", ran.text());
    assert_eq!(stage.which(point), Which::New, "{point}");
    stage.is_settled(point);
    let aside = stage.place.beside();
    assert_eq!(aside.len(), 1, "{point}: {aside:?}");
    let again = stage.place.run(&BACK);
    assert_eq!(again.code, 0, "{point}: {}", again.text());
    assert!(again.stdout.contains("already"), "{point}: {}", again.text());
    assert_eq!(stage.place.beside(), aside, "{point}");
}

fn killed_at(points: &[&str]) {
    let mut stage = Stage::new();
    for point in points {
        stage.killed(&BACK, point);
        let expected = if *point == "swap-after-commit" { Which::New } else { Which::Old };
        assert_eq!(stage.which(point), expected, "{point}");
        comes_to_its_end(&stage, point);
        stage.tidies().exits(0);
        stage.changes();
    }
    stage.backups_are_whole("at the end", 1);
}

#[test]
fn a_way_back_that_is_killed_before_its_swap_is_gone_to_its_end_by_the_next() {
    killed_at(&BEFORE);
}

#[test]
fn a_way_back_that_is_killed_at_its_swap_is_gone_to_its_end_by_the_next() {
    killed_at(&SWAP);
}

#[test]
fn who_types_something_else_after_a_killed_way_back_can_write_again() {
    let mut stage = Stage::new();
    for point in ["restore-stopped", "restore-verified", "swap-before-commit"] {
        stage.killed(&BACK, point);
        let undone = stage.place.run(&["restore", "--undo", "--yes"]);
        assert!(undone.stderr.contains("the writing: it goes on"), "{point}: {}", undone.text());
        assert_eq!(stage.which(point), Which::Old, "{point}");
        stage.sql("CREATE TABLE written (id int); DROP TABLE written");
        stage.killed(&BACK, point);
        stage.place.run(&["restore", "--yes"]).exits(0);
        assert_eq!(stage.which(point), Which::New, "{point}");
        stage.is_settled(point);
        stage.tidies().exits(0);
        stage.changes();
    }
    stage.killed(&BACK, "swap-after-commit");
    stage.place.run(&["restore", "--undo", "--yes"]).exits(0);
    assert_eq!(stage.which("undone"), Which::Old);
    stage.is_settled("undone");
    stage.killed(&BACK, "restore-stopped");
    stage.place.run(&["restore", "--in-place", "--no-backup", "--yes"]).exits(0);
    assert_eq!(stage.which("in place"), Which::New);
    stage.is_settled("in place");
}

#[test]
fn where_sessions_cannot_be_ended_the_writing_goes_on() {
    let (stage, _role) = Stage::owned();
    let child = stage.start(&BACK, "after-lock");
    // A superuser's, whom nobody else may end.
    let superuser = stage.connect();
    let (code, said) = stage.goes_on(child);
    drop(superuser);
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(stage.which("refused"), Which::Old);
    stage.is_settled("refused");
}

fn paused(url: &DatabaseUrl) -> Vec<bool> {
    let mut console = Console::connect(url, &ConnectOptions::default()).unwrap();
    let pools = console.pools_of(url.database().unwrap_or_default()).unwrap();
    pools.into_iter().map(|pool| pool.paused).collect()
}

#[test]
fn clients_that_a_killed_way_back_held_at_pgbouncer_are_let_go_by_the_next() {
    for point in ["swap-before-commit", "swap-after-commit"] {
        let mut stage = Stage::new();
        let bouncer = Bouncer::start("transaction", &stage.place.db);
        let url = bouncer.url(&stage.place.db);
        stage.place.set("PGBOUNCER_ADMIN_URL", &url);
        // A pool comes to be with its first client, and goes with its last one.
        let _client = PgConnection::establish(&url).unwrap();
        let url = DatabaseUrl::parse(&url).unwrap();
        assert_eq!(paused(&url), [false], "{point}");
        stage.killed(&BACK, point);
        assert_eq!(paused(&url), [true], "{point}");
        comes_to_its_end(&stage, point);
        assert_eq!(paused(&url), [false], "{point}");
        // As soon as loading begins, not only at the swap.
        let mut console = Console::connect(&url, &ConnectOptions::default()).unwrap();
        console.pause(&stage.name, Duration::from_secs(5), &Interrupt::default()).unwrap();
        drop(console);
        let mut child = stage.start(&["restore", "--yes"], "restore-loading");
        assert_eq!(paused(&url), [false], "{point}");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
