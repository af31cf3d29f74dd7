//! Fills the scratch database: pg_restore for archives, psql for scripts, decrypted on the way where that is needed, the
//! plaintext never on disk. A script's end is decided by a last statement of ours that is read back, not by psql's exit.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::engine::archive::adapted::{Adapted, Known, NewDatabase};
use crate::engine::backup::manifest::Layout;
use crate::engine::backup::schema_text::{DUMP_OPTIONS, text_of};
use crate::engine::operation::Opening;
use crate::engine::{Event, Observer, fault};
use crate::pg::literal::Literal;
use crate::pg::plain;
use crate::pg::session::Session;
use crate::pg::tools::Program;
use crate::pg::tools::client::{Client, ClientError};

use super::RestoreError;
use super::cause;
use super::decrypt::plaintext;
use super::journal::{Phase, Role};
use super::left_out::LeftOut;
use super::pipe::{Pipe, known};
use super::programs::{Programs, Route};
use super::reach::Guarded;
use super::restricted::{Key, Unguarded};
use super::scratch::Scratch;
use super::source::{Source, SourceError};

/// Memory for building indexes, all jobs together: each builds its own, and the server has others to serve.
const MEMORY_KB: u64 = 256 * 1024;

/// How often the size of the growing database is asked.
const LOOK: Duration = Duration::from_secs(1);

/// Which of the owners and privileges are brought back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ownership {
    /// Everything belongs to who restores.
    pub no_owner: bool,
    /// No GRANT and no REVOKE.
    pub no_privileges: bool,
    /// Roles that are missing are created, without login.
    pub create_roles: bool,
}

impl Ownership {
    /// As pg_dump's and pg_restore's flags.
    pub(super) fn flags(self) -> Vec<OsString> {
        let owner = self.no_owner.then(|| "--no-owner".into());
        let privileges = self.no_privileges.then(|| "--no-privileges".into());
        owner.into_iter().chain(privileges).collect()
    }
}

/// What is loaded, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load<'a> {
    pub(super) source: &'a Source,
    pub(super) programs: &'a Programs,
    pub(super) ownership: Ownership,
    pub(super) jobs: u32,
    pub(super) identity: Option<&'a Path>,
    pub(super) extent: Extent,
}

/// How much of an archive is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    Everything,
    /// No rows.
    Schema,
    /// What comes before the rows.
    PreData,
    /// The rows alone.
    Rows,
    /// What comes after the rows.
    PostData,
}

/// What one run of pg_restore loads.
#[derive(Debug)]
pub(super) struct Part<'a> {
    /// The way to the database.
    pub(super) opening: &'a Opening,
    /// Its flags for owners and privileges.
    pub(super) flags: Vec<OsString>,
    /// The file with the entries; nothing: all of them.
    pub(super) list: Option<&'a Path>,
}

impl Load<'_> {
    /// Load all of it. Returns how long that took, in ms.
    ///
    /// # Errors
    /// `Client`, `NoEnd`, `Source`, `Pg`.
    pub(super) fn run(
        &self,
        scratch: &Scratch<'_>,
        guarded: Option<&Guarded>,
        admin: &mut Session,
        observer: &mut dyn Observer,
    ) -> Result<u64, RestoreError> {
        let begin = Instant::now();
        observer.event(Event::Begin { name: self.source.name(), verb: "restore" });
        fault::point("restore-loading");
        let opening = scratch.opening();
        let archive = self.source.archive()?;
        let left_out =
            archive.as_ref().map(|archive| LeftOut::of(archive, self.ownership, admin.is_superuser()));
        let left_out = left_out.filter(|left_out| !left_out.is_empty()).unwrap_or_default();
        left_out.prepare(&opening)?;
        let loaded = match (self.source.layout(), guarded) {
            (Layout::Plain, _) => self.script(scratch, admin, observer),
            (Layout::Custom | Layout::Directory, Some(guarded)) => {
                self.guarded(&left_out.without(guarded), &opening, Some(scratch), admin, observer)
            }
            (Layout::Custom | Layout::Directory, None) => {
                let list =
                    archive.filter(|_| !left_out.is_empty()).map(|all| left_out.list(&all)).transpose()?;
                let list = list.as_ref().map(tempfile::NamedTempFile::path);
                let all = Part { opening: &opening, flags: self.flags(), list };
                self.archive(&all, Some(scratch), admin, observer)
            }
        };
        loaded.map_err(|error| cause::asked(error, &opening, admin))?;
        fault::point("restore-loaded");
        if guarded.is_none() {
            observer.event(Event::Phase { what: "ANALYZE".into() });
            let mut inside = opening.connect()?;
            inside.query(&format!("{}ANALYZE", inside.prelude()))?;
        }
        observer.event(Event::End { name: self.source.name(), took: begin.elapsed() });
        Ok(u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    /// Nothing of it is kept if the server dies, so that nothing waits for the disk; memory only where the server's own
    /// setting is smaller (docs 20.4.1, `maintenance_work_mem`).
    fn options(&self, admin: &mut Session) -> Result<String, RestoreError> {
        let jobs = if self.is_parallel() { self.jobs.max(1) } else { 1 };
        let wanted = (MEMORY_KB / u64::from(jobs)).max(32 * 1024);
        let now = admin.catalog("SELECT setting FROM pg_settings WHERE name = 'maintenance_work_mem'")?;
        let now: u64 = now.get(0, 0).and_then(|kb| kb.parse().ok()).unwrap_or_default();
        let memory =
            if wanted > now { format!(" -c maintenance_work_mem={wanted}kB") } else { String::new() };
        Ok(format!("-c synchronous_commit=off -c default_transaction_read_only=off{memory}"))
    }

    /// pg_restore cannot share a pipe among jobs.
    fn is_parallel(&self) -> bool {
        self.jobs > 1
            && !self.source.is_encrypted()
            && self.source.layout() != Layout::Plain
            && self.programs.route == Route::Direct
    }

    fn piped(
        &self,
        part: &Part<'_>,
        scratch: Option<&Scratch<'_>>,
        admin: &mut Session,
        observer: &mut dyn Observer,
    ) -> Result<(), RestoreError> {
        let opening = part.opening;
        let pipe = Pipe {
            source: self.source,
            programs: self.programs,
            identity: self.identity,
            url: &opening.url,
            options: self.options(admin)?,
            application_name: "pgkeel restore",
            interrupt: &opening.interrupt,
            known: known(admin)?,
            list: part.list,
        };
        let end = scratch.and_then(|scratch| scratch.said(Phase::Loaded));
        let name = opening.url.database().unwrap_or_default();
        let mut growth = Growth::new(self.source.database_bytes(), name);
        let flags = part.flags.clone();
        pipe.run(flags, end.as_deref().unwrap_or("SELECT 1"), &mut || growth.look(admin, observer))?;
        scratch.map_or(Ok(()), |scratch| all_loaded(scratch, admin))
    }

    /// What pg_restore is to bring back.
    pub(super) fn flags(&self) -> Vec<OsString> {
        let extent = match self.extent {
            Extent::Everything => None,
            Extent::Schema => Some("--schema-only"),
            Extent::PreData => Some("--section=pre-data"),
            Extent::Rows => Some("--data-only"),
            Extent::PostData => Some("--section=post-data"),
        };
        self.ownership.flags().into_iter().chain(extent.map(OsString::from)).collect()
    }

    /// Run pg_restore. Where psql runs its script, the end of all of it is written into the comment of `scratch`.
    ///
    /// # Errors
    /// `Client`, `Source`, `NoEnd`.
    pub(super) fn archive(
        &self,
        part: &Part<'_>,
        scratch: Option<&Scratch<'_>>,
        admin: &mut Session,
        observer: &mut dyn Observer,
    ) -> Result<(), RestoreError> {
        if self.programs.route == Route::Script {
            return self.piped(part, scratch, admin, observer);
        }
        let opening = part.opening;
        let mut arguments: Vec<OsString> = vec!["--exit-on-error".into()];
        arguments.extend(part.flags.iter().cloned());
        arguments.extend(part.list.map(use_list));
        if self.is_parallel() {
            arguments.push(format!("--jobs={}", self.jobs).into());
        }
        if !self.source.is_encrypted() {
            arguments.push("--".into());
            arguments.push(self.source.payload().into());
        }
        let options = Some(self.options(admin)?);
        let client = Client {
            program: &self.programs.pg_restore,
            url: Some(&opening.url),
            arguments,
            options,
            application_name: "pgkeel restore",
            interrupt: &opening.interrupt,
        };
        let mut running = client.start().map_err(failed("cannot start pg_restore"))?;
        let stdin = running.take_stdin();
        let mut feeding = None;
        if self.source.is_encrypted()
            && let Some(stdin) = stdin
        {
            let text = plaintext(self.source, self.identity, &opening.interrupt)?;
            feeding = Some(thread::spawn(move || feed(text, stdin, &AtomicU64::new(0), None)));
        }
        let drain = drain(running.take_stdout());
        let name = opening.url.database().unwrap_or_default();
        let mut growth = Growth::new(self.source.database_bytes(), name);
        let ended = running.wait(&mut || growth.look(admin, observer));
        drop(drain.join());
        // What pg_restore says comes first: a broken pipe is but the echo.
        ended.map_err(failed("pg_restore failed"))?;
        match feeding.map(|feeding| self.fed(feeding)) {
            // Once it has its part, it reads no further.
            Some(Err(error)) if part.list.is_none() => Err(error),
            _ => Ok(()),
        }
    }

    pub(super) fn script(
        &self,
        scratch: &Scratch<'_>,
        admin: &mut Session,
        observer: &mut dyn Observer,
    ) -> Result<(), RestoreError> {
        let opening = scratch.opening();
        let client = Client {
            program: self.programs.psql()?,
            url: Some(&opening.url),
            arguments: script_arguments(),
            options: Some(self.options(admin)?),
            application_name: "pgkeel restore",
            interrupt: &opening.interrupt,
        };
        let text = plaintext(self.source, self.identity, &opening.interrupt)?;
        let of = if admin.is_superuser() { NewDatabase::OfSuperuser } else { NewDatabase::OfOrdinaryRole };
        let known = Known { new_database: Some(of), ..known(admin)? };
        let end = scratch.said(Phase::Loaded).unwrap_or_default();
        let key = Key::new();
        let tail = format!("{}RESET SESSION AUTHORIZATION;\n{end};\n", key.closes());
        let mut running = client.start().map_err(failed("cannot start psql"))?;
        let Some(stdin) = running.take_stdin() else { return Err(RestoreError::NoEnd) };
        let sent = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&sent);
        let text = io::Cursor::new(key.opens()).chain(Adapted::new(Unguarded::new(text), known));
        let feeding = thread::spawn(move || feed(text, stdin, &counter, Some(tail)));
        let drain = drain(running.take_stdout());
        let total = std::fs::metadata(self.source.payload()).map_or(0, |about| about.len());
        let mut last = Instant::now();
        let ended = running.wait(&mut || {
            if last.elapsed() > LOOK {
                last = Instant::now();
                observer.event(Event::Bytes { done: sent.load(Ordering::Relaxed).min(total), total });
            }
        });
        drop(drain.join());
        ended.map_err(cause::psql)?;
        self.fed(feeding)?;
        all_loaded(scratch, admin)
    }
}

/// pg_restore's flag for a file with the numbers of entries.
pub(super) fn use_list(file: &Path) -> OsString {
    let mut flag = OsString::from("--use-list=");
    flag.push(file);
    flag
}

/// The last statement of a script was run, or it is an error.
fn all_loaded(scratch: &Scratch<'_>, admin: &mut Session) -> Result<(), RestoreError> {
    let comment = admin.catalog(&format!(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = {}",
        Literal(&scratch.name)
    ))?;
    let phase = comment.get(0, 0).and_then(Role::parse).and_then(|role| role.phase());
    if phase == Some(Phase::Loaded) { Ok(()) } else { Err(RestoreError::NoEnd) }
}

impl Load<'_> {
    fn fed(&self, feeding: thread::JoinHandle<io::Result<()>>) -> Result<(), RestoreError> {
        let ended = feeding.join().unwrap_or_else(|_| Err(io::Error::other("the thread that read it died")));
        ended.map_err(|source| self.unreadable(source))
    }

    fn unreadable(&self, source: io::Error) -> RestoreError {
        SourceError::Io { path: self.source.payload(), source }.into()
    }
}

/// psql stops at the first error, reads nobody's psqlrc, and says nothing.
pub(super) fn script_arguments() -> Vec<OsString> {
    ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", cause::VERBOSE].map(OsString::from).to_vec()
}

pub(super) fn failed(doing: &'static str) -> impl FnOnce(ClientError) -> RestoreError {
    move |source| match source {
        ClientError::Interrupted { .. } => crate::pg::error::PgError::Interrupted.into(),
        source => RestoreError::Client { doing, source, why: None },
    }
}

/// Give a program its input; `tail` only after all of it.
pub(super) fn feed(
    mut text: impl Read,
    mut stdin: impl Write,
    sent: &AtomicU64,
    tail: Option<String>,
) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = match text.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        stdin.write_all(&buffer[..read])?;
        sent.fetch_add(read as u64, Ordering::Relaxed);
    }
    if let Some(tail) = tail {
        stdin.write_all(tail.as_bytes())?;
    }
    stdin.flush()
}

pub(super) fn drain(stdout: Option<impl Read + Send + 'static>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        drop(stdout.map(|mut out| io::copy(&mut out, &mut io::sink())));
    })
}

/// How large the database is by now, of how large it was.
struct Growth<'a> {
    total: Option<u64>,
    database: &'a str,
    last: Instant,
}

impl<'a> Growth<'a> {
    fn new(total: Option<u64>, database: &'a str) -> Self {
        Self { total, database, last: Instant::now() }
    }

    fn look(&mut self, admin: &mut Session, observer: &mut dyn Observer) {
        let Some(total) = self.total.filter(|_| self.last.elapsed() > LOOK) else { return };
        self.last = Instant::now();
        let size = admin.catalog(&format!("SELECT pg_database_size({})", Literal(self.database)));
        // Only a picture for people: what cannot be asked now is asked again.
        if let Some(done) = size.ok().and_then(|rows| rows.get(0, 0)?.parse::<u64>().ok()) {
            observer.event(Event::Bytes { done: done.min(total), total });
        }
    }
}

/// Open the file of a backup for reading as it is.
///
/// # Errors
/// `Source`.
pub(super) fn open(path: &Path) -> Result<File, RestoreError> {
    let io = |source| SourceError::Io { path: path.to_owned(), source };
    Ok(plain::open(path).map_err(io)?)
}

/// What a program of PostgreSQL prints, for a text that is compared.
///
/// # Errors
/// `Client`.
pub(super) fn printed(
    program: &Program,
    url: Option<&crate::pg::url::DatabaseUrl>,
    arguments: Vec<OsString>,
    interrupt: &crate::pg::interrupt::Interrupt,
    doing: &'static str,
) -> Result<String, RestoreError> {
    let options = Some(DUMP_OPTIONS.to_owned());
    let client = Client { program, url, arguments, options, application_name: "pgkeel restore", interrupt };
    let bytes = client.output().map_err(failed(doing))?;
    Ok(text_of(&bytes))
}
