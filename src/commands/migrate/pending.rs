//! The first half of the loop: create a missing database, apply what is pending.

use anyhow::{Context as _, Result};

use crate::context::Context;
use crate::engine::drift::advance;
use crate::engine::ledger::Ledger;
use crate::engine::migrations::runner::Settings;
use crate::engine::migrations::{Folder, Plan, reconcile};
use crate::engine::operation::Locked;
use crate::exit::CommandError;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::session::Session;

use crate::commands::open::{Chosen, lock_wait, settings, tell_killed};
use crate::commands::said::{Item, items, sql_of};
use crate::commands::watch::Watch;

use super::report::MigrateReport;
use super::{Args, Begun};

/// What would be applied; nothing is locked.
pub(super) fn look(
    args: &Args,
    cx: &Context,
    folder: &Folder,
    chosen: &Chosen,
) -> Result<(Begun, (Session, Ledger))> {
    let (mut session, ledger) = chosen.look(cx)?;
    chosen.opening.may_create_ledger(&ledger)?;
    let plan = plan(args, folder, &ledger)?;
    chosen.opening.may_apply(&mut session, &ledger, &plan)?;
    let report = MigrateReport {
        dry_run: true,
        applied: items(&plan, None),
        sql: sql_of(&plan, &cx.config.root),
        ..MigrateReport::of(&ledger)
    };
    Ok((report, (session, ledger)))
}

/// Apply it, under the lock, which goes with the session: a person who is asked later may take his time.
pub(super) fn apply(args: &Args, cx: &Context, folder: &Folder, chosen: &Chosen) -> Result<Begun> {
    let (session, created_database) = connect_or_create(chosen).inspect_err(|_| chosen.unreached(cx))?;
    let locked = lock(cx, chosen, session)?;
    chosen.announce(cx, &locked.ledger.facts);
    tell_killed(cx, &locked.ledger);
    let protection = chosen.guarded(&cx.config, &locked.ledger).protection();
    if protection.protected {
        return Err(CommandError::Refused {
            why: format!("`migrate` is for a developer's own database: {}", protection.because.join("; ")),
            remedy:
                "`pgkeel deploy` applies what is pending; `pgkeel migrate --create-only` writes a migration"
                    .into(),
        }
        .into());
    }
    chosen.opening.may_create_ledger(&locked.ledger)?;
    let report = MigrateReport { created_database, ..MigrateReport::of(&locked.ledger) };
    Ok(MigrateReport { applied: run(args, cx, folder, locked)?, ..report })
}

pub(super) fn lock(cx: &Context, chosen: &Chosen, session: Session) -> Result<Locked> {
    let mut watch = Watch::new(&cx.ui);
    Ok(chosen.opening.lock(session, lock_wait(&cx.config, None), &mut watch)?)
}

/// Apply what is pending, under this lock.
pub(super) fn run(args: &Args, cx: &Context, folder: &Folder, mut locked: Locked) -> Result<Vec<Item>> {
    let plan = plan(args, folder, &locked.ledger)?;
    locked.may_apply(&plan)?;
    if plan.is_empty() {
        return Ok(Vec::new());
    }
    let environment = cx.config.environment.as_ref().map(|environment| environment.value.clone());
    let mut operation = locked.begin("migrate", environment.as_deref())?;
    // A development database may be left with a part of a migration, which the next run finishes.
    let settings = Settings { may_split: true, ..settings(&cx.config, None) };
    let done =
        operation.record(|operation| advance::run(operation, &plan, &settings, &mut Watch::new(&cx.ui)))?;
    let took: Vec<u128> = done.finished.iter().map(|(_, _, took)| took.as_millis()).collect();
    Ok(items(&plan, Some(&took)))
}

fn plan(args: &Args, folder: &Folder, ledger: &Ledger) -> Result<Plan> {
    let standing = reconcile(&folder.migrations, &ledger.applied, &ledger.recorded);
    Ok(Plan::up(folder, ledger, &standing, None, args.allow.allow())?)
}

fn connect_or_create(chosen: &Chosen) -> Result<(Session, bool)> {
    match chosen.opening.connect() {
        Err(error @ PgError::Connect(_)) if error.failure() == PgFailure::NoSuchDatabase => {
            let Some(name) = chosen.opening.url.database().or(chosen.opening.url.user()) else {
                return Err(error.into());
            };
            let created = chosen
                .opening
                .create_database(name)
                .with_context(|| format!("the database `{name}` is missing, and it could not be created"))?;
            Ok((chosen.opening.connect()?, created))
        }
        connected => Ok((connected?, false)),
    }
}
