//! Fills materialized views with a search_path: before 17, REFRESH runs their query with that of the session.

use super::keys::detail;
use super::{Careful, phase, restoring, run_as_restored};
use crate::engine::Observer;
use crate::engine::archive::Entry;
use crate::engine::operation::Opening;
use crate::engine::restore::RestoreError;
use crate::engine::restore::cause::is_of_the_server;
use crate::pg::error::{PgError, PgFailure};

impl Careful<'_> {
    /// Fill them in the order of the archive, which is that of their dependencies.
    pub(super) fn fill(
        &mut self,
        inside: &Opening,
        views: &[&Entry],
        observer: &mut dyn Observer,
    ) -> Result<(), RestoreError> {
        if views.is_empty() {
            return Ok(());
        }
        phase(observer, "filling materialized views");
        let mut session = restoring(inside)?;
        let sets_own_path = session.server_version() >= 170_000;
        for view in views {
            let schema = view.namespace.as_deref().unwrap_or_default();
            let path = self.schemas.path(&self.path, schema, &view.owner).unwrap_or_else(|| "''".to_owned());
            session.query(&format!("SET search_path = {path}; SET row_security = off"))?;
            let mut filled = run_as_restored(&mut session, &view.definition);
            if matches!(&filled, Err(error) if error.failure() == PgFailure::NoPrivilege) {
                // A refresh by its owner has what the owner's policies let it read.
                session.query("SET row_security = on")?;
                filled = run_as_restored(&mut session, &view.definition);
            }
            match filled {
                Ok(()) => {}
                // The query cannot run with the search_path of that version, in any database.
                Err(error @ PgError::Server(_)) if sets_own_path && !is_of_the_server(error.failure()) => {
                    self.notes.push(format!(
                        "the materialized view `{schema}.{}` is not filled: {}",
                        view.tag,
                        detail(&error)
                    ))
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
