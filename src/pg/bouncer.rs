//! PgBouncer's admin console: which pools lead to a database, and to hold and let go their clients. It takes one simple
//! statement at a time, and neither SET nor BEGIN (pgbouncer.org, "Admin console").

use std::time::Duration;

use super::connect::ConnectOptions;
use super::error::PgError;
use super::ident::Ident;
use super::interrupt::Interrupt;
use super::session::Session;
use super::url::DatabaseUrl;

/// How long an answer to anything but PAUSE may take.
const ANSWER: Duration = Duration::from_secs(3);

/// A pool, which is what clients call a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// What clients connect to.
    pub name: String,
    /// Whether its clients are held.
    pub paused: bool,
}

/// A session on the admin console.
#[derive(Debug)]
pub struct Console {
    session: Session,
}

impl Console {
    /// Connect to the database `pgbouncer` of this address. The session obeys no Ctrl-C: what was paused must be
    /// resumed after it.
    ///
    /// # Errors
    /// As `Session::connect`.
    pub fn connect(url: &DatabaseUrl, options: &ConnectOptions) -> Result<Self, PgError> {
        let console = url.with_database("pgbouncer");
        Ok(Self { session: Session::connect(&console, &options.at_once(), &Interrupt::default())? })
    }

    /// The pools that lead to this database. One of the same name on another server is among them: where a pool leads is
    /// an address as PgBouncer sees it.
    ///
    /// # Errors
    /// What PgBouncer says.
    pub fn pools_of(&mut self, database: &str) -> Result<Vec<Pool>, PgError> {
        let shown = self.session.query_within("SHOW DATABASES", ANSWER, &Interrupt::default())?;
        let rows = shown.into_iter().next_back().unwrap_or_default();
        // Their order differs from version to version.
        let column = |name: &str| rows.columns.iter().position(|column| column.name == name);
        let (Some(name), Some(real), Some(paused)) = (column("name"), column("database"), column("paused"))
        else {
            return Err(PgError::Unexpected("SHOW DATABASES without its columns".into()));
        };
        let cell = |row, column| rows.get(row, column).unwrap_or_default();
        let leads_there = |row: &usize| cell(*row, real) == database;
        let pool = |row| Pool { name: cell(row, name).to_owned(), paused: cell(row, paused) != "0" };
        Ok((0..rows.rows.len()).filter(leads_there).map(pool).collect())
    }

    /// Hold the pool's clients, and wait until its server connections are closed: in transaction mode until the running
    /// transactions have ended, in session mode until the clients have gone.
    ///
    /// # Errors
    /// What PgBouncer says; `PgError::Abandoned` when it took longer than `patience` or was interrupted: then the pool is
    /// still paused, and the console of no more use.
    pub fn pause(&mut self, pool: &str, patience: Duration, interrupt: &Interrupt) -> Result<(), PgError> {
        self.session.query_within(&format!("PAUSE {}", Ident::new(pool)), patience, interrupt).map(drop)
    }

    /// Let the pool's clients go on.
    ///
    /// # Errors
    /// What PgBouncer says, also where the pool is not paused.
    pub fn resume(&mut self, pool: &str) -> Result<(), PgError> {
        self.tell("RESUME", pool)
    }

    /// Have the pool's server connections closed as they become free (since PgBouncer 1.10).
    ///
    /// # Errors
    /// What PgBouncer says.
    pub fn reconnect(&mut self, pool: &str) -> Result<(), PgError> {
        self.tell("RECONNECT", pool)
    }

    fn tell(&mut self, verb: &str, pool: &str) -> Result<(), PgError> {
        let sql = format!("{verb} {}", Ident::new(pool));
        self.session.query_within(&sql, ANSWER, &Interrupt::default()).map(drop)
    }
}
