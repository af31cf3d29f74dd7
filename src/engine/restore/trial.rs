//! A restore that nobody keeps: made, compared, dropped. Proofs of one backup may run side by side; what a killed one left
//! is known by nobody holding its lock.

use crate::engine::Observer;
use crate::engine::making::Making;
use crate::engine::operation::Opening;
use crate::pg::error::PgError;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

use super::RestoreError;
use super::compare::Compared;
use super::fill::Filling;
use super::journal::{Role, leftovers, unsaid};
use super::scratch::{begun, drop_database};

/// What the names of such databases begin with.
const PREFIX: &str = "pgkeel_verify_";

/// Restore on trial what was a backup of `database`. Returns what the comparison found, and how long loading took, in ms.
///
/// # Errors
/// See `RestoreError`; nothing is left then either.
pub fn on_trial(
    opening: &Opening,
    admin: &mut Session,
    database: &str,
    filling: &Filling<'_>,
    observer: &mut dyn Observer,
) -> Result<(Compared, u64), RestoreError> {
    admin.check_client()?;
    drop_killed(opening, admin, database)?;
    let making = Making::see(admin, PREFIX)?;
    let name = format!("{PREFIX}{}_{:x}", filling.source.suffix(), std::process::id());
    // With the session it goes, and then whatever has this name is dropped.
    hold(admin, &name)?;
    let role = Role::Prove(begun(admin, database, &filling.source.name(), &opening.author.host)?);
    let filled = filling.fill(opening, admin, &name, role, None, observer);
    if !making.is_empty() {
        // What comes of this proof does not depend on it, and the next one tries again.
        drop(making.wait(admin).and_then(|()| drop_killed(opening, admin, database)));
    }
    let filled = filled?;
    Ok((filled.compared, filled.restore_ms))
}

fn drop_killed(opening: &Opening, admin: &mut Session, database: &str) -> Result<(), PgError> {
    for leftover in leftovers(admin, database)?.into_iter().filter(|leftover| leftover.phase.is_none()) {
        if hold(admin, &leftover.name)? {
            drop_database(opening, &leftover.name);
        }
    }
    for name in unsaid(admin, PREFIX, "^[0-9a-z]{6}_[0-9a-f]+$")? {
        if hold(admin, &name)? {
            drop_database(opening, &name);
        }
    }
    Ok(())
}

fn hold(admin: &mut Session, name: &str) -> Result<bool, PgError> {
    let rows = admin.catalog(&format!(
        "SELECT pg_try_advisory_lock(hashtextextended(concat_ws(chr(1), 'pgkeel trial', {}), 0))",
        Literal(name)
    ))?;
    Ok(rows.get(0, 0) == Some("t"))
}
