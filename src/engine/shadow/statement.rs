//! A file of a schema, taken apart: every statement with its place, and what is to be done with it on this server.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::engine::migrations::body::BodyError;
use crate::pg::error::PgError;
use crate::pg::session::Session;
use crate::pg::statements::{Statement, Transaction, split};

use super::ShadowError;
use super::files::SqlFile;
use super::refuse::{Judgement, Server, Why, judge};
use super::roles::{make, missing};

/// A statement that was not run, because nothing of it is in a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The file.
    pub path: PathBuf,
    /// From 1.
    pub line: u32,
    /// The command.
    pub verb: String,
}

impl std::fmt::Display for LeftOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: `{}` was left out: no schema holds it", self.path.display(), self.line, self.verb)
    }
}

/// A statement that is to run.
#[derive(Debug, Clone)]
pub(super) struct Runs {
    pub(super) statement: Statement,
    /// Its text.
    pub(super) sql: String,
    /// It changes the session: it belongs before what follows it, whenever that runs.
    pub(super) sets: bool,
}

impl Runs {
    /// Whether it can be in a transaction.
    pub(super) fn is_alone(&self) -> bool {
        self.statement.facts.transaction == Transaction::Forbidden
    }
}

/// A file that is to be loaded.
#[derive(Debug)]
pub(super) struct Script<'a> {
    pub(super) file: &'a SqlFile,
    pub(super) statements: Vec<Runs>,
}

/// Take all files apart. Roles that they create are made on a server of our own, where they are missing.
///
/// # Errors
/// `Lex`, `Refused`, `Pg`.
pub(super) fn scripts<'a>(
    files: &'a [SqlFile],
    server: Server,
    session: &mut Session,
    left_out: &mut Vec<LeftOut>,
) -> Result<Vec<Script<'a>>, ShadowError> {
    let mut scripts = Vec::new();
    for file in files {
        let statements = split(&file.text)
            .map_err(|error| ShadowError::Lex { path: file.path.clone(), source: BodyError::Lex(error) })?;
        let mut script = Script { file, statements: Vec::new() };
        for statement in statements {
            let sql = &file.text[statement.body.clone()];
            if statement.is_empty() && statement.meta_command.is_none() {
                continue;
            }
            if !runs(&statement, sql, &file.path, server, session, left_out)? {
                continue;
            }
            let sets = statement.facts.sets.is_some() || is_set_config(sql);
            script.statements.push(Runs { sql: sql.to_owned(), sets, statement });
        }
        scripts.push(script);
    }
    Ok(scripts)
}

/// Whether a statement is to run.
///
/// # Errors
/// `Refused`, `Pg`.
pub(super) fn runs(
    statement: &Statement,
    sql: &str,
    path: &Path,
    server: Server,
    session: &mut Session,
    left_out: &mut Vec<LeftOut>,
) -> Result<bool, ShadowError> {
    let verb = match &statement.meta_command {
        Some(command) => command.clone(),
        None => statement.facts.verb.clone(),
    };
    let refused =
        |why| ShadowError::Refused { path: path.to_owned(), line: statement.line, verb: verb.clone(), why };
    match judge(statement, sql) {
        Judgement::Run => return Ok(true),
        Judgement::Bracket => return Ok(false),
        Judgement::Refuse(why) => return Err(refused(why)),
        Judgement::LeaveOut if statement.meta_command.is_some() => return Ok(false),
        Judgement::LeaveOut => {}
        Judgement::Roles if server == Server::Shared => return Err(refused(Why::Roles)),
        Judgement::Roles => {}
        Judgement::CreatesRole(role) => {
            let missing = missing(session, &BTreeSet::from([role]))?;
            match server {
                // What a role may do is no part of a schema: that there is one is enough.
                Server::Private => make(session, &missing)?,
                Server::Shared if missing.is_empty() => {}
                Server::Shared => return Err(refused(Why::Roles)),
            }
        }
    }
    left_out.push(LeftOut { path: path.to_owned(), line: statement.line, verb });
    Ok(false)
}

/// `SELECT pg_catalog.set_config('search_path', '', false);`, with which pg_dump's scripts begin.
fn is_set_config(sql: &str) -> bool {
    let words = crate::pg::statements::tokens(sql);
    let words: Vec<&str> =
        words.iter().copied().filter(|token| !matches!(*token, "pg_catalog" | ".")).collect();
    words.len() > 2 && words[0].eq_ignore_ascii_case("select") && words[1].eq_ignore_ascii_case("set_config")
}

/// Whether making roles for what failed could help: those that the statement names and the server lacks.
///
/// # Errors
/// `Pg`.
pub(super) fn lacking(sql: &str, session: &mut Session) -> Result<Vec<String>, PgError> {
    missing(session, &super::roles::named(sql))
}
