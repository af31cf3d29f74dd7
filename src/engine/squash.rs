//! What a squashed migration must be equal in to those that it replaces, beyond the catalog: the rows that they leave; and which
//! of their statements still run at its end. It works in shadow databases alone.

use std::collections::BTreeMap;

use crate::engine::catalog::{Catalog, Id, Kind};
use crate::engine::migrations::squash::{Belongs, Data, reset};
use crate::engine::plan::Plan;
use crate::engine::proof::{ProofError, Way, apply};
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::session::Session;

/// What is in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    count: u64,
    /// A digest of the values of each column that no clock and no default fills.
    columns: BTreeMap<String, String>,
}

/// The tables that have rows, with what is in them.
///
/// # Errors
/// Where the connection itself fails. A table that cannot be read, as a foreign one without its server, counts as empty.
pub fn rows(session: &mut Session, catalog: &Catalog) -> Result<BTreeMap<Id, Rows>, PgError> {
    let mut all = BTreeMap::new();
    for fact in catalog.facts().iter().filter(|fact| fact.id.kind == Kind::Table) {
        let table = fact.id.path();
        let count = match session.query_value(&format!("SELECT pg_catalog.count(*) FROM {table}")) {
            Ok(count) => count.and_then(|count| count.parse().ok()).unwrap_or(0),
            Err(PgError::Server(_)) => 0,
            Err(error) => return Err(error),
        };
        if count == 0 {
            continue;
        }
        let mut columns = BTreeMap::new();
        for column in catalog.parts(&fact.id, Kind::Column).filter(|column| {
            let by_itself = ["identity", "generated"].iter().any(|what| column.get(what).is_some());
            let by_default =
                catalog.parts(&column.id, Kind::Default).any(|one| one.text("expression").contains('('));
            let by_clock = ["timestamp", "date", "time"].iter().any(|of| column.text("type").starts_with(of));
            !(by_itself || by_default || by_clock)
        }) {
            let name = Ident::new(&column.id.sub);
            let digest = session.query_value(&format!(
                "SELECT pg_catalog.md5(pg_catalog.string_agg(c, ',' ORDER BY c COLLATE \"C\")) \
                 FROM (SELECT coalesce({name}::text, '\\N') FROM {table}) t (c)"
            ));
            match digest {
                Ok(digest) => columns.insert(column.id.sub.clone(), digest.unwrap_or_default()),
                Err(PgError::Server(_)) => None,
                Err(error) => return Err(error),
            };
        }
        all.insert(fact.id.clone(), Rows { count, columns });
    }
    Ok(all)
}

/// In what the rows differ, in words.
pub fn differing(wanted: &BTreeMap<Id, Rows>, found: &BTreeMap<Id, Rows>) -> Vec<String> {
    let mut tables: Vec<&Id> = wanted.keys().chain(found.keys()).collect();
    tables.sort();
    tables.dedup();
    tables.into_iter().filter_map(|id| differs(id, wanted.get(id), found.get(id))).collect()
}

fn differs(id: &Id, wanted: Option<&Rows>, found: Option<&Rows>) -> Option<String> {
    let count = |rows: Option<&Rows>| rows.map_or(0, |rows| rows.count);
    if count(wanted) != count(found) {
        let rows = |count: u64| if count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
        return Some(format!("{} has {}, and {} before", id.path(), rows(count(found)), rows(count(wanted))));
    }
    let (wanted, found) = wanted.zip(found)?;
    let other = |(name, digest): &(&String, &String)| found.columns.get(*name) != Some(*digest);
    let columns: Vec<&str> =
        wanted.columns.iter().filter(|one| other(one)).map(|(name, _)| name.as_str()).collect();
    (!columns.is_empty()).then(|| format!("{} has other values in {}", id.path(), columns.join(", ")))
}

/// Try the statements that change rows on the last schema, in an empty database. For each of all: why it fails, if it does.
///
/// # Errors
/// `ProofError::Failed` where the plan itself fails, and where the connection does.
pub fn tried(session: &mut Session, plan: &Plan, all: &[Data]) -> Result<Vec<Option<String>>, ProofError> {
    apply(session, Way::Build, plan)?;
    session.query("BEGIN")?;
    let mut failed = Vec::with_capacity(all.len());
    for data in all {
        // What acts on more than this database is not for a shadow to try.
        if data.belongs != Belongs::Rows {
            failed.push(None);
            continue;
        }
        session.query("SAVEPOINT tried")?;
        let sets: String = data.sets.iter().map(|(set, _)| format!("{set};\n")).collect();
        let resets: String = data.sets.iter().map(|(_, name)| format!("{};\n", reset(name))).collect();
        match session.query(&format!("{sets}{};\n{resets}RELEASE tried", data.sql)) {
            Ok(_) => failed.push(None),
            Err(PgError::Server(error)) => {
                session.query("ROLLBACK TO tried")?;
                failed.push(Some(error.0.message.clone()));
            }
            Err(error) => return Err(error.into()),
        }
    }
    session.query("ROLLBACK")?;
    Ok(failed)
}
