//! `drift --fix`: what was done by hand becomes a migration, which other databases get and which counts as applied here.
//! Nothing in the live schema is touched.

use anyhow::{Context as _, Result};

use crate::context::Context;
use crate::engine::catalog::{Catalog, Fact};
use crate::engine::drift::expected::{Expected, Found, record as record_found, store};
use crate::engine::drift::merge::{Seen, advanced};
use crate::engine::ledger::Ledger;
use crate::engine::migrations::plan::{PlanError, entry_of};
use crate::engine::migrations::write::Written;
use crate::engine::migrations::{Folder, State, reconcile};
use crate::engine::operation::Locked;
use crate::engine::plan::{Wishes, plan};
use crate::exit::{CommandError, Exit};

use crate::commands::drafts::{self, Made, Wanted};
use crate::commands::drifting::{Basis, Counting, Looking, Sides};
use crate::commands::open::{Chosen, lock_wait, tell_killed};
use crate::commands::watch::Watch;

use super::{Args, Compare, tell};

pub(super) fn run(
    args: &Args,
    name: &str,
    cx: &mut Context,
    chosen: &Chosen,
    counting: &Counting,
) -> Result<Exit> {
    let slug = drafts::slug(name)?;
    let folder = Folder::read(&cx.config.migrations.value)?;
    let session = chosen.opening.connect().inspect_err(|_| chosen.unreached(cx))?;
    let mut locked = chosen.opening.lock(session, lock_wait(&cx.config, None), &mut Watch::new(&cx.ui))?;
    chosen.announce(cx, &locked.ledger.facts);
    tell_killed(cx, &locked.ledger);
    locked.may_write()?;
    in_order(&folder, &locked.ledger)?;
    // It idles while the migration is proved, and goes on holding the lock.
    let prelude = locked.session.prelude();
    locked.session.query(&prelude)?;
    let looking = Looking { cx, chosen, command: "drift", counting };
    let sides = looking.sides_locked(&mut locked.session, &locked.ledger)?;
    tell(&sides, &locked.ledger.facts.database, cx);
    let database = locked.ledger.facts.database.clone();
    let compare = Compare { args, cx, database: &database, applied: locked.ledger.applied.len() };
    let (report, _) = compare.report(&sides, None)?;
    if report.is_same() {
        cx.ui.result(&report)?;
        return Ok(Exit::Ok);
    }
    if let Basis::Unproved { why, no_replay, .. } = &sides.basis {
        return Err(CommandError::Ends {
            exit: Exit::Failed,
            message: format!(
                "what is expected is unproved ({why}), and the migrations could not be replayed ({no_replay}): a \
                 migration of the difference would leave out what nobody knows of; nothing was written"
            ),
            hint: "let SHADOW_DATABASE_URL name an empty database".into(),
        }
        .into());
    }
    let wishes = Wishes { scope: sides.scope, renames: compare.renames(&sides)?.said, ..Wishes::default() };
    let way = plan(&sides.expected, &sides.live, &wishes)?;
    let wanted = Wanted {
        command: "drift",
        slug: &slug,
        old: &sides.expected,
        new: &sides.live,
        way: &way,
        wishes: &wishes,
    };
    let drafts = drafts::draft(cx, wanted)?;
    cx.ui.note(&drafts::proved(&drafts.proof));
    let known: Vec<&str> = locked.ledger.applied.iter().map(|row| row.version.as_str()).collect();
    let written = drafts::write(cx, &drafts.news, &known)?;
    let migrations = Made::all(&drafts.news, &written, &cx.config.root);
    record(cx, locked, &sides, &written).inspect_err(|_| {
        for one in &written {
            // Not recorded, they would be pending here, and fail: what they do is done.
            drop(std::fs::remove_dir_all(cx.config.migrations.value.join(&one.name)));
        }
    })?;
    cx.ui.result(&report.fixed(migrations))?;
    Ok(Exit::Ok)
}

/// Only where the folder and the ledger agree can a migration be recorded as the newest.
fn in_order(folder: &Folder, ledger: &Ledger) -> Result<()> {
    let standing = reconcile(&folder.migrations, &ledger.applied, &ledger.recorded);
    if standing.is_trouble() {
        let entries = standing.entries.iter().filter(|entry| entry.state.is_trouble()).cloned().collect();
        return Err(PlanError::Trouble { entries, findings: Vec::new() }.into());
    }
    if !folder.findings.is_empty() {
        return Err(PlanError::Findings(folder.findings.clone()).into());
    }
    match standing.count(State::Pending) {
        0 => Ok(()),
        pending => Err(CommandError::Ends {
            exit: Exit::Pending,
            message: format!(
                "{} pending: a migration of what was done by hand must come after them; nothing was written",
                if pending == 1 { "1 migration is".to_owned() } else { format!("{pending} migrations are") }
            ),
            hint: "`pgkeel deploy` (or `pgkeel migrate` on your own database) first".into(),
        }
        .into()),
    }
}

/// The ledger, our own record and what is expected move together, or not at all.
fn record(cx: &Context, locked: Locked, sides: &Sides, written: &[Written]) -> Result<()> {
    let environment = cx.config.environment.as_ref().map(|environment| environment.value.clone());
    let mut versions: Vec<String> = locked.ledger.applied.iter().map(|row| row.version.clone()).collect();
    versions.extend(written.iter().map(|one| one.version.clone()));
    versions.sort();
    let mut operation = locked.begin("drift", environment.as_deref())?;
    let folder = Folder::read(&cx.config.migrations.value)?;
    let row = |one: &Written| {
        let migration = folder.find(&one.version).context("a migration that was just written is gone")?;
        Ok(operation.place.applied(&entry_of(migration)))
    };
    let mut statements = written.iter().map(row).collect::<Result<Vec<_>>>()?;
    let seen = |catalog| Seen { catalog, ..Seen::default() };
    // What is left out stays as it was expected.
    let catalog = advanced(&sides.whole.0, &seen(sides.expected.clone()), &seen(as_compared(sides)));
    let expected = Expected { catalog: &catalog, versions: &versions, unproved: None };
    statements.push(store(&operation.place, operation.place.ledger_schema.as_str(), expected));
    let sql = format!("{}BEGIN; {}; COMMIT", operation.session.prelude(), statements.join("; "));
    operation.record(|operation| operation.session.query(&sql).map(drop))?;
    // What was found before is settled; whoever cannot write it looks again.
    let place = operation.place.clone();
    drop(record_found(&mut operation.session, &place.bookkeeping, place.ledger_schema.as_str(), Found::None));
    Ok(())
}

/// What there is, as far as it was compared: the migration says nothing of the rest.
fn as_compared(sides: &Sides) -> Catalog {
    let (expected, scope) = (&sides.expected, sides.scope);
    let compared = |fact: &Fact| {
        let was = expected.fact(&fact.id);
        let left_out: Vec<&str> = fact.names().filter(|name| !scope.compares(name)).collect();
        left_out.into_iter().fold(fact.clone(), |fact, name| match was {
            Some(was) => fact.with(name, was.get(name)),
            None if name == "owner" => fact,
            None => fact.with(name, None),
        })
    };
    let there = |fact: &&Fact| scope.has(fact.id.kind);
    let kept = expected.facts().iter().filter(|fact| !scope.has(fact.id.kind)).cloned();
    let facts = sides.live.facts().iter().filter(there).map(compared).chain(kept).collect();
    sides.live.assembled(facts, sides.live.pairs())
}
