//! Records squashed migrations in the place of those that they replace. No SQL of a migration runs here.

use crate::engine::Event;

use super::plan::Plan;
use super::replaced::Mark;
use super::runner::{Runner, Stopped};
use super::step::entry_of;

impl Runner<'_> {
    /// Record squashed migrations in the place of those that they replace, each in one transaction.
    pub(super) fn mark(&mut self, plan: &Plan) -> Result<(), Stopped> {
        for Mark { squashed, others } in &plan.marks {
            let rows = self.place.marked(&entry_of(squashed), others);
            // A diesel_cli beside us takes no lock: what it undid meanwhile is not recorded as being there.
            let still = self.place.assert_applied(&squashed.version);
            let held = self.place.held();
            let sql = format!("{}BEGIN; {held}{still}; {rows}; COMMIT", self.session.own_prelude());
            if let Err(error) = self.session.query(&sql) {
                self.roll_back(&error);
                return Err(Stopped::Pg(self.place.hold_rows().explained_if_found(self.session, error)));
            }
            self.known.mark(&squashed.version, others);
            self.observer.event(Event::Marked { name: squashed.name.clone(), replaced: others.len() + 1 });
        }
        Ok(())
    }
}
