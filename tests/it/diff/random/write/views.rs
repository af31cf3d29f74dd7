//! Views and materialised views.

use super::super::model::{Constraint, From, Id, Object, Rules, TableKind, Ty, View, What};
use super::super::names::quoted;
use super::super::value::Calls;
use super::Writer;

impl Writer<'_> {
    pub(super) fn view(&mut self, object: &Object, view: &View) -> Option<()> {
        let select = self.select(view)?;
        let name = self.own(object)?;
        let sql = if view.materialized {
            if view.sources.iter().any(|source| self.cx.model.reads_foreign(*source)) {
                return None;
            }
            let filled = view.filled && view.sources.iter().all(|source| self.cx.model.is_filled(*source));
            let data = if filled { "" } else { " WITH NO DATA" };
            let options = if view.barrier { " WITH (fillfactor = 70)" } else { "" };
            format!("CREATE MATERIALIZED VIEW {name}{options} AS {select}{data}")
        } else {
            let check = if self.is_updatable(view) { view.check } else { 0 };
            let check =
                ["", " WITH LOCAL CHECK OPTION", " WITH CASCADED CHECK OPTION"][usize::from(check % 3)];
            let mut options = Vec::new();
            if view.barrier {
                options.push("security_barrier = true");
            }
            if view.invoker && self.cx.major >= 15 {
                options.push("security_invoker = true");
            }
            let options =
                if options.is_empty() { String::new() } else { format!(" WITH ({})", options.join(", ")) };
            format!("CREATE VIEW {name}{options} AS {select}{check}")
        };
        self.push(sql);
        Some(())
    }

    fn select(&self, view: &View) -> Option<String> {
        let alias =
            |rel: Id| view.sources.iter().position(|source| *source == rel).map(|at| format!("t{at}"));
        let mut columns = Vec::new();
        for column in &view.columns {
            let value = match &column.from {
                From::Column { rel, column } => {
                    format!("{}.{}", alias(*rel)?, quoted(&self.cx.column(*rel, *column)?.name))
                }
                From::AsText { rel, column } => {
                    format!("{}.{}::text", alias(*rel)?, quoted(&self.cx.column(*rel, *column)?.name))
                }
                From::Call(function) => self.view_call(*function, view)?,
                From::Null(ty) => format!("NULL::{}", self.cx.ty(ty)?),
                From::Number(number) => format!("{number}"),
            };
            columns.push(format!("{value} AS {}", quoted(&column.name)));
        }
        let mut from = Vec::new();
        for source in &view.sources {
            from.push(format!("{} AS {}", self.cx.relation(*source)?, alias(*source)?));
        }
        let mut sql = format!("SELECT {}", columns.join(", "));
        if !from.is_empty() {
            sql += &format!(" FROM {}", from.join(" CROSS JOIN "));
        }
        if let (Some(filter), Some(first)) = (&view.filter, view.sources.first()) {
            sql += &format!(" WHERE {}", self.cx.test(*first, "t0.", filter)?);
        }
        if let Some(key) = view.grouped {
            sql += &self.group(view, key)?;
        }
        Some(sql)
    }

    fn view_call(&self, function: Id, view: &View) -> Option<String> {
        if !self.cx.may_call(function, Calls::Any) || view.grouped.is_some() {
            return None;
        }
        // The whole row, for a function of the source's rows.
        let rows: Vec<_> = view
            .sources
            .iter()
            .enumerate()
            .map(|(at, source)| (format!("t{at}"), Ty::User(*source)))
            .collect();
        let at_hand: Vec<_> = rows.iter().map(|(alias, ty)| (alias.as_str(), ty)).collect();
        self.cx.call(function, &at_hand)
    }

    fn group(&self, view: &View, key: Id) -> Option<String> {
        let What::Constraint(constraint) = &self.cx.object(key)?.what else { return None };
        let Constraint { rule: Rules::Primary, table, deferrable: 0, .. } = constraint else { return None };
        if view.sources != [*table] {
            return None;
        }
        let column = |id: &Id| Some(format!("t0.{}", quoted(&self.cx.column(*table, *id)?.name)));
        let keys: Option<Vec<_>> = self.cx.model.key_columns(constraint).iter().map(column).collect();
        Some(format!(" GROUP BY {}", keys?.join(", ")))
    }

    fn is_updatable(&self, view: &View) -> bool {
        let plain = |source: &Id| {
            self.cx.model.table(*source).is_some_and(|table| !matches!(table.kind, TableKind::Foreign { .. }))
        };
        view.grouped.is_none()
            && view.sources.len() == 1
            && view.sources.iter().all(plain)
            && view.columns.iter().any(|column| matches!(column.from, From::Column { .. }))
    }
}
