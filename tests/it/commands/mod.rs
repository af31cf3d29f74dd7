//! The real binary, command by command: stdout, stderr and exit status together.

mod deploy;
mod failures;
mod findings;
mod isolation;
mod lock;
mod migrate;
mod names;
mod partial;
mod resolve;
mod rollback;
mod status;
