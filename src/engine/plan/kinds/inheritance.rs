//! Tables that inherit from others: leaving a parent and joining one are acts of their own, because the child's columns and
//! checks change in between. Partitions are attached elsewhere; the order of both is told here.

use crate::engine::catalog::{Catalog, Fact, Id, Kind};
use crate::pg::ident::Tidy;

use super::super::fate::{Fate, Fates};
use super::super::graph::{Act, Need};
use super::super::hazard::{Hazard, Lock};
use super::super::sql::Sql;
use super::{Cx, not_null};

/// The parents that are left, and those that are joined: from the first on that differs, in their order, because it decides
/// the order of columns.
fn moves<'a>(was: &'a Fact, is: &'a Fact) -> (Vec<&'a str>, Vec<&'a str>) {
    let (before, after): (Vec<&str>, Vec<&str>) =
        (was.lines("inherits").collect(), is.lines("inherits").collect());
    let kept: Vec<&str> = before.iter().filter(|parent| after.contains(parent)).copied().collect();
    // A parent can only be added as the last one.
    let stay = if after.starts_with(&kept) { kept } else { Vec::new() };
    let other = |all: Vec<&'a str>| all.into_iter().filter(|parent| !stay.contains(parent)).collect();
    (other(before), other(after))
}

/// Whether a table of both catalogs leaves parents, and whether it joins some.
pub(in super::super) fn is_moved(was: &Fact, is: &Fact) -> (bool, bool) {
    let (left, joined) = moves(was, is);
    (!left.is_empty(), !joined.is_empty())
}

/// Whether a table of both catalogs has a column's table among its parents all the time.
pub(super) fn stays_below(was: &Fact, is: &Fact, parent: &Id) -> bool {
    let (path, (left, joined)) = (parent.of(Kind::Table).path(), moves(was, is));
    let has = |fact: &Fact| fact.lines("inherits").any(|name| name == path);
    has(was) && has(is) && !left.contains(&path.as_str()) && !joined.contains(&path.as_str())
}

/// It lets go of its parents, and of the checks that came from them.
pub(in super::super) fn leave(cx: &Cx<'_>, was: &Fact) -> Vec<Sql> {
    let Some(is) = cx.new.fact(&was.id) else { return Vec::new() };
    let (left, _) = moves(was, is);
    let table = is.id.path();
    let mut all: Vec<Sql> =
        left.iter().map(|parent| Sql::new(format!("ALTER TABLE {table} NO INHERIT {parent}"))).collect();
    // One that becomes a partition gets the names when it is attached.
    if is.get("inherits").is_none() && !left.is_empty() && !is.is("_partition") {
        all.extend(not_null::aligned(cx, &is.id));
    }
    let (staying, wanted) = (stayed_checks(cx, was, is), checks(cx.new, &is.id, |_| true));
    for check in checks(cx.old, &was.id, |parent| left.contains(&parent)) {
        if !has(&staying, check, false) && !has(&wanted, check, true) {
            let name = check.id.own();
            all.push(Sql::new(format!("ALTER TABLE {table} DROP CONSTRAINT {name}")));
        }
    }
    locked(all, &table)
}

/// It gets the checks of its new parents, without which it cannot join them (docs, ALTER TABLE, INHERIT).
pub(in super::super) fn join(cx: &Cx<'_>, is: &Fact) -> Vec<Sql> {
    let Some(was) = cx.old.fact(&is.id) else { return Vec::new() };
    let (_, joined) = moves(was, is);
    let table = is.id.path();
    let mut there = checks(cx.old, &was.id, |_| true);
    there.extend(own_checks(cx.old, &was.id));
    let mut all = Vec::new();
    for check in checks(cx.new, &is.id, |parent| joined.contains(&parent)) {
        if !has(&there, check, true)
            && !cx.new.parts(&is.id, Kind::Constraint).any(|own| same_name(own, check))
        {
            let (definition, name) = (check.text("definition"), check.id.own());
            let why = format!("fails if rows of {table} break {definition}");
            let sql = Sql::new(format!("ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"));
            all.push(sql.hazard(Hazard::Scan { table: table.clone() }).hazard(Hazard::will_fail(why, None)));
        }
    }
    all.extend(joined.iter().map(|parent| Sql::new(format!("ALTER TABLE {table} INHERIT {parent}"))));
    locked(all, &table)
}

fn locked(all: Vec<Sql>, table: &str) -> Vec<Sql> {
    let lock = Hazard::Locks { table: table.to_owned(), mode: Lock::AccessExclusive };
    all.into_iter().map(|sql| sql.hazard(lock.clone())).collect()
}

/// The checks of the parents that it has before and after.
fn stayed_checks<'a>(cx: &Cx<'a>, was: &Fact, is: &Fact) -> Vec<&'a Fact> {
    let (left, _) = moves(was, is);
    checks(cx.old, &was.id, |parent| !left.contains(&parent))
}

/// What a child's DROP of the parent's check leaves behind: its own one of that name.
pub(super) fn left_behind(cx: &Cx<'_>, check: &Fact) -> Vec<Sql> {
    let mut all = Vec::new();
    for child in children(cx.old, &check.id.of(Kind::Table)) {
        let stays = cx.new.fact(&child.id).is_some_and(|is| is_moved(child, is) == (false, false));
        let still = || has(&checks(cx.new, &child.id, |_| true), check, false);
        if stays && child.lines("_own_checks").any(|name| name == check.id.sub) && !still() {
            let (table, name) = (child.id.path(), Tidy(&check.id.sub));
            all.push(Sql::new(format!("ALTER TABLE {table} DROP CONSTRAINT {name}")));
        }
    }
    all
}

/// Whether a check of the table that goes is one of a parent that it joins, and so stays.
pub(super) fn is_handed_over(cx: &Cx<'_>, check: &Fact) -> bool {
    let table = check.id.of(Kind::Table);
    let (Some(was), Some(is)) = (cx.old.fact(&table), cx.new.fact(&table)) else { return false };
    let (_, joined) = moves(was, is);
    check.text("type") == "c"
        && !is.is("_partition")
        && cx.new.fact(&check.id).is_none()
        && has(&checks(cx.new, &table, |parent| joined.contains(&parent)), check, true)
}

fn same_name(one: &Fact, other: &Fact) -> bool {
    one.id.sub == other.id.sub
}

fn has(all: &[&Fact], check: &Fact, alike: bool) -> bool {
    let is_it = |other: &&Fact| {
        same_name(other, check) && (!alike || other.get("definition") == check.get("definition"))
    };
    all.iter().any(is_it)
}

/// The checks that a table gives to its children.
fn own_checks<'a>(catalog: &'a Catalog, table: &Id) -> Vec<&'a Fact> {
    let all = catalog.parts(table, Kind::Constraint);
    all.filter(|check| check.text("type") == "c" && !check.is("_no_inherit")).collect()
}

/// The checks of these parents and of theirs.
fn checks<'a>(catalog: &'a Catalog, table: &Id, of: impl Fn(&str) -> bool) -> Vec<&'a Fact> {
    let mut all: Vec<&Fact> = Vec::new();
    for parent in parents(catalog, table).filter(|parent| of(&parent.id.path())) {
        for check in own_checks(catalog, &parent.id).into_iter().chain(inherited(catalog, &parent.id)) {
            if !has(&all, check, false) {
                all.push(check);
            }
        }
    }
    all
}

fn inherited<'a>(catalog: &'a Catalog, table: &Id) -> Vec<&'a Fact> {
    let all = |parent: &'a Fact| [own_checks(catalog, &parent.id), inherited(catalog, &parent.id)].concat();
    parents(catalog, table).flat_map(all).collect()
}

fn parents<'a>(catalog: &'a Catalog, table: &Id) -> impl Iterator<Item = &'a Fact> {
    let named: Vec<&str> =
        catalog.fact(table).map(|fact| fact.lines("inherits").collect()).unwrap_or_default();
    let hosts: Vec<&Fact> = catalog.hosts(table, Kind::Table).collect();
    hosts.into_iter().filter(move |host| named.contains(&host.id.path().as_str()))
}

fn ancestors<'a>(catalog: &'a Catalog, table: &Id) -> Vec<&'a Fact> {
    let mut all: Vec<&Fact> = parents(catalog, table).collect();
    let mut at = 0;
    while at < all.len() {
        let more: Vec<&Fact> = parents(catalog, &all[at].id).filter(|more| !all.contains(more)).collect();
        all.extend(more);
        at += 1;
    }
    all
}

fn children<'a>(catalog: &'a Catalog, table: &Id) -> Vec<&'a Fact> {
    let is_below = |child: &&Fact| ancestors(catalog, &child.id).iter().any(|above| above.id == *table);
    catalog.facts().iter().filter(|fact| fact.id.kind == Kind::Table).filter(is_below).collect()
}

/// What changes between leaving and joining: columns and checks.
fn concerns(fact: &Fact) -> bool {
    fact.id.kind == Kind::Column || fact.id.kind == Kind::Constraint && fact.text("type") == "c"
}

/// A table has the columns and checks of a parent before it hangs on it, and loses them only afterwards; and a parent
/// changes while it does not hang on it.
pub(super) fn needs(cx: &Cx<'_>, fates: &Fates, all: &mut Vec<(Act, Act, Need)>) {
    for (at, fact) in cx.old.facts().iter().enumerate().filter(|(_, fact)| concerns(fact)) {
        let (leaves, joins) = hangs(cx, &fact.id);
        let is_check = fact.id.kind == Kind::Constraint;
        match &fates.old[at] {
            Fate::Kept => {}
            Fate::Gone | Fate::Replaced => {
                all.extend(leaves.iter().map(|leave| (Act::Drop(at), *leave, Need::Must)));
                if is_check {
                    all.extend(joins.iter().map(|join| (*join, Act::Drop(at), Need::Rather)));
                }
            }
            Fate::Altered(..) => {
                all.extend(leaves.iter().map(|leave| (Act::Alter(at), *leave, Need::Rather)));
                all.extend(joins.iter().map(|join| (*join, Act::Alter(at), Need::Must)));
            }
        }
    }
    for (at, fact) in cx.new.facts().iter().enumerate().filter(|(_, fact)| concerns(fact)) {
        if fates.is_created(at) {
            let (leaves, joins) = hangs(cx, &fact.id);
            all.extend(joins.iter().map(|join| (*join, Act::Create(at), Need::Must)));
            all.extend(leaves.iter().map(|leave| (Act::Create(at), *leave, Need::Rather)));
        }
    }
    for (at, fact) in cx.old.facts().iter().enumerate().filter(|(_, fact)| fact.id.kind == Kind::Table) {
        if let Some(after) = fates.after[at].filter(|_| matches!(fates.old[at], Fate::Altered(..))) {
            moving(cx, fates, (at, fact), after, all);
        }
    }
    same_checks(cx, fates, all);
    defaults_first(cx, fates, all);
}

/// A child gets the defaults that its parents have when it is created.
fn defaults_first(cx: &Cx<'_>, fates: &Fates, all: &mut Vec<(Act, Act, Need)>) {
    for (at, fact) in cx.new.facts().iter().enumerate().filter(|(_, fact)| fact.id.kind == Kind::Table) {
        if !fates.is_created(at) || fact.get("inherits").is_none() {
            continue;
        }
        for parent in ancestors(cx.new, &fact.id) {
            for column in cx.new.parts(&parent.id, Kind::Column) {
                let default = Id { kind: Kind::Default, ..column.id.clone() };
                all.extend(cx.new.index(&default).map(|to| (Act::Create(at), Act::Create(to), Need::Rather)));
                for act in cx.old.index(&default).into_iter().flat_map(|to| [Act::Alter(to), Act::Drop(to)]) {
                    all.push((Act::Create(at), act, Need::Rather));
                }
            }
        }
    }
}

/// The acts by which a column's or a check's table lets go of others and hangs on others.
fn hangs(cx: &Cx<'_>, id: &Id) -> (Vec<Act>, Vec<Act>) {
    let act = |catalog: &Catalog, kind: Kind, act: fn(usize) -> Act| catalog.index(&id.of(kind)).map(act);
    let leaves = [act(cx.old, Kind::Partition, Act::Drop), act(cx.old, Kind::Table, Act::Leave)];
    let joins = [act(cx.new, Kind::Partition, Act::Create), act(cx.new, Kind::Table, Act::Join)];
    (leaves.into_iter().flatten().collect(), joins.into_iter().flatten().collect())
}

/// A table that may leave and join, and the parents whose changes would reach it.
fn moving(
    cx: &Cx<'_>,
    fates: &Fates,
    (at, was): (usize, &Fact),
    after: usize,
    all: &mut Vec<(Act, Act, Need)>,
) {
    let is = &cx.new.facts()[after];
    let (leave, join) = (Act::Leave(at), Act::Join(after));
    if is_moved(was, is) == (false, false) {
        return;
    }
    all.push((join, leave, Need::Must));
    // What a table above loses when it leaves goes with it from the tables that are still below it.
    for parent in ancestors(cx.old, &was.id) {
        if let Some(parent) = cx.old.index(&parent.id) {
            all.push((Act::Leave(parent), leave, Need::Must));
            all.push((Act::Drop(parent), leave, Need::Must));
            all.push((Act::Aside(parent), leave, Need::Must));
        }
    }
    for parent in ancestors(cx.new, &is.id) {
        all.extend(cx.new.index(&parent.id).map(|parent| (join, Act::Create(parent), Need::Must)));
        // No table may be below itself.
        all.extend(cx.old.index(&parent.id).map(|parent| (join, Act::Leave(parent), Need::Must)));
    }
    let above = |catalog: &Catalog, id: &Id| -> Vec<Id> {
        ancestors(catalog, id).into_iter().map(|parent| parent.id.clone()).collect()
    };
    let (before, behind) = (above(cx.old, &was.id), above(cx.new, &is.id));
    for (at, fact) in cx.old.facts().iter().enumerate().filter(|(_, fact)| concerns(fact)) {
        let table = fact.id.of(Kind::Table);
        for act in [Act::Drop(at), Act::Alter(at)] {
            if before.contains(&table) {
                all.push((act, leave, Need::Rather));
            }
            if behind.contains(&table) {
                all.push((join, act, Need::Rather));
            }
        }
    }
    for (at, fact) in cx.new.facts().iter().enumerate().filter(|(_, fact)| concerns(fact)) {
        let table = fact.id.of(Kind::Table);
        if fates.is_created(at) && before.contains(&table) {
            all.push((Act::Create(at), leave, Need::Rather));
        }
        if fates.is_created(at) && behind.contains(&table) {
            all.push((join, Act::Create(at), Need::Rather));
        }
    }
}

/// A check of a child makes room for the parent's of that name, and the other way round.
fn same_checks(cx: &Cx<'_>, fates: &Fates, all: &mut Vec<(Act, Act, Need)>) {
    for (at, fact) in cx.new.facts().iter().enumerate() {
        if !fates.is_created(at) || fact.id.kind != Kind::Constraint || fact.text("type") != "c" {
            continue;
        }
        let table = fact.id.of(Kind::Table);
        let below = children(cx.new, &table).into_iter();
        for other in below.chain(ancestors(cx.old, &table)) {
            let other = Id { kind: Kind::Constraint, sub: fact.id.sub.clone(), ..other.id.clone() };
            all.extend(cx.old.index(&other).map(|other| (Act::Create(at), Act::Drop(other), Need::Rather)));
        }
    }
}
