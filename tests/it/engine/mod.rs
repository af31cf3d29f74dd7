//! Tests of `pgkeel::engine` and `pgkeel::pg` against a real server.

mod cluster;
mod diesel;
mod test_server;
