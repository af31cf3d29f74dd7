//! Names, types and columns of a model as SQL, and the note of what each statement needs. `None` says that something is
//! not there or not possible: then there is no statement.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::model::{
    Base, Coll, Column, Fill, From, Function, Id, Model, Object, Parent, Returns, TableKind, Ty, What,
};
use super::names::quoted;

/// Writes one object of a model.
#[derive(Debug)]
pub(super) struct Cx<'m> {
    pub(super) model: &'m Model,
    pub(super) major: u32,
    pub(super) id: Id,
    needs: RefCell<BTreeSet<Id>>,
}

/// What can be said about a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Family {
    Number,
    Text,
    Bool,
    Time,
    Date,
    Json,
    /// The type, and its labels.
    Enum(Id, Vec<u8>),
    Range,
    Array,
    Other,
}

/// Nothing is nested deeper; a circle ends there.
const DEEPEST: usize = 8;

impl<'m> Cx<'m> {
    pub(super) fn new(model: &'m Model, id: Id, major: u32) -> Self {
        Self { model, major, id, needs: RefCell::default() }
    }

    /// What was named since the last time.
    pub(super) fn take_needs(&self) -> BTreeSet<Id> {
        self.needs.take()
    }

    pub(super) fn object(&self, id: Id) -> Option<&'m Object> {
        let object = self.model.objects.get(&id)?;
        self.needs.borrow_mut().insert(id);
        Some(object)
    }

    /// The qualified name.
    pub(super) fn q(&self, id: Id) -> Option<String> {
        let object = self.object(id)?;
        match object.schema {
            Some(schema) => Some(format!("{}.{}", self.q(schema)?, quoted(&object.name))),
            None => Some(quoted(&object.name)),
        }
    }

    pub(super) fn table(&self, id: Id) -> Option<&'m super::model::Table> {
        self.object(id)?;
        self.model.table(id)
    }

    pub(super) fn relation(&self, id: Id) -> Option<String> {
        if !matches!(self.model.objects.get(&id)?.what, What::Table(_) | What::View(_)) {
            return None;
        }
        self.q(id)
    }

    pub(super) fn column(&self, rel: Id, column: Id) -> Option<Column> {
        self.object(rel)?;
        self.model.column(rel, column)
    }

    pub(super) fn column_list(&self, rel: Id, columns: &[Id]) -> Option<String> {
        let names: Option<Vec<_>> =
            columns.iter().map(|column| Some(quoted(&self.column(rel, *column)?.name))).collect();
        names.map(|names| names.join(", ")).filter(|names| !names.is_empty())
    }

    pub(super) fn ty(&self, ty: &Ty) -> Option<String> {
        match ty {
            Ty::Base(base) => Some(base_name(*base)),
            Ty::Array(of) if matches!(**of, Ty::Array(_)) => None,
            Ty::Array(of) => Some(format!("{}[]", self.ty(of)?)),
            Ty::User(id) => match &self.model.objects.get(id)?.what {
                What::Enum(_)
                | What::Composite(_)
                | What::Domain(_)
                | What::Range(_)
                | What::Table(_)
                | What::View(_) => self.q(*id),
                _ => None,
            },
        }
    }

    pub(super) fn collate(&self, ty: &Ty, collation: Option<Coll>) -> Option<String> {
        let Some(collation) = collation else { return Some(String::new()) };
        if self.model.family(ty) != Family::Text {
            return Some(String::new());
        }
        let name = match collation {
            Coll::C => "\"C\"".to_owned(),
            Coll::User(id) if self.is_collation(id) => self.q(id)?,
            Coll::User(_) => return Some(String::new()),
        };
        Some(format!(" COLLATE {name}"))
    }

    fn is_collation(&self, id: Id) -> bool {
        self.model.objects.get(&id).is_some_and(|object| matches!(object.what, What::Collation(_)))
    }
}

impl Model {
    pub(super) fn table(&self, id: Id) -> Option<&super::model::Table> {
        match &self.objects.get(&id)?.what {
            What::Table(table) => Some(table),
            _ => None,
        }
    }

    pub(super) fn view(&self, id: Id) -> Option<&super::model::View> {
        match &self.objects.get(&id)?.what {
            What::View(view) => Some(view),
            _ => None,
        }
    }

    pub(super) fn function(&self, id: Id) -> Option<&Function> {
        match &self.objects.get(&id)?.what {
            What::Function(function) => Some(function),
            _ => None,
        }
    }

    /// What a condition, a default or an expression can call, and what it gives.
    pub(super) fn callable(&self, id: Id) -> Option<(&Function, &Ty)> {
        let function = self.function(id)?;
        match &function.returns {
            Returns::One(ty) => Some((function, ty)),
            _ => None,
        }
    }

    /// The columns of a table or view, with those that it inherits first.
    pub(super) fn columns(&self, rel: Id) -> Vec<Column> {
        self.columns_within(rel, DEEPEST)
    }

    fn columns_within(&self, rel: Id, depth: usize) -> Vec<Column> {
        if depth == 0 {
            return Vec::new();
        }
        match self.objects.get(&rel).map(|object| &object.what) {
            Some(What::Table(table)) => match table.parent {
                Parent::None => table.columns.clone(),
                Parent::Partition { of, .. } => self.columns_within(of, depth - 1),
                Parent::Inherits(parent) => {
                    [self.columns_within(parent, depth - 1), table.columns.clone()].concat()
                }
            },
            Some(What::View(view)) => {
                let column = |column: &super::model::ViewColumn| {
                    let ty = self.view_type(&column.from, depth)?;
                    Some(Column::new(column.id, column.name.clone(), ty))
                };
                view.columns.iter().filter_map(column).collect()
            }
            _ => Vec::new(),
        }
    }

    fn view_type(&self, from: &From, depth: usize) -> Option<Ty> {
        match from {
            From::Column { rel, column } => {
                self.columns_within(*rel, depth - 1).into_iter().find(|c| c.id == *column).map(|c| c.ty)
            }
            From::AsText { .. } => Some(Ty::Base(Base::Text)),
            From::Call(function) => self.callable(*function).map(|(_, ty)| ty.clone()),
            From::Null(ty) => Some(ty.clone()),
            From::Number(_) => Some(Ty::Base(Base::Int)),
        }
    }

    pub(super) fn column(&self, rel: Id, column: Id) -> Option<Column> {
        self.columns(rel).into_iter().find(|c| c.id == column)
    }

    /// Is it, or does it read, what has no rows of its own to give?
    pub(super) fn reads_foreign(&self, rel: Id) -> bool {
        self.reads_foreign_within(rel, DEEPEST)
    }

    fn reads_foreign_within(&self, rel: Id, depth: usize) -> bool {
        if depth == 0 {
            return true;
        }
        match self.objects.get(&rel).map(|object| &object.what) {
            Some(What::Table(table)) => {
                matches!(table.kind, TableKind::Foreign { .. })
                    || self.children(rel).any(|child| self.reads_foreign_within(child, depth - 1))
            }
            Some(What::View(view)) => {
                view.sources.iter().any(|rel| self.reads_foreign_within(*rel, depth - 1))
            }
            _ => false,
        }
    }

    /// Can it be read?
    pub(super) fn is_filled(&self, rel: Id) -> bool {
        self.is_filled_within(rel, DEEPEST)
    }

    fn is_filled_within(&self, rel: Id, depth: usize) -> bool {
        let Some(view) = self.view(rel).filter(|_| depth > 0) else { return true };
        (view.filled || !view.materialized)
            && view.sources.iter().all(|source| self.is_filled_within(*source, depth - 1))
    }

    pub(super) fn children(&self, table: Id) -> impl Iterator<Item = Id> + '_ {
        self.objects.iter().filter_map(move |(id, object)| match &object.what {
            What::Table(child) => match child.parent {
                Parent::Partition { of, .. } | Parent::Inherits(of) if of == table => Some(*id),
                _ => None,
            },
            _ => None,
        })
    }

    /// The partition keys that a unique key of the table has to hold: its own and those of its partitions.
    pub(super) fn partition_keys(&self, table: Id) -> Vec<Id> {
        self.partition_keys_within(table, DEEPEST)
    }

    fn partition_keys_within(&self, table: Id, depth: usize) -> Vec<Id> {
        let Some(TableKind::Partitioned { key, .. }) = self.table(table).map(|table| &table.kind) else {
            return Vec::new();
        };
        let mut keys = vec![*key];
        for child in self.children(table).filter(|_| depth > 0) {
            for key in self.partition_keys_within(child, depth - 1) {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        keys
    }

    /// The columns that are in a partition key somewhere; they keep their type.
    pub(super) fn is_partition_key(&self, column: Id) -> bool {
        self.objects.values().any(|object| match &object.what {
            What::Table(table) => matches!(table.kind, TableKind::Partitioned { key, .. } if key == column),
            _ => false,
        })
    }

    pub(super) fn family(&self, ty: &Ty) -> Family {
        self.family_within(ty, DEEPEST)
    }

    fn family_within(&self, ty: &Ty, depth: usize) -> Family {
        match ty {
            Ty::Array(_) => Family::Array,
            Ty::Base(base) => match base {
                Base::Int | Base::Big | Base::Small | Base::Numeric(_) | Base::Double => Family::Number,
                Base::Text | Base::Varchar(_) | Base::Char(_) => Family::Text,
                Base::Bool => Family::Bool,
                Base::Timestamptz(_) => Family::Time,
                Base::Date => Family::Date,
                Base::Jsonb => Family::Json,
                _ => Family::Other,
            },
            Ty::User(id) => match self.objects.get(id).map(|object| &object.what) {
                Some(What::Enum(labels)) => Family::Enum(*id, labels.clone()),
                Some(What::Domain(domain)) if depth > 0 => self.family_within(&domain.base, depth - 1),
                Some(What::Range(_)) => Family::Range,
                _ => Family::Other,
            },
        }
    }

    /// Is the column given its value by the table itself?
    pub(super) fn is_generated(column: &Column) -> bool {
        matches!(column.fill, Fill::Generated { .. })
    }
}

pub(super) fn base_name(base: Base) -> String {
    match base {
        Base::Int => "integer".to_owned(),
        Base::Text => "text".to_owned(),
        Base::Big => "bigint".to_owned(),
        Base::Small => "smallint".to_owned(),
        Base::Varchar(0) => "character varying".to_owned(),
        Base::Varchar(length) => format!("character varying({length})"),
        Base::Char(length) => format!("character({length})"),
        Base::Numeric(0) => "numeric".to_owned(),
        Base::Numeric(scale) => format!("numeric(12,{scale})"),
        Base::Bool => "boolean".to_owned(),
        Base::Double => "double precision".to_owned(),
        Base::Timestamptz(6) => "timestamp with time zone".to_owned(),
        Base::Timestamptz(precision) => format!("timestamp({precision}) with time zone"),
        Base::Date => "date".to_owned(),
        Base::Interval => "interval".to_owned(),
        Base::Jsonb => "jsonb".to_owned(),
        Base::Uuid => "uuid".to_owned(),
        Base::Bytea => "bytea".to_owned(),
        Base::Inet => "inet".to_owned(),
    }
}
