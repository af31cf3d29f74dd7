//! Errors of restores and swaps. Whatever fails before the swap leaves the live database as it was.

use super::{Exit, open, pg, simple, with_sources};
use crate::engine::backup::manifest::ManifestError;
use crate::engine::restore::{RestoreError, SourceError};
use crate::engine::swap::SwapError;
use crate::ui::Problem;

/// Of restores.
pub(super) fn known(cause: &(dyn std::error::Error + 'static)) -> Option<Problem> {
    if let Some(error) = cause.downcast_ref::<RestoreError>() {
        return Some(restore(error));
    }
    if let Some(error) = cause.downcast_ref::<SwapError>() {
        return Some(swap(error));
    }
    if let Some(error) = cause.downcast_ref::<SourceError>() {
        return Some(source(error));
    }
    let error = cause.downcast_ref::<ManifestError>()?;
    Some(simple(Exit::Unverified, error.to_string(), vec![]))
}

fn restore(error: &RestoreError) -> Problem {
    let text = error.to_string();
    match error {
        RestoreError::Refused(obstacles) => {
            let remedies = obstacles.iter().filter_map(|obstacle| obstacle.remedy.clone());
            simple(Exit::Refused, text, remedies.collect())
        }
        RestoreError::Damaged(_) => simple(
            Exit::Unverified,
            text,
            vec!["`pgkeel backup list` shows the others; `pgkeel backup verify --all` reads them all".into()],
        ),
        RestoreError::Differs { kept: None, .. } => {
            simple(Exit::Unverified, text, vec!["give `--keep-scratch` to look at what was restored".into()])
        }
        RestoreError::Differs { .. } | RestoreError::NoEnd => simple(Exit::Unverified, text, vec![]),
        RestoreError::Scope(_) => {
            simple(Exit::Usage, text, vec!["choose a full one: `pgkeel restore --list`".into()])
        }
        RestoreError::Taken { .. } => {
            simple(Exit::Refused, text, vec!["drop it, or choose another name".into()])
        }
        RestoreError::NothingAside { .. } | RestoreError::NotAside { .. } => {
            simple(Exit::Usage, text, vec!["`pgkeel restore --list` shows what was put aside".into()])
        }
        RestoreError::Replaced { .. } => {
            simple(Exit::Failed, text, vec!["look at it (`pgkeel status`), then decide once more".into()])
        }
        RestoreError::NoTable(_) => simple(Exit::Usage, text, vec![]),
        RestoreError::Client { .. } => {
            simple(Exit::Failed, format!("{}; the live database is as it was", with_sources(error)), vec![])
        }
        RestoreError::Source(error) => source(error),
        RestoreError::Tool(error) => {
            simple(Exit::ToolMissing, error.to_string(), error.hint().into_iter().collect())
        }
        RestoreError::Open(error) => open(error),
        RestoreError::Swap(error) => swap(error),
        RestoreError::Pg(error) => pg(error),
    }
}

fn source(error: &SourceError) -> Problem {
    let text = with_sources(error);
    match error {
        SourceError::Io { .. } => simple(Exit::Failed, text, vec![]),
        SourceError::Unknown { .. } => simple(Exit::Usage, text, vec![]),
        SourceError::Damaged { .. } => {
            simple(Exit::Unverified, format!("{text}; nothing was changed"), vec![])
        }
        SourceError::Leaves { .. } => simple(
            Exit::Refused,
            format!("{text}; nothing was changed"),
            vec!["dump it once more without `--create`".into()],
        ),
        SourceError::Drops { .. } => simple(
            Exit::Refused,
            format!("{text}; nothing was changed"),
            vec!["dump it once more without `--clean`, or with `--if-exists` as well".into()],
        ),
        SourceError::Interrupted => simple(Exit::Interrupted, text, vec![]),
    }
}

fn swap(error: &SwapError) -> Problem {
    let as_it_was = |exit, hint: &str| {
        let hints = if hint.is_empty() { vec![] } else { vec![hint.to_owned()] };
        simple(exit, format!("{error}; the live database is as it was"), hints)
    };
    match error {
        SwapError::InUse { .. } => {
            as_it_was(Exit::Failed, "end them, then run it again: only the swap is left to do")
        }
        SwapError::CannotEnd { role, .. } => as_it_was(
            Exit::Refused,
            &format!(
                "let a superuser run: GRANT pg_signal_backend TO {};",
                crate::pg::ident::Ident::new(role)
            ),
        ),
        SwapError::Busy { .. } => as_it_was(Exit::Locked, "run it again: only the swap is left to do"),
        SwapError::Bouncer { .. } => as_it_was(Exit::Failed, "run it again: only the swap is left to do"),
        SwapError::Missing { .. } | SwapError::Taken { .. } | SwapError::Changed { .. } => {
            as_it_was(Exit::Failed, "run it again")
        }
        SwapError::Unknown { .. } => simple(
            Exit::Failed,
            error.to_string(),
            vec!["`pgkeel restore --list` tells once the server answers".into()],
        ),
        SwapError::Pg(error) => {
            let problem = pg(error);
            Problem { message: format!("{}; the live database is as it was", problem.message), ..problem }
        }
    }
}
