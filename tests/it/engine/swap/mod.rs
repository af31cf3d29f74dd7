//! Swapping databases: under load, through a pooler, with and without the rights, and when it does not come to it.

mod load;
mod pooler;
mod refused;
mod rights;
mod stage;
