//! The five shipped projects as steps of the diff: each migration forth and back, and the whole from nothing and to nothing.

use std::path::Path;

use pgkeel::engine::catalog::Catalog;
use pgkeel::engine::plan::{Wishes, plan};

use super::lab::Lab;

/// The contents of every up.sql of a folder, in order.
pub(super) fn migrations(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("migrations");
    let mut found: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("up.sql").exists())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path.join("up.sql")).unwrap())
        })
        .collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

/// Bring a database from one catalog to another by a plan, and see that it is there.
#[track_caller]
fn walk(lab: &Lab, what: &str, from: &Catalog, to: &Catalog) {
    let plan = plan(from, to, &Wishes::default()).unwrap_or_else(|error| panic!("{what}: {error}"));
    if let Err(stopped) = lab.apply(&plan) {
        panic!("{what}: {}\n{}", stopped.error, stopped.statement);
    }
    let now = lab.state().unwrap();
    let left = now.catalog.differences(to, &Wishes::default().scope);
    assert!(left.is_empty(), "{what}: {:?}", left.iter().map(|one| one.id()).collect::<Vec<_>>());
}

fn steps(folder: &str) {
    let (by_hand, by_plan) = (Lab::new(), Lab::new());
    let mut states = vec![(String::from("nothing"), by_hand.state().unwrap())];
    for (name, sql) in migrations(folder) {
        // As the project runs it: a migration may say for itself that it is no transaction.
        by_hand.session().query(&sql).unwrap_or_else(|error| panic!("{name}: {error}"));
        states.push((name, by_hand.state().unwrap()));
    }
    for pair in states.windows(2) {
        walk(&by_plan, &pair[1].0, &pair[0].1.catalog, &pair[1].1.catalog);
    }
    for pair in states.windows(2).rev() {
        walk(&by_plan, &format!("back from {}", pair[1].0), &pair[1].1.catalog, &pair[0].1.catalog);
    }
    let (nothing, all) = (&states[0].1, &states[states.len() - 1].1);
    walk(&by_plan, "all at once", &nothing.catalog, &all.catalog);
    assert_eq!(by_plan.state().unwrap().dump, all.dump, "all at once, as pg_dump sees it");
    walk(&by_plan, "back to nothing", &all.catalog, &nothing.catalog);
    assert_eq!(by_plan.state().unwrap().dump, nothing.dump, "back to nothing, as pg_dump sees it");
}

#[test]
fn promptstash_is_written_by_the_diff() {
    steps("");
}

#[test]
fn contextkeeper_is_written_by_the_diff() {
    steps("examples/contextkeeper");
}

#[test]
fn devmetrics_is_written_by_the_diff() {
    steps("examples/devmetrics");
}

#[test]
fn viral_dashboard_is_written_by_the_diff() {
    steps("examples/viral-dashboard");
}

#[test]
fn keyflash_is_written_by_the_diff() {
    steps("examples/keyflash");
}
