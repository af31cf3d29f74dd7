//! `pgkeel migrate squash`: one migration in the place of all up to a version, proved to make the same database.

mod proved;
mod report;

use anyhow::Result;
use clap::{ArgGroup, Args as ClapArgs};

use crate::context::Context;
use crate::engine::migrations::plan::PlanError;
use crate::engine::migrations::reconcile::Standing;
use crate::engine::migrations::squash::{Data, data, finish};
use crate::engine::migrations::{Folder, OnDisk, Severity, State, reconcile, write};
use crate::exit::{CommandError, Exit};

use super::around::{looked, seen_from};
use crate::commands::said::{Part, meant, migrations, project_folder};
use proved::{Wanted, prove};
use report::{Finished, SquashReport};

/// Make one migration of all up to a version
#[derive(Debug, ClapArgs)]
#[command(group(ArgGroup::new("what").required(true).args(["through", "finish"])))]
#[command(
    after_help = "The squashed migration has the version of the last one that it replaces, so diesel_cli and embedded
migrations go on as before. The old folders move to migrations/.replaced/NAME, which Diesel passes
over; keep them in the repository. On a database, the next deploy or migrate finds out:
  it has all of the old ones    it is recorded to have the squashed one; nothing is run
  it has some of them           the rest of the old ones run, then the same
  it has none                   the squashed one runs, alone
An application of before the squash that runs its embedded migrations would then take the old ones
for pending: deploy it everywhere first.

The SQL comes from the catalog that the old ones make. What no catalog shows is carried over as it
is: roles to its beginning; what changes rows (INSERT, UPDATE, DO, SELECT of a function …) to its
end, if it still runs on the last schema. That an empty database then has the same rows is proved,
too. Exit status: 3 where that cannot be had, 5 where the database has edited, partial or missing
ones among them.

Examples:
  pgkeel migrate squash --through 20250103000000 --dry-run
  pgkeel migrate squash --through 20250103000000 --name baseline
  pgkeel migrate squash --through add_phone --drop-data-statements
  pgkeel migrate squash --finish              move what a squash that was killed has left"
)]
pub(crate) struct Args {
    /// The last migration that is replaced: its version, its folder's name, or a part of that
    #[arg(long, value_name = "MIGRATION")]
    through: Option<String>,

    /// What the new one is called
    #[arg(long, value_name = "NAME", default_value = "squashed")]
    name: String,

    /// Leave out the statements that change rows
    #[arg(long)]
    drop_data_statements: bool,

    /// Prove it, show what would be written and moved, and stop
    #[arg(long)]
    dry_run: bool,

    /// Move what a squash that was stopped has left beside the squashed migration
    #[arg(long, conflicts_with_all = ["name", "drop_data_statements", "dry_run"])]
    finish: bool,
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    let mut folder = project_folder(cx)?;
    if !args.dry_run && !folder.unmoved.is_empty() {
        let moved = finish(&folder)?;
        cx.ui.note(&format!("moved {} that a squash which was stopped had left", migrations(moved)));
        folder = project_folder(cx)?;
    }
    let Some(through) = &args.through else {
        let report = Finished { folder: seen_from(&cx.config.root, &folder.path) };
        cx.ui.result(&report)?;
        return Ok(Exit::Ok);
    };
    let old = replaced(&folder, through)?;
    let last = old[old.len() - 1];
    let slug = named(args, last)?;
    check_findings(&folder, &old)?;
    if let Some(looked) = looked(cx, "migrate")? {
        let standing = reconcile(&folder.migrations, &looked.ledger.applied, &looked.ledger.recorded);
        check_history(&standing, &last.version)?;
    }
    let later: Vec<OnDisk> =
        folder.migrations.iter().filter(|one| one.version > last.version).cloned().collect();
    let data = all_data(&old)?;
    let wanted = Wanted { old: &old, later: &later, slug, data, without_rows: args.drop_data_statements };
    let done = prove(wanted, cx)?;
    let mut report = SquashReport::new(&done, &old, &cx.config.root);
    report.dry_run = args.dry_run;
    report.folder = seen_from(&cx.config.root, &folder.path);
    if !args.dry_run {
        let written = done.squashed.write(&folder.path, &old)?;
        report.files = written.files.iter().map(|file| seen_from(&cx.config.root, file)).collect();
    }
    cx.ui.result(&report)?;
    Ok(Exit::Ok)
}

/// All migrations up to the one that is meant.
fn replaced<'a>(folder: &'a Folder, through: &str) -> Result<Vec<&'a OnDisk>> {
    let names: Vec<_> =
        folder.migrations.iter().map(|one| (one.version.as_str(), one.name.as_str())).collect();
    let version = meant(through, &names, Part::Any)?;
    let old: Vec<&OnDisk> = folder.migrations.iter().filter(|one| one.version.as_str() <= version).collect();
    if let [only] = old.as_slice() {
        return Err(CommandError::Usage {
            message: format!("`{}` is the first migration: there is nothing to make one of", only.name),
            hint: "name a later one; `pgkeel migrate list` shows all".into(),
        }
        .into());
    }
    Ok(old)
}

fn named(args: &Args, last: &OnDisk) -> Result<String> {
    let usage =
        |message: String| CommandError::Usage { message, hint: "for example `--name baseline`".into() };
    let slug = write::slug(&args.name).map_err(|error| usage(error.to_string()))?;
    if last.name == format!("{}_{slug}", last.version) {
        return Err(usage(format!("`{}` is the name of one that is replaced", last.name)).into());
    }
    Ok(slug)
}

/// What is broken cannot be replayed, nor told from what is meant.
fn check_findings(folder: &Folder, old: &[&OnDisk]) -> Result<(), PlanError> {
    let all = folder.findings.iter().chain(old.iter().flat_map(|one| &one.findings));
    let broken: Vec<_> = all.filter(|finding| finding.severity == Severity::Blocking).cloned().collect();
    if broken.is_empty() { Ok(()) } else { Err(PlanError::Findings(broken)) }
}

/// What is not as it was applied cannot be squashed: which of the two would it be?
fn check_history(standing: &Standing, through: &str) -> Result<(), PlanError> {
    let in_trouble = |state| matches!(state, State::Edited | State::Partial | State::Missing);
    let entries = standing.entries.iter().filter(|entry| entry.version.as_str() <= through);
    let entries: Vec<_> = entries.filter(|entry| in_trouble(entry.state)).cloned().collect();
    if entries.is_empty() { Ok(()) } else { Err(PlanError::Trouble { entries, findings: Vec::new() }) }
}

fn all_data(old: &[&OnDisk]) -> Result<Vec<Data>> {
    let mut all = Vec::new();
    for one in old {
        all.extend(data(one)?);
    }
    Ok(all)
}
