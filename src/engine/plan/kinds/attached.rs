//! Columns and checks of partitioned tables and of the tables that are attached to them: both have the same columns when a
//! table is attached, and what changes above reaches it while it is attached.

use crate::engine::catalog::{Catalog, Fact, Id, Kind};

use super::super::fate::Fates;
use super::super::graph::{Act, Need};
use super::{Cx, table};

/// Columns change while a table that leaves or comes is attached to none.
pub(super) fn needs(cx: &Cx<'_>, fates: &Fates, all: &mut Vec<(Act, Act, Need)>) {
    for (at, fact) in partitions(cx.old).filter(|(at, _)| fates.old[*at].ends()) {
        let table = fact.id.of(Kind::Table);
        if cx.old.index(&table).is_none_or(|table| fates.old[table].ends()) {
            continue;
        }
        for change in above(cx.old, &table).iter().flat_map(|table| changes(cx, fates, table)) {
            all.push((change, Act::Drop(at), Need::Rather));
        }
    }
    for (at, fact) in partitions(cx.new).filter(|(at, _)| fates.is_created(*at)) {
        let table = fact.id.of(Kind::Table);
        let above = above(cx.new, &table);
        for change in above.iter().chain([&table]).flat_map(|table| changes(cx, fates, table)) {
            all.push((Act::Create(at), change, Need::Rather));
        }
        // A table that is attached inherits from none, and none from it.
        for (child, _) in cx.old.index(&table).map(|at| cx.old.needed(at)).into_iter().flatten() {
            let acts = [Act::Leave(*child), Act::Aside(*child), Act::Drop(*child)];
            let acts = acts.into_iter().take(if fates.aside.contains_key(child) { 2 } else { 3 });
            if cx.old.facts()[*child].id.kind == Kind::Table {
                all.extend(acts.map(|act| (Act::Create(at), act, Need::Rather)));
            }
        }
        let own = cx.old.index(&table);
        all.extend(own.map(|table| (Act::Create(at), Act::Leave(table), Need::Rather)));
        for check in above.iter().flat_map(|table| cx.new.parts(table, Kind::Constraint)) {
            let check = cx.new.index(&check.id).filter(|_| comes_late(cx, fates, check));
            all.extend(check.map(|check| (Act::Create(check), Act::Create(at), Need::Must)));
        }
    }
}

/// A CHECK that is not validated, which the tables below get with their parent: CREATE TABLE would validate it.
pub(super) fn is_late(cx: &Cx<'_>, check: &Fact) -> bool {
    check.text("type") == "c" && check.is("not_valid") && cx.is_made(&check.id)
}

/// The same before the fates are part of `cx`.
pub(super) fn comes_late(cx: &Cx<'_>, fates: &Fates, check: &Fact) -> bool {
    is_late(&Cx { fates: Some(fates), ..*cx }, check)
}

fn partitions(catalog: &Catalog) -> impl Iterator<Item = (usize, &Fact)> {
    catalog.facts().iter().enumerate().filter(|(_, fact)| fact.id.kind == Kind::Partition)
}

/// The partitioned tables above a table.
fn above(catalog: &Catalog, of: &Id) -> Vec<Id> {
    std::iter::successors(table::parent(catalog, of), |above| table::parent(catalog, above)).collect()
}

/// What changes about the columns of a table that stays.
fn changes(cx: &Cx<'_>, fates: &Fates, table: &Id) -> Vec<Act> {
    if cx.old.index(table).is_none_or(|at| fates.old[at].ends()) {
        return Vec::new();
    }
    let own = |catalog: &Catalog| -> Vec<usize> {
        let columns = catalog.parts(table, Kind::Column).filter(|column| column.id.of(Kind::Table) == *table);
        columns.filter_map(|column| catalog.index(&column.id)).collect()
    };
    let old = own(cx.old).into_iter().flat_map(|at| [Act::Drop(at), Act::Alter(at)]);
    old.chain(own(cx.new).into_iter().map(Act::Create)).collect()
}
