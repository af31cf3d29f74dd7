//! The real binary, command by command: stdout, stderr and exit status together.

mod connect;
mod deploy;
mod dev;
mod execute;
mod failures;
mod findings;
mod guard;
mod help;
mod isolation;
mod lock;
mod names;
mod partial;
mod reset;
mod roles;
mod rollback;
mod secrets;
mod seed;
mod small;
mod status;
