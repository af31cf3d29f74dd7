//! What a squashed migration must be equal in to those that it replaces, beyond the catalog: the rows that they leave; and which
//! of their statements still run at its end. It works in shadow databases alone.

use std::collections::BTreeMap;

use crate::engine::catalog::{Catalog, Fact, Id, Kind};
use crate::engine::migrations::squash::{Belongs, Data, reset};
use crate::engine::plan::Plan;
use crate::engine::proof::{ProofError, Way, apply, value_of};
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::session::Session;

/// What is in a table, a materialized view or a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    count: u64,
    /// A digest of all rows, each as a whole.
    whole: Option<String>,
    /// One of the values of each column.
    columns: BTreeMap<String, String>,
}

/// The tables and materialized views that have rows, with what is in them, and where sequences stand.
///
/// # Errors
/// Where the connection itself fails. A table that cannot be read, as a foreign one without its server, counts as empty.
pub fn rows(session: &mut Session, catalog: &Catalog) -> Result<BTreeMap<Id, Rows>, PgError> {
    let mut all = BTreeMap::new();
    for fact in catalog.facts() {
        let path = fact.id.path();
        if fact.id.kind == Kind::Sequence {
            let at = session.query_value(&format!(
                "SELECT pg_catalog.concat_ws(' ', last_value, is_called) FROM {path}"
            ))?;
            all.insert(fact.id.clone(), Rows { count: 1, whole: at, columns: BTreeMap::new() });
        }
        if !matches!(fact.id.kind, Kind::Table | Kind::MaterializedView) {
            continue;
        }
        let count = match value_of(session, &fact.id, &format!("SELECT pg_catalog.count(*) FROM {path}")) {
            Ok(count) => count.and_then(|count| count.parse().ok()).unwrap_or(0),
            Err(PgError::Server(_)) => 0,
            Err(error) => return Err(error),
        };
        if count == 0 {
            continue;
        }
        let columns: Vec<(String, String)> = catalog
            .parts(&fact.id, Kind::Column)
            .filter_map(|column| Some((column.id.sub.clone(), steady(catalog, column)?)))
            .collect();
        let mut digest = |value: &str| -> Result<Option<String>, PgError> {
            let sql = format!(
                "SELECT pg_catalog.md5(pg_catalog.string_agg(v, ',' ORDER BY v COLLATE pg_catalog.\"C\")) \
                 FROM (SELECT {value} FROM {path}) t (v)"
            );
            match value_of(session, &fact.id, &sql) {
                Err(PgError::Server(_)) => Ok(None),
                digest => digest,
            }
        };
        let row: Vec<String> = columns
            .iter()
            .map(|(_, value)| format!("coalesce(pg_catalog.quote_literal({value}), '-')"))
            .collect();
        let whole = match row.is_empty() {
            true => None,
            false => digest(&row.join(" OPERATOR(pg_catalog.||) ',' OPERATOR(pg_catalog.||) "))?,
        };
        let mut each = BTreeMap::new();
        for (name, value) in &columns {
            each.extend(digest(&format!("coalesce({value}, '\\N')"))?.map(|digest| (name.clone(), digest)));
        }
        all.insert(fact.id.clone(), Rows { count, whole, columns: each });
    }
    Ok(all)
}

/// The value of a column as text, but for what is another one each time: keys by chance, and the time of the run.
fn steady(catalog: &Catalog, column: &Fact) -> Option<String> {
    let (name, of) = (Ident::new(&column.id.sub), column.text("type"));
    let is_called = |word: &str| {
        catalog.parts(&column.id, Kind::Default).any(|one| one.text("expression").contains(word))
    };
    if ["random", "uuid"].iter().any(|word| is_called(word)) || of.starts_with("time ") && is_called("(") {
        return None;
    }
    let is_clock = of == "date" || of.starts_with("timestamp");
    Some(match is_clock && !of.ends_with("[]") {
        true => format!(
            "CASE WHEN {name}::pg_catalog.timestamptz \
             OPERATOR(pg_catalog.>) (pg_catalog.now() OPERATOR(pg_catalog.-) interval '1 day') \
             AND {name}::pg_catalog.timestamptz \
             OPERATOR(pg_catalog.<) (pg_catalog.now() OPERATOR(pg_catalog.+) interval '1 day') \
             THEN 'now' ELSE {name}::pg_catalog.text END"
        ),
        false => format!("{name}::pg_catalog.text"),
    })
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
    match () {
        () if !columns.is_empty() => {
            Some(format!("{} has other values in {}", id.path(), columns.join(", ")))
        }
        () if wanted.whole != found.whole && id.kind == Kind::Sequence => {
            Some(format!("the sequence {} stands elsewhere", id.path()))
        }
        () if wanted.whole != found.whole => Some(format!("{} has other rows of the same values", id.path())),
        () => None,
    }
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
