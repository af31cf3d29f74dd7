//! New functions and what is made of them, and how functions change while they are used.

use super::super::dice::Dice;
use super::super::model::{
    Argument, Base, Fill, From, Function, Id, Language, Model, Returns, Rules, Ty, ViewColumn, What,
};
use super::{Action, name, pick_base};

impl Model {
    pub(super) fn routine(&mut self, action: Action, dice: &mut Dice<'_>) -> Option<()> {
        match action {
            Action::AddFunction => {
                let returns = match dice.roll(9) {
                    6 => Returns::Void,
                    7 => self.pick_relation(dice).map_or(Returns::Void, Returns::Set),
                    8 => Returns::Table(vec![self.new_argument(dice), self.new_argument(dice)]),
                    _ => Returns::One(self.pick_type(dice)),
                };
                let schema = self.pick_schema(dice);
                let function = self.new_function(dice, returns);
                self.put(name(dice), schema, What::Function(function));
            }
            Action::AddRowFunction => {
                let rel = self.pick_relation(dice)?;
                let schema = self.pick_schema(dice);
                let mut function = self.new_function(dice, Returns::One(Ty::Base(Base::Text)));
                function.arguments.truncate(1);
                let own = Argument { name: name(dice), ty: Ty::User(rel), default: None };
                function.arguments.insert(0, own);
                self.put(name(dice), schema, What::Function(function));
            }
            Action::AddProcedure => {
                let schema = self.pick_schema(dice);
                let function = self.new_function(dice, Returns::Procedure);
                self.put(name(dice), schema, What::Function(function));
            }
            Action::AddAggregate => {
                let schema = self.pick_schema(dice);
                let base = [Base::Int, Base::Text, Base::Big, Base::Double, Base::Bool, Base::Numeric(0)]
                    [dice.roll(6)];
                let state = dice.one_in(2).then(|| self.new_step(dice, Ty::Base(base)));
                self.put(name(dice), schema, What::Aggregate { base, state });
            }
            Action::AddEventTrigger => {
                let function = self.new_trigger_function(dice, Returns::EventTrigger);
                let what = What::EventTrigger {
                    function,
                    event: dice.small(4),
                    enabled: dice.small(6).saturating_sub(2),
                };
                self.put(name(dice), None, what);
            }
            Action::AddCast => {
                let castable =
                    |what: &What| matches!(what, What::Enum(_) | What::Range(_) | What::Composite(_));
                let source = self.pick(dice, castable)?;
                let mut function = self.new_function(dice, Returns::One(Ty::Base(Base::Int)));
                function.arguments = vec![Argument { name: name(dice), ty: Ty::User(source), default: None }];
                let schema = self.pick_schema(dice);
                let function = self.put(name(dice), schema, What::Function(function));
                self.put("cast".to_owned(), None, What::Cast { source, function, context: dice.small(2) });
            }
            Action::AddOperator => {
                let ty = self.pick_type(dice);
                let function = self.new_step(dice, ty);
                let schema = self.pick_schema(dice);
                self.put("operator".to_owned(), schema, What::Operator { function, symbol: dice.small(6) });
            }
            Action::ChangeSignature => {
                let id = self.pick(dice, is_function)?;
                let extra = self.new_argument(dice);
                let ty = self.pick_type(dice);
                let function = self.function_mut(id)?;
                let at = dice.roll(function.arguments.len());
                match (dice.roll(5), function.arguments.get_mut(at)) {
                    (1, Some(_)) => drop(function.arguments.remove(at)),
                    (2, Some(argument)) => argument.ty = ty,
                    (3, Some(argument)) => argument.name = extra.name,
                    (4, Some(argument)) => {
                        argument.default =
                            if argument.default.is_some() { None } else { Some(dice.small(20)) };
                    }
                    _ => function.arguments.push(extra),
                }
            }
            Action::ChangeReturn => {
                let id = self.pick(dice, is_function)?;
                let ty = self.pick_type(dice);
                let columns = vec![self.new_argument(dice), self.new_argument(dice)];
                let rel = self.pick_relation(dice);
                let function = self.function_mut(id)?;
                function.returns = match dice.roll(8) {
                    4 => Returns::Void,
                    5 => Returns::Table(columns),
                    6 => Returns::Set(rel?),
                    7 => Returns::Procedure,
                    _ => Returns::One(ty),
                };
            }
            Action::ChangeFunction => {
                let id = self.pick(dice, |what| matches!(what, What::Function(_)))?;
                let function = self.function_mut(id)?;
                match dice.roll(7) {
                    0 => function.volatility = (function.volatility + 1) % 3,
                    1 => function.strict = !function.strict,
                    2 => function.definer = !function.definer,
                    3 => function.parallel = (function.parallel + 1) % 3,
                    4 => function.cost = !function.cost,
                    5 => function.set = !function.set,
                    _ => function.revoked = !function.revoked,
                }
            }
            Action::ChangeBody => {
                let id = self.pick(dice, |what| matches!(what, What::Function(_)))?;
                let uses = self.pick_used(dice);
                let function = self.function_mut(id)?;
                match dice.roll(3) {
                    0 => function.body = (function.body + 1) % 30,
                    1 => function.uses = uses,
                    _ => {
                        function.language = [Language::Plpgsql, Language::Atomic, Language::Sql][dice.roll(3)]
                    }
                }
            }
            Action::CallFunction => self.call_somewhere(dice)?,
            _ => return None,
        }
        Some(())
    }

    /// What exists calls a function that exists.
    fn call_somewhere(&mut self, dice: &mut Dice<'_>) -> Option<()> {
        let function = self.pick_callable(dice)?;
        let result = self.callable(function)?.1.clone();
        let place = self.pick(dice, |what| match what {
            What::Table(table) => !table.columns.is_empty(),
            What::View(_) | What::Index(_) | What::Policy(_) => true,
            What::Constraint(constraint) => matches!(constraint.rule, Rules::Check { .. }),
            _ => false,
        })?;
        let column = self.fresh();
        let named = name(dice);
        match &mut self.objects.get_mut(&place)?.what {
            What::Table(table) => {
                let at = dice.roll(table.columns.len());
                let column = table.columns.get_mut(at)?;
                column.ty = result;
                column.fill = Fill::Call(function);
            }
            What::View(view) => view.columns.push(ViewColumn {
                id: column,
                name: named,
                from: From::Call(function),
                comment: None,
            }),
            What::Index(index) => {
                let key = index.keys.first_mut()?;
                (key.how, key.call) = (2, Some(function));
                self.function_mut(function)?.volatility = 2;
            }
            What::Policy(policy) => policy.using.as_mut()?.call = Some(function),
            What::Constraint(constraint) => {
                let Rules::Check { call, .. } = &mut constraint.rule else { return None };
                *call = Some(function);
            }
            _ => return None,
        }
        Some(())
    }

    fn new_argument(&mut self, dice: &mut Dice<'_>) -> Argument {
        let ty = self.pick_type(dice);
        Argument { name: name(dice), ty, default: if dice.one_in(4) { Some(dice.small(20)) } else { None } }
    }

    fn pick_used(&self, dice: &mut Dice<'_>) -> Option<Id> {
        self.pick(dice, |what| matches!(what, What::Table(_) | What::View(_) | What::Function(_)))
    }

    fn new_function(&mut self, dice: &mut Dice<'_>, returns: Returns) -> Function {
        let arguments = (0..dice.roll(3)).map(|_| self.new_argument(dice)).collect();
        let language = [Language::Sql, Language::Plpgsql, Language::Atomic][dice.roll(3)];
        Function {
            arguments,
            returns,
            language,
            volatility: dice.small(3),
            strict: false,
            definer: false,
            parallel: 0,
            cost: false,
            set: false,
            body: dice.small(20),
            uses: if dice.one_in(3) { self.pick_used(dice) } else { None },
            revoked: false,
        }
    }

    pub(super) fn new_trigger_function(&mut self, dice: &mut Dice<'_>, returns: Returns) -> Id {
        let schema = self.pick_schema(dice);
        let mut function = self.new_function(dice, returns);
        function.arguments.clear();
        self.put(name(dice), schema, What::Function(function))
    }

    /// A function of two values of a type that gives a third.
    fn new_step(&mut self, dice: &mut Dice<'_>, ty: Ty) -> Id {
        let mut function = self.new_function(dice, Returns::One(ty.clone()));
        let argument = |name: &str| Argument { name: name.to_owned(), ty: ty.clone(), default: None };
        function.arguments = vec![argument("state"), argument("next")];
        let schema = self.pick_schema(dice);
        self.put(name(dice), schema, What::Function(function))
    }

    pub(super) fn function_mut(&mut self, id: Id) -> Option<&mut Function> {
        match &mut self.objects.get_mut(&id)?.what {
            What::Function(function) => Some(function),
            _ => None,
        }
    }
}

/// One with arguments; a trigger function has none.
fn is_function(what: &What) -> bool {
    matches!(what, What::Function(function)
        if !matches!(function.returns, Returns::Trigger | Returns::EventTrigger))
}

pub(super) fn pick_other_base(dice: &mut Dice<'_>, than: Base) -> Base {
    let other = pick_base(dice);
    if other == than { Base::Numeric(0) } else { other }
}
