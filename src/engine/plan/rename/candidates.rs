//! What goes and comes and may be the same under a new name. Nobody but people can know; a plan only says so.

use std::collections::BTreeMap;

use crate::engine::catalog::{Catalog, Fact, Id, Kind, unescaped};

use super::super::Step;
use super::super::hazard::Hazard;
use super::words::{after_word, edited, path};
use super::{Rename, is_routine};

/// Something that may have been renamed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// From what to what; shown as `--rename` takes it.
    pub rename: Rename,
    /// Whether nothing else could be either of them.
    pub is_only: bool,
}

/// All of them: columns of one table, tables, types, routines, and labels at the same place of an enum.
pub fn candidates(old: &Catalog, new: &Catalog) -> Vec<Candidate> {
    let (before, after) = (alike(old, new), alike(new, old));
    let mut all = Vec::new();
    for (key, was) in &before {
        let Some(is) = after.get(key) else { continue };
        let is_only = was.len() == 1 && is.len() == 1;
        for from in was {
            let each = is.iter().map(|to| Rename { from: from.clone(), to: to.clone() });
            all.extend(each.map(|rename| Candidate { rename, is_only }));
        }
    }
    for fact in old.facts().iter().filter(|fact| fact.id.kind == Kind::Enum) {
        all.extend(new.fact(&fact.id).map(|is| labels(fact, is)).unwrap_or_default());
    }
    all.sort_by(|a, b| a.rename.cmp(&b.rename));
    all
}

/// Say so where data would be lost.
pub(in super::super) fn tell(steps: &mut [Step], old: &Catalog, new: &Catalog) {
    let is_lost = |hazard: &Hazard| matches!(hazard, Hazard::DataLoss { .. });
    if !steps.iter().flat_map(|step| &step.hazards).any(is_lost) {
        return;
    }
    let all = candidates(old, new);
    for step in steps {
        let mine = all.iter().filter(|candidate| {
            let from = &candidate.rename.from;
            *from == step.about || from.kind == Kind::Enum && from.of(Kind::Enum) == step.about
        });
        step.may_be = mine.map(|candidate| candidate.rename.clone()).collect();
    }
}

fn alike(catalog: &Catalog, other: &Catalog) -> BTreeMap<String, Vec<Id>> {
    let mut found: BTreeMap<String, Vec<Id>> = BTreeMap::new();
    for fact in catalog.facts().iter().filter(|fact| other.fact(&fact.id).is_none()) {
        if let Some(key) = likeness(catalog, other, fact) {
            found.entry(key).or_default().push(fact.id.clone());
        }
    }
    found
}

fn likeness(catalog: &Catalog, other: &Catalog, fact: &Fact) -> Option<String> {
    let id = &fact.id;
    let nameless = Id { name: String::new(), ..id.clone() };
    match id.kind {
        Kind::Column if other.fact(&id.of(Kind::Table)).is_some() => {
            Some(format!("column {} {}", id.path(), column(catalog, fact)))
        }
        Kind::Table => {
            let mut columns: Vec<&Fact> = catalog.parts(id, Kind::Column).collect();
            columns.sort_by_key(|column| column.text("_position").parse::<i32>().unwrap_or(0));
            let columns: Vec<String> = columns
                .iter()
                .map(|fact| format!("{} {}", fact.id.own(), column(catalog, fact).replace(&id.name, "")))
                .collect();
            let kind = fact.text("type");
            (!columns.is_empty()).then(|| format!("table {} {kind} {}", id.schema, columns.join(", ")))
        }
        Kind::Enum | Kind::Composite | Kind::Range | Kind::Domain => {
            Some(format!("type {} {:?} {}", id.schema, id.kind, attributes(fact)))
        }
        kind if is_routine(kind) => {
            let unnamed = edited(fact.text("definition"), &path(id, &Id { name: "f".into(), ..id.clone() }));
            Some(format!("routine {} {} {unnamed}", id.schema, id.sub))
        }
        Kind::Trigger | Kind::Rule if other.fact(&id.of(Kind::Table)).is_some() => {
            let word = if id.kind == Kind::Rule { "RULE" } else { "TRIGGER" };
            let text = edited(fact.text("definition"), &after_word(word, &id.sub, ""));
            Some(format!("{:?} {} {text}", id.kind, id.path()))
        }
        Kind::View | Kind::MaterializedView => Some(format!("{nameless:?} {}", attributes(fact))),
        _ => None,
    }
}

/// Its type, whether it may be null, and its default.
fn column(catalog: &Catalog, fact: &Fact) -> String {
    let default = catalog.parts(&fact.id, Kind::Default).next().map(|default| default.text("expression"));
    // The sequence of a serial column is named by it.
    let default = default.map(|text| text.replace(&format!("_{}_", fact.id.sub), "__"));
    let parts = ["type", "not_null", "identity", "generated", "expression"].map(|name| fact.text(name));
    format!("{parts:?} {default:?}")
}

fn attributes(fact: &Fact) -> String {
    let compared = fact
        .attributes()
        .filter(|(name, _)| !["comment", "owner", "acl", "column_acl", "column_comments"].contains(name));
    format!("{:?}", compared.collect::<Vec<_>>())
}

/// Labels that stand where another stood.
fn labels(was: &Fact, is: &Fact) -> Vec<Candidate> {
    let (before, after): (Vec<&str>, Vec<&str>) =
        (was.lines("labels").collect(), is.lines("labels").collect());
    if before.len() != after.len() {
        return Vec::new();
    }
    let label = |text: &str| Id { sub: unescaped(text), ..was.id.clone() };
    let pairs = before.iter().zip(&after).filter(|(was, is)| !after.contains(was) && !before.contains(is));
    pairs
        .map(|(was, is)| Candidate { rename: Rename { from: label(was), to: label(is) }, is_only: true })
        .collect()
}
