//! `pgkeel rollback`: undo migrations, newest first, with stored SQL where the files are gone.

mod derived;
mod to_backup;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args as ClapArgs;
use serde::Serialize;

use crate::context::{Context, Fallback};
use crate::engine::backup::manifest::Reason;
use crate::engine::backup::take::Locking;
use crate::engine::drift::advance;
use crate::engine::guard::Deed;
use crate::engine::ledger::store::WayBack;
use crate::engine::ledger::{Bookkeeping, Ledger};
use crate::engine::migrations::plan::{Source, Target};
use crate::engine::migrations::runner::Done;
use crate::engine::migrations::{Folder, Plan, Step, reconcile};
use crate::engine::operation::Opening;
use crate::exit::Exit;
use crate::pg::statements;
use crate::ui::{Page, Report, Tone};

use crate::commands::ask::permission;
use crate::commands::backup_first::{FirstArgs, Occasion, backup_first, tell_way_back};
use crate::commands::open::{Chosen, choose, lock_wait, settings};
use crate::commands::said::{Item, folder_if_any, items, migrations, sql_of, version};
use crate::commands::watch::Watch;
use derived::Deriving;

/// Undo migrations, newest first
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Where a migration's folder is gone, its down.sql as stored in the database is shown and run. Where
there is none, one can be derived: the migrations are replayed in a shadow database, the way back
from the catalog after it to the one before is planned and proved, and what it loses is counted.

Examples:
  pgkeel rollback                        undo the last applied migration, after asking
  pgkeel rollback --steps 2              undo the last two
  pgkeel rollback --to 20250102000000    undo everything newer; that version stays applied
  pgkeel rollback --last-deploy          undo what the last deploy applied
  pgkeel rollback --last-deploy --dry-run
  pgkeel rollback --derive --dry-run     what would undo a migration without down.sql
  pgkeel rollback --to-backup            back to the backup of before the last deploy
  pgkeel rollback --to-backup latest --dry-run    every step as SQL
  pgkeel rollback --yes                  without asking (in a protected environment: --confirm)"
)]
pub(crate) struct Args {
    /// Undo this many
    #[arg(long, value_name = "N", conflicts_with_all = ["to", "last_deploy"], value_parser = clap::value_parser!(u32).range(1..))]
    steps: Option<u32>,

    /// Undo everything newer than this version, which stays applied
    #[arg(long, value_name = "VERSION", conflicts_with = "last_deploy")]
    to: Option<String>,

    /// Undo what the last run applied
    #[arg(long)]
    last_deploy: bool,

    /// Where a migration has no down.sql, derive the way back from the catalog; on a terminal this is asked
    #[arg(long)]
    derive: bool,

    /// Show the plan and stop
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    first: FirstArgs,

    /// Put a backup in the place of the database: this one, `latest`, or the one taken before the last deploy
    #[arg(long, value_name = "BACKUP", num_args = 0..=1, conflicts_with_all = ["steps", "to", "last_deploy", "no_backup", "derive"])]
    to_backup: Option<Option<String>>,

    /// With `--to-backup`: let the others write until the swap; what they write is in the database put aside
    #[arg(long, requires = "to_backup")]
    keep_writing: bool,

    /// With `--to-backup`: the folder of all backups
    #[arg(long, value_name = "DIR", requires = "to_backup")]
    dir: Option<PathBuf>,

    /// With `--to-backup`: the file with the secret keys of age
    #[arg(long, value_name = "FILE", requires = "to_backup")]
    identity: Option<PathBuf>,

    /// With `--to-backup`: run the code of this role with the rights of the superuser that connects
    #[arg(long, value_name = "ROLE", requires = "to_backup")]
    trust_code_of: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RollbackReport {
    database: String,
    dry_run: bool,
    undone: Vec<Item>,
    applied: usize,
    #[serde(skip)]
    sql: Vec<String>,
}

impl Report for RollbackReport {
    fn text(&self, page: &mut Page) {
        for sql in &self.sql {
            page.line(sql);
        }
        if !self.dry_run {
            for item in &self.undone {
                let took = item.duration_ms.map_or_else(String::new, |ms| format!("  {ms} ms"));
                page.line(&format!("{} {}{took}", page.paint(Tone::Good, "undone"), item.name));
            }
        }
        let left = format!("{} still applied", self.applied);
        page.line(&match (self.undone.len(), self.dry_run) {
            (0, _) => format!("{}: nothing to undo", self.database),
            (n, true) => format!("{}: would undo {}; {left}", self.database, migrations(n)),
            (n, false) => format!("{}: undid {}; {left}", self.database, migrations(n)),
        });
    }
}

impl Args {
    fn target(&self) -> Target {
        match (&self.to, self.last_deploy) {
            (Some(version), _) => Target::Version(version.clone()),
            (None, true) => Target::LastOperation,
            (None, false) => Target::Steps(self.steps.unwrap_or(1) as usize),
        }
    }
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    if let Some(backup) = &args.to_backup {
        return to_backup::run(args, backup.as_deref(), cx);
    }
    let folder = folder_if_any(cx)?;
    let chosen = choose(cx, Fallback::Nothing, "rollback")?;
    let (mut session, looked) = chosen.look(cx)?;
    chosen.opening.may_create_ledger(&looked)?;
    let mut derived = BTreeMap::new();
    let expected = if args.last_deploy && has_just_undone(&chosen.opening, &looked)? {
        cx.ui.note(
            "the last run was a rollback already; what was deployed before it stays (`--steps`, `--to`)",
        );
        Plan::default()
    } else {
        let deriving = Deriving {
            cx,
            chosen: &chosen,
            ledger: &looked,
            folder: &folder,
            agreed: args.derive,
            dry_run: args.dry_run,
        };
        derived = deriving.run(&to_undo(args, &folder, &looked)?, &mut session)?;
        plan(args, &folder, &chosen, &looked, &derived)?
    };
    if args.dry_run {
        let report =
            RollbackReport { sql: sql_of(&expected, &cx.config.root), ..report(&looked, &expected, None) };
        cx.ui.result(&report)?;
        return Ok(Exit::Ok);
    }
    if expected.steps.is_empty() {
        let report = report(&looked, &expected, Some(&[]));
        cx.ui.result(&report)?;
        return Ok(Exit::Ok);
    }
    // Asked without the lock: a person may take his time, and a deploy must not wait for it.
    let place = chosen.guarded(&cx.config, &looked);
    permission(cx, &place, Deed::Other, false, &what_goes(&expected, &folder, &cx.config.root))?;
    let mut locked = {
        let mut watch = Watch::new(&cx.ui);
        chosen.opening.lock(session, lock_wait(&cx.config, None), &mut watch)?
    };
    let plan = plan(args, &folder, &chosen, &locked.ledger, &derived)?;
    anyhow::ensure!(
        plan == expected,
        "another run changed the history while you were asked, and nothing was undone; run `pgkeel rollback` again"
    );
    for step in plan.steps.iter().filter(|step| step.source == Source::Stored) {
        let sql = step.body.text().unwrap_or_default().trim_end();
        cx.ui.note(&format!("-- {}\n{sql}", step.origin(&cx.config.root)));
    }
    let environment = cx.config.environment.as_ref().map(|environment| environment.value.clone());
    let way = if loses(&plan) {
        locked.may_write()?;
        let occasion = Occasion { before: "rollback", reason: Reason::PreRollback, lock: Locking::Held };
        backup_first(cx, &chosen, &mut locked.session, &locked.ledger, args.first, occasion)?
    } else {
        WayBack::default()
    };
    let mut operation = locked.begin("rollback", environment.as_deref())?;
    let settings = settings(&cx.config, None);
    let done = operation.record(|operation| -> Result<Done> {
        operation.go_back_by(&way)?;
        Ok(advance::run(operation, &plan, &settings, &mut Watch::new(&cx.ui))?)
    });
    let done = done.inspect_err(|_| tell_way_back(cx, &way))?;
    let took: Vec<u128> = done.finished.iter().map(|(_, _, took)| took.as_millis()).collect();
    let report = report(&operation.ledger, &plan, Some(&took));
    cx.ui.result(&report)?;
    Ok(Exit::Ok)
}

/// Run twice, as CI does that tries again, `--last-deploy` must not undo the deploy before as well.
fn has_just_undone(opening: &Opening, ledger: &Ledger) -> Result<bool> {
    Ok(match (&ledger.facts.ledger_schema, ledger.facts.bookkeeping) {
        (Some(schema), Bookkeeping::Present) => opening.store(&ledger.facts)?.has_just_undone(schema)?,
        _ => false,
    })
}

fn to_undo(args: &Args, folder: &Folder, ledger: &Ledger) -> Result<Vec<String>> {
    let standing = reconcile(&folder.migrations, &ledger.applied, &ledger.recorded);
    let target = match args.target() {
        Target::Version(text) => Target::Version(version(&text, &standing)?),
        other => other,
    };
    Ok(Plan::to_undo(ledger, &standing, &target)?)
}

fn plan(
    args: &Args,
    folder: &Folder,
    chosen: &Chosen,
    ledger: &Ledger,
    derived: &BTreeMap<String, String>,
) -> Result<Plan> {
    let versions = to_undo(args, folder, ledger)?;
    let on_disk = folder.effective(ledger);
    let gone: Vec<_> = versions.iter().filter(|version| on_disk.find(version).is_none()).cloned().collect();
    let stored = chosen.stored(ledger, &gone)?;
    Ok(Plan::down(folder, ledger, &versions, &stored, derived)?)
}

/// What will be undone, and which of the statements lose data.
fn what_goes(plan: &Plan, folder: &Folder, root: &Path) -> String {
    let mut text = format!("this undoes {}, newest first:", migrations(plan.steps.len()));
    for step in &plan.steps {
        text.push_str(&format!("\n  {} ({})", step.name, step.origin(root)));
        let squashed = folder.find(&step.version).filter(|one| one.name == step.name);
        if let Some(replaces) = squashed.and_then(|one| one.replaces.as_ref()) {
            text.push_str(&format!("\n    stands for {}, all of which go", migrations(replaces.items.len())));
        }
        let whole = step.body.text().unwrap_or_default();
        for loss in derived_losses(step) {
            text.push_str(&format!("\n    loses data: {loss}"));
        }
        let read = if step.source == Source::Derived { "" } else { whole };
        for statement in statements::split(read).unwrap_or_default() {
            if statement.facts.loses.is_some() {
                let sql = whole[statement.body.clone()].split_whitespace().collect::<Vec<_>>().join(" ");
                let short: String = sql.chars().take(90).collect();
                text.push_str(&format!("\n    loses data: {short}"));
            }
        }
    }
    text
}

/// What a plan from the catalog says that it loses: it writes that above its statements.
fn derived_losses(step: &Step) -> Vec<&str> {
    let text = step.body.text().filter(|_| step.source == Source::Derived).unwrap_or_default();
    text.lines().filter_map(|line| line.strip_prefix("-- data-loss: ")).collect()
}

/// Whether a statement of it can lose rows; what cannot be read might.
fn loses(plan: &Plan) -> bool {
    let is_derived = |step: &Step| !derived_losses(step).is_empty();
    plan.steps.iter().any(is_derived)
        || plan.steps.iter().any(|step| match step.body.text().map(statements::split) {
            Some(Ok(all)) => all.iter().any(|statement| statement.facts.loses.is_some()),
            Some(Err(_)) | None => true,
        })
}

fn report(ledger: &Ledger, plan: &Plan, took: Option<&[u128]>) -> RollbackReport {
    RollbackReport {
        database: ledger.facts.database.clone(),
        dry_run: took.is_none(),
        undone: items(plan, took),
        applied: ledger.applied.len().saturating_sub(plan.steps.len()),
        sql: Vec::new(),
    }
}
