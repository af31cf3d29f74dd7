//! What is to be done, what waits for what, and what is part of what: the columns in a CREATE TABLE, all that a DROP takes
//! with it. No order and no text yet.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::engine::catalog::{Catalog, Fact, Hold, Id, Kind, Scope};

use super::PlanError;
use super::fate::{Fate, Fates};
use super::kinds::{self, Cx};
use super::satellites;
use super::sql::Sql;

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

struct Builder<'a> {
    old: &'a Catalog,
    new: &'a Catalog,
    fates: &'a Fates,
    cx: Cx<'a>,
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
                Fate::Altered(..) => self.add(Act::Alter(at), fact, 1),
                Fate::Kept => {}
            }
        }
        for (at, fact) in self.new.facts().iter().enumerate() {
            if self.fates.is_created(at) {
                self.add(Act::Create(at), fact, 1);
                if !kinds::circle(self.new, at).is_empty() {
                    self.add(Act::Declare(at), fact, 1);
                }
                if self.fates.before[at].is_some_and(|old| self.fates.aside.contains_key(&old))
                    && fact.id.kind == Kind::Table
                {
                    self.add(Act::Fill(at), fact, 1);
                }
            }
        }
    }

    fn find(&self, act: Act) -> Option<usize> {
        self.at.get(&act).copied()
    }

    fn put(&mut self, part: Act, whole: Act, alone: Alone) {
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

    /// A column that is altered with that of the parent table.
    fn altered_with(&mut self, at: usize) {
        let fact = &self.old.facts()[at];
        if fact.id.kind != Kind::Column || !matches!(self.fates.old[at], Fate::Altered(..)) {
            return;
        }
        let above = |to: &&(usize, Hold)| {
            self.old.facts()[to.0].id.kind == Kind::Column
                && matches!(self.fates.old[to.0], Fate::Altered(..))
        };
        let with = self.old.needs(at).iter().find(above).map(|to| to.0);
        if let (Some(with), Fate::Altered(steps, _)) = (with, &self.fates.old[at])
            && steps.is_empty()
        {
            self.put(Act::Alter(at), Act::Alter(with), Alone::Cannot);
        }
    }

    /// The act whose DROP takes this one with it.
    fn dropped_with(&self, at: usize) -> Option<(Act, Alone)> {
        let fact = &self.old.facts()[at];
        let ends = |to: usize| self.fates.old[to].ends();
        let ground = |kind: Kind| {
            self.old.needs(at).iter().map(|to| to.0).find(|to| self.old.facts()[*to].id.kind == kind)
        };
        match fact.id.kind {
            // A sequence goes with the column that owns it.
            Kind::SequenceOwner => {
                let (column, sequence) = (ground(Kind::Column)?, ground(Kind::Sequence)?);
                if !ends(sequence) {
                    return None;
                }
                let whole = if ends(column) { Act::Drop(column) } else { Act::Drop(sequence) };
                Some((whole, Alone::Can))
            }
            Kind::Sequence => {
                let owner = self.old.index(&fact.id.of(Kind::SequenceOwner));
                let column = match owner {
                    Some(owner) => self
                        .old
                        .needs(owner)
                        .iter()
                        .map(|to| to.0)
                        .find(|to| self.old.facts()[*to].id.kind == Kind::Column)?,
                    None => ground(Kind::Column)?,
                };
                match (ends(column), fact.is("identity")) {
                    (true, _) => Some((Act::Drop(column), Alone::Can)),
                    (false, true) => Some((Act::Alter(column), Alone::Cannot)),
                    (false, false) => None,
                }
            }
            Kind::IndexPartition => {
                let is_own = |to: &usize| {
                    let id = &self.old.facts()[*to].id;
                    id.schema == fact.id.schema && (id.name == fact.id.name || id.sub == fact.id.name)
                };
                let own = self.old.needs(at).iter().map(|to| to.0).find(is_own).filter(|own| ends(*own));
                let table = kinds::index_table(self.old, &fact.id);
                let detached = table
                    .and_then(|table| self.old.index(&table.of(Kind::Partition)))
                    .filter(|partition| ends(*partition));
                let above = || self.old.needs(at).iter().map(|to| to.0).find(|to| ends(*to));
                Some((Act::Drop(own.or(detached).or_else(above)?), Alone::Cannot))
            }
            Kind::Column if self.altered_type(&fact.id).is_some() => self.altered_type(&fact.id),
            // Their operators and functions are let go by nobody but themselves.
            Kind::OperatorClass | Kind::OperatorFamily => None,
            // With the type whose definition they are.
            Kind::Function if self.circled_by(at).is_some() => {
                let whole = self.circled_by(at).filter(|to| ends(*to))?;
                Some((Act::Drop(whole), Alone::Cannot))
            }
            Kind::Partition => {
                let table = self.old.index(&fact.id.of(Kind::Table)).filter(|table| ends(*table))?;
                // Its rows go into the table that takes its name: then it must be let go first.
                Some((Act::Drop(table), Alone::Can)).filter(|_| !self.fates.aside.contains_key(&table))
            }
            Kind::Column => {
                let table = ground(Kind::Table).filter(|table| ends(*table));
                let goes = |above: &usize| {
                    let id = &self.old.facts()[*above].id;
                    ends(*above) && self.cx.is_child_in_both(&fact.id) && !kinds::drops_alone(&self.cx, id)
                };
                let above = || ground(Kind::Column).filter(goes);
                Some((Act::Drop(table.or_else(above)?), Alone::Cannot))
            }
            Kind::Index | Kind::Constraint if self.attached(at).is_some() => {
                let (attached, above) = self.attached(at)?;
                let table = kinds::index_table(self.old, &self.old.facts()[attached].id)?;
                if self.old.index(&table).is_some_and(ends) {
                    let table = self.old.index(&table)?;
                    return (!self.fates.aside.contains_key(&table))
                        .then_some((Act::Drop(table), Alone::Can));
                }
                // Once its table is let go, it stands on its own.
                let stays = !self.old.index(&table.of(Kind::Partition)).is_some_and(ends);
                (stays && ends(above)).then_some((Act::Drop(above), Alone::Cannot))
            }
            _ => {
                let auto = |to: &&(usize, Hold)| {
                    to.1 == Hold::Auto && ends(to.0) && !self.fates.aside.contains_key(&to.0)
                };
                let whole = self.old.needs(at).iter().find(auto)?.0;
                let alone = if self.kept_aside(at) { Alone::Cannot } else { Alone::Can };
                Some((Act::Drop(whole), alone))
            }
        }
    }

    /// That an index (or a constraint's) is attached, and to which.
    fn attached(&self, at: usize) -> Option<(usize, usize)> {
        let id = &self.old.facts()[at].id;
        let name = if id.kind == Kind::Index { &id.name } else { &id.sub };
        let attached = self.old.index(&Id::new(Kind::IndexPartition, &id.schema, name, ""))?;
        let is_index = |to: &usize| matches!(self.old.facts()[*to].id.kind, Kind::Index | Kind::Constraint);
        let above = self.old.needs(attached).iter().map(|to| to.0).find(|to| *to != at && is_index(to))?;
        Some((attached, above))
    }

    /// The change of the type that a table is of, which changes the table's columns too.
    fn altered_type(&self, column: &Id) -> Option<(Act, Alone)> {
        let of = kinds::type_of_typed(&self.cx, column)?;
        let at = self.old.index(&of)?;
        matches!(self.fates.old[at], Fate::Altered(..)).then_some((Act::Alter(at), Alone::Cannot))
    }

    /// The type of the old catalog that stands on a function that speaks of it.
    fn circled_by(&self, at: usize) -> Option<usize> {
        let circled = |to: &usize| kinds::circle(self.old, *to).contains(&at);
        self.old.needs(at).iter().map(|to| to.0).find(circled)
    }

    /// A function that goes with a type that has another name meanwhile: the new one speaks of another type.
    fn goes_with_aside(&self, at: usize) -> bool {
        self.circled_by(at).is_some_and(|to| self.kept_aside(to))
    }

    fn kept_aside(&self, at: usize) -> bool {
        self.fates.aside.contains_key(&at)
    }

    /// The act whose CREATE (or ADD COLUMN) makes this one too.
    fn created_with(&self, at: usize) -> Option<(Act, Alone)> {
        let fact = &self.new.facts()[at];
        let created = |id: Id| self.new.index(&id).filter(|to| self.fates.is_created(*to)).map(Act::Create);
        let above = |kind: Kind| {
            self.new.needs(at).iter().map(|to| to.0).find(|to| self.new.facts()[*to].id.kind == kind)
        };
        match fact.id.kind {
            Kind::Column => {
                let with_table = created(fact.id.of(Kind::Table)).map(|table| (table, Alone::Cannot));
                with_table.or_else(|| self.altered_type(&fact.id)).or_else(|| {
                    let parent = above(Kind::Column).filter(|parent| self.fates.is_created(*parent))?;
                    let stays = self.cx.is_child_in_both(&fact.id);
                    (stays && !fact.is("_local")).then_some((Act::Create(parent), Alone::Cannot))
                })
            }
            Kind::Default => {
                created(Id { kind: Kind::Column, ..fact.id.clone() }).map(|column| (column, Alone::Can))
            }
            Kind::Sequence if fact.is("identity") => {
                let column = above(Kind::Column)?;
                if self.fates.is_created(column) {
                    return Some((Act::Create(column), Alone::Cannot));
                }
                self.fates.before[column].map(|old| (Act::Alter(old), Alone::Cannot))
            }
            Kind::Constraint if fact.text("type") != "f" && !fact.is("not_valid") => {
                created(fact.id.of(Kind::Table)).map(|table| (table, Alone::Can))
            }
            Kind::DomainConstraint if !fact.is("not_valid") => {
                created(fact.id.of(Kind::Domain)).map(|domain| (domain, Alone::Can))
            }
            _ => None,
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
                        self.new_need(Act::Alter(at), *ground);
                    }
                }
                if self.kept_aside(at) {
                    self.need(Act::Create(after), Act::Aside(at), Need::Must);
                    self.need(Act::Declare(after), Act::Aside(at), Need::Must);
                    self.need(Act::Fill(after), Act::Create(after), Need::Must);
                    self.need(Act::Drop(at), Act::Fill(after), Need::Must);
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
                    } else {
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
            fate if fate.ends() => {
                self.need(Act::Drop(ground), Act::Drop(at), Need::Must);
                // What has another name cannot be named by what goes after.
                if self.kept_aside(at) {
                    self.need(Act::Aside(ground), Act::Aside(at), Need::Must);
                } else {
                    self.need(Act::Aside(ground), Act::Drop(at), Need::Rather);
                }
                let is_hard = matches!(self.fates.old[ground], Fate::Altered(_, true));
                // A column cannot lose its NOT NULL while it is in a primary key.
                let (above, below) = (&self.old.facts()[ground], &self.old.facts()[at]);
                let is_key = below.id.kind == Kind::Constraint && below.text("type") == "p";
                let is_hard = is_hard || is_key && above.id.kind == Kind::Column;
                self.need(Act::Alter(ground), Act::Drop(at), if is_hard { Need::Must } else { Need::Rather });
            }
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
                    let free =
                        if self.fates.aside.contains_key(&by) { Act::Aside(by) } else { Act::Drop(by) };
                    self.need(Act::Create(at), free, Need::Must);
                }
            }
        }
    }

    /// What PostgreSQL's catalog does not tell.
    fn others(&mut self) {
        for (act, before, need) in kinds::further_needs(&self.cx, self.fates) {
            self.need(act, before, need);
        }
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

/// The statements that create a fact with all that is part of it.
pub(super) fn written(nothing: &Catalog, catalog: &Catalog, fact: &Fact) -> Vec<Sql> {
    let cx = Cx { old: nothing, new: catalog, scope: Scope::default() };
    let parts = |kind: Kind, of: &Id| catalog.parts(of, kind).collect::<Vec<_>>();
    let mut members: Vec<&Fact> = Vec::new();
    match fact.id.kind {
        Kind::Table => {
            let columns = parts(Kind::Column, &fact.id);
            for column in &columns {
                members.extend(parts(Kind::Default, &column.id));
            }
            members.extend(columns);
            let inline = |constraint: &&Fact| constraint.text("type") != "f" && !constraint.is("not_valid");
            members.extend(parts(Kind::Constraint, &fact.id).into_iter().filter(inline));
        }
        Kind::Column => members.extend(parts(Kind::Default, &fact.id)),
        Kind::Domain => members.extend(parts(Kind::DomainConstraint, &fact.id)),
        _ => {}
    }
    let mut all = kinds::create(&cx, fact, &members);
    all.extend(satellites::created(&cx, fact));
    all
}

impl Graph {
    /// The fact of the old catalog that an act alters, where it could as well be dropped and created anew.
    pub(super) fn replaceable(&self, act: usize, old: &Catalog) -> Option<usize> {
        let Act::Alter(at) = self.acts[act] else { return None };
        let kind = old.facts()[at].id.kind;
        let is_code = matches!(
            kind,
            Kind::View
                | Kind::Function
                | Kind::Procedure
                | Kind::Aggregate
                | Kind::Rule
                | Kind::Trigger
                | Kind::Policy
                | Kind::Default
        );
        is_code.then_some(at)
    }

    /// The statements of a group: its first act, with what is part of it.
    pub(super) fn render(
        &self,
        group: &[usize],
        cx: Cx<'_>,
        fates: &Fates,
    ) -> Result<Vec<(Id, Sql)>, PlanError> {
        let Cx { old, new, .. } = cx;
        let mut all = Vec::new();
        let mut put = |id: &Id, sqls: Vec<Sql>| all.extend(sqls.into_iter().map(|sql| (id.clone(), sql)));
        let members: Vec<&Fact> = group[1..]
            .iter()
            .filter_map(|at| match self.acts[*at] {
                Act::Create(at) => Some(&new.facts()[at]),
                _ => None,
            })
            .collect();
        match self.acts[group[0]] {
            Act::Drop(at) => {
                let fact = &old.facts()[at];
                put(&fact.id, kinds::drop(&cx, fact, fates.aside.get(&at).map(String::as_str)));
            }
            Act::Declare(at) => {
                let fact = &new.facts()[at];
                put(&fact.id, kinds::declare(fact));
            }
            Act::Aside(at) => {
                let fact = &old.facts()[at];
                put(&fact.id, kinds::put_aside(&cx, fact, &fates.aside[&at]));
            }
            Act::Alter(at) => {
                if let Fate::Altered(steps, _) = &fates.old[at] {
                    put(&old.facts()[at].id, steps.clone());
                }
            }
            Act::Create(at) => {
                let fact = &new.facts()[at];
                let feigned = self.feigned.contains(&at);
                put(
                    &fact.id,
                    if feigned { kinds::unfeigned(fact) } else { kinds::create(&cx, fact, &members) },
                );
                put(&fact.id, satellites::created(&cx, fact));
            }
            Act::Hollow(at) => put(&old.facts()[at].id, vec![kinds::hollow(&old.facts()[at])]),
            Act::Feign(at) => put(&new.facts()[at].id, vec![kinds::hollow(&new.facts()[at])]),
            Act::Fill(at) => {
                let fact = &new.facts()[at];
                let was = fates.before[at].and_then(|old| fates.aside.get(&old));
                put(&fact.id, kinds::fill(&cx, fact, was.map(String::as_str).unwrap_or_default()));
            }
        }
        for member in members {
            put(&member.id, satellites::created(&cx, member));
        }
        Ok(all)
    }
}
