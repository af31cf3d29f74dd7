//! A proved stage as the files of a migration.

use crate::engine::migrations::write::New;
use crate::engine::plan::{Hazard, Plan};

use super::{Proved, Stage, losses};

impl Proved {
    /// The migrations, in order; a second one of the same name has its number.
    pub fn migrations(&self, slug: &str) -> Vec<New> {
        let name = |at: usize| if at == 0 { slug.to_owned() } else { format!("{slug}_{}", at + 1) };
        let new = |(at, stage): (usize, &Stage)| New {
            slug: name(at),
            up: stage.up_sql(),
            down: Some(stage.down_sql()),
            transactional: stage.in_transaction,
            more: Vec::new(),
        };
        self.stages.iter().enumerate().map(new).collect()
    }
}

/// The migrations of a plan that nobody has proved yet; what undoes them is not known.
pub fn drafted(plan: &Plan, slug: &str) -> Vec<New> {
    let unproved = Proved { stages: super::stages(plan), ..Proved::default() };
    unproved.migrations(slug).into_iter().map(|new| New { down: None, ..new }).collect()
}

impl Stage {
    /// up.sql.
    pub fn up_sql(&self) -> String {
        statements(&self.up)
    }

    /// down.sql: first what it does not bring back, and what it loses.
    pub fn down_sql(&self) -> String {
        let mut text = String::new();
        let mut list = |head: &str, what: Vec<String>| {
            if !what.is_empty() {
                text.push_str(&format!("-- {head}\n"));
                what.iter().for_each(|what| text.push_str(&format!("--   {}\n", one_line(what))));
            }
        };
        let mut gone = losses(&self.up);
        gone.extend(self.up.steps.iter().flat_map(|step| &step.hazards).filter_map(|hazard| match hazard {
            Hazard::LossyDown { what } => Some(what.clone()),
            _ => None,
        }));
        list("Cannot be brought back:", gone);
        list("Loses:", losses(&self.down));
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&match self.down.is_empty() {
            true => "-- There is nothing to undo.\nSELECT 1;\n".to_owned(),
            false => statements(&self.down),
        });
        text
    }
}

/// The statements of a plan as a file of a migration: who runs it sees to transactions.
fn statements(plan: &Plan) -> String {
    let mut text = plan.settings().to_owned();
    for (at, step) in plan.steps.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        text.push_str(&format!("{step};\n"));
    }
    text
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}
