//! The tables of a schema, and `table!`.

use std::collections::BTreeMap;

use crate::engine::catalog::{Catalog, Fact, Id, Kind};
use crate::engine::emit::Note;

use super::columns::Column;
use super::layout::Text;
use super::settings::{PUBLIC, Settings, Sorting};
use super::{HIDDEN, docs, names, types};

/// A table as Diesel sees it.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) sql: String,
    pub(super) rust: String,
    comment: Option<String>,
    /// SQL names of the primary key's columns, in its order.
    pub(super) key: Vec<String>,
    pub(super) columns: Vec<Column>,
    /// For each column of a foreign key into the same schema: the other table, the own column, the other.
    pub(super) references: Vec<[String; 3]>,
}

/// The tables that the settings ask for, sorted by name, and what is worth saying about them.
pub(super) fn chosen(catalog: &Catalog, settings: &Settings) -> (Vec<Table>, Vec<Note>) {
    let schema = settings.of_schema();
    let is_wanted = |fact: &&Fact| {
        let id = &fact.id;
        id.kind == Kind::Table
            && id.schema == schema
            && matches!(fact.text("type"), "TABLE" | "PARTITIONED TABLE")
            && !id.name.starts_with(HIDDEN)
            && settings.filter.takes(&id.name)
    };
    let parts = Parts::of(catalog, schema);
    let (mut tables, mut notes) = (Vec::new(), Vec::new());
    for fact in catalog.facts().iter().filter(is_wanted) {
        let Some(key) = parts.keys.get(fact.id.name.as_str()) else {
            notes.push(Note::NoPrimaryKey(fact.id.clone()));
            continue;
        };
        let rust = names::rust(&fact.id.name);
        let found = parts.columns.get(fact.id.name.as_str()).map(Vec::as_slice).unwrap_or_default();
        let columns: Vec<Column> = found.iter().map(|fact| Column::of(fact, &rust, settings)).collect();
        let arrays = columns.iter().filter(|column| column.is_varchar_array());
        notes.extend(arrays.map(|column| {
            Note::VarcharArray(Id::new(Kind::Column, &fact.id.schema, &fact.id.name, &column.sql))
        }));
        tables.push(Table {
            sql: fact.id.name.clone(),
            rust,
            comment: fact.get("comment").map(str::to_owned),
            key: key.clone(),
            columns: sorted(columns, settings.sorting),
            references: references(fact, schema),
        });
    }
    tables.sort_by(|a, b| a.sql.cmp(&b.sql));
    (tables, notes)
}

/// What belongs to the tables of a schema, by their names.
struct Parts<'a> {
    keys: BTreeMap<&'a str, Vec<String>>,
    /// In the order of the table.
    columns: BTreeMap<&'a str, Vec<&'a Fact>>,
}

impl<'a> Parts<'a> {
    fn of(catalog: &'a Catalog, schema: &str) -> Self {
        let mut parts = Self { keys: BTreeMap::new(), columns: BTreeMap::new() };
        for fact in catalog.facts().iter().filter(|fact| fact.id.schema == schema) {
            let table = fact.id.name.as_str();
            match fact.id.kind {
                Kind::Column => parts.columns.entry(table).or_default().push(fact),
                Kind::Constraint if fact.get("type") == Some("p") => {
                    parts.keys.insert(table, fact.lines("_columns").map(str::to_owned).collect());
                }
                _ => {}
            }
        }
        let position = |fact: &&Fact| fact.text("_position").parse::<i32>().unwrap_or_default();
        parts.columns.values_mut().for_each(|columns| columns.sort_by_key(position));
        parts
    }
}

fn sorted(mut columns: Vec<Column>, sorting: Sorting) -> Vec<Column> {
    if sorting == Sorting::Name {
        columns.sort_by(|a, b| a.sql.cmp(&b.sql));
    }
    columns
}

fn references(fact: &Fact, schema: &str) -> Vec<[String; 3]> {
    if fact.get("_foreign_keys").is_none() {
        return Vec::new();
    }
    let entries = fact.entries("_foreign_keys").into_iter();
    let one = |entry: Vec<String>| {
        let [of, table, own, other]: [String; 4] = entry.try_into().ok()?;
        (of == schema).then_some([table, own, other])
    };
    entries.filter_map(one).collect()
}

/// `table!`.
pub(super) fn write(text: &mut Text, table: &Table, settings: &Settings) {
    text.line("diesel::table! {");
    text.deeper();
    let imports = types::imports(table, settings);
    imports.iter().for_each(|import| text.line(&format!("use {import};")));
    text.blank();
    let (said, rust) = match settings.module().filter(|schema| *schema != PUBLIC) {
        Some(schema) => {
            (format!("{schema}.{}", table.sql), format!("{}.{}", names::rust(schema), table.rust))
        }
        None => (table.sql.clone(), table.rust.clone()),
    };
    let generated = [format!("Representation of the `{said}` table.")];
    docs::comment(text, settings.docs, table.comment.as_deref(), &generated);
    if table.rust != table.sql {
        text.line(&format!("#[sql_name = {}]", names::literal(&table.sql)));
    }
    let key: Vec<String> = table.key.iter().map(|column| names::column(column, &table.rust)).collect();
    text.line(&format!("{rust} ({}) {{", key.join(", ")));
    text.deeper();
    table.columns.iter().for_each(|column| column.write(text, &said, settings));
    text.shallower();
    text.line("}");
    text.shallower();
    text.line("}");
    text.blank();
}
