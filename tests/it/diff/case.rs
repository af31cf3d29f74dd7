//! A case folder of the diff, as it is on disk: two schemas, rows, and what is expected of either direction.

use std::fs;
use std::path::{Path, PathBuf};

use pgkeel::engine::catalog::Scope;
use serde::Deserialize;

use crate::support::cluster::variable;

/// What `case.toml` says of one direction.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Expected {
    /// The SQLSTATE with which applying must stop, or several where servers differ; the plan must have said so.
    pub(super) fails: Option<String>,
    /// There must be no plan, or one that loses data only where that is agreed to.
    pub(super) refuses: bool,
    /// Hazards, by their words, that must be among those of the plan.
    pub(super) hazards: Vec<String>,
    /// What differs all the same afterwards, because only people can do it: a part of its name, and of its statements in a
    /// dump. The plan or the catalog must say so.
    pub(super) leaves: Vec<String>,
    /// Queries of one value, and that value, once the plan was applied.
    pub(super) answers: Vec<(String, String)>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Toml {
    /// For the reader.
    #[serde(rename = "why")]
    _why: String,
    rename: Vec<String>,
    server: u32,
    owners: bool,
    up: Expected,
    down: Expected,
}

/// One folder.
#[derive(Debug)]
pub(super) struct Case {
    /// Its path.
    pub(super) folder: PathBuf,
    /// Its name.
    pub(super) name: String,
    /// Both schemas.
    pub(super) old: String,
    pub(super) new: String,
    /// What is in the old one.
    pub(super) rows: Option<String>,
    /// Renames on the way up, as `--rename` takes them.
    pub(super) rename: Vec<String>,
    /// The lowest server major that knows all of it.
    pub(super) server: u32,
    /// What is compared: owners too, where it says `owners = true`.
    pub(super) scope: Scope,
    pub(super) up: Expected,
    pub(super) down: Expected,
}

impl Case {
    fn read(folder: PathBuf) -> Self {
        let text = |name: &str| fs::read_to_string(folder.join(name)).ok();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let toml: Toml = match text("case.toml") {
            Some(text) => toml::from_str(&text).unwrap_or_else(|e| panic!("{name}/case.toml: {e}")),
            None => Toml::default(),
        };
        Self {
            old: text("old.sql").unwrap_or_else(|| panic!("{name} has no old.sql")),
            new: text("new.sql").unwrap_or_else(|| panic!("{name} has no new.sql")),
            rows: text("rows.sql"),
            rename: toml.rename,
            server: toml.server,
            scope: Scope { owners: toml.owners, ..Scope::default() },
            up: toml.up,
            down: toml.down,
            folder,
            name,
        }
    }

    /// All of them in the order of their names; those that `DIFF_CASE` names, by all or a part of their names; with
    /// `DIFF_TENTH=0` to `9` every tenth.
    pub(super) fn all() -> Vec<Case> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/diff");
        let folders = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
        let mut cases: Vec<Case> = folders.filter(|path| path.is_dir()).map(Self::read).collect();
        cases.sort_by(|a, b| a.name.cmp(&b.name));
        let Some(wanted) = wanted() else { return tenth(cases) };
        let exact = cases.iter().any(|case| case.name == wanted);
        cases.retain(|case| if exact { case.name == wanted } else { case.name.contains(&wanted) });
        assert!(!cases.is_empty(), "there is no case `{wanted}`");
        cases
    }

    /// The renames for the way back: `table a.b=c` is `table a.c=b`.
    pub(super) fn rename_back(&self) -> Vec<String> {
        self.rename.iter().rev().map(|rename| swapped(rename)).collect()
    }
}

/// Those that `DIFF_TENTH` chooses: the ten of them are all cases.
fn tenth(cases: Vec<Case>) -> Vec<Case> {
    let Some(tenth) = variable("DIFF_TENTH") else { return cases };
    let tenth: usize = tenth.to_str().and_then(|digit| digit.parse().ok()).expect("DIFF_TENTH is a number");
    assert!(tenth < 10, "DIFF_TENTH is a number from 0 to 9");
    cases.into_iter().skip(tenth).step_by(10).collect()
}

/// What `DIFF_CASE` names.
pub(super) fn wanted() -> Option<String> {
    variable("DIFF_CASE").map(|name| name.into_string().unwrap())
}

/// A schema that the new name has is the place to which it went: `table a.b=c.b` is `table c.b=a.b`.
fn swapped(rename: &str) -> String {
    let (kind, names) = rename.split_once(' ').expect("a kind and names");
    let (from, to) = names.split_once('=').expect("an old and a new name");
    match from.rsplit_once('.') {
        Some((parent, own)) if !to.contains('.') => format!("{kind} {parent}.{to}={own}"),
        _ => format!("{kind} {to}={from}"),
    }
}

#[test]
fn a_rename_is_swapped_for_the_way_back() {
    assert_eq!(swapped("table public.a=b"), "table public.b=a");
    assert_eq!(swapped("column public.t.a=b"), "column public.t.b=a");
    assert_eq!(swapped("schema a=b"), "schema b=a");
    assert_eq!(swapped("table public.t=app.t"), "table app.t=public.t");
}
