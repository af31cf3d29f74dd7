//! What uses the type of a table's rows: PostgreSQL rewrites no table while columns or compiled bodies are of that type.

use crate::engine::catalog::{Fact, Id, Kind};

use super::super::fate::{Fate, Fates};
use super::super::graph::{Act, Need};
use super::Cx;

/// The routines with a compiled body that use the type of the rows of a column's table: they are gone while the column gets
/// another type.
pub(super) fn mind(cx: &Cx<'_>, column: &Id) -> Vec<usize> {
    let Some(table) = cx.old.index(&column.of(Kind::Table)) else { return Vec::new() };
    let users = cx.old.needed(table).iter().map(|(at, _)| *at);
    users.filter(|at| is_compiled(&cx.old.facts()[*at])).collect()
}

fn is_compiled(fact: &Fact) -> bool {
    matches!(fact.id.kind, Kind::Function | Kind::Procedure) && fact.get("_body").is_none()
}

fn is_user(fact: &Fact) -> bool {
    matches!(fact.id.kind, Kind::Column | Kind::Composite | Kind::Domain) || is_compiled(fact)
}

/// What is of that type goes before the columns of the table change.
fn leaving(cx: &Cx<'_>, fates: &Fates, all: &mut Vec<(Act, Act, Need)>) {
    for (at, fact) in cx.old.facts().iter().enumerate() {
        if !fates.old[at].ends() || !is_user(fact) {
            continue;
        }
        for (to, _) in cx.old.needs(at) {
            let table = &cx.old.facts()[*to].id;
            if table.kind != Kind::Table || *table == fact.id.of(Kind::Table) || fates.old[*to].ends() {
                continue;
            }
            let old = cx.old.parts(table, Kind::Column).filter_map(|column| cx.old.index(&column.id));
            all.extend(old.map(|column| (Act::Alter(column), Act::Drop(at), Need::Rather)));
            let new = cx.new.parts(table, Kind::Column).filter_map(|column| cx.new.index(&column.id));
            all.extend(new.map(|column| (Act::Create(column), Act::Drop(at), Need::Rather)));
        }
    }
}

/// What is to be of that type comes once the columns of the table are as they will be.
pub(super) fn needs(cx: &Cx<'_>, fates: &Fates, all: &mut Vec<(Act, Act, Need)>) {
    leaving(cx, fates, all);
    for (at, fact) in cx.new.facts().iter().enumerate().filter(|(_, fact)| is_user(fact)) {
        let act = match fates.before[at] {
            _ if fates.is_created(at) => Act::Create(at),
            // A body that was not compiled becomes one that is.
            Some(before) if is_compiled(fact) => Act::Alter(before),
            _ => continue,
        };
        for (to, _) in cx.new.needs(at) {
            let table = &cx.new.facts()[*to].id;
            if table.kind != Kind::Table || *table == fact.id.of(Kind::Table) || fates.is_created(*to) {
                continue;
            }
            let columns =
                cx.new.parts(table, Kind::Column).filter(|column| column.id.of(Kind::Table) == *table);
            for column in columns.filter_map(|column| cx.new.index(&column.id)) {
                let altered = fates.before[column].filter(|old| matches!(fates.old[*old], Fate::Altered(..)));
                let acts = [Some(Act::Create(column)), altered.map(Act::Alter)];
                all.extend(acts.into_iter().flatten().map(|change| (act, change, Need::Rather)));
            }
        }
    }
}
