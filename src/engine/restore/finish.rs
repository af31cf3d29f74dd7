//! What a killed run left is put right: writing that it had stopped, clients that PgBouncer holds back, databases that it
//! had begun to fill.

use crate::engine::Observer;
use crate::engine::ledger::lock::Waiting;
use crate::engine::operation::Opening;
use crate::engine::properties::Properties;
use crate::engine::swap::resume_left;
use crate::engine::turn::take_turn;
use crate::pg::url::DatabaseUrl;

use super::RestoreError;
use super::journal::quarantined;
use super::pause;
use super::scratch::drop_leftovers;

/// Let all go on that no running restore holds back. Returns whether the writing had been stopped.
///
/// # Errors
/// `Open` where another run works; `Pg`.
pub fn finish(
    opening: &Opening,
    live: &str,
    bouncer: Option<&DatabaseUrl>,
    waiting: Waiting,
    observer: &mut dyn Observer,
) -> Result<bool, RestoreError> {
    let mut admin = opening.maintenance(live)?;
    take_turn(&mut admin, live, waiting, observer)?;
    if let Some(url) = bouncer {
        resume_left(opening, url, live, observer);
    }
    let was_stopped = Properties::read(&mut admin, live)?.is_some_and(|found| found.is_stopped());
    pause::resume(&mut admin, live)?;
    for aside in quarantined(&mut admin, live)? {
        pause::resume(&mut admin, &aside.name)?;
    }
    drop_leftovers(&mut admin, opening, live)?;
    Ok(was_stopped)
}
