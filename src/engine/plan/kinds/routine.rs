//! Functions, procedures, aggregates, window functions.

use std::collections::{BTreeSet, HashMap};

use crate::engine::catalog::{Fact, Id, Kind};

use super::super::fate::{Fate, Fates};
use super::super::graph::{Act, Need};
use super::super::sql::{Change, Sql};
use super::{Cx, Rules};

pub(super) struct Routine;

impl Rules for Routine {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        vec![Sql::new(fact.text("definition"))]
    }

    fn alter(&self, cx: &Cx<'_>, was: &Fact, is: &Fact, _: &[&str]) -> Change {
        if can_be_replaced(was, is) { Change::InPlace(self.create(cx, is, &[])) } else { Change::Replace }
    }
}

/// Whether CREATE OR REPLACE takes it (docs, CREATE FUNCTION, "Notes"; `ProcedureCreate`).
fn can_be_replaced(was: &Fact, is: &Fact) -> bool {
    let same = |name: &str| was.get(name) == is.get(name);
    let defaults = |fact: &Fact| fact.text("_defaults").parse::<u32>().unwrap_or(0);
    // The type of a default may differ only where the parameter's can.
    let polymorphic = is.text("_types").contains("any") && defaults(was) > 0 && !same("_arguments");
    same("_window")
        && same("_result")
        && same("_outs")
        && are_names_kept(was, is)
        && defaults(was) <= defaults(is)
        && !polymorphic
}

/// A parameter may get a name, and not another one.
fn are_names_kept(was: &Fact, is: &Fact) -> bool {
    let after: Vec<&str> = is.text("_names").split('\n').collect();
    let before = was.text("_names").split('\n').enumerate();
    before.filter(|(_, name)| !name.is_empty()).all(|(at, name)| after.get(at) == Some(&name))
}

pub(super) struct Aggregate;

impl Rules for Aggregate {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        vec![Sql::new(aggregate("CREATE AGGREGATE", fact))]
    }

    fn alter(&self, _: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        let same = |name: &str| was.get(name) == is.get(name);
        if attributes != ["definition"] || !same("_kind") || !same("_result") {
            return Change::Replace;
        }
        Change::InPlace(vec![Sql::new(aggregate("CREATE OR REPLACE AGGREGATE", is))])
    }
}

fn aggregate(what: &str, fact: &Fact) -> String {
    format!("{what} {}({}) (\n    {}\n)", fact.id.path(), fact.text("arguments"), fact.text("definition"))
}

/// What a body names comes first where that can be: PostgreSQL does not look into bodies that are strings, but whoever
/// calls the function while the plan runs (an index, a materialized view, a default of a new column) does.
pub(super) fn needs(cx: &Cx<'_>, fates: &Fates, all: &mut Vec<(Act, Act, Need)>) {
    let acts: Vec<(Act, &Fact)> =
        (0..cx.new.facts().len()).filter_map(|at| Some((made(fates, at)?, &cx.new.facts()[at]))).collect();
    overloads(cx, fates, all);
    upserts(cx, fates, all);
    let mut named: HashMap<&str, Vec<(Act, &Fact)>> = HashMap::new();
    for (act, fact) in acts.iter().filter(|(_, fact)| is_callable(fact.id.kind)) {
        named.entry(&fact.id.name).or_default().push((*act, fact));
    }
    for (act, fact) in acts {
        if !matches!(fact.id.kind, Kind::Function | Kind::Procedure) {
            continue;
        }
        for word in words(fact.text("_body")) {
            let others = named.get(word).into_iter().flatten();
            all.extend(
                others.filter(|(other, _)| *other != act).map(|(other, _)| (act, *other, Need::Rather)),
            );
        }
    }
}

/// Whether a compiled body has INSERT … ON CONFLICT, which depends on every column of its table (`EXCLUDED`).
pub(super) fn is_upsert(fact: &Fact) -> bool {
    let is_compiled = || fact.id.kind == Kind::Rule || fact.get("_body").is_none();
    matches!(fact.id.kind, Kind::Function | Kind::Procedure | Kind::Rule)
        && is_compiled()
        && fact.text("definition").contains(" ON CONFLICT")
}

/// Such a body comes once the columns have gone that it would depend on.
fn upserts(cx: &Cx<'_>, fates: &Fates, all: &mut Vec<(Act, Act, Need)>) {
    for (at, _) in cx.new.facts().iter().enumerate().filter(|(_, fact)| is_upsert(fact)) {
        let Some(act) = made(fates, at) else { continue };
        let columns = cx.new.needs(at).iter().map(|(to, _)| &cx.new.facts()[*to].id);
        let tables: BTreeSet<Id> = columns
            .filter(|column| column.kind == Kind::Column)
            .map(|column| column.of(Kind::Table))
            .collect();
        for column in tables.iter().flat_map(|table| cx.old.parts(table, Kind::Column)) {
            all.extend(cx.old.index(&column.id).map(|gone| (act, Act::Drop(gone), Need::Rather)));
        }
    }
}

/// While two routines of one name are there, a call may fit both.
fn overloads(cx: &Cx<'_>, fates: &Fates, all: &mut Vec<(Act, Act, Need)>) {
    let is_routine = |fact: &Fact| matches!(fact.id.kind, Kind::Function | Kind::Procedure | Kind::Aggregate);
    let mut gone: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (at, fact) in cx.old.facts().iter().enumerate() {
        if is_routine(fact) && fates.old[at].ends() {
            gone.entry((&fact.id.schema, &fact.id.name)).or_default().push(at);
        }
    }
    let extensions: Vec<usize> = (0..cx.old.facts().len())
        .filter(|at| cx.old.facts()[*at].id.kind == Kind::Extension && fates.old[*at].ends())
        .collect();
    for (at, fact) in cx.new.facts().iter().enumerate() {
        if is_routine(fact) && fates.is_created(at) {
            // CREATE OR REPLACE would take over the extension's own.
            all.extend(extensions.iter().map(|old| (Act::Create(at), Act::Drop(*old), Need::Rather)));
            let before = gone.get(&(fact.id.schema.as_str(), fact.id.name.as_str()));
            all.extend(
                before.into_iter().flatten().map(|old| (Act::Create(at), Act::Drop(*old), Need::Rather)),
            );
        }
    }
}

/// The act that brings a fact of the new catalog about.
fn made(fates: &Fates, at: usize) -> Option<Act> {
    if fates.is_created(at) {
        return Some(Act::Create(at));
    }
    let before = fates.before[at]?;
    matches!(fates.old[before], Fate::Altered(..)).then_some(Act::Alter(before))
}

fn is_callable(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Function
            | Kind::Procedure
            | Kind::Aggregate
            | Kind::Table
            | Kind::View
            | Kind::MaterializedView
            | Kind::Sequence
            | Kind::Enum
            | Kind::Composite
            | Kind::Domain
    )
}

/// The names in a text, quoted or not; once each.
fn words(text: &str) -> Vec<&str> {
    let plain = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
    let mut all: Vec<&str> =
        plain.chain(text.split('"').skip(1).step_by(2)).filter(|word| !word.is_empty()).collect();
    all.sort_unstable();
    all.dedup();
    all
}
