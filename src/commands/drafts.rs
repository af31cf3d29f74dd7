//! Migrations made from two catalogs: proved in a shadow database, shown, written. Shared by all commands that write migrations.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use chrono::Utc;
use serde::Serialize;

use crate::context::Context;
use crate::engine::catalog::Catalog;
use crate::engine::drift::advance::taken_over;
use crate::engine::drift::expected::{Expected, Found, record as record_found};
use crate::engine::migrations::plan::entry_of;
use crate::engine::migrations::write::{self, New, Written};
use crate::engine::operation::Locked;
use crate::engine::plan::{Plan, Wishes};
use crate::engine::proof::{Extent, Proof, ProofError, Proved, Proving};
use crate::engine::shadow::As;
use crate::engine::source::Source;
use crate::engine::untrusted::Code;
use crate::exit::CommandError;
use crate::ui::{Page, Tone};

use super::sources::{self, Needs};

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
    /// Code in the catalogs that roles other than superusers wrote, as far as they were read from a database.
    pub(crate) code: &'a [Code],
    /// The roles whose code may run as the role that creates the shadow database.
    pub(crate) trust: &'a [String],
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
    let (proved, stands_in) = tried(wanted, As::Owner, cx)?;
    let proved = match proved {
        // What fails as an ordinary owner for another reason than policies is proved as the role that connects.
        Err(error) if stands_in && error.is_of_the_plan() => {
            let (again, _) = tried(wanted, As::Ourselves, cx)?;
            if again.is_ok() {
                cx.ui.note(&format!(
                    "the migration cannot be proved as an ordinary owner ({error}); it is proved as the role that connects"
                ));
            }
            again
        }
        ended => ended,
    };
    let proved = proved.context("the migration cannot be proved")?;
    Ok(Drafts { news: proved.migrations(wanted.slug), proof: proved.proof })
}

/// Prove it in a new shadow database. Returns also whether a role made for the run ran it.
fn tried(wanted: Wanted<'_>, run: As, cx: &Context) -> Result<(Result<Proved, ProofError>, bool)> {
    // What the two say is to be said again: on a server of their version.
    let major = u32::try_from(wanted.old.server / 10_000).ok();
    let needs = Needs { major, ..Needs::default() };
    let mut held = sources::prepare(&Source::Empty, cx, wanted.command, needs)?.open_quietly(cx)?;
    held.guard(wanted.code, wanted.trust)?;
    // A login is an ordinary role, too.
    let acting = match held.shadow() {
        Some(shadow) if run == As::Owner && shadow.guarded().is_none() => {
            shadow.acting([wanted.old, wanted.new])?
        }
        _ => None,
    };
    let (session, guard) = held.proving();
    let _progress = cx.ui.progress("proving the migration in a shadow database: up, down, up again");
    let proving = Proving {
        old: wanted.old,
        new: wanted.new,
        up: wanted.way,
        wishes: wanted.wishes,
        bookkeeping: &cx.config.bookkeeping_schema.value,
        extent: Extent::Fitting,
        guard,
        acting: acting.as_ref(),
    };
    let proved = proving.run(session);
    if let (Some(acting), Ok(proved)) = (&acting, &proved)
        && !proved.proof.elevated.is_empty()
    {
        let what = proved.proof.elevated.join(", ");
        let role = &acting.ourselves;
        cx.ui.note(&format!(
            "the migration needs more rights than an ordinary owner has; `{role}` ran it: {what}"
        ));
    }
    Ok((proved, acting.is_some()))
}

/// Write them into the migrations folder; `also` are versions that the ledger knows.
///
/// # Errors
/// What the file system says.
pub(crate) fn write(cx: &Context, news: &[New], also: &[&str]) -> Result<Vec<Written>> {
    let now = cx.config.surroundings.now.unwrap_or_else(Utc::now);
    Ok(write::write(&cx.config.migrations.value, also, news, now)?)
}

/// A database that has the changes of new migrations already.
#[derive(Debug)]
pub(crate) struct Home<'a> {
    /// The lock.
    pub(crate) locked: Locked,
    /// The command, for the audit trail.
    pub(crate) command: &'static str,
    /// What it is expected to be from now on.
    pub(crate) expected: &'a Catalog,
    /// What the migrations change: from this to that.
    pub(crate) change: (&'a Catalog, &'a Catalog),
}

impl Home<'_> {
    /// Write migrations, and record them as applied; no SQL of theirs is run. Ledger, our own record and what is expected move
    /// together, or not at all; the files have their names only after that, so that a run that is killed leaves nothing that
    /// would be applied again.
    ///
    /// # Errors
    /// Where the ledger or the folder cannot be written.
    pub(crate) fn takes(self, cx: &Context, news: &[New]) -> Result<Vec<Written>> {
        let Self { locked, command, expected, change } = self;
        let applied: Vec<String> = locked.ledger.applied.iter().map(|row| row.version.clone()).collect();
        let known: Vec<&str> = applied.iter().map(String::as_str).collect();
        let now = cx.config.surroundings.now.unwrap_or_else(Utc::now);
        let staged = write::stage(&cx.config.migrations.value, &known, news, now)?;
        let on_disk = staged.on_disk()?;
        let mut versions: Vec<String> =
            applied.iter().cloned().chain(staged.written().map(|one| one.version.clone())).collect();
        versions.sort();
        let environment = cx.config.environment.as_ref().map(|environment| environment.value.clone());
        let mut operation = locked.begin(command, environment.as_deref())?;
        let place = operation.place.clone();
        operation.record(|operation| {
            let mine = Expected { catalog: expected, versions: &versions, unproved: None };
            let mut statements = taken_over(&mut operation.session, &place, mine, change)?;
            statements.extend(on_disk.iter().map(|one| place.applied(&entry_of(one))));
            statements.push("COMMIT".to_owned());
            operation.session.query(&format!("{}{}", place.held(), statements.join("; "))).map(drop)
        })?;
        let written =
            staged.publish().context("the migration is recorded as applied, and its folder is missing")?;
        // What was found before is settled; whoever cannot write it looks again.
        let schema = place.ledger_schema.as_str();
        let hold = place.hold(&["expected"]);
        drop(record_found(&mut operation.session, &hold, &place.bookkeeping, schema, Found::None));
        Ok(written)
    }
}

/// Shown before anybody is asked, so that a person can say no.
pub(crate) fn show(cx: &Context, drafts: &Drafts, way: &Plan) {
    if cx.ui.is_json() {
        return;
    }
    for made in Made::all(&drafts.news, &[], &cx.config.root) {
        cx.ui.note(&made.sql());
    }
    let why = match way.steps.iter().all(|step| step.in_transaction) {
        true => "something must be committed before it is used",
        false => "something cannot be in a transaction",
    };
    let split = match drafts.news.len() {
        1 => String::new(),
        n => format!("; {n} migrations, because {why}"),
    };
    cx.ui.note(&format!("{}{split}", proved(&drafts.proof)));
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
