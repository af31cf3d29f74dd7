//! Languages, transforms, conversions.

use crate::engine::catalog::Fact;

use super::super::acl;
use super::super::satellites::plain;
use super::super::sql::{Change, Sql};
use super::{Cx, Rules, object};

/// Every database has it; it is only spoken of where its grants are not as usual.
const PLPGSQL: &str = "plpgsql";

pub(super) struct Language;

impl Rules for Language {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        if fact.id.name == PLPGSQL {
            return Vec::new();
        }
        vec![language("CREATE", fact)]
    }

    fn drop(&self, cx: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
        if fact.id.name == PLPGSQL {
            return acl::altered(cx, fact, &fact.with("acl", None));
        }
        vec![Sql::new(format!("DROP {}", object(fact)))]
    }

    fn alter(&self, _: &Cx<'_>, _: &Fact, is: &Fact, _: &[&str]) -> Change {
        Change::InPlace(vec![language("CREATE OR REPLACE", is)])
    }
}

fn language(word: &str, fact: &Fact) -> Sql {
    let trusted = if fact.is("trusted") { "TRUSTED " } else { "" };
    let mut text = format!("{word} {trusted}LANGUAGE {}", fact.id.path());
    for (word, name) in [("HANDLER", "handler"), ("INLINE", "inline"), ("VALIDATOR", "validator")] {
        text.push_str(&fact.get(name).map(|value| format!(" {word} {value}")).unwrap_or_default());
    }
    Sql::new(text)
}

pub(super) struct Transform;

impl Rules for Transform {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        vec![transform("CREATE", fact)]
    }

    fn alter(&self, _: &Cx<'_>, _: &Fact, is: &Fact, _: &[&str]) -> Change {
        Change::InPlace(vec![transform("CREATE OR REPLACE", is)])
    }
}

fn transform(word: &str, fact: &Fact) -> Sql {
    let mut parts = Vec::new();
    parts.extend(fact.get("from_sql").map(|name| format!("FROM SQL WITH FUNCTION {name}")));
    parts.extend(fact.get("to_sql").map(|name| format!("TO SQL WITH FUNCTION {name}")));
    Sql::new(format!("{word} {} ({})", object(fact), parts.join(", ")))
}

pub(super) struct Conversion;

impl Rules for Conversion {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let default = if fact.is("default") { "DEFAULT " } else { "" };
        vec![Sql::new(format!(
            "CREATE {default}CONVERSION {} FOR {} TO {} FROM {}",
            fact.id.path(),
            plain(fact.text("from_encoding")),
            plain(fact.text("to_encoding")),
            fact.text("function")
        ))]
    }
}
