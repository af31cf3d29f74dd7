//! Makes plain what a change left without a meaning: types, defaults and columns that are gone.

use std::collections::BTreeSet;

use super::super::model::{
    Base, Column, Constraint, Fill, From, Id, Model, Object, Parent, Replica, Returns, Rules, TableKind,
    Test, Ty, View, What,
};
use super::super::names::label;
use super::unique_names;

impl Model {
    pub(super) fn mend(&mut self) {
        for id in self.objects.keys().copied().collect::<Vec<_>>() {
            let Some(mut object) = self.objects.get(&id).cloned() else { continue };
            self.mend_object(id, &mut object);
            self.objects.insert(id, object);
        }
    }

    fn mend_object(&self, id: Id, object: &mut Object) {
        if let Some(schema) = object.schema
            && !self.objects.contains_key(&schema)
        {
            object.schema = Some(super::super::act::PUBLIC);
        }
        match &mut object.what {
            What::Enum(labels) => {
                let mut seen = BTreeSet::new();
                labels.retain(|number| seen.insert(label(*number)));
            }
            What::Composite(fields) => {
                fields.iter_mut().for_each(|field| self.mend_type(id, &mut field.ty));
                unique_names(fields.iter_mut().map(|field| &mut field.name), &mut BTreeSet::new());
            }
            What::Domain(domain) => {
                self.mend_type(id, &mut domain.base);
                unique_names(domain.checks.iter_mut().map(|(name, _)| name), &mut BTreeSet::new());
            }
            What::Table(table) => {
                let gone = |of: &Id| self.table(*of).is_none();
                if matches!(&table.parent, Parent::Inherits(of) if gone(of)) {
                    table.parent = Parent::None;
                }
                if matches!(table.parent, Parent::Partition { .. }) {
                    table.columns.clear();
                }
                let all = match table.parent {
                    Parent::Partition { of, .. } | Parent::Inherits(of) => {
                        [self.columns(of), table.columns.clone()].concat()
                    }
                    Parent::None => table.columns.clone(),
                };
                let plain = table.parent == Parent::None && !matches!(table.kind, TableKind::Foreign { .. });
                let key = match table.kind {
                    TableKind::Partitioned { key, .. } => Some(key),
                    _ => None,
                };
                for column in &mut table.columns {
                    self.mend_type(id, &mut column.ty);
                    let can_fill = plain && key != Some(column.id) && !self.is_partition_key(column.id);
                    self.mend_fill(column, &all, can_fill);
                }
                let own: Vec<Id> = table.columns.iter().map(|column| column.id).collect();
                let mut taken: BTreeSet<String> = all
                    .iter()
                    .filter(|column| !own.contains(&column.id))
                    .map(|column| column.name.clone())
                    .collect();
                unique_names(table.columns.iter_mut().map(|column| &mut column.name), &mut taken);
                if matches!(table.replica, Replica::Index(index) if !self.is_replica_index(id, index)) {
                    table.replica = Replica::Default;
                }
            }
            What::Sequence(sequence) => {
                let owned = |(table, column): (Id, Id)| {
                    self.table(table).is_some_and(|table| table.columns.iter().any(|own| own.id == column))
                        && self.objects.get(&table).is_some_and(|table| table.schema == object.schema)
                };
                sequence.owner = sequence.owner.filter(|owner| owned(*owner));
            }
            What::View(view) => self.mend_view(id, view),
            What::Function(function) => {
                for argument in &mut function.arguments {
                    self.mend_type(id, &mut argument.ty);
                }
                let mut taken = BTreeSet::new();
                unique_names(function.arguments.iter_mut().map(|argument| &mut argument.name), &mut taken);
                match &mut function.returns {
                    Returns::One(ty) => self.mend_type(id, ty),
                    Returns::Table(columns) => {
                        columns.iter_mut().for_each(|column| self.mend_type(id, &mut column.ty));
                        unique_names(columns.iter_mut().map(|column| &mut column.name), &mut taken);
                    }
                    _ => {}
                }
            }
            What::Constraint(constraint) => self.mend_columns(constraint.table, &mut constraint.columns),
            What::Index(index) => {
                let columns: Vec<Id> = self.columns(index.table).iter().map(|column| column.id).collect();
                index.keys.retain(|key| columns.contains(&key.column));
                index.include.retain(|column| columns.contains(column));
                self.mend_test(index.table, &mut index.filter);
            }
            What::Trigger(trigger) => {
                trigger.of = trigger.of.filter(|column| self.column(trigger.table, *column).is_some());
                self.mend_test(trigger.table, &mut trigger.when);
            }
            What::Policy(policy) => {
                self.mend_test(policy.table, &mut policy.using);
                self.mend_test(policy.table, &mut policy.check);
                policy.beside = policy.beside.filter(|rel| self.objects.contains_key(rel));
            }
            What::Rule(rule) => {
                self.mend_test(rule.table, &mut rule.when);
                rule.action = rule.action.filter(|rel| self.table(*rel).is_some());
            }
            What::Statistics { table, columns, .. } => self.mend_columns(*table, columns),
            What::Publication(publication) => {
                publication.schemas.retain(|schema| self.objects.contains_key(schema));
                publication.tables.retain(|published| {
                    let table = self.table(published.table);
                    table.is_some_and(|table| {
                        matches!(table.kind, TableKind::Plain | TableKind::Partitioned { .. })
                    })
                });
                for published in &mut publication.tables {
                    self.mend_columns(published.table, &mut published.columns);
                    published.columns.retain(|id| {
                        self.column(published.table, *id).is_some_and(|column| !Model::is_generated(&column))
                    });
                    self.mend_test(published.table, &mut published.filter);
                }
            }
            _ => {}
        }
    }

    fn mend_columns(&self, rel: Id, columns: &mut Vec<Id>) {
        let there: Vec<Id> = self.columns(rel).iter().map(|column| column.id).collect();
        columns.retain(|column| there.contains(column));
    }

    fn mend_test(&self, rel: Id, test: &mut Option<Test>) {
        if test.as_ref().is_some_and(|test| self.column(rel, test.column).is_none()) {
            *test = None;
        }
    }

    /// A type that is gone is text; so is one that would hold itself.
    fn mend_type(&self, own: Id, ty: &mut Ty) {
        match ty {
            Ty::Base(_) => {}
            Ty::Array(of) => {
                self.mend_type(own, of);
                if matches!(**of, Ty::Array(_)) {
                    *ty = Ty::Base(Base::Text);
                }
            }
            Ty::User(id) => {
                let there = matches!(
                    self.objects.get(id).map(|object| &object.what),
                    Some(
                        What::Enum(_)
                            | What::Composite(_)
                            | What::Domain(_)
                            | What::Range(_)
                            | What::Table(_)
                            | What::View(_)
                    )
                );
                if !there || *id == own {
                    *ty = Ty::Base(Base::Text);
                }
            }
        }
    }

    fn mend_fill(&self, column: &mut Column, all: &[Column], plain: bool) {
        let integer = matches!(column.ty, Ty::Base(Base::Int | Base::Big | Base::Small));
        let keep = match &column.fill {
            Fill::None | Fill::Literal(_) | Fill::Call(_) => true,
            Fill::Now => matches!(column.ty, Ty::Base(Base::Timestamptz(_))),
            Fill::Next(id) => {
                integer && self.objects.get(id).is_some_and(|object| matches!(object.what, What::Sequence(_)))
            }
            Fill::Identity { .. } => integer && plain,
            Fill::Generated { from, .. } => {
                let source = all.iter().find(|other| other.id == *from);
                plain && *from != column.id && source.is_some_and(|other| !Model::is_generated(other))
            }
        };
        if !keep {
            column.fill = Fill::None;
        }
        if matches!(column.fill, Fill::Identity { .. }) {
            column.not_null = true;
        }
    }

    fn mend_view(&self, id: Id, view: &mut View) {
        view.sources.retain(|source| {
            *source != id && (self.table(*source).is_some() || self.view(*source).is_some())
        });
        let sources = view.sources.clone();
        view.columns.retain_mut(|column| match &mut column.from {
            From::Column { rel, column } | From::AsText { rel, column } => {
                sources.contains(rel) && self.column(*rel, *column).is_some()
            }
            From::Call(function) => self.callable(*function).is_some() && view.grouped.is_none(),
            From::Null(ty) => {
                self.mend_type(id, ty);
                true
            }
            From::Number(_) => true,
        });
        if view.columns.is_empty() {
            let from = From::Number(1);
            let column = super::super::model::ViewColumn {
                id: id + 1_000_000,
                name: "one".to_owned(),
                from,
                comment: None,
            };
            view.columns.push(column);
        }
        unique_names(view.columns.iter_mut().map(|column| &mut column.name), &mut BTreeSet::new());
        if let Some(first) = sources.first() {
            self.mend_test(*first, &mut view.filter);
        }
        let key = view.grouped.and_then(|key| self.objects.get(&key));
        let grouped = key.is_some_and(|key| match &key.what {
            What::Constraint(Constraint { rule: Rules::Primary, table, deferrable: 0, .. }) => {
                sources == [*table]
            }
            _ => false,
        });
        if !grouped {
            view.grouped = None;
        }
    }

    fn is_replica_index(&self, table: Id, index: Id) -> bool {
        let Some(What::Index(index)) = self.objects.get(&index).map(|object| &object.what) else {
            return false;
        };
        let columns = self.columns(table);
        let fits = |key: &super::super::model::Key| {
            key.how == 0 && columns.iter().any(|column| column.id == key.column && column.not_null)
        };
        index.table == table
            && index.unique
            && index.filter.is_none()
            && index.keys.iter().all(fits)
            && self.partition_keys(table).is_empty()
    }

    /// The columns of a key as it is made: with those that a partitioned table's needs.
    pub(in super::super) fn key_columns(&self, constraint: &Constraint) -> Vec<Id> {
        let mut columns = constraint.columns.clone();
        for key in self.partition_keys(constraint.table) {
            if !columns.contains(&key) {
                columns.push(key);
            }
        }
        columns
    }
}
