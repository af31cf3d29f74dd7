//! Sequences, and the columns that own them. That of an identity column is made and dropped with the column.

use crate::engine::catalog::{Fact, Id, Kind};
use crate::pg::ident::Tidy;

use super::super::satellites::plain;
use super::super::sql::{Change, Sql};
use super::column::setval;
use super::{Cx, Rules};

pub(super) struct Sequence;

impl Rules for Sequence {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let unlogged = if fact.is("unlogged") { "UNLOGGED " } else { "" };
        let kind = match fact.text("type") {
            "bigint" => String::new(),
            other => format!(" AS {other}"),
        };
        vec![Sql::new(format!("CREATE {unlogged}SEQUENCE {}{kind}{}", fact.id.path(), settings(fact, None)))]
    }

    fn alter(&self, _: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        if was.is("identity") != is.is("identity") {
            return Change::Replace;
        }
        let mut all = Vec::new();
        if attributes.contains(&"unlogged") {
            let word = if is.is("unlogged") { "UNLOGGED" } else { "LOGGED" };
            all.push(Sql::new(format!("ALTER SEQUENCE {} SET {word}", is.id.path())));
        }
        let kind =
            if attributes.contains(&"type") { format!(" AS {}", is.text("type")) } else { String::new() };
        let rest = settings(is, Some(was));
        if narrowed(was, is).is_empty() {
            all.extend(fitted(was, is));
        }
        if !kind.is_empty() || !rest.is_empty() {
            all.push(Sql::new(format!("ALTER SEQUENCE {}{kind}{rest}", is.id.path())));
        }
        Change::InPlace(all)
    }
}

/// Where the new bounds may exclude the value that it is at: bounds that hold both, and the value moved only where it must,
/// to where it goes on, or to where nothing is left. It never goes back to numbers that it gave. (ALTER SEQUENCE writes the
/// sequence anew, so that the `setval` after it ends with the transaction.)
fn fitted(was: &Fact, is: &Fact) -> Vec<Sql> {
    let (least, most) = bounds(is);
    let (was_least, was_most) = bounds(was);
    if least <= was_least && was_most <= most {
        return Vec::new();
    }
    let kind = if width(is) > width(was) { format!(" AS {}", is.text("type")) } else { String::new() };
    let (mut low, mut high) = (least.min(was_least), most.max(was_most));
    if is.is("identity") && is.get("type") != was.get("type") {
        // It has got the column's new type already.
        let (smallest, largest) = range(is);
        (low, high) = (low.max(smallest), high.min(largest));
    }
    vec![
        Sql::new(format!("ALTER SEQUENCE {}{kind} MINVALUE {low} MAXVALUE {high}", is.id.path())),
        moved_between(is),
    ]
}

/// The value that it is at, moved between the new bounds.
fn moved_between(is: &Fact) -> Sql {
    let ((least, most), name, path) = (bounds(is), plain(&is.id.path()), is.id.path());
    let is_used_up = match is.text("increment").starts_with('-') {
        true => format!("last_value < {least}"),
        false => format!("last_value > {most}"),
    };
    Sql::new(format!(
        "SELECT pg_catalog.setval({name}, greatest({least}, least(last_value, {most})), {is_used_up}) \
         FROM {path} WHERE last_value NOT BETWEEN {least} AND {most}"
    ))
}

fn bounds(fact: &Fact) -> (i64, i64) {
    let bound = |name: &str| fact.text(name).parse::<i64>().unwrap_or_default();
    (bound("min"), bound("max"))
}

fn width(fact: &Fact) -> u8 {
    match fact.text("type") {
        "smallint" => 2,
        "integer" => 4,
        _ => 8,
    }
}

/// What its type can hold.
fn range(fact: &Fact) -> (i64, i64) {
    match width(fact) {
        2 => (i16::MIN.into(), i16::MAX.into()),
        4 => (i32::MIN.into(), i32::MAX.into()),
        _ => (i64::MIN, i64::MAX),
    }
}

/// What an identity column's sequence needs before the column gets a smaller type, which the sequence gets with it: it must
/// fit into it. A bound that is the type's own changes with the type.
pub(super) fn narrowed(was: &Fact, is: &Fact) -> Vec<Sql> {
    if !(was.is("identity") && is.is("identity")) || width(is) >= width(was) {
        return Vec::new();
    }
    let ((least, most), (was_least, was_most)) = (bounds(is), bounds(was));
    let ((smallest, largest), own) = (range(is), range(was));
    let fits = |bound: i64, own: i64| bound == own || (smallest..=largest).contains(&bound);
    if fits(was_least, own.0) && fits(was_most, own.1) && start(was) >= smallest && start(was) <= largest {
        return vec![moved_between(is)];
    }
    let (path, start) = (is.id.path(), is.text("start"));
    let (low, high) = (least.min(was_least), most.max(was_most));
    vec![
        Sql::new(format!("ALTER SEQUENCE {path} MINVALUE {low} MAXVALUE {high}")),
        moved_between(is),
        Sql::new(format!("ALTER SEQUENCE {path} START WITH {start} MINVALUE {least} MAXVALUE {most}")),
    ]
}

fn start(fact: &Fact) -> i64 {
    fact.text("start").parse().unwrap_or_default()
}

/// Everything about a sequence but its type, as CREATE and ALTER take it; with `was`, what differs.
pub(super) fn settings(fact: &Fact, was: Option<&Fact>) -> String {
    let differs = |name: &str| was.is_none_or(|was| was.get(name) != fact.get(name));
    let type_differs = was.is_some_and(|was| was.get("type") != fact.get("type"));
    let mut text = String::new();
    let usual = usual(fact);
    for (word, name, usual) in [
        ("START WITH", "start", usual.2.as_str()),
        ("INCREMENT BY", "increment", "1"),
        ("MINVALUE", "min", usual.0.as_str()),
        ("MAXVALUE", "max", usual.1.as_str()),
        ("CACHE", "cache", "1"),
    ] {
        let bound = matches!(name, "min" | "max");
        let wanted =
            if was.is_some() { differs(name) || type_differs && bound } else { fact.text(name) != usual };
        if wanted {
            text.push_str(&format!(" {word} {}", fact.text(name)));
        }
    }
    match (differs("cycle"), fact.is("cycle"), was.is_some()) {
        (true, true, _) => text.push_str(" CYCLE"),
        (true, false, true) => text.push_str(" NO CYCLE"),
        _ => {}
    }
    text
}

/// Minimum, maximum and start where nobody says (docs, CREATE SEQUENCE).
fn usual(fact: &Fact) -> (String, String, String) {
    let (least, most) = match fact.text("type") {
        "smallint" => ("-32768", "32767"),
        "integer" => ("-2147483648", "2147483647"),
        _ => ("-9223372036854775808", "9223372036854775807"),
    };
    let down = fact.text("increment").starts_with('-');
    let (min, max) = if down { (least, "-1") } else { ("1", most) };
    let start = if down { fact.text("max") } else { fact.text("min") };
    (min.to_owned(), max.to_owned(), start.to_owned())
}

/// A sequence that a column is to own has the owner of its table (docs, ALTER SEQUENCE).
fn owner_first(cx: &Cx<'_>, fact: &Fact) -> Option<Sql> {
    let column = cx.new.hosts(&fact.id, Kind::Column).next()?;
    let owner = |id: &Id| cx.old.fact(id).map(|fact| fact.text("owner"));
    let table = owner(&column.id.of(Kind::Table)).unwrap_or(&cx.old.role);
    let own = owner(&fact.id.of(Kind::Sequence)).unwrap_or(&cx.old.role);
    (!cx.wishes.scope.owners && table != own)
        .then(|| Sql::new(format!("ALTER SEQUENCE {} OWNER TO {}", fact.id.path(), Tidy(table))))
}

pub(super) struct Owner;

impl Rules for Owner {
    fn create(&self, cx: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let mut all: Vec<Sql> = owner_first(cx, fact).into_iter().collect();
        all.push(Sql::new(format!("ALTER SEQUENCE {} OWNED BY {}", fact.id.path(), fact.text("column"))));
        // A new sequence for a column that has values goes on after them.
        let sequence = fact.id.of(Kind::Sequence);
        let is_new = cx.old.fact(&sequence).is_none_or(|was| was.is("identity"));
        let column = cx.new.hosts(&fact.id, Kind::Column).next();
        all.extend(
            column
                .filter(|column| {
                    is_new && cx.old.fact(&column.id).is_some() && column.text("_category") == "N"
                })
                .map(|column| setval(cx, &sequence, &column.id)),
        );
        all
    }

    fn drop(&self, _: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
        vec![Sql::new(format!("ALTER SEQUENCE {} OWNED BY NONE", fact.id.path()))]
    }
}
