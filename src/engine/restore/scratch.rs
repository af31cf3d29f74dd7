//! The database that a restore fills: made, written down, dropped. Nobody knows its name, and no application connects.

use crate::engine::fault;
use crate::engine::operation::Opening;
use crate::engine::properties::{Properties, Template};
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

use super::RestoreError;
use super::journal::{Begun, Phase, Role, leftovers, now, scratch_name, unsaid};

/// The length of `Source::suffix`.
const SUFFIX: usize = 6;

/// How often a database is tried to be dropped.
const ATTEMPTS: usize = 3;

/// A database that is dropped again unless it is kept.
#[derive(Debug)]
pub(super) struct Scratch<'a> {
    opening: &'a Opening,
    /// Its name.
    pub(super) name: String,
    /// What its comment says.
    role: Option<Role>,
    /// Only superusers can connect: whoever owns a table in it could else put code behind it before its rows are loaded.
    is_closed: bool,
    kept: bool,
}

impl<'a> Scratch<'a> {
    /// Create it, and write down what it is for.
    ///
    /// # Errors
    /// What the server says; nothing is left then.
    pub(super) fn create(
        opening: &'a Opening,
        admin: &mut Session,
        name: &str,
        properties: &Properties,
        role: Role,
    ) -> Result<Self, RestoreError> {
        let template = Template::empty(admin)?;
        let is_closed = admin.is_superuser();
        let closed = Properties { owner: String::new(), connection_limit: 0, ..properties.clone() };
        let made = if is_closed { &closed } else { properties };
        admin.query(&made.creation(name, &template, admin.server_version()))?;
        // From here on it is dropped if anything fails.
        let scratch = Self { opening, name: name.to_owned(), role: Some(role), is_closed, kept: false };
        admin.query(&scratch.role.as_ref().map(|role| role.sql(name)).unwrap_or_default())?;
        fault::point("restore-created");
        Ok(scratch)
    }

    /// Let the logins of this run connect, and no other role.
    ///
    /// # Errors
    /// What the server says.
    pub(super) fn admit_logins(&self, admin: &mut Session) -> Result<(), PgError> {
        let name = Ident::new(&self.name);
        let sql = format!(
            "REVOKE CONNECT ON DATABASE {name} FROM PUBLIC; ALTER DATABASE {name} CONNECTION LIMIT -1"
        );
        admin.query(&sql).map(drop)
    }

    /// Let only superusers connect again, and end the sessions of all others.
    ///
    /// # Errors
    /// What the server says.
    pub(super) fn admit_superusers(&self, admin: &mut Session) -> Result<(), PgError> {
        let name = Ident::new(&self.name);
        admin.query(&format!(
            "ALTER DATABASE {name} CONNECTION LIMIT 0; GRANT CONNECT ON DATABASE {name} TO PUBLIC"
        ))?;
        let sql = format!(
            "SELECT pg_catalog.pg_terminate_backend(a.pid, 10000) FROM pg_catalog.pg_stat_activity a \
               LEFT JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) a.usesysid \
             WHERE a.datname OPERATOR(pg_catalog.=) {} AND a.backend_type OPERATOR(pg_catalog.=) 'client backend' \
               AND r.rolsuper IS NOT TRUE",
            Literal(&self.name)
        );
        admin.query(&sql).map(drop)
    }

    /// Give it its owner and let others connect, now that it is loaded and compared.
    ///
    /// # Errors
    /// What the server says.
    pub(super) fn open(&self, admin: &mut Session, properties: &Properties) -> Result<(), PgError> {
        if !self.is_closed || matches!(self.role, Some(Role::Prove(_))) {
            return Ok(());
        }
        let (name, owner) = (Ident::new(&self.name), Ident::new(&properties.owner));
        let limit = properties.connection_limit;
        admin
            .query(&format!(
                "ALTER DATABASE {name} OWNER TO {owner}; ALTER DATABASE {name} CONNECTION LIMIT {limit}"
            ))
            .map(drop)
    }

    /// One that is there already.
    pub(super) fn found(opening: &'a Opening, name: &str) -> Self {
        Self { opening, name: name.to_owned(), role: None, is_closed: false, kept: true }
    }

    /// The database that this run is about.
    pub(super) fn live(&self) -> Option<&str> {
        self.opening.url.database()
    }

    /// It stays, however this run ends.
    pub(super) fn keep(&mut self) {
        self.kept = true;
    }

    /// The way to it.
    pub(super) fn opening(&self) -> Opening {
        self.opening.of_database(&self.name)
    }

    /// The statement that says how far it has come.
    pub(super) fn said(&self, phase: Phase) -> Option<String> {
        Some(self.role.as_ref()?.at(phase).sql(&self.name))
    }

    /// Write down how far it has come.
    ///
    /// # Errors
    /// What the server says.
    pub(super) fn say(&self, admin: &mut Session, phase: Phase) -> Result<(), PgError> {
        self.said(phase).map_or(Ok(()), |sql| admin.query(&sql).map(drop))
    }
}

impl Drop for Scratch<'_> {
    /// Also after Ctrl-C, which the other sessions obey. That it could not be dropped is found by the next run.
    fn drop(&mut self) {
        if !self.kept {
            drop_database(self.opening, &self.name);
        }
    }
}

/// Drop a half-made database, as far as that is possible.
pub(super) fn drop_database(opening: &Opening, name: &str) {
    let calm =
        Opening { interrupt: Interrupt::default(), options: opening.options.at_once(), ..opening.clone() };
    let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", Ident::new(name));
    // DROP DATABASE forgets what the server has not written yet of it, and then wants a checkpoint. On a full disk the first
    // checkpoint may fail for just that, and the next one has it no more.
    for _ in 0..ATTEMPTS {
        if calm.maintenance(name).and_then(|mut session| session.query(&sql)).is_ok() {
            break;
        }
    }
}

/// Drop what restores of this database have left. They take turns, and the caller has it: nobody works in them.
///
/// # Errors
/// What the server says.
pub(super) fn drop_leftovers(admin: &mut Session, opening: &Opening, live: &str) -> Result<(), PgError> {
    let goes = |phase: Option<Phase>| phase.is_some_and(|phase| phase != Phase::Kept);
    for leftover in leftovers(admin, live)?.into_iter().filter(|leftover| goes(leftover.phase)) {
        drop_database(opening, &leftover.name);
    }
    let prefix = scratch_name(live, "");
    // A name that was cut could be another database's.
    if prefix.len() + SUFFIX <= scratch_name(live, &"x".repeat(SUFFIX)).len() {
        for name in unsaid(admin, &prefix, "^[0-9a-z]{6}$")? {
            drop_database(opening, &name);
        }
    }
    Ok(())
}

/// What is written down about a restore that begins.
///
/// # Errors
/// What the server says.
pub(super) fn begun(admin: &mut Session, of: &str, backup: &str, host: &str) -> Result<Begun, PgError> {
    Ok(Begun {
        of: of.to_owned(),
        backup: backup.to_owned(),
        phase: Phase::Loading,
        at: now(admin)?,
        host: host.to_owned(),
        pid: std::process::id(),
    })
}
