//! Reads in the text of a function's body what it calls and reads, and whether it names that without a schema. Dependencies
//! do not show it. Pure; a text that only looks like SQL costs a false finding, never more.

use std::collections::{BTreeMap, BTreeSet};

use crate::pg::statements::{name, tokens};

/// What a database has that a body may name, outside of pg_catalog.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Functions, by name, with their schemas.
    pub(super) functions: BTreeMap<String, BTreeSet<String>>,
    /// Tables, views and sequences.
    pub(super) relations: BTreeMap<String, BTreeSet<String>>,
    /// Types that are no relation's.
    pub(super) types: BTreeMap<String, BTreeSet<String>>,
}

/// What a body names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    /// Functions that it calls: the schema, where it names one, and the name.
    pub(super) calls: BTreeSet<(Option<String>, String)>,
    /// Relations that it reads or writes.
    pub(super) reads: BTreeSet<(Option<String>, String)>,
    /// The first object that it finds by search_path, and the schemas of all of them.
    pub(super) unqualified: Option<String>,
    pub(super) schemas: BTreeSet<String>,
}

/// Words before the name of a relation.
const BEFORE_RELATION: [&str; 6] = ["FROM", "JOIN", "INTO", "UPDATE", "ONLY", "TABLE"];

/// Read a body.
pub(super) fn read(body: &str, names: &Names) -> Named {
    let mut named = Named::default();
    scan(body, names, &mut named, 0);
    named
}

/// Read the strings of an expression that a function may run as SQL: `ts_stat('SELECT … FROM page')`.
pub(super) fn read_strings(expression: &str, names: &Names) -> Named {
    let mut named = Named::default();
    for inside in tokens(expression).iter().filter_map(|token| string(token)) {
        if inside.contains(' ') {
            scan(inside, names, &mut named, 1);
        }
    }
    named
}

fn scan(text: &str, names: &Names, named: &mut Named, depth: usize) {
    let tokens = tokens(text);
    let at = |place: usize| tokens.get(place).copied().unwrap_or_default();
    for (place, token) in tokens.iter().enumerate() {
        if let Some(inside) = string(token) {
            // A text that EXECUTE runs.
            if depth < 2 && inside.contains(' ') {
                scan(inside, names, named, depth + 1);
            }
            continue;
        }
        let Some(word) = name(token) else { continue };
        let before = if place == 0 { "" } else { at(place - 1) };
        let (schema, before) = match before {
            "." if place >= 2 => (name(at(place - 2)), if place >= 3 { at(place - 3) } else { "" }),
            before => (None, before),
        };
        let after = at(place + 1);
        if after == "." {
            continue;
        }
        let is_in = |all: &BTreeMap<String, BTreeSet<String>>| {
            all.get(&word)
                .is_some_and(|schemas| schema.as_ref().is_none_or(|schema| schemas.contains(schema)))
        };
        let kind = if after == "(" && is_in(&names.functions) {
            named.calls.insert((schema.clone(), word.clone()));
            &names.functions
        } else if BEFORE_RELATION.iter().any(|one| before.eq_ignore_ascii_case(one))
            && is_in(&names.relations)
        {
            named.reads.insert((schema.clone(), word.clone()));
            &names.relations
        } else if after == "%" && is_in(&names.relations) {
            &names.relations
        } else if is_in(&names.types) && names_a_type(before, after) {
            &names.types
        } else {
            continue;
        };
        if schema.is_none() {
            named.unqualified.get_or_insert_with(|| word.clone());
            named.schemas.extend(kind.get(&word).into_iter().flatten().cloned());
        }
    }
}

/// Whether a word between these can be a type's name: in a cast, or in a declaration of plpgsql, `x mood;`. Columns and
/// variables often are called like their types.
fn names_a_type(before: &str, after: &str) -> bool {
    const NOT_A_VARIABLE: [&str; 12] =
        ["RETURN", "SELECT", "THEN", "ELSE", "WHEN", "BY", "INTO", "AND", "OR", "NOT", "WHERE", "RAISE"];
    let is_cast = before.ends_with(':') || before.eq_ignore_ascii_case("AS");
    let is_declared = matches!(after, ";" | ":=" | ":") && name(before).is_some();
    is_cast || is_declared && !NOT_A_VARIABLE.iter().any(|word| before.eq_ignore_ascii_case(word))
}

/// What is in the quotes of a string.
fn string(token: &str) -> Option<&str> {
    let token = token.strip_prefix(['E', 'e']).filter(|rest| rest.starts_with('\'')).unwrap_or(token);
    if let Some(inside) = token.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return Some(inside);
    }
    let tag = token.strip_prefix('$').and_then(|rest| rest.find('$')).map(|end| &token[..end + 2])?;
    token.strip_prefix(tag)?.strip_suffix(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let all = |names: &[&str]| {
            names.iter().map(|name| ((*name).to_owned(), BTreeSet::from(["public".to_owned()]))).collect()
        };
        Names { functions: all(&["a", "Odd"]), relations: all(&["t", "limits"]), types: all(&["mood"]) }
    }

    #[track_caller]
    fn check(body: &str, unqualified: Option<&str>, reads: &[&str]) {
        let found = read(body, &names());
        assert_eq!(found.unqualified.as_deref(), unqualified, "{body}");
        let found: Vec<&str> = found.reads.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(found, reads, "{body}");
    }

    #[test]
    fn what_a_body_finds_by_search_path_is_seen() {
        check("BEGIN RETURN a($1); END", Some("a"), &[]);
        check("BEGIN RETURN public.a($1); END", None, &[]);
        check("SELECT \"Odd\" (1)", Some("Odd"), &[]);
        check("SELECT odd(1), lower('a(')", None, &[]);
        check("SELECT count(*) FROM t", Some("t"), &["t"]);
        check("SELECT count(*) FROM public.t AS t WHERE t.i > 0", None, &["t"]);
        check("SELECT 'happy'::mood", Some("mood"), &[]);
        check("DECLARE r limits%ROWTYPE; BEGIN END", Some("limits"), &[]);
        check("BEGIN EXECUTE 'SELECT 1 FROM limits' INTO x; END", Some("limits"), &["limits"]);
        check("DECLARE m mood := 'a'; BEGIN END", Some("mood"), &[]);
        check("BEGIN RETURN mood; END", None, &[]);
        check("SELECT mood, mood = 'a' FROM public.t", None, &["t"]);
        check("-- a(1)\nSELECT 1 /* FROM t */", None, &[]);
        check("SELECT other.a(1), elsewhere.t.i", None, &[]);
    }

    #[test]
    fn the_strings_of_an_expression_are_read_alone() {
        let check = |expression: &str, unqualified: Option<&str>| {
            assert_eq!(read_strings(expression, &names()).unqualified.as_deref(), unqualified);
        };
        check("SELECT word FROM ts_stat('SELECT i FROM limits')", Some("limits"));
        check("SELECT word FROM ts_stat('SELECT i FROM public.limits')", None);
        check("SELECT 'limits', a('t') FROM t", None);
    }
}
