//! `pg_dump --schema-only` as a sorted list of statements, without what no statement can change: the order of statements,
//! of columns in what was altered, of storage parameters; whether a child has its parent's column also by itself; the
//! parentheses around a chain of AND that begins another.

use std::collections::BTreeMap;

use pgkeel::engine::catalog::flattened;
use pgkeel::pg::statements::split;

/// The statements, sorted.
pub(super) fn statements(dump: &str) -> Vec<String> {
    // Their key is another each time.
    let key = |line: &&str| line.starts_with("\\restrict ") || line.starts_with("\\unrestrict ");
    let dump: String = dump.split_inclusive('\n').filter(|line| !key(line)).collect();
    let mut statements: Vec<String> =
        split(&dump).unwrap().into_iter().map(|found| flattened(&dump[found.body])).collect();
    statements.retain(|statement| !statement.is_empty());
    statements.sort();
    statements
}

/// What only `found` and only `wanted` has. The order of columns counts in tables and types that were not there `before`;
/// nowhere, if that is not given.
pub(super) fn difference(
    found: &[String],
    wanted: &[String],
    before: Option<&[String]>,
) -> (Vec<String>, Vec<String>) {
    let mut count = BTreeMap::<String, i32>::new();
    tidy(found, before).into_iter().for_each(|statement| *count.entry(statement).or_default() += 1);
    tidy(wanted, before).into_iter().for_each(|statement| *count.entry(statement).or_default() -= 1);
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

fn tidy(statements: &[String], before: Option<&[String]>) -> Vec<String> {
    let lists: BTreeMap<&str, List<'_>> =
        statements.iter().filter_map(|statement| List::of(statement)).map(|list| (list.name, list)).collect();
    let was_there = |name: &str| {
        before.is_none_or(|before| {
            before.iter().filter_map(|other| List::of(other)).any(|list| list.name == name)
        })
    };
    let tidy = |statement: &String| match List::of(statement) {
        Some(list) => list.tidy(&inherited(&list, &lists), was_there(list.name)),
        None => view(statement),
    };
    statements.iter().map(tidy).collect()
}

/// A view's options in one order, and a list of values as it is printed before a dump.
fn view(statement: &str) -> String {
    if !["CREATE VIEW ", "CREATE MATERIALIZED VIEW "].iter().any(|head| statement.starts_with(head)) {
        return statement.to_owned();
    }
    let (head, body) = statement.split_once(" AS\n").unwrap_or((statement, ""));
    let head = match head.split_once(" WITH (").and_then(|(name, list)| Some((name, list.strip_suffix(')')?)))
    {
        Some((name, options)) => {
            let mut options: Vec<&str> = options.split(", ").collect();
            options.sort_unstable();
            format!("{name} WITH ({})", options.join(", "))
        }
        None => head.to_owned(),
    };
    format!("{head} AS\n{}", body.replace("(VALUES (", "( VALUES ("))
}

/// The columns and constraints of all parents.
fn inherited<'a>(list: &List<'a>, lists: &BTreeMap<&str, List<'a>>) -> Vec<&'a str> {
    let parents = list.parents.iter().filter_map(|parent| lists.get(parent));
    parents.flat_map(|parent| [parent.lines.clone(), inherited(parent, lists)].concat()).collect()
}

/// A statement with a list of columns.
struct List<'a> {
    name: &'a str,
    head: &'a str,
    lines: Vec<&'a str>,
    tail: Vec<&'a str>,
    parents: Vec<&'a str>,
}

impl<'a> List<'a> {
    fn of(statement: &'a str) -> Option<Self> {
        let (head, rest) = statement.split_once('\n')?;
        let name = match head.strip_prefix("CREATE TYPE ") {
            Some(composite) => composite.strip_suffix(" AS (")?,
            None => {
                let kinds = ["CREATE TABLE ", "CREATE UNLOGGED TABLE ", "CREATE FOREIGN TABLE "];
                kinds.iter().find_map(|kind| head.strip_prefix(kind))?.strip_suffix(" (")?
            }
        };
        let rest: Vec<&str> = rest.lines().collect();
        let end = rest.iter().rposition(|line| line.starts_with(')'))?;
        let lines = rest[..end].iter().map(|line| line.trim_end_matches(',')).collect();
        let tail = rest[end..].to_vec();
        let parents = tail.iter().find_map(|line| line.strip_prefix("INHERITS (")?.strip_suffix(')'));
        let parents = parents.map(|parents| parents.split(", ").collect()).unwrap_or_default();
        Some(Self { name, head, lines, tail, parents })
    }

    fn tidy(&self, inherited: &[&str], sorted: bool) -> String {
        // What a child's own column says no more than its parent's: `a integer`, under `a integer NOT NULL`.
        let says = |above: &&str, line: &str| {
            above.strip_prefix(line).is_some_and(|more| more.is_empty() || more.starts_with(' '))
        };
        // Since 18 a child that joined its parent keeps a NOT NULL of its own beside the parent's.
        let is_said = |line: &str| {
            let bare = without_not_null(line);
            // An expression of several lines has it behind its end.
            let has_it = |above: &str| above.ends_with(" NOT NULL") || above.ends_with('(');
            inherited
                .iter()
                .any(|above| says(above, line) || bare.is_some_and(|bare| has_it(above) && says(above, bare)))
        };
        let is_own = |line: &&&str| !is_said(line);
        let mut lines: Vec<&str> = self.lines.iter().filter(is_own).copied().collect();
        if sorted {
            lines.sort_unstable();
        }
        let tail = self.tail.iter().map(|line| {
            match line.strip_prefix("WITH (").and_then(|list| list.strip_suffix(')')) {
                Some(parameters) => {
                    let mut parameters: Vec<&str> = parameters.split(", ").collect();
                    parameters.sort_unstable();
                    format!("WITH ({})", parameters.join(", "))
                }
                None => (*line).to_owned(),
            }
        });
        let lines = lines.into_iter().map(str::to_owned);
        [self.head.to_owned()].into_iter().chain(lines).chain(tail).collect::<Vec<_>>().join("\n")
    }
}

/// A column without its NOT NULL, named or not.
fn without_not_null(line: &str) -> Option<&str> {
    let bare = line.strip_suffix(" NOT NULL")?;
    Some(bare.rsplit_once(" CONSTRAINT ").map_or(bare, |(column, _)| column))
}

#[cfg(test)]
mod tests {
    use super::difference;

    fn same(found: &[&str], wanted: &[&str], before: &[&str]) -> bool {
        let owned = |these: &[&str]| these.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        difference(&owned(found), &owned(wanted), Some(&owned(before))) == (vec![], vec![])
    }

    #[test]
    fn the_order_of_columns_counts_only_in_what_is_new() {
        let (ab, ba) = (
            "CREATE TABLE t (\n    a integer,\n    b text\n)",
            "CREATE TABLE t (\n    b text,\n    a integer\n)",
        );
        assert!(same(&[ab], &[ba], &[ab]));
        assert!(!same(&[ab], &[ba], &[]));
        let (xy, yx) = (
            "CREATE TYPE e AS ENUM (\n    'x',\n    'y'\n)",
            "CREATE TYPE e AS ENUM (\n    'y',\n    'x'\n)",
        );
        assert!(!same(&[xy], &[yx], &[xy]));
    }

    #[test]
    fn what_a_child_has_from_its_parent_need_not_be_its_own() {
        let (p, q) = ("CREATE TABLE p (\n    a integer\n)", "CREATE TABLE q (\n)\nINHERITS (p)");
        let (own, none) =
            ("CREATE TABLE c (\n    a integer\n)\nINHERITS (q)", "CREATE TABLE c (\n)\nINHERITS (q)");
        assert!(same(&[p, q, own], &[p, q, none], &[]));
        assert!(!same(&[q, own], &[q, none], &[]));
        let p = "CREATE TABLE p (\n    a integer DEFAULT 1 NOT NULL\n)";
        let own = "CREATE TABLE c (\n    a integer CONSTRAINT x NOT NULL\n)\nINHERITS (q)";
        assert!(same(&[p, q, own], &[p, q, none], &[]));
    }
}
