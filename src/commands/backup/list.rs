//! `pgkeel backup list`: what backups there are, and what each is worth.

use std::path::{Path, PathBuf};

use anyhow::Result;
use chrono::{DateTime, Utc};
use clap::Args as ClapArgs;
use indicatif::HumanCount;
use serde::Serialize;

use crate::commands::backups::{age, catalogue, configured, now, only, shown};
use crate::context::Context;
use crate::engine::backup::catalogue::{Catalogue, Kept, Leftover};
use crate::engine::backup::manifest::{Level, Scope};
use crate::engine::backup::name::BackupId;
use crate::exit::Exit;
use crate::ui::{Page, Report, Table, Tone};

use super::size;

/// Show which backups there are
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Reads files alone: no database need be there. Levels: L0 sizes, L1 read back, L2 restored on trial,
L3 contents compared.

Examples:
  pgkeel backup list            those of the configured database
  pgkeel backup list --all      of every database
  pgkeel backup list --json     for programs"
)]
pub(super) struct Args {
    /// Those of every database
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ListReport {
    dir: String,
    database: Option<String>,
    backups: Vec<Line>,
    partial: Vec<Part>,
    unreadable: Vec<Unreadable>,
    #[serde(skip)]
    hidden: usize,
    #[serde(skip)]
    now: DateTime<Utc>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    id: BackupId,
    dir: PathBuf,
    database: String,
    taken_at: DateTime<Utc>,
    label: Option<String>,
    reason: &'static str,
    scope: Scope,
    bytes: u64,
    tables: usize,
    rows: u64,
    level: Option<Level>,
    proved_at: Option<DateTime<Utc>>,
    pinned: bool,
    damaged: bool,
    encrypted: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    path: String,
    running: bool,
    pid: Option<i32>,
    bytes: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Unreadable {
    path: String,
    why: String,
}

pub(super) fn run(args: &Args, root: &Path, cx: &mut Context) -> Result<Exit> {
    let all = catalogue(root)?;
    let count = all.backups.len();
    let database = configured(cx).filter(|_| !args.all);
    let Catalogue { backups, partial, unreadable } = only(all, database.as_deref());
    let lines: Vec<_> = backups.into_iter().map(Line::of).collect();
    let part = |Leftover { path, pid, running, bytes }| Part { path: shown(cx, &path), running, pid, bytes };
    let report = ListReport {
        dir: shown(cx, root),
        hidden: count - lines.len(),
        database,
        backups: lines,
        partial: partial.into_iter().map(part).collect(),
        unreadable: unreadable
            .into_iter()
            .map(|(path, why)| Unreadable { path: shown(cx, &path), why: why.to_string() })
            .collect(),
        now: now(cx),
    };
    cx.ui.result(&report)?;
    Ok(Exit::Ok)
}

impl Line {
    fn of(kept: Kept) -> Self {
        let manifest = kept.manifest;
        let proved = manifest.proved();
        Self {
            dir: kept.dir,
            taken_at: manifest.created_at,
            reason: manifest.reason.as_str(),
            scope: manifest.scope,
            bytes: manifest.size(),
            tables: manifest.tables.len(),
            rows: manifest.tables.iter().map(|table| table.rows).sum(),
            level: proved.map(|(level, _)| level),
            proved_at: proved.map(|(_, at)| at),
            pinned: manifest.pinned.is_some(),
            damaged: manifest.is_damaged(),
            encrypted: manifest.encryption.is_some(),
            id: manifest.id,
            database: manifest.source.database,
            label: manifest.label,
        }
    }

    fn note(&self, page: &Page) -> String {
        let mut notes = Vec::new();
        if self.damaged {
            notes.push(page.paint(Tone::Bad, "damaged"));
        }
        match self.scope {
            Scope::Full => {}
            Scope::Schema => notes.push("schema only".into()),
            Scope::Data => notes.push("data only".into()),
        }
        if self.pinned {
            notes.push("pinned".into());
        }
        if self.encrypted {
            notes.push("encrypted".into());
        }
        notes.join(", ")
    }
}

impl Report for ListReport {
    fn text(&self, page: &mut Page) {
        let whose = self.database.as_ref().map_or_else(String::new, |name| format!(" of database `{name}`"));
        if self.backups.is_empty() {
            page.line(&format!("there are no backups{whose} in `{}`", self.dir));
        } else {
            self.table(page);
        }
        if self.hidden > 0 {
            page.line(&format!("(not shown: {} of other databases, `--all`)", self.hidden));
        }
        for part in &self.partial {
            let state = match (part.running, part.pid) {
                (true, Some(pid)) => format!("being written or removed (pid {pid})"),
                (true, None) => "being written or removed".into(),
                (false, _) => {
                    "left by a run that was killed: `pgkeel backup prune --leftovers --apply` removes it"
                        .into()
                }
            };
            page.line(&format!("no backup: {} ({}), {state}", part.path, size(part.bytes)));
        }
        for one in &self.unreadable {
            page.line(&format!("{}: {}: {}", page.paint(Tone::Bad, "unreadable"), one.path, one.why));
        }
    }
}

impl ListReport {
    fn table(&self, page: &mut Page) {
        let many = self.backups.iter().any(|line| line.database != self.backups[0].database);
        let mut header = vec!["backup", "taken", "label", "size", "tables", "rows", "proved", "note"];
        if many {
            header.insert(1, "database");
        }
        let mut table = Table::new(page, &header);
        for line in &self.backups {
            let proved = line.level.zip(line.proved_at).map_or_else(
                || page.paint(Tone::Warn, "no"),
                |(level, at)| format!("{level:?} {}", age(self.now, at)),
            );
            let mut cells = vec![
                line.id.to_string(),
                age(self.now, line.taken_at),
                line.label.clone().unwrap_or_else(|| line.reason.to_owned()),
                size(line.bytes),
                line.tables.to_string(),
                HumanCount(line.rows).to_string(),
                proved,
                line.note(page),
            ];
            if many {
                cells.insert(1, line.database.clone());
            }
            table.row(cells);
        }
        table.end(page);
    }
}
