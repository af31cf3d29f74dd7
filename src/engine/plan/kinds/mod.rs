//! The rules of each kind: how it is created, dropped, altered, and what else is to be known about it. The only place where
//! DDL is written.

pub(super) mod aside;
mod attached;
mod base_type;
mod child_column;
mod collation;
mod column;
mod composite;
mod constraint;
mod domain;
mod enumeration;
mod extension;
mod fill;
mod foreign;
mod holds;
mod index;
mod inheritance;
pub(super) mod inherited;
mod language;
pub(super) mod not_null;
mod not_null_tree;
mod operator;
mod partition;
mod policy;
mod publication;
mod range;
mod relation;
mod retype;
mod routine;
mod row_type;
mod schema;
mod sequence;
mod statistics;
mod subscription;
mod table;
mod text_search;
mod trigger;
mod typed;
mod view;
mod volatile;

use crate::engine::catalog::id::qualified;
use crate::engine::catalog::{Catalog, Fact, Id, Kind, Scope};
use crate::pg::ident::Tidy;

use super::Wishes;
use super::fate::Fates;
use super::graph::{Act, Need};
use super::hazard::Hazard;
use super::satellites;
use super::sql::{Change, Sql};

pub(super) use holds::{holds_on, is_type_name_taken, lets_go, minds_retype};
pub(super) use inheritance::{is_moved, join, leave};
pub(super) use trigger::quieted;
pub(super) use view::{by_column, hollow, unfeigned};

/// Both ends of the plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cx<'a> {
    pub(super) old: &'a Catalog,
    pub(super) new: &'a Catalog,
    /// What is wanted beyond that.
    pub(super) wishes: &'a Wishes,
    /// What becomes of everything, once that is decided.
    pub(super) fates: Option<&'a Fates>,
}

impl Cx<'_> {
    /// Whether the plan itself makes it, so that it holds nothing yet.
    pub(super) fn is_made(&self, id: &Id) -> bool {
        self.fates.map_or_else(|| self.old.fact(id).is_none(), |fates| self.made(fates, id))
    }

    pub(super) fn made(&self, fates: &Fates, id: &Id) -> bool {
        self.new.index(id).is_some_and(|at| fates.is_created(at))
    }

    /// Whether a column's table hangs on the parents from which it comes on both sides, all the time.
    pub(super) fn is_child_in_both(&self, column: &Id) -> bool {
        let (partition, table) = (column.of(Kind::Partition), column.of(Kind::Table));
        if let (Some(was), Some(is)) = (self.old.fact(&partition), self.new.fact(&partition)) {
            return was.differing(is, &Scope::default()).is_empty();
        }
        let (Some(was), Some(is)) = (self.old.fact(&table), self.new.fact(&table)) else { return false };
        let inherited = |catalog: &Catalog| {
            catalog.fact(column).is_none()
                || catalog
                    .hosts(column, Kind::Column)
                    .any(|parent| inheritance::stays_below(was, is, &parent.id))
        };
        was.get("inherits").is_some()
            && (was.get("inherits") == is.get("inherits") || inherited(self.old) && inherited(self.new))
    }

    /// Whether a column comes from another on both sides, all the time.
    pub(super) fn is_child_of(&self, column: &Id, parent: &Id) -> bool {
        let table = column.of(Kind::Table);
        let stays = match (self.old.fact(&table), self.new.fact(&table)) {
            (Some(was), Some(is)) if was.get("inherits") != is.get("inherits") => {
                inheritance::stays_below(was, is, parent)
            }
            _ => true,
        };
        stays && self.is_child_in_both(column)
    }
}

/// The rules of one kind.
pub(super) trait Rules: Sync {
    /// The statements that create it, with what is part of it.
    fn create(&self, cx: &Cx<'_>, fact: &Fact, members: &[&Fact]) -> Vec<Sql>;

    /// The statements that drop it; `DROP TABLE name` and its like unless a kind says otherwise.
    fn drop(&self, _: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
        vec![Sql::new(format!("DROP {}", object(fact)))]
    }

    /// How it gets from one state to the other; the attributes are those that differ, without comment, owner and grants.
    /// Whatever is not known here must end in `Replace` or `Refuse`.
    fn alter(&self, _: &Cx<'_>, _was: &Fact, _is: &Fact, _attributes: &[&str]) -> Change {
        Change::Replace
    }

    /// How it gets onto the ground that is dropped and created anew under it.
    fn rebuild(&self, _: &Cx<'_>, _ground: &Fact, _was: &Fact, _is: &Fact) -> Change {
        Change::Replace
    }
}

fn rules(kind: Kind) -> &'static dyn Rules {
    match kind {
        Kind::Schema => &schema::Schema,
        Kind::Extension => &extension::Extension,
        Kind::Collation => &collation::Collation,
        Kind::Enum => &enumeration::Enum,
        Kind::Composite => &composite::Composite,
        Kind::Range => &range::Range,
        Kind::BaseType => &base_type::BaseType,
        Kind::Cast => &operator::Cast,
        Kind::Operator => &operator::Operator,
        Kind::OperatorClass => &operator::Class,
        Kind::OperatorFamily => &operator::Family,
        Kind::AccessMethod => &operator::AccessMethod,
        Kind::Language => &language::Language,
        Kind::Transform => &language::Transform,
        Kind::Conversion => &language::Conversion,
        Kind::TextSearchParser => &text_search::Parser,
        Kind::TextSearchTemplate => &text_search::Template,
        Kind::TextSearchDictionary => &text_search::Dictionary,
        Kind::TextSearchConfiguration => &text_search::Configuration,
        Kind::Domain => &domain::Domain,
        Kind::DomainConstraint => &domain::DomainConstraint,
        Kind::Table => &table::Table,
        Kind::Column => &column::Column,
        Kind::Default => &column::Default,
        Kind::Constraint => &constraint::Constraint,
        Kind::Index => &index::Index,
        Kind::Sequence => &sequence::Sequence,
        Kind::SequenceOwner => &sequence::Owner,
        Kind::Partition => &partition::Partition,
        Kind::IndexPartition => &partition::IndexPartition,
        Kind::ForeignDataWrapper => &foreign::Wrapper,
        Kind::Server => &foreign::Server,
        Kind::UserMapping => &foreign::UserMapping,
        Kind::Publication => &publication::Publication,
        Kind::PublicationTable => &publication::Table,
        Kind::PublicationSchema => &publication::Schema,
        Kind::Subscription => &subscription::Subscription,
        Kind::DefaultPrivileges => &schema::DefaultPrivileges,
        Kind::ExtensionGrants => &extension::Grants,
        Kind::Function | Kind::Procedure => &routine::Routine,
        Kind::Aggregate => &routine::Aggregate,
        Kind::View => &view::View,
        Kind::MaterializedView => &view::MaterializedView,
        Kind::Rule | Kind::Trigger => &trigger::Trigger,
        Kind::EventTrigger => &trigger::EventTrigger,
        Kind::Policy => &policy::Policy,
        Kind::Statistics => &statistics::Statistics,
    }
}

/// See `Rules::create`.
pub(super) fn create(cx: &Cx<'_>, fact: &Fact, members: &[&Fact]) -> Vec<Sql> {
    rules(fact.id.kind).create(cx, fact, members)
}

/// See `Rules::drop`; `aside` is the name that it was given meanwhile.
pub(super) fn drop(cx: &Cx<'_>, fact: &Fact, aside: Option<&str>) -> Vec<Sql> {
    match aside {
        None => foreign::forgotten(cx, fact, rules(fact.id.kind).drop(cx, fact)),
        Some(name) => {
            let circle = cx.old.index(&fact.id).map(|at| base_type::circle(cx.old, at)).unwrap_or_default();
            let cascade = if circle.is_empty() { "" } else { " CASCADE" };
            let sql =
                Sql::new(format!("DROP {} {}{cascade}", keyword(fact), qualified(&fact.id.schema, name)));
            // Its rows went into the table that has its name, if one has.
            let is_lost = fact.id.kind == Kind::Table
                && fact.text("type") != "FOREIGN TABLE"
                && cx.new.fact(&fact.id).is_none();
            let what = || format!("the rows of {}", fact.id.path());
            vec![if is_lost { sql.hazard(Hazard::data_loss(what(), Some(fact.id.path()))) } else { sql }]
        }
    }
}

/// See `Rules::alter`; comment, owner and grants are handled for all kinds alike.
pub(super) fn alter(cx: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Change {
    let own: Vec<&str> =
        attributes.iter().filter(|name| !satellites::NAMES.contains(*name)).copied().collect();
    let change = if own.is_empty() {
        Change::InPlace(Vec::new())
    } else {
        rules(was.id.kind).alter(cx, was, is, &own)
    };
    let with = |mut steps: Vec<Sql>| {
        steps.extend(satellites::altered(cx, was, is, attributes));
        steps
    };
    match change {
        Change::InPlace(steps) => Change::InPlace(with(steps)),
        Change::Retype(steps) => Change::Retype(with(steps)),
        other => other,
    }
}

/// See `Rules::rebuild`. What differs besides is done with it.
pub(super) fn rebuild(cx: &Cx<'_>, ground: &Fact, was: &Fact, is: &Fact) -> Change {
    rules(was.id.kind).rebuild(cx, ground, was, is)
}

/// See `row_type::mind`.
pub(super) fn of_row_type(cx: &Cx<'_>, column: &Id) -> Vec<usize> {
    row_type::mind(cx, column)
}

/// What must be made anew because an index is attached to another.
pub(super) fn torn(cx: &Cx<'_>, fates: &Fates) -> Vec<usize> {
    partition::torn(cx, fates)
}

/// Whether a key of a partition depends on one of the parent only because it is attached to it, which is an act of its own.
pub(super) fn is_attached(key: &Fact, above: &Fact) -> bool {
    let are_keys =
        [key, above].iter().all(|fact| fact.id.kind == Kind::Constraint && fact.text("type") != "f");
    are_keys && key.id.of(Kind::Table) != above.id.of(Kind::Table)
}

/// Whether a column's type cannot change in its table.
pub(super) fn is_fixed(cx: &Cx<'_>, column: &Fact) -> bool {
    table::fixes(cx, column)
}

/// Whether a column goes while that of a child table stays.
pub(super) fn drops_alone(cx: &Cx<'_>, column: &Id) -> bool {
    column::drops_alone(cx, column)
}

/// Whether a child's column goes with that of the parent.
pub(super) fn drops_with_parent(cx: &Cx<'_>, parent: &Id, child: &Fact) -> bool {
    cx.is_child_in_both(&child.id) && !drops_alone(cx, parent) && !child.is("_local")
}

/// Whether foreign keys that stay refer to a table above a partition.
pub(super) fn is_referenced(cx: &Cx<'_>, fates: &Fates, partition: &Id) -> bool {
    partition::references(cx, partition).iter().any(|key| !fates.old[*key].ends())
}

/// A name for the time being, short enough for names made of it (docs 4.1.1: 63 bytes).
pub(super) fn temporary(name: &str, is_taken: &dyn Fn(&str) -> bool) -> String {
    let end = (0..=40.min(name.len())).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
    let first = format!("{}__pgkeel_old", &name[..end]);
    let others = (2..).map(|number| format!("{first}{number}"));
    let mut all = std::iter::once(first.clone()).chain(others);
    all.find(|name| !is_taken(name)).unwrap_or(first)
}

/// The type whose attributes are a column's table's columns, before and after.
pub(super) fn type_of_typed(cx: &Cx<'_>, column: &Id) -> Option<Id> {
    let table = column.of(Kind::Table);
    let of = |catalog: &Catalog| catalog.fact(&table)?.get("of_type").map(str::to_owned);
    if of(cx.old)? != of(cx.new)? {
        return None;
    }
    cx.new.hosts(&table, Kind::Composite).next().map(|of| of.id.clone())
}

/// The functions that a type and its definition cannot do without, where they speak of it in turn.
pub(super) fn circle(catalog: &Catalog, at: usize) -> Vec<usize> {
    base_type::circle(catalog, at)
}

/// Its name alone, before it can be made.
pub(super) fn declare(fact: &Fact) -> Vec<Sql> {
    vec![base_type::declared(fact)]
}

/// The names that it takes, by namespace, on which others cannot be at the same time.
pub(super) fn occupied(fact: &Fact) -> Vec<(u8, String, String)> {
    const RELATION: u8 = 0;
    const TYPE: u8 = 1;
    const ROUTINE: u8 = 2;
    const ON_TABLE: u8 = 3;
    const PRIMARY_KEY: u8 = 4;
    let id = &fact.id;
    let name = |space: u8| (space, id.schema.clone(), id.name.clone());
    match id.kind {
        Kind::Table | Kind::View | Kind::MaterializedView | Kind::Composite => {
            vec![name(RELATION), name(TYPE)]
        }
        Kind::Sequence | Kind::Index => vec![name(RELATION)],
        Kind::Enum | Kind::Range | Kind::Domain | Kind::BaseType => vec![name(TYPE)],
        Kind::Function | Kind::Procedure | Kind::Aggregate => {
            vec![(ROUTINE, id.schema.clone(), format!("{}({})", id.name, fact.text("_types")))]
        }
        Kind::Constraint | Kind::Trigger => {
            let mut all =
                vec![(ON_TABLE, id.schema.clone(), format!("{}.{}.{:?}", id.name, id.sub, id.kind))];
            if id.kind == Kind::Constraint && matches!(fact.text("type"), "p" | "u" | "x") {
                all.push((RELATION, id.schema.clone(), id.sub.clone()));
            }
            if id.kind == Kind::Constraint && fact.text("type") == "p" {
                all.push((PRIMARY_KEY, id.schema.clone(), id.name.clone()));
            }
            all
        }
        _ => Vec::new(),
    }
}

/// What must come before what, beyond what the catalogs tell: the second before the first.
pub(super) fn further_needs(cx: &Cx<'_>, fates: &Fates) -> Vec<(Act, Act, Need)> {
    let mut all = Vec::new();
    partition::needs(cx, fates, &mut all);
    table::needs(cx, fates, &mut all);
    typed::needs(cx, fates, &mut all);
    attached::needs(cx, fates, &mut all);
    inheritance::needs(cx, fates, &mut all);
    aside::needs(cx, fates, &mut all);
    inherited::needs(cx, fates, &mut all);
    publication::needs(cx, fates, &mut all);
    trigger::needs(cx, fates, &mut all);
    routine::needs(cx, fates, &mut all);
    row_type::needs(cx, fates, &mut all);
    extension::needs(cx, fates, &mut all);
    all
}

/// The table of an index, or of the constraint that the index is of.
pub(super) fn index_table(catalog: &Catalog, index: &Id) -> Option<Id> {
    if let Some(fact) = catalog.fact(&index.of(Kind::Index)) {
        return Some(Id::new(Kind::Table, fact.text("_table_schema"), fact.text("_table_name"), ""));
    }
    let attached = index.of(Kind::IndexPartition);
    // Its own constraint, not that of the parent.
    let mut constraints = catalog.hosts(&attached, Kind::Constraint).map(|fact| &fact.id);
    constraints.find(|id| id.schema == index.schema && id.sub == index.name).map(|id| id.of(Kind::Table))
}

/// The keywords of DROP and ALTER.
pub(super) fn keyword(fact: &Fact) -> &'static str {
    match fact.id.kind {
        Kind::Schema => "SCHEMA",
        Kind::Extension => "EXTENSION",
        Kind::Language => "LANGUAGE",
        Kind::Collation => "COLLATION",
        Kind::Conversion => "CONVERSION",
        Kind::Enum | Kind::Composite | Kind::Range | Kind::BaseType => "TYPE",
        Kind::Domain => "DOMAIN",
        Kind::DomainConstraint | Kind::Constraint => "CONSTRAINT",
        Kind::AccessMethod => "ACCESS METHOD",
        Kind::Function => "FUNCTION",
        Kind::Procedure => "PROCEDURE",
        Kind::Aggregate => "AGGREGATE",
        Kind::Operator => "OPERATOR",
        Kind::OperatorFamily => "OPERATOR FAMILY",
        Kind::OperatorClass => "OPERATOR CLASS",
        Kind::Cast => "CAST",
        Kind::Transform => "TRANSFORM",
        Kind::TextSearchParser => "TEXT SEARCH PARSER",
        Kind::TextSearchTemplate => "TEXT SEARCH TEMPLATE",
        Kind::TextSearchDictionary => "TEXT SEARCH DICTIONARY",
        Kind::TextSearchConfiguration => "TEXT SEARCH CONFIGURATION",
        Kind::ForeignDataWrapper => "FOREIGN DATA WRAPPER",
        Kind::Server => "SERVER",
        Kind::UserMapping => "USER MAPPING",
        Kind::Sequence | Kind::SequenceOwner => "SEQUENCE",
        Kind::Table if fact.text("type") == "FOREIGN TABLE" => "FOREIGN TABLE",
        Kind::Table | Kind::Partition => "TABLE",
        Kind::Column | Kind::Default => "COLUMN",
        Kind::View => "VIEW",
        Kind::MaterializedView => "MATERIALIZED VIEW",
        Kind::Index | Kind::IndexPartition => "INDEX",
        Kind::Statistics => "STATISTICS",
        Kind::Rule => "RULE",
        Kind::Trigger => "TRIGGER",
        Kind::Policy => "POLICY",
        Kind::Publication | Kind::PublicationTable | Kind::PublicationSchema => "PUBLICATION",
        Kind::Subscription => "SUBSCRIPTION",
        Kind::EventTrigger => "EVENT TRIGGER",
        Kind::DefaultPrivileges | Kind::ExtensionGrants => "DEFAULT PRIVILEGES",
    }
}

/// The object as COMMENT ON, DROP and ALTER … OWNER TO name it.
pub(super) fn object(fact: &Fact) -> String {
    let id = &fact.id;
    let word = keyword(fact);
    match id.kind {
        Kind::Column => format!("{word} {}.{}", id.path(), id.own()),
        Kind::Constraint | Kind::Trigger | Kind::Rule | Kind::Policy => {
            format!("{word} {} ON {}", id.own(), id.path())
        }
        Kind::DomainConstraint => format!("{word} {} ON DOMAIN {}", id.own(), id.path()),
        Kind::Function | Kind::Procedure | Kind::Aggregate => format!("{word} {}({})", id.path(), id.sub),
        Kind::Operator => format!("{word} {}.{} {}", Tidy(&id.schema), id.name, id.sub),
        Kind::OperatorClass | Kind::OperatorFamily => format!("{word} {} USING {}", id.path(), id.own()),
        // Its name is the whole `(source AS target)`.
        Kind::Cast => format!("{word} {}", id.name),
        Kind::Transform => format!("{word} {}", id.name),
        _ => format!("{word} {}", id.path()),
    }
}

/// The object as GRANT names it.
pub(super) fn granted_on(fact: &Fact) -> String {
    let id = &fact.id;
    match id.kind {
        Kind::Table | Kind::View | Kind::MaterializedView | Kind::Column => format!("TABLE {}", id.path()),
        Kind::Aggregate => format!("FUNCTION {}({})", id.path(), fact.text("_types")),
        Kind::Server => format!("FOREIGN SERVER {}", id.path()),
        _ => object(fact),
    }
}
