//! The backups that runs took before they changed anything, and that restores brought back: in the operations' rows.

use diesel::prelude::*;

use super::Facts;
use super::records::{Guarded, StoreError, WayBack, doing};
use super::schema::operation;
use super::store::Store;

impl Store {
    /// Record the way back from an operation.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn set_way_back(&self, id: i64, way: &WayBack) -> Result<(), StoreError> {
        diesel::update(operation::table.find(id))
            .set((operation::backup.eq(&way.backup), operation::lsn.eq(&way.lsn)))
            .execute(&mut self.get()?)
            .map(drop)
            .map_err(doing("record the way back"))
    }

    /// The backups that operations since then point to, newest operation first.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn backups_since(
        &self,
        ledger_schema: &str,
        since: chrono::DateTime<chrono::Utc>,
    ) -> Result<Vec<String>, StoreError> {
        operation::table
            .filter(operation::ledger_schema.eq(ledger_schema).and(operation::backup.is_not_null()))
            .filter(operation::started_at.ge(since))
            .order(operation::id.desc())
            .select(operation::backup.assume_not_null())
            .load(&mut self.get()?)
            .map_err(doing("read the operations"))
    }

    /// The newest run that took a backup first.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn last_way_back(&self, facts: &Facts, ledger_schema: &str) -> Result<Option<Guarded>, StoreError> {
        if !has_way_back(facts) {
            return Ok(None);
        }
        let mut conn = self.get()?;
        let of_ours = operation::table.filter(operation::ledger_schema.eq(ledger_schema));
        let found: Option<(i64, String, String, chrono::DateTime<chrono::Utc>)> = of_ours
            .filter(operation::backup.is_not_null().and(operation::command.ne("restore")))
            .order(operation::id.desc())
            .select((
                operation::id,
                operation::command,
                operation::backup.assume_not_null(),
                operation::started_at,
            ))
            .first(&mut conn)
            .optional()
            .map_err(doing("read the operations"))?;
        let Some((id, command, backup, started_at)) = found else { return Ok(None) };
        let later = of_ours
            .filter(
                operation::id
                    .gt(id)
                    .and(operation::command.eq_any(["deploy", "migrate", "rollback", "reset"])),
            )
            .order(operation::id.desc())
            .select(operation::command)
            .first(&mut conn)
            .optional()
            .map_err(doing("read the operations"))?;
        Ok(Some(Guarded { backup, command, started_at, later }))
    }

    /// The backup that an operation took or brought back.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn backup_of(&self, facts: &Facts, id: i64) -> Result<Option<String>, StoreError> {
        if !has_way_back(facts) {
            return Ok(None);
        }
        operation::table
            .find(id)
            .select(operation::backup)
            .first(&mut self.get()?)
            .optional()
            .map(Option::flatten)
            .map_err(doing("read the operations"))
    }
}

/// Whether the tables are new enough to know of backups: a command that only reads does not upgrade them.
pub fn has_way_back(facts: &Facts) -> bool {
    facts.our_versions.iter().any(|version| version.as_str() >= "20260102000000")
}
