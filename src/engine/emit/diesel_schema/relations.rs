//! `joinable!` and `allow_tables_to_appear_in_same_query!`.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::Text;
use super::names;
use super::settings::{SameQuery, Settings};
use super::tables::Table;

const SAME_QUERY: &str = "diesel::allow_tables_to_appear_in_same_query!";

/// A foreign key that Diesel can join by; tables by their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Joinable<'a> {
    child: usize,
    parent: usize,
    column: &'a str,
}

/// The foreign keys that are, in either direction, the only one between two tables, of one column, and lead to the
/// primary key. Sorted by child and parent.
fn joinable(tables: &[Table]) -> Vec<Joinable<'_>> {
    let places: BTreeMap<&str, usize> =
        tables.iter().enumerate().map(|(at, table)| (table.sql.as_str(), at)).collect();
    let mut between: BTreeMap<(usize, usize), Vec<Option<Joinable<'_>>>> = BTreeMap::new();
    for (child, table) in tables.iter().enumerate() {
        for [other, column, their] in &table.references {
            let Some(parent) = places.get(other.as_str()).copied().filter(|parent| *parent != child) else {
                continue;
            };
            let to_key = tables[parent].key == std::slice::from_ref(their);
            let pair = (child.min(parent), child.max(parent));
            between.entry(pair).or_default().push(to_key.then_some(Joinable { child, parent, column }));
        }
    }
    let only = between.into_values().filter(|found| found.len() == 1);
    let mut joinable: Vec<Joinable<'_>> = only.flatten().flatten().collect();
    joinable.sort();
    joinable
}

/// The last part of the text.
pub(super) fn write(text: &mut Text, tables: &[Table], settings: &Settings) {
    let joinable = joinable(tables);
    for Joinable { child, parent, column } in &joinable {
        let (child, parent) = (&tables[*child].rust, &tables[*parent]);
        let column = names::column(column, child);
        text.line(&format!("diesel::joinable!({child} -> {} ({column}));", parent.rust));
    }
    text.blank();
    let groups = match settings.same_query {
        SameQuery::None => Vec::new(),
        SameQuery::All => vec![(0..tables.len()).collect()],
        SameQuery::Related => related(tables.len(), &joinable),
    };
    for group in groups.iter().filter(|group| group.len() > 1) {
        let names: Vec<String> = group.iter().map(|at| tables[*at].rust.clone()).collect();
        text.call(SAME_QUERY, &names);
    }
}

/// The groups of tables that joins connect, directly or not, in the order of their first tables.
fn related(count: usize, joinable: &[Joinable<'_>]) -> Vec<BTreeSet<usize>> {
    let mut groups: Vec<BTreeSet<usize>> = (0..count).map(|at| BTreeSet::from([at])).collect();
    for Joinable { child, parent, .. } in joinable {
        let of = |groups: &[BTreeSet<usize>], at: &usize| groups.iter().position(|group| group.contains(at));
        let (Some(a), Some(b)) = (of(&groups, child), of(&groups, parent)) else { continue };
        if a != b {
            let moved = groups.remove(a.max(b));
            groups[a.min(b)].extend(moved);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_joins_connect_is_one_group() {
        let join = |child, parent| Joinable { child, parent, column: "" };
        let groups = related(6, &[join(4, 1), join(5, 3), join(5, 4)]);
        let groups: Vec<Vec<usize>> = groups.into_iter().map(|group| group.into_iter().collect()).collect();
        assert_eq!(groups, [vec![0], vec![1, 3, 4, 5], vec![2]]);
    }
}
