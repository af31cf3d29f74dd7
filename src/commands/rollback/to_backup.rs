//! `pgkeel rollback --to-backup`: the emergency. Nobody writes any more, the backup takes the place of the database, later
//! migrations are pending again; typed once more after a crash, it goes on.

use anyhow::Result;
use serde::Serialize;

use crate::commands::open::lock_wait;
use crate::commands::restoring::{Live, Wanted, live, replace_live};
use crate::commands::watch::Watch;
use crate::context::Context;
use crate::engine::ledger::Bookkeeping;
use crate::engine::restore::pause::Writing;
use crate::engine::restore::{Ownership, finish};
use crate::exit::Exit;
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
    let live = live(cx, "rollback")?;
    let (recorded, backup) = match backup {
        Some(backup) => (false, backup.to_owned()),
        None => (true, last_recorded(&live, cx)?),
    };
    let wanted = Wanted {
        backup,
        recorded,
        dir: args.dir.clone(),
        identity: args.identity.clone(),
        jobs: None,
        ownership: Ownership::default(),
        from_elsewhere: false,
        keep_scratch: false,
        dry_run: args.dry_run,
        writing: if args.keep_writing { Writing::GoesOn } else { Writing::Stops },
    };
    if let Some(there) = already(&live, &wanted, cx)? {
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
fn last_recorded(live: &Live, cx: &Context) -> Result<String> {
    let found = match &live.there {
        Some((_, ledger)) if ledger.facts.bookkeeping == Bookkeeping::Present => {
            let schema = ledger.facts.ledger_schema.as_deref().unwrap_or("public");
            live.chosen.opening.store()?.last_way_back(&ledger.facts, schema)?
        }
        _ => None,
    };
    Ok(match found {
        Some(backup) => {
            cx.ui.note(&format!("the last run that changed something took the backup {backup} before"));
            backup
        }
        None => {
            cx.ui.note("no run has recorded a backup here: the latest one is taken");
            "latest".into()
        }
    })
}

/// Typed again after it had come to its end: what was written since must not be lost.
fn already(live: &Live, wanted: &Wanted, cx: &Context) -> Result<Option<There>> {
    let Some((_, ledger)) = &live.there else { return Ok(None) };
    let last = ledger.last_operation.as_ref();
    let Some(last) = last.filter(|last| last.command == "restore" && last.outcome.as_deref() == Some("done"))
    else {
        return Ok(None);
    };
    let from = crate::commands::restoring::source(wanted, cx, live)?;
    let brought_back = live.chosen.opening.store()?.backup_of(&ledger.facts, last.id)?;
    Ok((brought_back.as_deref() == Some(from.name().as_str())).then(|| There {
        database: live.name.clone(),
        backup: from.name(),
        since: last.started_at.clone(),
        again: format!("pgkeel restore {}{}", from.name(), cx.config.answers.place),
    }))
}
