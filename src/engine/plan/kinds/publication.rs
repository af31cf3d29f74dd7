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
        let all = all(fact, &[]);
        let all = if all.is_empty() { all } else { format!(" FOR {all}") };
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

/// What of a publication is for all tables or sequences, these tables excepted.
fn all(publication: &Fact, except: &[String]) -> String {
    let except =
        if except.is_empty() { String::new() } else { format!(" EXCEPT (TABLE {})", except.join(", ")) };
    let tables = publication.is("all_tables").then(|| format!("ALL TABLES{except}"));
    let sequences = publication.is("all_sequences").then(|| "ALL SEQUENCES".to_owned());
    tables.into_iter().chain(sequences).collect::<Vec<_>>().join(", ")
}

/// The statement that excepts these tables from a publication of all tables and no others (docs, ALTER PUBLICATION, since 19:
/// there is none for one of them).
fn excepted(catalog: &Catalog, member: &Fact, tables: &[String]) -> Option<Sql> {
    let publication = catalog.fact(&Id::new(Kind::Publication, "", &member.id.sub, ""))?;
    let all = all(publication, tables);
    (!all.is_empty()).then(|| Sql::new(format!("ALTER PUBLICATION {} SET {all}", member.id.own())))
}

/// The tables that a publication excepts, by their index in the catalog.
fn exceptions<'a>(catalog: &'a Catalog, member: &'a Fact) -> impl Iterator<Item = (usize, &'a Fact)> {
    let of = |fact: &Fact| fact.id.kind == Kind::PublicationTable && fact.id.sub == member.id.sub;
    catalog.facts().iter().enumerate().filter(move |(_, fact)| of(fact) && fact.is("except"))
}

fn table_of(member: &Fact) -> String {
    format!("ONLY {}", member.id.path())
}

fn setting(fact: &Fact, name: &str) -> String {
    format!("{name} = {}", plain(fact.text(name)))
}

pub(super) struct Table;

impl Rules for Table {
    fn create(&self, cx: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        if fact.is("except") {
            // The last of them says all.
            let created = |at: &usize| cx.fates.is_none_or(|fates| fates.is_created(*at));
            let last = exceptions(cx.new, fact).filter(|(at, _)| created(at)).last();
            let tables: Vec<String> = exceptions(cx.new, fact).map(|(_, one)| table_of(one)).collect();
            let is_last = last.is_none_or(|(_, last)| last.id == fact.id);
            return is_last.then(|| excepted(cx.new, fact, &tables)).flatten().into_iter().collect();
        }
        let columns: Vec<String> = fact.lines("columns").map(|name| Tidy(name).to_string()).collect();
        let columns = if columns.is_empty() { String::new() } else { format!(" ({})", columns.join(", ")) };
        let condition = fact.get("condition").map_or(String::new(), |text| format!(" WHERE {text}"));
        vec![Sql::new(format!(
            "ALTER PUBLICATION {} ADD TABLE ONLY {}{columns}{condition}",
            fact.id.own(),
            fact.id.path()
        ))]
    }

    fn drop(&self, cx: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
        if fact.is("except") {
            let stays = |one: &Fact| {
                cx.new.fact(&one.id).is_some_and(|is| is.is("except")) && !cx.is_made(&one.id.of(Kind::Table))
            };
            let stay = exceptions(cx.old, fact).filter(|(_, one)| stays(one));
            let tables: Vec<String> = stay.map(|(_, one)| table_of(one)).collect();
            return excepted(cx.old, fact, &tables).into_iter().collect();
        }
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
    for (at, fact) in cx.new.facts().iter().enumerate().filter(|(at, _)| fates.is_created(*at)) {
        if fact.id.kind == Kind::PublicationTable && fact.is("except") {
            // One statement excepts all of them.
            let others =
                exceptions(cx.new, fact).filter_map(|(_, one)| cx.new.index(&one.id.of(Kind::Table)));
            let others = others.filter(|table| fates.is_created(*table));
            all.extend(others.map(|table| (Act::Create(at), Act::Create(table), Need::Must)));
        }
    }
    if gone.is_empty() {
        return;
    }
    for at in (0..cx.new.facts().len()).filter(|at| fates.is_created(*at)) {
        let Some(id) = member(cx.new, at) else { continue };
        let others = gone.iter().filter(|(_, other)| other.sub == id.sub && other.kind != id.kind);
        all.extend(others.map(|(other, _)| (Act::Create(at), Act::Drop(*other), Need::Rather)));
    }
}
