//! Loads what was pulled into an empty database, in order, and compares: nobody gets a file that was not seen to work.

use std::path::Path;

use crate::engine::catalog::read::{ReadError, read};
use crate::engine::catalog::{Catalog, Id, Scope};
use crate::engine::shadow::files::SqlFile;
use crate::engine::shadow::{Shadow, ShadowError};
use crate::pg::error::{PgError, PgFailure};

/// Why a pulled file is not proved.
#[derive(Debug, thiserror::Error)]
pub enum Unproved {
    /// It does not load, which is our fault.
    #[error("what was pulled does not load into an empty database")]
    Loads(#[source] ShadowError),
    /// It makes another catalog, which is our fault.
    #[error("what was pulled makes another catalog in an empty database: {0}")]
    Differs(String),
    /// It cannot be tried there: for want of a right, a role, an extension.
    #[error("{0}")]
    CannotTry(String),
    /// The catalog cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The server said no.
    #[error(transparent)]
    Pg(#[from] PgError),
}

/// What the file has to make.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// The catalog.
    pub catalog: &'a Catalog,
    /// What of it.
    pub scope: Scope,
    /// But for this, which people have to complete.
    pub by_hand: &'a [(Id, String)],
    /// The name of our own schema.
    pub bookkeeping: &'a str,
}

/// How many differences are named.
const NAMED: usize = 5;

/// Prove the file in an empty shadow database, which is of no use afterwards.
///
/// # Errors
/// See `Unproved`.
pub fn prove(shadow: &Shadow, (text, path): (&str, &Path), wanted: &Wanted<'_>) -> Result<(), Unproved> {
    let file = SqlFile { path: path.to_owned(), text: text.to_owned() };
    let left_out = match shadow.load_in_order(&file) {
        Ok(left_out) => left_out,
        Err(ShadowError::Pg(error)) => return Err(error.into()),
        Err(error) if is_place(&error) => return Err(Unproved::CannotTry(said(&error))),
        Err(error) => return Err(Unproved::Loads(error)),
    };
    if let Some(one) = left_out.first() {
        return Err(Unproved::CannotTry(one.to_string()));
    }
    let Wanted { catalog, scope, by_hand, bookkeeping } = wanted;
    let mut found = read(&mut shadow.connect()?, bookkeeping)?.as_of(catalog.server);
    if let Some(guard) = shadow.guarded() {
        found = guard.as_ours(&found, *scope, &[catalog]);
    }
    let mut differences = found.differences(catalog, scope);
    differences.retain(|difference| !by_hand.iter().any(|(id, _)| id == difference.id()));
    if differences.is_empty() {
        return Ok(());
    }
    let mut names: Vec<String> =
        differences.iter().take(NAMED).map(|difference| difference.id().to_string()).collect();
    if differences.len() > NAMED {
        names.push(format!("and {} more", differences.len() - NAMED));
    }
    Err(Unproved::Differs(names.join(", ")))
}

/// Whether it is for the place that it fails, and not for the file.
fn is_place(error: &ShadowError) -> bool {
    match error {
        ShadowError::Roles { .. } | ShadowError::Refused { .. } => true,
        ShadowError::Statement { statement, error, .. } => {
            let extension = statement.trim_start().starts_with("CREATE EXTENSION");
            extension || error.failure() == PgFailure::NoPrivilege
        }
        _ => false,
    }
}

fn said(error: &ShadowError) -> String {
    match error {
        ShadowError::Statement { at, error, .. } => format!("line {}: {}", at.line, error.0.message),
        other => other.to_string(),
    }
}
