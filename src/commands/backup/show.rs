//! `pgkeel backup show`: everything that one backup says of itself.

use std::path::Path;

use anyhow::Result;
use chrono::{DateTime, Utc};
use clap::Args as ClapArgs;
use indicatif::{HumanCount, HumanDuration};
use serde::Serialize;

use crate::commands::backups::{age, catalogue, configured, now, shown};
use crate::context::Context;
use crate::engine::backup::manifest::{Manifest, Scope};
use crate::exit::Exit;
use crate::ui::{Page, Report, Table, Tone};

use super::size;

/// Show one backup
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pgkeel backup show latest
  pgkeel backup show a1b2c3 --tables     and each table with its rows
  pgkeel backup show latest --json       its manifest")]
pub(super) struct Args {
    /// Its id, the beginning or end of it, its label, or `latest`
    #[arg(value_name = "ID", default_value = "latest")]
    backup: String,

    /// List its tables with their rows
    #[arg(long)]
    tables: bool,
}

#[derive(Debug, Serialize)]
struct ShowReport {
    #[serde(flatten)]
    manifest: Manifest,
    dir: String,
    #[serde(skip)]
    tables: bool,
    #[serde(skip)]
    now: DateTime<Utc>,
}

pub(super) fn run(args: &Args, root: &Path, cx: &mut Context) -> Result<Exit> {
    let catalogue = catalogue(root)?;
    let database = configured(cx);
    let kept = catalogue.find(&args.backup, database.as_deref().map(|name| (name, None)))?;
    let report = ShowReport {
        manifest: kept.manifest.clone(),
        dir: shown(cx, &kept.dir),
        tables: args.tables,
        now: now(cx),
    };
    cx.ui.result(&report)?;
    Ok(Exit::Ok)
}

impl Report for ShowReport {
    fn text(&self, page: &mut Page) {
        page.line(&page.paint(Tone::Strong, self.manifest.id.as_str()));
        for (name, value) in self.facts() {
            page.line(&format!("{}{value}", page.paint(Tone::Dim, &format!("{name:12}"))));
        }
        self.proofs(page);
        self.findings(page);
        if self.tables {
            self.contents(page);
        }
        if !self.manifest.by_hand.is_empty() {
            page.blank();
            page.line(&format!("without pgkeel, in `{}`:", self.dir));
            for line in &self.manifest.by_hand {
                page.line(&format!("  {line}"));
            }
        }
    }
}

impl ShowReport {
    fn facts(&self) -> Vec<(&'static str, String)> {
        let manifest = &self.manifest;
        let source = &manifest.source;
        let time = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S");
        let rows: u64 = manifest.tables.iter().map(|table| table.rows).sum();
        let mut facts = vec![
            ("folder", self.dir.clone()),
            ("taken", format!("{} UTC, {}", time(manifest.created_at), age(self.now, manifest.created_at))),
            ("why", manifest.reason.as_str().to_owned()),
            (
                "database",
                format!(
                    "{} on {}, PostgreSQL {}.{}, as `{}`",
                    source.database,
                    source.server,
                    source.server_version / 10_000,
                    source.server_version % 10_000,
                    source.role
                ),
            ),
            (
                "holds",
                format!(
                    "{}{} tables, {} rows, {} sequences, {} large objects",
                    match manifest.scope {
                        Scope::Full => "",
                        Scope::Schema => "the schema alone: ",
                        Scope::Data => "rows alone: ",
                    },
                    manifest.tables.len(),
                    HumanCount(rows),
                    manifest.sequences.len(),
                    manifest.large_objects.count
                ),
            ),
            (
                "migrations",
                match manifest.migrations.head() {
                    Some(head) => format!("{} applied, newest {head}", manifest.migrations.applied.len()),
                    None => "none applied".into(),
                },
            ),
            (
                "files",
                format!("{}, {}, {}", manifest.files.len(), size(manifest.size()), manifest.compression),
            ),
            (
                "made with",
                format!(
                    "pgkeel {}, {}; pg_restore {} or newer reads it",
                    manifest.tool,
                    pg_dump(&manifest.pg_dump),
                    manifest.pg_restore_min_major
                ),
            ),
            ("moment", snapshot(manifest)),
        ];
        let optional = [
            ("label", manifest.label.clone()),
            ("environment", source.environment.clone()),
            ("encrypted", manifest.encryption.as_ref().map(|to| format!("to {}", to.recipients.join(", ")))),
            ("pinned", manifest.pinned.as_ref().map(|pin| pin.why.clone().unwrap_or_else(|| "yes".into()))),
            ("roles", Some(manifest.roles.join(", ")).filter(|roles| !roles.is_empty())),
            ("extensions", extensions(manifest)),
        ];
        facts.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
        facts
    }

    fn proofs(&self, page: &mut Page) {
        if self.manifest.verifications.is_empty() {
            page.line(&format!("{}never verified", page.paint(Tone::Dim, "proved      ")));
        }
        for one in &self.manifest.verifications {
            let (word, tone) = if one.passed { ("passed", Tone::Good) } else { ("failed", Tone::Bad) };
            let took = match one.took_ms {
                ms @ ..2000 => format!("{ms} ms"),
                ms => HumanDuration(std::time::Duration::from_millis(ms)).to_string(),
            };
            let notes: String = one.notes.iter().map(|note| format!("; {note}")).collect();
            page.line(&format!(
                "{}{:?} {}, {}, took {took}{notes}",
                page.paint(Tone::Dim, "proved      "),
                one.level,
                page.paint(tone, word),
                age(self.now, one.at)
            ));
        }
    }

    /// What is known to get in the way of a restore.
    fn findings(&self, page: &mut Page) {
        let findings = self.manifest.findings.as_deref().unwrap_or_default();
        if findings.is_empty() {
            return;
        }
        page.blank();
        page.line("known to get in the way of a restore:");
        for finding in findings {
            page.line(&format!("  {finding}"));
            if let Some(remedy) = &finding.remedy {
                page.line(&format!("    {remedy}"));
            }
        }
    }

    fn contents(&self, page: &mut Page) {
        page.blank();
        let mut table = Table::new(page, &["table", "rows", "text"]);
        for one in &self.manifest.tables {
            let name = format!("{}.{}", one.schema, one.name);
            table.row([name, HumanCount(one.rows).to_string(), size(one.bytes)]);
        }
        if !table.is_empty() {
            table.end(page);
        }
    }
}

/// `pg_dump 15.20`, whether the program said its name or not.
fn pg_dump(version: &str) -> String {
    if version.starts_with(|c: char| c.is_ascii_digit()) {
        format!("pg_dump {version}")
    } else {
        version.to_owned()
    }
}

fn snapshot(manifest: &Manifest) -> String {
    let at = manifest.snapshot.at.format("%Y-%m-%d %H:%M:%S");
    match &manifest.snapshot.lsn {
        Some(lsn) => format!("{at} UTC by the server's clock, log position {lsn}"),
        None => format!("{at} UTC by the server's clock"),
    }
}

fn extensions(manifest: &Manifest) -> Option<String> {
    let named: Vec<_> =
        manifest.extensions.iter().map(|one| format!("{} {}", one.name, one.version)).collect();
    (!named.is_empty()).then(|| named.join(", "))
}
