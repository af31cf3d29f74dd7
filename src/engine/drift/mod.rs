//! What the database is expected to be: what its migrations make, never what was found in it. `advance` moves that on by what
//! a run itself changed, `verdict` says what the stored facts are worth, `ignore` leaves out what is none of the migrations'.

pub mod advance;
pub mod expected;
pub mod ignore;
mod lists;
pub mod merge;
pub mod verdict;
