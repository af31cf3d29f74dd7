//! `pgkeel backup`: take one.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use chrono::Utc;
use clap::Args as ClapArgs;
use serde::Serialize;

use crate::commands::backups::{jobs, search};
use crate::commands::open::{Chosen, choose, lock_wait};
use crate::commands::said::size;
use crate::commands::watch::Watch;
use crate::config::{parse_duration, shell_word};
use crate::context::{Context, Fallback};
use crate::engine::backup::manifest::{Layout, Manifest, Reason, Scope};
use crate::engine::backup::take::{Locking, Planned, Take, TakeError, Taken};
use crate::engine::restorability::Finding;
use crate::engine::{Event, Observer};
use crate::exit::Exit;
use crate::pg::error::PgError;
use crate::ui::{Page, Report, Tone};

#[derive(Debug, ClapArgs)]
#[group(skip)]
pub(super) struct Args {
    /// A word for it, which becomes part of its name
    #[arg(long, value_name = "WORD")]
    label: Option<String>,

    /// The schema alone, no rows
    #[arg(long, conflicts_with = "data_only")]
    schema_only: bool,

    /// The rows alone, to be restored into the schema that the database has then
    #[arg(long)]
    data_only: bool,

    /// One SQL script for people to read, not compressed
    #[arg(long)]
    plain: bool,

    /// Parallel jobs [default: as many as processors, four at most]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    jobs: Option<u32>,

    /// Encrypt every file to this public key of age; may be given again
    #[arg(long, value_name = "KEY")]
    encrypt_to: Vec<String>,

    /// `auto`, `none`, `gzip:1`, `zstd:3`, … [default: `auto`]
    #[arg(long, value_name = "METHOD")]
    compression: Option<String>,

    /// Look whether it can be taken and how large it gets; take no lock, create nothing
    #[arg(long)]
    dry_run: bool,

    /// Wait this long for a running deploy [default: as long as it makes progress]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    lock_wait: Option<Duration>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TakenReport {
    database: String,
    id: String,
    path: String,
    level: &'static str,
    scope: Scope,
    layout: Layout,
    compression: String,
    encrypted: bool,
    bytes: u64,
    tables: usize,
    rows: u64,
    sequences: usize,
    large_objects: u64,
    migrations: usize,
    duration_ms: u64,
    notes: Vec<String>,
    findings: Vec<Finding>,
    restore: String,
    by_hand: Vec<String>,
}

impl Report for TakenReport {
    fn text(&self, page: &mut Page) {
        let took = self.duration_ms;
        let kept = format!("{} {} of `{}`", page.paint(Tone::Good, "took"), self.id, self.database);
        page.line(&format!("{kept} ({} in {took} ms)", size(i64::try_from(self.bytes).unwrap_or(i64::MAX))));
        let what = match (self.scope, self.encrypted) {
            (Scope::Schema, _) => "the schema alone".to_owned(),
            (_, _) => format!("{} of {}", rows(self.rows), tables(self.tables)),
        };
        let read = if self.encrypted {
            "decoded as it was encrypted, and hashed once more from disk"
        } else {
            "all of it read back"
        };
        page.line(&format!("  holds    {what}; {read} ({})", self.level));
        page.line(&format!("  lies in  {}", self.path));
        if self.scope == Scope::Data {
            page.line("  it has no schema: it is restored into the one that the database has then");
        }
        page.line(&format!("  restore  {}", self.restore));
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PlannedReport {
    database: String,
    dry_run: bool,
    folder: String,
    database_bytes: u64,
    estimated_bytes: u64,
    tables: usize,
    compression: String,
    pg_dump: String,
    notes: Vec<String>,
}

impl Report for PlannedReport {
    fn text(&self, page: &mut Page) {
        let bytes = |bytes| size(i64::try_from(bytes).unwrap_or(i64::MAX));
        page.line(&format!(
            "{}: a backup can be taken: {}, {} at most, compressed as {}, into {}",
            self.database,
            tables(self.tables),
            bytes(self.estimated_bytes),
            self.compression,
            self.folder
        ));
    }
}

pub(super) fn run(args: &Args, root: &Path, cx: &mut Context) -> Result<Exit> {
    let chosen = choose(cx, Fallback::Nothing, "backup")?;
    let config = &cx.config;
    let recipients =
        if args.encrypt_to.is_empty() { &config.backup.recipients.value } else { &args.encrypt_to };
    let search = search(cx);
    let take = Take {
        opening: &chosen.opening,
        search: &search,
        root,
        jobs: jobs(cx, args.jobs),
        compression: args.compression.as_deref().unwrap_or(&config.backup.compression.value),
        scope: match (args.schema_only, args.data_only) {
            (true, _) => Scope::Schema,
            (_, true) => Scope::Data,
            (false, false) => Scope::Full,
        },
        layout: if args.plain { Layout::Plain } else { Layout::Directory },
        label: args.label.as_deref(),
        reason: Reason::Manual,
        recipients,
        environment: config.environment.as_ref().map(|environment| environment.value.as_str()),
        lock: Locking::Acquire(lock_wait(config, args.lock_wait)),
    };
    if args.dry_run {
        let planned = take.plan(&mut Telling { watch: Watch::new(&cx.ui), cx, chosen: &chosen })?;
        let report = planned_report(planned);
        report.notes.iter().for_each(|note| cx.ui.warn(note));
        cx.ui.result(&report)?;
        return Ok(Exit::Ok);
    }
    let now = config.surroundings.now.unwrap_or_else(Utc::now);
    let mut telling = Telling { watch: Watch::new(&cx.ui), cx, chosen: &chosen };
    let taken = take.take(now, &mut telling).inspect_err(|error| {
        if matches!(error, TakeError::Pg(PgError::Connect(_))) {
            chosen.unreached(cx);
        }
    })?;
    drop(telling);
    let elsewhere = if root == config.backup.dir.value {
        String::new()
    } else {
        format!(" --dir {}", shell_word(&root.display().to_string()))
    };
    let report = taken_report(taken, &format!("{elsewhere}{}", config.answers.place));
    report.notes.iter().for_each(|note| cx.ui.warn(note));
    cx.ui.result(&report)?;
    Ok(Exit::Ok)
}

/// What happens, on the screen, and once which database it is.
struct Telling<'a> {
    watch: Watch<'a>,
    cx: &'a Context,
    chosen: &'a Chosen,
}

impl Observer for Telling<'_> {
    fn event(&mut self, event: Event) {
        match event {
            Event::Opened { database, role, server_version } => {
                self.cx.announce(&self.chosen.place, &database, &role, server_version);
            }
            event => self.watch.event(event),
        }
    }
}

/// `there`: the flags that lead there.
fn taken_report(taken: Taken, there: &str) -> TakenReport {
    let Taken { dir, manifest, mut notes } = taken;
    if manifest.encryption.as_ref().is_some_and(|encryption| encryption.recipients.len() < 2) {
        notes.push("it is encrypted to one key alone: who loses that loses the backup (`--encrypt-to` may be given again)".into());
    }
    let Manifest { scope, layout, .. } = manifest;
    TakenReport {
        database: manifest.source.database.clone(),
        id: manifest.id.to_string(),
        path: dir.display().to_string(),
        level: "L1",
        scope,
        layout,
        compression: manifest.compression.clone(),
        encrypted: manifest.encryption.is_some(),
        bytes: manifest.size(),
        tables: manifest.tables.len(),
        rows: manifest.tables.iter().map(|table| table.rows).sum(),
        sequences: manifest.sequences.len(),
        large_objects: manifest.large_objects.count,
        migrations: manifest.migrations.applied.len(),
        duration_ms: u64::try_from((manifest.finished_at - manifest.created_at).num_milliseconds())
            .unwrap_or(0),
        notes,
        findings: manifest.findings.unwrap_or_default(),
        restore: format!("pgkeel restore {}{there}", manifest.id),
        by_hand: manifest.by_hand,
    }
}

fn planned_report(planned: Planned) -> PlannedReport {
    let Planned { shelf, ready, ledger } = planned;
    PlannedReport {
        database: ledger.facts.database,
        dry_run: true,
        folder: shelf.display().to_string(),
        database_bytes: ready.database_bytes,
        estimated_bytes: ready.estimate,
        tables: ready.tables,
        compression: ready.codec.to_string(),
        pg_dump: ready.programs.dump.version.to_string(),
        notes: ready.notes,
    }
}

fn tables(n: usize) -> String {
    if n == 1 { "1 table".into() } else { format!("{n} tables") }
}

fn rows(n: u64) -> String {
    if n == 1 { "1 row".into() } else { format!("{n} rows") }
}
