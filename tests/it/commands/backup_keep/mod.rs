//! Backups that exist: listed, found, shown, pinned, verified, pruned; told in `status`. Their manifests are written by
//! the test, so that times and proofs are what it needs.

mod catalogue;
mod prove;
mod prune;

use std::fs;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use pgkeel::engine::backup::catalogue::Catalogue;
use pgkeel::engine::backup::manifest::{
    FORMAT, FileSum, LargeObjects, Layout, Level, Manifest, Migrations, Pin, Reason, Scope, Snapshot, Source,
    TableContent, Verification,
};
use pgkeel::engine::backup::name::{BackupId, folder_of};
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
        code: None,
        findings: None,
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
