//! The real binary, command by command: stdout, stderr and exit status together.

mod deploy;
