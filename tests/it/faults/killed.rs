//! SIGKILL at a random moment of a backup, a copy, a restore and a way back: the database is the old one or the new one,
//! whole, and the same command typed again comes to its end.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use super::random::{Random, rounds};
use super::stage::{BACK, Stage, Which};

/// Kill a run of this command after a while, in as many rounds as there are; `recovers` is given what to say.
fn rounds_of(stage: &mut Stage, arguments: &[&str], mut recovers: impl FnMut(&mut Stage, &str)) {
    let (mut random, seed) = Random::seeded();
    let begin = Instant::now();
    stage.place.run(arguments).exits(0);
    let mut usual = begin.elapsed();
    recovers(stage, "not killed");
    for round in 0..rounds() {
        let after = random.up_to(usual);
        let what = format!("PGKEEL_SEED={seed}, round {round}, killed after {} ms", after.as_millis());
        let begin = Instant::now();
        let mut command = stage.place.command(arguments);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // No state to wait for: the moment is the case.
        thread::sleep(after);
        child.kill().unwrap();
        if child.wait().unwrap().code().is_some() {
            // It was faster than usual.
            usual = usual.min(begin.elapsed()).max(Duration::from_millis(50));
        }
        recovers(stage, &what);
    }
}

#[test]
fn a_backup_that_is_killed_at_any_moment_spoils_nothing() {
    let mut stage = Stage::new();
    rounds_of(&mut stage, &["backup"], |stage, what| {
        stage.is_left_alone(what);
        let before = stage.listed(what);
        let again = stage.place.run(&["backup"]);
        assert_eq!(again.code, 0, "{what}: {}", again.text());
        assert_eq!(stage.listed(what), before + 1, "{what}");
    });
    stage.backups_are_whole("at the end", rounds());
}

#[test]
fn a_copy_that_is_killed_at_any_moment_has_its_name_when_it_is_whole() {
    let mut stage = Stage::new();
    let copy = format!("{}_copy", stage.name);
    let arguments = ["restore", "--into", &copy];
    rounds_of(&mut stage, &arguments, |stage, what| {
        stage.is_left_alone(what);
        if !stage.place.beside().contains(&copy) {
            let again = stage.place.run(&arguments);
            assert_eq!(again.code, 0, "{what}: {}", again.text());
        }
        assert_eq!(stage.place.beside(), [copy.as_str()], "{what}");
        assert_eq!(stage.place.number_in(&copy, "SELECT count(*) FROM purchase"), 500, "{what}");
        assert_eq!(stage.which(what), Which::Old, "{what}");
        stage.beside(&format!("DROP DATABASE \"{copy}\""));
    });
}

fn swapped(arguments: &[&str]) {
    let mut stage = Stage::new();
    rounds_of(&mut stage, arguments, |stage, what| {
        stage.which(what);
        let again = stage.place.run(arguments);
        assert_eq!(again.code, 0, "{what}: {}", again.text());
        assert_eq!(stage.which(what), Which::New, "{what}");
        stage.is_settled(what);
        stage.tidies().exits(0);
        stage.changes();
    });
    stage.backups_are_whole("at the end", 1);
}

#[test]
fn a_restore_that_is_killed_at_any_moment_is_finished_by_the_next() {
    swapped(&["restore", "--yes"]);
}

#[test]
fn a_way_back_that_is_killed_at_any_moment_is_finished_by_the_next() {
    swapped(&BACK);
}
