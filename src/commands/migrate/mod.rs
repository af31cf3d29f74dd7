//! `pgkeel migrate`: the developer's loop. In this form it creates the database, applies what is
//! pending, and lays out folders for migrations that are written by hand.

mod list;
mod rebase;
mod show;
mod squash;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use chrono::Utc;
use clap::{Args as ClapArgs, Subcommand};
use serde::Serialize;

use crate::context::{Context, Fallback};
use crate::engine::drift::advance;
use crate::engine::migrations::write::{self, New};
use crate::engine::migrations::{Folder, Plan, reconcile};
use crate::exit::{CommandError, Exit};
use crate::pg::error::{PgError, PgFailure};
use crate::ui::{Page, Report, Tone};

use crate::commands::open::{Chosen, choose, lock_wait, settings, tell_killed};
use crate::commands::said::{AllowArgs, Item, items, migrations, sql_of};
use crate::commands::watch::Watch;

/// Bring your own database up to date, or begin a new migration
#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
#[group(skip)]
#[command(after_help = "Examples:
  pgkeel migrate                             create a missing database, apply what is pending
  pgkeel migrate --name add_phone --empty    lay out up.sql and down.sql, to be written by hand
  pgkeel migrate --dry-run                   show what would be applied")]
pub(crate) struct Args {
    /// Name of the new migration
    #[arg(long, value_name = "NAME", requires = "empty")]
    name: Option<String>,

    /// Write a folder with an empty up.sql and down.sql
    #[arg(long, requires = "name")]
    empty: bool,

    /// Show what would be done and stop
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    allow: AllowArgs,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::Args),
    Show(show::Args),
    Squash(squash::Args),
    Rebase(rebase::Args),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MigrateReport {
    database: String,
    created_database: bool,
    dry_run: bool,
    applied: Vec<Item>,
    #[serde(skip)]
    sql: Vec<String>,
}

impl Report for MigrateReport {
    fn text(&self, page: &mut Page) {
        if self.created_database {
            page.line(&format!("{} database {}", page.paint(Tone::Good, "created"), self.database));
        }
        for sql in &self.sql {
            page.line(sql);
        }
        if !self.dry_run {
            for item in &self.applied {
                let took = item.duration_ms.map_or_else(String::new, |ms| format!("  {ms} ms"));
                page.line(&format!("{} {}{took}", page.paint(Tone::Good, "applied"), item.name));
            }
        }
        page.line(&match (self.applied.len(), self.dry_run) {
            (0, _) => format!("{}: nothing to apply", self.database),
            (n, true) => format!("{}: would apply {}", self.database, migrations(n)),
            (n, false) => format!("{}: applied {}", self.database, migrations(n)),
        });
    }
}

#[derive(Debug, Serialize)]
struct NewReport {
    version: String,
    files: Vec<PathBuf>,
}

impl Report for NewReport {
    fn text(&self, page: &mut Page) {
        for file in &self.files {
            page.line(&format!("{} {}", page.paint(Tone::Good, "wrote"), file.display()));
        }
        page.line("next: write the SQL, then `pgkeel migrate`");
    }
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    match &args.command {
        Some(Command::List(args)) => return list::run(args, cx),
        Some(Command::Show(args)) => return show::run(args, cx),
        Some(Command::Squash(args)) => return squash::run(args, cx),
        Some(Command::Rebase(args)) => return rebase::run(args, cx),
        None => {}
    }
    if let Some(name) = &args.name {
        let report = empty_folder(name, cx)?;
        cx.ui.result(&report)?;
        return Ok(Exit::Ok);
    }
    let folder = Folder::read(&cx.config.migrations.value)?;
    let chosen = choose(cx, Fallback::DevCluster, "migrate")?;
    let allow = args.allow.allow();
    if args.dry_run {
        let (_session, ledger) = chosen.look(cx)?;
        let standing = reconcile(&folder.migrations, &ledger.applied, &ledger.recorded);
        let plan = Plan::up(&folder, &ledger, &standing, None, allow)?;
        let sql = sql_of(&plan, &cx.config.root);
        let report = MigrateReport { sql, ..report(&ledger.facts.database, &plan, None, false) };
        cx.ui.result(&report)?;
        return Ok(Exit::Ok);
    }
    let (session, created_database) = connect_or_create(&chosen).inspect_err(|_| chosen.unreached(cx))?;
    let locked = {
        let mut watch = Watch::new(&cx.ui);
        chosen.opening.lock(session, lock_wait(&cx.config, None), &mut watch)?
    };
    chosen.announce(cx, &locked.ledger.facts);
    tell_killed(cx, &locked.ledger);
    let standing = reconcile(&folder.migrations, &locked.ledger.applied, &locked.ledger.recorded);
    let plan = Plan::up(&folder, &locked.ledger, &standing, None, allow)?;
    let database = locked.ledger.facts.database.clone();
    let mut took = Vec::new();
    if !plan.steps.is_empty() {
        let environment = cx.config.environment.as_ref().map(|environment| environment.value.clone());
        let mut operation = locked.begin("migrate", environment.as_deref())?;
        let settings = settings(&cx.config, None);
        let done = operation
            .record(|operation| advance::run(operation, &plan, &settings, &mut Watch::new(&cx.ui)))?;
        took = done.finished.iter().map(|(_, _, took)| took.as_millis()).collect();
    }
    let report = report(&database, &plan, Some(&took), created_database);
    cx.ui.result(&report)?;
    Ok(Exit::Ok)
}

fn report(database: &str, plan: &Plan, took: Option<&[u128]>, created_database: bool) -> MigrateReport {
    MigrateReport {
        database: database.to_owned(),
        created_database,
        dry_run: took.is_none(),
        applied: items(plan, took),
        sql: Vec::new(),
    }
}

fn connect_or_create(chosen: &Chosen) -> Result<(crate::pg::session::Session, bool)> {
    match chosen.opening.connect() {
        Err(error @ PgError::Connect(_)) if error.failure() == PgFailure::NoSuchDatabase => {
            let Some(name) = chosen.opening.url.database().or(chosen.opening.url.user()) else {
                return Err(error.into());
            };
            let created = chosen
                .opening
                .create_database(name)
                .with_context(|| format!("the database `{name}` is missing, and it could not be created"))?;
            Ok((chosen.opening.connect()?, created))
        }
        connected => Ok((connected?, false)),
    }
}

/// A folder with an up.sql and a down.sql that are to be written by hand.
fn empty_folder(name: &str, cx: &Context) -> Result<NewReport> {
    let slug = write::slug(name).map_err(|error| CommandError::Usage {
        message: error.to_string(),
        hint: "for example `--name add_phone_to_user`".into(),
    })?;
    let new = New {
        slug,
        up: "-- What changes. pgkeel runs this file in one transaction: no BEGIN, no COMMIT.\n".into(),
        down: Some("-- What undoes up.sql, so that the catalog is as it was.\n".into()),
        transactional: true,
        more: Vec::new(),
    };
    let now = cx.config.surroundings.now.unwrap_or_else(Utc::now);
    let written = write::write(&cx.config.migrations.value, &[], &[new], now)?.remove(0);
    let root = &cx.config.root;
    let shown = |path: PathBuf| path.strip_prefix(root).map(PathBuf::from).unwrap_or(path);
    Ok(NewReport { version: written.version, files: written.files.into_iter().map(shown).collect() })
}
