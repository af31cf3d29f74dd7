//! What can be done to a model. An operation that finds nothing to work on does nothing; afterwards the model is healed.

mod action;
mod change;
mod create;
mod relate;
mod reshape;
mod routine;

use proptest::prelude::*;

pub(super) use action::{ACTIONS, Action, Focus};

use super::dice::{Dice, ROLLS, SIDES};
use super::heal::heal;
use super::model::{BASES, Base, Coll, Id, Model, Object, Parent, TableKind, Test, Ty, What};
use super::names;

/// The schema that is always there.
pub(super) const PUBLIC: Id = 1;

/// An action and the choices that it makes.
#[derive(Clone, Debug)]
pub(super) struct Op {
    pub(super) action: Action,
    numbers: [u8; ROLLS],
}

impl Op {
    /// With the plainest of all choices.
    pub(super) fn make_plain(&mut self) {
        self.numbers = [0; ROLLS];
    }
}

fn op(focus: Focus, weight: impl Fn(&(Action, u32, u32)) -> u32) -> impl Strategy<Value = Op> {
    let choices: Vec<_> = ACTIONS
        .iter()
        .filter(|entry| weight(entry) > 0 && focus.has(entry.0))
        .map(|entry| (weight(entry), Just(entry.0)))
        .collect();
    (proptest::strategy::Union::new_weighted(choices), proptest::array::uniform24(0..SIDES))
        .prop_map(|(action, numbers)| Op { action, numbers })
}

/// What makes a schema, and what changes it.
pub(super) fn ops(focus: Focus) -> impl Strategy<Value = (Vec<Op>, Vec<Op>)> {
    let tables = proptest::collection::vec(op(focus, |entry| u32::from(entry.0 == Action::AddTable)), 1..3);
    let making = proptest::collection::vec(op(focus, |entry| entry.1), 2..14);
    let changes = proptest::collection::vec(op(focus, |entry| entry.2), 1..6);
    let making = (tables, making).prop_map(|(tables, making)| [tables, making].concat());
    (making, changes)
}

impl Model {
    pub(super) fn empty() -> Self {
        let public = Object {
            name: "public".to_owned(),
            schema: None,
            what: What::Schema,
            comment: None,
            grants: Vec::new(),
        };
        Self { objects: [(PUBLIC, public)].into(), last: PUBLIC }
    }

    /// The model after these operations; `seen` hears which of them changed something.
    pub(super) fn after(&self, ops: &[Op], seen: &mut impl FnMut(Action)) -> Self {
        let mut model = self.clone();
        for op in ops {
            let before = model.objects.clone();
            model.act(op.action, &mut Dice::new(&op.numbers));
            if model.objects == before {
                continue;
            }
            heal(&mut model);
            if model.objects != before {
                seen(op.action);
            }
        }
        model
    }

    fn act(&mut self, action: Action, dice: &mut Dice<'_>) {
        // Nothing to work on is no mistake.
        let _done: Option<()> = self
            .create(action, dice)
            .or_else(|| self.relate(action, dice))
            .or_else(|| self.routine(action, dice))
            .or_else(|| self.change(action, dice));
    }

    pub(super) fn fresh(&mut self) -> Id {
        self.last += 1;
        self.last
    }

    fn put(&mut self, name: String, schema: Option<Id>, what: What) -> Id {
        let id = self.fresh();
        self.objects.insert(id, Object { name, schema, what, comment: None, grants: Vec::new() });
        id
    }

    fn pick(&self, dice: &mut Dice<'_>, wanted: impl Fn(&What) -> bool) -> Option<Id> {
        let fitting: Vec<Id> =
            self.objects.iter().filter(|(_, object)| wanted(&object.what)).map(|(id, _)| *id).collect();
        dice.pick(&fitting)
    }

    fn pick_schema(&self, dice: &mut Dice<'_>) -> Option<Id> {
        self.pick(dice, |what| matches!(what, What::Schema))
    }

    fn pick_table(&self, dice: &mut Dice<'_>) -> Option<Id> {
        self.pick(dice, |what| matches!(what, What::Table(_)))
    }

    /// A table that can have keys and indexes.
    fn pick_stored(&self, dice: &mut Dice<'_>) -> Option<Id> {
        self.pick(
            dice,
            |what| matches!(what, What::Table(table) if !matches!(table.kind, TableKind::Foreign { .. })),
        )
    }

    fn pick_relation(&self, dice: &mut Dice<'_>) -> Option<Id> {
        self.pick(dice, |what| matches!(what, What::Table(_) | What::View(_)))
    }

    /// A table with columns of its own, and one of them.
    fn pick_column(&self, dice: &mut Dice<'_>) -> Option<(Id, Id)> {
        let table = self.pick(dice, |what| {
            matches!(what, What::Table(table)
                if !table.columns.is_empty() && !matches!(table.parent, Parent::Partition { .. }))
        })?;
        let columns: Vec<Id> = self.table(table)?.columns.iter().map(|column| column.id).collect();
        Some((table, dice.pick(&columns)?))
    }

    fn pick_columns(&self, dice: &mut Dice<'_>, rel: Id, most: usize) -> Vec<Id> {
        let all: Vec<Id> = self.columns(rel).iter().map(|column| column.id).collect();
        let mut picked: Vec<Id> = Vec::new();
        for _ in 0..=dice.roll(most) {
            if let Some(column) = dice.pick(&all).filter(|column| !picked.contains(column)) {
                picked.push(column);
            }
        }
        picked
    }

    fn pick_callable(&self, dice: &mut Dice<'_>) -> Option<Id> {
        let all: Vec<Id> = self.objects.keys().copied().filter(|id| self.callable(*id).is_some()).collect();
        dice.pick(&all)
    }

    /// Mostly a type of the server's own.
    fn pick_type(&self, dice: &mut Dice<'_>) -> Ty {
        let base = Ty::Base(pick_base(dice));
        match dice.roll(8) {
            0..4 => base,
            7 => {
                let of =
                    self.pick(dice, |what| matches!(what, What::Enum(_) | What::Domain(_))).map(Ty::User);
                Ty::Array(Box::new(of.unwrap_or(base)))
            }
            _ => {
                let user = self.pick(dice, |what| {
                    matches!(what, What::Enum(_) | What::Domain(_) | What::Composite(_) | What::Range(_))
                });
                user.map_or(base, Ty::User)
            }
        }
    }

    fn pick_collation(&self, dice: &mut Dice<'_>) -> Option<Coll> {
        match dice.roll(4) {
            0 => None,
            1 => Some(Coll::C),
            _ => {
                let own = self.pick(dice, |what| matches!(what, What::Collation(_)));
                Some(own.map_or(Coll::C, Coll::User))
            }
        }
    }

    fn pick_test(&self, dice: &mut Dice<'_>, rel: Id) -> Option<Test> {
        let columns: Vec<Id> = self.columns(rel).iter().map(|column| column.id).collect();
        let column = dice.pick(&columns)?;
        let how = dice.small(6);
        let call = if dice.one_in(3) { self.pick_callable(dice) } else { None };
        Some(Test { column, how, call })
    }

    fn column_mut(&mut self, table: Id, column: Id) -> Option<&mut super::model::Column> {
        match &mut self.objects.get_mut(&table)?.what {
            What::Table(table) => table.columns.iter_mut().find(|own| own.id == column),
            _ => None,
        }
    }

    fn table_mut(&mut self, table: Id) -> Option<&mut super::model::Table> {
        match &mut self.objects.get_mut(&table)?.what {
            What::Table(table) => Some(table),
            _ => None,
        }
    }
}

fn pick_base(dice: &mut Dice<'_>) -> Base {
    BASES[dice.roll(BASES.len())]
}

fn name(dice: &mut Dice<'_>) -> String {
    names::name(dice)
}
