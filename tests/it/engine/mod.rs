//! Tests of `pgkeel::engine` and `pgkeel::pg` against a real server.

mod archive;
mod client;
mod cluster;
mod diesel;
mod lexer;
mod test_server;
