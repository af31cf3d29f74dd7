//! A catalog as a file that people read: one block per table with all that belongs to it, in an order in which every statement
//! finds what it needs. It renders no DDL: the statements are those of a plan from nothing; only `prove` takes a connection.

mod blocks;
mod file;
mod order;
mod prove;
#[cfg(test)]
mod tests;

use crate::engine::catalog::{Catalog, Fact, Id, Kind, Scope};
use crate::engine::plan::{Hazard, Plan, PlanError, Step, Wishes, plan};

pub use blocks::owner;
pub use file::{Hand, hand, with_header};
pub use prove::{Unproved, Wanted, prove};

/// What was pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// The statements in blocks, without a header.
    pub body: String,
    /// What somebody has to complete by hand, such as a password, and what there is to do.
    pub by_hand: Vec<(Id, String)>,
}

/// The statements that turn an empty database into one of this catalog.
///
/// # Errors
/// See `PlanError`: what PostgreSQL has no statement for.
pub fn pulled(empty: &Catalog, catalog: &Catalog, scope: Scope) -> Result<Pulled, PlanError> {
    let plan = plan(empty, catalog, &Wishes { scope, ..Wishes::default() })?;
    let by_hand = |step: &Step| {
        let hazard = step.hazards.iter().find(|hazard| matches!(hazard, Hazard::ByHand { .. }))?;
        Some((step.about.clone(), step.said(hazard)))
    };
    Ok(Pulled { body: text(&plan, catalog), by_hand: plan.steps.iter().filter_map(by_hand).collect() })
}

/// A database that nothing was done to, as far as it can be told from another one of the same server: for where no empty one
/// can be looked at. What was granted on the schema `public` then counts as granted from the beginning.
pub fn presumed_empty(catalog: &Catalog) -> Catalog {
    let public = Id::new(Kind::Schema, "", "public", "");
    let comment = Some("standard public schema");
    let facts: Vec<Fact> =
        catalog.fact(&public).map(|fact| fact.with("comment", comment)).into_iter().collect();
    Catalog::new(catalog.server, catalog.role.clone(), facts, &[], Vec::new())
}

fn text(plan: &Plan, catalog: &Catalog) -> String {
    let mut text = String::new();
    if plan.steps.iter().any(has_body) {
        // A body may speak of what comes after it.
        text.push_str("SET check_function_bodies = off;\n");
    }
    for paragraph in order::paragraphs(&plan.steps, catalog) {
        if !text.is_empty() {
            text.push('\n');
        }
        for at in paragraph {
            let step = &plan.steps[at];
            for hazard in step.hazards.iter().filter(|hazard| matches!(hazard, Hazard::ByHand { .. })) {
                text.push_str(&format!("-- {}: {}\n", hazard.word(), step.said(hazard)));
            }
            text.push_str(&format!("{};\n", step.sql));
        }
    }
    text
}

/// Whether the server would look at a routine's body.
fn has_body(step: &Step) -> bool {
    let is_routine = matches!(step.about.kind, Kind::Function | Kind::Procedure);
    is_routine && ["CREATE ", "CREATE OR REPLACE "].iter().any(|start| step.sql.starts_with(start))
}
