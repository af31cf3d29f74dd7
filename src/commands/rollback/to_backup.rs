//! `pgkeel rollback --to-backup`: the emergency. Nobody writes any more, the backup takes the place of the database, later
//! migrations are pending again; typed once more after a crash, it goes on.

use anyhow::Result;
use serde::Serialize;

use crate::commands::backups::root;
use crate::commands::open::lock_wait;
use crate::commands::restoring::{Live, Wanted, live, replace_live, source};
use crate::commands::watch::Watch;
use crate::context::Context;
use crate::engine::backup::catalogue::FindError;
use crate::engine::ledger::Bookkeeping;
use crate::engine::ledger::store::Guarded;
use crate::engine::restore::pause::Writing;
use crate::engine::restore::{Goal, Ownership, Rows, Selection, Source, finish, is_untouched};
use crate::exit::{CommandError, Exit};
use crate::ui::{Page, Report};

use super::Args;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct There {
    database: String,
    backup: String,
    since: String,
    again: String,
}

impl Report for There {
    fn text(&self, page: &mut Page) {
        page.line(&format!(
            "{} is at {} already, since {} UTC; nothing was done",
            self.database, self.backup, self.since
        ));
        page.line(&format!("to bring it back once more: {}", self.again));
    }
}

pub(super) fn run(args: &Args, backup: Option<&str>, cx: &mut Context) -> Result<Exit> {
    let mut live = live(cx, "rollback")?;
    let recorded = match backup {
        Some(_) => None,
        None => recorded(&live, cx)?,
    };
    let backup = match (backup, &recorded) {
        (Some(backup), _) => backup.to_owned(),
        (None, Some(guarded)) => guarded.backup.clone(),
        (None, None) => "latest".to_owned(),
    };
    let wanted = Wanted {
        backup,
        recorded: recorded.is_some(),
        dir: args.dir.clone(),
        identity: args.identity.clone(),
        jobs: None,
        select: Selection::default(),
        ownership: Ownership::default(),
        from_elsewhere: false,
        keep_scratch: false,
        rows: Rows::Required,
        trust: args.trust_code_of.clone(),
        dry_run: args.dry_run,
        writing: if args.keep_writing { Writing::GoesOn } else { Writing::Stops },
        goal: Goal::RollBack,
    };
    let known = source(&wanted, cx, &live).map_err(|error| gone(error, recorded, &wanted, cx))?;
    if let Some(there) = already(&live, &known, cx)? {
        if !is_as_restored(&mut live, &known)? {
            cx.ui.note(&format!(
                "{} was brought back to {} at {} UTC, and has changed since",
                there.database, there.backup, there.since
            ));
            return replace_live(&wanted, live, cx);
        }
        if !args.dry_run {
            let bouncer = cx.config.backup.pgbouncer.as_ref().map(|url| &url.value);
            let (opening, waiting) = (&live.chosen.opening, lock_wait(&cx.config, None));
            finish(opening, &live.name, bouncer, waiting, &mut Watch::new(&cx.ui))?;
        }
        cx.ui.result(&there)?;
        return Ok(Exit::Ok);
    }
    replace_live(&wanted, live, cx)
}

/// The backup that was taken before the last run that took one.
fn recorded(live: &Live, cx: &Context) -> Result<Option<Guarded>> {
    let found = match &live.there {
        Some((_, ledger)) if ledger.facts.bookkeeping == Bookkeeping::Present => {
            let schema = ledger.facts.ledger_schema.as_deref().unwrap_or("public");
            live.chosen.opening.store(&ledger.facts)?.last_way_back(&ledger.facts, schema)?
        }
        _ => None,
    };
    match &found {
        Some(Guarded { backup, command, started_at, later }) => {
            let at = started_at.format("%Y-%m-%d %H:%M:%S");
            cx.ui.note(&format!("the `{command}` begun {at} UTC took the backup {backup} first"));
            if let Some(later) = later {
                cx.ui.warn(&format!("a later `{later}` took none: what it did is undone as well"));
            }
        }
        None => cx.ui.note("no run has recorded a backup here: the latest one is taken"),
    }
    Ok(found)
}

/// That a backup which was recorded here is not there any more says more than that its name is unknown.
fn gone(error: anyhow::Error, recorded: Option<Guarded>, wanted: &Wanted, cx: &Context) -> anyhow::Error {
    let Some(Guarded { backup, command, .. }) = recorded else { return error };
    if !matches!(error.downcast_ref(), Some(FindError::None { .. } | FindError::Empty { .. })) {
        return error;
    }
    let dir = root(cx, wanted.dir.as_deref());
    CommandError::Usage {
        message: format!(
            "the backup {backup}, which the `{command}` took first, is not in `{}`: it was pruned, or is kept elsewhere; \
             nothing was done",
            dir.display()
        ),
        hint: format!(
            "`--dir DIR` looks elsewhere; `pgkeel rollback --to-backup latest{}` goes back to the newest there is",
            cx.config.answers.place
        ),
    }
    .into()
}

/// Whether nothing was written since it was brought back.
fn is_as_restored(live: &mut Live, from: &Source) -> Result<bool> {
    let bookkeeping = live.chosen.opening.bookkeeping.clone();
    match (&mut live.there, from.manifest()) {
        (Some((session, ledger)), Some(manifest)) => {
            Ok(is_untouched(session, ledger, manifest, bookkeeping.as_str())?)
        }
        _ => Ok(false),
    }
}

/// Typed again after it had come to its end.
fn already(live: &Live, from: &Source, cx: &Context) -> Result<Option<There>> {
    let Some((_, ledger)) = &live.there else { return Ok(None) };
    let last = ledger.last_operation.as_ref();
    let Some(last) = last.filter(|last| last.command == "restore" && last.outcome.as_deref() == Some("done"))
    else {
        return Ok(None);
    };
    let brought_back = live.chosen.opening.store(&ledger.facts)?.backup_of(&ledger.facts, last.id)?;
    Ok((brought_back.as_deref() == Some(from.name().as_str())).then(|| There {
        database: live.name.clone(),
        backup: from.name(),
        since: last.started_at.clone(),
        again: format!("pgkeel restore {}{}", from.name(), cx.config.answers.place),
    }))
}
