//! Expected facts move on by the difference between two moments, and by nothing else: what differed from them before differs
//! from them afterwards. Pure.

use std::collections::BTreeMap;

use crate::engine::catalog::read::Addresses;
use crate::engine::catalog::{Catalog, Fact, Hold, Id};
use crate::engine::plan::{Rename, renamed};

use super::lists;

/// A catalog, and where in the server its things are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// What there is.
    pub catalog: Catalog,
    /// Where it is.
    pub addresses: Addresses,
}

impl From<Catalog> for Seen {
    /// Where its things are is not known: what has another name is another thing.
    fn from(catalog: Catalog) -> Self {
        Self { catalog, ..Self::default() }
    }
}

/// `expected` and what lies between `before` and `after`.
///
/// Facts that came are added, those that went are taken out; of those that changed, the attributes that did, entry by entry
/// where they are lists. What was renamed is renamed first: a column that somebody added to it by hand stays unexpected.
/// What was made anew, or added to something that is not expected, is as it is there, or not expected either.
pub fn advanced(expected: &Catalog, before: &Seen, after: &Seen) -> Catalog {
    let moved = moved(before, after);
    let (ours, theirs);
    let (expected, was) = if moved.is_empty() {
        (expected, &before.catalog)
    } else {
        (ours, theirs) = (renamed(expected, &moved), renamed(&before.catalog, &moved));
        (&ours, &theirs)
    };
    let mut facts: BTreeMap<&Id, Fact> = BTreeMap::new();
    let known = expected.facts().iter().chain(after.catalog.facts());
    for id in known.map(|fact| &fact.id) {
        if !facts.contains_key(id)
            && let Some(fact) = fact_of(id, expected, was, before, after)
        {
            facts.insert(id, fact);
        }
    }
    let facts = with_its_whole(facts, expected, &after.catalog);
    let both = |pair: &(&Id, &Id, Hold)| {
        after.catalog.fact(pair.0).is_some() && after.catalog.fact(pair.1).is_some()
    };
    let theirs = after.catalog.pairs();
    let ours = expected.pairs().filter(|pair| !both(pair));
    after.catalog.assembled(facts, theirs.chain(ours))
}

/// What has another name than before, and is the same thing.
fn moved(before: &Seen, after: &Seen) -> Vec<Rename> {
    let now: BTreeMap<_, &Id> = after.addresses.iter().map(|(id, address)| (*address, id)).collect();
    let gone = before.addresses.iter().filter(|(id, _)| !after.addresses.contains_key(*id));
    let mut all: Vec<Rename> = gone
        .filter_map(|(from, address)| {
            let to = now.get(address).filter(|to| to.kind == from.kind)?;
            Some(Rename { from: from.clone(), to: (*to).clone() })
        })
        .collect();
    all.sort();
    all
}

fn fact_of(id: &Id, expected: &Catalog, was: &Catalog, before: &Seen, after: &Seen) -> Option<Fact> {
    let ours = expected.fact(id);
    match (was.fact(id), after.catalog.fact(id)) {
        (None, None) => ours.cloned(),
        (None, Some(new)) => Some(new.clone()),
        (Some(_), None) => None,
        (Some(_), Some(new)) if is_anew(id, before, after) => Some(new.clone()),
        (Some(old), Some(new)) if old == new => ours.cloned(),
        (Some(old), Some(new)) => ours.map(|ours| changed(ours, old, new)),
    }
}

/// Whether the run dropped it and made it again.
fn is_anew(id: &Id, before: &Seen, after: &Seen) -> bool {
    match (before.addresses.get(id), after.addresses.get(id)) {
        (Some(old), Some(new)) => old != new,
        _ => false,
    }
}

fn changed(ours: &Fact, old: &Fact, new: &Fact) -> Fact {
    let mut fact = ours.clone();
    for name in new.names().filter(|name| old.get(name) != new.get(name)) {
        if lists::is_list(name) {
            let list = lists::advanced((ours.id.kind, name), ours.get(name), old.get(name), new.get(name));
            fact = fact.with(name, list.as_deref());
        } else {
            fact = fact.with(name, new.get(name));
        }
    }
    fact
}

/// Without what belongs to something that is not expected.
fn with_its_whole(mut facts: BTreeMap<&Id, Fact>, expected: &Catalog, after: &Catalog) -> Vec<Fact> {
    loop {
        let before = facts.len();
        let orphans: Vec<&Id> = facts
            .keys()
            .filter(|id| expected.fact(id).is_none())
            .filter(|id| {
                let needs = after.index(id).map(|at| after.needs(at)).unwrap_or_default();
                let mut wholes = needs.iter().filter(|(_, hold)| *hold == Hold::Auto);
                wholes.any(|(to, _)| !facts.contains_key(&after.facts()[*to].id))
            })
            .copied()
            .collect();
        for orphan in orphans {
            facts.remove(orphan);
        }
        if facts.len() == before {
            return facts.into_values().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::catalog::Kind;

    /// `table t comment` and `column t.a type`; the number is where it is.
    fn seen(text: &str) -> Seen {
        let mut facts = Vec::new();
        let mut addresses = Addresses::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let words: Vec<&str> = line.split(' ').collect();
            let (id, names): (Id, [&str; 2]) = match words[1].split_once('.') {
                Some((table, column)) => (Id::new(Kind::Column, "s", table, column), ["type", "comment"]),
                None => (Id::new(Kind::Table, "s", words[1], ""), ["comment", "type"]),
            };
            let names: Arc<[String]> = names.map(str::to_owned).into();
            let value = |at: usize| words.get(at).filter(|word| **word != "-").map(|word| (*word).to_owned());
            addresses.insert(id.clone(), (0, words[0].parse().unwrap(), 0));
            facts.push(Fact::made(id, names, vec![value(2), value(3)]));
        }
        let tables: Vec<Id> = facts.iter().map(|fact| fact.id.clone()).collect();
        let pairs: Vec<(Id, Id)> = tables
            .iter()
            .filter(|id| id.kind == Kind::Column)
            .map(|id| (id.clone(), id.of(Kind::Table)))
            .collect();
        let pairs = pairs.iter().map(|(from, to)| (from, to, Hold::Auto));
        Seen { catalog: Catalog::default().assembled(facts, pairs), addresses }
    }

    #[track_caller]
    fn check(expected: &str, before: &str, after: &str, wanted: &str) {
        let found = advanced(&seen(expected).catalog, &seen(before), &seen(after));
        let wanted = seen(wanted).catalog;
        assert_eq!(found.facts(), wanted.facts());
        assert_eq!(found.pairs().collect::<Vec<_>>(), wanted.pairs().collect::<Vec<_>>());
    }

    #[test]
    fn what_came_and_went_and_changed_is_taken_over_and_nothing_else() {
        check("1 t", "1 t", "1 t\n2 u\n3 u.a int", "1 t\n2 u\n3 u.a int");
        check("1 t\n2 u", "1 t\n2 u", "1 t", "1 t");
        check("1 t\n4 t.a int", "1 t\n4 t.a int", "1 t\n4 t.a text", "1 t\n4 t.a text");
        // By hand: a column added, another dropped, a table made.
        check(
            "1 t\n2 t.a int",
            "1 t\n3 t.hand int\n4 hand",
            "1 t\n3 t.hand int\n4 hand\n5 u",
            "1 t\n2 t.a int\n5 u",
        );
    }

    #[test]
    fn of_an_object_that_somebody_changed_too_only_what_the_run_changed_is_taken_over() {
        check("1 t\n2 t.a int", "1 t\n2 t.a int hand", "1 t\n2 t.a text hand", "1 t\n2 t.a text");
        check("1 t\n2 t.a int", "1 t\n2 t.a bigint", "1 t\n2 t.a text", "1 t\n2 t.a text");
    }

    #[test]
    fn what_is_renamed_keeps_what_somebody_did_to_it() {
        check(
            "1 t\n2 t.a int",
            "1 t\n2 t.a int\n3 t.hand int",
            "1 u\n2 u.b int\n3 u.hand int",
            "1 u\n2 u.b int",
        );
    }

    #[test]
    fn what_was_made_anew_is_as_it_was_made() {
        check("1 t\n2 t.a int", "1 t\n2 t.a text", "1 t\n9 t.a text", "1 t\n9 t.a text");
    }

    #[test]
    fn what_is_added_to_something_unexpected_is_unexpected() {
        check("1 t", "1 t\n2 hand", "1 t\n2 hand\n3 hand.a int", "1 t");
        // But not what somebody has dropped, and is still expected.
        check("1 t\n2 t.a int", "7 u", "7 u x", "1 t\n2 t.a int");
    }
}
