//! What goes with an object of any kind: its comment, its owner, its grants.

use crate::engine::catalog::{Catalog, Fact, Kind};
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
    if has("acl") && !cx.scope.no_privileges {
        all.extend(acl::created(cx, fact));
    }
    // Whoever gives it away may have no more rights on it: last. Its grants go with it (docs 5.8).
    if has("owner") {
        all.extend(born_to(cx, fact).map(|name| owned_by(fact, name)));
    }
    all
}

/// Who is to own what was created, if that is not whoever creates it: by wish, or because it was so before it was replaced.
fn born_to<'a>(cx: &Cx<'a>, fact: &'a Fact) -> Option<&'a str> {
    let wanted = if cx.scope.owners { Some(fact) } else { cx.old.fact(&fact.id) };
    // The sequence of an identity column goes with its table.
    let is_own = fact.id.kind != Kind::Sequence || !fact.is("identity");
    wanted?.get("owner").filter(|name| is_own && *name != cx.old.role)
}

fn owned_by(fact: &Fact, name: &str) -> Sql {
    Sql::new(format!("ALTER {} OWNER TO {}", object(fact), Tidy(name)))
}

/// The statements for attributes that differ.
pub(super) fn altered(cx: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Vec<Sql> {
    let mut all = Vec::new();
    if attributes.contains(&"acl") {
        all.extend(acl::altered(cx, was, is));
    }
    if attributes.contains(&"comment") {
        all.extend(comment(is));
    }
    if attributes.contains(&"owner") && !goes_with_table(cx, is) {
        all.push(owned_by(is, is.text("owner")));
    }
    all
}

/// A sequence that a column owns gets the owner of the table (docs, ALTER TABLE).
fn goes_with_table(cx: &Cx<'_>, fact: &Fact) -> bool {
    let owned = |catalog: &Catalog| catalog.fact(&fact.id.of(Kind::SequenceOwner)).is_some();
    fact.id.kind == Kind::Sequence && (fact.is("identity") || owned(cx.old) && owned(cx.new))
}

fn comment(fact: &Fact) -> Option<Sql> {
    let text = fact.get("comment").map_or("NULL".to_owned(), |text| plain(text));
    Some(Sql::new(format!("COMMENT ON {} IS {text}", object(fact))))
}

/// A literal as people write it, where that means the same under every setting.
pub(super) fn plain(text: &str) -> String {
    if text.contains('\\') { Literal(text).to_string() } else { format!("'{}'", text.replace('\'', "''")) }
}
