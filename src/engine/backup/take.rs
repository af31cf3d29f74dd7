//! Takes a backup: preflight, the migration lock, one held snapshot, pg_dump, everything read back, and only then a name.
//! It writes nothing into the database: a role that may only read takes it, also of a standby.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use age::x25519::Recipient;
use chrono::{DateTime, Utc};

use super::by_hand::{self, Shape};
use super::check::{CheckError, Damage, Reading};
use super::crypt::{self, CryptError};
use super::folder::{FolderError, Partial, Shelf, shelf_of};
use super::manifest::{
    Encryption, FORMAT, FileSum, Layout, Level, Manifest, Reason, Scope, Source, TableContent, Verification,
};
use super::name::BackupId;
use super::preflight::{PreflightError, Ready, Rowly, Wish, preflight};
use super::readback::{Contents, Form, Rows, read_back, stream_file, walk};
use super::schema_text::normalise_schema;
use super::seal::{Sealed, seal, seal_bytes};
use super::snapshot::{LOCK_WAIT, SnapshotError, View, hold};
use crate::engine::ledger::Ledger;
use crate::engine::ledger::lock::{LockWait, Waiting};
use crate::engine::ledger::read::{Lock, read};
use crate::engine::migrations::folder::sha256;
use crate::engine::operation::{OpenError, Opening};
use crate::engine::{Event, Observer, fault};
use crate::pg::error::PgError;
use crate::pg::session::Session;
use crate::pg::tools::client::{Client, ClientError};
use crate::pg::tools::{Program, Search};

/// The list that `sha256sum --check` takes.
const SUMS: &str = "SHA256SUMS";

/// How often the session that holds the snapshot does something, so that who waits for its lock sees it live.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// How often the growing dump is measured.
const MEASURE: Duration = Duration::from_millis(500);

/// How long a folder is waited for that another server's database of the same name is backed up into.
const PATIENCE: Duration = Duration::from_secs(60);

/// A backup to be taken.
#[derive(Debug, Clone, Copy)]
pub struct Take<'a> {
    /// The database.
    pub opening: &'a Opening,
    /// Where PostgreSQL's programs are looked for.
    pub search: &'a Search,
    /// The folder of all backups.
    pub root: &'a Path,
    /// Parallel jobs.
    pub jobs: u32,
    /// `auto`, or a codec as in `gzip:1`.
    pub compression: &'a str,
    /// What of the database.
    pub scope: Scope,
    /// `Directory` or `Plain`; what is encrypted becomes `Custom` instead of `Directory`.
    pub layout: Layout,
    /// The user's word for it.
    pub label: Option<&'a str>,
    /// Why.
    pub reason: Reason,
    /// Public keys of age; none: not encrypted.
    pub recipients: &'a [String],
    /// The environment of the configuration.
    pub environment: Option<&'a str>,
    /// Whether the migration lock is ours already.
    pub lock: Locking,
}

/// The migration lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locking {
    /// It is taken while pg_dump runs.
    Acquire(Waiting),
    /// The caller holds it on a session of its own.
    Held,
}

/// A backup that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its folder.
    pub dir: PathBuf,
    /// What it holds.
    pub manifest: Manifest,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// A backup that could be taken.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Where the backups of this database lie.
    pub shelf: PathBuf,
    /// What was found.
    pub ready: Ready,
    /// What was read.
    pub ledger: Ledger,
}

/// Why there is no backup. Nothing of it is left, and earlier ones are as they were.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// It could not begin.
    #[error(transparent)]
    Preflight(#[from] PreflightError),
    /// The database could not be opened, or its lock not be had.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The server said no.
    #[error(transparent)]
    Pg(#[from] PgError),
    /// No moment could be held.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A program failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Encryption.
    #[error(transparent)]
    Crypt(#[from] CryptError),
    /// It could not be read back.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// It was read back, and is not what was dumped.
    #[error("what was written is not what was dumped: {}", list(damages))]
    Unverified {
        /// What is wrong.
        damages: Vec<Damage>,
    },
    /// A file of it could not be read or written.
    #[error("cannot work in `{}`", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn list(damages: &[Damage]) -> String {
    let mut text = String::new();
    for damage in damages.iter().take(5) {
        text.push_str(&format!("\n  {damage}"));
    }
    text
}

impl Take<'_> {
    /// Look whether it can be taken; nothing is locked and nothing created.
    ///
    /// # Errors
    /// See `TakeError`.
    pub fn plan(&self, observer: &mut dyn Observer) -> Result<Planned, TakeError> {
        crypt::recipients(self.recipients)?;
        let (mut session, ledger) = self.opening.look()?;
        tell_opened(&mut session, observer)?;
        let ready = preflight(&mut session, self.wish())?;
        Ok(Planned { shelf: shelf_of(self.root, &ledger.facts.database), ready, ledger })
    }

    /// Take it. `now` is its time.
    ///
    /// # Errors
    /// See `TakeError`.
    pub fn take(&self, now: DateTime<Utc>, observer: &mut dyn Observer) -> Result<Taken, TakeError> {
        let begin = Instant::now();
        let recipients = crypt::recipients(self.recipients)?;
        let mut session = self.opening.connect()?;
        tell_opened(&mut session, observer)?;
        let ready = preflight(&mut session, self.wish())?;
        let (mut session, ledger) = match self.lock {
            Locking::Acquire(waiting) => {
                let locked = self.opening.lock(session, waiting, observer)?;
                (locked.session, locked.ledger)
            }
            Locking::Held => {
                let (ledger, _) = read(&mut session, &self.opening.bookkeeping, Lock::Leave)?;
                (session, ledger)
            }
        };
        let shelf = Shelf::open(self.root, &ledger.facts.database, self.patience(), &self.opening.interrupt)?;
        let newest = shelf.newest()?;
        let view = hold(&mut session, &ledger, observer)?;
        let label = self.label.unwrap_or(self.reason.as_str());
        let id = BackupId::new(now, label, view.migrations.head(), &random());
        let mut taking = Taking {
            what: self,
            expected: expected(&ready, newest.as_ref()),
            partial: shelf.begin(&id)?,
            ready,
            view,
            recipients,
            notes: Vec::new(),
        };
        let dumping = Instant::now();
        let sealed = taking.dump(&mut session, observer)?;
        let dump_ms = millis(dumping);
        let schema_sha256 = taking.schema()?;
        let has_globals = taking.globals()?;
        // The lock and the snapshot are let go: reading back needs neither.
        session.query("COMMIT")?;
        drop(session);
        fault::point("backup-dumped");
        let checking = Instant::now();
        let (files, contents) = taking.check(sealed, observer)?;
        fault::point("backup-checked");
        let manifest = Manifest {
            checksum: String::new(),
            format: FORMAT,
            id,
            sequence: newest.map_or(1, |newest| newest.sequence + 1),
            created_at: now,
            finished_at: now + begin.elapsed(),
            schema_sha256,
            dump_ms,
            check_ms: millis(checking),
            ..taking.manifest(&ledger, files, contents, has_globals)
        };
        let verified = Verification {
            level: Level::L1,
            at: manifest.finished_at,
            passed: true,
            notes: Vec::new(),
            took_ms: manifest.check_ms,
            restore_ms: None,
            server_version: None,
        };
        let manifest = Manifest { verifications: vec![verified], ..manifest };
        // What was written is what others will read, its checksum included.
        let manifest = Manifest::from_bytes(&manifest.to_bytes()).unwrap_or(manifest);
        let mut notes = taking.ready.notes;
        notes.extend(taking.notes);
        if self.opening.interrupt.is_raised() {
            return Err(CheckError::Interrupted.into());
        }
        let dir = taking.partial.publish(&manifest)?;
        Ok(Taken { dir, manifest, notes })
    }

    fn wish(&self) -> Wish<'_> {
        let rows = if self.scope == Scope::Schema { Rowly::Not } else { Rowly::Wanted };
        // A script is for people to read.
        let compression = if self.layout == Layout::Plain { "none" } else { self.compression };
        Wish { root: self.root, search: self.search, compression, rows }
    }

    fn patience(&self) -> Duration {
        match self.lock {
            Locking::Acquire(Waiting { wait: LockWait::AtMost(limit), .. }) => limit,
            _ => PATIENCE,
        }
    }
}

/// A backup that is being taken.
struct Taking<'a> {
    what: &'a Take<'a>,
    ready: Ready,
    view: View,
    partial: Partial,
    recipients: Vec<Recipient>,
    /// Bytes that pg_dump will write, about.
    expected: u64,
    notes: Vec<String>,
}

impl Taking<'_> {
    fn is_encrypted(&self) -> bool {
        !self.recipients.is_empty()
    }

    /// The form in which it is written: a folder cannot be encrypted as it is written, one stream can.
    fn layout(&self) -> Layout {
        match self.what.layout {
            Layout::Directory if self.is_encrypted() => Layout::Custom,
            layout => layout,
        }
    }

    fn client<'c>(&'c self, program: &'c Program, arguments: Vec<OsString>) -> Client<'c> {
        Client {
            program,
            url: Some(&self.what.opening.url),
            arguments,
            options: None,
            application_name: &self.what.opening.options.application_name,
            interrupt: &self.what.opening.interrupt,
        }
    }

    /// pg_dump's arguments, without where it writes to.
    fn arguments(&self, layout: Layout) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec![
            format!("--snapshot={}", self.view.exported).into(),
            format!("--lock-wait-timeout={}", LOCK_WAIT.as_millis()).into(),
            // What is written is brought to disk by us, once all is there.
            "--no-sync".into(),
        ];
        arguments.push(match layout {
            Layout::Directory => "-Fd".into(),
            Layout::Custom => "-Fc".into(),
            Layout::Plain => "-Fp".into(),
        });
        if layout == Layout::Directory {
            arguments.push(format!("-j{}", self.what.jobs).into());
        }
        if layout != Layout::Plain {
            arguments
                .extend(self.ready.codec.argument(self.ready.programs.dump.version.major).map(Into::into));
        }
        match self.what.scope {
            Scope::Full => {}
            Scope::Schema => arguments.push("--schema-only".into()),
            Scope::Data => arguments.push("--data-only".into()),
        }
        arguments
    }

    fn dump(&self, session: &mut Session, observer: &mut dyn Observer) -> Result<Option<Sealed>, TakeError> {
        let layout = self.layout();
        let mut arguments = self.arguments(layout);
        let file = stream_file(layout, self.is_encrypted());
        let target = self.partial.path().join(if layout == Layout::Directory { "dump" } else { file });
        if !self.is_encrypted() {
            arguments.extend(["-f".into(), target.clone().into_os_string()]);
        }
        let client = self.client(&self.ready.programs.dump, arguments);
        let mut pulse = Pulse { begun: false, beat: Instant::now(), measured: Instant::now() };
        let mut running = client.start()?;
        drop(running.take_stdin());
        let stdout = running.take_stdout();
        if !self.is_encrypted() {
            drop(stdout);
            running.wait(&mut || self.tell(&mut pulse, &target, session, observer))?;
            return Ok(None);
        }
        let Some(stdout) = stdout else { return Ok(None) };
        let out = self.partial.create(file)?;
        let recipients = &self.recipients;
        let (ended, sealed) = std::thread::scope(|scope| {
            let sealer = scope.spawn(move || seal(stdout, out, file, layout, recipients, &|_| {}));
            let ended = running.wait(&mut || self.tell(&mut pulse, &target, session, observer));
            (ended, sealer.join())
        });
        // Where the disk is full, pg_dump only says that nobody reads any more.
        let sealed = sealed.map_err(|_| CryptError::Io(io::Error::other("the encryption stopped")))?;
        match (ended, sealed) {
            (Err(interrupted @ ClientError::Interrupted { .. }), _) => Err(interrupted.into()),
            (_, Err(error)) => Err(error.into()),
            (ended, Ok(sealed)) => ended.map(|()| Some(sealed)).map_err(Into::into),
        }
    }

    /// Called every few moments while pg_dump runs.
    fn tell(&self, pulse: &mut Pulse, target: &Path, session: &mut Session, observer: &mut dyn Observer) {
        if pulse.measured.elapsed() >= MEASURE || !pulse.begun {
            let (bytes, files) = measure(target);
            if bytes > 0 && !std::mem::replace(&mut pulse.begun, true) {
                fault::point("backup-dumping");
            }
            let all = self.view.tables.iter().filter(|table| table.has_rows).count();
            let jobs = usize::try_from(self.what.jobs).unwrap_or(1);
            // A file for each table that is begun, and as many are under way as there are jobs.
            let done = files.saturating_sub(jobs).min(all);
            let tables = (self.layout() == Layout::Directory && self.what.scope != Scope::Schema)
                .then_some((done, all));
            observer.event(Event::Progress { what: "dumping", done: bytes, total: self.expected, tables });
            pulse.measured = Instant::now();
        }
        if pulse.beat.elapsed() >= HEARTBEAT {
            // A session that is lost shows at its COMMIT.
            drop(session.query("SELECT 1"));
            pulse.beat = Instant::now();
        }
    }

    /// Hash of the schema's text, from the dump itself where it lies readable, else from the same snapshot.
    fn schema(&self) -> Result<Option<String>, TakeError> {
        if self.what.scope == Scope::Data {
            return Ok(None);
        }
        let (dump, restore) = (&self.ready.programs.dump, &self.ready.programs.restore);
        let text = if self.layout() == Layout::Directory {
            let archive = self.partial.path().join("dump").into_os_string();
            let arguments = vec!["--schema-only".into(), "-f".into(), "-".into(), archive];
            Client { url: None, ..self.client(restore, arguments) }.output()?
        } else {
            let snapshot = format!("--snapshot={}", self.view.exported).into();
            self.client(dump, vec![snapshot, "--schema-only".into(), "-Fp".into()]).output()?
        };
        Ok(Some(sha256(normalise_schema(&String::from_utf8_lossy(&text)).as_bytes())))
    }

    /// Roles and tablespaces. Who may not read them still gets a backup.
    fn globals(&mut self) -> Result<bool, TakeError> {
        let Some(program) = self.ready.programs.dumpall.clone() else {
            self.notes.push("there is no pg_dumpall here: roles are not in the backup".to_owned());
            return Ok(false);
        };
        let mut arguments: Vec<OsString> = vec!["--globals-only".into(), "--no-role-passwords".into()];
        // Such a name would be read as a connection string.
        if let Some(name) =
            self.what.opening.url.database().filter(|name| !name.contains('=') && !name.contains("://"))
        {
            arguments.extend(["-l".into(), name.into()]);
        }
        let text = match self.client(&program, arguments).output() {
            Ok(text) => text,
            Err(interrupted @ ClientError::Interrupted { .. }) => return Err(interrupted.into()),
            Err(error) => {
                self.notes.push(format!("roles are not in the backup: {error}"));
                return Ok(false);
            }
        };
        if self.is_encrypted() {
            seal_bytes(&text, self.partial.create("globals.sql.age")?, &self.recipients)?;
        } else {
            self.partial.write("globals.sql", &text)?;
        }
        Ok(true)
    }

    /// Read everything back from disk, and compare it with what the snapshot saw.
    fn check(
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
        let sha256 = sealed.as_ref().map(|sealed| sealed.sum.sha256.as_str());
        let found = read_back(dir, &names, Form { layout, sealed: sha256 }, &reading, observer)?;
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
        files.push(FileSum { path: SUMS.into(), size: sums.len() as u64, sha256: sha256_of(&sums) });
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

    fn manifest(
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
            large_objects: contents.large_objects,
            files,
            compression: self.ready.codec.to_string(),
            encryption: self.is_encrypted().then(|| Encryption { recipients: what.recipients.to_vec() }),
            schema_sha256: None,
            dump_ms: 0,
            check_ms: 0,
            verifications: Vec::new(),
            by_hand: by_hand::lines(shape, &view.properties),
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

/// Which database it is, before anything can be wrong with it.
fn tell_opened(session: &mut Session, observer: &mut dyn Observer) -> Result<(), PgError> {
    let rows = session.catalog("SELECT current_database(), session_user")?;
    let cell = |column| rows.get(0, column).unwrap_or_default().to_owned();
    observer.event(Event::Opened { database: cell(0), role: cell(1) });
    Ok(())
}

/// What is done now and then while pg_dump runs.
struct Pulse {
    begun: bool,
    beat: Instant,
    measured: Instant,
}

/// Bytes and files of what grows there.
fn measure(target: &Path) -> (u64, usize) {
    let Ok(meta) = target.symlink_metadata() else { return (0, 0) };
    if meta.is_file() {
        return (meta.len(), 1);
    }
    let entries = std::fs::read_dir(target).into_iter().flatten().flatten();
    let sizes = entries.filter_map(|entry| entry.metadata().ok()).map(|meta| meta.len());
    sizes.fold((0, 0), |(bytes, files), size| (bytes + size, files + 1))
}

/// What the dump will take: as the last one did, measured by the database; else by what is usual.
fn expected(ready: &Ready, newest: Option<&Manifest>) -> u64 {
    let usual = ready.estimate / 2;
    let same = |newest: &&Manifest| newest.compression == ready.codec.to_string() && newest.source.bytes > 0;
    newest.filter(same).map_or(usual, |newest| {
        let of_it = u128::from(newest.size()) * u128::from(ready.database_bytes);
        let expected = of_it / u128::from(newest.source.bytes.unsigned_abs().max(1));
        u64::try_from(expected).unwrap_or(usual)
    })
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

fn sha256_of(text: &str) -> String {
    sha256(text.as_bytes())
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Six letters and digits that nobody has had: the seed of a hash table is random.
fn random() -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut number = std::hash::RandomState::new().build_hasher().finish();
    let mut digit = || {
        let digit = usize::try_from(number % 36).unwrap_or_default();
        number /= 36;
        char::from(DIGITS[digit])
    };
    (0..6).map(|_| digit()).collect()
}
