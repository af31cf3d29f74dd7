//! How a failed migration, seed or statement is told: file, line, column and caret, what the server said, the
//! state of the database now, and the next command to type.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Map, Value};

use crate::engine::derive::DeriveError;
use crate::engine::migrations::NoMigrations;
use crate::engine::migrations::finding::Finding;
use crate::engine::migrations::plan::{Direction, PlanError, Source};
use crate::engine::migrations::reconcile::{Entry, State};
use crate::engine::migrations::runner::{At, Difference, RunError, Spot, StateNow, Stopped};
use crate::engine::reset::RefillError;
use crate::engine::seeds::SeedError;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::statements::{Excerpt, excerpt};
use crate::ui::Problem;

use super::row_security::{self, explained, in_file};
use super::{Exit, Scene, SqlFailure, as_it_was, hints, pg, record, simple, with_sources};

pub(super) fn stopped(error: &Stopped, scene: Scene<'_>) -> Problem {
    match error {
        Stopped::Migration(error) => migration(error, scene),
        Stopped::FinishedPartEdited { difference, .. } => {
            let shown = difference.as_deref().map_or_else(String::new, |Difference { number, ran, is }| {
                let is = is.as_deref().unwrap_or("(nothing)");
                format!("\n  statement {number} ran as\n{}\n  and is now\n{}", quoted(ran), quoted(is))
            });
            simple(
                Exit::Trouble,
                format!("{error}{shown}"),
                vec![
                    "bring the finished statements back as they were; what follows them may be edited".into(),
                ],
            )
        }
        Stopped::Script { .. } => {
            simple(Exit::Failed, error.to_string(), vec!["mend the file and run the command again".into()])
        }
        Stopped::Pg(error) => pg(error),
    }
}

/// The SQL ran in a database that is dropped.
const UNTOUCHED: &str =
    "the database is as it was: the migrations and seeds ran in a new one, which is dropped";

pub(super) fn refilled_aside(error: &RefillError, scene: Scene<'_>) -> Problem {
    match error {
        RefillError::Migrations(error @ Stopped::Migration(_)) => stopped(error, scene),
        RefillError::Migrations(error) => as_it_was(stopped(error, scene)),
        RefillError::Seeds(error @ (SeedError::File { .. } | SeedError::Record { .. })) => {
            seed(error, scene.root)
        }
        RefillError::Seeds(error) => as_it_was(seed(error, scene.root)),
    }
}

fn shown(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

/// `file:line:column`, the line and a caret.
pub(super) fn block(file: &str, spot: &Spot) -> String {
    let number = spot.line.to_string();
    let gap = " ".repeat(number.len());
    format!(
        "  {file}:{}:{}\n  {gap} |\n  {number} | {}\n  {gap} | {}",
        spot.line, spot.column, spot.line_text, spot.caret
    )
}

/// The same for a text in memory.
fn place(file: &str, text: &str, offset: usize) -> (String, u32) {
    let Excerpt { line_no, column, line_text, caret } = excerpt(text, offset);
    (block(file, &Spot { line: line_no, column, line_text, caret }), line_no)
}

/// What the server said, indented; the function's own place where it happened inside one.
pub(super) fn said(cause: &PgError) -> String {
    let mut text = indented(&cause.to_string());
    if let PgError::Server(server) = cause {
        if let Some(query) = &server.0.internal_query {
            write!(text, "\n  in: {}", query.trim()).ok();
        }
        if let Some(context) = &server.0.context {
            write!(text, "\n{}", indented(&format!("CONTEXT: {context}"))).ok();
        }
    }
    text
}

/// A statement's first lines, set off.
pub(super) fn quoted(sql: &str) -> String {
    sql.lines().take(10).map(|line| format!("  | {line}")).collect::<Vec<_>>().join("\n")
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

pub(super) fn sqlstate(cause: &PgError) -> Option<String> {
    match cause {
        PgError::Server(server) => Some(server.0.sqlstate.clone()),
        _ => None,
    }
}

/// How the database stands now, as a sentence.
fn state_now(error: &RunError) -> String {
    let state = match &error.state {
        StateNow::Untouched => return UNTOUCHED.to_owned(),
        StateNow::RolledBack => "rolled back, nothing of this migration stays".to_owned(),
        StateNow::Partial { done, perhaps_one_more } => {
            let stay = match done {
                0 => "none of its statements has run; the next run begins with the first".into(),
                1 => "statement 1 stays, and the next run goes on with statement 2".into(),
                n => format!("statements 1 to {n} stay, and the next run goes on with statement {}", n + 1),
            };
            if *perhaps_one_more {
                format!("{stay}; whether that one came through is looked at then")
            } else {
                stay
            }
        }
        StateNow::Unknown => {
            "the answer never came; `pgkeel status` tells whether this migration came through".to_owned()
        }
    };
    let before = match error.done.finished.len() {
        0 => String::new(),
        1 => format!("; 1 migration before it is done: {}", error.done.finished[0].1),
        n => format!("; {n} migrations before it are done, the last is {}", error.done.finished[n - 1].1),
    };
    format!("the database now: {state}{before}")
}

fn migration(error: &RunError, scene: Scene<'_>) -> Problem {
    let step = &error.step;
    let file = step.origin(scene.root);
    let (doing, again) = match step.direction {
        Direction::Up => ("could not be applied", scene.again),
        Direction::Down => ("could not be undone", "pgkeel rollback"),
    };
    let mut message = format!("migration `{}` {doing}", step.name);
    let mut line = None;
    match &error.at {
        At::Script(spot) => {
            line = Some(spot.line);
            message = format!("{message}\n{}", block(&file, spot));
        }
        At::Record(lost) => {
            line = lost.by.as_ref().map(|by| by.spot.line);
            message = format!("{message}{}", record::message(lost, &file));
        }
        At::Commit => {
            message = format!("{message}\n  {file}: at COMMIT, when deferred constraints are checked")
        }
        At::Before => {
            let why = match (sqlstate(&error.cause).as_deref(), step.direction) {
                (Some("23505"), _) | (Some("22012"), Direction::Up) => {
                    "it is in the ledger already: another tool applied it at this moment"
                }
                (Some("22012"), Direction::Down) => {
                    "it is no longer in the ledger: another tool undid it at this moment"
                }
                _ => "while it was recorded in the ledger",
            };
            message = format!("{message}\n  before its SQL ran: {why}");
        }
    }
    let blockers = match &error.blockers {
        Some(sample) => format!("\n  in the way: {sample}"),
        None => String::new(),
    };
    let said = match (&error.at, error.cause.failure()) {
        // The error is the check's own way to say no.
        (At::Record(_), PgFailure::DivisionByZero) => String::new(),
        _ => format!("\n{}", said(&error.cause)),
    };
    let why = error.filtered.as_deref().map(explained).unwrap_or_default();
    let message = format!("{message}{said}{why}{blockers}\n  {}", state_now(error));
    let interrupted = matches!(error.cause, PgError::Interrupted | PgError::Abandoned);
    let prepared = error.blockers.as_ref().and_then(|sample| sample.prepared().next());
    let remedy = prepared.filter(|_| !interrupted).map(|one| format!("{}; then `{again}`", one.remedy()));
    let hint = match (&error.cause, error.cause.failure()) {
        (PgError::Refused(refused), _) => format!("{}; then `{again}`", refused.remedy.trim_end_matches(';')),
        (PgError::Server(_), _) if matches!(error.at, At::Record(_)) => {
            let At::Record(lost) = &error.at else { unreachable!("it was matched just now") };
            record::hint(lost, &file, again)
        }
        (
            PgError::Server(_),
            PgFailure::Other
            | PgFailure::UniqueBroken
            | PgFailure::ForeignKeyBroken
            | PgFailure::ExclusionBroken
            | PgFailure::NotInState
            | PgFailure::WrongObjectType
            | PgFailure::DivisionByZero
            | PgFailure::ObjectExists
            | PgFailure::UndefinedObject,
        ) if error.at == At::Before => {
            format!("`pgkeel status` shows where the database stands; then `{again}`")
        }
        (PgError::Interrupted, _) if error.state == StateNow::Untouched => format!("`{again}` begins anew"),
        (PgError::Interrupted, _) => format!("`{again}` goes on from here"),
        (PgError::Lost { .. } | PgError::Abandoned, _) => format!("`pgkeel status`, then `{again}`"),
        (_, PgFailure::OutOfMemory) => format!("{}; then `{again}`", hints::OUT_OF_MEMORY),
        (_, PgFailure::LockTimeout | PgFailure::Deadlock) => {
            format!("`{again}` when the sessions that hold the lock are gone, or with a longer `--lock-timeout`")
        }
        (_, PgFailure::Terminated) => {
            format!("somebody ended the session, or the server stops; `{again}` when it may run again")
        }
        (_, PgFailure::NeedsNoTransaction) => {
            let metadata = Path::new(&file).with_file_name("metadata.toml");
            format!("write `run_in_transaction = false` into {}, then `{again}`", metadata.display())
        }
        (_, PgFailure::NoPrivilege) => format!("{}, then `{again}`", hints::connect_as_owner()),
        (_, failure) if failure.is_shortage() => {
            let help = hints::shortage(failure).unwrap_or_default();
            format!("{help}: `{again}`")
        }
        _ if is_there_already(&error.cause)
            && step.direction == Direction::Up && matches!(error.at, At::Script(_)) =>
        {
            format!(
                "if the database had all of this migration before, `pgkeel resolve --applied {}` records it and runs nothing; \
                 else correct {file}; then `{again}`",
                step.version
            )
        }
        _ => match step.source {
            Source::File(_) => format!("mend {file}, then `{again}`"),
            Source::Derived => "write its down.sql, and roll back by that".into(),
            Source::Stored => "bring the migration's folder back and mend its down.sql, or undo by hand and `pgkeel resolve --rolled-back`".into(),
        },
    };
    let hints = match &error.filtered {
        Some(filtered) => row_security::hints(filtered, in_file(&file)),
        None => vec![remedy.unwrap_or(hint)],
    };
    let state = match error.state {
        StateNow::Untouched => "untouched",
        StateNow::RolledBack => "rolled-back",
        // Nothing stays: the migration is pending.
        StateNow::Partial { done: 0, perhaps_one_more: false } => "rolled-back",
        StateNow::Partial { .. } => "partial",
        StateNow::Unknown => "unknown",
    };
    let finished: Vec<Value> = error.done.finished.iter().map(|(_, name, _)| name.clone().into()).collect();
    let mut details = Map::from_iter([
        ("migration".to_owned(), step.name.clone().into()),
        ("state".to_owned(), state.into()),
        ("finished".to_owned(), finished.into()),
    ]);
    if let At::Record(lost) = &error.at {
        details.insert("lost".to_owned(), lost.what.as_str().into());
    }
    Problem {
        sqlstate: sqlstate(&error.cause).filter(|_| !said.is_empty()),
        details,
        place: Some((file, line)),
        ..simple(
            match &error.cause {
                PgError::Refused(_) => Exit::Refused,
                _ if interrupted => Exit::Interrupted,
                _ => Exit::Failed,
            },
            message,
            hints,
        )
    }
}

/// A table, column, schema, function or other object of that name exists: 42P07, 42701, 42P06, 42723, 42710.
fn is_there_already(cause: &PgError) -> bool {
    sqlstate(cause).is_some_and(|code| ["42P07", "42701", "42P06", "42723", "42710"].contains(&code.as_str()))
}

fn findings(head: &str, all: &[Finding], root: &Path) -> Problem {
    let message = format!("{head}{}", listed(all, root));
    let place = all.first().map(|first| (shown(&first.file, root), first.line));
    Problem { place, ..simple(Exit::Usage, message, vec!["mend them and run the command again".into()]) }
}

fn listed(all: &[Finding], root: &Path) -> String {
    let mut text = String::new();
    for finding in all {
        let file = shown(&finding.file, root);
        let line = finding.line.map_or_else(String::new, |line| format!(":{line}"));
        write!(text, "\n  {file}{line}: {}\n    {}", finding.message, finding.remedy).ok();
    }
    text
}

fn trouble(entries: &[Entry], findings: &[Finding], root: &Path) -> Problem {
    let mut message = "the history of migrations is in trouble, and nothing was run".to_owned();
    let mut hints: Vec<String> = Vec::new();
    for entry in entries {
        let note = entry.note.as_deref().map_or_else(String::new, |note| format!(" ({note})"));
        write!(message, "\n  {}: {}{note}", entry.name, entry.state.as_str()).ok();
        let hint = match entry.state {
            State::Edited => {
                "edited: bring up.sql back as it was applied, or `pgkeel resolve --accept-edit VERSION`; `--allow-edited` goes on this once"
            }
            State::Missing => {
                "missing: bring the folder back (another branch?); `--allow-missing` goes on this once"
            }
            State::OutOfOrder => {
                "out of order: `pgkeel migrate rebase --all` gives it a newer version; `--allow-out-of-order` applies it now"
            }
            State::Partial => "partial: bring its folder back, so that it can be finished",
            State::Applied | State::Pending => continue,
        };
        if !hints.iter().any(|known| known == hint) {
            hints.push(hint.into());
        }
    }
    if !findings.is_empty() {
        write!(message, "\nand the migrations folder must be mended{}", listed(findings, root)).ok();
        hints.push("mend the folder and run the command again".into());
    }
    simple(Exit::Trouble, message, hints)
}

pub(super) fn no_migrations(error: &NoMigrations) -> Problem {
    let hint = match error {
        NoMigrations::Absent { .. } => {
            "run pgkeel in the project's folder, or with `-C DIR`; `pgkeel init` creates the folder"
        }
        NoMigrations::Dangling(..) => "create the folder that the link names, or replace the link",
        NoMigrations::File(_) => {
            "if it is a symbolic link that the checkout wrote as text, `git config core.symlinks true` and check it out again"
        }
        NoMigrations::Unread(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            "give the user that runs pgkeel the right to read it"
        }
        NoMigrations::Unread(_) => "correct what the message names, then run the command again",
        NoMigrations::Foreign(_) => hints::TAKE_OVER,
    };
    simple(Exit::Usage, error.to_string(), vec![hint.to_owned()])
}

pub(super) fn plan(error: &PlanError, root: &Path) -> Problem {
    match error {
        PlanError::Findings(all) => {
            findings("the migrations folder must be mended first; nothing was run", all, root)
        }
        PlanError::Trouble { entries, findings } => trouble(entries, findings, root),
        PlanError::UnknownVersion(_) => {
            simple(Exit::Usage, error.to_string(), vec!["`pgkeel migrate list` lists the versions".into()])
        }
        PlanError::NotApplied(_) => {
            simple(Exit::Usage, error.to_string(), vec!["`pgkeel status --all` shows which are applied".into()])
        }
        PlanError::PartialInTheWay(_) => {
            simple(Exit::Trouble, error.to_string(), vec!["`pgkeel deploy` goes on where it stopped".into()])
        }
        PlanError::HalfUndone(_) => simple(
            Exit::Trouble,
            format!("{error}; nothing was run"),
            vec!["`pgkeel rollback` goes on where it stopped; or finish it by hand, then `pgkeel resolve --rolled-back VERSION`".into()],
        ),
        PlanError::NoDown { .. } => simple(
            Exit::Failed,
            format!("{error}; nothing was undone"),
            vec!["write its down.sql (bring its folder back, if it is gone), let `--derive` make one from the catalog, or undo it with a new migration".into()],
        ),
        PlanError::Unrecorded { .. } => simple(
            Exit::Failed,
            format!("{error}; nothing was undone"),
            vec!["`pgkeel deploy` records it in their place, and runs nothing of it; or bring `.replaced` back, to undo them one by one".into()],
        ),
        PlanError::Untrusted { .. } => simple(
            Exit::Refused,
            format!("{error}; nothing was undone"),
            vec!["bring the folder back, or connect as that role or a member of it".into()],
        ),
    }
}

/// A way back that could not be derived.
pub(super) fn derive(error: &DeriveError, root: &Path) -> Problem {
    match error {
        DeriveError::Untrusted(error) => plan(error, root),
        error => simple(
            Exit::Failed,
            with_sources(error),
            vec![
                "write its down.sql (bring its folder back, if it is gone), or undo it with a new migration"
                    .into(),
            ],
        ),
    }
}

/// How the database stands after seeds failed, and the command that loads them again.
fn after_seeds(state: &StateNow) -> (&'static str, &'static str) {
    match state {
        StateNow::Untouched => (UNTOUCHED, "pgkeel reset"),
        _ => ("the database now: rolled back, nothing of the seeds stays", "pgkeel seed"),
    }
}

pub(super) fn seed(error: &SeedError, root: &Path) -> Problem {
    match error {
        SeedError::Record { file, lost, state } => {
            let (now, again) = after_seeds(state);
            let path = shown(&file.path, root);
            let message = format!("{error}{}\n  {now}", record::message(lost, &path));
            Problem {
                details: Map::from_iter([("lost".to_owned(), lost.what.as_str().into())]),
                place: Some((path.clone(), lost.by.as_ref().map(|by| by.spot.line))),
                ..simple(Exit::Failed, message, vec![record::hint(lost, &path, again)])
            }
        }
        SeedError::File { file, offset, state, filtered, cause } => {
            let (now, again) = after_seeds(state);
            if matches!(cause, PgError::Interrupted) {
                return simple(Exit::Interrupted, format!("interrupted; {now}"), vec![]);
            }
            let path = shown(&file.path, root);
            let (block, line) = place(&path, &file.sql, *offset);
            let why = filtered.as_deref().map(explained).unwrap_or_default();
            let message = format!("{error}\n{block}\n{}{why}\n  {now}", said(cause));
            let hints = match filtered {
                Some(filtered) => row_security::hints(filtered, in_file(&path)),
                None => vec![format!("mend {path}, then `{again}`")],
            };
            Problem {
                sqlstate: sqlstate(cause),
                place: Some((path.clone(), Some(line))),
                ..simple(Exit::Failed, message, hints)
            }
        }
        SeedError::Findings(all) => findings("the seeds must be mended first; nothing was run", all, root),
        SeedError::NotIdempotent { .. } => simple(
            Exit::Unverified,
            format!("{error}; everything was rolled back"),
            vec!["write `INSERT … ON CONFLICT … DO UPDATE` with fixed keys".into()],
        ),
        SeedError::Read { .. } => simple(Exit::Failed, with_sources(error), vec![]),
        SeedError::Pg(error) => pg(error),
    }
}

/// SQL that was given to be run once.
pub(super) fn sql(failure: &SqlFailure) -> Problem {
    let SqlFailure { file, text, offset, state, hint, filtered, cause } = failure;
    if !matches!(cause, PgError::Server(_)) {
        return pg(cause);
    }
    let (block, line) = match offset {
        Some(offset) => {
            let (block, line) = place(file, text, *offset);
            (block, Some(line))
        }
        None => (format!("  {file}: at COMMIT, when deferred constraints are checked"), None),
    };
    let why = filtered.as_ref().map(explained).unwrap_or_default();
    let message = format!("the SQL failed\n{block}\n{}{why}\n  the database now: {state}", said(cause));
    let problem = pg(cause);
    let hints = match (hint, filtered) {
        (Some(hint), _) => vec![hint.clone()],
        (None, Some(filtered)) => {
            row_security::hints(filtered, "or let the policies filter: `--row-security`".into())
        }
        (None, None) => problem.hints,
    };
    Problem { place: Some((file.clone(), line)), message, hints, ..problem }
}
