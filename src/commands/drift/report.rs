//! What `drift` shows: each object that differs, what it was compared with, and what to do next.

use serde::Serialize;

use crate::commands::compared::Compared;
use crate::commands::drafts::Made;
use crate::commands::drifting::{Basis, Sides};
use crate::commands::said::migrations;
use crate::engine::plan::{Candidate, Plan, Wishes};
use crate::ui::{Page, Report, Tone};

/// The result.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DriftReport {
    database: String,
    drift: &'static str,
    /// How many objects differ, a table with its parts being one.
    objects: usize,
    compared_with: With,
    ignored: usize,
    #[serde(flatten)]
    compared: Compared,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    refreshed: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    migrations: Vec<Made>,
}

/// The other side.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct With {
    what: &'static str,
    label: String,
    /// Whether the applied migrations are known to make it.
    proved: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    applied: usize,
}

impl With {
    fn of(basis: &Basis, applied: usize) -> Self {
        let label = || format!("its {}", migrations(applied));
        let (what, label, proved, because) = match basis {
            Basis::Stored => ("stored", label(), true, None),
            Basis::Unproved { why, .. } => ("stored", label(), false, Some(why.clone())),
            Basis::Replay { why } => ("replay", label(), true, Some(why.clone())),
            Basis::Source { label } => ("source", label.clone(), true, None),
        };
        Self { what, label, proved, because, applied }
    }
}

impl DriftReport {
    pub(super) fn new(
        database: &str,
        applied: usize,
        sides: &Sides,
        wishes: &Wishes,
        home: &Plan,
        unsaid: &[Candidate],
    ) -> Self {
        let compared_with = With::of(&sides.basis, applied);
        let from = match sides.basis {
            Basis::Source { .. } => compared_with.label.clone(),
            _ => "migrations".to_owned(),
        };
        let labels = (from, format!("database {database}"));
        let objects = sides.objects();
        let compared = Compared::new(labels, (&sides.expected, &sides.live), wishes, home, None, unsaid);
        Self {
            database: database.to_owned(),
            drift: if objects == 0 { "none" } else { "differs" },
            objects,
            compared_with,
            ignored: sides.ignored,
            compared,
            refreshed: false,
            migrations: Vec::new(),
        }
    }

    /// The same of what was just stored.
    pub(super) fn refreshed(self) -> Self {
        Self { refreshed: true, ..self }
    }

    /// The same with the migrations that were made of it, which leave nothing that differs.
    pub(super) fn fixed(self, migrations: Vec<Made>) -> Self {
        Self { migrations, ..self }
    }

    pub(super) fn is_same(&self) -> bool {
        self.drift == "none"
    }

    /// What is to be said beside the SQL.
    pub(super) fn notes(&self) -> Vec<String> {
        if self.is_same() { vec![self.verdict()] } else { self.compared.notes() }
    }

    fn verdict(&self) -> String {
        let Self { database, objects, compared_with: With { label, proved, .. }, .. } = self;
        match (self.is_same(), self.compared_with.what, objects) {
            (true, "source", _) => format!("{database}: no difference from {label}"),
            (true, _, _) if !proved => format!("{database}: no drift since what is expected was stored"),
            (true, _, _) => format!("{database}: no drift from {label}"),
            (false, _, 1) => format!("{database}: 1 object differs from {label}"),
            (false, _, objects) => format!("{database}: {objects} objects differ from {label}"),
        }
    }
}

impl Report for DriftReport {
    fn text(&self, page: &mut Page) {
        if self.refreshed {
            let stored = page.paint(Tone::Good, "stored");
            page.line(&format!("{stored} what {} make as what is expected", self.compared_with.label));
        }
        if !self.is_same() {
            self.compared.text(page);
        }
        if !self.migrations.is_empty() {
            self.migrations.iter().for_each(|made| made.text(page));
            page.line(&format!(
                "{}: recorded as applied here; nothing in the database was touched, and there is no drift now",
                self.database
            ));
            return;
        }
        page.line(&self.verdict());
        if self.ignored > 0 {
            let some =
                if self.ignored == 1 { "1 object".into() } else { format!("{} objects", self.ignored) };
            page.line(&format!("{some} left out by `[drift] ignore`"));
        }
        if !self.is_same() && self.compared_with.what != "source" {
            page.line("next: `pgkeel drift --sql` prints the SQL that leads back; `pgkeel drift --fix --name NAME` makes a migration of it");
        }
    }
}
