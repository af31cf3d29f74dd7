//! Foreign data wrappers, servers and user mappings. Options that hold secrets are not read: a plan leaves them out
//! and says so.

use crate::engine::catalog::read::SECRET;
use crate::engine::catalog::{Fact, Kind};
use crate::pg::ident::Tidy;

use super::super::hazard::Hazard;
use super::super::satellites::plain;
use super::super::sql::{Change, Sql};
use super::relation::{alter_foreign, foreign, options};
use super::{Cx, Rules};

pub(super) struct Wrapper;

impl Rules for Wrapper {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let mut text = format!("CREATE FOREIGN DATA WRAPPER {}", fact.id.path());
        for (word, name) in ROUTINES {
            text.extend(fact.get(name).map(|function| format!(" {word} {function}")));
        }
        vec![with_secrets(text + &foreign(fact, "options"), None, fact)]
    }

    fn alter(&self, _: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        let mut text = format!("ALTER FOREIGN DATA WRAPPER {}", is.id.path());
        for (word, name) in ROUTINES.iter().filter(|(_, name)| attributes.contains(name)) {
            match is.get(name) {
                Some(function) => text.push_str(&format!(" {word} {function}")),
                None => text.push_str(&format!(" NO {word}")),
            }
        }
        text.extend(alter_foreign(was, is, "options").map(|options| format!(" {options}")));
        Change::InPlace(vec![with_secrets(text, Some(was), is)])
    }
}

const ROUTINES: [(&str, &str); 3] =
    [("HANDLER", "handler"), ("VALIDATOR", "validator"), ("CONNECTION", "connection")];

pub(super) struct Server;

impl Rules for Server {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let mut text = format!("CREATE SERVER {}", fact.id.path());
        text.extend(fact.get("type").map(|kind| format!(" TYPE {}", plain(kind))));
        text.extend(fact.get("version").map(|version| format!(" VERSION {}", plain(version))));
        text.push_str(&format!(" FOREIGN DATA WRAPPER {}", fact.text("wrapper")));
        vec![with_secrets(text + &foreign(fact, "options"), None, fact)]
    }

    fn alter(&self, _: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        if attributes.iter().any(|name| ["type", "wrapper"].contains(name)) {
            return Change::Replace;
        }
        let mut text = format!("ALTER SERVER {}", is.id.path());
        if attributes.contains(&"version") {
            let version = is.get("version").map_or("NULL".to_owned(), plain);
            text.push_str(&format!(" VERSION {version}"));
        }
        text.extend(alter_foreign(was, is, "options").map(|options| format!(" {options}")));
        Change::InPlace(vec![with_secrets(text, Some(was), is)])
    }
}

pub(super) struct UserMapping;

impl Rules for UserMapping {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let text = format!("CREATE USER MAPPING {}{}", whose(fact), foreign(fact, "options"));
        vec![with_secrets(text, None, fact)]
    }

    fn drop(&self, _: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
        vec![Sql::new(format!("DROP USER MAPPING {}", whose(fact)))]
    }

    fn alter(&self, _: &Cx<'_>, was: &Fact, is: &Fact, _: &[&str]) -> Change {
        let change = alter_foreign(was, is, "options");
        let text = change.map(|options| format!("ALTER USER MAPPING {} {options}", whose(is)));
        Change::InPlace(text.map(|text| with_secrets(text, Some(was), is)).into_iter().collect())
    }
}

fn whose(fact: &Fact) -> String {
    // No role can be called `public`.
    let user = if fact.id.sub == "public" { "PUBLIC".to_owned() } else { Tidy(&fact.id.sub).to_string() };
    format!("FOR {user} SERVER {}", fact.id.path())
}

/// Say which secrets go with something that is dropped only to be made anew.
pub(super) fn forgotten(cx: &Cx<'_>, fact: &Fact, mut steps: Vec<Sql>) -> Vec<Sql> {
    let attribute = match fact.id.kind {
        Kind::ForeignDataWrapper | Kind::Server | Kind::UserMapping => "options",
        Kind::Table if fact.text("type") == "FOREIGN TABLE" => "foreign_options",
        Kind::Column if fact.text("_relkind") == "f" => "foreign_options",
        Kind::Subscription => "server",
        _ => return steps,
    };
    if cx.new.fact(&fact.id).is_none() {
        return steps;
    }
    let mut lost: Vec<String> = Vec::new();
    if fact.id.kind == Kind::Subscription {
        lost.extend(fact.get("server").is_none().then(|| "the connection string".to_owned()));
    } else {
        let all = options(fact, attribute).into_iter().filter(|(_, value)| value == SECRET);
        lost.extend(all.map(|(name, _)| format!("the option {name}")));
    }
    if let Some(last) = steps.pop() {
        let what = |lost: &String| format!("{lost} of {}, a secret that is not read", fact.id);
        let hazards = lost.iter().map(|lost| Hazard::data_loss(what(lost), None));
        steps.push(hazards.fold(last, Sql::hazard));
    }
    steps
}

/// Say which secrets the statement cannot give.
fn with_secrets(text: String, was: Option<&Fact>, is: &Fact) -> Sql {
    let known = was.map(|was| options(was, "options")).unwrap_or_default();
    let mut sql = Sql::new(text);
    for (name, _) in
        options(is, "options").iter().filter(|(name, value)| *value == SECRET && !known.contains_key(*name))
    {
        let what = format!("the option {name} of {} is a secret, which is not read: set it by hand", is.id);
        sql = sql.hazard(Hazard::ByHand { what });
    }
    sql
}
