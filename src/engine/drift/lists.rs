//! Attributes that are lists: what one hand added and another run added are two entries, and one is no excuse for the other.

use std::collections::BTreeSet;

use crate::engine::catalog::Kind;

/// Attributes whose value is one entry per line.
const LISTS: [&str; 9] = [
    "acl",
    "attributes",
    "column_acl",
    "column_comments",
    "foreign_options",
    "grants",
    "labels",
    "mappings",
    "options",
];

/// Whether an attribute is a list.
pub(super) fn is_list(name: &str) -> bool {
    LISTS.contains(&name)
}

/// A list with what lies between two others: entries that came are added after the neighbour that they came after, entries
/// that went are taken out. No grants at all are those that everything of its kind is born with.
pub(super) fn advanced(
    (kind, name): (Kind, &str),
    expected: Option<&str>,
    before: Option<&str>,
    after: Option<&str>,
) -> Option<String> {
    let born = if name == "acl" { born_with(kind, [expected, before, after]) } else { Vec::new() };
    let read = |value: Option<&'_ str>| -> Vec<String> {
        match value {
            Some(text) => text.lines().map(str::to_owned).collect(),
            None => born.clone(),
        }
    };
    let (was, is) = (read(before), read(after));
    let went: BTreeSet<&String> = was.iter().filter(|line| !is.contains(line)).collect();
    let mut list: Vec<String> = read(expected).into_iter().filter(|line| !went.contains(line)).collect();
    for (at, line) in is.iter().enumerate().filter(|(_, line)| !was.contains(line)) {
        if list.contains(line) {
            continue;
        }
        // Behind the nearest one before it that is there as well.
        let place = is[..at].iter().rev().find_map(|near| list.iter().position(|known| known == near));
        list.insert(place.map_or(0, |place| place + 1), line.clone());
    }
    if name == "acl" {
        list.sort_unstable();
    }
    let is_born = name == "acl" && list == born;
    (!is_born && (!list.is_empty() || after.is_some_and(str::is_empty))).then(|| list.join("\n"))
}

/// The grants that nobody has written down: to the owner, and to everybody what everybody may.
fn born_with(kind: Kind, known: [Option<&str>; 3]) -> Vec<String> {
    let is_open = matches!(
        kind,
        Kind::Function
            | Kind::Procedure
            | Kind::Aggregate
            | Kind::Enum
            | Kind::Composite
            | Kind::Range
            | Kind::BaseType
            | Kind::Domain
            | Kind::Language
    );
    let is_born = |line: &&str| line.starts_with("@owner ") || is_open && line.starts_with("PUBLIC ");
    let all: BTreeSet<&str> = known.into_iter().flatten().flat_map(str::lines).filter(is_born).collect();
    all.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        name: &str,
        expected: Option<&str>,
        before: Option<&str>,
        after: Option<&str>,
        is: Option<&str>,
    ) {
        let kind = if name == "labels" { Kind::Enum } else { Kind::Table };
        assert_eq!(advanced((kind, name), expected, before, after).as_deref(), is, "{name} {after:?}");
    }

    #[test]
    fn what_somebody_else_added_to_a_list_is_not_taken_over() {
        check(
            "labels",
            Some("a\nb"),
            Some("a\nb\nhand"),
            Some("a\nnew\nb\nhand\nlast"),
            Some("a\nnew\nb\nlast"),
        );
        check("labels", Some("a\nb"), Some("hand\na\nb"), Some("first\nhand\na\nc"), Some("first\na\nc"));
        check(
            "options",
            None,
            Some("fillfactor=50"),
            Some("autovacuum_enabled=off\nfillfactor=50"),
            Some("autovacuum_enabled=off"),
        );
        check("options", Some("a=1"), Some("a=1\nb=2"), Some("b=2"), None);
    }

    #[test]
    fn grants_that_nobody_wrote_down_count_as_written() {
        let owner = "@owner INSERT\n@owner SELECT";
        let with = |more: &str| format!("{owner}\n{more}");
        let (bob, both) = (with("bob SELECT"), with("alice SELECT\nbob SELECT"));
        check("acl", None, Some(&bob), Some(&both), Some(&with("alice SELECT")));
        check("acl", Some(&bob), Some(&both), Some(&with("alice SELECT")), None);
        check("acl", None, None, Some(&bob), Some(&bob));
        check("acl", Some(&bob), Some(&bob), None, None);
    }
}
