//! The five shipped projects, with their own diesel.toml: what is generated from their migrations.

use std::path::Path;

use crate::support::project::Project;

use super::{cases, difference, read};

fn check(folder: &str, name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let project = Project::new();
    project.file("diesel.toml", read(&folder.join("diesel.toml")));
    let mut migrations: Vec<_> = std::fs::read_dir(folder.join("migrations"))
        .unwrap()
        .map(|entry| entry.unwrap().path().join("up.sql"))
        .filter(|up| up.exists())
        .collect();
    migrations.sort();
    assert!(!migrations.is_empty());
    for up in migrations {
        project.sql(&read(&up));
    }
    let ran = project.run(&["generate", "--print"]);
    ran.exits(0);
    let recorded = read(&cases().join("systems").join(format!("{name}.rs")));
    if let Some(difference) = difference(name, &recorded, &ran.stdout) {
        panic!("{difference}");
    }
    assert_eq!(ran.stderr.matches("warning").count(), 0, "{}", ran.text());
}

#[test]
fn promptstash_is_written_as_diesel_writes_it() {
    check("", "promptstash");
}

#[test]
fn contextkeeper_is_written_as_diesel_writes_it() {
    check("examples/contextkeeper", "contextkeeper");
}

#[test]
fn devmetrics_is_written_as_diesel_writes_it() {
    check("examples/devmetrics", "devmetrics");
}

#[test]
fn viral_dashboard_is_written_as_diesel_writes_it() {
    check("examples/viral-dashboard", "viral-dashboard");
}

#[test]
fn keyflash_is_written_as_diesel_writes_it() {
    check("examples/keyflash", "keyflash");
}
