//! Is there a pooler between us and the server, and does it keep one server connection for us?
//! Proved, not guessed: names and ports are only hints.

use super::error::PgError;
use super::session::Session;

/// What stands between us and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// Nothing: libpq was told the pid that the server says.
    Direct,
    /// A pooler that keeps one server connection for our session.
    Session,
    /// A pooler that hands the server connection on between our transactions (or statements).
    Transaction,
}

/// Prove it. `server_pid` is what `pg_backend_pid()` said on this session.
///
/// A second connection opens a transaction: if it is given our backend, or we are moved to another
/// one, the pooler works by transaction.
///
/// # Errors
/// What the server or the pooler says.
pub fn prove(session: &mut Session, server_pid: i32) -> Result<Pooling, PgError> {
    if session.announced_pid() == server_pid {
        return Ok(Pooling::Direct);
    }
    let mut second = session.another()?;
    let pid = |session: &mut Session, sql: &str| session.query_value(sql);
    let theirs = match pid(&mut second, "BEGIN; SELECT pg_catalog.pg_backend_pid()") {
        // Statement pooling refuses a transaction that spans messages.
        Err(PgError::Server(_)) => return Ok(Pooling::Transaction),
        theirs => theirs?,
    };
    let kept = Some(server_pid.to_string());
    // It holds our backend: to ask for ours would wait for as long as it does.
    if theirs == kept {
        return Ok(Pooling::Transaction);
    }
    let ours = pid(session, "SELECT pg_catalog.pg_backend_pid()")?;
    second.query("ROLLBACK")?;
    if ours != kept { Ok(Pooling::Transaction) } else { Ok(Pooling::Session) }
}
