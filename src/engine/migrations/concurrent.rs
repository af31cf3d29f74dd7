//! CREATE INDEX CONCURRENTLY: what it leaves when it fails, and whether its index can be used.
//! PostgreSQL keeps the invalid index of a failed build (docs, "Building Indexes Concurrently"): the
//! same statement then fails for ever, or with IF NOT EXISTS "succeeds" without an index.

use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Session;
use crate::pg::statements::ConcurrentIndex;

/// Drop the invalid index of that name, unless somebody is building it. One without a name cannot be
/// told from those of others, and is left.
///
/// # Errors
/// What the server says.
pub(super) fn drop_remnant(session: &mut Session, index: &ConcurrentIndex) -> Result<(), PgError> {
    // Who builds holds SHARE UPDATE EXCLUSIVE on the table.
    let unless_built = "NOT EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE l.relation = i.indrelid \
         AND l.mode = 'ShareUpdateExclusiveLock' AND l.pid <> pg_catalog.pg_backend_pid())";
    let Some(sql) = found(index) else { return Ok(()) };
    let rows = session.query(&format!("{sql} AND NOT i.indisvalid AND {unless_built}"))?;
    let Some(rows) = rows.last() else { return Ok(()) };
    if let (Some(schema), Some(name)) = (rows.get(0, 0), rows.get(0, 1)) {
        session.query(&format!(
            "DROP INDEX CONCURRENTLY IF EXISTS {}.{}",
            Ident::new(schema),
            Ident::new(name)
        ))?;
    }
    Ok(())
}

/// Fail where the statement went through and left an index that no query uses.
///
/// # Errors
/// What the server says, or that the index is invalid.
pub(super) fn assert_valid(session: &mut Session, index: &ConcurrentIndex) -> Result<(), PgError> {
    let Some(sql) = found(index) else { return Ok(()) };
    let rows = session.query(&format!("{sql} AND NOT i.indisvalid"))?;
    match rows.last().and_then(|rows| rows.get(0, 1)) {
        None => Ok(()),
        Some(name) => Err(PgError::Unexpected(format!(
            "the index `{name}` was there before and is invalid; perhaps another session is building it"
        ))),
    }
}

/// The query for schema and name of the index, as the session's search_path sees its table.
fn found(index: &ConcurrentIndex) -> Option<String> {
    let name = index.name.as_deref()?;
    let table: Vec<_> = index.table.iter().map(|part| Ident::new(part).to_string()).collect();
    Some(format!(
        "SELECT n.nspname, c.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE i.indrelid = pg_catalog.to_regclass({}) AND c.relname = {}::name",
        Literal(&table.join(".")),
        Literal(name)
    ))
}
