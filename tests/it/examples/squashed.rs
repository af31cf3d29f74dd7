//! The whole history of each project squashed into one migration makes the same database, and one that has the old ones is
//! marked.

use crate::support::project::Project;

use super::{CONTEXTKEEPER, DEVMETRICS, Example, PROMPTSTASH, VIRAL_DASHBOARD, same_catalog, version};
use crate::support::dump::catalog;

#[test]
fn promptstash_is_squashed() {
    squashed(&PROMPTSTASH);
}

#[test]
fn contextkeeper_is_squashed() {
    squashed(&CONTEXTKEEPER);
}

#[test]
fn devmetrics_is_squashed() {
    squashed(&DEVMETRICS);
}

#[test]
fn viral_dashboard_is_squashed() {
    squashed(&VIRAL_DASHBOARD);
}

pub(super) fn squashed(example: &Example) {
    let (old, new) = (example.project(), example.project());
    let names = example.migrations();
    let last = version(names.last().unwrap());
    old.run(&["deploy"]).exits(0);
    let wanted = catalog(&old.db);
    for project in [&old, &new] {
        let ran = project.run(&["migrate", "squash", "--through", last]);
        assert!(ran.exits(0).stdout.contains("the same schema and the same rows"), "{}", ran.text());
    }
    old.run(&["deploy"]).exits(0);
    old.run(&["status"]).exits(0);
    same_catalog("marking changed something", &catalog(&old.db), &wanted);
    new.run(&["deploy"]).exits(0);
    // As the program sees both: pg_dump also shows the order in which columns came to be.
    same(&old, &new);
    for project in [&old, &new] {
        project.run(&["rollback", "--yes"]).exits(0);
    }
    same(&old, &new);
    new.run(&["deploy"]).exits(0);
}

#[track_caller]
fn same(old: &Project, new: &Project) {
    let ran = new.run(&["diff", &old.db.url, &new.db.url, "--exit-code", "--summary"]);
    assert_eq!(ran.code, 0, "{}", ran.text());
}
