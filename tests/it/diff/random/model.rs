//! A schema as plain values. Whatever names another object does it by id; `heal` takes away what names nothing.

use std::collections::BTreeMap;

pub(super) type Id = u32;

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Model {
    pub(super) objects: BTreeMap<Id, Object>,
    /// What two versions of a model share has one id, a column too.
    pub(super) last: Id,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Object {
    pub(super) name: String,
    /// Of those that are in one.
    pub(super) schema: Option<Id>,
    pub(super) what: What,
    pub(super) comment: Option<u8>,
    pub(super) grants: Vec<Grant>,
}

/// A right by its place in the list of the object's kind; role 3 is PUBLIC.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grant {
    pub(super) role: u8,
    pub(super) right: u8,
    pub(super) option: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    Schema,
    Enum(Vec<u8>),
    Composite(Vec<Column>),
    Domain(Domain),
    Range(Base),
    Collation(u8),
    Sequence(Sequence),
    Table(Table),
    View(View),
    Function(Function),
    Aggregate { base: Base, state: Option<Id> },
    Constraint(Constraint),
    Index(Index),
    Trigger(Trigger),
    Policy(Policy),
    Rule(Rule),
    Statistics { table: Id, columns: Vec<Id>, kinds: u8, target: u8 },
    Publication(Publication),
    Wrapper { option: u8 },
    Server { wrapper: Id, option: u8 },
    Mapping { server: Id, role: u8, option: u8 },
    EventTrigger { function: Id, event: u8, enabled: u8 },
    Cast { source: Id, function: Id, context: u8 },
    Operator { function: Id, symbol: u8 },
    DefaultRights { role: u8, objects: u8, right: u8, option: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    Int,
    Text,
    Big,
    Small,
    Varchar(u8),
    Char(u8),
    Numeric(u8),
    Bool,
    Double,
    Timestamptz(u8),
    Date,
    Interval,
    Jsonb,
    Uuid,
    Bytea,
    Inet,
}

pub(super) const BASES: [Base; 22] = [
    Base::Int,
    Base::Text,
    Base::Big,
    Base::Small,
    Base::Varchar(0),
    Base::Varchar(20),
    Base::Varchar(60),
    Base::Char(5),
    Base::Numeric(0),
    Base::Numeric(2),
    Base::Bool,
    Base::Double,
    Base::Timestamptz(6),
    Base::Timestamptz(3),
    Base::Date,
    Base::Interval,
    Base::Jsonb,
    Base::Uuid,
    Base::Bytea,
    Base::Inet,
    Base::Int,
    Base::Text,
];

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ty {
    Base(Base),
    /// An enum, composite, domain or range, or a relation's row.
    User(Id),
    Array(Box<Ty>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Column {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) ty: Ty,
    pub(super) not_null: bool,
    pub(super) fill: Fill,
    pub(super) collation: Option<Coll>,
    /// 0 is the type's own.
    pub(super) storage: u8,
    pub(super) compression: bool,
    pub(super) target: u8,
    pub(super) distinct: bool,
    pub(super) comment: Option<u8>,
    pub(super) grants: Vec<Grant>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Coll {
    C,
    User(Id),
}

/// Where a column's value comes from if nobody gives one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fill {
    None,
    Literal(u8),
    Now,
    Call(Id),
    Next(Id),
    Identity { always: bool, named: bool, start: u8 },
    Generated { from: Id, how: u8, call: Option<Id> },
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Domain {
    pub(super) base: Ty,
    pub(super) not_null: bool,
    pub(super) default: Option<u8>,
    pub(super) checks: Vec<(String, u8)>,
    pub(super) collation: Option<Coll>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sequence {
    /// 0 integer, 1 bigint, 2 smallint.
    pub(super) ty: u8,
    pub(super) increment: i8,
    pub(super) start: u8,
    pub(super) cache: u8,
    pub(super) cycle: bool,
    pub(super) maximum: bool,
    pub(super) owner: Option<(Id, Id)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    pub(super) columns: Vec<Column>,
    pub(super) kind: TableKind,
    pub(super) parent: Parent,
    pub(super) security: bool,
    pub(super) forced: bool,
    pub(super) fillfactor: u8,
    pub(super) autovacuum: bool,
    pub(super) replica: Replica,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TableKind {
    Plain,
    Unlogged,
    /// 0 range, 1 list, 2 hash.
    Partitioned {
        by: u8,
        key: Id,
    },
    Foreign {
        server: Id,
        option: u8,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Parent {
    None,
    /// Bound 9 is DEFAULT.
    Partition {
        of: Id,
        bound: u8,
    },
    Inherits(Id),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Replica {
    Default,
    Full,
    Nothing,
    Index(Id),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct View {
    pub(super) materialized: bool,
    pub(super) sources: Vec<Id>,
    pub(super) columns: Vec<ViewColumn>,
    pub(super) filter: Option<Test>,
    /// GROUP BY this primary key, so that the view needs it.
    pub(super) grouped: Option<Id>,
    pub(super) barrier: bool,
    pub(super) invoker: bool,
    /// 0 none, 1 local, 2 cascaded.
    pub(super) check: u8,
    pub(super) filled: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct ViewColumn {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) from: From,
    pub(super) comment: Option<u8>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum From {
    Column { rel: Id, column: Id },
    AsText { rel: Id, column: Id },
    Call(Id),
    Null(Ty),
    Number(u8),
}

/// A condition on a column; with a function, on what that says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Test {
    pub(super) column: Id,
    pub(super) how: u8,
    pub(super) call: Option<Id>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Function {
    pub(super) arguments: Vec<Argument>,
    pub(super) returns: Returns,
    pub(super) language: Language,
    /// 0 volatile, 1 stable, 2 immutable.
    pub(super) volatility: u8,
    pub(super) strict: bool,
    pub(super) definer: bool,
    pub(super) parallel: u8,
    pub(super) cost: bool,
    pub(super) set: bool,
    pub(super) body: u8,
    /// A relation that the body reads or a function that it calls.
    pub(super) uses: Option<Id>,
    /// Not for everybody.
    pub(super) revoked: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Argument {
    pub(super) name: String,
    pub(super) ty: Ty,
    /// Those after it have one as well.
    pub(super) default: Option<u8>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Returns {
    One(Ty),
    Void,
    Set(Id),
    Table(Vec<Argument>),
    Trigger,
    EventTrigger,
    Procedure,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Language {
    Sql,
    Atomic,
    Plpgsql,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Constraint {
    pub(super) table: Id,
    pub(super) columns: Vec<Id>,
    pub(super) rule: Rules,
    /// 0 not, 1 deferrable, 2 deferred.
    pub(super) deferrable: u8,
    pub(super) not_valid: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Rules {
    Primary,
    Unique {
        nulls_equal: bool,
    },
    /// To a primary key or unique constraint.
    Foreign {
        target: Id,
        delete: u8,
        update: u8,
        full: bool,
    },
    Check {
        how: u8,
        call: Option<Id>,
        no_inherit: bool,
    },
    Exclude,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Index {
    pub(super) table: Id,
    pub(super) keys: Vec<Key>,
    pub(super) include: Vec<Id>,
    pub(super) unique: bool,
    pub(super) method: u8,
    pub(super) filter: Option<Test>,
    pub(super) fillfactor: bool,
    pub(super) clustered: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Key {
    pub(super) column: Id,
    /// 0 the column itself, else an expression.
    pub(super) how: u8,
    pub(super) call: Option<Id>,
    pub(super) descending: bool,
    pub(super) nulls: bool,
    pub(super) pattern: bool,
    pub(super) collated: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Trigger {
    pub(super) table: Id,
    pub(super) function: Id,
    /// 0 before, 1 after, 2 constraint trigger; views have INSTEAD OF.
    pub(super) timing: u8,
    /// Bits: insert, update, delete.
    pub(super) events: u8,
    pub(super) statement: bool,
    pub(super) of: Option<Id>,
    pub(super) when: Option<Test>,
    pub(super) enabled: u8,
    pub(super) argument: u8,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Policy {
    pub(super) table: Id,
    pub(super) command: u8,
    pub(super) restrictive: bool,
    pub(super) role: u8,
    pub(super) using: Option<Test>,
    pub(super) check: Option<Test>,
    /// A relation that the condition also asks.
    pub(super) beside: Option<Id>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) table: Id,
    pub(super) event: u8,
    pub(super) instead: bool,
    pub(super) when: Option<Test>,
    /// Deletes from here; else nothing.
    pub(super) action: Option<Id>,
    pub(super) enabled: u8,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Publication {
    pub(super) all: bool,
    pub(super) schemas: Vec<Id>,
    pub(super) tables: Vec<Published>,
    pub(super) operations: u8,
    pub(super) root: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Published {
    pub(super) table: Id,
    pub(super) columns: Vec<Id>,
    pub(super) filter: Option<Test>,
}

impl Column {
    pub(super) fn new(id: Id, name: String, ty: Ty) -> Self {
        Self {
            id,
            name,
            ty,
            not_null: false,
            fill: Fill::None,
            collation: None,
            storage: 0,
            compression: false,
            target: 0,
            distinct: false,
            comment: None,
            grants: Vec::new(),
        }
    }
}
