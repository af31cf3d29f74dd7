//! Which backups recent operations may come back to: the database knows. Where it does not answer, those that may be.

use std::collections::BTreeSet;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};

use crate::commands::backups::now;
use crate::commands::open::choose;
use crate::context::{Context, Fallback};
use crate::engine::backup::catalogue::Kept;
use crate::engine::backup::manifest::{Manifest, Reason};
use crate::engine::backup::name::BackupId;
use crate::engine::ledger::Bookkeeping;
use crate::engine::ledger::way_back::has_way_back;

/// For how long somebody may want to go back to before an operation.
const RECENT: TimeDelta = TimeDelta::days(30);

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
    let Asked { place, mut ids } = asked.unwrap_or_default();
    // One of the same name on another cluster is another database.
    let is_asked =
        |one: &Manifest| place.as_ref().is_some_and(|(name, cluster)| one.is_of(name, cluster.as_deref()));
    let unasked = backups.iter().map(|kept| &kept.manifest).filter(|one| !is_asked(one));
    let may_be = |reason: Reason, at: DateTime<Utc>| reason != Reason::Manual && at >= since;
    ids.extend(unasked.filter(|one| may_be(one.reason, one.created_at)).map(|one| one.id.clone()));
    ids
}

/// What a database answered.
#[derive(Default)]
struct Asked {
    /// Its name and its cluster, where we may know.
    place: Option<(String, Option<String>)>,
    /// What its operations name.
    ids: BTreeSet<BackupId>,
}

fn ask(since: DateTime<Utc>, cx: &Context) -> Result<Asked> {
    let chosen = choose(cx, Fallback::Nothing, "backup prune")?;
    let (session, ledger) = chosen.look(cx)?;
    drop(session);
    let facts = ledger.facts;
    let knows = has_way_back(&facts);
    let names = match (&facts.ledger_schema, facts.bookkeeping) {
        (Some(schema), Bookkeeping::Present) if knows => {
            chosen.opening.store(&facts)?.backups_since(schema, since)?
        }
        _ => Vec::new(),
    };
    let ids = names.iter().filter_map(|name| BackupId::parse(name).ok()).collect();
    Ok(Asked { place: Some((facts.database, facts.system_identifier)), ids })
}
