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
            references: parts.references(fact),
        });
    }
    tables.sort_by(|a, b| a.sql.cmp(&b.sql));
    (tables, notes)
}

/// What belongs to the tables of a schema, by their names.
struct Parts<'a> {
    schema: &'a str,
    keys: BTreeMap<&'a str, Vec<String>>,
    /// In the order of the table.
    columns: BTreeMap<&'a str, Vec<&'a Fact>>,
}

impl<'a> Parts<'a> {
    fn of(catalog: &'a Catalog, schema: &'a str) -> Self {
        let mut parts = Self { schema, keys: BTreeMap::new(), columns: BTreeMap::new() };
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
        parts.columns.values_mut().for_each(|columns| columns.sort_by_key(|fact| position(fact)));
        parts
    }

    /// A table's column by its number.
    fn named(&self, table: &str, number: &str) -> Option<String> {
        let number: i32 = number.parse().ok()?;
        let mut columns = self.columns.get(table)?.iter();
        columns.find(|fact| position(fact) == number).map(|fact| fact.id.sub.clone())
    }

    /// For each column of a foreign key into the same schema: the other table, the own column, the other. Also of keys that
    /// PostgreSQL makes for partitions.
    fn references(&self, fact: &Fact) -> Vec<[String; 3]> {
        if fact.get("_foreign_keys").is_none() {
            return Vec::new();
        }
        let mut references = Vec::new();
        for entry in fact.entries("_foreign_keys") {
            let [schema, table, own, theirs] = entry.as_slice() else { continue };
            if schema != self.schema {
                continue;
            }
            for (own, their) in own.split(' ').zip(theirs.split(' ')) {
                let pair = self.named(&fact.id.name, own).zip(self.named(table, their));
                references.extend(pair.map(|(own, their)| [table.clone(), own, their]));
            }
        }
        references
    }
}

/// Where a column is in its table.
fn position(fact: &Fact) -> i32 {
    fact.text("_position").parse().unwrap_or_default()
}

fn sorted(mut columns: Vec<Column>, sorting: Sorting) -> Vec<Column> {
    if sorting == Sorting::Name {
        columns.sort_by(|a, b| a.sql.cmp(&b.sql));
    }
    columns
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
