//! `pgkeel migrate list`: all migrations, with what their files say and, where the database is at hand, their state.

use anyhow::Result;
use clap::Args as ClapArgs;
use serde::Serialize;

use crate::context::Context;
use crate::engine::migrations::hazards::{Concern, concerns};
use crate::engine::migrations::reconcile::Entry;
use crate::engine::migrations::{Finding, OnDisk, Severity, State, reconcile};
use crate::exit::Exit;
use crate::ui::{Page, Report, Table, Tone};

use super::around::{from_root, looked, seen_from};
use crate::commands::said::{migrations, project_folder, size};

/// List the migrations, with what their SQL can hurt
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "The hazards are those that key words tell; what a function or a DO block does is not seen. Without a
database the folder alone is listed. Exit status: 0, or 2 where the folder must be mended.

Examples:
  pgkeel migrate list
  pgkeel migrate list --json | jq -r '.migrations[] | select(.hasDown | not) | .name'
  pgkeel migrate list --env staging     what is applied there"
)]
pub(crate) struct Args {}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ListReport {
    folder: String,
    database: Option<String>,
    migrations: Vec<Row>,
    findings: Vec<Finding>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    version: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<State>,
    #[serde(skip_serializing_if = "Option::is_none")]
    applied_at: Option<String>,
    /// The rest is of its files: absent where they are gone.
    #[serde(flatten)]
    files: Option<Files>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Files {
    transactional: bool,
    has_down: bool,
    /// Of up.sql.
    bytes: u64,
    hazards: Vec<Concern>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    replaces: Vec<String>,
}

impl Report for ListReport {
    fn text(&self, page: &mut Page) {
        if self.migrations.is_empty() {
            page.line(&format!("{}: there are no migrations", self.folder));
        } else {
            let of = self.database.as_ref().map_or_else(String::new, |name| format!(", as {name} has them"));
            page.line(&format!("{}: {}{of}", self.folder, migrations(self.migrations.len())));
            page.blank();
            let mut table = Table::new(
                page,
                &["", "migration", "state", "transaction", "down", "size", "hazards", "note"],
            );
            for row in &self.migrations {
                table.row(row.cells(page));
            }
            table.end(page);
        }
        for finding in &self.findings {
            let (word, tone) = match finding.severity {
                Severity::Blocking => ("must be mended", Tone::Bad),
                Severity::Note => ("note", Tone::Warn),
            };
            page.line(&format!("{}: {finding}", page.paint(tone, word)));
        }
    }
}

impl Row {
    fn cells(&self, page: &Page) -> [String; 8] {
        let (glyph, tone) = match self.state {
            Some(State::Applied) => ("+", Tone::Good),
            Some(State::Pending) => (".", Tone::Warn),
            Some(_) => ("x", Tone::Bad),
            None => ("", Tone::Dim),
        };
        let state = self.state.map_or("", State::as_str);
        let of_files = |text: &dyn Fn(&Files) -> String| self.files.as_ref().map_or_else(String::new, text);
        let mut notes = Vec::new();
        if let Some(files) = self.files.as_ref().filter(|files| !files.replaces.is_empty()) {
            notes.push(format!("replaces {}", migrations(files.replaces.len())));
        }
        notes.extend(self.replaced_by.as_ref().map(|name| format!("replaced by {name}")));
        notes.extend(self.note.clone());
        [
            page.paint(tone, glyph),
            self.name.clone(),
            page.paint(tone, state),
            of_files(&|files| if files.transactional { "one" } else { "none" }.into()),
            of_files(&|files| if files.has_down { "yes" } else { "no" }.into()),
            of_files(&|files| size(i64::try_from(files.bytes).unwrap_or(i64::MAX))),
            of_files(&|files| {
                files.hazards.iter().map(|concern| concern.as_str()).collect::<Vec<_>>().join(", ")
            }),
            notes.join("; "),
        ]
    }
}

pub(crate) fn run(_args: &Args, cx: &mut Context) -> Result<Exit> {
    let folder = project_folder(cx)?;
    let looked = looked(cx, "migrate")?;
    let rows = match &looked {
        None => folder.migrations.iter().map(|one| row(Some(one), None)).collect(),
        Some(looked) => {
            let standing = reconcile(&folder.migrations, &looked.ledger.applied, &looked.ledger.recorded);
            let effective = folder.effective(&looked.ledger);
            let mut rows = Vec::new();
            for entry in &standing.entries {
                let mut row = row(effective.find(&entry.version), Some(entry));
                let by = effective.unmarked.iter().find(|one| {
                    one.squashed.name != row.name && one.replaces.versions().contains(&row.version.as_str())
                });
                row.replaced_by = by.map(|one| one.squashed.name.clone());
                rows.push(row);
            }
            rows
        }
    };
    let findings: Vec<Finding> =
        folder.findings.iter().map(|finding| from_root(finding, &cx.config.root)).collect();
    let broken = findings.iter().any(|finding| finding.severity == Severity::Blocking);
    let report = ListReport {
        folder: seen_from(&cx.config.root, &folder.path),
        database: looked.map(|looked| looked.ledger.facts.database),
        migrations: rows,
        findings,
    };
    cx.ui.result(&report)?;
    Ok(if broken { Exit::Usage } else { Exit::Ok })
}

/// One migration: its files, its entry, or both.
fn row(on_disk: Option<&OnDisk>, entry: Option<&Entry>) -> Row {
    let files = on_disk.map(|one| Files {
        transactional: one.transactional,
        has_down: one.down.as_ref().is_some_and(|down| !down.is_empty),
        bytes: one.up.body.bytes(),
        hazards: concerns(&one.up),
        replaces: one
            .replaces
            .iter()
            .flat_map(|replaces| &replaces.items)
            .map(|item| item.version().to_owned())
            .collect(),
    });
    let of_entry = |text: fn(&Entry) -> &String| entry.map(|entry| text(entry).clone());
    let of_disk = |text: fn(&OnDisk) -> &String| on_disk.map(|one| text(one).clone());
    Row {
        version: of_disk(|one| &one.version).or(of_entry(|entry| &entry.version)).unwrap_or_default(),
        name: of_disk(|one| &one.name).or(of_entry(|entry| &entry.name)).unwrap_or_default(),
        state: entry.map(|entry| entry.state),
        applied_at: entry.and_then(|entry| entry.applied_at.clone()),
        files,
        replaced_by: None,
        note: entry.and_then(|entry| entry.note.clone()),
    }
}
