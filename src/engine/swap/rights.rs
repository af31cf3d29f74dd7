//! What the role or the database lacks for a swap, asked before any work, and told with what would mend it.

use std::fmt;

use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::session::Session;

use super::sessions::MAY_END;

/// One reason why a swap would fail, or would leave something behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// The role may not create databases, which renaming takes too (docs ALTER DATABASE, "Description").
    CreateDb {
        /// Our role.
        role: String,
    },
    /// The database is another role's.
    NotOwner {
        /// Which.
        database: String,
        /// Whose it is.
        owner: String,
        /// Our role.
        role: String,
    },
    /// The role may not end the sessions of a role that works in the database, now or at other times.
    CannotTerminate {
        /// Our role.
        role: String,
        /// The one that works in it.
        of: String,
    },
    /// A superuser is connected, whose sessions only a superuser may end.
    Superuser {
        /// Who.
        of: String,
    },
    /// A logical replication slot stays with the old database.
    LogicalSlot {
        /// Its name.
        name: String,
    },
    /// A subscription stays with the old database.
    Subscription {
        /// Its name.
        name: String,
    },
    /// A prepared transaction keeps the database from being renamed.
    PreparedTransaction {
        /// Its identifier.
        gid: String,
        /// Whose it is.
        owner: String,
    },
    /// It is a template, from which databases are made.
    Template {
        /// Its name.
        database: String,
    },
    /// It is the database to which tools connect for the server's sake, as we do to rename another.
    Maintenance {
        /// Its name.
        database: String,
    },
}

impl Lack {
    /// The statement that mends it, where one does without a decision. An owner of the database, or a superuser, runs it.
    pub fn remedy_sql(&self) -> Option<String> {
        match self {
            Self::CreateDb { role } => Some(format!("ALTER ROLE {} CREATEDB;", Ident::new(role))),
            Self::NotOwner { database, role, .. } => {
                Some(format!("ALTER DATABASE {} OWNER TO {};", Ident::new(database), Ident::new(role)))
            }
            Self::CannotTerminate { role, .. } => {
                Some(format!("GRANT pg_signal_backend TO {};", Ident::new(role)))
            }
            Self::Superuser { .. }
            | Self::LogicalSlot { .. }
            | Self::Subscription { .. }
            | Self::PreparedTransaction { .. }
            | Self::Template { .. }
            | Self::Maintenance { .. } => None,
        }
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateDb { role } => {
                write!(f, "role `{role}` may not create databases (CREATEDB), which renaming one takes")
            }
            Self::NotOwner { database, owner, role } => {
                write!(f, "`{database}` belongs to role `{owner}`, and role `{role}` is no member of it")
            }
            Self::CannotTerminate { role, of } => {
                write!(f, "role `{role}` may not end sessions of role `{of}`, which works in the database")
            }
            Self::Superuser { of } => {
                write!(f, "superuser `{of}` is connected, whose sessions only a superuser may end")
            }
            Self::LogicalSlot { name } => {
                write!(f, "the logical replication slot `{name}` would stay with the old database")
            }
            Self::Subscription { name } => {
                write!(f, "the subscription `{name}` would stay with the old database")
            }
            Self::PreparedTransaction { gid, owner } => write!(
                f,
                "the prepared transaction `{gid}` of role `{owner}` keeps the database from being renamed until it is \
                 committed or rolled back"
            ),
            Self::Template { database } => write!(f, "`{database}` is a template for other databases"),
            Self::Maintenance { database } => {
                write!(f, "`{database}` is the database in which the server is administered")
            }
        }
    }
}

/// One row per lack: what, and two names. The roles that work in the database are those that are connected, and those
/// that can log in and own or were granted something in it, themselves or through a role (pg_shdepend knows; docs 53.48).
fn question() -> String {
    format!(
        "WITH me AS (SELECT rolname, rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user), \
         live AS (SELECT * FROM pg_database WHERE datname = current_database()), \
         connected AS (SELECT DISTINCT a.usesysid AS role FROM pg_stat_activity a, live \
           WHERE a.datid = live.oid AND a.pid <> pg_backend_pid()), \
         named AS (SELECT DISTINCT s.refobjid AS role FROM pg_shdepend s, live \
           WHERE s.refclassid = 'pg_authid'::regclass AND s.deptype IN ('o', 'a') \
           AND (s.dbid = live.oid OR s.classid = 'pg_database'::regclass AND s.objid = live.oid)), \
         working AS (SELECT role FROM connected UNION SELECT r.oid FROM pg_roles r, named \
           WHERE r.rolcanlogin AND NOT r.rolsuper AND pg_has_role(r.oid, named.role, 'MEMBER')) \
         SELECT 'createdb', NULL, NULL FROM me WHERE NOT (rolsuper OR rolcreatedb) \
         UNION ALL SELECT 'owner', pg_get_userbyid(datdba), NULL FROM live WHERE NOT pg_has_role(datdba, 'USAGE') \
         UNION ALL SELECT CASE WHEN r.rolsuper THEN 'superuser' ELSE 'terminate' END, r.rolname, NULL \
           FROM working w JOIN pg_roles r ON r.oid = w.role WHERE NOT {MAY_END} \
         UNION ALL SELECT 'slot', slot_name, NULL FROM pg_replication_slots WHERE database = current_database() \
         UNION ALL SELECT 'subscription', s.subname, NULL FROM pg_subscription s, live WHERE s.subdbid = live.oid \
         UNION ALL SELECT 'prepared', gid, owner FROM pg_prepared_xacts WHERE database = current_database() \
         UNION ALL SELECT 'template', NULL, NULL FROM live WHERE datistemplate \
         UNION ALL SELECT 'maintenance', NULL, NULL FROM live WHERE datname = 'postgres' \
         ORDER BY 1, 2"
    )
}

/// What keeps the database of this session from being swapped; nothing is changed.
///
/// # Errors
/// What the server says.
pub fn rights(inside: &mut Session) -> Result<Vec<Lack>, PgError> {
    let names = inside.catalog("SELECT current_user, current_database()")?;
    let name = |column| names.get(0, column).unwrap_or_default().to_owned();
    let rows = inside.catalog(&question())?;
    let lack = |row| {
        let cell = |column| rows.get(row, column).unwrap_or_default().to_owned();
        let (role, database) = (name(0), name(1));
        Ok(match rows.get(row, 0) {
            Some("createdb") => Lack::CreateDb { role },
            Some("owner") => Lack::NotOwner { database, owner: cell(1), role },
            Some("terminate") => Lack::CannotTerminate { role, of: cell(1) },
            Some("superuser") => Lack::Superuser { of: cell(1) },
            Some("slot") => Lack::LogicalSlot { name: cell(1) },
            Some("subscription") => Lack::Subscription { name: cell(1) },
            Some("prepared") => Lack::PreparedTransaction { gid: cell(1), owner: cell(2) },
            Some("template") => Lack::Template { database },
            Some("maintenance") => Lack::Maintenance { database },
            other => return Err(PgError::Unexpected(format!("a lack of {other:?}"))),
        })
    };
    (0..rows.rows.len()).map(lack).collect()
}
