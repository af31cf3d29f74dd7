//! Changes to what is there: each toggles or replaces one attribute.

use super::super::dice::Dice;
use super::super::model::{
    Base, Fill, From, Id, Model, Parent, Replica, Table, TableKind, Ty, ViewColumn, What,
};
use super::create::plain_table;
use super::routine::pick_other_base;
use super::{Action, PUBLIC, name};

impl Model {
    pub(super) fn change(&mut self, action: Action, dice: &mut Dice<'_>) -> Option<()> {
        match action {
            Action::Drop => {
                let id = self.pick(dice, |_| true).filter(|id| *id != PUBLIC)?;
                self.drop_with_owned(id, dice);
            }
            Action::Rename => {
                let id = self.pick(dice, |_| true).filter(|id| *id != PUBLIC)?;
                self.objects.get_mut(&id)?.name = name(dice);
            }
            Action::SwapNames => self.swap_names(dice)?,
            Action::MoveSchema => {
                let id = self.pick(dice, is_in_schema)?;
                let schema = self.pick_schema(dice)?;
                self.objects.get_mut(&id)?.schema = Some(schema);
            }
            Action::Uncomment => {
                let commented: Vec<Id> =
                    self.objects.iter().filter(|(_, o)| o.comment.is_some()).map(|(id, _)| *id).collect();
                let id = dice.pick(&commented)?;
                self.objects.get_mut(&id)?.comment = None;
            }
            Action::Revoke => {
                let granted: Vec<Id> =
                    self.objects.iter().filter(|(_, o)| !o.grants.is_empty()).map(|(id, _)| *id).collect();
                let id = dice.pick(&granted)?;
                let grants = &mut self.objects.get_mut(&id)?.grants;
                grants.remove(dice.roll(grants.len()));
            }
            _ => return self.change_column(action, dice).or_else(|| self.change_object(action, dice)),
        }
        Some(())
    }

    /// A sequence goes with the column that it belongs to, mostly.
    fn drop_with_owned(&mut self, id: Id, dice: &mut Dice<'_>) {
        self.objects.remove(&id);
        if dice.one_in(3) {
            return;
        }
        self.objects.retain(|_, object| match &object.what {
            What::Sequence(sequence) => sequence.owner.is_none_or(|(table, _)| table != id),
            _ => true,
        });
    }

    fn swap_names(&mut self, dice: &mut Dice<'_>) -> Option<()> {
        let one = self.pick(dice, |_| true).filter(|id| *id != PUBLIC)?;
        let kind = std::mem::discriminant(&self.objects.get(&one)?.what);
        let others: Vec<Id> = self
            .objects
            .iter()
            .filter(|(id, other)| {
                **id != one && **id != PUBLIC && std::mem::discriminant(&other.what) == kind
            })
            .map(|(id, _)| *id)
            .collect();
        let other = dice.pick(&others)?;
        let name = self.objects.get(&other)?.name.clone();
        let name = std::mem::replace(&mut self.objects.get_mut(&one)?.name, name);
        self.objects.get_mut(&other)?.name = name;
        Some(())
    }

    fn change_column(&mut self, action: Action, dice: &mut Dice<'_>) -> Option<()> {
        let actions = [
            Action::RenameColumn,
            Action::SwapColumnNames,
            Action::DropColumn,
            Action::RetypeColumn,
            Action::CollateColumn,
            Action::ToggleNotNull,
            Action::ChangeFill,
            Action::Identity,
            Action::Generate,
            Action::ColumnDetails,
        ];
        if !actions.contains(&action) {
            return None;
        }
        let (table, column) = self.pick_column(dice)?;
        let locked = self.is_partition_key(column);
        let ty = self.pick_type(dice);
        let collation = self.pick_collation(dice);
        let others: Vec<Id> = self.columns(table).iter().map(|c| c.id).filter(|id| *id != column).collect();
        let other = dice.pick(&others);
        let sequence = self.pick(dice, |what| matches!(what, What::Sequence(_)));
        let function = self.pick_callable(dice);
        let own = self.column_mut(table, column)?;
        match action {
            Action::RenameColumn => own.name = name(dice),
            Action::SwapColumnNames => {
                let there = self.column_mut(table, other?)?.name.clone();
                let here = std::mem::replace(&mut self.column_mut(table, column)?.name, there);
                self.column_mut(table, other?)?.name = here;
            }
            Action::DropColumn if !locked => self.table_mut(table)?.columns.retain(|own| own.id != column),
            Action::RetypeColumn if !locked => {
                own.ty = match own.ty {
                    Ty::Base(base) if ty == own.ty => Ty::Base(pick_other_base(dice, base)),
                    _ => ty,
                };
            }
            Action::CollateColumn if !locked => own.collation = collation,
            Action::ToggleNotNull => own.not_null = !own.not_null,
            Action::ChangeFill => {
                own.fill = match (dice.roll(5), sequence, function) {
                    (2, Some(sequence), _) => Fill::Next(sequence),
                    (3, _, Some(function)) => Fill::Call(function),
                    (4, ..) => Fill::Now,
                    (1, ..) => Fill::None,
                    _ => Fill::Literal(dice.small(20)),
                };
            }
            Action::Identity if !locked => {
                let (always, named, start) = (dice.one_in(2), dice.one_in(3), dice.small(3));
                own.fill = match own.fill {
                    Fill::Identity { .. } if dice.one_in(2) => Fill::None,
                    _ => Fill::Identity { always, named, start },
                };
                if !matches!(own.ty, Ty::Base(Base::Int | Base::Big | Base::Small)) {
                    own.ty = Ty::Base(Base::Big);
                }
            }
            Action::Generate if !locked => {
                own.fill = match own.fill {
                    Fill::Generated { .. } if dice.one_in(2) => Fill::None,
                    _ => {
                        let how = dice.small(5);
                        Fill::Generated { from: other?, how, call: function.filter(|_| how > 2) }
                    }
                };
            }
            Action::ColumnDetails => match dice.roll(4) {
                0 => own.storage = dice.small(4),
                1 => own.compression = !own.compression,
                2 => own.target = (own.target + 3) % 9,
                _ => own.distinct = !own.distinct,
            },
            _ => return None,
        }
        Some(())
    }

    fn change_object(&mut self, action: Action, dice: &mut Dice<'_>) -> Option<()> {
        match action {
            Action::Own => {
                let sequence = self.pick(dice, |what| matches!(what, What::Sequence(_)))?;
                let owner = self.pick_column(dice);
                let schema = self.objects.get(&owner?.0)?.schema;
                let object = self.objects.get_mut(&sequence)?;
                let What::Sequence(sequence) = &mut object.what else { return None };
                sequence.owner = if sequence.owner.is_some() { None } else { owner };
                object.schema = schema;
            }
            Action::Reparent => self.reparent(dice)?,
            Action::Repartition => {
                let id = self.pick(dice, |what| {
                    matches!(what, What::Table(table) if matches!(table.kind, TableKind::Plain | TableKind::Partitioned { .. }))
                })?;
                let by = dice.small(3);
                let key = self.columns(id).iter().find(|c| matches!(c.ty, Ty::Base(Base::Int))).map(|c| c.id);
                let table = self.table_mut(id)?;
                table.kind = match table.kind {
                    TableKind::Partitioned { .. } if dice.one_in(2) => TableKind::Plain,
                    _ => TableKind::Partitioned { by, key: key? },
                };
            }
            Action::ChangeTable => {
                let id = self.pick_table(dice)?;
                let table = self.table_mut(id)?;
                match dice.roll(5) {
                    0 => table.security = !table.security,
                    1 => table.forced = !table.forced,
                    2 => table.fillfactor = (table.fillfactor + 10) % 40,
                    3 => table.autovacuum = !table.autovacuum,
                    _ => match table.kind {
                        TableKind::Plain => table.kind = TableKind::Unlogged,
                        TableKind::Unlogged => table.kind = TableKind::Plain,
                        _ => {}
                    },
                }
            }
            Action::ReplicaIdentity => self.replica_identity(dice)?,
            Action::ChangeType => self.change_type(dice)?,
            Action::ChangeView | Action::ChangeViewColumns | Action::Materialize => {
                return self.change_view(action, dice);
            }
            Action::BecomeView => {
                let id = self.pick_table(dice)?;
                let columns = self.columns(id);
                let mut view = self.new_view(dice, is_odd(id))?;
                view.columns = columns
                    .into_iter()
                    .map(|c| ViewColumn {
                        id: c.id,
                        name: c.name,
                        from: From::Null(c.ty),
                        comment: c.comment,
                    })
                    .collect();
                view.sources.retain(|source| *source != id);
                (view.grouped, view.filter) = (None, None);
                self.objects.get_mut(&id)?.what = What::View(view);
            }
            Action::BecomeTable => {
                let id = self.pick(dice, |what| matches!(what, What::View(_)))?;
                let columns = self.columns(id);
                self.objects.get_mut(&id)?.what = What::Table(Table { ..plain_table(columns) });
            }
            _ => return self.change_attached(action, dice),
        }
        Some(())
    }

    fn reparent(&mut self, dice: &mut Dice<'_>) -> Option<()> {
        let id = self.pick(dice, |what| {
            matches!(what, What::Table(table) if matches!(table.kind, TableKind::Plain | TableKind::Partitioned { .. }))
        })?;
        let others: Vec<Id> = self
            .objects
            .iter()
            .filter(|(other, object)| {
                **other != id && matches!(&object.what, What::Table(table) if table.kind == TableKind::Plain)
            })
            .map(|(id, _)| *id)
            .collect();
        let (other, bound) = (dice.pick(&others), dice.small(10));
        let columns = self.columns(id);
        let fresh: Vec<_> = columns.iter().map(|column| (self.fresh(), column.clone())).collect();
        let table = self.table_mut(id)?;
        match table.parent {
            Parent::Partition { of, .. } if dice.one_in(3) => table.parent = Parent::Partition { of, bound },
            // Detached: what it had from above is now its own.
            Parent::Partition { .. } | Parent::Inherits(_) => {
                table.columns = fresh
                    .into_iter()
                    .map(|(id, column)| super::super::model::Column { id, fill: Fill::None, ..column })
                    .collect();
                table.parent = Parent::None;
                if matches!(table.kind, TableKind::Partitioned { .. }) {
                    table.kind = TableKind::Plain;
                }
            }
            Parent::None => {
                table.parent = Parent::Inherits(other?);
                table.kind = TableKind::Plain;
            }
        }
        Some(())
    }

    fn replica_identity(&mut self, dice: &mut Dice<'_>) -> Option<()> {
        let id = self.pick_stored(dice)?;
        let indexes: Vec<Id> = self
            .objects
            .iter()
            .filter(|(_, object)| matches!(&object.what, What::Index(index) if index.table == id))
            .map(|(id, _)| *id)
            .collect();
        let index = dice.pick(&indexes);
        let plain = self.table(id)?.parent == Parent::None && self.partition_keys(id).is_empty();
        let replica = match (dice.roll(4), index) {
            (0, Some(index)) if plain => {
                // One that can be: unique, whole, over columns that are never null.
                let What::Index(found) = &mut self.objects.get_mut(&index)?.what else { return None };
                (found.unique, found.filter) = (true, None);
                let keys: Vec<Id> = found
                    .keys
                    .iter_mut()
                    .map(|key| {
                        key.how = 0;
                        key.column
                    })
                    .collect();
                for column in keys {
                    self.column_mut(id, column)?.not_null = true;
                }
                Replica::Index(index)
            }
            (1, _) => Replica::Nothing,
            (2, _) => Replica::Default,
            _ => Replica::Full,
        };
        self.table_mut(id)?.replica = replica;
        Some(())
    }

    fn change_type(&mut self, dice: &mut Dice<'_>) -> Option<()> {
        let id = self.pick(dice, |what| {
            matches!(what, What::Enum(_) | What::Composite(_) | What::Domain(_) | What::Range(_))
        })?;
        let ty = self.pick_type(dice);
        let field = self.new_column(dice);
        let (form, at) = (dice.roll(6), dice.roll(8));
        match &mut self.objects.get_mut(&id)?.what {
            What::Enum(labels) => match form {
                0 | 1 => labels.insert(at % (labels.len() + 1), dice.small(48)),
                2 => labels.push(dice.small(48)),
                3 => labels.reverse(),
                4 if labels.len() > 1 => drop(labels.remove(at % labels.len())),
                _ => *labels.get_mut(0)? = dice.small(48),
            },
            What::Composite(fields) if fields.is_empty() => fields.push(field),
            What::Composite(fields) => {
                let at = at % fields.len();
                match form {
                    0 => fields.push(field),
                    1 => fields[at].ty = ty,
                    2 => fields[at].name = field.name,
                    3 => fields.reverse(),
                    _ => drop(fields.remove(at)),
                }
            }
            What::Domain(domain) => match form {
                0 => domain.checks.push((field.name, dice.small(5))),
                1 => domain.not_null = !domain.not_null,
                2 => domain.default = if domain.default.is_some() { None } else { Some(dice.small(9)) },
                3 => domain.base = ty,
                4 if !domain.checks.is_empty() => drop(domain.checks.remove(0)),
                _ => domain.checks.iter_mut().for_each(|check| check.1 = (check.1 + 1) % 5),
            },
            What::Range(base) => *base = pick_other_base(dice, *base),
            _ => return None,
        }
        Some(())
    }

    fn change_view(&mut self, action: Action, dice: &mut Dice<'_>) -> Option<()> {
        let id = self.pick(dice, |what| matches!(what, What::View(_)))?;
        let first = self.view(id)?.sources.first().copied();
        let extra = match first {
            Some(rel) => self.pick_columns(dice, rel, 1).first().copied(),
            None => None,
        };
        let test = first.and_then(|rel| self.pick_test(dice, rel));
        let key = first.and_then(|rel| self.primary_key(rel));
        let (fresh, named) = (self.fresh(), name(dice));
        let ty = self.pick_type(dice);
        let What::View(view) = &mut self.objects.get_mut(&id)?.what else { return None };
        match action {
            Action::Materialize => view.materialized = !view.materialized,
            Action::ChangeView => match dice.roll(6) {
                0 => view.filter = if view.filter.is_some() { None } else { test },
                1 => view.barrier = !view.barrier,
                2 => view.invoker = !view.invoker,
                3 => view.check = (view.check + 1) % 3,
                4 => view.grouped = if view.grouped.is_some() { None } else { key },
                _ => view.filled = !view.filled,
            },
            _ => {
                let from = match (dice.roll(4), first, extra) {
                    (0 | 1, Some(rel), Some(column)) => From::Column { rel, column },
                    (2, Some(rel), Some(column)) => From::AsText { rel, column },
                    (3, ..) => From::Number(dice.small(9)),
                    _ => From::Null(ty),
                };
                let column = ViewColumn { id: fresh, name: named, from, comment: None };
                let at = dice.roll(view.columns.len());
                match dice.roll(5) {
                    0 => view.columns.push(column),
                    1 => view.columns.insert(at, column),
                    2 if view.columns.len() > 1 => drop(view.columns.remove(at)),
                    3 => view.columns.reverse(),
                    // The same column, but something else.
                    _ => view.columns.get_mut(at)?.from = column.from,
                }
            }
        }
        Some(())
    }
}

fn is_odd(id: Id) -> bool {
    id % 2 == 1
}

/// What stands in a schema by itself.
fn is_in_schema(what: &What) -> bool {
    matches!(
        what,
        What::Table(_)
            | What::View(_)
            | What::Enum(_)
            | What::Composite(_)
            | What::Domain(_)
            | What::Range(_)
            | What::Sequence(_)
            | What::Function(_)
            | What::Aggregate { .. }
            | What::Operator { .. }
            | What::Collation(_)
            | What::Statistics { .. }
    )
}
