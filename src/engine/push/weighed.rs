//! What a plan means for the rows that are there: how many go, and which stop it. Reads only.

use serde::Serialize;

use crate::engine::plan::{Hazard, Plan, Step};
use crate::engine::weigh::weigh;
use crate::pg::error::PgError;
use crate::pg::session::Session;

/// Something that would be lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Loss {
    /// In words.
    pub what: String,
    /// How many rows have it; nothing where that could not be counted.
    pub rows: Option<u64>,
    /// What it may be under a new name, as `--rename` takes it.
    pub may_be: Vec<String>,
}

/// Rows that make a statement fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Obstacle {
    /// What the statement is about.
    pub about: String,
    /// The statement.
    pub sql: String,
    /// In words.
    pub why: String,
    /// How many rows they are, where that can be said.
    pub rows: Option<u64>,
    /// A query that shows them.
    pub query: String,
}

/// What a plan costs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Weighed {
    /// What is lost; not what is lost of tables without rows.
    pub losses: Vec<Loss>,
    /// What stops it.
    pub obstacles: Vec<Obstacle>,
}

/// Ask the database that the plan is to change.
///
/// # Errors
/// Where the connection itself fails, or on Ctrl-C.
pub fn weighed(session: &mut Session, plan: &Plan) -> Result<Weighed, PgError> {
    let mut asked = plan.clone();
    weigh(session, &mut asked)?;
    let mut found = Weighed::default();
    for step in &asked.steps {
        for hazard in &step.hazards {
            match hazard {
                Hazard::DataLoss { what, rows, .. } if *rows != Some(0) => {
                    let may_be = step.may_be.iter().map(ToString::to_string).collect();
                    found.losses.push(Loss { what: what.clone(), rows: *rows, may_be });
                }
                Hazard::WillFail { why, probe, attempt, now: Some(true) } => {
                    let query = probe.as_ref().or(attempt.as_ref()).map_or("", String::as_str);
                    found.obstacles.push(obstacle(session, step, (why, query))?);
                }
                _ => {}
            }
        }
    }
    Ok(found)
}

fn obstacle(session: &mut Session, step: &Step, (why, probe): (&str, &str)) -> Result<Obstacle, PgError> {
    // Most ask whether there is one row of a table as it should not be; others by groups.
    let plain = probe
        .strip_prefix("SELECT 1 FROM ")
        .and_then(|rest| rest.strip_suffix(" LIMIT 1"))
        .filter(|rest| !rest.contains(" GROUP BY ") && !rest.contains(" UNION "));
    let (rows, query) = match plain {
        Some(rest) => (
            number(session, &format!("SELECT pg_catalog.count(*) FROM {rest}"))?,
            format!("SELECT * FROM {rest} LIMIT 20"),
        ),
        None => (None, grouped(probe).unwrap_or_else(|| probe.to_owned())),
    };
    let (about, sql) = (step.about.to_string(), step.sql.clone());
    Ok(Obstacle { about, sql, why: why.to_owned(), rows, query })
}

/// A probe for rows that are there twice, as a query that says which.
fn grouped(probe: &str) -> Option<String> {
    let rest = probe.strip_prefix("SELECT 1 FROM ")?.strip_suffix(" HAVING count(*) > 1 LIMIT 1")?;
    let (_, keys) = rest.rsplit_once(" GROUP BY ")?;
    Some(format!("SELECT {keys}, count(*) FROM {rest} HAVING count(*) > 1 LIMIT 20"))
}

/// The answer, unless the server has none.
fn number(session: &mut Session, query: &str) -> Result<Option<u64>, PgError> {
    match session.query_value(query) {
        Err(PgError::Server(_)) => Ok(None),
        answer => Ok(answer?.and_then(|count| count.parse().ok())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_says_which_rows_are_there_twice() {
        let check =
            |probe: &str, query: Option<&str>| assert_eq!(grouped(probe).as_deref(), query, "{probe}");
        check(
            "SELECT 1 FROM t WHERE a IS NOT NULL GROUP BY a, b HAVING count(*) > 1 LIMIT 1",
            Some(
                "SELECT a, b, count(*) FROM t WHERE a IS NOT NULL GROUP BY a, b HAVING count(*) > 1 LIMIT 20",
            ),
        );
        check("SELECT 1 FROM t WHERE a IS NULL LIMIT 1", None);
        check(
            "(SELECT 1 FROM t LIMIT 1) UNION ALL (SELECT 1 FROM t GROUP BY a HAVING count(*) > 1 LIMIT 1)",
            None,
        );
    }
}
