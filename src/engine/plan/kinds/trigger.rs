//! What fires: triggers of tables and views, rules, event triggers.

use crate::engine::catalog::{Catalog, Fact, Id, Kind};
use crate::pg::ident::Tidy;

use super::super::fate::Fates;
use super::super::graph::{Act, Need};
use super::super::satellites::plain;
use super::super::sql::{Change, Sql};
use super::{Cx, Rules, keyword, object};

/// A trigger or a rule.
pub(super) struct Trigger;

impl Rules for Trigger {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let mut all = vec![Sql::new(fact.text("definition"))];
        all.extend(fact.get("enabled").is_some().then(|| enabled(fact)));
        all.extend(clones(fact));
        all
    }

    fn alter(&self, _: &Cx<'_>, _: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        if attributes.iter().any(|name| !["enabled", "clones"].contains(name)) {
            return Change::Replace;
        }
        // What is said of a partitioned table goes down to all partitions.
        let mut all = vec![enabled(is)];
        all.extend(clones(is));
        Change::InPlace(all)
    }
}

/// The partitions whose clones of the trigger are in another state.
fn clones(fact: &Fact) -> Vec<Sql> {
    let each = |(letter, table): (&str, &str)| {
        Sql::new(format!("ALTER TABLE {table} {} TRIGGER {}", word(letter), fact.id.own()))
    };
    fact.lines("clones").filter_map(|line| line.split_once(' ')).map(each).collect()
}

/// `ENABLE`, and when (docs, ALTER TABLE).
fn state(fact: &Fact) -> &'static str {
    word(fact.text("enabled"))
}

fn word(letter: &str) -> &'static str {
    match letter {
        "D" => "DISABLE",
        "R" => "ENABLE REPLICA",
        "A" => "ENABLE ALWAYS",
        _ => "ENABLE",
    }
}

fn enabled(fact: &Fact) -> Sql {
    let foreign = fact.get("_foreign").map_or("TABLE", |_| "FOREIGN TABLE");
    let (table, name) = (fact.id.path(), fact.id.own());
    Sql::new(format!("ALTER {foreign} {table} {} {} {name}", state(fact), keyword(fact)))
}

pub(super) struct EventTrigger;

impl Rules for EventTrigger {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let tags: Vec<String> = fact.lines("tags").map(plain).collect();
        let when =
            if tags.is_empty() { String::new() } else { format!("\n    WHEN TAG IN ({})", tags.join(", ")) };
        let mut all = vec![Sql::new(format!(
            "CREATE EVENT TRIGGER {} ON {}{when}\n    EXECUTE FUNCTION {}()",
            Tidy(&fact.id.name),
            fact.text("event"),
            fact.text("function")
        ))];
        all.extend(fact.get("enabled").is_some().then(|| switched(fact)));
        all
    }

    fn alter(&self, _: &Cx<'_>, _: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        match attributes {
            ["enabled"] => Change::InPlace(vec![switched(is)]),
            _ => Change::Replace,
        }
    }
}

fn switched(fact: &Fact) -> Sql {
    Sql::new(format!("ALTER {} {}", object(fact), state(fact)))
}

/// A partition has clones of its parent's triggers from its attachment on until it is detached; one of its own of the same
/// name is gone before and comes after.
pub(super) fn needs(cx: &Cx<'_>, fates: &Fates, all: &mut Vec<(Act, Act, Need)>) {
    let partition = |catalog: &Catalog, id: &Id| catalog.index(&id.of(Kind::Partition));
    let triggers = |catalog: &Catalog| -> Vec<usize> {
        let is_one = |at: &usize| catalog.facts()[*at].id.kind == Kind::Trigger;
        (0..catalog.facts().len()).filter(is_one).collect()
    };
    for at in triggers(cx.old) {
        if let Some(partition) = partition(cx.new, &cx.old.facts()[at].id) {
            all.push((Act::Create(partition), Act::Drop(at), Need::Rather));
        }
    }
    for at in triggers(cx.new) {
        let fact = &cx.new.facts()[at];
        for (_, table) in fact.lines("clones").filter_map(|line| line.split_once(' ')) {
            let partition = cx
                .new
                .facts()
                .iter()
                .position(|other| other.id.kind == Kind::Partition && other.id.path() == table);
            all.extend(partition.map(|partition| (Act::Create(at), Act::Create(partition), Need::Rather)));
        }
        if let Some(partition) = partition(cx.old, &cx.new.facts()[at].id).filter(|_| fates.is_created(at)) {
            all.push((Act::Create(at), Act::Drop(partition), Need::Rather));
        }
    }
}
