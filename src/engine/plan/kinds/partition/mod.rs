//! Tables that are attached to a partitioned table.

mod indexes;

use crate::engine::catalog::{Catalog, Fact, Id, Kind, Scope};

use super::super::fate::Fates;
use super::super::graph::{Act, Need};
use super::super::hazard::{Hazard, Lock};
use super::super::sql::Sql;
use super::table::parent;
use super::{Cx, Rules, attached, index_table, inherited, not_null};

use indexes::Indexes;
pub(super) use indexes::{IndexPartition, torn};

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
    for (at, fact) in cx.old.facts().iter().enumerate() {
        if fact.id.kind == Kind::Partition && fates.old[at].ends() {
            let refer = references(cx, &fact.id).into_iter().filter(|key| fates.old[*key].ends());
            all.extend(refer.map(|key| (Act::Drop(at), Act::Drop(key), Need::Must)));
            // A foreign key that comes would refer to it too.
            let above = ancestors(cx.old, &fact.id);
            for (key, comes) in cx.new.facts().iter().enumerate().filter(|(_, fact)| is_foreign_key(fact)) {
                let refers = || above.iter().any(|above| above.path() == comes.text("_references"));
                if fates.is_created(key) && refers() {
                    all.push((Act::Create(key), Act::Drop(at), Need::Rather));
                }
            }
        }
    }
    let attached = Indexes::of(cx.new);
    let late = indexes::needs(cx, fates, &attached, all);
    for at in 0..cx.new.facts().len() {
        if !fates.is_created(at) {
            continue;
        }
        let fact = &cx.new.facts()[at];
        if is_foreign_key(fact) {
            // The key of a partitioned table is valid once all parts of its index are attached.
            let on: Vec<usize> = cx.new.needs(at).iter().map(|(to, _)| *to).collect();
            for index in on.iter().flat_map(|to| attached.parts_of(*to)) {
                all.push((Act::Create(at), Act::Create(index), Need::Must));
            }
        }
        if let Some(partition) = of(cx.new, at).and_then(|id| cx.new.index(&id)) {
            if fact.id.kind == Kind::IndexPartition || late.contains(&at) {
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
                    && !attached::comes_late(cx, fates, check)
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

/// The foreign keys that refer to the tables above a partition, also those of these tables themselves.
pub(super) fn references(cx: &Cx<'_>, partition: &Id) -> Vec<usize> {
    let mut all = Vec::new();
    for above in ancestors(cx.old, partition) {
        let path = above.path();
        let columns = cx.old.parts(&above, Kind::Column).filter(|column| column.id.of(Kind::Table) == above);
        let refer = columns.flat_map(|column| cx.old.parts(&column.id, Kind::Constraint));
        let refer = refer.filter(|key| is_foreign_key(key) && key.text("_references") == path);
        all.extend(refer.filter_map(|key| cx.old.index(&key.id)));
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// The partitioned tables above a partition, nearest first.
fn ancestors(catalog: &Catalog, partition: &Id) -> Vec<Id> {
    let first = parent(catalog, &partition.of(Kind::Table));
    std::iter::successors(first, |above| parent(catalog, above)).collect()
}

fn is_foreign_key(fact: &Fact) -> bool {
    fact.id.kind == Kind::Constraint && fact.text("type") == "f"
}
