//! `pgkeel migrate rebase`: a new version for a migration that nobody has applied, so that it is the newest again.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use chrono::{TimeDelta, Utc};
use clap::{ArgGroup, Args as ClapArgs};
use serde::Serialize;

use crate::context::Context;
use crate::engine::migrations::plan::PlanError;
use crate::engine::migrations::reconcile::{Entry, Standing};
use crate::engine::migrations::{Folder, OnDisk, State, reconcile, write};
use crate::exit::{CommandError, Exit};
use crate::ui::{Page, Report, Tone};

use super::around::{looked, seen_from};
use crate::commands::said::{Part, meant, project_folder};
use crate::commands::sources::{self, Needs};

/// Give an unapplied migration a new version
#[derive(Debug, ClapArgs)]
#[command(group(ArgGroup::new("what").required(true).args(["migration", "all"])))]
#[command(
    after_help = "For after a merge: the migration of one branch is older than what the other branch has applied
already. Its folder gets a new name, which git sees as a rename; what is in it stays. Before that,
the new order is replayed in a shadow database. No other database may have applied it: that cannot
be seen from here. Exit status: 2 where it is applied here, 5 where it is partial.

Examples:
  pgkeel migrate rebase add_phone
  pgkeel migrate rebase --all            all that are out of order, in their order
  pgkeel migrate rebase --all --dry-run"
)]
pub(crate) struct Args {
    /// Its version, its folder's name, or a part of that
    #[arg(value_name = "MIGRATION")]
    migration: Option<String>,

    /// Every migration that is out of order
    #[arg(long)]
    all: bool,

    /// Show the new names and stop
    #[arg(long)]
    dry_run: bool,

    /// Do not replay the new order first
    #[arg(long)]
    skip_replay: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RebaseReport {
    dry_run: bool,
    renamed: Vec<Renamed>,
    /// Whether the new order was applied in a shadow database.
    replayed: bool,
}

#[derive(Debug, Serialize)]
struct Renamed {
    from: String,
    to: String,
    version: String,
    #[serde(skip)]
    paths: (PathBuf, PathBuf),
}

impl Report for RebaseReport {
    fn text(&self, page: &mut Page) {
        let word = if self.dry_run { "would rename" } else { "renamed" };
        for Renamed { from, to, .. } in &self.renamed {
            page.line(&format!("{} {from} to {to}", page.paint(Tone::Good, word)));
        }
        if self.renamed.is_empty() {
            page.line("nothing is out of order");
        }
    }
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    let folder = project_folder(cx)?;
    let looked = looked(cx, "migrate")?;
    let standing = looked
        .as_ref()
        .map(|looked| reconcile(&folder.migrations, &looked.ledger.applied, &looked.ledger.recorded));
    let chosen = match &args.migration {
        Some(text) => one(&folder, standing.as_ref(), text)?.into_iter().collect(),
        None => out_of_order(&folder, standing.as_ref())?,
    };
    let mut known: Vec<&str> = folder.migrations.iter().map(|one| one.version.as_str()).collect();
    known.extend(standing.iter().flat_map(|standing| &standing.entries).map(|entry| entry.version.as_str()));
    let now = cx.config.surroundings.now.unwrap_or_else(Utc::now);
    let first = write::newest(known.iter().copied(), now);
    write::is_newest(&first.format("%Y%m%d%H%M%S").to_string(), &known)?;
    let renamed: Vec<Renamed> = (0..)
        .zip(&chosen)
        .map(|(later, one)| {
            renamed(one, &(first + TimeDelta::seconds(later)).format("%Y%m%d%H%M%S").to_string())
        })
        .collect();
    let mut report = RebaseReport { dry_run: args.dry_run, renamed, replayed: false };
    if !args.dry_run && !report.renamed.is_empty() {
        if !args.skip_replay {
            report.replayed = replay(&folder, &chosen, &report.renamed, cx)?;
        }
        cx.ui.note("no other database may have applied what is renamed: that cannot be seen from here");
        for Renamed { paths: (from, to), .. } in &report.renamed {
            anyhow::ensure!(!to.exists(), "`{}` is there already", seen_from(&cx.config.root, to));
            std::fs::rename(from, to)
                .with_context(|| format!("cannot rename `{}`", seen_from(&cx.config.root, from)))?;
        }
    }
    cx.ui.result(&report)?;
    Ok(Exit::Ok)
}

/// The one that is meant, if there is anything to be done about it.
fn one<'a>(folder: &'a Folder, standing: Option<&Standing>, text: &str) -> Result<Option<&'a OnDisk>> {
    let names: Vec<_> =
        folder.migrations.iter().map(|one| (one.version.as_str(), one.name.as_str())).collect();
    let version = meant(text, &names, Part::Any)?;
    let Some(one) = folder.find(version) else { return Ok(None) };
    let usage = |message: String, hint: &str| Err(CommandError::Usage { message, hint: hint.into() }.into());
    if one.replaces.is_some() {
        let message = format!(
            "`{}` is a squashed migration: its version is that of the last one that it replaces",
            one.name
        );
        return usage(message, "rebase those that are out of order instead: `pgkeel migrate rebase --all`");
    }
    let entry = standing.and_then(|standing| standing.entries.iter().find(|entry| entry.version == version));
    match entry.map(|entry| entry.state) {
        Some(State::Applied | State::Edited | State::Missing) => usage(
            format!(
                "`{}` is applied here, and may be elsewhere: its version cannot change any more",
                one.name
            ),
            "`pgkeel rollback` undoes it on your own database first; for all others write a new migration",
        ),
        Some(State::Partial) => {
            Err(PlanError::Trouble { entries: entry.cloned().into_iter().collect(), findings: Vec::new() }
                .into())
        }
        _ => {
            let newer = |other: &Entry| other.version.as_str() > version;
            let is_last = folder.migrations.last().is_some_and(|last| last.version == version)
                && !standing.is_some_and(|standing| standing.entries.iter().any(newer));
            Ok((!is_last).then_some(one))
        }
    }
}

/// All that are older than the newest applied one. What a squashed one replaces keeps its version.
fn out_of_order<'a>(folder: &'a Folder, standing: Option<&Standing>) -> Result<Vec<&'a OnDisk>> {
    let Some(standing) = standing else {
        return Err(CommandError::Usage {
            message: "which migrations are out of order is known by a database alone".into(),
            hint: "name one, or connect to a database".into(),
        }
        .into());
    };
    let versions: Vec<&str> =
        standing.in_state(State::OutOfOrder).map(|entry| entry.version.as_str()).collect();
    let chosen = folder.migrations.iter().filter(|one| one.replaces.is_none());
    Ok(chosen.filter(|one| versions.contains(&one.version.as_str())).collect())
}

fn renamed(one: &OnDisk, version: &str) -> Renamed {
    let to = match one.name.split_once('_') {
        Some((_, rest)) => format!("{version}_{rest}"),
        None => version.to_owned(),
    };
    let paths = (one.path.clone(), one.path.with_file_name(&to));
    Renamed { from: one.name.clone(), to, version: version.to_owned(), paths }
}

/// Apply all in the new order in a shadow database. Where there is none to be had, say so; what fails there is an error.
fn replay(folder: &Folder, chosen: &[&OnDisk], renamed: &[Renamed], cx: &Context) -> Result<bool> {
    let is_chosen = |one: &&OnDisk| chosen.iter().any(|other| other.version == one.version);
    let mut migrations: Vec<OnDisk> =
        folder.migrations.iter().filter(|one| !is_chosen(one)).cloned().collect();
    // Their files are where they were.
    migrations.extend(chosen.iter().zip(renamed).map(|(one, new)| OnDisk {
        version: new.version.clone(),
        name: new.to.clone(),
        ..(*one).clone()
    }));
    migrations.sort_by(|a, b| a.version.cmp(&b.version));
    let folder = Folder { migrations, ..Folder::default() };
    match sources::replayed(folder, "the migrations in their new order", cx, "migrate", Needs::default()) {
        Ok(prepared) => {
            prepared.open(cx).context("nothing was renamed")?;
            Ok(true)
        }
        Err(error) if cx.interrupt.is_raised() => Err(error),
        Err(error) => {
            let why = format!("{error:#}");
            let why = why.lines().next().unwrap_or_default();
            cx.ui.warn(&format!("the new order was not replayed: {why}"));
            Ok(false)
        }
    }
}
