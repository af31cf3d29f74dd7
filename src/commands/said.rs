//! Flags and pieces of reports that several commands share.

use std::path::Path;

use clap::Args;
use serde::Serialize;

use crate::engine::migrations::plan::Allow;
use crate::engine::migrations::{Plan, Step};

/// The trouble that a run goes on with.
#[derive(Debug, Args)]
pub(crate) struct AllowArgs {
    /// Apply migrations that are older than the newest applied one
    #[arg(long)]
    allow_out_of_order: bool,

    /// Go on although an applied migration was edited
    #[arg(long)]
    allow_edited: bool,

    /// Go on although the folder of an applied migration is gone
    #[arg(long)]
    allow_missing: bool,
}

impl AllowArgs {
    pub(crate) fn allow(&self) -> Allow {
        Allow {
            out_of_order: self.allow_out_of_order,
            edited: self.allow_edited,
            missing: self.allow_missing,
        }
    }
}

/// A migration in a report.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    pub(crate) version: String,
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duration_ms: Option<u128>,
}

/// The steps of a plan, with how long each took where they were run.
pub(crate) fn items(plan: &Plan, took: Option<&[u128]>) -> Vec<Item> {
    plan.steps
        .iter()
        .enumerate()
        .map(|(index, step)| Item {
            version: step.version.clone(),
            name: step.name.clone(),
            duration_ms: took.and_then(|took| took.get(index).copied()),
        })
        .collect()
}

/// The squashed migrations that a plan records in the place of those that they replace.
pub(crate) fn marked(plan: &Plan) -> Vec<String> {
    plan.marks.iter().map(|mark| mark.squashed.name.clone()).collect()
}

/// The SQL of each step below a comment that says where it comes from.
pub(crate) fn sql_of(plan: &Plan, root: &Path) -> Vec<String> {
    let text = |step: &Step| match step.body.text() {
        Some(text) => text.trim_end().to_owned(),
        None => format!("-- {} of SQL, not shown", indicatif::HumanBytes(step.body.bytes())),
    };
    plan.steps.iter().map(|step| format!("-- {}\n{}", step.origin(root), text(step))).collect()
}

/// `1 migration`, `5 migrations`.
pub(crate) fn migrations(n: usize) -> String {
    if n == 1 { "1 migration".into() } else { format!("{n} migrations") }
}

/// A size for people.
pub(crate) fn size(bytes: i64) -> String {
    indicatif::HumanBytes(u64::try_from(bytes).unwrap_or(0)).to_string()
}
