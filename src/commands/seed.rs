//! `pgkeel seed`: load seed sets, in one transaction.

use anyhow::Result;
use clap::Args as ClapArgs;
use serde::Serialize;

use crate::context::{Context, Fallback};
use crate::engine::guard::Deed;
use crate::engine::ledger::Bookkeeping;
use crate::engine::operation::Operation;
use crate::engine::seeds::{self, Loading, Touched};
use crate::exit::Exit;
use crate::ui::{Page, Report, Table, Tone};

use super::ask::permission;
use super::open::{choose, lock_wait};
use super::seed_choice::{chosen_files, fit_for, run_command};
use super::watch::Watch;

/// Load seed data: sets of ordered SQL files, in one transaction
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Sets are folders below seeds/; their files run in order of their names. Write them so that they can run \
again: INSERT … ON CONFLICT … DO UPDATE.

Examples:
  pgkeel seed                       the environment's sets, or all
  pgkeel seed --set base            one set
  pgkeel seed --only 10_tags        one file
  pgkeel seed --list                what there is, and what was loaded when
  pgkeel seed --verify-idempotent   load twice, compare, and keep it only if both are the same"
)]
pub(crate) struct Args {
    /// Load this set only; may be repeated
    #[arg(long = "set", value_name = "SET")]
    sets: Vec<String>,

    /// Load this file only; may be repeated
    #[arg(long, value_name = "FILE")]
    only: Vec<String>,

    /// List sets and files, and stop
    #[arg(long)]
    list: bool,

    /// Load everything twice in the one transaction, and fail unless the second time changes nothing
    #[arg(long, conflicts_with = "list")]
    verify_idempotent: bool,

    /// Show what would be loaded and stop
    #[arg(long, conflicts_with = "list")]
    dry_run: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SeedReport {
    database: String,
    dry_run: bool,
    files: Vec<String>,
    touched: Vec<Touched>,
    verified_idempotent: bool,
    command: bool,
}

impl Report for SeedReport {
    fn text(&self, page: &mut Page) {
        if self.dry_run {
            for file in &self.files {
                page.line(&format!("would load {file}"));
            }
            return;
        }
        let mut table = Table::new(page, &["table", "inserted", "updated", "deleted"]);
        for one in &self.touched {
            table.row([
                one.table.clone(),
                one.inserted.to_string(),
                one.updated.to_string(),
                one.deleted.to_string(),
            ]);
        }
        if !table.is_empty() {
            table.end(page);
        }
        let files =
            if self.files.len() == 1 { "1 file".into() } else { format!("{} files", self.files.len()) };
        let twice = if self.verified_idempotent { "; a second time changed nothing" } else { "" };
        let word = if self.files.is_empty() && !self.command { "there are no seeds" } else { "loaded" };
        page.line(&match self.files.len() {
            0 if !self.command => format!("{}: {word}", self.database),
            _ => format!("{} {files} into {}{twice}", page.paint(Tone::Good, word), self.database),
        });
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    set: String,
    file: String,
    state: &'static str,
    loaded_at: Option<String>,
}

#[derive(Debug, Serialize)]
struct ListReport {
    seeds: Vec<Listed>,
}

impl Report for ListReport {
    fn text(&self, page: &mut Page) {
        let mut table = Table::new(page, &["set", "file", "state", "loaded at (UTC)"]);
        for one in &self.seeds {
            let at = one.loaded_at.clone().unwrap_or_default();
            table.row([one.set.clone(), one.file.clone(), one.state.to_owned(), at]);
        }
        if table.is_empty() {
            page.line("there are no seeds");
        } else {
            table.end(page);
        }
    }
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    let files = chosen_files(cx, &args.sets, &args.only)?;
    let chosen = choose(cx, Fallback::DevCluster, "seed")?;
    let (session, ledger) = chosen.look(cx)?;
    if args.list {
        let loaded = match (&ledger.facts.ledger_schema, ledger.facts.bookkeeping) {
            (Some(schema), Bookkeeping::Present) => chosen.opening.store(&ledger.facts)?.seeds(schema)?,
            _ => Vec::new(),
        };
        let seeds = files
            .iter()
            .map(|file| {
                let row = loaded.iter().find(|row| row.seed_set == file.set && row.file == file.name);
                Listed {
                    set: file.set.clone(),
                    file: file.name.clone(),
                    state: match row {
                        None => "not loaded",
                        Some(row) if row.checksum == file.checksum => "loaded",
                        Some(_) => "changed since",
                    },
                    loaded_at: row.map(|row| row.applied_at.format("%Y-%m-%d %H:%M:%S").to_string()),
                }
            })
            .collect();
        cx.ui.result(&ListReport { seeds })?;
        return Ok(Exit::Ok);
    }
    let mut report = SeedReport {
        database: ledger.facts.database.clone(),
        dry_run: args.dry_run,
        files: files.iter().map(|file| format!("{}/{}", file.set, file.name)).collect(),
        touched: Vec::new(),
        verified_idempotent: args.verify_idempotent,
        command: cx.config.seed.command.is_some(),
    };
    if args.dry_run || (files.is_empty() && !report.command) {
        cx.ui.result(&report)?;
        return Ok(Exit::Ok);
    }
    let place = chosen.guarded(&cx.config, &ledger);
    if place.protection().protected {
        fit_for(&place, &files, cx, "choose them with `--set`")?;
        permission(cx, &place, Deed::Other, false, &format!("this loads {} seed files", files.len()))?;
    }
    let locked = chosen.opening.lock(session, lock_wait(&cx.config, None), &mut Watch::new(&cx.ui))?;
    let environment = cx.config.environment.as_ref().map(|environment| environment.value.clone());
    let mut operation = locked.begin("seed", environment.as_deref())?;
    let loading = if args.verify_idempotent { Loading::Twice } else { Loading::Once };
    report.touched = operation.record(|operation| {
        let Operation { session, place, known, .. } = operation;
        seeds::load(session, (place, known), &files, loading, &mut Watch::new(&cx.ui))
    })?;
    run_command(cx, &chosen.place.url)?;
    cx.ui.result(&report)?;
    Ok(Exit::Ok)
}
