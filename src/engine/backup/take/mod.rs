//! Takes a backup: preflight, the migration lock, one held snapshot, pg_dump, everything read back, and only then a name.
//! It writes nothing into the database: a role that may only read takes it, also of a standby.

mod dump;
mod proof;

use std::ffi::OsString;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use age::x25519::Recipient;
use chrono::{DateTime, Utc};

use super::check::{CheckError, Damage};
use super::crypt::{self, CryptError};
use super::folder::{FolderError, Partial, Shelf, shelf_of};
use super::manifest::{FORMAT, Layout, Level, Manifest, Reason, Scope, Verification};
use super::name::BackupId;
use super::preflight::{PreflightError, Ready, Rowly, Wish, preflight};
use super::schema_text::DUMP_OPTIONS;
use super::snapshot::{LOCK_WAIT, SnapshotError, View, hold};
use crate::engine::ledger::Ledger;
use crate::engine::ledger::lock::{LockWait, Waiting};
use crate::engine::ledger::read::{Lock, read};
use crate::engine::login::trusted;
use crate::engine::operation::{OpenError, Opening};
use crate::engine::restorability::{Code, Finding, reload, role, summary};
use crate::engine::restore::code_note;
use crate::engine::{Event, Observer, fault};
use crate::pg::error::PgError;
use crate::pg::session::Session;
use crate::pg::tools::client::{Client, ClientError};
use crate::pg::tools::{Program, Search};

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
    /// A program failed that writes into a file system without room.
    #[error("the file system of `{}` is full: {source}", dir.display())]
    Full {
        /// Where it wrote.
        dir: PathBuf,
        /// What it said.
        source: ClientError,
    },
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
        let mut findings = match self.scope {
            Scope::Full | Scope::Schema => taking.looked_for(reload(&mut session))?,
            // It makes none of the objects.
            Scope::Data => Vec::new(),
        };
        // The lock and the snapshot are let go: reading back needs neither.
        session.query("COMMIT")?;
        let (me, is_superuser) = (session.role(), session.is_superuser());
        drop(session);
        fault::point("backup-dumped");
        let checking = Instant::now();
        let (files, contents) = taking.check(sealed, observer)?;
        if let Some(archive) =
            contents.archive.as_ref().filter(|_| !is_superuser && self.scope != Scope::Data)
        {
            let found = role(archive, &mut self.opening.connect()?);
            findings.extend(taking.looked_for(found)?);
        }
        // The preflight has a note for it.
        let (server, used) = (ledger.facts.server_version / 10_000, taking.ready.programs.dump.version.major);
        let newer = u32::try_from(server).ok().filter(|server| *server != used);
        findings.extend(newer.map(|server| Finding::client_programs(server, used)));
        // The server is asked only if others own such code.
        let roles = match contents.code.iter().any(|code| me.as_ref() != Some(&code.owner)) {
            true => trusted(&mut self.opening.connect()?, &[])?,
            false => None,
        };
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
            findings: Some(findings),
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
        let code = manifest.code.as_deref().unwrap_or_default();
        notes.extend(roles.and_then(|roles| code_note(code, manifest.layout, &roles)));
        let told = manifest.findings.iter().flatten().filter(|one| one.code != Code::ClientPrograms);
        let findings: Vec<Finding> = told.cloned().collect();
        notes.extend(summary(&findings).into_iter().map(|line| format!("for a restore: {line}")));
        let dir = taking.partial.publish(&manifest, &self.opening.interrupt)?;
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
    /// What was found; a server that refuses the look, as others drop what it looks at, is worth a note, not a backup.
    fn looked_for(&mut self, found: Result<Vec<Finding>, PgError>) -> Result<Vec<Finding>, PgError> {
        match found {
            Err(error @ PgError::Server(_)) => {
                self.notes
                    .push(format!("what may get in the way of a restore could not be looked for: {error}"));
                Ok(Vec::new())
            }
            found => found,
        }
    }

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
            options: Some(DUMP_OPTIONS.to_owned()),
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
        arguments.push(self.view.properties.encoding_flag().into());
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
}

/// Which database it is, before anything can be wrong with it.
fn tell_opened(session: &mut Session, observer: &mut dyn Observer) -> Result<(), PgError> {
    let rows = session.catalog("SELECT current_database(), session_user")?;
    let cell = |column| rows.get(0, column).unwrap_or_default().to_owned();
    let server_version = session.server_version();
    observer.event(Event::Opened { database: cell(0), role: cell(1), server_version });
    Ok(())
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
