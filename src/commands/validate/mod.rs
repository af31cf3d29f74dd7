//! `pgkeel validate`: everything that a merge hangs on, in one run with one summary.

mod checks;
mod github;
mod report;
mod sarif;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args as ClapArgs;

use crate::commands::sources;
use crate::context::Context;
use crate::engine::migrations::Folder;
use crate::exit::Exit;

use crate::commands::said::{Part, meant, project_folder};
use checks::waits;
use report::{Check, Checked, ValidateReport, Verdict};

/// Prove everything that a merge hangs on
#[derive(Debug, ClapArgs)]
#[command(after_help = "Checks, each run even if another failed; what hangs on a failed one is skipped:
  layout         the migrations folder is as Diesel and pgkeel read it
  replay         all migrations apply to an empty database
  up-down-up     each down.sql brings back what was there before, and up.sql applies again
  desired state  the migrations make what schema.sql says
  seeds          the seeds load twice, and the second time changes nothing
  generated      schema.rs and its like are those of the migrations

All of it happens in shadow databases: SHADOW_DATABASE_URL, else beside the project's database,
else on the dev cluster. In GitHub Actions findings are shown beside the lines and in the summary
of the job.

Exit status: 0 valid; 1 something did not run; 6 something differs (what a down.sql leaves,
schema.sql, a generated file); 2 the layout must be mended. Of several: 1 before 6 before 2.

Examples:
  pgkeel validate                          everything
  pgkeel validate --replay                 the layout, and all migrations from nothing
  pgkeel validate --since 20260101120000   up-down-up from this migration on
  pgkeel validate --sarif validate.sarif   also as SARIF 2.1.0, for code hosts")]
pub(crate) struct Args {
    /// Only the layout and the replay
    #[arg(long, conflicts_with = "since")]
    replay: bool,

    /// Take only this migration and newer ones up, down and up again
    #[arg(long, value_name = "VERSION")]
    since: Option<String>,

    /// Also write the findings as SARIF 2.1.0
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    let folder = project_folder(cx)?;
    let from = from(args, &folder)?;
    let report = ValidateReport::new(checked(args, &folder, from, cx)?);
    let root = cx.config.root.clone();
    let workspace = cx.config.surroundings.github_workspace.clone();
    let place = |file: &str| seen_from(workspace.as_deref(), &root, file);
    github::annotate(&cx.ui, &report, &place);
    // Whatever becomes of the files, the result is told.
    cx.ui.result(&report)?;
    if let Some(file) = &args.sarif {
        let file = cx.config.directory.join(file);
        let text = serde_json::to_string_pretty(&sarif::document(&report, &place))?;
        std::fs::write(&file, text + "\n").with_context(|| format!("cannot write `{}`", file.display()))?;
    }
    let surroundings = &cx.config.surroundings;
    if let Some(file) = surroundings.github_summary.as_ref().filter(|_| surroundings.github_actions) {
        github::summarise(file, &report)?;
    }
    Ok(report.exit())
}

/// The first migration that is taken down, by its place.
fn from(args: &Args, folder: &Folder) -> Result<usize> {
    let Some(since) = &args.since else { return Ok(0) };
    let names: Vec<_> =
        folder.migrations.iter().map(|one| (one.version.as_str(), one.name.as_str())).collect();
    let version = meant(since, &names, Part::Beginning)?;
    Ok(folder.migrations.iter().position(|one| one.version == version).unwrap_or_default())
}

fn checked(args: &Args, folder: &Folder, from: usize, cx: &Context) -> Result<Vec<Checked>> {
    let rest = if args.replay {
        &[][..]
    } else {
        &[Check::UpDownUp, Check::DesiredState, Check::Seeds, Check::Generated]
    };
    let layout = checks::layout(folder, cx);
    if layout.verdict == Verdict::Failed {
        let why = "the layout must be mended first";
        let others = [Check::Replay].iter().chain(rest).map(|check| Checked::skipped(*check, why));
        return Ok([layout].into_iter().chain(others).collect());
    }
    let (place, _) = sources::place(cx, "validate")?;
    let seeds = if args.replay { Ok(Vec::new()) } else { checks::seed_files(cx) };
    let files = seeds.as_deref().unwrap_or_default();
    let (mut replay, made, seeded) = checks::replay(folder, &place, files, cx)?;
    if args.replay {
        return Ok(vec![layout, replay]);
    }
    let Some(made) = made else {
        let all = [layout, replay].into_iter();
        return Ok(all.chain(rest.iter().map(|check| waits(*check))).collect());
    };
    let ways = (folder, from);
    let mut trips = checks::up_down_up(ways, &place, &made, cx)?;
    let mut desired = checks::desired(&made.catalog, cx)?;
    let mut generated = checks::generated(&made.catalog, cx)?;
    let has_failed = desired.verdict == Verdict::Failed || generated.verdict == Verdict::Failed;
    // What an ordinary owner makes otherwise must not decide about what the migrations make.
    if made.stands_in
        && has_failed
        && let Some(unlike) = checks::unlike(folder, &place, &made, cx)?
    {
        replay.what = format!("{}; {}", replay.what, checks::UNCHECKED);
        trips = checks::up_down_up(ways, &place, &unlike, cx)?;
        desired = checks::desired(&unlike.catalog, cx)?;
        generated = checks::generated(&unlike.catalog, cx)?;
    }
    let seeds = match seeds {
        Ok(_) => seeded,
        Err(unreadable) => *unreadable,
    };
    Ok(vec![layout, replay, trips, desired, seeds, generated])
}

/// A file as seen from the repository, where it is known; else from the project.
fn seen_from(workspace: Option<&Path>, root: &Path, file: &str) -> String {
    let whole = root.join(file);
    let inside = workspace.and_then(|workspace| {
        let workspace = workspace.canonicalize().ok()?;
        whole.strip_prefix(workspace).ok().map(|file| file.display().to_string())
    });
    inside.unwrap_or_else(|| file.to_owned())
}
