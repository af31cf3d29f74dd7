//! Tables that become, or stop being, tables of a composite type: their columns change while they are of none.

use crate::engine::catalog::{Catalog, Fact, Id, Kind};

use super::super::fate::{Fate, Fates};
use super::super::graph::{Act, Need};
use super::Cx;

/// Whether the table can be altered: its columns are those of the type, in order, when it becomes a table of it, and do not
/// change while it goes from one type to another.
pub(super) fn fits(cx: &Cx<'_>, was: &Fact, is: &Fact) -> bool {
    if is.get("of_type").is_none() {
        return true;
    }
    let (before, after) = (columns(cx.old, &was.id), columns(cx.new, &is.id));
    let name = |column: &&Fact| column.id.sub.clone();
    let kept: Vec<String> =
        before.iter().filter(|column| cx.new.fact(&column.id).is_some()).map(name).collect();
    let added = after.iter().filter(|column| cx.old.fact(&column.id).is_none()).map(name);
    let in_order = kept.iter().cloned().chain(added).eq(after.iter().map(name));
    let kind = |column: &&Fact| (column.id.sub.clone(), column.text("type").to_owned());
    let same = before.iter().map(kind).eq(after.iter().map(kind));
    in_order && (was.get("of_type").is_none() || same)
}

fn columns<'a>(catalog: &'a Catalog, table: &Id) -> Vec<&'a Fact> {
    let mut all: Vec<&Fact> =
        catalog.parts(table, Kind::Column).filter(|column| column.id.of(Kind::Table) == *table).collect();
    all.sort_by_key(|column| column.text("_position").parse::<i32>().unwrap_or(0));
    all
}

/// A table leaves its type before its columns or the type change, and becomes one of a type after them.
pub(super) fn needs(cx: &Cx<'_>, fates: &Fates, all: &mut Vec<(Act, Act, Need)>) {
    for (at, was) in cx.old.facts().iter().enumerate().filter(|(_, fact)| fact.id.kind == Kind::Table) {
        let Some(is) = cx.new.fact(&was.id).filter(|_| matches!(fates.old[at], Fate::Altered(..))) else {
            continue;
        };
        if was.get("of_type") == is.get("of_type") {
            continue;
        }
        for of in cx.old.hosts(&was.id, Kind::Composite).filter_map(|of| cx.old.index(&of.id)) {
            all.push((Act::Alter(of), Act::Alter(at), Need::Must));
        }
        let mut changes = Vec::new();
        for column in columns(cx.old, &was.id).into_iter().filter_map(|column| cx.old.index(&column.id)) {
            changes.extend([Act::Drop(column), Act::Alter(column)]);
        }
        for column in columns(cx.new, &is.id).into_iter().filter_map(|column| cx.new.index(&column.id)) {
            changes.push(Act::Create(column));
        }
        for change in changes {
            let (act, before) =
                if is.get("of_type").is_none() { (change, Act::Alter(at)) } else { (Act::Alter(at), change) };
            all.push((act, before, Need::Must));
        }
    }
}
