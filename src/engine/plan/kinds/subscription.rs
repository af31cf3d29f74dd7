//! Subscriptions. The connection string is a secret that is not read, and no plan speaks to a publisher.

use crate::engine::catalog::Fact;

use super::super::hazard::Hazard;
use super::super::satellites::plain;
use super::super::sql::{Change, Sql};
use super::{Cx, Rules};

pub(super) struct Subscription;

/// A host that cannot be there (RFC 6761, section 6.4); who may not do without a password has one.
const NOWHERE: &str = "host=set-by-hand.invalid password=set-by-hand";

/// Options that can be changed without the publisher, and their values where nobody says; the newer ones are absent on
/// older servers (docs, CREATE SUBSCRIPTION).
const OPTIONS: [(&str, &str); 10] = [
    ("binary", "false"),
    ("streaming", ""),
    ("synchronous_commit", "off"),
    ("disable_on_error", "false"),
    ("password_required", "true"),
    ("run_as_owner", "false"),
    ("origin", "any"),
    ("retain_dead_tuples", "false"),
    ("max_retention_duration", "0"),
    ("wal_receiver_timeout", "-1"),
];

/// Those that belong to the slot at the publisher too.
const SETTLED: [(&str, &str); 2] = [("two_phase", "false"), ("failover", "false")];

impl Rules for Subscription {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let mut options = vec!["connect = false".to_owned(), slot(fact)];
        let other = OPTIONS
            .iter()
            .chain(&SETTLED)
            .filter(|(name, usual)| fact.get(name).is_some_and(|v| v != *usual));
        options.extend(other.map(|(name, _)| setting(fact, name)));
        let text = format!(
            "CREATE SUBSCRIPTION {} {} PUBLICATION {} WITH ({})",
            fact.id.path(),
            connection(fact),
            publications(fact),
            options.join(", ")
        );
        let what = match fact.get("server") {
            Some(_) => format!("{} is not connected: create its slot and refresh it", fact.id),
            None => format!(
                "the connection of {} is a secret, which is not read: set it by hand, then create its slot and refresh it",
                fact.id
            ),
        };
        let mut all = vec![Sql::new(text).hazard(Hazard::ByHand { what })];
        all.extend(
            fact.is("enabled").then(|| Sql::new(format!("ALTER SUBSCRIPTION {} ENABLE", fact.id.path()))),
        );
        all
    }

    fn drop(&self, _: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
        let name = fact.id.path();
        let mut all = Vec::new();
        if fact.is("enabled") {
            all.push(Sql::new(format!("ALTER SUBSCRIPTION {name} DISABLE")));
        }
        if let Some(slot) = fact.get("slot") {
            let what = format!(
                "the replication slot {slot} stays at the publisher and keeps its WAL: drop it there"
            );
            let sql = Sql::new(format!("ALTER SUBSCRIPTION {name} SET (slot_name = NONE)"));
            all.push(sql.hazard(Hazard::ByHand { what }));
        }
        all.push(Sql::new(format!("DROP SUBSCRIPTION {name}")));
        all
    }

    fn alter(&self, cx: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        let name = is.id.path();
        let mut options = Vec::new();
        let (mut before, mut of_slot) = (Vec::new(), Vec::new());
        let has_slot_option = attributes.iter().any(|name| SETTLED.iter().any(|(option, _)| option == name));
        if was.is("enabled") && (!is.is("enabled") || has_slot_option) {
            before.push(Sql::new(format!("ALTER SUBSCRIPTION {name} DISABLE")));
        }
        for attribute in attributes {
            match *attribute {
                "enabled" => {}
                option if is_settable(cx, is, option) => of_slot.push(at_publisher(is, option)),
                "publications" => before.push(Sql::new(format!(
                    "ALTER SUBSCRIPTION {name} SET PUBLICATION {} WITH (refresh = false)",
                    publications(is)
                ))),
                "slot" => options.push(slot(is)),
                "server" if is.get("server").is_some() => {
                    before.push(Sql::new(format!("ALTER SUBSCRIPTION {name} {}", connection(is))));
                }
                known if OPTIONS.iter().any(|(option, _)| *option == known) => {
                    options.push(setting(is, known))
                }
                _ => return Change::Replace,
            }
        }
        if !options.is_empty() {
            before.push(Sql::new(format!("ALTER SUBSCRIPTION {name} SET ({})", options.join(", "))));
        }
        before.append(&mut of_slot);
        if is.is("enabled") && (!was.is("enabled") || has_slot_option) {
            before.push(Sql::new(format!("ALTER SUBSCRIPTION {name} ENABLE")));
        }
        Change::InPlace(before)
    }
}

/// Whether the server can change an option of the slot: `failover` since 17, `two_phase` since 18, and of a subscription
/// that has a slot (docs, ALTER SUBSCRIPTION). Others are only created with it.
fn is_settable(cx: &Cx<'_>, is: &Fact, option: &str) -> bool {
    let since = match option {
        "failover" => 170_000,
        "two_phase" => 180_000,
        _ => return false,
    };
    cx.old.server >= since && is.get("slot").is_some()
}

/// The slot gets `failover`, and loses `two_phase`, over a connection to the publisher that the statement opens.
fn at_publisher(is: &Fact, option: &str) -> Sql {
    let sql = Sql::new(format!("ALTER SUBSCRIPTION {} SET ({})", is.id.path(), setting(is, option)));
    if option == "two_phase" && is.text(option) == "true" {
        return sql;
    }
    let why = format!("fails if the publisher of {} cannot be reached", is.id);
    let sql = sql.hazard(Hazard::will_fail(why, None)).hazard(Hazard::NotTransactional);
    Sql { in_transaction: false, ..sql }
}

/// Where the publisher is: the foreign server that says it (docs, CREATE SUBSCRIPTION, since 19), or nowhere.
fn connection(fact: &Fact) -> String {
    match fact.get("server") {
        Some(server) => format!("SERVER {server}"),
        None => format!("CONNECTION {}", plain(NOWHERE)),
    }
}

fn slot(fact: &Fact) -> String {
    format!("slot_name = {}", fact.get("slot").map_or("NONE".to_owned(), plain))
}

fn setting(fact: &Fact, name: &str) -> String {
    // The only option that takes a number and no text.
    let value = fact.text(name);
    let value = if name == "max_retention_duration" { value.to_owned() } else { plain(value) };
    format!("{name} = {value}")
}

fn publications(fact: &Fact) -> String {
    fact.text("publications").replace('\n', ", ")
}
