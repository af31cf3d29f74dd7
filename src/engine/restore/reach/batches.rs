//! Under which role each entry is loaded, and in which order.

use super::closure::Found;
use super::{Batch, Guarded, Needs, Runner, Trust, named};
use crate::engine::archive::{Entry, Section};

/// What evaluates nothing when it is made, and may need a superuser: the role that restores makes it.
fn is_inert(entry: &Entry) -> bool {
    match entry.desc.as_str() {
        // The body of `BEGIN ATOMIC` and the defaults of parameters are parsed.
        "FUNCTION" | "PROCEDURE" => !["DEFAULT", "ATOMIC"].iter().any(|word| entry.definition.contains(word)),
        "TYPE"
        | "SHELL TYPE"
        | "OPERATOR"
        | "OPERATOR CLASS"
        | "OPERATOR FAMILY"
        | "CAST"
        | "TRANSFORM"
        | "COLLATION"
        | "ACCESS METHOD"
        | "PROCEDURAL LANGUAGE"
        | "EXTENSION"
        | "SCHEMA"
        | "FOREIGN DATA WRAPPER"
        | "SERVER"
        | "USER MAPPING"
        | "PUBLICATION"
        | "SUBSCRIPTION" => true,
        _ => false,
    }
}

/// What comes last whether it is guarded or not: the rows of a materialized view may be made of guarded tables by a function,
/// and once row-level security is enabled, policies apply to an owner that FORCE includes.
fn is_always_last(entry: &Entry) -> bool {
    matches!(
        entry.desc.as_str(),
        "ROW SECURITY" | "ACL" | "DEFAULT ACL" | "MATERIALIZED VIEW DATA" | "EVENT TRIGGER"
    )
}

fn is_last(entry: &Entry) -> bool {
    matches!(
        entry.desc.as_str(),
        "COMMENT"
            | "SECURITY LABEL"
            | "PUBLICATION TABLE"
            | "PUBLICATION TABLES IN SCHEMA"
            | "SUBSCRIPTION TABLE"
    )
}

/// Under which role an entry would be loaded, were it guarded.
fn runner(entry: &Entry, trust: Trust<'_>) -> Runner {
    if is_inert(entry) || entry.owner.is_empty() {
        Runner::Admin
    } else if trust.no_owner {
        Runner::Alone(String::new())
    } else if !trust.is_lesser(&entry.owner) {
        Runner::Alone(entry.owner.clone())
    } else {
        Runner::Owner(entry.owner.clone())
    }
}

/// Divide the entries.
pub(super) fn plan(entries: &[Entry], found: &Found, trust: Trust<'_>) -> Guarded {
    let mut plan = Guarded::default();
    let mut over = Vec::new();
    let mut section = Section::PreData;
    for (at, entry) in entries.iter().enumerate() {
        // As pg_restore does: what has no section belongs to the one before.
        if entry.section != Section::None {
            section = entry.section;
        }
        if is_always_last(entry) || found.guarded[at] && is_last(entry) {
            plan.last.push(entry.dump_id);
            if entry.desc == "MATERIALIZED VIEW DATA" {
                plan.filled.push(named(entry));
            }
            let runs = matches!(entry.desc.as_str(), "MATERIALIZED VIEW DATA" | "EVENT TRIGGER");
            if runs && found.guarded[at] && !matches!(runner(entry, trust), Runner::Owner(_)) {
                plan.obstacles.push(format!(
                    "`{}` ({}) runs it as its owner, a superuser",
                    path(entry),
                    entry.desc
                ));
            }
        } else if found.guarded[at] {
            over.push((section, at));
        } else {
            plan.first.push(entry.dump_id);
        }
    }
    for section in [Section::PreData, Section::Data, Section::PostData] {
        let left = over.iter().filter(|(of, _)| *of == section).map(|(_, at)| *at).collect();
        plan.batches.extend(in_order(entries, found, trust, left));
    }
    for (_, at) in &over {
        need(&mut plan, entries, found, trust, *at);
    }
    let described =
        |at: &usize| (format!("{} {}", entries[*at].desc, path(&entries[*at])), entries[*at].owner.clone());
    plan.code = found.code.iter().map(described).collect();
    plan
}

/// As few batches as the dependencies allow.
fn in_order(entries: &[Entry], found: &Found, trust: Trust<'_>, mut left: Vec<usize>) -> Vec<Batch> {
    let mut batches = Vec::new();
    while let Some(first) = left.first() {
        let runner = runner(&entries[*first], trust);
        let (mut taken, mut rest) = (Vec::new(), Vec::new());
        let waiting: std::collections::BTreeSet<usize> = left.iter().copied().collect();
        let mut done = std::collections::BTreeSet::new();
        for at in left {
            let is_ready = found.dependencies[at].iter().all(|on| !waiting.contains(on) || done.contains(on));
            if is_ready && self::runner(&entries[at], trust) == runner {
                done.insert(at);
                taken.push(entries[at].dump_id);
            } else {
                rest.push(at);
            }
        }
        // The first in order waits for nothing, but a table of contents may say anything.
        if taken.is_empty() {
            taken = rest.drain(..).map(|at| entries[at].dump_id).collect();
        }
        batches.push(Batch { runner, entries: taken });
        left = rest;
    }
    batches
}

/// Write down what the login of this entry needs, and what stands against it.
fn need(plan: &mut Guarded, entries: &[Entry], found: &Found, trust: Trust<'_>, at: usize) {
    let entry = &entries[at];
    let by = runner(entry, trust);
    if by == Runner::Admin {
        return;
    }
    let tables = || found.dependencies[at].iter().filter(|on| entries[**on].desc == "TABLE");
    let is_child =
        entry.desc == "TABLE ATTACH" || entry.desc == "TABLE" && entry.definition.contains("INHERITS (");
    if is_child && tables().any(|on| runner(&entries[*on], trust) != by) {
        plan.obstacles.push(format!("the table `{}` and its parent belong to different roles", path(entry)));
    }
    // A login would own it until the end, and the code that runs over that login could replace it.
    let is_routine = matches!(entry.desc.as_str(), "FUNCTION" | "PROCEDURE" | "AGGREGATE");
    if is_routine && matches!(by, Runner::Alone(_)) {
        let what = format!("`{}` ({}) of a superuser has constants that it reads", path(entry), entry.desc);
        plan.obstacles.push(what);
    }
    let references: Vec<_> = match entry.desc.as_str() {
        "FK CONSTRAINT" => tables().map(|on| &entries[*on]).collect(),
        _ => Vec::new(),
    };
    let needs: &mut Needs = plan.needs.entry(by.clone()).or_default();
    needs.schemas.extend(entry.namespace.clone());
    needs.tablespaces.extend(entry.tablespace.clone());
    let others = references.into_iter().filter(|table| runner(table, trust) != by);
    needs.references.extend(others.map(named));
    match entry.desc.as_str() {
        "TABLE" | "VIEW" | "MATERIALIZED VIEW" | "SEQUENCE" | "FOREIGN TABLE" => {
            needs.servers |= entry.desc == "FOREIGN TABLE";
            needs.relations.insert(named(entry));
        }
        "FUNCTION" | "PROCEDURE" | "AGGREGATE" => needs.routines += 1,
        _ => {}
    }
}

fn path(entry: &Entry) -> String {
    match &entry.namespace {
        Some(schema) => format!("{schema}.{}", entry.tag),
        None => entry.tag.clone(),
    }
}
