//! Lists and drops the databases that restores keep.

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
use crate::engine::restore::journal::{Leftover, Quarantined, SideDatabase, beside, quarantined};
use crate::engine::restore::{RestoreError, drop_quarantine, drop_sql};
use crate::exit::Exit;
use crate::ui::{Page, Report, Tone};

use super::Args;
use super::undo::Planned;

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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    side_databases: Vec<SideDatabase>,
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
        for one in &self.side_databases {
            page.line(&format!("side database: {}, {}, of {}", one.name, bytes_of(one.bytes), one.backup));
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
    let found = beside(&mut admin, &live.name)?;
    cx.ui.result(&ListReport {
        backups: backups.collect(),
        quarantined: found.quarantined,
        leftovers: found.leftovers,
        side_databases: found.tables,
        database: live.name,
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
