//! Guards a shadow database in which code of lesser roles runs: a login of the run builds the definitions, and owns nothing
//! else, where the role that created the shadow database is a superuser.

use std::cell::RefCell;

use super::maker::{Maker, Reach, lacks_right};
use super::{End, Shadow, ShadowError};
use crate::engine::catalog::{Catalog, Kind, Scope};
use crate::engine::login::{Login, LoginError, pattern, trusted};
use crate::engine::operation::Opening;
use crate::engine::untrusted::Code;
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
use crate::pg::session::{Incoming, Session};

/// How many pieces of code an error names.
const NAMED: usize = 5;

/// The login of a shadow database, and a superuser's session for statements that the login may not run.
#[derive(Debug)]
pub struct Guard {
    maker: RefCell<Maker>,
    /// The role that created the shadow database.
    ours: String,
    /// The previous owner of the schema `public`.
    public: Option<String>,
    /// Dropped last.
    login: Login,
}

/// Where a statement runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statement {
    /// In the session's transaction.
    InTransaction,
    /// In none.
    Alone,
}

/// How a statement ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ran {
    /// The transaction goes on.
    Here,
    /// A superuser ran it, between two transactions.
    Committed,
}

impl Shadow {
    /// Open all further sessions as a login of the run, where the role that created the shadow database must not run this
    /// code. `trust` names roles whose code it may run.
    ///
    /// # Errors
    /// `Guard` where no login can be used; `Pg`.
    pub fn guard(&mut self, code: &[Code], trust: &[String]) -> Result<(), ShadowError> {
        let is_named = |one: &&Code| trust.contains(&one.owner);
        let mut code: Vec<&Code> = code.iter().filter(|one| !is_named(one)).collect();
        if code.is_empty() || self.guard.is_some() {
            return Ok(());
        }
        // Its statements are short, and it also cleans up after Ctrl-C.
        let options = self.opening.options.for_ours();
        let calm = Opening { interrupt: Interrupt::default(), options, ..self.opening.clone() };
        let mut inside = calm.connect()?;
        inside.query(&inside.own_prelude())?;
        let is_ordinary = trusted(&mut inside, trust)?.is_none();
        if is_ordinary {
            code.retain(|one| !one.is_mine);
            if code.is_empty() {
                return Ok(());
            }
        }
        let refused = |why: String| ShadowError::Guard { code: named(&code), owners: owners(&code), why };
        if !inside.is_superuser() {
            let role = inside.role().unwrap_or_default();
            return Err(refused(format!("the role `{role}` cannot create a login for it")));
        }
        let login = Login::create(&self.opening, self.of(), None).map_err(|error| match error {
            LoginError::Create(PgError::Interrupted) | LoginError::Connect(PgError::Interrupted) => {
                ShadowError::Pg(PgError::Interrupted)
            }
            LoginError::Create(ref cause) | LoginError::Connect(ref cause) => {
                refused(format!("{error}: {cause}"))
            }
        })?;
        let public = owner_of_public(&mut inside)?;
        let database = Ident::new(self.opening.url.database().unwrap_or_default());
        let role = login.name();
        let mut sql = format!(
            "SET check_function_bodies = off; GRANT CREATE, TEMPORARY ON DATABASE {database} TO {role}"
        );
        if public.is_some() {
            sql.push_str(&format!("; ALTER SCHEMA public OWNER TO {role}"));
        }
        inside.query(&sql)?;
        let ours = inside.role().unwrap_or_default();
        let is_claimed = code.iter().any(|one| one.is_claimed);
        let maker = Maker::new(inside, role, if is_claimed { Reach::Claimed } else { Reach::Known });
        let maker = RefCell::new(maker);
        self.guard = Some(Guard { maker, ours, public, login });
        Ok(())
    }

    /// Its guard, if it has one.
    pub fn guarded(&self) -> Option<&Guard> {
        self.guard.as_ref()
    }

    /// The database that it was created for.
    fn of(&self) -> &str {
        let opening = match &self.end {
            End::Drop { base, .. } => base,
            End::Empty { .. } => &self.opening,
        };
        opening.url.database().unwrap_or_default()
    }
}

impl Guard {
    /// A session of the login.
    pub(super) fn connect(&self) -> Result<Session, PgError> {
        self.login.opening().connect()
    }

    /// Run a statement over the login. If the login lacks the right and the statement evaluates nothing, the superuser runs
    /// it, after a COMMIT of the login's transaction. After an error a transaction goes on from the savepoint `pgkeel_guard`.
    ///
    /// # Errors
    /// What the server says.
    pub fn run(&self, session: &mut Session, sql: &str, statement: Statement) -> Result<Ran, PgError> {
        let mut maker = self.maker.borrow_mut();
        let in_transaction = statement == Statement::InTransaction;
        if in_transaction {
            session.query("SAVEPOINT pgkeel_guard")?;
        }
        if maker.acts() && maker.run(sql)? {
            return release(session, statement);
        }
        let error = match noticed(session, sql) {
            Ok(Granted::Part) if ["GRANT", "REVOKE"].iter().any(|word| sql.starts_with(word)) => None,
            Ok(_) => return release(session, statement),
            Err(error) if lacks_right(&error, sql) => Some(error),
            Err(error) => return Err(error),
        };
        if in_transaction {
            session.query("ROLLBACK TO SAVEPOINT pgkeel_guard")?;
            session.query("COMMIT; BEGIN")?;
        }
        let done = match maker.run(sql) {
            Ok(done) => done,
            Err(error) => {
                if in_transaction {
                    session.query("SAVEPOINT pgkeel_guard")?;
                }
                return Err(error);
            }
        };
        match (done, error) {
            (true, _) if in_transaction => Ok(Ran::Committed),
            (true, _) => Ok(Ran::Here),
            (false, None) => session.query(sql).map(|_| Ran::Here),
            (false, Some(error)) => {
                if in_transaction {
                    session.query("SAVEPOINT pgkeel_guard")?;
                }
                Err(error)
            }
        }
    }

    /// The catalog as the role would have built it that created the shadow database. What the login owns counts as that
    /// role's, or as the wanted owner's where owners are compared: each ALTER … OWNER TO was tried and rolled back. Event
    /// triggers, which are kept disabled, count as enabled as they are wanted.
    pub fn as_ours(&self, found: &Catalog, scope: Scope, wanted: &[&Catalog]) -> Catalog {
        let login = self.login.name();
        let changed = found.mapped(|fact| {
            let wanted = wanted.iter().find_map(|catalog| catalog.fact(&fact.id));
            let has = |name: &str| fact.names().any(|known| known == name);
            let mut fact = fact.clone();
            if has("owner") && fact.get("owner") == Some(login.as_str()) {
                let owner = wanted.filter(|_| scope.owners).and_then(|fact| fact.get("owner"));
                fact = fact.with("owner", Some(owner.unwrap_or(&self.ours)));
            }
            if let (Kind::EventTrigger, Some(wanted)) = (fact.id.kind, wanted) {
                fact = fact.with("enabled", wanted.get("enabled"));
            }
            fact
        });
        changed.read_by(&self.ours)
    }

    /// Empty a database that is not dropped, and give its schema `public` back.
    pub(super) fn leave(&self) -> Result<(), PgError> {
        let mut maker = self.maker.borrow_mut();
        let inside = maker.session();
        inside.query("RESET ROLE")?;
        super::empty::empty(inside)?;
        if let Some(owner) = &self.public
            && owner_of_public(inside)?.is_some()
        {
            inside.query(&format!("ALTER SCHEMA public OWNER TO {}", Ident::new(owner)))?;
        }
        Ok(())
    }
}

/// Take the schema `public` back from the login of a killed run.
pub(super) fn reclaim(inside: &mut Session) -> Result<(), PgError> {
    let rows = inside.catalog(&format!(
        "SELECT EXISTS (SELECT FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner \
           WHERE n.nspname = 'public' AND r.rolname::text ~ {})",
        Literal(&pattern())
    ))?;
    if rows.get(0, 0) != Some("t") || !inside.is_superuser() {
        return Ok(());
    }
    let owner = if inside.server_version() >= 150_000 { "pg_database_owner" } else { "CURRENT_USER" };
    inside.query(&format!("ALTER SCHEMA public OWNER TO {owner}")).map(drop)
}

fn owner_of_public(inside: &mut Session) -> Result<Option<String>, PgError> {
    let rows =
        inside.catalog("SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'public'")?;
    Ok(rows.get(0, 0).map(str::to_owned))
}

fn release(session: &mut Session, statement: Statement) -> Result<Ran, PgError> {
    if statement == Statement::InTransaction {
        session.query("RELEASE SAVEPOINT pgkeel_guard")?;
    }
    Ok(Ran::Here)
}

/// Whether a GRANT or REVOKE did all that it says.
enum Granted {
    All,
    Part,
}

/// Run it. Where rights are lacking, GRANT and REVOKE may only warn (01007, 01006).
fn noticed(session: &mut Session, sql: &str) -> Result<Granted, PgError> {
    let mut granted = Granted::All;
    let ended = session.run(sql, &mut |incoming| {
        if let Incoming::Notice(notice) = incoming
            && ["01006", "01007"].contains(&notice.sqlstate.as_str())
        {
            granted = Granted::Part;
        }
    });
    ended.map_err(|failed| failed.error)?;
    Ok(granted)
}

fn named(code: &[&Code]) -> Vec<String> {
    let mut all: Vec<String> =
        code.iter().take(NAMED).map(|one| format!("{} of `{}`", one.what, one.owner)).collect();
    if code.len() > NAMED {
        all.push(format!("and {} more", code.len() - NAMED));
    }
    all
}

fn owners(code: &[&Code]) -> Vec<String> {
    let mut all: Vec<String> = code.iter().map(|one| one.owner.clone()).collect();
    all.sort();
    all.dedup();
    all
}
