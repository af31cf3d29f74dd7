//! Gathers statistics after a load. They never decide whether a restore succeeds: what could not be analyzed is reported.

use crate::pg::error::PgError;
use crate::pg::session::Session;

/// Tables and materialized views that this role may analyze. A table with a foreign table below it is left out: ANALYZE
/// would read it from another server, which may not answer.
const TABLES: &str = "WITH RECURSIVE above (oid) AS (\
       SELECT i.inhparent FROM pg_catalog.pg_inherits i \
         JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) i.inhrelid WHERE c.relkind OPERATOR(pg_catalog.=) 'f' \
       UNION SELECT i.inhparent FROM pg_catalog.pg_inherits i JOIN above a ON a.oid OPERATOR(pg_catalog.=) i.inhrelid) \
     SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), \
       c.relkind OPERATOR(pg_catalog.=) 'p' AND EXISTS (SELECT FROM above a WHERE a.oid OPERATOR(pg_catalog.=) c.oid) \
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
     WHERE (c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p}') OR c.relkind OPERATOR(pg_catalog.=) 'm' AND c.relispopulated) \
       AND c.relpersistence OPERATOR(pg_catalog.<>) 't' \
       AND NOT pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_') \
       AND pg_catalog.pg_has_role(c.relowner, 'USAGE') ORDER BY 1";

const HAS_FOREIGN: &str = "SELECT 1 FROM pg_catalog.pg_inherits i \
     JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) i.inhrelid WHERE c.relkind OPERATOR(pg_catalog.=) 'f' LIMIT 1";

/// How many tables a note names.
const NAMED: usize = 3;

/// Analyze the database of this session. Returns what was not analyzed.
///
/// # Errors
/// `Interrupted` and `Abandoned` alone.
pub(super) fn analyze(session: &mut Session) -> Result<Option<String>, PgError> {
    let prelude = session.prelude();
    if let Err(error) = calm(session.query(&prelude))? {
        return Ok(Some(format!("statistics are missing, run ANALYZE: {error}")));
    }
    let is_whole = calm(session.catalog(HAS_FOREIGN))?.is_ok_and(|rows| rows.rows.is_empty());
    if is_whole && calm(session.query("ANALYZE"))?.is_ok() {
        return Ok(None);
    }
    match one_by_one(session) {
        Err(error @ (PgError::Interrupted | PgError::Abandoned)) => Err(error),
        Err(error) => Ok(Some(format!("statistics are missing, run ANALYZE: {error}"))),
        Ok(missing) => Ok(missing),
    }
}

fn one_by_one(session: &mut Session) -> Result<Option<String>, PgError> {
    let tables = session.catalog(TABLES)?;
    let mut missing = Vec::new();
    let mut why = None;
    for row in 0..tables.rows.len() {
        let name = tables.get(row, 0).unwrap_or_default();
        if tables.get(row, 1) == Some("t") {
            missing.push(name.to_owned());
        } else if let Err(error) = calm(session.query(&format!("ANALYZE {name}")))? {
            missing.push(name.to_owned());
            why.get_or_insert(error);
        }
    }
    if missing.is_empty() {
        return Ok(None);
    }
    let why = why.map_or("it has partitions on another server".to_owned(), |error| error.to_string());
    let more = missing.len().saturating_sub(NAMED);
    missing.truncate(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Ok(Some(format!("not analyzed: {}{more}: {why}", missing.join(", "))))
}

/// What stops the run stays an error.
fn calm<T>(result: Result<T, PgError>) -> Result<Result<T, PgError>, PgError> {
    match result {
        Err(error @ (PgError::Interrupted | PgError::Abandoned)) => Err(error),
        other => Ok(other),
    }
}
