//! What stops a push, and what the database looks like then.

use std::fmt::Write as _;

use super::migration::{quoted, said, sqlstate};
use super::{Exit, hints, pg, simple};
use crate::engine::push::{PushError, Standing};
use crate::pg::error::{PgError, PgFailure};
use crate::ui::Problem;

pub(super) fn known(cause: &(dyn std::error::Error + 'static)) -> Option<Problem> {
    let error = cause.downcast_ref::<PushError>()?;
    Some(match error {
        PushError::Blocked(obstacles) => {
            let mut text = format!("{error}; nothing was changed");
            for one in obstacles {
                let rows = match one.rows {
                    Some(1) => " (1 row)".to_owned(),
                    Some(rows) => format!(" ({rows} rows)"),
                    None => String::new(),
                };
                write!(text, "\n  {}: {}{rows}\n    {}", one.about, one.why, one.query).ok();
            }
            simple(
                Exit::Failed,
                text,
                vec![
                    "the queries show the rows: mend or remove them (`pgkeel execute`), then `pgkeel push`"
                        .into(),
                ],
            )
        }
        PushError::Changed(_) => simple(Exit::Failed, error.to_string(), vec!["`pgkeel push` again".into()]),
        PushError::Failed { about, sql, state, cause } => {
            let now = match state {
                Standing::After { done: 0, .. } => "as it was, nothing of the push stays".to_owned(),
                Standing::After { done, of } => {
                    format!(
                        "{done} of {of} transactions of the push stay; the one that failed was rolled back"
                    )
                }
                Standing::Unknown => {
                    "the answer to COMMIT never came; `pgkeel push --dry-run` shows what is left".to_owned()
                }
            };
            let message = format!(
                "the push failed at {about}\n{}\n{}\n  the database now: {now}",
                quoted(sql),
                said(cause)
            );
            let hint = match (cause, cause.failure()) {
                (PgError::Interrupted | PgError::Abandoned, _) => {
                    "`pgkeel push` goes on from here".to_owned()
                }
                (_, PgFailure::LockTimeout | PgFailure::Deadlock) => {
                    "`pgkeel push` when the sessions that hold the lock are gone".to_owned()
                }
                (_, PgFailure::NoPrivilege) => format!("{}, then `pgkeel push`", hints::connect_as_owner()),
                (_, failure) if failure.is_shortage() => {
                    format!("{}: `pgkeel push`", hints::shortage(failure).unwrap_or_default())
                }
                _ => "mend the desired state or the rows, then `pgkeel push`".to_owned(),
            };
            let interrupted = matches!(cause, PgError::Interrupted | PgError::Abandoned);
            let exit = if interrupted { Exit::Interrupted } else { Exit::Failed };
            Problem { sqlstate: sqlstate(cause), ..simple(exit, message, vec![hint]) }
        }
        PushError::Differs(_) => simple(
            Exit::Unverified,
            error.to_string(),
            vec!["this is a fault of pgkeel: please report it, with the definition of what is named".into()],
        ),
        PushError::Pg(error) => pg(error),
    })
}
