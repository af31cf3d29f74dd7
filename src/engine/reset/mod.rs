//! Empties a database, and leaves what belongs to the place: the environment mark, the audit trail,
//! grants and settings of the database. Applying again is the runner's work.

mod empty;
mod recreate;
mod refill;

pub use empty::empty;
pub(crate) use empty::{drops, drops_of};
pub use recreate::{Recreate, RecreateError, Recreated, recreate};
pub use refill::{Refill, RefillError, Refilled};

use serde::Serialize;

use crate::engine::ledger::LEDGER_TABLE;
use crate::pg::error::PgError;
use crate::pg::session::Session;

/// What will go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Loss {
    /// User tables.
    pub tables: i64,
    /// Rows, as the planner estimates them.
    pub rows_estimated: i64,
    /// The database's size on disk, in bytes.
    pub bytes: i64,
}

/// How the database can be emptied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Drop it and create it anew.
    Recreate,
    /// Drop what is in the schemas that the role owns.
    Empty,
}

/// Look at what is there, and at what the role may do.
///
/// # Errors
/// What the server says.
pub fn survey(session: &mut Session, bookkeeping: &str) -> Result<(Loss, Way), PgError> {
    let rows = session.catalog(&format!(
        // A table that was never analysed has no estimate, and a partitioned one counts its partitions' rows again.
        "SELECT count(*) FILTER (WHERE NOT c.relispartition), \
         coalesce(sum(greatest(c.reltuples, pg_stat_get_live_tuples(c.oid))) FILTER (WHERE c.relkind = 'r'), 0)::bigint, \
         pg_database_size(current_database()), \
         (SELECT (r.rolsuper OR r.rolcreatedb) AND (r.rolsuper OR pg_has_role(d.datdba, 'MEMBER')) \
          FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()) \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', {}) \
         AND NOT starts_with(n.nspname, 'pg_') AND c.relname <> '{LEDGER_TABLE}'",
        crate::pg::literal::Literal(bookkeeping)
    ))?;
    let cell = |column| rows.get(0, column);
    let number = |column| cell(column).and_then(|n| n.parse().ok()).unwrap_or_default();
    let way = if cell(3) == Some("t") { Way::Recreate } else { Way::Empty };
    Ok((Loss { tables: number(0), rows_estimated: number(1), bytes: number(2) }, way))
}
