//! A copy beside the live database, or some tables of it.

use anyhow::Result;
use serde::Serialize;

use crate::commands::backups::{identity, jobs, search};
use crate::commands::open::lock_wait;
use crate::commands::restoring::{Live, live, source};
use crate::commands::watch::Watch;
use crate::context::Context;
use crate::engine::backup::manifest::Level;
use crate::engine::restore::{
    Beside, Copied, Filling, Goal, Source, TableBeside, copy, preflight, steps, tables,
};
use crate::engine::swap::fresh_name;
use crate::exit::Exit;
use crate::pg::ident::Ident;
use crate::pg::shell::word;
use crate::ui::{Page, Report, Tone};

use super::Args;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CopyReport {
    database: String,
    backup: String,
    dry_run: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<String>,
    restore_ms: Option<u64>,
    notes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tables: Vec<TableBeside>,
}

impl Report for CopyReport {
    fn text(&self, page: &mut Page) {
        for step in &self.steps {
            page.line(step);
        }
        if !self.dry_run {
            page.line(&format!(
                "{} {} into the new database {}, and compared; the live one was not touched",
                page.paint(Tone::Good, "restored"),
                self.backup,
                self.database
            ));
        }
        for note in &self.notes {
            page.line(note);
        }
        for table in &self.tables {
            page.blank();
            let live = table.rows_live.map_or_else(|| "no such table".into(), |rows| format!("{rows} rows"));
            page.line(&format!(
                "{}: {} rows in the backup, {live} live; to bring them over:",
                table.table, table.rows_there
            ));
            for line in &table.by_hand {
                page.line(&format!("  {line}"));
            }
        }
    }
}

enum Made {
    Steps(Vec<String>),
    Copy(Copied),
}

fn make(args: &Args, cx: &Context, live: &Live, from: &Source, name: &str) -> Result<Made> {
    let opening = &live.chosen.opening;
    let mut admin = opening.maintenance(name)?;
    let cleared = preflight(from, args.ownership(), Goal::Beside, &search(cx), &mut admin, None)?;
    let key_file = identity(cx, args.identity.as_deref());
    let filling = Filling {
        source: from,
        programs: &cleared.programs,
        roles: &cleared.roles,
        ownership: args.ownership(),
        jobs: jobs(cx, args.jobs),
        identity: key_file.as_deref(),
        level: Level::L2,
        keep: args.keep_scratch,
        trust: &args.trust_code_of,
    };
    if args.dry_run {
        return Ok(Made::Steps(steps(&mut admin, &filling, name, None, None)?));
    }
    drop(admin);
    for note in &cleared.notes {
        cx.ui.note(note);
    }
    let beside = Beside { filling, opening, name, waiting: lock_wait(&cx.config, None) };
    Ok(Made::Copy(copy(&beside, &mut Watch::new(&cx.ui))?))
}

fn report(name: &str, from: &Source, made: Made) -> CopyReport {
    let (steps, copied) = match made {
        Made::Steps(steps) => (steps, None),
        Made::Copy(copied) => (Vec::new(), Some(copied)),
    };
    CopyReport {
        database: name.to_owned(),
        backup: from.name(),
        dry_run: copied.is_none(),
        steps,
        restore_ms: copied.as_ref().map(|copied| copied.restore_ms),
        notes: copied.map(|copied| copied.notes).unwrap_or_default(),
        tables: Vec::new(),
    }
}

pub(super) fn copy_to(args: &Args, name: &str, cx: &mut Context) -> Result<Exit> {
    let mut live = live(cx, "restore")?;
    let from = source(&args.wanted(), cx, &live)?;
    live.there = None;
    let made = make(args, cx, &live, &from, name)?;
    cx.ui.result(&report(name, &from, made))?;
    Ok(Exit::Ok)
}

pub(super) fn tables_of(args: &Args, cx: &mut Context) -> Result<Exit> {
    let mut live = live(cx, "restore")?;
    let from = source(&args.wanted(), cx, &live)?;
    live.there = None;
    let name = fresh_name(&live.name, &format!("tables_{}", from.suffix()));
    let made = make(args, cx, &live, &from, &name)?;
    let mut report = report(&name, &from, made);
    if !report.dry_run {
        let opening = &live.chosen.opening;
        report.tables = tables(&opening.of_database(&name), opening, &name, &live.name, &args.tables)?;
        let drop = word(&format!("DROP DATABASE {}", Ident::new(&name)));
        let place = &cx.config.answers.place;
        report.notes.push(format!("drop it when you are done: pgkeel execute --sql {drop}{place}"));
    }
    cx.ui.result(&report)?;
    Ok(Exit::Ok)
}
