//! Runs pg_dump and its like into the folder that is being built, tells how far they are, and keeps the snapshot's session
//! alive beside them.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::statvfs::statvfs;

use super::{TakeError, Taking};
use crate::engine::backup::crypt::CryptError;
use crate::engine::backup::manifest::{Layout, Scope};
use crate::engine::backup::readback::stream_file;
use crate::engine::backup::schema_text::{fingerprint, text_of};
use crate::engine::backup::seal::{Sealed, seal, seal_bytes};
use crate::engine::{Event, Observer, fault};
use crate::pg::session::Session;
use crate::pg::tools::client::{Client, ClientError};

/// How often the session that holds the snapshot does something, so that who waits for its lock sees it live.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// With less than so many bytes left, a file system is full: pg_dump writes pieces of a few KB.
const NO_ROOM: u64 = 256 << 10;

/// How often the growing dump is measured.
const MEASURE: Duration = Duration::from_millis(500);

impl Taking<'_> {
    pub(super) fn dump(
        &self,
        session: &mut Session,
        observer: &mut dyn Observer,
    ) -> Result<Option<Sealed>, TakeError> {
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
            let ended = running.wait(&mut || self.tell(&mut pulse, &target, session, observer));
            ended.map_err(|error| self.full(error))?;
            pulse.end();
            if layout == Layout::Directory {
                readable_when_empty(&target).map_err(CryptError::Io)?;
            }
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
        pulse.end();
        // Where the disk is full, pg_dump only says that nobody reads any more.
        let sealed = sealed.map_err(|_| CryptError::Io(io::Error::other("the encryption stopped")))?;
        match (ended, sealed) {
            (Err(interrupted @ ClientError::Interrupted { .. }), _) => Err(interrupted.into()),
            (_, Err(error)) => Err(error.into()),
            (ended, Ok(sealed)) => ended.map(|()| Some(sealed)).map_err(Into::into),
        }
    }

    /// What pg_dump says of a full disk is in this machine's language: the file system is asked, while it still has what
    /// was written.
    fn full(&self, source: ClientError) -> TakeError {
        let dir = self.partial.path();
        let room = statvfs(dir).map(|about| about.blocks_available() * about.fragment_size());
        match source {
            source @ ClientError::Failed { .. } if room.is_ok_and(|room| room < NO_ROOM) => {
                TakeError::Full { dir: dir.to_owned(), source }
            }
            source => source.into(),
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
    pub(super) fn schema(&self) -> Result<Option<String>, TakeError> {
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
            let encoding = self.view.properties.encoding_flag().into();
            let arguments = vec![snapshot, encoding, "--schema-only".into(), "-Fp".into()];
            self.client(dump, arguments).output()?
        };
        Ok(Some(fingerprint(&text_of(&text))))
    }

    /// Roles and tablespaces. Who may not read them still gets a backup.
    pub(super) fn globals(&mut self) -> Result<bool, TakeError> {
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
}

/// What is done now and then while pg_dump runs.
struct Pulse {
    begun: bool,
    beat: Instant,
    measured: Instant,
}

impl Pulse {
    /// pg_dump has ended, perhaps before anybody looked.
    fn end(&mut self) {
        if !std::mem::replace(&mut self.begun, true) {
            fault::point("backup-dumping");
        }
    }
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

/// pg_dump writes an empty large object as a file of no bytes, which the pg_restore of PostgreSQL 19 takes for one that was
/// cut. A frame without content is the same to all versions.
fn readable_when_empty(dump: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dump)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !name.starts_with("blob_") || path.metadata()?.len() > 0 {
            continue;
        }
        if name.ends_with(".zst") {
            fs::write(&path, zstd::encode_all(io::empty(), 0)?)?;
        } else if name.ends_with(".lz4") {
            fs::write(
                &path,
                lz4_flex::frame::FrameEncoder::new(Vec::new()).finish().map_err(io::Error::other)?,
            )?;
        }
    }
    Ok(())
}
