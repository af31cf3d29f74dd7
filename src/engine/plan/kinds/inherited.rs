//! Checks and foreign keys that a partition has from the tables above it: they stay with it when it is detached, and its own
//! become theirs when it is attached (docs, ALTER TABLE, `DETACH PARTITION` and `ATTACH PARTITION`).

use crate::engine::catalog::{Catalog, Fact, Id, Kind};

use super::super::fate::{Fate, Fates};
use super::super::graph::{Act, Need};
use super::super::sql::Sql;
use super::{Cx, attached, constraint, table};

/// What a partition has from above, nearest first.
fn from_above<'a>(catalog: &'a Catalog, partition: &Id) -> Vec<&'a Fact> {
    let mut all: Vec<&Fact> = Vec::new();
    let mut at = partition.clone();
    while let Some(parent) = table::parent(catalog, &at) {
        for fact in catalog.parts(&parent, Kind::Constraint).filter(|fact| fact.id.of(Kind::Table) == parent)
        {
            let goes_down = match fact.text("type") {
                "c" => !fact.is("_no_inherit"),
                "f" => true,
                _ => false,
            };
            if goes_down && !all.iter().any(|known| known.id.sub == fact.id.sub) {
                all.push(fact);
            }
        }
        at = parent;
    }
    all
}

fn is_same(one: &Fact, other: &Fact) -> bool {
    let same = |name: &str| one.get(name) == other.get(name);
    same("type") && same("definition") && (one.text("type") == "f" || one.id.sub == other.id.sub)
}

/// The tables that stay and are let go, or become partitions.
fn stays(cx: &Cx<'_>, fates: &Fates, table: &Id) -> bool {
    cx.old.index(table).is_some_and(|at| !fates.old[at].ends()) && cx.new.fact(table).is_some()
}

fn is_detached(cx: &Cx<'_>, fates: &Fates, table: &Id) -> bool {
    cx.old.index(&table.of(Kind::Partition)).is_some_and(|at| fates.old[at].ends())
}

fn is_attached(cx: &Cx<'_>, fates: &Fates, table: &Id) -> bool {
    cx.new.index(&table.of(Kind::Partition)).is_some_and(|at| fates.is_created(at))
}

/// Constraints of the new catalog that a table has already once it is let go.
pub(in super::super) fn given(cx: &Cx<'_>, fates: &Fates) -> Vec<usize> {
    let comes = |fact: &Fact| {
        let table = fact.id.of(Kind::Table);
        fact.id.kind == Kind::Constraint
            && matches!(fact.text("type"), "c" | "f")
            && cx.old.fact(&fact.id).is_none()
            && is_detached(cx, fates, &table)
            && stays(cx, fates, &table)
            && from_above(cx.old, &table).iter().any(|above| is_same(above, fact))
    };
    (0..cx.new.facts().len()).filter(|at| comes(&cx.new.facts()[*at])).collect()
}

/// Constraints of the old catalog that become those of the tables above.
pub(in super::super) fn taken(cx: &Cx<'_>, fates: &Fates) -> Vec<usize> {
    let goes = |at: usize| {
        let fact = &cx.old.facts()[at];
        let table = fact.id.of(Kind::Table);
        fact.id.kind == Kind::Constraint
            && matches!(fact.text("type"), "c" | "f")
            && fates.old[at] == Fate::Gone
            && is_attached(cx, fates, &table)
            && stays(cx, fates, &table)
            && from_above(cx.new, &table).iter().any(|above| is_same(above, fact))
    };
    (0..cx.old.facts().len()).filter(|at| goes(*at)).collect()
}

fn of_child(above: &Fact, table: &Id) -> Id {
    Id { schema: table.schema.clone(), name: table.name.clone(), ..above.id.clone() }
}

/// What a table that was let go has and shall not keep.
pub(super) fn dropped(cx: &Cx<'_>, partition: &Id) -> Vec<Sql> {
    let table = partition.of(Kind::Table);
    if !cx.fates.is_some_and(|fates| stays(cx, fates, &table)) {
        return Vec::new();
    }
    let again = from_above(cx.new, &table);
    let mut all = Vec::new();
    for above in from_above(cx.old, &table) {
        let own = of_child(above, &table);
        let stays = cx.new.fact(&own).into_iter().chain(again.iter().copied()).any(|new| is_same(new, above));
        if !stays && cx.old.fact(&own).is_none() {
            // Before 15, DETACH takes a foreign key of a table to itself along.
            let if_there =
                if cx.old.server < 150_000 && above.text("type") == "f" { "IF EXISTS " } else { "" };
            all.push(Sql::new(format!(
                "ALTER TABLE {} DROP CONSTRAINT {if_there}{}",
                table.path(),
                own.own()
            )));
        }
    }
    all
}

/// What a table that is attached has not and needs.
pub(super) fn added(cx: &Cx<'_>, partition: &Id) -> Vec<Sql> {
    let table = partition.of(Kind::Table);
    if !cx.fates.is_some_and(|fates| stays(cx, fates, &table)) {
        return Vec::new();
    }
    let before = from_above(cx.old, &table);
    let mut all = Vec::new();
    for above in from_above(cx.new, &table).into_iter().filter(|above| above.text("type") == "c") {
        let own = of_child(above, &table);
        let has = cx.old.fact(&own).into_iter().chain(cx.new.fact(&own)).chain(before.iter().copied());
        if !attached::is_late(cx, above) && !has.into_iter().any(|known| is_same(known, above)) {
            all.push(Sql::new(format!("ALTER TABLE {} ADD {}", table.path(), constraint::inline(above))));
        }
    }
    all
}

/// Those of the tables above go and come when what stays with a table is decided.
pub(super) fn needs(cx: &Cx<'_>, fates: &Fates, all: &mut Vec<(Act, Act, Need)>) {
    for (at, fact) in cx.old.facts().iter().enumerate() {
        let table = fact.id.of(Kind::Table);
        if fact.id.kind != Kind::Partition || !fates.old[at].ends() || !stays(cx, fates, &table) {
            continue;
        }
        for above in from_above(cx.old, &table) {
            if let Some(above) = cx.old.index(&above.id).filter(|above| fates.old[*above].ends()) {
                all.push((Act::Drop(above), Act::Drop(at), Need::Must));
            }
            if let Some(own) = cx.new.index(&of_child(above, &table)) {
                all.push((Act::Create(own), Act::Drop(at), Need::Must));
            }
        }
        let parent = table::parent(cx.old, &table);
        for own in parent.iter().flat_map(|parent| cx.new.parts(parent, Kind::Constraint)) {
            if let Some(own) = cx.new.index(&own.id) {
                all.push((Act::Create(own), Act::Drop(at), Need::Rather));
            }
        }
    }
    // One that is like a foreign key above would become a part of that when the table is attached.
    for (at, fact) in cx.new.facts().iter().enumerate() {
        if fact.id.kind != Kind::Constraint || fact.text("type") != "f" || !fates.is_created(at) {
            continue;
        }
        let table = fact.id.of(Kind::Table);
        let partition = cx.new.index(&table.of(Kind::Partition)).filter(|at| fates.is_created(*at));
        let above = from_above(cx.new, &table).into_iter().filter(|above| is_same(above, fact));
        let above: Vec<usize> = above.filter_map(|above| cx.new.index(&above.id)).collect();
        if !above.is_empty() {
            let before = partition.into_iter().chain(above).map(Act::Create);
            all.extend(before.map(|before| (Act::Create(at), before, Need::Rather)));
        }
    }
}
