//! Runs the steps that bring a table back. A superuser writes to the table of a lesser role over a login that can do no more
//! than that role, because its constraints and defaults are code.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io;
use std::thread;
use std::time::Duration;

use serde::Serialize;

use super::safe::harmless;
use super::transaction::{All, Progress};
use super::{TableBeside, Work};
use crate::engine::Observer;
use crate::engine::login::{Login, trusted};
use crate::engine::operation::Opening;
use crate::engine::restore::fill::Filling;
use crate::engine::restore::load::{drain, failed, script_arguments};
use crate::engine::restore::source::SourceError;
use crate::engine::restore::{Obstacle, RestoreError};
use crate::pg::ident::Ident;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
use crate::pg::session::Session;
use crate::pg::tools::client::Client;

/// What was brought over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Applied {
    /// The table was dropped, and is there again.
    pub created: bool,
    /// Rows that were missing.
    pub inserted: i64,
    /// Rows that were changed, and are as in the backup again.
    pub updated: i64,
    /// Live rows that the backup does not have, left as they are.
    pub left: i64,
    /// Where the replaced live rows are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced: Option<String>,
}

/// Where the tables are brought back, and with what.
#[derive(Debug, Clone, Copy)]
pub struct Applying<'a> {
    /// How the copy was restored.
    pub filling: Filling<'a>,
    /// The copy.
    pub copy: &'a Opening,
    /// The live database.
    pub live: &'a Opening,
    /// For how long one attempt waits for the locks, and all of them.
    pub patience: (Duration, Duration),
}

/// Settings under which rows are copied: they mean the same on both sides.
pub(super) const OPTIONS: &str = "-c DateStyle=ISO -c IntervalStyle=postgres -c extra_float_digits=3 -c TimeZone=UTC \
     -c bytea_output=hex -c array_nulls=on -c row_security=off -c default_transaction_read_only=off";

impl Applying<'_> {
    /// Bring the tables back: as one transaction, where one role may write into all of them. Returns what is worth a word.
    ///
    /// # Errors
    /// See `RestoreError`; `Partly` names what was committed.
    pub fn run(
        &self,
        tables: &mut [TableBeside],
        observer: &mut dyn Observer,
    ) -> Result<Vec<String>, RestoreError> {
        let obstacles: Vec<Obstacle> = tables.iter().flat_map(|table| table.obstacles.clone()).collect();
        if !obstacles.is_empty() {
            return Err(RestoreError::Refused(obstacles));
        }
        let works: Vec<Work> = tables.iter_mut().filter_map(|table| table.work.take()).collect();
        let mut inside = prepared(self.live)?;
        let trusted = trusted(&mut inside, self.filling.trust)?;
        let logins = self.logins(&mut inside, &works, trusted.as_ref())?;
        let all = All { applying: self, works: &works, logins: &logins, trusted: trusted.as_ref() };
        let mut progress = Progress::default();
        let done = all.run(&mut progress, observer);
        let ended = end(&mut inside, logins);
        if done.is_err() {
            all_clear(self.live, &works, &progress);
        }
        done?;
        let mut notes: Vec<String> = ended.err().map(|error| error.to_string()).into_iter().collect();
        for (table, work) in tables.iter_mut().zip(&works) {
            let mut applied = progress.applied.remove(&work.wanted.oid).unwrap_or_default();
            applied.created = work.live.is_none();
            if applied.created {
                applied.inserted = table.rows_there;
            } else if !work.live.as_ref().is_some_and(|live| live.key.is_empty()) {
                let replaced = work.names.replaced(&work.wanted);
                if applied.updated == 0 {
                    let dropped = inside.query(&format!("DROP TABLE {replaced}"));
                    notes.extend(dropped.err().map(|error| format!("{replaced}, which is empty: {error}")));
                } else {
                    applied.replaced = Some(replaced);
                }
            }
            table.applied = Some(applied);
        }
        match self.dependents(&works, observer) {
            Ok(more) => notes.extend(more),
            Err(error) => notes.push(format!("what depended on the tables is not known: {error}")),
        }
        Ok(notes)
    }

    /// A login of each owner whose code this role must not run.
    fn logins(
        &self,
        inside: &mut Session,
        works: &[Work],
        trusted: Option<&BTreeSet<String>>,
    ) -> Result<BTreeMap<String, Login>, RestoreError> {
        let mut logins = BTreeMap::new();
        let Some(roles) = trusted else { return Ok(logins) };
        for work in works {
            let Some(live) = &work.live else { continue };
            if roles.contains(&live.owner) {
                let table =
                    format!("pg_catalog.to_regclass({})::pg_catalog.oid", Literal(&work.wanted.path()));
                harmless(inside, &table, work, roles)?;
                continue;
            }
            if !logins.contains_key(&live.owner) {
                logins.insert(live.owner.clone(), self.login(&live.owner)?);
            }
            let schema = Ident::new(&work.wanted.schema);
            let name = logins[&live.owner].name();
            inside.query(&format!("GRANT USAGE, CREATE ON SCHEMA {schema} TO {name}"))?;
        }
        Ok(logins)
    }

    fn login(&self, owner: &str) -> Result<Login, RestoreError> {
        let name = self.live.url.database().unwrap_or_default();
        Login::create(self.live, name, Some(owner)).map_err(|error| {
            RestoreError::Refused(vec![Obstacle::new(
                format!("bringing rows back runs code of `{owner}`, which is not a superuser: {error}"),
                "connect as the owner of the table, or give `--trust-code-of`",
            )])
        })
    }

    /// From one psql into the other.
    pub(super) fn copy(&self, from: &[String], into: &str, way: &Opening) -> Result<(), RestoreError> {
        let psql = self.filling.programs.psql()?;
        let client = |opening: &Opening, all: Vec<String>| {
            let commands = all.into_iter().flat_map(|sql| ["-c".into(), sql.into()]);
            let arguments: Vec<OsString> = script_arguments().into_iter().chain(commands).collect();
            (opening.url.clone(), arguments)
        };
        let all = from.iter().map(|table| format!("COPY {table} TO STDOUT")).collect();
        let (from, reads) = client(self.copy, all);
        let (to, writes) = client(way, vec![into.to_owned()]);
        let program = |url, arguments| Client {
            program: psql,
            url: Some(url),
            arguments,
            options: Some(OPTIONS.to_owned()),
            application_name: "pgkeel restore",
            interrupt: &self.live.interrupt,
        };
        let mut reading = program(&from, reads).start().map_err(failed("cannot start psql"))?;
        let mut writing = program(&to, writes).start().map_err(failed("cannot start psql"))?;
        let (Some(mut rows), Some(mut stdin)) = (reading.take_stdout(), writing.take_stdin()) else {
            return Err(RestoreError::NoEnd);
        };
        let quiet = drain(writing.take_stdout());
        let between = thread::spawn(move || io::copy(&mut rows, &mut stdin).map(drop));
        let wrote = writing.wait(&mut || {});
        let read = reading.wait(&mut || {});
        let copied = between.join().unwrap_or_else(|_| Err(io::Error::other("the thread between died")));
        drop(quiet.join());
        wrote.map_err(failed("copying the rows failed"))?;
        read.map_err(failed("reading the rows of the backup failed"))?;
        // That all of them came is checked before they are used.
        copied.map_err(|source| SourceError::Io { path: "the rows of the backup".into(), source }.into())
    }
}

/// What the logins made belongs to the owners.
fn end(inside: &mut Session, logins: BTreeMap<String, Login>) -> Result<(), RestoreError> {
    let mut first = Ok(());
    for (owner, login) in logins {
        let sql = format!("REASSIGN OWNED BY {} TO {}", login.name(), Ident::new(&owner));
        let ended = inside.query(&sql).and_then(|_| login.end(inside));
        first = first.and(ended);
    }
    Ok(first?)
}

/// Drop what a run that has failed leaves: the copied rows, the tables that it created, and the schemas. Also after Ctrl-C.
fn all_clear(live: &Opening, works: &[Work], progress: &Progress) {
    let calm = Opening { interrupt: Interrupt::default(), ..live.clone() };
    let Ok(mut session) = calm.connect() else { return };
    let mut all = Vec::new();
    for work in works.iter().filter(|work| work.live.is_some()) {
        all.push(format!("DROP TABLE IF EXISTS {}", work.names.stage(&work.wanted)));
    }
    if !progress.created.is_empty() {
        all.push(format!("DROP TABLE {}", progress.created.join(", ")));
    }
    if !progress.sequences.is_empty() {
        // Those that a column owns went with it.
        all.push(format!("DROP SEQUENCE IF EXISTS {}", progress.sequences.join(", ")));
    }
    // One that holds something stays.
    all.extend(progress.schemas.iter().map(|schema| format!("DROP SCHEMA {schema}")));
    for sql in all {
        // What cannot be dropped is in the way of no other run: that one chooses other names.
        drop(session.query(&format!("SET lock_timeout = '10s'; {sql}")));
    }
}

/// A session for SQL that we generate, which runs the user's functions.
pub(super) fn prepared(way: &Opening) -> Result<Session, RestoreError> {
    let mut session = way.connect()?;
    session.query(&session.generated_prelude())?;
    Ok(session)
}
