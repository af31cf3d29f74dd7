//! What a plan's hazards mean for the rows that are there: how many are lost, and whether a statement will fail. Reads only.

use crate::pg::error::PgError;
use crate::pg::session::Session;

use super::plan::{Hazard, Plan};

/// No question to a live database takes longer; one that would is left without an answer.
const PATIENCE: &str = "SET statement_timeout = '5s'";

/// Ask the database that the plan is to change, and write the answers into the hazards.
///
/// # Errors
/// Where the connection itself fails, or on Ctrl-C.
pub fn weigh(session: &mut Session, plan: &mut Plan) -> Result<(), PgError> {
    let mut patient = false;
    for hazard in plan.steps.iter_mut().flat_map(|step| &mut step.hazards) {
        let question = match hazard {
            Hazard::DataLoss { table: Some(table), .. } => format!("SELECT count(*) FROM {table}"),
            Hazard::WillFail { probe: Some(probe), .. } => probe.clone(),
            _ => continue,
        };
        if !patient {
            session.query(PATIENCE)?;
            patient = true;
        }
        let answer = match session.query_value(&question) {
            Ok(answer) => answer,
            // Not to be had in time, or not for this role, or of a column that is only to come.
            Err(PgError::Server(_)) => continue,
            Err(error) => return Err(error),
        };
        match (hazard, answer) {
            (Hazard::DataLoss { what, .. }, Some(rows)) => what.push_str(&format!(" ({rows} rows)")),
            (Hazard::WillFail { why, .. }, Some(_)) => why.push_str("; and there are such rows now"),
            (Hazard::WillFail { why, .. }, None) => why.push_str("; now there are none"),
            _ => {}
        }
    }
    Ok(())
}
