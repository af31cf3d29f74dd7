//! The real binary, command by command: stdout, stderr and exit status together.

mod deploy;
mod failures;
mod isolation;
mod partial;
