//! Constraints of tables: primary keys, unique, foreign keys, checks, exclusions.

use crate::engine::catalog::{Fact, Kind};
use crate::pg::ident::Tidy;

use super::super::hazard::{Hazard, Lock};
use super::super::satellites::plain;
use super::super::sql::{Change, Sql};
use super::relation::{alter_options, with};
use super::{Cx, Rules, index, inheritance};

pub(super) struct Constraint;

impl Rules for Constraint {
    fn create(&self, cx: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let mut all = vec![added(cx, fact)];
        all.extend(extras(fact));
        all
    }

    fn drop(&self, cx: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
        if inheritance::is_handed_over(cx, fact) {
            return Vec::new();
        }
        let table = cx.old.fact(&fact.id.of(Kind::Table)).map_or("TABLE", super::keyword);
        let sql = format!("ALTER {table} {} DROP CONSTRAINT {}", fact.id.path(), fact.id.own());
        let mut all = vec![Sql::new(sql)];
        if fact.text("type") == "c" {
            all.extend(inheritance::left_behind(cx, fact));
        }
        all
    }

    fn alter(&self, cx: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        let only = |names: &[&str]| attributes.iter().all(|name| names.contains(name));
        if only(&["clustered", "replica_identity", "options", "index_comment"]) {
            let mut all = alter_options(&format!("ALTER INDEX {}", own_index(is)), was, is);
            all.extend(attributes.contains(&"index_comment").then(|| commented(is)));
            all.extend(index::unmarked(cx, was, is));
            all.extend(index::marks(is));
            return Change::InPlace(all);
        }
        // What was not checked so far is.
        let validated = was.is("not_valid")
            && !is.is("not_valid")
            && only(&["not_valid", "definition"])
            && was.text("definition").strip_suffix(" NOT VALID") == is.get("definition");
        if validated {
            let (table, name) = (is.id.path(), is.id.own());
            let sql = Sql::new(format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}"));
            let why = format!("fails if rows of {table} break {name}");
            return Change::InPlace(vec![sql.hazard(Hazard::will_fail(why, None))]);
        }
        if is.text("type") == "f"
            && was.text("type") == "f"
            && only(&["definition"])
            && undeferred(was.text("definition")) == undeferred(is.text("definition"))
        {
            let how = deferral(is.text("definition"));
            let (table, name) = (is.id.path(), is.id.own());
            return Change::InPlace(vec![Sql::new(format!(
                "ALTER TABLE {table} ALTER CONSTRAINT {name} {how}"
            ))]);
        }
        Change::Replace
    }
}

/// What cannot stand in its definition.
pub(super) fn extras(fact: &Fact) -> Vec<Sql> {
    let mut all = index::marks(fact);
    all.extend(fact.get("index_comment").is_some().then(|| commented(fact)));
    all
}

fn own_index(fact: &Fact) -> String {
    format!("{}.{}", Tidy(&fact.id.schema), fact.id.own())
}

fn commented(fact: &Fact) -> Sql {
    let text = fact.get("index_comment").map_or("NULL".to_owned(), plain);
    Sql::new(format!("COMMENT ON INDEX {} IS {text}", own_index(fact)))
}

/// The definition with the parameters of its index: PostgreSQL prints them only with an index (docs, CREATE TABLE,
/// `index_parameters` stand before WHERE and DEFERRABLE).
fn definition(fact: &Fact) -> String {
    let (whole, with) = (fact.text("definition"), with(fact));
    let before = undeferred(whole);
    let before = match fact.text("type") {
        "x" => before.rfind(" WHERE (").map_or(before, |at| &before[..at]),
        _ => before,
    };
    format!("{before}{with}{}", &whole[before.len()..])
}

/// `ALTER TABLE … ADD CONSTRAINT`.
fn added(cx: &Cx<'_>, fact: &Fact) -> Sql {
    let (table, name, definition) = (fact.id.path(), fact.id.own(), definition(fact));
    // A key of a partitioned table would be put on its partitions, under names of PostgreSQL's own; they get theirs, which
    // are then attached. Foreign keys and checks go down by themselves.
    let only =
        if matches!(fact.text("type"), "p" | "u" | "x") && fact.is("_partitioned") { "ONLY " } else { "" };
    let foreign =
        cx.new.fact(&fact.id.of(Kind::Table)).is_some_and(|table| table.text("type") == "FOREIGN TABLE");
    let word = if foreign { "FOREIGN TABLE" } else { "TABLE" };
    let sql = Sql::new(format!("ALTER {word} {only}{table} ADD CONSTRAINT {name} {definition}"));
    let there_before = cx.old.fact(&fact.id.of(Kind::Table)).is_some();
    if !there_before {
        return sql;
    }
    let mode = if fact.text("type") == "f" { Lock::ShareRowExclusive } else { Lock::AccessExclusive };
    let sql = sql.hazard(Hazard::Locks { table: table.clone(), mode });
    if fact.is("not_valid") {
        return sql;
    }
    let probe = probe(fact);
    let why = match fact.text("type") {
        "p" | "u" => format!("fails if rows of {table} have the same {}", columns(fact)),
        "f" => format!("fails if rows of {table} refer to none of {}", fact.text("_references")),
        "c" => format!("fails if rows of {table} break {definition}"),
        _ => format!("fails if rows of {table} exclude each other"),
    };
    sql.hazard(Hazard::Scan { table }).hazard(Hazard::will_fail(why, probe))
}

fn columns(fact: &Fact) -> String {
    let names: Vec<String> = fact.lines("_columns").map(|name| Tidy(name).to_string()).collect();
    format!("({})", names.join(", "))
}

/// A query that returns a row if rows break it, where that can be asked simply.
fn probe(fact: &Fact) -> Option<String> {
    let table = fact.id.path();
    match fact.text("type") {
        "c" => {
            let condition = fact.text("definition").strip_prefix("CHECK ")?;
            let condition = condition.strip_suffix(" NO INHERIT").unwrap_or(condition);
            Some(format!("SELECT 1 FROM {table} WHERE NOT {condition} LIMIT 1"))
        }
        "p" => {
            let names: Vec<String> = fact.lines("_columns").map(|name| Tidy(name).to_string()).collect();
            let nulls: Vec<String> = names.iter().map(|name| format!("{name} IS NULL")).collect();
            let list = names.join(", ");
            Some(format!(
                "(SELECT 1 FROM {table} WHERE {} LIMIT 1) UNION ALL (SELECT 1 FROM {table} GROUP BY {list} HAVING count(*) > 1 LIMIT 1)",
                nulls.join(" OR ")
            ))
        }
        "u" => {
            let names: Vec<String> = fact.lines("_columns").map(|name| Tidy(name).to_string()).collect();
            let known: Vec<String> = names.iter().map(|name| format!("{name} IS NOT NULL")).collect();
            let (list, known) = (names.join(", "), known.join(" AND "));
            Some(format!("SELECT 1 FROM {table} WHERE {known} GROUP BY {list} HAVING count(*) > 1 LIMIT 1"))
        }
        "f" => orphans(fact),
        _ => None,
    }
}

/// A query for a row that refers to none, by columns that are simple names.
fn orphans(fact: &Fact) -> Option<String> {
    let (_, rest) = fact.text("definition").split_once(") REFERENCES ")?;
    let theirs = rest.strip_prefix(fact.text("_references"))?.strip_prefix('(')?.split_once(')')?.0;
    let theirs: Vec<&str> = theirs.split(", ").collect();
    let ours: Vec<String> = fact.lines("_columns").map(|name| Tidy(name).to_string()).collect();
    if theirs.len() != ours.len() || theirs.iter().any(|name| name.contains('"')) {
        return None;
    }
    let known: Vec<String> = ours.iter().map(|name| format!("c.{name} IS NOT NULL")).collect();
    let same: Vec<String> =
        ours.iter().zip(&theirs).map(|(own, their)| format!("p.{their} = c.{own}")).collect();
    Some(format!(
        "SELECT 1 FROM {} c WHERE {} AND NOT EXISTS (SELECT FROM {} p WHERE {}) LIMIT 1",
        fact.id.path(),
        known.join(" AND "),
        fact.text("_references"),
        same.join(" AND ")
    ))
}

/// As it stands inside a CREATE TABLE.
pub(super) fn inline(fact: &Fact) -> String {
    format!("CONSTRAINT {} {}", fact.id.own(), definition(fact))
}

const DEFERRALS: [&str; 2] = [" DEFERRABLE INITIALLY DEFERRED", " DEFERRABLE"];

fn undeferred(definition: &str) -> &str {
    DEFERRALS.iter().find_map(|suffix| definition.strip_suffix(suffix)).unwrap_or(definition)
}

fn deferral(definition: &str) -> &'static str {
    if definition.ends_with(DEFERRALS[0]) {
        "DEFERRABLE INITIALLY DEFERRED"
    } else if definition.ends_with(DEFERRALS[1]) {
        "DEFERRABLE INITIALLY IMMEDIATE"
    } else {
        "NOT DEFERRABLE"
    }
}

/// Whether a foreign key must be gone while one of its columns gets another type: not where both types are compared by one
/// operator family all the time.
pub(super) fn minds(cx: &Cx<'_>, ground: &Fact, _: &Fact) -> bool {
    let Some(is) = cx.new.fact(&ground.id) else { return true };
    let family = |name: &str| -> Option<u8> {
        match name.split('(').next().unwrap_or(name) {
            "smallint" | "integer" | "bigint" => Some(1),
            "text" | "character varying" => Some(2),
            _ => None,
        }
    };
    let (before, after) = (family(ground.text("type")), family(is.text("type")));
    before.is_none() || before != after
}
