//! `backup verify` writes down what it found, and `status` tells what the backups are worth.

use std::fs;

use insta::assert_snapshot;
use pgkeel::engine::backup::catalogue::Catalogue;
use pgkeel::engine::backup::manifest::Level;
use pgkeel::engine::backup::record::update;

use super::{Shelf, furnished, verification};
use crate::support::project::Project;
use crate::support::restored::Place;

#[test]
fn a_verification_is_written_down_whatever_it_found() {
    let shelf = Shelf::new();
    shelf.take(1, 30, |_| ());
    let dir = shelf.take(2, 20, |_| ());
    shelf.project.run(&["backup", "verify", "--level", "0"]).exits(0);
    let of_second = || shelf.catalogue().backups[1].manifest.verifications.clone();
    assert_eq!(of_second().last().map(|last| (last.level, last.passed)), Some((Level::L0, true)));
    fs::write(dir.join("SHA256SUMS"), "x").unwrap();
    fs::write(dir.join("strange"), "x").unwrap();
    assert_snapshot!(shelf.project.run(&["backup", "verify", "--level", "0"]).text(), @"
    exit 10
    --- stdout
    20260101T070405Z-manual-20250105000000-n2: damaged
      `SHA256SUMS`: it has 1 bytes, and the manifest says 0
      `strange`: the manifest does not list it
    sound, by what is written in it: 20251231T210405Z-manual-20250105000000-n1, taken 30 h ago, L1 30 h ago
    ");
    let last = of_second().pop().unwrap();
    assert_eq!((last.passed, last.notes.len()), (false, 2));
    // It is no longer the latest.
    let json = shelf.project.run(&["backup", "verify", "--level", "0", "--json"]).exits(0).json();
    assert!(json["backups"][0]["backup"].as_str().unwrap().ends_with("n1"), "{json}");
    shelf.project.run(&["backup", "verify", "--all", "--level", "0"]).exits(10);
}

#[test]
fn a_real_backup_is_proved_at_every_level_and_its_damage_is_named() {
    let project = Project::new();
    project.sql("CREATE TABLE notes (id int PRIMARY KEY, text text NOT NULL)");
    project.sql("INSERT INTO notes SELECT n, 'note ' || n FROM generate_series(1, 500) n");
    project.run(&["backup", "--compression", "none"]).exits(0);
    project.run(&["backup", "--compression", "none"]).exits(0);
    for level in ["0", "1", "2", "3"] {
        let json = project.run(&["backup", "verify", "--level", level, "--json"]).exits(0).json();
        assert_eq!(json["backups"][0]["damages"], serde_json::json!([]), "L{level}");
    }
    let catalogue = Catalogue::read(&project.root().join("backups")).unwrap();
    let [older, newest] = catalogue.backups.as_slice() else { panic!("{catalogue:?}") };
    let there = format!(
        "SELECT count(*) FROM pg_database WHERE starts_with(datname, 'pgkeel_verify_{}')",
        newest.manifest.id.suffix()
    );
    assert_eq!(project.number(&there), 0, "nothing is left of the trials");
    assert_eq!(newest.manifest.proved().map(|(level, _)| level), Some(Level::L3));
    let trial = newest.manifest.verifications.iter().find(|one| one.level == Level::L2).unwrap();
    assert!(trial.restore_ms.is_some() && trial.server_version.is_some(), "{trial:?}");
    // One byte of the rows.
    let data = newest.manifest.files.iter().max_by_key(|file| file.size).unwrap();
    let path = newest.dir.join(&data.path);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    project.run(&["backup", "verify", newest.manifest.id.as_str(), "--level", "0"]).exits(0);
    for level in ["1", "2"] {
        let ran = project.run(&["backup", "verify", newest.manifest.id.as_str(), "--level", level]);
        assert!(ran.exits(10).stdout.contains(&data.path), "{}", ran.text());
        assert!(ran.stdout.contains(&format!("sound, by what is written in it: {}", older.manifest.id)));
    }
    let json = project.run(&["backup", "verify", "--json"]).exits(0).json();
    assert_eq!(json["backups"][0]["backup"], older.manifest.id.as_str(), "the damaged one is not the latest");
    // Elsewhere than configured: the same server by another way.
    let url = project.db.url.clone();
    let nowhere = project.url("");
    nowhere.run(&["backup", "verify", "--level", "2", "--verify-url", &url]).exits(0);
    let ran = nowhere.run(&["backup", "verify", "--level", "2", "--verify-url", "mysql://x:hunter2@y"]);
    assert!(!ran.exits(2).stderr.contains("hunter2"), "{}", ran.text());
}

#[test]
fn status_tells_what_the_backups_are_worth() {
    let shelf = Shelf::new();
    let status = || shelf.project.run(&["status"]);
    assert!(!status().stdout.contains("backup"), "{}", status().text());
    assert!(shelf.project.run(&["status", "--json"]).json().get("backups").is_none());
    shelf.take(1, 3, |_| ());
    assert_snapshot!(status().text(), @"
    exit 0
    --- stdout
    DB: there are no migrations
    newest verified backup: 20260102T000405Z-manual-20250105000000-n1, taken 3 h ago, L1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    let shelf = furnished();
    shelf.take(4, 1, |one| one.verifications.push(verification(Level::L1, 1, false)));
    assert_snapshot!(shelf.project.run(&["status"]).text(), @"
    exit 0
    --- stdout
    DB: there are no migrations
    newest verified backup: 20260102T010405Z-manual-20250105000000-n3, taken 2 h ago, L1
    backups: the newest one, 20260102T020405Z-manual-20250105000000-n4, is damaged: take another
    backups: none was restored on trial since 39 d ago: `pgkeel backup verify latest --level 2`
    backups: backups/FOLDER/20260101T000000Z-manual-none-p1.partial (5 B) was left by a run that was killed: `pgkeel backup prune --leftovers --apply`
    backups: backups/FOLDER/20260101T000000Z-manual-none-u1 cannot be used: it cannot be read as a manifest: there is no manifest.json
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    let json = shelf.project.run(&["status", "--json"]).exits(0).json();
    assert_eq!(json["backups"]["newest"]["level"], "L1");
    assert_eq!(json["backups"]["warnings"][0]["what"], "newestDamaged");
}

#[test]
fn a_trial_is_due_once_backups_are_old_enough_and_then_every_week() {
    let shelf = Shelf::new();
    let warnings = || {
        let json = shelf.project.run(&["status", "--json"]).exits(0).json();
        json["backups"]["warnings"].as_array().unwrap().len()
    };
    let day = 24;
    shelf.take(1, 6 * day, |_| ());
    assert_eq!(warnings(), 0, "nothing is a week old");
    let dir = shelf.take(2, 8 * day, |_| ());
    assert_eq!(warnings(), 1);
    update(&dir, |one| one.verifications.push(verification(Level::L2, 6 * day, true))).unwrap();
    assert_eq!(warnings(), 0);
    shelf.project.file("pgkeel.toml", "[backup]\nverify_every = \"5d\"\n");
    assert_eq!(warnings(), 1);
}

/// A database whose rows can be loaded nowhere but where they are: its generated column does this elsewhere.
fn loadable_only_here(elsewhere: &str) -> Place {
    let place = Place::new();
    place.file("pgkeel.toml", "");
    place.sql(&format!(
        "CREATE FUNCTION here(i int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN \
           IF current_database() <> '{}' THEN {elsewhere}; END IF; RETURN i; END $$; \
         CREATE TABLE t (i int, g int GENERATED ALWAYS AS (here(i)) STORED); INSERT INTO t VALUES (1)",
        place.db.name
    ));
    place.run(&["backup"]).exits(0);
    place
}

#[test]
fn a_trial_restore_that_fails_is_recorded_and_the_backup_is_no_longer_called_verified() {
    for level in ["2", "3"] {
        let place = loadable_only_here("RAISE 'only here'");
        assert!(place.run(&["status"]).stdout.contains("newest verified backup: "));
        let ran = place.run(&["backup", "verify", "latest", "--level", level]);
        assert!(ran.exits(10).stdout.contains(": failed its trial restore"), "{}", ran.text());
        assert!(ran.stdout.contains("`trial restore`: it cannot be loaded: "), "{}", ran.text());
        assert!(ran.stdout.contains("only here"), "{}", ran.text());
        assert_eq!(ran.stderr.lines().filter(|line| line.starts_with("error")).count(), 0, "{}", ran.text());
        let id = place.backups("backups")[0].file_name().unwrap().to_str().unwrap().to_owned();
        let status = place.run(&["status"]);
        assert!(!status.stdout.contains("newest verified backup"), "{}", status.text());
        assert!(status.stdout.contains(&format!("{id}, failed its trial restore")), "{}", status.text());
        let json = place.run(&["status", "--json"]).json();
        assert_eq!(json["backups"]["warnings"][0]["what"], "newestFailedTrial");
        assert!(place.run(&["backup", "show", &id]).stdout.contains("only here"));
        let latest = place.run(&["restore", "--yes"]);
        assert!(
            latest.exits(2).stderr.contains(&format!("the newest, `{id}`, failed its trial restore")),
            "{}",
            latest.text()
        );
        // The files are undamaged, which does not clear it.
        place.run(&["backup", "verify", &id, "--level", "1"]).exits(0);
        assert!(!place.run(&["status"]).stdout.contains("newest verified backup"));
        assert!(place.beside().is_empty());
    }
}

#[test]
fn a_trial_restore_that_the_server_broke_off_says_nothing_about_the_backup() {
    let place = loadable_only_here("PERFORM pg_terminate_backend(pg_backend_pid())");
    place.run(&["backup", "verify", "latest", "--level", "2"]).exits(1);
    assert!(place.run(&["status"]).stdout.contains("newest verified backup: "));
    assert_eq!(place.run(&["backup", "show", "--json"]).json()["verifications"].as_array().unwrap().len(), 1);
}
