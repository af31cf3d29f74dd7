//! `pgkeel status`: which migrations are applied, pending or in trouble.

mod backups;
mod beside;
mod drift;

use anyhow::Result;
use clap::{Args as ClapArgs, ValueEnum};
use serde::Serialize;

use crate::context::{Context, Fallback};
use crate::engine::backup::health::Health;
use crate::engine::ledger::{LastOperation, Ledger};
use crate::engine::migrations::reconcile::Entry;
use crate::engine::migrations::{Finding, Folder, Severity, State, reconcile};
use crate::engine::unmanaged::Unmanaged;
use crate::exit::{Exit, TAKE_OVER};
use crate::pg::session::Session;
use crate::ui::{Page, Report, Table, Tone};

use crate::commands::open::{Chosen, choose};
use crate::commands::said::{migrations, project_folder};
use beside::Around;
use drift::Drift;

/// Show which migrations are applied, pending or in trouble
#[derive(Debug, ClapArgs)]
#[command(after_help = "Exit status: 0 all applied, 4 migrations are pending, 5 the history is in trouble
(partial, edited, missing, out of order), 2 the migrations folder must be mended, 8 cannot connect;
with --check drift also 6 it differs, 1 unknown, 7 a run is changing it.

Examples:
  pgkeel status                  one screen
  pgkeel status --all            also the older applied migrations
  pgkeel status --json           for programs
  pgkeel status --check drift    also whether anybody changed the database by hand
  pgkeel status --exit-zero      for dashboards: pending is no failure")]
pub(crate) struct Args {
    /// List every migration, not only the last ten applied
    #[arg(long)]
    all: bool,

    /// Exit with 0 whatever the state is
    #[arg(long)]
    exit_zero: bool,

    /// Also look at this now: `drift` compares the database with what its migrations make
    #[arg(long, value_name = "WHAT")]
    check: Option<Check>,
}

/// What is looked at beyond the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Check {
    Drift,
}

/// How many applied migrations are shown without `--all`.
const SHOWN: usize = 10;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusReport {
    database: String,
    environment: String,
    protected: bool,
    state: &'static str,
    applied: usize,
    pending: usize,
    migrations: Vec<Entry>,
    findings: Vec<Finding>,
    last_operation: Option<LastOperation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backups: Option<Health>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drift: Option<Drift>,
    #[serde(flatten)]
    around: Around,
    /// Schemas that hold a ledger, where the search_path finds none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_ledgers: Vec<String>,
    #[serde(skip)]
    backup_lines: Vec<String>,
    #[serde(skip)]
    all: bool,
    /// What is there in the place of a ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    unmanaged: Option<Unmanaged>,
    #[serde(skip)]
    next: Option<String>,
}

impl Report for StatusReport {
    fn text(&self, page: &mut Page) {
        let place = match (self.environment.as_str(), self.protected) {
            ("unmarked", _) => String::new(),
            (name, true) => format!(" ({name}, protected)"),
            (name, false) => format!(" ({name})"),
        };
        let head = format!("{}{place}", self.database);
        let quiet = self.migrations.iter().all(|e| e.state == State::Applied && e.note.is_none());
        if quiet && self.findings.is_empty() && !self.all {
            let what = match (self.applied, &self.unmanaged) {
                (0, Some(_)) => self.unmanaged().unwrap_or_default(),
                (0, None) => "there are no migrations".into(),
                (n, _) => format!("up to date, {}", migrations(n)),
            };
            page.line(&format!("{head}: {what}"));
            self.killed(page);
            self.drift.iter().for_each(|drift| drift.text(page));
            self.around.text(page);
            self.backup_lines.iter().for_each(|line| page.line(line));
            self.next.iter().for_each(|next| page.line(&format!("next: {next}")));
            return;
        }
        let partial = match self.migrations.iter().filter(|e| e.state == State::Partial).count() {
            0 => String::new(),
            n => format!(", {n} partial"),
        };
        page.line(&format!(
            "{}: {} applied, {} pending{partial}",
            page.paint(Tone::Strong, &head),
            self.applied,
            self.pending
        ));
        self.unmanaged().iter().for_each(|what| page.line(what));
        page.blank();
        let plain: Vec<_> =
            self.migrations.iter().filter(|e| e.state == State::Applied && e.note.is_none()).collect();
        let hidden = if self.all { 0 } else { plain.len().saturating_sub(SHOWN) };
        let first_shown = plain.get(hidden).map(|entry| entry.version.clone());
        if hidden > 0 {
            page.line(&format!("({hidden} older applied migrations are not shown: `--all`)"));
        }
        let mut table = Table::new(page, &["", "migration", "state", "applied at (UTC)", "took", "note"]);
        for entry in &self.migrations {
            let is_plain = entry.state == State::Applied && entry.note.is_none();
            if is_plain && first_shown.as_ref().is_none_or(|first| entry.version < *first) && hidden > 0 {
                continue;
            }
            let (glyph, tone) = match entry.state {
                State::Applied => ("+", Tone::Good),
                State::Pending => (".", Tone::Warn),
                _ => ("x", Tone::Bad),
            };
            table.row([
                page.paint(tone, glyph),
                entry.name.clone(),
                page.paint(tone, entry.state.as_str()),
                entry.applied_at.clone().unwrap_or_default(),
                entry.duration_ms.map_or_else(String::new, |ms| format!("{ms} ms")),
                entry.note.clone().unwrap_or_default(),
            ]);
        }
        if !table.is_empty() {
            table.end(page);
        }
        for finding in &self.findings {
            let (word, tone) = match finding.severity {
                Severity::Blocking => ("must be mended", Tone::Bad),
                Severity::Note => ("note", Tone::Warn),
            };
            let line = finding.line.map_or_else(String::new, |line| format!(":{line}"));
            page.line(&format!(
                "{}: {}{line}: {}; {}",
                page.paint(tone, word),
                finding.file.display(),
                finding.message,
                finding.remedy
            ));
        }
        self.killed(page);
        self.drift.iter().for_each(|drift| drift.text(page));
        self.around.text(page);
        self.backup_lines.iter().for_each(|line| page.line(line));
        if let Some(next) = &self.next {
            page.blank();
            page.line(&format!("next: {next}"));
        }
    }
}

impl StatusReport {
    /// The line of a database that has tables and no ledger.
    fn unmanaged(&self) -> Option<String> {
        let Unmanaged { tables, ledgers } = self.unmanaged.as_ref()?;
        let tables = if *tables == 1 { "1 table".to_owned() } else { format!("{tables} tables") };
        let ledger = match ledgers.as_slice() {
            [] => "no migration ledger".to_owned(),
            some => some
                .iter()
                .map(|one| format!("the ledger of {} (`{}`)", one.tool, one.table))
                .collect::<Vec<_>>()
                .join(", "),
        };
        Some(format!("unmanaged database, {tables}, {ledger}"))
    }

    fn killed(&self, page: &mut Page) {
        if let Some(last) = &self.last_operation
            && last.outcome.is_none()
        {
            page.line(&format!(
                "the last `{}` (by {} on {}, begun {} UTC) has no end recorded: it is still running, or it was killed",
                last.command, last.os_user, last.host, last.started_at
            ));
        }
    }
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    let folder = project_folder(cx)?;
    let chosen = choose(cx, Fallback::DevCluster, "status")?;
    let (mut session, ledger) = chosen.look(cx)?;
    let standing = reconcile(&folder.migrations, &ledger.applied, &ledger.recorded);
    let protection = chosen.guarded(&cx.config, &ledger).protection();
    let findings = findings(&folder, &ledger, &standing.entries, cx);
    let broken = findings.iter().any(|finding| finding.severity == Severity::Blocking);
    let pending = standing.count(State::Pending) + standing.count(State::OutOfOrder);
    let unmanaged = unmanaged(&mut session, &chosen, &ledger)?;
    let foreign = unmanaged.as_ref().is_some_and(|found| !found.ledgers.is_empty());
    let newest = standing.entries.iter().rfind(|entry| entry.state == State::Pending);
    let (exit, state, next) = match () {
        () if standing.is_trouble() => {
            (Exit::Trouble, "trouble", Some(next_of(&standing.entries).to_owned()))
        }
        () if broken => (Exit::Usage, "broken", Some("mend the migrations folder".to_owned())),
        () if unmanaged.is_some() => match newest {
            None => (Exit::Ok, "unmanaged", Some(TAKE_OVER.to_owned())),
            Some(newest) => (
                if foreign { Exit::Trouble } else { Exit::Pending },
                "unmanaged",
                Some(format!(
                    "`pgkeel resolve --baseline {}` if these tables are what the migrations make: it records them as \
                     applied and runs nothing; `pgkeel deploy{}` applies them",
                    newest.version,
                    if foreign { " --new-ledger" } else { "" }
                )),
            ),
        },
        () if pending > 0 => {
            let next = "`pgkeel deploy`, or `pgkeel migrate` on your own database";
            (Exit::Pending, "pending", Some(next.to_owned()))
        }
        () => (Exit::Ok, "up-to-date", None),
    };
    let (drift, found) = match args.check {
        Some(Check::Drift) => Drift::now(&mut session, &chosen, &ledger, cx)?,
        None => (Drift::last(&mut session, &chosen, &ledger)?, Exit::Ok),
    };
    let exit = worse(exit, found);
    let around = Around::read(&mut session, &ledger.facts.database, cx)?;
    let backups = backups::health(cx, &ledger.facts);
    if let Err(error) = chosen.opening.may_create_ledger(&ledger) {
        cx.ui.warn(&format!("{error}; name the schema in the URL (`?schema=…`)"));
    }
    let report = StatusReport {
        database: ledger.facts.database.clone(),
        environment: protection.environment,
        protected: protection.protected,
        state,
        applied: standing.entries.iter().filter(|entry| entry.is_applied()).count(),
        pending,
        migrations: standing.entries,
        findings,
        last_operation: ledger.last_operation,
        backup_lines: backups.iter().flat_map(|health| backups::lines(health, cx)).collect(),
        backups,
        drift,
        around,
        other_ledgers: ledger.facts.other_ledgers.clone(),
        unmanaged,
        all: args.all,
        next,
    };
    cx.ui.result(&report)?;
    Ok(if args.exit_zero { Exit::Ok } else { exit })
}

/// What is there in the place of a ledger, if anything is.
fn unmanaged(session: &mut Session, chosen: &Chosen, ledger: &Ledger) -> Result<Option<Unmanaged>> {
    if ledger.is_in_use() || !ledger.facts.other_ledgers.is_empty() {
        return Ok(None);
    }
    let found = Unmanaged::look(session, &chosen.opening.bookkeeping)?;
    Ok(Some(found).filter(|found| found.tables > 0))
}

/// The more severe of what the history and the comparison say: 5, then 2, then the comparison, then 4.
fn worse(history: Exit, drift: Exit) -> Exit {
    match (history, drift) {
        (Exit::Trouble | Exit::Usage, _) | (_, Exit::Ok) => history,
        (_, drift) => drift,
    }
}

/// The most urgent thing to do.
fn next_of(entries: &[Entry]) -> &'static str {
    let has = |state| entries.iter().any(|entry| entry.state == state);
    match () {
        () if entries.iter().any(Entry::is_half_undone) => {
            "`pgkeel rollback` goes on with the half undone migration where it stopped"
        }
        () if has(State::Partial) => "`pgkeel deploy` goes on with the partial migration where it stopped",
        () if has(State::Edited) => {
            "bring up.sql back as it was applied, or `pgkeel resolve --accept-edit VERSION`"
        }
        () if has(State::Missing) => "bring the missing folder back, or `pgkeel deploy --allow-missing`",
        () => {
            "`pgkeel migrate rebase --all` gives it a newer version; or `pgkeel deploy --allow-out-of-order`"
        }
    }
}

/// The layout's findings, and those of migrations that are yet to run; paths as seen from the root.
fn findings(folder: &Folder, ledger: &Ledger, entries: &[Entry], cx: &Context) -> Vec<Finding> {
    let open = |version: &str| entries.iter().any(|e| e.version == version && !e.is_applied());
    let effective = folder.effective(ledger);
    let of_open = effective.migrations.iter().filter(|m| open(&m.version)).flat_map(|m| &m.findings);
    folder
        .findings
        .iter()
        .chain(&effective.findings)
        .chain(of_open)
        .map(|finding| Finding {
            file: finding.file.strip_prefix(&cx.config.root).unwrap_or(&finding.file).to_path_buf(),
            ..finding.clone()
        })
        .collect()
}
