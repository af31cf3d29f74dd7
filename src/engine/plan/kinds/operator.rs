//! Operators, their classes and families, casts, and the access methods that index by them.

use crate::engine::catalog::{Fact, Kind};
use crate::pg::ident::Tidy;

use super::super::sql::{Change, Sql};
use super::{Cx, Rules, object};

pub(super) struct Operator;

impl Rules for Operator {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let mut parts = Vec::new();
        for (word, name) in [
            ("FUNCTION", "function"),
            ("LEFTARG", "_left"),
            ("RIGHTARG", "_right"),
            ("COMMUTATOR", "commutator"),
            ("NEGATOR", "negator"),
            ("RESTRICT", "restrict"),
            ("JOIN", "join"),
        ] {
            parts.extend(fact.get(name).map(|value| format!("{word} = {value}")));
        }
        parts.extend(fact.is("hashes").then(|| "HASHES".to_owned()));
        parts.extend(fact.is("merges").then(|| "MERGES".to_owned()));
        let name = format!("{}.{}", Tidy(&fact.id.schema), fact.id.name);
        vec![Sql::new(format!("CREATE OPERATOR {name} (\n    {}\n)", parts.join(",\n    ")))]
    }

    fn alter(&self, cx: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        let mut parts = Vec::new();
        for name in attributes {
            match *name {
                "restrict" | "join" => {
                    let value = is.get(name).unwrap_or("NONE");
                    parts.push(format!("{} = {value}", name.to_uppercase()));
                }
                // Where the other operator goes, PostgreSQL takes its name away here.
                "commutator" | "negator" if is.get(name).is_none() && is_gone(cx, was.text(name)) => {}
                _ => return Change::Replace,
            }
        }
        if parts.is_empty() {
            return Change::InPlace(Vec::new());
        }
        Change::InPlace(vec![Sql::new(format!("ALTER {} SET ({})", object(is), parts.join(", ")))])
    }
}

/// Whether no operator of this name is there any more; `OPERATOR(schema.name)`.
fn is_gone(cx: &Cx<'_>, name: &str) -> bool {
    let operators = cx.new.facts().iter().filter(|fact| fact.id.kind == Kind::Operator);
    !operators
        .map(|fact| format!("OPERATOR({}.{})", Tidy(&fact.id.schema), fact.id.name))
        .any(|it| it == name)
}

pub(super) struct Cast;

impl Rules for Cast {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let context = fact.get("context").map(|context| format!(" {context}")).unwrap_or_default();
        vec![Sql::new(format!("CREATE {} {}{context}", object(fact), fact.text("method")))]
    }
}

pub(super) struct AccessMethod;

impl Rules for AccessMethod {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let (kind, handler) = (fact.text("type"), fact.text("handler"));
        vec![Sql::new(format!("CREATE ACCESS METHOD {} TYPE {kind} HANDLER {handler}", fact.id.path()))]
    }
}

/// One operator or function of a class or family.
#[derive(Debug, PartialEq, Eq)]
struct Member {
    /// `OPERATOR 1 (integer,integer)`: what DROP names.
    slot: String,
    /// As ADD names it.
    text: String,
}

fn members(fact: &Fact) -> Vec<Member> {
    let each = |fields: Vec<String>| {
        let field = |at: usize| fields.get(at).map(String::as_str).unwrap_or_default();
        let (word, number, types, what) = (field(0), field(1).trim_start(), field(2), field(3));
        let order = match field(4) {
            "" => String::new(),
            family => format!(" FOR ORDER BY {family}"),
        };
        let slot = format!("{word} {number} {types}");
        let text = match word {
            "OPERATOR" => format!("{word} {number} {what} {types}{order}"),
            _ => format!("{slot} {what}"),
        };
        Member { slot, text }
    };
    fact.entries("members").into_iter().map(each).collect()
}

pub(super) struct Class;

impl Rules for Class {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let default = if fact.is("default") { "DEFAULT " } else { "" };
        let mut parts: Vec<String> = members(fact).into_iter().map(|member| member.text).collect();
        parts.extend(fact.get("storage").map(|kind| format!("STORAGE {kind}")));
        if parts.is_empty() {
            parts.push(format!("STORAGE {}", fact.text("type")));
        }
        let id = &fact.id;
        vec![Sql::new(format!(
            "CREATE OPERATOR CLASS {} {default}FOR TYPE {} USING {} FAMILY {} AS\n    {}",
            id.path(),
            fact.text("type"),
            id.own(),
            fact.text("family"),
            parts.join(",\n    ")
        ))]
    }
}

pub(super) struct Family;

impl Rules for Family {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let mut all = vec![Sql::new(format!("CREATE {}", object(fact)))];
        let texts: Vec<String> = members(fact).into_iter().map(|member| member.text).collect();
        all.extend(altered(fact, "ADD", &texts));
        all
    }

    fn alter(&self, _: &Cx<'_>, was: &Fact, is: &Fact, _: &[&str]) -> Change {
        let (before, after) = (members(was), members(is));
        let slots = |of: &[Member], but: &[Member]| -> Vec<String> {
            of.iter().filter(|member| !but.contains(member)).map(|member| member.slot.clone()).collect()
        };
        let come = after.iter().filter(|member| !before.contains(member)).map(|member| member.text.clone());
        let mut all: Vec<Sql> = altered(is, "DROP", &slots(&before, &after)).into_iter().collect();
        all.extend(altered(is, "ADD", &come.collect::<Vec<_>>()));
        Change::InPlace(all)
    }
}

fn altered(fact: &Fact, word: &str, what: &[String]) -> Option<Sql> {
    (!what.is_empty())
        .then(|| Sql::new(format!("ALTER {} {word}\n    {}", object(fact), what.join(",\n    "))))
}
