//! The SQL of a squashed migration, from the catalog that the old ones make, and the proof that both make the same database.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};

use super::super::around::seen_from;
use crate::commands::sources::{self, Held, Needs, Prepared};
use crate::context::Context;
use crate::engine::catalog::read::read;
use crate::engine::catalog::{Catalog, Difference, Id, Scope};
use crate::engine::migrations::squash::{Data, Squashed, carried};
use crate::engine::migrations::{Folder, OnDisk};
use crate::engine::plan::{Plan, Wishes, plan};
use crate::engine::proof::{Proof, Proving};
use crate::engine::source::Source;
use crate::engine::squash::{differing, rows};
use crate::exit::CommandError;

/// What is to be made of which.
pub(super) struct Wanted<'a> {
    /// What is replaced.
    pub(super) old: &'a [&'a OnDisk],
    /// What follows.
    pub(super) later: &'a [OnDisk],
    /// What the squashed one is called.
    pub(super) slug: String,
    /// The statements at its end.
    pub(super) carried: &'a [Data],
    /// Whether it has to leave as many rows.
    pub(super) rows_must_fit: bool,
}

/// What the old ones make.
struct Made {
    catalog: Catalog,
    rows: BTreeMap<Id, u64>,
    /// With all later ones on top.
    last: Option<Catalog>,
    major: u32,
    /// Statements that no schema holds, as CREATE ROLE.
    first: String,
}

/// Make it and prove it: in one shadow database after another, so that a single one that is given will do.
pub(super) fn prove(wanted: &Wanted<'_>, cx: &Context) -> Result<(Squashed, Proof)> {
    let made = replay_old(wanted, cx)?;
    let needs = Needs { major: Some(made.major), ..Needs::default() };
    let (up, down, transactional, proof) = {
        let mut held = sources::open(&Source::Empty, cx, "migrate", needs)?;
        let _progress = cx.ui.progress("proving the squashed migration in a shadow database");
        let empty = read(held.session(), &cx.config.bookkeeping_schema.value)?;
        all_is_modelled(&empty, &made.catalog)?;
        let wishes = Wishes { whole: true, ..Wishes::default() };
        let way = plan(&empty, &made.catalog, &wishes)?;
        let proving = Proving {
            old: &empty,
            new: &made.catalog,
            up: &way,
            wishes: &wishes,
            bookkeeping: &cx.config.bookkeeping_schema.value,
        };
        let proved = proving.run(held.session())?;
        let transactional =
            proved.stages.iter().all(|stage| stage.in_transaction) && proved.stages.len() <= 1;
        let up = text(proved.stages.iter().map(|stage| &stage.up), transactional);
        let down = text(proved.stages.iter().rev().map(|stage| &stage.down), transactional);
        (up, down, transactional, proved.proof)
    };
    let squashed = wanted.squashed(whole(wanted, &made.first, &up), down, transactional);
    replay_new(wanted, &squashed, &made, cx)?;
    Ok((squashed, proof))
}

fn replay_old(wanted: &Wanted<'_>, cx: &Context) -> Result<Made> {
    let folder = Folder { migrations: wanted.old.iter().copied().cloned().collect(), ..Folder::default() };
    let label = format!("the {} migrations that are replaced", wanted.old.len());
    let prepared: Prepared = sources::replayed(folder, &label, cx, "migrate", Needs::default())?;
    let major = prepared.major();
    let mut held = prepared.open(cx)?;
    let first = left_out(wanted, &held);
    let (catalog, rows) = read_both(&mut held, cx)?;
    let last = with_later(wanted, &mut held, cx)?;
    Ok(Made { catalog, rows, last, major, first })
}

/// Replay the files as they will be, and compare.
fn replay_new(wanted: &Wanted<'_>, squashed: &Squashed, made: &Made, cx: &Context) -> Result<()> {
    let aside = tempfile::tempdir().context("cannot make a temporary folder")?;
    squashed.aside(aside.path())?;
    let folder = Folder::read(aside.path())?;
    let needs = Needs { major: Some(made.major), ..Needs::default() };
    let prepared = sources::replayed(folder, "the squashed migration", cx, "migrate", needs)?;
    let mut held = prepared.open(cx).map_err(|error| unproved(wanted, error, cx))?;
    let (catalog, rows) = read_both(&mut held, cx)?;
    if let Some(what) = differ(&made.catalog, &catalog) {
        return Err(
            refused(wanted, &format!("it makes another schema than those that it replaces: {what}")).into()
        );
    }
    let other_rows = differing(&made.rows, &rows);
    if wanted.rows_must_fit && !other_rows.is_empty() {
        let why = format!("it leaves other rows than those that it replaces: {}", other_rows.join("; "));
        return Err(refused(wanted, &why).into());
    }
    for what in &other_rows {
        cx.ui.warn(&format!("without the statements that change rows, {what}"));
    }
    let last = with_later(wanted, &mut held, cx)
        .context("the migrations that follow do not apply on top of the squashed one; nothing was written")?;
    if let Some(what) = made.last.as_ref().zip(last.as_ref()).and_then(|(old, new)| differ(old, new)) {
        let why = format!("with the migrations that follow, it makes another schema than before: {what}");
        return Err(refused(wanted, &why).into());
    }
    Ok(())
}

fn read_both(held: &mut Held, cx: &Context) -> Result<(Catalog, BTreeMap<Id, u64>)> {
    let catalog = read(held.session(), &cx.config.bookkeeping_schema.value)?;
    let rows = rows(held.session(), &catalog)?;
    Ok((catalog, rows))
}

/// The catalog with the later migrations on top, where there are any.
fn with_later(wanted: &Wanted<'_>, held: &mut Held, cx: &Context) -> Result<Option<Catalog>> {
    if wanted.later.is_empty() {
        return Ok(None);
    }
    held.go_on(&Folder { migrations: wanted.later.to_vec(), ..Folder::default() }, cx)?;
    Ok(Some(read(held.session(), &cx.config.bookkeeping_schema.value)?))
}

/// What the shadow passed over, for it belongs to no database: the squashed migration does it first, as what follows needs it.
fn left_out(wanted: &Wanted<'_>, held: &Held) -> String {
    let mut text = String::new();
    for one in wanted.old {
        let Ok(statements) = one.up.body.statements() else { continue };
        for streamed in statements.filter_map(Result::ok) {
            let is_it = |left: &&crate::engine::shadow::LeftOut| {
                left.path == one.up.path && left.line == streamed.statement.line
            };
            if held.left_out().iter().any(|left| is_it(&left)) {
                text.push_str(&format!("{};\n", streamed.body()));
            }
        }
    }
    text
}

/// The whole up.sql.
fn whole(wanted: &Wanted<'_>, first: &str, plan: &str) -> String {
    let last = wanted.old.last().map_or("", |one| one.name.as_str());
    let mut text = format!(
        "-- Stands for {} migrations, the last of them {last}: see pgkeel.toml.\n\n",
        wanted.old.len()
    );
    for part in [first, plan, &carried(wanted.carried)] {
        if !part.is_empty() {
            text.push_str(part.trim_end());
            text.push_str("\n\n");
        }
    }
    if first.is_empty() && plan.is_empty() && wanted.carried.is_empty() {
        text.push_str("SELECT 1;\n");
    }
    format!("{}\n", text.trim_end())
}

/// The statements of plans, one after another. pgkeel and Diesel see to the transaction.
fn text<'a>(plans: impl Iterator<Item = &'a Plan>, transactional: bool) -> String {
    let steps: Vec<_> = plans.flat_map(|plan| plan.steps.clone()).collect();
    if transactional {
        let script = Plan { steps }.script();
        // It holds for the rest of the transaction alone.
        return match script.strip_prefix("SET check_function_bodies") {
            Some(rest) => format!("SET LOCAL check_function_bodies{rest}"),
            None if script.is_empty() => "SELECT 1;\n".to_owned(),
            None => script,
        };
    }
    steps.iter().map(|step| format!("{step};\n\n")).collect()
}

/// What is not modelled would be lost.
fn all_is_modelled(empty: &Catalog, made: &Catalog) -> Result<(), CommandError> {
    let new: Vec<String> = made
        .unmodelled
        .iter()
        .filter(|one| !empty.unmodelled.contains(one))
        .map(|one| format!("{} {}", one.kind, one.name))
        .collect();
    if new.is_empty() {
        return Ok(());
    }
    Err(CommandError::Refused {
        why: format!(
            "the replaced migrations make what no plan can make yet: {}; nothing was written",
            new.join(", ")
        ),
        remedy: "squash through an earlier migration".into(),
    })
}

fn differ(old: &Catalog, new: &Catalog) -> Option<String> {
    let differences = new.differences(old, &Scope::default());
    let said = |one: &Difference<'_>| one.id().to_string();
    let these: Vec<String> = differences.iter().take(5).map(said).collect();
    (!these.is_empty()).then(|| these.join(", "))
}

fn refused(wanted: &Wanted<'_>, why: &str) -> CommandError {
    let remedy = match wanted.carried.is_empty() {
        true => "squash through an earlier migration, and report this if nothing speaks against it",
        false => {
            "`--drop-data-statements` leaves out the statements that change rows; or squash through an earlier migration"
        }
    };
    CommandError::Refused { why: format!("{why}; nothing was written"), remedy: remedy.into() }
}

/// The squashed migration does not run: what was carried over is the likely reason.
fn unproved(wanted: &Wanted<'_>, error: anyhow::Error, cx: &Context) -> anyhow::Error {
    if cx.interrupt.is_raised() {
        return error;
    }
    let carried: Vec<String> = wanted
        .carried
        .iter()
        .map(|data| format!("\n  {}:{}: {}", seen_from(&cx.config.root, &data.path), data.line, data.verb))
        .collect();
    let what = match carried.is_empty() {
        true => String::new(),
        false => format!("\nit carries these over to its end:{}", carried.concat()),
    };
    refused(wanted, &format!("the squashed migration does not run in an empty database: {error:#}{what}"))
        .into()
}
