//! Lets an owner check foreign keys of tables with FORCE ROW LEVEL SECURITY: PostgreSQL checks all existing rows by a query,
//! to which policies apply. With `row_security = off` that is an error; otherwise hidden rows would not be checked.

use std::collections::BTreeSet;

use crate::engine::catalog::{Catalog, Fact, Id, Kind};

use super::Step;
use super::hazard::{Hazard, Lock};

/// Place the steps that check foreign keys of such tables between NO FORCE and FORCE.
pub(super) fn unforced(steps: &mut [Step], old: &Catalog, new: &Catalog) {
    let is_forced = |fact: &&Fact| {
        fact.id.kind == Kind::Table && fact.is("row_security") && fact.is("force_row_security")
    };
    let forced: BTreeSet<&Id> = [old, new]
        .iter()
        .flat_map(|catalog| catalog.facts())
        .filter(is_forced)
        .map(|fact| &fact.id)
        .collect();
    if forced.is_empty() {
        return;
    }
    for step in steps.iter_mut().filter(|step| step.in_transaction) {
        let keys = checked(step, old, new);
        let tables = forced.iter().filter(|table| keys.iter().any(|key| is_of(key, table)));
        let (mut before, mut after) = (String::new(), String::new());
        for table in tables {
            let alter = format!("ALTER TABLE {}", table.path());
            before.push_str(&format!("{alter} NO FORCE ROW LEVEL SECURITY;\n"));
            if new.fact(table).is_some_and(|table| table.is("force_row_security")) {
                after.push_str(&format!(";\n{alter} FORCE ROW LEVEL SECURITY"));
            }
            if old.fact(table).is_some() {
                step.hazards.push(Hazard::Locks { table: table.path(), mode: Lock::AccessExclusive });
            }
        }
        step.sql = format!("{before}{}{after}", step.sql);
    }
}

/// The foreign keys whose rows a step checks.
fn checked<'a>(step: &Step, old: &'a Catalog, new: &'a Catalog) -> Vec<&'a Fact> {
    let is_key = |fact: &&Fact| fact.id.kind == Kind::Constraint && fact.text("type") == "f";
    let sql = &step.sql;
    match step.about.kind {
        Kind::Constraint
            if sql.contains(" VALIDATE CONSTRAINT ")
                || sql.contains(" ADD CONSTRAINT ") && !sql.ends_with(" NOT VALID") =>
        {
            new.fact(&step.about).filter(is_key).into_iter().collect()
        }
        // The keys that it has afterwards are checked again.
        Kind::Column if sql.contains(" ALTER COLUMN ") && sql.contains(" TYPE ") => {
            let table = step.about.of(Kind::Table);
            let all = old.facts().iter().chain(new.facts());
            all.filter(is_key).filter(|key| is_of(key, &table)).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a foreign key is one of a table, or refers to it.
fn is_of(key: &Fact, table: &Id) -> bool {
    key.id.of(Kind::Table) == *table || key.text("_references") == table.path()
}
