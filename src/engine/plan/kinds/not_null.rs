//! NOT NULL constraints of columns. Since PostgreSQL 18 they are catalogued: they have names, which outlive those of the
//! table and the column, a comment, NO INHERIT and NOT VALID (docs, CREATE TABLE and ALTER TABLE).

use std::collections::BTreeSet;

use crate::engine::catalog::{Catalog, Fact, Id, Kind};
use crate::pg::ident::Tidy;

use super::super::hazard::Hazard;
use super::super::satellites::plain;
use super::super::sql::Sql;
use super::{Cx, table, temporary};

/// The constraint's name in the catalog; none before PostgreSQL 18.
pub(in super::super) fn name(column: &Fact) -> Option<&str> {
    column.get("_not_null_constraint").filter(|_| column.is("not_null"))
}

/// The name that PostgreSQL gives a constraint without one, where that name is free in the schema.
pub(in super::super) fn usual(column: &Id) -> String {
    match column.kind {
        Kind::Domain => format!("{}_not_null", column.name),
        _ => format!("{}_{}_not_null", column.name, column.sub),
    }
}

/// The name where it must be written: PostgreSQL would choose another one.
fn explicit<'a>(cx: &Cx<'_>, column: &'a Fact) -> Option<&'a str> {
    // A child that joins its parent keeps a constraint of its own, under a name of its own.
    let is_child = || !cx.new.fact(&column.id.of(Kind::Table)).is_some_and(|of| of.is("_partition"));
    let name = name(column).filter(|_| column.is("_not_null_local") || !is_child())?;
    (name != usual(&column.id) || is_taken(cx, &column.id, name)).then_some(name)
}

/// Whether another constraint of the schema has the name while the column gets it (`ChooseConstraintName`).
fn is_taken(cx: &Cx<'_>, column: &Id, name: &str) -> bool {
    let table = column.of(Kind::Table);
    let is_aside = |at: &Id| {
        let at = cx.old.index(&at.of(Kind::Table));
        cx.fates.is_some_and(|fates| at.is_some_and(|at| fates.aside.contains_key(&at)))
    };
    let mut before = cx.old.not_null_named(&column.schema, name);
    let mut after = cx.new.not_null_named(&column.schema, name);
    before.any(|other| other.id.of(Kind::Table) != table || is_aside(&other.id))
        // A child or a partition has the name of its parent, and comes after it.
        || after.any(|other| other.id.of(Kind::Table) != table && !other.is("_not_null_inherited"))
}

/// Whether ADD COLUMN would give a NOT NULL to children that is not to go down to them.
fn goes_down_alone(cx: &Cx<'_>, column: &Fact) -> bool {
    let table = column.id.of(Kind::Table);
    column.is("not_null_no_inherit")
        && cx.fates.is_some()
        && !cx.is_made(&table)
        && table::has_children(cx, &table)
}

/// Whether a column gets its constraint from that of a parent that did not hand it down before.
pub(super) fn comes_from_above(cx: &Cx<'_>, column: &Fact) -> bool {
    let is_inherited = column.is("_not_null_inherited") && !column.is("_not_null_local");
    let goes_down_now = |parent: &Fact| {
        let was = cx.old.fact(&parent.id);
        was.is_some_and(|was| was.is("not_null_no_inherit")) && !parent.is("not_null_no_inherit")
    };
    is_inherited
        && cx.is_child_in_both(&column.id)
        && cx.new.hosts(&column.id, Kind::Column).any(goes_down_now)
}

/// Children that are valid below a parent that is not: what makes the parent's anew makes theirs NOT VALID too.
pub(super) fn revalidated(cx: &Cx<'_>, column: &Fact) -> Vec<Sql> {
    if !column.is("not_null_not_valid") || cx.fates.is_some() && cx.is_made(&column.id.of(Kind::Table)) {
        return Vec::new();
    }
    let below = cx.new.parts(&column.id, Kind::Column).filter(|child| child.is("_not_null_inherited"));
    let valid = |child: &Fact| {
        let (table, name) = (child.id.path(), Tidy(name(child)?));
        (!child.is("not_null_not_valid"))
            .then(|| Sql::new(format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}")))
    };
    below.filter_map(valid).collect()
}

/// As it stands in a column's definition. The child of an inheritance has its parent's by itself.
pub(super) fn inline(cx: &Cx<'_>, column: &Fact, is_partition: bool) -> String {
    // One that is added is there before the child joins its parent.
    let is_added = || cx.fates.is_some() && !cx.is_made(&column.id.of(Kind::Table));
    // One that its parent gets in the same plan is merged with that.
    let is_merged = || {
        let comes = |parent: &Fact| cx.is_made(&parent.id) && parent.is("not_null");
        cx.is_child_in_both(&column.id) && cx.new.hosts(&column.id, Kind::Column).any(comes)
    };
    let is_own =
        is_partition || name(column).is_none() || column.is("_not_null_local") || is_added() && !is_merged();
    if !column.is("not_null") || column.is("not_null_not_valid") || !is_own || goes_down_alone(cx, column) {
        return String::new();
    }
    let named = explicit(cx, column).map(|name| format!(" CONSTRAINT {}", Tidy(name)));
    format!("{} NOT NULL{}", named.unwrap_or_default(), no_inherit(column))
}

fn no_inherit(column: &Fact) -> &'static str {
    if column.is("not_null_no_inherit") { " NO INHERIT" } else { "" }
}

/// As it stands in CREATE TABLE or after ADD for a column that is not defined there.
fn of_table(cx: &Cx<'_>, column: &Fact) -> String {
    let named = explicit(cx, column).map(|name| format!("CONSTRAINT {} ", Tidy(name)));
    format!("{}NOT NULL {}{}", named.unwrap_or_default(), column.id.own(), no_inherit(column))
}

/// Of a column that comes from a parent, where the child has said it too.
pub(super) fn of_inherited(cx: &Cx<'_>, column: &Fact) -> Option<String> {
    (name(column).is_some() && column.is("_not_null_local") && !column.is("not_null_not_valid"))
        .then(|| of_table(cx, column))
}

/// A constraint that a child says itself of a column that comes with its parent's.
pub(super) fn added_to_child(cx: &Cx<'_>, column: &Fact) -> Option<Sql> {
    of_inherited(cx, column)?;
    (!goes_down_alone(cx, column))
        .then(|| Sql::new(format!("ALTER TABLE {} {}", column.id.path(), set(cx, column))))
}

/// What ALTER TABLE says to make the column NOT NULL.
pub(super) fn set(cx: &Cx<'_>, column: &Fact) -> String {
    let is_plain = !column.is("not_null_no_inherit") && !column.is("not_null_not_valid");
    if is_plain && explicit(cx, column).is_none() {
        return format!("ALTER COLUMN {} SET NOT NULL", column.id.own());
    }
    let not_valid = if column.is("not_null_not_valid") { " NOT VALID" } else { "" };
    format!("ADD {}{not_valid}", of_table(cx, column))
}

/// What cannot stand in a column's definition: the comment, NOT VALID, and NO INHERIT where the column goes down to children.
pub(super) fn extras(cx: &Cx<'_>, column: &Fact) -> Vec<Sql> {
    let mut all = Vec::new();
    // A partition has what its table has before it is attached.
    let is_partition = cx.new.fact(&column.id.of(Kind::Table)).is_some_and(|table| table.is("_partition"));
    let comes_alone = column.is("_not_null_inherited") && !column.is("_not_null_local") && !is_partition;
    let is_late = column.is("not_null_not_valid") || goes_down_alone(cx, column);
    if name(column).is_some() && is_late && !comes_alone {
        all.push(Sql::new(format!("ALTER TABLE {} {}", column.id.path(), set(cx, column))));
        all.extend(revalidated(cx, column));
    }
    all.extend(comment(column).is_some().then(|| commented(column)).flatten());
    all
}

fn comment(column: &Fact) -> Option<&str> {
    name(column).and(column.get("not_null_comment"))
}

/// Its comment, where it has one.
pub(super) fn said(column: &Fact) -> Option<Sql> {
    comment(column).is_some().then(|| commented(column)).flatten()
}

fn commented(column: &Fact) -> Option<Sql> {
    Some(commented_as(&column.id, name(column)?, comment(column)))
}

/// The comment of a constraint of this name.
pub(super) fn commented_as(column: &Id, name: &str, comment: Option<&str>) -> Sql {
    let text = comment.map_or("NULL".to_owned(), plain);
    Sql::new(format!("COMMENT ON CONSTRAINT {} ON {} IS {text}", Tidy(name), column.path()))
}

/// The statements for a column that is NOT NULL before and after.
pub(super) fn altered(cx: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Vec<Sql> {
    let (Some(before), Some(after)) = (name(was), name(is)) else { return Vec::new() };
    let has = |name: &str| attributes.contains(&name);
    let table = is.id.path();
    let alter = |what: String| Sql::new(format!("ALTER TABLE {table} {what}"));
    let mut all = Vec::new();
    let mut name = before;
    if has("not_null_name") {
        all.extend(
            in_order(&[(before.to_owned(), after.to_owned())]).iter().map(|pair| renamed(&is.id, pair)),
        );
        name = after;
    } else if cx.old.hosts(&was.id, Kind::Column).next().is_some() && is_free(cx, &is.id) {
        // It was given that name when it left its parents.
        name = after;
    }
    if has("not_null_not_valid") && is.is("not_null_not_valid") {
        all.push(alter(format!("ALTER COLUMN {} DROP NOT NULL", is.id.own())));
        all.push(alter(set(cx, is)));
        all.extend(commented(is).filter(|_| comment(is).is_some()));
        return all;
    }
    if has("not_null_no_inherit")
        && !is.is("not_null_no_inherit")
        && table::has_children(cx, &is.id.of(Kind::Table))
    {
        // INHERIT would leave the children constraints of their own beside the inherited ones.
        let why = format!("fails if {table}.{} has NULLs", is.id.own());
        let probe = format!("SELECT 1 FROM {table} WHERE {} IS NULL LIMIT 1", is.id.own());
        all.push(alter(format!("ALTER COLUMN {} DROP NOT NULL", is.id.own())));
        all.push(alter(set(cx, is)).hazard(Hazard::will_fail(why, Some(probe))));
        all.extend(revalidated(cx, is));
        all.extend(commented(is).filter(|_| comment(is).is_some()));
        return all;
    }
    if has("not_null_no_inherit") {
        let no = if is.is("not_null_no_inherit") { "NO " } else { "" };
        all.push(alter(format!("ALTER CONSTRAINT {} {no}INHERIT", Tidy(name))));
    }
    if has("not_null_not_valid") {
        let why = format!("fails if {table}.{} has NULLs", is.id.own());
        let probe = format!("SELECT 1 FROM {table} WHERE {} IS NULL LIMIT 1", is.id.own());
        let sql = alter(format!("VALIDATE CONSTRAINT {}", Tidy(name)));
        all.push(sql.hazard(Hazard::will_fail(why, Some(probe))));
    }
    if has("not_null_comment") {
        let text = comment(is).map_or("NULL".to_owned(), plain);
        all.push(Sql::new(format!("COMMENT ON CONSTRAINT {} ON {table} IS {text}", Tidy(name))));
    }
    all
}

/// `RENAME CONSTRAINT`, of a column's table or of a domain.
pub(in super::super) fn renamed(of: &Id, (from, to): &(String, String)) -> Sql {
    let word = if of.kind == Kind::Domain { "DOMAIN" } else { "TABLE" };
    Sql::new(format!("ALTER {word} {} RENAME CONSTRAINT {} TO {}", of.path(), Tidy(from), Tidy(to)))
}

/// The renames of one table in an order in which each new name is free; a circle through a temporary name.
pub(in super::super) fn in_order(pairs: &[(String, String)]) -> Vec<(String, String)> {
    let mut pending: Vec<(String, String)> = pairs.iter().filter(|(from, to)| from != to).cloned().collect();
    let mut all = Vec::new();
    while !pending.is_empty() {
        let taken: BTreeSet<String> = pending.iter().map(|(from, _)| from.clone()).collect();
        match pending.iter().position(|(_, to)| !taken.contains(to)) {
            Some(at) => all.push(pending.remove(at)),
            None => {
                let (from, _) = &mut pending[0];
                let aside = temporary(from, &|name| taken.contains(name));
                all.push((std::mem::replace(from, aside.clone()), aside));
            }
        }
    }
    all
}

/// Whether RENAME CONSTRAINT of a table's column finds the name in all tables below, which it goes down to.
pub(in super::super) fn goes_down(catalog: &Catalog, column: &Fact) -> bool {
    if column.id.kind != Kind::Column {
        return true;
    }
    let mut below = catalog.parts(&column.id, Kind::Column).filter(|child| child.is("_not_null_inherited"));
    below.all(|child| name(child) == name(column) && goes_down(catalog, child))
}

/// The renames that give a table's constraints the names that they are to have, while it hangs on no other table. Those that
/// `altered` renames are not among them.
pub(super) fn aligned(cx: &Cx<'_>, of: &Id) -> Vec<Sql> {
    let id = of.of(Kind::Table);
    let stays = |at: Option<usize>| at.is_some_and(|at| cx.fates.is_some_and(|fates| !fates.old[at].ends()));
    if !stays(cx.old.index(&id)) {
        return Vec::new();
    }
    let mut pairs = Vec::new();
    for was in cx.old.parts(&id, Kind::Column).filter(|was| was.id.of(Kind::Table) == id) {
        let Some(is) = cx.new.fact(&was.id).filter(|_| stays(cx.old.index(&was.id))) else { continue };
        let (Some(from), Some(to)) = (name(was), name(is)) else { continue };
        let is_altered = was.differing(is, &cx.wishes.scope).contains(&"not_null_name");
        if !is_altered && goes_down(cx.old, was) {
            pairs.push((from.to_owned(), to.to_owned()));
        }
    }
    in_order(&pairs).iter().map(|pair| renamed(&id, pair)).collect()
}

/// Whether a column's table has no parent.
fn is_free(cx: &Cx<'_>, column: &Id) -> bool {
    cx.new.hosts(column, Kind::Column).next().is_none()
}

/// Whether a table that stays leaves its partitioned table for good.
pub(super) fn is_let_go(cx: &Cx<'_>, partition: &Id) -> bool {
    cx.new.fact(&partition.of(Kind::Table)).is_some() && table::parent(cx.new, partition).is_none()
}

#[cfg(test)]
mod tests {
    use super::in_order;

    #[test]
    fn names_are_free_before_they_are_given() {
        let check = |pairs: &[(&str, &str)], wanted: &[(&str, &str)]| {
            let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
                pairs.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect()
            };
            assert_eq!(in_order(&owned(pairs)), owned(wanted));
        };
        check(&[("a", "a")], &[]);
        check(&[("a", "b"), ("b", "c")], &[("b", "c"), ("a", "b")]);
        check(&[("a", "b"), ("b", "a")], &[("a", "a__pgkeel_old"), ("b", "a"), ("a__pgkeel_old", "b")]);
    }
}
