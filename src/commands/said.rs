//! Pieces of reports that several commands share.

use std::path::Path;

use serde::Serialize;

use crate::engine::migrations::{Plan, Step};

/// A migration in a report.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    pub(crate) version: String,
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duration_ms: Option<u128>,
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
