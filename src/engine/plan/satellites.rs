//! What goes with an object of any kind: its comment, its owner, its grants, the extensions
//! with which it goes; for a view also those of its columns.

use crate::engine::catalog::{Catalog, Fact, Kind};
use crate::pg::ident::Tidy;
use crate::pg::literal::Literal;

use super::acl;
use super::kinds::{Cx, by_column, object};
use super::sql::Sql;

/// The attributes that are handled here.
pub(super) const NAMES: [&str; 6] =
    ["comment", "owner", "acl", "column_comments", "column_acl", "extensions"];

/// The statements after an object was created.
pub(super) fn created(cx: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
    let mut all = Vec::new();
    let has = |name| fact.attributes().any(|(known, _)| known == name);
    // An extension brings its own comment with it.
    let is_own = fact.id.kind != Kind::Extension || fact.is("_own_comment");
    if has("comment") && fact.get("comment").is_some() && is_own {
        all.extend(comment(fact));
    }
    if has("acl") && !cx.wishes.scope.no_privileges {
        all.extend(acl::created(cx, fact));
    }
    if has("column_acl") {
        all.extend(columns(fact, "column_comments").iter().filter_map(comment));
        if !cx.wishes.scope.no_privileges {
            all.extend(columns(fact, "column_acl").iter().flat_map(|column| acl::created(cx, column)));
        }
    }
    if has("extensions") {
        all.extend(extensions(fact, "", fact.lines("extensions")));
    }
    // Whoever gives it away may have no more rights on it: last. Its grants go with it (docs 5.8).
    if has("owner") {
        all.extend(born_to(cx, fact).map(|name| owned_by(fact, name)));
    }
    all
}

/// Who is to own what was created, if that is not whoever creates it: by wish, or because it was so before it was replaced.
fn born_to<'a>(cx: &Cx<'a>, fact: &'a Fact) -> Option<&'a str> {
    let wanted = if cx.wishes.scope.owners { Some(fact) } else { cx.old.fact(&fact.id) };
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
    let owned = attributes.contains(&"owner") && !goes_with_table(cx, is);
    // The old owner's rights become the new owner's: what it is to keep is granted afterwards (`aclnewowner`).
    let keeps = owned && acl::names(is, was.text("owner"));
    let given = if keeps { acl::handed_over(was, is.text("owner")) } else { was.clone() };
    let was = if keeps {
        all.push(owned_by(is, is.text("owner")));
        &given
    } else {
        was
    };
    if is.names().any(|name| name == "column_acl") {
        if ["acl", "column_acl"].iter().any(|name| attributes.contains(name)) {
            all.extend(acl::altered_with(cx, was, is, &pairs(was, is, "column_acl")));
        }
    } else if attributes.contains(&"acl") {
        all.extend(acl::altered(cx, was, is));
    }
    if attributes.contains(&"comment") {
        all.extend(comment(is));
    }
    if attributes.contains(&"column_comments") {
        all.extend(
            pairs(was, is, "column_comments")
                .iter()
                .filter(|(was, is)| was.get("comment") != is.get("comment"))
                .filter_map(|(_, column)| comment(column)),
        );
    }
    if attributes.contains(&"extensions") {
        let only = |one: &Fact, other: &Fact| -> Vec<String> {
            let other: Vec<&str> = other.lines("extensions").collect();
            one.lines("extensions").filter(|name| !other.contains(name)).map(str::to_owned).collect()
        };
        all.extend(extensions(is, "NO ", only(was, is).iter().map(String::as_str)));
        all.extend(extensions(is, "", only(is, was).iter().map(String::as_str)));
    }
    if owned && !keeps {
        all.push(owned_by(is, is.text("owner")));
    }
    all
}

/// That it goes when an extension goes (docs, ALTER FUNCTION, DEPENDS ON EXTENSION).
fn extensions<'a>(fact: &Fact, no: &str, names: impl Iterator<Item = &'a str>) -> Vec<Sql> {
    names.map(|name| Sql::new(format!("ALTER {} {no}DEPENDS ON EXTENSION {name}", object(fact)))).collect()
}

/// A sequence that a column owns gets the owner of the table (docs, ALTER TABLE).
fn goes_with_table(cx: &Cx<'_>, fact: &Fact) -> bool {
    let owned = |catalog: &Catalog| catalog.fact(&fact.id.of(Kind::SequenceOwner)).is_some();
    fact.id.kind == Kind::Sequence && (fact.is("identity") || owned(cx.old) && owned(cx.new))
}

/// A view's columns that have a comment or grants, each as a column.
fn columns(view: &Fact, attribute: &str) -> Vec<Fact> {
    by_column(view, attribute)
        .iter()
        .map(|(name, value)| column(view, attribute, name, Some(value)))
        .collect()
}

fn column(view: &Fact, attribute: &str, name: &str, value: Option<&String>) -> Fact {
    let of = if attribute == "column_acl" { "acl" } else { "comment" };
    let mut column = view.with(of, value.map(String::as_str));
    column.id.kind = Kind::Column;
    column.id.sub = name.to_owned();
    column
}

/// The columns of which something is said before or after, where it is not the same.
fn pairs(was: &Fact, is: &Fact, attribute: &str) -> Vec<(Fact, Fact)> {
    let (before, after) = (by_column(was, attribute), by_column(is, attribute));
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let pair = |name: &String| {
        (column(was, attribute, name, before.get(name)), column(is, attribute, name, after.get(name)))
    };
    names.into_iter().map(pair).collect()
}

fn comment(fact: &Fact) -> Option<Sql> {
    let text = fact.get("comment").map_or("NULL".to_owned(), plain);
    Some(Sql::new(format!("COMMENT ON {} IS {text}", object(fact))))
}

/// A literal as people write it, where that means the same under every setting.
pub(super) fn plain(text: &str) -> String {
    if text.contains('\\') { Literal(text).to_string() } else { format!("'{}'", text.replace('\'', "''")) }
}
