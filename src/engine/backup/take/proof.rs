//! Reads back what was dumped, compares it with what the snapshot saw, and describes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chrono::DateTime;

use super::{TakeError, Taking};
use crate::engine::Observer;
use crate::engine::backup::by_hand::{self, Shape};
use crate::engine::backup::check::{Damage, Reading};
use crate::engine::backup::manifest::{
    Encryption, FORMAT, FileSum, LargeObjects, Layout, Manifest, Scope, Source, TableContent,
};
use crate::engine::backup::name::BackupId;
use crate::engine::backup::readback::{Contents, Form, Rows, read_back, stream_file, walk};
use crate::engine::backup::seal::Sealed;
use crate::engine::ledger::Ledger;
use crate::engine::migrations::folder::sha256;

/// The list that `sha256sum --check` takes.
const SUMS: &str = "SHA256SUMS";

impl Taking<'_> {
    /// Read everything back from disk, and compare it with what the snapshot saw.
    pub(super) fn check(
        &self,
        sealed: Option<Sealed>,
        observer: &mut dyn Observer,
    ) -> Result<(Vec<FileSum>, Contents), TakeError> {
        self.partial.make_private()?;
        let dir = self.partial.path();
        let io = |source| TakeError::Io { path: dir.to_owned(), source };
        let names = walk(dir).map_err(io)?;
        let interrupt = &self.what.opening.interrupt;
        let reading = Reading { identity: None, jobs: self.what.jobs, interrupt };
        let layout = self.layout();
        let expected = sealed.as_ref().map(|sealed| sealed.sum.sha256.as_str());
        let found = read_back(dir, &names, Form { layout, sealed: expected }, &reading, observer)?;
        let mut damages = found.damages;
        let stray = |name: &&String| !found.files.contains_key(*name);
        damages.extend(
            names
                .iter()
                .filter(stray)
                .filter(|name| damages.iter().all(|damage| damage.file != **name))
                .map(|name| Damage { file: name.clone(), what: "it could not be read".into() })
                .collect::<Vec<_>>(),
        );
        let contents = match sealed {
            None => found.contents,
            Some(Sealed { sum, contents }) => {
                if found.files.get(&sum.path) != Some(&sum) {
                    let what = "what is on disk is not what was written".to_owned();
                    damages.push(Damage { file: sum.path.clone(), what });
                }
                let broken = |what| damages.push(Damage { file: sum.path, what });
                contents.map_err(broken).ok()
            }
        };
        let contents = contents.unwrap_or_default();
        if damages.is_empty() {
            damages = self.compare(&contents);
        }
        if !damages.is_empty() {
            return Err(TakeError::Unverified { damages });
        }
        let mut files: Vec<FileSum> = found.files.into_values().collect();
        let mut sums = String::new();
        for file in &files {
            writeln!(sums, "{}  {}", file.sha256, file.path).expect("a String takes all");
        }
        self.partial.write(SUMS, sums.as_bytes())?;
        files.push(FileSum { path: SUMS.into(), size: sums.len() as u64, sha256: sha256(sums.as_bytes()) });
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok((files, contents))
    }

    /// Everything that the snapshot saw is in the dump, and nothing else.
    fn compare(&self, contents: &Contents) -> Vec<Damage> {
        if self.what.scope == Scope::Schema {
            return Vec::new();
        }
        let mut damages = Vec::new();
        let mut damage = |what: String| damages.push(Damage { file: "dump".into(), what });
        let with_rows = || self.view.tables.iter().filter(|table| table.has_rows);
        // A plain script has no oids: there the names must do.
        let mut found: BTreeMap<(Option<u32>, &str, &str), usize> = BTreeMap::new();
        for rows in &contents.tables {
            let name =
                if rows.oid.is_some() { ("", "") } else { (rows.name.0.as_str(), rows.name.1.as_str()) };
            *found.entry((rows.oid, name.0, name.1)).or_default() += 1;
        }
        for table in with_rows() {
            let by_oid = found.get(&(Some(table.oid), "", "")).copied();
            let by_name = || found.get(&(None, table.schema.as_str(), table.name.as_str())).copied();
            let times = by_oid.or_else(by_name).unwrap_or(0);
            if times != 1 {
                damage(format!("it holds the rows of {}.{} {times} times", table.schema, table.name));
            }
        }
        let (dumped, seen) = (contents.tables.len(), with_rows().count());
        if dumped != seen {
            damage(format!("it holds rows of {dumped} tables, and the snapshot saw {seen}"));
        }
        let written: BTreeSet<(&str, &str)> =
            contents.sequences.iter().map(|state| (state.schema.as_str(), state.name.as_str())).collect();
        for (schema, name) in &self.view.sequences {
            if !written.contains(&(schema.as_str(), name.as_str())) {
                damage(format!("it lacks the value of the sequence {schema}.{name}"));
            }
        }
        let (dumped, seen) = (contents.large_objects.count, self.view.large_objects);
        if self.layout() != Layout::Plain && dumped != seen {
            damage(format!("it holds {dumped} large objects, and the snapshot saw {seen}"));
        }
        damages
    }

    pub(super) fn manifest(
        &self,
        ledger: &Ledger,
        files: Vec<FileSum>,
        contents: Contents,
        has_globals: bool,
    ) -> Manifest {
        let (what, view) = (self.what, &self.view);
        let layout = self.layout();
        let mark = ledger.mark.as_ref().map(|mark| mark.name.as_str());
        let endpoint = what.opening.url.endpoints().into_iter().next();
        let (host, port) = endpoint.map_or((None, None), |endpoint| (endpoint.host, endpoint.port));
        let dump =
            if layout == Layout::Directory { "dump" } else { stream_file(layout, self.is_encrypted()) };
        let shape = Shape {
            database: &ledger.facts.database,
            layout,
            scope: what.scope,
            dump,
            encrypted: self.is_encrypted(),
            has_globals,
            jobs: what.jobs,
        };
        let major = self.ready.programs.dump.version.major;
        Manifest {
            checksum: String::new(),
            format: FORMAT,
            id: BackupId::new(DateTime::UNIX_EPOCH, "", None, ""),
            sequence: 0,
            label: what.label.map(str::to_owned),
            reason: what.reason,
            pinned: None,
            scope: what.scope,
            layout,
            created_at: DateTime::UNIX_EPOCH,
            finished_at: DateTime::UNIX_EPOCH,
            tool: env!("CARGO_PKG_VERSION").into(),
            pg_dump: self.ready.programs.dump.version.to_string(),
            pg_restore_min_major: oldest_reader(layout, major),
            source: Source {
                database: ledger.facts.database.clone(),
                oid: view.database_oid,
                server: format!("{}:{}", host.unwrap_or_else(|| "local".into()), port.unwrap_or(5432)),
                system_identifier: ledger.facts.system_identifier.clone(),
                server_version: ledger.facts.server_version,
                environment: mark.or(what.environment).map(str::to_owned),
                role: ledger.facts.role.clone(),
                bytes: view.database_bytes,
                properties: view.properties.clone(),
                session: view.settings.clone(),
            },
            snapshot: view.moment.clone(),
            migrations: view.migrations.clone(),
            extensions: view.extensions.clone(),
            roles: view.roles.clone(),
            tables: self.tables(&contents),
            sequences: contents.sequences,
            large_objects: match (layout, what.scope) {
                // A script's are not counted as it is read; those of the snapshot are in it.
                (Layout::Plain, Scope::Full | Scope::Data) => {
                    LargeObjects { count: view.large_objects, bytes: 0 }
                }
                _ => contents.large_objects,
            },
            files,
            compression: self.ready.codec.to_string(),
            encryption: self.is_encrypted().then(|| Encryption { recipients: what.recipients.to_vec() }),
            schema_sha256: None,
            dump_ms: 0,
            check_ms: 0,
            verifications: Vec::new(),
            by_hand: by_hand::lines(shape, &view.properties),
            code: Some(contents.code),
            findings: None,
        }
    }

    fn tables(&self, contents: &Contents) -> Vec<TableContent> {
        let seen = self.view.tables.iter().map(|table| ((table.schema.as_str(), table.name.as_str()), table));
        let seen: BTreeMap<_, _> = seen.collect();
        let content = |rows: &Rows| {
            let table = seen.get(&(rows.name.0.as_str(), rows.name.1.as_str()));
            TableContent {
                schema: rows.name.0.clone(),
                name: rows.name.1.clone(),
                rows: rows.content.rows,
                bytes: rows.content.bytes,
                digest: Some(rows.content.digest),
                columns: table.map(|table| table.columns.clone()).unwrap_or_default(),
                written: table.and_then(|table| table.written),
            }
        };
        let mut tables: Vec<TableContent> = contents.tables.iter().map(content).collect();
        tables.sort_by(|one, other| (&one.schema, &one.name).cmp(&(&other.schema, &other.name)));
        tables
    }
}

/// The oldest pg_restore that reads the format: 1.14 is of 12, 1.15 of 16, 1.16 of 17.
fn oldest_reader(layout: Layout, major: u32) -> u32 {
    match (layout, major) {
        (Layout::Plain, major) => major,
        (_, 17..) => 17,
        (_, 16) => 16,
        (_, _) => 12,
    }
}
