//! Feeds PostgreSQL's programs and reads what they write.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use super::LOOK;
use crate::engine::backup::schema_text::{DUMP_OPTIONS, text_of};
use crate::engine::restore::source::SourceError;
use crate::engine::restore::{RestoreError, cause};
use crate::engine::{Event, Observer};
use crate::pg::literal::Literal;
use crate::pg::plain;
use crate::pg::session::Session;
use crate::pg::tools::Program;
use crate::pg::tools::client::{Client, ClientError};

/// pg_restore's flag for a file with the numbers of entries.
pub(in crate::engine::restore) fn use_list(file: &Path) -> OsString {
    let mut flag = OsString::from("--use-list=");
    flag.push(file);
    flag
}

/// A file with the numbers of entries, for `use_list`.
///
/// # Errors
/// `Source`.
pub(in crate::engine::restore) fn list_file(
    ids: impl Iterator<Item = i32>,
) -> Result<tempfile::NamedTempFile, RestoreError> {
    let unwritable = |source| SourceError::Io { path: "a temporary file".into(), source };
    let mut list = tempfile::NamedTempFile::new().map_err(unwritable)?;
    let lines: String = ids.map(|id| format!("{id}; 0 0\n")).collect();
    list.write_all(lines.as_bytes()).map_err(unwritable)?;
    Ok(list)
}

/// psql stops at the first error, reads nobody's psqlrc, and says nothing.
pub(in crate::engine::restore) fn script_arguments() -> Vec<OsString> {
    ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", cause::VERBOSE].map(OsString::from).to_vec()
}

pub(in crate::engine::restore) fn failed(doing: &'static str) -> impl FnOnce(ClientError) -> RestoreError {
    move |source| match source {
        ClientError::Interrupted { .. } => crate::pg::error::PgError::Interrupted.into(),
        source => RestoreError::Client { doing, source, why: None },
    }
}

/// Give a program its input; `tail` only after all of it.
pub(in crate::engine::restore) fn feed(
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

pub(in crate::engine::restore) fn drain(
    stdout: Option<impl Read + Send + 'static>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        drop(stdout.map(|mut out| io::copy(&mut out, &mut io::sink())));
    })
}

/// How large the database is by now, of how large it was.
pub(super) struct Growth<'a> {
    total: Option<u64>,
    database: &'a str,
    last: Instant,
}

impl<'a> Growth<'a> {
    pub(super) fn new(total: Option<u64>, database: &'a str) -> Self {
        Self { total, database, last: Instant::now() }
    }

    pub(super) fn look(&mut self, admin: &mut Session, observer: &mut dyn Observer) {
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
pub(in crate::engine::restore) fn open(path: &Path) -> Result<File, RestoreError> {
    let io = |source| SourceError::Io { path: path.to_owned(), source };
    Ok(plain::open(path).map_err(io)?)
}

/// What a program of PostgreSQL prints, for a text that is compared.
///
/// # Errors
/// `Client`.
pub(in crate::engine::restore) fn printed(
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
