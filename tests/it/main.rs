//! The only integration binary: everything that needs a real server or the real program.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test that goes wrong stops, and says so")]

mod commands;
mod diff;
mod engine;
mod examples;
#[cfg(feature = "fault-points")]
mod faults;
mod generate;
mod house;
mod readme;
mod rights;
mod roundtrip;
mod search_path;
mod support;
