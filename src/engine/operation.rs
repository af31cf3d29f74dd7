//! One run that writes: the lock, what was read under it, the bookkeeping tables, and the
//! `operation` row that every change points to. Every command that changes a database comes here, but
//! `execute`, which runs what it is given.

use crate::pg::connect::ConnectOptions;
use crate::pg::error::{PgError, PgFailure, Refused};
use crate::pg::ident::Ident;
use crate::pg::interrupt::Interrupt;
use crate::pg::session::Session;
use crate::pg::url::DatabaseUrl;

use super::Observer;
use super::fault;
use super::ledger::hold::stranger;
use super::ledger::lock::{LockError, Waiting, read_locked};
use super::ledger::look::Known;
use super::ledger::owners::{Owners, strangers};
use super::ledger::read::{Lock, read};
use super::ledger::rows::{Place, create_ledger};
use super::ledger::store::{Author, Ended, NewOperation, PoolSize, Store, StoreError, WayBack};
use super::ledger::{Bookkeeping, Facts, LEDGER_TABLE, Ledger};
use super::migrations::plan::Plan;
use super::migrations::runner::{Books, Done, Runner, Settings, Stopped};
use super::unmanaged::{ForeignLedger, Unmanaged};
use super::withheld::Withheld;

/// How to open a database for work.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The database, around its pooler.
    pub url: DatabaseUrl,
    /// The bookkeeping schema.
    pub bookkeeping: Ident,
    /// How to connect.
    pub options: ConnectOptions,
    /// Ctrl-C.
    pub interrupt: Interrupt,
    /// The pool for the bookkeeping tables.
    pub pool: PoolSize,
    /// Who.
    pub author: Author,
    /// Whether a ledger may be created although another schema, or another tool, holds one (`--new-ledger`).
    pub new_ledger: bool,
    /// Other roles that may own the tables of the record (`trusted_owners`).
    pub trusted_owners: Vec<String>,
}

/// What keeps a run from beginning.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The lock was not had.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The bookkeeping tables are not to be had.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server said no.
    #[error(transparent)]
    Pg(#[from] PgError),
    /// Row-level security withholds a part of the record.
    #[error("{0}")]
    Withheld(Withheld),
    /// Nothing can be written there.
    #[error("`{database}` is a standby: it follows another server and cannot be written")]
    Standby {
        /// The database.
        database: String,
    },
    /// A restore stopped the writing there, and was killed.
    #[error("a restore has stopped the writing in `{database}`")]
    Stopped {
        /// The database.
        database: String,
    },
    /// A table of the record belongs to a role that is not trusted.
    #[error("{}", .0.what)]
    Owner(Refused),
    /// The bookkeeping schema is in the search_path.
    #[error(
        "the bookkeeping schema `{schema}` is in the search_path of role `{role}` (perhaps by `\"$user\"`), so the application's own tables and ledger would land in it"
    )]
    InSearchPath {
        /// The schema.
        schema: String,
        /// The role.
        role: String,
    },
    /// The user's ledger is missing and cannot be created.
    #[error("cannot create the ledger `{schema}.__diesel_schema_migrations`")]
    Ledger {
        /// Its schema.
        schema: Ident,
        /// Who asked.
        role: Ident,
        /// Why.
        source: PgError,
    },
    /// Another schema holds a ledger, which the search_path does not find.
    #[error(
        "the search_path of role `{role}` finds no ledger and would create `{here}.__diesel_schema_migrations`, but `{database}` already has {}",
        others.iter().map(|schema| format!("`{schema}.__diesel_schema_migrations`")).collect::<Vec<_>>().join(", ")
    )]
    SecondLedger {
        /// The database.
        database: String,
        /// The role.
        role: String,
        /// Where it would be created.
        here: String,
        /// The schemas that hold one.
        others: Vec<String>,
    },
    /// Another tool's ledger is there, and none of Diesel's.
    #[error(
        "`{database}` holds the migration ledger of {}, and `{LEDGER_TABLE}` records no migration; nothing was run, because migrations that \
         {} applied there already would run a second time",
        ledgers.iter().map(|one| format!("{} (`{}`)", one.tool, one.table)).collect::<Vec<_>>().join(", "),
        if ledgers.len() == 1 { "it" } else { "they" }
    )]
    ForeignLedger {
        /// The database.
        database: String,
        /// Their ledgers.
        ledgers: Vec<ForeignLedger>,
        /// The newest version that would have been applied.
        newest: String,
    },
    /// No schema of the search_path exists.
    #[error("no schema of the search_path exists in `{database}`, so there is no place for the ledger")]
    NoSchema {
        /// The database.
        database: String,
    },
}

/// Added to the options of a session that has to write although the database is read-only by default.
const WRITING: &str = " -c default_transaction_read_only=off";

impl Opening {
    /// Connect and look; nothing is locked and nothing created.
    ///
    /// # Errors
    /// `OpenError::Pg`.
    pub fn look(&self) -> Result<(Session, Ledger), OpenError> {
        let mut session = self.connect()?;
        let read = read(&mut session, &self.bookkeeping, Lock::Leave);
        let (ledger, _) = read.map_err(|error| self.explained(&mut session, error))?;
        self.check(&ledger)?;
        Ok((session, ledger))
    }

    fn check(&self, ledger: &Ledger) -> Result<(), OpenError> {
        if ledger.facts.bookkeeping_in_path {
            let (schema, role) = (self.bookkeeping.as_str().to_owned(), ledger.facts.role.clone());
            return Err(OpenError::InSearchPath { schema, role });
        }
        Ok(())
    }

    /// Whether a run may create the ledger, where there is none: not because the search_path misses the one that another
    /// schema holds. A URL that names the schema says where.
    ///
    /// # Errors
    /// `OpenError::SecondLedger`.
    pub fn may_create_ledger(&self, ledger: &Ledger) -> Result<(), OpenError> {
        let facts = &ledger.facts;
        if facts.has_ledger
            || facts.other_ledgers.is_empty()
            || self.new_ledger
            || self.url.schema().is_some()
        {
            return Ok(());
        }
        Err(OpenError::SecondLedger {
            database: facts.database.clone(),
            role: facts.role.clone(),
            here: facts.ledger_schema.clone().unwrap_or_else(|| "?".to_owned()),
            others: facts.other_ledgers.clone(),
        })
    }

    /// Whether the first run may apply this plan: not where another tool's ledger says that migrations ran already.
    ///
    /// # Errors
    /// `OpenError::ForeignLedger`.
    pub fn may_apply(&self, session: &mut Session, ledger: &Ledger, plan: &Plan) -> Result<(), OpenError> {
        let Some(last) = plan.steps.last().filter(|_| !ledger.is_in_use() && !self.new_ledger) else {
            return Ok(());
        };
        match Unmanaged::look(session, &self.bookkeeping)?.ledgers {
            none if none.is_empty() => Ok(()),
            ledgers => Err(OpenError::ForeignLedger {
                database: ledger.facts.database.clone(),
                ledgers,
                newest: last.version.clone(),
            }),
        }
    }

    /// Why the record could not be read.
    fn explained(&self, session: &mut Session, error: PgError) -> OpenError {
        match Withheld::explain(session, &self.bookkeeping, &error) {
            Some(withheld) => OpenError::Withheld(withheld),
            None => error.into(),
        }
    }

    /// Connect only.
    ///
    /// # Errors
    /// What the server says.
    pub fn connect(&self) -> Result<Session, PgError> {
        Session::connect(&self.url, &self.options, &self.interrupt)
    }

    /// Take the migration lock on this session, and read under it.
    ///
    /// # Errors
    /// See `OpenError`.
    pub fn lock(
        &self,
        mut session: Session,
        wait: Waiting,
        observer: &mut dyn Observer,
    ) -> Result<Locked, OpenError> {
        let read = read_locked(&mut session, &self.bookkeeping, wait, &self.author.host, observer);
        let ledger = read.map_err(|error| match error {
            LockError::Pg(error) => self.explained(&mut session, error),
            other => other.into(),
        })?;
        fault::point("after-lock");
        self.check(&ledger)?;
        Ok(Locked { opening: self.clone(), session, ledger })
    }

    /// Our own tables, as they are; nothing is created.
    ///
    /// # Errors
    /// `StoreError::Pool`.
    pub fn store(&self, facts: &Facts) -> Result<Store, StoreError> {
        Store::connect(&self.url, &self.bookkeeping, self.pool, self.owners(facts))
    }

    /// Whose the tables of the record are.
    pub fn owners(&self, facts: &Facts) -> Owners {
        Owners::of(facts, &self.trusted_owners, &self.bookkeeping)
    }

    /// Whether the tables of the record belong to roles whose tables we write.
    ///
    /// # Errors
    /// `OpenError::Owner`.
    pub fn trusts_owners(&self, facts: &Facts) -> Result<(), OpenError> {
        let Some(one) = strangers(&facts.owned, &self.trusted_owners).next() else { return Ok(()) };
        let what = match one.table {
            Some(_) => format!("the table `{}`", one.name()),
            None => format!("the schema `{}`", one.name()),
        };
        Err(OpenError::Owner(stranger(&what, &one.owner, std::slice::from_ref(&facts.role))))
    }

    /// Connect to the database from which this one is created, renamed and dropped.
    ///
    /// # Errors
    /// What the server says.
    pub fn maintenance(&self, database: &str) -> Result<Session, PgError> {
        let connect = |other| {
            Session::connect(&self.url.with_database(other), &self.options.for_ours(), &self.interrupt)
        };
        let usual = Some("postgres").filter(|usual| *usual != database).map(connect);
        match usual {
            None => connect("template1"),
            // Only where it is never to be had: runs take turns by a lock in it, and must all come to the same.
            Some(Err(error)) if is_closed(&error) => connect("template1"),
            Some(connected) => connected,
        }
    }

    /// The same, for SQL that a person runs as if in psql.
    #[must_use]
    pub fn as_found(&self) -> Self {
        Self { options: self.options.as_found(), ..self.clone() }
    }

    /// The same, for whoever has to write although the database is read-only by default: a restore that stopped the
    /// others. What the session is started with goes before what is set on the database (docs 20.1.3).
    #[must_use]
    pub fn writing(&self) -> Self {
        let given = self.url.get("options").unwrap_or_default();
        let options = format!("{given}{WRITING}");
        let url = self.url.with_param("options", options.trim_start());
        Self { url: url.unwrap_or_else(|_| self.url.clone()), ..self.clone() }
    }

    /// Whether its sessions have to write although a restore refuses writes.
    fn writes_anyway(&self) -> bool {
        self.url.get("options").is_some_and(|options| options.ends_with(WRITING.trim_start()))
    }

    /// The same, to another database of the server.
    #[must_use]
    pub fn of_database(&self, name: &str) -> Self {
        Self { url: self.url.with_database(name), ..self.clone() }
    }

    /// Create the database. Returns whether it was missing.
    ///
    /// # Errors
    /// What the server says, above all where the role may not.
    pub fn create_database(&self, name: &str) -> Result<bool, PgError> {
        match self.maintenance(name)?.query(&format!("CREATE DATABASE {}", Ident::new(name))) {
            Ok(_) => Ok(true),
            // Somebody else was faster.
            Err(error) if error.failure() == PgFailure::DatabaseExists => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// There is no such database, or this role may not enter it (by its grants or by pg_hba.conf).
fn is_closed(error: &PgError) -> bool {
    let closed = [PgFailure::NoSuchDatabase, PgFailure::NoPrivilege, PgFailure::Authentication];
    matches!(error, PgError::Connect(_)) && closed.contains(&error.failure())
}

/// A session that holds the migration lock.
#[derive(Debug)]
pub struct Locked {
    opening: Opening,
    /// The session.
    pub session: Session,
    /// What was read under the lock.
    pub ledger: Ledger,
}

impl Locked {
    /// `Opening::may_apply`, under the lock.
    ///
    /// # Errors
    /// `OpenError::ForeignLedger`.
    pub fn may_apply(&mut self, plan: &Plan) -> Result<(), OpenError> {
        self.opening.may_apply(&mut self.session, &self.ledger, plan)
    }

    /// Whether the server takes writes at all, and the ledger has its place: asked before any work that only a write makes
    /// worth while.
    ///
    /// # Errors
    /// `OpenError::Standby`, `OpenError::Stopped`, `OpenError::SecondLedger`.
    pub fn may_write(&self) -> Result<(), OpenError> {
        match &self.ledger.facts {
            Facts { standby: true, database, .. } => Err(OpenError::Standby { database: database.clone() }),
            // Our sessions write whatever the default is; what is written now is lost when the restore goes on.
            Facts { is_stopped: true, database, .. } if !self.opening.writes_anyway() => {
                Err(OpenError::Stopped { database: database.clone() })
            }
            facts => {
                self.opening.trusts_owners(facts)?;
                self.opening.may_create_ledger(&self.ledger)
            }
        }
    }

    /// Begin to write: schema, tables and the operation's row, where they are missing.
    ///
    /// # Errors
    /// See `OpenError`.
    pub fn begin(mut self, command: &str, environment: Option<&str>) -> Result<Operation, OpenError> {
        self.may_write()?;
        let ledger_schema = self.ledger_schema()?;
        let store = self.opening.store(&self.ledger.facts)?;
        store.upgrade(&self.ledger.facts)?;
        if !self.ledger.facts.has_ledger {
            let given = self.ledger.facts.owner_of_new().map(|owner| {
                format!("; ALTER TABLE {ledger_schema}.{LEDGER_TABLE} OWNER TO {}", Ident::new(owner))
            });
            let create = create_ledger(&ledger_schema) + &given.unwrap_or_default();
            let sql = format!("{}{create}", self.session.own_prelude());
            self.session.query(&sql).map_err(|source| OpenError::Ledger {
                schema: ledger_schema.clone(),
                role: Ident::new(&self.ledger.facts.role),
                source,
            })?;
        }
        if self.ledger.killed().is_some() {
            store.close_killed(ledger_schema.as_str())?;
        }
        // Last of all: a row without an end reads as a run that was killed.
        let (bookkeeping, owners) =
            (self.opening.bookkeeping.clone(), self.opening.owners(&self.ledger.facts));
        let mut place =
            Place { bookkeeping, ledger_schema, operation: 0, command: command.to_owned(), owners };
        let backend_pid = self.ledger.facts.backend_pid;
        let new = NewOperation { environment, author: &self.opening.author, backend_pid };
        place.operation = place.begin(&mut self.session, &new)?;
        self.ledger.facts.bookkeeping = Bookkeeping::Present;
        let known = Known::of(&self.ledger);
        Ok(Operation { session: self.session, ledger: self.ledger, store, place, known })
    }

    /// The schema of the user's ledger; created where the URL names one (`?schema=`) that is missing.
    fn ledger_schema(&mut self) -> Result<Ident, OpenError> {
        if let Some(schema) = &self.ledger.facts.ledger_schema {
            return Ok(Ident::new(schema));
        }
        let Some(schema) = self.opening.url.schema() else {
            return Err(OpenError::NoSchema { database: self.ledger.facts.database.clone() });
        };
        let schema = Ident::new(schema);
        self.session.query(&format!("CREATE SCHEMA IF NOT EXISTS {schema}"))?;
        Ok(schema)
    }
}

/// A run that writes.
#[derive(Debug)]
pub struct Operation {
    /// The session that holds the lock.
    pub session: Session,
    /// What was read under the lock.
    pub ledger: Ledger,
    /// Our own tables.
    pub store: Store,
    /// Where the rows go.
    pub place: Place,
    /// What the record contains.
    pub known: Known,
}

impl Operation {
    /// Run a plan.
    ///
    /// # Errors
    /// See `Stopped`.
    pub fn run(
        &mut self,
        plan: &Plan,
        settings: &Settings,
        observer: &mut dyn Observer,
    ) -> Result<Done, Stopped> {
        let Self { session, ledger, store, place, known } = self;
        let books = Books { place, known, store, facts: &ledger.facts };
        Runner::new(session, books, settings, observer).run(plan)
    }

    /// Do the work, and record how it ended: whatever stops it, no operation stays open.
    ///
    /// # Errors
    /// Those of the work. That its end could not be recorded is no error of its own: the row then
    /// says that the run was killed, which is what it looks like.
    pub fn record<T, E: std::fmt::Display>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let ended = work(self);
        let (how, message) = match &ended {
            Ok(_) => (Ended::Done, None),
            Err(_) if self.session.interrupt().is_raised() => (Ended::Interrupted, None),
            Err(error) => (Ended::Failed, Some(error.to_string())),
        };
        fault::point("before-end");
        // The work itself is recorded with the work; a lost end reads as a killed run.
        if self.place.end(&mut self.session, how, message.as_deref()).is_err() {
            drop(self.store.end(self.place.operation, how, message.as_deref()));
        }
        ended
    }

    /// Record how what this run changes comes back, where there is a way.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn go_back_by(&self, way: &WayBack) -> Result<(), StoreError> {
        if *way == WayBack::default() {
            return Ok(());
        }
        self.store.set_way_back(self.place.operation, way)
    }

    /// Where we are.
    pub fn facts(&self) -> &Facts {
        &self.ledger.facts
    }
}
