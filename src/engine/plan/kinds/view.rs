//! Views and materialized views, with what is said of their columns.

use std::collections::BTreeMap;

use crate::engine::catalog::{Fact, Id, Kind, unescaped};
use crate::pg::ident::Tidy;

use super::super::hazard::Hazard;
use super::super::sql::{Change, Sql};
use super::relation::{alter_options, with};
use super::{Cx, Rules};

pub(super) struct View;

impl Rules for View {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let mut all = vec![Sql::new(definition("CREATE VIEW", fact))];
        all.extend(defaults(None, fact));
        all
    }

    fn alter(&self, _: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        let has = |name: &str| attributes.contains(&name);
        let mut all = Vec::new();
        if has("definition") || has("columns") {
            if !is_prefix(was, is) {
                return Change::Replace;
            }
            all.push(Sql::new(definition("CREATE OR REPLACE VIEW", is)));
        } else if has("options") {
            all.extend(alter_options(&format!("ALTER VIEW {}", is.id.path()), was, is));
        }
        all.extend(defaults(Some(was), is));
        Change::InPlace(all)
    }
}

/// `CREATE … AS SELECT …`; the options are all set anew by CREATE OR REPLACE.
fn definition(what: &str, fact: &Fact) -> String {
    format!("{what} {}{} AS\n{}", fact.id.path(), with(fact), fact.text("definition"))
}

/// CREATE OR REPLACE VIEW only adds columns at the end (docs, CREATE VIEW).
fn is_prefix(was: &Fact, is: &Fact) -> bool {
    let (before, after): (Vec<&str>, Vec<&str>) =
        (was.lines("columns").collect(), is.lines("columns").collect());
    after.starts_with(&before)
}

fn defaults(was: Option<&Fact>, is: &Fact) -> Vec<Sql> {
    let before = was.map(|was| by_column(was, "defaults")).unwrap_or_default();
    let after = by_column(is, "defaults");
    let alter = |column: &str, what: String| {
        Sql::new(format!("ALTER VIEW {} ALTER COLUMN {} {what}", is.id.path(), Tidy(column)))
    };
    let gone = before.keys().filter(|column| !after.contains_key(*column));
    let mut all: Vec<Sql> = gone.map(|column| alter(column, "DROP DEFAULT".into())).collect();
    let set = after.iter().filter(|(column, value)| before.get(*column) != Some(value));
    all.extend(set.map(|(column, value)| alter(column, format!("SET DEFAULT {value}"))));
    all
}

/// A list of `column<tab>value`.
pub(in super::super) fn by_column(fact: &Fact, attribute: &str) -> BTreeMap<String, String> {
    let pair =
        |line: &str| line.split_once('\t').map(|(column, value)| (unescaped(column), unescaped(value)));
    fact.lines(attribute).filter_map(pair).collect()
}

/// A view of the same columns that reads nothing.
pub(in super::super) fn hollow(fact: &Fact) -> Sql {
    let column = |line: &str| {
        let mut parts = line.split('\t');
        let (name, of, collation) = (parts.next()?, parts.next()?, parts.next()?);
        let collation = if collation.is_empty() { String::new() } else { format!(" COLLATE {collation}") };
        Some(format!("NULL::{of}{collation} AS {}", Tidy(&unescaped(name))))
    };
    let columns: Vec<String> = fact.lines("columns").filter_map(column).collect();
    Sql::new(format!("CREATE OR REPLACE VIEW {} AS\n SELECT {}", fact.id.path(), columns.join(",\n    ")))
}

/// The view itself in place of one that reads nothing.
pub(in super::super) fn unfeigned(fact: &Fact) -> Vec<Sql> {
    let mut all = vec![Sql::new(definition("CREATE OR REPLACE VIEW", fact))];
    all.extend(defaults(None, fact));
    all
}

pub(super) struct MaterializedView;

impl Rules for MaterializedView {
    fn create(&self, cx: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let method = match fact.get("access_method") {
            Some(method) if method != "heap" => format!(" USING {}", Tidy(method)),
            _ => String::new(),
        };
        let filled = is_filled(cx, fact, &mut Vec::new());
        let what = format!("CREATE MATERIALIZED VIEW {}{method}{} AS", fact.id.path(), with(fact));
        let how = if filled { "" } else { "\n  WITH NO DATA" };
        let mut sql = Sql::new(format!("{what}\n{}{how}", fact.text("definition")));
        if filled && cx.old.fact(&fact.id).is_some() {
            sql = sql.hazard(Hazard::Rewrite { table: fact.id.path() });
        }
        let mut all = vec![sql];
        all.extend(
            settings(fact).into_iter().map(|((column, setting), value)| set(fact, &column, &setting, &value)),
        );
        all
    }

    fn alter(&self, cx: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        let mut all = Vec::new();
        for name in attributes {
            match *name {
                "options" => {
                    all.extend(alter_options(&format!("ALTER MATERIALIZED VIEW {}", is.id.path()), was, is));
                }
                "access_method" if cx.new.server >= 150_000 => {
                    let method = Tidy(is.text("access_method"));
                    let sql = format!("ALTER MATERIALIZED VIEW {} SET ACCESS METHOD {method}", is.id.path());
                    all.push(Sql::new(sql).hazard(Hazard::Rewrite { table: is.id.path() }));
                }
                "settings" => match altered_settings(was, is) {
                    Some(steps) => all.extend(steps),
                    None => return Change::Replace,
                },
                _ => return Change::Replace,
            }
        }
        Change::InPlace(all)
    }
}

/// Whether it has rows after it was made: as it was before, or as it is to be; never on one that has none.
fn is_filled(cx: &Cx<'_>, fact: &Fact, seen: &mut Vec<Id>) -> bool {
    if seen.contains(&fact.id) {
        return true;
    }
    seen.push(fact.id.clone());
    if fact.id.kind == Kind::MaterializedView && !cx.old.fact(&fact.id).unwrap_or(fact).is("_populated") {
        return false;
    }
    let views = cx.new.hosts(&fact.id, Kind::View).chain(cx.new.hosts(&fact.id, Kind::MaterializedView));
    views.into_iter().all(|host| is_filled(cx, host, seen))
}

/// Column and setting → value.
fn settings(fact: &Fact) -> BTreeMap<(String, String), String> {
    let line = |line: &str| {
        let mut parts = line.splitn(3, '\t');
        let (column, setting, value) = (parts.next()?, parts.next()?, parts.next()?);
        Some(((unescaped(column), setting.to_owned()), value.to_owned()))
    };
    fact.lines("settings").filter_map(line).collect()
}

fn set(fact: &Fact, column: &str, setting: &str, value: &str) -> Sql {
    let what = match setting {
        "OPTIONS" => format!("SET ({value})"),
        _ => format!("SET {setting} {value}"),
    };
    Sql::new(format!("ALTER MATERIALIZED VIEW {} ALTER COLUMN {} {what}", fact.id.path(), Tidy(column)))
}

/// `None` where there is no way back to what is usual.
fn altered_settings(was: &Fact, is: &Fact) -> Option<Vec<Sql>> {
    let (before, after) = (settings(was), settings(is));
    let mut all = Vec::new();
    for ((column, setting), value) in &before {
        if after.contains_key(&(column.clone(), setting.clone())) {
            continue;
        }
        match setting.as_str() {
            "STATISTICS" => all.push(set(is, column, setting, "-1")),
            "COMPRESSION" => all.push(set(is, column, setting, "default")),
            "OPTIONS" => all.push(reset(is, column, value)),
            _ => return None,
        }
    }
    for ((column, setting), value) in &after {
        match before.get(&(column.clone(), setting.clone())) {
            Some(same) if same == value => {}
            Some(other) if setting == "OPTIONS" => {
                all.push(reset(is, column, other));
                all.push(set(is, column, setting, value));
            }
            _ => all.push(set(is, column, setting, value)),
        }
    }
    Some(all)
}

fn reset(fact: &Fact, column: &str, options: &str) -> Sql {
    let names: Vec<&str> = options.split(", ").filter_map(|option| option.split('=').next()).collect();
    let (path, names) = (fact.id.path(), names.join(", "));
    Sql::new(format!("ALTER MATERIALIZED VIEW {path} ALTER COLUMN {} RESET ({names})", Tidy(column)))
}
