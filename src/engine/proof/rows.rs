//! Rows for a schema that nobody has data of: two to a table, by the types of its columns. What constraints refuse is tried
//! again after other tables have theirs, and then left empty.

use std::collections::BTreeMap;

use crate::engine::catalog::{Catalog, Fact, Id, Kind};
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::session::{Rows, Session};

/// What was put in.
pub(super) struct Seeded {
    /// Rows by table.
    pub(super) rows: BTreeMap<Id, u64>,
    /// Tables that refused.
    pub(super) empty: Vec<String>,
}

/// Put rows into every table that takes them.
pub(super) fn seed(
    session: &mut Session,
    catalog: &Catalog,
    may_be_null: &dyn Fn(&Fact) -> bool,
) -> Result<Seeded, PgError> {
    let is_table = |fact: &&Fact| fact.id.kind == Kind::Table && fact.text("type") == "TABLE";
    let mut left: Vec<&Fact> = catalog.facts().iter().filter(is_table).collect();
    let all: Vec<Id> = left.iter().map(|fact| fact.id.clone()).collect();
    loop {
        let before = left.len();
        let mut refused = Vec::new();
        for table in left {
            if !try_rows(session, catalog, table, may_be_null)? {
                refused.push(table);
            }
        }
        left = refused;
        if left.is_empty() || left.len() == before {
            break;
        }
    }
    let empty = left.iter().map(|fact| fact.id.path()).collect();
    // Triggers and rules may have put rows elsewhere, or none: what is there counts.
    let mut rows = BTreeMap::new();
    for id in all {
        let count = count(session, catalog, &id)?;
        rows.insert(id, count);
    }
    Ok(Seeded { rows, empty })
}

/// Whether there is a table of this name at the moment.
pub(super) fn is_there(session: &mut Session, table: &Id) -> Result<bool, PgError> {
    let name = crate::pg::literal::Literal(&table.path()).to_string();
    Ok(session.query_value(&format!("SELECT pg_catalog.to_regclass({name})"))?.is_some())
}

/// Empty a table, with those that refer to it.
pub(super) fn clear(session: &mut Session, table: &Id) -> Result<(), PgError> {
    session.query(&format!("TRUNCATE {} CASCADE", table.path())).map(drop)
}

/// Empty every table.
pub(super) fn clear_all(session: &mut Session) -> Result<(), PgError> {
    let tables = session.query_value(
        "SELECT pg_catalog.string_agg(pg_catalog.format('%I.%I', n.nspname, c.relname), ', ') \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
         WHERE c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p}'::pg_catalog.\"char\"[]) \
         AND n.nspname OPERATOR(pg_catalog.<>) 'information_schema'::pg_catalog.name \
         AND n.nspname OPERATOR(pg_catalog.!~) '^pg_' AND pg_catalog.pg_has_role(c.relowner, 'USAGE')",
    )?;
    match tables {
        Some(tables) => session.query(&format!("TRUNCATE {tables} CASCADE")).map(drop),
        None => Ok(()),
    }
}

/// How many rows a table has: those of its partitions are its own, those of its children are not.
pub(super) fn count(session: &mut Session, catalog: &Catalog, table: &Id) -> Result<u64, PgError> {
    let is_plain = catalog.fact(table).is_some_and(|fact| fact.text("type") == "TABLE");
    let only = if is_plain { "ONLY " } else { "" };
    let sql = format!("SELECT pg_catalog.count(*) FROM {only}{}", table.path());
    Ok(value_of(session, table, &sql)?.and_then(|count| count.parse().ok()).unwrap_or_default())
}

/// What a query says about all rows of a table of which we are the owner, in a database that is thrown away.
///
/// # Errors
/// What the server says.
pub fn value_of(session: &mut Session, table: &Id, sql: &str) -> Result<Option<String>, PgError> {
    let rows = unforced(session, table, sql)?;
    Ok(rows.iter().find(|rows| !rows.columns.is_empty()).and_then(|rows| rows.get(0, 0)).map(str::to_owned))
}

/// Run a statement about every row of a table. With FORCE ROW LEVEL SECURITY, policies apply to its owner too, which we are
/// here: the statement then runs in one transaction between NO FORCE and FORCE.
fn unforced(session: &mut Session, table: &Id, sql: &str) -> Result<Vec<Rows>, PgError> {
    match session.query(sql) {
        Err(error) if error.failure() == PgFailure::NoPrivilege => {
            let alter = format!("ALTER TABLE {}", table.path());
            session.query(&format!(
                "{alter} NO FORCE ROW LEVEL SECURITY; {sql}; SET CONSTRAINTS ALL IMMEDIATE; \
                 {alter} FORCE ROW LEVEL SECURITY"
            ))
        }
        ended => ended,
    }
}

/// Whether at least one row went in.
fn try_rows(
    session: &mut Session,
    catalog: &Catalog,
    table: &Fact,
    may_be_null: &dyn Fn(&Fact) -> bool,
) -> Result<bool, PgError> {
    let columns: Vec<&Fact> =
        catalog.parts(&table.id, Kind::Column).filter(|column| column.get("generated").is_none()).collect();
    let mut taken = false;
    for sample in 0..2 {
        let names: Vec<String> =
            columns.iter().map(|column| Ident::new(&column.id.sub).to_string()).collect();
        // What a plan does to NULLs is to be seen, too.
        let of = |column: &&Fact| match sample == 1 && may_be_null(column) {
            true => "NULL".to_owned(),
            false => value(catalog, column, sample),
        };
        let values: Vec<String> = columns.iter().map(of).collect();
        let target = format!("INSERT INTO {}", table.id.path());
        let whole = match names.is_empty() {
            true => format!("{target} DEFAULT VALUES"),
            false => {
                format!(
                    "{target} ({}) OVERRIDING SYSTEM VALUE VALUES ({})",
                    names.join(", "),
                    values.join(", ")
                )
            }
        };
        for sql in [whole, format!("{target} DEFAULT VALUES")] {
            match unforced(session, &table.id, &sql) {
                Ok(_) => {
                    taken = true;
                    break;
                }
                Err(PgError::Server(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(taken)
}

/// A value of a column's type; the same for the same type, so that foreign keys find what they refer to.
fn value(catalog: &Catalog, column: &Fact, sample: usize) -> String {
    let name = column.text("type");
    let plain = match name.strip_suffix("[]") {
        Some(_) => return format!("'{{}}'::{name}"),
        None => name.split('(').next().unwrap_or(name),
    };
    let pick = |values: [&str; 2]| format!("'{}'::{name}", values[sample]);
    match plain {
        "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision" => pick(["1", "2"]),
        "text" | "character varying" | "character" | "citext" | "public.citext" => pick(["a", "b"]),
        "boolean" => pick(["true", "false"]),
        "date" => pick(["2020-01-01", "2020-01-02"]),
        "uuid" => pick(["00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"]),
        "json" | "jsonb" => pick(["{}", "[]"]),
        "bytea" => pick(["\\x01", "\\x02"]),
        "interval" => pick(["1 day", "2 days"]),
        "inet" | "cidr" => pick(["10.0.0.1", "10.0.0.2"]),
        _ if plain.starts_with("timestamp") => pick(["2020-01-01 00:00:00", "2020-01-02 00:00:00"]),
        _ if plain.starts_with("time") => pick(["00:00:01", "00:00:02"]),
        _ => {
            let labels = catalog.hosts(&column.id, Kind::Enum).next().map(|of| of.text("labels").to_owned());
            let label = labels.as_deref().and_then(|labels| labels.lines().next());
            match label {
                Some(label) => format!("'{}'::{name}", label.replace('\'', "''")),
                None => "DEFAULT".to_owned(),
            }
        }
    }
}
