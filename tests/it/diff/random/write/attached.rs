//! What stands on a table: constraints, indexes, triggers, policies, rules, statistics.

use super::super::cx::Family;
use super::super::model::{
    Base, Constraint, Id, Index, Key, Object, Parent, Policy, Rule, Rules, Table, TableKind, Test, Trigger,
    Ty, What,
};
use super::super::names::{literal, quoted, role, text};
use super::super::value::Calls;
use super::Writer;

impl Writer<'_> {
    /// A table that can have keys and indexes.
    fn stored(&self, id: Id) -> Option<&Table> {
        self.cx.table(id).filter(|table| !matches!(table.kind, TableKind::Foreign { .. }))
    }

    pub(super) fn constraint(&mut self, object: &Object, constraint: &Constraint) -> Option<()> {
        let table = self.cx.table(constraint.table)?;
        let (name, of) = (self.cx.q(constraint.table)?, constraint.table);
        let partitioned = matches!(table.kind, TableKind::Partitioned { .. });
        let mut valid = true;
        let rule = match &constraint.rule {
            Rules::Check { how, call, no_inherit } => {
                let column = self.cx.column(of, *constraint.columns.first()?)?;
                let condition = self.cx.say(&quoted(&column.name), &column, *how, *call, Calls::Any)?;
                let inherit = if *no_inherit && !partitioned { " NO INHERIT" } else { "" };
                // NOT VALID is forgotten where children get it later; there are none in a model that was just made.
                valid = !constraint.not_valid;
                format!("CHECK ({condition}){inherit}")
            }
            Rules::Primary | Rules::Unique { .. } => self.key(constraint)?,
            Rules::Foreign { target, delete, update, full } => {
                self.stored(of)?;
                valid = !constraint.not_valid || partitioned;
                self.foreign(constraint, *target, (*delete, *update, *full))? + &deferrable(constraint)
            }
            Rules::Exclude => {
                self.stored(of)?;
                let column = self.cx.column(of, *constraint.columns.first()?)?;
                let (method, operator) = match self.cx.model.family(&column.ty) {
                    Family::Range => ("gist", "&&"),
                    Family::Number | Family::Text | Family::Date => ("btree", "="),
                    _ => return None,
                };
                if partitioned {
                    return None;
                }
                let column = quoted(&column.name);
                format!("EXCLUDE USING {method} ({column} WITH {operator}){}", deferrable(constraint))
            }
        };
        let valid = if valid { "" } else { " NOT VALID" };
        let foreign = if matches!(table.kind, TableKind::Foreign { .. }) { "FOREIGN " } else { "" };
        self.push(format!(
            "ALTER {foreign}TABLE {name} ADD CONSTRAINT {} {rule}{valid}",
            quoted(&object.name)
        ));
        Some(())
    }

    fn key(&self, constraint: &Constraint) -> Option<String> {
        let table = self.stored(constraint.table)?;
        let columns = self.cx.model.key_columns(constraint);
        let list = self.cx.column_list(constraint.table, &columns)?;
        let deferrable = deferrable(constraint);
        if let Rules::Unique { nulls_equal } = constraint.rule {
            let nulls = if nulls_equal && self.cx.major >= 15 { "NULLS NOT DISTINCT " } else { "" };
            return Some(format!("UNIQUE {nulls}({list}){deferrable}"));
        }
        let another = self.cx.model.objects.range(..self.cx.id).any(|(_, other)| match &other.what {
            What::Constraint(other) => other.rule == Rules::Primary && other.table == constraint.table,
            _ => false,
        });
        if another || matches!(table.parent, Parent::Partition { .. }) {
            return None;
        }
        Some(format!("PRIMARY KEY ({list}){deferrable}"))
    }

    fn foreign(&self, constraint: &Constraint, target: Id, rule: (u8, u8, bool)) -> Option<String> {
        let What::Constraint(key) = &self.cx.object(target)?.what else { return None };
        if !matches!(key.rule, Rules::Primary | Rules::Unique { .. }) || key.deferrable > 0 {
            return None;
        }
        let there = self.cx.model.key_columns(key);
        if there.len() != constraint.columns.len() {
            return None;
        }
        for (own, other) in constraint.columns.iter().zip(&there) {
            let (own, other) = (self.cx.column(constraint.table, *own)?, self.cx.column(key.table, *other)?);
            let (written, wanted) = (self.cx.ty(&own.ty)?, self.cx.ty(&other.ty)?);
            if written != wanted || super::super::model::Fill::None != own.fill {
                return None;
            }
        }
        let logged = |id: Id| self.stored(id).map(|table| table.kind != TableKind::Unlogged);
        if logged(constraint.table)? && !logged(key.table)? {
            return None;
        }
        let action = |number: u8| ["", "CASCADE", "SET NULL", "RESTRICT"][usize::from(number % 4)];
        let (delete, update, full) = rule;
        let mut sql = format!(
            "FOREIGN KEY ({}) REFERENCES {} ({})",
            self.cx.column_list(constraint.table, &constraint.columns)?,
            self.cx.q(key.table)?,
            self.cx.column_list(key.table, &there)?,
        );
        if full {
            sql += " MATCH FULL";
        }
        for (word, number) in [("UPDATE", update), ("DELETE", delete)] {
            if number % 4 > 0 {
                sql += &format!(" ON {word} {}", action(number));
            }
        }
        Some(sql)
    }

    pub(super) fn index(&mut self, object: &Object, index: &Index) -> Option<()> {
        let table = self.cx.model.table(index.table);
        let stored = match (table, self.cx.model.view(index.table)) {
            (Some(_), _) => self.stored(index.table).is_some(),
            (_, Some(view)) => view.materialized,
            _ => false,
        };
        if !stored {
            return None;
        }
        let name = self.cx.relation(index.table)?;
        let method = self.method(index)?;
        let mut keys = Vec::new();
        for key in &index.keys {
            keys.push(self.index_key(index, key, method)?);
        }
        let unique = index.unique && method == "btree";
        if unique {
            for column in self.cx.model.partition_keys(index.table) {
                if !index.keys.iter().any(|key| key.how == 0 && key.column == column) {
                    keys.push(quoted(&self.cx.column(index.table, column)?.name));
                }
            }
        }
        if keys.is_empty() {
            return None;
        }
        let mut sql =
            format!("CREATE{} INDEX {} ON {name}", if unique { " UNIQUE" } else { "" }, quoted(&object.name));
        sql += &format!(" USING {method} ({})", keys.join(", "));
        if method == "btree" && !index.include.is_empty() {
            sql += &format!(" INCLUDE ({})", self.cx.column_list(index.table, &index.include)?);
        }
        if index.fillfactor && matches!(method, "btree" | "hash") {
            sql += " WITH (fillfactor = 60)";
        }
        if let Some(filter) = &index.filter {
            let column = self.cx.column(index.table, filter.column)?;
            let value = quoted(&column.name);
            sql += &format!(
                " WHERE ({})",
                self.cx.say(&value, &column, filter.how, filter.call, Calls::Immutable)?
            );
        }
        self.push(sql);
        let partitioned = table.is_some_and(|table| matches!(table.kind, TableKind::Partitioned { .. }));
        let another = self.cx.model.objects.range(..self.cx.id).any(|(_, other)| match &other.what {
            What::Index(other) => other.clustered && other.table == index.table,
            _ => false,
        });
        if index.clustered && method == "btree" && index.filter.is_none() && !partitioned && !another {
            let kind = if table.is_some() { "TABLE" } else { "MATERIALIZED VIEW" };
            self.push(format!("ALTER {kind} {name} CLUSTER ON {}", quoted(&object.name)));
        }
        Some(())
    }

    fn method(&self, index: &Index) -> Option<&'static str> {
        let first = index.keys.first()?;
        let family = self.cx.model.family(&self.cx.column(index.table, first.column)?.ty);
        if first.how > 0 || index.keys.len() > 1 || index.unique {
            return Some("btree");
        }
        Some(match (index.method % 3, family) {
            (1, Family::Range) => "gist",
            (1, Family::Json | Family::Array) => "gin",
            (1, Family::Number | Family::Time | Family::Date) => "brin",
            (2, Family::Number | Family::Text | Family::Date) => "hash",
            _ => "btree",
        })
    }

    fn index_key(&self, index: &Index, key: &Key, method: &str) -> Option<String> {
        let column = self.cx.column(index.table, key.column)?;
        let mut sql = match key.how {
            0 => quoted(&column.name),
            how => format!("({})", self.cx.expression(&column, how, key.call)?),
        };
        let text = key.how == 0 && self.cx.model.family(&column.ty) == Family::Text;
        if key.collated && text {
            sql += " COLLATE \"POSIX\"";
        }
        let is_pattern = matches!(column.ty, Ty::Base(Base::Text | Base::Varchar(_)));
        if key.pattern && text && is_pattern && matches!(method, "btree" | "hash") {
            sql += " text_pattern_ops";
        }
        if method == "btree" {
            if key.descending {
                sql += " DESC";
            }
            if key.nulls {
                sql += if key.descending { " NULLS LAST" } else { " NULLS FIRST" };
            }
        }
        Some(sql)
    }

    pub(super) fn trigger(&mut self, object: &Object, trigger: &Trigger) -> Option<()> {
        if self.cx.model.function(trigger.function)?.returns != super::super::model::Returns::Trigger {
            return None;
        }
        let rel = self.cx.relation(trigger.table)?;
        let view = self.cx.model.view(trigger.table);
        if view.is_some_and(|view| view.materialized) {
            return None;
        }
        let foreign = view.is_none() && self.stored(trigger.table).is_none();
        let partition =
            self.cx.model.table(trigger.table).is_some_and(|table| table.kind != TableKind::Plain);
        let constraint = trigger.timing == 2 && view.is_none() && !foreign && !partition;
        let row = !trigger.statement || constraint;
        let timing = match (view.is_some(), row, trigger.timing) {
            (true, true, _) => "INSTEAD OF",
            (_, _, 0) => "BEFORE",
            _ => "AFTER",
        };
        let sql = format!(
            "CREATE {}TRIGGER {} {timing} {} ON {rel}{} FOR EACH {}{} EXECUTE FUNCTION {}({})",
            if constraint { "CONSTRAINT " } else { "" },
            quoted(&object.name),
            self.events(trigger, view.is_some())?,
            if constraint { " DEFERRABLE INITIALLY DEFERRED" } else { "" },
            if row { "ROW" } else { "STATEMENT" },
            if row && timing != "INSTEAD OF" { self.when(trigger)? } else { String::new() },
            self.cx.q(trigger.function)?,
            if trigger.argument > 0 { literal(text(trigger.argument)) } else { String::new() },
        );
        self.push(sql);
        let state = ["", "DISABLE", "ENABLE REPLICA", "ENABLE ALWAYS"][usize::from(trigger.enabled % 4)];
        if !state.is_empty() && view.is_none() {
            let kind = if foreign { "FOREIGN TABLE" } else { "TABLE" };
            self.push(format!("ALTER {kind} {rel} {state} TRIGGER {}", quoted(&object.name)));
        }
        Some(())
    }

    fn events(&self, trigger: &Trigger, view: bool) -> Option<String> {
        let mut events = Vec::new();
        if trigger.events & 1 != 0 {
            events.push("INSERT".to_owned());
        }
        if trigger.events & 2 != 0 || trigger.events & 7 == 0 {
            let of = match trigger.of {
                Some(column) if !view => {
                    format!(" OF {}", quoted(&self.cx.column(trigger.table, column)?.name))
                }
                _ => String::new(),
            };
            events.push(format!("UPDATE{of}"));
        }
        if trigger.events & 4 != 0 {
            events.push("DELETE".to_owned());
        }
        Some(events.join(" OR "))
    }

    fn when(&self, trigger: &Trigger) -> Option<String> {
        let Some(when) = &trigger.when else { return Some(String::new()) };
        let column = self.cx.column(trigger.table, when.column)?;
        if trigger.events & 4 != 0 || super::super::model::Model::is_generated(&column) {
            return Some(String::new());
        }
        Some(format!(" WHEN ({})", self.cx.test(trigger.table, "NEW.", when)?))
    }

    pub(super) fn policy(&mut self, object: &Object, policy: &Policy) -> Option<()> {
        self.stored(policy.table)?;
        let command = ["ALL", "SELECT", "INSERT", "UPDATE", "DELETE"][usize::from(policy.command % 5)];
        let mut sql = format!("CREATE POLICY {} ON {}", quoted(&object.name), self.cx.q(policy.table)?);
        if policy.restrictive {
            sql += " AS RESTRICTIVE";
        }
        sql += &format!(" FOR {command} TO {}", role(policy.role));
        let using = policy.using.as_ref().filter(|_| command != "INSERT");
        let check = policy.check.as_ref().filter(|_| !matches!(command, "SELECT" | "DELETE"));
        if let Some(test) = using {
            let beside =
                policy.beside.filter(|rel| *rel != policy.table).and_then(|rel| self.cx.relation(rel));
            let beside = beside.map_or(String::new(), |rel| format!(" AND EXISTS (SELECT 1 FROM {rel})"));
            sql += &format!(" USING ({}{beside})", self.policy_test(policy.table, test)?);
        }
        if let Some(test) = check {
            sql += &format!(" WITH CHECK ({})", self.policy_test(policy.table, test)?);
        }
        self.push(sql);
        Some(())
    }

    fn policy_test(&self, table: Id, test: &Test) -> Option<String> {
        self.cx.test(table, "", test)
    }

    pub(super) fn rule(&mut self, object: &Object, rule: &Rule) -> Option<()> {
        let rel = self.cx.relation(rule.table)?;
        let view = self.cx.model.view(rule.table);
        if view.is_some_and(|view| view.materialized) || (view.is_none() && self.stored(rule.table).is_none())
        {
            return None;
        }
        let event = ["INSERT", "UPDATE", "DELETE"][usize::from(rule.event % 3)];
        let prefix = if event == "DELETE" { "OLD." } else { "NEW." };
        let when = match &rule.when {
            Some(test) => format!(" WHERE {}", self.cx.test(rule.table, prefix, test)?),
            None => String::new(),
        };
        let action = match rule.action.filter(|rel| *rel != rule.table && self.stored(*rel).is_some()) {
            Some(other) => format!("DELETE FROM {} WHERE false", self.cx.q(other)?),
            None => "NOTHING".to_owned(),
        };
        let how = if rule.instead { "INSTEAD" } else { "ALSO" };
        let name = quoted(&object.name);
        self.push(format!("CREATE RULE {name} AS ON {event} TO {rel}{when} DO {how} {action}"));
        let state = ["", "DISABLE", "ENABLE REPLICA", "ENABLE ALWAYS"][usize::from(rule.enabled % 4)];
        if !state.is_empty() && self.stored(rule.table).is_some() {
            self.push(format!("ALTER TABLE {rel} {state} RULE {name}"));
        }
        Some(())
    }

    pub(super) fn statistics(
        &mut self,
        object: &Object,
        table: Id,
        columns: &[Id],
        rest: (u8, u8),
    ) -> Option<()> {
        let name = self.own(object)?;
        self.stored(table)?;
        let (kinds, target) = rest;
        let kinds = ["", " (ndistinct)", " (dependencies, mcv)", " (mcv)"][usize::from(kinds % 4)];
        let list = self.cx.column_list(table, columns).filter(|_| columns.len() > 1)?;
        self.push(format!("CREATE STATISTICS {name}{kinds} ON {list} FROM {}", self.cx.q(table)?));
        if target > 0 {
            self.push(format!("ALTER STATISTICS {name} SET STATISTICS {target}"));
        }
        Some(())
    }
}

fn deferrable(constraint: &Constraint) -> String {
    ["", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED"][usize::from(constraint.deferrable % 3)].to_owned()
}
