//! Comments and grants on whatever can have them.

use super::super::cx::base_name;
use super::super::model::{Grant, Id, Object, Returns, Table, TableKind, View, What};
use super::super::names::{ROLES, literal, quoted, role, text};
use super::Writer;
use super::routines::operator_symbol;

const TABLE_RIGHTS: &[&str] = &["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];

impl Writer<'_> {
    pub(super) fn notes(&mut self, id: Id) -> Option<()> {
        let object = self.cx.model.objects.get(&id)?;
        if let Some(comment) = object.comment
            && let Some(address) = self.address(id, object)?
        {
            self.push(format!("COMMENT ON {address} IS {}", literal(text(comment))));
        }
        self.grants(object)?;
        match &object.what {
            What::Table(table) => self.columns(object, table),
            What::View(view) => self.view_columns(object, view),
            _ => Some(()),
        }
    }

    fn columns(&mut self, object: &Object, table: &Table) -> Option<()> {
        let name = self.own(object)?;
        for column in &table.columns {
            let own = quoted(&column.name);
            if let Some(comment) = column.comment {
                self.push(format!("COMMENT ON COLUMN {name}.{own} IS {}", literal(text(comment))));
            }
            for grant in &column.grants {
                let right = ["SELECT", "INSERT", "UPDATE", "REFERENCES"][usize::from(grant.right % 4)];
                self.push(format!("GRANT {right} ({own}) ON {name} TO {}", to(grant)));
            }
        }
        Some(())
    }

    fn view_columns(&mut self, object: &Object, view: &View) -> Option<()> {
        let name = self.own(object)?;
        for column in &view.columns {
            if let Some(comment) = column.comment {
                let own = quoted(&column.name);
                self.push(format!("COMMENT ON COLUMN {name}.{own} IS {}", literal(text(comment))));
            }
        }
        Some(())
    }

    fn grants(&mut self, object: &Object) -> Option<()> {
        let name = self.own(object)?;
        let (on, rights): (String, &[&str]) = match &object.what {
            What::Schema => (format!("SCHEMA {name}"), &["USAGE", "CREATE"]),
            What::Table(_) | What::View(_) => (format!("TABLE {name}"), TABLE_RIGHTS),
            What::Sequence(_) => (format!("SEQUENCE {name}"), &["USAGE", "SELECT", "UPDATE"]),
            What::Enum(_) | What::Composite(_) | What::Range(_) => (format!("TYPE {name}"), &["USAGE"]),
            What::Domain(_) => (format!("DOMAIN {name}"), &["USAGE"]),
            What::Function(function) => {
                let kind = if function.returns == Returns::Procedure { "PROCEDURE" } else { "FUNCTION" };
                (format!("{kind} {name}({})", self.signature(function)?), &["EXECUTE"])
            }
            What::Aggregate { base, .. } => (format!("FUNCTION {name}({})", base_name(*base)), &["EXECUTE"]),
            What::Wrapper { .. } => (format!("FOREIGN DATA WRAPPER {name}"), &["USAGE"]),
            What::Server { .. } => (format!("FOREIGN SERVER {name}"), &["USAGE"]),
            _ => return Some(()),
        };
        for grant in &object.grants {
            let right = rights[usize::from(grant.right) % rights.len()];
            let sql = match grant.right {
                // What everybody has unless it is taken away.
                9 if rights.len() == 1 => format!("REVOKE {right} ON {on} FROM PUBLIC"),
                _ => format!("GRANT {right} ON {on} TO {}", to(grant)),
            };
            self.push(sql);
        }
        Some(())
    }

    /// How COMMENT names it; `Some(None)` for what has none.
    fn address(&self, id: Id, object: &Object) -> Option<Option<String>> {
        let name = self.own(object)?;
        let on = |kind: &str, table: Id| Some(format!("{kind} {name} ON {}", self.cx.q(table)?));
        Some(Some(match &object.what {
            What::Schema => format!("SCHEMA {name}"),
            What::Enum(_) | What::Composite(_) | What::Range(_) => format!("TYPE {name}"),
            What::Domain(_) => format!("DOMAIN {name}"),
            What::Collation(_) => format!("COLLATION {name}"),
            What::Sequence(_) => format!("SEQUENCE {name}"),
            What::Table(table) => match table.kind {
                TableKind::Foreign { .. } => format!("FOREIGN TABLE {name}"),
                _ => format!("TABLE {name}"),
            },
            What::View(view) if view.materialized => format!("MATERIALIZED VIEW {name}"),
            What::View(_) => format!("VIEW {name}"),
            What::Function(function) => {
                let kind = if function.returns == Returns::Procedure { "PROCEDURE" } else { "FUNCTION" };
                format!("{kind} {name}({})", self.signature(function)?)
            }
            What::Aggregate { base, .. } => format!("AGGREGATE {name}({})", base_name(*base)),
            What::Constraint(constraint) => on("CONSTRAINT", constraint.table)?,
            What::Index(index) => {
                let schema = self.cx.model.objects.get(&index.table)?.schema?;
                format!("INDEX {}.{name}", self.cx.q(schema)?)
            }
            What::Trigger(trigger) => on("TRIGGER", trigger.table)?,
            What::Policy(policy) => on("POLICY", policy.table)?,
            What::Rule(rule) => on("RULE", rule.table)?,
            What::Statistics { .. } => format!("STATISTICS {name}"),
            What::Publication(_) => format!("PUBLICATION {name}"),
            What::Wrapper { .. } => format!("FOREIGN DATA WRAPPER {name}"),
            What::Server { .. } => format!("SERVER {name}"),
            What::EventTrigger { .. } => format!("EVENT TRIGGER {name}"),
            What::Cast { source, function, .. } => {
                let (target, source) = self.cast_types(*source, *function)?;
                format!("CAST ({source} AS {target})")
            }
            What::Operator { function, symbol } => self.operator_address(object, *function, *symbol)?,
            What::Mapping { .. } | What::DefaultRights { .. } => return Some(None),
        }))
        .filter(|_| id == self.cx.id)
    }

    fn operator_address(&self, object: &Object, function: Id, symbol: u8) -> Option<String> {
        let schema = quoted(&self.cx.model.objects.get(&object.schema?)?.name);
        let types: Option<Vec<_>> =
            self.cx.model.function(function)?.arguments.iter().map(|a| self.cx.ty(&a.ty)).collect();
        let types = types?;
        let left = if types.len() == 1 { "NONE, " } else { "" };
        Some(format!("OPERATOR {schema}.{} ({left}{})", operator_symbol(symbol), types.join(", ")))
    }
}

fn to(grant: &Grant) -> String {
    let option = grant.option && usize::from(grant.role) < ROLES.len();
    format!("{}{}", role(grant.role), if option { " WITH GRANT OPTION" } else { "" })
}
