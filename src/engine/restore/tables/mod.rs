//! Brings tables of a backup back into the live database, from a copy beside it: a table that was dropped with all that
//! belongs to it, or the rows that one has lost. The backup's rows win; live rows that they replace are kept in a table.

mod apply;
mod choose;
mod create;
mod dependents;
mod fit;
mod known;
mod merge;
mod safe;
mod shape;
mod steps;
mod transaction;

use std::collections::BTreeSet;

use serde::Serialize;

use super::RestoreError;
use super::beside::{Reading, alone, count, family};
use super::error::Obstacle;
use super::source::Source;
use crate::engine::backup::manifest::Scope;
use crate::engine::catalog::id::qualified;
use crate::engine::operation::Opening;
use crate::engine::row_security::Forced;
use crate::engine::untrusted;
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
use crate::pg::session::Session;
use crate::pg::shell;

pub use apply::{Applied, Applying};
pub use known::known;
use shape::{Key, Live, Wanted};
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
    /// Why it cannot be brought over.
    #[serde(skip)]
    obstacles: Vec<Obstacle>,
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
/// `NoTable`, `Refused` where the source has no rows of one, `Source`, `Pg`.
pub fn tables(
    source: &Source,
    copy: &Opening,
    live: &Opening,
    texts: &[String],
) -> Result<Vec<TableBeside>, RestoreError> {
    let (mut there, mut here) = (copy.connect()?, live.connect()?);
    let forced = Forced::of(&mut there)?;
    let untrusted = (untrusted::tables(&mut there)?, untrusted::tables(&mut here)?);
    for session in [&mut there, &mut here] {
        // A policy must not hide rows from the counts: then it is an error.
        session.query("SET row_security = off")?;
    }
    let mut found = Vec::new();
    for wanted in choose::choose(&mut there, &mut here, texts)? {
        let live = shape::live(&mut here, &mut there, &wanted)?;
        found.push((wanted, live));
    }
    let created: BTreeSet<String> = found
        .iter()
        .filter(|(_, live)| live.is_none())
        .flat_map(|(wanted, _)| wanted.family.clone())
        .collect();
    let mut all = Vec::new();
    for (mut wanted, found) in found {
        let reading = |untrusted: &BTreeSet<String>| match untrusted
            .contains(&qualified(&wanted.schema, &wanted.name))
        {
            true => Reading::Copy,
            false => Reading::Query,
        };
        let how = (reading(&untrusted.0), reading(&untrusted.1));
        let own = [(wanted.schema.as_str(), wanted.name.as_str())];
        let path = wanted.path();
        let below =
            forced.read(&mut there, &own, |session| counted(session, &path, wanted.is_root, how.0))?;
        let mut rows_there = below;
        for lost in &wanted.without {
            rows_there -= counted(&mut there, lost, true, how.0)?;
        }
        let rows_live = match &found {
            None => None,
            // Where FORCE hides rows it is an error: lifting it would lock the live table.
            Some(live) => Some(counted(&mut here, &path, live.is_root, how.1)?),
        };
        if rows_there == 0 && !holds_rows_of(source, &mut there, &wanted, &live.interrupt)? {
            return Err(RestoreError::Refused(vec![Obstacle::new(
                format!("`{}` has no rows of {}", source.name(), wanted.tidy()),
                "choose a backup that has them: `pgkeel restore --list`",
            )]));
        }
        let names = Names {
            stage: free(&mut here, &wanted, "pgkeel_from_backup_")?,
            replaced: free(&mut here, &wanted, "pgkeel_replaced_")?,
        };
        if found.is_none() {
            let mut parts = Vec::new();
            for part in std::mem::take(&mut wanted.parts) {
                // A sequence of another table stays as it is.
                if !part.is_sequence || !exists(&mut here, &part.path)? {
                    parts.push(part);
                }
            }
            wanted.parts = parts;
        }
        let mut obstacles = Vec::new();
        wanted.attach = wanted.attach.take().filter(|_| found.is_none());
        if let Some((parent, _)) = &wanted.attach
            && !exists(&mut here, parent)?
        {
            obstacles.push(Obstacle::new(
                format!(
                    "{} is a partition of {parent}, which the live database does not have",
                    wanted.tidy()
                ),
                format!("bring that back, with all of its partitions: `--tables {}`", shell::word(parent)),
            ));
        }
        let outside: Vec<Key> =
            wanted.keys.iter().filter(|key| !created.contains(&key.to_oid)).cloned().collect();
        obstacles.extend(fit::in_the_way(&mut here, &mut there, &wanted, found.as_ref())?);
        obstacles.extend(found.iter().flat_map(|live| fit::misfits(&wanted, live)));
        let steps = steps::steps(&wanted, found.as_ref(), &names, rows_there, &outside);
        let by_hand = steps::by_hand(&steps, &copy.url, &live.url, &names.stage);
        all.push(TableBeside {
            table: format!("{}.{}", wanted.schema, wanted.name),
            rows_there,
            rows_live,
            by_hand,
            applied: None,
            obstacles,
            work: Some(Work { wanted, live: found, names, steps }),
        });
    }
    Ok(all)
}

/// The rows of a table: with those of its partitions, without those of tables that inherit from it.
fn counted(session: &mut Session, path: &str, is_root: bool, how: Reading) -> Result<i64, PgError> {
    if is_root {
        let below = family(session, path)?;
        return count(session, path, &below, how);
    }
    let below = alone(session, path)?;
    count(session, &format!("ONLY {path}"), &below, how)
}

/// Whether the source says what rows the table has, even if there are none.
fn holds_rows_of(
    source: &Source,
    there: &mut Session,
    wanted: &Wanted,
    interrupt: &Interrupt,
) -> Result<bool, RestoreError> {
    if let Some(manifest) = source.manifest() {
        return Ok(manifest.scope != Scope::Schema);
    }
    let expected = source.read(interrupt)?;
    let rows = there.catalog(&format!(
        "SELECT nspname, relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace \
         WHERE c.oid IN ({0}) OR c.oid = pg_partition_root({1}::oid)",
        wanted.family.join(", "),
        wanted.oid
    ))?;
    let cell = |row, column| rows.get(row, column).unwrap_or_default().to_owned();
    Ok((0..rows.rows.len()).any(|row| expected.holds.contains(&(cell(row, 0), cell(row, 1)))))
}

fn exists(here: &mut Session, path: &str) -> Result<bool, PgError> {
    let found = here.catalog(&format!("SELECT to_regclass({}) IS NOT NULL", Literal(path)))?;
    Ok(found.get(0, 0) == Some("t"))
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
