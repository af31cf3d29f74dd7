//! Undoes the last restore, or its undo. Typed again once it is done, it says so and changes nothing.

use anyhow::Result;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::commands::ask::permission;
use crate::commands::open::lock_wait;
use crate::commands::restoring::{Live, live};
use crate::commands::watch::Watch;
use crate::context::Context;
use crate::engine::guard::Deed;
use crate::engine::restore::journal::{By, Quarantined, quarantined};
use crate::engine::restore::{RestoreError, Undo, finish, undo as put_back, undo_sql};
use crate::exit::{CommandError, Exit};
use crate::ui::{Page, Report, Tone};

use super::Args;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct UndoReport {
    database: String,
    back: Quarantined,
    quarantine: String,
    gap_ms: u128,
    sessions_ended: usize,
    undo: String,
    already: bool,
}

impl Report for UndoReport {
    fn text(&self, page: &mut Page) {
        let since = self.back.since.format("%Y-%m-%d %H:%M:%S");
        page.line(&format!(
            "{} the database that was {} until {since} UTC",
            page.paint(Tone::Good, "put back"),
            self.database
        ));
        page.line(&format!("the one that it replaces is kept as {}", self.quarantine));
        page.line(&format!("back again: {}", self.undo));
    }
}

/// It had been done before.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Already {
    database: String,
    quarantine: String,
    since: DateTime<Utc>,
    undo: String,
    already: bool,
    #[serde(skip)]
    which: Which,
}

impl Report for Already {
    fn text(&self, page: &mut Page) {
        let since = self.since.format("%Y-%m-%d %H:%M:%S");
        page.line(&format!(
            "the last restore of {} was {} at {since} UTC already; nothing was done",
            self.database,
            match self.which {
                Which::Undo => "undone",
                Which::Redo => "put back",
            }
        ));
        page.line(&format!("the database that it replaced is kept as {}", self.quarantine));
        page.line(&format!("to change back: {}", self.undo));
    }
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// Back to the database before the last restore.
    Undo,
    /// To the restored one again.
    Redo,
}

impl Which {
    /// The flag of the other way.
    fn other(self) -> &'static str {
        match self {
            Self::Undo => "--redo",
            Self::Redo => "--undo",
        }
    }
}

/// Whether the kept database is the result of what is asked for: typed again after a kill, that must not be reverted.
fn is_done(which: Which, newest: &Quarantined) -> bool {
    matches!((which, &newest.by), (Which::Undo, By::Undo { .. }) | (Which::Redo, By::Redo))
}

pub(super) fn undo(which: Which, args: &Args, cx: &mut Context) -> Result<Exit> {
    let mut live = live(cx, "restore")?;
    let opening = live.chosen.opening.clone();
    let place = live.place(cx);
    live.warn_of_pooler(cx);
    live.there = None;
    let newest = quarantined(&mut opening.maintenance(&live.name)?, &live.name)?.into_iter().next();
    let Some(newest) = newest else {
        put_right(&live, cx)?;
        return Err(RestoreError::NothingAside { live: live.name }.into());
    };
    let other = format!("pgkeel restore {}{}", which.other(), cx.config.answers.place);
    if is_done(which, &newest) {
        if !args.dry_run {
            put_right(&live, cx)?;
        }
        let (database, Quarantined { name: quarantine, since, .. }) = (live.name, newest);
        cx.ui.result(&Already { database, quarantine, since, undo: other, already: true, which })?;
        return Ok(Exit::Ok);
    }
    if which == Which::Redo && !matches!(newest.by, By::Undo { .. }) {
        return Err(CommandError::Usage {
            message: format!("the last restore of `{}` was not undone: there is nothing to redo", live.name),
            hint: format!("{other} reverts it"),
        }
        .into());
    }
    let since = newest.since.format("%Y-%m-%d %H:%M:%S");
    let what = format!(
        "this puts `{}` back as {}; what was written since {since} UTC stays in the database that is put aside for it",
        newest.name,
        live.chosen.place.direct.with_database(&live.name)
    );
    let undo = Undo {
        opening: &opening,
        live: &live.name,
        oid: live.oid,
        back: &newest.name,
        bouncer: cx.config.backup.pgbouncer.as_ref().map(|url| &url.value),
        environment: cx.config.environment.as_ref().map(|environment| environment.value.as_str()),
        waiting: lock_wait(&cx.config, None),
    };
    if args.dry_run {
        cx.ui.result(&Planned { database: live.name.clone(), dry_run: true, steps: undo_sql(&undo) })?;
        return Ok(Exit::Ok);
    }
    permission(cx, &place, Deed::Other, false, &what)?;
    let undone = put_back(&undo, &mut Watch::new(&cx.ui))?;
    undone.notes.iter().for_each(|note| cx.ui.note(note));
    cx.ui.result(&UndoReport {
        database: live.name,
        back: undone.back,
        quarantine: undone.quarantine,
        gap_ms: undone.swapped.gap.as_millis(),
        sessions_ended: undone.swapped.terminated,
        undo: other,
        already: false,
    })?;
    Ok(Exit::Ok)
}

/// What a killed run left.
fn put_right(live: &Live, cx: &Context) -> Result<()> {
    let bouncer = cx.config.backup.pgbouncer.as_ref().map(|url| &url.value);
    let (opening, waiting) = (&live.chosen.opening, lock_wait(&cx.config, None));
    if finish(opening, &live.name, bouncer, waiting, &mut Watch::new(&cx.ui))? {
        cx.ui.note("a restore that was killed had stopped the writing: it goes on");
    }
    Ok(())
}

/// What a dry run shows.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Planned {
    pub(super) database: String,
    pub(super) dry_run: bool,
    pub(super) steps: Vec<String>,
}

impl Report for Planned {
    fn text(&self, page: &mut Page) {
        self.steps.iter().for_each(|step| page.line(step));
    }
}
