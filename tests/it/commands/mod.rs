//! The real binary, command by command: stdout, stderr and exit status together.

mod deploy;
mod failures;
mod findings;
mod isolation;
mod partial;
mod rollback;
mod status;
