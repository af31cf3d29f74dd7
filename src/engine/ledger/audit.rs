//! Who ran what, from the operations' rows.

pub use super::records::Run;
use super::records::StoreError;
use super::store::Store;

impl Store {
    /// The run with this number.
    ///
    /// # Errors
    /// `StoreError::Diesel`.
    pub fn run(&self, id: i64) -> Result<Option<Run>, StoreError> {
        Ok(self.runs()?.into_iter().find(|run| run.id == id))
    }
}
