//! Indexes that no constraint made.

use crate::engine::catalog::{Fact, Id, Kind};

use super::super::hazard::{Hazard, Lock};
use super::super::satellites::plain;
use super::super::sql::{Change, Sql};
use super::relation::{alter_options, options};
use super::{Cx, Rules};

pub(super) struct Index;

impl Rules for Index {
    fn create(&self, cx: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let table = fact.text("_table").to_owned();
        let on = Id::new(Kind::Table, fact.text("_table_schema"), fact.text("_table_name"), "");
        let mut sql = Sql::new(fact.text("definition"));
        if fact.text("_relkind") != "p" {
            sql = sql.hazard(Hazard::Locks { table, mode: Lock::Share });
        }
        if fact.is("_unique") && !cx.is_made(&on) {
            sql = sql.hazard(repeats(fact));
        }
        let mut all = vec![sql];
        all.extend(statistics(fact));
        all.extend(marks(fact));
        all
    }

    fn alter(&self, cx: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        let known = ["clustered", "replica_identity", "statistics", "options", "definition"];
        if attributes.iter().any(|name| !known.contains(name))
            || bare(was.text("definition")) != bare(is.text("definition"))
        {
            return Change::Replace;
        }
        let mut all = set_options(was, is);
        if attributes.contains(&"statistics") {
            let gone = was.lines("statistics").filter_map(|line| line.split_once(' '));
            for (column, _) in gone.filter(|(column, _)| {
                !is.lines("statistics").any(|line| line.starts_with(&format!("{column} ")))
            }) {
                all.push(Sql::new(format!(
                    "ALTER INDEX {} ALTER COLUMN {column} SET STATISTICS -1",
                    is.id.path()
                )));
            }
            all.extend(statistics(is));
        }
        all.extend(unmarked(cx, was, is));
        if attributes.iter().any(|name| ["clustered", "replica_identity"].contains(name)) {
            all.extend(marks(is));
        }
        Change::InPlace(all)
    }
}

/// That rows may repeat what is to be there once.
fn repeats(fact: &Fact) -> Hazard {
    let (table, keys) = (fact.text("_table"), fact.text("_keys"));
    let condition = match fact.text("_counts") {
        "" => String::new(),
        counts => format!(" WHERE {counts}"),
    };
    let why = format!("fails if rows of {table} have the same ({keys})");
    let probe = format!("SELECT 1 FROM {table}{condition} GROUP BY {keys} HAVING count(*) > 1 LIMIT 1");
    Hazard::will_fail(why, Some(probe))
}

/// The storage parameters, in the order in which they are kept: what is set comes last.
fn set_options(was: &Fact, is: &Fact) -> Vec<Sql> {
    let what = format!("ALTER INDEX {}", is.id.path());
    let (before, after) = (names(was.text("definition")), names(is.text("definition")));
    let (old, new) = (options(was, "options"), options(is, "options"));
    let same = |name: &&&str| old.get(**name) == new.get(**name);
    let kept: Vec<&str> = before.iter().filter(same).copied().collect();
    let mut set: Vec<&str> = new.keys().map(String::as_str).filter(|name| !kept.contains(name)).collect();
    if before == after && kept == after || kept.iter().chain(&set).eq(after.iter()) {
        return alter_options(&what, was, is);
    }
    set.clear();
    set.extend(after);
    let each = |name: &&str| Some(format!("{name} = {}", plain(new.get(*name)?)));
    let values: Vec<String> = set.iter().filter_map(each).collect();
    let reset = (!before.is_empty()).then(|| Sql::new(format!("{what} RESET ({})", before.join(", "))));
    let set = (!values.is_empty()).then(|| Sql::new(format!("{what} SET ({})", values.join(", "))));
    reset.into_iter().chain(set).collect()
}

/// The names of the storage parameters in a definition.
fn names(definition: &str) -> Vec<&str> {
    let inside = definition.split_once(" WITH (").and_then(|(_, rest)| rest.split_once(')'));
    let pairs = inside.into_iter().flat_map(|(inside, _)| inside.split(", "));
    pairs.filter_map(|pair| pair.split_once('=')).map(|(name, _)| name).collect()
}

/// The definition without its storage parameters.
fn bare(definition: &str) -> String {
    let Some((before, rest)) = definition.split_once(" WITH (") else { return definition.to_owned() };
    let after = rest.split_once(')').map_or("", |(_, after)| after);
    format!("{before}{after}")
}

fn statistics(fact: &Fact) -> Vec<Sql> {
    let each = |(column, target): (&str, &str)| {
        Sql::new(format!("ALTER INDEX {} ALTER COLUMN {column} SET STATISTICS {target}", fact.id.path()))
    };
    fact.lines("statistics").filter_map(|line| line.split_once(' ')).map(each).collect()
}

/// That the table is clustered on it, or that it is the table's replica identity. Also for the index of a constraint.
pub(super) fn marks(fact: &Fact) -> Vec<Sql> {
    let (table, name) = (table_of(fact), own_name(fact));
    let mut all = Vec::new();
    if fact.is("clustered") {
        all.push(Sql::new(format!("ALTER TABLE {table} CLUSTER ON {name}")));
    }
    if fact.is("replica_identity") {
        all.push(Sql::new(format!("ALTER TABLE {table} REPLICA IDENTITY USING INDEX {name}")));
    }
    all
}

/// That the table is clustered on it no more, unless another index has taken its place.
pub(super) fn unmarked(cx: &Cx<'_>, was: &Fact, is: &Fact) -> Vec<Sql> {
    let table = match is.id.sub.is_empty() {
        true => (is.text("_table_schema"), is.text("_table_name")),
        false => (is.id.schema.as_str(), is.id.name.as_str()),
    };
    let other = || {
        cx.new.facts().iter().any(|fact| match fact.id.kind {
            Kind::Index => {
                (fact.text("_table_schema"), fact.text("_table_name")) == table && fact.is("clustered")
            }
            Kind::Constraint => {
                (fact.id.schema.as_str(), fact.id.name.as_str()) == table && fact.is("clustered")
            }
            _ => false,
        })
    };
    if was.is("clustered") && !is.is("clustered") && !other() {
        return vec![Sql::new(format!("ALTER TABLE {} SET WITHOUT CLUSTER", table_of(is)))];
    }
    Vec::new()
}

fn table_of(fact: &Fact) -> String {
    match fact.id.sub.is_empty() {
        true => fact.text("_table").to_owned(),
        false => fact.id.path(),
    }
}

fn own_name(fact: &Fact) -> String {
    let name = if fact.id.sub.is_empty() { &fact.id.name } else { &fact.id.sub };
    crate::pg::ident::Tidy(name).to_string()
}
