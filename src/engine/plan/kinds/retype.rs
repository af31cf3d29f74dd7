//! Columns that get another type: the statement, and the values as the new type takes them.

use crate::engine::catalog::{Fact, Kind};

use super::super::hazard::{Hazard, Lock};
use super::super::sql::Sql;
use super::column::table_word;
use super::{Cx, composite};

/// `ALTER COLUMN … TYPE` to a type (or a collation) that has the name of the old one.
pub(super) fn carried(cx: &Cx<'_>, ground: &Fact, was: &Fact, is: &Fact) -> Sql {
    let (table, own, kind) = (is.id.path(), is.id.own(), is.text("type"));
    let collation = is.get("collation").map(|name| format!(" COLLATE {name}")).unwrap_or_default();
    let text = format!("ALTER {} {table} ALTER COLUMN {own} TYPE {kind}{collation}", table_word(is));
    let lock = Hazard::Locks { table: table.clone(), mode: Lock::AccessExclusive };
    if ground.id.kind == Kind::Collation || is.text("_relkind") == "f" {
        return Sql::new(text).hazard(lock);
    }
    let (value, loss) = composite::carried(cx, ground, was, is);
    let why = format!("fails if rows of {table} have values that the new type has not");
    let mut sql = Sql::new(format!("{text} USING {value}")).hazard(Hazard::Rewrite { table });
    if let Some(loss) = loss {
        sql = sql.hazard(loss);
    }
    sql.hazard(Hazard::will_fail(why, None)).hazard(lock)
}

/// `ALTER COLUMN … TYPE`, with USING only where PostgreSQL finds no way by itself: a written cast cuts values off in silence
/// where the assignment would fail (docs, ALTER TABLE; table of casts: `pg_cast`).
pub(super) fn retype(cx: &Cx<'_>, table: &Fact, was: &Fact, is: &Fact) -> Sql {
    let (path, own) = (table.id.path(), is.id.own());
    let collation = is.get("collation").map(|name| format!(" COLLATE {name}")).unwrap_or_default();
    let mut text =
        format!("ALTER {} {path} ALTER COLUMN {own} TYPE {}{collation}", table_word(is), is.text("type"));
    let (from, to) = (was.text("type"), is.text("type"));
    let foreign = is.text("_relkind") == "f";
    if let Some(value) = cx.wishes.using.get(&is.id) {
        text.push_str(&format!(" USING {value}"));
        let why = format!("fails if {value} is no {to} for a row of {path}");
        let (probe, attempt) = match limit(to) {
            Some(most) => {
                (Some(format!("SELECT 1 FROM {path} WHERE length(({value})::text) > {most} LIMIT 1")), None)
            }
            None => (None, Some(format!("SELECT count(({value})::{to}) FROM {path}"))),
        };
        let fails = Hazard::WillFail { why, probe, attempt, now: None };
        let sql = Sql::new(text).hazard(Hazard::Rewrite { table: path.clone() }).hazard(fails);
        // What the expression keeps is not known.
        return match rounded(from, to) {
            Some(lost) => {
                sql.hazard(Hazard::data_loss(format!("{lost} of the values of {path}.{own}"), Some(path)))
            }
            None => sql,
        };
    }
    if from != to && !foreign && !is_assignable(was, is) {
        text.push_str(&format!(" USING {}", cast(&own, was, is)));
    }
    let mut sql = Sql::new(text);
    if from != to && !foreign && !is_widening(from, to) {
        sql = sql.hazard(Hazard::Rewrite { table: path.clone() });
        if !is_wider_number(from, to) {
            let why = format!("fails if {path}.{own} has values that are no {to}");
            let (probe, attempt) = question(&path, &own, was, is);
            sql = sql.hazard(Hazard::WillFail { why, probe, attempt, now: None });
        }
        // PostgreSQL rounds and cuts off without a word.
        if let Some(lost) = rounded(from, to) {
            let what = format!("{lost} of the values of {path}.{own}");
            sql = sql.hazard(Hazard::data_loss(what, None));
        }
    }
    sql
}

/// How long the strings of a type may be.
fn limit(name: &str) -> Option<&str> {
    let rest = name.strip_prefix("character varying(").or_else(|| name.strip_prefix("character("))?;
    rest.strip_suffix(')')
}

/// How to ask the rows whether they go over: one query that finds those that do not, or one that fails with them. A written
/// cast cuts strings off where the assignment fails.
fn question(table: &str, column: &str, was: &Fact, is: &Fact) -> (Option<String>, Option<String>) {
    let to = is.text("type");
    match limit(to) {
        Some(most) => {
            let long = format!("SELECT 1 FROM {table} WHERE length({column}::text) > {most} LIMIT 1");
            (Some(long), None)
        }
        _ => {
            let value =
                if is_assignable(was, is) { format!("{column}::{to}") } else { cast(column, was, is) };
            (None, Some(format!("SELECT count({value}) FROM {table}")))
        }
    }
}

/// What an assignment loses in silence between two types (docs 8.1, 8.5: numbers are rounded, times cut).
fn rounded(from: &str, to: &str) -> Option<&'static str> {
    if from.ends_with("[]") != to.ends_with("[]") {
        return None;
    }
    let (one, other) = (base(from), base(to));
    let is_whole = |name: &str| matches!(name, "smallint" | "integer" | "bigint");
    let has_fraction = |name: &str| matches!(name, "numeric" | "real" | "double precision");
    let digits = |name: &str, at: usize| -> Option<i32> {
        let inside = name.split_once('(')?.1.split_once(')')?.0;
        inside.split(',').nth(at)?.trim().parse().ok()
    };
    let time = |name: &str| name.starts_with("timestamp");
    match () {
        () if has_fraction(one) && is_whole(other) => Some("the fractions"),
        () if has_fraction(one) && other == "numeric" => {
            let (before, after) = (digits(from, 1), digits(to, 1));
            (after.is_some() && (one != "numeric" || before.is_none_or(|before| Some(before) > after)))
                .then_some("decimal places")
        }
        () if matches!(one, "numeric" | "double precision") && other == "real" => Some("digits"),
        () if matches!(one, "numeric" | "bigint") && other == "double precision" => Some("digits"),
        () if is_whole(one) && one != "smallint" && other == "real" => Some("digits"),
        () if time(one) && other == "date" => Some("the times of day"),
        () if time(one) && other.starts_with("time") && !time(other) => Some("the days"),
        () if one.starts_with("time") && other.starts_with("time") => {
            let (before, after) = (digits(from, 0).unwrap_or(6), digits(to, 0).unwrap_or(6));
            (before > after).then_some("fractions of seconds")
        }
        () if (one, other) == ("json", "jsonb") => Some("spaces, the order of keys and repeated keys"),
        () => None,
    }
}

/// Whether a column's default would not go over to its new type by itself.
pub(super) fn minds_default(cx: &Cx<'_>, column: &Fact) -> bool {
    let is = cx.new.fact(&column.id);
    let is_replaced = || {
        let types = cx.old.index(&column.id).map(|at| cx.old.needs(at)).unwrap_or_default();
        let mut types = types.iter().map(|(to, _)| &cx.old.facts()[*to].id);
        types.any(|of| cx.new.fact(of).is_none() && super::is_type_name_taken(cx.new, of))
    };
    is.is_some_and(|is| column.text("type") != is.text("type") && !is_assignable(column, is)) || is_replaced()
}

/// The value of a column as the other type.
pub(super) fn cast(value: &str, was: &Fact, is: &Fact) -> String {
    cast_between(value, was.text("type"), is.text("type"))
}

/// A value of one type as another.
pub(super) fn cast_between(value: &str, from: &str, to: &str) -> String {
    // Between a value and an array of values there is no way but through text.
    if from.ends_with("[]") != to.ends_with("[]") && !(is_string(from) && to.ends_with("[]")) {
        return format!("{value}::text::{to}");
    }
    let (from, target) = (base(from), base(to));
    let has_cast = is_string(from)
        || is_number(from) && is_number(target)
        || matches!((from, target), ("boolean", "integer") | ("integer", "boolean") | ("jsonb", "boolean"))
        || from == "jsonb" && is_number(target)
        || from.ends_with(".hstore") && matches!(target, "json" | "jsonb")
        || matches!((from, target), ("bigint" | "integer", "bit") | ("bit", "integer" | "bigint"));
    if has_cast { format!("{value}::{to}") } else { format!("{value}::text::{to}") }
}

/// The name of a type without its modifier.
fn base(name: &str) -> &str {
    let name = name.strip_suffix("[]").unwrap_or(name);
    name.split_once('(').map_or(name, |(name, _)| name)
}

pub(super) fn is_string(name: &str) -> bool {
    matches!(base(name), "text" | "character varying" | "character" | "name" | "citext")
}

fn is_number(name: &str) -> bool {
    matches!(base(name), "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision")
}

fn is_assignable(was: &Fact, is: &Fact) -> bool {
    let (from, to) = (was.text("type"), is.text("type"));
    if from.ends_with("[]") != to.ends_with("[]") {
        return is_string(to) && !to.ends_with("[]");
    }
    let time = |name: &str| name.starts_with("timestamp") || name == "date";
    let (plain_from, plain_to) = (base(from), base(to));
    plain_from == plain_to
        || is_string(to)
        || is_number(from) && is_number(to)
        || time(from) && time(to)
        || from.starts_with("timestamp") && to.starts_with("time")
        || matches!((plain_from, plain_to), ("json", "jsonb") | ("jsonb", "json"))
        || matches!((plain_from, plain_to), ("bit", "bit varying") | ("bit varying", "bit"))
        || matches!((plain_from, plain_to), ("inet", "cidr") | ("cidr", "inet"))
        || matches!((plain_from, plain_to), ("macaddr", "macaddr8") | ("macaddr8", "macaddr"))
}

/// Whether the one holds every value of the other, though it is written otherwise.
fn is_wider_number(from: &str, to: &str) -> bool {
    let rank =
        |name: &str| ["smallint", "integer", "bigint", "numeric"].iter().position(|known| *known == name);
    matches!((rank(from), rank(to)), (Some(from), Some(to)) if from < to)
}

/// Whether every value stays as it is on disk.
fn is_widening(from: &str, to: &str) -> bool {
    let limit = |name: &str| -> Option<i32> {
        name.strip_prefix("character varying(")?.strip_suffix(')')?.parse().ok()
    };
    match (from, to) {
        ("character varying", "text") | ("text", "character varying") => true,
        (_, "text" | "character varying") => limit(from).is_some(),
        _ => matches!((limit(from), limit(to)), (Some(from), Some(to)) if to >= from),
    }
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn what_is_rounded_or_cut_off_in_silence_is_said() {
        let check =
            |from: &str, to: &str, lost: Option<&str>| assert_eq!(rounded(from, to), lost, "{from} {to}");
        check("numeric", "integer", Some("the fractions"));
        check("numeric(10,2)", "numeric(10,1)", Some("decimal places"));
        check("numeric(10,2)", "numeric(12,2)", None);
        check("double precision", "real", Some("digits"));
        check("integer", "bigint", None);
        check("integer", "numeric(10,2)", None);
        check("timestamp with time zone", "date", Some("the times of day"));
        check(
            "timestamp(3) without time zone",
            "timestamp(0) without time zone",
            Some("fractions of seconds"),
        );
        check("timestamp without time zone", "timestamp with time zone", None);
        check("json", "jsonb", Some("spaces, the order of keys and repeated keys"));
        check("text", "character varying(3)", None);
    }
}
