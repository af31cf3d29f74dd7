//! Tests of `pgkeel::engine` and `pgkeel::pg` against a real server.

mod cluster;
mod diesel;
mod lexer;
mod test_server;
