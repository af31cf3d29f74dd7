//! pgkeel takes a PostgreSQL schema from a developer's keyboard to production and back, and proves
//! each step before it takes it. The binary is the product; `engine` and `pg` are public for the
//! tests and promise nothing.

pub mod engine;
pub mod pg;
