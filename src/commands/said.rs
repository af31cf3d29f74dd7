//! Flags and pieces of reports that several commands share, and the project's migrations.

use std::path::Path;

use anyhow::Result;

use clap::Args;
use serde::Serialize;

use crate::config::Origin;
use crate::context::Context;
use crate::engine::migrations::plan::Allow;
use crate::engine::migrations::{Folder, NoMigrations, Plan, Standing, Step};
use crate::exit::CommandError;

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

/// The project's migrations. A missing folder is an error, and so is one that another tool laid out: it must not pass
/// for a project that has nothing to apply.
pub(crate) fn project_folder(cx: &Context) -> Result<Folder> {
    let config = &cx.config.migrations;
    let named = match &config.origin {
        Origin::Default => String::new(),
        origin => format!(" ({origin})"),
    };
    Ok(Folder::read_expected(&config.value, &cx.config.root, &named)?)
}

/// The same where a project may have none yet.
pub(crate) fn folder_if_any(cx: &Context) -> Result<Folder> {
    Ok(Folder::read(&cx.config.migrations.value).map_err(NoMigrations::Unread)?)
}

/// How much of a migration's name must be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The beginning: for what changes a database.
    Beginning,
    /// Any part that no other name has: for what only shows.
    Any,
}

/// The version that is meant: by the version, also with dashes as Diesel writes it, by the folder's name, or by a part of
/// that which no other has. `names` are pairs of version and folder's name.
pub(crate) fn meant<'a>(text: &str, names: &[(&'a str, &'a str)], part: Part) -> Result<&'a str> {
    let undashed = text.replace('-', "");
    let exact = |(version, name): &&(&str, &str)| *version == text || *name == text || *version == undashed;
    if let Some((version, _)) = names.iter().find(exact) {
        return Ok(version);
    }
    let begins = |(version, name): &&(&str, &str)| {
        let rest = name.split_once('_').map_or("", |(_, rest)| rest);
        let by_version = !undashed.is_empty() && version.starts_with(&undashed);
        by_version || (!text.is_empty() && name.starts_with(text)) || (part == Part::Any && rest == text)
    };
    let contains = |(_, name): &&(&str, &str)| part == Part::Any && !text.is_empty() && name.contains(text);
    let mut found: Vec<_> = names.iter().filter(begins).collect();
    if found.is_empty() {
        found = names.iter().filter(contains).collect();
    }
    let (message, hint) = match found.as_slice() {
        [(version, _)] => return Ok(version),
        [] => (format!("there is no migration `{text}`"), "`pgkeel migrate list` shows all"),
        several => {
            let names: Vec<String> = several.iter().map(|(_, name)| format!("`{name}`")).collect();
            (format!("`{text}` may mean {}", names.join(", ")), "give more of the name, or the version")
        }
    };
    Err(CommandError::Usage { message, hint: hint.into() }.into())
}

/// The same among all that the folder and the database know.
pub(crate) fn version(text: &str, standing: &Standing) -> Result<String> {
    let names: Vec<_> =
        standing.entries.iter().map(|one| (one.version.as_str(), one.name.as_str())).collect();
    meant(text, &names, Part::Beginning).map(str::to_owned)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_migration_is_meant_by_version_name_or_part() {
        let names = [("1", "1_users"), ("2", "2_users_email"), ("20", "20_plan"), ("21", "21_plan_price")];
        let check = |text: &str, expected: Result<&str, &str>| {
            let found = meant(text, &names, Part::Any).map_err(|error| error.to_string());
            assert_eq!(found.as_deref().map_err(|error| error.as_str()), expected);
        };
        check("1", Ok("1"));
        check("2", Ok("2"));
        check("20_plan", Ok("20"));
        check("email", Ok("2"));
        check("plan", Ok("20"));
        check("users", Ok("1"));
        check("user", Err("`user` may mean `1_users`, `2_users_email`"));
        check("21", Ok("21"));
        check("x", Err("there is no migration `x`"));
        check("", Err("there is no migration ``"));
    }
}
