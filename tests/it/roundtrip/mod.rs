//! The round trip of databases that are hard to reload: a backup, its trial restore, and every way back, each of which must
//! leave the database as it was.
//!
//! `tests/cases/roundtrip/` holds a file per database (`case`). Each is made by a superuser, by its owner with CREATEDB and by
//! its owner without it (`stand`), and goes through all steps (`steps`); `state` says what must be equal. The script
//! `tests/roundtrip` runs everything and prints the table of databases and steps. A selection runs with the other tests.
//!
//! `PGKEEL_ROUNDTRIP` chooses databases: `all`, or parts of names separated by blanks. `PGKEEL_ROUNDTRIP_ROLE` chooses a role.

mod case;
mod extension;
mod probe;
mod random;
mod report;
mod stand;
mod state;
mod steps;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;

use crate::support::cluster::variable;

use case::{Case, Runner};
use report::Report;

/// What runs with the other tests: a kind of trouble each.
const SELECTION: [(&str, Runner); 6] = [
    ("partitions", Runner::CreateDb),
    ("broken-key-not-valid", Runner::Owner),
    ("odd-names", Runner::Superuser),
    ("sequences", Runner::Owner),
    ("circular-keys", Runner::CreateDb),
    ("large-objects", Runner::Superuser),
];

/// How many databases go at the same time.
const THREADS: usize = 2;

fn text_of(name: &str) -> Option<String> {
    variable(name).map(|value| value.into_string().expect("UTF-8"))
}

#[test]
fn a_selection_of_databases_comes_back() {
    let cases = case::all();
    let named =
        |name: &str| cases.iter().find(|case| case.name == name).expect("it is in the folder").clone();
    round_trips(SELECTION.iter().map(|(name, runner)| (named(name), *runner)).collect());
}

/// All of them, where the script asks for it.
#[test]
fn every_database_comes_back() {
    let Some(wanted) = text_of("PGKEEL_ROUNDTRIP") else { return };
    let role = text_of("PGKEEL_ROUNDTRIP_ROLE");
    let is_wanted = |name: &str| wanted == "all" || wanted.split_whitespace().any(|part| name.contains(part));
    let mut all = Vec::new();
    for case in case::all().into_iter().chain(random::cases()).filter(|case| is_wanted(&case.name)) {
        let runners =
            case.runners.iter().filter(|runner| role.as_ref().is_none_or(|role| runner.word() == role));
        all.extend(runners.map(|runner| (case.clone(), *runner)));
    }
    assert!(!all.is_empty(), "no database is called `{wanted}`");
    round_trips(all);
}

#[track_caller]
fn round_trips(all: Vec<(Case, Runner)>) {
    let report = Mutex::new(Report::default());
    let queue = Mutex::new(all.into_iter());
    let next = || queue.lock().unwrap().next();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((case, runner)) = next() {
                    let cells = catch_unwind(AssertUnwindSafe(|| steps::round_trip(&case, runner)));
                    let cells = cells.unwrap_or_else(|_| steps::panicked());
                    report.lock().unwrap().note(&case, runner, &cells);
                }
            });
        }
    });
    report.into_inner().unwrap().judge();
}
