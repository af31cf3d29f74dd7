//! What a squashed migration must be equal in to those that it replaces, beyond the catalog: how many rows they leave. It reads
//! a database, and writes nothing.

use std::collections::BTreeMap;

use crate::engine::catalog::{Catalog, Id, Kind};
use crate::pg::error::PgError;
use crate::pg::session::Session;

/// How many rows each table has that has any.
///
/// # Errors
/// Where the connection itself fails. A table that cannot be read, as a foreign one without its server, counts as empty.
pub fn rows(session: &mut Session, catalog: &Catalog) -> Result<BTreeMap<Id, u64>, PgError> {
    let mut all = BTreeMap::new();
    for fact in catalog.facts().iter().filter(|fact| fact.id.kind == Kind::Table) {
        let counted =
            match session.query_value(&format!("SELECT pg_catalog.count(*) FROM {}", fact.id.path())) {
                Ok(counted) => counted.and_then(|count| count.parse().ok()).unwrap_or(0),
                Err(PgError::Server(_)) => 0,
                Err(error) => return Err(error),
            };
        if counted > 0 {
            all.insert(fact.id.clone(), counted);
        }
    }
    Ok(all)
}

/// The tables in which the two differ, in words.
pub fn differing(wanted: &BTreeMap<Id, u64>, found: &BTreeMap<Id, u64>) -> Vec<String> {
    let mut tables: Vec<&Id> = wanted.keys().chain(found.keys()).collect();
    tables.sort();
    tables.dedup();
    let count = |all: &BTreeMap<Id, u64>, id: &Id| all.get(id).copied().unwrap_or(0);
    let differ = tables.into_iter().filter(|id| count(wanted, id) != count(found, id));
    differ
        .map(|id| format!("{} has {} rows, and {} before", id.path(), count(found, id), count(wanted, id)))
        .collect()
}
