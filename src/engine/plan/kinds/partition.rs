//! Tables that are attached to a partitioned table, and their indexes to its indexes.

use std::collections::BTreeMap;

use crate::engine::catalog::{Catalog, Fact, Id, Kind, Scope};

use super::super::fate::Fates;
use super::super::graph::{Act, Need};
use super::super::hazard::{Hazard, Lock};
use super::super::sql::Sql;
use super::table::parent;
use super::{Cx, Rules, index_table, inherited, not_null};

pub(super) struct Partition;

impl Rules for Partition {
    fn create(&self, cx: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let mut all = inherited::added(cx, &fact.id);
        all.extend(not_null::aligned(cx, &fact.id));
        all.push(attached(cx, fact));
        all
    }

    fn drop(&self, cx: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
        let parent = fact.text("parent");
        let sql = Sql::new(format!("ALTER TABLE {parent} DETACH PARTITION {}", fact.id.path()));
        let mut all =
            vec![sql.hazard(Hazard::Locks { table: parent.to_owned(), mode: Lock::AccessExclusive })];
        all.extend(inherited::dropped(cx, &fact.id));
        if not_null::is_let_go(cx, &fact.id) {
            all.extend(not_null::aligned(cx, &fact.id));
        }
        all
    }
}

/// `ATTACH PARTITION`: all rows of the table, and of the parent's default partition, are looked at.
fn attached(cx: &Cx<'_>, fact: &Fact) -> Sql {
    let (table, parent) = (fact.id.path(), fact.text("parent"));
    let mut sql =
        Sql::new(format!("ALTER TABLE ONLY {parent} ATTACH PARTITION {table} {}", fact.text("bound")));
    // What it says of a hash names the parent by its number, which is another in another database.
    let rule = fact.get("_rule").filter(|rule| !rule.contains("satisfies_hash_partition"));
    if !cx.is_made(&fact.id.of(Kind::Table)) {
        let why = format!("fails if rows of {table} are outside of its bounds");
        let probe = rule.map(|rule| format!("SELECT 1 FROM {table} WHERE NOT ({rule}) LIMIT 1"));
        sql = sql.hazard(Hazard::Scan { table: table.clone() }).hazard(Hazard::will_fail(why, probe));
    }
    let default = cx.old.facts().iter().find(|other| {
        other.id.kind == Kind::Partition
            && other.id != fact.id
            && other.get("parent") == Some(parent)
            && other.text("bound") == "DEFAULT"
            && cx.new.fact(&other.id).is_some_and(|is| is.differing(other, &Scope::default()).is_empty())
            && !cx.is_made(&other.id.of(Kind::Table))
    });
    if let Some(default) = default {
        let default = default.id.path();
        let why = format!("fails if rows of {default} belong into {table}");
        let probe = rule.map(|rule| format!("SELECT 1 FROM {default} WHERE {rule} LIMIT 1"));
        sql = sql.hazard(Hazard::Scan { table: default }).hazard(Hazard::will_fail(why, probe));
    }
    sql
}

/// An index with the one that it is attached to, and the table's partition.
struct Pair {
    own: usize,
    above: usize,
    partition: usize,
}

fn pairs(catalog: &Catalog) -> Vec<Pair> {
    let pair = |(at, fact): (usize, &Fact)| {
        if fact.id.kind != Kind::IndexPartition {
            return None;
        }
        let is_own = |to: &usize| {
            let id = &catalog.facts()[*to].id;
            let name = if id.kind == Kind::Index { &id.name } else { &id.sub };
            id.schema == fact.id.schema && *name == fact.id.name
        };
        let on: Vec<usize> = catalog.needs(at).iter().map(|(to, _)| *to).collect();
        let own = on.iter().copied().find(is_own)?;
        let is_index = |to: &usize| matches!(catalog.facts()[*to].id.kind, Kind::Index | Kind::Constraint);
        let above = on.iter().copied().find(|to| *to != own && is_index(to))?;
        let partition = catalog.index(&index_table(catalog, &fact.id)?.of(Kind::Partition))?;
        Some(Pair { own, above, partition })
    };
    catalog.facts().iter().enumerate().filter_map(pair).collect()
}

/// An index goes with the one that it is attached to, and cannot go alone: then its table is detached meanwhile.
pub(super) fn torn(cx: &Cx<'_>, fates: &Fates) -> Vec<usize> {
    let mut all = Vec::new();
    for Pair { own, above, partition } in pairs(cx.old) {
        if fates.old[partition].ends() {
            continue;
        }
        match (fates.old[own].ends(), fates.old[above].ends()) {
            (true, false) if fates.after[partition].is_some() => all.push(partition),
            (false, true) if fates.after[own].is_some() => all.push(own),
            _ => {}
        }
    }
    all
}

pub(super) struct IndexPartition;

impl Rules for IndexPartition {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        vec![Sql::new(format!("ALTER INDEX {} ATTACH PARTITION {}", fact.text("parent"), fact.id.path()))]
    }

    /// An index is let go only with its table or with the parent's index.
    fn drop(&self, _: &Cx<'_>, _: &Fact) -> Vec<Sql> {
        Vec::new()
    }
}

/// The indexes and constraints of a table are there before it is attached, so that those of the parent find them; and a
/// range is free before it is taken.
pub(super) fn needs(cx: &Cx<'_>, fates: &Fates, all: &mut Vec<(Act, Act, Need)>) {
    let of = |catalog: &Catalog, at: usize| -> Option<Id> {
        let id = &catalog.facts()[at].id;
        match id.kind {
            Kind::Index => {
                let fact = &catalog.facts()[at];
                Some(Id::new(Kind::Partition, fact.text("_table_schema"), fact.text("_table_name"), ""))
            }
            Kind::Constraint => Some(id.of(Kind::Partition)),
            Kind::IndexPartition => index_table(catalog, id).map(|table| table.of(Kind::Partition)),
            _ => None,
        }
    };
    // While a table is detached so that its index can go, it goes before the table comes back.
    for Pair { own, above, partition } in pairs(cx.old) {
        if fates.old[own].ends() && !fates.old[above].ends() {
            all.push((Act::Drop(own), Act::Drop(partition), Need::Must));
            if let Some(after) = fates.after[partition] {
                all.push((Act::Create(after), Act::Drop(own), Need::Must));
            }
        }
    }
    for (at, fact) in cx.old.facts().iter().enumerate() {
        if fact.id.kind == Kind::Partition && fates.old[at].ends() {
            let refer = references(cx, fates, &fact.id).into_iter().filter(|key| fates.old[*key].ends());
            all.extend(refer.map(|key| (Act::Drop(at), Act::Drop(key), Need::Must)));
        }
    }
    let attached = pairs(cx.new);
    unattached(cx, fates, &attached, all);
    for at in 0..cx.new.facts().len() {
        if !fates.is_created(at) {
            continue;
        }
        let fact = &cx.new.facts()[at];
        if fact.id.kind == Kind::Constraint && fact.text("type") == "f" {
            // The key of a partitioned table is valid once all parts of its index are attached.
            let on: Vec<usize> = cx.new.needs(at).iter().map(|(to, _)| *to).collect();
            for index in on.iter().flat_map(|to| parts_of(cx.new, &attached, *to)) {
                all.push((Act::Create(at), Act::Create(index), Need::Must));
            }
        }
        if let Some(partition) = of(cx.new, at).and_then(|id| cx.new.index(&id)) {
            if fact.id.kind == Kind::IndexPartition {
                all.push((Act::Create(at), Act::Create(partition), Need::Must));
            } else if fact.id.kind != Kind::Constraint || fact.text("type") != "f" {
                all.push((Act::Create(partition), Act::Create(at), Need::Must));
            }
        }
        if fact.id.kind == Kind::Partition {
            // Checks of the parent are part of the child when it is attached.
            let parent = cx
                .new
                .hosts(&fact.id, Kind::Table)
                .find(|table| table.id.name != fact.id.name || table.id.schema != fact.id.schema);
            // The name of the parent's NOT NULL constraint is free when the parent gets it.
            let above = parent.and_then(|parent| cx.new.index(&parent.id));
            if let (Some(table), Some(above)) = (cx.new.index(&fact.id.of(Kind::Table)), above)
                && fates.is_created(table)
                && fates.is_created(above)
            {
                all.push((Act::Create(table), Act::Create(above), Need::Rather));
            }
            for check in parent.iter().flat_map(|parent| cx.new.parts(&parent.id, Kind::Constraint)) {
                if check.text("type") == "c"
                    && let Some(check) = cx.new.index(&check.id)
                {
                    all.push((Act::Create(at), Act::Create(check), Need::Rather));
                }
            }
            let siblings = cx.old.facts().iter().enumerate().filter(|(_, sibling)| {
                sibling.id.kind == Kind::Partition && sibling.get("parent") == fact.get("parent")
            });
            // The rows of a table that is put aside move once its successor's partitions are there.
            let parent = cx.old.index(&parent.map_or_else(|| fact.id.clone(), |parent| parent.id.clone()));
            if parent.is_some_and(|parent| fates.aside.contains_key(&parent)) {
                continue;
            }
            for (sibling, _) in siblings {
                all.push((Act::Create(at), Act::Drop(sibling), Need::Rather));
            }
        }
    }
}

/// The foreign keys that refer to the tables above a partition which stay.
pub(super) fn references(cx: &Cx<'_>, fates: &Fates, partition: &Id) -> Vec<usize> {
    let mut all = Vec::new();
    let mut at = partition.of(Kind::Table);
    while let Some(above) = parent(cx.old, &at) {
        if cx.old.index(&above).is_some_and(|above| !fates.old[above].ends()) {
            let keys = cx.old.parts(&above, Kind::Constraint).filter(|key| key.text("type") != "f");
            let refer = keys.flat_map(|key| cx.old.parts(&key.id, Kind::Constraint));
            let refer = refer.filter(|key| key.text("type") == "f" && key.id.of(Kind::Table) != above);
            all.extend(refer.filter_map(|key| cx.old.index(&key.id)));
        }
        at = above;
    }
    all
}

/// What is attached to a key, and to that.
fn parts_of(catalog: &Catalog, attached: &[Pair], key: usize) -> Vec<usize> {
    let mut all = Vec::new();
    for Pair { own, .. } in attached.iter().filter(|pair| pair.above == key) {
        let id = &catalog.facts()[*own].id;
        if id.kind == Kind::Constraint {
            all.extend(catalog.index(&Id::new(Kind::IndexPartition, &id.schema, &id.sub, "")));
            all.extend(parts_of(catalog, attached, *own));
        }
    }
    all
}

/// An index of a partitioned table that a partition has no part of comes after that partition: PostgreSQL would make the part
/// when the table is attached.
fn unattached(cx: &Cx<'_>, fates: &Fates, attached: &[Pair], all: &mut Vec<(Act, Act, Need)>) {
    let mut partitions: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, fact) in cx.new.facts().iter().enumerate().filter(|(_, fact)| fact.id.kind == Kind::Partition) {
        partitions.entry(fact.text("parent")).or_default().push(at);
    }
    if partitions.is_empty() {
        return;
    }
    for (at, fact) in cx.new.facts().iter().enumerate() {
        if fact.id.kind != Kind::Index || !fates.is_created(at) {
            continue;
        }
        let table = Id::new(Kind::Table, fact.text("_table_schema"), fact.text("_table_name"), "").path();
        for partition in partitions.get(table.as_str()).into_iter().flatten() {
            if !attached.iter().any(|pair| pair.above == at && pair.partition == *partition) {
                all.push((Act::Create(at), Act::Create(*partition), Need::Must));
            }
        }
    }
}
