//! Indexes, constraints and owned sequences that are the same but for their names.

use std::collections::BTreeMap;

use crate::engine::catalog::{Catalog, Fact, Id, Kind};
use crate::pg::ident::Tidy;

use super::Rename;

/// Only where it is clear which is which.
pub(super) fn harmless(old: &Catalog, new: &Catalog) -> Vec<Rename> {
    let (before, after) = (alike(old, new), alike(new, old));
    let mut all = Vec::new();
    for (key, was) in &before {
        if let ([was], Some([is])) = (was.as_slice(), after.get(key).map(Vec::as_slice)) {
            all.push(Rename { from: was.clone(), to: is.clone() });
        }
    }
    all
}

/// What the other has not, by all that is to be said of it but its name.
fn alike(catalog: &Catalog, other: &Catalog) -> BTreeMap<String, Vec<Id>> {
    let mut found: BTreeMap<String, Vec<Id>> = BTreeMap::new();
    for fact in catalog.facts().iter().filter(|fact| other.fact(&fact.id).is_none()) {
        if let Some(key) = likeness(catalog, fact) {
            found.entry(key).or_default().push(fact.id.clone());
        }
    }
    found
}

fn likeness(catalog: &Catalog, fact: &Fact) -> Option<String> {
    let id = &fact.id;
    if let Some(attached) = attached(catalog, fact) {
        return Some(attached);
    }
    match id.kind {
        Kind::Constraint => Some(format!("constraint {} {}", id.path(), fact.text("definition"))),
        Kind::Index => {
            let named = format!("INDEX {} ON", Tidy(&id.name));
            Some(format!("index {} {}", id.schema, fact.text("definition").replacen(&named, "INDEX ON", 1)))
        }
        Kind::Sequence if fact.is("identity") => {
            let column = catalog.hosts(id, Kind::Column).next()?;
            Some(format!("sequence {} {} {}", id.schema, column.id.path(), column.id.own()))
        }
        Kind::Sequence => {
            let owner = catalog.fact(&id.of(Kind::SequenceOwner))?;
            Some(format!("sequence {} owned by {}", id.schema, owner.text("column")))
        }
        _ => None,
    }
}

/// The one index of a partition that is attached to a certain index is that one, whatever else it is.
fn attached(catalog: &Catalog, fact: &Fact) -> Option<String> {
    let name = match fact.id.kind {
        Kind::Index => &fact.id.name,
        Kind::Constraint if matches!(fact.text("type"), "p" | "u" | "x") => &fact.id.sub,
        _ => return None,
    };
    let on = catalog.index(&Id::new(Kind::IndexPartition, &fact.id.schema, name, ""))?;
    let above = catalog.needs(on).iter().map(|(to, _)| &catalog.facts()[*to]);
    let above = above.into_iter().find(|above| above.id != fact.id && above.id.kind == fact.id.kind)?;
    let table = match fact.id.kind {
        Kind::Index => fact.text("_table").to_owned(),
        _ => fact.id.path(),
    };
    Some(format!("part of {:?} for {table} {}", above.id, above.text("definition")))
}
