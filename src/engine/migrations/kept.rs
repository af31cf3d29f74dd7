//! Checks, before a transaction with a migration's SQL commits, that the record is still there, and finds what removed it.

use std::time::Duration;

use crate::engine::Event;
use crate::engine::ledger::look::{Lost, OURS, Own};

use crate::engine::ledger::hold::said_no;
use crate::engine::ledger::restore::Missing;
use crate::engine::ledger::{Bookkeeping, Facts, LEDGER_TABLE, RecordedState};
use crate::pg::error::PgError;
use crate::pg::settings::OUR_PATH;

use super::blame::blame;
use super::blockers::Sample;
use super::message::{Part, Place};
use super::outcome::{At, RecordLost};
use super::plan::{Direction, Step};
use super::runner::{Failure, Runner, StateNow, Stopped, entry, stopped};

impl Runner<'_> {
    /// The step has finished, and so the record contains what it must.
    pub(super) fn has_finished(&mut self, step: &Step) {
        match step.direction {
            Direction::Up => self.known.apply(&step.version),
            Direction::Down => self.known.undo(&step.version),
        }
    }

    /// The check before the COMMIT of a step.
    pub(super) fn look(&self, step: &Step) -> Vec<(Lost, String)> {
        let own = match step.direction {
            Direction::Up => Own::Applied(&step.version),
            Direction::Down => Own::Undone(&step.version),
        };
        self.place.look(self.known, own)
    }

    /// After a check failed and its transaction was rolled back: whether rows are still missing, because another session
    /// removed them, as `diesel migration revert` does. They are no longer asked for.
    pub(super) fn has_changed_elsewhere(&mut self, step: &Step) -> Result<bool, PgError> {
        let there = self.place.versions(self.session)?;
        let changed = self.known.keep(&there);
        if changed {
            let why = "another session removed rows of the ledger".to_owned();
            self.observer.event(Event::Retry { name: step.name.clone(), why, pause: Duration::ZERO });
        }
        Ok(changed)
    }

    /// Write the record again that a statement without a transaction has removed, with the progress of its migration.
    pub(super) fn restore(&mut self, step: &Step, progress: &str) -> Result<(), PgError> {
        let wrong =
            |why: &str| PgError::Unexpected(format!("pgkeel's bookkeeping could not be restored: {why}"));
        let prelude = self.session.prelude();
        let remains =
            self.session.query(&format!("{prelude}{}", self.place.remains()))?.pop().unwrap_or_default();
        let there = |column| remains.get(0, column) == Some("t");
        let ours: usize = remains.get(0, 2).and_then(|count| count.parse().ok()).unwrap_or_default();
        let missing = Missing { schema: !there(0), ledger: !there(1), ours: ours == 0 };
        match ours {
            0 => {
                let bookkeeping = if there(3) { Bookkeeping::Empty } else { Bookkeeping::Absent };
                let facts = Facts { bookkeeping, our_versions: Vec::new(), ..self.facts.clone() };
                self.store.upgrade(&facts).map_err(|error| wrong(&error.to_string()))?;
            }
            all if all == OURS.len() => {}
            _ => return Err(wrong("some of its tables are missing")),
        }
        let own = match step.direction {
            Direction::Up => self.place.record(&entry(step), RecordedState::Partial),
            Direction::Down => self.place.ensure(&entry(step)),
        };
        let rows = self.place.restored(self.known, self.facts, missing);
        let held = match missing.ledger {
            true => self.place.hold(&OURS).all(),
            false => self.place.hold(&OURS).table(&self.place.ledger_schema, LEDGER_TABLE).all(),
        };
        // Only for this transaction: the rest of the script follows on this session.
        let sql = format!(
            "{prelude}BEGIN; SET LOCAL search_path = {OUR_PATH}; {held}{rows}; {own}; {progress}COMMIT"
        );
        let ended = self.session.query(&sql).map(drop);
        ended.inspect_err(|error| self.roll_back(error))
    }

    /// Why the tables of the record could not be held, where that is what failed; its transaction has ended.
    pub(super) fn explained(&mut self, mut failure: Failure) -> Failure {
        let hold = match failure.at {
            Place::Ours(Part::Hold) => self.place.hold_rows(),
            Place::Ours(Part::Look(Lost::Unsafe)) => self.place.hold_read(),
            _ => return failure,
        };
        if said_no(&failure.error) {
            failure.error = PgError::Refused(Box::new(hold.explain(self.session)));
            failure.at = Place::Ours(Part::Hold);
        }
        failure
    }

    /// The SQL of a partial migration as it was when it began.
    pub(super) fn stored(&mut self, step: &Step) -> Option<String> {
        let answers = self.session.query(&self.place.stored(step.direction)).ok()?;
        let rows = answers.into_iter().find(|rows| rows.tag.starts_with("COPY"))?.rows;
        let schema = self.place.ledger_schema.as_str();
        let is_its = |row: &Vec<Option<String>>| {
            row.first().is_some_and(|cell| cell.as_deref() == Some(schema))
                && row.get(1).is_some_and(|cell| cell.as_deref() == Some(&step.version))
        };
        rows.into_iter().find(is_its)?.pop().flatten()
    }

    /// The error that ends the run.
    pub(super) fn stopped(
        &self,
        step: &Step,
        failure: Failure,
        state: StateNow,
        blockers: Option<Sample>,
    ) -> Stopped {
        let at = match failure.at {
            Place::At(spot) => At::Script(spot),
            Place::Ours(Part::Look(what)) => {
                let mut missing = failure.missing;
                // Its own row is gone with the others, which matter more.
                if missing.len() > 1 {
                    missing.retain(|version| *version != step.version);
                }
                let by = blame(&step.body, self.place, what);
                At::Record(Box::new(RecordLost::of(self.place, what, missing, by)))
            }
            Place::Ours(_) => At::Before,
            Place::Commit => At::Commit,
        };
        stopped(step, failure.error, at, state, blockers)
    }
}
