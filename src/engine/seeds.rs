//! Seed sets: folders of ordered SQL files, loaded in one transaction with their records.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::pg::error::{PgError, PgFailure};
use crate::pg::literal::Literal;
use crate::pg::plain;
use crate::pg::session::{Failed, Incoming, Sealed, Session};
use crate::pg::statements::{self, Control};

use super::ledger::hold::said_no;
use super::ledger::look::{Known, Lost, Own};
use super::ledger::rows::Place;
use super::migrations::blame::blame;
use super::migrations::body::Body;
use super::migrations::finding::{Finding, Severity};
use super::migrations::folder::{line_of, sha256};
use super::migrations::message::{self, Message, OurRows, Part};
use super::migrations::runner::{Acting, Reach, RecordLost, StateNow};
use super::row_security::{Filtered, RowSecurity, Standing, explain};
use super::{Event, Observer};

mod contents;
mod run;

use contents::contents;
use run::run;

/// The set of the files that lie in the seeds folder itself.
pub const MAIN_SET: &str = "main";

/// A seed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedFile {
    /// Its set.
    pub set: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its SQL.
    pub sql: Sealed,
    /// SHA-256 of its bytes.
    pub checksum: String,
    /// Whether policies filter what it reads and changes.
    pub row_security: RowSecurity,
    /// What is set between its statements.
    pub cuts: Vec<Cut>,
}

/// A place between two statements of a seed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Where, in bytes.
    pub at: usize,
    /// What is set there.
    pub sql: String,
}

/// What a seed run changed in one table.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Touched {
    /// The table, quoted where needed.
    pub table: String,
    /// Rows inserted.
    pub inserted: i64,
    /// Rows updated.
    pub updated: i64,
    /// Rows deleted.
    pub deleted: i64,
}

/// What stops a seed run; nothing stays of it.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// A file cannot be read.
    #[error("cannot read `{path}`")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file would break the one transaction.
    #[error("the seeds folder must be mended first")]
    Findings(Vec<Finding>),
    /// A file failed.
    #[error("the seed file `{}/{}` failed", file.set, file.name)]
    File {
        /// Which.
        file: Box<SeedFile>,
        /// Where in it, in bytes.
        offset: usize,
        /// What the database looks like now.
        state: StateNow,
        /// The tables whose policies would have hidden rows, where it failed for them.
        filtered: Option<Box<Filtered>>,
        /// Why.
        #[source]
        cause: PgError,
    },
    /// A file removed rows or tables of the record.
    #[error("the seed file `{}/{}` failed", file.set, file.name)]
    Record {
        /// Which.
        file: Box<SeedFile>,
        /// What was missing after it.
        lost: Box<RecordLost>,
        /// What the database looks like now.
        state: StateNow,
    },
    /// Loading twice is not loading once.
    #[error("the seeds are not idempotent: loading them a second time changed {}", tables.join(", "))]
    NotIdempotent {
        /// The tables that differ, with what differs.
        tables: Vec<String>,
    },
    /// What surrounds the files failed.
    #[error(transparent)]
    Pg(#[from] PgError),
}

/// Read all sets of a folder, sets and files in order of their names.
///
/// # Errors
/// `SeedError::Read`, `SeedError::Findings`. An absent folder has no seeds.
pub fn read(folder: &Path) -> Result<Vec<SeedFile>, SeedError> {
    let mut files = Vec::new();
    let mut findings = Vec::new();
    for (name, path) in listing(folder)? {
        if path.is_dir() {
            for (file, path) in listing(&path)? {
                read_one(&name, file, path, &mut files, &mut findings)?;
            }
        } else {
            read_one(MAIN_SET, name, path, &mut files, &mut findings)?;
        }
    }
    files.sort_by(|a, b| (&a.set, &a.name).cmp(&(&b.set, &b.name)));
    if findings.is_empty() { Ok(files) } else { Err(SeedError::Findings(findings)) }
}

fn listing(folder: &Path) -> Result<Vec<(String, PathBuf)>, SeedError> {
    let wrong = |source| SeedError::Read { path: folder.to_path_buf(), source };
    let entries = match folder.read_dir() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(wrong)?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(wrong)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            found.push((name, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

fn read_one(
    set: &str,
    name: String,
    path: PathBuf,
    files: &mut Vec<SeedFile>,
    findings: &mut Vec<Finding>,
) -> Result<(), SeedError> {
    if path.extension().is_none_or(|extension| extension != "sql") || path.is_dir() {
        return Ok(());
    }
    let bytes = plain::read(&path).map_err(|source| SeedError::Read { path: path.clone(), source })?;
    let checksum = sha256(&bytes);
    let mut block = |line, message: String, remedy: &str| {
        findings.push(Finding {
            severity: Severity::Blocking,
            file: path.clone(),
            line: Some(line),
            message,
            remedy: remedy.into(),
        });
    };
    let sql = match String::from_utf8(bytes) {
        Ok(sql) => sql.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(sql),
        Err(error) => {
            let offset = error.utf8_error().valid_up_to();
            let line = line_of(&error.as_bytes()[..offset]);
            block(line, format!("the byte at offset {offset} is not UTF-8"), "save the file as UTF-8");
            return Ok(());
        }
    };
    let (mut row_security, mut cuts) = (RowSecurity::default(), Vec::new());
    match statements::split(&sql) {
        Err(error) => block(error.line, error.to_string(), "close it"),
        Ok(all) => {
            let said = all.iter().map(|s| RowSecurity::of(s, &sql[s.range.clone()]));
            row_security = said.max().unwrap_or_default();
            for s in all {
                let cut = |at| move |sql| Cut { at, sql };
                cuts.extend(row_security.before(&s, "SET").map(cut(s.range.start)));
                cuts.extend(row_security.after(&s, "SET").map(cut(s.range.end)));
                let copies = s.copy_from_stdin();
                if matches!(s.facts.control, Some(Control::Begin | Control::Commit | Control::Rollback)) {
                    block(
                        s.line,
                        format!("`{}` would end the one transaction of the seeds", s.facts.verb),
                        "take it out",
                    );
                }
                if let Some(command) = s.meta_command {
                    block(s.line, format!("`{command}` is a command of psql, not SQL"), "take it out");
                }
                if copies {
                    block(
                        s.line,
                        "`COPY … FROM STDIN` needs a data stream".into(),
                        "write INSERT statements",
                    );
                }
            }
        }
    }
    let (set, sql) = (set.into(), Sealed::new(sql));
    files.push(SeedFile { set, name, path, sql, checksum, row_security, cuts });
    Ok(())
}

/// How to load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loading<'a> {
    /// Once.
    Once,
    /// Twice in the same transaction, comparing what both leave.
    Twice,
    /// The same as an ordinary role.
    TwiceAs(&'a Acting),
}

impl<'a> Loading<'a> {
    fn acting(self) -> Option<&'a Acting> {
        match self {
            Self::TwiceAs(acting) => Some(acting),
            Self::Once | Self::Twice => None,
        }
    }
}

/// Load the files in one transaction, their records included.
///
/// # Errors
/// See `SeedError`; the transaction is rolled back.
pub fn load(
    session: &mut Session,
    (place, known): (&Place, &mut Known),
    files: &[SeedFile],
    loading: Loading<'_>,
    observer: &mut dyn Observer,
) -> Result<Vec<Touched>, SeedError> {
    loop {
        let prelude = session.prelude();
        session.query(&format!("{prelude}BEGIN"))?;
        let mut ended = inside(session, (place, known), files, loading, observer);
        if ended.is_err() {
            drop(session.query("ROLLBACK"));
        }
        match &mut ended {
            Err(SeedError::Record { lost, .. })
                if lost.what == Lost::Rows && has_changed_elsewhere(session, place, known)? =>
            {
                continue;
            }
            Err(SeedError::File { file, offset, filtered, cause: PgError::Server(server), .. })
                if server.failure() == PgFailure::NoPrivilege =>
            {
                let mut standing = Standing::at(&file.sql, Some(*offset));
                let acting = loading.acting();
                if let Some(acting) = acting {
                    standing.before.insert_str(0, &acting.begin(Reach::Transaction));
                }
                // If the explanation fails, the server's error alone is shown.
                *filtered = explain(session, server, &standing).ok().flatten().map(Box::new);
                if let (Some(filtered), Some(acting)) = (filtered, acting) {
                    filtered.is_stand_in = filtered.role == acting.role.as_str();
                }
            }
            _ => {}
        }
        return ended;
    }
}

/// Whether another session removed rows of the ledger, which are no longer asked for.
fn has_changed_elsewhere(session: &mut Session, place: &Place, known: &mut Known) -> Result<bool, PgError> {
    Ok(known.keep(&place.versions(session)?))
}

fn inside(
    session: &mut Session,
    (place, known): (&Place, &Known),
    files: &[SeedFile],
    loading: Loading<'_>,
    observer: &mut dyn Observer,
) -> Result<Vec<Touched>, SeedError> {
    let before = touched(session, place)?;
    let mut rows = Vec::new();
    let looking = |at: usize| Looking { place, known, is_last: at + 1 == files.len() };
    for (at, file) in files.iter().enumerate() {
        observer.event(Event::Begin { name: format!("{}/{}", file.set, file.name), verb: "load" });
        let took = load_one(session, file, (looking(at), loading.acting()), observer)?;
        observer.event(Event::End { name: format!("{}/{}", file.set, file.name), took });
        rows.push(place.seed(&file.set, &file.name, &file.checksum, took.as_millis()));
    }
    ourselves(session)?;
    let touched = since(&before, touched(session, place)?);
    if loading != Loading::Once {
        let once = contents(session, &touched)?;
        for (at, file) in files.iter().enumerate() {
            load_one(session, file, (looking(at), loading.acting()), observer)?;
        }
        ourselves(session)?;
        let touched_again = since(&before, self::touched(session, place)?);
        let after = contents(session, &touched_again)?;
        let tables: Vec<_> = after
            .iter()
            .filter(|(table, content)| {
                once.iter().find(|(t, _)| t == table).is_none_or(|(_, b)| b != content)
            })
            .map(|(table, content)| match once.iter().find(|(t, _)| t == table) {
                Some((_, before)) if before.rows != content.rows => {
                    format!("{table} ({} rows, then {})", before.rows, content.rows)
                }
                Some(_) => format!("{table} (same number of rows, other contents)"),
                None => format!("{table} (not touched the first time)"),
            })
            .collect();
        if !tables.is_empty() {
            return Err(SeedError::NotIdempotent { tables });
        }
    }
    rows.push("COMMIT".into());
    let held = place.hold(&["seed"]);
    let written = session.query(&format!("{}{}", held.all(), rows.join("; ")));
    if let Err(error) = written {
        if said_no(&error) {
            session.query("ROLLBACK")?;
            return Err(PgError::Refused(Box::new(held.explain(session))).into());
        }
        return Err(error.into());
    }
    Ok(touched)
}

/// Whatever role or settings the files' SQL chose, the records are written by ourselves.
fn ourselves(session: &mut Session) -> Result<(), PgError> {
    let settings = session.settings();
    session.query(&settings).map(drop)
}

/// How the record is checked after a file.
struct Looking<'a> {
    place: &'a Place,
    known: &'a Known,
    /// Deferred constraints may wait for rows of later files, and are checked after the last one.
    is_last: bool,
}

fn load_one(
    session: &mut Session,
    file: &SeedFile,
    (looking, acting): (Looking<'_>, Option<&Acting>),
    observer: &mut dyn Observer,
) -> Result<Duration, SeedError> {
    let begin = Instant::now();
    // Each file begins with our settings, whatever the one before it set.
    let settings = session.settings();
    let policies = file.row_security.setting().unwrap_or_default();
    let theirs = session.their_limits();
    let acting = acting.map(|acting| acting.begin(Reach::Session)).unwrap_or_default();
    session.query(&format!("{settings}{theirs}{acting}{policies}SET lock_timeout = '30s'"))?;
    if let Err((offset, failed)) = run(session, file, observer) {
        let (file, state) = (Box::new(file.clone()), StateNow::RolledBack);
        return Err(SeedError::File { file, offset, state, filtered: None, cause: failed.error });
    }
    let took = begin.elapsed();
    looking.after(session, file)?;
    Ok(took)
}

impl Looking<'_> {
    /// Check the record. A message of its own, because there may be no memory for a second copy of the file.
    fn after(&self, session: &mut Session, file: &SeedFile) -> Result<(), SeedError> {
        let mut message = Message::default();
        message.check(self.is_last, OurRows::default(), &self.place.look(self.known, Own::None));
        let mut missing = Vec::new();
        let ended = session.run(&message.text, &mut |incoming| match incoming {
            Incoming::Done(_) => missing.clear(),
            Incoming::Row(row) => missing.extend(row.into_iter().flatten()),
            _ => {}
        });
        let Err(Failed { error, finished }) = ended else { return Ok(()) };
        let PgError::Server(server) = &error else { return Err(error.into()) };
        let message::Place::Ours(Part::Look(what)) = message.place(server.0.position, finished, None) else {
            return Err(error.into());
        };
        if what == Lost::Unsafe && said_no(&error) {
            session.query("ROLLBACK")?;
            let hold = self.place.hold_read();
            return Err(PgError::Refused(Box::new(hold.explain(session))).into());
        }
        let by = blame(&Body::Text(file.sql.to_string()), self.place, what);
        let lost = Box::new(RecordLost::of(self.place, what, missing, by));
        Err(SeedError::Record { file: Box::new(file.clone()), lost, state: StateNow::RolledBack })
    }
}

/// What was changed after `before` was looked at.
fn since(before: &[Touched], now: Vec<Touched>) -> Vec<Touched> {
    let mut changed: Vec<_> = now
        .into_iter()
        .map(|one| match before.iter().find(|other| other.table == one.table) {
            Some(old) => Touched {
                inserted: one.inserted - old.inserted,
                updated: one.updated - old.updated,
                deleted: one.deleted - old.deleted,
                table: one.table,
            },
            None => one,
        })
        .collect();
    changed.retain(|one| one.inserted + one.updated + one.deleted > 0);
    changed
}

/// What this session has changed so far and not yet reported to the statistics (docs 28.2
/// "pg_stat_xact_all_tables"); our own rows apart.
fn touched(session: &mut Session, place: &Place) -> Result<Vec<Touched>, PgError> {
    let rows = session.query(&format!(
        "SELECT pg_catalog.format('%I.%I', schemaname, relname), n_tup_ins, n_tup_upd, n_tup_del \
         FROM pg_catalog.pg_stat_xact_user_tables \
         WHERE greatest(n_tup_ins, n_tup_upd, n_tup_del) OPERATOR(pg_catalog.>) 0::pg_catalog.int8 \
         AND schemaname OPERATOR(pg_catalog.<>) {}::pg_catalog.name ORDER BY 1",
        Literal(place.bookkeeping.as_str())
    ))?;
    let rows = rows.last().map(|rows| rows.rows.as_slice()).unwrap_or_default();
    let number = |cell: &Option<String>| cell.as_deref().and_then(|n| n.parse().ok()).unwrap_or(0);
    Ok(rows
        .iter()
        .map(|row| Touched {
            table: row[0].clone().unwrap_or_default(),
            inserted: number(&row[1]),
            updated: number(&row[2]),
            deleted: number(&row[3]),
        })
        .collect())
}

/// The names of all sets, in order.
pub fn sets(files: &[SeedFile]) -> Vec<String> {
    let mut sets: Vec<_> = files.iter().map(|file| file.set.clone()).collect();
    sets.dedup();
    sets
}
