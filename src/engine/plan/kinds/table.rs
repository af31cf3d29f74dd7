//! Tables of all sorts: ordinary, partitioned, foreign, typed, inheriting.

use crate::engine::catalog::{Catalog, Fact, Id, Kind};
use crate::pg::ident::Tidy;

use super::super::fate::{Fate, Fates};
use super::super::graph::{Act, Need};
use super::super::hazard::{Hazard, Lock};
use super::super::sql::{Change, Sql};
use super::relation::{alter_foreign, alter_options, foreign, with};
use super::{Cx, Rules, attached, child_column, column, constraint, not_null, typed};

pub(super) struct Table;

impl Rules for Table {
    fn create(&self, cx: &Cx<'_>, fact: &Fact, members: &[&Fact]) -> Vec<Sql> {
        let mut all = vec![Sql::new(definition(cx, fact, members))];
        let table = fact.id.path();
        if fact.is("row_security") {
            all.push(Sql::new(format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")));
        }
        if fact.is("force_row_security") {
            all.push(Sql::new(format!("ALTER TABLE {table} FORCE ROW LEVEL SECURITY")));
        }
        all.extend(replica_identity(fact));
        let columns = ordered(members);
        for column in &columns {
            all.extend(column::extras(cx, column));
            if !is_written(fact, column) {
                all.extend(child_column::overrides(cx, column, members));
            }
        }
        for constraint in members.iter().filter(|member| member.id.kind == Kind::Constraint) {
            all.extend(constraint::extras(constraint));
        }
        all
    }

    fn drop(&self, _: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
        let table = fact.id.path();
        let sql = Sql::new(format!("DROP {} {table}", fact.text("type").trim_start_matches("PARTITIONED ")));
        if fact.text("type") == "FOREIGN TABLE" {
            return vec![sql];
        }
        vec![sql.hazard(Hazard::data_loss(format!("the rows of {table}"), Some(table)))]
    }

    fn alter(&self, cx: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        if attributes.iter().any(|name| ["type", "partition_key", "server"].contains(name)) {
            return Change::Replace;
        }
        if attributes.contains(&"of_type") && !typed::fits(cx, was, is) {
            return Change::Replace;
        }
        let table = is.id.path();
        let mut all = Vec::new();
        for name in attributes {
            match *name {
                "unlogged" => {
                    let word = if is.is("unlogged") { "UNLOGGED" } else { "LOGGED" };
                    let sql = Sql::new(format!("ALTER TABLE {table} SET {word}"));
                    all.push(sql.hazard(Hazard::Rewrite { table: table.clone() }));
                }
                "access_method" => {
                    let Some(method) = is.get("access_method") else { return Change::Replace };
                    if cx.new.server < 150_000 {
                        return Change::Replace;
                    }
                    let sql = Sql::new(format!("ALTER TABLE {table} SET ACCESS METHOD {}", Tidy(method)));
                    all.push(sql.hazard(Hazard::Rewrite { table: table.clone() }));
                }
                // Acts of their own: `inheritance`.
                "inherits" => {}
                "of_type" => all.push(Sql::new(match is.get("of_type") {
                    Some(of) => format!("ALTER TABLE {table} OF {of}"),
                    None => format!("ALTER TABLE {table} NOT OF"),
                })),
                "options" => all.extend(alter_options(&format!("ALTER TABLE {table}"), was, is)),
                "row_security" => {
                    let word = if is.is("row_security") { "ENABLE" } else { "DISABLE" };
                    all.push(Sql::new(format!("ALTER TABLE {table} {word} ROW LEVEL SECURITY")));
                }
                "force_row_security" => {
                    let word = if is.is("force_row_security") { "FORCE" } else { "NO FORCE" };
                    all.push(Sql::new(format!("ALTER TABLE {table} {word} ROW LEVEL SECURITY")));
                }
                "replica_identity" => match is.get("replica_identity") {
                    // The index says so.
                    Some("INDEX") => {}
                    Some(_) => all.extend(replica_identity(is)),
                    None => all.push(Sql::new(format!("ALTER TABLE {table} REPLICA IDENTITY DEFAULT"))),
                },
                "foreign_options" => {
                    let options = alter_foreign(was, is, "foreign_options");
                    all.extend(
                        options.map(|options| Sql::new(format!("ALTER FOREIGN TABLE {table} {options}"))),
                    );
                }
                _ => return Change::Replace,
            }
        }
        let lock = Hazard::Locks { table, mode: Lock::AccessExclusive };
        Change::InPlace(all.into_iter().map(|sql| sql.hazard(lock.clone())).collect())
    }
}

fn replica_identity(fact: &Fact) -> Option<Sql> {
    let how = fact.get("replica_identity").filter(|how| *how != "INDEX")?;
    Some(Sql::new(format!("ALTER TABLE {} REPLICA IDENTITY {how}", fact.id.path())))
}

fn ordered<'a>(members: &[&'a Fact]) -> Vec<&'a Fact> {
    let mut columns: Vec<&Fact> =
        members.iter().filter(|member| member.id.kind == Kind::Column).copied().collect();
    columns.sort_by_key(|column| column.text("_position").parse::<i32>().unwrap_or(0));
    columns
}

/// Whether a column stands in the CREATE TABLE: not what comes from a parent by INHERITS. A partition is made as a table of
/// its own and attached afterwards.
fn is_written(table: &Fact, column: &Fact) -> bool {
    table.is("_partition") || table.get("inherits").is_none() || column.is("_local")
}

fn definition(cx: &Cx<'_>, fact: &Fact, members: &[&Fact]) -> String {
    let mut lines = Vec::new();
    let typed = fact.get("of_type").is_some();
    for column in ordered(members) {
        if typed {
            lines.extend(column::with_options(cx, column, members));
        } else if is_written(fact, column) {
            lines.push(column::definition(cx, column, members, fact.is("_partition")));
        } else {
            lines.extend(not_null::of_inherited(cx, column));
        }
    }
    for constraint in members.iter().filter(|member| member.id.kind == Kind::Constraint) {
        lines.push(constraint::inline(constraint));
    }
    if fact.is("_partition") {
        lines.extend(inherited_checks(cx, fact));
    }
    let word = match (fact.text("type"), fact.is("unlogged")) {
        ("FOREIGN TABLE", _) => "FOREIGN TABLE",
        (_, true) => "UNLOGGED TABLE",
        _ => "TABLE",
    };
    let mut text = format!("CREATE {word} {}", fact.id.path());
    if let Some(of) = fact.get("of_type") {
        text.push_str(&format!(" OF {of}"));
    }
    match (lines.is_empty(), typed) {
        (true, true) => {}
        (true, false) => text.push_str(" ()"),
        (false, _) => text.push_str(&format!(" (\n    {}\n)", lines.join(",\n    "))),
    }
    if let Some(parents) = fact.get("inherits") {
        text.push_str(&format!(" INHERITS ({})", parents.replace('\n', ", ")));
    }
    if let Some(key) = fact.get("partition_key") {
        text.push_str(&format!(" PARTITION BY {key}"));
    }
    if let Some(server) = fact.get("server") {
        text.push_str(&format!(" SERVER {server}{}", foreign(fact, "foreign_options")));
    }
    if let Some(method) = fact.get("access_method").filter(|method| *method != "heap") {
        text.push_str(&format!(" USING {}", Tidy(method)));
    }
    text + &with(fact)
}

/// The checks of the parents, without which a partition cannot be attached.
fn inherited_checks(cx: &Cx<'_>, fact: &Fact) -> Vec<String> {
    let mut all = Vec::new();
    let mut at = fact.id.clone();
    while let Some(parent) = parent(cx.new, &at) {
        let checks = cx.new.parts(&parent, Kind::Constraint);
        let checks = checks.filter(|check| check.text("type") == "c" && !attached::is_late(cx, check));
        all.extend(checks.filter(|check| !check.is("_no_inherit")).map(constraint::inline));
        at = parent;
    }
    all.sort();
    all.dedup();
    all
}

/// The table that a partition is of.
pub(super) fn parent(catalog: &Catalog, table: &Id) -> Option<Id> {
    let partition = table.of(Kind::Partition);
    catalog.hosts(&partition, Kind::Table).map(|host| &host.id).find(|host| *host != table).cloned()
}

/// Whether tables hang on it, so that what is meant for it alone needs ONLY.
pub(super) fn has_children(cx: &Cx<'_>, table: &Id) -> bool {
    let hangs = |catalog: &Catalog| {
        catalog.parts(table, Kind::Table).next().is_some()
            || catalog
                .parts(table, Kind::Partition)
                .any(|part| part.id.name != table.name || part.id.schema != table.schema)
    };
    hangs(cx.old) || hangs(cx.new)
}

/// Whether a column's type cannot change: where the table is partitioned by it, or columns elsewhere are of the type of
/// the table's rows (docs, ALTER TABLE, say neither; 42P16 and 0A000).
pub(super) fn fixes(cx: &Cx<'_>, column: &Fact) -> bool {
    let id = column.id.of(Kind::Table);
    let Some(table) = cx.old.fact(&id) else { return false };
    table.lines("_key_columns").any(|name| name == column.id.sub)
        || cx
            .old
            .parts(&id, Kind::Column)
            .any(|of| of.id.of(Kind::Table) != id && !of.is("_inherited") && cx.new.fact(&of.id).is_some())
}

/// What names a table is done before it gets another name; see `aside`.
pub(super) fn needs(cx: &Cx<'_>, fates: &Fates, all: &mut Vec<(Act, Act, Need)>) {
    persistence(cx, fates, all);
}

/// What is logged refers to nothing that is not (docs, CREATE TABLE, `UNLOGGED`).
fn persistence(cx: &Cx<'_>, fates: &Fates, all: &mut Vec<(Act, Act, Need)>) {
    let alters = |id: &Id| {
        let at = cx.old.index(id)?;
        let (was, is) = (&cx.old.facts()[at], cx.new.fact(id)?);
        let changes = was.get("unlogged") != is.get("unlogged") && matches!(fates.old[at], Fate::Altered(..));
        changes.then_some((at, is.is("unlogged")))
    };
    for (at, key) in cx.old.facts().iter().enumerate() {
        if key.id.kind != Kind::Constraint || key.text("type") != "f" || fates.old[at].ends() {
            continue;
        }
        let own = key.id.of(Kind::Table);
        let of = |to: &usize| match cx.old.facts()[*to].id.kind {
            Kind::Column | Kind::Constraint => Some(cx.old.facts()[*to].id.of(Kind::Table)),
            _ => None,
        };
        let on = cx.old.needs(at).iter().filter_map(|(to, _)| of(to)).find(|table| *table != own);
        if let (Some((below, unlogged)), Some((above, _))) = (alters(&own), on.as_ref().and_then(alters)) {
            let (first, then) = if unlogged { (below, above) } else { (above, below) };
            all.push((Act::Alter(then), Act::Alter(first), Need::Must));
        }
    }
}
