//! Publications, and the tables and schemas in them.

use crate::engine::catalog::{Catalog, Fact, Id, Kind};
use crate::pg::ident::Tidy;

use super::super::fate::Fates;
use super::super::graph::{Act, Need};
use super::super::satellites::plain;
use super::super::sql::{Change, Sql};
use super::{Cx, Rules};

pub(super) struct Publication;

/// The options, and their values where nobody says (docs, CREATE PUBLICATION).
const OPTIONS: [(&str, &str); 3] = [
    ("publish", "insert, update, delete, truncate"),
    ("publish_via_partition_root", "false"),
    ("publish_generated_columns", "none"),
];

impl Rules for Publication {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let all = if fact.is("all_tables") { " FOR ALL TABLES" } else { "" };
        let options =
            OPTIONS.iter().filter(|(name, usual)| fact.get(name).is_some_and(|value| value != *usual));
        let options: Vec<String> = options.map(|(name, _)| setting(fact, name)).collect();
        let with = if options.is_empty() { String::new() } else { format!(" WITH ({})", options.join(", ")) };
        vec![Sql::new(format!("CREATE PUBLICATION {}{all}{with}", fact.id.path()))]
    }

    fn alter(&self, _: &Cx<'_>, _: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        if attributes.iter().any(|name| OPTIONS.iter().all(|(known, _)| known != name)) {
            return Change::Replace;
        }
        let options: Vec<String> = attributes.iter().map(|name| setting(is, name)).collect();
        Change::InPlace(vec![Sql::new(format!(
            "ALTER PUBLICATION {} SET ({})",
            is.id.path(),
            options.join(", ")
        ))])
    }
}

fn setting(fact: &Fact, name: &str) -> String {
    format!("{name} = {}", plain(fact.text(name)))
}

pub(super) struct Table;

impl Rules for Table {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let columns: Vec<String> = fact.lines("columns").map(|name| Tidy(name).to_string()).collect();
        let columns = if columns.is_empty() { String::new() } else { format!(" ({})", columns.join(", ")) };
        let condition = fact.get("condition").map_or(String::new(), |text| format!(" WHERE {text}"));
        vec![Sql::new(format!(
            "ALTER PUBLICATION {} ADD TABLE ONLY {}{columns}{condition}",
            fact.id.own(),
            fact.id.path()
        ))]
    }

    fn drop(&self, _: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
        vec![Sql::new(format!("ALTER PUBLICATION {} DROP TABLE ONLY {}", fact.id.own(), fact.id.path()))]
    }
}

pub(super) struct Schema;

impl Rules for Schema {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        vec![Sql::new(format!("ALTER PUBLICATION {} ADD TABLES IN SCHEMA {}", fact.id.own(), fact.id.path()))]
    }

    fn drop(&self, _: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
        vec![Sql::new(format!(
            "ALTER PUBLICATION {} DROP TABLES IN SCHEMA {}",
            fact.id.own(),
            fact.id.path()
        ))]
    }
}

/// A publication takes either whole schemas or lists of columns (docs, CREATE PUBLICATION): what it is to lose goes first.
pub(super) fn needs(cx: &Cx<'_>, fates: &Fates, all: &mut Vec<(Act, Act, Need)>) {
    let member = |catalog: &Catalog, at: usize| {
        let id = &catalog.facts()[at].id;
        matches!(id.kind, Kind::PublicationTable | Kind::PublicationSchema).then(|| id.clone())
    };
    let gone: Vec<(usize, Id)> = (0..cx.old.facts().len())
        .filter(|at| fates.old[*at].ends())
        .filter_map(|at| Some((at, member(cx.old, at)?)))
        .collect();
    if gone.is_empty() {
        return;
    }
    for at in (0..cx.new.facts().len()).filter(|at| fates.is_created(*at)) {
        let Some(id) = member(cx.new, at) else { continue };
        let others = gone.iter().filter(|(_, other)| other.sub == id.sub && other.kind != id.kind);
        all.extend(others.map(|(other, _)| (Act::Create(at), Act::Drop(*other), Need::Rather)));
    }
}
