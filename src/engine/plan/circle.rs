//! Views that stand on what stands on them (a function that returns a view's rows, and the view calls it): first a view
//! of the same columns that reads nothing, and at last the real one, as pg_dump does it. It only rearranges acts.

use std::collections::BTreeSet;

use crate::engine::catalog::{Catalog, Kind};

use super::graph::{Act, Graph, Need, Rank};

/// The first view in a knot that is not yet made in two steps: its DROP or its CREATE.
pub(super) fn next(
    graph: &Graph,
    knot: &[usize],
    old: &Catalog,
    new: &Catalog,
    known: &BTreeSet<Act>,
) -> Option<Act> {
    let is_view = |act: &Act| match act {
        Act::Drop(at) => old.facts()[*at].id.kind == Kind::View,
        Act::Create(at) => new.facts()[*at].id.kind == Kind::View,
        _ => false,
    };
    let mut views: Vec<usize> = knot
        .iter()
        .copied()
        .filter(|at| is_view(&graph.acts[*at]) && !known.contains(&graph.acts[*at]))
        .collect();
    views.sort_by_key(|at| &graph.rank[*at]);
    views.first().map(|at| graph.acts[*at])
}

/// The views to be created that read an earlier version of themselves.
pub(super) fn alone(graph: &Graph, new: &Catalog) -> Vec<Act> {
    let reads_itself = |at: usize| {
        let fact = &new.facts()[at];
        fact.id.kind == Kind::View && fact.is("_reads_itself")
    };
    let is_one = |act: &Act| matches!(act, Act::Create(at) if reads_itself(*at));
    graph.acts.iter().copied().filter(is_one).collect()
}

/// Make each of these views in two steps.
pub(super) fn split(graph: &mut Graph, views: &BTreeSet<Act>) {
    for view in views {
        let Some(at) = graph.acts.iter().position(|act| act == view) else { continue };
        match view {
            Act::Drop(fact) => hollowed(graph, at, *fact),
            Act::Create(fact) => feigned(graph, at, *fact),
            _ => {}
        }
    }
}

fn add(graph: &mut Graph, act: Act, like: usize) -> usize {
    let mut rank: Rank = graph.rank[like].clone();
    rank.6 = act;
    graph.acts.push(act);
    graph.after.push(Vec::new());
    graph.part_of.push(None);
    graph.rank.push(rank);
    graph.acts.len() - 1
}

/// Whether a column's type may be of this, so that even a view that reads nothing stands on it.
fn is_type(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Schema
            | Kind::Extension
            | Kind::Collation
            | Kind::Enum
            | Kind::Composite
            | Kind::Range
            | Kind::BaseType
            | Kind::Domain
    )
}

/// Before it is dropped, it lets go of all that it reads.
fn hollowed(graph: &mut Graph, view: usize, fact: usize) {
    let hollow = add(graph, Act::Hollow(fact), view);
    for act in 0..graph.acts.len() {
        let kind = graph.rank[act].1;
        if matches!(graph.acts[act], Act::Drop(_) | Act::Alter(_)) && !is_type(kind) {
            for (before, _) in graph.after[act].iter_mut().filter(|(before, _)| *before == view) {
                *before = hollow;
            }
        }
    }
    graph.after[view].push((hollow, Need::Must));
}

/// What stands on it can be made once a view of its columns is there.
fn feigned(graph: &mut Graph, view: usize, fact: usize) {
    let feigned = add(graph, Act::Feign(fact), view);
    graph.feigned.insert(fact);
    let before = graph.after[view].clone();
    let is_early = |at: usize| match graph.acts[at] {
        Act::Create(_) => is_type(graph.rank[at].1),
        _ => true,
    };
    graph.after[feigned] = before.into_iter().filter(|(before, _)| is_early(*before)).collect();
    // A column of a type that only the view's tables name.
    for at in 0..graph.acts.len() {
        if matches!(graph.acts[at], Act::Create(_)) && is_type(graph.rank[at].1) {
            graph.after[feigned].push((at, Need::Rather));
        }
    }
    for act in 0..graph.acts.len() {
        if act == feigned || !matches!(graph.acts[act], Act::Create(_) | Act::Alter(_)) {
            continue;
        }
        for edge in graph.after[act].iter_mut().filter(|(before, _)| *before == view) {
            edge.1 = Need::Rather;
        }
        if graph.after[act].iter().any(|(before, _)| *before == view) {
            graph.after[act].push((feigned, Need::Must));
        }
    }
    graph.after[view].push((feigned, Need::Must));
}
