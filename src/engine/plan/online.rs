//! The forms of statements that stop nobody for long (docs, CREATE INDEX "Building Indexes Concurrently"; ALTER TABLE "Notes"):
//! an index is built CONCURRENTLY, a check or foreign key is added NOT VALID and validated afterwards, NOT NULL comes
//! through such a check. Each takes transactions of its own, so that such a plan is not undone as one.

use std::collections::BTreeSet;

use crate::engine::catalog::{Catalog, Fact, Id, Kind};
use crate::pg::ident::Tidy;

use super::{Hazard, Step};

/// Rewrite the steps of a plan. Tables that the plan itself creates are nobody's yet, and stay as they are.
pub(super) fn online(steps: Vec<Step>, old: &Catalog, new: &Catalog) -> Vec<Step> {
    let mut all = Vec::with_capacity(steps.len());
    let mut late = Vec::new();
    let created: BTreeSet<Id> = steps
        .iter()
        .filter(|step| step.about.kind == Kind::Table && step.sql.starts_with("CREATE "))
        .map(|step| step.about.clone())
        .collect();
    for step in steps {
        let fact = new.fact(&step.about);
        let rewritten = match fact {
            Some(fact) if is_busy(old, &created, fact) => rewritten(&step, fact),
            None if step.about.kind == Kind::Index && step.sql.starts_with("DROP INDEX ") => {
                dropped(&step, old)
            }
            _ => None,
        };
        match rewritten {
            Some((now, later)) => {
                all.extend(now);
                late.extend(later);
            }
            None => all.push(step),
        }
    }
    all.extend(late);
    all
}

/// Whether others may be using the table that a step is about.
fn is_busy(old: &Catalog, created: &BTreeSet<Id>, fact: &Fact) -> bool {
    let table = match fact.id.kind {
        Kind::Index => Id::new(Kind::Table, fact.text("_table_schema"), fact.text("_table_name"), ""),
        _ => fact.id.of(Kind::Table),
    };
    let is_plain = |table: &Fact| table.text("type") == "TABLE";
    !created.contains(&table) && old.fact(&table).is_some_and(is_plain)
}

/// The steps in the place of one, and those that wait for the end.
fn rewritten(step: &Step, fact: &Fact) -> Option<(Vec<Step>, Vec<Step>)> {
    match fact.id.kind {
        Kind::Index => {
            let (head, rest) = step.sql.split_once("INDEX ")?;
            let is_create = head == "CREATE " || head == "CREATE UNIQUE ";
            is_create.then(|| (vec![alone(step, format!("{head}INDEX CONCURRENTLY {rest}"))], Vec::new()))
        }
        Kind::Constraint => constraint(step, fact),
        Kind::Column if step.sql.ends_with(" SET NOT NULL") => Some((not_null(step, fact), Vec::new())),
        _ => None,
    }
}

fn dropped(step: &Step, old: &Catalog) -> Option<(Vec<Step>, Vec<Step>)> {
    let fact = old.fact(&step.about)?;
    if fact.text("_relkind") == "p" {
        return None;
    }
    let name = step.sql.strip_prefix("DROP INDEX ")?;
    Some((vec![alone(step, format!("DROP INDEX CONCURRENTLY {name}"))], Vec::new()))
}

fn constraint(step: &Step, fact: &Fact) -> Option<(Vec<Step>, Vec<Step>)> {
    if !step.sql.contains(" ADD CONSTRAINT ") || fact.is("not_valid") {
        return None;
    }
    let (table, name) = (fact.id.path(), fact.id.own());
    match fact.text("type") {
        "c" | "f" => {
            let added = quick(step, format!("{} NOT VALID", step.sql));
            let validated = slow(step, format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}"));
            Some((vec![added], vec![validated]))
        }
        // The index is built beside, and becomes the constraint's.
        "p" | "u" => {
            let definition = fact.text("definition");
            let (columns, deferral) = definition.split_at(definition.rfind(')')? + 1);
            let word = if fact.text("type") == "p" { "PRIMARY KEY " } else { "UNIQUE " };
            let columns = columns.strip_prefix(word)?;
            if columns.contains("WITH (") || columns.contains("WITHOUT OVERLAPS") {
                return None;
            }
            // NULLS NOT DISTINCT stands behind the columns of an index.
            let (columns, nulls) = match columns.strip_prefix("NULLS NOT DISTINCT ") {
                Some(columns) => (columns, " NULLS NOT DISTINCT"),
                None => (columns, ""),
            };
            let index = format!("CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} {columns}{nulls}");
            let using =
                format!("ALTER TABLE {table} ADD CONSTRAINT {name} {word}USING INDEX {name}{deferral}");
            Some((vec![alone(step, index), quick(step, using)], Vec::new()))
        }
        _ => None,
    }
}

/// A check that is validated while others write spares SET NOT NULL the reading under its lock (docs, ALTER TABLE, `SET NOT
/// NULL`).
fn not_null(step: &Step, fact: &Fact) -> Vec<Step> {
    let (table, own) = (fact.id.path(), fact.id.own());
    let mut name: String = format!("{}_pgkeel_not_null", fact.id.sub);
    while name.len() > 63 {
        name.remove(0);
    }
    let name = Tidy(&name).to_string();
    vec![
        quick(step, format!("ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({own} IS NOT NULL) NOT VALID")),
        slow(step, format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}")),
        quick(step, step.sql.clone()),
        quick(step, format!("ALTER TABLE {table} DROP CONSTRAINT {name}")),
    ]
}

/// Without a transaction.
fn alone(step: &Step, sql: String) -> Step {
    let mut step = slow(step, sql);
    step.in_transaction = false;
    step.hazards.push(Hazard::NotTransactional);
    step
}

/// One that reads all rows and lets others write; in a transaction of its own, so that the locks of others end before.
fn slow(step: &Step, sql: String) -> Step {
    let hazards =
        step.hazards.iter().filter(|hazard| matches!(hazard, Hazard::WillFail { .. })).cloned().collect();
    Step { sql, hazards, ends: true, ..step.clone() }
}

/// One that is done at once.
fn quick(step: &Step, sql: String) -> Step {
    let hazards =
        step.hazards.iter().filter(|hazard| matches!(hazard, Hazard::Locks { .. })).cloned().collect();
    Step { sql, hazards, ends: true, ..step.clone() }
}
