//! Backups listed, found, shown and pinned; damaged manifests, links and names that lead elsewhere.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use insta::assert_snapshot;
use pgkeel::engine::backup::catalogue::FindError;
use pgkeel::engine::backup::manifest::{Level, Pin, Scope};
use pgkeel::engine::backup::record::update;

use super::{Shelf, furnished, now, verification};

#[test]
fn a_list_tells_what_each_backup_is_worth() {
    let shelf = furnished();
    assert_snapshot!(shelf.project.run(&["backup", "list"]).text(), @"
    exit 0
    --- stdout
    backup                                     taken     label       size  tables  rows    proved       note
    20251123T030405Z-manual-20250105000000-n1  40 d ago  release     0 B   1       12,345  L2 39 d ago  pinned
    20251231T210405Z-manual-20250105000000-n2  30 h ago  pre-deploy  0 B   1       12,345  L1 30 h ago  damaged
    20260102T010405Z-manual-20250105000000-n3  2 h ago   manual      0 B   1       12,345  L1 2 h ago
    (not shown: 1 of other databases, `--all`)
    no backup: backups/FOLDER/20260101T000000Z-manual-none-p1.partial (5 B), left by a run that was killed: `pgkeel backup prune --leftovers --apply` removes it
    unreadable: backups/FOLDER/20260101T000000Z-manual-none-u1: it cannot be read as a manifest: there is no manifest.json
    ");
    let all = shelf.project.run(&["backup", "list", "--all"]);
    let header = all.stdout.lines().next().map(|line| line.split_whitespace().collect::<Vec<_>>());
    assert_eq!(header.map(|words| words[..3].join(" ")), Some("backup database taken".into()));
    assert_eq!(all.exits(0).stdout.matches("12,345").count(), 4, "{}", all.text());
    let json = shelf.project.run(&["backup", "list", "--json"]).exits(0).json();
    assert_eq!(json["backups"].as_array().unwrap().len(), 3);
    assert_eq!(json["backups"][1]["damaged"], true);
    assert_eq!(json["partial"][0]["running"], false);
    assert_eq!(json["unreadable"][0]["why"], "it cannot be read as a manifest: there is no manifest.json");
}

#[test]
fn a_list_needs_no_database() {
    let shelf = furnished();
    let unreachable = shelf.project.url("postgres://nobody@127.0.0.1:1/other");
    let ran = unreachable.run(&["backup", "list"]);
    assert!(ran.exits(0).stdout.contains("(not shown: 3 of other databases"), "{}", ran.text());
    assert_eq!(ran.stderr, "");
    let nowhere = unreachable.url("");
    assert_eq!(nowhere.run(&["backup", "list", "--json"]).json()["backups"].as_array().unwrap().len(), 4);
    let ran = nowhere.run(&["backup", "list", "--dir", "elsewhere"]);
    assert_eq!(ran.exits(0).stdout, "there are no backups in `elsewhere`\n");
}

#[test]
fn everything_in_a_manifest_is_shown() {
    let shelf = furnished();
    assert_snapshot!(shelf.project.run(&["backup", "show", "release", "--tables"]).text(), @"
    exit 0
    --- stdout
    20251123T030405Z-manual-20250105000000-n1
    folder      backups/FOLDER/20251123T030405Z-manual-20250105000000-n1
    taken       TIME  UTC, 40 d ago
    why         manual
    database    DB on db.example:5432, PostgreSQL 15.18, as `app`
    holds       1 tables, 12,345 rows, 0 sequences, 0 large objects
    migrations  1 applied, newest 20250105000000
    files       1, 0 B, none
    made with   pgkeel 0.1.0, pg_dump (PostgreSQL) 15.18; pg_restore 15 or newer reads it
    moment      TIME  UTC by the server's clock, log position 0/1A2B3C
    label       release
    environment staging
    pinned      the old world
    roles       app
    proved      L1 passed, 40 d ago, took N ms
    proved      L2 passed, 39 d ago, took N ms

    table         rows    text
    public.users  12,345  N KiB

    without pgkeel, in `backups/FOLDER/20251123T030405Z-manual-20250105000000-n1`:
      sha256sum -c SHA256SUMS
      psql -X -f dump.sql
    ");
    let json = shelf.project.run(&["backup", "show", "release", "--json"]).exits(0).json();
    assert_eq!(json["tables"][0]["rows"], 12_345);
    assert_eq!(json["pinned"]["why"], "the old world");
}

#[test]
fn a_backup_is_found_by_what_names_it_alone() {
    let shelf = furnished();
    let catalogue = shelf.catalogue();
    let name = shelf.name();
    let find = |text: &str| {
        let found = catalogue.find(text, Some((&name, None)));
        found.map(|kept| format!("{} {}", kept.manifest.source.database, kept.manifest.id.suffix()))
    };
    let ours = |suffix: &str| Ok(format!("{name} {suffix}"));
    assert_eq!(find("latest"), ours("n3"));
    assert_eq!(find("release"), ours("n1"));
    assert_eq!(find("20251123"), ours("n1"));
    assert_eq!(find("0-n2"), ours("n2"));
    assert_eq!(find("20260101T220405Z-manual-20250105000000-n1"), Ok("other n1".into()), "of another one");
    // The place decides, and where it has none, all others are meant.
    assert_eq!(find("0-n1"), ours("n1"));
    assert_eq!(find("20260101T2204"), Ok("other n1".into()));
    assert!(matches!(find("2025"), Err(FindError::Several { .. })), "{:?}", find("2025"));
    for bad in ["", "n1", "../../etc", "20260101T000000Z-../x", "other/20260101T220405Z", "\0"] {
        assert!(matches!(find(bad), Err(FindError::NotAName(_))), "{bad:?}: {:?}", find(bad));
    }
    assert!(matches!(find("relaese"), Err(FindError::None { near, .. }) if near.contains("`release`")));
    assert!(matches!(catalogue.find("latest", None), Err(FindError::Several { .. })));
    assert!(matches!(catalogue.find("latest", Some(("none", None))), Err(FindError::Empty { .. })));
    let ran = shelf.project.run(&["backup", "show", "../../other"]);
    assert!(ran.exits(2).stderr.contains("is no name of a backup"), "{}", ran.text());
}

#[test]
fn the_latest_is_whole_and_not_damaged() {
    let shelf = Shelf::new();
    shelf.take(1, 9, |_| ());
    shelf.take(2, 8, |one| one.verifications.push(verification(Level::L2, 7, false)));
    shelf.take(3, 7, |one| one.scope = Scope::Schema);
    // A look at sizes alone clears nothing.
    shelf.take(4, 6, |one| {
        one.verifications.extend([(Level::L1, false), (Level::L0, true)].map(|(l, p)| verification(l, 5, p)));
    });
    let latest = || shelf.catalogue().latest((&shelf.name(), None)).map(|kept| kept.manifest.sequence);
    assert_eq!(latest(), Some(1));
    // By number, not by time: clocks jump.
    shelf.take(5, 10, |one| {
        one.verifications.extend([(Level::L1, false), (Level::L1, true)].map(|(l, p)| verification(l, 5, p)));
    });
    assert_eq!(latest(), Some(5));
}

#[test]
fn a_backup_of_another_cluster_is_not_the_latest() {
    let shelf = Shelf::new();
    shelf.take(1, 9, |one| one.source.system_identifier = Some("1".into()));
    shelf.take(2, 8, |one| one.source.system_identifier = Some("2".into()));
    let catalogue = shelf.catalogue();
    let latest = |cluster| catalogue.latest((&shelf.name(), cluster)).map(|kept| kept.manifest.sequence);
    assert_eq!(
        [latest(Some("1")), latest(Some("2")), latest(Some("3")), latest(None)],
        [Some(1), Some(2), None, Some(2)]
    );
}

#[test]
fn no_flipped_byte_of_a_manifest_passes() {
    let shelf = Shelf::new();
    let dir = shelf.take(1, 9, |_| ());
    let whole = fs::read(dir.join("manifest.json")).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(dir.join("manifest.json"), &bytes).unwrap();
        let catalogue = shelf.catalogue();
        assert_eq!((catalogue.backups.len(), catalogue.unreadable.len()), (0, 1), "byte {at}");
    }
    for length in (0..whole.len()).step_by(97) {
        fs::write(dir.join("manifest.json"), &whole[..length]).unwrap();
        assert_eq!(shelf.catalogue().unreadable.len(), 1, "{length} bytes");
    }
    let ran = shelf.project.run(&["backup", "list"]);
    assert!(ran.exits(0).stdout.contains("unreadable: backups/"), "{}", ran.text());
    let id = dir.file_name().unwrap().to_str().unwrap().to_owned();
    for command in [vec!["backup", "verify", &id], vec!["backup", "verify", "--all"]] {
        let ran = shelf.project.run(&command);
        assert!(ran.exits(10).stdout.contains("`manifest.json`: it"), "{}", ran.text());
    }
    // It may be a newer pgkeel's: it is never removed.
    shelf.project.run(&["backup", "prune", "--keep-last", "1", "--apply", "--yes"]).exits(0);
    assert!(dir.exists());
}

#[test]
fn no_link_is_followed() {
    let shelf = Shelf::new();
    let dir = shelf.take(1, 9, |_| ());
    let away = shelf.project.root().join("away");
    fs::rename(&dir, &away).unwrap();
    symlink(&away, &dir).unwrap();
    let seen = || (shelf.catalogue().backups.len(), shelf.catalogue().unreadable.len());
    assert_eq!(seen(), (0, 0), "a backup's folder");
    fs::remove_file(&dir).unwrap();
    fs::create_dir(&dir).unwrap();
    symlink(away.join("manifest.json"), dir.join("manifest.json")).unwrap();
    assert_eq!(seen(), (0, 1), "a manifest");
    fs::remove_dir_all(&dir).unwrap();
    fs::rename(&away, &dir).unwrap();
    let database = dir.parent().unwrap();
    fs::rename(database, &away).unwrap();
    symlink(&away, database).unwrap();
    assert_eq!(seen(), (0, 0), "a database's folder");
    // One that bears another's name.
    fs::remove_file(database).unwrap();
    fs::rename(&away, database).unwrap();
    fs::rename(&dir, dir.with_file_name("20260101T000000Z-manual-none-zzz")).unwrap();
    assert_eq!(seen(), (0, 1), "a renamed backup");
}

#[test]
fn a_pin_is_written_into_the_manifest_and_taken_out_again() {
    let shelf = Shelf::new();
    let dir = shelf.take(1, 9, |_| ());
    let ran = shelf.project.run(&["backup", "pin", "latest", "--why", "before the move"]);
    assert_eq!(ran.exits(0).stdout, "20260101T180405Z-manual-20250105000000-n1: pinned: before the move\n");
    let pinned = shelf.catalogue().backups[0].manifest.pinned.clone();
    assert_eq!(pinned, Some(Pin { at: now(), why: Some("before the move".into()) }));
    let mode = fs::metadata(dir.join("manifest.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let files = || fs::read_dir(&dir).unwrap().count();
    assert_eq!(files(), 2, "nothing else is in it");
    shelf.project.run(&["backup", "pin", "latest", "--off"]).exits(0);
    assert_eq!(shelf.catalogue().backups[0].manifest.pinned, None);
    // Verified since: the change of the one is not lost by the other.
    assert_eq!(shelf.catalogue().backups[0].manifest.verifications.len(), 1);
}

#[test]
fn changes_at_once_do_not_lose_one_another() {
    let shelf = Shelf::new();
    let dir = shelf.take(1, 9, |one| one.verifications.clear());
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let dir = &dir;
            scope.spawn(move || {
                for _ in 0..5 {
                    update(dir, |one| one.verifications.push(verification(Level::L1, thread, true))).unwrap();
                }
            });
        }
    });
    let manifest = &shelf.catalogue().backups[0].manifest;
    let by = |thread| {
        manifest.verifications.iter().filter(move |one| **one == verification(Level::L1, thread, true))
    };
    assert!((0..8).all(|thread| by(thread).count() == 5), "{:?}", manifest.verifications);
}

#[test]
fn a_link_in_the_way_of_a_new_manifest_is_not_followed() {
    let shelf = Shelf::new();
    let dir = shelf.take(1, 9, |_| ());
    let victim = shelf.project.root().join("victim");
    fs::write(&victim, "untouched").unwrap();
    let id = dir.file_name().unwrap().to_str().unwrap();
    symlink(&victim, dir.with_file_name(format!(".{id}.manifest"))).unwrap();
    update(&dir, |one| one.label = Some("new".into())).unwrap();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
    assert_eq!(shelf.catalogue().backups[0].manifest.label.as_deref(), Some("new"));
    assert_eq!(fs::read_dir(dir.parent().unwrap()).unwrap().count(), 1);
}
