//! Domains and their constraints.

use crate::engine::catalog::{Fact, Kind};
use crate::pg::ident::Tidy;

use super::super::hazard::Hazard;
use super::super::sql::{Change, Sql};
use super::{Cx, Rules, not_null};

pub(super) struct Domain;

impl Rules for Domain {
    fn create(&self, _: &Cx<'_>, fact: &Fact, members: &[&Fact]) -> Vec<Sql> {
        let mut text = format!("CREATE DOMAIN {} AS {}", fact.id.path(), fact.text("type"));
        if let Some(collation) = fact.get("collation") {
            text.push_str(&format!(" COLLATE {collation}"));
        }
        if let Some(value) = fact.get("default") {
            text.push_str(&format!(" DEFAULT {value}"));
        }
        if let Some(name) = not_null::name(fact).filter(|name| *name != not_null::usual(&fact.id)) {
            text.push_str(&format!(" CONSTRAINT {}", Tidy(name)));
        }
        if fact.is("not_null") {
            text.push_str(" NOT NULL");
        }
        for check in members.iter().filter(|member| member.id.kind == Kind::DomainConstraint) {
            text.push_str(&format!("\n    CONSTRAINT {} {}", check.id.own(), check.text("definition")));
        }
        vec![Sql::new(text)]
    }

    fn alter(&self, _: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        let path = is.id.path();
        let alter = |what: String| Sql::new(format!("ALTER DOMAIN {path} {what}"));
        let mut all = Vec::new();
        for name in attributes {
            match *name {
                "default" => all.push(alter(match is.get("default") {
                    Some(value) => format!("SET DEFAULT {value}"),
                    None => "DROP DEFAULT".to_owned(),
                })),
                "not_null" if is.is("not_null") => {
                    let why = format!("fails if columns of type {path} have NULLs");
                    let word = match not_null::name(is).filter(|name| *name != not_null::usual(&is.id)) {
                        Some(name) => format!("ADD CONSTRAINT {} NOT NULL", Tidy(name)),
                        None => "SET NOT NULL".to_owned(),
                    };
                    all.push(alter(word).hazard(Hazard::will_fail(why, None)));
                }
                "not_null" => all.push(alter("DROP NOT NULL".to_owned())),
                "not_null_name" if attributes.contains(&"not_null") => {}
                "not_null_name" => {
                    let names = not_null::name(was).zip(not_null::name(is));
                    let pair = names.map(|(from, to)| (from.to_owned(), to.to_owned()));
                    all.extend(pair.map(|pair| not_null::renamed(&is.id, &pair)));
                }
                _ => return Change::Replace,
            }
        }
        Change::InPlace(all)
    }
}

pub(super) struct DomainConstraint;

impl Rules for DomainConstraint {
    fn create(&self, cx: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let (path, definition) = (fact.id.path(), fact.text("definition"));
        let sql = Sql::new(format!("ALTER DOMAIN {path} ADD CONSTRAINT {} {definition}", fact.id.own()));
        if fact.is("not_valid") || cx.old.fact(&fact.id.of(Kind::Domain)).is_none() {
            return vec![sql];
        }
        let why = format!("fails if columns of type {path} have values that break {definition}");
        vec![sql.hazard(Hazard::will_fail(why, None))]
    }

    fn drop(&self, _: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
        vec![Sql::new(format!("ALTER DOMAIN {} DROP CONSTRAINT {}", fact.id.path(), fact.id.own()))]
    }

    fn alter(&self, _: &Cx<'_>, was: &Fact, is: &Fact, _: &[&str]) -> Change {
        let validated = was.is("not_valid")
            && !is.is("not_valid")
            && was.text("definition").strip_suffix(" NOT VALID") == is.get("definition");
        if !validated {
            return Change::Replace;
        }
        let (path, name) = (is.id.path(), is.id.own());
        let why = format!("fails if columns of type {path} have values that break {name}");
        let sql = Sql::new(format!("ALTER DOMAIN {path} VALIDATE CONSTRAINT {name}"));
        Change::InPlace(vec![sql.hazard(Hazard::will_fail(why, None))])
    }
}
