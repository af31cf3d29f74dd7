//! NOT NULL of columns that tables hand down, where the change of one table is not that of the tables below it: which
//! constraints are dropped, made again, renamed and validated, and in which order. Since PostgreSQL 18 they are constraints
//! with names, inherited and own at the same time (`AdjustNotNullInheritance`); before, DROP NOT NULL goes down to children.

mod run;

use crate::engine::catalog::{Catalog, Fact, Id, Kind};

use super::super::hazard::Hazard;
use super::super::sql::Sql;
use super::{Cx, not_null};

use run::Run;

/// What is to be right afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Care {
    /// Also the names of inherited constraints, and which of them the table has by itself, as far as pg_dump writes it.
    Names,
    /// What is compared.
    State,
}

/// What is compared of a NOT NULL.
const ATTRIBUTES: [&str; 4] = ["not_null", "not_null_name", "not_null_no_inherit", "not_null_not_valid"];

/// A constraint as it is at some point of the plan.
#[derive(Debug, Clone)]
struct Constraint {
    name: String,
    /// Whether the table has it by itself.
    local: bool,
    /// From how many parents it comes.
    above: usize,
    no_inherit: bool,
    not_valid: bool,
}

/// A column of one of the tables.
struct Member<'a> {
    was: &'a Fact,
    is: &'a Fact,
    parents: Vec<usize>,
    children: Vec<usize>,
    has: Option<Constraint>,
    wants: Option<Constraint>,
    is_partition: bool,
}

/// A column in all tables above and below its own, parents first.
struct Tree<'a> {
    members: Vec<Member<'a>>,
}

/// The statements for the constraints of all tables, or none where another column of these says them. `None` where what is
/// said of each column alone is enough.
pub(super) fn altered(cx: &Cx<'_>, column: &Fact) -> Option<Vec<Sql>> {
    if cx.old.server.min(cx.new.server) < 180_000 || !has_relatives(cx, &column.id) {
        return None;
    }
    let tree = Tree::of(cx, &column.id)?;
    if !tree.is_hard() {
        return None;
    }
    let steps = tree.steps(cx, Care::Names).or_else(|| tree.steps(cx, Care::State))?;
    let first = tree.members.iter().find(|member| member.differs()).map(|member| &member.was.id);
    Some(if first == Some(&column.id) { steps } else { Vec::new() })
}

/// Before PostgreSQL 18: SET and DROP NOT NULL go down to tables below for which it was not meant.
pub(super) fn kept_below(cx: &Cx<'_>, column: &Id) -> Vec<Sql> {
    if cx.old.server >= 180_000 {
        return Vec::new();
    }
    let sets = cx.new.fact(column).is_some_and(|fact| fact.is("not_null"));
    let (mut all, mut seen) = (Vec::new(), vec![column.clone()]);
    let mut at = 0;
    while at < seen.len() {
        for child in children(cx, &seen[at]) {
            let is = |catalog: &Catalog| catalog.fact(&child).is_some_and(|fact| fact.is("not_null"));
            let stays = is(cx.old) != sets && is(cx.new) != sets;
            let table = cx.new.fact(&child.of(Kind::Table));
            let is_partitioned = table.is_some_and(|table| table.get("partition_key").is_some());
            if seen.contains(&child) {
                continue;
            }
            if stays {
                let only = if is_partitioned { "" } else { "ONLY " };
                let word = if sets { "DROP" } else { "SET" };
                let (path, own) = (child.path(), child.own());
                let sql = Sql::new(format!("ALTER TABLE {only}{path} ALTER COLUMN {own} {word} NOT NULL"));
                all.push(if sets { sql } else { sql.hazard(Hazard::Scan { table: path }) });
            }
            // What is set for a partitioned table is set for its partitions.
            if !stays || !is_partitioned {
                seen.push(child);
            }
        }
        at += 1;
    }
    all
}

/// The same column of the children that the table has on both sides.
fn children(cx: &Cx<'_>, column: &Id) -> Vec<Id> {
    let both = |fact: &&Fact| cx.new.parts(column, Kind::Column).any(|other| other.id == fact.id);
    cx.old.parts(column, Kind::Column).filter(both).map(|fact| fact.id.clone()).collect()
}

fn parents(cx: &Cx<'_>, column: &Id) -> Vec<Id> {
    let both = |fact: &&Fact| cx.new.hosts(column, Kind::Column).any(|other| other.id == fact.id);
    cx.old.hosts(column, Kind::Column).filter(both).map(|fact| fact.id.clone()).collect()
}

fn has_relatives(cx: &Cx<'_>, column: &Id) -> bool {
    !children(cx, column).is_empty() || !parents(cx, column).is_empty()
}

fn constraint(fact: &Fact, above: usize) -> Option<Constraint> {
    let name = not_null::name(fact)?.to_owned();
    Some(Constraint {
        name,
        local: fact.is("_not_null_local"),
        above,
        no_inherit: fact.is("not_null_no_inherit"),
        not_valid: fact.is("not_null_not_valid"),
    })
}

impl Member<'_> {
    fn differing(&self) -> Vec<&'static str> {
        let scope = crate::engine::catalog::Scope::default();
        let differing = self.was.differing(self.is, &scope);
        ATTRIBUTES.into_iter().filter(|name| differing.contains(name)).collect()
    }

    fn differs(&self) -> bool {
        !self.differing().is_empty()
    }

    /// Whether the same becomes of both, so that the statement for the parent does for the child.
    fn changes_like(&self, other: &Self) -> bool {
        let same = |name: &&str| {
            self.was.get(name) == other.was.get(name) && self.is.get(name) == other.is.get(name)
        };
        ATTRIBUTES.iter().filter(|name| **name != "not_null_name").all(same)
    }

    /// An ordinary constraint of its own that stays.
    fn is_settled(&self) -> bool {
        let plain = |one: &Option<Constraint>| {
            one.as_ref().is_some_and(|one| one.local && !one.no_inherit && !one.not_valid)
        };
        !self.differs() && plain(&self.has) && plain(&self.wants)
    }
}

impl<'a> Tree<'a> {
    fn of(cx: &Cx<'a>, column: &Id) -> Option<Self> {
        let (mut ids, mut at) = (vec![column.clone()], 0);
        while at < ids.len() {
            let more = parents(cx, &ids[at]).into_iter().chain(children(cx, &ids[at]));
            let more: Vec<Id> = more.filter(|id| !ids.contains(id)).collect();
            ids.extend(more);
            at += 1;
        }
        ids.sort();
        let mut ordered: Vec<Id> = Vec::new();
        while ordered.len() < ids.len() {
            let is_next = |id: &&Id| {
                !ordered.contains(id) && parents(cx, id).iter().all(|above| ordered.contains(above))
            };
            let next = ids.iter().find(is_next)?.clone();
            ordered.push(next);
        }
        let places = |all: Vec<Id>| -> Vec<usize> {
            all.iter().filter_map(|id| ordered.iter().position(|other| other == id)).collect()
        };
        let mut members = Vec::new();
        for id in &ordered {
            let (was, is) = (cx.old.fact(id)?, cx.new.fact(id)?);
            let above = |catalog: &Catalog, fact: &Fact| {
                let gives = |host: &&Fact| not_null::name(host).is_some() && !host.is("not_null_no_inherit");
                let count = catalog.hosts(id, Kind::Column).filter(gives).count();
                if fact.is("_not_null_inherited") { count } else { 0 }
            };
            members.push(Member {
                was,
                is,
                parents: places(parents(cx, id)),
                children: places(children(cx, id)),
                has: constraint(was, above(cx.old, was)),
                wants: constraint(is, above(cx.new, is)),
                is_partition: cx.new.fact(&id.of(Kind::Partition)).is_some(),
            });
        }
        // A parent that comes or goes changes its children's constraints when it does.
        let apart = |member: &Member<'_>| {
            let hands =
                |one: &Option<Constraint>| one.as_ref().is_some_and(|one| one.above > member.parents.len());
            hands(&member.has) || hands(&member.wants)
        };
        (!members.iter().any(apart)).then_some(Self { members })
    }

    fn is_hard(&self) -> bool {
        let is_changed = self.members.iter().any(Member::differs);
        if is_changed && (0..self.members.len()).any(|at| self.looks_other(at)) {
            return true;
        }
        self.members.iter().filter(|member| member.differs()).any(|member| {
            let from_above = match member.parents[..] {
                [] => true,
                [parent] => {
                    member.changes_like(&self.members[parent])
                        || !self.members[parent].differs() && !self.hands_down(parent)
                }
                _ => false,
            };
            let below = |child: &usize| {
                let child = &self.members[*child];
                child.changes_like(member) && child.parents.len() == 1 && self.is_named_like(child, member)
                    || child.is_settled() && !member.differing().contains(&"not_null_name")
            };
            !from_above || !member.children.iter().all(below)
        })
    }

    /// Whether a constraint of the parent is, or is to be, one of its children.
    fn hands_down(&self, parent: usize) -> bool {
        let gives = |one: &Option<Constraint>| one.as_ref().is_some_and(|one| !one.no_inherit);
        gives(&self.members[parent].has) || gives(&self.members[parent].wants)
    }

    /// Whether a RENAME of the parent's constraint reaches the child's.
    fn is_named_like(&self, child: &Member<'_>, parent: &Member<'_>) -> bool {
        let name = |one: &Option<Constraint>| one.as_ref().map(|one| one.name.clone());
        !parent.differing().contains(&"not_null_name") || name(&child.has) == name(&parent.has)
    }

    /// Those whose constraint cannot become what it is to be: it is dropped, with those that hand it down.
    fn dropped(&self, care: Care) -> Vec<bool> {
        let goes = |at: usize| self.must_go(at) || care == Care::Names && self.looks_other(at);
        let mut all: Vec<bool> = (0..self.members.len()).map(goes).collect();
        loop {
            let before = all.clone();
            for (at, member) in self.members.iter().enumerate() {
                if all[at] && member.has.as_ref().is_some_and(|has| has.above > 0) {
                    for parent in &member.parents {
                        all[*parent] |= self.members[*parent].has.as_ref().is_some_and(|has| !has.no_inherit);
                    }
                }
            }
            if all == before {
                return all;
            }
        }
    }

    fn must_go(&self, at: usize) -> bool {
        let member = &self.members[at];
        let (Some(has), wants) = (&member.has, &member.wants) else { return false };
        let Some(wants) = wants else { return true };
        let is_renamed = member.differing().contains(&"not_null_name") && wants.above == 0;
        has.no_inherit != wants.no_inherit && !self.can_alter(at)
            || !has.not_valid && wants.not_valid
            || has.no_inherit && wants.above > 0
            || is_renamed && !self.can_rename(at)
    }

    /// An inherited constraint that is to have a name of its own, or is no more to be the table's own.
    fn looks_other(&self, at: usize) -> bool {
        let member = &self.members[at];
        let (Some(has), Some(wants)) = (&member.has, &member.wants) else { return false };
        let is_given = |name: &str| name.ends_with("_not_null");
        let is_named = has.name != wants.name && !(is_given(&has.name) && is_given(&wants.name));
        wants.above > 0
            && (is_named && self.has_own_name(at) || has.local && !wants.local && !member.is_partition)
    }

    /// Whether none of its parents has the name that it is to have.
    fn has_own_name(&self, at: usize) -> bool {
        let name = |at: usize| self.members[at].wants.as_ref().map(|wants| &wants.name);
        !self.members[at].parents.iter().any(|parent| name(*parent) == name(at))
    }

    /// Whether `ALTER CONSTRAINT … [NO] INHERIT` concerns this table alone.
    fn can_alter(&self, at: usize) -> bool {
        let member = &self.members[at];
        let is_own = |one: &Option<Constraint>| one.as_ref().is_some_and(|one| one.above == 0);
        member.children.is_empty() && is_own(&member.has) && is_own(&member.wants)
    }

    /// Whether RENAME CONSTRAINT finds the name in all tables below, none of which has it from elsewhere too.
    fn can_rename(&self, at: usize) -> bool {
        let member = &self.members[at];
        let Some(has) = member.has.as_ref().filter(|has| has.above == 0) else { return false };
        has.no_inherit || self.is_alike_below(at, &has.name)
    }

    fn is_alike_below(&self, at: usize, name: &str) -> bool {
        self.members[at].children.iter().all(|child| {
            let has = self.members[*child].has.as_ref();
            has.is_some_and(|has| has.name == name && has.above == 1) && self.is_alike_below(*child, name)
        })
    }

    /// All statements; `None` where they would not do.
    fn steps(&self, cx: &Cx<'_>, care: Care) -> Option<Vec<Sql>> {
        let gone = self.dropped(care);
        let is_bound = |at: usize| {
            let (was, is) = (self.members[at].was, self.members[at].is);
            let mut keys = cx.new.parts(&is.id, Kind::Constraint);
            let in_key =
                keys.any(|key| key.text("type") == "p" && key.id.of(Kind::Table) == is.id.of(Kind::Table));
            in_key || was.get("identity").is_some() || cx.wishes.fill.contains_key(&is.id)
        };
        let mut run = Run {
            tree: self,
            now: self.members.iter().map(|member| member.has.clone()).collect(),
            all: vec![],
        };
        for at in (0..self.members.len()).filter(|at| gone[*at]) {
            if run.now[at].as_ref().is_some_and(|now| now.above == 0) {
                run.drop(at);
            }
        }
        let is_taken = |at: usize| self.members[at].has.is_some() && run.now[at].is_none();
        if (0..self.members.len()).any(|at| (gone[at] || is_taken(at)) && is_bound(at)) {
            return None;
        }
        for at in 0..self.members.len() {
            run.alter(at);
            run.validate(at);
        }
        for at in (0..self.members.len()).rev() {
            run.add(at)?;
        }
        for at in 0..self.members.len() {
            run.validate(at);
        }
        for (at, gone) in gone.iter().enumerate() {
            run.comment(at, *gone);
        }
        run.is_right().then_some(run.all)
    }
}
