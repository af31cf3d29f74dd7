//! What is to be done, and what waits for what. No order and no text yet.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::engine::catalog::{Catalog, Fact, Kind};

use super::fate::{Fate, Fates};
use super::kinds::{self, Cx};

/// One thing to do: what, and the index of the fact in its catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Act {
    /// Of the old catalog.
    Drop(usize),
    /// Of the old catalog: give it another name, because its own is wanted and its data are still needed.
    Aside(usize),
    /// Of the old catalog.
    Alter(usize),
    /// Of the new catalog: say the name of a type, so that functions can speak of it on which it stands.
    Declare(usize),
    /// Of the new catalog.
    Create(usize),
    /// Of the new catalog: bring over the rows of the table that was put aside.
    Fill(usize),
    /// Of the old catalog: let a view read nothing any more.
    Hollow(usize),
    /// Of the new catalog: create a view with its columns that reads nothing yet.
    Feign(usize),
    /// Of the old catalog: let a table inherit no more from those from which it shall not.
    Leave(usize),
    /// Of the new catalog: let a table inherit from those from which it did not.
    Join(usize),
}

/// How much one act needs another before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    Must,
    /// Given up where it would make things wait for each other.
    Rather,
}

/// Acts, by index.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) acts: Vec<Act>,
    /// What comes before, for each act.
    pub(super) after: Vec<Vec<(usize, Need)>>,
    /// The act that this one is part of, for each; and whether it can also be done on its own.
    pub(super) part_of: Vec<Option<(usize, Alone)>>,
    /// What decides among acts that could all be next.
    pub(super) rank: Vec<Rank>,
    /// The views of the new catalog that are created in two steps.
    pub(super) feigned: BTreeSet<usize>,
}

/// Whether what is part of something can be a statement of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alone {
    Can,
    Cannot,
}

/// Lower comes first.
pub(super) type Rank = (u8, Kind, String, String, i32, String, Act);

/// All that is to be done.
pub(super) fn build(cx: Cx<'_>, fates: &Fates) -> Graph {
    let Cx { old, new, .. } = cx;
    let mut builder = Builder { old, new, fates, cx, graph: Graph::default(), at: HashMap::new() };
    builder.acts();
    builder.parts();
    builder.needs();
    builder.names();
    builder.others();
    builder.graph
}

pub(super) struct Builder<'a> {
    pub(super) old: &'a Catalog,
    pub(super) new: &'a Catalog,
    pub(super) fates: &'a Fates,
    pub(super) cx: Cx<'a>,
    graph: Graph,
    at: HashMap<Act, usize>,
}

impl Builder<'_> {
    fn add(&mut self, act: Act, fact: &Fact, phase: u8) {
        // What a plan creates meets the default privileges as they were.
        let phase = if fact.id.kind == Kind::DefaultPrivileges { 3 } else { phase };
        let position = match fact.id.kind {
            Kind::Column => fact.text("_position").parse().unwrap_or(0),
            _ => 0,
        };
        let id = &fact.id;
        let rank = (phase, id.kind, id.schema.clone(), id.name.clone(), position, id.sub.clone(), act);
        self.at.insert(act, self.graph.acts.len());
        self.graph.acts.push(act);
        self.graph.after.push(Vec::new());
        self.graph.part_of.push(None);
        self.graph.rank.push(rank);
    }

    fn acts(&mut self) {
        for (at, fact) in self.old.facts().iter().enumerate() {
            let late = matches!(
                fact.id.kind,
                Kind::Table
                    | Kind::Column
                    | Kind::Schema
                    | Kind::Sequence
                    | Kind::Extension
                    | Kind::Enum
                    | Kind::Composite
                    | Kind::Range
                    | Kind::Domain
                    | Kind::BaseType
            );
            match &self.fates.old[at] {
                Fate::Gone | Fate::Replaced => {
                    self.add(Act::Drop(at), fact, if late { 2 } else { 0 });
                    if self.fates.aside.contains_key(&at) {
                        self.add(Act::Aside(at), fact, 0);
                    }
                }
                Fate::Altered(..) => {
                    self.add(Act::Alter(at), fact, 1);
                    self.moved(at);
                }
                Fate::Kept => {}
            }
        }
        for (at, fact) in self.new.facts().iter().enumerate() {
            if self.fates.is_created(at) {
                self.add(Act::Create(at), fact, 1);
                if !kinds::circle(self.new, at).is_empty() {
                    self.add(Act::Declare(at), fact, 1);
                }
                if self.fates.before[at].is_some_and(|old| kinds::aside::is_filled(&self.cx, self.fates, old))
                {
                    self.add(Act::Fill(at), fact, 1);
                }
            }
        }
    }

    /// A table that gets other parents.
    fn moved(&mut self, at: usize) {
        let (was, Some(after)) = (&self.old.facts()[at], self.fates.after[at]) else { return };
        if was.id.kind != Kind::Table {
            return;
        }
        let (leaves, joins) = kinds::is_moved(was, &self.new.facts()[after]);
        if leaves {
            self.add(Act::Leave(at), was, 1);
        }
        if joins {
            self.add(Act::Join(after), was, 1);
        }
    }

    fn find(&self, act: Act) -> Option<usize> {
        self.at.get(&act).copied()
    }

    pub(super) fn put(&mut self, part: Act, whole: Act, alone: Alone) {
        if let (Some(part), Some(whole)) = (self.find(part), self.find(whole))
            && part != whole
            && self.graph.part_of[part].is_none()
        {
            self.graph.part_of[part] = Some((whole, alone));
        }
    }

    fn need(&mut self, act: Act, before: Act, need: Need) {
        if let (Some(act), Some(before)) = (self.find(act), self.find(before))
            && act != before
        {
            self.graph.after[act].push((before, need));
        }
    }

    /// What is part of what.
    fn parts(&mut self) {
        for at in 0..self.old.facts().len() {
            if !self.fates.old[at].ends() {
                self.altered_with(at);
                continue;
            }
            if let Some((whole, alone)) = self.dropped_with(at) {
                self.put(Act::Drop(at), whole, alone);
            }
        }
        for at in 0..self.new.facts().len() {
            if self.fates.is_created(at)
                && let Some((whole, alone)) = self.created_with(at)
            {
                self.put(Act::Create(at), whole, alone);
            }
        }
    }

    /// By what things are made of.
    fn needs(&mut self) {
        for at in 0..self.old.facts().len() {
            for (ground, _) in self.old.needs(at) {
                self.old_need(at, *ground);
            }
            if self.kept_aside(at) {
                self.need(Act::Drop(at), Act::Aside(at), Need::Must);
            }
            if let Some(after) = self.fates.after[at] {
                if matches!(self.fates.old[at], Fate::Altered(..)) {
                    for (ground, _) in self.new.needs(after) {
                        if self.becomes_inherited(at, *ground) {
                            self.need(Act::Create(*ground), Act::Alter(at), Need::Must);
                        } else {
                            self.new_need(Act::Alter(at), *ground);
                        }
                    }
                }
                if self.kept_aside(at) {
                    self.need(Act::Create(after), Act::Aside(at), Need::Must);
                    self.need(Act::Declare(after), Act::Aside(at), Need::Must);
                    self.need(Act::Fill(after), Act::Create(after), Need::Must);
                    self.need(Act::Drop(at), Act::Fill(after), Need::Must);
                } else if let Some(table) = kinds::aside::moved_with(&self.cx, self.fates, at) {
                    self.need(Act::Create(after), Act::Aside(table), Need::Must);
                } else if !self.goes_with_aside(at) {
                    self.need(Act::Create(after), Act::Drop(at), Need::Must);
                    self.need(Act::Declare(after), Act::Drop(at), Need::Must);
                }
            }
        }
        for at in 0..self.old.facts().len() {
            // An attached index can be dropped once its table is let go.
            if self.fates.old[at].ends()
                && let Some((attached, _)) = self.attached(at)
                && let Some(table) = kinds::index_table(self.old, &self.old.facts()[attached].id)
                && let Some(partition) = self.old.index(&table.of(Kind::Partition))
            {
                self.need(Act::Drop(at), Act::Drop(partition), Need::Rather);
            }
        }
        for at in 0..self.new.facts().len() {
            if self.fates.is_created(at) {
                self.need(Act::Create(at), Act::Declare(at), Need::Must);
                for (ground, _) in self.new.needs(at) {
                    if kinds::circle(self.new, *ground).contains(&at) {
                        self.need(Act::Create(at), Act::Declare(*ground), Need::Must);
                    } else if self.is_merged(at, *ground) {
                        self.need(Act::Create(*ground), Act::Create(at), Need::Must);
                    } else if !kinds::is_attached(&self.new.facts()[at], &self.new.facts()[*ground]) {
                        self.new_need(Act::Create(at), *ground);
                    }
                }
                if !kinds::circle(self.new, at).is_empty() {
                    for (ground, _) in self.new.needs(at) {
                        let schema = self.new.facts()[*ground].id.kind == Kind::Schema;
                        let before = if schema { Act::Create(*ground) } else { continue };
                        self.need(Act::Declare(at), before, Need::Must);
                    }
                }
            }
        }
    }

    /// The ground goes after what stood on it has gone or has let go.
    fn old_need(&mut self, at: usize, ground: usize) {
        match &self.fates.old[at] {
            fate if fate.ends() && self.is_freed_by_drop(at, ground) => {
                self.need(Act::Drop(at), Act::Drop(ground), Need::Must);
            }
            fate if fate.ends() => {
                self.need(Act::Drop(ground), Act::Drop(at), Need::Must);
                // What has another name cannot be named by what goes after.
                let lies_aside = self.within(at).is_some();
                if self.kept_aside(at) {
                    self.need(Act::Aside(ground), Act::Aside(at), Need::Must);
                } else if !lies_aside {
                    self.need(Act::Aside(ground), Act::Drop(at), Need::Rather);
                }
                let is_hard = matches!(self.fates.old[ground], Fate::Altered(_, true));
                // A column cannot lose its NOT NULL while it is in a primary key.
                let (above, below) = (&self.old.facts()[ground], &self.old.facts()[at]);
                let is_key = below.id.kind == Kind::Constraint && below.text("type") == "p";
                // A sequence is owned by a column of any type.
                let is_hard = is_hard && below.id.kind != Kind::SequenceOwner;
                let is_hard = !lies_aside && is_hard || is_key && above.id.kind == Kind::Column;
                self.need(Act::Alter(ground), Act::Drop(at), if is_hard { Need::Must } else { Need::Rather });
            }
            Fate::Altered(..) if self.is_freed_by_drop(at, ground) => {
                self.need(Act::Alter(at), Act::Drop(ground), Need::Must);
            }
            Fate::Altered(..) if self.is_left(at, ground) => {}
            Fate::Altered(..) => self.need(Act::Drop(ground), Act::Alter(at), Need::Must),
            _ => {}
        }
    }

    /// The ground is there, and as it will be, before anything stands on it.
    fn new_need(&mut self, act: Act, ground: usize) {
        self.need(act, Act::Create(ground), Need::Must);
        if let Some(before) = self.fates.before[ground] {
            // What a table itself is altered in seldom matters to its parts.
            let is_loose = matches!(act, Act::Alter(_)) || self.new.facts()[ground].id.kind == Kind::Table;
            let need = if is_loose { Need::Rather } else { Need::Must };
            self.need(act, Act::Alter(before), need);
        }
    }

    /// A name is free before it is taken.
    fn names(&mut self) {
        let mut taken: BTreeMap<(u8, String, String), Vec<usize>> = BTreeMap::new();
        for at in 0..self.old.facts().len() {
            if self.fates.old[at].ends() {
                for name in kinds::occupied(&self.old.facts()[at]) {
                    taken.entry(name).or_default().push(at);
                }
            }
        }
        for at in 0..self.new.facts().len() {
            if !self.fates.is_created(at) {
                continue;
            }
            for name in kinds::occupied(&self.new.facts()[at]) {
                for by in taken.get(&name).cloned().unwrap_or_default() {
                    if self.goes_with_aside(by) {
                        continue;
                    }
                    let moved = kinds::aside::moved_with(&self.cx, self.fates, by);
                    let moved = moved.or(self.kept_aside(by).then_some(by));
                    let free = moved.map_or(Act::Drop(by), Act::Aside);
                    self.need(Act::Create(at), free, Need::Must);
                }
            }
        }
    }

    /// What is created meets the default privileges as they were; an extension meets only those that stay.
    fn default_privileges(&mut self) {
        let of = |kind: Kind| -> Vec<usize> {
            (0..self.graph.acts.len()).filter(|at| self.graph.rank[*at].1 == kind).collect()
        };
        let (rules, extensions) = (of(Kind::DefaultPrivileges), of(Kind::Extension));
        for rule in rules {
            for act in 0..self.graph.acts.len() {
                if matches!(self.graph.acts[act], Act::Create(_))
                    && !matches!(self.graph.rank[act].1, Kind::DefaultPrivileges | Kind::Extension)
                {
                    self.graph.after[rule].push((act, Need::Rather));
                }
            }
            for extension in extensions.iter().filter(|at| matches!(self.graph.acts[**at], Act::Create(_))) {
                let (act, before) = match self.graph.acts[rule] {
                    Act::Drop(_) => (*extension, rule),
                    _ => (rule, *extension),
                };
                self.graph.after[act].push((before, Need::Must));
            }
        }
    }

    /// What PostgreSQL's catalog does not tell.
    fn others(&mut self) {
        for (act, before, need) in kinds::further_needs(&self.cx, self.fates) {
            self.need(act, before, need);
        }
        self.default_privileges();
        let is_event_trigger = |rank: &Rank| rank.1 == Kind::EventTrigger;
        let watchers: Vec<usize> =
            (0..self.graph.acts.len()).filter(|at| is_event_trigger(&self.graph.rank[*at])).collect();
        for watcher in watchers {
            // One that goes must not see what we do; one that comes neither.
            let is_off = |at: usize| {
                self.fates.after[at].is_some_and(|at| self.new.facts()[at].get("enabled") == Some("D"))
            };
            let goes = match self.graph.acts[watcher] {
                Act::Drop(_) => true,
                Act::Alter(at) => is_off(at),
                _ => false,
            };
            for other in 0..self.graph.acts.len() {
                if is_event_trigger(&self.graph.rank[other]) {
                    continue;
                }
                match goes {
                    true => self.graph.after[other].push((watcher, Need::Rather)),
                    false => self.graph.after[watcher].push((other, Need::Rather)),
                }
            }
        }
    }
}
