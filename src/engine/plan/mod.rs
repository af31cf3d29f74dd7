//! From one catalog to another: the statements, in an order that works, each with what can hurt about it. It takes no
//! connection: applying is for others. DDL text is made in `kinds` only.

mod acl;
mod circle;
mod fate;
mod forced;
mod graph;
pub mod hazard;
mod kinds;
mod merged;
mod online;
mod order;
mod parts;
mod rename;
mod render;
mod satellites;
mod sql;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::engine::catalog::{Catalog, Id, Kind, Scope};

pub use hazard::{Hazard, Lock};
pub use rename::{Candidate, Rename, RenameError, candidates, hints};

/// What is wanted of a plan beyond its two ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// What is compared.
    pub scope: Scope,
    /// What has another name in the new catalog.
    pub renames: Vec<Rename>,
    /// Prefer forms that stop nobody for long, though they cannot be undone as one.
    pub online: bool,
    /// Avoid what must be committed before it is used, at the price of a rewrite.
    pub whole: bool,
    /// For columns, by their names in the new catalog: the value that rows get where NULL is refused, as SQL.
    pub fill: BTreeMap<Id, String>,
    /// For columns that get another type: the value as the new type takes it, as SQL.
    pub using: BTreeMap<Id, String>,
}

/// One statement of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it is about.
    pub about: Id,
    /// The statement, without the semicolon.
    pub sql: String,
    /// Why it can hurt.
    pub hazards: Vec<Hazard>,
    /// Whether it may be in a transaction.
    pub in_transaction: bool,
    /// Where it loses data: what it may be under a new name.
    pub may_be: Vec<Rename>,
    /// Something that must be committed before it is used; where it is, the plan is split after this step.
    commits: Option<String>,
    /// Whether it is a transaction of its own, so that its locks end with it.
    ends: bool,
}

/// The way from one catalog to another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// In the order in which they are to run.
    pub steps: Vec<Step>,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The two catalogs are of different server majors, whose texts cannot be compared.
    #[error("one side is PostgreSQL {0}, the other {1}: what they say about the same object differs")]
    Versions(i32, i32),
    /// Something that PostgreSQL has no statement for, or that would lose what nobody agreed to.
    #[error("{id}: {why}")]
    Refused {
        /// What.
        id: Box<Id>,
        /// Why.
        why: String,
    },
    /// Our own fault: steps that wait for each other.
    #[error("these changes wait for each other: {0}; please report this")]
    Cycle(String),
}

/// Make the plan that turns `old` into `new`.
///
/// # Errors
/// See `PlanError`.
pub fn plan(old: &Catalog, new: &Catalog, wishes: &Wishes) -> Result<Plan, PlanError> {
    let majors = (old.server / 10_000, new.server / 10_000);
    if majors.0 != majors.1 && old.server != 0 && new.server != 0 {
        return Err(PlanError::Versions(majors.0, majors.1));
    }
    let usable = new.wanted_from(old);
    let new = usable.as_ref().unwrap_or(new);
    let renamed = rename::renamed(&kinds::Cx { old, new, wishes, fates: None }, &wishes.renames);
    let old = renamed.catalog.as_ref().unwrap_or(old);
    let cx = kinds::Cx { old, new, wishes, fates: None };
    let mut steps: Vec<Step> = renamed.steps.into_iter().map(|(about, sql)| sql.step(about)).collect();
    let mut replaced: BTreeSet<usize> = renamed.unsure.iter().filter_map(|id| old.index(id)).collect();
    let mut twice = BTreeSet::new();
    let (fates, graph, order) = loop {
        let fates = fate::decide(old, new, wishes, &replaced)?;
        let mut graph = graph::build(cx, &fates);
        twice.extend(circle::alone(&graph, new));
        circle::split(&mut graph, &twice);
        let knot = match order::sorted(&graph) {
            Ok(order) => break (fates, graph, order),
            Err(knot) => knot,
        };
        // What would be altered in place, and holds no data, waits for nobody once it is gone.
        let before = replaced.len();
        replaced.extend(knot.iter().filter_map(|at| graph.replaceable(*at, old)));
        if replaced.len() > before {
            continue;
        }
        let view = circle::next(&graph, &knot, old, new, &twice);
        if !view.is_some_and(|view| twice.insert(view)) {
            return Err(PlanError::Cycle(order::described(&graph, &knot)));
        }
    };
    for group in order {
        for (about, sql) in graph.render(&group, cx, &fates)? {
            steps.push(sql.step(about));
        }
    }
    let quieted = kinds::quieted(&cx, &fates, &steps);
    steps.splice(0..0, quieted.off.into_iter().map(|(about, sql)| sql.step(about)));
    steps.extend(quieted.on.into_iter().map(|(about, sql)| sql.step(about)));
    rename::tell(&mut steps, old, new);
    let mut steps = if wishes.online { online::online(steps, old, new) } else { steps };
    forced::unforced(&mut steps, old, new);
    Ok(Plan { steps })
}

/// A catalog as renames leave it that have happened: of whatever can be renamed, from the first name to the second.
pub fn renamed(catalog: &Catalog, happened: &[Rename]) -> Catalog {
    let nothing = Catalog::default();
    let can_be = |one: &&Rename| rename::can_be(one.from.kind);
    let wishes = Wishes { renames: happened.iter().filter(can_be).cloned().collect(), ..Wishes::default() };
    let cx = kinds::Cx { old: catalog, new: &nothing, wishes: &wishes, fates: None };
    rename::renamed(&cx, &wishes.renames).catalog.unwrap_or_else(|| catalog.clone())
}

/// What creates an object, as it is in a catalog: the text that people compare.
pub fn definition(catalog: &Catalog, id: &Id) -> Option<String> {
    let nothing = Catalog::default();
    let fact = catalog.fact(id)?;
    let text: Vec<String> = render::written(&nothing, catalog, fact)
        .into_iter()
        .map(|sql| format!("{};", sql.step(id.clone()).sql))
        .collect();
    let invalid = id.kind == Kind::Index && fact.is("invalid");
    Some(text.join("\n") + if invalid { " -- INVALID" } else { "" })
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The steps that can be in one transaction together, or a single one that can be in none.
    pub fn parts(&self) -> Vec<&[Step]> {
        let mut parts = Vec::new();
        let mut begin = 0;
        for at in 0..self.steps.len() {
            if at > begin && self.breaks_before(begin, at) {
                parts.push(&self.steps[begin..at]);
                begin = at;
            }
        }
        if begin < self.steps.len() {
            parts.push(&self.steps[begin..]);
        }
        parts
    }

    fn breaks_before(&self, begin: usize, at: usize) -> bool {
        let step = &self.steps[at];
        let before = &self.steps[at - 1];
        !step.in_transaction
            || !before.in_transaction
            || step.ends
            || before.ends
            || self.steps[begin..at].iter().any(|earlier| step.uses_new_value_of(earlier))
    }

    /// The same without a word about what may have been renamed, where that is decided.
    #[must_use]
    pub fn decided(&self) -> Self {
        Self { steps: self.steps.iter().map(|step| Step { may_be: Vec::new(), ..step.clone() }).collect() }
    }

    /// What a script of it begins with: a function may name what is only to come.
    pub fn settings(&self) -> &'static str {
        let is_routine = |step: &Step| {
            ["FUNCTION ", "PROCEDURE "].iter().any(|word| {
                step.sql.strip_prefix("CREATE OR REPLACE ").is_some_and(|rest| rest.starts_with(word))
            })
        };
        if self.steps.iter().any(is_routine) { "SET check_function_bodies = off;\n\n" } else { "" }
    }

    /// All of it as a script for psql; several transactions are written out.
    pub fn script(&self) -> String {
        let parts = self.parts();
        let mut text = self.settings().to_owned();
        for part in &parts {
            let wrapped = parts.len() > 1 && part[0].in_transaction;
            if wrapped {
                text.push_str("BEGIN;\n\n");
            }
            for step in *part {
                text.push_str(&step.to_string());
                text.push_str(";\n\n");
            }
            if wrapped {
                text.push_str("COMMIT;\n\n");
            }
        }
        text.truncate(text.trim_end().len());
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }
}

impl Step {
    /// A hazard of it in words, and how data that it would lose may be kept.
    pub fn said(&self, hazard: &Hazard) -> String {
        if self.may_be.is_empty() || !matches!(hazard, Hazard::DataLoss { .. }) {
            return hazard.to_string();
        }
        let wishes: Vec<String> = self.may_be.iter().map(|wish| format!("`--rename '{wish}'`")).collect();
        format!("{hazard}; if it is the same under a new name, say {}", wishes.join(" or "))
    }

    /// Whether it may use what an earlier step has made and must commit before: it names it, also as an element of an array
    /// or a row, or its rows may have it because it turns a column into that type.
    fn uses_new_value_of(&self, earlier: &Self) -> bool {
        let Some(word) = earlier.commits.as_deref().filter(|_| self.commits.is_none()) else { return false };
        let retypes = self.sql.contains(&format!(" TYPE {}", earlier.about.path()));
        let bare = word.trim_start_matches('E').trim_matches('\'');
        let within = self.sql.match_indices(bare).any(|(at, _)| {
            let before = self.sql[..at].chars().next_back();
            let after = self.sql[at + bare.len()..].chars().next();
            before.is_some_and(|c| "{,(\"".contains(c)) && after.is_some_and(|c| "},)\"".contains(c))
        });
        retypes || self.sql.contains(word) || !bare.is_empty() && within
    }
}

impl fmt::Display for Step {
    /// The statement, under a comment for each hazard.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for hazard in self.hazards.iter().filter(|hazard| !matches!(hazard, Hazard::Locks { .. })) {
            writeln!(f, "-- {}: {}", hazard.word(), self.said(hazard))?;
        }
        f.write_str(&self.sql)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_value_of_an_enum_is_committed_before_anything_that_may_use_it() {
        let step = |sql: &str, commits: Option<&str>| Step {
            about: Id::new(Kind::Enum, "public", "mood", ""),
            sql: sql.to_owned(),
            hazards: Vec::new(),
            in_transaction: true,
            may_be: Vec::new(),
            commits: commits.map(str::to_owned),
            ends: false,
        };
        let check = |label: &str, sql: &str, parts: usize| {
            let added = step(&format!("ALTER TYPE public.mood ADD VALUE {label}"), Some(label));
            let plan = Plan { steps: vec![added, step(sql, None)] };
            assert_eq!(plan.parts().len(), parts, "{label} {sql}");
        };
        check("'ok'", "ALTER TABLE t ALTER m SET DEFAULT 'ok'::public.mood", 2);
        check("'ok'", "ALTER TABLE t ALTER m SET DEFAULT '{sad,ok}'::public.mood[]", 2);
        check("E'a\\\\b'", "ALTER TABLE t ALTER m SET DEFAULT E'a\\\\b'::public.mood", 2);
        check("'ok'", "ALTER TABLE t ALTER COLUMN m TYPE public.mood USING m::public.mood", 2);
        check("'ok'", "ALTER TABLE t ADD COLUMN ok public.mood", 1);
        check("'ok'", "CREATE TABLE t (m public.mood DEFAULT 'sad'::public.mood)", 1);
    }
}
