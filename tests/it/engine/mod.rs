//! Tests of `pgkeel::engine` and `pgkeel::pg` against a real server.

mod archive;
mod cluster;
mod diesel;
mod lexer;
mod test_server;
