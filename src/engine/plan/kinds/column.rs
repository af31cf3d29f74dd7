//! Columns of tables, and their defaults.

use crate::engine::catalog::{Fact, Id, Kind};

use crate::pg::ident::Tidy;

use super::super::hazard::{Hazard, Lock};
use super::super::satellites::plain;
use super::super::sql::{Change, Sql};
use super::relation::{alter_foreign, alter_options, foreign, options};
use super::{Cx, Rules, composite, sequence, table};

pub(super) struct Column;

impl Rules for Column {
    fn create(&self, cx: &Cx<'_>, fact: &Fact, members: &[&Fact]) -> Vec<Sql> {
        let word = table_word(fact);
        let table = fact.id.path();
        let mut sql =
            Sql::new(format!("ALTER {word} {table} ADD COLUMN {}", definition(cx, fact, members, false)));
        sql = sql.hazard(Hazard::Locks { table: table.clone(), mode: Lock::AccessExclusive });
        let has_default =
            members.iter().any(|member| matches!(member.id.kind, Kind::Default | Kind::Sequence));
        let is_volatile = default(fact, members).is_some_and(is_volatile);
        let has_sequence = members.iter().any(|member| member.id.kind == Kind::Sequence);
        if fact.get("generated") == Some("s") || has_sequence || is_volatile {
            sql = sql.hazard(Hazard::Rewrite { table: table.clone() });
        } else if !has_default && domain_refuses_null(cx, fact) {
            let why = format!("fails if {table} has rows and {} refuses NULL", fact.text("type"));
            let probe = Some(format!("SELECT 1 FROM {table} LIMIT 1"));
            sql = sql.hazard(Hazard::WillFail { why, probe });
        } else if let Some(refuses) = refuses_null(cx, fact).filter(|_| !has_default) {
            if fact.is("_domain") {
                sql = sql.hazard(Hazard::Rewrite { table: table.clone() });
            }
            let why = format!("fails if {table} has rows: {} has no value for them{refuses}", fact.id.own());
            sql = sql.hazard(Hazard::WillFail { why, probe: Some(format!("SELECT 1 FROM {table} LIMIT 1")) });
        }
        let mut all = vec![sql];
        all.extend(extras(cx, fact));
        all
    }

    fn drop(&self, cx: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
        let (table, own) = (fact.id.path(), fact.id.own());
        let only = if drops_alone(cx, &fact.id) { "ONLY " } else { "" };
        let sql = Sql::new(format!("ALTER {} {only}{table} DROP COLUMN {own}", table_word(fact)));
        let sql = sql.hazard(Hazard::Locks { table: table.clone(), mode: Lock::AccessExclusive });
        if fact.get("generated").is_some() || fact.text("_relkind") == "f" {
            return vec![sql];
        }
        vec![
            sql.hazard(Hazard::DataLoss { what: format!("the values of {table}.{own}"), table: Some(table) }),
        ]
    }

    fn alter(&self, cx: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        let has = |name: &str| attributes.contains(&name);
        if has("generated") && is.get("generated").is_some() || !has("generated") && has("expression") {
            return Change::Replace;
        }
        let covered = |name: &str| is_covered(cx, was, is, name);
        let mut all = Vec::new();
        let alter = |what: String| {
            Sql::new(format!("ALTER {} {} ALTER COLUMN {} {what}", table_word(is), is.id.path(), is.id.own()))
        };
        let alone = |what: String| {
            let only = if table::has_children(cx, &is.id.of(Kind::Table)) { "ONLY " } else { "" };
            Sql::new(format!(
                "ALTER {} {only}{} ALTER COLUMN {} {what}",
                table_word(is),
                is.id.path(),
                is.id.own()
            ))
        };
        if has("generated") && !covered("generated") {
            all.push(alter("DROP EXPRESSION".into()));
        }
        // NOT NULL goes first, and comes before an identity, which wants it.
        if has("identity") && is.get("identity").is_none() {
            all.push(alter("DROP IDENTITY".into()));
        }
        if has("not_null") && !is.is("not_null") && !covered("not_null") {
            all.push(alter("DROP NOT NULL".into()));
        }
        let retyped = has("type") || has("collation");
        if retyped && !(covered("type") && covered("collation")) {
            all.push(retype(is, was, is));
        }
        if has("not_null") && is.is("not_null") && !covered("not_null") {
            all.push(set_not_null(is));
        } else if has("not_null_name") && is.is("not_null") {
            all.push(Sql::new(format!(
                "ALTER {} {} RENAME CONSTRAINT {} TO {}",
                table_word(is),
                is.id.path(),
                not_null_name(was),
                not_null_name(is)
            )));
        }
        if has("identity") && is.get("identity").is_some() {
            all.extend(set_identity(cx, was, is));
        }
        for name in attributes {
            match *name {
                "generated" | "expression" | "identity" | "not_null" | "not_null_name" | "type"
                | "collation" => {}
                "storage" => {
                    let storage = is.get("storage").unwrap_or(is.text("_type_storage"));
                    all.push(alone(format!("SET STORAGE {storage}")));
                }
                "compression" => {
                    all.push(alone(format!(
                        "SET COMPRESSION {}",
                        is.get("compression").unwrap_or("default")
                    )));
                }
                "statistics" => {
                    all.push(alone(format!("SET STATISTICS {}", is.get("statistics").unwrap_or("-1"))));
                }
                "options" => {
                    let what = format!(
                        "ALTER {} ONLY {} ALTER COLUMN {}",
                        table_word(is),
                        is.id.path(),
                        is.id.own()
                    );
                    all.extend(alter_options(&what, was, is));
                }
                "foreign_options" => {
                    all.extend(alter_foreign(was, is, "foreign_options").map(alter));
                }
                _ => return Change::Refuse(format!("there is no statement that changes its {name}")),
            }
        }
        if retyped {
            // The type brings its own (docs, ALTER TABLE says nothing; `ATExecAlterColumnType`).
            let again = |name: &str| is.get(name).filter(|_| !has(name));
            all.extend(again("storage").map(|storage| alone(format!("SET STORAGE {storage}"))));
            all.extend(again("compression").map(|method| alone(format!("SET COMPRESSION {method}"))));
        }
        let lock = Hazard::Locks { table: is.id.path(), mode: Lock::AccessExclusive };
        let all = all.into_iter().map(|sql| sql.hazard(lock.clone())).collect();
        if retyped { Change::Retype(all) } else { Change::InPlace(all) }
    }

    fn rebuild(&self, cx: &Cx<'_>, ground: &Fact, was: &Fact, is: &Fact) -> Change {
        let is_type = matches!(
            ground.id.kind,
            Kind::Enum | Kind::Composite | Kind::Range | Kind::Domain | Kind::BaseType | Kind::Collation
        ) || ground.id.kind == Kind::Table && ground.id != was.id.of(Kind::Table);
        if !is_type || was.get("generated").is_some() {
            return Change::Replace;
        }
        // Its type gets another name and one of the old name takes its place.
        let attributes = was.differing(is, &crate::engine::catalog::Scope::default());
        let mut rest = match super::alter(cx, was, is, &attributes) {
            Change::InPlace(steps) | Change::Retype(steps) => steps,
            other => return other,
        };
        let is_retyped = ["type", "collation"].iter().any(|name| attributes.contains(name));
        if !is_retyped && !is_covered_retype(cx, is) {
            rest.insert(0, carried(cx, ground, was, is));
        }
        Change::Retype(rest)
    }
}

/// Whether a new column cannot be NULL, as it is in the rows that are there; and what else is to be said of that.
fn refuses_null(cx: &Cx<'_>, column: &Fact) -> Option<String> {
    let mut refuses = column.is("not_null").then(String::new);
    let mut domain = cx.new.hosts(&column.id, Kind::Domain).next();
    while let Some(of) = domain {
        if of.get("default").is_some() {
            return None;
        }
        if of.is("not_null") {
            refuses.get_or_insert_default();
        }
        // Most conditions are not false of NULL: only these can be.
        let minds = |check: &&Fact| {
            let words = ["NULL", "COALESCE", "DISTINCT", "CASE"];
            words.iter().any(|word| check.text("definition").contains(word))
        };
        if let Some(check) = cx.new.parts(&of.id, Kind::DomainConstraint).find(minds) {
            refuses.get_or_insert_with(|| format!(", and NULL may break {}", check.text("definition")));
        }
        domain = cx.new.hosts(&of.id, Kind::Domain).next();
    }
    refuses
}

/// `ALTER COLUMN … TYPE` to a type (or a collation) that has the name of the old one.
fn carried(cx: &Cx<'_>, ground: &Fact, was: &Fact, is: &Fact) -> Sql {
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
    sql.hazard(Hazard::WillFail { why, probe: None }).hazard(lock)
}

/// Whether a default may be another for each row (docs, ALTER TABLE, "Notes"): it calls what is not known to stay the same.
fn is_volatile(expression: &str) -> bool {
    const STEADY: [&str; 24] = [
        "now",
        "statement_timestamp",
        "transaction_timestamp",
        "current_timestamp",
        "current_time",
        "localtimestamp",
        "localtime",
        "timezone",
        "date_trunc",
        "make_interval",
        "make_date",
        "lower",
        "upper",
        "md5",
        "to_char",
        "jsonb_build_object",
        "json_build_object",
        "jsonb_build_array",
        "json_build_array",
        "coalesce",
        "row",
        "array",
        "int4range",
        "current_setting",
    ];
    // Every other part is outside of literals.
    let code: Vec<&str> = expression.split('\'').step_by(2).collect();
    let code = code.join("''");
    let calls = code.match_indices('(').any(|(at, _)| {
        let before = &code[..at];
        let start =
            before.rfind(|c: char| !(c.is_alphanumeric() || "_.\"".contains(c))).map_or(0, |at| at + 1);
        let name = before[start..].trim_start_matches("pg_catalog.");
        let is_type = before[..start].ends_with("::") || name == "varying";
        !name.is_empty() && !is_type && !STEADY.contains(&name.to_lowercase().as_str())
    });
    calls || code.contains("::regclass")
}

fn table_word(column: &Fact) -> &'static str {
    if column.text("_relkind") == "f" { "FOREIGN TABLE" } else { "TABLE" }
}

/// Whether a column goes while that of a child table stays, with its values.
pub(super) fn drops_alone(cx: &Cx<'_>, column: &Id) -> bool {
    // One that was also said of the child stays by itself (docs, ALTER TABLE, `DROP COLUMN` of a parent).
    let stays = |child: &Fact| cx.new.fact(&child.id).is_some() && !child.is("_local");
    cx.new.fact(column).is_none() && cx.old.parts(column, Kind::Column).any(stays)
}

/// Whether the same change of the parent's column does it here too.
fn is_covered(cx: &Cx<'_>, was: &Fact, is: &Fact, name: &str) -> bool {
    if matches!(name, "type" | "collation") && super::type_of_typed(cx, &is.id).is_some() {
        return true;
    }
    if !cx.is_child_in_both(&is.id) {
        return false;
    }
    let parent = |fact: &Fact, catalog: &crate::engine::catalog::Catalog| {
        catalog.hosts(&fact.id, Kind::Column).next().map(|parent| parent.id.clone())
    };
    let (Some(before), Some(after)) = (parent(was, cx.old), parent(is, cx.new)) else { return false };
    let value = |catalog: &crate::engine::catalog::Catalog, id: &Id| {
        catalog.fact(id).and_then(|fact| fact.get(name)).map(str::to_owned)
    };
    before == after
        && value(cx.old, &before).as_deref() == was.get(name)
        && value(cx.new, &after).as_deref() == is.get(name)
}

/// Whether the column is retyped with its parent's.
fn is_covered_retype(cx: &Cx<'_>, is: &Fact) -> bool {
    cx.is_child_in_both(&is.id) && cx.new.hosts(&is.id, Kind::Column).next().is_some()
}

fn set_not_null(is: &Fact) -> Sql {
    let (table, own) = (is.id.path(), is.id.own());
    let what = match is.get("not_null_name") {
        Some(name) => format!("ADD CONSTRAINT {} NOT NULL {own}", Tidy(name)),
        None => format!("ALTER COLUMN {own} SET NOT NULL"),
    };
    let sql = Sql::new(format!("ALTER {} {table} {what}", table_word(is)));
    let why = format!("fails if {table}.{own} has NULLs");
    let probe = Some(format!("SELECT 1 FROM {table} WHERE {own} IS NULL LIMIT 1"));
    sql.hazard(Hazard::Scan { table }).hazard(Hazard::WillFail { why, probe })
}

fn set_identity(cx: &Cx<'_>, was: &Fact, is: &Fact) -> Vec<Sql> {
    let (table, own) = (is.id.path(), is.id.own());
    if was.get("identity").is_some() {
        let how = generation(is);
        return vec![Sql::new(format!("ALTER TABLE {table} ALTER COLUMN {own} SET GENERATED {how}"))];
    }
    let identity = identity(cx, is);
    let mut all = vec![Sql::new(format!("ALTER TABLE {table} ALTER COLUMN {own} ADD {identity}"))];
    all.extend(caught_up(cx, is));
    all
}

/// Let an identity column's sequence go on after the values that are there.
pub(super) fn caught_up(cx: &Cx<'_>, is: &Fact) -> Option<Sql> {
    let sequence = cx.new.parts(&is.id, Kind::Sequence).next()?;
    Some(setval(&sequence.id, &is.id))
}

/// Let a sequence go on after the values of a column.
pub(super) fn setval(sequence: &Id, column: &Id) -> Sql {
    let (table, own) = (column.path(), column.own());
    let name = plain(&sequence.path());
    Sql::new(format!(
        "SELECT pg_catalog.setval({name}, max({own})) FROM {table} HAVING max({own}) IS NOT NULL"
    ))
}

fn generation(is: &Fact) -> &'static str {
    if is.get("identity") == Some("a") { "ALWAYS" } else { "BY DEFAULT" }
}

/// `GENERATED … AS IDENTITY (…)`.
fn identity(cx: &Cx<'_>, is: &Fact) -> String {
    let mut text = format!("GENERATED {} AS IDENTITY", generation(is));
    let Some(sequence) = cx.new.parts(&is.id, Kind::Sequence).next() else { return text };
    let mut settings = sequence::settings(sequence, None);
    let usual = format!("{}_{}_seq", is.id.name, is.id.sub);
    if sequence.id.name != usual || sequence.id.schema != is.id.schema {
        settings = format!(" SEQUENCE NAME {}{settings}", sequence.id.path());
    }
    if !settings.is_empty() {
        text.push_str(&format!(" ({})", settings.trim_start()));
    }
    text
}

/// Whether its type is a domain that takes no NULL, or on one (docs, CREATE DOMAIN), and gives no value by itself.
fn domain_refuses_null(cx: &Cx<'_>, fact: &Fact) -> bool {
    let mut domain = cx.new.hosts(&fact.id, Kind::Domain).next();
    while let Some(fact) = domain {
        if fact.get("default").is_some() || fact.is("not_null") {
            return fact.get("default").is_none();
        }
        domain = cx.new.hosts(&fact.id, Kind::Domain).next();
    }
    false
}

/// A column as CREATE TABLE and ADD COLUMN take it.
pub(super) fn definition(cx: &Cx<'_>, fact: &Fact, members: &[&Fact], is_partition: bool) -> String {
    let mut text = format!("{} {}", fact.id.own(), fact.text("type"));
    text.push_str(&foreign(fact, "foreign_options"));
    if let Some(collation) = fact.get("collation") {
        text.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(method) = fact.get("compression") {
        text.push_str(&format!(" COMPRESSION {method}"));
    }
    if let Some(kind) = fact.get("generated") {
        let word = if kind == "v" { "VIRTUAL" } else { "STORED" };
        text.push_str(&format!(" GENERATED ALWAYS AS ({}) {word}", fact.text("expression")));
    }
    text.push_str(&default(fact, members).map(|value| format!(" DEFAULT {value}")).unwrap_or_default());
    if fact.get("identity").is_some() && !is_partition {
        text.push_str(&format!(" {}", identity(cx, fact)));
    }
    text.push_str(&not_null(fact));
    text
}

/// With its name where that is not the usual one: it has one since 18.
fn not_null(fact: &Fact) -> String {
    match fact.get("not_null_name").filter(|_| fact.is("not_null")) {
        Some(name) => format!(" CONSTRAINT {} NOT NULL", Tidy(name)),
        None if fact.is("not_null") => " NOT NULL".to_owned(),
        None => String::new(),
    }
}

fn not_null_name(fact: &Fact) -> String {
    let usual = || format!("{}_{}_not_null", fact.id.name, fact.id.sub);
    Tidy(&fact.get("not_null_name").map_or_else(usual, str::to_owned)).to_string()
}

/// A column of a typed table, where something is to be said of it.
pub(super) fn with_options(fact: &Fact, members: &[&Fact]) -> Option<String> {
    let mut text = String::new();
    text.push_str(&default(fact, members).map(|value| format!(" DEFAULT {value}")).unwrap_or_default());
    text.push_str(&not_null(fact));
    (!text.is_empty()).then(|| format!("{} WITH OPTIONS{text}", fact.id.own()))
}

fn default<'a>(column: &Fact, members: &[&'a Fact]) -> Option<&'a str> {
    let of = Id { kind: Kind::Default, ..column.id.clone() };
    members.iter().find(|member| member.id == of).map(|member| member.text("expression"))
}

/// What cannot stand in a column's definition.
pub(super) fn extras(cx: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
    let only = if table::has_children(cx, &fact.id.of(Kind::Table)) { "ONLY " } else { "" };
    let what = format!("ALTER {} {only}{} ALTER COLUMN {}", table_word(fact), fact.id.path(), fact.id.own());
    let mut all = Vec::new();
    if let Some(storage) = fact.get("storage") {
        all.push(Sql::new(format!("{what} SET STORAGE {storage}")));
    }
    if let Some(target) = fact.get("statistics") {
        all.push(Sql::new(format!("{what} SET STATISTICS {target}")));
    }
    let settings: Vec<String> =
        options(fact, "options").iter().map(|(name, value)| format!("{name} = {value}")).collect();
    if !settings.is_empty() {
        all.push(Sql::new(format!("{what} SET ({})", settings.join(", "))));
    }
    all
}

/// What a child has otherwise than the parent from which the column comes.
pub(super) fn overrides(cx: &Cx<'_>, fact: &Fact, members: &[&Fact]) -> Vec<Sql> {
    let what = format!("ALTER TABLE ONLY {} ALTER COLUMN {}", fact.id.path(), fact.id.own());
    let parents: Vec<&Fact> = cx.new.hosts(&fact.id, Kind::Column).collect();
    let expression = |column: &Fact| {
        let of = Id { kind: Kind::Default, ..column.id.clone() };
        cx.new.fact(&of).map(|default| default.text("expression"))
    };
    let mut all = Vec::new();
    let mine = default(fact, members);
    if parents.iter().any(|parent| expression(parent) != mine) {
        all.push(Sql::new(match mine {
            Some(value) => format!("{what} SET DEFAULT {value}"),
            None => format!("{what} DROP DEFAULT"),
        }));
    }
    let inherits_not_null = parents.iter().any(|parent| parent.is("not_null"));
    if fact.is("not_null") != inherits_not_null {
        let word = if fact.is("not_null") { "SET" } else { "DROP" };
        all.push(Sql::new(format!("{what} {word} NOT NULL")));
    }
    all
}

/// `ALTER COLUMN … TYPE`, with USING only where PostgreSQL finds no way by itself: a written cast cuts values off in silence
/// where the assignment would fail (docs, ALTER TABLE; table of casts: `pg_cast`).
fn retype(table: &Fact, was: &Fact, is: &Fact) -> Sql {
    let (path, own) = (table.id.path(), is.id.own());
    let collation = is.get("collation").map(|name| format!(" COLLATE {name}")).unwrap_or_default();
    let mut text =
        format!("ALTER {} {path} ALTER COLUMN {own} TYPE {}{collation}", table_word(is), is.text("type"));
    let (from, to) = (was.text("type"), is.text("type"));
    let foreign = is.text("_relkind") == "f";
    if from != to && !foreign && !is_assignable(was, is) {
        text.push_str(&format!(" USING {}", cast(&own, was, is)));
    }
    let mut sql = Sql::new(text);
    if from != to && !foreign && !is_widening(from, to) {
        sql = sql.hazard(Hazard::Rewrite { table: path.clone() });
        if !is_wider_number(from, to) {
            let why = format!("fails if {path}.{own} has values that are no {to}");
            sql = sql.hazard(Hazard::WillFail { why, probe: None });
        }
    }
    sql
}

/// Whether a column's default would not go over to its new type by itself.
pub(super) fn minds_default(cx: &Cx<'_>, column: &Fact) -> bool {
    let is = cx.new.fact(&column.id);
    is.is_some_and(|is| column.text("type") != is.text("type") && !is_assignable(column, is))
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

pub(super) struct Default;

impl Rules for Default {
    fn create(&self, cx: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        vec![alone(cx, fact, &format!("SET DEFAULT {}", fact.text("expression")))]
    }

    fn drop(&self, cx: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
        vec![alone(cx, fact, "DROP DEFAULT")]
    }

    fn alter(&self, cx: &Cx<'_>, _: &Fact, is: &Fact, _: &[&str]) -> Change {
        Change::InPlace(vec![alone(cx, is, &format!("SET DEFAULT {}", is.text("expression")))])
    }
}

fn alone(cx: &Cx<'_>, fact: &Fact, what: &str) -> Sql {
    let only = if table::has_children(cx, &fact.id.of(Kind::Table)) { "ONLY " } else { "" };
    let word = table_word(fact);
    Sql::new(format!("ALTER {word} {only}{} ALTER COLUMN {} {what}", fact.id.path(), fact.id.own()))
}
