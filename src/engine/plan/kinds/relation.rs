//! What tables, indexes and views share: storage parameters.

use std::collections::BTreeMap;

use crate::engine::catalog::read::SECRET;
use crate::engine::catalog::{Fact, unescaped};
use crate::pg::ident::Tidy;

use super::super::satellites::plain;
use super::super::sql::Sql;

/// `name=value` lines of reloptions, attoptions and the like.
pub(super) fn options(fact: &Fact, attribute: &str) -> BTreeMap<String, String> {
    let pair = |line: &str| line.split_once('=').map(|(name, value)| (unescaped(name), unescaped(value)));
    fact.lines(attribute).filter_map(pair).collect()
}

/// ` WITH (…)`, or nothing.
pub(super) fn with(fact: &Fact) -> String {
    let all: Vec<String> =
        options(fact, "options").iter().map(|(name, value)| format!("{name} = {}", plain(value))).collect();
    if all.is_empty() { String::new() } else { format!(" WITH ({})", all.join(", ")) }
}

/// `ALTER … SET (…)` and `RESET (…)`.
pub(super) fn alter_options(what: &str, was: &Fact, is: &Fact) -> Vec<Sql> {
    let (before, after) = (options(was, "options"), options(is, "options"));
    let set: Vec<String> = after
        .iter()
        .filter(|(name, value)| before.get(*name) != Some(value))
        .map(|(name, value)| format!("{name} = {}", plain(value)))
        .collect();
    let reset: Vec<&str> =
        before.keys().filter(|name| !after.contains_key(*name)).map(String::as_str).collect();
    let mut all = Vec::new();
    if !set.is_empty() {
        all.push(Sql::new(format!("{what} SET ({})", set.join(", "))));
    }
    if !reset.is_empty() {
        all.push(Sql::new(format!("{what} RESET ({})", reset.join(", "))));
    }
    all
}

/// ` OPTIONS (name 'value', …)` of foreign things, or nothing. Secrets are not known, and left out.
pub(super) fn foreign(fact: &Fact, attribute: &str) -> String {
    let all: Vec<String> = options(fact, attribute)
        .iter()
        .filter(|(_, value)| *value != SECRET)
        .map(|(name, value)| format!("{} {}", Tidy(name), plain(value)))
        .collect();
    if all.is_empty() { String::new() } else { format!(" OPTIONS ({})", all.join(", ")) }
}

/// `OPTIONS (ADD …, SET …, DROP …)` of foreign things; `None` where nothing differs. A secret is not compared, and stays.
pub(super) fn alter_foreign(was: &Fact, is: &Fact, attribute: &str) -> Option<String> {
    let (before, after) = (options(was, attribute), options(is, attribute));
    let mut all = Vec::new();
    for (name, value) in &after {
        match before.get(name) {
            None if value == SECRET => {}
            None => all.push(format!("ADD {} {}", Tidy(name), plain(value))),
            Some(old) if old != value => all.push(format!("SET {} {}", Tidy(name), plain(value))),
            Some(_) => {}
        }
    }
    let gone = before.iter().filter(|(name, value)| *value != SECRET && !after.contains_key(*name));
    all.extend(gone.map(|(name, _)| format!("DROP {}", Tidy(name))));
    (!all.is_empty()).then(|| format!("OPTIONS ({})", all.join(", ")))
}
