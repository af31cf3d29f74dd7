//! What fires: triggers of tables and views, rules, event triggers.

use crate::engine::catalog::{Catalog, Fact, Id, Kind};
use crate::pg::ident::Tidy;

use super::super::Step;
use super::super::fate::Fates;
use super::super::graph::{Act, Need};
use super::super::hazard::Hazard;
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

/// Statements, each with what it is about.
type About = Vec<(Id, Sql)>;

/// Event triggers that stay must not see, or forbid, what the plan does: what turns them off before it, and on after it. Those
/// of others are left alone: whoever runs the plan could not turn them off.
pub(in super::super) fn quieted(cx: &Cx<'_>, fates: &Fates, steps: &[Step]) -> (About, About) {
    let (mut off, mut on) = (Vec::new(), Vec::new());
    for (at, was) in cx.old.facts().iter().enumerate().filter(|(_, fact)| fact.id.kind == Kind::EventTrigger)
    {
        let stays = fates.after[at].filter(|_| !fates.old[at].ends()).map(|at| &cx.new.facts()[at]);
        let Some(is) = stays.filter(|is| was.get("enabled") != Some("D") && is.get("enabled") != Some("D"))
        else {
            continue;
        };
        if was.text("owner") != cx.old.role || !steps.iter().any(|step| sees(was, step)) {
            continue;
        }
        let what = format!("{} is off while this runs: what it records is not recorded", was.id);
        let sql = Sql::new(format!("ALTER {} DISABLE", object(was))).hazard(Hazard::ByHand { what });
        off.push((was.id.clone(), sql));
        if was.get("enabled") == is.get("enabled") {
            on.push((was.id.clone(), switched(is)));
        }
    }
    (off, on)
}

/// Whether an event trigger may fire for a statement (docs 40.1).
fn sees(trigger: &Fact, step: &Step) -> bool {
    let words: Vec<String> =
        step.sql.split_whitespace().take(8).map(|word| word.to_ascii_uppercase()).collect();
    let first = words.first().map(String::as_str).unwrap_or_default();
    let is_ddl = !["SELECT", "INSERT", "UPDATE", "DELETE", "SET"].contains(&first);
    if !is_ddl || step.about.kind == Kind::EventTrigger {
        return false;
    }
    let is_event = match trigger.text("event") {
        "sql_drop" => step.sql.contains("DROP "),
        "table_rewrite" => step.hazards.iter().any(|hazard| matches!(hazard, Hazard::Rewrite { .. })),
        "login" => false,
        _ => true,
    };
    let has = |tag: &str| tag.split(' ').all(|part| words.iter().any(|word| word == part));
    is_event && (trigger.get("tags").is_none() || trigger.lines("tags").any(has))
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
