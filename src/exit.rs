//! Exit codes as one type, and from an error to its code, its text and its hints. Hints are written
//! here and nowhere else.

mod backup;
mod hints;
mod kept;
mod migration;
mod push;
mod record;
mod restore;
mod row_security;
mod shadow;
mod swap;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Error;

use crate::engine::backup::check::CheckError;
use crate::engine::backup::crypt::CryptError;
use crate::engine::backup::folder::FolderError;
use crate::engine::backup::take::TakeError;
use crate::engine::derive::DeriveError;
use crate::engine::ledger::lock::LockError;
use crate::engine::ledger::store::StoreError;
use crate::engine::migrations::NoMigrations;
use crate::engine::migrations::plan::PlanError;
use crate::engine::migrations::runner::{RecordLost, Stopped};
use crate::engine::operation::OpenError;
use crate::engine::reset::{RecreateError, RefillError};
use crate::engine::row_security::Filtered;
use crate::engine::seeds::SeedError;
use crate::engine::swap::SwapError;
use crate::engine::withheld::Withheld;
use crate::pg::cluster::ClusterError;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::tools::ToolError;
use crate::pg::tools::client::ClientError;
use crate::ui::{NobodyReads, Problem};

pub(crate) use hints::TAKE_OVER;
use swap::swap;

/// How the program ends. The most severe wins: `Trouble` before `Differs` before `Pending`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done, or nothing to do.
    Ok = 0,
    /// The operation failed; the text says what state the database is in.
    Failed = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// Refused by a guard.
    Refused = 3,
    /// Migrations are pending.
    Pending = 4,
    /// The history is in trouble.
    Trouble = 5,
    /// Two things that were compared differ.
    Different = 6,
    /// The lock was not had in time.
    Locked = 7,
    /// Cannot connect.
    NoConnection = 8,
    /// A program is missing or too old.
    ToolMissing = 9,
    /// Verification failed.
    Unverified = 10,
    /// Interrupted, or the answer was no.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What a command itself has to object.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// The guard said no.
    #[error("refused: {why}")]
    Refused {
        /// Why.
        why: String,
        /// What would let it pass.
        remedy: String,
    },
    /// The person said no.
    #[error("nothing was changed: the answer was no")]
    Declined,
    /// Flags that do not fit together or name nothing.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
    /// Migrations are to be applied first.
    #[error("{message}")]
    Pending {
        /// Why.
        message: String,
        /// What to do.
        hint: String,
    },
    /// A database that was changed by hand.
    #[error("{what}")]
    Edited {
        /// What differs.
        what: String,
        /// The ways out.
        hints: Vec<String>,
    },
    /// SQL of the user's own failed.
    #[error("the SQL failed")]
    Sql(Box<SqlFailure>),
    /// SQL of the user's own would have emptied the migration record.
    #[error("the SQL was not run")]
    Record {
        /// What was missing after it.
        lost: Box<RecordLost>,
        /// What the SQL is called.
        file: String,
        /// How the database stands now.
        state: String,
    },
    /// It ends with a code of its own.
    #[error("{message}")]
    Ends {
        /// The code.
        exit: Exit,
        /// Why.
        message: String,
        /// What to do.
        hint: String,
    },
    /// A program that the user configured failed.
    #[error("{message}")]
    Child {
        /// What it did.
        message: String,
        /// What to do.
        hint: String,
    },
}

/// Where an error is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    /// The project's folder; files are told as seen from it.
    pub(crate) root: &'a Path,
    /// What applies migrations here, to be typed again.
    pub(crate) again: &'static str,
}

/// SQL that was given to be run once, and failed.
#[derive(Debug)]
pub(crate) struct SqlFailure {
    /// What it is called.
    pub(crate) file: String,
    /// The whole of it.
    pub(crate) text: String,
    /// Where it failed, in bytes; `None`: at COMMIT.
    pub(crate) offset: Option<usize>,
    /// How the database stands now.
    pub(crate) state: String,
    /// What to do next, where the command knows better than the error.
    pub(crate) hint: Option<String>,
    /// The tables whose policies would have hidden rows, where it failed for them.
    pub(crate) filtered: Option<Filtered>,
    /// Why.
    pub(crate) cause: PgError,
}

/// Sort an error: its code, its text for people, what to do next.
pub(crate) fn problem(error: &Error, scene: Scene<'_>) -> Problem {
    let mut doing = String::new();
    for cause in error.chain() {
        if let Some(problem) = known(cause, scene) {
            return Problem { message: format!("{doing}{}", problem.message), ..problem };
        }
        doing.push_str(&format!("{cause}: "));
    }
    Problem { message: chain_text(error), code: Exit::Failed as u8, ..Problem::default() }
}

/// Whether the program ends without a word: nobody reads its result.
pub(crate) fn is_quiet(error: &Error) -> bool {
    error.is::<NobodyReads>()
}

/// A mistake in the configuration: everything is in its text.
pub(crate) fn misconfigured(error: &dyn std::error::Error) -> Problem {
    simple(Exit::Usage, error.to_string(), vec![])
}

/// "doing: why: why", each once.
fn chain_text(error: &Error) -> String {
    error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn with_sources(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let more = source.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        next = source.source();
    }
    text
}

fn simple(exit: Exit, message: impl Into<String>, hints: Vec<String>) -> Problem {
    Problem { message: message.into(), hints, code: exit as u8, ..Problem::default() }
}

fn known(cause: &(dyn std::error::Error + 'static), scene: Scene<'_>) -> Option<Problem> {
    if let Some(error) = cause.downcast_ref::<CommandError>() {
        return Some(match error {
            CommandError::Refused { remedy, .. } => {
                simple(Exit::Refused, error.to_string(), vec![remedy.clone()])
            }
            CommandError::Declined => simple(Exit::Interrupted, error.to_string(), vec![]),
            CommandError::Pending { hint, .. } => {
                simple(Exit::Pending, error.to_string(), vec![hint.clone()])
            }
            CommandError::Edited { hints, .. } => simple(Exit::Different, error.to_string(), hints.clone()),
            CommandError::Usage { hint, .. } => simple(Exit::Usage, error.to_string(), vec![hint.clone()]),
            CommandError::Ends { exit, hint, .. } => simple(*exit, error.to_string(), vec![hint.clone()]),
            CommandError::Sql(failure) => migration::sql(failure),
            CommandError::Record { lost, file, state } => simple(
                Exit::Refused,
                format!(
                    "the SQL was rolled back{}\n  the database now: {state}",
                    record::message(lost, file)
                ),
                vec![record::hint(lost, file, "pgkeel execute")],
            ),
            CommandError::Child { hint, .. } => simple(Exit::Failed, error.to_string(), vec![hint.clone()]),
        });
    }
    if let Some(error) = cause.downcast_ref::<OpenError>() {
        return Some(open(error));
    }
    if let Some(error) = cause.downcast_ref::<Stopped>() {
        return Some(migration::stopped(error, scene));
    }
    if let Some(error) = cause.downcast_ref::<PlanError>() {
        return Some(migration::plan(error, scene.root));
    }
    if let Some(error) = cause.downcast_ref::<NoMigrations>() {
        return Some(migration::no_migrations(error));
    }
    if let Some(error) = cause.downcast_ref::<DeriveError>() {
        return Some(migration::derive(error, scene.root));
    }
    if let Some(error) = cause.downcast_ref::<SeedError>() {
        return Some(migration::seed(error, scene.root));
    }
    if let Some(error) = cause.downcast_ref::<RefillError>() {
        return Some(match error {
            RefillError::Migrations(error) => migration::stopped(error, scene),
            RefillError::Seeds(error) => migration::seed(error, scene.root),
        });
    }
    if let Some(error) = cause.downcast_ref::<RecreateError>() {
        return Some(match error {
            RecreateError::InUse { .. } => simple(
                Exit::Failed,
                format!("{error}; nothing was changed"),
                vec!["end them, or give `--force`, which disconnects them".into()],
            ),
            RecreateError::Refill(error) => migration::refilled_aside(error, scene),
            RecreateError::Open(error) => as_it_was(open(error)),
            RecreateError::Swap(error) => swap(error),
            RecreateError::Pg(error) => as_it_was(pg(error)),
        });
    }
    if let Some(error) = cause.downcast_ref::<SwapError>() {
        return Some(swap(error));
    }
    if let Some(problem) = restore::known(cause) {
        return Some(problem);
    }
    if let Some(problem) = shadow::known(cause, scene) {
        return Some(problem);
    }
    if let Some(problem) = push::known(cause) {
        return Some(problem);
    }
    if let Some(problem) = kept::kept(cause) {
        return Some(problem);
    }
    if let Some(error) = cause.downcast_ref::<TakeError>() {
        return Some(backup::take(error));
    }
    if let Some(error) = cause.downcast_ref::<FolderError>() {
        return Some(backup::folder(error));
    }
    if let Some(error) = cause.downcast_ref::<CheckError>() {
        return Some(backup::check(error));
    }
    if let Some(error) = cause.downcast_ref::<CryptError>() {
        return Some(backup::crypt(error));
    }
    if let Some(error) = cause.downcast_ref::<ClientError>() {
        return Some(backup::client(error));
    }
    if let Some(error) = cause.downcast_ref::<LockError>() {
        return Some(lock(error));
    }
    if let Some(error) = cause.downcast_ref::<StoreError>() {
        return Some(store(error));
    }
    if let Some(error) = cause.downcast_ref::<PgError>() {
        return Some(pg(error));
    }
    if let Some(error) = cause.downcast_ref::<ToolError>() {
        return Some(simple(Exit::ToolMissing, error.to_string(), vec![]));
    }
    if let Some(error) = cause.downcast_ref::<ClusterError>() {
        let exit = if matches!(error, ClusterError::Tool(_)) { Exit::ToolMissing } else { Exit::Failed };
        return Some(simple(exit, with_sources(error), vec![]));
    }
    None
}

fn open(error: &OpenError) -> Problem {
    match error {
        OpenError::Lock(error) => lock(error),
        OpenError::Store(error) => store(error),
        OpenError::Pg(error) => pg(error),
        OpenError::Withheld(found) => withheld(found),
        OpenError::Standby { .. } => simple(
            Exit::Failed,
            error.to_string(),
            vec!["point DATABASE_URL (or DIRECT_URL) at the primary".into()],
        ),
        OpenError::Stopped { .. } => simple(
            Exit::Failed,
            error.to_string(),
            vec!["`pgkeel status` shows what was interrupted, and what to type to finish it".into()],
        ),
        OpenError::Owner(refused) => {
            simple(Exit::Refused, refused.what.clone(), vec![refused.remedy.clone()])
        }
        OpenError::InSearchPath { .. } => simple(
            Exit::Usage,
            error.to_string(),
            vec!["give it another name: `bookkeeping_schema = \"…\"` in pgkeel.toml".into()],
        ),
        OpenError::Ledger { schema, role, source } => Problem {
            message: with_sources(error),
            hints: match source.failure() {
                PgFailure::NoPrivilege => {
                    vec![format!("ask its owner to run: GRANT CREATE ON SCHEMA {schema} TO {role};")]
                }
                _ => pg(source).hints,
            },
            ..pg(source)
        },
        OpenError::SecondLedger { here, others, .. } => {
            let other = others.first().map_or("", String::as_str);
            simple(
                Exit::Usage,
                error.to_string(),
                vec![
                    format!(
                        "for the existing ledger: name its schema in the URL (`?schema={other}`), or set the role's search_path to it"
                    ),
                    format!(
                        "for a second application in this database: `?schema={here}` in the URL, or `pgkeel deploy --new-ledger`"
                    ),
                ],
            )
        }
        OpenError::ForeignLedger { newest, .. } => simple(
            Exit::Trouble,
            error.to_string(),
            vec![
                format!(
                    "where its tables are there already, `pgkeel resolve --baseline {newest}` records the migrations as applied and \
                     runs nothing"
                ),
                "for a second application in this database: `pgkeel deploy --new-ledger`".into(),
            ],
        ),
        OpenError::NoSchema { .. } => simple(
            Exit::Failed,
            error.to_string(),
            vec!["create the schema, or name another one: `?schema=app` in the URL".into()],
        ),
    }
}

/// Row-level security on our own tables.
pub(crate) fn withheld(found: &Withheld) -> Problem {
    simple(Exit::Failed, found.to_string(), found.remedies())
}

/// Where everything happened aside.
fn as_it_was(problem: Problem) -> Problem {
    Problem { message: format!("{}; the database is as it was", problem.message), ..problem }
}

fn lock(error: &LockError) -> Problem {
    match error {
        LockError::Pg(error) => pg(error),
        LockError::Busy { orphan, .. } => {
            let hint = if *orphan { hints::ORPHAN } else { hints::BUSY };
            simple(Exit::Locked, error.to_string(), vec![hint.into()])
        }
        LockError::Pooler { .. } => simple(Exit::Usage, error.to_string(), vec![hints::POOLER.into()]),
    }
}

fn store(error: &StoreError) -> Problem {
    match error {
        StoreError::MayNotCreate { schema, role, .. } => simple(
            Exit::Failed,
            error.to_string(),
            vec![format!(
                "ask the owner of the database to run: CREATE SCHEMA {} AUTHORIZATION {};",
                crate::pg::ident::Ident::new(schema),
                crate::pg::ident::Ident::new(role)
            )],
        ),
        StoreError::Foreign { .. } => simple(
            Exit::Usage,
            error.to_string(),
            vec!["choose another one: `bookkeeping_schema = \"…\"` in pgkeel.toml".into()],
        ),
        StoreError::Newer { .. } => simple(
            Exit::Usage,
            error.to_string(),
            vec!["use the newer pgkeel, also where this one is installed".into()],
        ),
        StoreError::Refused(refused) => {
            simple(Exit::Refused, refused.what.clone(), vec![refused.remedy.clone()])
        }
        StoreError::Pool(_) => simple(Exit::NoConnection, with_sources(error), vec![hints::SECOND.into()]),
        StoreError::Diesel { .. } | StoreError::Migrating { .. } => {
            let hint = error.is_read_only().then(|| hints::READ_ONLY.to_owned());
            simple(Exit::Failed, with_sources(error), hint.into_iter().collect())
        }
    }
}

/// An error of the server outside any migration.
fn pg(error: &PgError) -> Problem {
    match error {
        PgError::Interrupted => simple(Exit::Interrupted, "interrupted", vec![]),
        PgError::Abandoned => simple(
            Exit::Interrupted,
            error.to_string(),
            vec!["`pgkeel status` tells what state the database is in".into()],
        ),
        PgError::Connect(connect) => simple(Exit::NoConnection, connect.to_string(), hints::connect(connect)),
        PgError::Server(server) => Problem {
            sqlstate: Some(server.0.sqlstate.clone()),
            ..simple(Exit::Failed, server.to_string(), hints::server(server))
        },
        PgError::Lost { .. } => simple(
            Exit::Failed,
            error.to_string(),
            vec!["`pgkeel status` tells what state the database is in".into()],
        ),
        PgError::Unsendable(_) | PgError::Unexpected(_) | PgError::WithoutEffect(_) => {
            simple(Exit::Failed, error.to_string(), vec![])
        }
        PgError::Refused(refused) => {
            simple(Exit::Refused, refused.what.clone(), vec![refused.remedy.clone()])
        }
    }
}
