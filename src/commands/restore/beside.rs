//! A copy beside the live database, or some tables of it.

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::commands::ask::permission;
use crate::commands::backups::{identity, jobs, search};
use crate::commands::open::{lock_wait, settings};
use crate::commands::restoring::{Live, live, source};
use crate::commands::watch::Watch;
use crate::context::Context;
use crate::engine::backup::manifest::Level;
use crate::engine::guard::Deed;
use crate::engine::operation::Opening;
use crate::engine::restore::{
    Applied, Applying, Beside, Copied, EVERYTHING, Filling, Goal, Programs, Purpose, Source, TableBeside,
    Wish, copy, has_rows, known, preflight, rows_fit, steps, tables,
};
use crate::engine::swap::fresh_name;
use crate::exit::Exit;
use crate::pg::ident::Ident;
use crate::pg::shell::word;
use crate::ui::{Page, Report, Tone};

use super::Args;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CopyReport {
    database: String,
    backup: String,
    dry_run: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<String>,
    restore_ms: Option<u64>,
    notes: Vec<String>,
    #[serde(skip)]
    applied: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tables: Vec<TableBeside>,
}

impl Report for CopyReport {
    fn text(&self, page: &mut Page) {
        for step in &self.steps {
            page.line(step);
        }
        if !self.dry_run && !self.applied {
            page.line(&format!(
                "{} {} into the new database {}, and compared; the live one was not touched",
                page.paint(Tone::Good, "restored"),
                self.backup,
                self.database
            ));
        }
        for note in &self.notes {
            page.line(note);
        }
        for table in &self.tables {
            page.blank();
            if let Some(applied) = &table.applied {
                page.line(&summary(page, &table.table, applied));
                continue;
            }
            let live = table.rows_live.map_or_else(|| "no such table".into(), |rows| format!("{rows} rows"));
            page.line(&format!(
                "{}: {} rows in the backup, {live} live; to bring them over:",
                table.table, table.rows_there
            ));
            for line in &table.by_hand {
                page.line(&format!("  {line}"));
            }
        }
    }
}

fn summary(page: &Page, table: &str, applied: &Applied) -> String {
    let Applied { created, inserted, updated, left, replaced } = applied;
    let restored = page.paint(Tone::Good, "restored");
    if *created {
        return format!("{restored} {table}: created again, with {inserted} rows");
    }
    let kept = replaced.as_ref().map(|name| format!("; the {updated} replaced rows are kept in {name}"));
    format!(
        "{restored} {table}: {inserted} inserted, {updated} updated, {left} left as they are{}",
        kept.unwrap_or_default()
    )
}

enum Made {
    Steps(Vec<String>),
    Copy(Copied),
}

fn make(
    args: &Args,
    cx: &Context,
    live: &Live,
    from: &Source,
    (name, purpose): (&str, Purpose<'_>),
) -> Result<Made> {
    let opening = &live.chosen.opening;
    let mut admin = opening.maintenance(name)?;
    let select = args.select();
    let wish = Wish {
        ownership: args.ownership(),
        select: &select,
        goal: Goal::Beside,
        bookkeeping: opening.bookkeeping.as_str(),
    };
    let cleared = preflight(from, wish, &search(cx), &mut admin, None)?;
    let key_file = identity(cx, args.identity.as_deref());
    let filling = Filling {
        source: from,
        programs: &cleared.programs,
        roles: &cleared.roles,
        ownership: args.ownership(),
        jobs: jobs(cx, args.jobs),
        identity: key_file.as_deref(),
        level: Level::L2,
        keep: args.keep_scratch,
        trust: &args.trust_code_of,
        select: &select,
    };
    if args.dry_run {
        return Ok(Made::Steps(steps(&mut admin, &filling, name, None, None)?));
    }
    drop(admin);
    for note in &cleared.notes {
        cx.ui.note(note);
    }
    let beside = Beside { filling, opening, name, purpose, waiting: lock_wait(&cx.config, None) };
    Ok(Made::Copy(copy(&beside, &mut Watch::new(&cx.ui))?))
}

fn report(name: &str, from: &Source, made: Made) -> CopyReport {
    let (steps, copied) = match made {
        Made::Steps(steps) => (steps, None),
        Made::Copy(copied) => (Vec::new(), Some(copied)),
    };
    CopyReport {
        database: name.to_owned(),
        backup: from.name(),
        dry_run: copied.is_none(),
        steps,
        restore_ms: copied.as_ref().map(|copied| copied.restore_ms),
        notes: copied.map(|copied| copied.notes).unwrap_or_default(),
        applied: false,
        tables: Vec::new(),
    }
}

pub(super) fn copy_to(args: &Args, name: &str, cx: &mut Context) -> Result<Exit> {
    let mut live = live(cx, "restore")?;
    let from = source(&args.wanted(), cx, &live)?;
    rows_fit(&from, live.there.as_ref().map(|(_, ledger)| ledger))?;
    live.there = None;
    let made = make(args, cx, &live, &from, (name, Purpose::Copy))?;
    cx.ui.result(&report(name, &from, made))?;
    Ok(Exit::Ok)
}

pub(super) fn tables_of(args: &Args, cx: &mut Context) -> Result<Exit> {
    let mut live = live(cx, "restore")?;
    let from = source(&args.wanted(), cx, &live)?;
    let wanted = names(&args.tables);
    known(&from, &wanted)?;
    rows_fit(&from, live.there.as_ref().map(|(_, ledger)| ledger))?;
    has_rows(&from, &cx.interrupt)?;
    if args.apply && !args.dry_run {
        let what = format!(
            "this brings {} back from {}: missing rows are inserted, changed rows become those of the backup, and the live \
             rows that they replace are kept in another table",
            wanted.join(", "),
            from.name()
        );
        permission(cx, &live.place(cx), Deed::Other, false, &what)?;
    }
    live.there = None;
    let name = fresh_name(&live.name, &format!("tables_{}", from.suffix()));
    let made = make(args, cx, &live, &from, (&name, Purpose::Tables { of: &live.name }))?;
    let mut report = report(&name, &from, made);
    if !report.dry_run {
        let opening = &live.chosen.opening;
        let copy = opening.of_database(&name);
        report.tables = tables(&from, &copy, opening, &wanted)?;
        let drop = word(&format!("DROP DATABASE {}", Ident::new(&name)));
        let place = &cx.config.answers.place;
        let by_hand = format!("drop it when you are done: pgkeel execute --sql {drop}{place}");
        if args.apply {
            let notes = apply(args, cx, &from, (&copy, opening), &mut report.tables)
                .with_context(|| format!("the rows of the backup are in the database `{name}`"))?;
            report.notes.extend(notes);
            let mut admin = opening.maintenance(&name)?;
            let dropped = admin.query(&format!("DROP DATABASE {} WITH (FORCE)", Ident::new(&name)));
            report.notes.extend(dropped.err().map(|error| format!("{error}; {by_hand}")));
            report.applied = true;
        } else {
            report.notes.push(by_hand);
        }
    }
    cx.ui.result(&report)?;
    Ok(Exit::Ok)
}

fn apply(
    args: &Args,
    cx: &Context,
    from: &Source,
    (copy, live): (&Opening, &Opening),
    tables: &mut [TableBeside],
) -> Result<Vec<String>> {
    let mut admin = live.connect()?;
    let programs = Programs::find(&search(cx), admin.server_version(), from)?;
    admin.query("SELECT 1")?;
    let filling = Filling {
        source: from,
        programs: &programs,
        roles: &[],
        ownership: args.ownership(),
        jobs: 1,
        identity: None,
        level: Level::L2,
        keep: false,
        trust: &args.trust_code_of,
        select: &EVERYTHING,
    };
    let budget = settings(&cx.config, None).budget;
    let patience = (cx.config.deploy.lock_timeout.value, budget);
    Ok(Applying { filling, copy, live, patience }.run(tables, &mut Watch::new(&cx.ui))?)
}

/// The names between commas; a comma inside of double quotes is part of a name.
fn names(given: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    for text in given {
        let (mut is_quoted, mut one) = (false, String::new());
        for c in text.chars() {
            match c {
                ',' if !is_quoted => all.push(std::mem::take(&mut one)),
                c => {
                    is_quoted ^= c == '"';
                    one.push(c);
                }
            }
        }
        all.push(one);
    }
    all.retain(|name| !name.is_empty());
    all
}
