//! What was put aside: listed, put back, dropped.

use anyhow::Result;
use serde::Serialize;

use crate::commands::ask::permission;
use crate::commands::backups::{catalogue, root};
use crate::commands::open::lock_wait;
use crate::commands::restoring::live;
use crate::commands::said::size;
use crate::commands::watch::Watch;
use crate::context::Context;
use crate::engine::guard::Deed;
use crate::engine::restore::journal::{Leftover, Quarantined, leftovers, quarantined};
use crate::engine::restore::{
    RestoreError, Undo, drop_quarantine, drop_sql, finish, undo as put_back, undo_sql,
};
use crate::exit::Exit;
use crate::ui::{Page, Report, Tone};

use super::Args;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    id: String,
    taken: String,
    bytes: u64,
    head: Option<String>,
    label: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ListReport {
    database: String,
    backups: Vec<Listed>,
    quarantined: Vec<Quarantined>,
    leftovers: Vec<Leftover>,
}

fn bytes_of(bytes: Option<i64>) -> String {
    bytes.map_or_else(|| "size unknown".into(), size)
}

impl Report for ListReport {
    fn text(&self, page: &mut Page) {
        if self.backups.is_empty() {
            page.line(&format!("no backup of {}", self.database));
        }
        for backup in &self.backups {
            let head = backup.head.as_deref().unwrap_or("no migration");
            let bytes = size(i64::try_from(backup.bytes).unwrap_or(i64::MAX));
            page.line(&format!("{}  {}, {head}", backup.id, bytes));
        }
        for one in &self.quarantined {
            let since = one.since.format("%Y-%m-%d %H:%M:%S");
            let by = one.backup.as_deref().unwrap_or("an undo");
            page.line(&format!(
                "put aside: {}, {}, since {since} UTC, by {by}",
                one.name,
                bytes_of(one.bytes)
            ));
        }
        for one in &self.leftovers {
            page.line(&format!("left over: {}, {}, of {}", one.name, bytes_of(one.bytes), one.backup));
        }
    }
}

pub(super) fn list(args: &Args, cx: &mut Context) -> Result<Exit> {
    let live = live(cx, "restore")?;
    let all = catalogue(&root(cx, args.dir.as_deref()))?;
    let cluster = live.system_identifier();
    let mut admin = live.chosen.opening.maintenance(&live.name)?;
    let listed = |kept: &crate::engine::backup::catalogue::Kept| Listed {
        id: kept.manifest.id.to_string(),
        taken: kept.manifest.snapshot.at.to_rfc3339(),
        bytes: kept.manifest.size(),
        head: kept.manifest.migrations.head().map(str::to_owned),
        label: kept.manifest.label.clone(),
    };
    let backups = all.of((&live.name, cluster.as_deref())).rev().filter(|kept| kept.is_whole()).map(listed);
    cx.ui.result(&ListReport {
        backups: backups.collect(),
        quarantined: quarantined(&mut admin, &live.name)?,
        leftovers: leftovers(&mut admin, &live.name)?,
        database: live.name,
    })?;
    Ok(Exit::Ok)
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct UndoReport {
    database: String,
    back: Quarantined,
    quarantine: String,
    gap_ms: u128,
    sessions_ended: usize,
    undo: String,
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

pub(super) fn undo(args: &Args, cx: &mut Context) -> Result<Exit> {
    let mut live = live(cx, "restore")?;
    let opening = live.chosen.opening.clone();
    let place = live.place(cx);
    live.warn_of_pooler(cx);
    live.there = None;
    let newest = quarantined(&mut opening.maintenance(&live.name)?, &live.name)?.into_iter().next();
    let Some(newest) = newest else {
        let bouncer = cx.config.backup.pgbouncer.as_ref().map(|url| &url.value);
        let waiting = lock_wait(&cx.config, None);
        if finish(&opening, &live.name, bouncer, waiting, &mut Watch::new(&cx.ui))? {
            cx.ui.note("a restore that was killed had stopped the writing: it goes on");
        }
        return Err(RestoreError::NothingAside { live: live.name }.into());
    };
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
        undo: format!("pgkeel restore --undo{}", cx.config.answers.place),
    })?;
    Ok(Exit::Ok)
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DropReport {
    dropped: Vec<Quarantined>,
}

impl Report for DropReport {
    fn text(&self, page: &mut Page) {
        for one in &self.dropped {
            page.line(&format!(
                "{} {} ({})",
                page.paint(Tone::Good, "dropped"),
                one.name,
                bytes_of(one.bytes)
            ));
        }
    }
}

pub(super) fn drop_them(args: &Args, name: Option<&str>, cx: &mut Context) -> Result<Exit> {
    let mut live = live(cx, "restore")?;
    let place = live.place(cx);
    live.there = None;
    let opening = &live.chosen.opening;
    let all = quarantined(&mut opening.maintenance(&live.name)?, &live.name)?;
    let names: Vec<String> = match name {
        Some(name) => vec![name.to_owned()],
        None => all.into_iter().map(|one| one.name).collect(),
    };
    if names.is_empty() {
        return Err(RestoreError::NothingAside { live: live.name }.into());
    }
    if args.dry_run {
        let steps = names.iter().map(|name| format!("{};", drop_sql(name))).collect();
        cx.ui.result(&Planned { database: live.name, dry_run: true, steps })?;
        return Ok(Exit::Ok);
    }
    let what = format!("this drops {}: after it, no `--undo` brings that back", names.join(", "));
    permission(cx, &place, Deed::Other, false, &what)?;
    let waiting = lock_wait(&cx.config, None);
    let dropped = drop_quarantine(opening, &live.name, &names, waiting, &mut Watch::new(&cx.ui))?;
    cx.ui.result(&DropReport { dropped })?;
    Ok(Exit::Ok)
}

/// What a dry run shows.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Planned {
    database: String,
    dry_run: bool,
    steps: Vec<String>,
}

impl Report for Planned {
    fn text(&self, page: &mut Page) {
        self.steps.iter().for_each(|step| page.line(step));
    }
}
