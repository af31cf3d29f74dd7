//! What a plan's hazards mean for the rows that are there: how many are lost, and whether a statement will fail. Reads only.

use crate::pg::error::PgError;
use crate::pg::session::Session;

use super::plan::{Hazard, Plan};
use super::untrusted;

/// No question to a live database takes longer; one that would is left without an answer.
/// What people wrote into an expression must not write either, and rows that policies hide are rows (docs, `row_security`:
/// then it is an error, and there is no answer).
const PATIENCE: &str = "SET statement_timeout = '5s'; SET default_transaction_read_only = on; \
    SET row_security = off";

/// The class of errors that are about values (docs, Appendix A).
const DATA_EXCEPTION: &str = "22";

/// Ask the database that the plan is to change, and write the answers into the hazards.
///
/// # Errors
/// Where the connection itself fails, or on Ctrl-C.
pub fn weigh(session: &mut Session, plan: &mut Plan) -> Result<(), PgError> {
    let mut untrusted = None;
    for hazard in plan.steps.iter_mut().flat_map(|step| &mut step.hazards) {
        let question = match hazard {
            Hazard::DataLoss { table: Some(table), .. } => format!("SELECT pg_catalog.count(*) FROM {table}"),
            Hazard::WillFail { probe: Some(probe), .. } => probe.clone(),
            Hazard::WillFail { attempt: Some(attempt), .. } => attempt.clone(),
            _ => continue,
        };
        // No answer where the question would run code of others with our rights.
        if untrusted.is_none() {
            untrusted = Some(untrusted::tables(session)?);
            session.query(&format!("{}{PATIENCE}", session.behind_catalog()))?;
        }
        if untrusted.iter().flatten().any(|table| question.contains(table.as_str())) {
            continue;
        }
        let answer = match session.query_value(&question) {
            Ok(answer) => Ok(answer),
            Err(PgError::Server(error)) => Err(error),
            Err(error) => return Err(error),
        };
        match (hazard, answer) {
            (Hazard::DataLoss { rows, .. }, Ok(Some(count))) => *rows = count.parse().ok(),
            (Hazard::WillFail { now, probe: Some(_), .. }, Ok(answer)) => *now = Some(answer.is_some()),
            (Hazard::WillFail { now, .. }, Ok(_)) => *now = Some(false),
            (Hazard::WillFail { now, attempt: Some(_), probe: None, .. }, Err(error))
                if error.0.sqlstate.starts_with(DATA_EXCEPTION) =>
            {
                *now = Some(true);
            }
            // Not to be had in time, or not for this role, or of a column that is only to come.
            _ => {}
        }
    }
    if untrusted.is_some() {
        // row_security stays: what is asked next about the rows is about all of them, too.
        session.query("RESET statement_timeout; RESET default_transaction_read_only")?;
    }
    Ok(())
}
