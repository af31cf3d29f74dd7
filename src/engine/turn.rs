//! Who replaces a database takes turns: by a lock in the database from which it is renamed. The migration lock is of the
//! old database, of which one must let go before it can be renamed.

use crate::engine::Observer;
use crate::engine::ledger::lock::{LockError, Queue, Waiting};
use crate::pg::literal::Literal;
use crate::pg::lock::holder;
use crate::pg::pooler::{self, Pooling};
use crate::pg::session::Session;

/// Take the turn for this database on this session of the maintenance database; it ends with the session.
///
/// # Errors
/// See `LockError`.
pub(super) fn take_turn(
    admin: &mut Session,
    database: &str,
    waiting: Waiting,
    observer: &mut dyn Observer,
) -> Result<(), LockError> {
    let key = admin.catalog(&format!(
        "SELECT hashtextextended(concat_ws(chr(1), 'pgkeel reset', {}), 0), pg_backend_pid()",
        Literal(database)
    ))?;
    let number = |column| key.get(0, column).and_then(|n| n.parse::<i64>().ok()).unwrap_or_default();
    let (key, pid) = (number(0), i32::try_from(number(1)).unwrap_or_default());
    if admin.announced_pid() != pid && pooler::prove(admin, pid)? == Pooling::Transaction {
        return Err(LockError::Pooler { database: database.to_owned() });
    }
    let mut queue = Queue::new(waiting.wait);
    while admin.catalog(&format!("SELECT pg_try_advisory_lock({key})"))?.get(0, 0) != Some("t") {
        let now = holder(admin, key)?;
        queue.stand(admin, now, database, observer)?;
    }
    queue.leave(observer);
    Ok(())
}
