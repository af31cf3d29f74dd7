//! What a plan's hazards mean for the rows that are there: how many are lost, and whether a statement will fail. Reads only.

use anyhow::Result;

use crate::context::Context;
use crate::engine::plan::{Hazard, Plan};
use crate::engine::source::Source;
use crate::pg::error::PgError;

use super::sources::{self, Needs};

/// No question to a live database takes longer.
const PATIENCE: &str = "SET statement_timeout = '5s'";

/// Ask the live database, and write the answers into the hazards.
pub(crate) fn weigh(source: &Source, cx: &Context, plan: &mut Plan) -> Result<()> {
    let asks = |hazard: &Hazard| {
        matches!(hazard, Hazard::DataLoss { table: Some(_), .. } | Hazard::WillFail { probe: Some(_), .. })
    };
    if !plan.steps.iter().flat_map(|step| &step.hazards).any(asks) {
        return Ok(());
    }
    let mut held = sources::open(source, cx, "diff", Needs::default())?;
    let session = held.session();
    session.query(PATIENCE)?;
    let mut ask = |sql: &str| match session.query_value(sql) {
        Ok(value) => Ok(Some(value)),
        // Not to be had in time, or not for this role, or of a column that is only to come.
        Err(PgError::Server(_)) => Ok(None),
        Err(error) => Err(error),
    };
    for hazard in plan.steps.iter_mut().flat_map(|step| &mut step.hazards) {
        match hazard {
            Hazard::DataLoss { what, table: Some(table) } => {
                if let Some(Some(count)) = ask(&format!("SELECT count(*) FROM {table}"))? {
                    // Before what is said of a rename.
                    let at = what.find("; ").unwrap_or(what.len());
                    what.insert_str(at, &format!(" ({count} rows)"));
                }
            }
            Hazard::WillFail { why, probe: Some(probe) } => match ask(probe)? {
                Some(Some(_)) => why.push_str("; and there are such rows now"),
                Some(None) => why.push_str("; now there are none"),
                None => {}
            },
            _ => {}
        }
    }
    Ok(())
}
