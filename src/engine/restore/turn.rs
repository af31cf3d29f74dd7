//! How every replacement of the live database begins and how it fails: one at a time, about the database that somebody was
//! asked about, and with nothing held back afterwards.

use crate::engine::Observer;
use crate::engine::ledger::lock::Waiting;
use crate::engine::ledger::store::Ended;
use crate::engine::operation::Opening;
use crate::engine::swap::{SwapError, resume_left};
use crate::engine::turn::take_turn;
use crate::pg::session::Session;
use crate::pg::url::DatabaseUrl;

use super::RestoreError;
use super::carry::{self, Row};
use super::journal::oid_of;
use super::pause::go_on;

/// What is to be replaced.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn<'a> {
    pub(super) opening: &'a Opening,
    pub(super) live: &'a str,
    /// Which database had the name when this was decided; 0: none.
    pub(super) oid: u32,
    pub(super) bouncer: Option<&'a DatabaseUrl>,
    pub(super) waiting: Waiting,
}

impl Turn<'_> {
    /// Wait for the turn, and see that the live database is still the one.
    ///
    /// # Errors
    /// `Replaced`; `Open` where another run works; `Pg`.
    pub(super) fn take(&self, observer: &mut dyn Observer) -> Result<Session, RestoreError> {
        let mut admin = self.opening.maintenance(self.live)?;
        take_turn(&mut admin, self.live, self.waiting, observer)?;
        if oid_of(&mut admin, self.live)? != self.oid {
            return Err(RestoreError::Replaced { live: self.live.to_owned() });
        }
        if let Some(url) = self.bouncer {
            // Not only at the swap: loading may take hours.
            resume_left(self.opening, url, self.live, observer);
        }
        Ok(admin)
    }
}

/// It failed: how is written down, and writing goes on where it was stopped.
pub(super) fn give_up(opening: &Opening, live: &str, row: Option<Row>, error: &RestoreError) {
    // Where the swap's end is unknown, nobody knows which database has the name now.
    if !matches!(error, RestoreError::Swap(SwapError::Unknown { .. })) {
        let how = if opening.interrupt.is_raised() { Ended::Interrupted } else { Ended::Failed };
        carry::end(opening, row, how, &error.to_string());
    }
    go_on(opening, live);
}
