//! Migrations made from two catalogs: proved in a shadow database, shown, written. Shared by all commands that write migrations.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use chrono::Utc;
use serde::Serialize;

use crate::context::Context;
use crate::engine::catalog::Catalog;
use crate::engine::drift::expected::{Expected, Found, record as record_found, store};
use crate::engine::migrations::Folder;
use crate::engine::migrations::plan::entry_of;
use crate::engine::migrations::write::{self, New, Written};
use crate::engine::plan::{Plan, Wishes};
use crate::engine::proof::{Extent, Proof, Proving};
use crate::engine::source::Source;
use crate::exit::CommandError;
use crate::ui::{Page, Tone};

use super::open::{Chosen, lock_wait};
use super::sources::{self, Needs};
use super::watch::Watch;

/// What the migrations are to do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The command, as the server sees it.
    pub(crate) command: &'static str,
    /// What the folder is called after its version.
    pub(crate) slug: &'a str,
    /// The catalog before.
    pub(crate) old: &'a Catalog,
    /// The catalog after.
    pub(crate) new: &'a Catalog,
    /// The plan between them.
    pub(crate) way: &'a Plan,
    /// What was wanted of the plan.
    pub(crate) wishes: &'a Wishes,
}

/// Migrations that were proved, and are yet to be written.
#[derive(Debug)]
pub(crate) struct Drafts {
    /// In order.
    pub(crate) news: Vec<New>,
    /// How they were proved.
    pub(crate) proof: Proof,
}

/// A migration in a report.
#[derive(Debug, Serialize)]
pub(crate) struct Made {
    /// Its version; none where it was not written.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    name: String,
    transactional: bool,
    up: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    down: Option<String>,
    files: Vec<PathBuf>,
}

/// The slug of a name that a person gave.
///
/// # Errors
/// Where nothing of it can name a folder.
pub(crate) fn slug(name: &str) -> Result<String> {
    Ok(write::slug(name).map_err(|error| CommandError::Usage {
        message: error.to_string(),
        hint: "for example `--name add_phone_to_user`".into(),
    })?)
}

/// Prove the plan in a shadow database: up, down and up again, with rows.
///
/// # Errors
/// Where no shadow database is to be had, or the plan does not do what it says.
pub(crate) fn draft(cx: &Context, wanted: Wanted<'_>) -> Result<Drafts> {
    // What the two say is to be said again: on a server of their version.
    let major = u32::try_from(wanted.old.server / 10_000).ok();
    let needs = Needs { major, ..Needs::default() };
    let mut held = sources::prepare(&Source::Empty, cx, wanted.command, needs)?.open_quietly(cx)?;
    let _progress = cx.ui.progress("proving the migration in a shadow database: up, down, up again");
    let proving = Proving {
        old: wanted.old,
        new: wanted.new,
        up: wanted.way,
        wishes: wanted.wishes,
        bookkeeping: &cx.config.bookkeeping_schema.value,
        extent: Extent::Fitting,
    };
    let proved = proving.run(held.session()).context("the migration cannot be proved")?;
    Ok(Drafts { news: proved.migrations(wanted.slug), proof: proved.proof })
}

/// Write them into the migrations folder; `also` are versions that the ledger knows.
///
/// # Errors
/// What the file system says.
pub(crate) fn write(cx: &Context, news: &[New], also: &[&str]) -> Result<Vec<Written>> {
    let now = cx.config.surroundings.now.unwrap_or_else(Utc::now);
    Ok(write::write(&cx.config.migrations.value, also, news, now)?)
}

/// Record them as applied in a database that has their changes already; no SQL of theirs is run. `made` is what is there,
/// and what all migrations together were proved to make: what is expected from here on.
///
/// # Errors
/// Where the lock is not had, or the ledger cannot be written.
pub(crate) fn record(
    cx: &Context,
    chosen: &Chosen,
    command: &'static str,
    written: &[Written],
    made: &Catalog,
) -> Result<()> {
    let session = chosen.opening.connect()?;
    let locked = chosen.opening.lock(session, lock_wait(&cx.config, None), &mut Watch::new(&cx.ui))?;
    let environment = cx.config.environment.as_ref().map(|environment| environment.value.clone());
    let applied = locked.ledger.applied.iter().map(|row| &row.version);
    let mut versions: Vec<String> = applied.chain(written.iter().map(|one| &one.version)).cloned().collect();
    versions.sort();
    let mut operation = locked.begin(command, environment.as_deref())?;
    let folder = Folder::read(&cx.config.migrations.value)?;
    let row = |one: &Written| {
        let migration = folder.find(&one.version).context("a migration that was just written is gone")?;
        Ok(operation.place.applied(&entry_of(migration)))
    };
    let mut rows = written.iter().map(row).collect::<Result<Vec<_>>>()?;
    let expected = Expected { catalog: made, versions: &versions, unproved: None };
    rows.push(store(&operation.place, operation.place.ledger_schema.as_str(), expected));
    let sql = format!("{}BEGIN; {}; COMMIT", operation.session.prelude(), rows.join("; "));
    operation.record(|operation| operation.session.query(&sql).map(drop))?;
    // What was found before is settled; whoever cannot write it looks again.
    let place = operation.place.clone();
    drop(record_found(&mut operation.session, &place.bookkeeping, place.ledger_schema.as_str(), Found::None));
    Ok(())
}

impl Made {
    /// Migrations, as they were written or would be.
    pub(crate) fn all(news: &[New], written: &[Written], root: &Path) -> Vec<Self> {
        let shown = |path: &PathBuf| path.strip_prefix(root).unwrap_or(path).to_path_buf();
        let made = |(at, new): (usize, &New)| {
            let written = written.get(at);
            Self {
                version: written.map(|one| one.version.clone()),
                name: written.map_or_else(|| new.slug.clone(), |one| one.name.clone()),
                transactional: new.transactional,
                up: new.up.clone(),
                down: new.down.clone(),
                files: written.iter().flat_map(|one| one.files.iter().map(shown)).collect(),
            }
        };
        news.iter().enumerate().map(made).collect()
    }

    /// The files that were written.
    pub(crate) fn text(&self, page: &mut Page) {
        for file in &self.files {
            page.line(&format!("{} {}", page.paint(Tone::Good, "wrote"), file.display()));
        }
    }

    /// Its SQL, both ways.
    pub(crate) fn sql(&self) -> String {
        let mut text = format!("-- {}/up.sql\n{}", self.name, self.up.trim_end());
        if let Some(down) = &self.down {
            text.push_str(&format!("\n\n-- {}/down.sql\n{}", self.name, down.trim_end()));
        }
        text
    }
}

/// How it was proved, in a line.
pub(crate) fn proved(proof: &Proof) -> String {
    let some = |count: u64, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let rows = match proof.tables {
        0 => String::new(),
        tables => {
            let tables = u64::try_from(tables).unwrap_or(u64::MAX);
            format!("; {} in {} survived", some(proof.rows, "row"), some(tables, "table"))
        }
    };
    let part = proof.part.map_or_else(String::new, |n| format!(", of the {n} objects that it reaches"));
    format!("proved in a shadow database{part}: up, down, up again{rows}")
}
