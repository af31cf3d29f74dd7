//! The five shipped projects written again by `migrate`: their histories as successive states of schema.sql give the same
//! catalog as the migrations that people wrote.

use std::path::Path;

use crate::support::project::Project;

/// The names of a folder's migrations, in order.
fn names(folder: &Path) -> Vec<String> {
    let mut found: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("up.sql").exists())
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

fn rewritten(folder: &str) {
    let by_hand = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("migrations");
    let project = Project::new();
    for name in names(&by_hand) {
        for file in ["up.sql", "metadata.toml"] {
            if let Ok(text) = std::fs::read_to_string(by_hand.join(&name).join(file)) {
                project.file(&format!("by_hand/{name}/{file}"), text);
            }
        }
        let state = project.run(&["diff", "empty", "by_hand/"]);
        project.file("schema.sql", &state.exits(0).stdout);
        let slug = name.split_once('_').map_or("step", |(_, slug)| slug);
        let ran = project.run(&["migrate", "--name", slug, "--no-rename", "--yes"]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.text());
    }
    project.run(&["diff", "by_hand/", "migrations", "--exit-code", "--summary"]).exits(0);
    project.run(&["diff", "migrations", &project.db.url, "--exit-code", "--summary"]).exits(0);
    let all = names(&project.root().join("migrations")).len().to_string();
    project.run(&["rollback", "--steps", &all, "--yes"]).exits(0);
    project.run(&["diff", "empty", &project.db.url, "--exit-code", "--summary"]).exits(0);
}

#[test]
fn promptstash_is_written_again_by_migrate() {
    rewritten("");
}

#[test]
fn contextkeeper_is_written_again_by_migrate() {
    rewritten("examples/contextkeeper");
}

#[test]
fn devmetrics_is_written_again_by_migrate() {
    rewritten("examples/devmetrics");
}

#[test]
fn viral_dashboard_is_written_again_by_migrate() {
    rewritten("examples/viral-dashboard");
}

#[test]
fn keyflash_is_written_again_by_migrate() {
    rewritten("examples/keyflash");
}
