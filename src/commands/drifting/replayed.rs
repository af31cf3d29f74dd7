//! The catalog that the applied migrations make: replayed in a shadow database, from their folders where those are as they
//! were applied, else from the SQL that is stored.

use anyhow::{Result, bail};

use crate::commands::open::Chosen;
use crate::commands::sources::{self, Needs, catalog};
use crate::context::Context;
use crate::engine::catalog::Catalog;
use crate::engine::ledger::store::StoredSql;
use crate::engine::ledger::{Bookkeeping, Ledger};
use crate::engine::migrations::script::{self, Mode};
use crate::engine::migrations::{Folder, OnDisk, State, reconcile};

/// Replay them.
pub(super) fn replayed(
    cx: &Context,
    chosen: &Chosen,
    ledger: &Ledger,
    command: &'static str,
) -> Result<Catalog> {
    let folder = as_applied(cx, chosen, ledger)?;
    let major = u32::try_from(ledger.facts.server_version / 10_000).ok();
    let label = format!("the applied migrations ({})", folder.migrations.len());
    let needs = Needs { major, ..Needs::default() };
    let prepared = sources::replayed(folder, &label, cx, command, needs)?;
    Ok(catalog(prepared, cx)?.0.as_of(ledger.facts.server_version))
}

/// Exactly the migrations that are applied, as they were.
fn as_applied(cx: &Context, chosen: &Chosen, ledger: &Ledger) -> Result<Folder> {
    let disk = Folder::read(&cx.config.migrations.value)?;
    let standing = reconcile(&disk.migrations, &ledger.applied, &ledger.recorded);
    let is_as_it_was = |version: &str| {
        standing.entries.iter().any(|entry| {
            entry.version == version && matches!(entry.state, State::Applied | State::OutOfOrder)
        })
    };
    let effective = disk.effective(ledger);
    let from_disk = |version: &String| effective.find(version).filter(|_| is_as_it_was(version));
    let versions = ledger.applied.iter().map(|row| row.version.clone());
    // What a squashed migration replaces comes with it.
    let versions: Vec<String> =
        versions.filter(|version| !effective.settled.contains(version.as_str())).collect();
    let gone: Vec<String> = versions.iter().filter(|version| from_disk(version).is_none()).cloned().collect();
    let stored = stored(chosen, ledger, &gone)?;
    let mut folder = Folder { path: disk.path.clone(), ..Folder::default() };
    for version in &versions {
        if let Some(migration) = from_disk(version) {
            folder.migrations.push(migration.clone());
            continue;
        }
        let row = stored.iter().find(|row| row.version == *version);
        let Some((row, up)) = row.and_then(|row| Some((row, row.up_sql.clone()?))) else {
            bail!("neither the folder of the migration {version} as it was applied nor its SQL is to be had");
        };
        let path = disk.path.join(&row.name);
        let mode = if row.transactional { Mode::Transaction } else { Mode::Statements };
        folder.migrations.push(OnDisk {
            version: version.clone(),
            name: row.name.clone(),
            transactional: row.transactional,
            up: script::of_text(&path.join("up.sql"), up, mode)?,
            path,
            down: None,
            findings: Vec::new(),
            replaces: None,
        });
    }
    folder.migrations.sort_by(|a, b| a.version.cmp(&b.version));
    Ok(folder)
}

fn stored(chosen: &Chosen, ledger: &Ledger, gone: &[String]) -> Result<Vec<StoredSql>> {
    let schema = ledger.facts.ledger_schema.as_deref().unwrap_or("public");
    if gone.is_empty() || ledger.facts.bookkeeping != Bookkeeping::Present {
        return Ok(Vec::new());
    }
    if !ledger.facts.trusted {
        bail!(
            "the SQL of {} is stored by a role that `{}` is not a member of, and is not trusted",
            gone.join(", "),
            ledger.facts.role
        );
    }
    Ok(chosen.opening.store()?.stored(schema, gone)?)
}
