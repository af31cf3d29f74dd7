//! What gets another name because its own is wanted while its values are still needed: types that columns have, and tables
//! that are made anew with their rows. Such a table is dropped, with what lies in it, once the new one is filled.

use sha2::{Digest as _, Sha256};

use crate::engine::catalog::id::qualified;
use crate::engine::catalog::{Catalog, Fact, Hold, Id, Kind};
use crate::pg::ident::Tidy;

use super::super::fate::{Fate, Fates};
use super::super::graph::{Act, Need};
use super::super::hazard::Hazard;
use super::super::satellites::plain;
use super::super::sql::Sql;
use super::{Cx, column, composite, index_table, object, range, retype, table};

/// The name under which something waits whose name is taken by its successor.
pub(in super::super) fn name(cx: &Cx<'_>, fact: &Fact, fates: &Fates) -> Option<String> {
    let is_used = match fact.id.kind {
        Kind::Table if cx.new.fact(&fact.id).is_some() => keeps_rows(cx, fact),
        Kind::Enum
        | Kind::Composite
        | Kind::Range
        | Kind::Domain
        | Kind::BaseType
        | Kind::Collation
        | Kind::Table
        | Kind::View
        | Kind::MaterializedView => {
            let at = cx.old.index(&fact.id)?;
            let used = |(to, _): &(usize, _)| {
                let stays = matches!(fates.old[*to], Fate::Kept | Fate::Altered(..));
                let holds =
                    matches!(cx.old.facts()[*to].id.kind, Kind::Column | Kind::Composite | Kind::Domain);
                let is_relation = matches!(fact.id.kind, Kind::Table | Kind::View | Kind::MaterializedView);
                if stays && holds || is_relation {
                    return stays && holds;
                }
                // What has another name meanwhile stands on what has another name.
                fates.aside.contains_key(to) || within(cx, fates, *to).is_some()
            };
            cx.old.needed(at).iter().any(used)
        }
        _ => false,
    };
    is_used.then(|| other_name(&fact.id.name))
}

/// The same name each time it is asked, and another for another name, however long (docs 4.1.1: 63 bytes).
fn other_name(name: &str) -> String {
    const SUFFIX: &str = "__pgkeel_old";
    if name.len() + SUFFIX.len() <= 50 {
        return format!("{name}{SUFFIX}");
    }
    let digest = Sha256::digest(name.as_bytes());
    let end = (0..=30).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
    let tail: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{}_{tail}{SUFFIX}", &name[..end])
}

/// Whether a table that is made anew has rows that the new one can hold.
pub(super) fn keeps_rows(cx: &Cx<'_>, fact: &Fact) -> bool {
    let holds = |fact: &Fact| fact.text("type") != "FOREIGN TABLE";
    cx.new.fact(&fact.id).is_some_and(|is| holds(is) && holds(fact) && !shared(cx, is).is_empty())
}

/// The columns that both have and that are stored.
fn shared<'a>(cx: &Cx<'a>, table: &Fact) -> Vec<(&'a Fact, &'a Fact)> {
    let stored = |column: &Fact| column.get("generated").is_none();
    let mut all: Vec<_> = cx
        .new
        .parts(&table.id, Kind::Column)
        .filter(|is| is.id.of(Kind::Table) == table.id)
        .filter_map(|is| Some((cx.old.fact(&is.id)?, is)))
        .filter(|(was, is)| stored(was) && stored(is))
        .collect();
    all.sort_by_key(|(_, is)| is.text("_position").parse::<i32>().unwrap_or(0));
    all
}

/// The partitioned table that is put aside, or goes with one, in which a partition stays, so that its rows are taken from
/// there. What becomes a table of its own, and what holds no rows itself, is let go before.
pub(in super::super) fn tree(cx: &Cx<'_>, fates: &Fates, partition: usize) -> Option<usize> {
    let fact = &cx.old.facts()[partition];
    if fact.id.kind != Kind::Table || !fates.old[partition].ends() || fact.text("type") == "FOREIGN TABLE" {
        return None;
    }
    let parent = table::parent(cx.old, &fact.id)?;
    let at = cx.old.index(&parent)?;
    let moves = cx.new.fact(&fact.id).is_some() && table::parent(cx.new, &fact.id) != Some(parent);
    (!moves && (fates.aside.contains_key(&at) || tree(cx, fates, at).is_some())).then_some(at)
}

/// The partition trees that stay together when one is made anew: the tables whose rows go through the new one.
pub(in super::super) fn partitions(cx: &Cx<'_>, table: &Id) -> Vec<usize> {
    let parts = cx.old.parts(table, Kind::Partition).map(|partition| partition.id.of(Kind::Table));
    let of = |catalog: &Catalog, part: &Id| table::parent(catalog, part).as_ref() == Some(table);
    parts
        .filter(|part| of(cx.old, part) && of(cx.new, part))
        .filter(|part| cx.old.fact(part).is_some_and(|part| keeps_rows(cx, part)))
        .filter_map(|part| cx.old.index(&part))
        .collect()
}

/// The table, put aside, in which something lies that needs no statement of its own: it goes with it.
pub(in super::super) fn within(cx: &Cx<'_>, fates: &Fates, at: usize) -> Option<usize> {
    if !fates.old[at].ends() {
        return None;
    }
    let fact = &cx.old.facts()[at];
    let own = |id: &Id| {
        let table = cx.old.index(&id.of(Kind::Table))?;
        (fates.aside.contains_key(&table) || tree(cx, fates, table).is_some()).then_some(table)
    };
    let stands_alone = || {
        let holds = |(to, _): &(usize, Hold)| {
            fates.old[*to].ends() && !matches!(cx.old.facts()[*to].id.kind, Kind::Column | Kind::Table)
        };
        !cx.old.needs(at).iter().any(holds)
    };
    match fact.id.kind {
        Kind::Column => own(&fact.id),
        Kind::Default => own(&fact.id).filter(|_| stands_alone()),
        Kind::Constraint if fact.text("type") == "c" => own(&fact.id).filter(|_| stands_alone()),
        Kind::Sequence => {
            let owner = fact.id.of(Kind::SequenceOwner);
            let owner = if cx.old.fact(&owner).is_some() { &owner } else { &fact.id };
            own(&cx.old.hosts(owner, Kind::Column).next()?.id)
        }
        Kind::SequenceOwner => within(cx, fates, cx.old.index(&fact.id.of(Kind::Sequence))?),
        Kind::Partition => {
            let table = cx.old.index(&fact.id.of(Kind::Table))?;
            tree(cx, fates, table).map(|_| table)
        }
        _ => None,
    }
}

/// The table whose other name frees the name of what lies in it.
pub(in super::super) fn moved_with(cx: &Cx<'_>, fates: &Fates, at: usize) -> Option<usize> {
    within(cx, fates, at).filter(|table| fates.aside.contains_key(table))
}

/// Give it that name.
pub(in super::super) fn put(cx: &Cx<'_>, fates: &Fates, fact: &Fact, name: &str) -> Vec<Sql> {
    if fact.id.kind == Kind::Range {
        return range::put_aside(fact, name);
    }
    let mut all = Vec::new();
    if fact.id.kind == Kind::Table {
        let at = cx.old.index(&fact.id);
        for (sequence, other) in cx.old.facts().iter().enumerate() {
            if other.id.kind == Kind::Sequence && within(cx, fates, sequence) == at {
                let name = other_name(&other.id.name);
                all.push(Sql::new(format!("ALTER SEQUENCE {} RENAME TO {}", other.id.path(), Tidy(&name))));
            }
        }
        for parent in cx.old.hosts(&fact.id, Kind::Table) {
            let becomes_one = cx.new.fact(&parent.id.of(Kind::Partition)).is_some();
            if becomes_one && fact.lines("inherits").any(|name| name == parent.id.path()) {
                let (table, parent) = (fact.id.path(), parent.id.path());
                all.push(Sql::new(format!("ALTER TABLE {table} NO INHERIT {parent}")));
            }
        }
        if fact.is("force_row_security") {
            // Its owner reads all its rows.
            all.push(Sql::new(format!("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY", fact.id.path())));
        }
    }
    all.push(Sql::new(format!("ALTER {} RENAME TO {}", object(fact), Tidy(name))));
    all
}

/// Whether the rows of a table that is put aside are brought over from it, not from what it is a partition of.
pub(in super::super) fn is_filled(cx: &Cx<'_>, fates: &Fates, at: usize) -> bool {
    cx.old.facts()[at].id.kind == Kind::Table
        && fates.aside.contains_key(&at)
        && tree(cx, fates, at).is_none()
}

/// The rows of the table that was put aside, into the one that has its name.
pub(in super::super) fn fill(cx: &Cx<'_>, fates: &Fates, fact: &Fact, aside: &str) -> Vec<Sql> {
    let columns = shared(cx, fact);
    let names: Vec<String> = columns.iter().map(|(_, is)| is.id.own()).collect();
    let values: Vec<String> = columns.iter().map(|(was, is)| value(cx, fates, was, is)).collect();
    let table = fact.id.path();
    let was = cx.old.fact(&fact.id);
    let is_parent = was.is_some_and(|was| was.get("partition_key").is_none())
        && cx.old.parts(&fact.id, Kind::Table).next().is_some();
    let only = if is_parent { "ONLY " } else { "" };
    let from = qualified(&fact.id.schema, aside);
    let has_identity = columns.iter().any(|(_, is)| is.get("identity").is_some());
    let overriding = if has_identity { " OVERRIDING SYSTEM VALUE" } else { "" };
    let insert = format!(
        "INSERT INTO {table} ({}){overriding} SELECT {} FROM {only}{from}",
        names.join(", "),
        values.join(", ")
    );
    let why = format!("fails if rows of {table} do not fit the new table");
    let mut insert = Sql::new(insert)
        .hazard(Hazard::Rewrite { table: table.clone() })
        .hazard(Hazard::will_fail(why, None));
    for was in cx.old.parts(&fact.id, Kind::Column).filter(|was| was.id.of(Kind::Table) == fact.id) {
        if cx.new.fact(&was.id).is_none() && was.get("generated").is_none() {
            let what = format!("the values of {table}.{}", was.id.own());
            insert = insert.hazard(Hazard::data_loss(what, Some(table.clone())));
        }
    }
    let mut all = Vec::new();
    let forces = |word: &str| Sql::new(format!("ALTER TABLE {table} {word} ROW LEVEL SECURITY"));
    if fact.is("force_row_security") {
        all.push(forces("NO FORCE"));
    }
    all.push(insert);
    if fact.is("force_row_security") {
        all.push(forces("FORCE"));
    }
    for (_, is) in columns.iter().filter(|(_, is)| is.get("identity").is_some()) {
        all.extend(counted(cx, fates, is));
    }
    all
}

/// A value of the old column as one of the new.
fn value(cx: &Cx<'_>, fates: &Fates, was: &Fact, is: &Fact) -> String {
    if was.text("type") != is.text("type") {
        return retype::cast(&is.id.own(), was, is);
    }
    let replaced = cx.old.index(&was.id).and_then(|at| {
        let types = [Kind::Enum, Kind::Composite, Kind::Range, Kind::Domain, Kind::BaseType];
        let ground = cx.old.needs(at).iter().map(|(to, _)| *to);
        ground.into_iter().find(|to| fates.old[*to].ends() && types.contains(&cx.old.facts()[*to].id.kind))
    });
    match replaced {
        Some(ground) => composite::carried(cx, &cx.old.facts()[ground], was, is).0,
        None => is.id.own(),
    }
}

/// Let an identity column's sequence go on where the old one was; where there was none, after the values that are there.
fn counted(cx: &Cx<'_>, fates: &Fates, is: &Fact) -> Option<Sql> {
    let sequence = cx.new.parts(&is.id, Kind::Sequence).next()?;
    let was = cx.old.parts(&is.id, Kind::Sequence).next().filter(|was| {
        let alike = ["min", "max"].iter().all(|name| was.get(name) == sequence.get(name));
        let at = cx.old.index(&was.id);
        alike && at.is_some_and(|at| moved_with(cx, fates, at).is_some())
    });
    let Some(was) = was else { return column::caught_up(cx, is) };
    let from = qualified(&was.id.schema, &other_name(&was.id.name));
    let name = plain(&sequence.id.path());
    Some(Sql::new(format!("SELECT pg_catalog.setval({name}, last_value, is_called) FROM {from}")))
}

/// What names a table is done before it gets another name; its rows move before triggers see them, and into partitions
/// that are there.
pub(super) fn needs(cx: &Cx<'_>, fates: &Fates, all: &mut Vec<(Act, Act, Need)>) {
    let asides: Vec<usize> =
        fates.aside.keys().copied().filter(|at| cx.old.facts()[*at].id.kind == Kind::Table).collect();
    for table in asides {
        before(cx, fates, table, all);
        let mut root = table;
        while let Some(above) = tree(cx, fates, root) {
            root = above;
        }
        if let (Some(after), Some(fill)) = (fates.after[table], fates.after[root]) {
            afterwards(cx, after, Act::Fill(fill), all);
        }
    }
}

/// What is done under the table's old name.
fn before(cx: &Cx<'_>, fates: &Fates, table: usize, all: &mut Vec<(Act, Act, Need)>) {
    let id = &cx.old.facts()[table].id;
    for (at, fact) in cx.old.facts().iter().enumerate() {
        let is_child = || cx.old.needs(at).iter().any(|(to, _)| *to == table);
        if fact.id.kind == Kind::Table && matches!(fates.old[at], Fate::Altered(..)) && is_child() {
            all.push((Act::Aside(table), Act::Alter(at), Need::Must));
        }
        if !fates.old[at].ends() || within(cx, fates, at).is_some() {
            continue;
        }
        let is_partition = fact.id.kind == Kind::Partition && {
            let part = fact.id.of(Kind::Table);
            part == *id || table::parent(cx.old, &part).as_ref() == Some(id)
        };
        if is_partition || on_table(cx.old, fact).as_ref() == Some(id) {
            all.push((Act::Aside(table), Act::Drop(at), Need::Must));
        }
    }
}

/// What waits for the rows, and what they wait for.
fn afterwards(cx: &Cx<'_>, table: usize, fill: Act, all: &mut Vec<(Act, Act, Need)>) {
    let id = &cx.new.facts()[table].id;
    for (at, fact) in cx.new.facts().iter().enumerate() {
        let on = on_table(cx.new, fact);
        match fact.id.kind {
            Kind::Trigger | Kind::Rule if on.as_ref() == Some(id) => {
                all.push((Act::Create(at), fill, Need::Must));
            }
            Kind::Constraint if fact.text("type") == "f" => {
                if on.as_ref() == Some(id) {
                    all.push((Act::Create(at), fill, Need::Rather));
                } else if cx.new.needs(at).iter().any(|(to, _)| *to == table) {
                    all.push((Act::Create(at), fill, Need::Must));
                }
            }
            Kind::Partition => {
                let mut part = fact.id.of(Kind::Table);
                while let Some(above) = table::parent(cx.new, &part) {
                    if above == *id {
                        all.push((fill, Act::Create(at), Need::Must));
                    }
                    part = above;
                }
            }
            Kind::MaterializedView => all.push((Act::Create(at), fill, Need::Rather)),
            _ => {}
        }
    }
}

fn on_table(catalog: &Catalog, fact: &Fact) -> Option<Id> {
    match fact.id.kind {
        Kind::Column
        | Kind::Default
        | Kind::Constraint
        | Kind::Trigger
        | Kind::Rule
        | Kind::Policy
        | Kind::PublicationTable => Some(fact.id.of(Kind::Table)),
        Kind::Index => index_table(catalog, &fact.id),
        Kind::Sequence if fact.is("identity") => {
            catalog.hosts(&fact.id, Kind::Column).map(|column| column.id.of(Kind::Table)).next()
        }
        _ => None,
    }
}
