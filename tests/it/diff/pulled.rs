//! Every schema of the case folders, pulled: psql loads the file in order into an empty database, which is then the same.
//! `DIFF_CASE` chooses some and prints what was pulled; without `PGKEEL_LONG` every eighth is taken.

use std::fs;
use std::sync::{Once, OnceLock};

use pgkeel::engine::catalog::{Catalog, Scope};
use pgkeel::engine::pull::{Pulled, pulled as pull};
use pgkeel::pg::interrupt::Interrupt;
use pgkeel::pg::tools::client::Client;
use pgkeel::pg::tools::{Program, Tools, Wanted};
use pgkeel::pg::url::DatabaseUrl;

use crate::support::cluster::{search, variable};
use crate::support::skipped::skipped;

use super::case::{Case, wanted};
use super::lab::{Lab, make_roles};
use super::systems::migrations;
use super::text;

/// Into how many tests the cases are dealt.
const PARTS: usize = 2;

/// One in so many is taken where no more is asked for.
const SAMPLE: usize = 8;

/// Options that are secrets are in no schema file.
const KNOWN: [&str; 1] = ["secret-options-stay"];

#[test]
fn a_pulled_schema_is_loaded_by_psql_in_order_and_is_the_same_part_1() {
    run_part(0);
}

#[test]
fn a_pulled_schema_is_loaded_by_psql_in_order_and_is_the_same_part_2() {
    run_part(1);
}

fn run_part(part: usize) {
    static ROLES: Once = Once::new();
    ROLES.call_once(make_roles);
    let all = variable("PGKEEL_LONG").is_some() || wanted().is_some();
    let step = if all { PARTS } else { PARTS * SAMPLE };
    let nothing = Lab::new().state().unwrap().catalog;
    let mut failures = Vec::new();
    for case in Case::all().iter().skip(part).step_by(step) {
        if KNOWN.contains(&case.name.as_str()) {
            continue;
        }
        let both = [("old.sql", &case.old), ("new.sql", &case.new)];
        for (name, sql) in both {
            if let Err(why) = pulled(case, (name, sql), &nothing) {
                failures.push(format!("=== {} {name}\n{why}", case.name));
            }
        }
    }
    assert!(failures.is_empty(), "{} cases fail\n\n{}\n", failures.len(), failures.join("\n\n"));
}

#[test]
fn the_five_systems_are_loaded_by_psql_in_order_and_are_the_same() {
    let nothing = Lab::new().state().unwrap().catalog;
    for folder in
        ["", "examples/contextkeeper", "examples/devmetrics", "examples/viral-dashboard", "examples/keyflash"]
    {
        let from = Lab::new();
        for (name, sql) in migrations(folder) {
            from.session().query(&sql).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        same(&from, &nothing).unwrap_or_else(|why| panic!("{folder}: {why}"));
    }
}

fn pulled(case: &Case, (name, sql): (&str, &str), nothing: &Catalog) -> Result<(), String> {
    let from = Lab::new();
    if from.session().server_version() / 10_000 < i32::try_from(case.server).unwrap() {
        skipped(&format!("{} pulled", case.name));
        return Ok(());
    }
    from.load(name, sql)?;
    same(&from, nothing)
}

/// Pull a database, load the file into another one, and compare.
fn same(from: &Lab, nothing: &Catalog) -> Result<(), String> {
    let to = Lab::new();
    let state = from.state()?;
    let Pulled { body: file, by_hand } =
        pull(nothing, &state.catalog, Scope::default()).map_err(|error| error.to_string())?;
    if wanted().is_some() {
        eprintln!("{file}");
    }
    psql(&to, &file).map_err(|error| format!("{error}\n{file}"))?;
    let found = to.state()?;
    // An index that is not valid is passed over.
    let asked = state.catalog.wanted_from(nothing);
    let asked = asked.as_ref().unwrap_or(&state.catalog);
    let scope = Scope::default();
    let differences: Vec<String> = found
        .catalog
        .differences(asked, &scope)
        .iter()
        .filter(|one| !by_hand.iter().any(|(id, _)| id == one.id()))
        .map(|one| one.id().to_string())
        .collect();
    if !differences.is_empty() {
        return Err(format!("differs in {}\n{file}", differences.join(", ")));
    }
    let (extra, missing) = text::difference(&found.dump, &state.dump, None);
    // A secret is not read, and what no fact describes is said.
    let is_told = |line: &String| {
        let unmodelled = state.catalog.unmodelled.iter().map(|one| one.name.as_str());
        unmodelled
            .chain(by_hand.iter().map(|(id, _)| id.name.as_str()))
            .any(|name| line.to_lowercase().contains(&name.to_lowercase()))
    };
    let untold = |lines: Vec<String>| lines.into_iter().filter(|line| !is_told(line)).collect::<Vec<_>>();
    let (extra, missing) = (untold(extra), untold(missing));
    if extra.is_empty() && missing.is_empty() {
        return Ok(());
    }
    Err(format!("pg_dump finds too much {extra:#?}, and misses {missing:#?}\n{file}"))
}

/// Load a file as people do: in order, up to the first error.
fn psql(lab: &Lab, file: &str) -> Result<(), String> {
    static PROGRAM: OnceLock<Program> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| Tools::find(&search(), "psql", Wanted::Any).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("schema.sql");
    fs::write(&path, file).unwrap();
    let url = DatabaseUrl::parse(&lab.db.url).unwrap();
    let mut arguments: Vec<std::ffi::OsString> =
        ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f"].map(Into::into).to_vec();
    arguments.push(path.into());
    let client = Client {
        program,
        url: Some(&url),
        arguments,
        options: Some("-c client_min_messages=warning".into()),
        application_name: "pgkeel test",
        interrupt: &Interrupt::default(),
    };
    client.run().map_err(|error| error.to_string())
}
