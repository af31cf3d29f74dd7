//! What is part of what: the columns in a CREATE TABLE, all that a DROP takes with it.

use crate::engine::catalog::{Fact, Hold, Id, Kind};

use super::fate::Fate;
use super::graph::{Act, Alone, Builder};
use super::kinds;

impl Builder<'_> {
    /// A column that is altered with that of the parent table.
    pub(super) fn altered_with(&mut self, at: usize) {
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
    pub(super) fn dropped_with(&self, at: usize) -> Option<(Act, Alone)> {
        let fact = &self.old.facts()[at];
        let ends = |to: usize| self.fates.old[to].ends();
        let ground = |kind: Kind| {
            self.old.needs(at).iter().map(|to| to.0).find(|to| self.old.facts()[*to].id.kind == kind)
        };
        if let Some(table) = self.within(at) {
            return Some((Act::Drop(table), Alone::Cannot));
        }
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
            Kind::Table => {
                kinds::aside::tree(&self.cx, self.fates, at).map(|above| (Act::Drop(above), Alone::Cannot))
            }
            Kind::Partition => {
                let table = self.old.index(&fact.id.of(Kind::Table)).filter(|table| ends(*table))?;
                // Its rows go into the table that takes its name, or keys of others refer to it through the tables above:
                // then it must be let go first.
                let is_held = self.kept_aside(table) || kinds::is_referenced(&self.cx, self.fates, &fact.id);
                (!is_held).then_some((Act::Drop(table), Alone::Can))
            }
            Kind::Column => {
                let table = self.old.index(&fact.id.of(Kind::Table)).filter(|table| ends(*table));
                let goes = |above: &usize| {
                    let id = &self.old.facts()[*above].id;
                    ends(*above) && kinds::drops_with_parent(&self.cx, id, fact)
                };
                let above = || ground(Kind::Column).filter(goes);
                Some((Act::Drop(table.or_else(above)?), Alone::Cannot))
            }
            Kind::Index | Kind::Constraint if self.attached(at).is_some() => {
                let (attached, above) = self.attached(at)?;
                let table = kinds::index_table(self.old, &self.old.facts()[attached].id)?;
                if let Some(table) = self.old.index(&table).filter(|table| ends(*table)) {
                    if kinds::aside::tree(&self.cx, self.fates, table).is_some() && ends(above) {
                        return Some((Act::Drop(above), Alone::Cannot));
                    }
                    return (!self.fates.aside.contains_key(&table))
                        .then_some((Act::Drop(table), Alone::Can));
                }
                // Once its table is let go, it stands on its own.
                let stays = !self.old.index(&table.of(Kind::Partition)).is_some_and(ends);
                (stays && ends(above)).then_some((Act::Drop(above), Alone::Cannot))
            }
            _ => {
                let auto = |to: &&(usize, Hold)| {
                    let stays = self.kept_aside(to.0) || self.within(to.0).is_some();
                    to.1 == Hold::Auto && ends(to.0) && !stays
                };
                let whole = self.old.needs(at).iter().find(auto)?.0;
                let alone = if self.kept_aside(at) { Alone::Cannot } else { Alone::Can };
                Some((Act::Drop(whole), alone))
            }
        }
    }

    /// That an index (or a constraint's) is attached, and to which.
    pub(super) fn attached(&self, at: usize) -> Option<(usize, usize)> {
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
    pub(super) fn goes_with_aside(&self, at: usize) -> bool {
        self.circled_by(at).is_some_and(|to| self.kept_aside(to))
    }

    /// The table, put aside, that it lies in.
    pub(super) fn within(&self, at: usize) -> Option<usize> {
        kinds::aside::within(&self.cx, self.fates, at)
    }

    pub(super) fn kept_aside(&self, at: usize) -> bool {
        self.fates.aside.contains_key(&at)
    }

    /// Whether a CREATE TABLE has another constraint over the same columns, into which PostgreSQL would merge this one
    /// without a word (`transformIndexConstraints`).
    fn would_be_merged(&self, at: usize) -> bool {
        let fact = &self.new.facts()[at];
        let is_index = |fact: &Fact| matches!(fact.text("type"), "p" | "u" | "x");
        let rank = |fact: &Fact| (fact.text("type") != "p", fact.id.clone());
        let table = fact.id.of(Kind::Table);
        let mut others = self.new.parts(&table, Kind::Constraint);
        is_index(fact)
            && others.any(|other| {
                is_index(other) && other.text("_columns") == fact.text("_columns") && rank(other) < rank(fact)
            })
    }

    /// The act whose CREATE (or ADD COLUMN) makes this one too.
    pub(super) fn created_with(&self, at: usize) -> Option<(Act, Alone)> {
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
            Kind::Constraint
                if fact.text("type") != "f" && !fact.is("not_valid") && !self.would_be_merged(at) =>
            {
                created(fact.id.of(Kind::Table)).map(|table| (table, Alone::Can))
            }
            Kind::DomainConstraint if !fact.is("not_valid") => {
                created(fact.id.of(Kind::Domain)).map(|domain| (domain, Alone::Can))
            }
            _ => None,
        }
    }
}
