//! Extensions. Their members are their own business.

use crate::engine::catalog::{Fact, Kind};

use super::super::satellites::plain;
use super::super::sql::{Change, Sql};
use super::{Cx, Rules};

pub(super) struct Extension;

impl Rules for Extension {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let mut text = format!("CREATE EXTENSION {} SCHEMA {}", fact.id.path(), fact.text("in_schema"));
        if !fact.is("_usual_version") {
            text.push_str(&format!(" VERSION {}", plain(fact.text("version"))));
        }
        vec![Sql::new(text)]
    }

    fn alter(&self, cx: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        let path = is.id.path();
        let (from, to) = (was.text("version"), is.text("version"));
        let moves = attributes.contains(&"in_schema");
        let updates = attributes.contains(&"version");
        let has_way = !updates || was.lines("_ways").any(|version| version == to);
        if !has_way || moves && !was.is("_relocatable") {
            if cx.old.parts(&was.id, Kind::Column).next().is_none() {
                return Change::Replace;
            }
            let what = if has_way {
                "move to another schema".to_owned()
            } else {
                format!("go from version {from} to {to}")
            };
            return Change::Refuse(format!("it cannot {what} while it stays, and columns are of its types"));
        }
        let mut all = Vec::new();
        if moves {
            all.push(Sql::new(format!("ALTER EXTENSION {path} SET SCHEMA {}", is.text("in_schema"))));
        }
        if updates {
            all.push(Sql::new(format!("ALTER EXTENSION {path} UPDATE TO {}", plain(to))));
        }
        Change::InPlace(all)
    }
}
