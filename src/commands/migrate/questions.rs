//! What nobody but a person can know: the name, what was renamed, what rows get. Asked on a terminal; without one, refused with
//! the flag that answers.

use anyhow::Result;

use crate::context::Context;
use crate::engine::catalog::{Catalog, Id, Kind};
use crate::engine::migrations::write;
use crate::engine::plan::{Hazard, Plan, Step, Wishes};
use crate::exit::CommandError;
use crate::ui::Answer;

use crate::commands::drafts::slug;

use super::three::Three;

/// The new migration's slug.
pub(super) fn name(said: Option<&str>, asks: bool, three: &Three, cx: &Context) -> Result<String> {
    if let Some(said) = said {
        return slug(said);
    }
    let suggestion = suggestion(three);
    if !asks {
        return Ok(suggestion);
    }
    if !cx.ui.is_interactive() || cx.ui.is_json() {
        return Err(CommandError::Refused {
            why: format!(
                "the migrations do not make what {} says, and the migration between them needs a name",
                three.label
            ),
            remedy: format!("name it: `--name {suggestion}`"),
        }
        .into());
    }
    cx.ui.note(&format!("{} differs from what the migrations make:", three.label));
    shown(three).iter().for_each(|line| cx.ui.note(line));
    loop {
        match cx.ui.ask(&format!("Name of the new migration [{suggestion}]"))? {
            Answer::Text(text) if text.is_empty() => return Ok(suggestion),
            Answer::Text(text) => match slug(&text) {
                Ok(slug) => return Ok(slug),
                Err(error) => cx.ui.warn(&error.to_string()),
            },
            Answer::End => return Err(CommandError::Declined.into()),
        }
    }
}

/// How many differences are listed before the name is asked.
const LISTED: usize = 12;

fn shown(three: &Three) -> Vec<String> {
    let changes = &three.changes;
    let sign = |id: &Id| match (three.migrations.fact(id), three.wanted.fact(id)) {
        (None, _) => '+',
        (_, None) => '-',
        _ => '~',
    };
    let mut lines: Vec<String> =
        changes.iter().take(LISTED).map(|id| format!("  {} {id}", sign(id))).collect();
    if changes.len() > LISTED {
        lines.push(format!("  … and {} more", changes.len() - LISTED));
    }
    lines
}

/// What one would call it.
fn suggestion(three: &Three) -> String {
    let changes = &three.changes;
    let is_new = |id: &Id| three.migrations.fact(id).is_none();
    let is_gone = |id: &Id| three.wanted.fact(id).is_none();
    let whole = |id: &&Id| id.kind == Kind::Table && (is_new(id) || is_gone(id));
    let part = |id: &&Id| id.kind == Kind::Column;
    let Some(id) = changes.iter().find(whole).or(changes.iter().find(part)).or(changes.first()) else {
        return "changes".to_owned();
    };
    let text = match (id.kind == Kind::Column, is_new(id), is_gone(id)) {
        (true, true, _) => format!("add {} to {}", id.sub, id.name),
        (true, _, true) => format!("drop {} from {}", id.sub, id.name),
        (_, true, _) => format!("create {}", own(id)),
        (_, _, true) => format!("drop {}", own(id)),
        _ => format!("change {}", own(id)),
    };
    write::slug(&text).unwrap_or_else(|_| "changes".to_owned())
}

fn own(id: &Id) -> &str {
    let is_part = matches!(id.kind, Kind::Column | Kind::Constraint | Kind::Trigger | Kind::Policy);
    if is_part { &id.sub } else { &id.name }
}

/// Something that fails with the rows that are there.
#[derive(Debug, PartialEq, Eq)]
enum Open<'a> {
    Fill(&'a Id, &'a Hazard),
    Using(&'a Id, &'a Hazard),
    Unanswerable(&'a Hazard),
}

/// Put into the wishes what rows get. Whether anything was added, so that there is another plan.
pub(super) fn values(plan: &Plan, new: &Catalog, wishes: &mut Wishes, cx: &Context) -> Result<bool> {
    let open = open(plan, new);
    if open.is_empty() {
        return Ok(false);
    }
    let known = |id: &Id, wishes: &Wishes| wishes.fill.contains_key(id) || wishes.using.contains_key(id);
    let mut refused = Vec::new();
    let mut flags = Vec::new();
    let mut added = false;
    for one in &open {
        let (id, hazard, flag, question) = match one {
            Open::Fill(id, hazard) => (id, hazard, "fill", "its value in the rows that are there"),
            Open::Using(id, hazard) => (id, hazard, "using", "its value as the new type takes it"),
            Open::Unanswerable(hazard) => {
                refused.push(hazard.to_string());
                continue;
            }
        };
        if known(id, wishes) || !cx.ui.is_interactive() || cx.ui.is_json() {
            refused.push(hazard.to_string());
            flags.push(format!("`--{flag} '{}.{}=EXPRESSION'`", id.path(), id.own()));
            continue;
        }
        cx.ui.note(&hazard.to_string());
        let answer = cx.ui.ask(&format!("{}.{}: {question}, as SQL", id.path(), id.own()))?;
        let Answer::Text(value) = answer else { return Err(CommandError::Declined.into()) };
        if value.is_empty() {
            return Err(CommandError::Declined.into());
        }
        let answers = if flag == "fill" { &mut wishes.fill } else { &mut wishes.using };
        answers.insert((*id).clone(), value);
        added = true;
    }
    if refused.is_empty() {
        return Ok(added);
    }
    let remedy = match flags.is_empty() {
        true => "change the rows first, or write the migration and edit it: `--create-only`".to_owned(),
        false => format!("say what these rows get: {}; or `--create-only`, and edit it", flags.join(" ")),
    };
    let why = format!("this would fail with the rows of your database\n  {}", refused.join("\n  "));
    Err(CommandError::Refused { why, remedy }.into())
}

fn open<'a>(plan: &'a Plan, new: &Catalog) -> Vec<Open<'a>> {
    let mut open = Vec::new();
    for step in &plan.steps {
        for hazard in &step.hazards {
            if !matches!(hazard, Hazard::WillFail { now: Some(true), .. }) {
                continue;
            }
            let is_column = step.about.kind == Kind::Column && new.fact(&step.about).is_some();
            open.push(match is_column {
                true if step.sql.contains(" TYPE ") => Open::Using(&step.about, hazard),
                true => Open::Fill(&step.about, hazard),
                false => Open::Unanswerable(hazard),
            });
        }
    }
    open.dedup();
    open
}

/// What a plan loses of the rows that are there.
pub(super) fn losses(plan: &Plan) -> Vec<String> {
    let is_there = |hazard: &&Hazard| {
        matches!(hazard, Hazard::DataLoss { .. }) && !matches!(hazard, Hazard::DataLoss { rows: Some(0), .. })
    };
    let said = |step: &Step| -> Vec<String> {
        step.hazards.iter().filter(is_there).map(|hazard| step.said(hazard)).collect()
    };
    plan.steps.iter().flat_map(said).collect()
}
