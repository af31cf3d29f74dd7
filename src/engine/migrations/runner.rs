//! Runs a plan: the only place that applies or undoes migrations. A transactional migration is one
//! message; another goes statement by statement and records how far it came.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use crate::engine::ledger::RecordedState;
use crate::engine::ledger::rows::{Entry, Place, Progress};
use crate::engine::{Event, Observer};
use crate::pg::connect::sleep;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::session::{Failed, Fields, Incoming, Session, TransactionStatus};
use crate::pg::statements::{self, Lock, Statement, Transaction};

use super::concurrent;
use super::message::{self, LockTimeouts};
use super::plan::{Direction, Plan, Step};

/// How to run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long statements wait for locks.
    pub timeouts: LockTimeouts,
    /// For how long a lock is tried for again and again, all attempts together; counts waiting only.
    pub budget: Duration,
    /// The role that the SQL runs as (`[deploy] role`).
    pub role: Option<Ident>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { timeouts: LockTimeouts::default(), budget: Duration::from_secs(600), role: None }
    }
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// Version, name and duration of each finished migration.
    pub finished: Vec<(String, String, Duration)>,
}

/// Where in the SQL it failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// At this byte of the step's SQL.
    At(usize),
    /// In the bookkeeping rows, before the SQL.
    Bookkeeping,
    /// At COMMIT.
    Commit,
    /// Not known.
    Unknown,
}

/// What the database looks like after a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateNow {
    /// Nothing of the migration stays.
    RolledBack,
    /// The first statements stay; the next run goes on after them.
    Partial {
        /// How many statements have finished.
        done: usize,
        /// Of how many.
        total: usize,
    },
    /// It ran in a database made aside, which is dropped: the one that people know is as it was.
    Untouched,
    /// The connection broke while COMMIT may have been under way; the next run will know.
    Unknown,
}

/// A run that stopped.
#[derive(Debug, thiserror::Error)]
#[error("migration `{}` failed", step.name)]
pub struct RunError {
    /// The migration that failed.
    pub step: Box<Step>,
    /// Why.
    #[source]
    pub cause: PgError,
    /// Where.
    pub spot: Spot,
    /// What the database looks like now.
    pub state: StateNow,
    /// What was finished before.
    pub done: Done,
}

/// What stops a run.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// A migration failed.
    #[error(transparent)]
    Migration(Box<RunError>),
    /// The finished part of a partial migration was edited.
    #[error(
        "of `{name}` {} already, and what has run was edited since; nothing of it was run now",
        if *done == 1 { "the first statement has run".into() } else { format!("the first {done} statements have run") }
    )]
    FinishedPartEdited {
        /// Its folder's name.
        name: String,
        /// How many have run.
        done: usize,
    },
    /// What surrounds the migrations failed.
    #[error(transparent)]
    Pg(#[from] PgError),
}

/// Applies and undoes, on one session that holds the migration lock.
pub struct Runner<'a> {
    /// The session.
    pub session: &'a mut Session,
    /// Where the bookkeeping rows go.
    pub place: &'a Place,
    /// How to run.
    pub settings: &'a Settings,
    /// Who is told.
    pub observer: &'a mut dyn Observer,
}

impl Runner<'_> {
    /// Run all steps in order; stops at the first failure.
    ///
    /// # Errors
    /// See `Stopped`; what was finished before stays and is recorded.
    pub fn run(&mut self, plan: &Plan) -> Result<Done, Stopped> {
        let mut done = Done::default();
        if plan.steps.is_empty() {
            return Ok(done);
        }
        if !self.session.check_client()? {
            self.observer.event(Event::Cannot {
                what: "the server cannot look whether its client still lives (client_connection_check_interval): \
                       if this process is killed, its statement goes on until it ends",
            });
        }
        let ended = self.steps(plan, &mut done);
        // How long each took is known after its COMMIT only; one statement for all of them.
        let durations: Vec<_> =
            done.finished.iter().map(|(version, _, took)| (version.clone(), took.as_millis())).collect();
        let recorded = if durations.is_empty() {
            Ok(())
        } else {
            let sql = format!("{}{}", self.session.prelude(), self.place.durations(&durations));
            self.session.query(&sql).map(drop)
        };
        match ended {
            // A failed migration says more than a failed time measurement.
            Err(stopped) => Err(with_done(stopped, done)),
            Ok(()) => recorded.map(|()| done).map_err(Stopped::Pg),
        }
    }

    fn steps(&mut self, plan: &Plan, done: &mut Done) -> Result<(), Stopped> {
        for step in &plan.steps {
            let verb = match (step.direction, &step.resume) {
                (_, Some(_)) => "resume",
                (Direction::Up, None) => "apply",
                (Direction::Down, None) => "undo",
            };
            self.observer.event(Event::Begin { name: step.name.clone(), verb });
            let begin = Instant::now();
            let all = statements::split(&step.sql)
                .map_err(|error| Stopped::Pg(PgError::Unexpected(format!("{}: {error}", step.name))))?;
            if step.transactional && step.resume.is_none() {
                self.transactional(step, &all)?;
            } else {
                self.by_statement(step, &all)?;
            }
            let took = begin.elapsed();
            self.observer.event(Event::End { name: step.name.clone(), took });
            done.finished.push((step.version.clone(), step.name.clone(), took));
        }
        Ok(())
    }

    fn transactional(&mut self, step: &Step, all: &[Statement]) -> Result<(), Stopped> {
        let rows = match step.direction {
            Direction::Up => self.place.applied(&entry(step)),
            Direction::Down => self.place.undone(&step.version),
        };
        let message = message::transactional(
            &self.session.prelude(),
            &rows,
            self.settings.role.as_ref(),
            &step.sql,
            all,
            self.settings.timeouts,
        );
        let mut patience = Patience::new(self.settings.budget);
        loop {
            let begin = Instant::now();
            let mut notices = Vec::new();
            let ended = self.session.run(&message.text, &mut |incoming| {
                if let Incoming::Notice(notice) = incoming {
                    keep(&mut notices, notice);
                }
            });
            let failed = match ended {
                Ok(finish)
                    if finish.last_tag == "COMMIT"
                        && self.session.transaction_status() == TransactionStatus::Idle =>
                {
                    self.tell(notices);
                    return Ok(());
                }
                Ok(finish) => Failed {
                    error: PgError::Unexpected(format!("`{}` where COMMIT was expected", finish.last_tag)),
                    finished: finish.finished,
                },
                Err(failed) => failed,
            };
            if self.session.transaction_status() != TransactionStatus::Idle
                && !matches!(failed.error, PgError::Lost { .. })
            {
                drop(self.session.run("ROLLBACK", &mut |_| {}));
            }
            if let Some(pause) = patience.pause(&failed.error, begin.elapsed()) {
                self.observer.event(Event::Retry {
                    name: step.name.clone(),
                    why: failed.error.to_string(),
                    pause,
                });
                sleep(pause, self.session.interrupt())?;
                continue;
            }
            // Notices of the last attempt may explain the failure.
            self.tell(notices);
            let spot = match message.place(position(&failed.error), failed.finished) {
                message::Place::At(offset) => Spot::At(offset),
                message::Place::Bookkeeping => Spot::Bookkeeping,
                message::Place::Commit => Spot::Commit,
            };
            let state = match failed.error {
                PgError::Lost { .. } => StateNow::Unknown,
                _ => StateNow::RolledBack,
            };
            return Err(stopped(step, failed.error, spot, state));
        }
    }

    /// Statement by statement. What can be in a transaction shares one with its record; what cannot
    /// is recorded right after it.
    fn by_statement(&mut self, step: &Step, all: &[Statement]) -> Result<(), Stopped> {
        let real: Vec<_> = all.iter().filter(|statement| !statement.is_empty()).collect();
        let total = real.len();
        let state = match step.direction {
            Direction::Up => RecordedState::Partial,
            Direction::Down => RecordedState::PartialDown,
        };
        let begin = step.resume.as_ref().map_or(0, |resume| resume.done);
        if let Some(resume) = &step.resume
            && resume.done > 0
            && step.hash_of_finished(resume.done) != resume.hash
        {
            return Err(Stopped::FinishedPartEdited { name: step.name.clone(), done: resume.done });
        }
        let prelude = self.session.prelude();
        let first = match (&step.resume, step.direction) {
            (None, Direction::Up) => self.place.record(&entry(step), state),
            _ => "SELECT 1".into(),
        };
        self.session.query(&format!("{prelude}{first}"))?;
        if let Some(role) = &self.settings.role {
            self.session.query(&format!("SET ROLE {role}"))?;
        }
        // What the finished part has set for its session holds for the rest of the file.
        for statement in real.iter().take(begin).filter(|statement| statement.facts.sets.is_some()) {
            if let Err((error, _)) = self.alone(&step.sql[statement.body.clone()]) {
                let spot = Spot::At(statement.body.start);
                return Err(stopped(step, error, spot, StateNow::Partial { done: begin, total }));
            }
        }
        let own_timeout = real.iter().any(|s| s.facts.sets.as_deref() == Some("lock_timeout"));
        for (index, statement) in real.iter().enumerate().skip(begin) {
            let text = &step.sql[statement.body.clone()];
            let hash = step.hash_of_finished(index + 1).unwrap_or_default();
            let progress =
                self.place.progress(&step.version, Progress { state, done: index + 1, hash: &hash });
            if !own_timeout {
                let ms = match (statement.facts.transaction, statement.facts.lock) {
                    // A timeout inside CONCURRENTLY leaves an invalid index behind.
                    (Transaction::Forbidden, _) => 0,
                    (Transaction::Any, Lock::Strong) => self.settings.timeouts.strong_ms,
                    (Transaction::Any, Lock::Rows) => self.settings.timeouts.rows_ms,
                };
                self.session.query(&format!("SET lock_timeout = {ms}"))?;
            }
            let failure = match statement.facts.transaction {
                Transaction::Any => self.with_record(step, text, &progress),
                Transaction::Forbidden => self.without_transaction(statement, text, &progress),
            };
            if let Err((error, offset)) = failure {
                let spot = match position(&error) {
                    Some(position) => {
                        Spot::At(statement.body.start + byte_offset(text, position.saturating_sub(offset)))
                    }
                    None => Spot::At(statement.body.start),
                };
                return Err(stopped(step, error, spot, StateNow::Partial { done: index, total }));
            }
            self.observer.event(Event::Statement {
                index: index + 1,
                total,
                verb: statement.facts.verb.clone(),
            });
        }
        let last = match step.direction {
            // As of now: what follows the finished part may have been mended since it was recorded.
            Direction::Up => self.place.applied(&entry(step)),
            Direction::Down => self.place.undone(&step.version),
        };
        self.session.query(&format!("{prelude}BEGIN; {last}; COMMIT"))?;
        Ok(())
    }

    /// A statement and its record in one transaction; on failure the error, and how many characters
    /// of the message came before the statement.
    fn with_record(&mut self, step: &Step, text: &str, progress: &str) -> Result<(), (PgError, usize)> {
        // SET LOCAL after the statement: whatever role its SQL has set holds again after COMMIT.
        let head = "BEGIN; ";
        let message = format!("{head}{text}\n;{OURSELVES}{progress}; COMMIT");
        let mut patience = Patience::new(self.settings.budget);
        loop {
            let begin = Instant::now();
            let Err(error) = self.alone(&message) else { return Ok(()) };
            if self.session.transaction_status() != TransactionStatus::Idle {
                drop(self.session.run("ROLLBACK", &mut |_| {}));
            }
            let Some(pause) = patience.pause(&error.0, begin.elapsed()) else {
                return Err((error.0, head.chars().count()));
            };
            self.observer.event(Event::Retry { name: step.name.clone(), why: error.0.to_string(), pause });
            sleep(pause, self.session.interrupt()).map_err(|error| (error, 0))?;
        }
    }

    /// A statement that no transaction may hold, and then its record.
    fn without_transaction(
        &mut self,
        statement: &Statement,
        text: &str,
        progress: &str,
    ) -> Result<(), (PgError, usize)> {
        let plain = |error| (error, 0);
        let index = statement.facts.concurrent_index.as_ref();
        if let Some(index) = index {
            // Of a run that was killed.
            concurrent::drop_remnant(self.session, index).map_err(plain)?;
        }
        if let Err(failed) = self.alone(text) {
            if let Some(index) = index {
                // It costs every write until it is gone. Why the build failed says more than why this does.
                drop(concurrent::drop_remnant(self.session, index));
            }
            return Err(failed);
        }
        if let Some(index) = index {
            concurrent::assert_valid(self.session, index).map_err(plain)?;
        }
        self.session.query(&format!("BEGIN; {OURSELVES}{progress}; COMMIT")).map(drop).map_err(plain)
    }

    fn alone(&mut self, sql: &str) -> Result<(), (PgError, usize)> {
        let observer = &mut *self.observer;
        self.session
            .run(sql, &mut |incoming| {
                if let Incoming::Notice(notice) = incoming {
                    observer.event(Event::Notice { notice: notice.clone() });
                }
            })
            .map(drop)
            .map_err(|failed| (failed.error, 0))
    }

    fn tell(&mut self, notices: Vec<Fields>) {
        for notice in notices {
            self.observer.event(Event::Notice { notice });
        }
    }
}

/// Our record is written by ourselves, whatever role the file's SQL has set.
const OURSELVES: &str = "SET LOCAL SESSION AUTHORIZATION DEFAULT; SET LOCAL ROLE NONE; ";

/// Notices kept per attempt: memory stays bounded.
const NOTICES_KEPT: usize = 1_000;

fn keep(notices: &mut Vec<Fields>, notice: &Fields) {
    if notices.len() < NOTICES_KEPT {
        notices.push(notice.clone());
    }
}

fn position(error: &PgError) -> Option<usize> {
    match error {
        PgError::Server(error) => error.0.position,
        _ => None,
    }
}

fn byte_offset(text: &str, position: usize) -> usize {
    text.char_indices().nth(position.saturating_sub(1)).map_or(text.len(), |(byte, _)| byte)
}

fn entry(step: &Step) -> Entry<'_> {
    Entry {
        version: &step.version,
        name: &step.name,
        transactional: step.transactional,
        checksum: &step.checksum,
        checksum_normalised: &step.checksum_normalised,
        up_sql: step.up_sql.as_deref(),
        down_sql: step.down_sql.as_deref(),
    }
}

fn stopped(step: &Step, cause: PgError, spot: Spot, state: StateNow) -> Stopped {
    Stopped::Migration(Box::new(RunError {
        step: Box::new(step.clone()),
        cause,
        spot,
        state,
        done: Done::default(),
    }))
}

fn with_done(stopped: Stopped, done: Done) -> Stopped {
    match stopped {
        Stopped::Migration(error) => Stopped::Migration(Box::new(RunError { done, ..*error })),
        other => other,
    }
}

/// Exponential back-off with full jitter (Brooker, "Exponential Backoff And Jitter", AWS
/// Architecture Blog, 2015): from 250 ms, doubling to 5 s.
struct Patience {
    budget: Duration,
    ceiling: Duration,
}

impl Patience {
    fn new(budget: Duration) -> Self {
        Self { budget, ceiling: Duration::from_millis(250) }
    }

    /// How long to wait before the next attempt; `None`: the error is no matter of patience, or the
    /// budget is spent.
    fn pause(&mut self, error: &PgError, attempt: Duration) -> Option<Duration> {
        if !matches!(error.failure(), PgFailure::LockTimeout | PgFailure::Deadlock) {
            return None;
        }
        let pause = self.ceiling.mul_f64(random());
        self.ceiling = (self.ceiling * 2).min(Duration::from_secs(5));
        self.budget = self.budget.checked_sub(pause)?.checked_sub(attempt.min(Duration::from_secs(1)))?;
        Some(pause)
    }
}

/// A random number from 0 to 1: the standard library's hash keys are random, and jitter needs no more.
fn random() -> f64 {
    f64::from(u32::try_from(RandomState::new().hash_one(0_u8) >> 32).unwrap_or(0)) / f64::from(u32::MAX)
}
