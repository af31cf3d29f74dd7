//! What `migrate squash` has to show.

use std::path::Path;

use serde::Serialize;

use crate::commands::said::migrations;
use crate::engine::migrations::OnDisk;
use crate::engine::migrations::replaced::KEPT;
use crate::engine::migrations::squash::Data;
use crate::ui::{Page, Report, Tone};

use super::super::around::seen_from;
use super::proved::Done;

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
    left_out: Vec<Statement>,
    same_rows: bool,
    transactional: bool,
    up: String,
    down: String,
    rows_kept: u64,
    tables: usize,
}

/// A statement that no catalog shows.
#[derive(Debug, Serialize)]
struct Statement {
    file: String,
    line: u32,
    verb: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl SquashReport {
    pub(super) fn new(done: &Done, old: &[&OnDisk], root: &Path) -> Self {
        let statement = |data: &Data, why: Option<&String>| Statement {
            file: seen_from(root, &data.path),
            line: data.line,
            verb: data.verb.clone(),
            why: why.cloned(),
        };
        let Done { squashed, proof, carried, left_out, same_rows } = done;
        Self {
            version: squashed.version.clone(),
            name: squashed.name(),
            dry_run: false,
            folder: String::new(),
            files: Vec::new(),
            replaces: old.iter().map(|one| one.name.clone()).collect(),
            carried: carried.iter().map(|data| statement(data, None)).collect(),
            left_out: left_out.iter().map(|(data, why)| statement(data, Some(why))).collect(),
            same_rows: *same_rows,
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
        for (what, all) in [("carried over", &self.carried), ("left out", &self.left_out)] {
            for Statement { file, line, verb, why } in all {
                let why = why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
                page.line(&format!("{} {file}:{line}: {verb}{why}", page.paint(Tone::Warn, what)));
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
        let rows = if self.same_rows { " and the same rows" } else { "" };
        page.line(&format!(
            "proved: applied, undone and applied again; the same schema{rows} as those that it replaces"
        ));
        if !self.dry_run {
            page.line("next: commit both folders; the next deploy or migrate of each database records it");
            page.line(
                "where an application runs its embedded migrations itself, no older build of it may start after that: \
                 the old ones would be pending for it",
            );
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
