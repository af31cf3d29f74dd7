//! A role without rights plants code in everything that pgkeel reads, writes, copies or loads. Every command then runs as
//! a role with more rights, and nothing that was planted may run with them.
//!
//! A plant writes one line to the server's log when it runs: that outlives a rollback, and names the role it ran as.
//! `PGKEEL_RIGHTS_TABLE=<file>` appends the table of plants and commands to that file, and `PGKEEL_LONG=1` runs every
//! plant in every table.

mod between;
mod cast;
mod commands;
mod estate;
mod evidence;
mod ordinary;
mod path;
mod report;
mod tables;
