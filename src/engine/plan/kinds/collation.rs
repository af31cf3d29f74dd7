//! Collations. Nothing about one can change; its version is the server's business.

use crate::engine::catalog::Fact;

use super::super::satellites::plain;
use super::super::sql::Sql;
use super::{Cx, Rules};

pub(super) struct Collation;

impl Rules for Collation {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let mut parts = vec![format!("provider = {}", fact.text("provider"))];
        let of_libc = (fact.get("lc_collate"), fact.get("lc_ctype"));
        match of_libc {
            (Some(both), Some(ctype)) if both == ctype => parts.push(format!("locale = {}", plain(both))),
            (collate, ctype) => {
                parts.extend(collate.map(|name| format!("lc_collate = {}", plain(name))));
                parts.extend(ctype.map(|name| format!("lc_ctype = {}", plain(name))));
            }
        }
        parts.extend(fact.get("locale").map(|name| format!("locale = {}", plain(name))));
        parts.extend(fact.get("rules").map(|rules| format!("rules = {}", plain(rules))));
        if fact.is("nondeterministic") {
            parts.push("deterministic = false".to_owned());
        }
        vec![Sql::new(format!("CREATE COLLATION {} ({})", fact.id.path(), parts.join(", ")))]
    }
}
