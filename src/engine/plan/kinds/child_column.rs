//! Columns that a child table gets from its parent: what it has otherwise.

use crate::engine::catalog::{Fact, Id, Kind};

use super::super::sql::Sql;
use super::column::{default, extras};
use super::{Cx, not_null};

/// What the children have otherwise of a column that they get with their parent's.
pub(super) fn of_children(cx: &Cx<'_>, members: &[&Fact]) -> Vec<Sql> {
    let mut children: Vec<&Fact> =
        members.iter().copied().filter(|member| member.id.kind == Kind::Column).collect();
    children.sort_by_key(|child| depth(cx, &child.id));
    let mut all = Vec::new();
    for child in children {
        all.extend(overrides(cx, child, members));
        all.extend(not_null::added_to_child(cx, child));
        all.extend(extras(cx, child));
    }
    all
}

/// How many tables are above a column's.
fn depth(cx: &Cx<'_>, column: &Id) -> usize {
    cx.new.hosts(column, Kind::Column).map(|above| 1 + depth(cx, &above.id)).max().unwrap_or(0)
}

/// What a child has otherwise than the parent from which the column comes.
pub(super) fn overrides(cx: &Cx<'_>, fact: &Fact, members: &[&Fact]) -> Vec<Sql> {
    let what = format!("ALTER TABLE ONLY {} ALTER COLUMN {}", fact.id.path(), fact.id.own());
    let is_added = cx.old.fact(&fact.id.of(Kind::Table)).is_some();
    let parents: Vec<&Fact> = cx.new.hosts(&fact.id, Kind::Column).collect();
    let expression = |column: &Fact| {
        let of = Id { kind: Kind::Default, ..column.id.clone() };
        cx.new.fact(&of).map(|default| default.text("expression"))
    };
    let mut all = Vec::new();
    let mine = default(fact, members);
    if parents.iter().any(|parent| expression(parent) != mine) {
        all.push(Sql::new(match mine {
            Some(value) => format!("{what} SET DEFAULT {value}"),
            None => format!("{what} DROP DEFAULT"),
        }));
    }
    let inherits_not_null =
        parents.iter().any(|parent| parent.is("not_null") && !parent.is("not_null_no_inherit"));
    // One with a name is part of the CREATE TABLE.
    let is_said = not_null::of_inherited(cx, fact).is_some() || fact.is("not_null_not_valid");
    if fact.is("not_null") != inherits_not_null && !is_said {
        let word = if fact.is("not_null") { "SET" } else { "DROP" };
        let what = if is_added { what.replacen(" ONLY", "", 1) } else { what };
        all.push(Sql::new(format!("{what} {word} NOT NULL")));
    }
    all
}
