//! Brings tables of a backup back into the live database, from a copy beside it: a table that was dropped with all that
//! belongs to it, or the rows that one has lost. The backup's rows win; live rows that they replace are kept in a table.

mod apply;
mod known;
mod safe;
mod shape;
mod steps;

use std::collections::BTreeSet;

use serde::Serialize;

use super::RestoreError;
use super::beside::{Reading, count, family};
use crate::engine::catalog::id::qualified;
use crate::engine::operation::Opening;
use crate::engine::row_security::Forced;
use crate::engine::untrusted;
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

pub use apply::{Applied, Applying};
pub use known::known;
use shape::{Live, Wanted};
use steps::{Names, Step};

/// A table whose rows lie beside the live ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableBeside {
    /// Schema and name.
    pub table: String,
    /// Its rows in the backup.
    pub rows_there: i64,
    /// Its rows in the live database; `None` where it has no such table.
    pub rows_live: Option<i64>,
    /// What to type in a shell to bring the rows over.
    pub by_hand: Vec<String>,
    /// What was brought over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied: Option<Applied>,
    #[serde(skip)]
    work: Option<Work>,
}

/// What is to be done about one table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Work {
    wanted: Wanted,
    live: Option<Live>,
    names: Names,
    steps: Vec<Step>,
}

/// Compare tables of a copy with the live ones, and say how to bring them back. Each is `schema.table` or `table`, as it is
/// or as an SQL name.
///
/// # Errors
/// `NoTable`, `Pg`.
pub fn tables(copy: &Opening, live: &Opening, wanted: &[String]) -> Result<Vec<TableBeside>, RestoreError> {
    let (mut there, mut here) = (copy.connect()?, live.connect()?);
    let forced = Forced::of(&mut there)?;
    let untrusted = (untrusted::tables(&mut there)?, untrusted::tables(&mut here)?);
    for session in [&mut there, &mut here] {
        // A policy must not hide rows from the counts: then it is an error.
        session.query("SET row_security = off")?;
    }
    let mut all = Vec::new();
    for text in wanted {
        let wanted = shape::find(&mut there, text)?;
        let path = wanted.path();
        let own = [(wanted.schema.as_str(), wanted.name.as_str())];
        let reading = |untrusted: &BTreeSet<String>| match untrusted
            .contains(&qualified(&wanted.schema, &wanted.name))
        {
            true => Reading::Copy,
            false => Reading::Query,
        };
        let how = (reading(&untrusted.0), reading(&untrusted.1));
        let below = family(&mut there, &path)?;
        let rows_there = forced.read(&mut there, &own, |session| count(session, &path, &below, how.0))?;
        let found = shape::live(&mut here, &mut there, &wanted)?;
        let rows_live = match &found {
            None => None,
            // Where FORCE hides rows it is an error: lifting it would lock the live table.
            Some(_) => {
                let below = family(&mut here, &path)?;
                Some(count(&mut here, &path, &below, how.1)?)
            }
        };
        let names = Names {
            stage: free(&mut here, &wanted, "pgkeel_from_backup_")?,
            replaced: free(&mut here, &wanted, "pgkeel_replaced_")?,
        };
        let steps = steps::steps(&wanted, found.as_ref(), &names, rows_there);
        let by_hand = steps::by_hand(&steps, &copy.url, &live.url, &names.stage);
        all.push(TableBeside {
            table: format!("{}.{}", wanted.schema, wanted.name),
            rows_there,
            rows_live,
            by_hand,
            applied: None,
            work: Some(Work { wanted, live: found, names, steps }),
        });
    }
    Ok(all)
}

/// A name of a table that the schema does not have.
fn free(here: &mut Session, wanted: &Wanted, prefix: &str) -> Result<String, RestoreError> {
    for number in 1.. {
        let name = match number {
            1 => steps::short(prefix, &wanted.name),
            number => steps::short(&format!("{prefix}{number}_"), &wanted.name),
        };
        let path = format!("{}.{}", Ident::new(&wanted.schema), Ident::new(&name));
        let taken = here.catalog(&format!("SELECT to_regclass({}) IS NOT NULL", Literal(&path)))?;
        if taken.get(0, 0) != Some("t") {
            return Ok(name);
        }
    }
    unreachable!("the numbers do not end")
}
