//! An archive on its way through psql: pg_restore writes it as a script, which is adapted to the server. For pairs of
//! program and server where pg_restore's own connection fails at a setting or an option that the server does not know.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc;
use std::thread;

use crate::engine::archive::adapted::{Adapted, Known};
use crate::pg::error::PgError;
use crate::pg::interrupt::Interrupt;
use crate::pg::session::Session;
use crate::pg::tools::client::{Client, ClientError};
use crate::pg::url::DatabaseUrl;

use super::RestoreError;
use super::cause;
use super::decrypt::plaintext;
use super::load::{drain, failed, feed, script_arguments, use_list};
use super::programs::Programs;
use super::restricted::{Key, Unguarded};
use super::source::{Source, SourceError};

/// What this server knows.
///
/// # Errors
/// What the server says.
pub(super) fn known(session: &mut Session) -> Result<Known, PgError> {
    let rows = session.catalog("SELECT pg_catalog.lower(name) FROM pg_catalog.pg_settings")?;
    let settings = Some(rows.rows.into_iter().filter_map(|mut row| row.remove(0)).collect());
    Ok(Known { settings, new_database: None })
}

/// The way of an archive.
pub(super) struct Pipe<'a> {
    pub(super) source: &'a Source,
    pub(super) programs: &'a Programs,
    pub(super) identity: Option<&'a Path>,
    /// The database that it goes to.
    pub(super) url: &'a DatabaseUrl,
    /// Settings of psql's session.
    pub(super) options: String,
    pub(super) application_name: &'a str,
    pub(super) interrupt: &'a Interrupt,
    pub(super) known: Known,
    /// The file with the entries that are restored; nothing: all of them.
    pub(super) list: Option<&'a Path>,
}

impl Pipe<'_> {
    /// Restore with these flags of pg_restore. `end` is run only after all of it; `on` is called while it runs.
    ///
    /// # Errors
    /// `Client`, `NoEnd`, `Source`.
    pub(super) fn run(
        self,
        flags: Vec<OsString>,
        end: &str,
        on: &mut dyn FnMut(),
    ) -> Result<(), RestoreError> {
        let mut arguments = vec!["--file=-".into()];
        arguments.extend(flags);
        arguments.extend(self.list.map(use_list));
        if !self.source.is_encrypted() {
            arguments.push("--".into());
            arguments.push(self.source.payload().into());
        }
        let client = |program, url, arguments, options| Client {
            program,
            url,
            arguments,
            options,
            application_name: self.application_name,
            interrupt: self.interrupt,
        };
        let reader = client(&self.programs.pg_restore, None, arguments, None);
        let options = Some(self.options.clone());
        let writer = client(self.programs.psql()?, Some(self.url), script_arguments(), options);
        let mut writing = writer.start().map_err(failed("cannot start psql"))?;
        let mut reading = reader.start().map_err(failed("cannot start pg_restore"))?;
        let (Some(script), Some(psql)) = (reading.take_stdout(), writing.take_stdin()) else {
            return Err(RestoreError::NoEnd);
        };
        let quiet = drain(writing.take_stdout());
        let sealed = match (self.source.is_encrypted(), reading.take_stdin()) {
            (true, Some(stdin)) => {
                let text = plaintext(self.source, self.identity, self.interrupt)?;
                Some(thread::spawn(move || feed(text, stdin, &AtomicU64::new(0), None)))
            }
            _ => None,
        };
        let key = Key::new();
        let tail = format!("{}RESET SESSION AUTHORIZATION;\n{end};\n", key.closes());
        let text = io::Cursor::new(key.opens()).chain(Adapted::new(Unguarded::new(script), self.known));
        let (whole, is_whole) = mpsc::channel();
        let between = thread::spawn(move || forward(text, psql, &is_whole, &tail));
        let ended = reading.wait(on);
        let mut fed = sealed.map_or(Ok(()), joined);
        if self.list.is_some() && ended.is_ok() {
            // Once it has its part, it reads no further.
            fed = Ok(());
        }
        // A receiver that is gone has its own error.
        whole.send(ended.is_ok() && fed.is_ok()).ok();
        let wrote = writing.wait(on);
        let forwarded = joined(between);
        drop(quiet.join());
        // What psql says comes first: that its input broke is an echo for the others.
        match wrote {
            Err(error @ ClientError::Failed { .. }) => return Err(cause::psql(error)),
            other => other.map_err(failed("psql failed"))?,
        }
        ended.map_err(failed("pg_restore failed"))?;
        let path = self.source.payload();
        fed.and(forwarded).map_err(|source| SourceError::Io { path, source }.into())
    }
}

fn joined(thread: thread::JoinHandle<io::Result<()>>) -> io::Result<()> {
    thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread between the programs died")))
}

/// Hand the script on, and our end of it only if pg_restore has ended well.
fn forward(
    mut script: impl Read,
    mut psql: impl Write,
    is_whole: &mpsc::Receiver<bool>,
    tail: &str,
) -> io::Result<()> {
    io::copy(&mut script, &mut psql)?;
    if is_whole.recv() == Ok(true) {
        psql.write_all(tail.as_bytes())?;
    }
    psql.flush()
}
