//! The backups that runs took before they changed anything, and that restores brought back: in the operations' rows.

use diesel::prelude::*;

use super::Facts;
use super::records::{Guarded, OperationRow, StoreError, WayBack};
use super::schema::operation;
use super::store::Store;

impl Store {
    /// Record the way back from an operation.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn set_way_back(&self, id: i64, way: &WayBack) -> Result<(), StoreError> {
        self.writing("record the way back", &["operation"], |conn| {
            diesel::update(operation::table.find(id))
                .set((operation::backup.eq(&way.backup), operation::lsn.eq(&way.lsn)))
                .execute(conn)
                .map(drop)
        })
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
        let is_since = |row: &OperationRow| row.ledger_schema == ledger_schema && row.started_at >= since;
        let rows = self.rows()?.into_iter().rev().filter(is_since);
        Ok(rows.filter_map(|row| row.backup).collect())
    }

    /// The newest run that took a backup first.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn last_way_back(&self, facts: &Facts, ledger_schema: &str) -> Result<Option<Guarded>, StoreError> {
        if !has_way_back(facts) {
            return Ok(None);
        }
        let rows: Vec<OperationRow> =
            self.rows()?.into_iter().filter(|row| row.ledger_schema == ledger_schema).collect();
        let Some(at) = rows.iter().rposition(|row| row.backup.is_some() && row.command != "restore") else {
            return Ok(None);
        };
        let moves = ["deploy", "migrate", "rollback", "reset"];
        let later = rows[at + 1..].iter().rfind(|row| moves.contains(&row.command.as_str()));
        let OperationRow { backup: Some(backup), command, started_at, .. } = rows[at].clone() else {
            return Ok(None);
        };
        Ok(Some(Guarded { backup, command, started_at, later: later.map(|row| row.command.clone()) }))
    }

    /// The backup that an operation took or brought back.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn backup_of(&self, facts: &Facts, id: i64) -> Result<Option<String>, StoreError> {
        if !has_way_back(facts) {
            return Ok(None);
        }
        Ok(self.rows()?.into_iter().find(|row| row.id == id).and_then(|row| row.backup))
    }
}

/// Whether the tables are new enough to know of backups: a command that only reads does not upgrade them.
pub fn has_way_back(facts: &Facts) -> bool {
    facts.our_versions.iter().any(|version| version.as_str() >= "20260102000000")
}
