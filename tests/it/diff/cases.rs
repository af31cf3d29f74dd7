//! Every case folder, up and down, in databases of its own. `DIFF_CASE` chooses some and prints their plans;
//! `DIFF_ACCEPT=1` writes the `plan.txt` of those cases that have one.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use crate::support::cluster::variable;
use crate::support::skipped::skipped;

use super::case::{Case, wanted};
use super::lab::{Lab, make_roles};
use super::way::{Outcome, Way};

/// Into how many tests the cases are dealt; as many of them run at a time as the machine has cores.
const PARTS: usize = 8;

macro_rules! parts {
    ($($name:ident $part:literal)+) => {
        $(#[test]
        fn $name() {
            run_part($part);
        })+
    };
}

parts! {
    case_folders_apply_in_both_directions_part_1 0
    case_folders_apply_in_both_directions_part_2 1
    case_folders_apply_in_both_directions_part_3 2
    case_folders_apply_in_both_directions_part_4 3
    case_folders_apply_in_both_directions_part_5 4
    case_folders_apply_in_both_directions_part_6 5
    case_folders_apply_in_both_directions_part_7 6
    case_folders_apply_in_both_directions_part_8 7
}

fn run_part(part: usize) {
    roles();
    let mut failures = Vec::new();
    for case in Case::all().iter().skip(part).step_by(PARTS) {
        let labs = (Lab::new(), Lab::new());
        let complaints = run(case, &labs);
        if complaints.is_empty() {
            continue;
        }
        let report = format!("=== {}\n{}", case.name, complaints.join("\n\n"));
        // One that was asked for keeps its databases.
        assert!(wanted().is_none(), "{report}\n");
        failures.push(report);
    }
    assert!(failures.is_empty(), "{} cases fail\n\n{}\n", failures.len(), failures.join("\n\n"));
}

/// The roles that case folders name.
pub(super) fn roles() {
    static ROLES: Once = Once::new();
    ROLES.call_once(make_roles);
}

/// Returns what is not as expected. One case that panics does not hide the others.
fn run(case: &Case, labs: &(Lab, Lab)) -> Vec<String> {
    match catch_unwind(AssertUnwindSafe(|| both_ways(case, labs))) {
        Ok(Ok(complaints)) => complaints,
        Ok(Err(why)) => vec![why],
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            vec![format!("panicked: {}", text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("?"))]
        }
    }
}

fn both_ways(case: &Case, (a, b): &(Lab, Lab)) -> Result<Vec<String>, String> {
    if a.session().server_version() / 10_000 < i32::try_from(case.server).unwrap() {
        skipped(&case.name);
        return Ok(Vec::new());
    }
    a.load("old.sql", &case.old)?;
    b.load("new.sql", &case.new)?;
    if let Some(rows) = &case.rows {
        a.load("rows.sql", rows)?;
    }
    let (old, new) = (a.state()?, b.state()?);
    let (renames, scope) = (&case.rename, case.scope);
    let way = Way { from: &old, to: &new, renames, expected: &case.up, scope, filled: true };
    let mut up = way.walk(a);
    // Where there was no way up, the way down begins in the new schema, without rows.
    let (lab, middle, filled) = match up.arrived.take() {
        Some(state) => (a, state, true),
        None => (b, new, false),
    };
    let back = case.rename_back();
    let down = Way { from: &middle, to: &old, renames: &back, expected: &case.down, scope, filled }.walk(lab);
    let text = format!("{}-- down\n{}", up.script, down.script);
    if wanted().is_some() {
        eprintln!("{text}");
    }
    let mut complaints = told("up", up);
    complaints.extend(told("down", down));
    complaints.extend(golden(case, &text));
    Ok(complaints)
}

fn told(direction: &str, outcome: Outcome) -> Vec<String> {
    outcome.complaints.into_iter().map(|complaint| format!("{direction}: {complaint}")).collect()
}

/// The plan as it was looked at and kept.
fn golden(case: &Case, text: &str) -> Option<String> {
    let path = case.folder.join("plan.txt");
    let kept = fs::read_to_string(&path).ok()?;
    if kept == text {
        return None;
    }
    if variable("DIFF_ACCEPT").is_some() {
        fs::write(&path, text).unwrap();
        return None;
    }
    Some(format!("the plan is not that of plan.txt (DIFF_ACCEPT=1 writes it):\n{text}"))
}
