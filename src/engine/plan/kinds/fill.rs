//! Columns that take no NULL, in tables that have rows: with the value that somebody gave for these.

use crate::engine::catalog::{Fact, Id, Kind};

use super::super::hazard::{Hazard, Lock};
use super::super::sql::Sql;
use super::child_column::of_children;
use super::column::{definition, extras, table_word};
use super::{Cx, not_null, volatile};

/// `ADD COLUMN` with a value for the rows that are there. One that needs no look at the row is a default that goes again, which
/// writes nothing (docs, ALTER TABLE, "Notes"); any other comes by UPDATE before NOT NULL.
pub(super) fn added(cx: &Cx<'_>, fact: &Fact, members: &[&Fact], value: &str) -> Vec<Sql> {
    let (table, own) = (fact.id.path(), fact.id.own());
    let what = format!("ALTER {} {table}", table_word(fact));
    let lock = Hazard::Locks { table: table.clone(), mode: Lock::AccessExclusive };
    let is_default = |member: &&&Fact| member.id.kind == Kind::Default;
    let default = members.iter().find(is_default).map(|member| member.text("expression"));
    let others: Vec<&Fact> =
        members.iter().copied().filter(|member| member.id.kind != Kind::Default).collect();
    let mut all = Vec::new();
    if is_constant(value) {
        let text = format!("{what} ADD COLUMN {} DEFAULT {value}", definition(cx, fact, &others, false));
        all.push(Sql::new(text).hazard(lock));
        all.push(Sql::new(match default {
            Some(default) => format!("{what} ALTER COLUMN {own} SET DEFAULT {default}"),
            None => format!("{what} ALTER COLUMN {own} DROP DEFAULT"),
        }));
    } else {
        let nullable = fact.with("not_null", None);
        let text = format!("{what} ADD COLUMN {}", definition(cx, &nullable, &others, false));
        all.push(Sql::new(text).hazard(lock));
        let filled = filling(cx, fact, format!("UPDATE {table} SET {own} = {value}"));
        let rewrites = |sql: Sql| sql.hazard(Hazard::Rewrite { table: table.clone() });
        all.extend(filled.into_iter().enumerate().map(|(at, sql)| if at == 0 { rewrites(sql) } else { sql }));
        let sql = Sql::new(format!("{what} {}", not_null::set(cx, fact)));
        let missing = nothing(value, &format!("{table} WHERE ({value}) IS NULL"));
        all.push(sql.hazard(Hazard::Scan { table }).hazard(missing));
        all.extend(
            default.map(|default| Sql::new(format!("{what} ALTER COLUMN {own} SET DEFAULT {default}"))),
        );
    }
    all.extend(extras(cx, fact));
    all.extend(of_children(cx, members));
    all
}

/// `SET NOT NULL`, after a value for the rows that have none, where somebody gave it.
pub(super) fn set_not_null(cx: &Cx<'_>, is: &Fact) -> Vec<Sql> {
    let (table, own) = (is.id.path(), is.id.own());
    let sql = Sql::new(format!("ALTER {} {table} {}", table_word(is), not_null::set(cx, is)));
    if is.is("not_null_not_valid") {
        return vec![sql];
    }
    let nulls = format!("{table} WHERE {own} IS NULL");
    let sql = sql.hazard(Hazard::Scan { table: table.clone() });
    let Some(value) = cx.wishes.fill.get(&is.id) else {
        let why = format!("fails if {table}.{own} has NULLs");
        return vec![sql.hazard(Hazard::will_fail(why, Some(format!("SELECT 1 FROM {nulls} LIMIT 1"))))];
    };
    let mut all = filling(cx, is, format!("UPDATE {table} SET {own} = {value} WHERE {own} IS NULL"));
    all.push(sql.hazard(nothing(value, &format!("{nulls} AND ({value}) IS NULL"))));
    all
}

/// The UPDATE of a column, and what it leaves for the end of the transaction.
fn filling(cx: &Cx<'_>, column: &Fact, update: String) -> Vec<Sql> {
    let settled = settled(cx, column);
    if !is_forced(cx, &column.id) {
        return [Some(Sql::new(update)), settled].into_iter().flatten().collect();
    }
    let rest = settled.map(|settled| format!(";\n{}", settled.text)).unwrap_or_default();
    vec![unforced(cx, &column.id, format!("{update}{rest}"))]
}

/// Whether policies may apply to the owner of the table that something is part of.
fn is_forced(cx: &Cx<'_>, part: &Id) -> bool {
    let table = part.of(Kind::Table);
    let is = |name: &str| {
        [cx.old, cx.new].iter().any(|catalog| catalog.fact(&table).is_some_and(|table| table.is(name)))
    };
    is("row_security") && is("force_row_security")
}

/// A statement that has to see every row of a table, where the owner runs it: with FORCE ROW LEVEL SECURITY policies
/// would apply. One step, so that no other transaction sees the table without FORCE.
pub(super) fn unforced(cx: &Cx<'_>, part: &Id, sql: String) -> Sql {
    if !is_forced(cx, part) {
        return Sql::new(sql);
    }
    let table = part.of(Kind::Table);
    let alter = format!("ALTER TABLE {}", table.path());
    let again = match cx.new.fact(&table).is_some_and(|table| table.is("force_row_security")) {
        true => format!(";\n{alter} FORCE ROW LEVEL SECURITY"),
        false => String::new(),
    };
    let lock = Hazard::Locks { table: table.path(), mode: Lock::AccessExclusive };
    Sql::new(format!("{alter} NO FORCE ROW LEVEL SECURITY;\n{sql}{again}")).hazard(lock)
}

/// An expression may have no value for a row either.
fn nothing(value: &str, rows: &str) -> Hazard {
    Hazard::will_fail(
        format!("fails if {value} is NULL for a row"),
        Some(format!("SELECT 1 FROM {rows} LIMIT 1")),
    )
}

/// What an UPDATE has left for the end of the transaction is done now: a table with such events cannot be altered.
fn settled(cx: &Cx<'_>, column: &Fact) -> Option<Sql> {
    let table = column.id.path();
    let of = column.id.of(Kind::Table);
    let waits = |fact: &Fact| {
        let is_about = fact.id.of(Kind::Table) == of
            || fact.id.kind == Kind::Constraint && fact.get("_references") == Some(table.as_str());
        let is_late = match fact.id.kind {
            Kind::Constraint => fact.text("definition").contains("DEFERRABLE"),
            Kind::Trigger => fact.text("definition").contains("CONSTRAINT TRIGGER"),
            _ => false,
        };
        is_about && is_late
    };
    let is_needed = [cx.old, cx.new].iter().any(|catalog| catalog.facts().iter().any(waits));
    is_needed.then(|| Sql::new("SET CONSTRAINTS ALL IMMEDIATE"))
}

/// Whether an expression is a literal, perhaps with the name of a type: whatever else there is may name a column.
fn is_constant(value: &str) -> bool {
    let value = value.trim();
    let word = value.to_ascii_lowercase();
    if ["true", "false", "current_timestamp", "now()", "current_date"].contains(&word.as_str()) {
        return true;
    }
    let (literal, types) = value.split_once("::").unwrap_or((value, ""));
    let literal = literal.trim();
    let is_number = literal.trim_start_matches(['-', '+']).starts_with(|c: char| c.is_ascii_digit())
        && literal.parse::<f64>().is_ok();
    let inside = literal.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let is_text = inside.is_some_and(|inside| !inside.replace("''", "").contains('\''));
    let is_type = types.chars().all(|c| c.is_alphanumeric() || "_.: ()[],\"".contains(c));
    (is_number || is_text) && is_type && !volatile::is_volatile(value)
}

#[cfg(test)]
mod tests {
    use super::is_constant;

    #[test]
    fn a_literal_is_constant_and_what_may_name_a_column_is_not() {
        for value in ["0", "-1.5", "'x'", "'it''s'", "'{}'::jsonb", "true", "now()"] {
            assert!(is_constant(value), "{value}");
        }
        for value in [
            "",
            "name",
            "lower(name)",
            "'a' || b",
            "gen_random_uuid()",
            "'a' || 'b'",
            "1 + x",
            "'a'::text || b",
            "nan",
            "inf",
        ] {
            assert!(!is_constant(value), "{value}");
        }
    }
}
