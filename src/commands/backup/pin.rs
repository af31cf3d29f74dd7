//! `pgkeel backup pin`: keep a backup, whatever the rules of `prune` say.

use std::path::Path;

use anyhow::Result;
use clap::Args as ClapArgs;
use serde::Serialize;

use crate::commands::backups::{catalogue, configured, now};
use crate::context::Context;
use crate::engine::backup::manifest::Pin;
use crate::engine::backup::name::BackupId;
use crate::engine::backup::record::update;
use crate::exit::Exit;
use crate::ui::{Page, Report};

/// Keep a backup whatever `prune` is told
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pgkeel backup pin latest --why 'before the move'
  pgkeel backup pin a1b2c3 --off")]
pub(super) struct Args {
    /// Its id, the beginning or end of it, its label, or `latest`
    #[arg(value_name = "ID")]
    backup: String,

    /// Why
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,

    /// Leave it to the rules again
    #[arg(long, conflicts_with = "why")]
    off: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PinReport {
    id: BackupId,
    pinned: Option<Pin>,
}

impl Report for PinReport {
    fn text(&self, page: &mut Page) {
        page.line(&match &self.pinned {
            Some(Pin { why: Some(why), .. }) => format!("{}: pinned: {why}", self.id),
            Some(Pin { why: None, .. }) => format!("{}: pinned", self.id),
            None => format!("{}: not pinned; the rules of `prune` decide about it", self.id),
        });
    }
}

pub(super) fn run(args: &Args, root: &Path, cx: &mut Context) -> Result<Exit> {
    let catalogue = catalogue(root)?;
    let database = configured(cx);
    let kept = catalogue.find(&args.backup, database.as_deref().map(|name| (name, None)))?;
    let pinned = (!args.off).then(|| Pin { at: now(cx), why: args.why.clone() });
    let manifest = update(&kept.dir, |manifest| manifest.pinned = pinned)?;
    cx.ui.result(&PinReport { id: manifest.id, pinned: manifest.pinned })?;
    Ok(Exit::Ok)
}
