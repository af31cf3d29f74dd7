//! What `status` says of this database's backups. Files alone are read.

use crate::commands::backups;
use crate::context::Context;
use crate::engine::backup::catalogue::Catalogue;
use crate::engine::backup::health::{Health, Warning};
use crate::engine::ledger::Facts;
use crate::engine::restorability::counted;

/// The state of this database's backups; none where nobody has taken a backup here.
pub(super) fn health(cx: &Context, facts: &Facts) -> Option<Health> {
    let root = backups::root(cx, None);
    match Catalogue::read(&root) {
        Ok(catalogue) => Health::of(
            &catalogue.only(&facts.database),
            (&facts.database, facts.system_identifier.as_deref()),
            backups::now(cx),
            cx.config.backup.verify_every.value,
        ),
        Err(error) => {
            cx.ui.warn(&format!("cannot read the folder of backups `{}`: {error}", root.display()));
            None
        }
    }
}

/// In words.
pub(super) fn lines(health: &Health, cx: &Context) -> Vec<String> {
    let now = backups::now(cx);
    let newest = health.newest.as_ref().map(|newest| {
        let (taken, level) = (backups::age(now, newest.taken_at), newest.level);
        format!("newest verified backup: {}, taken {taken}, {level:?}", newest.id)
    });
    newest.into_iter().chain(health.warnings.iter().map(|warning| warning_line(warning, cx))).collect()
}

fn warning_line(warning: &Warning, cx: &Context) -> String {
    let now = backups::now(cx);
    match warning {
        Warning::NothingSound => {
            "backups: none is verified and holds everything: `pgkeel backup` takes one".into()
        }
        Warning::NewestDamaged { id } => format!("backups: the newest one, {id}, is damaged: take another"),
        Warning::NewestFailedTrial { id, .. } => format!(
            "backups: the newest one, {id}, failed its trial restore; `pgkeel backup show {id}` shows why"
        ),
        Warning::Restorability { id, findings } => format!(
            "backups: known to get in the way of restoring {id}: {}; `pgkeel backup show {id}` names them",
            counted(findings)
        ),
        Warning::Untried { since } => {
            let when = since.map_or_else(|| "ever".into(), |at| format!("since {}", backups::age(now, at)));
            format!("backups: none was restored on trial {when}: `pgkeel backup verify latest --level 2`")
        }
        Warning::Leftover { path, bytes } => format!(
            "backups: {} ({}) was left by a run that was killed: `pgkeel backup prune --leftovers --apply`",
            backups::shown(cx, path),
            indicatif::HumanBytes(*bytes)
        ),
        Warning::Unreadable { path, why } => {
            format!("backups: {} cannot be used: {why}", backups::shown(cx, path))
        }
    }
}
