//! Empties a database that is given as a shadow: everything that a schema can hold, in one transaction, as far as the role may.
//! Unlike a reset's, which keeps what belongs to the place.

use crate::engine::prepared::explained;
use crate::engine::reset::drops;
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::session::Session;

/// Empty it.
///
/// # Errors
/// What the server says; nothing is dropped then.
pub(super) fn empty(session: &mut Session) -> Result<(), PgError> {
    // A trigger on events would have its say in what follows.
    let first = statements(
        session,
        "SELECT format('DROP EVENT TRIGGER %I', evtname) FROM pg_event_trigger WHERE pg_has_role(evtowner, 'USAGE')",
    )?;
    run(session, &first)?;
    let rest = statements(session, &query())?;
    run(session, &rest)?;
    // A public schema of another owner stays, emptied.
    let in_public = statements(session, &drops(&Ident::new(""), &Ident::new("public")))?;
    run(session, &in_public)?;
    run(session, &["DROP TABLE IF EXISTS public.__diesel_schema_migrations".to_owned()])
}

fn statements(session: &mut Session, query: &str) -> Result<Vec<String>, PgError> {
    Ok(session.catalog(query)?.rows.into_iter().filter_map(|mut row| row.remove(0)).collect())
}

fn run(session: &mut Session, statements: &[String]) -> Result<(), PgError> {
    if statements.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "{}SET lock_timeout = '30s'; BEGIN; SET LOCAL client_min_messages = warning; {}; COMMIT",
        session.own_prelude(),
        statements.join("; ")
    );
    session.query(&sql).map(drop).map_err(|error| {
        drop(session.query("ROLLBACK"));
        explained(session, error)
    })
}

/// Every statement, in the order in which they run. Objects of initdb have oids below 16384.
fn query() -> String {
    let mut sql = String::from(
        "SELECT statement FROM (\
         SELECT 0, format('DROP PUBLICATION IF EXISTS %I', pubname) FROM pg_publication WHERE pg_has_role(pubowner, 'USAGE') \
         UNION ALL SELECT 1, format('DROP EXTENSION IF EXISTS %I CASCADE', extname) FROM pg_extension \
           WHERE extname <> 'plpgsql' AND pg_has_role(extowner, 'USAGE') \
         UNION ALL SELECT 2, format('DROP SCHEMA IF EXISTS %I CASCADE', nspname) FROM pg_namespace \
           WHERE nspname NOT IN ('public', 'information_schema') AND NOT starts_with(nspname, 'pg_') \
           AND pg_has_role(nspowner, 'USAGE') \
         UNION ALL SELECT 3, format('DROP FOREIGN DATA WRAPPER IF EXISTS %I CASCADE', fdwname) FROM pg_foreign_data_wrapper \
           WHERE pg_has_role(fdwowner, 'USAGE') \
         UNION ALL SELECT 3, format('DROP SERVER IF EXISTS %I CASCADE', srvname) FROM pg_foreign_server \
           WHERE pg_has_role(srvowner, 'USAGE') \
         UNION ALL SELECT 3, format('DROP CAST IF EXISTS (%s AS %s)', format_type(castsource, NULL), format_type(casttarget, NULL)) \
           FROM pg_cast c WHERE c.oid >= 16384 AND rolsuper_of_us \
         UNION ALL SELECT 3, format('DROP TRANSFORM IF EXISTS FOR %s LANGUAGE %I', format_type(trftype, NULL), lanname) \
           FROM pg_transform t JOIN pg_language l ON l.oid = trflang WHERE t.oid >= 16384 AND rolsuper_of_us \
         UNION ALL SELECT 4, format('DROP LANGUAGE IF EXISTS %I CASCADE', lanname) FROM pg_language \
           WHERE oid >= 16384 AND pg_has_role(lanowner, 'USAGE') \
         UNION ALL SELECT 4, format('DROP ACCESS METHOD IF EXISTS %I CASCADE', amname) FROM pg_am WHERE oid >= 16384 AND rolsuper_of_us \
         UNION ALL SELECT 5, format('SELECT lo_unlink(%s)', oid) FROM pg_largeobject_metadata WHERE pg_has_role(lomowner, 'USAGE') ",
    );
    sql.push_str(
        "UNION ALL SELECT 6, format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s REVOKE ALL ON %s FROM %s', \
             pg_get_userbyid(defaclrole), coalesce(' IN SCHEMA ' || nullif(defaclnamespace, 0)::regnamespace::text, ''), \
             objects, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END) \
           FROM pg_default_acl JOIN kinds ON kind = defaclobjtype, LATERAL (SELECT DISTINCT grantee FROM aclexplode(defaclacl)) g \
           WHERE pg_has_role(defaclrole, 'USAGE') \
         UNION ALL SELECT 7, format('ALTER DEFAULT PRIVILEGES FOR ROLE %I GRANT ALL ON %s TO %1$I', pg_get_userbyid(defaclrole), objects) \
           FROM pg_default_acl JOIN kinds ON kind = defaclobjtype WHERE defaclnamespace = 0 AND pg_has_role(defaclrole, 'USAGE') \
         UNION ALL SELECT 7, format('ALTER DEFAULT PRIVILEGES FOR ROLE %I GRANT ALL ON %s TO PUBLIC', pg_get_userbyid(defaclrole), objects) \
           FROM pg_default_acl JOIN kinds ON kind = defaclobjtype \
           WHERE defaclnamespace = 0 AND kind IN ('f', 'T') AND pg_has_role(defaclrole, 'USAGE') ",
    );
    // As initdb makes it: since 15 it belongs to the database's owner and only he creates in it (docs 5.9.6).
    sql.push_str(
        "UNION ALL SELECT 8 + step, statement FROM pg_namespace, LATERAL (VALUES \
             (0, 'DROP SCHEMA public CASCADE'), \
             (1, format('CREATE SCHEMA public AUTHORIZATION %I', pg_get_userbyid(nspowner))), \
             (2, format('GRANT %s ON SCHEMA public TO PUBLIC', \
               CASE WHEN current_setting('server_version_num')::int >= 150000 THEN 'USAGE' ELSE 'ALL' END)), \
             (3, 'COMMENT ON SCHEMA public IS ''standard public schema''')) s (step, statement) \
           WHERE nspname = 'public' AND pg_has_role(nspowner, 'USAGE') \
         ) all_of_it (step, statement) ORDER BY step, statement",
    );
    let us = "(SELECT rolsuper FROM pg_roles WHERE rolname = current_user)";
    format!(
        "WITH kinds (kind, objects) AS (VALUES ('r'::\"char\", 'TABLES'), ('S', 'SEQUENCES'), ('f', 'FUNCTIONS'), \
           ('T', 'TYPES'), ('n', 'SCHEMAS')) {}",
        sql.replace("rolsuper_of_us", us)
    )
}
