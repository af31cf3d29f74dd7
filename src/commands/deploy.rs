//! `pgkeel deploy`: apply what is pending, unattended and under the lock.

use std::time::Duration;

use anyhow::Result;
use clap::Args as ClapArgs;
use serde::Serialize;

use crate::config::parse_duration;
use crate::context::{Context, Fallback};
use crate::engine::backup::manifest::Reason;
use crate::engine::backup::take::Locking;
use crate::engine::drift::advance;
use crate::engine::guard::is_production;
use crate::engine::ledger::Ledger;
use crate::engine::ledger::lock::Orphan;
use crate::engine::ledger::store::WayBack;
use crate::engine::migrations::runner::Done;
use crate::engine::migrations::{Folder, Plan, Severity, Standing, State, reconcile};
use crate::exit::Exit;
use crate::ui::{Page, Report, Tone};

use super::backup_first::{FirstArgs, Occasion, backup_first, tell_way_back};
use super::open::{choose, lock_wait, settings, tell_killed, tell_lesser_owner, tell_room};
use super::said::{AllowArgs, Item, items, marked, migrations, project_folder, sql_of, version};
use super::watch::Watch;

/// Apply pending migrations, unattended: for CI/CD and production
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pgkeel deploy                          apply everything that is pending
  pgkeel deploy --dry-run                show what would be applied; take no lock, create nothing
  pgkeel deploy --wait 60s               wait for a server that is still starting
  pgkeel deploy --to 20250103000000      stop after that version
  pgkeel deploy --env production         also mark the database as production, the first time
  pgkeel deploy --no-backup              without the backup that a protected environment gets first")]
pub(crate) struct Args {
    /// Stop after this version
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,

    /// Show the plan and stop
    #[arg(long)]
    dry_run: bool,

    /// Wait this long for the server, as in `60s`
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    wait: Option<Duration>,

    /// Wait this long for another deploy [default: as long as it makes progress]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    lock_wait: Option<Duration>,

    /// How long a statement may wait for a table lock before it is tried again
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    lock_timeout: Option<Duration>,

    /// End a session that holds the lock although its process, on this machine, is gone
    #[arg(long)]
    terminate_orphan: bool,

    /// Create a ledger where the search_path has none, although another schema or tool has one
    #[arg(long)]
    new_ledger: bool,

    #[command(flatten)]
    first: FirstArgs,

    #[command(flatten)]
    allow: AllowArgs,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DeployReport {
    database: String,
    dry_run: bool,
    applied: Vec<Item>,
    pending: usize,
    /// Squashed migrations that are recorded in the place of those that they replace.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    marked: Vec<String>,
    #[serde(skip)]
    sql: Vec<String>,
}

impl Report for DeployReport {
    fn text(&self, page: &mut Page) {
        for sql in &self.sql {
            page.line(sql);
        }
        if !self.dry_run {
            for item in &self.applied {
                let took = item.duration_ms.map_or_else(String::new, |ms| format!("  {ms} ms"));
                page.line(&format!("{} {}{took}", page.paint(Tone::Good, "applied"), item.name));
            }
        }
        let rest = match self.pending {
            0 => String::new(),
            n => format!(", {n} still pending"),
        };
        for name in self.marked.iter().filter(|_| self.dry_run) {
            page.line(&format!(
                "would record {name} in the place of those that it replaces, all of which are applied"
            ));
        }
        let line = match (self.applied.len(), self.dry_run) {
            (0, _) => format!("{}: nothing to apply{rest}", self.database),
            (n, true) => format!("{}: would apply {}{rest}", self.database, migrations(n)),
            (n, false) => format!("{}: applied {}{rest}", self.database, migrations(n)),
        };
        page.line(&line);
    }
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    let folder = project_folder(cx)?;
    let mut chosen = choose(cx, Fallback::Nothing, "deploy")?;
    if let Some(wait) = args.wait {
        chosen.opening.options.wait = wait;
    }
    chosen.opening.new_ledger = args.new_ledger;
    let allow = args.allow.allow();
    let plan = |ledger: &Ledger| -> Result<(Plan, Standing)> {
        let standing = reconcile(&folder.migrations, &ledger.applied, &ledger.recorded);
        let to = args.to.as_deref().map(|to| version(to, &standing)).transpose()?;
        Ok((Plan::up(&folder, ledger, &standing, to.as_deref(), allow)?, standing))
    };
    if args.dry_run {
        let (mut session, ledger) = chosen.look(cx)?;
        chosen.opening.may_create_ledger(&ledger)?;
        let (plan, standing) = plan(&ledger)?;
        chosen.opening.may_apply(&mut session, &ledger, &plan)?;
        tell_notes(cx, &folder, &ledger, &plan);
        tell_room(cx, &mut session, &plan)?;
        let sql = sql_of(&plan, &cx.config.root);
        let report = DeployReport { sql, ..report(&ledger, &plan, &standing, None) };
        cx.ui.result(&report)?;
        return Ok(Exit::Ok);
    }
    let session = {
        let _progress = cx.ui.progress("connecting");
        chosen.opening.connect().inspect_err(|_| chosen.unreached(cx))?
    };
    let mut waiting = lock_wait(&cx.config, args.lock_wait);
    if args.terminate_orphan {
        waiting.orphan = Orphan::Terminate;
    }
    let mut locked = {
        let mut watch = Watch::new(&cx.ui);
        chosen.opening.lock(session, waiting, &mut watch)?
    };
    chosen.announce(cx, &locked.ledger.facts);
    tell_killed(cx, &locked.ledger);
    tell_lesser_owner(cx, &locked.ledger.facts);
    chosen.opening.may_create_ledger(&locked.ledger)?;
    let (plan, standing) = plan(&locked.ledger)?;
    locked.may_apply(&plan)?;
    tell_notes(cx, &folder, &locked.ledger, &plan);
    tell_room(cx, &mut locked.session, &plan)?;
    // `deploy --env production` states a fact: the first one is stored with the database.
    let mark = cx.config.environment.as_ref().map(|e| e.value.clone()).filter(|name| is_production(name));
    let mark = mark.filter(|_| locked.ledger.mark.is_none() && !chosen.place.dev);
    if plan.is_empty() && mark.is_none() {
        let report = report(&locked.ledger, &plan, &standing, Some(&[]));
        cx.ui.result(&report)?;
        return Ok(Exit::Ok);
    }
    let environment = cx.config.environment.as_ref().map(|environment| environment.value.clone());
    let way = if plan.steps.is_empty() {
        WayBack::default()
    } else {
        locked.may_write()?;
        let occasion = Occasion { before: "deploy", reason: Reason::PreDeploy, lock: Locking::Held };
        backup_first(cx, &chosen, &mut locked.session, &locked.ledger, args.first, occasion)?
    };
    let mut operation = locked.begin("deploy", environment.as_deref())?;
    let settings = settings(&cx.config, args.lock_timeout);
    let done = operation.record(|operation| -> Result<Done> {
        operation.go_back_by(&way)?;
        if let Some(mark) = mark {
            operation.store.set_mark(&mark, operation.facts())?;
            cx.ui.note(&format!("marked the database as `{mark}` (`pgkeel env show`)"));
        }
        Ok(advance::run(operation, &plan, &settings, &mut Watch::new(&cx.ui))?)
    });
    let done = done.inspect_err(|_| tell_way_back(cx, &way))?;
    let took: Vec<u128> = done.finished.iter().map(|(_, _, took)| took.as_millis()).collect();
    let report = report(&operation.ledger, &plan, &standing, Some(&took));
    cx.ui.result(&report)?;
    Ok(Exit::Ok)
}

fn report(ledger: &Ledger, plan: &Plan, standing: &Standing, took: Option<&[u128]>) -> DeployReport {
    let waiting = |state| standing.count(state);
    let open = waiting(State::Pending) + waiting(State::OutOfOrder) + waiting(State::Partial);
    DeployReport {
        database: ledger.facts.database.clone(),
        dry_run: took.is_none(),
        applied: items(plan, took),
        pending: open.saturating_sub(plan.steps.len()),
        marked: marked(plan),
        sql: Vec::new(),
    }
}

/// What is worth a word about the migrations that are about to run.
fn tell_notes(cx: &Context, folder: &Folder, ledger: &Ledger, plan: &Plan) {
    let migrations = folder.effective(ledger);
    for step in &plan.steps {
        let notes = migrations.find(&step.version).into_iter().flat_map(|migration| &migration.findings);
        for finding in notes.filter(|finding| finding.severity == Severity::Note) {
            let file = finding.file.strip_prefix(&cx.config.root).unwrap_or(&finding.file);
            cx.ui.warn(&format!("{}: {}; {}", file.display(), finding.message, finding.remedy));
        }
    }
}
