//! The live database is replaced: what will be lost, the question, the work.

use anyhow::Result;

use crate::commands::ask::permission;
use crate::commands::backups::{identity, jobs, search};
use crate::commands::open::lock_wait;
use crate::commands::watch::Watch;
use crate::context::Context;
use crate::engine::backup::manifest::{Level, Scope};
use crate::engine::guard::Deed;
use crate::engine::properties::Properties;
use crate::engine::restore::journal::scratch_name;
use crate::engine::restore::pause::{self, Writing};
use crate::engine::restore::{
    Filling, Losses, Replace, RestoreError, Wish, losses, preflight, replace, rows_fit, steps, unfilled,
};
use crate::engine::swap::{Sessions, Swap, aside_name};
use crate::exit::Exit;

use super::Wanted;
use super::chosen::{Live, check_origin, source};
use super::report::{RestoreReport, lost};

/// Put a backup in the place of the live database.
pub(crate) fn replace_live(wanted: &Wanted, mut live: Live, cx: &mut Context) -> Result<Exit> {
    let from = source(wanted, cx, &live)?;
    if let Some(scope) =
        from.manifest().map(|manifest| manifest.scope).filter(|scope| *scope == Scope::Schema)
    {
        return Err(RestoreError::Scope(scope).into());
    }
    check_origin(wanted, &from, &live)?;
    let opening = live.chosen.opening.clone();
    let mut admin = opening.maintenance(&live.name)?;
    let (ownership, search) = (wanted.ownership, search(cx));
    let inside = live.there.as_mut().map(|(session, _)| session);
    let cleared = preflight(
        &from,
        Wish {
            ownership,
            select: &wanted.select,
            goal: wanted.goal,
            bookkeeping: opening.bookkeeping.as_str(),
        },
        &search,
        &mut admin,
        inside,
    )?;
    let going = match &mut live.there {
        Some((session, ledger)) => losses(session, ledger, from.manifest(), opening.bookkeeping.as_str())?,
        None => Losses { since: None, seconds: None, written: None, pending_again: Vec::new() },
    };
    let unfilled = match &mut live.there {
        Some((session, ledger)) => {
            let _progress = cx.ui.progress("reading the dump");
            let bookkeeping = &opening.bookkeeping;
            unfilled(&from, wanted.rows, session, &ledger.facts, &wanted.select, bookkeeping, &cx.interrupt)?
        }
        None => None,
    };
    rows_fit(&from, live.there.as_ref().map(|(_, ledger)| ledger))?;
    let (place, cluster) = (live.place(cx), live.system_identifier());
    live.warn_of_pooler(cx);
    // Nobody of us is in the way while a person is asked.
    let was_there = live.there.take().is_some();
    let key_file = identity(cx, wanted.identity.as_deref());
    let filling = Filling {
        source: &from,
        programs: &cleared.programs,
        roles: &cleared.roles,
        ownership,
        jobs: jobs(cx, wanted.jobs),
        identity: key_file.as_deref(),
        level: Level::L2,
        keep: wanted.keep_scratch,
        trust: &wanted.trust,
        select: &wanted.select,
    };
    let mut report = RestoreReport::new(&live.name, &from, going);
    let bouncer = cx.config.backup.pgbouncer.as_ref().map(|url| &url.value);
    let stops = wanted.writing == Writing::Stops && was_there;
    if wanted.dry_run || stops {
        let here = Properties::read(&mut admin, &live.name)?;
        let fresh = scratch_name(&live.name, &from.suffix());
        let swap = Swap {
            opening: &opening,
            live: &live.name,
            fresh: &fresh,
            aside: &aside_name(&live.name, "old"),
            aside_comment: "put aside by a restore",
            live_comment: here.as_ref().and_then(|here| here.comment.as_deref()),
            bouncer,
            sessions: Sessions::Terminate,
        };
        let stopping = here.iter().filter(|_| stops).flat_map(|here| pause::sql(&live.name, here));
        let restoring = steps(&mut admin, &filling, &fresh, here.as_ref(), was_there.then_some(&swap))?;
        report.steps = stopping.map(|sql| format!("{sql};")).chain(restoring).collect();
    }
    if wanted.dry_run {
        report.notes = cleared.notes;
        report.notes.extend(unfilled);
        report.dry_run = true;
        cx.ui.result(&report)?;
        return Ok(Exit::Ok);
    }
    if stops {
        // At 3 a.m. it must be possible to go on by hand.
        cx.ui.note("-- the steps, to be finished by hand should this not come to its end:");
        report.steps.iter().for_each(|step| cx.ui.note(step));
        report.steps.clear();
    }
    drop(admin);
    if !was_there && place.protection().protected {
        let what = format!("this makes the database `{}` anew, from {}", live.name, from.name());
        permission(cx, &place, Deed::Other, false, &what)?;
    }
    if was_there {
        let what = format!(
            "this replaces {} by {}; {}{}; all sessions are ended at that moment, and the old database is kept aside until \
             `pgkeel restore --drop-quarantine`",
            live.chosen.place.direct.with_database(&live.name),
            from.name(),
            lost(&report.lost),
            unfilled.iter().map(|what| format!("; {what}")).collect::<String>()
        );
        permission(cx, &place, Deed::Other, false, &what)?;
    }
    for note in &cleared.notes {
        cx.ui.note(note);
    }
    let environment = cx.config.environment.as_ref().map(|environment| environment.value.as_str());
    let replaced = replace(
        &Replace {
            filling,
            opening: &opening,
            live: &live.name,
            oid: live.oid,
            system_identifier: cluster.as_deref(),
            application: &live.chosen.place.url,
            bouncer,
            environment,
            waiting: lock_wait(&cx.config, None),
            writing: wanted.writing,
        },
        &mut Watch::new(&cx.ui),
    )?;
    let reached = replaced.unreached.is_none();
    report.fill(replaced, &cx.config.answers.place);
    report.notes.extend(unfilled);
    cx.ui.result(&report)?;
    Ok(if reached { Exit::Ok } else { Exit::Failed })
}
