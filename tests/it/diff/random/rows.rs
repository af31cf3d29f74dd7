//! Rows in the tables of a model, as far as its constraints let them in, and how many there are afterwards.

use std::collections::BTreeMap;

use pgkeel::pg::session::Session;

use super::cx::{Cx, Family};
use super::model::{Fill, Id, Model, Parent, Table, TableKind, What};
use super::names::{literal, quoted};

impl Model {
    /// Statements that insert some rows; one that a constraint refuses changes nothing.
    pub(super) fn seeds(&self, major: u32) -> String {
        let mut sql = String::new();
        for (id, object) in &self.objects {
            let What::Table(table) = &object.what else { continue };
            if matches!(table.kind, TableKind::Foreign { .. })
                || matches!(table.parent, Parent::Partition { .. })
            {
                continue;
            }
            let rows = if matches!(table.kind, TableKind::Partitioned { .. }) { 6 } else { 3 };
            for row in 0..rows {
                if let Some(insert) = self.insert(*id, row, major) {
                    let caught = "EXCEPTION WHEN OTHERS THEN NULL; END";
                    sql += &format!("DO $seed_rows$ BEGIN {insert}; {caught} $seed_rows$;\n");
                }
            }
        }
        sql
    }

    fn insert(&self, table: Id, row: u8, major: u32) -> Option<String> {
        let cx = Cx::new(self, table, major);
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for column in self.columns(table) {
            if matches!(column.fill, Fill::Generated { .. } | Fill::Identity { .. } | Fill::Next(_)) {
                continue;
            }
            let value = match (self.is_partition_key(column.id), self.family(&column.ty)) {
                (true, Family::Text) => literal(&format!("p{row}")),
                (true, _) => (u16::from(row) * 100).to_string(),
                _ => cx.literal(&column.ty, row)?,
            };
            names.push(quoted(&column.name));
            values.push(value);
        }
        let into = cx.q(table)?;
        Some(match names.is_empty() {
            true => format!("INSERT INTO {into} DEFAULT VALUES"),
            false => format!("INSERT INTO {into} ({}) VALUES ({})", names.join(", "), values.join(", ")),
        })
    }

    /// The tables with rows of their own, by name.
    pub(super) fn with_rows(&self, major: u32) -> Vec<String> {
        let own = |table: &Table| matches!(table.kind, TableKind::Plain | TableKind::Unlogged);
        let tables = self
            .objects
            .iter()
            .filter(|(_, object)| matches!(&object.what, What::Table(table) if own(table)));
        tables.filter_map(|(id, _)| Cx::new(self, *id, major).q(*id)).collect()
    }
}

/// How many rows each of these tables has.
pub(super) fn counts(session: &mut Session, tables: &[String]) -> BTreeMap<String, String> {
    let sql: String = tables.iter().map(|table| format!("SELECT count(*) FROM ONLY {table};")).collect();
    if sql.is_empty() {
        return BTreeMap::new();
    }
    let counts = session.query(&sql).unwrap();
    let count = |rows: &pgkeel::pg::session::Rows| rows.get(0, 0).unwrap_or_default().to_owned();
    tables.iter().cloned().zip(counts.iter().map(count)).collect()
}
