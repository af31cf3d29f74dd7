//! What the commands that take, prove and restore backups share: where they are kept, with which programs and jobs.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};

use crate::config::Target;
use crate::context::Context;
use crate::engine::backup::catalogue::Catalogue;
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

/// What time it is.
pub(crate) fn now(cx: &Context) -> DateTime<Utc> {
    cx.config.surroundings.now.unwrap_or_else(Utc::now)
}

/// How long ago: `5 min`, `3 h`, `2 d`.
pub(crate) fn age(now: DateTime<Utc>, at: DateTime<Utc>) -> String {
    let ago = now - at;
    match () {
        () if ago < -TimeDelta::minutes(1) => "in the future".into(),
        () if ago < TimeDelta::minutes(1) => "just now".into(),
        () if ago < TimeDelta::hours(1) => format!("{} min ago", ago.num_minutes()),
        () if ago < TimeDelta::hours(48) => format!("{} h ago", ago.num_hours()),
        () => format!("{} d ago", ago.num_days()),
    }
}

/// All backups of the folder.
pub(crate) fn catalogue(root: &Path) -> Result<Catalogue> {
    Catalogue::read(root).with_context(|| format!("cannot read the folder of backups `{}`", root.display()))
}

/// The name of the configured database, as far as it can be had without a connection or a command.
pub(crate) fn configured(cx: &Context) -> Option<String> {
    let url = match (&cx.config.direct, cx.config.configured_database().map(|database| &database.value)) {
        (Some(direct), _) => &direct.value,
        (None, Some(Target::Url(url))) => url,
        _ => return None,
    };
    url.database().map(str::to_owned)
}

/// Those of one database, where one is given.
pub(crate) fn only(catalogue: Catalogue, database: Option<&str>) -> Catalogue {
    match database {
        Some(database) => catalogue.only(database),
        None => catalogue,
    }
}

/// A path as seen from the project, where it is below it.
pub(crate) fn shown(cx: &Context, path: &Path) -> String {
    path.strip_prefix(&cx.config.root).unwrap_or(path).display().to_string()
}
