//! What `pgkeel migrate` reports.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;

use crate::context::Context;
use crate::engine::catalog::read::read;
use crate::engine::ledger::Ledger;
use crate::engine::migrations::write::Written;
use crate::ui::{Page, Report, Tone};

use crate::commands::drafts::Made;
use crate::commands::generated::{self, Generated};
use crate::commands::open::Chosen;
use crate::commands::said::{Item, migrations};

/// The result of a run.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MigrateReport {
    pub(super) database: String,
    pub(super) created_database: bool,
    pub(super) dry_run: bool,
    pub(super) applied: Vec<Item>,
    /// New migrations.
    pub(super) migrations: Vec<Made>,
    /// The database had their changes already, and they were only recorded.
    pub(super) recorded: bool,
    /// What was generated from the catalog.
    pub(super) generated: Vec<Generated>,
    /// What the database has that no migration makes.
    pub(super) drift: Vec<String>,
    /// The SQL of what is pending.
    #[serde(skip)]
    pub(super) sql: Vec<String>,
    /// What was compared, where nothing differs.
    #[serde(skip)]
    pub(super) same: Option<String>,
    /// Nothing was to be applied.
    #[serde(skip)]
    pub(super) create_only: bool,
}

impl MigrateReport {
    pub(super) fn of(ledger: &Ledger) -> Self {
        Self { database: ledger.facts.database.clone(), ..Self::default() }
    }

    /// Write what is generated from the database's catalog.
    pub(super) fn generate(&mut self, cx: &Context, chosen: &Chosen) -> Result<()> {
        let sections = generated::sections(cx)?;
        if sections.iter().all(|section| section.file.is_none()) {
            return Ok(());
        }
        let catalog = read(&mut chosen.opening.connect()?, &cx.config.bookkeeping_schema.value)?;
        self.generated = generated::write(cx, &catalog, &sections)?;
        Ok(())
    }

    /// Whether there is something to tell although the rest failed.
    pub(super) fn did_something(&self) -> bool {
        self.created_database || !self.applied.is_empty() || !self.migrations.is_empty()
    }

    /// It, in a sentence.
    pub(super) fn done(&self) -> String {
        let names: Vec<&str> = self.applied.iter().map(|item| item.name.as_str()).collect();
        match names.is_empty() {
            true => "nothing was applied".to_owned(),
            false => format!("applied {}, and then", names.join(", ")),
        }
    }

    fn last(&self) -> String {
        let what = match (self.applied.len(), self.dry_run) {
            (0, _) if self.recorded => {
                format!("recorded {}: the changes were there already", migrations(self.migrations.len()))
            }
            (n, true) if !self.migrations.is_empty() => {
                let new = self.migrations.len();
                format!("would write {} and apply {}", migrations(new), migrations(n + new))
            }
            (0, _) => "nothing to apply".to_owned(),
            (n, true) => format!("would apply {}", migrations(n)),
            (n, false) => format!("applied {}", migrations(n)),
        };
        let same = self.same.as_ref().map(|label| format!("; the migrations make what {label} says"));
        format!("{}: {what}{}", self.database, same.unwrap_or_default())
    }
}

impl Report for MigrateReport {
    fn text(&self, page: &mut Page) {
        if self.created_database {
            page.line(&format!("{} database {}", page.paint(Tone::Good, "created"), self.database));
        }
        for sql in &self.sql {
            page.line(sql);
        }
        if self.dry_run {
            self.migrations.iter().for_each(|made| page.line(&made.sql()));
        }
        self.migrations.iter().for_each(|made| made.text(page));
        if !self.dry_run {
            for item in &self.applied {
                let took = item.duration_ms.map_or_else(String::new, |ms| format!("  {ms} ms"));
                page.line(&format!("{} {}{took}", page.paint(Tone::Good, "applied"), item.name));
            }
        }
        for file in self.generated.iter().filter(|file| file.is_new()) {
            page.line(&file.said());
        }
        match self.create_only {
            true if self.migrations.is_empty() => {
                let label = self.same.as_deref().unwrap_or("the database");
                page.line(&format!("nothing to write: the migrations make what {label} says"));
            }
            true => page.line("next: look at it, then `pgkeel migrate` applies it"),
            false => page.line(&self.last()),
        }
    }
}

/// A folder that is to be filled by hand.
#[derive(Debug, Serialize)]
pub(super) struct NewReport {
    version: String,
    files: Vec<PathBuf>,
}

impl NewReport {
    pub(super) fn new(written: Written, root: &Path) -> Self {
        let shown = |path: PathBuf| path.strip_prefix(root).map(PathBuf::from).unwrap_or(path);
        Self { version: written.version, files: written.files.into_iter().map(shown).collect() }
    }
}

impl Report for NewReport {
    fn text(&self, page: &mut Page) {
        for file in &self.files {
            page.line(&format!("{} {}", page.paint(Tone::Good, "wrote"), file.display()));
        }
        page.line("next: write the SQL, then `pgkeel migrate`");
    }
}
