//! The real binary, command by command: stdout, stderr and exit status together.

mod concurrent;
mod deploy;
mod failures;
mod findings;
mod interrupted;
mod isolation;
mod lock;
mod migrate;
mod names;
mod partial;
mod resolve;
mod roles;
mod rollback;
mod status;
