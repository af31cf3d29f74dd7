//! Runs a plan: the only place that applies or undoes migrations. A transactional migration is one
//! message, or several where its file is large; another goes statement by statement (`stepwise`).

use std::time::{Duration, Instant};

use crate::engine::ledger::Facts;
use crate::engine::ledger::look::Known;
use crate::engine::ledger::rows::{Entry, Place};
use crate::engine::ledger::store::Store;
use crate::engine::{Event, Observer, fault};
use crate::pg::connect::sleep;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::session::{Fields, Finish, Incoming, Session, TransactionStatus};
use crate::pg::statements::{Lock, Streamed};

use super::blockers::{Sample, Watcher, queue_guard};
use super::body::LARGEST_KEPT;
use super::elevated::after_theirs;
use super::message::{self, LockTimeouts, Lowering, Message, OurRows, Part};
use super::patience::{Patience, may_pass};
use super::plan::{Direction, Plan, Source, Step};

pub(in crate::engine) use super::acting::Reach;
pub use super::acting::{Acting, By};
pub use super::message::Spot;
pub use super::outcome::{At, Blamed, Difference, Done, RecordLost, RunError, Settings, StateNow, Stopped};

/// Where a run keeps its record.
#[derive(Debug)]
pub struct Books<'a> {
    /// Where the rows go.
    pub place: &'a Place,
    /// What is there.
    pub known: &'a mut Known,
    /// Our own tables.
    pub store: &'a Store,
    /// What was read of the database.
    pub facts: &'a Facts,
}

/// Applies and undoes, on one session that holds the migration lock.
pub struct Runner<'a> {
    pub(super) session: &'a mut Session,
    pub(super) place: &'a Place,
    pub(super) known: &'a mut Known,
    pub(super) store: &'a Store,
    pub(super) facts: &'a Facts,
    pub(super) settings: &'a Settings,
    pub(super) observer: &'a mut dyn Observer,
    pub(super) watcher: Watcher,
    pub(super) patience: Patience,
    /// Notices of this migration that were not kept.
    pub(super) more_notices: usize,
    /// The statements of this migration that needed more rights than an ordinary owner has.
    pub(super) elevated: Vec<String>,
    /// Whether a statement of a migration without a transaction warned that rights were lacking.
    pub(super) lacked: bool,
    /// Whether such a statement is then run again.
    pub(super) heeds_lack: bool,
}

/// Why an attempt failed.
pub(super) struct Failure {
    pub(super) error: PgError,
    pub(super) at: message::Place,
    /// Whether the COMMIT was under way.
    committing: bool,
    /// Of a check that failed: the ledger's rows that were missing.
    pub(super) missing: Vec<String>,
}

impl<'a> Runner<'a> {
    /// A runner on a session that holds the migration lock.
    pub fn new(
        session: &'a mut Session,
        books: Books<'a>,
        settings: &'a Settings,
        observer: &'a mut dyn Observer,
    ) -> Self {
        let watcher = Watcher::of(session);
        let Books { place, known, store, facts } = books;
        let patience = Patience::new(settings.budget);
        Self {
            session,
            place,
            known,
            store,
            facts,
            settings,
            observer,
            watcher,
            patience,
            more_notices: 0,
            elevated: Vec::new(),
            lacked: false,
            heeds_lack: true,
        }
    }

    /// Run all steps in order; stops at the first failure.
    ///
    /// # Errors
    /// See `Stopped`; what was finished before stays and is recorded.
    pub fn run(&mut self, plan: &Plan) -> Result<Done, Stopped> {
        let mut done = Done::default();
        if plan.steps.is_empty() {
            self.mark(plan)?;
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
            let held = self.place.hold(&["migration"]).all();
            let rows = self.place.durations(&durations);
            let sql = format!("{}BEGIN; {held}{rows}; COMMIT", self.session.own_prelude());
            self.session.query(&sql).map(drop)
        };
        match ended {
            // A failed migration says more than a failed time measurement.
            Err(stopped) => Err(with_done(stopped, done)),
            Ok(()) => {
                recorded.map_err(Stopped::Pg)?;
                self.mark(plan)?;
                Ok(done)
            }
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
            let ended = if step.transactional && step.resume.is_none() {
                self.transactional(step)
            } else {
                self.by_statement(step)
            };
            if self.more_notices > 0 {
                self.observer.event(Event::MoreNotices { count: std::mem::take(&mut self.more_notices) });
            }
            let statements = std::mem::take(&mut self.elevated);
            if let (false, Some(acting)) = (statements.is_empty(), &self.settings.acting) {
                let (name, role) = (step.name.clone(), acting.ourselves.clone());
                self.observer.event(Event::Elevated { name, statements, role });
            }
            ended.map_err(|stopped| self.with_policies(stopped))?;
            self.patience.relax();
            let took = begin.elapsed();
            self.observer.event(Event::End { name: step.name.clone(), took });
            done.finished.push((step.version.clone(), step.name.clone(), took));
        }
        Ok(())
    }

    fn transactional(&mut self, step: &Step) -> Result<(), Stopped> {
        let mut timeouts = self.settings.timeouts;
        let mut queue = Queue::Look;
        let acting = self.settings.acting.clone();
        let grants = acting.as_ref().is_some_and(|acting| acting.grants);
        let mut one_by_one = false;
        loop {
            let mut notices = Notices::default();
            let mut filtered = None;
            self.watcher.forget();
            let begin = Instant::now();
            let ended = match &acting {
                Some(acting) if one_by_one => {
                    let ended = self.attempt_acting(step, acting, timeouts, &mut notices)?;
                    ended.map(|()| String::new()).map_err(|(failure, why)| {
                        filtered = why;
                        failure
                    })
                }
                _ => self.attempt(step, timeouts, queue, &mut notices)?,
            };
            if grants && ended.is_ok() && notices.lacks && !one_by_one {
                // A statement warned that it lacked rights: nothing is committed yet.
                self.session.query("ROLLBACK").map_err(Stopped::Pg)?;
                one_by_one = true;
                continue;
            }
            let ended = match (ended, &acting) {
                (Ok(after), Some(_)) if grants && !one_by_one => {
                    self.commit_acting(step, &after, &mut notices)
                }
                (ended, _) => ended.map(drop),
            };
            let failure = match ended {
                Ok(()) => {
                    fault::point("after-commit");
                    self.tell(notices);
                    self.has_finished(step);
                    return Ok(());
                }
                Err(failure) => failure,
            };
            self.roll_back(&failure.error);
            let failure = self.explained(failure);
            if self.settings.may_split && failure.error.failure() == PgFailure::OutOfMemory {
                self.observer.event(Event::Cannot {
                    what: "the server has no room for the locks of this migration in one transaction \
                           (max_locks_per_transaction): its statements are committed one by one",
                });
                return self.by_statement(step);
            }
            let lacks = Acting::may_be_lack(failure.error.failure());
            if acting.is_some() && !one_by_one && lacks {
                one_by_one = true;
                continue;
            }
            if matches!(failure.at, message::Place::Ours(Part::Look(_)))
                && self.has_changed_elsewhere(step)?
            {
                continue;
            }
            let mut blockers = self.watcher.take();
            if failure.at == message::Place::Ours(Part::Queue) {
                // Nobody queues behind us meanwhile: that is the point of it.
                blockers = self.holders(step, timeouts);
                queue = if blockers.is_some() { Queue::Look } else { Queue::Go };
                if self.wait_outside(step, &failure.error, blockers.as_ref())? {
                    continue;
                }
            } else if may_pass(&failure.error) {
                self.patience.spend(begin.elapsed().min(longest(timeouts)));
                if blockers.as_ref().is_some_and(Sample::is_autovacuum) {
                    timeouts.strong_ms = timeouts.strong_ms.max(AUTOVACUUM_MS);
                }
                if self.wait_outside(step, &failure.error, blockers.as_ref())? {
                    continue;
                }
            }
            // Notices of the last attempt may explain the failure.
            self.tell(notices);
            let state = match (&failure.error, failure.committing) {
                (PgError::Lost { .. } | PgError::Abandoned, true) => StateNow::Unknown,
                _ => StateNow::RolledBack,
            };
            let mut stopped = self.stopped(step, failure, state, blockers);
            if let Stopped::Migration(error) = &mut stopped {
                error.filtered = filtered.map(Box::new);
            }
            return Err(stopped);
        }
    }

    /// One attempt; the outer error ends the run, the inner one may pass. Where an ordinary role grants, the transaction is
    /// still open afterwards; returned is what follows its last statement.
    fn attempt(
        &mut self,
        step: &Step,
        timeouts: LockTimeouts,
        queue: Queue,
        notices: &mut Notices,
    ) -> Result<Result<String, Failure>, Stopped> {
        let unreadable = |source| Stopped::Script { name: step.name.clone(), source };
        let acting = self.settings.acting.clone();
        let mut statements = step.body.statements().map_err(unreadable)?;
        let mut lowering = Lowering::new(step.sets_lock_timeout, timeouts);
        let mut message = self.head(step, timeouts);
        let mut after = String::new();
        let mut first = true;
        let total = step.body.bytes();
        loop {
            let mut chunk: Vec<Streamed> = Vec::new();
            let mut size = 0;
            while size < CHUNK
                && let Some(next) = statements.next()
            {
                let streamed = next.map_err(unreadable)?;
                size += streamed.text.len();
                chunk.push(streamed);
            }
            if first && queue == Queue::Look && !step.sets_lock_timeout {
                let relations = relations(&chunk);
                if !relations.is_empty() {
                    message.ours(Part::Queue, &queue_guard(&relations, patience_with(timeouts)));
                }
            }
            let end = chunk.last().map(|streamed| streamed.statement.range.end);
            for streamed in chunk {
                if let Some(sql) = lowering.before(&streamed) {
                    message.ours(Part::Settings, &sql);
                }
                if !after.is_empty() {
                    message.ours(Part::Settings, &std::mem::take(&mut after));
                }
                if let Some(sql) = step.row_security.before(&streamed.statement, "SET LOCAL") {
                    message.ours(Part::Settings, &sql);
                }
                after = match &acting {
                    Some(acting) => after_theirs(step, acting, &streamed, Reach::Transaction),
                    None => step.row_security.after(&streamed.statement, "SET LOCAL").unwrap_or_default(),
                };
                message.theirs(streamed);
            }
            // After a large one the next is not read yet: there may be no memory for two of them.
            let last = size < CHUNK;
            let commits = last && acting.as_ref().is_none_or(|acting| !acting.grants);
            if commits {
                message.end(OurRows::default(), &self.look(step));
            }
            message.seal();
            if first {
                fault::point("before-message");
            }
            match self.send(&message, step.body.text(), notices) {
                Err(failure) => return Ok(Err(failure)),
                Ok(_) if last && !commits => return Ok(Ok(after)),
                Ok(finish) if last => {
                    let idle = self.session.transaction_status() == TransactionStatus::Idle;
                    if finish.last_tag == "COMMIT" && idle {
                        return Ok(Ok(after));
                    }
                    let what = format!("`{}` where COMMIT was expected", finish.last_tag);
                    let at = message::Place::Commit;
                    return Ok(Err(Failure::new(PgError::Unexpected(what), at)));
                }
                Ok(_) => fault::point("mid-script"),
            }
            first = false;
            if let Some(end) = end {
                self.observer.event(Event::Bytes { done: end as u64, total });
            }
            message = Message::default();
        }
    }

    /// Settings, BEGIN, and the bookkeeping rows **first**: nothing in the script can then touch them.
    pub(super) fn head(&self, step: &Step, timeouts: LockTimeouts) -> Message {
        let mut message = Message::default();
        // The first thing that pg_stat_activity shows of it, which cuts the rest off.
        let settings = format!(
            "/* migration {} */ {}SET lock_timeout = {}; BEGIN ISOLATION LEVEL READ COMMITTED; ",
            step.name.replace("*/", "* /"),
            self.session.prelude(),
            timeouts.rows_ms
        );
        message.ours(Part::Settings, &settings);
        let rows = match step.direction {
            Direction::Up => self.place.applied(&entry(step)),
            Direction::Down if step.source == Source::Derived => {
                let sql = step.down_sql.as_deref().unwrap_or_default();
                format!("{}; {}", self.place.undone(&step.version), self.place.undone_by(&step.version, sql))
            }
            Direction::Down => self.place.undone(&step.version),
        };
        message.ours(Part::Hold, &self.place.held());
        message.ours(Part::Bookkeeping, &format!("{rows}; "));
        if let Some(role) = &self.settings.role {
            message.ours(Part::Settings, &format!("SET LOCAL ROLE {role}; "));
        }
        if let Some(acting) = &self.settings.acting {
            message.ours(Part::Settings, &acting.begin(Reach::Transaction));
        }
        let theirs = self.session.their_local_limits();
        if !theirs.is_empty() {
            message.ours(Part::Settings, &theirs);
        }
        if let Some(setting) = step.row_security.setting() {
            message.ours(Part::Settings, &setting);
        }
        message
    }

    pub(super) fn send(
        &mut self,
        message: &Message,
        whole: Option<&str>,
        notices: &mut Notices,
    ) -> Result<Finish, Failure> {
        let Self { session, watcher, observer, .. } = self;
        let begin = Instant::now();
        let mut finished = 0;
        let mut missing = Vec::new();
        let ended = session.run(&message.text, &mut |incoming| match incoming {
            Incoming::Notice(notice) => notices.keep(notice),
            Incoming::MoreNotices(count) => notices.more += count,
            Incoming::Waiting => tell_blocked(watcher, *observer, begin.elapsed()),
            Incoming::Done(_) => {
                finished += 1;
                missing.clear();
            }
            Incoming::Row(row) if message.is_ending(finished) => missing.extend(row.into_iter().flatten()),
            _ => {}
        });
        ended.map_err(|failed| Failure {
            at: message.place(told(&failed.error), failed.finished, whole),
            error: failed.error,
            committing: message.commits(),
            missing,
        })
    }

    /// After a failed attempt: wait until those who stand in the way have gone, or pause. `false`:
    /// the budget is spent.
    pub(super) fn wait_outside(
        &mut self,
        step: &Step,
        error: &PgError,
        blockers: Option<&Sample>,
    ) -> Result<bool, Stopped> {
        let Some(pause) = self.patience.pause() else { return Ok(false) };
        let why = match (blockers, error) {
            (Some(sample), _) => sample.to_string(),
            (None, error) if error.failure() == PgFailure::DivisionByZero => {
                "an old transaction held one of its tables".into()
            }
            (None, error) => error.to_string().lines().next().unwrap_or_default().to_owned(),
        };
        self.observer.event(Event::Retry { name: step.name.clone(), why, pause });
        if let Some(sample) = blockers.filter(|sample| !sample.is_autovacuum()) {
            let waited = self.watcher.wait_until_gone(sample, self.patience.left())?;
            self.patience.spend(waited);
            if self.patience.is_over() {
                return Ok(false);
            }
            if waited > pause {
                return Ok(true);
            }
        }
        sleep(pause, self.session.interrupt())?;
        Ok(true)
    }

    /// Who holds the relations of the step in an old transaction.
    fn holders(&mut self, step: &Step, timeouts: LockTimeouts) -> Option<Sample> {
        let first: Vec<_> =
            step.body.statements().ok()?.filter_map(Result::ok).take(FIRST_STATEMENTS).collect();
        let names: Vec<_> = relations(&first)
            .iter()
            .map(|name| {
                format!("pg_catalog.to_regclass({})::pg_catalog.oid", crate::pg::literal::Literal(name))
            })
            .collect();
        let sql = format!("{}SELECT {}", self.session.prelude(), names.join(", "));
        let rows = self.session.query(&sql).ok()?;
        let oids: Vec<String> = rows.last()?.rows.first()?.iter().flatten().cloned().collect();
        self.watcher.holders(&oids, patience_with(timeouts))
    }

    /// End a failed transaction, so that the session can go on.
    pub(super) fn roll_back(&mut self, error: &PgError) {
        let gone = matches!(error, PgError::Lost { .. } | PgError::Abandoned);
        if !gone && self.session.transaction_status() != TransactionStatus::Idle {
            // What failed says more than this could.
            drop(self.session.run("ROLLBACK", &mut |_| {}));
        }
    }

    fn tell(&mut self, notices: Notices) {
        for notice in notices.kept {
            self.observer.event(Event::Notice { notice });
        }
        self.more_notices += notices.more;
    }
}

/// Whether to look for old transactions before queueing for a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Queue {
    Look,
    Go,
}

/// A message holds whole statements up to about this size, in bytes.
const CHUNK: usize = LARGEST_KEPT as usize;

/// Of a large script, the relations of so many statements are looked at before it begins.
const FIRST_STATEMENTS: usize = 1_000;

/// Notices kept per attempt: memory stays bounded.
const NOTICES_KEPT: usize = 1_000;

/// The notices of an attempt.
#[derive(Debug, Default)]
pub(super) struct Notices {
    pub(super) kept: Vec<Fields>,
    /// How many there were after those.
    more: usize,
    /// Whether one said that rights were lacking.
    pub(super) lacks: bool,
}

impl Notices {
    fn keep(&mut self, notice: &Fields) {
        self.lacks |= Acting::is_lack(notice);
        if self.kept.len() < NOTICES_KEPT {
            self.kept.push(notice.clone());
        } else {
            self.more += 1;
        }
    }

    pub(super) fn add(&mut self, others: Self) {
        others.kept.iter().for_each(|notice| self.keep(notice));
        self.more += others.more;
    }
}

/// PostgreSQL ends an autovacuum that is in the way after `deadlock_timeout`, one second by default.
const AUTOVACUUM_MS: u64 = 1_500;

fn longest(timeouts: LockTimeouts) -> Duration {
    Duration::from_millis(timeouts.strong_ms.max(timeouts.rows_ms))
}

/// A transaction older than we would wait for it is not waited for in the queue.
fn patience_with(timeouts: LockTimeouts) -> Duration {
    Duration::from_millis(timeouts.strong_ms)
}

/// The relations that the statements lock strongly, quoted for `to_regclass`.
fn relations(statements: &[Streamed]) -> Vec<String> {
    let mut names: Vec<_> = statements
        .iter()
        .filter(|streamed| streamed.statement.facts.lock == Lock::Strong)
        .filter_map(|streamed| streamed.statement.facts.table.as_ref())
        .map(|parts| parts.iter().map(|part| Ident::new(part).to_string()).collect::<Vec<_>>().join("."))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Tell who is in the way of a statement that has been waiting for a while.
pub(super) fn tell_blocked(watcher: &mut Watcher, observer: &mut dyn Observer, elapsed: Duration) {
    let news = watcher.look(elapsed);
    if elapsed >= WORTH_TELLING
        && let Some(sample) = news
    {
        observer.event(Event::Blocked { by: sample.to_string() });
    }
}

/// A shorter wait is told only if it ends in a timeout.
const WORTH_TELLING: Duration = Duration::from_secs(1);

pub(super) fn told(error: &PgError) -> Option<usize> {
    match error {
        PgError::Server(error) => error.0.position,
        _ => None,
    }
}

pub(super) fn entry(step: &Step) -> Entry<'_> {
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

pub(super) fn stopped(
    step: &Step,
    error: PgError,
    at: At,
    state: StateNow,
    blockers: Option<Sample>,
) -> Stopped {
    Stopped::Migration(Box::new(RunError {
        step: Box::new(step.clone()),
        cause: error,
        at,
        state,
        blockers,
        filtered: None,
        done: Done::default(),
    }))
}

impl Failure {
    pub(super) fn new(error: PgError, at: message::Place) -> Self {
        Self { error, at, committing: false, missing: Vec::new() }
    }
}

fn with_done(stopped: Stopped, done: Done) -> Stopped {
    match stopped {
        Stopped::Migration(error) => Stopped::Migration(Box::new(RunError { done, ..*error })),
        other => other,
    }
}
