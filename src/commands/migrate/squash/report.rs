//! What `migrate squash` has to show.

use std::path::Path;

use serde::Serialize;

use crate::commands::said::migrations;
use crate::engine::migrations::OnDisk;
use crate::engine::migrations::replaced::KEPT;
use crate::engine::migrations::squash::{Data, Squashed};
use crate::engine::proof::Proof;
use crate::ui::{Page, Report, Tone};

use super::super::around::seen_from;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SquashReport {
    version: String,
    name: String,
    pub(super) dry_run: bool,
    #[serde(skip)]
    pub(super) folder: String,
    pub(super) files: Vec<String>,
    replaces: Vec<String>,
    carried: Vec<Statement>,
    dropped: Vec<Statement>,
    transactional: bool,
    up: String,
    down: String,
    rows_kept: u64,
    tables: usize,
}

/// A statement that changes rows.
#[derive(Debug, Serialize)]
struct Statement {
    file: String,
    line: u32,
    verb: String,
}

impl SquashReport {
    pub(super) fn new(
        squashed: &Squashed,
        old: &[&OnDisk],
        (carried, dropped): (&[Data], &[Data]),
        proof: Proof,
        root: &Path,
    ) -> Self {
        let statement = |data: &Data| Statement {
            file: seen_from(root, &data.path),
            line: data.line,
            verb: data.verb.clone(),
        };
        Self {
            version: squashed.version.clone(),
            name: squashed.name(),
            dry_run: false,
            folder: String::new(),
            files: Vec::new(),
            replaces: old.iter().map(|one| one.name.clone()).collect(),
            carried: carried.iter().map(statement).collect(),
            dropped: dropped.iter().map(statement).collect(),
            transactional: squashed.new.transactional,
            up: squashed.new.up.clone(),
            down: squashed.new.down.clone().unwrap_or_default(),
            rows_kept: proof.rows,
            tables: proof.tables,
        }
    }
}

impl Report for SquashReport {
    fn text(&self, page: &mut Page) {
        for (what, all) in [("carried over", &self.carried), ("left out", &self.dropped)] {
            for Statement { file, line, verb } in all {
                page.line(&format!("{} {file}:{line}: {verb}", page.paint(Tone::Warn, what)));
            }
        }
        let place = format!("{}/{}", self.folder, self.name);
        let kept = format!("{}/{KEPT}/{}", self.folder, self.name);
        if self.dry_run {
            page.line(&format!("-- {place}/up.sql\n{}", self.up.trim_end()));
            page.line(&format!("-- {place}/down.sql\n{}", self.down.trim_end()));
            for name in &self.replaces {
                page.line(&format!("would move {name} into {kept}"));
            }
        }
        for file in &self.files {
            page.line(&format!("{} {file}", page.paint(Tone::Good, "wrote")));
        }
        if !self.dry_run {
            let moved = migrations(self.replaces.len());
            page.line(&format!("{} {moved} into {kept}", page.paint(Tone::Good, "moved")));
        }
        page.line(
            "proved: applied, undone and applied again; the same schema and as many rows as those that it replaces",
        );
        if !self.dry_run {
            page.line("next: commit both folders; the next deploy or migrate of each database records it");
        }
    }
}

/// A squash that was stopped is finished.
#[derive(Debug, Serialize)]
pub(super) struct Finished {
    pub(super) folder: String,
}

impl Report for Finished {
    fn text(&self, page: &mut Page) {
        page.line(&format!("{}: all replaced migrations are where they belong", self.folder));
    }
}
