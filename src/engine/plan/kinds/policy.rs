//! Row security policies.

use crate::engine::catalog::Fact;

use super::super::sql::{Change, Sql};
use super::{Cx, Rules, object};

pub(super) struct Policy;

impl Rules for Policy {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let mut text = format!("CREATE {}", object(fact));
        if fact.is("restrictive") {
            text.push_str(" AS RESTRICTIVE");
        }
        if let Some(command) = fact.get("command") {
            text.push_str(&format!(" FOR {command}"));
        }
        if fact.text("roles") != "PUBLIC" {
            text.push_str(&roles(fact));
        }
        text.push_str(&clause(fact, "using"));
        text.push_str(&clause(fact, "with_check"));
        vec![Sql::new(text)]
    }

    /// ALTER POLICY sets a clause and cannot take it away.
    fn alter(&self, _: &Cx<'_>, _: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        let mut text = format!("ALTER {}", object(is));
        for name in attributes {
            match *name {
                "roles" => text.push_str(&roles(is)),
                "using" | "with_check" if is.get(name).is_some() => text.push_str(&clause(is, name)),
                _ => return Change::Replace,
            }
        }
        Change::InPlace(vec![Sql::new(text)])
    }
}

fn roles(fact: &Fact) -> String {
    format!(" TO {}", fact.text("roles").replace('\n', ", "))
}

fn clause(fact: &Fact, name: &str) -> String {
    let word = if name == "using" { "USING" } else { "WITH CHECK" };
    fact.get(name).map(|condition| format!("\n    {word} ({condition})")).unwrap_or_default()
}
