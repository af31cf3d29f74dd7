//! From a folder of migrations to a changed database: read, reconcile, plan, run.

mod acting;
pub(crate) mod blame;
pub mod blockers;
pub mod body;
mod concurrent;
mod elevated;
mod filtered;
pub mod finding;
pub mod folder;
pub mod hazards;
mod kept;
pub mod layout;
mod lending;
mod marking;
pub mod message;
mod outcome;
pub mod own_toml;
pub(crate) mod patience;
pub mod plan;
pub mod reconcile;
pub mod replaced;
pub mod runner;
pub mod script;
pub mod squash;
pub mod step;
mod stepwise;
pub mod write;

pub use finding::{Finding, Severity};
pub use folder::{Folder, OnDisk};
pub use layout::NoMigrations;
pub use plan::{Direction, Plan, PlanError, Step};
pub use reconcile::{Standing, State, reconcile};
