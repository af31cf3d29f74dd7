//! Keeps PUBLIC out of a database that is given as a shadow while a superuser works in it: what other roles create there would
//! run with a superuser's rights. Its owner, and roles that have CONNECT by name, can still get in. PUBLIC gets CONNECT back afterwards; a setting of the database says that it must, so that
//! the run after a killed one does it.

use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

/// The setting of the database. Its value does not count: others may be able to change it.
const SETTING: &str = "pgkeel.closed_to_public";

/// Revoke CONNECT from PUBLIC, and end the sessions of roles that are no superusers. Returns whether PUBLIC gets it back. Does
/// nothing for a role that is no superuser.
///
/// # Errors
/// What the server says.
pub(super) fn close(inside: &mut Session, database: &str) -> Result<bool, PgError> {
    if !inside.is_superuser() {
        return Ok(false);
    }
    let eq = "OPERATOR(pg_catalog.=)";
    let found = inside.catalog(&format!(
        "SELECT EXISTS (SELECT FROM pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) a \
             WHERE a.grantee {eq} 0::pg_catalog.oid AND a.privilege_type {eq} 'CONNECT'), \
           EXISTS (SELECT FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) one \
             WHERE s.setdatabase {eq} d.oid AND s.setrole {eq} 0::pg_catalog.oid AND pg_catalog.starts_with(one, {})) \
         FROM pg_catalog.pg_database d WHERE d.datname {eq} {}::pg_catalog.name",
        Literal(&format!("{SETTING}=")),
        Literal(database)
    ))?;
    let (is_open, was_closed) = (found.get(0, 0) == Some("t"), found.get(0, 1) == Some("t"));
    if is_open {
        let name = Ident::new(database);
        inside.query(&format!(
            "BEGIN; ALTER DATABASE {name} SET {SETTING} = 'on'; REVOKE CONNECT ON DATABASE {name} FROM PUBLIC; COMMIT"
        ))?;
    }
    inside.catalog(&format!(
        "SELECT pg_catalog.count(pg_catalog.pg_terminate_backend(a.pid)) FROM pg_catalog.pg_stat_activity a \
           JOIN pg_catalog.pg_roles r ON r.oid {eq} a.usesysid \
         WHERE a.datname {eq} pg_catalog.current_database() AND NOT r.rolsuper"
    ))?;
    Ok(is_open || was_closed)
}

/// Give it back.
///
/// # Errors
/// What the server says.
pub(super) fn open(inside: &mut Session, database: &str) -> Result<(), PgError> {
    let name = Ident::new(database);
    let sql = format!(
        "{}BEGIN; GRANT CONNECT ON DATABASE {name} TO PUBLIC; ALTER DATABASE {name} RESET {SETTING}; COMMIT",
        inside.own_prelude()
    );
    inside.query(&sql).map(drop)
}
