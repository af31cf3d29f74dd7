//! Backups that exist: listed, found, shown, pinned, verified, pruned; told in `status`. Their manifests are written by
//! the test, so that times and proofs are what it needs.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_snapshot;
use pgkeel::engine::backup::catalogue::{Catalogue, FindError};
use pgkeel::engine::backup::manifest::{
    FORMAT, FileSum, LargeObjects, Layout, Level, Manifest, Migrations, Pin, Reason, Scope, Snapshot, Source,
    TableContent, Verification,
};
use pgkeel::engine::backup::name::{BackupId, folder_of};
use pgkeel::engine::backup::record::{RecordError, hold, update};
use pgkeel::engine::properties::Properties;

use crate::support::project::Project;

/// What the program takes for the time: `PGKEEL_NOW` of `Project`.
fn now() -> DateTime<Utc> {
    "2026-01-02T03:04:05Z".parse().unwrap()
}

/// SHA-256 of no bytes.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A backup of one table, so many hours old, called `n1`, `n2`, … by its sequence.
fn manifest(database: &str, sequence: u64, hours: i64) -> Manifest {
    let at = now() - TimeDelta::hours(hours);
    Manifest {
        checksum: String::new(),
        format: FORMAT,
        id: BackupId::new(at, "manual", Some("20250105000000"), &format!("n{sequence}")),
        sequence,
        label: None,
        reason: Reason::Manual,
        pinned: None,
        scope: Scope::Full,
        layout: Layout::Plain,
        created_at: at,
        finished_at: at,
        tool: "0.1.0".into(),
        pg_dump: "pg_dump (PostgreSQL) 15.18".into(),
        pg_restore_min_major: 15,
        source: Source {
            database: database.into(),
            oid: 16_384,
            server: "db.example:5432".into(),
            system_identifier: None,
            server_version: 150_018,
            environment: Some("staging".into()),
            role: "app".into(),
            bytes: 8_000_000,
            properties: Properties::default(),
            session: vec![],
        },
        snapshot: Snapshot { at, lsn: Some("0/1A2B3C".into()), snapshot: "7:7:".into() },
        migrations: Migrations {
            ledger_schema: Some("public".into()),
            applied: vec!["20250105000000".into()],
        },
        extensions: vec![],
        roles: vec!["app".into()],
        tables: vec![TableContent {
            schema: "public".into(),
            name: "users".into(),
            rows: 12_345,
            bytes: 678_901,
            digest: None,
            columns: "(id, name)".into(),
            written: None,
        }],
        sequences: vec![],
        large_objects: LargeObjects::default(),
        files: vec![FileSum { path: "SHA256SUMS".into(), size: 0, sha256: EMPTY.into() }],
        compression: "none".into(),
        encryption: None,
        schema_sha256: None,
        dump_ms: 5,
        check_ms: 5,
        verifications: vec![verification(Level::L1, hours, true)],
        by_hand: vec!["sha256sum -c SHA256SUMS".into(), "psql -X -f dump.sql".into()],
    }
}

fn verification(level: Level, hours: i64, passed: bool) -> Verification {
    Verification {
        level,
        at: now() - TimeDelta::hours(hours),
        passed,
        notes: vec![],
        took_ms: 5,
        restore_ms: None,
        server_version: None,
    }
}

fn taken(database: &str, sequence: u64, hours: i64, change: impl FnOnce(&mut Manifest)) -> Manifest {
    let mut manifest = manifest(database, sequence, hours);
    change(&mut manifest);
    manifest
}

/// A project with an own way to write backups.
struct Shelf {
    project: Project,
}

impl Shelf {
    fn new() -> Self {
        let mut project = Project::new();
        project.shows(&format!("backups/{}/", folder_of(&project.db.name.clone())), "backups/FOLDER/");
        Self { project }
    }

    /// The name of the project's database.
    fn name(&self) -> String {
        self.project.db.name.clone()
    }

    fn root(&self) -> PathBuf {
        self.project.root().join("backups")
    }

    fn dir(&self, manifest: &Manifest) -> PathBuf {
        self.root().join(folder_of(&manifest.source.database)).join(manifest.id.as_str())
    }

    fn put(&self, manifest: &Manifest) -> PathBuf {
        let dir = self.dir(manifest);
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("manifest.json"), manifest.to_bytes()).unwrap();
        fs::write(dir.join("SHA256SUMS"), "").unwrap();
        dir
    }

    /// A backup of the project's database.
    fn take(&self, sequence: u64, hours: i64, change: impl FnOnce(&mut Manifest)) -> PathBuf {
        self.put(&taken(&self.name(), sequence, hours, change))
    }

    fn catalogue(&self) -> Catalogue {
        Catalogue::read(&self.root()).unwrap()
    }

    /// The random parts of the names of all backups.
    fn names(&self) -> Vec<String> {
        self.catalogue().backups.iter().map(|kept| kept.manifest.id.suffix().to_owned()).collect()
    }
}

/// Three of the project's database, one of another, a leftover, and one that cannot be read.
fn furnished() -> Shelf {
    let shelf = Shelf::new();
    shelf.take(1, 24 * 40, |one| {
        one.label = Some("release".into());
        one.pinned = Some(Pin { at: now(), why: Some("the old world".into()) });
        one.verifications.push(verification(Level::L2, 24 * 39, true));
    });
    shelf.take(2, 30, |one| {
        one.reason = Reason::PreDeploy;
        one.verifications.push(verification(Level::L1, 1, false));
    });
    shelf.take(3, 2, |_| ());
    shelf.put(&manifest("other", 1, 5));
    let folder = shelf.root().join(folder_of(&shelf.name()));
    let partial = folder.join("20260101T000000Z-manual-none-p1.partial");
    fs::create_dir_all(&partial).unwrap();
    fs::write(partial.join("toc.dat"), "12345").unwrap();
    fs::create_dir(folder.join("20260101T000000Z-manual-none-u1")).unwrap();
    shelf
}

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
