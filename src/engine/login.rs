//! Logins that live as long as a run: a role that can do no more than one owner, or nothing at all, over which code that was
//! read from a database may run. SET ROLE would not do: the code itself can RESET ROLE.
//!
//! The password is random and never leaves this process but to libpq and its programs; the server gets its SCRAM verifier.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;

use super::operation::Opening;
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
use crate::pg::secret::Secret;
use crate::pg::session::Session;

/// What the names of these roles begin with.
const PREFIX: &str = "pgkeel_load_";

/// For how long the password is accepted: longer than any load takes.
const VALID: &str = "2 days";

/// Why there is no login.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The role could not be created.
    #[error("could not create a login for it")]
    Create(#[source] PgError),
    /// The role could not connect.
    #[error("a login that was created for it could not connect (pg_hba.conf has to let it in)")]
    Connect(#[source] PgError),
}

/// A login of this run, dropped with this value.
#[derive(Debug)]
pub(crate) struct Login {
    name: String,
    /// The way to its database, as this role.
    opening: Opening,
    /// The way there as who made it.
    maker: Opening,
    /// Holds the lock on the name.
    _admin: Session,
    ended: bool,
}

impl Login {
    /// Create a login for the database of `maker`, which is made of or for `live`; a member of `owner`, or of no role.
    ///
    /// # Errors
    /// See `LoginError`; nothing is left then.
    pub(crate) fn create(maker: &Opening, live: &str, owner: Option<&str>) -> Result<Self, LoginError> {
        let (name, password) = random().map_err(LoginError::Create)?;
        let opening = as_role(maker, &name, &password).map_err(LoginError::Create)?;
        // All runs hold their locks in the same database, whichever they work in.
        let mut admin = maker.maintenance("").map_err(LoginError::Create)?;
        admin.query(&admin.prelude()).map_err(LoginError::Create)?;
        let database = maker.url.database().unwrap_or_default();
        make(&mut admin, (&name, &password), owner, (live, database)).map_err(|error| {
            drop(admin.query(&format!("DROP ROLE IF EXISTS {}", Ident::new(&name))));
            LoginError::Create(error)
        })?;
        let mut login = Self { name, opening, maker: maker.clone(), _admin: admin, ended: false };
        login.enter().map_err(LoginError::Connect)?;
        Ok(login)
    }

    /// Its name.
    pub(crate) fn name(&self) -> Ident {
        Ident::new(&self.name)
    }

    /// The way to the database as this role.
    pub(crate) fn opening(&self) -> &Opening {
        &self.opening
    }

    /// Connect once. Where a socket lets in the users of the operating system alone, the loopback address may let in others.
    fn enter(&mut self) -> Result<(), PgError> {
        let error = match self.opening.connect() {
            Ok(_) => return Ok(()),
            Err(error) => error,
        };
        let is_socket = self.maker.url.host().is_none_or(|host| host.starts_with(['/', '@']));
        if !is_socket || matches!(error, PgError::Interrupted) {
            return Err(error);
        }
        let Ok(url) = self.opening.url.with_param("host", "127.0.0.1") else { return Err(error) };
        let other = Opening { url, ..self.opening.clone() };
        // Only this server knows the role.
        if other.connect().is_err() {
            return Err(error);
        }
        self.opening = other;
        Ok(())
    }

    /// Take away what it was granted, and drop it.
    ///
    /// # Errors
    /// What the server says, as where it still owns something.
    pub(crate) fn end(mut self, inside: &mut Session) -> Result<(), PgError> {
        let name = self.name();
        inside.query(&format!("DROP OWNED BY {name}; DROP ROLE {name}"))?;
        self.ended = true;
        Ok(())
    }
}

impl Drop for Login {
    /// Also after Ctrl-C. What does not come about here, the next run does.
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let calm = Opening {
            interrupt: Interrupt::default(),
            options: self.maker.options.at_once(),
            ..self.maker.clone()
        };
        let name = self.name();
        let sql = format!("DROP OWNED BY {name} CASCADE; DROP ROLE {name}");
        // Its database may be gone by now.
        let inside = calm.connect().or_else(|_| calm.maintenance(""));
        drop(inside.and_then(|mut inside| inside.query(&sql)));
    }
}

fn make(
    admin: &mut Session,
    (name, password): (&str, &Secret),
    owner: Option<&str>,
    (live, database): (&str, &str),
) -> Result<(), PgError> {
    drop_abandoned(admin)?;
    hold(admin, name)?;
    let verifier = admin.verifier(name, password)?;
    let until = admin.catalog(&format!(
        "SELECT pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) {}::pg_catalog.interval",
        Literal(VALID)
    ))?;
    let role = Ident::new(name);
    let mut sql = format!(
        "CREATE ROLE {role} LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS \
         PASSWORD {} VALID UNTIL {}; COMMENT ON ROLE {role} IS {}; \
         GRANT CONNECT ON DATABASE {} TO {role}",
        Literal(&verifier),
        Literal(until.get(0, 0).unwrap_or_default()),
        Literal(&comment(live)),
        Ident::new(database)
    );
    if let Some(owner) = owner {
        // The login needs its rights, not to become it.
        let only = if admin.server_version() >= 160_000 { " WITH INHERIT TRUE, SET FALSE" } else { "" };
        sql.push_str(&format!("; GRANT {} TO {role}{only}", Ident::new(owner)));
    }
    admin.query(&sql).map(drop)
}

/// A name, and a password.
fn random() -> Result<(String, Secret), PgError> {
    let mut bytes = [0; 40];
    File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(|error| PgError::Unexpected(format!("no random numbers from /dev/urandom: {error}")))?;
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    Ok((format!("{PREFIX}{}", hex(&bytes[..8])), Secret::new(hex(&bytes[8..]))))
}

fn as_role(maker: &Opening, name: &str, password: &Secret) -> Result<Opening, PgError> {
    let url =
        maker.url.with_param("user", name).and_then(|url| url.with_param("password", password.expose()));
    match url {
        Ok(url) => Ok(Opening { url, ..maker.clone() }),
        Err(error) => Err(PgError::Unexpected(error.to_string())),
    }
}

/// The lock on a login's name; it goes with the session. Whether it was free.
fn hold(admin: &mut Session, name: &str) -> Result<bool, PgError> {
    let key = format!(
        "pg_catalog.hashtextextended(pg_catalog.concat_ws(pg_catalog.chr(1), 'pgkeel login', {}), 0)",
        Literal(name)
    );
    Ok(admin.catalog(&format!("SELECT pg_catalog.pg_try_advisory_lock({key})"))?.get(0, 0) == Some("t"))
}

/// Drop what killed runs left. What one owns in a database that is not dropped yet keeps it until the next run.
fn drop_abandoned(admin: &mut Session) -> Result<(), PgError> {
    for name in leftovers(admin)? {
        if hold(admin, &name)? {
            let role = Ident::new(&name);
            drop(admin.query(&format!("DROP OWNED BY {role}; DROP ROLE {role}")));
        }
    }
    Ok(())
}

/// What the comment of a login for this database says.
pub(crate) fn comment(live: &str) -> String {
    format!("pgkeel: a login of one run for {live}")
}

/// What the names of these roles match, an expression of POSIX.
pub(crate) fn pattern() -> String {
    format!("^{PREFIX}[0-9a-f]{{16}}$")
}

/// The logins on this server, of runs that are at work or were killed.
fn leftovers(admin: &mut Session) -> Result<Vec<String>, PgError> {
    let rows = admin.catalog(&format!(
        "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname::pg_catalog.text OPERATOR(pg_catalog.~) {}",
        Literal(&pattern())
    ))?;
    Ok(rows.rows.into_iter().filter_map(|mut row| row.remove(0)).collect())
}

/// The roles whose code this session may run: those that can do as much as it, and those that are named. Nothing where the
/// session is not a superuser and cannot become one.
///
/// # Errors
/// What the server says.
pub(crate) fn trusted(session: &mut Session, named: &[String]) -> Result<Option<BTreeSet<String>>, PgError> {
    let rows = session.catalog(
        "SELECT r.rolname, r.rolname OPERATOR(pg_catalog.=) session_user OR r.rolname OPERATOR(pg_catalog.=) current_user \
         FROM pg_catalog.pg_roles r WHERE r.rolsuper OR EXISTS (SELECT FROM pg_catalog.pg_roles s \
           WHERE s.rolsuper AND pg_catalog.pg_has_role(r.oid, s.oid, 'MEMBER'))",
    )?;
    if !(0..rows.rows.len()).any(|row| rows.get(row, 1) == Some("t")) {
        return Ok(None);
    }
    let supers = rows.rows.into_iter().filter_map(|mut row| row.first_mut().and_then(Option::take));
    Ok(Some(supers.chain(named.iter().cloned()).collect()))
}
