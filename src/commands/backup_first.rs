//! A verified backup before what changes or destroys, and the way back recorded: shared by the commands that do.

use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args as ClapArgs;

use crate::config::{BackupFirst, show_duration};
use crate::context::Context;
use crate::engine::backup::catalogue::Catalogue;
use crate::engine::backup::estimate::{Pace, estimate};
use crate::engine::backup::manifest::{Layout, Reason, Scope};
use crate::engine::backup::take::{Locking, Take};
use crate::engine::ledger::Ledger;
use crate::engine::ledger::store::WayBack;
use crate::exit::CommandError;
use crate::pg::session::Session;

use super::backups::{jobs, now, root, search};
use super::open::Chosen;
use super::said::size;
use super::watch::Watch;

/// Shared by the commands that take a backup first.
#[derive(Debug, Clone, Copy, ClapArgs)]
pub(crate) struct FirstArgs {
    /// Take no backup first, where one would be taken (`[deploy] backup`)
    #[arg(long)]
    pub(crate) no_backup: bool,
}

/// What wants one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Occasion {
    /// As in `the backup before the deploy`.
    pub(crate) before: &'static str,
    pub(crate) reason: Reason,
    /// Whether the migration lock is held already.
    pub(crate) lock: Locking,
}

/// Take one where the configuration and the place want it; nothing else has happened yet.
pub(crate) fn backup_first(
    cx: &Context,
    chosen: &Chosen,
    session: &mut Session,
    ledger: &Ledger,
    args: FirstArgs,
    occasion: Occasion,
) -> Result<WayBack> {
    let protection = chosen.guarded(&cx.config, ledger).protection();
    let wanted = match cx.config.deploy.backup.value {
        BackupFirst::Never => return Ok(WayBack::default()),
        BackupFirst::External => false,
        BackupFirst::Always => true,
        BackupFirst::Auto if protection.protected => true,
        BackupFirst::Auto => return Ok(WayBack::default()),
    };
    if !wanted || args.no_backup {
        let lsn = position(session)?;
        let at = lsn.as_deref().map_or_else(String::new, |lsn| format!(" (log position {lsn})"));
        if wanted {
            cx.ui.warn(&format!("no backup is taken before the {}: `--no-backup`{at}", occasion.before));
        } else {
            cx.ui.note(&format!("the provider's point-in-time recovery is the way back{at}"));
        }
        return Ok(WayBack { backup: None, lsn });
    }
    fits(cx, session, ledger, occasion)?;
    // It idles while pg_dump works: no timeout of the role's may end it.
    let prelude = session.prelude();
    session.query(&prelude)?;
    let config = &cx.config;
    let taken = Take {
        opening: &chosen.opening,
        search: &search(cx),
        root: &root(cx, None),
        jobs: jobs(cx, None),
        compression: &config.backup.compression.value,
        scope: Scope::Full,
        layout: Layout::Directory,
        label: None,
        reason: occasion.reason,
        recipients: &config.backup.recipients.value,
        environment: config.environment.as_ref().map(|environment| environment.value.as_str()),
        lock: occasion.lock,
    }
    .take(now(cx), &mut Watch::new(&cx.ui))
    .with_context(|| {
        format!(
            "the backup before the {} was not taken, so nothing else was done (`--no-backup` goes without)",
            occasion.before
        )
    })?;
    taken.notes.iter().for_each(|note| cx.ui.warn(note));
    let manifest = &taken.manifest;
    let bytes = size(i64::try_from(manifest.size()).unwrap_or(i64::MAX));
    cx.ui.note(&format!("took the backup {} ({bytes}), read back", manifest.id));
    Ok(WayBack { backup: Some(manifest.id.to_string()), lsn: manifest.snapshot.lsn.clone() })
}

/// Say how to go back, once something has gone wrong.
pub(crate) fn tell_way_back(cx: &Context, way: &WayBack) {
    if let Some(backup) = &way.backup {
        cx.ui.note(&format!(
            "what was there before is in the backup {backup}; `pgkeel rollback --to-backup {backup}{}` goes back to it, \
             and loses what was written since",
            cx.config.answers.place
        ));
    } else if let Some(lsn) = &way.lsn {
        cx.ui.note(&format!("before this run the log was at {lsn}: a target for point-in-time recovery"));
    }
}

/// Whether the backup fits its budget.
fn fits(cx: &Context, session: &mut Session, ledger: &Ledger, occasion: Occasion) -> Result<()> {
    let facts = &ledger.facts;
    let bytes = session.catalog("SELECT pg_database_size(current_database())")?;
    let bytes: u64 = bytes.get(0, 0).and_then(|bytes| bytes.parse().ok()).unwrap_or_default();
    // A folder that cannot be used is told by who wants to write into it.
    let all = Catalogue::read(&root(cx, None)).unwrap_or_default();
    let last = all.latest((&facts.database, facts.system_identifier.as_deref()));
    let takes = estimate(bytes, last.and_then(|last| Pace::of(&last.manifest)));
    let budget = cx.config.deploy.backup_budget.value;
    if takes <= budget {
        return Ok(());
    }
    Err(CommandError::Refused {
        why: format!(
            "the backup before the {} would take about {} ({}), and `[deploy] backup_budget` is {}; nothing was done",
            occasion.before,
            show_duration(Duration::from_secs(takes.as_secs())),
            size(i64::try_from(bytes).unwrap_or(i64::MAX)),
            show_duration(budget)
        ),
        remedy: "raise the budget; or go without (`--no-backup`); or, where the provider's point-in-time recovery covers \
                 it, state `[deploy] backup = \"external\"`"
            .into(),
    }
    .into())
}

/// The position of the write-ahead log.
fn position(session: &mut Session) -> Result<Option<String>> {
    let rows =
        session.catalog("SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_lsn()::text END")?;
    Ok(rows.get(0, 0).map(str::to_owned))
}
