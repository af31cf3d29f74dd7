//! The real binary, command by command: stdout, stderr and exit status together.

mod deploy;
mod failures;
mod findings;
mod isolation;
mod lock;
mod names;
mod partial;
mod rollback;
mod status;
