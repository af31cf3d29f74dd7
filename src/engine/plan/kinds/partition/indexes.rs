//! Indexes of partitions, attached to those of the partitioned table. ATTACH PARTITION gives each index of the parent the
//! first index of the table that fits it, both by their age, and makes one where none fits (`AttachPartitionEnsureIndexes`).

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::catalog::{Catalog, Fact, Id, Kind};

use super::super::super::fate::Fates;
use super::super::super::graph::{Act, Need};
use super::super::super::sql::Sql;
use super::super::table::parent;
use super::super::{Cx, Rules, index_table};

pub(in super::super) struct IndexPartition;

impl Rules for IndexPartition {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        vec![Sql::new(format!("ALTER INDEX {} ATTACH PARTITION {}", fact.text("parent"), fact.id.path()))]
    }

    /// An index is let go only with its table or with the parent's index.
    fn drop(&self, _: &Cx<'_>, _: &Fact) -> Vec<Sql> {
        Vec::new()
    }
}

/// An index with the one that it is attached to, and the table's partition.
struct Pair {
    /// That the first is attached to the second.
    link: usize,
    own: usize,
    above: usize,
    partition: usize,
}

/// The indexes of a catalog, also those of constraints.
pub(super) struct Indexes<'a> {
    catalog: &'a Catalog,
    pairs: Vec<Pair>,
    /// By the index above: which pairs.
    below: BTreeMap<usize, Vec<usize>>,
    /// By table.
    of: BTreeMap<Id, Vec<usize>>,
}

impl<'a> Indexes<'a> {
    pub(super) fn of(catalog: &'a Catalog) -> Self {
        let pairs = pairs(catalog);
        let mut below: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, pair) in pairs.iter().enumerate() {
            below.entry(pair.above).or_default().push(at);
        }
        let mut of: BTreeMap<Id, Vec<usize>> = BTreeMap::new();
        let is_parent = |fact: &Fact| fact.id.kind == Kind::Table && fact.text("type") == "PARTITIONED TABLE";
        let is_partitioned = catalog.facts().iter().any(is_parent);
        for (at, fact) in catalog.facts().iter().enumerate().filter(|_| is_partitioned) {
            let table = match fact.id.kind {
                Kind::Index => Id::new(Kind::Table, fact.text("_table_schema"), fact.text("_table_name"), ""),
                Kind::Constraint if is_key(fact) => fact.id.of(Kind::Table),
                _ => continue,
            };
            of.entry(table).or_default().push(at);
        }
        Self { catalog, pairs, below, of }
    }

    fn fact(&self, at: usize) -> &'a Fact {
        &self.catalog.facts()[at]
    }

    fn on(&self, table: &Id) -> &[usize] {
        self.of.get(table).map_or(&[], Vec::as_slice)
    }

    fn attached_to(&self, above: usize) -> impl Iterator<Item = &Pair> {
        self.below.get(&above).into_iter().flatten().map(|at| &self.pairs[*at])
    }

    /// The partition's index that is attached to one of the parent.
    fn part(&self, above: usize, partition: usize) -> Option<usize> {
        self.attached_to(above).find(|pair| pair.partition == partition).map(|pair| pair.own)
    }

    /// The links of all that is attached to an index, and to that.
    pub(super) fn parts_of(&self, index: usize) -> Vec<usize> {
        let parts = |pair: &Pair| [vec![pair.link], self.parts_of(pair.own)].concat();
        self.attached_to(index).flat_map(parts).collect()
    }
}

fn pairs(catalog: &Catalog) -> Vec<Pair> {
    let pair = |(link, fact): (usize, &Fact)| {
        if fact.id.kind != Kind::IndexPartition {
            return None;
        }
        let is_own = |to: &usize| {
            let id = &catalog.facts()[*to].id;
            let name = if id.kind == Kind::Index { &id.name } else { &id.sub };
            id.schema == fact.id.schema && *name == fact.id.name
        };
        let on: Vec<usize> = catalog.needs(link).iter().map(|(to, _)| *to).collect();
        let own = on.iter().copied().find(is_own)?;
        let is_index = |to: &usize| matches!(catalog.facts()[*to].id.kind, Kind::Index | Kind::Constraint);
        let above = on.iter().copied().find(|to| *to != own && is_index(to))?;
        let partition = catalog.index(&index_table(catalog, &fact.id)?.of(Kind::Partition))?;
        Some(Pair { link, own, above, partition })
    };
    catalog.facts().iter().enumerate().filter_map(pair).collect()
}

fn is_key(fact: &Fact) -> bool {
    fact.id.kind == Kind::Constraint && matches!(fact.text("type"), "p" | "u" | "x")
}

/// What two indexes have in common where one can be attached to the other (`CompareIndexInfo`): not the order of their
/// values, nor their storage parameters.
fn shape(fact: &Fact) -> String {
    const DISTINCT: &str = "NULLS NOT DISTINCT ";
    let definition = fact.text("definition");
    if is_key(fact) {
        let (kind, rest) = definition.split_once(" (").map_or((definition, ""), |(kind, rest)| (kind, rest));
        let rest = rest.strip_suffix(" DEFERRABLE INITIALLY DEFERRED").unwrap_or(rest);
        let rest = rest.strip_suffix(" DEFERRABLE").unwrap_or(rest);
        let distinct = if kind.contains(DISTINCT.trim_end()) { DISTINCT } else { "" };
        return match kind.strip_prefix("EXCLUDE USING ") {
            Some(method) => format!("EXCLUDE {method} ({rest}"),
            None => format!("{distinct}UNIQUE btree ({rest}"),
        };
    }
    let after = definition.split_once(&format!("{} USING ", fact.text("_table")));
    let mut rest = after.map_or(definition, |(_, rest)| rest).to_owned();
    if let Some(begin) = rest.find(" WITH (") {
        let end = rest[begin..].find(')').map_or(rest.len(), |end| begin + end + 1);
        rest.replace_range(begin..end, "");
    }
    for order in [" DESC", " NULLS FIRST", " NULLS LAST"] {
        rest = rest.replace(order, "");
    }
    let distinct = if rest.contains(DISTINCT.trim_end()) { DISTINCT } else { "" };
    let unique = if fact.is("_unique") { "UNIQUE " } else { "" };
    format!("{distinct}{unique}{}", rest.replace(&format!(" {}", DISTINCT.trim_end()), ""))
}

/// Which of two indexes of one table is older.
fn age(fact: &Fact) -> u32 {
    fact.text("_oid").parse().unwrap_or_default()
}

/// What ATTACH PARTITION needs so that it attaches the indexes that are to be attached.
#[derive(Default)]
struct Fit {
    /// Of the new catalog: made after it.
    late: Vec<usize>,
    /// Of the new catalog: the first is made before the second.
    order: Vec<(usize, usize)>,
    /// Of the new catalog: what makes its indexes valid, without which they are passed over.
    parts: Vec<usize>,
    /// Of the old catalog: made anew, because it fits too soon or has no part in the table.
    anew: Vec<usize>,
}

fn fit(fates: &Fates, new: &Indexes<'_>, old: &Catalog, partition: usize) -> Fit {
    let mut fit = Fit::default();
    let table = new.fact(partition).id.of(Kind::Table);
    let Some(above) = parent(new.catalog, &table) else { return fit };
    let before = |at: usize| fates.before[at].filter(|_| !fates.is_created(at));
    let age_of = |at: usize| before(at).map(|was| age(&old.facts()[was]));
    let mut kept: Vec<usize> = new.on(&above).iter().copied().filter(|at| before(*at).is_some()).collect();
    kept.sort_by_key(|at| age_of(*at));
    let mut wanted: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for index in kept {
        match new.part(index, partition) {
            Some(own) => {
                fit.parts.extend(new.parts_of(own));
                wanted.entry(shape(new.fact(index))).or_default().push(own);
            }
            None => fit.anew.extend(before(index)),
        }
    }
    for (like, owns) in wanted {
        let others: Vec<usize> = new
            .on(&table)
            .iter()
            .copied()
            .filter(|at| !owns.contains(at) && shape(new.fact(*at)) == like)
            .collect();
        let mut last: Option<usize> = None;
        for own in owns {
            match (last.map(|last| (last, age_of(last))), age_of(own)) {
                (Some((_, Some(before))), Some(age)) if before < age => {}
                (Some(_), Some(_)) => fit.anew.extend(before(own)),
                (Some((last, None)), None) => fit.order.push((last, own)),
                _ => {}
            }
            last = Some(own);
        }
        for other in others {
            match (last.and_then(age_of), age_of(other)) {
                (_, None) => fit.late.push(other),
                (Some(before), Some(age)) if before < age => {}
                _ => fit.anew.extend(before(other)),
            }
        }
    }
    fit
}

/// What must be made anew because of how indexes are attached.
pub(in super::super) fn torn(cx: &Cx<'_>, fates: &Fates) -> Vec<usize> {
    let old = Indexes::of(cx.old);
    if old.pairs.is_empty() && old.of.is_empty() {
        return Vec::new();
    }
    let new = Indexes::of(cx.new);
    let mut all = Vec::new();
    for Pair { link, own, above, partition } in &old.pairs {
        if fates.old[*partition].ends() {
            continue;
        }
        let stays = fates.after[*partition];
        match (fates.old[*own].ends(), fates.old[*above].ends()) {
            // An index goes with the one that it is attached to, and cannot go alone: its table is detached meanwhile.
            (true, false) if stays.is_some() => all.push(*partition),
            // Nothing but a detached table frees a constraint from an index that no constraint made.
            (_, true) if holds(&old, *own, *above) => all.extend(stays.map(|_| *partition)),
            (false, true) if fates.after[*own].is_some() => all.push(*own),
            // It is attached to another one, or to none.
            (false, false) if fates.old[*link].ends() => {
                let another = fates.after[*above].zip(stays).and_then(|(above, at)| new.part(above, at));
                all.push(if another.is_some() { *own } else { *above });
            }
            _ => {}
        }
    }
    let attached = cx.new.facts().iter().enumerate().filter(|(_, fact)| fact.id.kind == Kind::Partition);
    for (partition, _) in attached.filter(|(at, _)| fates.is_created(*at)) {
        all.extend(fit(fates, &new, cx.old, partition).anew);
    }
    all.retain(|at| !fates.old[*at].ends());
    all
}

/// Whether a constraint's index is attached to an index that no constraint made: neither can go before the other.
fn holds(old: &Indexes<'_>, own: usize, above: usize) -> bool {
    is_key(old.fact(own)) && old.fact(above).id.kind == Kind::Index
}

/// What comes before what; returns the indexes of the new catalog that are made after their table is attached.
pub(super) fn needs(
    cx: &Cx<'_>,
    fates: &Fates,
    new: &Indexes<'_>,
    all: &mut Vec<(Act, Act, Need)>,
) -> BTreeSet<usize> {
    let old = Indexes::of(cx.old);
    for Pair { own, above, partition, .. } in &old.pairs {
        if !fates.old[*partition].ends() {
            continue;
        }
        // While a table is detached so that its index can go, it goes before the table comes back.
        if fates.old[*own].ends() && !fates.old[*above].ends() {
            all.push((Act::Drop(*own), Act::Drop(*partition), Need::Must));
            if let Some(after) = fates.after[*partition] {
                all.push((Act::Create(after), Act::Drop(*own), Need::Must));
            }
        }
        if fates.old[*above].ends() && holds(&old, *own, *above) {
            all.push((Act::Drop(*own), Act::Drop(*partition), Need::Must));
            all.push((Act::Drop(*above), Act::Drop(*partition), Need::Must));
        }
    }
    let mut late = BTreeSet::new();
    let attached = cx.new.facts().iter().enumerate().filter(|(_, fact)| fact.id.kind == Kind::Partition);
    for (partition, fact) in attached.filter(|(at, _)| fates.is_created(*at)) {
        let fit = fit(fates, new, cx.old, partition);
        late.extend(fit.late);
        all.extend(fit.parts.iter().map(|link| (Act::Create(partition), Act::Create(*link), Need::Must)));
        all.extend(fit.order.iter().map(|(one, next)| (Act::Create(*next), Act::Create(*one), Need::Must)));
        let table = fact.id.of(Kind::Table);
        let Some(above) = parent(cx.new, &table) else { continue };
        if cx.old.index(&above).is_some_and(|at| !fates.old[at].ends()) {
            // The parent's indexes that go have no part in it any more.
            let gone = old.on(&above).iter().filter(|at| fates.old[**at].ends());
            all.extend(gone.map(|at| (Act::Create(partition), Act::Drop(*at), Need::Must)));
        }
        let is_made = cx.new.index(&above).is_some_and(|at| fates.is_created(at));
        let keys: Vec<String> =
            new.on(&table).iter().map(|at| new.fact(*at)).filter(|key| is_key(key)).map(shape).collect();
        for index in new.on(&above).iter().copied().filter(|at| fates.is_created(*at)) {
            // As pg_dump does it; those that a CREATE TABLE makes find their parts where there is no doubt.
            let key = new.fact(index);
            let fits = || keys.iter().filter(|like| **like == shape(key)).count();
            let is_clear = || new.part(index, partition).is_some() && fits() == 1;
            if !(is_made && is_key(key) && is_clear()) {
                all.push((Act::Create(index), Act::Create(partition), Need::Must));
            }
        }
    }
    complete(cx, fates, new, all);
    late
}

/// An index of a parent is valid once all partitions have a part of it: those that go must not be there any more.
fn complete(cx: &Cx<'_>, fates: &Fates, new: &Indexes<'_>, all: &mut Vec<(Act, Act, Need)>) {
    for (at, fact) in cx.old.facts().iter().enumerate() {
        if fact.id.kind != Kind::Partition || !fates.old[at].ends() {
            continue;
        }
        let Some(above) = parent(cx.old, &fact.id.of(Kind::Table)) else { continue };
        if cx.old.index(&above).is_some_and(|table| !fates.old[table].ends()) {
            let made = new.on(&above).iter().filter(|index| fates.is_created(**index));
            all.extend(made.map(|index| (Act::Create(*index), Act::Drop(at), Need::Must)));
        }
    }
}
