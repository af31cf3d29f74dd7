//! One module per subcommand: arguments, run, report. No SQL and no decision that the engine could
//! make. What several commands share is in `open`, `ask`, `watch`, `said`, `backups`, `backup_first`, `restoring`, `seed_choice`,
//! `sources`, `compared`, `wishes`, `drafts`, `drifting`, `generated` and `withheld`.

mod ask;
pub(crate) mod backup;
mod backup_first;
mod backups;
mod compared;
pub(crate) mod config;
pub(crate) mod deploy;
pub(crate) mod dev;
pub(crate) mod diff;
mod drafts;
pub(crate) mod drift;
mod drifting;
pub(crate) mod env;
pub(crate) mod execute;
pub(crate) mod generate;
mod generated;
pub(crate) mod health;
pub(crate) mod init;
pub(crate) mod migrate;
mod open;
pub(crate) mod pull;
pub(crate) mod push;
pub(crate) mod reset;
pub(crate) mod resolve;
pub(crate) mod restore;
mod restoring;
pub(crate) mod rollback;
mod said;
pub(crate) mod seed;
mod seed_choice;
mod sources;
pub(crate) mod status;
pub(crate) mod validate;
mod watch;
mod wishes;
pub(crate) mod withheld;
