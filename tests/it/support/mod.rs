//! What the tests stand on: a real server, a database per test, and nothing left behind.

pub(crate) mod attver;
pub(crate) mod bouncer;
pub(crate) mod clients;
pub(crate) mod cluster;
pub(crate) mod dump;
pub(crate) mod helper;
pub(crate) mod newer;
pub(crate) mod opening;
pub(crate) mod poll;
pub(crate) mod project;
pub(crate) mod reaper;
pub(crate) mod restored;
pub(crate) mod role;
pub(crate) mod skipped;
pub(crate) mod terminal;
