//! Enums. Values are added in place; one that goes, or stands elsewhere, makes the type new.

use crate::engine::catalog::Fact;

use super::super::hazard::Hazard;
use super::super::satellites::plain;
use super::super::sql::{Change, Sql};
use super::{Cx, Rules};

pub(super) struct Enum;

impl Rules for Enum {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let labels: Vec<String> = labels(fact).iter().map(|label| plain(label)).collect();
        vec![Sql::new(format!("CREATE TYPE {} AS ENUM ({})", fact.id.path(), labels.join(", ")))]
    }

    fn alter(&self, cx: &Cx<'_>, was: &Fact, is: &Fact, _: &[&str]) -> Change {
        if cx.wishes.whole {
            return Change::Replace;
        }
        let Some(added) = added(&labels(was), &labels(is)) else { return Change::Replace };
        let each = |(label, place): (String, String)| {
            let literal = plain(&label);
            let sql = format!("ALTER TYPE {} ADD VALUE {literal}{place}", is.id.path());
            // A new value may not be used before it is committed (docs, ALTER TYPE, "Notes").
            let what = format!("rows that use {literal} have no place in {} on the way back", is.id.path());
            Sql::new(sql).commits(literal).hazard(Hazard::LossyDown { what })
        };
        Change::InPlace(added.into_iter().map(each).collect())
    }
}

fn labels(fact: &Fact) -> Vec<String> {
    fact.entries("labels").into_iter().map(|mut fields| fields.swap_remove(0)).collect()
}

/// The values that come in addition, each with its place among those that are there by then; none where others must go or
/// change places.
fn added(was: &[String], is: &[String]) -> Option<Vec<(String, String)>> {
    let mut old = was.iter().peekable();
    let mut before: Option<&String> = None;
    let mut found = Vec::new();
    for label in is {
        if old.peek() == Some(&label) {
            old.next();
        } else {
            let place = match (old.peek(), before) {
                (None, _) => String::new(),
                (Some(next), None) => format!(" BEFORE {}", plain(next)),
                (Some(_), Some(before)) => format!(" AFTER {}", plain(before)),
            };
            found.push((label.clone(), place));
        }
        before = Some(label);
    }
    old.peek().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::added;

    #[test]
    fn values_are_added_at_their_places_and_nothing_else_is_done_in_place() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let check = |was: &str, is: &str, wanted: Option<&str>| {
            let found = added(&words(was), &words(is)).map(|all| {
                all.iter().map(|(label, place)| format!("{label}{place}")).collect::<Vec<_>>().join("; ")
            });
            assert_eq!(found.as_deref(), wanted, "{was} -> {is}");
        };
        check("a b", "a b c d", Some("c; d"));
        check("b d", "a b c d e", Some("a BEFORE 'b'; c AFTER 'b'; e"));
        check("c", "a b c", Some("a BEFORE 'c'; b AFTER 'a'"));
        check("", "a b", Some("a; b"));
        check("a b", "a", None);
        check("a b", "b a", None);
        check("a b", "a c", None);
    }
}
