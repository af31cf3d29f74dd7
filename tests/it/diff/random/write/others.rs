//! Publications, foreign data, default privileges.

use super::super::cx::Family;
use super::super::model::{Id, Object, Parent, Publication, Published, TableKind, What};
use super::super::names::{literal, quoted, role, text};
use super::Writer;

impl Writer<'_> {
    pub(super) fn publication(&mut self, object: &Object, publication: &Publication) -> Option<()> {
        let mut sql = format!("CREATE PUBLICATION {}", quoted(&object.name));
        if publication.all {
            sql += " FOR ALL TABLES";
        } else {
            let mut parts = Vec::new();
            let schemas = self.cx.major >= 15 && !publication.schemas.is_empty();
            for table in &publication.tables {
                parts.push(self.published(table, schemas)?);
            }
            if schemas {
                for schema in &publication.schemas {
                    parts.push(format!("TABLES IN SCHEMA {}", self.cx.q(*schema)?));
                }
            }
            if !parts.is_empty() {
                sql += &format!(" FOR {}", parts.join(", "));
            }
        }
        let operations = match publication.operations % 4 {
            0 => "insert, update, delete, truncate",
            1 => "insert",
            2 => "insert, update",
            _ => "delete, truncate",
        };
        let root = if publication.root { ", publish_via_partition_root = true" } else { "" };
        self.push(format!("{sql} WITH (publish = '{operations}'{root})"));
        Some(())
    }

    fn published(&self, published: &Published, schemas: bool) -> Option<String> {
        let table = self.cx.table(published.table)?;
        if !matches!(table.kind, TableKind::Plain | TableKind::Partitioned { .. }) {
            return None;
        }
        let mut sql = format!("TABLE {}", self.cx.q(published.table)?);
        let simple = table.kind == TableKind::Plain && table.parent == Parent::None && self.cx.major >= 15;
        if !simple || self.cx.model.children(published.table).next().is_some() {
            return Some(sql);
        }
        if !published.columns.is_empty() && !schemas {
            sql += &format!(" ({})", self.cx.column_list(published.table, &published.columns)?);
        }
        if let Some(filter) = &published.filter {
            let column = self.cx.column(published.table, filter.column)?;
            let plain = matches!(column.ty, super::super::model::Ty::Base(_));
            if plain && matches!(self.cx.model.family(&column.ty), Family::Number | Family::Bool) {
                let condition = self.cx.condition(&quoted(&column.name), &column.ty, filter.how)?;
                sql += &format!(" WHERE ({condition})");
            }
        }
        Some(sql)
    }

    pub(super) fn wrapper(&mut self, object: &Object, option: u8) -> Option<()> {
        let sql = format!("CREATE FOREIGN DATA WRAPPER {}{}", quoted(&object.name), options(option));
        self.push(sql);
        Some(())
    }

    pub(super) fn server(&mut self, object: &Object, wrapper: Id, option: u8) -> Option<()> {
        if !matches!(self.cx.object(wrapper)?.what, What::Wrapper { .. }) {
            return None;
        }
        let version = if option % 2 == 1 { " TYPE 'it''s' VERSION '1'" } else { "" };
        let name = quoted(&object.name);
        let wrapper = self.cx.q(wrapper)?;
        self.push(format!("CREATE SERVER {name}{version} FOREIGN DATA WRAPPER {wrapper}{}", options(option)));
        Some(())
    }

    pub(super) fn mapping(&mut self, server: Id, to: u8, option: u8) -> Option<()> {
        if !matches!(self.cx.object(server)?.what, What::Server { .. }) {
            return None;
        }
        let server = self.cx.q(server)?;
        self.push(format!("CREATE USER MAPPING FOR {} SERVER {server}{}", role(to), options(option)));
        Some(())
    }

    pub(super) fn default_rights(
        &mut self,
        object: &Object,
        to: u8,
        objects: u8,
        how: (u8, bool),
    ) -> Option<()> {
        const RIGHTS: [(&str, [&str; 2]); 4] = [
            ("TABLES", ["SELECT", "INSERT"]),
            ("SEQUENCES", ["USAGE", "SELECT"]),
            ("FUNCTIONS", ["EXECUTE", "EXECUTE"]),
            ("TYPES", ["USAGE", "USAGE"]),
        ];
        let (objects, rights) = RIGHTS[usize::from(objects % 4)];
        let right = rights[usize::from(how.0 % 2)];
        let schema = match object.schema {
            Some(schema) => format!(" IN SCHEMA {}", self.cx.q(schema)?),
            None => String::new(),
        };
        let option = if how.1 && to < 3 { " WITH GRANT OPTION" } else { "" };
        let everybody = to >= 3 && matches!(objects, "FUNCTIONS" | "TYPES");
        if everybody && object.schema.is_none() {
            self.push(format!("ALTER DEFAULT PRIVILEGES REVOKE {right} ON {objects} FROM PUBLIC"));
        } else {
            let to = role(to);
            self.push(format!("ALTER DEFAULT PRIVILEGES{schema} GRANT {right} ON {objects} TO {to}{option}"));
        }
        Some(())
    }
}

fn options(option: u8) -> String {
    match option {
        0 => String::new(),
        number => format!(" OPTIONS (\"Über\" {}, b 'x')", literal(text(number))),
    }
}
