//! Drop and recreate, so that a crash at any point leaves the old database or the new one under its
//! name, never none: the new one is made aside, given what belongs to the place, and swapped in.

use std::time::Duration;

use crate::engine::ledger::store::{Legacy, PoolSize, Store, StoreError};
use crate::engine::ledger::{Bookkeeping, Facts, Mark};
use crate::pg::connect::{ConnectOptions, sleep};
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
use crate::pg::session::Session;
use crate::pg::url::DatabaseUrl;

/// What `recreate` works on.
#[derive(Debug)]
pub struct Recreate<'a> {
    /// The database.
    pub url: &'a DatabaseUrl,
    /// What was read of it.
    pub facts: &'a Facts,
    /// The bookkeeping schema.
    pub bookkeeping: &'a Ident,
    /// The mark that the new database inherits, with the audit trail.
    pub mark: Option<&'a Mark>,
    /// Whether other sessions are disconnected.
    pub disconnect: bool,
    /// How to connect.
    pub options: &'a ConnectOptions,
    /// Ctrl-C.
    pub interrupt: &'a Interrupt,
    /// The pool for the bookkeeping tables.
    pub pool: PoolSize,
}

/// Why the database was not recreated; it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RecreateError {
    /// Somebody else does the same.
    #[error("another reset of `{database}` is under way")]
    Busy {
        /// The database.
        database: String,
    },
    /// Others are connected.
    #[error("other sessions use the database: {}", sessions.join("; "))]
    InUse {
        /// Who.
        sessions: Vec<String>,
    },
    /// The bookkeeping of the new database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server said no.
    #[error(transparent)]
    Pg(#[from] PgError),
}

/// Recreate the database. Returns the name of a leftover that could not be dropped, if any.
///
/// # Errors
/// See `RecreateError`.
pub fn recreate(what: &Recreate<'_>) -> Result<Option<String>, RecreateError> {
    let name = &what.facts.database;
    let mut admin = maintenance(what)?;
    // The migration lock is of one database, of which we must let go before it can be renamed.
    let turn =
        format!("SELECT pg_try_advisory_lock(hashtextextended('pgkeel reset ' || {}, 0))", Literal(name));
    if admin.query_value(&turn)?.as_deref() != Some("t") {
        return Err(RecreateError::Busy { database: name.clone() });
    }
    let legacy = legacy(what)?;
    drop_leftovers(&mut admin, name)?;
    if !what.disconnect {
        wait_for_others(what, &mut admin)?;
    }
    let suffix =
        format!("{:08x}", std::process::id() ^ what.facts.backend_pid.unsigned_abs().rotate_left(16));
    let fresh = format!("pgkeel_new_{suffix}");
    let old = format!("pgkeel_old_{suffix}");
    create(&mut admin, name, &fresh)?;
    let ended = furnish(what, legacy.as_ref(), &fresh).and_then(|()| swap(what, &mut admin, &fresh, &old));
    if let Err(error) = ended {
        // The caller learns why; that the half-made database could not be dropped is found next time.
        drop(admin.query(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", Ident::new(&fresh))));
        return Err(error);
    }
    let dropped = admin.query(&format!("DROP DATABASE {} WITH (FORCE)", Ident::new(&old)));
    Ok(dropped.is_err().then_some(old))
}

/// A database cannot be renamed from inside.
fn maintenance(what: &Recreate<'_>) -> Result<Session, PgError> {
    let connect = |name| Session::connect(&what.url.with_database(name), what.options, what.interrupt);
    match connect("postgres") {
        Err(PgError::Connect(_)) => connect("template1"),
        ended => ended,
    }
}

fn leftover_comment(database: &str) -> String {
    format!("pgkeel: made or replaced by a reset of {database}; may be dropped")
}

fn drop_leftovers(admin: &mut Session, database: &str) -> Result<(), PgError> {
    let rows = admin.query(&format!(
        "SELECT datname FROM pg_database WHERE datname ~ '^pgkeel_(new|old)_' \
         AND shobj_description(oid, 'pg_database') = {} AND pg_has_role(datdba, 'MEMBER')",
        Literal(&leftover_comment(database))
    ))?;
    for row in rows.last().map(|rows| rows.rows.clone()).unwrap_or_default() {
        if let Some(Some(name)) = row.first() {
            admin.query(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", Ident::new(name)))?;
        }
    }
    Ok(())
}

/// Create the new database like the old one: owner, encoding, locale, tablespace, settings, grants.
fn create(admin: &mut Session, old: &str, fresh: &str) -> Result<(), PgError> {
    let locale = match admin.server_version() {
        170_000.. => {
            "CASE d.datlocprovider WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L', d.datlocale) \
             WHEN 'b' THEN format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', d.datlocale) ELSE '' END"
        }
        150_000.. => {
            "CASE d.datlocprovider WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L', d.daticulocale) ELSE '' END"
        }
        _ => "''",
    };
    // template1 may hold what the DBA wants in every database; it serves where its locale fits. To name a tablespace
    // takes a right that the template's own does not.
    let made = admin.query_value(&format!(
        "SELECT format('CREATE DATABASE %I OWNER %I ENCODING %L LC_COLLATE %L LC_CTYPE %L CONNECTION LIMIT %s TEMPLATE %I', \
         {fresh}, pg_get_userbyid(d.datdba), pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, d.datconnlimit, \
         CASE WHEN (d.encoding, d.datcollate, d.datctype) = (one.encoding, one.datcollate, one.datctype) THEN 'template1' ELSE 'template0' END) || {locale} || \
         CASE WHEN d.dattablespace = one.dattablespace THEN '' ELSE format(' TABLESPACE %I', t.spcname) END \
         FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace, pg_database one \
         WHERE d.datname = {old} AND one.datname = 'template1'",
        fresh = Literal(fresh),
        old = Literal(old),
    ))?;
    let made = made.ok_or_else(|| PgError::Unexpected("the database is not in pg_database".into()))?;
    admin.query(&made)?;
    let rows = admin.query(&format!(
        "WITH d AS (SELECT * FROM pg_database WHERE datname = {old}) \
         SELECT format('COMMENT ON DATABASE %I IS %L', {fresh}, {comment}) \
         UNION ALL \
         SELECT format('ALTER %s SET %I = %s', \
           CASE WHEN s.setrole = 0 THEN format('DATABASE %I', {fresh}) \
             ELSE format('ROLE %I IN DATABASE %I', pg_get_userbyid(s.setrole), {fresh}) END, \
           split_part(setting, '=', 1), \
           CASE WHEN split_part(setting, '=', 1) IN ('search_path', 'temp_tablespaces', 'local_preload_libraries', \
             'session_preload_libraries') THEN substr(setting, strpos(setting, '=') + 1) \
           ELSE quote_literal(substr(setting, strpos(setting, '=') + 1)) END) \
         FROM d JOIN pg_db_role_setting s ON s.setdatabase = d.oid, unnest(s.setconfig) setting \
         UNION ALL \
         SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', {fresh}) FROM d WHERE d.datacl IS NOT NULL \
         UNION ALL \
         SELECT format('GRANT %s ON DATABASE %I TO %s%s', a.privilege_type, {fresh}, \
           CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, \
           CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) \
         FROM d, aclexplode(d.datacl) a WHERE a.grantee <> d.datdba",
        old = Literal(old),
        fresh = Literal(fresh),
        comment = Literal(&leftover_comment(old)),
    ))?;
    for row in rows.last().map(|rows| rows.rows.clone()).unwrap_or_default() {
        if let Some(Some(statement)) = row.first() {
            let done = admin.query(statement);
            // A setting that only a superuser may make was made by one: not ours to lose the reset over.
            if let Err(error) = done
                && error.failure() != PgFailure::NoPrivilege
            {
                drop(admin.query(&format!("DROP DATABASE {}", Ident::new(fresh))));
                return Err(error);
            }
        }
    }
    Ok(())
}

/// What belongs to the place, read when nobody else can replace the database any more.
fn legacy(what: &Recreate<'_>) -> Result<Option<Legacy>, StoreError> {
    match what.facts.bookkeeping {
        Bookkeeping::Present => {
            Store::connect(what.url, what.bookkeeping, what.pool)?.legacy(what.mark.cloned()).map(Some)
        }
        _ => Ok(None),
    }
}

/// The mark and the audit trail go into the new database before it takes the name.
fn furnish(what: &Recreate<'_>, legacy: Option<&Legacy>, fresh: &str) -> Result<(), RecreateError> {
    let Some(legacy) = legacy else { return Ok(()) };
    let facts = Facts { bookkeeping: Bookkeeping::Absent, has_ledger: false, ..what.facts.clone() };
    let store = Store::connect(&what.url.with_database(fresh), what.bookkeeping, what.pool)?;
    store.upgrade(&facts)?;
    // The mark names the place by the database's final name, which `facts` still says.
    store.inherit(legacy, &facts)?;
    Ok(())
}

/// Sessions that are just leaving, our own among them, are given a second; then nothing is begun.
fn wait_for_others(what: &Recreate<'_>, admin: &mut Session) -> Result<(), RecreateError> {
    for _ in 0..10 {
        if others(what, admin)?.is_empty() {
            return Ok(());
        }
        sleep(Duration::from_millis(100), what.interrupt)?;
    }
    Err(RecreateError::InUse { sessions: others(what, admin)? })
}

/// Who else uses the database.
fn others(what: &Recreate<'_>, admin: &mut Session) -> Result<Vec<String>, PgError> {
    let rows = admin.query(&format!(
        "SELECT concat_ws(', ', 'pid ' || pid, 'role ' || usename, 'application ' || nullif(application_name, ''), state) \
         {}",
        of_others(what)
    ))?;
    let sessions = rows.last().map(|rows| rows.rows.clone()).unwrap_or_default();
    Ok(sessions.into_iter().filter_map(|mut row| row.remove(0)).collect())
}

/// Without pg_read_all_stats the server hides what kind of process another role's is; autovacuum has no role.
fn of_others(what: &Recreate<'_>) -> String {
    format!(
        "FROM pg_stat_activity WHERE datname = {} AND pid <> pg_backend_pid() \
         AND usesysid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'",
        Literal(&what.facts.database)
    )
}

fn swap(what: &Recreate<'_>, admin: &mut Session, fresh: &str, old: &str) -> Result<(), RecreateError> {
    let name = &what.facts.database;
    let comment = admin.query_value(&format!(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = {}",
        Literal(name)
    ))?;
    let sql = format!(
        "BEGIN; ALTER DATABASE {name} RENAME TO {old}; ALTER DATABASE {fresh} RENAME TO {name}; \
         COMMENT ON DATABASE {old} IS {leftover}; COMMENT ON DATABASE {name} IS {comment}; COMMIT",
        leftover = Literal(&leftover_comment(name)),
        name = Ident::new(name),
        old = Ident::new(old),
        fresh = Ident::new(fresh),
        comment = crate::pg::literal::Nullable(comment.as_deref()),
    );
    // ALTER DATABASE itself waits five seconds for sessions that are just leaving.
    for attempt in 0.. {
        if what.disconnect {
            admin.query(&format!("SELECT pg_terminate_backend(pid) {}", of_others(what)))?;
        }
        let Err(error) = admin.query(&sql) else { break };
        drop(admin.query("ROLLBACK"));
        if error.failure() != PgFailure::InUse || (what.disconnect && attempt >= 5) {
            return Err(error.into());
        }
        if !what.disconnect {
            return Err(RecreateError::InUse { sessions: others(what, admin)? });
        }
        sleep(Duration::from_millis(100), what.interrupt)?;
    }
    Ok(())
}
