//! Backups that are proved: a folder that stock tools can read, written by pg_dump under one exported snapshot, read back
//! before it has its name, and described by manifest.json, which is written last. Nothing here asks or prints.

mod by_hand;
pub mod catalogue;
pub mod check;
pub mod codec;
pub mod crypt;
pub mod estimate;
pub mod folder;
pub mod health;
pub mod manifest;
pub mod name;
pub mod preflight;
pub mod prove;
mod readback;
pub mod record;
pub mod retention;
pub mod schema_text;
mod seal;
mod setval;
mod snapshot;
pub mod take;
pub mod unseal;

pub use snapshot::SnapshotError;
