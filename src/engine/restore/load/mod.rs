//! Fills the scratch database: pg_restore for archives, psql for scripts, decrypted on the way where that is needed, the
//! plaintext never on disk. A script's end is decided by a last statement of ours that is read back, not by psql's exit.

mod children;

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::engine::archive::adapted::{Adapted, Known, NewDatabase};
use crate::engine::archive::{Archive, Entry, Section};
use crate::engine::backup::manifest::Layout;
use crate::engine::operation::Opening;
use crate::engine::{Event, Observer, fault};
use crate::pg::error::PgError;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
use crate::pg::session::Session;
use crate::pg::tools::client::Client;

use super::RestoreError;
use super::analyze::analyze;
use super::careful::{Careful, Relaxed, unguarded};
use super::cause;
use super::decrypt::{plaintext, table_of_contents};
use super::extensions;
use super::journal::{Phase, Role};
use super::left_out::LeftOut;
use super::pipe::{Pipe, known};
use super::programs::{Programs, Route};
use super::reach::Guarded;
use super::restricted::{Key, Unguarded};
use super::scratch::Scratch;
use super::select::Selection;
use super::source::{Source, SourceError};

use children::Growth;
pub(super) use children::{drain, failed, feed, list_file, open, printed, script_arguments, use_list};

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
    pub(super) select: &'a Selection,
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

/// It was loaded.
#[derive(Debug)]
pub(super) struct Loaded {
    /// How long it took, in ms.
    pub(super) ms: u64,
    /// What is worth a word.
    pub(super) notes: Vec<String>,
    /// Constraints that rows break.
    pub(super) relaxed: Vec<Relaxed>,
    /// Step by step.
    pub(super) is_careful: bool,
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
    /// Load all of it; step by step where `careful` is given.
    ///
    /// # Errors
    /// `Client`, `NoEnd`, `Broken`, `Source`, `Pg`.
    pub(super) fn run(
        &self,
        scratch: &Scratch<'_>,
        guarded: Option<&Guarded>,
        mut careful: Option<Careful<'_>>,
        admin: &mut Session,
        observer: &mut dyn Observer,
    ) -> Result<Loaded, RestoreError> {
        let begin = Instant::now();
        observer.event(Event::Begin { name: self.source.name(), verb: "restore" });
        fault::point("restore-loading");
        let opening = scratch.opening();
        let left_out = match self.source.archive()? {
            Some(archive) => LeftOut::of(&archive, self.ownership, admin.is_superuser()),
            None => LeftOut::default(),
        };
        left_out.prepare(&opening)?;
        let all = careful.as_ref().filter(|_| guarded.is_none()).map(|careful| unguarded(careful.archive()));
        let listed = guarded.or(all.as_ref()).map(|guarded| left_out.without(guarded));
        let loaded = match (self.source.layout(), &listed) {
            (Layout::Plain, _) => self.script(scratch, admin, observer),
            (Layout::Custom | Layout::Directory, Some(listed)) => {
                self.guarded(listed, &opening, Some(scratch), careful.as_mut(), admin, observer)
            }
            (Layout::Custom | Layout::Directory, None) => {
                self.whole(&opening, &left_out, Some(scratch), admin, observer)
            }
        };
        loaded.map_err(|error| match error {
            RestoreError::Pg(error @ PgError::Server(_))
                if careful.is_some() && !cause::is_of_the_server(error.failure()) =>
            {
                RestoreError::Stopped(error)
            }
            error => cause::asked(error, &opening, admin),
        })?;
        fault::point("restore-loaded");
        let mut notes = Vec::new();
        extensions::move_sequences(&mut opening.connect()?)?;
        // The others were analyzed by the roles that loaded them.
        if guarded.is_none() {
            observer.event(Event::Phase { what: "ANALYZE".into() });
            notes.extend(analyze(&mut opening.connect()?)?);
        }
        let (mut relaxed, is_careful) = (Vec::new(), careful.is_some());
        if let Some(careful) = careful {
            let outcome = careful.finish(&opening)?;
            notes.extend(outcome.notes);
            relaxed = outcome.relaxed;
        }
        observer.event(Event::End { name: self.source.name(), took: begin.elapsed() });
        Ok(Loaded {
            ms: u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX),
            notes,
            relaxed,
            is_careful,
        })
    }

    /// By one run of pg_restore; by two where its jobs could enable row-level security before a key is checked.
    ///
    /// # Errors
    /// `Client`, `Source`, `NoEnd`.
    pub(super) fn whole(
        &self,
        opening: &Opening,
        left_out: &LeftOut,
        scratch: Option<&Scratch<'_>>,
        admin: &mut Session,
        observer: &mut dyn Observer,
    ) -> Result<(), RestoreError> {
        if !self.is_parallel() && !self.select.has_list() && left_out.is_empty() {
            let all = Part { opening, flags: self.flags(), list: None };
            return self.archive(&all, scratch, admin, observer);
        }
        let archive = self.contents(&opening.interrupt)?;
        let (first, last) = match self.is_parallel() {
            true => passes(&archive),
            false => (archive.entries.iter().map(|entry| entry.dump_id).collect(), Vec::new()),
        };
        if last.is_empty() && !self.select.has_list() && left_out.is_empty() {
            let all = Part { opening, flags: self.flags(), list: None };
            return self.archive(&all, scratch, admin, observer);
        }
        for ids in [first, last].into_iter().filter(|ids| !ids.is_empty()) {
            let list = list_file(ids.into_iter().filter(|id| !left_out.has(*id)))?;
            let part = Part { opening, flags: self.flags(), list: Some(list.path()) };
            self.archive(&part, scratch, admin, observer)?;
        }
        Ok(())
    }

    /// The table of contents of what is restored.
    ///
    /// # Errors
    /// `Source`, `Damaged`.
    pub(super) fn contents(&self, interrupt: &Interrupt) -> Result<Archive, RestoreError> {
        let mut archive = match self.source.archive()? {
            Some(archive) => archive,
            None => table_of_contents(self.source, self.identity, interrupt)?,
        };
        self.select.apply(&mut archive);
        Ok(archive)
    }

    /// Nothing of it is kept if the server dies, so that nothing waits for the disk; memory only where the server's own
    /// setting is smaller (docs 20.4.1, `maintenance_work_mem`).
    fn options(&self, opening: &Opening, admin: &mut Session) -> Result<String, RestoreError> {
        let jobs = if self.is_parallel() { self.jobs.max(1) } else { 1 };
        let wanted = (MEMORY_KB / u64::from(jobs)).max(32 * 1024);
        let now = admin.catalog("SELECT setting FROM pg_settings WHERE name = 'maintenance_work_mem'")?;
        let now: u64 = now.get(0, 0).and_then(|kb| kb.parse().ok()).unwrap_or_default();
        let memory =
            if wanted > now { format!(" -c maintenance_work_mem={wanted}kB") } else { String::new() };
        // Settings of the role under which the same text would mean something else.
        // What the system said must be understood (`cause`); only a superuser may set the language, and no login.
        let is_superusers = admin.is_superuser() && admin.url().user() == opening.url.user();
        let language = if is_superusers { " -c lc_messages=C" } else { "" };
        Ok(format!(
            "-c synchronous_commit=off -c default_transaction_read_only=off -c array_nulls=on \
             -c transform_null_equals=off{memory}{language}"
        ))
    }

    /// pg_restore cannot share a pipe among jobs.
    pub(super) fn is_parallel(&self) -> bool {
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
            options: self.options(opening, admin)?,
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
        let extent = extent.map(OsString::from);
        self.ownership.flags().into_iter().chain(extent).chain(self.select.flags()).collect()
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
        let options = Some(self.options(opening, admin)?);
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
            options: Some(self.options(&opening, admin)?),
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

/// What is loaded first and what last, where policies would apply to checks of constraints: several jobs take entries in any
/// order that their dependencies allow. Nothing last: the archive enables no row-level security.
fn passes(archive: &Archive) -> (Vec<i32>, Vec<i32>) {
    // As in pg_restore, privileges come after row-level security: nobody may read what it hides.
    let is_last = |entry: &&Entry| {
        matches!(
            entry.desc.as_str(),
            "ROW SECURITY" | "ACL" | "DEFAULT ACL" | "MATERIALIZED VIEW DATA" | "EVENT TRIGGER"
        ) || entry.desc == "STATISTICS DATA" && entry.section == Section::PostData
    };
    let has_policies = archive.entries.iter().any(|entry| entry.desc == "ROW SECURITY");
    let (last, first): (Vec<&Entry>, Vec<&Entry>) =
        archive.entries.iter().partition(|entry| has_policies && is_last(entry));
    let ids = |entries: Vec<&Entry>| entries.into_iter().map(|entry| entry.dump_id).collect();
    (ids(first), ids(last))
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
