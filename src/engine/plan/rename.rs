//! Renames: those that somebody asked for, and those of indexes, constraints and owned sequences, which lose nothing. They
//! come first; the rest of the plan is made from the catalog as they leave it.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::catalog::{Catalog, Fact, Id, Kind};
use crate::pg::ident::{Tidy, quoted};

use super::kinds::{keyword, object};
use super::sql::Sql;

/// Something that has another name in the new catalog.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rename {
    /// Its name in the old catalog; for an enum's label, `sub` is the label.
    pub from: Id,
    /// Its new name alone.
    pub to: String,
}

/// Why a wish for a rename makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenameError {
    /// It is no `a.b=c`.
    #[error("`{0}` does not say what is renamed to what")]
    Syntax(String),
    /// The old side has nothing of this name.
    #[error("`{0}` names nothing that there is before and not afterwards")]
    Nothing(String),
    /// The new side has nothing of the new name.
    #[error("there is no {0} afterwards")]
    NotThere(String),
    /// Several things have this name.
    #[error("`{wish}` may mean {these}")]
    Ambiguous {
        /// What was asked for.
        wish: String,
        /// What it may mean.
        these: String,
    },
}

/// Kinds whose own name can change while all else stays.
const RENAMED: [Kind; 19] = [
    Kind::Table,
    Kind::Column,
    Kind::View,
    Kind::MaterializedView,
    Kind::Sequence,
    Kind::Index,
    Kind::Constraint,
    Kind::Enum,
    Kind::Composite,
    Kind::Range,
    Kind::Domain,
    Kind::Function,
    Kind::Procedure,
    Kind::Trigger,
    Kind::Policy,
    Kind::Rule,
    Kind::Collation,
    Kind::Statistics,
    Kind::DomainConstraint,
];

impl Rename {
    /// The id afterwards.
    pub fn target(&self) -> Id {
        let mut id = self.from.clone();
        if is_part(&id) {
            id.sub = self.to.clone();
        } else {
            id.name = self.to.clone();
        }
        id
    }

    /// Read `[kind] [schema.]name[.part]=new name`.
    ///
    /// # Errors
    /// See `RenameError`.
    pub fn parse(wish: &str, old: &Catalog, new: &Catalog) -> Result<Self, RenameError> {
        let syntax = || RenameError::Syntax(wish.to_owned());
        let (kind, rest) = RENAMED
            .iter()
            .find_map(|kind| Some((Some(*kind), wish.strip_prefix(kind.noun())?.strip_prefix(' ')?)))
            .unwrap_or((None, wish));
        let (path, rest) = names(rest.trim()).ok_or_else(syntax)?;
        let to = rest.trim_start().strip_prefix('=').ok_or_else(syntax)?;
        let (to, rest) = names(to.trim()).ok_or_else(syntax)?;
        let to = to.last().cloned().filter(|_| rest.trim().is_empty()).ok_or_else(syntax)?;
        let mut found: Vec<Rename> = Vec::new();
        for fact in old.facts().iter().filter(|fact| kind.is_none_or(|kind| fact.id.kind == kind)) {
            let id = &fact.id;
            if RENAMED.contains(&id.kind) && new.fact(id).is_none() && is_meant(id, &path) {
                found.push(Self { from: id.clone(), to: to.clone() });
            }
            if id.kind == Kind::Enum && path.len() >= 2 && is_meant(id, &path[..path.len() - 1]) {
                let label = &path[path.len() - 1];
                if fact.lines("labels").any(|known| known == label) {
                    found.push(Self { from: Id { sub: label.clone(), ..id.clone() }, to: to.clone() });
                }
            }
        }
        let there: Vec<&Rename> = found.iter().filter(|rename| rename.is_there(new)).collect();
        match (there.as_slice(), found.as_slice()) {
            ([one], _) => Ok((*one).clone()),
            ([], []) => Err(RenameError::Nothing(wish.to_owned())),
            ([], [first, ..]) => Err(RenameError::NotThere(first.target().to_string())),
            (several, _) => {
                let these: Vec<String> = several.iter().map(|rename| rename.from.to_string()).collect();
                Err(RenameError::Ambiguous { wish: wish.to_owned(), these: these.join(" or ") })
            }
        }
    }

    fn is_there(&self, new: &Catalog) -> bool {
        match self.from.kind {
            Kind::Enum if !self.from.sub.is_empty() => {
                let fact = new.fact(&self.from.of(Kind::Enum));
                fact.is_some_and(|fact| fact.lines("labels").any(|label| label == self.to))
            }
            _ => new.fact(&self.target()).is_some(),
        }
    }

    fn sql(&self, old: &Catalog) -> Sql {
        let to = Tidy(&self.to);
        let id = &self.from;
        Sql::new(match id.kind {
            Kind::Column => format!("ALTER {} RENAME COLUMN {} TO {to}", table(old, id), id.own()),
            Kind::Constraint => format!("ALTER {} RENAME CONSTRAINT {} TO {to}", table(old, id), id.own()),
            Kind::DomainConstraint => {
                format!("ALTER DOMAIN {} RENAME CONSTRAINT {} TO {to}", id.path(), id.own())
            }
            Kind::Enum if !id.sub.is_empty() => {
                let literal = super::satellites::plain;
                format!("ALTER TYPE {} RENAME VALUE {} TO {}", id.path(), literal(&id.sub), literal(&self.to))
            }
            _ => match old.fact(id) {
                Some(fact) => format!("ALTER {} RENAME TO {to}", object(fact)),
                None => unreachable!("{id} is renamed and was there"),
            },
        })
    }
}

fn table(old: &Catalog, id: &Id) -> String {
    let word = old.fact(&id.of(Kind::Table)).map_or("TABLE", keyword);
    format!("{word} {}", id.path())
}

fn is_part(id: &Id) -> bool {
    let parts =
        [Kind::Column, Kind::Constraint, Kind::Trigger, Kind::Policy, Kind::Rule, Kind::DomainConstraint];
    parts.contains(&id.kind) || id.kind == Kind::Enum && !id.sub.is_empty()
}

/// Whether a path names it: its last words, the schema left out or not.
fn is_meant(id: &Id, path: &[String]) -> bool {
    let mut whole = vec![id.schema.as_str(), id.name.as_str()];
    if is_part(id) {
        whole.push(&id.sub);
    }
    let least = whole.len() - 1;
    path.len() >= least
        && path.len() <= whole.len()
        && whole.ends_with(&path.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Names with dots between, and what follows.
fn names(text: &str) -> Option<(Vec<String>, &str)> {
    let mut all = Vec::new();
    let mut rest = text;
    loop {
        let name = match quoted(rest) {
            Some((name, after)) => {
                rest = after;
                name
            }
            None => {
                let end = rest.find(['.', '=', '"']).unwrap_or(rest.len());
                let name = rest[..end].trim().to_owned();
                rest = &rest[end..];
                name
            }
        };
        if name.is_empty() {
            return None;
        }
        all.push(name);
        match rest.strip_prefix('.') {
            Some(more) => rest = more,
            None => return Some((all, rest)),
        }
    }
}

/// The statements, and the catalog as they leave it.
pub(super) fn renamed(old: &Catalog, new: &Catalog, wishes: &[Rename]) -> (Option<Catalog>, Vec<(Id, Sql)>) {
    let mut steps = Vec::new();
    let mut now: Option<Catalog> = None;
    for wish in ordered(wishes) {
        let catalog = now.as_ref().unwrap_or(old);
        // An earlier one may have renamed what it belongs to.
        let wish = follow(&wish, wishes, catalog);
        steps.push((wish.target(), wish.sql(catalog)));
        now = Some(after(catalog, &[wish]));
    }
    loop {
        let catalog = now.as_ref().unwrap_or(old);
        let own = harmless(catalog, new);
        if own.is_empty() {
            break;
        }
        steps.extend(own.iter().map(|rename| (rename.target(), rename.sql(catalog))));
        now = Some(after(catalog, &own));
    }
    (now, steps)
}

/// Tables before what belongs to them.
fn ordered(wishes: &[Rename]) -> Vec<Rename> {
    let mut all = wishes.to_vec();
    all.sort_by_key(|wish| (is_part(&wish.from), wish.clone()));
    all.dedup();
    all
}

fn follow(wish: &Rename, wishes: &[Rename], now: &Catalog) -> Rename {
    if now.fact(&wish.from).is_some() || !is_part(&wish.from) {
        return wish.clone();
    }
    let of = wishes.iter().find(|other| {
        !is_part(&other.from) && other.from.schema == wish.from.schema && other.from.name == wish.from.name
    });
    let name = of.map_or(wish.from.name.clone(), |other| other.to.clone());
    Rename { from: Id { name, ..wish.from.clone() }, to: wish.to.clone() }
}

/// Indexes, constraints and owned sequences that are the same but for their names; only where it is clear which is which,
/// and the new name is free.
fn harmless(old: &Catalog, new: &Catalog) -> Vec<Rename> {
    let alone = |catalog: &Catalog, other: &Catalog| {
        let mut alike: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let there = catalog.counterparts(other);
        for (at, fact) in catalog.facts().iter().enumerate().filter(|(at, _)| there[*at].is_none()) {
            if let Some(key) = likeness(catalog, fact) {
                alike.entry(key).or_default().push(at);
            }
        }
        alike
    };
    let (before, after) = (alone(old, new), alone(new, old));
    let pairs = before.iter().filter_map(|(key, was)| match (was.as_slice(), after.get(key)?.as_slice()) {
        ([was], [is]) => Some((&old.facts()[*was], &new.facts()[*is])),
        _ => None,
    });
    let pairs: Vec<(&Fact, &Fact)> = pairs.collect();
    if pairs.is_empty() {
        return Vec::new();
    }
    let relations: BTreeSet<(&str, &str)> = old.facts().iter().filter_map(relation).collect();
    let is_free = |is: &Fact| !relation(is).is_some_and(|name| relations.contains(&name));
    let rename = |(was, is): (&Fact, &Fact)| {
        let to = if is_part(&is.id) { &is.id.sub } else { &is.id.name };
        Rename { from: was.id.clone(), to: to.clone() }
    };
    pairs.into_iter().filter(|(_, is)| is_free(is)).map(rename).collect()
}

/// The name that it takes among relations.
fn relation(fact: &Fact) -> Option<(&str, &str)> {
    let id = &fact.id;
    match id.kind {
        Kind::Table
        | Kind::View
        | Kind::MaterializedView
        | Kind::Sequence
        | Kind::Index
        | Kind::Composite => Some((&id.schema, &id.name)),
        Kind::Constraint if matches!(fact.text("type"), "p" | "u" | "x") => Some((&id.schema, &id.sub)),
        _ => None,
    }
}

/// Everything about it but its name.
fn likeness(catalog: &Catalog, fact: &Fact) -> Option<String> {
    let id = &fact.id;
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

/// The catalog after renames: names, and the texts of whatever depends on them, as far as they can be foretold. Where they
/// cannot, the text differs from what is wanted, and is written again.
fn after(old: &Catalog, renames: &[Rename]) -> Catalog {
    let mut near: BTreeMap<Id, Vec<&Rename>> = BTreeMap::new();
    let mut named: BTreeMap<(&str, &str), Vec<&Rename>> = BTreeMap::new();
    for rename in renames {
        let from = &rename.from;
        if from.kind != Kind::Enum || from.sub.is_empty() {
            neighbours(old, from).into_iter().for_each(|id| near.entry(id).or_default().push(rename));
        }
        named.entry((&from.schema, &from.name)).or_default().push(rename);
        if from.kind == Kind::Constraint && from.sub != from.name {
            named.entry((&from.schema, &from.sub)).or_default().push(rename);
        }
    }
    old.mapped(|fact| {
        let id = &fact.id;
        let texts = near.get(id).into_iter().flatten();
        let mut changed = texts.fold(fact.clone(), |fact, rename| with_name(&fact, rename));
        for rename in named.get(&(id.schema.as_str(), id.name.as_str())).into_iter().flatten() {
            let (from, to) = (&rename.from, rename.target());
            if from.kind == Kind::Enum && !from.sub.is_empty() {
                changed = with_label(&changed, rename);
            } else if changed.id == *id {
                changed.id = renamed_id(id, from, &to);
            }
        }
        changed
    })
}

/// A type after the rename of a label; anything else stays.
fn with_label(fact: &Fact, rename: &Rename) -> Fact {
    if fact.id != rename.from.of(Kind::Enum) {
        return fact.clone();
    }
    let labels: Vec<&str> = fact
        .lines("labels")
        .map(|label| if label == rename.from.sub { rename.to.as_str() } else { label })
        .collect();
    fact.with("labels", Some(&labels.join("\n")))
}

/// The new name in the texts of what stands on it.
fn with_name(fact: &Fact, rename: &Rename) -> Fact {
    let (from, to) = (&rename.from, rename.target());
    let (word, new_word) = match is_part(from) {
        true => (from.own(), to.own()),
        false => (from.path(), to.path()),
    };
    let changed = fact.with_texts(|text| replaced(text, &word, &new_word));
    if from.kind != Kind::Index && is_part(from) {
        return changed;
    }
    let (bare, new_bare) = (Tidy(&from.name).to_string(), Tidy(&to.name).to_string());
    changed.with_texts(|text| replaced(text, &format!("INDEX {bare} ON"), &format!("INDEX {new_bare} ON")))
}

/// Itself, what depends on it or on its columns, and what belongs to it.
fn neighbours(old: &Catalog, id: &Id) -> BTreeSet<Id> {
    let mut near = BTreeSet::from([id.clone()]);
    let mut add = |id: &Id| {
        let at = old.index(id);
        near.extend(at.iter().flat_map(|at| old.needed(*at)).map(|(at, _)| old.facts()[*at].id.clone()));
    };
    add(id);
    if id.kind == Kind::Table {
        let parts: Vec<Id> = old
            .parts(id, Kind::Column)
            .chain(old.parts(id, Kind::Constraint))
            .map(|fact| fact.id.clone())
            .collect();
        parts.iter().for_each(add);
    }
    near
}

fn renamed_id(id: &Id, from: &Id, to: &Id) -> Id {
    if id == from {
        return to.clone();
    }
    let same_table = id.schema == from.schema && id.name == from.name;
    let of_table = [
        Kind::Column,
        Kind::Default,
        Kind::Constraint,
        Kind::Trigger,
        Kind::Policy,
        Kind::Rule,
        Kind::Partition,
        Kind::PublicationTable,
    ];
    match from.kind {
        Kind::Table | Kind::View | Kind::MaterializedView if same_table && of_table.contains(&id.kind) => {
            Id { name: to.name.clone(), ..id.clone() }
        }
        Kind::Column if same_table && id.kind == Kind::Default && id.sub == from.sub => {
            Id { sub: to.sub.clone(), ..id.clone() }
        }
        Kind::Sequence if same_table && id.kind == Kind::SequenceOwner => {
            Id { name: to.name.clone(), ..id.clone() }
        }
        Kind::Index if same_table && id.kind == Kind::IndexPartition => {
            Id { name: to.name.clone(), ..id.clone() }
        }
        Kind::Constraint
            if id.kind == Kind::IndexPartition && id.schema == from.schema && id.name == from.sub =>
        {
            Id { name: to.sub.clone(), ..id.clone() }
        }
        Kind::Domain if same_table && id.kind == Kind::DomainConstraint => {
            Id { name: to.name.clone(), ..id.clone() }
        }
        _ => id.clone(),
    }
}

/// Every whole occurrence of a name.
fn replaced(text: &str, word: &str, by: &str) -> String {
    let joins = |c: char| c.is_alphanumeric() || c == '_' || c == '$' || c == '"';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, found) = rest.split_at(at);
        let after = &found[word.len()..];
        let is_whole =
            !before.chars().next_back().is_some_and(joins) && !after.chars().next().is_some_and(joins);
        out.push_str(before);
        out.push_str(if is_whole { by } else { word });
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_with_and_without_quotes() {
        let check = |text: &str, path: &[&str]| {
            let (found, rest) = names(text).unwrap();
            assert_eq!((found.iter().map(String::as_str).collect::<Vec<_>>(), rest), (path.to_vec(), "=x"));
        };
        check("t.a=x", &["t", "a"]);
        check("\"T.x\".\"a=b\"=x", &["T.x", "a=b"]);
        assert_eq!((names(""), names("a.")), (None, None));
    }

    #[test]
    fn only_whole_names_are_replaced() {
        let check = |text: &str, wanted: &str| assert_eq!(replaced(text, "a", "b"), wanted);
        check("CHECK ((a > 0))", "CHECK ((b > 0))");
        check("ab + t.a + \"a\" + a_", "ab + t.b + \"a\" + a_");
    }
}
