//! Two at once: whoever comes second waits, or is told who is in the way, and nothing breaks.

use std::process::Stdio;

use super::shop::ended;
use super::stage::{Stage, Which};

#[test]
fn whoever_comes_during_a_restore_is_told_who_is_in_the_way() {
    let stage = Stage::new();
    stage.place.run(&["backup"]).exits(0);
    let first = stage.oldest();
    stage.place.file("pgkeel.toml", "[deploy]\nlock_wait = \"0s\"\n");
    let child = stage.start(&["restore", &first, "--yes"], "restore-loading");
    stage.place.migration("20260103000000_more", "CREATE TABLE more (id int);", "DROP TABLE more;");
    for arguments in [
        &["restore", "--yes"][..],
        &["rollback", "--to-backup", "--yes"],
        &["restore", "--in-place", "--no-backup", "--yes"],
        &["deploy"],
        &["backup", "--lock-wait", "0s"],
    ] {
        let ran = stage.place.run(arguments);
        assert_eq!(ran.code, 7, "{arguments:?}: {}", ran.text());
        assert!(ran.stderr.contains("application pgkeel restore"), "{arguments:?}: {}", ran.text());
    }
    let undo = stage.place.run(&["restore", "--undo", "--yes"]);
    assert!(undo.exits(7).stderr.contains("application pgkeel restore"), "{}", undo.text());
    let pruned = stage.place.run(&["backup", "prune", "--keep-last", "1", "--apply", "--yes"]);
    assert!(pruned.exits(1).stdout.contains("is in use by another run"), "{}", pruned.text());
    assert_eq!(stage.listed("pruned"), 2);
    let (code, said) = stage.goes_on(child);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(stage.which("restored"), Which::New);
    stage.is_settled("restored");
    stage.backups_are_whole("restored", 2);
    // What is being put back is not dropped.
    let child = stage.start(&["restore", "--undo", "--yes"], "restore-carried");
    let dropped = stage.tidies();
    assert!(dropped.exits(7).stderr.contains("application pgkeel restore"), "{}", dropped.text());
    let (code, said) = stage.goes_on(child);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(stage.which("put back"), Which::Old);
    stage.is_settled("put back");
}

#[test]
fn a_restore_during_another_or_during_a_deploy_waits_for_its_end() {
    let stage = Stage::new();
    for first in [&["restore", "--yes"][..], &["deploy"]] {
        stage.place.migration("20260103000000_more", "CREATE TABLE more (id int);", "DROP TABLE more;");
        let point = if first[0] == "deploy" { "after-lock" } else { "restore-loading" };
        let child = stage.start(first, point);
        let mut second = stage.place.command(&["restore", "--yes"]);
        let second = second.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        stage.somebody_waits("pgkeel restore");
        let (code, said) = stage.goes_on(child);
        assert_eq!(code, Some(0), "{first:?}: {said}");
        let (code, stdout, stderr) = ended(second);
        // It was asked about a database that is not there any more; what was written since stays.
        let refused = first[0] == "restore";
        assert_eq!(code, Some(i32::from(refused)), "{first:?}: {stdout}{stderr}");
        assert_eq!(stderr.contains("was replaced by another run meanwhile"), refused, "{stderr}");
        assert_eq!(stage.which("both"), Which::New, "{first:?}");
        stage.is_settled("both");
    }
}

#[test]
fn a_deploy_that_waits_while_its_database_is_replaced_ends_or_goes_on_in_the_new_one() {
    let stage = Stage::new();
    let child = stage.start(&["restore", "--yes"], "restore-verified");
    let mut deploy = stage.place.command(&["deploy"]);
    let deploy = deploy.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    stage.somebody_waits("pgkeel deploy");
    let (code, said) = stage.goes_on(child);
    assert_eq!(code, Some(0), "{said}");
    let (code, stdout, stderr) = ended(deploy);
    assert!(matches!(code, Some(0 | 1 | 8)), "{code:?} {stdout}{stderr}");
    if code != Some(0) {
        assert_eq!(stage.which("replaced"), Which::New, "{stderr}");
        assert!(stderr.contains("error: ") && !stderr.contains("panicked"), "{stderr}");
    }
    stage.place.run(&["deploy"]).exits(0);
    stage.place.run(&["status"]).exits(0);
    stage.is_settled("deployed");
}
