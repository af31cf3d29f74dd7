//! The real binary, command by command: stdout, stderr and exit status together.

mod backup;
mod backup_ends;
mod backup_first;
mod backup_keep;
mod concurrent;
mod connect;
mod deploy;
mod dev;
mod diff;
mod execute;
mod failures;
mod findings;
mod generate;
mod guard;
mod guard_more;
mod help;
mod interrupted;
mod isolation;
#[cfg(target_os = "linux")]
mod languages;
mod lock;
mod migrate;
mod names;
mod partial;
mod pull;
mod push;
mod reset;
mod reset_more;
mod resolve;
mod restore;
mod restore_more;
mod restore_place;
#[cfg(feature = "fault-points")]
mod restore_writing;
mod rights;
mod roles;
mod rollback;
#[cfg(feature = "fault-points")]
mod rollback_to_backup;
mod secrets;
mod seed;
mod small;
mod sources;
mod status;
mod status_beside;
mod validate;
