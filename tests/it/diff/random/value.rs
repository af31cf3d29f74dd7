//! Values, conditions and calls as SQL: always valid for the type that a column has now, whatever it had before.

use super::cx::{Cx, Family};
use super::model::Test;
use super::model::{Base, Column, Id, Ty, What};
use super::names::{label, literal, quoted, text};

impl Cx<'_> {
    /// A value of the type.
    pub(super) fn literal(&self, ty: &Ty, number: u8) -> Option<String> {
        let name = self.ty(ty)?;
        let number = number % 40;
        let value = match ty {
            Ty::Array(of) => return Some(format!("ARRAY[{}]::{name}", self.literal(of, number)?)),
            Ty::Base(base) => base_literal(*base, number),
            Ty::User(id) => match &self.object(*id)?.what {
                What::Enum(labels) => literal(label(*labels.get(usize::from(number) % labels.len().max(1))?)),
                What::Domain(domain) => self.literal(&domain.base, number)?,
                What::Range(_) => "'empty'".to_owned(),
                What::Composite(fields) => {
                    let fields: Option<Vec<_>> =
                        fields.iter().map(|field| self.literal(&field.ty, number)).collect();
                    format!("ROW({})", fields?.join(", "))
                }
                _ => "NULL".to_owned(),
            },
        };
        Some(format!("{value}::{name}"))
    }

    /// A condition on a value that most values meet.
    pub(super) fn condition(&self, value: &str, ty: &Ty, how: u8) -> Option<String> {
        let one = |forms: &[String]| forms.get(usize::from(how) % forms.len()).cloned();
        match self.model.family(ty) {
            Family::Number => one(&[
                format!("{value} >= 0"),
                format!("{value} <> 7777"),
                format!("{value} BETWEEN -1 AND 30000"),
                format!("{value} IN (0, 1, 2, 3, 4, 5)"),
            ]),
            Family::Text => one(&[
                format!("{value} <> ''"),
                format!("length({value}) < 500"),
                format!("{value} ~ '^'"),
                format!("{value} NOT IN ('a', {})", literal(text(how))),
                format!("lower({value}) <> {}", literal(text(how))),
            ]),
            Family::Bool => one(&[value.to_owned(), format!("{value} IS NOT NULL"), format!("NOT {value}")]),
            Family::Time => one(&[
                format!("{value} > '2000-01-01 00:00:00+00'::timestamptz"),
                format!("{value} IS NOT NULL"),
            ]),
            Family::Date => one(&[format!("{value} > '2000-01-01'::date"), format!("{value} IS NOT NULL")]),
            Family::Json => {
                one(&[format!("jsonb_typeof({value}) = 'object'"), format!("{value} IS NOT NULL")])
            }
            Family::Enum(id, labels) => {
                let label = literal(label(*labels.get(usize::from(how) % labels.len().max(1))?));
                let ty = self.q(id)?;
                one(&[
                    format!("{value} = {label}::{ty}"),
                    format!("{value} <> {label}::{ty}"),
                    format!("{value} <= {label}::{ty}"),
                ])
            }
            Family::Array => one(&[format!("cardinality({value}) < 100"), format!("{value} IS NOT NULL")]),
            Family::Range => one(&[format!("NOT isempty({value})"), format!("{value} IS NOT NULL")]),
            Family::Other => Some(format!("{value} IS NOT NULL")),
        }
    }

    /// What a test says, of a column that is written with this prefix; a column that is gone says `true`.
    pub(super) fn test(&self, rel: Id, prefix: &str, test: &Test) -> Option<String> {
        let Some(column) = self.column(rel, test.column) else { return Some("true".to_owned()) };
        let value = format!("{prefix}{}", quoted(&column.name));
        self.say(&value, &column, test.how, test.call, Calls::Any)
    }

    /// A condition on a column's value, through a function where that is possible.
    pub(super) fn say(
        &self,
        value: &str,
        column: &Column,
        how: u8,
        call: Option<Id>,
        calls: Calls,
    ) -> Option<String> {
        let called = call.filter(|function| self.may_call(*function, calls));
        let Some(function) = called else { return self.condition(value, &column.ty, how) };
        let result = self.model.callable(function)?.1.clone();
        let called = self.call(function, &[(value, &column.ty)])?;
        self.condition(&called, &result, how)
    }

    pub(super) fn may_call(&self, function: Id, calls: Calls) -> bool {
        let Some((function, result)) = self.model.callable(function) else { return false };
        match calls {
            Calls::Any => true,
            // One that reads the index's own table would be planned for ever.
            Calls::Immutable => function.volatility == 2 && function.uses.is_none() && self.is_plain(result),
        }
    }

    /// Can it be in an index?
    fn is_plain(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Base(_) => true,
            Ty::Array(_) => false,
            Ty::User(id) => {
                let what = self.model.objects.get(id).map(|object| &object.what);
                matches!(what, Some(What::Enum(_) | What::Range(_)))
            }
        }
    }

    /// A call with all arguments: what is at hand and has the type exactly, else a value.
    pub(super) fn call(&self, function: Id, at_hand: &[(&str, &Ty)]) -> Option<String> {
        let (signature, _) = self.model.callable(function)?;
        let argument =
            |argument: &super::model::Argument| match at_hand.iter().find(|(_, ty)| **ty == argument.ty) {
                Some((value, _)) => Some((*value).to_owned()),
                None => self.literal(&argument.ty, 1),
            };
        let arguments: Option<Vec<_>> = signature.arguments.iter().map(argument).collect();
        Some(format!("{}({})", self.q(function)?, arguments?.join(", ")))
    }

    /// An expression over a column, for an index or a generated column.
    pub(super) fn expression(&self, column: &Column, how: u8, call: Option<Id>) -> Option<String> {
        let value = quoted(&column.name);
        if let Some(function) = call.filter(|function| self.may_call(*function, Calls::Immutable)) {
            return self.call(function, &[(&value, &column.ty)]);
        }
        let one = |forms: &[String]| forms.get(usize::from(how) % forms.len()).cloned();
        match self.model.family(&column.ty) {
            Family::Number => {
                one(&[format!("({value} + 1)"), format!("abs({value})"), format!("(- {value})")])
            }
            Family::Text => one(&[
                format!("lower({value})"),
                format!("({value} || '-'::text)"),
                format!("length({value})"),
            ]),
            Family::Bool => Some(format!("(NOT {value})")),
            _ => Some(format!("({value} IS NULL)")),
        }
    }
}

/// Which functions a place may call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Calls {
    Any,
    Immutable,
}

fn base_literal(base: Base, number: u8) -> String {
    match base {
        Base::Int | Base::Big | Base::Small | Base::Numeric(_) => number.to_string(),
        Base::Double => format!("{number}.5"),
        Base::Text | Base::Varchar(60) => literal(text(number)),
        Base::Varchar(_) | Base::Char(_) => format!("'v{number}'"),
        Base::Bool => if number.is_multiple_of(2) { "true" } else { "false" }.to_owned(),
        Base::Timestamptz(_) => format!("'2020-01-01 10:00:{:02}+00'", number % 60),
        Base::Date => format!("'2020-01-{:02}'", number % 28 + 1),
        Base::Interval => format!("'{number} days'"),
        Base::Jsonb => format!("'{{\"a\": {number}}}'"),
        Base::Uuid => format!("'00000000-0000-0000-0000-0000000000{:02}'", number % 60),
        Base::Bytea => format!("'\\x{:02x}'", number),
        Base::Inet => format!("'10.0.0.{number}'"),
    }
}
