//! New types, sequences, relations and columns.

use super::super::dice::Dice;
use super::super::model::{
    Base, Column, Domain, Fill, From, Id, Model, Parent, Replica, Sequence, Table, TableKind, Ty, View,
    ViewColumn, What,
};
use super::{Action, name, pick_base};

impl Model {
    pub(super) fn create(&mut self, action: Action, dice: &mut Dice<'_>) -> Option<()> {
        match action {
            Action::AddSchema => {
                self.put(name(dice), None, What::Schema);
            }
            Action::AddEnum => {
                let schema = self.pick_schema(dice);
                let labels = (0..=dice.roll(4)).map(|_| dice.small(48)).collect();
                self.put(name(dice), schema, What::Enum(labels));
            }
            Action::AddComposite => {
                let schema = self.pick_schema(dice);
                let fields = (0..=dice.roll(2)).map(|_| self.new_column(dice)).collect();
                self.put(name(dice), schema, What::Composite(fields));
            }
            Action::AddDomain => self.add_domain(dice),
            Action::AddRange => {
                let schema = self.pick_schema(dice);
                let base = pick_base(dice);
                self.put(name(dice), schema, What::Range(base));
            }
            Action::AddCollation => {
                let schema = self.pick_schema(dice);
                let kind = dice.small(2);
                self.put(name(dice), schema, What::Collation(kind));
            }
            Action::AddSequence => {
                let schema = self.pick_schema(dice);
                let sequence = new_sequence(dice);
                self.put(name(dice), schema, What::Sequence(sequence));
            }
            Action::AddTable => self.add_table(dice),
            Action::AddPartitioned => self.add_partitioned(dice),
            Action::AddPartition => self.add_partition(dice)?,
            Action::AddChild => self.add_child(dice)?,
            Action::AddForeignTable => self.add_foreign(dice),
            Action::AddMapping => {
                let server = self.pick(dice, |what| matches!(what, What::Server { .. }))?;
                let (role, option) = (dice.small(4), dice.small(4));
                self.put("mapping".to_owned(), None, What::Mapping { server, role, option });
            }
            Action::AddView => self.add_view(dice, false)?,
            Action::AddMaterialized => self.add_view(dice, true)?,
            Action::AddColumn => {
                let table = self.pick_table(dice)?;
                let column = self.new_column(dice);
                self.table_mut(table)?.columns.push(column);
            }
            Action::AddSerial => self.add_serial(dice)?,
            _ => return None,
        }
        Some(())
    }

    pub(super) fn new_column(&mut self, dice: &mut Dice<'_>) -> Column {
        let id = self.fresh();
        let mut column = Column::new(id, name(dice), self.pick_type(dice));
        column.not_null = dice.one_in(4);
        if dice.one_in(4) {
            column.fill = Fill::Literal(dice.small(20));
        }
        column
    }

    fn add_domain(&mut self, dice: &mut Dice<'_>) {
        let schema = self.pick_schema(dice);
        let base = self.pick_type(dice);
        let checks = (0..dice.roll(3)).map(|_| (name(dice), dice.small(5))).collect();
        let domain = Domain {
            base,
            not_null: dice.one_in(4),
            default: if dice.one_in(3) { Some(dice.small(9)) } else { None },
            checks,
            collation: None,
        };
        self.put(name(dice), schema, What::Domain(domain));
    }

    fn add_table(&mut self, dice: &mut Dice<'_>) {
        let schema = self.pick_schema(dice);
        let named = name(dice);
        let kind = if dice.one_in(12) { TableKind::Unlogged } else { TableKind::Plain };
        // The first is a number, so that there is something to refer to.
        let mut first = Column::new(self.fresh(), name(dice), Ty::Base(Base::Int));
        first.not_null = dice.one_in(2);
        let mut columns = vec![first];
        if dice.one_in(3) {
            columns.push(Column::new(self.fresh(), name(dice), Ty::Base(Base::Text)));
        }
        for _ in 0..dice.roll(2) {
            columns.push(self.new_column(dice));
        }
        self.put(named, schema, What::Table(Table { kind, ..plain_table(columns) }));
    }

    fn add_partitioned(&mut self, dice: &mut Dice<'_>) {
        let schema = self.pick_schema(dice);
        let named = name(dice);
        let (by, partitions) = (dice.small(3), dice.roll(3));
        let ty = if dice.one_in(3) { Base::Text } else { Base::Int };
        let key = self.fresh();
        let mut columns = vec![Column::new(key, name(dice), Ty::Base(ty))];
        for _ in 0..=dice.roll(2) {
            columns.push(self.new_column(dice));
        }
        let table = Table { kind: TableKind::Partitioned { by, key }, ..plain_table(columns) };
        let of = self.put(named, schema, What::Table(table));
        for _ in 0..partitions {
            let parent = Parent::Partition { of, bound: dice.small(10) };
            self.put(name(dice), schema, What::Table(Table { parent, ..plain_table(Vec::new()) }));
        }
    }

    fn add_partition(&mut self, dice: &mut Dice<'_>) -> Option<()> {
        let of = self.pick(
            dice,
            |what| matches!(what, What::Table(table) if matches!(table.kind, TableKind::Partitioned { .. })),
        )?;
        let schema = self.pick_schema(dice);
        let parent = Parent::Partition { of, bound: dice.small(10) };
        let mut table = Table { parent, ..plain_table(Vec::new()) };
        if dice.one_in(5) {
            let TableKind::Partitioned { key, .. } = self.table(of)?.kind else { return None };
            table.kind = TableKind::Partitioned { by: dice.small(3), key };
        }
        self.put(name(dice), schema, What::Table(table));
        Some(())
    }

    fn add_child(&mut self, dice: &mut Dice<'_>) -> Option<()> {
        let of = self.pick(
            dice,
            |what| matches!(what, What::Table(table) if matches!(table.kind, TableKind::Plain)),
        )?;
        let schema = self.pick_schema(dice);
        let mut columns = Vec::new();
        for _ in 0..dice.roll(3) {
            columns.push(self.new_column(dice));
        }
        let table = Table { parent: Parent::Inherits(of), ..plain_table(columns) };
        self.put(name(dice), schema, What::Table(table));
        Some(())
    }

    fn add_foreign(&mut self, dice: &mut Dice<'_>) {
        let server = self.pick(dice, |what| matches!(what, What::Server { .. })).unwrap_or_else(|| {
            let wrapper = self.put(name(dice), None, What::Wrapper { option: dice.small(3) });
            let option = dice.small(3);
            self.put(name(dice), None, What::Server { wrapper, option })
        });
        let schema = self.pick_schema(dice);
        let kind = TableKind::Foreign { server, option: dice.small(3) };
        let columns = vec![self.new_column(dice)];
        self.put(name(dice), schema, What::Table(Table { kind, ..plain_table(columns) }));
    }

    fn add_serial(&mut self, dice: &mut Dice<'_>) -> Option<()> {
        let table = self.pick_table(dice)?;
        let schema = self.objects.get(&table)?.schema;
        let named = name(dice);
        let mut sequence = new_sequence(dice);
        let column = self.fresh();
        sequence.owner = if dice.one_in(5) { None } else { Some((table, column)) };
        let sequence = self.put(
            format!("{}_seq", &named.chars().take(9).collect::<String>()),
            schema,
            What::Sequence(sequence),
        );
        let ty = Ty::Base(if dice.one_in(2) { Base::Big } else { Base::Int });
        let mut column = Column::new(column, named, ty);
        column.not_null = true;
        column.fill = Fill::Next(sequence);
        self.table_mut(table)?.columns.push(column);
        Some(())
    }

    fn add_view(&mut self, dice: &mut Dice<'_>, materialized: bool) -> Option<()> {
        let schema = self.pick_schema(dice);
        let view = self.new_view(dice, materialized)?;
        self.put(name(dice), schema, What::View(view));
        Some(())
    }

    pub(super) fn new_view(&mut self, dice: &mut Dice<'_>, materialized: bool) -> Option<View> {
        let first = self.pick_relation(dice)?;
        let mut sources = vec![first];
        if dice.one_in(4)
            && let Some(second) = self.pick_relation(dice).filter(|second| *second != first)
        {
            sources.push(second);
        }
        let mut columns = Vec::new();
        for rel in &sources {
            for column in self.pick_columns(dice, *rel, 3) {
                let named = self.column(*rel, column)?.name;
                let from = From::Column { rel: *rel, column };
                columns.push(ViewColumn { id: self.fresh(), name: named, from, comment: None });
            }
        }
        let filter = if dice.one_in(3) { self.pick_test(dice, first) } else { None };
        let grouped = self.primary_key(first).filter(|_| sources.len() == 1 && dice.one_in(3));
        Some(View {
            materialized,
            sources,
            columns,
            filter,
            grouped,
            barrier: dice.one_in(6),
            invoker: false,
            check: 0,
            filled: true,
        })
    }

    pub(super) fn primary_key(&self, table: Id) -> Option<Id> {
        use super::super::model::{Constraint, Rules};
        self.objects.iter().find_map(|(id, object)| match &object.what {
            What::Constraint(Constraint { rule: Rules::Primary, table: of, .. }) if *of == table => Some(*id),
            _ => None,
        })
    }
}

pub(super) fn plain_table(columns: Vec<Column>) -> Table {
    Table {
        columns,
        kind: TableKind::Plain,
        parent: Parent::None,
        security: false,
        forced: false,
        fillfactor: 0,
        autovacuum: false,
        replica: Replica::Default,
    }
}

fn new_sequence(dice: &mut Dice<'_>) -> Sequence {
    Sequence {
        ty: dice.small(3),
        increment: [1, 1, 2, -1][dice.roll(4)],
        start: dice.small(9),
        cache: if dice.one_in(4) { 4 } else { 0 },
        cycle: dice.one_in(5),
        maximum: dice.one_in(4),
        owner: None,
    }
}
