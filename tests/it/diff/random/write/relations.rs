//! Tables of all kinds, with their columns.

use super::super::cx::Family;
use super::super::model::{Column, Fill, Id, Object, Parent, Replica, Table, TableKind, Ty, What};
use super::super::names::{literal, quoted, text};
use super::super::value::Calls;
use super::Writer;

impl Writer<'_> {
    pub(super) fn table(&mut self, object: &Object, table: &Table) -> Option<()> {
        let name = self.own(object)?;
        let create = match table.kind {
            TableKind::Unlogged => "CREATE UNLOGGED TABLE",
            TableKind::Foreign { .. } => "CREATE FOREIGN TABLE",
            TableKind::Plain | TableKind::Partitioned { .. } => "CREATE TABLE",
        };
        let mut sql = format!("{create} {name}");
        let mut later = Vec::new();
        match table.parent {
            Parent::Partition { of, bound } => sql += &self.partition_of(of, bound)?,
            Parent::None | Parent::Inherits(_) => {
                let mut columns = Vec::new();
                for column in &table.columns {
                    columns.push(self.column(table, column, &mut later)?);
                }
                sql += &format!(" ({})", columns.join(", "));
            }
        }
        if let Parent::Inherits(of) = table.parent {
            if self.cx.table(of).is_none_or(|of| matches!(of.kind, TableKind::Partitioned { .. }))
                || matches!(table.kind, TableKind::Partitioned { .. })
                || matches!(self.cx.table(of)?.parent, Parent::Partition { .. })
            {
                return None;
            }
            sql += &format!(" INHERITS ({})", self.cx.q(of)?);
        }
        sql += &self.kind(table)?;
        self.push(sql);
        self.later(&name, table, &later)
    }

    fn partition_of(&self, of: Id, bound: u8) -> Option<String> {
        let TableKind::Partitioned { by, key } = self.cx.table(of)?.kind else { return None };
        let text = self.cx.model.family(&self.cx.column(of, key)?.ty) == Family::Text;
        let value = |number: u8| {
            let word = literal(&format!("p{number}"));
            if text { word } else { (u16::from(number) * 100).to_string() }
        };
        let bound = match (by, bound) {
            (2, bound) => format!("FOR VALUES WITH (MODULUS 4, REMAINDER {})", bound % 4),
            (_, 9) => "DEFAULT".to_owned(),
            (0, bound) => format!("FOR VALUES FROM ({}) TO ({})", value(bound), value(bound + 1)),
            (_, bound) => format!("FOR VALUES IN ({}, {})", value(bound), value(bound + 20)),
        };
        Some(format!(" PARTITION OF {} {bound}", self.cx.q(of)?))
    }

    fn kind(&self, table: &Table) -> Option<String> {
        let foreign =
            |id: &Id| self.cx.table(*id).is_some_and(|t| matches!(t.kind, TableKind::Foreign { .. }));
        let above = match &table.parent {
            Parent::Partition { of, .. } | Parent::Inherits(of) => Some(*of),
            Parent::None => None,
        };
        match &table.kind {
            TableKind::Foreign { server, option } => {
                if !matches!(self.cx.object(*server)?.what, What::Server { .. }) || above.is_some() {
                    return None;
                }
                let option = match option {
                    0 => String::new(),
                    number => format!(" OPTIONS (\"Über\" {})", literal(text(*number))),
                };
                Some(format!(" SERVER {}{option}", self.cx.q(*server)?))
            }
            _ if above.as_ref().is_some_and(foreign) => None,
            TableKind::Partitioned { by, key } => {
                let columns = self.cx.model.columns(self.cx.id);
                let column = columns.iter().find(|column| column.id == *key)?;
                if !matches!(column.fill, Fill::None | Fill::Literal(_) | Fill::Now) {
                    return None;
                }
                let by = ["RANGE", "LIST", "HASH"][usize::from(by % 3)];
                Some(format!(" PARTITION BY {by} ({})", quoted(&column.name)))
            }
            TableKind::Plain | TableKind::Unlogged => {
                let mut options = Vec::new();
                if table.fillfactor > 0 {
                    options.push(format!("fillfactor = {}", 50 + u16::from(table.fillfactor)));
                }
                if table.autovacuum {
                    options.push("autovacuum_enabled = false".to_owned());
                    options.push("toast.autovacuum_enabled = false".to_owned());
                }
                Some(if options.is_empty() {
                    String::new()
                } else {
                    format!(" WITH ({})", options.join(", "))
                })
            }
        }
    }

    /// A column's definition; what may be in a circle is said later.
    fn column(&self, table: &Table, column: &Column, later: &mut Vec<(Id, String)>) -> Option<String> {
        let mut sql = format!("{} {}", quoted(&column.name), self.cx.ty(&column.ty)?);
        if let TableKind::Foreign { option, .. } = table.kind
            && option % 2 == 1
        {
            sql += " OPTIONS (column_name 'x')";
        }
        sql += &self.cx.collate(&column.ty, column.collation)?;
        match &column.fill {
            Fill::None => {}
            Fill::Literal(number) => sql += &format!(" DEFAULT {}", self.cx.literal(&column.ty, *number)?),
            Fill::Now if matches!(column.ty, Ty::Base(super::super::model::Base::Timestamptz(_))) => {
                sql += " DEFAULT now()";
            }
            Fill::Now => {}
            Fill::Call(function) => {
                if let Some((_, result)) = self.cx.model.callable(*function)
                    && *result == column.ty
                {
                    later.push((column.id, "DEFAULT".to_owned()));
                }
            }
            Fill::Next(_) => later.push((column.id, "DEFAULT".to_owned())),
            Fill::Identity { always, named, start } => {
                sql += &self.identity(table, column, *always, (*named, *start))?
            }
            Fill::Generated { from, how, call } => {
                if matches!(table.kind, TableKind::Foreign { .. }) {
                    return None;
                }
                sql +=
                    &format!(" GENERATED ALWAYS AS ({}) STORED", self.generated(column, *from, *how, *call)?);
            }
        }
        if column.not_null {
            sql += " NOT NULL";
        }
        Some(sql)
    }

    fn identity(
        &self,
        table: &Table,
        column: &Column,
        always: bool,
        (named, start): (bool, u8),
    ) -> Option<String> {
        use super::super::model::Base;
        if !matches!(column.ty, Ty::Base(Base::Int | Base::Big | Base::Small)) {
            return None;
        }
        // Not in a partition before 17, and not where a table inherits.
        if table.parent != Parent::None {
            return None;
        }
        let mut options = Vec::new();
        if named {
            let schema = self.cx.q(self.cx.model.objects.get(&self.cx.id)?.schema?)?;
            options.push(format!("SEQUENCE NAME {schema}.{}", quoted(&format!("of {}", column.id))));
        }
        if start > 0 {
            options.push(format!("START WITH {start}"));
        }
        let options = if options.is_empty() { String::new() } else { format!(" ({})", options.join(" ")) };
        let when = if always { "ALWAYS" } else { "BY DEFAULT" };
        Some(format!(" GENERATED {when} AS IDENTITY{options}"))
    }

    fn generated(&self, column: &Column, from: Id, how: u8, call: Option<Id>) -> Option<String> {
        let columns = self.cx.model.columns(self.cx.id);
        let source = columns.iter().find(|other| other.id == from)?;
        if matches!(source.fill, Fill::Generated { .. }) {
            return None;
        }
        let value = quoted(&source.name);
        if let Some(function) = call.filter(|function| self.cx.may_call(*function, Calls::Immutable))
            && *self.cx.model.callable(function)?.1 == column.ty
        {
            return self.cx.call(function, &[(&value, &source.ty)]);
        }
        match (self.cx.model.family(&source.ty), self.cx.model.family(&column.ty)) {
            (Family::Number, Family::Number) => Some(format!("({value} + {how})")),
            (Family::Text, Family::Text) => Some(format!("lower({value})")),
            (_, Family::Bool) => Some(format!("({value} IS NULL)")),
            _ if source.ty == column.ty => Some(value),
            _ => Some(format!(
                "CASE WHEN {value} IS NULL THEN NULL ELSE {} END",
                self.cx.literal(&column.ty, how)?
            )),
        }
    }

    fn later(&mut self, name: &str, table: &Table, later: &[(Id, String)]) -> Option<()> {
        for (id, _) in later {
            let column = table.columns.iter().find(|column| column.id == *id)?;
            let value = match column.fill {
                Fill::Call(function) => self.cx.call(function, &[])?,
                Fill::Next(sequence) => {
                    if !matches!(self.cx.object(sequence)?.what, What::Sequence(_)) {
                        return None;
                    }
                    format!("nextval({})", literal(&self.cx.q(sequence)?))
                }
                _ => continue,
            };
            let column = quoted(&column.name);
            self.push(format!("ALTER TABLE {name} ALTER COLUMN {column} SET DEFAULT {value}"));
        }
        let only = if matches!(table.kind, TableKind::Foreign { .. }) { "FOREIGN TABLE" } else { "TABLE" };
        for column in &table.columns {
            for change in self.details(table, column) {
                let column = quoted(&column.name);
                self.push(format!("ALTER {only} {name} ALTER COLUMN {column} SET {change}"));
            }
        }
        if matches!(table.kind, TableKind::Foreign { .. }) {
            return Some(());
        }
        if table.security {
            self.push(format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"));
        }
        if table.forced {
            self.push(format!("ALTER TABLE {name} FORCE ROW LEVEL SECURITY"));
        }
        match table.replica {
            Replica::Default => {}
            Replica::Full => self.push(format!("ALTER TABLE {name} REPLICA IDENTITY FULL")),
            Replica::Nothing => self.push(format!("ALTER TABLE {name} REPLICA IDENTITY NOTHING")),
            Replica::Index(index) => {
                let index = self.replica_index(index)?;
                self.push(format!("ALTER TABLE {name} REPLICA IDENTITY USING INDEX {index}"));
            }
        }
        Some(())
    }

    /// A unique index over columns that are never null, of this table.
    fn replica_index(&self, id: Id) -> Option<String> {
        let object = self.cx.object(id)?;
        let What::Index(index) = &object.what else { return None };
        let columns = self.cx.model.columns(self.cx.id);
        let fits = |key: &super::super::model::Key| {
            key.how == 0 && columns.iter().any(|column| column.id == key.column && column.not_null)
        };
        let fitting = index.table == self.cx.id
            && index.unique
            && index.filter.is_none()
            && index.keys.iter().all(fits)
            && self.cx.model.partition_keys(self.cx.id).is_empty();
        fitting.then(|| quoted(&object.name))
    }

    fn details(&self, table: &Table, column: &Column) -> Vec<String> {
        let mut details = Vec::new();
        if column.target > 0 {
            details.push(format!("STATISTICS {}", u16::from(column.target) * 10));
        }
        if column.distinct {
            details.push("(n_distinct = -0.5)".to_owned());
        }
        let foreign = matches!(table.kind, TableKind::Foreign { .. });
        if self.cx.model.family(&column.ty) == Family::Text && !foreign {
            if column.storage > 0 {
                let storage = ["EXTENDED", "EXTERNAL", "MAIN", "PLAIN"][usize::from(column.storage % 4)];
                details.push(format!("STORAGE {storage}"));
            }
            if column.compression {
                details.push("COMPRESSION pglz".to_owned());
            }
        }
        details
    }
}
