//! pgkeel takes a PostgreSQL schema from a developer's keyboard to production and back, and proves
//! each step before it takes it. The binary is the product; `engine` and `pg` are public for the
//! tests and promise nothing.

mod cli;
mod commands;
mod config;
mod context;
pub mod engine;
mod exit;
pub mod pg;
mod ui;

/// Run pgkeel with the arguments and the environment of this process.
pub fn run() -> std::process::ExitCode {
    cli::run()
}
