//! Extensions. Their members are their own business.

use crate::engine::catalog::{Catalog, Fact, Kind};
use crate::pg::ident::Tidy;

use super::super::acl;
use super::super::fate::Fates;
use super::super::graph::{Act, Need};
use super::super::satellites::plain;
use super::super::sql::{Change, Sql};
use super::{Cx, Rules};

/// Grants on what an extension made, where they are not those that it made itself.
pub(super) struct Grants;

impl Rules for Grants {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        acl::of_member(None, Some(fact))
    }

    fn drop(&self, _: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
        acl::of_member(Some(fact), None)
    }

    fn alter(&self, _: &Cx<'_>, was: &Fact, is: &Fact, _: &[&str]) -> Change {
        Change::InPlace(acl::of_member(Some(was), Some(is)))
    }
}

pub(super) struct Extension;

impl Rules for Extension {
    fn create(&self, cx: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let mut text = format!("CREATE EXTENSION {} SCHEMA {}", fact.id.path(), fact.text("in_schema"));
        if !fact.is("_usual_version") {
            text.push_str(&format!(" VERSION {}", plain(fact.text("version"))));
        }
        let rules = default_privileges(cx, fact);
        let change = |to_rule: bool| {
            rules.iter().flat_map(move |rule| match to_rule {
                true => acl::defaults(cx, &rule.id, None, Some(rule)),
                false => acl::defaults(cx, &rule.id, Some(rule), None),
            })
        };
        let mut all: Vec<Sql> = change(false).collect();
        all.push(Sql::new(text));
        all.extend(change(true));
        all
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

/// The default privileges that the members of an extension would get: the grants of members are compared with those that
/// its script makes, so that they are created without.
fn default_privileges<'a>(cx: &Cx<'a>, extension: &Fact) -> Vec<&'a Fact> {
    let schema = extension.text("in_schema");
    let concerns = |fact: &&Fact| {
        fact.id.kind == Kind::DefaultPrivileges
            && fact.id.name == cx.old.role
            && (fact.id.schema.is_empty() || Tidy(&fact.id.schema).to_string() == schema)
            && matches!(fact.id.sub.as_str(), "f" | "T" | "r" | "S")
            && cx.old.index(&fact.id).is_some_and(|at| cx.fates.is_some_and(|fates| !fates.old[at].ends()))
    };
    if cx.wishes.scope.no_privileges {
        return Vec::new();
    }
    cx.old.facts().iter().filter(concerns).collect()
}

/// What has the name of something that an extension makes goes before it, and comes after it.
pub(super) fn needs(cx: &Cx<'_>, fates: &Fates, all: &mut Vec<(Act, Act, Need)>) {
    let extensions = |catalog: &'_ Catalog, is_it: &dyn Fn(usize) -> bool| -> Vec<usize> {
        let facts = catalog.facts().iter().enumerate();
        facts.filter(|(at, fact)| fact.id.kind == Kind::Extension && is_it(*at)).map(|(at, _)| at).collect()
    };
    let is_named = |fact: &Fact| !fact.id.schema.is_empty() && fact.id.kind != Kind::DefaultPrivileges;
    for extension in extensions(cx.old, &|at| fates.old[at].ends()) {
        for (at, fact) in cx.new.facts().iter().enumerate() {
            if is_named(fact) && fates.is_created(at) {
                all.push((Act::Create(at), Act::Drop(extension), Need::Rather));
                all.push((Act::Declare(at), Act::Drop(extension), Need::Rather));
            }
        }
    }
    for extension in extensions(cx.new, &|at| fates.is_created(at)) {
        for (at, fact) in cx.old.facts().iter().enumerate() {
            if is_named(fact) && fates.old[at].ends() {
                all.push((Act::Create(extension), Act::Drop(at), Need::Rather));
            }
        }
    }
}
