//! Ctrl-C and SIGTERM at every named point of a backup and of a restore: exit 130 and nothing left, or, once the deed can be
//! stopped no more, exit 0 and all of it done.

use nix::sys::signal::Signal;

use super::stage::{BACK, Stage, Which, send};

const SIGNALS: [Signal; 2] = [Signal::SIGINT, Signal::SIGTERM];

/// A run that is told to stop at this point; its code, and what it said.
fn stopped(stage: &Stage, arguments: &[&str], point: &str, signal: Signal) -> (Option<i32>, String) {
    let child = stage.start(arguments, point);
    send(&child, signal);
    stage.hears(point);
    stage.goes_on(child)
}

#[test]
fn a_backup_that_is_told_to_stop_leaves_nothing() {
    let stage = Stage::new();
    let points = [
        "backup-snapshot",
        "backup-dumping",
        "backup-dumped",
        "backup-checked",
        "backup-before-manifest",
        "backup-before-rename",
    ];
    for (index, point) in points.into_iter().enumerate() {
        let (code, said) = stopped(&stage, &["backup"], point, SIGNALS[index % 2]);
        assert_eq!(code, Some(130), "{point}: {said}");
        assert_eq!((stage.listed(point), stage.folders()), (1, 1), "{point}");
        stage.is_left_alone(point);
    }
    let (code, said) = stopped(&stage, &["backup"], "backup-after-rename", Signal::SIGINT);
    assert_eq!(code, Some(0), "{said}");
    stage.backups_are_whole("after the rename", 2);
}

#[test]
fn a_restore_that_is_told_to_stop_leaves_the_old_database_alone() {
    let points = [
        "restore-stopped",
        "restore-created",
        "restore-loading",
        "restore-loaded",
        "restore-verified",
        "restore-carried",
        "swap-before-lock",
        "swap-locked",
        "swap-renamed-once",
        "swap-before-commit",
    ];
    let stage = Stage::new();
    for (index, point) in points.into_iter().enumerate() {
        let (code, said) = stopped(&stage, &BACK, point, SIGNALS[index % 2]);
        assert_eq!(code, Some(130), "{point}: {said}");
        assert_eq!(stage.which(point), Which::Old, "{point}");
        assert_eq!(stage.place.beside(), Vec::<String>::new(), "{point}");
        stage.is_settled(point);
        let row = "SELECT outcome FROM pgkeel.operation ORDER BY id DESC LIMIT 1";
        assert_eq!(stage.words(row), "interrupted", "{point}");
    }
    let (code, said) = stopped(&stage, &BACK, "swap-after-commit", Signal::SIGINT);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(stage.which("swapped"), Which::New);
    stage.is_settled("swapped");
    for (index, point) in points[5..].iter().enumerate() {
        let (code, said) = stopped(&stage, &["restore", "--undo", "--yes"], point, SIGNALS[index % 2]);
        assert_eq!(code, Some(130), "undo, {point}: {said}");
        assert_eq!(stage.which(point), Which::New, "undo, {point}");
        assert_eq!(stage.place.beside().len(), 1, "undo, {point}");
        stage.is_settled(point);
    }
}

#[test]
fn a_restore_in_place_or_beside_that_is_told_to_stop_leaves_nothing() {
    let stage = Stage::new();
    for (index, point) in ["restore-loading", "restore-before-commit"].into_iter().enumerate() {
        let arguments = ["restore", "--in-place", "--no-backup", "--yes"];
        let (code, said) = stopped(&stage, &arguments, point, SIGNALS[index % 2]);
        assert_eq!(code, Some(130), "{point}: {said}");
        assert_eq!(stage.which(point), Which::Old, "{point}");
        stage.is_settled(point);
    }
    let copy = format!("{}_copy", stage.name);
    for point in ["restore-created", "restore-loading", "restore-loaded"] {
        let arguments = ["restore", "--into", &copy];
        let (code, said) = stopped(&stage, &arguments, point, Signal::SIGINT);
        assert_eq!(code, Some(130), "{point}: {said}");
        assert_eq!(stage.place.beside(), Vec::<String>::new(), "{point}");
        // And killed: only what is whole has the name.
        stage.killed(&arguments, point);
        assert!(!stage.place.beside().contains(&copy), "{point}: {:?}", stage.place.beside());
        stage.place.run(&arguments).exits(0);
        assert_eq!(stage.place.beside(), [copy.as_str()], "{point}");
        stage.beside(&format!("DROP DATABASE \"{copy}\""));
    }
}
