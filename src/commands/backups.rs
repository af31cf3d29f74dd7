//! What the commands that take, prove and restore backups share: where they are kept, with which programs and jobs.

use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::pg::tools::Search;

/// The folder of all backups.
pub(crate) fn root(cx: &Context, flag: Option<&Path>) -> PathBuf {
    flag.map_or_else(|| cx.config.backup.dir.value.clone(), |dir| cx.config.directory.join(dir))
}

/// Parallel jobs: the flag, the configuration, else as many as this machine has processors, four at most.
pub(crate) fn jobs(cx: &Context, flag: Option<u32>) -> u32 {
    let here =
        || std::thread::available_parallelism().map_or(1, |n| u32::try_from(n.get()).unwrap_or(4).min(4));
    flag.or(cx.config.backup.jobs.as_ref().map(|jobs| jobs.value)).unwrap_or_else(here).max(1)
}

/// Where PostgreSQL's programs are looked for.
pub(crate) fn search(cx: &Context) -> Search {
    Search { pg_bin: cx.config.surroundings.pg_bin.clone(), path: cx.config.surroundings.path.clone() }
}

/// The file with the secret keys of age.
pub(crate) fn identity(cx: &Context, flag: Option<&Path>) -> Option<PathBuf> {
    let configured = || cx.config.backup.identity.as_ref().map(|identity| identity.value.clone());
    flag.map(|file| cx.config.directory.join(file)).or_else(configured)
}
