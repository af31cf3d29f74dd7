//! Which entries reach code of lesser roles, and which are guarded for it.

use std::collections::{BTreeSet, HashMap};

use super::{Trust, is_code};
use crate::engine::archive::Entry;
use crate::engine::archive::calls::{Names, runs_more};

/// What was found, by the place of each entry in the table of contents.
pub(super) struct Found {
    /// Guarded.
    pub(super) guarded: Vec<bool>,
    /// Code of lesser roles that a guarded entry reaches.
    pub(super) code: BTreeSet<usize>,
    /// The places of the entries that each one depends on.
    pub(super) dependencies: Vec<Vec<usize>>,
}

/// Follow the dependencies.
pub(super) fn close(entries: &[Entry], trust: Trust<'_>) -> Found {
    let places: HashMap<i32, usize> =
        entries.iter().enumerate().map(|(at, entry)| (entry.dump_id, at)).collect();
    let dependencies: Vec<Vec<usize>> = entries
        .iter()
        .map(|entry| entry.dependencies.iter().filter_map(|id| places.get(id).copied()).collect())
        .collect();
    let lesser = reaches(entries, &dependencies, &|entry| trust.is_lesser(&entry.owner));
    // A superuser's function may run a text that a lesser role gives it.
    let any = reaches(entries, &dependencies, &|_| true);
    let lesser_names = names(entries.iter().filter(|entry| trust.is_lesser(&entry.owner)));
    let all_names = names(entries.iter());
    let calls = |entry: &Entry| all_names.called_in(&entry.definition) || runs_more(&entry.definition);
    let seeds: Vec<bool> = entries
        .iter()
        .enumerate()
        .map(|(at, entry)| {
            evaluates(entry)
                && (lesser[at]
                    || lesser_names.called_in(&entry.definition)
                    || trust.is_lesser(&entry.owner) && (any[at] || calls(entry)))
        })
        .collect();
    let mut guarded = seeds.clone();
    loop {
        let before = guarded.iter().filter(|is| **is).count();
        for at in 0..entries.len() {
            guarded[at] |= dependencies[at].iter().any(|on| guarded[*on]);
            if guarded[at] {
                pulled(entries, &dependencies, at).into_iter().for_each(|table| guarded[table] = true);
            }
        }
        if guarded.iter().filter(|is| **is).count() == before {
            break;
        }
    }
    let code = code_of(entries, &dependencies, &seeds, &any, trust);
    Found { guarded, code, dependencies }
}

fn names<'a>(entries: impl Iterator<Item = &'a Entry>) -> Names {
    let mut names = Names::default();
    for entry in entries.filter(|entry| is_code(entry)) {
        match entry.desc.as_str() {
            "OPERATOR" => names.operator(&entry.tag),
            _ => names.routine(&entry.tag),
        }
    }
    names
}

/// Which entries are such code, or depend on it. A conversion may run a cast, so that its types reach it too.
fn reaches(entries: &[Entry], dependencies: &[Vec<usize>], is: &dyn Fn(&Entry) -> bool) -> Vec<bool> {
    let mut reach: Vec<bool> = entries.iter().map(|entry| is_code(entry) && is(entry)).collect();
    loop {
        let mut changed = false;
        for at in 0..entries.len() {
            if !reach[at] && dependencies[at].iter().any(|on| reach[*on]) {
                (reach[at], changed) = (true, true);
            }
            if reach[at] && entries[at].desc == "CAST" {
                for on in dependencies[at].iter().filter(|on| !is_code(&entries[**on])) {
                    changed |= !std::mem::replace(&mut reach[*on], true);
                }
            }
        }
        if !changed {
            return reach;
        }
    }
}

/// Whether making or filling it may evaluate an expression. What only keeps an expression (a view, a trigger, a function)
/// is guarded where it depends on a guarded entry: a constant of its type is read when the text is parsed.
fn evaluates(entry: &Entry) -> bool {
    matches!(
        entry.desc.as_str(),
        "TABLE"
            | "DOMAIN"
            // Reading a constant of a range type calls its canonical function.
            | "TYPE"
            | "TABLE ATTACH"
            | "INDEX ATTACH"
            | "INDEX"
            | "CONSTRAINT"
            | "CHECK CONSTRAINT"
            | "FK CONSTRAINT"
            | "STATISTICS"
            | "MATERIALIZED VIEW DATA"
            | "EVENT TRIGGER"
    )
}

/// The tables that must belong to the login which makes this entry.
fn pulled(entries: &[Entry], dependencies: &[Vec<usize>], at: usize) -> Vec<usize> {
    let entry = &entries[at];
    let tables = || {
        let is_one = |on: &usize| {
            let desc = entries[*on].desc.as_str();
            matches!(desc, "TABLE" | "MATERIALIZED VIEW" | "FOREIGN TABLE" | "VIEW" | "DOMAIN" | "SEQUENCE")
        };
        dependencies[at].iter().copied().filter(is_one).collect::<Vec<_>>()
    };
    match entry.desc.as_str() {
        "TABLE" if entry.definition.contains("INHERITS (") => tables(),
        // Of the two tables of a foreign key, the one that has it.
        "FK CONSTRAINT" => {
            let has_it = |on: &usize| {
                let table = &entries[*on];
                table.namespace == entry.namespace && entry.tag.starts_with(&format!("{} ", table.tag))
            };
            let own: Vec<usize> = tables().into_iter().filter(has_it).collect();
            if own.is_empty() { tables() } else { own }
        }
        "TABLE DATA"
        | "TABLE ATTACH"
        | "INDEX"
        | "INDEX ATTACH"
        | "CONSTRAINT"
        | "CHECK CONSTRAINT"
        | "STATISTICS"
        | "DEFAULT"
        | "RULE"
        | "TRIGGER"
        | "POLICY"
        | "ROW SECURITY"
        | "SEQUENCE"
        | "SEQUENCE OWNED BY"
        | "MATERIALIZED VIEW DATA" => tables(),
        _ => Vec::new(),
    }
}

/// The code of lesser roles below the entries that evaluate some (`seeds`), and those entries that call what runs a text.
fn code_of(
    entries: &[Entry],
    dependencies: &[Vec<usize>],
    seeds: &[bool],
    reaches: &[bool],
    trust: Trust<'_>,
) -> BTreeSet<usize> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<usize> = (0..entries.len()).filter(|at| seeds[*at]).collect();
    while let Some(at) = open.pop() {
        if seen.insert(at) {
            open.extend(dependencies[at].iter().copied());
        }
    }
    let is_lesser = |at: &usize| trust.is_lesser(&entries[*at].owner);
    let texts = (0..entries.len()).filter(|at| seeds[*at] && is_lesser(at) && !reaches[*at]);
    let routines = seen.into_iter().filter(|at| is_lesser(at) && is_code(&entries[*at]));
    let code: BTreeSet<usize> = routines.chain(texts).collect();
    if !code.is_empty() {
        return code;
    }
    // A superuser's table whose call of one is known by its text alone.
    (0..entries.len()).filter(|at| is_lesser(at) && is_code(&entries[*at])).collect()
}
