//! `pgkeel resolve`: tell the ledger what a human has done. Runs no SQL of any migration.

use anyhow::Result;
use clap::{ArgGroup, Args as ClapArgs};
use serde::Serialize;

use crate::context::{Context, Fallback};
use crate::engine::drift::expected;
use crate::engine::ledger::LEDGER_TABLE;
use crate::engine::ledger::rows::Place;
use crate::engine::migrations::plan::{PlanError, entry_of};
use crate::engine::migrations::reconcile::{Entry, Standing};
use crate::engine::migrations::replaced::Effective;
use crate::engine::migrations::{OnDisk, State, reconcile};
use crate::engine::operation::Operation;
use crate::exit::{CommandError, Exit};
use crate::ui::{Page, Report, Tone};

use super::open::{choose, lock_wait};
use super::said::{project_folder, version};
use super::watch::Watch;

/// Correct the ledger by hand, without running any SQL
#[derive(Debug, ClapArgs)]
#[command(group(ArgGroup::new("what").required(true).args(["applied", "rolled_back", "accept_edit", "baseline"])))]
#[command(after_help = "Examples:
  pgkeel resolve --applied 20250103000000       its changes are in the database already: record it
  pgkeel resolve --rolled-back 20250103000000   its changes were undone by hand: forget it
  pgkeel resolve --accept-edit 20250103000000   the edited up.sql is right: record its new checksum
  pgkeel resolve --baseline 20250103000000      an existing database: record all up to that version")]
pub(crate) struct Args {
    /// Record this migration as applied
    #[arg(long, value_name = "VERSION")]
    applied: Option<String>,

    /// Record this migration as not applied
    #[arg(long, value_name = "VERSION")]
    rolled_back: Option<String>,

    /// Record the file of this applied migration as it is now
    #[arg(long, value_name = "VERSION")]
    accept_edit: Option<String>,

    /// Record this migration and all older ones as applied
    #[arg(long, value_name = "VERSION")]
    baseline: Option<String>,

    /// Show what would be recorded and stop
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResolveReport {
    database: String,
    dry_run: bool,
    recorded: &'static str,
    versions: Vec<String>,
}

impl Report for ResolveReport {
    fn text(&self, page: &mut Page) {
        let word = if self.dry_run { "would record" } else { "recorded" };
        for version in &self.versions {
            page.line(&format!("{} {version} as {}", page.paint(Tone::Good, word), self.recorded));
        }
        if self.versions.is_empty() {
            page.line(&format!("{}: nothing to record", self.database));
        }
    }
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    let folder = project_folder(cx)?;
    let chosen = choose(cx, Fallback::DevCluster, "resolve")?;
    let (session, ledger) = chosen.look(cx)?;
    chosen.opening.may_create_ledger(&ledger)?;
    let standing = reconcile(&folder.migrations, &ledger.applied, &ledger.recorded);
    let deed = Deed::of(args, &folder.effective(&ledger), &standing)?;
    let mut report = ResolveReport {
        database: ledger.facts.database.clone(),
        dry_run: args.dry_run,
        recorded: deed.word(),
        versions: deed.versions(),
    };
    if args.dry_run || report.versions.is_empty() {
        cx.ui.result(&report)?;
        return Ok(Exit::Ok);
    }
    let locked = chosen.opening.lock(session, lock_wait(&cx.config, None), &mut Watch::new(&cx.ui))?;
    // Decided again under the lock: another run may have been faster.
    let standing = reconcile(&folder.migrations, &locked.ledger.applied, &locked.ledger.recorded);
    let migrations = folder.effective(&locked.ledger);
    let deed = Deed::of(args, &migrations, &standing)?;
    report.versions = deed.versions();
    let mut operation = locked.begin("resolve", cx.config.environment.as_ref().map(|e| e.value.as_str()))?;
    operation.record(|operation| {
        let Operation { session, place, .. } = operation;
        let hold = place.hold(&["migration", "expected"]).table(&place.ledger_schema, LEDGER_TABLE);
        hold.write(session, &deed.sql(place).join("; ")).map(drop)
    })?;
    cx.ui.result(&report)?;
    Ok(Exit::Ok)
}

/// What is to be recorded.
enum Deed<'a> {
    Applied(Vec<&'a OnDisk>),
    RolledBack(Vec<&'a Entry>),
    AcceptEdit(&'a OnDisk),
}

impl<'a> Deed<'a> {
    fn of(args: &Args, folder: &Effective<'a>, standing: &'a Standing) -> Result<Self> {
        let unknown = |version: &str| PlanError::UnknownVersion(version.to_owned());
        let entry = |version: &str| {
            standing.entries.iter().find(|e| e.version == version).ok_or_else(|| unknown(version))
        };
        let usage = |message: String, hint: &str| CommandError::Usage { message, hint: hint.into() };
        let given = |text: &Option<String>| text.as_deref().map(|text| version(text, standing)).transpose();
        if let Some(version) = &given(&args.applied)? {
            let migration = folder.find(version).ok_or_else(|| unknown(version))?;
            if entry(version)?.is_applied() {
                return Err(usage(
                    format!("`{}` is applied already", migration.name),
                    "`pgkeel status` shows it",
                )
                .into());
            }
            // Half undone, it still stands in the ledger: our record alone is to be corrected.
            return Ok(match entry(version)?.is_half_undone() {
                true => Self::AcceptEdit(migration),
                false => Self::Applied(vec![migration]),
            });
        }
        if let Some(version) = &given(&args.baseline)? {
            folder.find(version).ok_or_else(|| unknown(version))?;
            let open = |m: &&&OnDisk| {
                m.version <= *version
                    && entry(&m.version).is_ok_and(|e| !e.is_applied() && e.state != State::Partial)
            };
            return Ok(Self::Applied(folder.migrations.iter().filter(open).copied().collect()));
        }
        if let Some(version) = &given(&args.rolled_back)? {
            let entry = entry(version)?;
            if !entry.is_applied() && entry.state != State::Partial {
                return Err(
                    usage(format!("`{}` is not applied", entry.name), "`pgkeel status` shows it").into()
                );
            }
            return Ok(Self::RolledBack(vec![entry]));
        }
        let version = &given(&args.accept_edit)?.unwrap_or_default();
        let migration = folder.find(version).ok_or_else(|| unknown(version))?;
        if !entry(version)?.is_applied() {
            return Err(usage(
                format!("`{}` is not applied", migration.name),
                "edit it freely: nothing is recorded yet",
            )
            .into());
        }
        Ok(Self::AcceptEdit(migration))
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Applied(_) => "applied",
            Self::RolledBack(_) => "rolled back",
            Self::AcceptEdit(_) => "applied, from the file as it is now",
        }
    }

    fn versions(&self) -> Vec<String> {
        match self {
            Self::Applied(all) => all.iter().map(|migration| migration.name.clone()).collect(),
            Self::RolledBack(all) => all.iter().map(|entry| entry.name.clone()).collect(),
            Self::AcceptEdit(one) => vec![one.name.clone()],
        }
    }

    fn sql(&self, place: &Place) -> Vec<String> {
        match self {
            Self::Applied(all) => all.iter().map(|migration| place.applied(&entry_of(migration))).collect(),
            Self::RolledBack(all) => all.iter().map(|entry| place.forget(&entry.version)).collect(),
            // What the database is expected to be is what ran, and nobody knows what that is now.
            Self::AcceptEdit(one) => {
                vec![place.accepted(&entry_of(one)), expected::forget(place, &one.version)]
            }
        }
    }
}
