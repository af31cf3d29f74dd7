//! Columns of tables, and their defaults.

use crate::engine::catalog::{Fact, Id, Kind};

use super::super::hazard::{Hazard, Lock};
use super::super::satellites::plain;
use super::super::sql::{Change, Sql};
use super::relation::{alter_foreign, alter_options, foreign, options};
use super::{Cx, Rules, child_column, fill, not_null, not_null_tree, retype, sequence, table, volatile};

pub(super) struct Column;

impl Rules for Column {
    fn create(&self, cx: &Cx<'_>, fact: &Fact, members: &[&Fact]) -> Vec<Sql> {
        if let Some(value) = cx.wishes.fill.get(&fact.id) {
            return fill::added(cx, fact, members, value);
        }
        let word = table_word(fact);
        let table = fact.id.path();
        let mut sql =
            Sql::new(format!("ALTER {word} {table} ADD COLUMN {}", definition(cx, fact, members, false)));
        sql = sql.hazard(Hazard::Locks { table: table.clone(), mode: Lock::AccessExclusive });
        let has_default =
            members.iter().any(|member| matches!(member.id.kind, Kind::Default | Kind::Sequence));
        let is_volatile = default(fact, members).is_some_and(volatile::is_volatile);
        let has_sequence = members.iter().any(|member| member.id.kind == Kind::Sequence);
        if fact.get("generated") == Some("s") || has_sequence || is_volatile {
            sql = sql.hazard(Hazard::Rewrite { table: table.clone() });
            if fact.get("generated") == Some("s") && fact.is("not_null") {
                let value = fact.text("expression");
                let why = format!("fails if {value} is NULL for a row of {table}");
                let probe = Some(format!("SELECT 1 FROM {table} WHERE ({value}) IS NULL LIMIT 1"));
                sql = sql.hazard(Hazard::will_fail(why, probe));
            }
        } else if !has_default && domain_refuses_null(cx, fact) {
            let why = format!("fails if {table} has rows and {} refuses NULL", fact.text("type"));
            let probe = Some(format!("SELECT 1 FROM {table} LIMIT 1"));
            sql = sql.hazard(Hazard::will_fail(why, probe));
        } else if let Some(refuses) = refuses_null(cx, fact).filter(|_| !has_default) {
            if fact.is("_domain") {
                sql = sql.hazard(Hazard::Rewrite { table: table.clone() });
            }
            let why = format!("fails if {table} has rows: {} has no value for them{refuses}", fact.id.own());
            sql = sql.hazard(Hazard::will_fail(why, Some(format!("SELECT 1 FROM {table} LIMIT 1"))));
        }
        let mut all = vec![sql];
        all.extend(extras(cx, fact));
        all.extend(child_column::of_children(cx, members));
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
        vec![sql.hazard(Hazard::data_loss(format!("the values of {table}.{own}"), Some(table)))]
    }

    fn alter(&self, cx: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        let has = |name: &str| attributes.contains(&name);
        if has("generated") && is.get("generated").is_some() || !has("generated") && has("expression") {
            return Change::Replace;
        }
        // What has no stored values keeps none (docs, ALTER TABLE, `DROP EXPRESSION`).
        if has("generated") && was.get("generated") == Some("v") {
            return Change::Replace;
        }
        let covered = |name: &str| {
            is_covered(cx, was, is, name) || name == "not_null" && not_null::comes_from_above(cx, is)
        };
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
        let is_about_null = attributes.iter().any(|name| name.starts_with("not_null"));
        let of_tree = is_about_null.then(|| not_null_tree::altered(cx, was)).flatten();
        if has("not_null") && !is.is("not_null") && !covered("not_null") && of_tree.is_none() {
            all.push(alter("DROP NOT NULL".into()));
            all.extend(not_null_tree::kept_below(cx, &is.id));
        }
        let retyped = has("type") || has("collation");
        if retyped && !(covered("type") && covered("collation")) {
            let mut sequences = cx.old.parts(&was.id, Kind::Sequence);
            let pair = sequences.find_map(|was| Some((was, cx.new.fact(&was.id)?)));
            all.extend(pair.map(|(was, is)| sequence::narrowed(was, is)).unwrap_or_default());
            all.push(retype::retype(cx, is, was, is));
        }
        if let Some(steps) = of_tree {
            all.extend(steps);
        } else if has("not_null") && is.is("not_null") && !covered("not_null") {
            all.extend(fill::set_not_null(cx, is));
            all.extend(not_null::said(is));
            all.extend(not_null_tree::kept_below(cx, &is.id));
        } else if was.is("not_null") && is.is("not_null") {
            let own: Vec<&str> = attributes
                .iter()
                .copied()
                .filter(|name| *name == "not_null_comment" || !covered(name))
                .collect();
            all.extend(not_null::altered(cx, was, is, &own));
        }
        if has("identity") && is.get("identity").is_some() {
            all.extend(set_identity(cx, was, is));
        }
        for name in attributes {
            match *name {
                "generated" | "expression" | "identity" | "type" | "collation" => {}
                name if name.starts_with("not_null") => {}
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
            all.extend(not_null::revalidated(cx, is));
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
            rest.insert(0, retype::carried(cx, ground, was, is));
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

pub(super) fn table_word(column: &Fact) -> &'static str {
    if column.text("_relkind") == "f" { "FOREIGN TABLE" } else { "TABLE" }
}

/// Whether a column goes while that of a child table stays, with its values.
pub(super) fn drops_alone(cx: &Cx<'_>, column: &Id) -> bool {
    // One that was also said of the child stays by itself (docs, ALTER TABLE, `DROP COLUMN` of a parent).
    // A partition that does not stay one is detached before.
    let is_detached = |child: &Fact| {
        cx.old.fact(&child.id.of(Kind::Partition)).is_some() && !cx.is_child_in_both(&child.id)
    };
    let stays = |child: &Fact| cx.new.fact(&child.id).is_some() && !child.is("_local") && !is_detached(child);
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
        let mut parents = catalog.hosts(&fact.id, Kind::Column).map(|parent| &parent.id);
        parents.find(|parent| cx.is_child_of(&fact.id, parent)).cloned()
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
    Some(setval(cx, &sequence.id, &is.id))
}

/// Let a sequence go on after the values of a column.
pub(super) fn setval(cx: &Cx<'_>, sequence: &Id, column: &Id) -> Sql {
    let (table, own) = (column.path(), column.own());
    let name = plain(&sequence.path());
    let sql =
        format!("SELECT pg_catalog.setval({name}, max({own})) FROM {table} HAVING max({own}) IS NOT NULL");
    fill::unforced(cx, column, sql)
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
    if fact.get("identity").is_some() {
        text.push_str(&format!(" {}", identity(cx, fact)));
    }
    text.push_str(&not_null::inline(cx, fact, is_partition));
    text
}

/// A column of a typed table, where something is to be said of it.
pub(super) fn with_options(cx: &Cx<'_>, fact: &Fact, members: &[&Fact]) -> Option<String> {
    let mut text = String::new();
    text.push_str(&default(fact, members).map(|value| format!(" DEFAULT {value}")).unwrap_or_default());
    text.push_str(&not_null::inline(cx, fact, false));
    (!text.is_empty()).then(|| format!("{} WITH OPTIONS{text}", fact.id.own()))
}

pub(super) fn default<'a>(column: &Fact, members: &[&'a Fact]) -> Option<&'a str> {
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
    all.extend(not_null::extras(cx, fact));
    all
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
