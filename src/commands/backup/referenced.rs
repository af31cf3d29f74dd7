//! Which backups recent operations may come back to: the database knows. Where it does not answer, those that may be.

use std::collections::BTreeSet;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};

use crate::commands::backups::now;
use crate::commands::open::choose;
use crate::context::{Context, Fallback};
use crate::engine::backup::catalogue::Kept;
use crate::engine::backup::manifest::Reason;
use crate::engine::backup::name::BackupId;
use crate::engine::ledger::Bookkeeping;

/// For how long somebody may want to go back to before an operation.
const RECENT: TimeDelta = TimeDelta::days(30);

/// The migration of our own tables that gave operations their way back.
const SINCE: &str = "20260102000000";

/// Those that operations of the last 30 days name. Of databases that cannot be asked, whatever was taken in that time
/// before something.
pub(super) fn referenced(backups: &[&Kept], cx: &Context) -> BTreeSet<BackupId> {
    let since = now(cx) - RECENT;
    let asked = match cx.config.configured_database().map(|_| ask(since, cx)) {
        Some(Ok(answer)) => Some(answer),
        Some(Err(error)) => {
            cx.ui.warn(&format!(
                "the database cannot be asked which backups its operations may come back to, so all of the last {} days \
                 that were taken before something stay: {error:#}",
                RECENT.num_days()
            ));
            None
        }
        None => None,
    };
    let (database, mut ids) = asked.unwrap_or_default();
    let unasked = backups.iter().map(|kept| &kept.manifest).filter(|one| one.source.database != database);
    let may_be = |reason: Reason, at: DateTime<Utc>| reason != Reason::Manual && at >= since;
    ids.extend(unasked.filter(|one| may_be(one.reason, one.created_at)).map(|one| one.id.clone()));
    ids
}

/// The database's name, and what its operations name.
fn ask(since: DateTime<Utc>, cx: &Context) -> Result<(String, BTreeSet<BackupId>)> {
    let chosen = choose(cx, Fallback::Nothing, "backup prune")?;
    let (session, ledger) = chosen.look(cx)?;
    drop(session);
    let facts = ledger.facts;
    let knows = facts.our_versions.iter().any(|version| version == SINCE);
    let names = match (&facts.ledger_schema, facts.bookkeeping) {
        (Some(schema), Bookkeeping::Present) if knows => {
            chosen.opening.store()?.backups_since(schema, since)?
        }
        _ => Vec::new(),
    };
    let ids = names.iter().filter_map(|name| BackupId::parse(name).ok()).collect();
    Ok((facts.database, ids))
}
