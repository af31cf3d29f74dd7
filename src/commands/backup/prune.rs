//! `pgkeel backup prune`: delete what no rule keeps; first it only says what it would do.

use std::path::{Path, PathBuf};

use anyhow::Result;
use chrono::TimeDelta;
use clap::Args as ClapArgs;
use serde::Serialize;

use crate::commands::backups::{age, catalogue, configured, now, only, shown};
use crate::commands::open::arm;
use crate::config::parse_duration;
use crate::context::Context;
use crate::engine::backup::catalogue::Kept;
use crate::engine::backup::name::BackupId;
use crate::engine::backup::record::remove;
use crate::engine::backup::retention::{Known, Policy, Verdict, judge};
use crate::exit::{CommandError, Exit};
use crate::pg::error::PgError;
use crate::ui::{Page, Report, Table, Tone};

use super::referenced::referenced;
use super::size;

/// Delete backups that no rule keeps
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Shows what it would do; `--apply` does it. A backup stays if any rule keeps it; rules come from the flags and
from `[backup.keep]` in pgkeel.toml. Hours, days and so on are UTC. Counted apart: each database, each scope, and what was
taken before something (a deploy, a restore), of which the newest 5 always stay. Always kept: the newest of each, the newest
that is proved, pinned ones.

Examples:
  pgkeel backup prune                              by the rules of pgkeel.toml, dry
  pgkeel backup prune --keep-last 10 --keep-daily 7 --keep-weekly 5
  pgkeel backup prune --keep-within 30d --keep-label release --apply
  pgkeel backup prune --leftovers --apply          only what killed runs left"
)]
pub(super) struct Args {
    /// Keep the newest N
    #[arg(long, value_name = "N")]
    keep_last: Option<u32>,

    /// Keep the newest of each hour, for the last N hours that have a backup
    #[arg(long, value_name = "N")]
    keep_hourly: Option<u32>,

    /// Keep the newest of each day, for the last N days that have a backup
    #[arg(long, value_name = "N")]
    keep_daily: Option<u32>,

    /// Keep the newest of each week, for the last N weeks that have a backup
    #[arg(long, value_name = "N")]
    keep_weekly: Option<u32>,

    /// Keep the newest of each month, for the last N months that have a backup
    #[arg(long, value_name = "N")]
    keep_monthly: Option<u32>,

    /// Keep the newest of each year, for the last N years that have a backup
    #[arg(long, value_name = "N")]
    keep_yearly: Option<u32>,

    /// Keep what is not older than this, counted from the newest
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    keep_within: Option<std::time::Duration>,

    /// Keep what has this label; may be repeated
    #[arg(long, value_name = "LABEL")]
    keep_label: Vec<String>,

    /// Delete; without it, only what would be deleted is shown
    #[arg(long)]
    apply: bool,

    /// The backups of every database
    #[arg(long)]
    all: bool,

    /// Only what killed runs left; needs no rule
    #[arg(long)]
    leftovers: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PruneReport {
    applied: bool,
    backups: Vec<Judged>,
    leftovers: Vec<Left>,
    freed_bytes: u64,
    /// What could not be removed, and why.
    failed: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Judged {
    id: BackupId,
    database: String,
    keep: bool,
    reasons: Vec<String>,
    bytes: u64,
    #[serde(skip)]
    age: String,
    #[serde(skip)]
    dir: PathBuf,
}

#[derive(Debug, Serialize)]
struct Left {
    path: String,
    bytes: u64,
    #[serde(skip)]
    dir: PathBuf,
}

pub(super) fn run(args: &Args, root: &Path, cx: &mut Context) -> Result<Exit> {
    arm(cx);
    let database = if args.all { None } else { Some(configured(cx).ok_or_else(unknown)?) };
    let catalogue = only(catalogue(root)?, database.as_deref());
    let backups: Vec<&Kept> = catalogue.backups.iter().collect();
    let judged = if args.leftovers { Vec::new() } else { verdicts(args, &backups, cx)? };
    let dead = catalogue.partial.iter().filter(|leftover| !leftover.running);
    let leftovers = dead
        .map(|left| Left { path: shown(cx, &left.path), bytes: left.bytes, dir: left.path.clone() })
        .collect();
    let mut report =
        PruneReport { applied: false, backups: judged, leftovers, freed_bytes: 0, failed: Vec::new() };
    if args.apply && report.goes() > 0 {
        permission(&report, cx)?;
        report.apply(cx)?;
    }
    cx.ui.result(&report)?;
    Ok(if report.failed.is_empty() { Exit::Ok } else { Exit::Failed })
}

/// Which database is meant: without a name, the backups of all would be judged.
fn unknown() -> CommandError {
    CommandError::Usage {
        message: "no database is named whose backups are to be judged; nothing was removed".into(),
        hint:
            "name it in the URL of the database, or give `--all`: the backups of every database in the folder"
                .into(),
    }
}

fn verdicts(args: &Args, backups: &[&Kept], cx: &Context) -> Result<Vec<Judged>> {
    let known = Known { now: now(cx), referenced: referenced(backups, cx) };
    let manifests: Vec<_> = backups.iter().map(|kept| &kept.manifest).collect();
    let verdicts = judge(&manifests, &policy(args, cx), &known)?;
    let judged = |(kept, verdict): (&&Kept, Verdict)| Judged {
        id: kept.manifest.id.clone(),
        database: kept.manifest.source.database.clone(),
        keep: matches!(verdict, Verdict::Keep(_)),
        reasons: match verdict {
            Verdict::Keep(whys) => whys.iter().map(ToString::to_string).collect(),
            Verdict::Remove(why) => vec![why.to_string()],
        },
        bytes: kept.manifest.size(),
        age: age(known.now, kept.manifest.created_at),
        dir: kept.dir.clone(),
    };
    Ok(backups.iter().zip(verdicts).map(judged).collect())
}

/// Each rule as the flag has it, else the configuration.
fn policy(args: &Args, cx: &Context) -> Policy {
    let keep = &cx.config.backup.keep.value;
    let count = |flag: Option<u32>, configured: Option<u32>| flag.or(configured).unwrap_or(0);
    let within = args.keep_within.or(keep.within);
    let labels = Some(&args.keep_label).filter(|labels| !labels.is_empty()).or(keep.labels.as_ref());
    Policy {
        last: count(args.keep_last, keep.last),
        hourly: count(args.keep_hourly, keep.hourly),
        daily: count(args.keep_daily, keep.daily),
        weekly: count(args.keep_weekly, keep.weekly),
        monthly: count(args.keep_monthly, keep.monthly),
        yearly: count(args.keep_yearly, keep.yearly),
        // One that chrono cannot hold keeps everything.
        within: within.map(|within| TimeDelta::from_std(within).unwrap_or(TimeDelta::MAX)),
        labels: labels.cloned().unwrap_or_default(),
    }
}

/// Files go, and no database is touched: a yes is enough, also where the place is protected.
fn permission(report: &PruneReport, cx: &Context) -> Result<()> {
    if cx.config.answers.yes {
        return Ok(());
    }
    let what = report.what_goes();
    if !cx.ui.is_interactive() {
        return Err(CommandError::Refused {
            why: format!("{what} would be deleted, and nobody is here to be asked; nothing was removed"),
            remedy: "give `--yes`".into(),
        }
        .into());
    }
    if cx.ui.confirm(&format!("Delete {what}?"))? { Ok(()) } else { Err(CommandError::Declined.into()) }
}

impl PruneReport {
    fn goes(&self) -> usize {
        self.doomed().count()
    }

    /// Folder and size of what goes.
    fn doomed(&self) -> impl Iterator<Item = (&Path, u64)> {
        let backups = self.backups.iter().filter(|one| !one.keep).map(|one| (one.dir.as_path(), one.bytes));
        backups.chain(self.leftovers.iter().map(|left| (left.dir.as_path(), left.bytes)))
    }

    fn what_goes(&self) -> String {
        let bytes: u64 = self.doomed().map(|(_, bytes)| bytes).sum();
        let backups = self.goes() - self.leftovers.len();
        let named = |n: usize, one: &str| match n {
            0 => None,
            1 => Some(format!("1 {one}")),
            n => Some(format!("{n} {one}s")),
        };
        let parts: Vec<_> = [named(backups, "backup"), named(self.leftovers.len(), "leftover")]
            .into_iter()
            .flatten()
            .collect();
        format!("{} ({})", parts.join(" and "), size(bytes))
    }

    fn apply(&mut self, cx: &Context) -> Result<()> {
        let doomed: Vec<_> = self.doomed().map(|(dir, bytes)| (dir.to_path_buf(), bytes)).collect();
        for (dir, bytes) in doomed {
            if cx.interrupt.is_raised() {
                return Err(PgError::Interrupted.into());
            }
            match remove(&dir) {
                Ok(()) => self.freed_bytes += bytes,
                Err(error) => self.failed.push(error.to_string()),
            }
        }
        self.applied = true;
        Ok(())
    }
}

impl Report for PruneReport {
    fn text(&self, page: &mut Page) {
        let mut table = Table::new(page, &["", "backup", "taken", "size", "because"]);
        for one in &self.backups {
            let word =
                if one.keep { page.paint(Tone::Good, "keep") } else { page.paint(Tone::Warn, "remove") };
            table.row([word, one.id.to_string(), one.age.clone(), size(one.bytes), one.reasons.join(", ")]);
        }
        for left in &self.leftovers {
            let because = "left by a run that was killed".to_owned();
            let name = left.dir.file_name().map(|name| name.to_string_lossy().into_owned());
            let word = page.paint(Tone::Warn, "remove");
            table.row([word, name.unwrap_or_default(), String::new(), size(left.bytes), because]);
        }
        if !table.is_empty() {
            table.end(page);
            page.blank();
        }
        for failed in &self.failed {
            page.line(&format!("{}: {failed}", page.paint(Tone::Bad, "not removed")));
        }
        match (self.goes(), self.applied) {
            (0, _) => page.line("nothing to remove"),
            (_, false) => page.line(&format!("would remove {}; `--apply` does it", self.what_goes())),
            (goes, true) => page.line(&format!(
                "removed {} of {goes}, {} are free again",
                goes - self.failed.len(),
                size(self.freed_bytes)
            )),
        }
    }
}
