//! Which entries of an archive are guarded, and in which order they are loaded.

use std::collections::BTreeSet;

use super::*;
use crate::engine::archive::{Compression, DataState, Format, Section};

struct Toc(Vec<Entry>);

/// An entry of `public` that says nothing.
pub(super) fn entry() -> Entry {
    Entry {
        dump_id: 1,
        table_oid: 0,
        oid: 0,
        tag: String::new(),
        desc: String::new(),
        section: Section::PreData,
        definition: String::new(),
        drop: String::new(),
        copy: None,
        namespace: Some("public".to_owned()),
        tablespace: None,
        owner: String::new(),
        had_dumper: false,
        dependencies: Vec::new(),
        file: None,
        state: DataState::Absent,
    }
}

impl Toc {
    /// An entry; its number is its place, from 1.
    fn add(mut self, desc: &str, tag: &str, owner: &str, dependencies: &[i32]) -> Self {
        let section = match desc {
            "TABLE DATA" | "SEQUENCE SET" => Section::Data,
            "COMMENT" | "ACL" => Section::None,
            "INDEX" | "FK CONSTRAINT" | "MATERIALIZED VIEW DATA" | "TRIGGER" => Section::PostData,
            _ => Section::PreData,
        };
        self.0.push(Entry {
            dump_id: i32::try_from(self.0.len()).unwrap() + 1,
            tag: tag.to_owned(),
            desc: desc.to_owned(),
            section,
            owner: owner.to_owned(),
            dependencies: dependencies.to_vec(),
            ..entry()
        });
        self
    }

    /// The definition of the last entry.
    fn defined(mut self, text: &str) -> Self {
        self.0.last_mut().unwrap().definition = text.to_owned();
        self
    }

    fn guarded(self, no_owner: bool) -> Option<Guarded> {
        let roles = BTreeSet::from(["postgres".to_owned()]);
        let archive = Archive {
            version: (1, 16, 0),
            format: Format::Custom,
            compression: Compression::None,
            created: None,
            database: "shop".to_owned(),
            server_version: "17".to_owned(),
            dump_version: "17".to_owned(),
            entries: self.0,
        };
        guarded(&archive, Trust { roles: &roles, no_owner })
    }

    /// First, then each batch, then last.
    fn order(self) -> String {
        let Some(found) = self.guarded(false) else { return "all".to_owned() };
        let ids = |ids: &[i32]| ids.iter().map(i32::to_string).collect::<Vec<_>>().join(" ");
        let runner = |runner: &Runner| match runner {
            Runner::Admin => "admin".to_owned(),
            Runner::Owner(owner) => owner.clone(),
            Runner::Alone(owner) => format!("alone for {owner}"),
        };
        let batches = found.batches.iter().map(|b| format!("{}: {}", runner(&b.runner), ids(&b.entries)));
        let first = std::iter::once(format!("first: {}", ids(&found.first)));
        let last = std::iter::once(format!("last: {}", ids(&found.last)));
        first.chain(batches).chain(last).collect::<Vec<_>>().join("; ")
    }
}

fn toc() -> Toc {
    Toc(Vec::new())
}

#[test]
fn without_code_of_a_lesser_role_everything_is_loaded_as_ever() {
    let shop = |owner| {
        let shop = toc().add("FUNCTION", "f(integer)", "postgres", &[]).add("TABLE", "a", "postgres", &[1]);
        shop.add("TABLE", "b", owner, &[]).add("TABLE DATA", "b", owner, &[3])
    };
    assert_eq!(shop("postgres").order(), "all");
    assert_eq!(shop("app").order(), "all");
    // A trigger is made after the rows.
    let triggered = toc().add("FUNCTION", "t()", "app", &[]).add("TABLE", "a", "app", &[]);
    assert_eq!(triggered.add("TRIGGER", "a t", "app", &[1, 2]).order(), "all");
}

#[test]
fn what_evaluates_such_code_is_loaded_with_the_rights_of_its_owner() {
    let checked = toc()
        .add("FUNCTION", "f(integer)", "app", &[])
        .add("TABLE", "a", "app", &[1])
        .add("TABLE", "b", "postgres", &[1])
        .add("TABLE", "c", "app", &[])
        .add("SEQUENCE", "a_id_seq", "app", &[2])
        .add("COMMENT", "TABLE a", "app", &[2])
        .add("TABLE DATA", "a", "app", &[2])
        .add("TABLE DATA", "b", "postgres", &[3])
        .add("TABLE DATA", "c", "app", &[4])
        .add("FK CONSTRAINT", "c c_a_fkey", "app", &[4, 2])
        .add("ACL", "TABLE a", "app", &[2]);
    assert_eq!(
        checked.order(),
        "first: 1; app: 2 4 5; alone for postgres: 3; app: 7 9; alone for postgres: 8; app: 10; last: 6 11"
    );
}

#[test]
fn domains_types_and_casts_hand_it_on() {
    let typed = toc()
        .add("FUNCTION", "f(integer)", "app", &[])
        .add("DOMAIN", "d", "app", &[1])
        .add("TYPE", "c", "app", &[2])
        .add("VIEW", "v", "postgres", &[3])
        .add("TABLE", "t", "postgres", &[])
        .add("FUNCTION", "g(public.c)", "app", &[3]);
    assert_eq!(typed.order(), "first: 1 5; app: 2; admin: 3 6; alone for postgres: 4; last: ");
    let cast = toc()
        .add("FUNCTION", "to_text(public.e)", "app", &[2])
        .add("TYPE", "e", "app", &[])
        .add("CAST", "CAST (public.e AS text)", "", &[1, 2])
        .add("TABLE", "t", "postgres", &[2]);
    assert_eq!(cast.order(), "first: ; admin: 2; admin: 1 3; alone for postgres: 4; last: ");
}

#[test]
fn a_table_of_a_lesser_role_may_give_a_text_to_functions_of_others() {
    let with = |definition| toc().add("TABLE", "t", "app", &[]).defined(definition).order();
    assert_eq!(with("CHECK ((query_to_xml('SELECT f()') IS NOT NULL))"), "first: ; app: 1; last: ");
    assert_eq!(with("CHECK ((length(name) > 0))"), "all");
    let helper = toc().add("FUNCTION", "run(text)", "postgres", &[]).add("TABLE", "t", "app", &[1]);
    assert_eq!(helper.order(), "first: 1; app: 2; last: ");
}

#[test]
fn an_index_takes_its_table_along_and_a_superusers_view_is_refused() {
    let indexed = toc().add("FUNCTION", "f(integer)", "app", &[]).add("TABLE", "t", "postgres", &[]).add(
        "INDEX",
        "t_f",
        "postgres",
        &[1, 2],
    );
    assert_eq!(indexed.order(), "first: 1; alone for postgres: 2; alone for postgres: 3; last: ");
    let view = |owner| {
        toc()
            .add("FUNCTION", "f(integer)", "app", &[])
            .add("MATERIALIZED VIEW", "m", owner, &[1])
            .add("MATERIALIZED VIEW DATA", "m", owner, &[2])
            .guarded(false)
            .unwrap()
    };
    assert!(view("app").obstacles.is_empty());
    assert_eq!(view("postgres").obstacles.len(), 1);
}

#[test]
fn without_owners_nothing_has_the_rights_of_one() {
    let found =
        toc().add("FUNCTION", "f(integer)", "app", &[]).add("TABLE", "t", "app", &[1]).guarded(true).unwrap();
    assert_eq!(found.batches[0].runner, Runner::Alone(String::new()));
    assert_eq!(found.code.iter().next().unwrap().0, "FUNCTION public.f(integer)");
}

#[test]
fn constants_of_a_type_reach_the_functions_of_the_type() {
    // A view with a constant of a range type: reading it calls the canonical function.
    let ranged = toc()
        .add("FUNCTION", "canonical(r)", "app", &[])
        .add("TYPE", "r", "app", &[1])
        .add("VIEW", "v", "postgres", &[2])
        .add("FUNCTION", "g(r)", "postgres", &[2])
        .defined("CREATE FUNCTION g(a r) …");
    assert_eq!(ranged.order(), "first: 1; admin: 2 4; alone for postgres: 3; last: ");
    let routine = toc()
        .add("FUNCTION", "f(integer)", "app", &[])
        .add("DOMAIN", "d", "app", &[1])
        .add("FUNCTION", "g(d)", "postgres", &[2])
        .defined("CREATE FUNCTION g(a d DEFAULT 1) …");
    assert_eq!(routine.guarded(false).unwrap().obstacles.len(), 1);
}

#[test]
fn a_call_is_seen_where_its_dependency_was_dropped() {
    let lost = |owner: &str| {
        let toc = toc().add("FUNCTION", "f(integer)", "app", &[]).add("TABLE", "t", owner, &[]);
        toc.defined("CREATE TABLE public.t (a integer, b integer GENERATED ALWAYS AS (public.f(a)) STORED);")
            .order()
    };
    assert_eq!(lost("app"), "first: 1; app: 2; last: ");
    assert_eq!(lost("postgres"), "first: 1; alone for postgres: 2; last: ");
}
