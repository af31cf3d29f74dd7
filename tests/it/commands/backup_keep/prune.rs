//! What `backup prune` keeps, asks and removes, and what a killed one leaves.

use insta::assert_snapshot;
use pgkeel::engine::backup::manifest::Reason;
use pgkeel::engine::backup::record::{RecordError, hold};

use super::{Shelf, furnished, taken};
use crate::support::terminal::Terminal;

#[test]
fn a_prune_shows_first_and_deletes_when_it_is_told() {
    let shelf = furnished();
    let prune = |more: &[&str]| shelf.project.run(&[&["backup", "prune"], more].concat());
    assert_snapshot!(prune(&["--keep-last", "1"]).text(), @"
    exit 0
    --- stdout
            backup                                     taken     size  because
    keep    20251123T030405Z-manual-20250105000000-n1  40 d ago  0 B   pinned, newest at L2
    keep    20251231T210405Z-manual-20250105000000-n2  30 h ago  0 B   damaged, but nothing newer is sound
    keep    20260102T010405Z-manual-20250105000000-n3  2 h ago   0 B   newest, last
    remove  20260101T000000Z-manual-none-p1.partial              5 B   left by a run that was killed

    would remove 1 leftover (5 B); `--apply` does it
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(shelf.names().len(), 4);
    assert_snapshot!(prune(&["--keep-last", "1", "--apply"]).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: refused: 1 leftover (5 B) would be deleted, and nobody is here to be asked; nothing was removed
    next: give `--yes`
    ");
    assert_eq!(shelf.names().len(), 4);
    shelf.take(4, 1, |_| ());
    assert_snapshot!(prune(&["--keep-last", "1", "--apply", "--yes"]).text(), @"
    exit 0
    --- stdout
            backup                                     taken     size  because
    keep    20251123T030405Z-manual-20250105000000-n1  40 d ago  0 B   pinned, newest at L2
    keep    20251231T210405Z-manual-20250105000000-n2  30 h ago  0 B   damaged, but nothing newer is sound
    remove  20260102T010405Z-manual-20250105000000-n3  2 h ago   0 B   no rule keeps it
    keep    20260102T020405Z-manual-20250105000000-n4  1 h ago   0 B   newest, last
    remove  20260101T000000Z-manual-none-p1.partial              5 B   left by a run that was killed

    removed 2 of 2, 5 B are free again
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(shelf.names(), ["n1", "n1", "n2", "n4"]);
    assert_eq!(shelf.catalogue().partial, []);
    assert_eq!(
        prune(&["--keep-last", "1", "--apply"]).exits(0).stdout.lines().last(),
        Some("nothing to remove")
    );
}

#[test]
fn the_rules_of_the_configuration_hold_where_no_flag_says_otherwise() {
    let shelf = Shelf::new();
    for sequence in 1..=6 {
        shelf.take(sequence, 100 - i64::try_from(sequence).unwrap() * 10, |_| ());
    }
    let goes = |arguments: &[&str]| {
        let json = shelf.project.run(&[&["backup", "prune", "--json"], arguments].concat()).exits(0).json();
        json["backups"].as_array().unwrap().iter().filter(|one| one["keep"] == false).count()
    };
    shelf.project.run(&["backup", "prune"]).exits(2);
    shelf.project.file("pgkeel.toml", "[backup.keep]\nlast = 2\n");
    assert_eq!(goes(&[]), 4);
    assert_eq!(goes(&["--keep-last", "3"]), 3);
    assert_eq!(goes(&["--keep-within", "30h"]), 2);
    shelf.project.file("pgkeel.toml", "[backup.keep]\nlast = 0\n");
    let ran = shelf.project.run(&["backup", "prune"]);
    assert!(ran.exits(2).stderr.contains("no rule says which backups to keep"), "{}", ran.text());
}

#[test]
fn what_a_recent_operation_may_come_back_to_stays() {
    let shelf = Shelf::new();
    shelf.project.migration("20260101000000_a", "CREATE TABLE a (id int);", "DROP TABLE a;");
    shelf.project.run(&["deploy"]).exits(0);
    let named = shelf.take(1, 900, |_| ());
    for sequence in 2..=4 {
        shelf.take(sequence, 100, |_| ());
    }
    let id = named.file_name().unwrap().to_str().unwrap();
    shelf.project.sql(&format!("UPDATE pgkeel.operation SET backup = '{id}'"));
    let ran = shelf.project.run(&["backup", "prune", "--keep-last", "1"]);
    assert!(ran.exits(0).stdout.contains("a recent operation may come back to it"), "{}", ran.text());
    assert!(ran.stdout.contains("would remove 2 backups"), "{}", ran.text());
}

#[test]
fn a_database_that_cannot_be_asked_keeps_what_may_be_needed() {
    let shelf = Shelf::new();
    for sequence in 1..=9 {
        let hours = 24 * (50 - 5 * i64::try_from(sequence).unwrap());
        shelf.put(&taken("other", sequence, hours, |one| one.reason = Reason::PreDeploy));
    }
    let unreachable = shelf.project.url("postgres://nobody@127.0.0.1:1/other");
    let ran = unreachable.run(&["backup", "prune", "--keep-last", "1"]);
    assert!(ran.exits(0).stderr.contains("the database cannot be asked"), "{}", ran.text());
    // Five stay as the newest; the one of 30 days as one of the last 30 days.
    assert!(ran.stdout.contains("would remove 3 backups"), "{}", ran.text());
}

#[test]
fn a_person_is_asked_before_anything_is_deleted() {
    let shelf = Shelf::new();
    for sequence in 1..=3 {
        shelf.take(sequence, 10, |_| ());
    }
    let prune =
        || Terminal::start(shelf.project.command(&["backup", "prune", "--keep-last", "1", "--apply"]));
    let (_, code) = prune().sees("Delete 2 backups (0 B)? [y/N]").types("n").ends();
    assert_eq!((code, shelf.names().len()), (130, 3));
    let (_, code) = prune().sees("Delete 2 backups (0 B)? [y/N]").types("y").ends();
    assert_eq!((code, shelf.names()), (0, vec!["n3".to_owned()]));
}

#[test]
fn a_wrong_clock_removes_nothing() {
    let shelf = Shelf::new();
    for sequence in 1..=3 {
        shelf.take(sequence, 10, |_| ());
    }
    shelf.take(4, -1, |_| ());
    let ran = shelf.project.run(&["backup", "prune", "--keep-last", "1", "--apply", "--yes"]);
    assert!(ran.exits(3).stderr.contains("a clock is wrong, and nothing was removed"), "{}", ran.text());
    assert_eq!(shelf.names().len(), 4);
}

#[test]
fn what_another_run_reads_is_not_removed() {
    let shelf = Shelf::new();
    let read = shelf.take(1, 30, |_| ());
    shelf.take(2, 20, |_| ());
    shelf.take(3, 10, |_| ());
    let in_use = hold(&read).unwrap();
    let prune = || shelf.project.run(&["backup", "prune", "--keep-last", "1", "--apply", "--yes"]);
    let ran = prune();
    assert!(ran.exits(1).stdout.contains("is in use by another run"), "{}", ran.text());
    assert_eq!(shelf.names(), ["n1", "n3"]);
    drop(in_use);
    prune().exits(0);
    assert_eq!(shelf.names(), ["n3"]);
    assert!(matches!(hold(&read), Err(RecordError::Io { .. })));
}

#[cfg(feature = "fault-points")]
#[test]
fn a_killed_prune_leaves_no_half_backup_under_a_name() {
    use crate::support::poll;
    let shelf = Shelf::new();
    let dir = shelf.take(1, 30, |_| ());
    shelf.take(2, 20, |_| ());
    let flag = shelf.project.root().join("fault");
    let mut prune = shelf
        .project
        .command(&["backup", "prune", "--keep-last", "1", "--apply", "--yes"])
        .env("PGKEEL_FAULT", format!("prune-renamed:{}", flag.display()))
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    poll::until(20, "prune-renamed", || flag.exists().then_some(()));
    assert!(shelf.catalogue().partial[0].running, "it still goes on");
    shelf.project.run(&["backup", "prune", "--leftovers", "--apply", "--yes"]).exits(0);
    prune.kill().unwrap();
    prune.wait().unwrap();
    assert_eq!(shelf.names(), ["n2"]);
    let leftover = dir.with_file_name(format!("{}.deleting", dir.file_name().unwrap().to_str().unwrap()));
    assert!(leftover.join("manifest.json").exists(), "nothing of it was removed yet");
    let ran = shelf.project.run(&["backup", "list"]);
    assert!(ran.exits(0).stdout.contains("left by a run that was killed"), "{}", ran.text());
    shelf.project.run(&["backup", "prune", "--leftovers", "--apply", "--yes"]).exits(0);
    assert!(!leftover.exists());
}

#[cfg(feature = "fault-points")]
#[test]
fn a_backup_that_is_being_written_is_no_leftover() {
    use crate::support::poll;
    use crate::support::project::Project;
    let project = Project::new();
    let flag = project.root().join("fault");
    let mut take = project
        .command(&["backup"])
        .env("PGKEEL_FAULT", format!("backup-before-manifest:{}", flag.display()))
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    poll::until(20, "backup-before-manifest", || flag.exists().then_some(()));
    let partial = || project.run(&["backup", "list", "--json"]).exits(0).json()["partial"].clone();
    assert_eq!((&partial()[0]["running"], &partial()[0]["pid"]), (&true.into(), &take.id().into()));
    let prune =
        || project.run(&["backup", "prune", "--leftovers", "--apply", "--yes"]).exits(0).stdout.clone();
    assert_eq!(prune(), "nothing to remove\n");
    assert!(!project.run(&["status"]).stdout.contains("killed"));
    take.kill().unwrap();
    take.wait().unwrap();
    poll::until(10, "the lock is let go", || (partial()[0]["running"] == false).then_some(()));
    assert!(project.run(&["status"]).stdout.contains("was left by a run that was killed"));
    assert!(prune().contains("removed 1 of 1"));
    assert_eq!(partial(), serde_json::json!([]));
}
