//! `pgkeel reset`: drop, recreate, apply, seed. Refuses production unless that is explicitly confirmed.

use anyhow::Result;
use clap::Args as ClapArgs;
use serde::Serialize;

use crate::context::{Context, Fallback};
use crate::engine::backup::manifest::Reason;
use crate::engine::backup::take::Locking;
use crate::engine::guard::Deed;
use crate::engine::ledger::Ledger;
use crate::engine::migrations::plan::Allow;
use crate::engine::migrations::{Plan, reconcile};
use crate::engine::reset::{self, Loss, Recreate, Refill, Refilled, Way};
use crate::engine::seeds::Touched;
use crate::exit::Exit;
use crate::ui::{Page, Report, Tone};

use super::ask::permission;
use super::backup_first::{FirstArgs, Occasion, backup_first, tell_way_back};
use super::open::{choose, lock_wait, settings};
use super::said::{Item, migrations, project_folder, size};
use super::seed_choice::{chosen_files, fit_for, run_command};
use super::watch::Watch;

/// Drop everything, apply all migrations, load the seeds
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "The environment mark and the audit trail are kept. A role that may not create databases empties its \
schemas instead, keeping extensions and grants.

Examples:
  pgkeel reset                     your own database, after asking
  pgkeel reset --yes --skip-seed   without asking and without seeds
  pgkeel reset --force             also disconnects other sessions; it confirms nothing
  pgkeel reset --allow-production --confirm production/shop    the only way in production"
)]
pub(crate) struct Args {
    /// Do not load the seeds afterwards
    #[arg(long)]
    skip_seed: bool,

    /// Allow it where the environment is production; `--confirm` is still needed
    #[arg(long)]
    allow_production: bool,

    /// Disconnect other sessions; this confirms nothing
    #[arg(long)]
    force: bool,

    /// Show what would go and stop
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    first: FirstArgs,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResetReport {
    database: String,
    dry_run: bool,
    way: Way,
    lost: Loss,
    applied: Vec<Item>,
    seeded: Vec<Touched>,
    leftover: Option<String>,
}

impl Report for ResetReport {
    fn text(&self, page: &mut Page) {
        let how = match self.way {
            Way::Recreate => "dropped and recreated",
            Way::Empty => "emptied",
        };
        let lost = lost(&self.lost);
        if self.dry_run {
            page.line(&format!("{}: would be {how}, and gone would be {lost}", self.database));
        } else {
            page.line(&format!("{} {}; gone: {lost}", page.paint(Tone::Good, how), self.database));
        }
        for item in &self.applied {
            page.line(&format!("{} {}", page.paint(Tone::Good, "applied"), item.name));
        }
        for table in &self.seeded {
            page.line(&format!(
                "{} {}: {}",
                page.paint(Tone::Good, "seeded"),
                table.table,
                some(table.inserted, "row")
            ));
        }
        if let Some(name) = &self.leftover {
            page.line(&format!(
                "the old database could not be dropped; it is `{name}`, and the next reset drops it"
            ));
        }
        if !self.dry_run {
            page.line(&format!("{}: {} applied", self.database, migrations(self.applied.len())));
        }
    }
}

fn lost(loss: &Loss) -> String {
    format!(
        "{}, about {}, {}",
        some(loss.tables, "table"),
        some(loss.rows_estimated, "row"),
        size(loss.bytes)
    )
}

/// `1 row`, `2 rows`.
fn some(n: i64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    // What cannot be applied again must not be dropped: all files are looked at first.
    let folder = project_folder(cx)?;
    let files = if args.skip_seed { Vec::new() } else { chosen_files(cx, &[], &[])? };
    let chosen = choose(cx, Fallback::DevCluster, "reset")?;
    let (mut session, ledger) = chosen.look(cx)?;
    let empty = Ledger { applied: Vec::new(), recorded: Vec::new(), ..ledger.clone() };
    let standing = reconcile(&folder.migrations, &[], &[]);
    let plan = Plan::up(&folder, &empty, &standing, None, Allow::default())?;
    let (loss, way) = reset::survey(&mut session, chosen.opening.bookkeeping.as_str())?;
    // Another reset must not find us in its way while a person is asked.
    drop(session);
    let mut report = ResetReport {
        database: ledger.facts.database.clone(),
        dry_run: args.dry_run,
        way,
        lost: loss,
        applied: Vec::new(),
        seeded: Vec::new(),
        leftover: None,
    };
    if args.dry_run {
        cx.ui.result(&report)?;
        return Ok(Exit::Ok);
    }
    let place = chosen.guarded(&cx.config, &ledger);
    let what = format!(
        "this destroys everything in {}: {}",
        chosen.place.direct.with_database(&ledger.facts.database),
        lost(&report.lost)
    );
    let deed = Deed::Reset { allowed: cx.config.allow_reset.value };
    permission(cx, &place, deed, args.allow_production, &what)?;
    fit_for(&place, &files, cx, "the environment's `seeds`; or give `--skip-seed`")?;
    let environment = cx.config.environment.as_ref().map(|environment| environment.value.clone());
    let lock = Locking::Acquire(lock_wait(&cx.config, None));
    let occasion = Occasion { before: "reset", reason: Reason::PreReset, lock };
    let back = backup_first(cx, &chosen, &mut chosen.opening.connect()?, &ledger, args.first, occasion)?;
    let (waiting, settings) = (lock_wait(&cx.config, None), settings(&cx.config, None));
    let refill = Refill { plan: &plan, settings: &settings, seeds: &files };
    let mut watch = Watch::new(&cx.ui);
    let refilled = match way {
        Way::Empty => {
            let locked = chosen.opening.lock(chosen.opening.connect()?, waiting, &mut watch)?;
            let mut operation = locked.begin("reset", environment.as_deref())?;
            let refilled = operation.record(|operation| -> Result<Refilled> {
                operation.go_back_by(&back)?;
                let place = operation.place.clone();
                reset::empty(&mut operation.session, &place)?;
                operation.known.emptied();
                Ok(refill.run(operation, &mut watch)?)
            });
            refilled.inspect_err(|_| tell_way_back(cx, &back))?
        }
        Way::Recreate => {
            let recreated = reset::recreate(
                &Recreate {
                    opening: &chosen.opening,
                    database: &report.database,
                    environment: environment.as_deref(),
                    disconnect: args.force,
                    waiting,
                    refill,
                    way: &back,
                },
                &mut watch,
            )?;
            report.leftover = recreated.leftover;
            recreated.refilled
        }
    };
    report.applied = refilled
        .done
        .finished
        .into_iter()
        .map(|(version, name, took)| Item { version, name, duration_ms: Some(took.as_millis()) })
        .collect();
    report.seeded = refilled.seeded;
    if !args.skip_seed {
        run_command(cx, &chosen.place.url)?;
    }
    cx.ui.result(&report)?;
    Ok(Exit::Ok)
}
