//! `pgkeel env`: the environment mark stored in the database.

use anyhow::Result;
use clap::{Args as ClapArgs, Subcommand};
use serde::Serialize;

use crate::context::{Context, Fallback};
use crate::engine::guard::{Deed, Protection};
use crate::engine::ledger::Mark;
use crate::exit::{CommandError, Exit};
use crate::ui::{Page, Report, Tone};

use super::ask::permission;
use super::open::{choose, lock_wait};
use super::watch::Watch;

/// Show or set what the database is: production, staging, development
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "The mark is stored in the database and outlives a reset. A place marked `production` is protected whatever \
PGKEEL_ENV says.

Examples:
  pgkeel env show
  pgkeel env set production
  pgkeel env set development --confirm production/shop    to lower it is confirmed like a reset"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the mark, and what is protected because of which fact
    Show,
    /// Set the mark
    Set {
        /// production, staging, development, or any other name
        name: String,
    },
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EnvReport {
    database: String,
    mark: Option<Mark>,
    #[serde(flatten)]
    protection: Protection,
}

impl Report for EnvReport {
    fn text(&self, page: &mut Page) {
        match &self.mark {
            Some(mark) => page.line(&format!(
                "{}: marked `{}` by {}, {} UTC",
                self.database, mark.name, mark.set_by, mark.set_at
            )),
            None => page.line(&format!("{}: not marked", self.database)),
        }
        if self.protection.protected {
            page.line(&format!(
                "{}: {}",
                page.paint(Tone::Warn, "protected"),
                self.protection.because.join("; ")
            ));
        } else {
            page.line("not protected");
        }
    }
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    let chosen = choose(cx, Fallback::DevCluster, "env")?;
    let (session, mut ledger) = chosen.look(cx)?;
    let place = chosen.guarded(&cx.config, &ledger);
    if let Command::Set { name } = &args.command {
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c)) {
            return Err(CommandError::Usage {
                message: format!("`{name}` cannot be the name of an environment"),
                hint: "letters, digits, `-`, `_` and `.`: `pgkeel env set production`".into(),
            }
            .into());
        }
        let mark = Mark {
            name: name.clone(),
            database: place.database.clone(),
            system_identifier: place.system_identifier.clone(),
            set_by: ledger.facts.role.clone(),
            set_at: String::new(),
        };
        if place.is_lowered_by(&mark) {
            permission(
                cx,
                &place,
                Deed::Other,
                false,
                &format!("this takes the protection of `{}` away", place.database),
            )?;
        }
        let locked = chosen.opening.lock(session, lock_wait(&cx.config, None), &mut Watch::new(&cx.ui))?;
        let mut operation = locked.begin("env set", Some(name))?;
        operation.record(|operation| operation.store.set_mark(name, operation.facts()))?;
        ledger = chosen.opening.look()?.1;
    }
    let place = chosen.guarded(&cx.config, &ledger);
    let report = EnvReport {
        database: ledger.facts.database.clone(),
        mark: ledger.mark,
        protection: place.protection(),
    };
    cx.ui.result(&report)?;
    Ok(Exit::Ok)
}
