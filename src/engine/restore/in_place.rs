//! For a role that may not create databases: into the live database itself, in one transaction. COMMIT is sent last, only
//! if all before it went well; whether it happened is read back from the restore's own row, not taken from psql's exit.

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::thread;
use std::time::{Duration, Instant};

use crate::engine::archive::Archive;
use crate::engine::archive::adapted::{Adapted, Known};
use crate::engine::backup::manifest::Layout;
use crate::engine::ledger::lock::Waiting;
use crate::engine::ledger::owners::Owners;
use crate::engine::ledger::store::Ended;
use crate::engine::ledger::{Facts, LEDGER_TABLE};
use crate::engine::operation::{Locked, OpenError, Opening};
use crate::engine::{Event, Observer, fault, reset};
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
use crate::pg::session::Session;
use crate::pg::tools::client::{Client, ClientError};

use super::RestoreError;
use super::carry::{self, Row};
use super::cause;
use super::decrypt::{plaintext, table_of_contents};
use super::error::Obstacle;
use super::expected::Expected;
use super::fill::Filling;
use super::forced;
use super::guarded::refused;
use super::load::{drain, failed, feed, script_arguments};
use super::pipe::known;

/// How long the server is asked what became of a lost COMMIT.
const SETTLE: Duration = Duration::from_secs(30);

/// How much of pg_restore's script is held back until it has ended well: its COMMIT is in there.
const TAIL: usize = 4096;

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
    pub fn run(
        &self,
        mut locked: Locked,
        observer: &mut dyn Observer,
    ) -> Result<Option<String>, RestoreError> {
        let expected = self.filling.read(self.opening, observer)?;
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
        let row = carry::begin(self.opening, &locked.ledger, self.environment)?;
        let Some(row) = row else { return Err(RestoreError::NoEnd) };
        let mut sent = false;
        let done = self.stream(&mut locked, row, &expected, &mut sent, observer);
        let done = match (self.outcome(row, &self.opening.owners(&locked.ledger.facts), sent), done) {
            // It was committed, whatever else went wrong or was asked for at that moment.
            (Ok(true), _) => Ok(()),
            // psql may end well before anybody sees that it was to stop.
            (Ok(false), Ok(())) if self.opening.interrupt.is_raised() => Err(PgError::Interrupted.into()),
            (Ok(false), Ok(())) => Err(RestoreError::NoEnd),
            (Ok(false), Err(error)) => Err(error),
            // Whose row says what is true once the server answers: nothing is written over it.
            (Err(source), _) => return Err(RestoreError::Unknown { source }),
        };
        if let Err(error) = done {
            let how = if self.opening.interrupt.is_raised() { Ended::Interrupted } else { Ended::Failed };
            carry::end(self.opening, Some(row), how, &error.to_string());
            return Err(error);
        }
        observer.event(Event::Phase { what: "ANALYZE".into() });
        let analyzed = locked.session.query("ANALYZE");
        Ok(analyzed.err().map(|error| format!("ANALYZE is left to do: {error}")))
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
        row: Row,
        expected: &Expected,
        sent: &mut bool,
        observer: &mut dyn Observer,
    ) -> Result<(), RestoreError> {
        let archive = self.archive()?;
        let plan = Plan::make(&mut locked.session, &locked.ledger.facts, &self.opening.bookkeeping)?;
        let list = self.list(&plan, &archive)?;
        let head = plan.head(&self.opening.bookkeeping, &locked.ledger.facts, self.opening);
        let tail = self.tail(row, expected);
        observer.event(Event::Begin { name: self.filling.source.name(), verb: "restore" });
        let begin = Instant::now();
        fault::point("restore-loading");
        let known = known(&mut locked.session)?;
        self.pipe(list.path(), &head, &tail, known, sent)?;
        observer.event(Event::End { name: self.filling.source.name(), took: begin.elapsed() });
        Ok(())
    }

    fn archive(&self) -> Result<Archive, RestoreError> {
        let source = self.filling.source;
        if let Some(archive) = source.archive()? {
            return Ok(archive);
        }
        table_of_contents(source, self.filling.identity, &self.opening.interrupt)
    }

    /// What of the archive is restored, for `pg_restore --use-list`: not what stays.
    fn list(&self, plan: &Plan, archive: &Archive) -> Result<tempfile::NamedTempFile, RestoreError> {
        let bookkeeping = self.opening.bookkeeping.as_str();
        let mut list = tempfile::NamedTempFile::new().map_err(|source| self.unwritable(source))?;
        let mut text = String::new();
        for entry in &archive.entries {
            let is_ours = entry.namespace.as_deref() == Some(bookkeeping)
                || entry.tag == bookkeeping
                || entry.tag == format!("SCHEMA {bookkeeping}");
            let wanted = match entry.desc.as_str() {
                // What the migrations and seeds of the backup were belongs to its rows; all else of ours to the place.
                "TABLE DATA" if is_ours => ["migration", "seed", "expected"].contains(&entry.tag.as_str()),
                _ if is_ours => false,
                "EXTENSION" => !plan.extensions.contains(&entry.tag),
                "COMMENT" => !plan.extensions.iter().any(|name| {
                    entry.tag == format!("EXTENSION {name}")
                        || entry.tag == format!("EXTENSION {}", Ident::new(name))
                }),
                "SCHEMA" => !plan.kept.contains(&entry.tag),
                _ => true,
            };
            if wanted {
                text.push_str(&format!("{}; 0 0\n", entry.dump_id));
            }
        }
        list.write_all(text.as_bytes()).map_err(|source| self.unwritable(source))?;
        Ok(list)
    }

    fn unwritable(&self, source: io::Error) -> RestoreError {
        super::source::SourceError::Io { path: "a temporary file".into(), source }.into()
    }

    /// Counted before it is kept; then the row that says so; then COMMIT, the last bytes.
    fn tail(&self, row: Row, expected: &Expected) -> String {
        let bookkeeping = &self.opening.bookkeeping;
        let mut sql =
            String::from("\nRESET SESSION AUTHORIZATION;\nSET LOCAL search_path = pg_catalog, pg_temp;\n");
        sql.push_str(&forced::unforced());
        for table in expected.tables.iter().filter(|table| table.schema != bookkeeping.as_str()) {
            // Another number is a division by zero, and no COMMIT.
            sql.push_str(&format!(
                "SELECT 1 / (pg_catalog.count(*) OPERATOR(pg_catalog.=) {})::pg_catalog.int4 FROM ONLY {}.{};\n",
                table.rows,
                Ident::new(&table.schema),
                Ident::new(&table.name)
            ));
        }
        sql.push_str(&forced::again());
        for table in ["migration", "seed"] {
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

    fn pipe(
        &self,
        list: &Path,
        head: &str,
        tail: &str,
        known: Known,
        sent: &mut bool,
    ) -> Result<(), RestoreError> {
        let interrupt = &self.opening.interrupt;
        let source = self.filling.source;
        let mut arguments = vec!["--single-transaction".into(), "--file=-".into()];
        arguments.push({
            let mut flag = std::ffi::OsString::from("--use-list=");
            flag.push(list);
            flag
        });
        arguments.extend(self.filling.ownership.flags());
        if !source.is_encrypted() {
            arguments.push("--".into());
            arguments.push(source.payload().into());
        }
        let name = "pgkeel restore";
        let reader = Client {
            program: &self.filling.programs.pg_restore,
            url: None,
            arguments,
            options: None,
            application_name: name,
            interrupt,
        };
        let writer = Client {
            program: self.filling.programs.psql()?,
            url: Some(&self.opening.url),
            arguments: script_arguments(),
            options: Some("-c default_transaction_read_only=off".into()),
            application_name: name,
            interrupt,
        };
        let mut writing = writer.start().map_err(failed("cannot start psql"))?;
        let mut reading = reader.start().map_err(failed("cannot start pg_restore"))?;
        let (Some(script), Some(psql)) = (reading.take_stdout(), writing.take_stdin()) else {
            return Err(RestoreError::NoEnd);
        };
        let quiet = drain(writing.take_stdout());
        let sealed = match (source.is_encrypted(), reading.take_stdin()) {
            (true, Some(stdin)) => {
                let text = plaintext(source, self.filling.identity, interrupt)?;
                Some(thread::spawn(move || feed(text, stdin, &AtomicU64::new(0), None)))
            }
            _ => None,
        };
        let head = head.to_owned();
        let script = Adapted::new(script, known);
        let between = thread::spawn(move || forward(script, psql, &head));
        let ended = reading.wait(&mut || {});
        let forwarded = between.join().unwrap_or_else(|_| Err(io::Error::other("the thread between died")));
        let fed =
            sealed.map_or(Ok(()), |fed| fed.join().unwrap_or_else(|_| Err(io::Error::other("it died"))));
        // Without COMMIT, psql rolls everything back when its input ends.
        let whole = ended.is_ok() && fed.is_ok();
        let finished = match forwarded {
            Ok((psql, rest)) if whole => finish(psql, &rest, tail, interrupt, sent),
            // Its input must end, or psql waits for more.
            Ok((psql, _)) => {
                drop(psql);
                Ok(())
            }
            Err(error) => Err(error),
        };
        let wrote = writing.wait(&mut || {});
        drop(quiet.join());
        // psql's own word comes first: that nobody reads pg_restore any more is but its echo.
        match wrote {
            Err(error @ ClientError::Failed { .. }) => return Err(cause::psql(error)),
            other => other.map_err(failed("psql failed"))?,
        }
        ended.map_err(failed("pg_restore failed"))?;
        let path = source.payload();
        fed.and(finished).map_err(|source| super::source::SourceError::Io { path, source }.into())
    }
}

/// Hand the script on, its last bytes held back.
fn forward<W: Write>(mut script: impl Read, mut psql: W, head: &str) -> io::Result<(W, Vec<u8>)> {
    psql.write_all(head.as_bytes())?;
    let mut held = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match script.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => held.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        if held.len() > 2 * TAIL {
            let on = held.len() - TAIL;
            psql.write_all(&held[..on])?;
            held.drain(..on);
        }
    }
    Ok((psql, held))
}

/// The rest of the script, our own end in the place of its COMMIT; `sent` once that may have gone out.
fn finish(
    mut psql: impl Write,
    rest: &[u8],
    tail: &str,
    interrupt: &Interrupt,
    sent: &mut bool,
) -> io::Result<()> {
    const COMMIT: &[u8] = b"\nCOMMIT;\n";
    let no_end = || io::Error::other("pg_restore's script does not end in COMMIT");
    let at = rest.windows(COMMIT.len()).rposition(|window| window == COMMIT).ok_or_else(no_end)?;
    psql.write_all(&rest[..=at])?;
    psql.write_all(&rest[at + COMMIT.len()..])?;
    fault::point("restore-before-commit");
    if interrupt.is_raised() {
        return Ok(());
    }
    *sent = true;
    psql.write_all(tail.as_bytes())?;
    psql.flush()
}

/// What goes and what stays.
struct Plan {
    drops: Vec<String>,
    /// Schemas that are not dropped.
    kept: Vec<String>,
    /// Extensions that are not dropped.
    extensions: Vec<String>,
    ledger: Option<String>,
}

impl Plan {
    fn make(session: &mut Session, facts: &Facts, bookkeeping: &Ident) -> Result<Self, RestoreError> {
        let ledger_schema = Ident::new(facts.ledger_schema.as_deref().unwrap_or("public"));
        let rows = session.catalog(&reset::drops(bookkeeping, &ledger_schema))?;
        let drops: Vec<String> = rows.rows.into_iter().filter_map(|mut row| row.remove(0)).collect();
        let schemas =
            session.catalog("SELECT nspname, format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace")?;
        let kept = (0..schemas.rows.len())
            .filter(|row| drops.iter().all(|drop| Some(drop.as_str()) != schemas.get(*row, 1)))
            .filter_map(|row| schemas.get(row, 0).map(str::to_owned))
            .collect();
        let there = session.catalog("SELECT extname FROM pg_extension")?;
        let extensions: Vec<String> = there.rows.into_iter().filter_map(|mut row| row.remove(0)).collect();
        Ok(Self {
            drops,
            kept,
            extensions,
            ledger: facts.has_ledger.then(|| format!("{ledger_schema}.{LEDGER_TABLE}")),
        })
    }

    fn head(&self, bookkeeping: &Ident, facts: &Facts, opening: &Opening) -> String {
        let owners = opening.owners(facts);
        let hold =
            owners.hold(bookkeeping).ours(&["operation", "last_operation", "migration", "seed", "expected"]);
        let mut sql = format!(
            "BEGIN;\nSET LOCAL client_min_messages = warning;\nSET LOCAL lock_timeout = '5s';\n\
             SET LOCAL search_path = pg_catalog, pg_temp;\n{}\n",
            hold.all()
        );
        for table in ["migration", "seed"] {
            sql.push_str(&format!(
                "ALTER TABLE {bookkeeping}.{table} DROP CONSTRAINT IF EXISTS {table}_operation_id_fkey;\n\
                 DELETE FROM {bookkeeping}.{table};\n"
            ));
        }
        // A backup that has none leaves it unknown, which is the truth.
        sql.push_str(&format!("DELETE FROM {bookkeeping}.expected;\n"));
        for statement in &self.drops {
            sql.push_str(&format!("{statement};\n"));
        }
        if let Some(ledger) = &self.ledger {
            sql.push_str(&format!("DROP TABLE IF EXISTS {ledger} CASCADE;\n"));
        }
        sql.push_str(
            "SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata \
             WHERE pg_catalog.pg_has_role(lomowner, 'USAGE');\n",
        );
        sql
    }
}
