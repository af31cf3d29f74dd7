//! Tests of `pgkeel::engine` and `pgkeel::pg` against a real server.

mod archive;
mod attver;
mod backup_check;
mod catalog;
mod client;
mod cluster;
mod diesel;
mod lexer;
mod not_null;
mod properties;
mod shadow;
mod swap;
mod test_server;
