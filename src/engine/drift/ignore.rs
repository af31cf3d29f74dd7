//! What is none of the migrations': `[kind ]pattern` over `schema.name[.part]`, with `*` and `?`. What is left out takes with
//! it everything that belongs to it. Pure.

use std::collections::HashSet;

use crate::engine::catalog::{Catalog, Hold, Id, Kind};
use crate::pg::ident::quoted;

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    kind: Option<Kind>,
    /// Patterns of the schema, the name and the part, as many as were said.
    words: Vec<Vec<Piece>>,
}

/// A piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Any,
    One,
    Exactly(char),
}

/// Why a text is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// The word before the pattern is no kind of object.
    #[error("`{0}` is no kind of object (`table`, `index`, `schema`, `function`, …)")]
    Kind(String),
    /// The pattern is no name.
    #[error("`{0}` is no `schema.name` or `schema.name.part`")]
    Name(String),
}

impl Rule {
    /// Read a rule.
    ///
    /// # Errors
    /// See `RuleError`.
    pub fn read(text: &str) -> Result<Self, RuleError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(RuleError::Empty);
        }
        let named = |kind: &&Kind| text.strip_prefix(kind.noun()).is_some_and(|rest| rest.starts_with(' '));
        let kind = Kind::ALL.iter().filter(named).max_by_key(|kind| kind.noun().len()).copied();
        let pattern = kind.map_or(text, |kind| text[kind.noun().len()..].trim_start());
        let words = words(pattern).ok_or_else(|| RuleError::Name(pattern.to_owned()));
        match (words, pattern.rsplit_once(' ')) {
            (Ok(words), _) if (1..=3).contains(&words.len()) => Ok(Self { kind, words }),
            (_, Some((word, _))) if kind.is_none() && !word.contains('"') => {
                Err(RuleError::Kind(word.to_owned()))
            }
            _ => Err(RuleError::Name(pattern.to_owned())),
        }
    }

    fn is_about(&self, id: &Id) -> bool {
        if self.kind.is_some_and(|kind| kind != id.kind) {
            return false;
        }
        let mut names: Vec<&str> = Vec::new();
        if !id.schema.is_empty() {
            names.push(&id.schema);
        }
        names.push(&id.name);
        if !id.sub.is_empty() {
            names.push(&id.sub);
        }
        let least = names.len() - usize::from(!id.sub.is_empty() && !is_part(id.kind));
        // With a kind, all of a part's name is said; without one, what belongs to it goes along anyway.
        let fits = match self.kind {
            Some(_) => (least..=names.len()).contains(&self.words.len()),
            None => self.words.len() == names.len() || self.words.len() == least,
        };
        fits && self.words.iter().zip(&names).all(|(pattern, name)| matches(pattern, name))
    }
}

/// Whether the last name is the own name of a part, and not the types of its arguments.
fn is_part(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Function
            | Kind::Procedure
            | Kind::Aggregate
            | Kind::Operator
            | Kind::OperatorClass
            | Kind::OperatorFamily
    )
}

/// The names between the dots, each as a pattern; in quotes nothing is special.
fn words(text: &str) -> Option<Vec<Vec<Piece>>> {
    let mut all = Vec::new();
    let mut rest = text;
    loop {
        let word = match quoted(rest) {
            Some((name, after)) => {
                rest = after;
                name.chars().map(Piece::Exactly).collect::<Vec<_>>()
            }
            None => {
                let end = rest.find('.').unwrap_or(rest.len());
                let (name, after) = rest.split_at(end);
                rest = after;
                if name.contains([' ', '"']) {
                    return None;
                }
                let piece = |c| match c {
                    '*' => Piece::Any,
                    '?' => Piece::One,
                    c => Piece::Exactly(c),
                };
                name.chars().map(piece).collect()
            }
        };
        if word.is_empty() {
            return None;
        }
        all.push(word);
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None => return rest.is_empty().then_some(all),
        }
    }
}

fn matches(pattern: &[Piece], name: &str) -> bool {
    match (pattern.split_first(), name.chars().next()) {
        (None, first) => first.is_none(),
        (Some((Piece::Any, rest)), first) => {
            matches(rest, name) || first.is_some_and(|c| matches(pattern, &name[c.len_utf8()..]))
        }
        (Some((_, _)), None) => false,
        (Some((Piece::One, rest)), Some(c)) => matches(rest, &name[c.len_utf8()..]),
        (Some((Piece::Exactly(wanted), rest)), Some(c)) => {
            *wanted == c && matches(rest, &name[c.len_utf8()..])
        }
    }
}

/// The catalog without what the rules leave out, and how many objects that are.
pub fn without(catalog: &Catalog, rules: &[Rule]) -> (Catalog, usize) {
    if rules.is_empty() {
        return (catalog.clone(), 0);
    }
    let facts = catalog.facts();
    let mut gone: HashSet<usize> = HashSet::new();
    let mut open: Vec<usize> =
        (0..facts.len()).filter(|at| rules.iter().any(|rule| rule.is_about(&facts[*at].id))).collect();
    while let Some(at) = open.pop() {
        if !gone.insert(at) {
            continue;
        }
        let id = &facts[at].id;
        open.extend(catalog.needed(at).iter().filter(|(_, hold)| *hold == Hold::Auto).map(|(of, _)| *of));
        match id.kind {
            Kind::Schema => {
                open.extend((0..facts.len()).filter(|other| facts[*other].id.schema == id.name));
            }
            // A sequence that is owned belongs to the column.
            Kind::SequenceOwner => open.extend(catalog.index(&id.of(Kind::Sequence))),
            _ => {}
        }
    }
    (catalog.without(&|at| gone.contains(&at)), gone.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rule: &str, id: (Kind, &str, &str, &str), is: bool) {
        let id = Id::new(id.0, id.1, id.2, id.3);
        assert_eq!(Rule::read(rule).unwrap().is_about(&id), is, "{rule} {id}");
    }

    #[test]
    fn a_rule_names_kind_schema_name_and_part() {
        check("table cron.*", (Kind::Table, "cron", "job", ""), true);
        check("table cron.*", (Kind::View, "cron", "job", ""), false);
        check("table cron.*", (Kind::Table, "crons", "job", ""), false);
        check("schema tmp_*", (Kind::Schema, "", "tmp_1", ""), true);
        check("tmp_*", (Kind::Schema, "", "tmp_1", ""), true);
        check("tmp_*", (Kind::Table, "tmp_1", "t", ""), false);
        check("public.scratch", (Kind::Table, "public", "scratch", ""), true);
        check("public.scratch", (Kind::Column, "public", "scratch", "a"), false);
        check("public.t.a?", (Kind::Column, "public", "t", "ab"), true);
        check("column public.t.a?", (Kind::Column, "public", "t", "a"), false);
        check("function public.f", (Kind::Function, "public", "f", "integer"), true);
        check("public.f", (Kind::Function, "public", "f", "integer"), true);
        check("materialized view a.b", (Kind::MaterializedView, "a", "b", ""), true);
        check("\"A.b\".\"*\"", (Kind::Table, "A.b", "*", ""), true);
        check("\"A.b\".\"*\"", (Kind::Table, "A.b", "x", ""), false);
    }

    #[test]
    fn what_is_no_rule_says_why() {
        let check = |text: &str, says: &str| {
            let error = Rule::read(text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        };
        check(" ", "it is empty");
        check("tabel public.a", "`tabel` is no kind of object");
        check("table a..b", "`a..b` is no `schema.name`");
        check("a.b.c.d", "is no `schema.name`");
        check("\"a", "is no `schema.name`");
    }
}
