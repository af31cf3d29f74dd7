//! A migration that cannot run in one transaction: statement by statement, with the number and hash
//! of the finished ones recorded, so that the next run goes on where this one stopped.

use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::engine::ledger::RecordedState;
use crate::engine::ledger::hold::said_no;
use crate::engine::ledger::look::{Lost, Own};
use crate::engine::ledger::rows::Progress;
use crate::engine::{Event, fault};
use crate::pg::error::{PgError, PgFailure};
use crate::pg::session::Incoming;
use crate::pg::statements::{Lock, Streamed, Transaction, excerpt, normalise, offset_of_character, position};

use super::acting::{Acting, Reach, chooses_role, named};
use super::body::{Body, hex};
use super::concurrent::{self, Begun, Todo};
use super::elevated::{after_theirs, without_effect};
use super::lending::may_lend;
use super::message::{Message, OURSELVES, OurRows, Part, Place, Spot};
use super::patience::may_pass;
use super::plan::{Direction, Step};
use super::runner::{Difference, Failure, Runner, StateNow, Stopped, entry, tell_blocked, told};

/// How often a long statement tells how it is getting on.
const PHASE_EVERY: Duration = Duration::from_secs(2);

/// A script under way.
struct Way<'a> {
    step: &'a Step,
    state: RecordedState,
    /// Of the statements so far, normalised.
    hash: Sha256,
    /// How many have finished.
    done: usize,
}

impl Runner<'_> {
    pub(super) fn by_statement(&mut self, step: &Step) -> Result<(), Stopped> {
        let state = match step.direction {
            Direction::Up => RecordedState::Partial,
            Direction::Down => RecordedState::PartialDown,
        };
        let mut way = Way { step, state, hash: Sha256::new(), done: 0 };
        self.begin(&way)?;
        let resume = step.resume.as_ref();
        let finished = resume.map_or(0, |resume| resume.done);
        let perhaps = resume.filter(|resume| resume.begun > resume.done).map(|resume| resume.done);
        let unreadable = |source| Stopped::Script { name: step.name.clone(), source };
        for next in step.body.statements().map_err(unreadable)? {
            let mut streamed = next.map_err(unreadable)?;
            if streamed.statement.is_empty() {
                continue;
            }
            let before = way.hash.clone();
            way.hash.update(normalise(streamed.body()).unwrap_or_default());
            way.hash.update("\n");
            if way.done < finished {
                self.skip(&mut way, &streamed, finished, resume.and_then(|resume| resume.hash.as_deref()))?;
                continue;
            }
            let begun = if perhaps == Some(way.done) { Begun::Perhaps } else { Begun::No };
            let policies = step.row_security.before(&streamed.statement, "SET");
            let mut ended = match policies.map(|sql| self.session.query(&sql)) {
                Some(Err(error)) => Err(before_it(error, &streamed)),
                Some(Ok(_)) | None => self.one_acting(&way, &mut streamed, &before, begun),
            };
            let after = match &self.settings.acting {
                Some(acting) => Some(after_theirs(step, acting, &streamed, Reach::Session)),
                None => step.row_security.after(&streamed.statement, "SET"),
            };
            if let (Ok(()), Some(sql)) = (&ended, after.filter(|sql| !sql.is_empty())) {
                ended = self.session.query(&sql).map(drop).map_err(|error| before_it(error, &streamed));
            }
            if let Err(failure) = ended {
                self.roll_back(&failure.error);
                let unclear = matches!(failure.error, PgError::Lost { .. } | PgError::Abandoned);
                let state = StateNow::Partial { done: way.done, perhaps_one_more: unclear };
                let blockers = self.watcher.take();
                return Err(self.stopped(step, failure, state, blockers));
            }
            way.done += 1;
            fault::point(format_args!("after-record:{}", way.done));
            self.observer
                .event(Event::Statement { index: way.done, verb: streamed.statement.facts.verb.clone() });
        }
        if way.done < finished {
            return Err(self.edited(step, finished));
        }
        self.end(&way)
    }

    /// Settings, the role, and that the ledger says what it must; for a new one, the record.
    fn begin(&mut self, way: &Way<'_>) -> Result<(), Stopped> {
        let step = way.step;
        let ledger = match step.direction {
            Direction::Up => self.place.assert_not_applied(&step.version),
            Direction::Down => self.place.assert_applied(&step.version),
        };
        let record = match (step.direction, &step.resume) {
            (_, Some(_)) => String::new(),
            (Direction::Up, None) => self.place.record(&entry(step), way.state),
            (Direction::Down, None) => self.place.ensure(&entry(step)),
        };
        let prelude = self.session.prelude();
        let acting = self.settings.acting.as_ref().map(|acting| acting.begin(Reach::Session));
        let prelude = format!("{prelude}{}", acting.unwrap_or_default());
        let held = self.place.held();
        let message = match &self.settings.role {
            None if self.settings.acting.is_some() => {
                format!("{prelude}BEGIN; {OURSELVES}{held}{ledger}; {record}; COMMIT")
            }
            Some(role) => {
                format!("{prelude}SET ROLE {role}; BEGIN; {OURSELVES}{held}{ledger}; {record}; COMMIT")
            }
            None => format!("{prelude}BEGIN; {held}{ledger}; {record}; COMMIT"),
        };
        // Set for the session, so that it applies to every statement of the script.
        let policies = match step.row_security.is_on_from_the_start() {
            true => step.row_security.set("SET"),
            false => String::new(),
        };
        let message = format!("{message}; {policies}");
        let Err(error) = self.session.query(&message) else { return Ok(()) };
        self.roll_back(&error);
        let error = self.place.hold_rows().explained_if_found(self.session, error);
        let state = match &step.resume {
            Some(resume) => StateNow::Partial { done: resume.done, perhaps_one_more: false },
            None => StateNow::RolledBack,
        };
        Err(self.stopped(step, Failure::new(error, Place::Ours(Part::Bookkeeping)), state, None))
    }

    /// A statement of the finished part: what it has set for its session holds for the rest of the
    /// script; and the part must be what has run.
    fn skip(
        &mut self,
        way: &mut Way<'_>,
        streamed: &Streamed,
        finished: usize,
        hash: Option<&str>,
    ) -> Result<(), Stopped> {
        let sets = streamed.statement.facts.sets.is_some() || streamed.body().contains("set_config");
        way.done += 1;
        if way.done == finished && Some(hex(way.hash.clone()).as_str()) != hash {
            return Err(self.edited(way.step, finished));
        }
        if sets && let Err(error) = self.session.query(streamed.body()) {
            let failure = Failure::new(error, Place::At(spot(streamed, None, 0)));
            let state = StateNow::Partial { done: finished, perhaps_one_more: false };
            return Err(self.stopped(way.step, failure, state, None));
        }
        Ok(())
    }

    /// The finished part was edited: find the statement, where the SQL that ran is stored.
    fn edited(&mut self, step: &Step, finished: usize) -> Stopped {
        let ran = self.stored(step).map(Body::Text);
        let bodies = |body: &Body| -> Vec<String> {
            let all = body.statements().into_iter().flatten().map_while(Result::ok);
            all.filter(|s| !s.statement.is_empty()).take(finished).map(|s| s.body().to_owned()).collect()
        };
        let is = bodies(&step.body);
        let differs = |(at, ran): &(usize, String)| {
            is.get(*at).is_none_or(|is| normalise(is).ok() != normalise(ran).ok())
        };
        let difference = ran
            .and_then(|ran| bodies(&ran).into_iter().enumerate().find(differs))
            .map(|(at, ran)| Box::new(Difference { number: at + 1, ran, is: is.get(at).cloned() }));
        Stopped::FinishedPartEdited { name: step.name.clone(), done: finished, difference }
    }

    /// Run one statement and record it; where an ordinary role lacks the rights, as ourselves.
    fn one_acting(
        &mut self,
        way: &Way<'_>,
        streamed: &mut Streamed,
        before: &Sha256,
        begun: Begun,
    ) -> Result<(), Failure> {
        self.lacked = false;
        let ended = self.one(way, streamed, before, begun);
        let Some(acting) = self.settings.acting.clone() else { return ended };
        match &ended {
            Ok(()) if !self.lacked => return ended,
            Ok(()) if !may_lend(streamed.body()) => return Err(without_effect(streamed)),
            Ok(()) => {}
            Err(failure) => {
                self.roll_back(&failure.error);
                let lacks = self.lacks_rights(&acting, &failure.error, streamed);
                if !lacks.map_err(|error| before_it(error, streamed))? {
                    return ended;
                }
            }
        }
        let left = self.session.query(&acting.leave(Reach::Session));
        left.map_err(|error| before_it(error, streamed))?;
        self.elevated.push(named(streamed));
        let ended = self.with_our_rights(way, streamed, before, begun);
        if chooses_role(streamed) || ended.is_err() {
            return ended;
        }
        let again = self.session.query(&acting.again(Reach::Session));
        again.map(drop).map_err(|error| before_it(error, streamed))
    }

    /// Run one statement and record it, whatever rights it warns to lack.
    fn with_our_rights(
        &mut self,
        way: &Way<'_>,
        streamed: &mut Streamed,
        before: &Sha256,
        begun: Begun,
    ) -> Result<(), Failure> {
        self.heeds_lack = false;
        let ended = self.one(way, streamed, before, begun);
        self.heeds_lack = true;
        ended
    }

    /// Run one statement and record it.
    fn one(
        &mut self,
        way: &Way<'_>,
        streamed: &mut Streamed,
        before: &Sha256,
        begun: Begun,
    ) -> Result<(), Failure> {
        let facts = &streamed.statement.facts;
        let alone = facts.transaction == Transaction::Forbidden;
        if !way.step.sets_lock_timeout {
            let ms = match facts.lock {
                // A timeout inside CONCURRENTLY leaves an invalid index behind.
                _ if alone => 0,
                Lock::Strong => self.settings.timeouts.strong_ms,
                Lock::Rows => self.settings.timeouts.rows_ms,
            };
            let sql = format!("{}SET lock_timeout = {ms}", self.session.their_limits());
            self.session.query(&sql).map_err(|error| before_it(error, streamed))?;
        }
        if alone || begun == Begun::Perhaps {
            return self.alone(way, streamed, before, begun);
        }
        match self.with_record(way, streamed) {
            // CALL and DO may end transactions of their own; then they cannot share ours.
            Err(failure) if failure.error.failure() == PgFailure::EndsTransaction => {
                self.roll_back(&failure.error);
                self.alone(way, streamed, before, begun)
            }
            ended => ended,
        }
    }

    /// A statement and its record in one transaction.
    fn with_record(&mut self, way: &Way<'_>, streamed: &mut Streamed) -> Result<(), Failure> {
        loop {
            let head = "BEGIN; ";
            let mut message = Message::default();
            message.ours(Part::Settings, head);
            // Moved, not copied: there may be no memory for two of them.
            let text = std::mem::take(&mut streamed.text);
            message.theirs(Streamed { statement: streamed.statement.clone(), text });
            self.watcher.forget();
            let begin = Instant::now();
            // SET LOCAL after the statement: whatever role its SQL has set holds again after COMMIT.
            let progress = format!("{}; ", self.progress(way, &way.hash, 1));
            let held = self.place.held();
            let looks = self.look_after(way);
            let ours = OurRows { held: &held, sql: &progress };
            let heeds_lack = self.heeds_lack && self.settings.acting.is_some();
            if !heeds_lack {
                message.end(ours, &looks);
            }
            message.seal();
            let mut ended = self.send_message(&message, Phase::Quiet);
            if heeds_lack && ended.is_ok() {
                if self.lacked {
                    streamed.text = message.taken_back(head.len());
                    let back = self.session.query("ROLLBACK");
                    return back.map(drop).map_err(|error| before_it(error, streamed));
                }
                let mut rest = Message::default();
                rest.end(ours, &looks);
                ended = self.send_message(&rest, Phase::Quiet);
            }
            let Err(failure) = ended else { return Ok(()) };
            streamed.text = message.taken_back(head.len());
            if said_no(&failure.error) {
                self.roll_back(&failure.error);
            }
            let failure = self.explained(failure);
            let waits = may_pass(&failure.error);
            if !waits && !matches!(failure.at, Place::Ours(Part::Look(_))) {
                return Err(failure);
            }
            self.roll_back(&failure.error);
            if !waits {
                match self.changed_elsewhere(way, streamed)? {
                    true => continue,
                    false => return Err(failure),
                }
            }
            let limit = self.settings.timeouts.strong_ms.max(self.settings.timeouts.rows_ms);
            self.patience.spend(begin.elapsed().min(Duration::from_millis(limit)));
            let blockers = self.watcher.take();
            match self.wait_outside(way.step, &failure.error, blockers.as_ref()) {
                Ok(true) => {}
                Ok(false) => return Err(failure),
                Err(Stopped::Pg(error)) => return Err(Failure::new(error, failure.at)),
                Err(_) => unreachable!("waiting fails on a signal only"),
            }
        }
    }

    fn changed_elsewhere(&mut self, way: &Way<'_>, streamed: &Streamed) -> Result<bool, Failure> {
        self.has_changed_elsewhere(way.step).map_err(|error| before_it(error, streamed))
    }

    /// The check after a statement, its progress included.
    fn look_after(&self, way: &Way<'_>) -> Vec<(Lost, String)> {
        self.place.look(self.known, Own::Progress(&way.step.version, way.state, way.done + 1))
    }

    /// A statement without a transaction of ours: that it begins is recorded before, that it has
    /// finished after.
    fn alone(
        &mut self,
        way: &Way<'_>,
        streamed: &Streamed,
        before: &Sha256,
        begun: Begun,
    ) -> Result<(), Failure> {
        let facts = &streamed.statement.facts;
        let fail = |error| before_it(error, streamed);
        let todo = concurrent::before(self.session, facts, begun).map_err(fail)?;
        if let Todo::Run(around) = todo {
            let held = self.place.held();
            let begins = format!("BEGIN; {OURSELVES}{held}{}; COMMIT", self.progress(way, before, 0));
            if let Err(error) = self.session.query(&begins) {
                self.roll_back(&error);
                let error = self.place.hold_rows().explained_if_found(self.session, error);
                return Err(Failure::new(error, Place::Ours(Part::Hold)));
            }
            self.watcher.forget();
            if let Err((error, _, _)) = self.send_watched(streamed.body(), None, Phase::Told) {
                if self.session.interrupt().is_raised() {
                    // Cleaning up may take long; the next run does it first.
                    return Err(Failure::new(error, Place::At(spot(streamed, None, 0))));
                }
                let place = Place::At(spot(streamed, told(&error), 0));
                if !matches!(error, PgError::Lost { .. } | PgError::Abandoned) {
                    // An invalid index costs every write until it is gone. Why the build failed says more than
                    // why this does, and the next run begins with it.
                    let cleared = concurrent::after_failure(self.session, facts, &around);
                    if cleared.is_ok() && concurrent::leaves_nothing(facts) {
                        let not_begun =
                            format!("BEGIN; {OURSELVES}{held}{}; COMMIT", self.not_begun(way, before));
                        drop(self.session.query(&not_begun));
                    }
                }
                return Err(Failure::new(error, place));
            }
            concurrent::assert_valid(self.session, facts, &around).map_err(fail)?;
            fault::point(format_args!("after-statement:{}", way.done + 1));
        }
        self.finished(way, streamed)
    }

    /// Record a statement that has run without a transaction of ours, and check that the record is still there.
    fn finished(&mut self, way: &Way<'_>, streamed: &Streamed) -> Result<(), Failure> {
        let progress = format!("{}; ", self.progress(way, &way.hash, 1));
        loop {
            let mut message = Message::default();
            message.ours(Part::Settings, "BEGIN; ");
            let held = self.place.held();
            message.end(OurRows { held: &held, sql: &progress }, &self.look_after(way));
            let Err(failure) = self.send_message(&message, Phase::Quiet) else { return Ok(()) };
            let lost = match (&failure.error, failure.at.clone()) {
                (PgError::Server(_), Place::Ours(Part::Look(lost))) if lost != Lost::Unsafe => lost,
                // The row of the progress is in a table that is not there any more.
                (error, Place::Ours(Part::Hold | Part::Bookkeeping))
                    if error.failure() == PgFailure::NoSuchObject =>
                {
                    Lost::Bookkeeping
                }
                _ => return Err(before_it(failure.error, streamed)),
            };
            self.roll_back(&failure.error);
            // What code of the script has committed cannot be told from what another session has; other statements remove no
            // rows.
            let is_code = streamed.statement.facts.evidence.is_none();
            let changed = lost == Lost::Rows && !is_code && self.changed_elsewhere(way, streamed)?;
            if !changed {
                self.restore(way.step, &progress).map_err(|error| before_it(error, streamed))?;
                let verb = streamed.statement.facts.verb.clone();
                let (name, ours) = (way.step.name.clone(), matches!(lost, Lost::Bookkeeping | Lost::Ours));
                self.observer.event(Event::Restored { name, statement: way.done + 1, verb, ours });
                return Ok(());
            }
        }
    }

    /// The record: so many have finished, and with `more == 0` one more begins.
    fn progress(&self, way: &Way<'_>, hash: &Sha256, more: usize) -> String {
        let done = way.done + more;
        self.place.progress(
            &way.step.version,
            Progress { state: way.state, done, begun: way.done + 1, hash: &hex(hash.clone()) },
        )
    }

    /// The record: so many have finished, and the next one has left nothing.
    fn not_begun(&self, way: &Way<'_>, hash: &Sha256) -> String {
        self.place.progress(
            &way.step.version,
            Progress { state: way.state, done: way.done, begun: way.done, hash: &hex(hash.clone()) },
        )
    }

    fn send_message(&mut self, message: &Message, phase: Phase) -> Result<(), Failure> {
        self.send_watched(&message.text, Some(message), phase).map_err(|(error, finished, missing)| {
            let at = message.place(told(&error), finished, None);
            let mut failure = Failure::new(error, at);
            failure.missing = missing;
            failure
        })
    }

    fn send_watched(
        &mut self,
        sql: &str,
        message: Option<&Message>,
        phase: Phase,
    ) -> Result<(), (PgError, usize, Vec<String>)> {
        let heeds_lack = self.heeds_lack && self.settings.acting.is_some() && message.is_some();
        let Self { session, watcher, observer, more_notices, lacked, .. } = self;
        let begin = Instant::now();
        let mut told_at = begin;
        let mut finished = 0;
        let mut missing = Vec::new();
        let ended = session.run(sql, &mut |incoming| match incoming {
            Incoming::Done(_) => {
                finished += 1;
                missing.clear();
            }
            Incoming::Row(row) if message.is_some_and(|message| message.is_ending(finished)) => {
                missing.extend(row.into_iter().flatten());
            }
            // It is run again.
            Incoming::Notice(notice) if heeds_lack && Acting::is_lack(notice) => *lacked = true,
            Incoming::Notice(notice) => observer.event(Event::Notice { notice: notice.clone() }),
            Incoming::MoreNotices(count) => *more_notices += count,
            Incoming::Waiting => {
                tell_blocked(watcher, *observer, begin.elapsed());
                if phase == Phase::Told && told_at.elapsed() >= PHASE_EVERY {
                    told_at = Instant::now();
                    if let Some(what) = watcher.phase() {
                        observer.event(Event::Phase { what });
                    }
                }
            }
            _ => {}
        });
        ended.map(drop).map_err(|failed| (failed.error, failed.finished, missing))
    }

    /// All statements have run: both rows say so.
    fn end(&mut self, way: &Way<'_>) -> Result<(), Stopped> {
        let rows = match way.step.direction {
            // As of now: what follows the finished part may have been mended since it was recorded.
            Direction::Up => self.place.applied(&entry(way.step)),
            Direction::Down => self.place.undone(&way.step.version),
        };
        let message = format!("{}BEGIN; {}{rows}; COMMIT", self.session.prelude(), self.place.held());
        fault::point("before-ledger");
        if let Err(error) = self.session.query(&message) {
            self.roll_back(&error);
            let error = self.place.hold_rows().explained_if_found(self.session, error);
            let state = StateNow::Partial { done: way.done, perhaps_one_more: false };
            return Err(self.stopped(way.step, Failure::new(error, Place::Commit), state, None));
        }
        self.has_finished(way.step);
        Ok(())
    }
}

/// Whether a statement tells how it is getting on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Quiet,
    Told,
}

fn before_it(error: PgError, streamed: &Streamed) -> Failure {
    Failure::new(error, Place::At(spot(streamed, None, 0)))
}

/// Where in the script an error in this statement is; `told` counts from `head` bytes before it.
pub(super) fn spot(streamed: &Streamed, told: Option<usize>, head: usize) -> Spot {
    let body = streamed.body();
    let statement = &streamed.statement;
    let offset = told.map_or(0, |told| offset_of_character(body, told.saturating_sub(head)));
    let inside = position(body, offset);
    let before = statement.body.start - statement.range.start;
    let shown = excerpt(&streamed.text, before + offset);
    Spot {
        line: statement.line + inside.line - 1,
        column: if inside.line == 1 { statement.column + inside.column - 1 } else { inside.column },
        line_text: shown.line_text,
        caret: shown.caret,
    }
}
