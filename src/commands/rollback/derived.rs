//! Ways back for migrations that have none: derived from two replays in shadow databases, proved, weighed on the live database,
//! shown, and agreed to.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};

use crate::commands::open::Chosen;
use crate::commands::sources::{self, Needs, catalog};
use crate::context::Context;
use crate::engine::catalog::Catalog;
use crate::engine::derive::{Derived, applied_through, derive, has_down, only_stored};
use crate::engine::ledger::Ledger;
use crate::engine::ledger::store::StoredSql;
use crate::engine::migrations::replaced::Effective;
use crate::engine::migrations::squash::data;
use crate::engine::migrations::{Folder, OnDisk};
use crate::engine::shadow::major;
use crate::engine::source::Source;
use crate::engine::weigh::weigh;
use crate::exit::CommandError;
use crate::pg::session::Session;

/// What the ways back are derived from.
pub(super) struct Deriving<'a> {
    pub(super) cx: &'a Context,
    pub(super) chosen: &'a Chosen,
    pub(super) ledger: &'a Ledger,
    pub(super) folder: &'a Folder,
    /// `--derive`: agreed beforehand.
    pub(super) agreed: bool,
    /// `--dry-run`: nothing is to be agreed to.
    pub(super) dry_run: bool,
}

impl Deriving<'_> {
    /// The SQL of those of these versions that have no way back, where a person can agree to it or has.
    pub(super) fn run(&self, versions: &[String], session: &mut Session) -> Result<BTreeMap<String, String>> {
        let Self { cx, ledger, folder, .. } = self;
        let mut found = BTreeMap::new();
        if !self.agreed && (!cx.ui.is_interactive() || cx.ui.is_json()) {
            return Ok(found);
        }
        let effective = folder.effective(ledger);
        let stored = self.chosen.stored(self.ledger, &only_stored(&effective, self.ledger))?;
        let lacking = |version: &&String| {
            !has_down(effective.find(version), stored.iter().find(|row| row.version == **version))
        };
        let mut catalogs = BTreeMap::new();
        for version in versions.iter().filter(lacking) {
            let name = effective.find(version).map_or(version.as_str(), |one| one.name.as_str());
            let derived =
                self.one(version, &effective, &stored, &mut catalogs, session).with_context(|| {
                    format!("`{name}` has no down.sql, and none can be derived; nothing was undone")
                })?;
            found.insert(version.clone(), derived.sql());
        }
        if !found.is_empty() && !self.agreed && !self.dry_run && !cx.ui.confirm("Undo it with this SQL?")? {
            return Err(CommandError::Declined.into());
        }
        Ok(found)
    }

    fn one(
        &self,
        version: &str,
        effective: &Effective<'_>,
        stored: &[StoredSql],
        catalogs: &mut BTreeMap<Vec<String>, Catalog>,
        session: &mut Session,
    ) -> Result<Derived> {
        let cx = self.cx;
        let mut through = applied_through(effective, self.ledger, stored, version)?;
        let major = major(session);
        let after = replayed(&through, catalogs, major, cx)?;
        let migration = through.pop().context("it is applied")?;
        let before = replayed(&through, catalogs, major, cx)?;
        let (mut derived, wishes) = derive(&migration, &before, &after)?;
        if !derived.plan.is_empty() {
            let needs = Needs { major: Some(major), ..Needs::default() };
            let mut held = sources::prepare(&Source::Empty, cx, "rollback", needs)?.open_quietly(cx)?;
            let _progress = cx.ui.progress("proving the way back in a shadow database");
            let bookkeeping = &cx.config.bookkeeping_schema.value;
            derived.prove((&before, &after), &wishes, bookkeeping, held.session())?;
        }
        weigh(session, &mut derived.plan)?;
        self.tell(&derived, &migration)?;
        Ok(derived)
    }

    fn tell(&self, derived: &Derived, migration: &OnDisk) -> Result<()> {
        let ui = &self.cx.ui;
        if !self.dry_run {
            let proved = match derived.plan.is_empty() {
                true => "it changed nothing in the catalog",
                false => "proved: undone, applied again and undone, with rows",
            };
            let sql = derived.sql();
            ui.note(&format!("-- {}: derived from the catalog; {proved}\n{}", derived.name, sql.trim_end()));
        }
        for loss in derived.losses() {
            ui.warn(&format!("{}: undoing it loses {loss}", derived.name));
        }
        for data in data(migration)? {
            ui.warn(&format!(
                "{}: the rows that its {} (up.sql:{}) changed stay as they are, unless their tables go",
                derived.name, data.verb, data.line
            ));
        }
        Ok(())
    }
}

/// The catalog that these migrations make.
fn replayed(
    migrations: &[OnDisk],
    known: &mut BTreeMap<Vec<String>, Catalog>,
    major: u32,
    cx: &Context,
) -> Result<Catalog> {
    let key: Vec<String> = migrations.iter().map(|one| one.version.clone()).collect();
    if let Some(catalog) = known.get(&key) {
        return Ok(catalog.clone());
    }
    let folder = Folder { migrations: migrations.to_vec(), ..Folder::default() };
    let label = match migrations.last() {
        Some(last) => format!("the migrations through {}", last.name),
        None => "no migration".to_owned(),
    };
    let needs = Needs { major: Some(major), ..Needs::default() };
    let (made, _) = catalog(sources::replayed(folder, &label, cx, "rollback", needs)?, cx)?;
    known.insert(key, made.clone());
    Ok(made)
}
