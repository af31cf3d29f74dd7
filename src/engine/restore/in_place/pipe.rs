//! Runs a restore in place: pg_restore writes scripts, psql runs them in one transaction with our own SQL before, between and
//! after. The last COMMIT is sent only if all before it went well.

use std::io::{self, Read, Write};
use std::sync::atomic::AtomicU64;
use std::thread;

use super::InPlace;
use crate::engine::archive::adapted::{Adapted, Known};
use crate::engine::fault;
use crate::engine::restore::RestoreError;
use crate::engine::restore::cause;
use crate::engine::restore::decrypt::plaintext;
use crate::engine::restore::load::{drain, failed, feed, list_file, script_arguments, use_list};
use crate::engine::restore::source::SourceError;
use crate::pg::interrupt::Interrupt;
use crate::pg::tools::client::{Client, ClientError};

/// How much of pg_restore's script is held back until it has ended well: its COMMIT is in there.
const TAIL: usize = 4096;

/// What pg_restore's script ends in.
const COMMIT: &[u8] = b"\nCOMMIT;\n";

/// A piece of the whole script.
#[derive(Debug)]
pub(super) enum Piece {
    /// SQL of ours, for psql.
    Sql(String),
    /// Entries of the archive.
    Entries(Vec<i32>),
}

impl InPlace<'_> {
    /// Run the pieces, then `tail`; `sent` once that may have gone out.
    pub(super) fn pipe(
        &self,
        pieces: &[Piece],
        tail: &str,
        known: &Known,
        sent: &mut bool,
    ) -> Result<(), RestoreError> {
        let interrupt = &self.opening.interrupt;
        let writer = Client {
            program: self.filling.programs.psql()?,
            url: Some(&self.opening.url),
            arguments: script_arguments(),
            options: Some(
                "-c default_transaction_read_only=off -c array_nulls=on -c transform_null_equals=off".into(),
            ),
            application_name: NAME,
            interrupt,
        };
        let mut writing = writer.start().map_err(failed("cannot start psql"))?;
        let Some(psql) = writing.take_stdin() else { return Err(RestoreError::NoEnd) };
        let quiet = drain(writing.take_stdout());
        // Without COMMIT, psql rolls everything back when its input ends.
        let streamed = self
            .stream_all(pieces, psql, known)
            .and_then(|psql| finish(psql, tail, interrupt, sent).map_err(|source| self.unreadable(source)));
        let wrote = writing.wait(&mut || {});
        drop(quiet.join());
        // psql's own word comes first: that nobody reads pg_restore any more is but its echo.
        match wrote {
            Err(error @ ClientError::Failed { .. }) => Err(cause::psql(error)),
            Err(error) => Err(failed("psql failed")(error)),
            Ok(()) => streamed,
        }
    }

    fn unreadable(&self, source: io::Error) -> RestoreError {
        SourceError::Io { path: self.filling.source.payload(), source }.into()
    }

    fn stream_all<W: Write + Send + 'static>(
        &self,
        pieces: &[Piece],
        mut psql: W,
        known: &Known,
    ) -> Result<W, RestoreError> {
        for piece in pieces {
            psql = match piece {
                Piece::Entries(entries) if entries.is_empty() => psql,
                Piece::Entries(entries) => self.stream_entries(entries, psql, known)?,
                Piece::Sql(sql) => {
                    // The script of the archive has set its own.
                    let sql = format!("SET client_encoding = 'UTF8';\n{sql}");
                    psql.write_all(sql.as_bytes()).map_err(|source| self.unreadable(source))?;
                    psql
                }
            };
        }
        Ok(psql)
    }

    /// Hand on the script of these entries, without its COMMIT.
    fn stream_entries<W: Write + Send + 'static>(
        &self,
        entries: &[i32],
        psql: W,
        known: &Known,
    ) -> Result<W, RestoreError> {
        let interrupt = &self.opening.interrupt;
        let source = self.filling.source;
        let list = list_file(entries.iter().copied())?;
        let mut arguments = vec!["--single-transaction".into(), "--file=-".into(), use_list(list.path())];
        arguments.extend(self.filling.ownership.flags());
        arguments.extend(self.filling.select.flags());
        if !source.is_encrypted() {
            arguments.push("--".into());
            arguments.push(source.payload().into());
        }
        let reader = Client {
            program: &self.filling.programs.pg_restore,
            url: None,
            arguments,
            options: None,
            application_name: NAME,
            interrupt,
        };
        let mut reading = reader.start().map_err(failed("cannot start pg_restore"))?;
        let Some(script) = reading.take_stdout() else { return Err(RestoreError::NoEnd) };
        let sealed = match (source.is_encrypted(), reading.take_stdin()) {
            (true, Some(stdin)) => {
                let text = plaintext(source, self.filling.identity, interrupt)?;
                Some(thread::spawn(move || feed(text, stdin, &AtomicU64::new(0), None)))
            }
            _ => None,
        };
        let script = Adapted::new(script, known.clone());
        let between = thread::spawn(move || forward(script, psql));
        let ended = reading.wait(&mut || {});
        let forwarded = between.join().unwrap_or_else(|_| Err(io::Error::other("the thread between died")));
        let fed =
            sealed.map_or(Ok(()), |fed| fed.join().unwrap_or_else(|_| Err(io::Error::other("it died"))));
        let (mut psql, rest) = forwarded.map_err(|source| self.unreadable(source))?;
        ended.map_err(failed("pg_restore failed"))?;
        // Once it has its part, it reads no further.
        fed.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
            .map_err(|source| self.unreadable(source))?;
        let no_end = || self.unreadable(io::Error::other("pg_restore's script does not end in COMMIT"));
        let at = rest.windows(COMMIT.len()).rposition(|window| window == COMMIT).ok_or_else(no_end)?;
        let written = psql.write_all(&rest[..=at]).and_then(|()| psql.write_all(&rest[at + COMMIT.len()..]));
        written.map_err(|source| self.unreadable(source))?;
        Ok(psql)
    }
}

const NAME: &str = "pgkeel restore";

/// Hand the script on without its BEGIN, its last bytes held back.
fn forward<W: Write>(mut script: impl Read, mut psql: W) -> io::Result<(W, Vec<u8>)> {
    let mut held = Vec::new();
    let mut is_head = true;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match script.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => held.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        if held.len() > 2 * TAIL {
            if std::mem::take(&mut is_head) {
                without_begin(&mut held);
            }
            let on = held.len() - TAIL;
            psql.write_all(&held[..on])?;
            held.drain(..on);
        }
    }
    if is_head {
        without_begin(&mut held);
    }
    Ok((psql, held))
}

/// Our own transaction has begun already. Only comments stand before the BEGIN of a script.
fn without_begin(head: &mut Vec<u8>) {
    const BEGIN: &[u8] = b"BEGIN;\n";
    let mut at = 0;
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        let is_comment = line.starts_with(b"--") || line.starts_with(b"\\restrict ") || line == b"\n";
        if !is_comment {
            break;
        }
        at += line.len();
    }
    if head[at..].starts_with(BEGIN) {
        head.drain(at..at + BEGIN.len());
    }
}

/// Our own end, with COMMIT; `sent` once that may have gone out.
fn finish(mut psql: impl Write, tail: &str, interrupt: &Interrupt, sent: &mut bool) -> io::Result<()> {
    fault::point("restore-before-commit");
    if interrupt.is_raised() {
        return Ok(());
    }
    *sent = true;
    psql.write_all(tail.as_bytes())?;
    psql.flush()
}
