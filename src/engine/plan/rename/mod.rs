//! Renames: those that somebody asked for, and those of indexes, constraints and owned sequences, which lose nothing. They
//! come first; the rest of the plan is made from the catalog as they leave it. This file: what a wish means.

mod after;
mod candidates;
mod hint;
mod likeness;
mod steps;
mod words;

use std::fmt;

use crate::engine::catalog::{Catalog, Fact, Id, Kind};
use crate::pg::ident::{Tidy, quoted};

pub(super) use candidates::tell;
pub use candidates::{Candidate, candidates};
pub use hint::hints;
pub(super) use steps::renamed;

/// Something that has another name in the new catalog.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rename {
    /// Its name in the old catalog; for an enum's label, `sub` is the label.
    pub from: Id,
    /// Its name in the new one.
    pub to: Id,
}

/// Why a wish for a rename makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenameError {
    /// It is no `a.b=c`.
    #[error("`{0}` does not say what is renamed to what")]
    Syntax(String),
    /// The old side has nothing of this name.
    #[error("`{0}` names nothing that there is before")]
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

/// Kinds that can have another name while all else stays, each with what people may call it.
const RENAMED: [(Kind, &[&str]); 27] = [
    (Kind::Schema, &[]),
    (Kind::Table, &["foreign table"]),
    (Kind::Column, &[]),
    (Kind::View, &[]),
    (Kind::MaterializedView, &[]),
    (Kind::Sequence, &[]),
    (Kind::Index, &[]),
    (Kind::Constraint, &[]),
    (Kind::Enum, &["type", "value", "label"]),
    (Kind::Composite, &["type"]),
    (Kind::Range, &["type"]),
    (Kind::BaseType, &["type"]),
    (Kind::Domain, &["type"]),
    (Kind::DomainConstraint, &["constraint"]),
    (Kind::Function, &["routine"]),
    (Kind::Procedure, &["routine"]),
    (Kind::Aggregate, &["routine"]),
    (Kind::Trigger, &[]),
    (Kind::Policy, &[]),
    (Kind::Rule, &[]),
    (Kind::Collation, &[]),
    (Kind::Conversion, &[]),
    (Kind::Statistics, &["statistics"]),
    (Kind::TextSearchParser, &[]),
    (Kind::TextSearchTemplate, &[]),
    (Kind::TextSearchDictionary, &[]),
    (Kind::TextSearchConfiguration, &[]),
];

/// Whether things of this kind can have another name while all else stays.
pub(super) fn can_be(kind: Kind) -> bool {
    RENAMED.iter().any(|(known, _)| *known == kind)
}

impl Rename {
    /// Read wishes of the form `[kind] [schema.]name[.part]=[schema.]new name`. They are read together: a column may be named
    /// by its table's old name or new one, and a name may be taken from what gets another.
    ///
    /// # Errors
    /// See `RenameError`.
    pub fn parse_all(wishes: &[String], old: &Catalog, new: &Catalog) -> Result<Vec<Self>, RenameError> {
        let wishes: Vec<Wish<'_>> = wishes.iter().map(|wish| Wish::read(wish)).collect::<Result<_, _>>()?;
        let (found, mut errors) = together(&wishes, old, new);
        if errors.is_empty() { Ok(found) } else { Err(errors.swap_remove(0)) }
    }

    /// What of the hints in a schema's files is still to be done: they stay there when all has its new name, and whatever
    /// does not fit the old catalog means nothing.
    pub fn hinted(hints: &[String], old: &Catalog, new: &Catalog) -> Vec<Self> {
        let wishes: Vec<Wish<'_>> = hints.iter().filter_map(|hint| Wish::read(hint).ok()).collect();
        let (mut found, _) = together(&wishes, old, new);
        found.retain(|rename| there(old, &rename.to).is_none() && there(new, &rename.from).is_none());
        found
    }

    /// The way back.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self { from: self.to.clone(), to: self.from.clone() }
    }
}

impl fmt::Display for Rename {
    /// As `--rename` takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (&self.from, &self.to);
        let kind = if is_label(from) { "value" } else { from.kind.noun() };
        write!(f, "{kind} {}", from.path())?;
        if is_part(from) {
            return write!(f, ".{}={}", from.own(), to.own());
        }
        if is_routine(from.kind) {
            write!(f, "({})", from.sub)?;
        }
        let is_moved = from.schema != to.schema;
        write!(f, "={}", if is_moved { to.path() } else { Tidy(&to.name).to_string() })
    }
}

/// What wishes mean, in their order, and what is wrong with others.
fn together(wishes: &[Wish<'_>], old: &Catalog, new: &Catalog) -> (Vec<Rename>, Vec<RenameError>) {
    let mut found: Vec<(usize, Rename)> = Vec::new();
    let mut left: Vec<(usize, &Wish<'_>)> = wishes.iter().enumerate().collect();
    let mut errors = Vec::new();
    // What others are named by may be said after them: schemas, then what is in them, then parts of that.
    for _ in 0..3 {
        let so_far: Vec<Rename> = found.iter().map(|(_, rename)| rename.clone()).collect();
        let mut unclear = Vec::new();
        errors.clear();
        for (at, wish) in left {
            match wish.meant(old, new, &so_far) {
                Ok(rename) => found.push((at, rename)),
                Err(why) => {
                    errors.push(why);
                    unclear.push((at, wish));
                }
            }
        }
        left = unclear;
    }
    found.sort();
    (found.into_iter().map(|(_, rename)| rename).collect(), errors)
}

/// A wish as it was said.
struct Wish<'a> {
    text: &'a str,
    /// Empty where it does not say.
    kinds: Vec<Kind>,
    is_value: bool,
    from: Vec<String>,
    /// Of a routine.
    arguments: Option<&'a str>,
    to: Vec<String>,
}

impl<'a> Wish<'a> {
    fn read(text: &'a str) -> Result<Self, RenameError> {
        let (mut word, mut rest) = ("", text.trim());
        for (kind, others) in RENAMED {
            let named = [kind.noun()].into_iter().chain(others.iter().copied());
            for noun in named.filter(|noun| noun.len() > word.len()) {
                if let Some(after) = text.trim().strip_prefix(noun).and_then(|rest| rest.strip_prefix(' ')) {
                    (word, rest) = (noun, after);
                }
            }
        }
        let is_meant = |(kind, others): &&(Kind, &[&str])| kind.noun() == word || others.contains(&word);
        let kinds = RENAMED.iter().filter(is_meant).map(|(kind, _)| *kind).collect();
        Self::names(text, rest, kinds, ["value", "label"].contains(&word))
            .ok_or_else(|| RenameError::Syntax(text.to_owned()))
    }

    fn names(text: &'a str, rest: &'a str, kinds: Vec<Kind>, is_value: bool) -> Option<Self> {
        let (from, mut rest) = names(rest.trim())?;
        let mut arguments = None;
        if let Some(after) = rest.trim_start().strip_prefix('(') {
            let (inside, after) = after.split_once(")=").or_else(|| after.split_once(") ="))?;
            arguments = Some(inside.trim());
            rest = after;
        } else {
            rest = rest.trim_start().strip_prefix('=')?;
        }
        let (to, rest) = names(rest.trim())?;
        rest.trim().is_empty().then_some(Self { text, kinds, is_value, from, arguments, to })
    }

    /// What it means, where these others are renamed too.
    fn meant(&self, old: &Catalog, new: &Catalog, others: &[Rename]) -> Result<Rename, RenameError> {
        let mut found = Vec::new();
        for fact in old.facts() {
            let is_known = RENAMED.iter().any(|(kind, _)| *kind == fact.id.kind);
            if is_known && (self.kinds.is_empty() || self.kinds.contains(&fact.id.kind)) {
                let mut ids = vec![fact.id.clone()];
                if fact.id.kind == Kind::Enum && (self.is_value || self.kinds.is_empty()) {
                    let labels = fact.entries("labels").into_iter().map(|mut fields| fields.swap_remove(0));
                    ids.extend(labels.map(|label| Id { sub: label, ..fact.id.clone() }));
                }
                ids.retain(|id| is_label(id) || !self.is_value);
                found.extend(ids.into_iter().filter(|id| self.names_it(id, others)));
            }
        }
        let meant: Vec<Rename> = found
            .iter()
            .filter_map(|from| {
                let to = there(new, &self.target(&carried(from, others)))?;
                Some(Rename { from: from.clone(), to })
            })
            .filter(|rename| rename.from != rename.to)
            .collect();
        match (meant.as_slice(), found.as_slice()) {
            ([one], _) => Ok(one.clone()),
            ([], []) => Err(RenameError::Nothing(self.text.to_owned())),
            ([], [first, ..]) => Err(RenameError::NotThere(self.target(&carried(first, others)).to_string())),
            (several, _) => {
                let these: Vec<String> = several.iter().map(|rename| rename.from.to_string()).collect();
                Err(RenameError::Ambiguous { wish: self.text.to_owned(), these: these.join(" or ") })
            }
        }
    }

    /// Whether it is named by its own name, or by the new one of what it belongs to.
    fn names_it(&self, id: &Id, others: &[Rename]) -> bool {
        if self.arguments.is_some_and(|arguments| arguments != id.sub || !is_routine(id.kind)) {
            return false;
        }
        is_meant(id, &self.from) || is_part(id) && is_meant(&carried(id, others), &self.from)
    }

    fn target(&self, id: &Id) -> Id {
        let own = self.to.last().cloned().unwrap_or_default();
        if is_part(id) {
            return Id { sub: own, ..id.clone() };
        }
        let schema = self.to.iter().rev().nth(1).unwrap_or(&id.schema);
        Id { schema: schema.clone(), name: own, ..id.clone() }
    }
}

/// Schemas come first, then what is in them, then parts of that.
fn stage(id: &Id) -> u8 {
    match id.kind {
        Kind::Schema => 0,
        _ if is_part(id) => 2,
        _ => 1,
    }
}

/// The name that something has because what it belongs to has another: its table, or else its schema.
fn carried(id: &Id, others: &[Rename]) -> Id {
    for level in (0..stage(id)).rev() {
        let mut above = others.iter().filter(|other| stage(&other.from) == level);
        let moved = above.find_map(|other| {
            Some(after::renamed_id(id, &other.from, &other.to)).filter(|moved| moved != id)
        });
        if let Some(moved) = moved {
            return moved;
        }
    }
    id.clone()
}

/// What the new catalog has of this name; of routines also one whose types have other names.
fn there(new: &Catalog, id: &Id) -> Option<Id> {
    if is_label(id) {
        let fact = new.fact(&id.of(Kind::Enum))?;
        return fact.entries("labels").iter().any(|fields| fields[0] == id.sub).then(|| id.clone());
    }
    if new.fact(id).is_some() || !is_routine(id.kind) {
        return new.fact(id).map(|fact| fact.id.clone());
    }
    let same = |fact: &&Fact| fact.id == Id { sub: fact.id.sub.clone(), ..id.clone() };
    let mut all = new.facts().iter().filter(same);
    all.next().filter(|_| all.next().is_none()).map(|fact| fact.id.clone())
}

fn is_label(id: &Id) -> bool {
    id.kind == Kind::Enum && !id.sub.is_empty()
}

fn is_routine(kind: Kind) -> bool {
    matches!(kind, Kind::Function | Kind::Procedure | Kind::Aggregate)
}

fn is_part(id: &Id) -> bool {
    let parts =
        [Kind::Column, Kind::Constraint, Kind::Trigger, Kind::Policy, Kind::Rule, Kind::DomainConstraint];
    parts.contains(&id.kind) || is_label(id)
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
                let end = rest.find(['.', '=', '"', '(']).unwrap_or(rest.len());
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
    fn a_wish_says_what_kind_of_thing_it_means() {
        let check = |text: &str, kinds: &[Kind], from: &[&str], to: &[&str]| {
            let wish = Wish::read(text).unwrap();
            assert_eq!((wish.kinds, wish.from, wish.to), (kinds.to_vec(), owned(from), owned(to)), "{text}");
        };
        check("column public.t.a=b", &[Kind::Column], &["public", "t", "a"], &["b"]);
        check("materialized view m = app.m", &[Kind::MaterializedView], &["m"], &["app", "m"]);
        check("function f(integer, text)=g", &[Kind::Function], &["f"], &["g"]);
        check("table_a=b", &[], &["table_a"], &["b"]);
        assert!(Wish::read("a").is_err() && Wish::read("a=").is_err() && Wish::read("a=b c=d.").is_err());
    }

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }
}
