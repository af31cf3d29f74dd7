//! The statements of renames, in an order in which each new name is free: chains from their end, circles through a name for
//! the time being, and out of the way with what the plan drops.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::catalog::{Catalog, Fact, Id, Kind};
use crate::pg::ident::Tidy;

use super::super::kinds::{self, Cx, keyword, not_null, object, temporary};
use super::super::satellites::plain;
use super::super::sql::Sql;
use super::after::{self, after, companions, renamed_id};
use super::likeness::harmless;
use super::{Rename, carried, is_label, is_part};

/// What renames come to.
#[derive(Debug, Default)]
pub(in super::super) struct Renamed {
    /// The catalog as they leave it; none where there are none.
    pub(in super::super) catalog: Option<Catalog>,
    pub(in super::super) steps: Vec<(Id, Sql)>,
    /// What may not be what it looks like: to be made anew.
    pub(in super::super) unsure: BTreeSet<Id>,
}

/// The statements, and the catalog as they leave it.
pub(in super::super) fn renamed(cx: &Cx<'_>, wishes: &[Rename]) -> Renamed {
    let mut work = Work { cx, now: None, steps: Vec::new() };
    for stage in 0..3 {
        let wanted = wishes.iter().filter(|wish| super::stage(&wish.from) == stage);
        let mut pending: Vec<Rename> = wanted.cloned().collect();
        pending.iter_mut().for_each(|wish| work.follow(wish, wishes));
        pending.sort();
        pending.dedup();
        work.all(pending, Occupied::GoesAside);
    }
    work.not_nulls(wishes);
    if !wishes.is_empty() || work.now.is_none() {
        let own = harmless(work.now(), cx.new);
        work.all(own, Occupied::Stays);
    }
    let unsure = work.now.as_ref().map(|now| unsure(cx.old, now, cx.new)).unwrap_or_default();
    Renamed { catalog: work.now, steps: work.steps, unsure }
}

/// What becomes of something that has a name that is wanted, and no other wish.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Occupied {
    GoesAside,
    Stays,
}

struct Work<'a> {
    cx: &'a Cx<'a>,
    now: Option<Catalog>,
    steps: Vec<(Id, Sql)>,
}

impl Work<'_> {
    fn now(&self) -> &Catalog {
        self.now.as_ref().unwrap_or(self.cx.old)
    }

    fn is_there(&self, id: &Id) -> bool {
        match is_label(id) {
            true => has_label(self.now(), id),
            false => self.now().fact(id).is_some(),
        }
    }

    /// Where it is by now.
    fn follow(&self, wish: &mut Rename, wishes: &[Rename]) {
        wish.from = carried(&wish.from, wishes);
        // Its types may have other names, or it went along with its table.
        if let Some(id) = super::there(self.now(), &wish.from) {
            wish.from = id;
        } else if !is_part(&wish.from) {
            let moved = Id { schema: wish.to.schema.clone(), ..wish.from.clone() };
            wish.from = super::there(self.now(), &moved).unwrap_or(moved);
        }
    }

    fn all(&mut self, mut pending: Vec<Rename>, occupied: Occupied) {
        while !pending.is_empty() {
            pending.retain(|wish| self.is_there(&wish.from) && wish.from != wish.to);
            let free = pending.iter().position(|wish| self.in_the_way(&wish.from, &wish.to).is_empty());
            if let Some(at) = free {
                let wish = pending.remove(at);
                self.put_in_place(&wish.from, &wish.to, &mut pending);
                continue;
            }
            let Some(first) = pending.first() else { return };
            let Some(other) = self.in_the_way(&first.from, &first.to).into_iter().next() else { return };
            if occupied == Occupied::Stays && !pending.iter().any(|wish| wish.from == other) {
                pending.remove(0);
                continue;
            }
            let aside = self.named(&other, &self.temporary(&other));
            self.one(&other, &aside, &mut pending);
        }
    }

    /// Both the name and the schema, where both change.
    fn put_in_place(&mut self, from: &Id, to: &Id, pending: &mut [Rename]) {
        if is_part(from) || from.kind == Kind::Schema || from.schema == to.schema {
            return self.one(from, to, pending);
        }
        if self.now().fact(&Id::new(Kind::Schema, "", &to.schema, "")).is_none() {
            self.new_schema(&to.schema);
        }
        // What goes along must find its name free; it gets its own again once it is there.
        for id in companions(self.now(), from) {
            let moved = Id { schema: to.schema.clone(), ..id.clone() };
            if !self.in_the_way(&id, &moved).is_empty() {
                let aside = self.named(&id, &self.temporary(&id));
                self.one(&id, &aside, pending);
            }
        }
        let mut at = from.clone();
        let there = |at: &Id| Id { schema: to.schema.clone(), ..at.clone() };
        if from.name != to.name && !self.in_the_way(from, &there(from)).is_empty() {
            let name = self.named(from, &to.name);
            at = if self.in_the_way(from, &name).is_empty() {
                name
            } else {
                self.named(from, &self.temporary(from))
            };
            self.one(from, &at, pending);
        }
        let moved = there(&at);
        self.one(&at, &moved, pending);
        if moved.name != to.name {
            let whole = self.named(&moved, &to.name);
            self.one(&moved, &whole, pending);
        }
    }

    fn one(&mut self, from: &Id, to: &Id, pending: &mut [Rename]) {
        let sql = statement(self.now(), from, to);
        self.steps.push((to.clone(), sql));
        self.now = Some(after(self.now(), from, to));
        for wish in pending {
            wish.from = renamed_id(&wish.from, from, to);
            if let Some(id) = super::there(self.now(), &wish.from) {
                wish.from = id;
            }
        }
    }

    /// The NOT NULL constraints of renamed columns, and of all columns of renamed tables, get the names that they are to have:
    /// PostgreSQL leaves them as they are.
    fn not_nulls(&mut self, wishes: &[Rename]) {
        let new = self.cx.new;
        let is_renamed = |id: &Id| {
            let of = |wish: &Rename| wish.to == *id || wish.to == id.of(Kind::Table);
            wishes.iter().any(of)
        };
        let mut tables: BTreeMap<Id, Vec<(String, String)>> = BTreeMap::new();
        for is in new.facts().iter().filter(|is| matches!(is.id.kind, Kind::Column | Kind::Domain)) {
            let Some(was) = self.now().fact(&is.id).filter(|_| is_renamed(&is.id)) else { continue };
            let (Some(from), Some(to)) = (not_null::name(was), not_null::name(is)) else { continue };
            let is_below = is.id.kind == Kind::Column && was.is("_not_null_inherited");
            if !is_below && not_null::goes_down(self.now(), was) {
                let of = if is.id.kind == Kind::Domain { is.id.clone() } else { is.id.of(Kind::Table) };
                tables.entry(of).or_default().push((from.to_owned(), to.to_owned()));
            }
        }
        for (of, pairs) in tables {
            for pair in not_null::in_order(&pairs) {
                self.steps.push((of.clone(), not_null::renamed(&of, &pair)));
                self.now = Some(after::with_not_null(self.now(), &of, &pair));
            }
        }
    }

    fn new_schema(&mut self, name: &str) {
        let id = Id::new(Kind::Schema, "", name, "");
        let Some(wanted) = self.cx.new.fact(&id) else { return };
        let bare = wanted.with("comment", None).with("acl", None).with("owner", Some(&self.now().role));
        self.steps.push((id, Sql::new(format!("CREATE {}", object(&bare)))));
        self.now = Some(self.now().with_fact(bare));
    }

    fn named(&self, id: &Id, name: &str) -> Id {
        match is_part(id) {
            true => Id { sub: name.to_owned(), ..id.clone() },
            false => Id { name: name.to_owned(), ..id.clone() },
        }
    }

    fn temporary(&self, id: &Id) -> String {
        let own = if is_part(id) { &id.sub } else { &id.name };
        let of = |catalog: &Catalog, name: &str| {
            let has = |fact: &Fact| fact.id.name == name || fact.id.sub == name;
            catalog.facts().iter().any(has)
        };
        let is_taken = |name: &str| {
            of(self.now(), name) || of(self.cx.old, name) || of(self.cx.new, name) || {
                let label = Id { sub: name.to_owned(), ..id.clone() };
                is_label(id) && (has_label(self.now(), &label) || has_label(self.cx.new, &label))
            }
        };
        temporary(own, &is_taken)
    }

    /// Who has the name, or one of the names, that something is to have.
    fn in_the_way(&self, from: &Id, to: &Id) -> Vec<Id> {
        if is_label(from) {
            return if has_label(self.now(), to) { vec![to.clone()] } else { Vec::new() };
        }
        let Some(fact) = self.now().fact(from) else { return Vec::new() };
        let mut wanted = fact.clone();
        wanted.id = to.clone();
        let names = kinds::occupied(&wanted);
        let is_other = |other: &&Fact| {
            other.id != *from
                && (other.id == *to
                    || other.id.kind != Kind::Column
                        && kinds::occupied(other).iter().any(|name| names.contains(name)))
        };
        self.now().facts().iter().filter(is_other).map(|other| other.id.clone()).collect()
    }
}

fn has_label(catalog: &Catalog, id: &Id) -> bool {
    let fact = catalog.fact(&id.of(Kind::Enum));
    fact.is_some_and(|fact| fact.entries("labels").iter().any(|fields| fields[0] == id.sub))
}

fn statement(now: &Catalog, from: &Id, to: &Id) -> Sql {
    let name = if is_part(from) { &to.sub } else { &to.name };
    let name = Tidy(name);
    Sql::new(match from.kind {
        Kind::Column => format!("ALTER {} RENAME COLUMN {} TO {name}", table(now, from), from.own()),
        Kind::Constraint => format!("ALTER {} RENAME CONSTRAINT {} TO {name}", table(now, from), from.own()),
        Kind::DomainConstraint => {
            format!("ALTER DOMAIN {} RENAME CONSTRAINT {} TO {name}", from.path(), from.own())
        }
        Kind::Enum if is_label(from) => {
            format!("ALTER TYPE {} RENAME VALUE {} TO {}", from.path(), plain(&from.sub), plain(&to.sub))
        }
        _ => {
            let what = now.fact(from).map_or_else(|| from.to_string(), object);
            match from.schema == to.schema {
                true => format!("ALTER {what} RENAME TO {name}"),
                false => format!("ALTER {what} SET SCHEMA {}", Tidy(&to.schema)),
            }
        }
    })
}

fn table(now: &Catalog, id: &Id) -> String {
    let word = now.fact(&id.of(Kind::Table)).map_or("TABLE", keyword);
    format!("{word} {}", id.path())
}

/// What was foretold to be as it is wanted, though it stands on something else: what reads the same need not be the same.
fn unsure(old: &Catalog, now: &Catalog, new: &Catalog) -> BTreeSet<Id> {
    let is_code = |kind: Kind| {
        matches!(
            kind,
            Kind::View
                | Kind::MaterializedView
                | Kind::Function
                | Kind::Procedure
                | Kind::Rule
                | Kind::Trigger
                | Kind::Policy
                | Kind::Default
                | Kind::Constraint
                | Kind::Index
        )
    };
    let needs = |catalog: &Catalog, at: usize| -> BTreeSet<Id> {
        catalog.needs(at).iter().map(|(to, _)| catalog.facts()[*to].id.clone()).collect()
    };
    let mut found = BTreeSet::new();
    for (at, fact) in now.facts().iter().enumerate().filter(|(_, fact)| is_code(fact.id.kind)) {
        let is_as_before = old.fact(&fact.id) == Some(fact);
        if !is_as_before
            && let Some(is) = new.index(&fact.id)
            && new.facts()[is] == *fact
            && needs(now, at) != needs(new, is)
        {
            found.insert(fact.id.clone());
        }
    }
    found
}
