//! New columns that take no NULL, in tables that have rows: with the value that somebody gave for these.

use crate::engine::catalog::Fact;

use super::super::hazard::{Hazard, Lock};
use super::super::sql::Sql;
use super::column::{definition, extras, table_word};
use super::{Cx, volatile};

/// `ADD COLUMN` with a value for the rows that are there. One that needs no look at the row is a default that goes again, which
/// writes nothing (docs, ALTER TABLE, "Notes"); any other comes by UPDATE before NOT NULL.
pub(super) fn added(cx: &Cx<'_>, fact: &Fact, members: &[&Fact], value: &str) -> Vec<Sql> {
    let (table, own) = (fact.id.path(), fact.id.own());
    let what = format!("ALTER {} {table}", table_word(fact));
    let lock = Hazard::Locks { table: table.clone(), mode: Lock::AccessExclusive };
    let mut all = Vec::new();
    if is_constant(value) {
        let text = format!("{what} ADD COLUMN {} DEFAULT {value}", definition(cx, fact, members, false));
        all.push(Sql::new(text).hazard(lock));
        all.push(Sql::new(format!("{what} ALTER COLUMN {own} DROP DEFAULT")));
    } else {
        let nullable = fact.with("not_null", None);
        all.push(
            Sql::new(format!("{what} ADD COLUMN {}", definition(cx, &nullable, members, false))).hazard(lock),
        );
        let filled = Sql::new(format!("UPDATE {table} SET {own} = {value}"));
        all.push(filled.hazard(Hazard::Rewrite { table: table.clone() }));
        all.push(Sql::new(format!("{what} ALTER COLUMN {own} SET NOT NULL")).hazard(Hazard::Scan { table }));
    }
    all.extend(extras(cx, fact));
    all
}

/// Whether an expression is a literal, perhaps with a cast: whatever names something may be another column.
fn is_constant(value: &str) -> bool {
    let value = value.trim();
    let word = value.to_ascii_lowercase();
    if ["true", "false", "current_timestamp", "now()", "current_date"].contains(&word.as_str()) {
        return true;
    }
    let literal = value.split("::").next().unwrap_or(value).trim();
    let is_number = !literal.is_empty() && literal.parse::<f64>().is_ok();
    let inside = literal.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let is_text = inside.is_some_and(|inside| !inside.replace("''", "").contains('\''));
    (is_number || is_text) && !volatile::is_volatile(value)
}

#[cfg(test)]
mod tests {
    use super::is_constant;

    #[test]
    fn a_literal_is_constant_and_what_may_name_a_column_is_not() {
        for value in ["0", "-1.5", "'x'", "'it''s'", "'{}'::jsonb", "true", "now()"] {
            assert!(is_constant(value), "{value}");
        }
        for value in ["", "name", "lower(name)", "'a' || b", "gen_random_uuid()", "'a' || 'b'", "1 + x"] {
            assert!(!is_constant(value), "{value}");
        }
    }
}
