//! `pg_dump --schema-only` as a sorted list of statements. The order of statements is no fact of a catalog; neither is the
//! order of columns in a table or composite type that was changed, because a column that is added goes to the end.

use std::collections::BTreeMap;

use pgkeel::pg::statements::split;

/// What begins a list of columns.
const LISTS: [&str; 4] = ["CREATE TABLE ", "CREATE UNLOGGED TABLE ", "CREATE FOREIGN TABLE ", "CREATE TYPE "];

/// The statements, sorted.
pub(super) fn statements(dump: &str) -> Vec<String> {
    let mut statements: Vec<String> =
        split(dump).unwrap().into_iter().map(|found| dump[found.body].to_owned()).collect();
    statements.retain(|statement| !statement.is_empty());
    statements.sort();
    statements
}

/// What only `found` and only `wanted` has, after the columns of those tables and types that were there `before` have
/// been brought into one order; all of them where names changed.
pub(super) fn difference(
    found: &[String],
    wanted: &[String],
    before: Option<&[String]>,
) -> (Vec<String>, Vec<String>) {
    let old = |statement: &str| match before {
        None => true,
        Some(before) => {
            let name = list_name(statement);
            name.is_some() && before.iter().any(|other| list_name(other) == name)
        }
    };
    let tidy = |statement: &String| {
        if list_name(statement).is_some() && old(statement) { sorted(statement) } else { statement.clone() }
    };
    let mut count = BTreeMap::<String, i32>::new();
    found.iter().for_each(|statement| *count.entry(tidy(statement)).or_default() += 1);
    wanted.iter().for_each(|statement| *count.entry(tidy(statement)).or_default() -= 1);
    let (mut extra, mut missing) = (Vec::new(), Vec::new());
    for (statement, count) in count {
        match count {
            0 => {}
            1.. => extra.push(statement),
            _ => missing.push(statement),
        }
    }
    (extra, missing)
}

/// What a statement with a list of columns makes.
fn list_name(statement: &str) -> Option<&str> {
    let rest = LISTS.iter().find_map(|list| statement.strip_prefix(list))?;
    let head = rest.lines().next()?;
    Some(head.trim_end_matches('(').trim_end().trim_end_matches("AS").trim_end())
}

/// The same with the lines of its list in the order of the alphabet.
fn sorted(statement: &str) -> String {
    let lines: Vec<&str> = statement.lines().collect();
    let end = lines.iter().rposition(|line| line.starts_with(')')).unwrap_or(lines.len());
    let mut list: Vec<&str> = lines[1..end.max(1)].iter().map(|line| line.trim_end_matches(',')).collect();
    list.sort_unstable();
    [&lines[..1], &list, &lines[end.max(1).min(lines.len())..]].concat().join("\n")
}

#[test]
fn the_order_of_columns_counts_only_in_tables_that_are_new() {
    let ab = vec!["CREATE TABLE t (\n    a integer,\n    b text\n)\nINHERITS (p)".to_owned()];
    let ba = vec!["CREATE TABLE t (\n    b text,\n    a integer\n)\nINHERITS (p)".to_owned()];
    assert_eq!(difference(&ab, &ba, Some(&ab)), (vec![], vec![]));
    assert_eq!(difference(&ab, &ba, Some(&[])), (ab, ba));
}
