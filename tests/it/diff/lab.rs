//! The databases of one case: filling, reading, changing and asking them.

use pgkeel::engine::catalog::Catalog;
use pgkeel::engine::catalog::read::read;
use pgkeel::engine::plan::{Plan, Step};
use pgkeel::pg::connect::ConnectOptions;
use pgkeel::pg::error::PgError;
use pgkeel::pg::interrupt::Interrupt;
use pgkeel::pg::session::Session;
use pgkeel::pg::url::DatabaseUrl;

use crate::support::cluster::TestDb;
use crate::support::{attver, dump};

use super::text;

/// What case folders may name.
const ROLES: [&str; 3] = ["app_reader", "app_writer", "\"App Admin\""];

/// One database.
#[derive(Debug)]
pub(super) struct Lab {
    pub(super) db: TestDb,
}

/// A database's state by both observers.
pub(super) struct State {
    pub(super) catalog: Catalog,
    /// The statements of `pg_dump --schema-only`, without owners, which plans leave alone.
    pub(super) dump: Vec<String>,
}

/// A statement that the server refused.
pub(super) struct Stopped {
    pub(super) statement: String,
    pub(super) error: PgError,
}

impl Stopped {
    pub(super) fn sqlstate(&self) -> &str {
        sqlstate(&self.error)
    }
}

impl Lab {
    pub(super) fn new() -> Self {
        Self { db: TestDb::new() }
    }

    pub(super) fn session(&self) -> Session {
        let url = DatabaseUrl::parse(&self.db.url).unwrap();
        Session::connect(&url, &ConnectOptions::default(), &Interrupt::default()).unwrap()
    }

    /// Run a whole file in one transaction.
    pub(super) fn load(&self, file: &str, sql: &str) -> Result<(), String> {
        let done = self.session().query(&format!("BEGIN;{sql}\n;COMMIT"));
        done.map(drop).map_err(|error| format!("{file} does not load: {error}"))
    }

    pub(super) fn state(&self) -> Result<State, String> {
        let catalog = attver::reading(&self.db.url, || read(&mut self.session(), "pgkeel"))
            .map_err(|error| format!("reading: {error}"))?;
        Ok(State { catalog, dump: text::statements(&dump::schema(&self.db.url, &["--no-owner"])) })
    }

    /// Run a plan as a script does: each part in a transaction of its own, where it can be in one.
    pub(super) fn apply(&self, plan: &Plan) -> Result<(), Stopped> {
        let mut session = self.session();
        // As the script says itself where it makes routines.
        session.query("SET check_function_bodies = off").unwrap();
        for part in plan.parts() {
            apply_part(&mut session, part)?;
        }
        Ok(())
    }

    /// The one value that a query answers with, in text form.
    pub(super) fn answer(&self, query: &str) -> Result<String, String> {
        let value = self.session().query_value(query).map_err(|error| format!("{query}: {error}"))?;
        Ok(value.unwrap_or_else(|| "NULL".into()))
    }
}

impl Drop for Lab {
    /// A database with a subscription cannot be dropped.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let mut session = self.session();
        let mine = "SELECT format('ALTER SUBSCRIPTION %1$I DISABLE; ALTER SUBSCRIPTION %1$I SET (slot_name = NONE); \
                    DROP SUBSCRIPTION %1$I', subname) FROM pg_subscription s \
                    JOIN pg_database d ON d.oid = s.subdbid WHERE datname = current_database()";
        for row in session.catalog(mine).unwrap().rows {
            session.query(row[0].as_deref().unwrap()).unwrap();
        }
    }
}

fn apply_part(session: &mut Session, part: &[Step]) -> Result<(), Stopped> {
    let stopped = |step: &Step, error| Stopped { statement: step.sql.clone(), error };
    let together = part.iter().all(|step| step.in_transaction);
    if together {
        session.query("BEGIN").unwrap();
    }
    for step in part {
        session.query(&step.sql).map_err(|error| stopped(step, error))?;
    }
    match part.last() {
        // What is deferred is looked at here.
        Some(last) if together => session.query("COMMIT").map(drop).map_err(|error| stopped(last, error)),
        _ => Ok(()),
    }
}

pub(super) fn sqlstate(error: &PgError) -> &str {
    match error {
        PgError::Server(error) => &error.0.sqlstate,
        _ => "",
    }
}

/// Make the roles that case folders name; they stay on the tests' server.
pub(super) fn make_roles() {
    let lab = Lab::new();
    let mut session = lab.session();
    for role in ROLES {
        let make = format!(
            "DO $$BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN END$$"
        );
        session.query(&make).unwrap();
    }
}
