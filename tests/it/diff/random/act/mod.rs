//! What can be done to a model. An operation that finds nothing to work on does nothing; afterwards the model is healed.

mod change;
mod create;
mod relate;
mod routine;

use proptest::prelude::*;

use super::dice::{Dice, ROLLS, SIDES};
use super::heal::heal;
use super::model::{BASES, Base, Coll, Id, Model, Object, Parent, TableKind, Test, Ty, What};
use super::names;

/// The schema that is always there.
pub(super) const PUBLIC: Id = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Action {
    AddSchema,
    AddEnum,
    AddComposite,
    AddDomain,
    AddRange,
    AddCollation,
    AddSequence,
    AddTable,
    AddPartitioned,
    AddPartition,
    AddChild,
    AddForeignTable,
    AddMapping,
    AddView,
    AddMaterialized,
    AddFunction,
    AddRowFunction,
    AddProcedure,
    AddAggregate,
    AddKey,
    AddForeignKey,
    AddCheck,
    AddExclusion,
    AddIndex,
    AddTrigger,
    AddPolicy,
    AddRule,
    AddStatistics,
    AddPublication,
    AddEventTrigger,
    AddCast,
    AddOperator,
    AddDefaultRights,
    AddColumn,
    AddSerial,
    Comment,
    CommentColumn,
    Grant,
    GrantColumn,
    Drop,
    Rename,
    RenameColumn,
    SwapNames,
    SwapColumnNames,
    MoveSchema,
    DropColumn,
    RetypeColumn,
    CollateColumn,
    ToggleNotNull,
    ChangeFill,
    Identity,
    Generate,
    ColumnDetails,
    Own,
    Reparent,
    Repartition,
    ChangeTable,
    ReplicaIdentity,
    ChangeType,
    ChangeSequence,
    ChangeView,
    ChangeViewColumns,
    Materialize,
    BecomeView,
    BecomeTable,
    ChangeSignature,
    ChangeReturn,
    ChangeFunction,
    ChangeBody,
    ChangeConstraint,
    ChangeIndex,
    ChangeTrigger,
    ChangePolicy,
    ChangeRule,
    ChangeOther,
    CallFunction,
    Uncomment,
    Revoke,
}

/// Each action with its weight while a schema is made, and while it is changed.
pub(super) const ACTIONS: [(Action, u32, u32); 78] = {
    use Action::*;
    [
        (AddTable, 16, 3),
        (AddSchema, 5, 2),
        (AddEnum, 8, 2),
        (AddComposite, 4, 1),
        (AddDomain, 6, 2),
        (AddRange, 2, 1),
        (AddCollation, 2, 1),
        (AddSequence, 4, 2),
        (AddPartitioned, 5, 1),
        (AddPartition, 6, 2),
        (AddChild, 4, 2),
        (AddForeignTable, 3, 1),
        (AddMapping, 1, 1),
        (AddView, 14, 4),
        (AddMaterialized, 6, 2),
        (AddFunction, 12, 3),
        (AddRowFunction, 4, 1),
        (AddProcedure, 2, 1),
        (AddAggregate, 2, 1),
        (AddKey, 14, 3),
        (AddForeignKey, 8, 3),
        (AddCheck, 8, 3),
        (AddExclusion, 2, 1),
        (AddIndex, 12, 4),
        (AddTrigger, 6, 2),
        (AddPolicy, 4, 2),
        (AddRule, 3, 1),
        (AddStatistics, 2, 1),
        (AddPublication, 3, 1),
        (AddEventTrigger, 1, 1),
        (AddCast, 2, 1),
        (AddOperator, 2, 1),
        (AddDefaultRights, 3, 1),
        (AddColumn, 10, 6),
        (AddSerial, 4, 2),
        (Comment, 6, 3),
        (CommentColumn, 3, 2),
        (Grant, 6, 3),
        (GrantColumn, 2, 2),
        (CallFunction, 4, 3),
        (ChangeFill, 4, 5),
        (Identity, 3, 3),
        (Generate, 4, 3),
        (ColumnDetails, 3, 4),
        (CollateColumn, 3, 3),
        (ToggleNotNull, 6, 4),
        (ReplicaIdentity, 2, 2),
        (Own, 2, 3),
        (Drop, 0, 12),
        (Rename, 0, 6),
        (RenameColumn, 0, 4),
        (SwapNames, 0, 4),
        (SwapColumnNames, 0, 2),
        (MoveSchema, 0, 4),
        (DropColumn, 0, 6),
        (RetypeColumn, 0, 9),
        (Reparent, 0, 4),
        (Repartition, 0, 3),
        (ChangeTable, 2, 5),
        (ChangeType, 0, 9),
        (ChangeSequence, 0, 3),
        (ChangeView, 1, 4),
        (ChangeViewColumns, 0, 5),
        (Materialize, 0, 2),
        (BecomeView, 0, 2),
        (BecomeTable, 0, 2),
        (ChangeSignature, 0, 6),
        (ChangeReturn, 0, 3),
        (ChangeFunction, 0, 4),
        (ChangeBody, 0, 3),
        (ChangeConstraint, 0, 4),
        (ChangeIndex, 0, 4),
        (ChangeTrigger, 0, 3),
        (ChangePolicy, 0, 2),
        (ChangeRule, 0, 4),
        (ChangeOther, 0, 5),
        (Uncomment, 0, 4),
        (Revoke, 0, 3),
    ]
};

/// An action and the choices that it makes.
#[derive(Clone, Debug)]
pub(super) struct Op {
    pub(super) action: Action,
    numbers: [u8; ROLLS],
}

impl Op {
    /// Leaves it out of a list.
    pub(super) fn without(ops: &mut Vec<Op>, at: usize) {
        ops.remove(at);
    }

    /// With the plainest of all choices.
    pub(super) fn plain(ops: &mut Vec<Op>, at: usize) {
        ops[at].numbers = [0; ROLLS];
    }
}

/// What the cases of a test are about; all of it together makes small cases of everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Focus {
    Tables,
    TypesAndViews,
    Code,
    Everything,
}

impl Focus {
    fn has(self, action: Action) -> bool {
        use Action::*;
        let always = matches!(
            action,
            AddTable
                | AddSchema
                | AddColumn
                | Comment
                | Grant
                | Drop
                | Rename
                | SwapNames
                | MoveSchema
                | DropColumn
        );
        let own = match self {
            Focus::Everything => true,
            Focus::Tables => matches!(
                action,
                AddSequence
                    | AddPartitioned
                    | AddPartition
                    | AddChild
                    | AddKey
                    | AddForeignKey
                    | AddCheck
                    | AddExclusion
                    | AddIndex
                    | AddSerial
                    | CommentColumn
                    | GrantColumn
                    | RenameColumn
                    | SwapColumnNames
                    | RetypeColumn
                    | CollateColumn
                    | ToggleNotNull
                    | ChangeFill
                    | Identity
                    | Generate
                    | ColumnDetails
                    | Own
                    | Reparent
                    | Repartition
                    | ChangeTable
                    | ReplicaIdentity
                    | ChangeSequence
                    | ChangeConstraint
                    | ChangeIndex
                    | Uncomment
                    | Revoke
            ),
            Focus::TypesAndViews => matches!(
                action,
                AddEnum
                    | AddComposite
                    | AddDomain
                    | AddRange
                    | AddCollation
                    | AddView
                    | AddMaterialized
                    | AddKey
                    | AddIndex
                    | AddRowFunction
                    | ChangeType
                    | ChangeView
                    | ChangeViewColumns
                    | Materialize
                    | BecomeView
                    | BecomeTable
                    | RetypeColumn
                    | CollateColumn
                    | RenameColumn
                    | ChangeFill
                    | AddPolicy
            ),
            Focus::Code => matches!(
                action,
                AddFunction
                    | AddRowFunction
                    | AddProcedure
                    | AddAggregate
                    | AddTrigger
                    | AddPolicy
                    | AddRule
                    | AddView
                    | AddCheck
                    | AddEnum
                    | AddDomain
                    | AddCast
                    | AddOperator
                    | AddIndex
                    | CallFunction
                    | ChangeSignature
                    | ChangeReturn
                    | ChangeFunction
                    | ChangeBody
                    | ChangeTrigger
                    | ChangePolicy
                    | ChangeRule
                    | RetypeColumn
                    | Generate
                    | ChangeOther
            ),
        };
        always || own
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
