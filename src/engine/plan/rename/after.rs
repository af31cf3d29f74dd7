//! The catalog as a rename leaves it: names, and the texts of whatever depends on them, as far as they can be foretold.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::catalog::{Catalog, Fact, Id, Kind};
use crate::pg::ident::Tidy;

use super::super::kinds::not_null;
use super::super::satellites::plain;
use super::words::{At, after_word, column, edited, label, path, qualifier, query};
use super::{is_label, is_part};

/// Attributes that are people's own words, or no SQL.
const OTHER: [&str; 9] =
    ["comment", "owner", "acl", "column_comments", "column_acl", "labels", "options", "_body", "enabled"];
/// Attributes in which columns are named.
const WITH_COLUMNS: [&str; 6] =
    ["definition", "expression", "using", "with_check", "condition", "partition_key"];

/// The catalog after one statement that renames something, or moves it into another schema.
pub(super) fn after(old: &Catalog, from: &Id, to: &Id) -> Catalog {
    match from.kind {
        Kind::Enum if is_label(from) => with_label(old, from, to),
        Kind::Schema => with_schema(old, from, to),
        Kind::Column => with_column(old, from, to),
        _ if is_part(from) => with_part(old, from, to),
        _ => with_object(old, from, to),
    }
}

/// What goes along when a relation moves into another schema, beyond what is named by it (docs, ALTER TABLE, SET SCHEMA).
pub(super) fn companions(catalog: &Catalog, from: &Id) -> Vec<Id> {
    let is_relation = matches!(from.kind, Kind::Table | Kind::MaterializedView);
    let mut all = BTreeSet::new();
    for fact in catalog.facts().iter().filter(|_| is_relation) {
        let columns = || catalog.hosts(&fact.id, Kind::Column).any(|column| column.id.of(from.kind) == *from);
        match fact.id.kind {
            Kind::Index if fact.text("_table") == from.path() => all.insert(fact.id.clone()),
            Kind::SequenceOwner if columns() => all.insert(fact.id.of(Kind::Sequence)),
            Kind::Sequence if fact.is("identity") && columns() => all.insert(fact.id.clone()),
            _ => continue,
        };
    }
    all.into_iter().collect()
}

/// The name of something after something else was renamed, as far as the names alone tell.
pub(super) fn renamed_id(id: &Id, from: &Id, to: &Id) -> Id {
    if id == from {
        return to.clone();
    }
    let same = id.schema == from.schema && id.name == from.name;
    let of_relation = [
        Kind::Column,
        Kind::Default,
        Kind::Constraint,
        Kind::Trigger,
        Kind::Policy,
        Kind::Rule,
        Kind::Partition,
        Kind::PublicationTable,
    ];
    let moved = Id { schema: to.schema.clone(), name: to.name.clone(), ..id.clone() };
    match from.kind {
        Kind::Schema if id.kind == Kind::PublicationSchema && id.name == from.name => {
            Id { name: to.name.clone(), ..id.clone() }
        }
        Kind::Schema if id.schema == from.name => Id { schema: to.name.clone(), ..id.clone() },
        Kind::Table | Kind::View | Kind::MaterializedView if same && of_relation.contains(&id.kind) => moved,
        Kind::Column if same && id.kind == Kind::Default && id.sub == from.sub => {
            Id { sub: to.sub.clone(), ..id.clone() }
        }
        Kind::Sequence if same && id.kind == Kind::SequenceOwner => moved,
        Kind::Index if same && id.kind == Kind::IndexPartition => moved,
        Kind::Domain if same && id.kind == Kind::DomainConstraint => moved,
        Kind::Enum if same && !is_label(from) && is_label(id) => moved,
        _ => id.clone(),
    }
}

type Edit<'a> = &'a dyn Fn(At<'_>) -> Option<(usize, String)>;

/// The fact with the names in its texts replaced, and the types in the names of routines, operators and casts.
fn rewritten(fact: &Fact, edit: Edit<'_>) -> Fact {
    let mut fact = with_types(fact, edit);
    let names: Vec<String> = fact.names().filter(|name| !OTHER.contains(name)).map(str::to_owned).collect();
    for name in names {
        let changed = fact.get(&name).map(|text| edited(text, edit));
        fact = fact.with(&name, changed.as_deref());
    }
    fact
}

fn with_types(fact: &Fact, edit: Edit<'_>) -> Fact {
    let mut fact = fact.clone();
    match fact.id.kind {
        Kind::Function | Kind::Procedure | Kind::Aggregate | Kind::Operator => {
            fact.id.sub = edited(&fact.id.sub, edit);
        }
        Kind::Cast | Kind::Transform => fact.id.name = edited(&fact.id.name, edit),
        _ => {}
    }
    fact
}

fn exactly(fact: Fact, name: &str, from: &str, to: &str) -> Fact {
    let is_here = fact.names().any(|known| known == name) && fact.get(name) == Some(from);
    if is_here { fact.with(name, Some(to)) } else { fact }
}

fn with_label(old: &Catalog, from: &Id, to: &Id) -> Catalog {
    let of = from.of(Kind::Enum);
    let near = neighbours(old, &of);
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t");
    let edit = label(&of, plain(&from.sub), plain(&to.sub));
    old.mapped(|fact| {
        if fact.id == of {
            let labels = fact.lines("labels");
            let labels: Vec<String> = labels
                .map(|label| if label == escaped(&from.sub) { escaped(&to.sub) } else { label.to_owned() })
                .collect();
            return fact.with("labels", Some(&labels.join("\n")));
        }
        if near.contains(&fact.id) { rewritten(fact, &edit) } else { fact.clone() }
    })
}

fn with_schema(old: &Catalog, from: &Id, to: &Id) -> Catalog {
    let edit = qualifier(&from.name, &to.name);
    old.mapped(|fact| {
        let mut fact = rewritten(fact, &edit);
        for name in ["_table_schema", "_multirange_schema"] {
            fact = exactly(fact, name, &from.name, &to.name);
        }
        fact = exactly(fact, "in_schema", &Tidy(&from.name).to_string(), &Tidy(&to.name).to_string());
        fact.id = renamed_id(&fact.id, from, to);
        fact
    })
}

/// The column in the table and in those that inherit it.
fn with_column(old: &Catalog, from: &Id, to: &Id) -> Catalog {
    let mut columns = vec![from.clone()];
    let mut at = 0;
    while at < columns.len() {
        let below = old.parts(&columns[at], Kind::Column);
        let below = below.filter(|fact| fact.id.sub == from.sub && fact.id.name != columns[at].name);
        let below: Vec<Id> = below.map(|fact| fact.id.clone()).collect();
        columns.extend(below.into_iter().filter(|id| !columns.contains(id)).collect::<Vec<_>>());
        at += 1;
    }
    let targets: BTreeMap<Id, Id> =
        columns.iter().map(|id| (id.clone(), Id { sub: to.sub.clone(), ..id.clone() })).collect();
    let mut near = BTreeSet::new();
    for column in &columns {
        near.extend(neighbours(old, column));
        near.insert(column.of(Kind::Table));
        near.extend(old.parts(&column.of(Kind::Table), Kind::Constraint).map(|fact| fact.id.clone()));
    }
    let edit = column(&from.sub, &to.sub);
    let is_of =
        |id: &Id| targets.contains_key(&Id { kind: Kind::Column, sub: from.sub.clone(), ..id.clone() });
    old.mapped(|fact| {
        let mut fact = fact.clone();
        for name in WITH_COLUMNS {
            let Some(text) = fact.names().any(|known| known == name).then(|| fact.get(name)).flatten() else {
                continue;
            };
            if !near.contains(&fact.id) {
                continue;
            }
            let changed = match fact.id.kind {
                Kind::View | Kind::MaterializedView => query(text, &from.sub, &to.sub),
                Kind::Constraint if fact.text("type") == "f" => {
                    let of = fact.text("_references").to_owned();
                    foreign_key(text, is_of(&fact.id), columns.iter().any(|id| id.path() == of), &edit)
                }
                // What comes before the body are the function's own names.
                Kind::Function | Kind::Procedure => body(text, &edit),
                _ => edited(text, &edit),
            };
            fact = fact.with(name, Some(&changed));
        }
        let raw = match fact.id.kind {
            Kind::Constraint => Some("_columns"),
            Kind::PublicationTable => Some("columns"),
            _ => None,
        };
        if let Some(raw) = raw.filter(|raw| is_of(&fact.id) && fact.get(raw).is_some()) {
            let lines: Vec<&str> =
                fact.lines(raw).map(|line| if line == from.sub { to.sub.as_str() } else { line }).collect();
            let lines = lines.join("\n");
            fact = fact.with(raw, Some(&lines));
        }
        if fact.id.kind == Kind::SequenceOwner {
            for (was, is) in &targets {
                let whole = |id: &Id| format!("{}.{}", id.path(), id.own());
                fact = exactly(fact, "column", &whole(was), &whole(is));
            }
        }
        for (was, is) in &targets {
            fact.id = renamed_id(&fact.id, was, is);
        }
        fact
    })
}

fn foreign_key(text: &str, of_this: bool, of_other: bool, edit: Edit<'_>) -> String {
    let Some((own, other)) = text.split_once(" REFERENCES ") else { return text.to_owned() };
    let own = if of_this { edited(own, edit) } else { own.to_owned() };
    let other = if of_other { edited(other, edit) } else { other.to_owned() };
    format!("{own} REFERENCES {other}")
}

fn body(text: &str, edit: Edit<'_>) -> String {
    let begin = ["\nBEGIN ATOMIC", "\nRETURN "].iter().filter_map(|word| text.find(word)).min();
    let (head, body) = text.split_at(begin.unwrap_or(text.len()));
    format!("{head}{}", edited(body, edit))
}

/// The name of a NOT NULL constraint, in the table and in those below it, or of a domain.
pub(super) fn with_not_null(old: &Catalog, of: &Id, (from, to): &(String, String)) -> Catalog {
    let mut all = descendants(old, &of.of(Kind::Table));
    all.push(of.clone());
    old.mapped(|fact| {
        let is_meant = match fact.id.kind {
            Kind::Column => all.contains(&fact.id.of(Kind::Table)),
            Kind::Domain => fact.id == *of,
            _ => false,
        };
        if !is_meant || not_null::name(fact) != Some(from) {
            return fact.clone();
        }
        let has_name = fact.id.kind == Kind::Domain || !fact.is("_not_null_inherited");
        let name = Some(to.as_str()).filter(|to| has_name && *to != not_null::usual(&fact.id));
        fact.with("_not_null_constraint", Some(to)).with("not_null_name", name)
    })
}

/// A constraint, trigger, policy, rule.
fn with_part(old: &Catalog, from: &Id, to: &Id) -> Catalog {
    let mut all = vec![(from.clone(), to.clone())];
    let is_check = |fact: &Fact| fact.text("type") == "c" && !fact.is("_no_inherit");
    if from.kind == Kind::Constraint && old.fact(from).is_some_and(is_check) {
        let below = descendants(old, &from.of(Kind::Table)).into_iter();
        let same = below.map(|table| Id { kind: Kind::Constraint, sub: from.sub.clone(), ..table });
        all.extend(
            same.filter(|id| old.fact(id).is_some_and(|fact| fact.is("_inherited")))
                .map(|id| (id.clone(), Id { sub: to.sub.clone(), ..id })),
        );
    }
    let word = if from.kind == Kind::Rule { "RULE" } else { "TRIGGER" };
    let edit = after_word(word, &from.sub, &to.sub);
    let mapped = old.mapped(|fact| {
        let mut fact = fact.clone();
        if fact.id == *from && matches!(from.kind, Kind::Rule | Kind::Trigger) {
            fact = fact.with("definition", Some(&edited(fact.text("definition"), &edit)));
        }
        for (was, is) in &all {
            fact.id = renamed_id(&fact.id, was, is);
        }
        fact
    });
    if from.kind == Kind::Constraint {
        return with_index(&mapped, (&from.schema, &from.sub), (&to.schema, &to.sub));
    }
    mapped
}

/// What is said of an index where it is attached.
fn with_index(old: &Catalog, from: (&str, &str), to: (&str, &str)) -> Catalog {
    let is = |pair: (&str, &str)| Id::new(Kind::IndexPartition, pair.0, pair.1, "");
    let (was, is) = (is(from), is(to));
    old.mapped(|fact| {
        let mut fact = fact.clone();
        if fact.id.kind == Kind::IndexPartition {
            fact = exactly(fact, "parent", &was.path(), &is.path());
        }
        fact.id = renamed_id(&fact.id, &was, &is);
        fact
    })
}

fn descendants(old: &Catalog, table: &Id) -> Vec<Id> {
    let mut all = vec![table.clone()];
    let mut at = 0;
    while at < all.len() {
        let inherit = old.parts(&all[at], Kind::Table).map(|fact| fact.id.clone());
        let partitions = old.parts(&all[at], Kind::Partition).map(|fact| fact.id.of(Kind::Table));
        let below: Vec<Id> = inherit.chain(partitions).filter(|id| !all.contains(id)).collect();
        all.extend(below);
        at += 1;
    }
    all.split_off(1)
}

/// A relation, type, routine or another thing with a name of its own.
fn with_object(old: &Catalog, from: &Id, to: &Id) -> Catalog {
    let near = neighbours(old, from);
    let companions = if from.schema == to.schema { Vec::new() } else { companions(old, from) };
    let whole = path(from, to);
    let bare = qualifier(&from.name, &to.name);
    let own = after_word("INDEX", &from.name, &to.name);
    let is_relation = matches!(from.kind, Kind::Table | Kind::View | Kind::MaterializedView);
    let mut now = old.mapped(|fact| {
        let mut fact = fact.clone();
        if near.contains(&fact.id) || fact.id == *from {
            fact = rewritten(&fact, &whole);
            let is_query =
                matches!(fact.id.kind, Kind::View | Kind::MaterializedView | Kind::Rule | Kind::Policy);
            if is_relation && is_query {
                fact = rewritten(&fact, &bare);
            }
        }
        if fact.id == *from && from.kind == Kind::Index {
            fact = rewritten(&fact, &own);
        }
        if fact.id.kind == Kind::Index && fact.text("_table") == to.path() && is_relation {
            fact = fact.with("_table_name", Some(&to.name)).with("_table_schema", Some(&to.schema));
        }
        fact.id = renamed_id(&fact.id, from, to);
        fact
    });
    if from.kind == Kind::Index {
        now = with_index(&now, (&from.schema, &from.name), (&to.schema, &to.name));
    }
    if from.schema != to.schema && is_relation {
        let constraints: Vec<Id> = now.parts(to, Kind::Constraint).map(|fact| fact.id.clone()).collect();
        for id in constraints {
            now = with_index(&now, (&from.schema, &id.sub), (&to.schema, &id.sub));
        }
    }
    if from.schema != to.schema {
        let schema = |name: &str| Id::new(Kind::Schema, "", name, "");
        let moved: BTreeSet<Id> = old.facts().iter().map(|fact| renamed_id(&fact.id, from, to)).collect();
        let is_moved = |id: &Id| moved.contains(id) && id.schema == to.schema && old.fact(id).is_none();
        now = now.moved(is_moved, &schema(&from.schema), &schema(&to.schema));
    }
    for id in companions {
        let moved = Id { schema: to.schema.clone(), ..id.clone() };
        now = with_object(&now, &id, &moved);
    }
    now
}

/// What depends on it or on what belongs to it, and what belongs to it.
fn neighbours(old: &Catalog, id: &Id) -> BTreeSet<Id> {
    let mut near = BTreeSet::new();
    let mut add = |id: &Id| {
        let at = old.index(id);
        near.extend(at.iter().flat_map(|at| old.needed(*at)).map(|(at, _)| old.facts()[*at].id.clone()));
    };
    add(id);
    if matches!(id.kind, Kind::Table | Kind::Sequence | Kind::Index) {
        let kinds = [Kind::Column, Kind::Constraint, Kind::Partition, Kind::SequenceOwner];
        for kind in kinds {
            let parts: Vec<Id> = old.parts(id, kind).map(|fact| fact.id.clone()).collect();
            parts.iter().for_each(&mut add);
        }
    }
    near
}
