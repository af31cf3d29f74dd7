//! Who ran what, from the operations' rows.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::records::{StoreError, doing};
use super::schema::operation;
use super::store::Store;

/// A run, as its row tells of it.
#[derive(Debug, Clone, Queryable)]
pub struct Run {
    /// Its number.
    pub id: i64,
    /// The command.
    pub command: String,
    /// The role in the database.
    pub role: String,
    /// Who ran it.
    pub os_user: String,
    /// Where it ran.
    pub host: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
}

impl Store {
    /// The run with this number.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn run(&self, id: i64) -> Result<Option<Run>, StoreError> {
        operation::table
            .find(id)
            .select((
                operation::id,
                operation::command,
                operation::role,
                operation::os_user,
                operation::host,
                operation::started_at,
            ))
            .first(&mut self.get()?)
            .optional()
            .map_err(doing("read the operations"))
    }
}
