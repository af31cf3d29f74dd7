//! The SQL of a squashed migration, from the catalog that the old ones make, and the proof that both make the same database.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};

use super::super::around::seen_from;
use crate::commands::sources::{self, Held, Needs, Prepared};
use crate::context::Context;
use crate::engine::catalog::read::read;
use crate::engine::catalog::{Catalog, Difference, Fact, Id, Kind, Scope};
use crate::engine::migrations::squash::{Belongs, Data, Squashed, carried};
use crate::engine::migrations::{Folder, OnDisk};
use crate::engine::plan::{Wishes, plan};
use crate::engine::proof::{Extent, Proof, Proving, Stage};
use crate::engine::source::Source;
use crate::engine::squash::{Rows, differing, rows, tried};
use crate::exit::CommandError;

/// What is to be made of which.
pub(super) struct Wanted<'a> {
    /// What is replaced.
    pub(super) old: &'a [&'a OnDisk],
    /// What follows.
    pub(super) later: &'a [OnDisk],
    /// What the squashed one is called.
    pub(super) slug: String,
    /// The statements of these that no catalog shows.
    pub(super) data: Vec<Data>,
    /// Whether those that change rows are left out, whatever comes of it.
    pub(super) without_rows: bool,
}

/// A squashed migration that was proved.
pub(super) struct Done {
    pub(super) squashed: Squashed,
    pub(super) proof: Proof,
    /// What was carried over.
    pub(super) carried: Vec<Data>,
    /// What was left out, and why.
    pub(super) left_out: Vec<(Data, String)>,
    /// Whether the same rows are there.
    pub(super) same_rows: bool,
}

/// What the old ones make.
struct Made {
    catalog: Catalog,
    rows: BTreeMap<Id, Rows>,
    /// With all later ones on top.
    last: Option<Catalog>,
    major: u32,
}

/// Make it and prove it: in one shadow database after another, so that a single one that is given will do.
pub(super) fn prove(mut wanted: Wanted<'_>, cx: &Context) -> Result<Done> {
    let made = replay_old(&wanted, cx)?;
    let bookkeeping = &cx.config.bookkeeping_schema.value;
    let empty = || {
        let needs = Needs { major: Some(made.major), ..Needs::default() };
        sources::prepare(&Source::Empty, cx, "migrate", needs)?.open_quietly(cx)
    };
    let ((way, up), down, transactional, proof) = {
        let mut held = empty()?;
        let _progress = cx.ui.progress("proving the squashed migration in a shadow database");
        let empty = read(held.session(), bookkeeping)?;
        all_is_modelled(&empty, &made.catalog)?;
        let wishes = Wishes { whole: true, ..Wishes::default() };
        let way = plan(&empty, &made.catalog, &wishes)?;
        let extent = Extent::Whole;
        let proving = Proving {
            old: &empty,
            new: &made.catalog,
            up: &way,
            wishes: &wishes,
            bookkeeping,
            extent,
            guard: None,
            acting: None,
        };
        let proved = proving.run(held.session())?;
        let transactional =
            proved.stages.iter().all(|stage| stage.in_transaction) && proved.stages.len() <= 1;
        let up: Vec<String> = proved.stages.iter().map(Stage::up_sql).collect();
        let down: Vec<String> = proved.stages.iter().rev().map(Stage::down_sql).collect();
        ((way, up.join("\n")), down.join("\n"), transactional, proved.proof)
    };
    let mut left_out = Vec::new();
    let all = std::mem::take(&mut wanted.data);
    let is_rows = |data: &Data| data.belongs == Belongs::Rows;
    let why_not: Vec<Option<String>> = if wanted.without_rows {
        all.iter().map(|data| is_rows(data).then(|| "as `--drop-data-statements` says".to_owned())).collect()
    } else if all.iter().any(is_rows) {
        tried(empty()?.session(), &way, &all)?
    } else {
        vec![None; all.len()]
    };
    for (data, why) in all.into_iter().zip(why_not) {
        match why {
            None => wanted.data.push(data),
            Some(why) => left_out.push((data, why)),
        }
    }
    let up = whole(&wanted, &up, &refreshed(&wanted, &made.catalog));
    let squashed = Squashed::of(wanted.old, wanted.slug.clone(), up, down, transactional);
    let other_rows = replay_new(&wanted, &squashed, &made, cx)?;
    if !other_rows.is_empty() && !wanted.without_rows {
        let said = |(data, why): &(Data, String)| {
            format!("\n  {}:{}: {}: {why}", seen_from(&cx.config.root, &data.path), data.line, data.verb)
        };
        let failing: String = left_out.iter().map(said).collect();
        let failing = match left_out.is_empty() {
            true => String::new(),
            false => format!("\nthese do not run on the last schema:{failing}"),
        };
        let why = format!(
            "it leaves other rows than those that it replaces: {}; nothing was written{failing}",
            other_rows.join("; ")
        );
        let remedy = "squash through an earlier migration, or write a migration that makes these rows; \
                      `--drop-data-statements` goes on without them"
            .into();
        return Err(CommandError::Refused { why, remedy }.into());
    }
    for what in &other_rows {
        cx.ui.warn(&format!("in a new database, {what}"));
    }
    Ok(Done { squashed, proof, carried: wanted.data, left_out, same_rows: other_rows.is_empty() })
}

fn replay_old(wanted: &Wanted<'_>, cx: &Context) -> Result<Made> {
    let folder = Folder { migrations: wanted.old.iter().copied().cloned().collect(), ..Folder::default() };
    let label = format!("the {} migrations that are replaced", wanted.old.len());
    let prepared: Prepared = sources::replayed(folder, &label, cx, "migrate", Needs::default())?;
    let major = prepared.major();
    let mut held = prepared.open(cx)?;
    let (catalog, rows) = read_both(&mut held, cx)?;
    let last = with_later(wanted, &mut held, cx)?;
    Ok(Made { catalog, rows, last, major })
}

/// Replay the files as they will be, and compare. Returns in what the rows differ.
fn replay_new(wanted: &Wanted<'_>, squashed: &Squashed, made: &Made, cx: &Context) -> Result<Vec<String>> {
    let aside = tempfile::tempdir().context("cannot make a temporary folder")?;
    squashed.aside(aside.path())?;
    let folder = Folder::read(aside.path())?;
    let needs = Needs { major: Some(made.major), ..Needs::default() };
    let prepared = sources::replayed(folder, "the squashed migration", cx, "migrate", needs)?;
    let mut held = prepared.open(cx).context("the squashed migration does not run; nothing was written")?;
    let (catalog, rows) = read_both(&mut held, cx)?;
    if let Some(what) = differ(&made.catalog, &catalog) {
        return Err(refused(&format!("it makes another schema than those that it replaces: {what}")).into());
    }
    let last = with_later(wanted, &mut held, cx)
        .context("the migrations that follow do not apply on top of the squashed one; nothing was written")?;
    if let Some(what) = made.last.as_ref().zip(last.as_ref()).and_then(|(old, new)| differ(old, new)) {
        let why = format!("with the migrations that follow, it makes another schema than before: {what}");
        return Err(refused(&why).into());
    }
    Ok(differing(&made.rows, &rows))
}

fn read_both(held: &mut Held, cx: &Context) -> Result<(Catalog, BTreeMap<Id, Rows>)> {
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

/// The whole up.sql.
fn whole(wanted: &Wanted<'_>, plan: &str, refreshed: &str) -> String {
    let last = wanted.old.last().map_or("", |one| one.name.as_str());
    let of = |belongs: fn(Belongs) -> bool| -> Vec<&Data> {
        wanted.data.iter().filter(|data| belongs(data.belongs)).collect()
    };
    let first = carried(
        "Roles belong to the server, and no catalog of a database shows them.",
        &of(|one| one == Belongs::First),
    );
    let rows = carried(
        "Carried over as they were: no catalog shows what these did.",
        &of(|one| one != Belongs::First),
    );
    let head =
        format!("-- Stands for {} migrations, the last of them {last}: see pgkeel.toml.", wanted.old.len());
    let parts = [head.as_str(), first.trim_end(), plan.trim_end(), rows.trim_end(), refreshed];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let nothing = if parts.len() == 1 { "\n\nSELECT 1;" } else { "" };
    format!("{}{nothing}\n", parts.join("\n\n"))
}

/// Materialized views are made before the rows are there: they are filled once more, those that others stand on first.
fn refreshed(wanted: &Wanted<'_>, made: &Catalog) -> String {
    let mut left: Vec<&Fact> = match wanted.data.iter().any(|data| data.belongs == Belongs::Rows) {
        true => made.facts().iter().filter(|fact| fact.id.kind == Kind::MaterializedView).collect(),
        false => Vec::new(),
    };
    left.retain(|fact| fact.is("_populated"));
    let mut lines = Vec::new();
    while !left.is_empty() {
        let waits = |fact: &&Fact| {
            made.hosts(&fact.id, Kind::MaterializedView)
                .any(|host| left.iter().any(|other| other.id == host.id))
        };
        let (later, now): (Vec<&Fact>, Vec<&Fact>) = left.iter().partition(|fact| waits(fact));
        if now.is_empty() {
            break;
        }
        lines.extend(now.iter().map(|fact| format!("REFRESH MATERIALIZED VIEW {};", fact.id.path())));
        left = later;
    }
    lines.join("\n")
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

fn refused(why: &str) -> CommandError {
    CommandError::Refused {
        why: format!("{why}; nothing was written"),
        remedy: "squash through an earlier migration, and please report this".into(),
    }
}
