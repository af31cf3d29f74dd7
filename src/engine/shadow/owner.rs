//! The ordinary role as which a project's own migrations run in a shadow database: it owns the database, and bypasses no
//! policy. Made for the run, dropped with the database; what a killed run left, a later one drops.

use std::collections::BTreeSet;

use crate::engine::catalog::{Catalog, Fact, Kind};
use crate::engine::fault;
use crate::engine::migrations::runner::{Acting, By};
use crate::engine::operation::Opening;
use crate::engine::restore::journal::now;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

use super::leftover::{Owner, PREFIX, hold, release};
use super::roles::with_role;
use super::{End, Shadow};

/// What the comments of these roles begin with.
pub(in crate::engine) const COMMENTED: &str = "{\"pgkeel\":\"shadow\"";

/// As whom the migrations run, and what that proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Owned {
    /// As a role made for the run.
    Made(Acting),
    /// As the session's own role, which is an ordinary one.
    Ourselves,
    /// As the session's own role, which bypasses policies.
    Bypassing,
}

/// What is asked of the session's role.
struct Ours {
    name: String,
    is_superuser: bool,
    bypasses: bool,
    makes_roles: bool,
}

impl Shadow {
    /// Make the role, where the session's own one bypasses policies and may make roles. `roles` are those that statements
    /// act as.
    ///
    /// # Errors
    /// What the server says, but for a lack of rights.
    pub(super) fn owned(&self, session: &mut Session, roles: &BTreeSet<String>) -> Result<Owned, PgError> {
        let ours = ours(session)?;
        if !ours.bypasses {
            return Ok(Owned::Ourselves);
        }
        let End::Drop { name: database, base, .. } = &self.end else { return Ok(Owned::Bypassing) };
        if !ours.makes_roles {
            return Ok(Owned::Bypassing);
        }
        let role = match self.owner.get() {
            Some(role) => role.clone(),
            None => {
                let role = Ident::new(database);
                match make(session, &role, &ours, &base.author.host) {
                    Ok(()) => {}
                    Err(error) if error.failure() == PgFailure::NoPrivilege => {
                        session.query("ROLLBACK")?;
                        return Ok(Owned::Bypassing);
                    }
                    Err(error) => return Err(error),
                }
                fault::point("shadow-owner");
                // From here on it is dropped with the database.
                self.owner.get_or_init(|| role).clone()
            }
        };
        let grants = session.catalog(&format!(
            "SELECT rolname FROM pg_roles WHERE NOT rolsuper AND rolname <> current_user \
               AND rolname = ANY (ARRAY[{}]::text[])",
            roles.iter().map(|role| Literal(role).to_string()).collect::<Vec<_>>().join(", ")
        ))?;
        for member in grants.rows.iter().filter_map(|row| row.first()?.as_ref()) {
            // As a deployer that acts as these roles is a member of them; without it the statement is run by ourselves.
            let member = Ident::new(member);
            match session.query(&format!("GRANT {member} TO {role}")) {
                Err(error) if !matches!(error, PgError::Server(_)) => return Err(error),
                _ => {}
            }
        }
        let by = if ours.is_superuser { By::SessionAuthorization } else { By::Role };
        let path = path(session, &ours.name)?;
        Ok(Owned::Made(Acting { role, path, ourselves: ours.name, by, grants: true }))
    }
}

impl Shadow {
    /// The ordinary role as which a plan is proved here, where there can be one; `catalogs` name the roles that it acts as.
    ///
    /// # Errors
    /// What the server says.
    pub fn acting(&self, catalogs: [&Catalog; 2]) -> Result<Option<Acting>, PgError> {
        let owner = |fact: &Fact| {
            let mut owners = fact.attributes().filter(|(name, _)| *name == "owner");
            owners.next().and_then(|(_, owner)| owner.map(str::to_owned))
        };
        let facts = catalogs.iter().flat_map(|catalog| catalog.facts());
        let roles = facts
            .flat_map(|fact| {
                let role = (fact.id.kind == Kind::DefaultPrivileges).then(|| fact.id.name.clone());
                owner(fact).into_iter().chain(role)
            })
            .collect();
        let mut session = self.connect()?;
        Ok(match self.owned(&mut session, &roles)? {
            Owned::Made(acting) => Some(acting),
            Owned::Ourselves | Owned::Bypassing => None,
        })
    }
}

/// A statement in which the session's own role is the one that stands for it.
pub(in crate::engine) fn stands_in(sql: &str, acting: &Acting) -> String {
    with_role(sql, &acting.ourselves, &acting.role).unwrap_or_else(|| sql.to_owned())
}

fn ours(session: &mut Session) -> Result<Ours, PgError> {
    // A role that the settings of the login choose is left by SET SESSION AUTHORIZATION, and makes none.
    let rows = session.catalog(
        "SELECT rolname, rolsuper, rolsuper OR rolbypassrls, \
           (rolsuper OR rolcreaterole) AND session_user = current_user \
         FROM pg_roles WHERE rolname = current_user",
    )?;
    let is = |column| rows.get(0, column) == Some("t");
    let name = rows.get(0, 0).unwrap_or_default().to_owned();
    Ok(Ours { name, is_superuser: is(1), bypasses: is(2), makes_roles: is(3) })
}

/// Whether policies do not apply to a role.
///
/// # Errors
/// What the server says.
pub(super) fn bypasses(session: &mut Session, role: &Ident) -> Result<bool, PgError> {
    let rows = session.catalog(&format!(
        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = {}",
        Literal(role.as_str())
    ))?;
    Ok(rows.get(0, 0) == Some("t"))
}

/// The role has the name of its database and owns it from the beginning: nobody can drop it before the database.
fn make(session: &mut Session, role: &Ident, ours: &Ours, host: &str) -> Result<(), PgError> {
    let (host, pid) = (host.to_owned(), std::process::id());
    let maker = Owner { pgkeel: "shadow".into(), host, pid, at: now(session)? };
    let comment = serde_json::to_string(&maker).expect("it has no map with odd keys");
    // Whoever makes a role is not yet what it is: it takes SET and INHERIT since 16 (docs, CREATE ROLE).
    let member = match (ours.is_superuser, session.server_version() >= 160_000) {
        (true, _) => String::new(),
        (false, true) => format!("GRANT {role} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE; "),
        (false, false) => format!("GRANT {role} TO CURRENT_USER; "),
    };
    session
        .query(&format!(
            "BEGIN; CREATE ROLE {role} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS; \
             COMMENT ON ROLE {role} IS {}; {member}ALTER DATABASE {role} OWNER TO {role}; COMMIT",
            Literal(&comment)
        ))
        .map(drop)
}

/// The search_path with the session's own role where it says `"$user"`.
fn path(session: &mut Session, ourselves: &str) -> Result<Option<String>, PgError> {
    if session.url().schema().is_some() {
        // Every message begins with that one.
        return Ok(None);
    }
    let shown = session.query_value("SHOW search_path")?.unwrap_or_default();
    let user = "\"$user\"";
    Ok(shown.contains(user).then(|| shown.replace(user, &Ident::new(ourselves).to_string())))
}

/// The catalog as the session's own role would have made it.
pub(in crate::engine) fn as_ours(catalog: Catalog, acting: &Acting) -> Catalog {
    catalog.with_role(acting.role.as_str(), &acting.ourselves)
}

/// Drop the role, as far as that is possible, also after Ctrl-C.
pub(super) fn drop_role(opening: &Opening, role: &Ident) {
    let calm =
        Opening { interrupt: Interrupt::default(), options: opening.options.at_once(), ..opening.clone() };
    drop(calm.maintenance("").and_then(|mut session| session.query(&format!("DROP ROLE IF EXISTS {role}"))));
}

/// Drop the roles that killed runs have left: those whose name is not locked. One that still owns its database stays.
///
/// # Errors
/// What the server says, but for a role that cannot be dropped.
pub(super) fn drop_leftover_roles(admin: &mut Session) -> Result<(), PgError> {
    let rows = admin.catalog(&format!(
        "SELECT r.rolname FROM pg_roles r \
         WHERE r.rolname ~ '^{PREFIX}[0-9a-f]{{16}}$' AND starts_with(shobj_description(r.oid, 'pg_authid'), {}) \
           AND NOT r.rolcanlogin AND pg_has_role(r.oid, 'MEMBER') \
           AND NOT EXISTS (SELECT FROM pg_database d WHERE d.datdba = r.oid)",
        Literal(COMMENTED)
    ))?;
    for name in rows.rows.iter().filter_map(|row| row.first()?.as_ref()) {
        if !hold(admin, name)? {
            continue;
        }
        let ended = admin.query(&format!("DROP ROLE IF EXISTS {}", Ident::new(name)));
        release(admin, name)?;
        match ended {
            Err(error) if !matches!(error, PgError::Server(_)) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
