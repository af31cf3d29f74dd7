//! Into the live database itself, for a role that may not create databases: a backup of what is there first, then one
//! transaction.

use std::time::Instant;

use anyhow::{Result, bail};

use crate::commands::ask::permission;
use crate::commands::backups::{identity, jobs, now, root, search};
use crate::commands::open::lock_wait;
use crate::commands::restoring::{RestoreReport, check_origin, live, lost, source};
use crate::commands::watch::Watch;
use crate::context::Context;
use crate::engine::backup::manifest::{Layout, Level, Reason, Scope};
use crate::engine::backup::take::{Locking, Take};
use crate::engine::guard::Deed;
use crate::engine::properties::Properties;
use crate::engine::restore::pause::Stopped;
use crate::engine::restore::{
    Filling, Goal, InPlace, RestoreError, Wish, finish, lock, losses, may_be_in_place, preflight, unfilled,
};
use crate::exit::Exit;
use crate::pg::shell::word;

use super::Args;

pub(super) fn restore_in_place(args: &Args, cx: &mut Context) -> Result<Exit> {
    let mut live = live(cx, "restore")?;
    let from = source(&args.wanted(), cx, &live)?;
    if let Some(scope) =
        from.manifest().map(|manifest| manifest.scope).filter(|scope| *scope == Scope::Schema)
    {
        return Err(RestoreError::Scope(scope).into());
    }
    check_origin(&args.wanted(), &from, &live)?;
    let (place, cluster) = (live.place(cx), live.system_identifier());
    let Some((mut session, ledger)) = live.there.take() else {
        bail!("there is no database `{}` to restore into", live.name);
    };
    let mut opening = live.chosen.opening.clone();
    let search = search(cx);
    let mut other = opening.connect()?;
    let properties = Properties::read(&mut other, &live.name)?.unwrap_or_default();
    let is_read_only = properties.is_read_only();
    let stops = !args.no_backup;
    if is_read_only || stops {
        opening = opening.writing();
    }
    let select = args.select();
    let bookkeeping = opening.bookkeeping.clone();
    let wish = Wish {
        ownership: args.ownership(),
        select: &select,
        goal: Goal::InPlace,
        bookkeeping: bookkeeping.as_str(),
    };
    let cleared = preflight(&from, wish, &search, &mut other, Some(&mut session))?;
    drop(other);
    let key_file = identity(cx, args.identity.as_deref());
    let filling = Filling {
        source: &from,
        programs: &cleared.programs,
        roles: &cleared.roles,
        ownership: args.ownership(),
        jobs: jobs(cx, args.jobs),
        identity: key_file.as_deref(),
        level: Level::L2,
        keep: false,
        trust: &args.trust_code_of,
        select: &select,
    };
    may_be_in_place(&filling)?;
    let mut report = RestoreReport::new(
        &live.name,
        &from,
        losses(&mut session, &ledger, from.manifest(), opening.bookkeeping.as_str())?,
    );
    let unfilled = {
        let _progress = cx.ui.progress("reading the dump");
        let bookkeeping = &opening.bookkeeping;
        unfilled(&from, args.rows(), &mut session, &ledger.facts, &select, bookkeeping, &cx.interrupt)?
    };
    drop(session);
    let all = match select.schemas.as_slice() {
        [] => "everything".to_owned(),
        some => format!("the schemas {}", some.join(", ")),
    };
    let what = format!(
        "this replaces {all} in {} by {}; {}{}; {}",
        live.chosen.place.direct.with_database(&live.name),
        from.name(),
        lost(&report.lost),
        unfilled.iter().map(|what| format!("; {what}")).collect::<String>(),
        if stops {
            "all sessions are ended, nobody can write until it is done, and readers wait at the end of it"
        } else {
            "readers and writers wait while it is loaded"
        }
    );
    if args.dry_run {
        report.dry_run = true;
        report.steps = vec![format!("-- {what}")];
        cx.ui.result(&report)?;
        return Ok(Exit::Ok);
    }
    permission(cx, &place, Deed::Other, false, &what)?;
    let environment = cx.config.environment.as_ref().map(|environment| environment.value.as_str());
    let mut watch = Watch::new(&cx.ui);
    let mut locked = lock(&opening, lock_wait(&cx.config, None), &mut watch)?;
    let mut stopped = None;
    if stops {
        // What is written after the backup was read would be nowhere.
        stopped = Some(Stopped::begin(&opening, &live.name, &properties, &mut locked)?);
        let config = &cx.config.backup;
        let take = Take {
            opening: &opening,
            search: &search,
            root: &root(cx, args.dir.as_deref()),
            jobs: jobs(cx, args.jobs),
            compression: &config.compression.value,
            scope: Scope::Full,
            layout: Layout::Directory,
            label: None,
            reason: Reason::PreRestore,
            recipients: &config.recipients.value,
            environment,
            lock: Locking::Held,
        };
        let taken = take.take(now(cx), &mut watch)?;
        let dir = args.dir.as_ref().map(|dir| format!(" --dir {}", word(&dir.display().to_string())));
        report.undo = Some(format!(
            "pgkeel restore {} --in-place{}{}",
            taken.manifest.id,
            dir.unwrap_or_default(),
            cx.config.answers.place
        ));
    }
    let begin = Instant::now();
    let same_place = from.manifest().is_some_and(|manifest| manifest.is_of(&live.name, cluster.as_deref()));
    report
        .notes
        .extend(InPlace { filling, opening: &opening, environment, same_place }.run(locked, &mut watch)?);
    drop(stopped);
    if is_read_only {
        // Where it was a restore that was killed. This one is done, whatever comes of that.
        let finished = finish(&opening, &live.name, None, lock_wait(&cx.config, None), &mut watch);
        report.notes.extend(finished.err().map(|error| format!("left of a killed restore: {error}")));
    }
    drop(watch);
    report.notes.extend(unfilled);
    report.restore_ms = u64::try_from(begin.elapsed().as_millis()).ok();
    cx.ui.result(&report)?;
    Ok(Exit::Ok)
}
