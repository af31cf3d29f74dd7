//! Tests of `pgkeel::engine` and `pgkeel::pg` against a real server.

mod cluster;
mod test_server;
