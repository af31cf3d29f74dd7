//! Grants: what an object has from its making, what it is to have, and the GRANT and REVOKE between (docs 5.8).

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::catalog::{Fact, Id, Kind};
use crate::pg::ident::Tidy;

use super::kinds::{Cx, granted_on};
use super::sql::Sql;

/// Grantee, privilege and grantor (empty: the owner) → whether it may be handed on.
type Grants = BTreeMap<(String, String, String), bool>;

/// The entries of an attribute: a line `grantee PRIVILEGE [*] [by grantor]` each.
fn entries(text: &str) -> Grants {
    text.lines().filter_map(entry).collect()
}

fn entry(line: &str) -> Option<((String, String, String), bool)> {
    // A quoted name may hold anything.
    let end = match line.strip_prefix('"') {
        None => line.find(' ')?,
        Some(name) => {
            let mut at = 0;
            loop {
                at += name[at..].find('"')?;
                if !name[at + 1..].starts_with('"') {
                    break at + 2;
                }
                at += 2;
            }
        }
    };
    let (grantee, rest) = line.split_at(end);
    let (rest, grantor) = rest.trim_start().split_once(" by ").unwrap_or((rest.trim_start(), ""));
    let (privilege, may) = rest.strip_suffix(" *").map_or((rest, false), |privilege| (privilege, true));
    Some(((grantee.to_owned(), privilege.to_owned(), grantor.to_owned()), may))
}

/// What a fact has; absent means the default.
fn grants(cx: &Cx<'_>, fact: &Fact) -> Grants {
    fact.get("acl").map_or_else(|| usual(cx, fact.id.kind), entries)
}

/// What an object has from its making (docs 5.8, table 5.2).
fn usual(cx: &Cx<'_>, kind: Kind) -> Grants {
    let (owner, public): (&[&str], bool) = match kind {
        Kind::Table | Kind::View | Kind::MaterializedView => {
            (&["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"], false)
        }
        Kind::Sequence => (&["SELECT", "UPDATE", "USAGE"], false),
        Kind::Schema => (&["USAGE", "CREATE"], false),
        Kind::Function | Kind::Procedure | Kind::Aggregate => (&["EXECUTE"], true),
        Kind::Enum | Kind::Composite | Kind::Range | Kind::BaseType | Kind::Domain | Kind::Language => {
            (&["USAGE"], true)
        }
        Kind::ForeignDataWrapper | Kind::Server => (&["USAGE"], false),
        _ => (&[], false),
    };
    let maintain = cx.new.server.max(cx.old.server) >= 170_000
        && matches!(kind, Kind::Table | Kind::View | Kind::MaterializedView);
    let one = |grantee: &str, privilege: &str| ((grantee.into(), privilege.into(), String::new()), false);
    let mut all: Grants = owner.iter().map(|privilege| one("@owner", privilege)).collect();
    all.extend(maintain.then(|| one("@owner", "MAINTAIN")));
    all.extend(public.then(|| one("PUBLIC", owner[0])));
    all
}

/// The statements after an object was created.
///
/// Default privileges of the role that creates it may have given what it is not to have, or not given what is usual; they
/// are those of the old catalog, because a plan changes default privileges last. As the plan may run as somebody else,
/// nothing that they give is relied on.
pub(super) fn created(cx: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
    let usual = usual(cx, fact.id.kind);
    let begins = at_birth(cx, fact, &usual);
    let surely: Grants =
        usual.iter().filter(|(entry, _)| begins.contains_key(*entry)).map(|(e, m)| (e.clone(), *m)).collect();
    let mut perhaps = begins;
    perhaps.extend(usual);
    Target::of(cx, fact, true).between(&perhaps, &surely, &grants(cx, fact))
}

/// With what an object comes into the world that the reading role creates.
fn at_birth(cx: &Cx<'_>, fact: &Fact, usual: &Grants) -> Grants {
    let letter = match fact.id.kind {
        Kind::Table | Kind::View | Kind::MaterializedView => "r",
        Kind::Sequence => "S",
        Kind::Function | Kind::Procedure | Kind::Aggregate => "f",
        Kind::Enum | Kind::Composite | Kind::Range | Kind::BaseType | Kind::Domain => "T",
        Kind::Schema => "n",
        _ => return usual.clone(),
    };
    let rule = |schema: &str| {
        let rule = cx.old.fact(&Id::new(Kind::DefaultPrivileges, schema, &cx.old.role, letter));
        rule.map(|rule| entries(rule.text("grants")))
    };
    let mut all = rule("").unwrap_or_else(|| usual.clone());
    if !fact.id.schema.is_empty() {
        for (entry, may) in rule(&fact.id.schema).unwrap_or_default() {
            *all.entry(entry).or_default() |= may;
        }
    }
    all
}

/// Whether something is granted to a role, or by it.
pub(super) fn names(fact: &Fact, role: &str) -> bool {
    let role = Tidy(role).to_string();
    let has_acl = fact.names().any(|name| name == "acl");
    has_acl
        && entries(fact.text("acl")).keys().any(|(grantee, _, grantor)| [grantee, grantor].contains(&&role))
}

/// What is left once another role owns it: what that had been granted is part of its rights as the owner.
pub(super) fn handed_over(fact: &Fact, to: &str) -> Fact {
    let to = Tidy(to).to_string();
    let is_own = |line: &&str| entry(line).is_none_or(|(entry, _)| entry.0 != to);
    let left: Option<Vec<&str>> = fact.get("acl").map(|text| text.lines().filter(is_own).collect());
    fact.with("acl", left.map(|lines| lines.join("\n")).as_deref())
}

/// The statements for grants that differ.
pub(super) fn altered(cx: &Cx<'_>, was: &Fact, is: &Fact) -> Vec<Sql> {
    let (mut has, wanted) = (grants(cx, was), grants(cx, is));
    if is.id.kind == Kind::Column && is_altered(cx, &is.id.of(Kind::Table)) {
        has.retain(|entry, _| entry.2.is_empty() || wanted.contains_key(entry));
    }
    let mut all = Vec::new();
    if is.id.kind == Kind::Table {
        all.extend(columns_before(cx, is));
    }
    all.extend(Target::of(cx, is, false).between(&has, &has, &wanted));
    if is.id.kind == Kind::Table {
        let gone = has.keys().filter(|entry| !wanted.contains_key(*entry));
        let gone: BTreeSet<_> = gone.collect();
        all.extend(columns_again(cx, is, &gone));
    }
    all
}

fn is_altered(cx: &Cx<'_>, table: &Id) -> bool {
    let acl = |fact: &Fact| fact.get("acl").map(str::to_owned);
    cx.old.fact(table).zip(cx.new.fact(table)).is_some_and(|(was, is)| acl(was) != acl(is))
}

/// The statements for grants on a view and its columns, of which the second are pairs of before and after.
pub(super) fn altered_with(cx: &Cx<'_>, was: &Fact, is: &Fact, columns: &[(Fact, Fact)]) -> Vec<Sql> {
    let (has, wanted) = (grants(cx, was), grants(cx, is));
    let mut all = Vec::new();
    let mut left: Vec<Grants> = Vec::new();
    for (before, after) in columns {
        let (had, kept) = (grants(cx, before), grants(cx, after));
        let goes = |entry: &(String, String, String)| !entry.2.is_empty() && !kept.contains_key(entry);
        let (gone, stays): (Grants, Grants) = had.into_iter().partition(|(entry, _)| goes(entry));
        all.extend(Target::of(cx, after, false).between(&gone, &gone, &Grants::new()));
        left.push(stays);
    }
    all.extend(Target::of(cx, is, false).between(&has, &has, &wanted));
    for ((_, after), mut stays) in columns.iter().zip(left) {
        // To revoke something on the whole, or the right to hand it on, revokes it on the columns too (docs, REVOKE).
        stays.retain(|entry, _| !has.contains_key(entry) || wanted.contains_key(entry));
        for (entry, may) in &mut stays {
            *may &= !has.get(entry).is_some_and(|may| *may) || wanted.get(entry).is_some_and(|may| *may);
        }
        all.extend(Target::of(cx, after, false).between(&stays, &stays, &grants(cx, after)));
    }
    all
}

/// What others than the owner granted on columns and is to go: they may owe the right to take it to what the table loses.
fn columns_before(cx: &Cx<'_>, table: &Fact) -> Vec<Sql> {
    let mut all = Vec::new();
    for column in cx.new.parts(&table.id, Kind::Column) {
        let Some(was) = cx.old.fact(&column.id).filter(|was| was.get("acl").is_some()) else { continue };
        let wanted = grants(cx, column);
        let is_gone = |entry: &(String, String, String)| !entry.2.is_empty() && !wanted.contains_key(entry);
        let gone: Grants = grants(cx, was).into_iter().filter(|(entry, _)| is_gone(entry)).collect();
        all.extend(Target::of(cx, column, false).between(&gone, &gone, &Grants::new()));
    }
    all
}

/// To revoke something on a table revokes it on its columns too; what stays on these is granted again.
fn columns_again(cx: &Cx<'_>, table: &Fact, gone: &BTreeSet<&(String, String, String)>) -> Vec<Sql> {
    let mut all = Vec::new();
    for column in cx.new.parts(&table.id, Kind::Column) {
        let Some(was) = cx.old.fact(&column.id).filter(|was| was.get("acl").is_some()) else { continue };
        let (had, wanted) = (grants(cx, was), grants(cx, column));
        let kept: Grants = wanted.into_iter().filter(|(entry, _)| had.contains_key(entry)).collect();
        let left = kept.iter().filter(|(entry, _)| !gone.contains(entry)).map(|(e, m)| (e.clone(), *m));
        let left: Grants = left.collect();
        all.extend(Target::of(cx, column, false).between(&left, &left, &kept));
    }
    all
}

/// What GRANT names, and where its statements differ.
struct Target {
    /// What stands between GRANT and what is granted.
    before: String,
    /// ` ON …`
    on: String,
    /// ` (column)`
    of: String,
    owner: String,
    /// How many privileges there are, where ALL is shorter.
    whole: usize,
}

impl Target {
    /// An object that is there, or one that was just made by whoever runs the plan.
    fn of(cx: &Cx<'_>, fact: &Fact, is_new: bool) -> Self {
        let known = match fact.id.kind {
            Kind::Column => [Kind::Table, Kind::View, Kind::MaterializedView]
                .iter()
                .find_map(|kind| cx.old.fact(&fact.id.of(*kind))),
            _ => cx.old.fact(&fact.id),
        };
        let owner = known.filter(|_| !is_new).and_then(|fact| fact.get("owner"));
        Self {
            before: String::new(),
            on: granted_on(fact),
            of: if fact.id.kind == Kind::Column { format!(" ({})", fact.id.own()) } else { String::new() },
            owner: owner.map_or("CURRENT_USER".to_owned(), |name| Tidy(name).to_string()),
            whole: usual(cx, fact.id.kind).keys().filter(|entry| entry.0 == "@owner").count(),
        }
    }

    /// From what it may have (and what it surely has) to what is wanted. Grants come in the order in which the right to
    /// grant them is handed down, then revokes the other way round; but a REVOKE on the owner's behalf comes first where it
    /// only takes: default privileges are nobody's grants.
    fn between(&self, perhaps: &Grants, surely: &Grants, wanted: &Grants) -> Vec<Sql> {
        // By depth, grantor, grantee and whether it may be handed on.
        let mut granted: BTreeMap<(usize, &str, &str, bool), Vec<&str>> = BTreeMap::new();
        for (entry, may) in wanted {
            if surely.get(entry).is_none_or(|has| !has && *may) {
                let key = (depth(wanted, entry), entry.2.as_str(), entry.0.as_str(), *may);
                granted.entry(key).or_default().push(&entry.1);
            }
        }
        let mut revoked: BTreeMap<(usize, &str, &str, bool), Vec<&str>> = BTreeMap::new();
        for (entry, may) in perhaps {
            let option_only = match wanted.get(entry) {
                None => false,
                Some(false) if *may => true,
                Some(_) => continue,
            };
            let key = (depth(perhaps, entry), entry.2.as_str(), entry.0.as_str(), option_only);
            revoked.entry(key).or_default().push(&entry.1);
        }
        let mut all = Vec::new();
        let mut taken = Vec::new();
        for ((_, grantor, grantee, option_only), privileges) in revoked.into_iter().rev() {
            let option = if option_only { "GRANT OPTION FOR " } else { "" };
            let text = format!("REVOKE {option}{}{} FROM ", self.listed(&privileges), self.on());
            taken.extend(self.by(grantor, format!("{}{text}{}", self.before, self.role(grantee))));
        }
        // Who hands on what he is about to lose from one, and gets from another, must not lose it meanwhile.
        let chained = wanted.keys().any(|entry| !entry.2.is_empty());
        if !chained {
            all.append(&mut taken);
        }
        for ((_, grantor, grantee, may), privileges) in granted {
            let option = if may { " WITH GRANT OPTION" } else { "" };
            let text = format!("GRANT {}{} TO ", self.listed(&privileges), self.on());
            all.extend(self.by(grantor, format!("{}{text}{}{option}", self.before, self.role(grantee))));
        }
        all.append(&mut taken);
        all
    }

    fn on(&self) -> String {
        format!(" ON {}", self.on)
    }

    /// A statement as the one who grants: only its own grants can be given and taken (docs, GRANT).
    fn by(&self, grantor: &str, statement: String) -> Vec<Sql> {
        if grantor.is_empty() {
            return vec![Sql::new(statement)];
        }
        vec![Sql::new(format!("SET ROLE {grantor}")), Sql::new(statement), Sql::new("RESET ROLE")]
    }

    /// Privileges, those of a column with its name.
    fn listed(&self, privileges: &[&str]) -> String {
        if privileges.len() > 1 && privileges.len() == self.whole {
            return "ALL".to_owned();
        }
        let words: Vec<String> =
            privileges.iter().map(|privilege| format!("{privilege}{}", self.of)).collect();
        words.join(", ")
    }

    /// Who: the owner is whoever owns it where the plan runs.
    fn role(&self, grantee: &str) -> String {
        if grantee == "@owner" { self.owner.clone() } else { grantee.to_owned() }
    }
}

/// Through how many hands a privilege came.
fn depth(grants: &Grants, entry: &(String, String, String)) -> usize {
    let (mut hands, mut grantor) = (0, entry.2.as_str());
    while !grantor.is_empty() && hands <= grants.len() {
        hands += 1;
        let from = grants
            .iter()
            .find(|((grantee, privilege, _), may)| **may && grantee == grantor && *privilege == entry.1);
        grantor = from.map_or("", |((_, _, by), _)| by);
    }
    hands
}

/// `ALTER DEFAULT PRIVILEGES …` from one set of grants to another; `None` is what is there without a rule.
pub(super) fn defaults(cx: &Cx<'_>, id: &Id, was: Option<&Fact>, is: Option<&Fact>) -> Vec<Sql> {
    let (kind, word) = match id.sub.as_str() {
        "r" => (Kind::Table, "TABLES"),
        "S" => (Kind::Sequence, "SEQUENCES"),
        "f" => (Kind::Function, "FUNCTIONS"),
        "T" => (Kind::Domain, "TYPES"),
        "n" => (Kind::Schema, "SCHEMAS"),
        _ => (Kind::Subscription, "LARGE OBJECTS"),
    };
    let within =
        if id.schema.is_empty() { String::new() } else { format!(" IN SCHEMA {}", Tidy(&id.schema)) };
    let nothing = || match id.schema.is_empty() {
        true if word == "LARGE OBJECTS" => entries("@owner SELECT\n@owner UPDATE"),
        true => usual(cx, kind),
        false => Grants::new(),
    };
    let all = |fact: Option<&Fact>| fact.map_or_else(nothing, |fact| entries(fact.text("grants")));
    let target = Target {
        before: format!("ALTER DEFAULT PRIVILEGES FOR ROLE {}{within} ", Tidy(&id.name)),
        on: word.to_owned(),
        of: String::new(),
        owner: Tidy(&id.name).to_string(),
        whole: usual(cx, kind).keys().filter(|entry| entry.0 == "@owner").count(),
    };
    let has = all(was);
    target.between(&has, &has, &all(is))
}

/// From one set of grants on a member of an extension to another; `None` is what the extension's script made.
pub(super) fn of_member(was: Option<&Fact>, is: Option<&Fact>) -> Vec<Sql> {
    let Some(fact) = is.or(was) else { return Vec::new() };
    let all = |of: Option<&Fact>, other: Option<&Fact>| {
        let made = || other.map(|other| other.text("_made"));
        entries(of.map(|of| of.text("grants")).or_else(made).unwrap_or_default())
    };
    let target = Target {
        before: String::new(),
        on: fact.id.name.clone(),
        of: if fact.id.sub.is_empty() { String::new() } else { format!(" ({})", fact.id.own()) },
        owner: Tidy(fact.text("_owner")).to_string(),
        whole: 0,
    };
    let has = all(was, is);
    target.between(&has, &has, &all(is, was))
}
