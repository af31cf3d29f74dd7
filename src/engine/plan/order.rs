//! One order of all acts: whatever must come before does, and among what could be next the rank decides, so that the same
//! input gives the same plan. Kahn's algorithm with a heap (Communications of the ACM 5(11), 1962); what waits for each
//! other is split or let go.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::graph::{Alone, Graph, Need};

/// Groups of acts, each led by the one that does it. The error has what waits for each other.
pub(super) fn sorted(graph: &Graph) -> Result<Vec<Vec<usize>>, Vec<usize>> {
    let mut part_of = graph.part_of.clone();
    let firm: BTreeSet<(usize, usize)> = edges(graph)
        .filter(|(_, _, need)| *need == Need::Must)
        .map(|(act, before, _)| (act, before))
        .collect();
    let mut without: BTreeSet<(usize, usize)> = BTreeSet::new();
    loop {
        let leader = leaders(&part_of);
        let stuck = match kahn(graph, &leader, &without) {
            Ok(order) => return Ok(order),
            Err(stuck) => stuck,
        };
        let knot = knot(graph, &leader, &without, &stuck);
        let inside = |act: usize| knot.contains(&leader[act]);
        // First of all, what was only a wish is given up.
        let wishes: Vec<(usize, usize)> = edges(graph)
            .filter(|(act, before, need)| {
                *need == Need::Rather
                    && !firm.contains(&(*act, *before))
                    && leader[*act] != leader[*before]
                    && inside(*act)
                    && inside(*before)
                    && !without.contains(&(*act, *before))
            })
            .map(|(act, before, _)| (act, before))
            .collect();
        if !wishes.is_empty() {
            without.extend(wishes);
            continue;
        }
        // Then what can be a statement of its own becomes one.
        let crossing = edges(graph).filter(|(act, before, _)| {
            inside(*act)
                && inside(*before)
                && leader[*act] != leader[*before]
                && !without.contains(&(*act, *before))
        });
        let mut parts: BTreeSet<usize> = BTreeSet::new();
        for (act, before, _) in crossing {
            parts.extend([act, before].into_iter().filter_map(|act| splittable(&part_of, act)));
        }
        if parts.is_empty() {
            return Err(knot.into_iter().collect());
        }
        for part in parts {
            part_of[part] = None;
        }
    }
}

/// What waits for each other, in words.
pub(super) fn described(graph: &Graph, knot: &[usize]) -> String {
    let name = |act: &usize| {
        let (_, _, schema, name, _, sub, act) = &graph.rank[*act];
        format!("{act:?} {schema}.{name}.{sub}")
    };
    knot.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// The act, or what it is part of, that can leave its group.
fn splittable(part_of: &[Option<(usize, Alone)>], act: usize) -> Option<usize> {
    let mut at = act;
    while let Some((whole, alone)) = part_of[at] {
        if alone == Alone::Can {
            return Some(at);
        }
        at = whole;
    }
    None
}

fn edges(graph: &Graph) -> impl Iterator<Item = (usize, usize, Need)> {
    graph
        .after
        .iter()
        .enumerate()
        .flat_map(|(act, list)| list.iter().map(move |(before, need)| (act, *before, *need)))
}

fn leaders(part_of: &[Option<(usize, Alone)>]) -> Vec<usize> {
    (0..part_of.len())
        .map(|mut at| {
            while let Some((whole, _)) = part_of[at] {
                at = whole;
            }
            at
        })
        .collect()
}

/// The groups in order, or the leaders that are left.
fn kahn(
    graph: &Graph,
    leader: &[usize],
    without: &BTreeSet<(usize, usize)>,
) -> Result<Vec<Vec<usize>>, BTreeSet<usize>> {
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (act, group) in leader.iter().enumerate() {
        members.entry(*group).or_default().push(act);
    }
    let mut waits: BTreeMap<usize, BTreeSet<usize>> =
        members.keys().map(|group| (*group, BTreeSet::new())).collect();
    let mut frees: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (act, before, _) in edges(graph) {
        let (group, before_group) = (leader[act], leader[before]);
        if group != before_group
            && !without.contains(&(act, before))
            && waits.get_mut(&group).is_some_and(|waits| waits.insert(before_group))
        {
            frees.entry(before_group).or_default().push(group);
        }
    }
    let mut ready: BinaryHeap<Reverse<_>> = waits
        .iter()
        .filter(|(_, waits)| waits.is_empty())
        .map(|(group, _)| Reverse((&graph.rank[*group], *group)))
        .collect();
    let mut order = Vec::new();
    while let Some(Reverse((_, group))) = ready.pop() {
        waits.remove(&group);
        let mut acts = members.remove(&group).unwrap_or_default();
        acts.sort_by_key(|act| (*act != group, &graph.rank[*act]));
        order.push(acts);
        for next in frees.get(&group).into_iter().flatten() {
            if let Some(left) = waits.get_mut(next) {
                left.remove(&group);
                if left.is_empty() {
                    ready.push(Reverse((&graph.rank[*next], *next)));
                }
            }
        }
    }
    if waits.is_empty() { Ok(order) } else { Err(waits.into_keys().collect()) }
}

/// Of what is left, the groups that wait for each other (a strongly connected component; the first by rank).
fn knot(
    graph: &Graph,
    leader: &[usize],
    without: &BTreeSet<(usize, usize)>,
    stuck: &BTreeSet<usize>,
) -> BTreeSet<usize> {
    let mut on: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (act, before, _) in edges(graph) {
        let (a, b) = (leader[act], leader[before]);
        if a != b && stuck.contains(&a) && stuck.contains(&b) && !without.contains(&(act, before)) {
            on.entry(a).or_default().insert(b);
        }
    }
    // Whoever waits has somebody to wait for; walking on, one comes round to a group of the knot.
    let reach = |from: usize| {
        let mut seen = BTreeSet::new();
        let mut todo = vec![from];
        while let Some(at) = todo.pop() {
            for next in on.get(&at).into_iter().flatten() {
                if seen.insert(*next) {
                    todo.push(*next);
                }
            }
        }
        seen
    };
    let mut at = *stuck.first().expect("somebody is stuck");
    let mut walked = BTreeSet::new();
    while walked.insert(at) {
        at = on.get(&at).and_then(|next| next.first().copied()).unwrap_or(at);
    }
    let forth = reach(at);
    forth.iter().copied().filter(|group| reach(*group).contains(&at)).collect()
}
