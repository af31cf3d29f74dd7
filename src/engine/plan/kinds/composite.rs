//! Composite types that stand on their own, and what becomes of the values of one that is made anew.

use crate::engine::catalog::id::qualified;
use crate::engine::catalog::{Catalog, Fact, Id, Kind};
use crate::pg::ident::Tidy;

use super::super::hazard::Hazard;
use super::super::satellites::plain;
use super::super::sql::{Change, Sql};
use super::{Cx, Rules, retype};

pub(super) struct Composite;

/// One attribute.
#[derive(Debug, PartialEq, Eq)]
struct Attribute {
    name: String,
    kind: String,
    collation: String,
    comment: String,
}

impl Attribute {
    fn own(&self) -> String {
        Tidy(&self.name).to_string()
    }

    /// As CREATE TYPE and ADD ATTRIBUTE take it; with `TYPE` between, ALTER ATTRIBUTE.
    fn definition(&self, between: &str) -> String {
        let collation = match self.collation.as_str() {
            "" => String::new(),
            name => format!(" COLLATE {name}"),
        };
        format!("{}{between} {}{collation}", self.own(), self.kind)
    }

    fn commented(&self, of: &Id) -> Sql {
        let text = if self.comment.is_empty() { "NULL".to_owned() } else { plain(&self.comment) };
        Sql::new(format!("COMMENT ON COLUMN {}.{} IS {text}", of.path(), self.own()))
    }
}

fn attributes(fact: &Fact) -> Vec<Attribute> {
    let each = |fields: Vec<String>| {
        let mut fields = fields.into_iter();
        let mut field = || fields.next().unwrap_or_default();
        Attribute { name: field(), kind: field(), collation: field(), comment: field() }
    };
    fact.entries("attributes").into_iter().map(each).collect()
}

/// The columns of a table, as attributes of the type of its rows.
fn columns(catalog: &Catalog, table: &Id) -> Vec<Attribute> {
    let own = catalog.parts(table, Kind::Column).filter(|column| column.id.of(Kind::Table) == *table);
    let mut all: Vec<&Fact> = own.collect();
    all.sort_by_key(|column| column.text("_position").parse::<i32>().unwrap_or(0));
    let each = |column: &&Fact| Attribute {
        name: column.id.sub.clone(),
        kind: column.text("type").to_owned(),
        collation: column.text("collation").to_owned(),
        comment: String::new(),
    };
    all.iter().map(each).collect()
}

impl Rules for Composite {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let all = attributes(fact);
        let list: Vec<String> = all.iter().map(|attribute| attribute.definition("")).collect();
        let mut made = vec![Sql::new(format!("CREATE TYPE {} AS ({})", fact.id.path(), list.join(", ")))];
        let commented = all.iter().filter(|attribute| !attribute.comment.is_empty());
        made.extend(commented.map(|attribute| attribute.commented(&fact.id)));
        made
    }

    fn alter(&self, cx: &Cx<'_>, was: &Fact, is: &Fact, _: &[&str]) -> Change {
        let (before, after) = (attributes(was), attributes(is));
        let find = |of: &Attribute| before.iter().find(|attribute| attribute.name == of.name);
        let gone = before.iter().filter(|old| !after.iter().any(|new| new.name == old.name));
        let kept: Vec<&Attribute> =
            before.iter().filter(|old| after.iter().any(|new| new.name == old.name)).collect();
        let stays_in_order =
            after.iter().map(|new| &new.name).take(kept.len()).eq(kept.iter().map(|old| &old.name));
        let retyped = |new: &&Attribute| {
            find(new).is_some_and(|old| (&old.kind, &old.collation) != (&new.kind, &new.collation))
        };
        let is_held = is_held(cx.old, &was.id);
        if !stays_in_order || is_held && after.iter().any(|new| retyped(&new)) {
            let moves = !before.iter().map(|old| &old.name).eq(after.iter().map(|new| &new.name));
            let mut columns = cx.old.parts(&was.id, Kind::Column);
            if moves && columns.any(|old| cx.new.fact(&old.id).is_some() && !is_directly(old, was)) {
                let why = "columns hold arrays of it, whose elements cannot be brought into the new shape";
                return Change::Refuse(why.to_owned());
            }
            return Change::Replace;
        }
        let cascade = match cx.new.parts(&is.id, Kind::Table).next() {
            Some(_) => " CASCADE",
            None => "",
        };
        let alter = |what: String| Sql::new(format!("ALTER TYPE {} {what}{cascade}", is.id.path()));
        let mut all = Vec::new();
        for old in gone {
            let sql = alter(format!("DROP ATTRIBUTE {}", old.own()));
            let what = format!("the values of {} in columns of type {}", old.own(), is.id.path());
            all.push(if is_held || !cascade.is_empty() {
                sql.hazard(Hazard::data_loss(what, None))
            } else {
                sql
            });
        }
        for new in &after {
            if find(new).is_none() {
                all.push(alter(format!("ADD ATTRIBUTE {}", new.definition(""))));
            } else if retyped(&new) {
                all.push(alter(format!("ALTER ATTRIBUTE {}", new.definition(" TYPE"))));
            }
        }
        for new in &after {
            if find(new).map_or("", |old| &old.comment) != new.comment {
                all.push(new.commented(&is.id));
            }
        }
        let shape = |of: &[Attribute]| {
            of.iter()
                .map(|one| (one.name.clone(), one.kind.clone(), one.collation.clone()))
                .collect::<Vec<_>>()
        };
        if shape(&before) == shape(&after) { Change::InPlace(all) } else { Change::Retype(all) }
    }
}

/// All that holds values of a type, also within arrays, domains, ranges and other composite types.
fn holders<'a>(catalog: &'a Catalog, id: &Id) -> Vec<&'a Id> {
    let mut found: Vec<&Id> = Vec::new();
    let mut todo = vec![id];
    let mut next = 0;
    while next < todo.len() {
        let at = catalog.index(todo[next]).map(|at| catalog.needed(at)).unwrap_or_default();
        for (holder, _) in at {
            let holder = &catalog.facts()[*holder].id;
            let holds = matches!(holder.kind, Kind::Column | Kind::Composite | Kind::Domain | Kind::Range);
            if holds && !found.contains(&holder) {
                found.push(holder);
                todo.push(holder);
            }
        }
        next += 1;
    }
    found
}

/// Whether columns hold values of a type.
pub(super) fn is_held(catalog: &Catalog, id: &Id) -> bool {
    holders(catalog, id).iter().any(|holder| holder.kind == Kind::Column)
}

/// Whether a column's own type it is, not that of its elements.
fn is_directly(column: &Fact, kind: &Fact) -> bool {
    column.text("type") == qualified(&kind.id.schema, &kind.id.name)
}

/// A value of the old type, in a column, as one of the new type: by the names of attributes where they are no longer the
/// same in number and order, else as text.
pub(super) fn carried(cx: &Cx<'_>, ground: &Fact, was: &Fact, is: &Fact) -> (String, Option<Hazard>) {
    let (own, kind) = (is.id.own(), is.text("type"));
    let as_text = (format!("{own}::text::{kind}"), None);
    let Some(new) = cx.new.fact(&ground.id) else { return as_text };
    if ground.id.kind == Kind::Domain && is_directly(was, ground) && was.text("type") == kind {
        let (from, to) = (ground.text("type"), new.text("type"));
        // A written cast would cut strings off where the assignment fails.
        if retype::is_string(from) && retype::is_string(to) {
            return (format!("{own}::text"), None);
        }
        return (format!("{}::{kind}", retype::cast_between(&own, from, to)), None);
    }
    let (before, after) = match ground.id.kind {
        Kind::Composite => (attributes(ground), attributes(new)),
        Kind::Table => (columns(cx.old, &ground.id), columns(cx.new, &new.id)),
        _ => return as_text,
    };
    let is_alike = before.iter().map(|old| &old.name).eq(after.iter().map(|new| &new.name));
    if is_alike || !is_directly(was, ground) || was.text("type") != kind {
        return as_text;
    }
    let value = |new: &Attribute| match before.iter().find(|old| old.name == new.name) {
        Some(old) if old.kind == new.kind && !old.kind.contains('.') => format!("({own}).{}", new.own()),
        Some(_) => format!("({own}).{}::text::{}", new.own(), new.kind),
        None => "NULL".to_owned(),
    };
    let values: Vec<String> = after.iter().map(value).collect();
    // `IS NOT NULL` would be false of a row with one NULL in it (docs 9.2, "Comparison Functions and Operators").
    let text = format!("CASE WHEN {own} IS DISTINCT FROM NULL THEN ROW({})::{kind} END", values.join(", "));
    let gone: Vec<String> = before
        .iter()
        .filter(|old| !after.iter().any(|new| new.name == old.name))
        .map(Attribute::own)
        .collect();
    let table = Some(is.id.path());
    let what = format!("{} within the values of {}.{own}", gone.join(", "), is.id.path());
    (text, (!gone.is_empty()).then_some(Hazard::data_loss(what, table)))
}
