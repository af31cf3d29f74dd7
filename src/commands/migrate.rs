//! `pgkeel migrate`: the developer's loop. In this form it creates the database, applies what is
//! pending, and lays out folders for migrations that are written by hand.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use clap::Args as ClapArgs;
use serde::Serialize;

use crate::context::{Context, Fallback};
use crate::engine::migrations::{Folder, Plan, reconcile};
use crate::exit::{CommandError, Exit};
use crate::pg::error::{PgError, PgFailure};
use crate::ui::{Page, Report, Tone};

use super::open::{Chosen, choose, lock_wait, settings, tell_killed};
use super::said::{AllowArgs, Item, items, migrations, sql_of};
use super::watch::Watch;

/// Bring your own database up to date, or begin a new migration
#[derive(Debug, ClapArgs)]
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
    if let Some(name) = &args.name {
        let now = cx.config.surroundings.now.unwrap_or_else(Utc::now);
        let report = new_folder(&cx.config.migrations.value, &cx.config.root, name, now)?;
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
        let done = operation.record(|operation| operation.run(&plan, &settings, &mut Watch::new(&cx.ui)))?;
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

const VERSION: &str = "%Y%m%d%H%M%S";

/// File systems take 255 bytes; the version and its `_` take 15.
const LONGEST_NAME: usize = 240;

/// Now, but later than every time that names a version: of two in one second, and beside a folder
/// from a clock ahead of ours, the new one must still be the newest.
fn newest(existing: &Folder, now: DateTime<Utc>) -> NaiveDateTime {
    let times = existing
        .migrations
        .iter()
        .filter_map(|one| NaiveDateTime::parse_from_str(&one.version, VERSION).ok());
    let next = times.max().map(|time| time + TimeDelta::seconds(1));
    next.map_or(now.naive_utc(), |next| next.max(now.naive_utc()))
}

/// `<YYYYMMDDHHMMSS>_<slug>/{up.sql,down.sql}`; nothing is ever overwritten.
fn new_folder(dir: &Path, root: &Path, name: &str, now: DateTime<Utc>) -> Result<NewReport> {
    let slug: String = name
        .trim()
        .chars()
        .map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
        .collect::<String>()
        .split('_')
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("_");
    if slug.is_empty() {
        return Err(CommandError::Usage {
            message: format!("`{name}` has no letter or digit to name a folder with"),
            hint: "for example `--name add_phone_to_user`".into(),
        }
        .into());
    }
    if slug.len() > LONGEST_NAME {
        return Err(CommandError::Usage {
            message: format!("the name has {} bytes; a folder takes {LONGEST_NAME}", slug.len()),
            hint: "for example `--name add_phone_to_user`".into(),
        }
        .into());
    }
    let version = newest(&Folder::read(dir)?, now).format(VERSION).to_string();
    let folder = dir.join(format!("{version}_{slug}"));
    fs::create_dir_all(dir).with_context(|| format!("cannot create `{}`", dir.display()))?;
    fs::create_dir(&folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
    let mut files = Vec::new();
    for (file, text) in [
        ("up.sql", "-- What changes. pgkeel runs this file in one transaction: no BEGIN, no COMMIT.\n"),
        ("down.sql", "-- What undoes up.sql, so that the catalog is as it was.\n"),
    ] {
        let path = folder.join(file);
        fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
        files.push(path.strip_prefix(root).unwrap_or(&path).to_path_buf());
    }
    Ok(NewReport { version, files })
}
