//! What the generator makes: it loads, and all kinds of objects and changes come up.

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection;
use proptest::strategy::{Strategy, ValueTree};

use crate::support::cluster::{TestDb, number};

use super::act::{ACTIONS, Focus, ops};
use super::cases::{Failure, case, check, part, runner};
use super::names::ROLES;

/// The roles that get rights; they stay on the server.
pub(super) fn make_roles(db: &TestDb) {
    let mut connection = db.connect();
    for role in ROLES {
        // Another test may be making it at the same moment.
        let make = format!(
            "DO $$BEGIN CREATE ROLE \"{role}\"; EXCEPTION WHEN duplicate_object OR unique_violation THEN END$$"
        );
        connection.batch_execute(&make).unwrap();
    }
}

#[test]
fn all_kinds_of_objects_and_changes_come_up() {
    const CASES: usize = 2000;
    let mut runner = runner(Focus::Everything);
    let mut actions = BTreeMap::new();
    let mut kinds = BTreeMap::new();
    for _ in 0..CASES {
        let tree = ops(Focus::Everything).new_tree(&mut runner).unwrap();
        let case = case(&tree.current(), &mut |action| *actions.entry(action).or_insert(0) += 1);
        for object in case.new.objects.values() {
            *kinds.entry(object.what.kind()).or_insert(0) += 1;
        }
    }
    eprintln!("{actions:?}\n{kinds:?}");
    let seldom: Vec<_> =
        ACTIONS.iter().filter(|(action, ..)| actions.get(action).copied().unwrap_or(0) < 2).collect();
    assert!(seldom.is_empty(), "these come up too seldom: {seldom:?}");
    assert!(kinds.len() >= 38, "{} kinds of objects: {kinds:?}", kinds.len());
}

#[test]
fn random_schemas_load() {
    let db = TestDb::new();
    make_roles(&db);
    let mut connection = db.connect();
    let major =
        number(&mut connection, "SELECT current_setting('server_version_num')::bigint / 10000 AS value");
    let major = u32::try_from(major).unwrap();
    check(Focus::Everything, part(1), major, |_, case| {
        for model in [&case.old, &case.new] {
            let loaded = connection.batch_execute(&format!("BEGIN;\n{}", model.sql(major)));
            connection.batch_execute("ROLLBACK").unwrap();
            if let Err(error) = loaded {
                let error = error.to_string();
                return Err(Failure { cause: unnamed(&error), detail: error });
            }
        }
        Ok(())
    });
}

/// A message without the names in it.
pub(super) fn unnamed(message: &str) -> String {
    let mut text = String::new();
    for (at, part) in message.split(['"', '`']).enumerate() {
        text.push_str(if at % 2 == 0 { part } else { "`…`" });
    }
    text.chars().map(|c| if c.is_ascii_digit() { 'N' } else { c }).collect()
}
