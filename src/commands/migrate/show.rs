//! `pgkeel migrate show`: one migration as it is on disk and as it is recorded.

use anyhow::Result;
use clap::Args as ClapArgs;
use serde::Serialize;
use similar::TextDiff;

use crate::context::Context;
use crate::engine::ledger::audit::Run;
use crate::engine::ledger::store::StoredSql;
use crate::engine::ledger::{Bookkeeping, Ledger, Recorded, RecordedState};
use crate::engine::migrations::hazards::{Concern, concerns};
use crate::engine::migrations::reconcile::Entry;
use crate::engine::migrations::script::Script;
use crate::engine::migrations::{Finding, OnDisk, State, reconcile};
use crate::engine::row_security::RowSecurity;
use crate::exit::Exit;
use crate::ui::{Page, Report, Tone};

use super::around::{Looked, from_root, looked, seen_from};
use crate::commands::said::{Part, meant, project_folder};

/// Show a migration: its SQL, its state, who applied it
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Where its folder is gone, the SQL is shown as it is stored in the database. Where up.sql was edited
after it was applied, the difference is shown.

Examples:
  pgkeel migrate show 20250103000000
  pgkeel migrate show add_phone            a part of the name that no other has
  pgkeel migrate show add_phone --json | jq -r .up.sql"
)]
pub(crate) struct Args {
    /// Its version, its folder's name, or a part of that
    #[arg(value_name = "MIGRATION")]
    migration: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ShowReport {
    version: String,
    name: String,
    state: Option<State>,
    /// Why there is no state.
    #[serde(skip)]
    unknown: &'static str,
    note: Option<String>,
    applied_at: Option<String>,
    duration_ms: Option<i64>,
    applied_by: Option<By>,
    transactional: bool,
    /// Whether up.sql is as it was applied; absent where that is not known.
    checksum: Option<&'static str>,
    /// What was edited since it was applied.
    difference: Option<String>,
    hazards: Vec<Concern>,
    replaces: Vec<String>,
    up: Option<Sql>,
    down: Option<Sql>,
    findings: Vec<Finding>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct By {
    operation: i64,
    command: String,
    role: String,
    os_user: String,
    host: String,
}

/// One direction.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Sql {
    /// The file, or that it is stored in the database.
    from: String,
    stored: bool,
    bytes: u64,
    /// Absent where it is too large to be shown.
    sql: Option<String>,
    /// By what the file lets row-level security policies filter; absent where a policy raises an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    row_security: Option<&'static str>,
}

impl Report for ShowReport {
    fn text(&self, page: &mut Page) {
        page.line(&page.paint(Tone::Strong, &self.name));
        let mut say = |what: &str, text: String| page.line(&format!("  {what:<12}{text}"));
        let mut state = self.state.map_or(self.unknown, State::as_str).to_owned();
        if let Some(at) = &self.applied_at {
            let took = self.duration_ms.map_or_else(String::new, |ms| format!(", in {ms} ms"));
            state = format!("{state} since {at} UTC{took}");
        }
        say("state", state);
        if let Some(note) = &self.note {
            say("note", note.clone());
        }
        if let Some(by) = &self.applied_by {
            let By { operation, command, role, os_user, host } = by;
            say("by", format!("`{command}` (operation {operation}), {os_user} on {host}, as role `{role}`"));
        }
        if let Some(checksum) = self.checksum {
            say("up.sql", checksum.to_owned());
        }
        let transaction = if self.transactional { "in one transaction" } else { "statement by statement" };
        say("runs", transaction.to_owned());
        for (file, sql) in [("up.sql", &self.up), ("down.sql", &self.down)] {
            if let Some(how) = sql.as_ref().and_then(|sql| sql.row_security) {
                say("policies", format!("filter the rows of {file} (`{how}`)"));
            }
        }
        if !self.hazards.is_empty() {
            say("hazards", self.hazards.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", "));
        }
        if !self.replaces.is_empty() {
            say("replaces", self.replaces.join(", "));
        }
        for finding in &self.findings {
            page.line(&format!("  {finding}"));
        }
        for (file, sql) in [("up.sql", &self.up), ("down.sql", &self.down)] {
            page.blank();
            match sql {
                Some(Sql { from, sql: Some(sql), .. }) => {
                    page.line(&page.paint(Tone::Dim, &format!("-- {from}")));
                    page.line(sql);
                }
                Some(Sql { from, bytes, .. }) => {
                    page.line(&format!(
                        "-- {from}: {}, not shown",
                        crate::commands::said::size(i64::try_from(*bytes).unwrap_or(i64::MAX))
                    ));
                }
                None => page.line(&page.paint(Tone::Dim, &format!("-- there is no {file}"))),
            }
        }
        if let Some(difference) = &self.difference {
            page.blank();
            page.line(&page.paint(Tone::Strong, "edited since it was applied:"));
            for line in difference.lines() {
                let tone = match line.as_bytes().first() {
                    Some(b'+') => Tone::Good,
                    Some(b'-') => Tone::Bad,
                    _ => Tone::Dim,
                };
                page.line(&page.paint(tone, line));
            }
        }
    }
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    let folder = project_folder(cx)?;
    let looked = looked(cx, "migrate")?;
    let report = match &looked {
        None => {
            let names: Vec<_> =
                folder.migrations.iter().map(|one| (one.version.as_str(), one.name.as_str())).collect();
            let version = meant(&args.migration, &names, Part::Any)?;
            report(folder.find(version), None, &Records::default(), cx)
        }
        Some(Looked { chosen, ledger, .. }) => {
            let standing = reconcile(&folder.migrations, &ledger.applied, &ledger.recorded);
            let mut names: Vec<_> =
                standing.entries.iter().map(|one| (one.version.as_str(), one.name.as_str())).collect();
            // A squashed one is to be seen before the database is marked, too.
            let effective = folder.effective(ledger);
            for one in folder.migrations.iter().filter(|one| one.replaces.is_some()) {
                if !names.iter().any(|(_, name)| *name == one.name) {
                    names.push((one.name.as_str(), one.name.as_str()));
                }
            }
            let found = meant(&args.migration, &names, Part::Any)?;
            let entry = standing.entries.iter().find(|entry| entry.version == found);
            let on_disk =
                effective.find(found).or_else(|| folder.migrations.iter().find(|one| one.name == found));
            let records = match entry {
                Some(entry) => {
                    Records::read(ledger, &entry.version, || Ok(chosen.opening.store(&ledger.facts)?))?
                }
                None => Records::default(),
            };
            let unknown = "this database has those that it replaces; the next deploy or migrate sees to it";
            ShowReport { unknown, ..report(on_disk, entry, &records, cx) }
        }
    };
    cx.ui.result(&report)?;
    Ok(Exit::Ok)
}

/// What the database has of one migration.
#[derive(Default)]
struct Records {
    ours: Option<Recorded>,
    stored: Option<StoredSql>,
    run: Option<Run>,
}

impl Records {
    fn read(
        ledger: &Ledger,
        version: &str,
        store: impl Fn() -> Result<crate::engine::ledger::store::Store>,
    ) -> Result<Self> {
        let ours = ledger.find(version).cloned();
        let (Some(schema), Bookkeeping::Present, Some(row)) =
            (&ledger.facts.ledger_schema, ledger.facts.bookkeeping, &ours)
        else {
            return Ok(Self { ours, ..Self::default() });
        };
        let store = store()?;
        let stored = store.stored(schema, &[version.to_owned()])?.pop();
        let run = row.operation_id.map(|id| store.run(id)).transpose()?.flatten();
        Ok(Self { ours, stored, run })
    }
}

fn report(on_disk: Option<&OnDisk>, entry: Option<&Entry>, records: &Records, cx: &Context) -> ShowReport {
    let root = &cx.config.root;
    let of_file = |script: &Script| Sql {
        from: seen_from(root, &script.path),
        stored: false,
        bytes: script.body.bytes(),
        sql: script.body.text().map(|text| text.trim_end().to_owned()),
        row_security: script.row_security.how(),
    };
    let of_stored = |file: &str, sql: &Option<String>| {
        let name = records.stored.as_ref().map_or("", |stored| stored.name.as_str());
        sql.as_ref().map(|sql| Sql {
            from: format!("{name}/{file}, as stored in the database"),
            stored: true,
            bytes: sql.len() as u64,
            sql: Some(sql.trim_end().to_owned()),
            row_security: RowSecurity::of_text(sql).how(),
        })
    };
    let stored_up = records.stored.as_ref().and_then(|stored| of_stored("up.sql", &stored.up_sql));
    let stored_down = records.stored.as_ref().and_then(|stored| of_stored("down.sql", &stored.down_sql));
    let applied = records.ours.as_ref().filter(|ours| ours.state == RecordedState::Applied);
    let is_applied = entry.is_some_and(Entry::is_applied);
    let checksum = on_disk.zip(applied.filter(|_| is_applied)).map(|(on_disk, ours)| {
        match (
            on_disk.up.checksum == ours.checksum,
            on_disk.up.checksum_normalised == ours.checksum_normalised,
        ) {
            (true, _) => "as it was applied",
            (false, true) => "only white space or comments changed since it was applied",
            (false, false) => "edited since it was applied",
        }
    });
    let difference = on_disk.zip(applied.filter(|_| is_applied)).and_then(|(on_disk, ours)| {
        let was = records.stored.as_ref()?.up_sql.as_ref()?;
        let is = on_disk.up.body.text()?;
        (on_disk.up.checksum != ours.checksum).then(|| {
            let diff = TextDiff::from_lines(was.as_str(), is);
            diff.unified_diff().header("up.sql as it was applied", "up.sql as it is").to_string()
        })
    });
    let name = on_disk.map(|one| one.name.clone()).or(entry.map(|entry| entry.name.clone()));
    let version = on_disk.map(|one| one.version.clone()).or(entry.map(|entry| entry.version.clone()));
    let run = records.run.as_ref().filter(|_| is_applied);
    ShowReport {
        version: version.unwrap_or_default(),
        name: name.unwrap_or_default(),
        state: entry.map(|entry| entry.state),
        unknown: "not known, for want of a database",
        note: entry.and_then(|entry| entry.note.clone()),
        applied_at: entry.and_then(|entry| entry.applied_at.clone()),
        duration_ms: entry.and_then(|entry| entry.duration_ms),
        applied_by: run.map(|run| By {
            operation: run.id,
            command: run.command.clone(),
            role: run.role.clone(),
            os_user: run.os_user.clone(),
            host: run.host.clone(),
        }),
        transactional: on_disk.map_or_else(
            || records.stored.as_ref().is_none_or(|stored| stored.transactional),
            |one| one.transactional,
        ),
        checksum,
        difference,
        hazards: on_disk.map(|one| concerns(&one.up)).unwrap_or_default(),
        replaces: on_disk
            .and_then(|one| one.replaces.as_ref())
            .map(|replaces| replaces.items.iter().map(|item| item.version().to_owned()).collect())
            .unwrap_or_default(),
        up: on_disk.map_or(stored_up, |one| Some(of_file(&one.up))),
        down: on_disk.map_or(stored_down, |one| one.down.as_ref().map(of_file)),
        findings: on_disk
            .map(|one| one.findings.iter().map(|finding| from_root(finding, root)).collect())
            .unwrap_or_default(),
    }
}
