//! New constraints, indexes, triggers, policies, rules and whatever else is about another object; comments and grants.

use super::super::dice::Dice;
use super::super::model::{
    Constraint, Fill, Grant, Id, Index, Key, Model, Policy, Publication, Published, Returns, Rule, Rules,
    TableKind, Trigger, What,
};
use super::{Action, name};

impl Model {
    pub(super) fn relate(&mut self, action: Action, dice: &mut Dice<'_>) -> Option<()> {
        match action {
            Action::AddKey => {
                let table = self.pick_stored(dice)?;
                let primary = self.primary_key(table).is_none() && !dice.one_in(3);
                let rule =
                    if primary { Rules::Primary } else { Rules::Unique { nulls_equal: dice.one_in(3) } };
                let columns = self.pick_columns(dice, table, 2);
                self.constrain(dice, Constraint { table, columns, rule, deferrable: 0, not_valid: false });
            }
            Action::AddForeignKey => self.add_foreign_key(dice)?,
            Action::AddCheck => {
                let table = self.pick_table(dice)?;
                let columns = self.pick_columns(dice, table, 1);
                let how = dice.small(6);
                let call = if dice.one_in(3) { self.pick_callable(dice) } else { None };
                let rule = Rules::Check { how, call, no_inherit: dice.one_in(6) };
                let not_valid = dice.one_in(5);
                self.constrain(dice, Constraint { table, columns, rule, deferrable: 0, not_valid });
            }
            Action::AddExclusion => {
                let table = self.pick_stored(dice)?;
                let columns = self.pick_columns(dice, table, 1);
                let deferrable = dice.small(3);
                let rule = Rules::Exclude;
                self.constrain(dice, Constraint { table, columns, rule, deferrable, not_valid: false });
            }
            Action::AddIndex => self.add_index(dice)?,
            Action::AddTrigger => self.add_trigger(dice)?,
            Action::AddPolicy => self.add_policy(dice)?,
            Action::AddRule => {
                let table = self.pick_relation(dice)?;
                let when = if dice.one_in(2) { self.pick_test(dice, table) } else { None };
                let action = if dice.one_in(2) { self.pick_stored(dice) } else { None };
                let rule = Rule {
                    table,
                    event: dice.small(3),
                    instead: dice.one_in(2),
                    when,
                    action,
                    enabled: dice.small(9) / 5,
                };
                self.put(name(dice), None, What::Rule(rule));
            }
            Action::AddStatistics => {
                let table = self.pick_stored(dice)?;
                let columns: Vec<Id> = self.columns(table).iter().map(|column| column.id).take(3).collect();
                let schema = self.pick_schema(dice);
                let what = What::Statistics { table, columns, kinds: dice.small(4), target: dice.small(4) };
                self.put(name(dice), schema, what);
            }
            Action::AddPublication => self.add_publication(dice),
            Action::AddDefaultRights => {
                let schema = if dice.one_in(3) { self.pick_schema(dice) } else { None };
                let what = What::DefaultRights {
                    role: dice.small(4),
                    objects: dice.small(4),
                    right: dice.small(2),
                    option: dice.one_in(4),
                };
                self.put("default rights".to_owned(), schema, what);
            }
            Action::Comment => {
                let id = self.pick(dice, |_| true)?;
                let number = dice.small(8);
                self.objects.get_mut(&id).filter(|_| id != super::PUBLIC)?.comment = Some(number);
            }
            Action::CommentColumn => {
                let (table, column) = self.pick_column(dice)?;
                self.column_mut(table, column)?.comment = Some(dice.small(8));
            }
            Action::Grant => {
                let id = self.pick(dice, |what| {
                    matches!(
                        what,
                        What::Schema
                            | What::Table(_)
                            | What::View(_)
                            | What::Sequence(_)
                            | What::Function(_)
                            | What::Enum(_)
                            | What::Domain(_)
                            | What::Composite(_)
                            | What::Range(_)
                            | What::Aggregate { .. }
                            | What::Wrapper { .. }
                            | What::Server { .. }
                    )
                })?;
                let grant = Grant { role: dice.small(4), right: dice.small(10), option: dice.one_in(4) };
                self.objects.get_mut(&id)?.grants.push(grant);
            }
            Action::GrantColumn => {
                let (table, column) = self.pick_column(dice)?;
                let grant = Grant { role: dice.small(4), right: dice.small(4), option: dice.one_in(4) };
                self.column_mut(table, column)?.grants.push(grant);
            }
            _ => return None,
        }
        Some(())
    }

    fn constrain(&mut self, dice: &mut Dice<'_>, constraint: Constraint) {
        self.put(name(dice), None, What::Constraint(constraint));
    }

    /// To a key of one column that is there, or to one made for it; over a column that fits, or a new one.
    fn add_foreign_key(&mut self, dice: &mut Dice<'_>) -> Option<()> {
        let table = self.pick_stored(dice)?;
        let mut keys = Vec::new();
        for (id, object) in &self.objects {
            if let What::Constraint(key) = &object.what
                && matches!(key.rule, Rules::Primary | Rules::Unique { .. })
                && key.deferrable == 0
            {
                keys.push((*id, key.table, self.key_columns(key)));
            }
        }
        let (target, there, columns) = dice.pick(&keys)?;
        let mut own = Vec::new();
        for column in columns {
            let ty = self.column(there, column)?.ty;
            let fits = |column: &super::super::model::Column| {
                column.ty == ty && column.fill == Fill::None && !own.contains(&column.id)
            };
            let fitting = self.columns(table).into_iter().find(fits);
            match fitting {
                Some(column) => own.push(column.id),
                None => {
                    let mut column = self.new_column(dice);
                    (column.ty, column.fill) = (ty, Fill::None);
                    own.push(column.id);
                    self.table_mut(table)?.columns.push(column);
                }
            }
        }
        let rule =
            Rules::Foreign { target, delete: dice.small(4), update: dice.small(4), full: dice.one_in(5) };
        let (deferrable, not_valid) = (dice.small(6).saturating_sub(3), dice.one_in(5));
        self.constrain(dice, Constraint { table, columns: own, rule, deferrable, not_valid });
        Some(())
    }

    pub(super) fn new_key(&self, dice: &mut Dice<'_>, column: Id) -> Key {
        let how = dice.small(5).saturating_sub(2);
        let call = if how == 2 { self.pick_callable(dice) } else { None };
        let rest = dice.roll(16);
        Key {
            column,
            how,
            call,
            descending: rest & 1 != 0,
            nulls: rest & 3 == 2,
            pattern: rest & 12 == 4,
            collated: rest & 12 == 8,
        }
    }

    fn add_index(&mut self, dice: &mut Dice<'_>) -> Option<()> {
        let table = self.pick(dice, |what| match what {
            What::Table(table) => !matches!(table.kind, TableKind::Foreign { .. }),
            What::View(view) => view.materialized,
            _ => false,
        })?;
        let columns = self.pick_columns(dice, table, 2);
        let keys = columns.iter().map(|column| self.new_key(dice, *column)).collect();
        let include = if dice.one_in(5) { self.pick_columns(dice, table, 1) } else { Vec::new() };
        let filter = if dice.one_in(4) { self.pick_test(dice, table) } else { None };
        let index = Index {
            table,
            keys,
            include,
            unique: dice.one_in(4),
            method: dice.small(3),
            filter,
            fillfactor: dice.one_in(5),
            clustered: dice.one_in(5),
        };
        self.put(name(dice), None, What::Index(index));
        Some(())
    }

    fn add_trigger(&mut self, dice: &mut Dice<'_>) -> Option<()> {
        let table = self.pick_relation(dice)?;
        let own =
            |what: &What| matches!(what, What::Function(function) if function.returns == Returns::Trigger);
        let function = match self.pick(dice, own).filter(|_| !dice.one_in(3)) {
            Some(function) => function,
            None => self.new_trigger_function(dice, Returns::Trigger),
        };
        let trigger = Trigger {
            table,
            function,
            timing: dice.small(3),
            events: dice.small(8),
            statement: dice.one_in(3),
            of: if dice.one_in(3) { self.pick_columns(dice, table, 1).first().copied() } else { None },
            when: if dice.one_in(3) { self.pick_test(dice, table) } else { None },
            enabled: dice.small(8).saturating_sub(4),
            argument: dice.small(3),
        };
        self.put(name(dice), None, What::Trigger(trigger));
        Some(())
    }

    fn add_policy(&mut self, dice: &mut Dice<'_>) -> Option<()> {
        let table = self.pick_stored(dice)?;
        let using = self.pick_test(dice, table);
        let check = if dice.one_in(2) { self.pick_test(dice, table) } else { None };
        let beside = if dice.one_in(3) { self.pick_relation(dice) } else { None };
        let policy = Policy {
            table,
            command: dice.small(5),
            restrictive: dice.one_in(4),
            role: dice.small(4),
            using,
            check,
            beside,
        };
        self.table_mut(table)?.security = true;
        self.put(name(dice), None, What::Policy(policy));
        Some(())
    }

    fn add_publication(&mut self, dice: &mut Dice<'_>) {
        let all = dice.one_in(5);
        let schemas = if dice.one_in(4) { self.pick_schema(dice).into_iter().collect() } else { Vec::new() };
        let mut tables: Vec<Published> = Vec::new();
        for _ in 0..=dice.roll(2) {
            let Some(table) = self.pick_table(dice) else { continue };
            if tables.iter().all(|published| published.table != table) {
                tables.push(self.new_published(dice, table));
            }
        }
        let publication =
            Publication { all, schemas, tables, operations: dice.small(4), root: dice.one_in(3) };
        self.put(name(dice), None, What::Publication(publication));
    }

    pub(super) fn new_published(&self, dice: &mut Dice<'_>, table: Id) -> Published {
        let columns = if dice.one_in(3) { self.pick_columns(dice, table, 2) } else { Vec::new() };
        let filter = if dice.one_in(3) { self.pick_test(dice, table) } else { None };
        Published { table, columns, filter }
    }
}
