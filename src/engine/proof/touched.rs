//! What a plan touches, and what that stands on: a large schema need not be built whole to prove one column. Names decide, the
//! same on both sides, so that what is left out is left out of both.

use std::collections::BTreeSet;

use crate::engine::catalog::{Catalog, Fact, Id, Kind, Scope};
use crate::engine::plan::Plan;

/// From so many facts on, a proof builds only what is touched.
pub(super) const LARGE: usize = 4_000;

/// Both catalogs, as far as the plan reaches.
pub(super) fn touched(old: &Catalog, new: &Catalog, plan: &Plan, scope: &Scope) -> (Catalog, Catalog) {
    let mut kept: BTreeSet<Id> = plan.steps.iter().map(|step| step.about.clone()).collect();
    kept.extend(old.differences(new, scope).iter().map(|difference| difference.id().clone()));
    // What feels what happens elsewhere.
    let feels = |kind: Kind| {
        matches!(
            kind,
            Kind::EventTrigger
                | Kind::DefaultPrivileges
                | Kind::ExtensionGrants
                | Kind::Publication
                | Kind::Schema
                | Kind::Extension
        )
    };
    for catalog in [old, new] {
        kept.extend(catalog.facts().iter().map(|fact| &fact.id).filter(|id| feels(id.kind)).cloned());
        let seeds: Vec<usize> = kept.iter().filter_map(|id| catalog.index(id)).collect();
        let stands = |at: usize| catalog.needed(at).iter().map(|(on, _)| *on).collect();
        // Everything stands on a schema, and nothing there is touched for that.
        let seeds = seeds.into_iter().filter(|at| !feels(catalog.facts()[*at].id.kind));
        kept.extend(reached(seeds.collect(), stands).into_iter().map(|at| catalog.facts()[at].id.clone()));
    }
    // Both sides see the same names, and each finds what it stands on: until neither finds more.
    loop {
        let before = kept.len();
        for catalog in [old, new] {
            let seeds: Vec<usize> = kept.iter().filter_map(|id| catalog.index(id)).collect();
            let needs = |at: usize| -> Vec<usize> {
                let fact = &catalog.facts()[at];
                let on = catalog.needs(at).iter().map(|(on, _)| *on);
                let parts = catalog.needed(at).iter().map(|(of, _)| *of);
                let has_children =
                    fact.id.kind == Kind::Table && catalog.parts(&fact.id, Kind::Table).next().is_some();
                let parts = parts.filter(|of| is_inseparable(fact, &catalog.facts()[*of], has_children));
                let sequence = (fact.id.kind == Kind::SequenceOwner)
                    .then(|| catalog.index(&fact.id.of(Kind::Sequence)))
                    .flatten();
                on.chain(parts).chain(sequence).collect()
            };
            kept.extend(reached(seeds, needs).into_iter().map(|at| catalog.facts()[at].id.clone()));
        }
        if kept.len() == before {
            break;
        }
    }
    let part = |catalog: &Catalog| catalog.without(&|at| !kept.contains(&catalog.facts()[at].id));
    (part(old), part(new))
}

/// Whether something comes with what it is a part of, whatever of that is needed: a table is its columns, an identity column
/// has its sequence, and what relatives have they have of each other.
fn is_inseparable(whole: &Fact, part: &Fact, has_children: bool) -> bool {
    let is_own = part.id.schema == whole.id.schema && part.id.name == whole.id.name;
    match whole.id.kind {
        Kind::Table => {
            let is_relative = has_children
                || whole.text("type") == "PARTITIONED TABLE"
                || whole.is("_partition")
                || whole.get("inherits").is_some();
            match part.id.kind {
                Kind::Column => is_own,
                Kind::Partition => true,
                Kind::Constraint | Kind::Index | Kind::IndexPartition | Kind::Trigger => is_relative,
                // A child of it.
                Kind::Table => true,
                _ => false,
            }
        }
        Kind::View | Kind::MaterializedView => part.id.kind == Kind::Column && is_own,
        Kind::Column => part.id.kind == Kind::Sequence,
        Kind::Constraint | Kind::Index => part.id.kind == Kind::IndexPartition,
        _ => false,
    }
}

/// Whatever is reached from some by steps.
fn reached(mut open: Vec<usize>, next: impl Fn(usize) -> Vec<usize>) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    while let Some(at) = open.pop() {
        if reached.insert(at) {
            open.extend(next(at));
        }
    }
    reached
}
