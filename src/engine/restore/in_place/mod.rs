//! For a role that may not create databases: into the live database itself, in one transaction. COMMIT is sent last, only
//! if all before it went well; whether it happened is read back from the restore's own row, not taken from psql's exit.

mod careful;
mod counts;
mod defaults;
mod pipe;
mod plan;

use std::thread;
use std::time::{Duration, Instant};

use crate::engine::archive::Archive;
use crate::engine::backup::manifest::Layout;
use crate::engine::ledger::lock::Waiting;
use crate::engine::ledger::owners::Owners;
use crate::engine::ledger::store::Ended;
use crate::engine::login::trusted;
use crate::engine::operation::{Locked, OpenError, Opening};
use crate::engine::{Event, Observer, fault};
use crate::pg::error::PgError;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

use super::RestoreError;
use super::analyze::analyze;
use super::careful::{Path, Schemas};
use super::carry::{self, Row};
use super::error::Obstacle;
use super::expected::Expected;
use super::fill::{Filling, is_refused, retry};
use super::forced;
use super::guarded::refused;
use super::load::Extent;
use super::pipe::known;
use super::select::Selection;
use careful::Careful;
use pipe::Piece;
use plan::Plan;

/// How long the server is asked what became of a lost COMMIT.
const SETTLE: Duration = Duration::from_secs(30);

/// What is restored in place.
#[derive(Debug, Clone, Copy)]
pub struct InPlace<'a> {
    /// How it is restored.
    pub filling: Filling<'a>,
    /// The way to the live database.
    pub opening: &'a Opening,
    /// The environment's name, if one is stated.
    pub environment: Option<&'a str>,
    /// Whether the operations that the backup names are those of this place.
    pub same_place: bool,
}

/// How it is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// As it is.
    Whole,
    /// Step by step, after that has failed.
    Careful,
}

/// Look whether it can be done so at all.
///
/// # Errors
/// `Refused`.
pub fn may_be_in_place(filling: &Filling<'_>) -> Result<(), RestoreError> {
    filling.programs.psql()?;
    if filling.source.is_rows_alone() {
        let what =
            format!("`{}` has rows alone, which are restored into a new database", filling.source.name());
        return Err(RestoreError::Refused(vec![Obstacle::new(what, "restore it without `--in-place`")]));
    }
    if filling.source.layout() == Layout::Plain {
        let what = "a plain script may hold transactions of its own, and cannot be restored in one";
        return Err(RestoreError::Refused(vec![Obstacle::new(what, "dump it as an archive: `pg_dump -Fc`")]));
    }
    Ok(())
}

/// Take the migration lock for a restore in place.
///
/// # Errors
/// See `OpenError`.
pub fn lock(opening: &Opening, waiting: Waiting, observer: &mut dyn Observer) -> Result<Locked, OpenError> {
    let mut locked = opening.lock(opening.connect()?, waiting, observer)?;
    if locked.ledger.facts.standby {
        return Err(OpenError::Standby { database: locked.ledger.facts.database });
    }
    locked.session.query(&locked.session.prelude())?;
    Ok(locked)
}

impl InPlace<'_> {
    /// Restore, under the lock.
    ///
    /// # Errors
    /// See `RestoreError`; but for `RestoreError::Unknown` the database is as it was. Returns what is worth a word.
    pub fn run(&self, mut locked: Locked, observer: &mut dyn Observer) -> Result<Vec<String>, RestoreError> {
        let mut expected = self.filling.read(self.opening, observer)?;
        self.filling.select.narrow(&mut expected);
        if let Some(found) =
            self.filling.guarded(&mut locked.session, expected.code.as_deref(), &self.opening.interrupt)?
        {
            return Err(refused(
                &found,
                "in place everything runs in one session: restore without `--in-place`",
            ));
        }
        self.filling.create_roles(&mut locked.session, observer)?;
        // The row is the end marker: our tables must be there.
        let store = self.opening.store(&locked.ledger.facts)?;
        store.upgrade(&locked.ledger.facts)?;
        locked.ledger.facts.bookkeeping = crate::engine::ledger::Bookkeeping::Present;
        let mut archive = self.filling.load(Extent::Everything).contents(&self.opening.interrupt)?;
        let plan = self.plan(&mut locked, &mut archive)?;
        let row = carry::begin(self.opening, &locked.ledger, self.environment)?;
        let Some(row) = row else { return Err(RestoreError::NoEnd) };
        let mut way = Way::Whole;
        let mut done = self.attempt(&mut locked, (row, &plan), (&archive, &expected), way, observer);
        if let Err(error) = &done
            && is_refused(error)
        {
            way = Way::Careful;
            observer.event(retry(self.filling.source, error));
            done = self.attempt(&mut locked, (row, &plan), (&archive, &expected), way, observer);
        }
        if let Err(error @ RestoreError::Unknown { .. }) = done {
            // Its row says what is true once the server answers: nothing is written over it.
            return Err(error);
        }
        if let Err(error) = done {
            let how = if self.opening.interrupt.is_raised() { Ended::Interrupted } else { Ended::Failed };
            carry::end(self.opening, Some(row), how, &error.to_string());
            return Err(error);
        }
        observer.event(Event::Phase { what: "ANALYZE".into() });
        // It is committed: a Ctrl-C changes nothing of that any more.
        let analyzed = analyze(&mut locked.session);
        let mut notes: Vec<String> = analyzed
            .unwrap_or_else(|error| Some(format!("ANALYZE is left to do: {error}")))
            .into_iter()
            .collect();
        if way == Way::Careful {
            match careful::relaxed(&mut locked.session, &archive) {
                Ok(more) => notes.extend(more),
                Err(error) => {
                    notes.push(format!("which constraints are NOT VALID could not be read: {error}"))
                }
            }
        }
        Ok(notes)
    }

    fn plan(&self, locked: &mut Locked, archive: &mut Archive) -> Result<Plan, RestoreError> {
        let Filling { select, .. } = self.filling;
        let plan = Plan::make(&mut locked.session, &locked.ledger.facts, &self.opening.bookkeeping, select)?;
        if !select.schemas.is_empty() && plan.has_ledger {
            // What was recorded of migrations comes back with their schema.
            let more = [self.opening.bookkeeping.as_str().to_owned()];
            let with_ours =
                Selection { schemas: select.schemas.iter().cloned().chain(more).collect(), ..select.clone() };
            let filling = Filling { select: &with_ours, ..self.filling };
            *archive = filling.load(Extent::Everything).contents(&self.opening.interrupt)?;
        }
        plan.narrow(archive, self.opening.bookkeeping.as_str());
        Ok(plan)
    }

    /// Try it once.
    fn attempt(
        &self,
        locked: &mut Locked,
        (row, plan): (Row, &Plan),
        (archive, expected): (&Archive, &Expected),
        way: Way,
        observer: &mut dyn Observer,
    ) -> Result<(), RestoreError> {
        let mut sent = false;
        let mut pieces =
            vec![Piece::Sql(plan.head(&self.opening.bookkeeping, &locked.ledger.facts, self.opening))];
        match way {
            Way::Whole => {
                pieces.push(Piece::Entries(archive.entries.iter().map(|entry| entry.dump_id).collect()));
            }
            Way::Careful => pieces.extend(self.careful(&mut locked.session, archive)?),
        }
        let take_back = if way == Way::Careful { careful::TAKE_BACK } else { "" };
        let tail = self.tail(row, plan, expected, (take_back, archive));
        let done = self.stream(locked, &pieces, &tail, &mut sent, observer);
        match (self.outcome(row, &self.opening.owners(&locked.ledger.facts), sent), done) {
            // It was committed, whatever else went wrong or was asked for at that moment.
            (Ok(true), _) => Ok(()),
            // psql may end well before anybody sees that it was to stop.
            (Ok(false), Ok(())) if self.opening.interrupt.is_raised() => Err(PgError::Interrupted.into()),
            (Ok(false), Ok(())) => Err(RestoreError::NoEnd),
            (Ok(false), Err(error)) => Err(error),
            (Err(source), _) => Err(RestoreError::Unknown { source }),
        }
    }

    fn careful(&self, session: &mut Session, archive: &Archive) -> Result<Vec<Piece>, RestoreError> {
        let manifest = self.filling.source.manifest().map(|manifest| &manifest.source.properties);
        let trusted = trusted(session, self.filling.trust)?;
        let owner = manifest.map(|properties| properties.owner.as_str());
        let mut schemas = Schemas::of(archive, trusted.clone(), owner, self.opening.bookkeeping.as_str());
        if let Some(trusted) = trusted {
            let trusted: Vec<String> = trusted.into_iter().collect();
            // Others work in this database at the same time.
            schemas.leave_out(&careful::open_schemas(session, &trusted)?);
        }
        let path = Path::of(manifest);
        let server_version = session.server_version();
        Ok(Careful { archive, schemas: &schemas, path: &path, server_version }.pieces())
    }

    /// Whether it was committed. psql sends one statement at a time, and is gone by now: without our end sent, there was no
    /// COMMIT.
    fn outcome(&self, row: Row, owners: &Owners, sent: bool) -> Result<bool, PgError> {
        if !sent {
            return Ok(false);
        }
        // Also after Ctrl-C: it is the truth that is asked for.
        let calm = Opening { interrupt: Interrupt::default(), ..self.opening.clone() };
        let begin = Instant::now();
        loop {
            match self.has_ended(&calm, row, owners) {
                Err(_) if begin.elapsed() < SETTLE => thread::sleep(Duration::from_millis(200)),
                answer => return answer,
            }
        }
    }

    /// The row's lock is held until COMMIT has ended, one way or the other.
    fn has_ended(&self, calm: &Opening, row: Row, owners: &Owners) -> Result<bool, PgError> {
        let mut session = calm.connect()?;
        let bookkeeping = &self.opening.bookkeeping;
        let sql = format!(
            "SET lock_timeout = '10s'; BEGIN; {}SELECT outcome FROM ONLY {bookkeeping}.operation \
             WHERE id OPERATOR(pg_catalog.=) {}::pg_catalog.int8 FOR UPDATE; COMMIT",
            owners.hold(bookkeeping).ours(&["operation"]).all(),
            row.id()
        );
        let answers = session.query(&sql)?;
        Ok(answers.iter().rev().find_map(|rows| rows.get(0, 0)) == Some("done"))
    }

    fn stream(
        &self,
        locked: &mut Locked,
        pieces: &[Piece],
        tail: &str,
        sent: &mut bool,
        observer: &mut dyn Observer,
    ) -> Result<(), RestoreError> {
        observer.event(Event::Begin { name: self.filling.source.name(), verb: "restore" });
        let begin = Instant::now();
        fault::point("restore-loading");
        let known = known(&mut locked.session)?;
        self.pipe(pieces, tail, &known, sent)?;
        observer.event(Event::End { name: self.filling.source.name(), took: begin.elapsed() });
        Ok(())
    }

    /// Counted before it is kept; then the row that says so; then COMMIT, the last bytes.
    fn tail(
        &self,
        row: Row,
        plan: &Plan,
        expected: &Expected,
        (take_back, archive): (&str, &Archive),
    ) -> String {
        let foreign = matches!(self.filling.source, crate::engine::restore::source::Source::Foreign(_))
            .then_some(archive);
        let bookkeeping = &self.opening.bookkeeping;
        // The script of the archive has set its own client_encoding; the names below are in UTF8.
        let mut sql = String::from(
            "\nRESET SESSION AUTHORIZATION;\nSET client_encoding = 'UTF8';\n\
             SET LOCAL search_path = pg_catalog, pg_temp;\n",
        );
        sql.push_str(&forced::unforced());
        let tables = expected.tables.iter().filter(|table| table.schema != bookkeeping.as_str());
        sql.push_str(&counts::counted(tables));
        sql.push_str(&forced::again());
        // A function in an index is read with its search_path when a query over the table is planned.
        sql.push_str(take_back);
        sql.push_str(&plan.put_back(self.filling.select, self.filling.ownership, foreign));
        for table in ["migration", "seed"].into_iter().filter(|_| plan.has_ledger) {
            let stranger = if self.same_place {
                format!("operation_id NOT IN (SELECT id FROM {bookkeeping}.operation)")
            } else {
                "true".to_owned()
            };
            sql.push_str(&format!(
                "UPDATE {bookkeeping}.{table} SET operation_id = NULL WHERE operation_id IS NOT NULL AND {stranger};\n\
                 ALTER TABLE {bookkeeping}.{table} ADD CONSTRAINT {table}_operation_id_fkey \
                   FOREIGN KEY (operation_id) REFERENCES {bookkeeping}.operation (id);\n"
            ));
        }
        sql.push_str(&format!(
            "UPDATE {bookkeeping}.operation SET outcome = 'done', finished_at = pg_catalog.clock_timestamp(), message = {} \
             WHERE id = {};\nUPDATE {bookkeeping}.last_operation SET outcome = 'done' WHERE id = {};\nCOMMIT;\n",
            Literal(&format!("{} was restored in place", self.filling.source.name())),
            row.id(),
            row.id()
        ));
        sql
    }
}
