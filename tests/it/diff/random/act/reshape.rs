//! Changes to what is about another object: each toggles or replaces one attribute.

use super::super::dice::Dice;
use super::super::model::{Base, Model, Object, Rules, What};
use super::Action;

impl Model {
    pub(super) fn change_attached(&mut self, action: Action, dice: &mut Dice<'_>) -> Option<()> {
        let id = self.pick(dice, |what| match action {
            Action::ChangeSequence => matches!(what, What::Sequence(_)),
            Action::ChangeConstraint => matches!(what, What::Constraint(_)),
            Action::ChangeIndex => matches!(what, What::Index(_)),
            Action::ChangeTrigger => matches!(what, What::Trigger(_)),
            Action::ChangePolicy => matches!(what, What::Policy(_)),
            Action::ChangeRule => matches!(what, What::Rule(_)),
            _ => is_other(what),
        })?;
        let mut object = self.objects.get(&id)?.clone();
        self.reshape(&mut object, dice)?;
        self.objects.insert(id, object);
        Some(())
    }

    fn reshape(&mut self, object: &mut Object, dice: &mut Dice<'_>) -> Option<()> {
        match &mut object.what {
            What::Sequence(sequence) => match dice.roll(6) {
                0 => sequence.increment = if sequence.increment == 1 { 2 } else { 1 },
                1 => sequence.start = (sequence.start + 1) % 9,
                2 => sequence.ty = (sequence.ty + 1) % 3,
                3 => sequence.cycle = !sequence.cycle,
                4 => sequence.maximum = !sequence.maximum,
                _ => sequence.cache = 4 - sequence.cache.min(4),
            },
            What::Constraint(constraint) => {
                let columns = self.pick_columns(dice, constraint.table, 2);
                match (dice.roll(5), &mut constraint.rule) {
                    (0, Rules::Check { how, .. }) => *how = (*how + 1) % 6,
                    (1, Rules::Check { no_inherit, .. }) => *no_inherit = !*no_inherit,
                    (0, Rules::Foreign { delete, .. }) => *delete = (*delete + 1) % 4,
                    (1, Rules::Foreign { update, .. }) => *update = (*update + 1) % 4,
                    (0, Rules::Unique { nulls_equal }) => *nulls_equal = !*nulls_equal,
                    (1, rule @ Rules::Unique { .. }) => *rule = Rules::Primary,
                    (1, rule @ Rules::Primary) => *rule = Rules::Unique { nulls_equal: false },
                    (2, _) => constraint.deferrable = (constraint.deferrable + 1) % 3,
                    (3, _) => constraint.not_valid = !constraint.not_valid,
                    _ => constraint.columns = columns,
                }
            }
            What::Index(index) => {
                let columns = self.pick_columns(dice, index.table, 1);
                let test = self.pick_test(dice, index.table);
                let key = self.new_key(dice, *columns.first()?);
                match dice.roll(7) {
                    0 => index.unique = !index.unique,
                    1 => index.filter = if index.filter.is_some() { None } else { test },
                    2 => index.include = columns,
                    3 => index.clustered = !index.clustered,
                    4 => index.fillfactor = !index.fillfactor,
                    5 => index.method = (index.method + 1) % 3,
                    _ => *index.keys.first_mut()? = key,
                }
            }
            What::Trigger(trigger) => {
                let test = self.pick_test(dice, trigger.table);
                match dice.roll(6) {
                    0 => trigger.timing = (trigger.timing + 1) % 3,
                    1 => trigger.events = (trigger.events + 1) % 8,
                    2 => trigger.statement = !trigger.statement,
                    3 => trigger.when = if trigger.when.is_some() { None } else { test },
                    4 => trigger.enabled = (trigger.enabled + 1) % 4,
                    _ => trigger.argument = (trigger.argument + 1) % 4,
                }
            }
            What::Policy(policy) => {
                let test = self.pick_test(dice, policy.table);
                let beside = self.pick_relation(dice);
                match dice.roll(6) {
                    0 => policy.command = (policy.command + 1) % 5,
                    1 => policy.restrictive = !policy.restrictive,
                    2 => policy.role = (policy.role + 1) % 4,
                    3 => policy.using = test,
                    4 => policy.check = if policy.check.is_some() { None } else { test },
                    _ => policy.beside = if policy.beside.is_some() { None } else { beside },
                }
            }
            What::Rule(rule) => {
                let test = self.pick_test(dice, rule.table);
                match dice.roll(4) {
                    0 => rule.event = (rule.event + 1) % 3,
                    1 => rule.instead = !rule.instead,
                    2 => rule.when = if rule.when.is_some() { None } else { test },
                    _ => rule.enabled = (rule.enabled + 1) % 4,
                }
            }
            other => self.reshape_other(other, dice)?,
        }
        Some(())
    }

    fn reshape_other(&mut self, what: &mut What, dice: &mut Dice<'_>) -> Option<()> {
        match what {
            What::Publication(publication) => {
                let table = self.pick_table(dice);
                match (dice.roll(5), table) {
                    (0, _) => publication.all = !publication.all,
                    (1, _) => publication.operations = (publication.operations + 1) % 4,
                    (2, _) => publication.root = !publication.root,
                    (3, Some(table)) if publication.tables.iter().all(|own| own.table != table) => {
                        publication.tables.push(self.new_published(dice, table));
                    }
                    _ if publication.tables.is_empty() => {
                        publication.operations = (publication.operations + 1) % 4
                    }
                    _ => drop(publication.tables.remove(0)),
                }
            }
            What::Statistics { kinds, target, columns, .. } => match dice.roll(3) {
                0 => *kinds = (*kinds + 1) % 4,
                1 => *target = (*target + 1) % 4,
                _ => columns.reverse(),
            },
            What::Wrapper { option } | What::Server { option, .. } | What::Mapping { option, .. } => {
                *option = (*option + 1) % 4;
            }
            What::EventTrigger { event, enabled, .. } => match dice.roll(2) {
                0 => *enabled = (*enabled + 1) % 4,
                _ => *event = (*event + 1) % 4,
            },
            What::Cast { context, .. } => *context = (*context + 1) % 2,
            What::Operator { symbol, .. } => *symbol = (*symbol + 1) % 6,
            What::Collation(kind) => *kind = (*kind + 1) % 2,
            What::DefaultRights { right, option, role, .. } => match dice.roll(3) {
                0 => *right = (*right + 1) % 2,
                1 => *option = !*option,
                _ => *role = (*role + 1) % 4,
            },
            What::Aggregate { base, state } => match state {
                Some(_) => *state = None,
                None => *base = if *base == Base::Int { Base::Big } else { Base::Int },
            },
            _ => return None,
        }
        Some(())
    }
}

fn is_other(what: &What) -> bool {
    matches!(
        what,
        What::Publication(_)
            | What::Statistics { .. }
            | What::Wrapper { .. }
            | What::Server { .. }
            | What::Mapping { .. }
            | What::EventTrigger { .. }
            | What::Cast { .. }
            | What::Operator { .. }
            | What::Collation(_)
            | What::DefaultRights { .. }
            | What::Aggregate { .. }
    )
}
