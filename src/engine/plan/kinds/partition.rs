//! Tables that are attached to a partitioned table, and their indexes to its indexes.

use crate::engine::catalog::{Catalog, Fact, Id, Kind};

use super::super::fate::Fates;
use super::super::graph::{Act, Need};
use super::super::hazard::{Hazard, Lock};
use super::super::sql::Sql;
use super::{Cx, Rules, index_table};

pub(super) struct Partition;

impl Rules for Partition {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let (parent, bound) = (fact.text("parent"), fact.text("bound"));
        vec![Sql::new(format!("ALTER TABLE ONLY {parent} ATTACH PARTITION {} {bound}", fact.id.path()))]
    }

    fn drop(&self, _: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
        let parent = fact.text("parent");
        let sql = Sql::new(format!("ALTER TABLE {parent} DETACH PARTITION {}", fact.id.path()));
        vec![sql.hazard(Hazard::Locks { table: parent.to_owned(), mode: Lock::AccessExclusive })]
    }
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
    for at in 0..cx.new.facts().len() {
        if !fates.is_created(at) {
            continue;
        }
        let fact = &cx.new.facts()[at];
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
