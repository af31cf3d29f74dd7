//! The order of the statements: block by block, each after the blocks that it needs; what would make a circle waits until the
//! block is done that closes it. The order of the plan is one that works, so a statement waits for earlier ones of it only.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::engine::catalog::{Catalog, Id, Kind};
use crate::engine::plan::Step;

use super::blocks::{index_table, owner, section};

/// The steps, by index, in paragraphs.
pub(super) fn paragraphs(steps: &[Step], catalog: &Catalog) -> Vec<Vec<usize>> {
    let owners: Vec<Id> = steps.iter().map(|step| owner(catalog, &step.about)).collect();
    let mut blocks: BTreeMap<&Id, Vec<usize>> = BTreeMap::new();
    for (at, owner) in owners.iter().enumerate() {
        blocks.entry(owner).or_default().push(at);
    }
    let after = Needs::of(steps, catalog, &owners).all();
    let mut sorted: Vec<&Id> = blocks.keys().copied().collect();
    let over = over_relations(&blocks, &owners, &after);
    sorted.sort_by_cached_key(|id| {
        let by_name = id.kind == Kind::Table;
        let first = if by_name { 0 } else { blocks[id][0] };
        (section(id.kind, over.contains(id)), first, &id.schema, &id.name)
    });
    let mut writing = Writing {
        owners: &owners,
        blocks: &blocks,
        after: &after,
        seen: BTreeSet::new(),
        done: vec![false; steps.len()],
        waiting: BTreeSet::new(),
        paragraphs: Vec::new(),
    };
    for block in sorted {
        writing.visit(block);
    }
    debug_assert!(writing.waiting.is_empty(), "the order of the plan is free of circles");
    writing.paragraphs
}

/// The blocks that stand on tables or views, directly or not.
fn over_relations<'a>(
    blocks: &BTreeMap<&'a Id, Vec<usize>>,
    owners: &'a [Id],
    after: &[BTreeSet<usize>],
) -> BTreeSet<&'a Id> {
    let mut above: HashMap<&Id, Vec<&Id>> = HashMap::new();
    for (block, steps) in blocks {
        for before in steps.iter().flat_map(|at| &after[*at]) {
            above.entry(&owners[*before]).or_default().push(block);
        }
    }
    let is_relation = |id: &&&Id| matches!(id.kind, Kind::Table | Kind::View | Kind::MaterializedView);
    let mut todo: Vec<&Id> = blocks.keys().filter(is_relation).copied().collect();
    let mut found = BTreeSet::new();
    while let Some(block) = todo.pop() {
        for next in above.get(block).into_iter().flatten() {
            if found.insert(*next) {
                todo.push(next);
            }
        }
    }
    found
}

/// What each step waits for: earlier steps of the plan.
struct Needs<'a> {
    steps: &'a [Step],
    catalog: &'a Catalog,
    /// The steps about each thing, in order.
    about: HashMap<&'a Id, Vec<usize>>,
    /// The steps of each block, in order.
    of_block: HashMap<&'a Id, Vec<usize>>,
    /// The steps that attach partitions, by what they are attached to.
    partitions: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Needs<'a> {
    fn of(steps: &'a [Step], catalog: &'a Catalog, owners: &'a [Id]) -> Self {
        let (mut about, mut of_block) = (HashMap::new(), HashMap::new());
        for (at, step) in steps.iter().enumerate() {
            about.entry(&step.about).or_insert_with(Vec::new).push(at);
            of_block.entry(&owners[at]).or_insert_with(Vec::new).push(at);
        }
        let mut partitions = HashMap::new();
        for (at, step) in steps.iter().enumerate().filter(|(_, step)| step.about.kind == Kind::Partition) {
            let parent = catalog.fact(&step.about).and_then(|fact| fact.get("parent")).unwrap_or_default();
            partitions.entry(parent).or_insert_with(Vec::new).push(at);
        }
        Self { steps, catalog, about, of_block, partitions }
    }

    fn all(&self) -> Vec<BTreeSet<usize>> {
        (0..self.steps.len()).map(|at| self.before(at)).collect()
    }

    fn before(&self, at: usize) -> BTreeSet<usize> {
        let id = &self.steps[at].about;
        let mut found = BTreeSet::new();
        found.extend(self.last_about(id, at));
        if let Some(fact) = self.catalog.index(id) {
            let mut seen = BTreeSet::from([fact]);
            let mut todo: Vec<usize> = self.catalog.needs(fact).iter().map(|to| to.0).collect();
            todo.extend(self.inline(id).flat_map(|part| self.catalog.needs(part).iter().map(|to| to.0)));
            while let Some(ground) = todo.pop() {
                if !seen.insert(ground) {
                    continue;
                }
                let ground_id = &self.catalog.facts()[ground].id;
                let made = self.last_about(ground_id, at);
                found.extend(made);
                // What is part of something was made with it, and the step is about its comment or its grants.
                if made.is_none() || owner(self.catalog, ground_id) != *ground_id {
                    todo.extend(self.catalog.needs(ground).iter().map(|to| to.0));
                }
            }
        }
        self.untold(id, at, &mut found);
        found
    }

    /// The columns and defaults in a table's CREATE TABLE: one may need the sequence of another table, or a composite type
    /// over one.
    fn inline(&self, id: &Id) -> impl Iterator<Item = usize> {
        let is_table = id.kind == Kind::Table;
        let columns = self.catalog.parts(id, Kind::Column).filter(move |_| is_table);
        let parts = columns
            .flat_map(|column| std::iter::once(column).chain(self.catalog.parts(&column.id, Kind::Default)));
        parts
            .filter(|part| !self.about.contains_key(&part.id))
            .filter_map(|part| self.catalog.index(&part.id))
    }

    /// The last step about this before the one at an index.
    fn last_about(&self, id: &Id, at: usize) -> Option<usize> {
        self.about.get(id)?.iter().rev().find(|other| **other < at).copied()
    }

    /// What PostgreSQL's catalog does not tell.
    fn untold(&self, id: &Id, at: usize, found: &mut BTreeSet<usize>) {
        let catalog = self.catalog;
        match id.kind {
            // A table is attached once it has all that it is attached with.
            Kind::Partition => {
                found.extend(self.of_table(&id.of(Kind::Table), at, false));
                let is_parent = |table: &&Id| table.schema != id.schema || table.name != id.name;
                let parents: Vec<&Id> =
                    catalog.hosts(id, Kind::Table).map(|table| &table.id).filter(is_parent).collect();
                for parent in parents {
                    found.extend(self.of_table(parent, at, true));
                }
            }
            // Its index after it.
            Kind::IndexPartition => {
                let partition = index_table(catalog, id).map(|table| table.of(Kind::Partition));
                found.extend(partition.and_then(|partition| self.last_about(&partition, at)));
            }
            // The key of a partitioned table is valid once all parts of its index are attached.
            Kind::Constraint => {
                let is_foreign = catalog.fact(id).is_some_and(|fact| fact.text("type") == "f");
                let mut todo: Vec<&Id> = if is_foreign {
                    let keys = catalog.hosts(id, Kind::Constraint).chain(catalog.hosts(id, Kind::Index));
                    keys.map(|key| &key.id).collect()
                } else {
                    found.extend(self.attached_to(&id.of(Kind::Table), at));
                    Vec::new()
                };
                while let Some(key) = todo.pop() {
                    for part in catalog.parts(key, Kind::IndexPartition) {
                        found.extend(self.last_about(&part.id, at));
                        let hosts = catalog
                            .hosts(&part.id, Kind::Constraint)
                            .chain(catalog.hosts(&part.id, Kind::Index));
                        let is_own = |own: &&Id| {
                            let name = if own.kind == Kind::Index { &own.name } else { &own.sub };
                            own.schema == part.id.schema && *name == part.id.name
                        };
                        todo.extend(hosts.map(|own| &own.id).filter(is_own).filter(|own| *own != key));
                    }
                }
            }
            // When a partition is attached, it would get the first of its indexes that fits, or a new one.
            Kind::Index => {
                let table = index_table(catalog, id);
                found.extend(table.map(|table| self.attached_to(&table, at)).into_iter().flatten());
            }
            // Its copies on partitions are what is altered.
            Kind::Trigger => {
                let clones = catalog.fact(id).map(|fact| fact.text("clones")).unwrap_or_default();
                let tables: BTreeSet<&str> =
                    clones.lines().filter_map(|line| Some(line.split_once(' ')?.1)).collect();
                if !tables.is_empty() {
                    let is_one = |other: &usize| tables.contains(self.steps[*other].about.path().as_str());
                    let all = self.partitions.values().flatten().copied();
                    found.extend(all.filter(|other| *other < at).filter(is_one));
                }
            }
            _ => {}
        }
    }

    /// The earlier steps that attach partitions to a table.
    fn attached_to(&self, table: &Id, at: usize) -> Vec<usize> {
        let below = self.partitions.get(table.path().as_str()).into_iter().flatten();
        below.copied().filter(|other| *other < at).collect()
    }

    /// The earlier steps that make what a table consists of; of a parent, only the checks that its partitions get.
    fn of_table(&self, table: &Id, at: usize, is_parent: bool) -> Vec<usize> {
        let steps = self.of_block.get(table).into_iter().flatten().copied();
        let counts = |other: &usize| {
            let about = &self.steps[*other].about;
            let constraint = || self.catalog.fact(about).map(|fact| fact.text("type")).unwrap_or_default();
            match about.kind {
                Kind::Constraint if is_parent => constraint() == "c",
                Kind::Constraint => constraint() != "f",
                Kind::Table | Kind::Column | Kind::Default | Kind::Index => !is_parent,
                _ => false,
            }
        };
        steps.filter(|other| *other < at).filter(counts).collect()
    }
}

/// The file under way.
struct Writing<'a> {
    owners: &'a [Id],
    blocks: &'a BTreeMap<&'a Id, Vec<usize>>,
    after: &'a [BTreeSet<usize>],
    seen: BTreeSet<&'a Id>,
    done: Vec<bool>,
    waiting: BTreeSet<usize>,
    paragraphs: Vec<Vec<usize>>,
}

impl<'a> Writing<'a> {
    /// Write a block, first those that it needs. One that is under way already is not waited for.
    fn visit(&mut self, block: &'a Id) {
        // Not by recursion: chains of tables can be long.
        let mut path: Vec<(&'a Id, Vec<&'a Id>)> = Vec::new();
        self.enter(block, &mut path);
        while let Some((block, needed)) = path.last_mut() {
            match needed.pop() {
                Some(next) => self.enter(next, &mut path),
                None => {
                    let block = *block;
                    path.pop();
                    self.write(block);
                }
            }
        }
    }

    fn enter(&mut self, block: &'a Id, path: &mut Vec<(&'a Id, Vec<&'a Id>)>) {
        if !self.seen.insert(block) {
            return;
        }
        let (owners, after) = (self.owners, self.after);
        let steps = self.blocks[block].iter().flat_map(|at| &after[*at]);
        let mut needed: Vec<&Id> = steps.map(|before| &owners[*before]).filter(|id| *id != block).collect();
        needed.reverse();
        path.push((block, needed));
    }

    fn write(&mut self, block: &Id) {
        let mut paragraph = Vec::new();
        for at in &self.blocks[block] {
            if self.is_ready(*at) {
                self.done[*at] = true;
                paragraph.push(*at);
            } else {
                self.waiting.insert(*at);
            }
        }
        self.put(paragraph);
        self.release();
    }

    fn is_ready(&self, at: usize) -> bool {
        self.after[at].iter().all(|before| self.done[*before])
    }

    /// What has waited for the blocks that are written now.
    fn release(&mut self) {
        loop {
            let ready = self.waiting.iter().copied().find(|at| self.is_ready(*at));
            let Some(first) = ready else { return };
            let mut paragraph = Vec::new();
            // With it whatever of the same block can follow.
            let same: Vec<usize> =
                self.waiting.iter().copied().filter(|at| self.owners[*at] == self.owners[first]).collect();
            for at in same {
                if self.is_ready(at) {
                    self.waiting.remove(&at);
                    self.done[at] = true;
                    paragraph.push(at);
                }
            }
            self.put(paragraph);
        }
    }

    fn put(&mut self, paragraph: Vec<usize>) {
        if !paragraph.is_empty() {
            self.paragraphs.push(paragraph);
        }
    }
}
