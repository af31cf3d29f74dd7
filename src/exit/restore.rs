//! Errors of restores. Whatever fails before the swap leaves the live database as it was.

use super::swap::swap;
use super::{Exit, as_it_was, hints, open, pg, simple, with_sources};
use crate::engine::backup::manifest::ManifestError;
use crate::engine::restore::{RestoreError, SourceError};
use crate::pg::ident::Ident;
use crate::ui::Problem;

/// Of restores.
pub(super) fn known(cause: &(dyn std::error::Error + 'static)) -> Option<Problem> {
    if let Some(error) = cause.downcast_ref::<RestoreError>() {
        return Some(restore(error));
    }
    if let Some(error) = cause.downcast_ref::<SourceError>() {
        return Some(source(error));
    }
    let error = cause.downcast_ref::<ManifestError>()?;
    Some(simple(Exit::Unverified, error.to_string(), vec![]))
}

pub(super) fn restore(error: &RestoreError) -> Problem {
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
        RestoreError::Broken(_) => simple(
            Exit::Unverified,
            text,
            vec![
                "restore without pgkeel, then repair the rows: pg_restore without `--exit-on-error` loads all of them and \
                 leaves these keys out"
                    .into(),
            ],
        ),
        RestoreError::Scope(_) => {
            simple(Exit::Usage, text, vec!["choose a full one: `pgkeel restore --list`".into()])
        }
        RestoreError::Taken { name } => {
            let drop = format!("choose another name, or drop it: DROP DATABASE {};", Ident::new(name));
            simple(Exit::Refused, text, vec![drop])
        }
        RestoreError::NothingAside { .. } | RestoreError::NotAside { .. } => {
            simple(Exit::Usage, text, vec!["`pgkeel restore --list` shows what was put aside".into()])
        }
        RestoreError::Replaced { .. } => {
            simple(Exit::Failed, text, vec!["look at it (`pgkeel status`), then decide once more".into()])
        }
        RestoreError::NoTable(_) => simple(Exit::Usage, text, vec![]),
        RestoreError::Locked { .. } => simple(
            Exit::Failed,
            format!("{text}; the live database is as it was"),
            vec!["run it again when these sessions have ended".into()],
        ),
        RestoreError::Partly { source, .. } => Problem { message: text, ..restore(source) },
        RestoreError::Unknown { .. } => simple(
            Exit::Failed,
            with_sources(error),
            vec!["when the server answers again: `pgkeel status` tells whether the restore was done".into()],
        ),
        RestoreError::Client { why, .. } => {
            let hint = why.and_then(hints::shortage).map(str::to_owned);
            let text = format!("{}; the live database is as it was", with_sources(error));
            simple(Exit::Failed, text, hint.into_iter().collect())
        }
        RestoreError::Unloadable { .. } | RestoreError::Stopped(_) => {
            simple(Exit::Failed, format!("{}; the live database is as it was", with_sources(error)), vec![])
        }
        RestoreError::Source(error) => source(error),
        RestoreError::Tool(error) => {
            simple(Exit::ToolMissing, error.to_string(), error.hint().into_iter().collect())
        }
        RestoreError::Open(error) => as_it_was(open(error)),
        RestoreError::Swap(error) => swap(error),
        RestoreError::Pg(error) => as_it_was(pg(error)),
    }
}

fn source(error: &SourceError) -> Problem {
    let text = with_sources(error);
    match error {
        SourceError::Io { .. } => simple(Exit::Failed, text, vec![]),
        SourceError::Unwritable { .. } => simple(
            Exit::Failed,
            format!("{text}; nothing was changed"),
            vec!["free disk space there, or name another folder: `TMPDIR=DIR`".into()],
        ),
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
