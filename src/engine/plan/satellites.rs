//! What goes with an object of any kind: its comment, its owner, its grants.

use crate::engine::catalog::Fact;
use crate::pg::ident::Tidy;
use crate::pg::literal::Literal;

use super::acl;
use super::kinds::{Cx, object};
use super::sql::Sql;

/// The attributes that are handled here.
pub(super) const NAMES: [&str; 3] = ["comment", "owner", "acl"];

/// The statements after an object was created.
pub(super) fn created(cx: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
    let mut all = Vec::new();
    let has = |name| fact.attributes().any(|(known, _)| known == name);
    if has("comment") && fact.get("comment").is_some() {
        all.extend(comment(fact));
    }
    if has("acl") {
        all.extend(acl::created(cx, fact));
    }
    all
}

/// The statements for attributes that differ.
pub(super) fn altered(cx: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Vec<Sql> {
    let mut all = Vec::new();
    if attributes.contains(&"owner") {
        let name = Tidy(is.text("owner")).to_string();
        all.push(Sql::new(format!("ALTER {} OWNER TO {name}", object(is))));
    }
    if attributes.contains(&"acl") {
        all.extend(acl::altered(cx, was, is));
    }
    if attributes.contains(&"comment") {
        all.extend(comment(is));
    }
    all
}

fn comment(fact: &Fact) -> Option<Sql> {
    let text = fact.get("comment").map_or("NULL".to_owned(), |text| plain(text));
    Some(Sql::new(format!("COMMENT ON {} IS {text}", object(fact))))
}

/// A literal as people write it, where that means the same under every setting.
pub(super) fn plain(text: &str) -> String {
    if text.contains('\\') { Literal(text).to_string() } else { format!("'{}'", text.replace('\'', "''")) }
}
