//! Why there is no shadow database, or why a schema does not load into it. Nothing that people know is changed by any of
//! these: a shadow is dropped, or emptied, however it ends.

use std::path::PathBuf;

use super::refuse::Why;
use crate::engine::ledger::lock::LockError;
use crate::engine::migrations::body::BodyError;
use crate::engine::migrations::plan::PlanError;
use crate::engine::migrations::runner::Stopped;
use crate::engine::operation::OpenError;
use crate::engine::restore::RestoreError;
use crate::pg::error::{PgError, ServerError};
use crate::pg::lock::Holder;

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The file.
    pub path: PathBuf,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// The line, shortened around the place.
    pub line_text: String,
    /// What to print below it.
    pub caret: String,
}

/// Why there is no shadow, or nothing in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShadowError {
    /// A file or folder cannot be read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not UTF-8.
    #[error("{}:{line}: this is not UTF-8", path.display())]
    NotUtf8 {
        /// Which.
        path: PathBuf,
        /// From 1.
        line: u32,
    },
    /// A quote or comment is never closed.
    #[error("{}:{}: {source}", path.display(), line_of(source))]
    Lex {
        /// The file.
        path: PathBuf,
        /// What.
        source: BodyError,
    },
    /// A statement must not run in a shadow database.
    #[error("{}:{line}: `{verb}` {why}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: u32,
        /// The command.
        verb: String,
        /// Why.
        why: Why,
    },
    /// A statement names roles that the server lacks.
    #[error(
        "{}:{line}: the server has no role {}, and on a server that others use none is made for a comparison",
        path.display(),
        quoted(roles)
    )]
    Roles {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: u32,
        /// The roles.
        roles: Vec<String>,
    },
    /// Code of other roles would run, and no login can run it.
    #[error("building these definitions would run code of roles that are not superusers, {}; {why}", code.join(", "))]
    Guard {
        /// What would run, and whose it is.
        code: Vec<String>,
        /// Its owners.
        owners: Vec<String>,
        /// Why no login can.
        why: String,
    },
    /// A backup has rows alone.
    #[error("the backup {backup} has rows alone, and no schema")]
    NoSchema {
        /// The backup.
        backup: String,
    },
    /// A backup names roles that the server lacks.
    #[error(
        "the backup {backup} names roles that the server lacks ({}), and on a server that others use none is made for a \
         comparison",
        quoted(roles)
    )]
    BackupRoles {
        /// The backup.
        backup: String,
        /// The roles.
        roles: Vec<String>,
    },
    /// A statement failed, in whatever order they were tried.
    #[error("the schema does not load: {}:{}: {error}", at.path.display(), at.line)]
    Statement {
        /// Where.
        at: Box<Spot>,
        /// The statement's beginning.
        statement: String,
        /// Why.
        error: Box<ServerError>,
        /// How many other statements were left, most of them for want of this one.
        others: usize,
    },
    /// SHADOW_DATABASE_URL names a database that is another's.
    #[error("`{shadow}` is not used as a shadow database, which is emptied: it is {what}")]
    Configured {
        /// The shadow, without password.
        shadow: String,
        /// What else it is.
        what: String,
    },
    /// SHADOW_DATABASE_URL names a database that carries a mark.
    #[error("`{shadow}` is not used as a shadow database, which is emptied: it is marked `{mark}`")]
    Marked {
        /// The shadow, without password.
        shadow: String,
        /// The mark.
        mark: String,
    },
    /// Another run works in the database that SHADOW_DATABASE_URL names.
    #[error(
        "another run works in the shadow database `{database}`{}",
        holder.as_ref().map(|holder| format!(" ({holder})")).unwrap_or_default()
    )]
    Busy {
        /// Its name.
        database: String,
        /// Who.
        holder: Option<Box<Holder>>,
    },
    /// There is no server for it.
    #[error("there is no server for a shadow database: {why}")]
    NoPlace {
        /// Why each that was looked at is none.
        why: String,
    },
    /// The server's major version is another one.
    #[error(
        "the shadow database would be on PostgreSQL {found}, and the other side is on PostgreSQL {wanted}: what two major \
         versions make of the same SQL may differ"
    )]
    Version {
        /// That of the place.
        found: u32,
        /// That of the other side.
        wanted: u32,
    },
    /// A pooler by transaction stands between.
    #[error(
        "a connection pooler in transaction mode stands between pgkeel and `{database}`: it would hand the lock on the shadow \
         database to others"
    )]
    Pooler {
        /// The database.
        database: String,
    },
    /// A file of the migrations folder is in the way.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A migration failed.
    #[error(transparent)]
    Migrations(#[from] Stopped),
    /// The bookkeeping in the shadow was not to be had.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A backup could not be restored.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// The server said no.
    #[error(transparent)]
    Pg(#[from] PgError),
}

impl From<LockError> for ShadowError {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Pooler { database } => Self::Pooler { database },
            other => Self::Open(other.into()),
        }
    }
}

fn line_of(error: &BodyError) -> u32 {
    match error {
        BodyError::Lex(error) => error.line,
        BodyError::NotUtf8 { line, .. } => *line,
        BodyError::Read { .. } => 1,
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
