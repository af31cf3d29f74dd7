//! The catalog that the applied migrations make: replayed in a shadow database, from their folders where those are as they
//! were applied, else from the SQL that is stored.

use anyhow::Result;

use crate::commands::open::Chosen;
use crate::commands::said::folder_if_any;
use crate::commands::sources::{self, Needs, catalog};
use crate::context::Context;
use crate::engine::catalog::Catalog;
use crate::engine::derive::{applied_through, only_stored};
use crate::engine::ledger::Ledger;
use crate::engine::migrations::Folder;

/// Replay them.
pub(super) fn replayed(
    cx: &Context,
    chosen: &Chosen,
    ledger: &Ledger,
    command: &'static str,
) -> Result<Catalog> {
    let disk = folder_if_any(cx)?;
    let effective = disk.effective(ledger);
    let stored = chosen.stored(ledger, &only_stored(&effective, ledger))?;
    let newest = ledger.applied.iter().map(|row| row.version.as_str()).max().unwrap_or_default();
    let migrations = applied_through(&effective, ledger, &stored, newest)?;
    let label = format!("the applied migrations ({})", migrations.len());
    let folder = Folder { path: disk.path.clone(), migrations, ..Folder::default() };
    let major = u32::try_from(ledger.facts.server_version / 10_000).ok();
    let needs = Needs { major, ..Needs::default() };
    let prepared = sources::replayed(folder, &label, cx, command, needs)?;
    Ok(catalog(prepared, cx)?.0.as_of(ledger.facts.server_version))
}
