//! The steps of the round trip, and how each must end.

use crate::support::project::Ran;

use super::case::{Case, Ending, Kind, Runner, Step};
use super::report::Cell;
use super::stand::Stand;
use super::state::State;

/// What all backups of a round trip are called.
const LABEL: &str = "begin";

impl Step {
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Backup => &["backup", "--label", LABEL],
            Self::Verify => &["backup", "verify", LABEL, "--level", "2"],
            Self::Restore => &["restore", LABEL, "--yes"],
            Self::Undo => &["restore", "--undo", "--yes"],
            Self::InPlace => &["restore", LABEL, "--in-place", "--no-backup", "--yes"],
            Self::Rollback => &["rollback", "--to-backup", LABEL, "--yes"],
        }
    }

    /// Whether a restored database replaces the damaged one.
    fn restores(self) -> bool {
        matches!(self, Self::Restore | Self::InPlace | Self::Rollback)
    }
}

/// All steps with one database.
pub(super) fn round_trip(case: &Case, runner: Runner) -> Vec<Cell> {
    let Some(stand) = Stand::new(case, runner) else { return vec![Cell::NotHere; Step::ALL.len()] };
    let before = State::read(&stand);
    // What a step left that changes something, as documented.
    let mut changed: Option<State> = None;
    let (mut has_backup, mut was_restored) = (false, false);
    let mut cells = Vec::new();
    for step in Step::ALL {
        let ending = match step {
            Step::Undo if !was_restored => Some(Ending::usage("no database that was")),
            Step::Verify | Step::Restore | Step::InPlace | Step::Rollback if !has_backup => {
                Some(Ending::usage("no backup is called"))
            }
            _ => case.ending(runner, step),
        };
        let is_refused = ending.as_ref().is_some_and(|ending| ending.kind == Kind::Refused);
        let reference = changed.as_ref().filter(|_| is_refused).unwrap_or(&before);
        let cell = one(&stand, runner, step, ending.as_ref(), reference);
        match cell {
            Cell::Changed => changed = Some(State::read(&stand)),
            Cell::Pass => changed = None,
            _ => {}
        }
        let went_well = matches!(cell, Cell::Pass | Cell::Changed);
        match step {
            Step::Backup => has_backup = went_well,
            Step::Restore => was_restored = went_well,
            _ => {}
        }
        let is_over = matches!(cell, Cell::Failed(_) | Cell::Fault(_))
            && !before.differences(&State::read(&stand)).is_empty();
        cells.push(cell);
        if is_over {
            break;
        }
    }
    cells.resize(Step::ALL.len(), Cell::NotRun);
    cells
}

/// Where something failed that is none of the steps.
pub(super) fn panicked() -> Vec<Cell> {
    let mut cells = vec![Cell::NotRun; Step::ALL.len()];
    cells[0] = Cell::Failed("the test panicked; what it printed is above".to_owned());
    cells
}

fn one(stand: &Stand, runner: Runner, step: Step, ending: Option<&Ending>, before: &State) -> Cell {
    if step.restores() {
        stand.damage(runner);
    }
    let ran = stand.place.run(step.words());
    let mut wrong = Vec::new();
    // What was refused leaves the damage; what was undone brings it back.
    let stays = ran.code != 0 && step.restores() || ran.code == 0 && step == Step::Undo;
    match (stand.is_damaged(), stays) {
        (true, true) => stand.mend(),
        (true, false) => {
            stand.mend();
            wrong.push("the database is the one that was damaged".to_owned());
        }
        (false, true) => wrong.push("the database is not the one that was damaged".to_owned()),
        (false, false) => {}
    }
    wrong.extend(before.differences(&State::read(stand)));
    judged(ending, &ran, wrong)
}

/// What became of a step, by what it printed and by what is wrong afterwards.
fn judged(ending: Option<&Ending>, ran: &Ran, mut wrong: Vec<String>) -> Cell {
    let code = ending.map_or(0, |ending| ending.code);
    let text = ending.map_or("", |ending| &ending.text);
    let is_right = ran.code == code;
    match ending.map(|ending| ending.kind) {
        None if is_right && wrong.is_empty() => return Cell::Pass,
        Some(Kind::Refused) if is_right && wrong.is_empty() && ran.text().contains(text) => {
            return Cell::Refused(code);
        }
        Some(Kind::Fault) if is_right && (ran.text().contains(text) || wrong.join("\n").contains(text)) => {
            return Cell::Fault(code);
        }
        Some(Kind::Changes) if is_right => {
            wrong.retain(|one| !text.split(" || ").any(|part| one.contains(part)));
            if wrong.is_empty() {
                return Cell::Changed;
            }
        }
        _ => {}
    }
    if wrong.is_empty() || !is_right {
        wrong.push(format!("it was to end with {code} {text}\n{}", ran.text()));
    }
    Cell::Failed(wrong.join("\n    "))
}
