//! What of the bookkeeping belongs to the place and not to the data, when a restored database takes the place of another:
//! the audit trail and the mark.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::Facts;
use super::records::{Legacy, OperationRow, StoreError};
use super::schema::{environment, migration, operation, seed};
use super::store::Store;

impl Store {
    /// Make the operations and the mark of a restored database those of the place that it takes, also a second time: its
    /// own operations go, and what points to them points to nothing. One that is in both (the same run, seen by a backup
    /// of this place) stays.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn replace_with(&self, legacy: &Legacy, facts: &Facts) -> Result<(), StoreError> {
        let theirs: BTreeMap<i64, &OperationRow> =
            legacy.operations.iter().map(|row| (row.id, row)).collect();
        let ours = self.rows()?;
        let is_same = |row: &OperationRow| theirs.get(&row.id).is_some_and(|other| other.run() == row.run());
        let strangers: Vec<i64> = ours.iter().filter(|row| !is_same(row)).map(|row| row.id).collect();
        let tables = ["operation", "last_operation", "migration", "seed", "environment"];
        self.writing("replace the operations", &tables, |conn| {
            diesel::update(migration::table.filter(migration::operation_id.eq_any(&strangers)))
                .set((migration::operation_id.eq(None::<i64>), migration::command.eq(None::<String>)))
                .execute(conn)?;
            diesel::update(seed::table.filter(seed::operation_id.eq_any(&strangers)))
                .set(seed::operation_id.eq(None::<i64>))
                .execute(conn)?;
            diesel::delete(operation::table.filter(operation::id.eq_any(&strangers))).execute(conn)?;
            diesel::delete(environment::table).execute(conn).map(drop)
        })?;
        self.inherit(legacy, facts)
    }

    /// Take the environment mark away: a copy begins without one.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn unmark(&self) -> Result<(), StoreError> {
        self.writing("take the environment mark away", &["environment"], |conn| {
            diesel::delete(environment::table).execute(conn).map(drop)
        })
    }
}
