//! The real binary, command by command: stdout, stderr and exit status together.

mod connect;
mod deploy;
mod dev;
mod execute;
mod guard;
mod help;
#[cfg(target_os = "linux")]
mod languages;
mod reset;
mod roles;
mod secrets;
mod seed;
mod small;
