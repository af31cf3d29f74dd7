//! Brings a backup back: into a database of its own, compared with what it must hold, then swapped in; or beside the live
//! one. What a restore has done so far is written on the server (`journal`), so that another run goes on or begins anew.
//! Nothing here asks or prints.

mod beside;
mod carry;
mod cause;
mod compare;
mod decrypt;
mod error;
mod expected;
mod fill;
mod finish;
mod forced;
mod guarded;
mod in_place;
pub mod journal;
mod load;
mod losses;
pub mod pause;
mod pipe;
mod preflight;
mod programs;
pub(crate) mod reach;
mod replace;
mod restricted;
pub(crate) mod schema;
mod scratch;
mod source;
mod steps;
mod trial;
mod turn;
mod undo;

pub use beside::{Beside, Copied, TableBeside, copy, tables};
pub use compare::Compared;
pub use error::{Obstacle, RestoreError};
pub use expected::{Expected, ExpectedTable};
pub use fill::Filling;
pub use finish::finish;
pub(crate) use guarded::code_note;
pub use in_place::{InPlace, lock, may_be_in_place};
pub use journal::{oid_of, system_identifier};
pub use load::Ownership;
pub use losses::{Losses, losses};
pub use preflight::{Cleared, Goal, preflight};
pub use programs::Programs;
pub use replace::{Replace, Replaced, replace};
pub use source::{Source, SourceError};
pub use steps::{by_hand, steps};
pub use trial::on_trial;
pub use undo::{Undo, Undone, drop_quarantine, drop_sql, undo, undo_sql};
