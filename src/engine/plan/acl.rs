//! Grants: what an object has from its making, what it is to have, and the GRANT and REVOKE between (docs 5.8).

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::catalog::{Fact, Kind};

use super::kinds::{Cx, granted_on};
use super::sql::Sql;

/// Grantee and privilege → whether it may be handed on.
type Grants = BTreeMap<(String, String), bool>;

/// As the queries write it: a line `grantee PRIVILEGE [*]` each; absent means the default.
fn grants(cx: &Cx<'_>, fact: &Fact) -> Grants {
    let Some(text) = fact.get("acl") else { return usual(cx, fact.id.kind) };
    let line = |line: &str| {
        let (rest, may) = match line.strip_suffix(" *") {
            Some(rest) => (rest, true),
            None => (line, false),
        };
        // A grantee may hold blanks, a privilege does not.
        let (grantee, privilege) = rest.rsplit_once(' ')?;
        Some(((grantee.to_owned(), privilege.to_owned()), may))
    };
    text.lines().filter_map(line).collect()
}

/// What an object has from its making (docs 5.8, table 5.2).
fn usual(cx: &Cx<'_>, kind: Kind) -> Grants {
    let maintain = cx.new.server.max(cx.old.server) >= 170_000;
    let (owner, public): (&[&str], Option<&str>) = match kind {
        Kind::Table | Kind::View | Kind::MaterializedView => {
            (&["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"], None)
        }
        Kind::Sequence => (&["SELECT", "UPDATE", "USAGE"], None),
        Kind::Schema => (&["USAGE", "CREATE"], None),
        Kind::Function | Kind::Procedure | Kind::Aggregate => (&["EXECUTE"], Some("EXECUTE")),
        Kind::Enum | Kind::Composite | Kind::Range | Kind::BaseType | Kind::Domain | Kind::Language => {
            (&["USAGE"], Some("USAGE"))
        }
        Kind::ForeignDataWrapper | Kind::Server => (&["USAGE"], None),
        _ => (&[], None),
    };
    let mut all: Grants = owner.iter().map(|p| (("@owner".to_owned(), (*p).to_owned()), false)).collect();
    if maintain && matches!(kind, Kind::Table | Kind::View | Kind::MaterializedView) {
        all.insert(("@owner".into(), "MAINTAIN".into()), false);
    }
    all.extend(public.map(|p| (("PUBLIC".to_owned(), p.to_owned()), false)));
    all
}

/// The statements after an object was created: default privileges may have granted what it is not to have.
pub(super) fn created(cx: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
    let wanted = grants(cx, fact);
    let begins = usual(cx, fact.id.kind);
    let mut all = Vec::new();
    let mut has = begins.clone();
    for grantee in strangers(cx, fact) {
        all.push(Sql::new(format!("REVOKE ALL ON {} FROM {}", granted_on(fact), role(cx, fact, &grantee))));
        has.retain(|(holder, _), _| *holder != grantee);
    }
    all.extend(between(cx, fact, &has, &wanted));
    all
}

/// Whom default privileges of the old catalog may give something on a new object of this kind.
fn strangers(cx: &Cx<'_>, fact: &Fact) -> BTreeSet<String> {
    let letter = match fact.id.kind {
        Kind::Table | Kind::View | Kind::MaterializedView => "r",
        Kind::Sequence => "S",
        Kind::Function | Kind::Procedure | Kind::Aggregate => "f",
        Kind::Enum | Kind::Composite | Kind::Range | Kind::BaseType | Kind::Domain => "T",
        Kind::Schema => "n",
        _ => return BTreeSet::new(),
    };
    let fires = |rule: &&Fact| {
        rule.id.kind == Kind::DefaultPrivileges
            && rule.id.sub == letter
            && (rule.id.schema.is_empty() || rule.id.schema == fact.id.schema)
    };
    let mut found: BTreeSet<String> = BTreeSet::new();
    for rule in cx.old.facts().iter().chain(cx.new.facts()).filter(fires) {
        found.extend(rule.lines("acl").filter_map(|line| {
            let grantee = line.strip_suffix(" *").unwrap_or(line).rsplit_once(' ')?.0;
            Some(grantee.to_owned())
        }));
        // What every such object begins with may have been taken away.
        found.insert("@owner".into());
        if letter == "f" || letter == "T" {
            found.insert("PUBLIC".into());
        }
    }
    found
}

/// The statements for grants that differ.
pub(super) fn altered(cx: &Cx<'_>, was: &Fact, is: &Fact) -> Vec<Sql> {
    between(cx, is, &grants(cx, was), &grants(cx, is))
}

fn between(cx: &Cx<'_>, fact: &Fact, has: &Grants, wanted: &Grants) -> Vec<Sql> {
    let mut revoked: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut options: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut granted: BTreeMap<(&str, bool), Vec<&str>> = BTreeMap::new();
    for ((grantee, privilege), may) in has {
        match wanted.get(&(grantee.clone(), privilege.clone())) {
            None => revoked.entry(grantee).or_default().push(privilege),
            Some(false) if *may => options.entry(grantee).or_default().push(privilege),
            Some(_) => {}
        }
    }
    for ((grantee, privilege), may) in wanted {
        let there = has.get(&(grantee.clone(), privilege.clone()));
        if there.is_none_or(|there| !there && *may) {
            granted.entry((grantee, *may)).or_default().push(privilege);
        }
    }
    let mut all = Vec::new();
    let on = granted_on(fact);
    let list = |privileges: Vec<&str>| listed(fact, &privileges);
    for (grantee, privileges) in revoked {
        all.push(Sql::new(format!("REVOKE {} ON {on} FROM {}", list(privileges), role(cx, fact, grantee))));
    }
    for (grantee, privileges) in options {
        let what = list(privileges);
        all.push(Sql::new(format!(
            "REVOKE GRANT OPTION FOR {what} ON {on} FROM {}",
            role(cx, fact, grantee)
        )));
    }
    for ((grantee, may), privileges) in granted {
        let option = if may { " WITH GRANT OPTION" } else { "" };
        all.push(Sql::new(format!(
            "GRANT {} ON {on} TO {}{option}",
            list(privileges),
            role(cx, fact, grantee)
        )));
    }
    all
}

/// Privileges, those of a column with its name.
fn listed(fact: &Fact, privileges: &[&str]) -> String {
    let of = if fact.id.kind == Kind::Column { format!(" ({})", fact.id.own()) } else { String::new() };
    let words: Vec<String> = privileges.iter().map(|privilege| format!("{privilege}{of}")).collect();
    words.join(", ")
}

/// Who: the owner is whoever owns it where the plan runs.
fn role(cx: &Cx<'_>, fact: &Fact, grantee: &str) -> String {
    if grantee != "@owner" {
        return grantee.to_owned();
    }
    let owner = match fact.id.kind {
        Kind::Column => cx.old.fact(&fact.id.of(Kind::Table)),
        _ => cx.old.fact(&fact.id),
    };
    owner
        .and_then(|fact| fact.get("owner"))
        .map_or("CURRENT_USER".to_owned(), |name| crate::pg::ident::Tidy(name).to_string())
}
