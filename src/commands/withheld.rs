//! Explains errors of commands by row-level security on pgkeel's own tables, where the server says that it is the reason.

use anyhow::Error;

use crate::context::{Context, Fallback};
use crate::engine::ledger::store::StoreError;
use crate::engine::operation::OpenError;
use crate::engine::withheld::Withheld;
use crate::exit::{Exit, withheld};
use crate::pg::tools::client::ClientError;
use crate::ui::Problem;

use super::open::opening;

/// Whether a command asks the guard before it changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guarded {
    /// It destroys.
    Yes,
    /// It does not.
    No,
}

/// The same problem with its explanation. Where the guard could not read the environment label, the database counts as
/// protected.
pub(crate) fn explained(cx: &Context, guarded: Guarded, error: &Error, problem: Problem) -> Problem {
    if error.chain().any(|cause| matches!(cause.downcast_ref(), Some(OpenError::Withheld(_)))) {
        return match guarded {
            Guarded::No => problem,
            Guarded::Yes => Problem {
                message: format!(
                    "refused: the environment label cannot be read, so the database counts as protected: {}",
                    problem.message
                ),
                code: Exit::Refused as u8,
                ..problem
            },
        };
    }
    let may_be =
        |cause: &(dyn std::error::Error + 'static)| cause.is::<StoreError>() || cause.is::<ClientError>();
    if problem.sqlstate.as_deref() != Some(NO_PRIVILEGE) && !error.chain().any(may_be) {
        return problem;
    }
    match asked(cx) {
        None => problem,
        Some(found) => {
            let hints = withheld(&found).hints;
            Problem { message: format!("{}\n  {found}", problem.message), hints, ..problem }
        }
    }
}

/// What a missing grant and a policy have in common.
const NO_PRIVILEGE: &str = "42501";

fn asked(cx: &Context) -> Option<Withheld> {
    let place = cx.database(Fallback::Nothing).ok()?;
    let mut opening = opening(cx, place.direct, "look");
    opening.options = opening.options.at_once();
    let mut session = opening.connect().ok()?;
    Withheld::ask(&mut session, &opening.bookkeeping).ok()?
}
