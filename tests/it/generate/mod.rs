//! Diesel's schema.rs as we write it beside what `diesel print-schema` wrote: `tests/cases/generate/record` recorded that. Byte
//! for byte; where we differ on purpose, `ours.rs` and `difference.txt` stand beside it.

mod compiled;
mod systems;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::support::cluster::variable;
use crate::support::project::Project;

/// How many cases run beside each other.
const BESIDE: usize = 3;

pub(super) fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/generate")
}

pub(super) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What differs, from the first line that does.
pub(super) fn difference(name: &str, wanted: &str, found: &str) -> Option<String> {
    if wanted == found {
        return None;
    }
    let (wanted, found): (Vec<&str>, Vec<&str>) = (wanted.split('\n').collect(), found.split('\n').collect());
    let at = wanted.iter().zip(&found).position(|(a, b)| a != b).unwrap_or(wanted.len().min(found.len()));
    let part = |lines: &[&str]| lines[at.min(lines.len())..(at + 6).min(lines.len())].join("\n    ");
    Some(format!(
        "{name}: from line {}, recorded:\n    {}\n  found:\n    {}\n",
        at + 1,
        part(&wanted),
        part(&found)
    ))
}

/// What is wrong with one case.
fn run(folder: &Path) -> Option<String> {
    let name = folder.file_name().unwrap().to_string_lossy().into_owned();
    let project = Project::new();
    project.file("diesel.toml", read(&folder.join("diesel.toml")));
    if folder.join("schema.patch").exists() {
        project.file("schema.patch", read(&folder.join("schema.patch")));
    }
    project.sql(&read(&folder.join("schema.sql")));
    let ran = project.run(&["generate", "--print"]);
    if ran.code != 0 {
        return Some(format!("{name}: {}\n", ran.text()));
    }
    let recorded = folder.join("schema.rs");
    let (ours, why) = (folder.join("ours.rs"), folder.join("difference.txt"));
    if !ours.exists() {
        return difference(&name, &read(&recorded), &ran.stdout);
    }
    let is_said = why.exists() && !read(&why).trim().is_empty();
    let differs = !recorded.exists() || read(&recorded) != ran.stdout;
    match (is_said, differs) {
        (false, _) => Some(format!("{name}: nothing says why ours is another text\n")),
        (_, false) => {
            Some(format!("{name}: there is no difference any more; take ours.rs and difference.txt away\n"))
        }
        _ => difference(&name, &read(&ours), &ran.stdout),
    }
}

#[test]
fn every_case_is_written_as_diesel_writes_it() {
    let only = variable("GENERATE_CASE").unwrap_or_default();
    let only = only.to_string_lossy();
    let mut folders: Vec<PathBuf> = std::fs::read_dir(cases())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("schema.sql").exists() && path.display().to_string().contains(&*only))
        .collect();
    assert!(!folders.is_empty());
    folders.sort();
    let (left, wrong) = (Mutex::new(folders), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..BESIDE {
            scope.spawn(|| {
                loop {
                    let next = left.lock().unwrap().pop();
                    let Some(folder) = next else { return };
                    let found = run(&folder);
                    wrong.lock().unwrap().extend(found);
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
