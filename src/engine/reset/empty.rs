//! For a role without the right to create databases: drop what its schemas hold, in one
//! transaction, keeping extensions with their members, grants on schemas, and our bookkeeping.

use crate::engine::ledger::LEDGER_TABLE;
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

/// Empty the schemas that the role owns, and `ledger_schema`. A schema that migrations can create
/// again is dropped; the others stay, emptied.
///
/// # Errors
/// What the server says; nothing is dropped then.
pub fn empty(session: &mut Session, bookkeeping: &Ident, ledger_schema: &Ident) -> Result<(), PgError> {
    let statements = session.query(&drops(bookkeeping, ledger_schema))?;
    let mut sql = format!(
        "{}SET lock_timeout = '30s'; BEGIN; SET LOCAL client_min_messages = warning; ",
        session.prelude()
    );
    for row in statements.last().map(|rows| rows.rows.as_slice()).unwrap_or_default() {
        if let Some(Some(statement)) = row.first() {
            sql.push_str(statement);
            sql.push_str("; ");
        }
    }
    let ours = Literal(ledger_schema.as_str()).to_string();
    sql.push_str(&format!(
        "DELETE FROM {ledger_schema}.{LEDGER_TABLE}; \
         DELETE FROM {bookkeeping}.migration WHERE ledger_schema = {ours}; \
         DELETE FROM {bookkeeping}.seed WHERE ledger_schema = {ours}; COMMIT"
    ));
    session.query(&sql).map(drop).inspect_err(|_| drop(session.query("ROLLBACK")))
}

/// One query that renders every DROP. CASCADE is right here: all of it is to go.
fn drops(bookkeeping: &Ident, ledger_schema: &Ident) -> String {
    let kept = Literal(bookkeeping.as_str());
    let ledger = Literal(ledger_schema.as_str());
    format!(
        "WITH mine AS (\
           SELECT n.oid, n.nspname, n.nspname NOT IN ('public', {ledger}) \
             AND has_database_privilege(current_database(), 'CREATE') \
             AND NOT EXISTS (SELECT FROM pg_extension e WHERE e.extnamespace = n.oid) AS again \
           FROM pg_namespace n \
           WHERE (pg_has_role(n.nspowner, 'USAGE') OR n.nspname IN ({ledger}, 'public')) \
             AND n.nspname NOT IN ('information_schema', {kept}) AND n.nspname NOT LIKE 'pg\\_%' \
             AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')), \
         member AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'), \
         emptied AS (SELECT oid, nspname FROM mine WHERE NOT again) \
         SELECT statement FROM (\
           SELECT 1, format('DROP SCHEMA %I CASCADE', nspname) AS statement FROM mine WHERE again \
           UNION ALL \
           SELECT 2, format('DROP %s IF EXISTS %I.%I CASCADE', CASE c.relkind WHEN 'v' THEN 'VIEW' \
             WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' \
             WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END, n.nspname, c.relname) \
           FROM pg_class c JOIN emptied n ON n.oid = c.relnamespace \
           WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c') AND NOT c.relispartition \
             AND pg_has_role(c.relowner, 'USAGE') AND c.relname <> '{LEDGER_TABLE}' \
             AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid) \
             AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid \
               AND c.relkind = 'S' AND d.deptype IN ('a', 'i')) \
           UNION ALL \
           SELECT 3, format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure) \
           FROM pg_proc p JOIN emptied n ON n.oid = p.pronamespace \
           WHERE pg_has_role(p.proowner, 'USAGE') \
             AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid) \
           UNION ALL \
           SELECT 4, format('DROP TYPE IF EXISTS %I.%I CASCADE', n.nspname, t.typname) \
           FROM pg_type t JOIN emptied n ON n.oid = t.typnamespace \
           WHERE t.typtype IN ('e', 'd', 'r') AND pg_has_role(t.typowner, 'USAGE') \
             AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid) \
           UNION ALL \
           SELECT 5, format('DROP COLLATION IF EXISTS %I.%I CASCADE', n.nspname, c.collname) \
           FROM pg_collation c JOIN emptied n ON n.oid = c.collnamespace \
           WHERE pg_has_role(c.collowner, 'USAGE') \
             AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_collation'::regclass AND m.objid = c.oid) \
           UNION ALL \
           SELECT 6, format('DROP TEXT SEARCH CONFIGURATION IF EXISTS %I.%I CASCADE', n.nspname, c.cfgname) \
           FROM pg_ts_config c JOIN emptied n ON n.oid = c.cfgnamespace \
           WHERE pg_has_role(c.cfgowner, 'USAGE') \
             AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_ts_config'::regclass AND m.objid = c.oid)\
         ) all_of_it (step, statement) ORDER BY step, statement"
    )
}
