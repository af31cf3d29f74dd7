//! Names of the database that Rust cannot tell apart, or cannot hold. The text is what Diesel would write all the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::catalog::{Id, Kind, id::qualified};
use crate::engine::emit::Note;

use super::settings::Settings;
use super::tables::Table;
use super::{names, types};

/// What to say about the names of these tables.
pub(super) fn notes(tables: &[Table], settings: &Settings) -> Vec<Note> {
    let mut notes = Vec::new();
    let schema = settings.of_schema();
    let written = names::rust(schema);
    if settings.module().is_some() && written != schema {
        notes.push(Note::Schema { name: schema.to_owned(), written });
    }
    let table = |table: &Table| Id::new(Kind::Table, schema, &table.sql, "").to_string();
    notes.extend(alike(tables.iter().map(|one| (one.rust.as_str(), table(one)))));
    for of in tables {
        let column = |sql: &str| Id::new(Kind::Column, schema, &of.sql, sql).to_string();
        notes.extend(alike(of.columns.iter().map(|one| (one.rust.as_str(), column(&one.sql)))));
    }
    let custom = tables.iter().flat_map(|table| types::custom(table, settings));
    notes.extend(alike(custom.map(|ty| {
        let schema = ty.schema.as_deref().unwrap_or("pg_catalog");
        (ty.rust.as_str(), format!("type {}", qualified(schema, &ty.sql)))
    })));
    notes
}

fn alike<'a>(all: impl Iterator<Item = (&'a str, String)>) -> Vec<Note> {
    let mut by_rust: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (rust, name) in all {
        by_rust.entry(rust).or_default().insert(name);
    }
    let several = by_rust.into_iter().filter(|(_, names)| names.len() > 1);
    several
        .map(|(rust, names)| Note::OneName { names: names.into_iter().collect(), written: rust.to_owned() })
        .collect()
}
