//! What `list`, `show`, `squash` and `rebase` share: the database, where it is to be had without waiting, and the migration that
//! a person means.

use std::path::Path;

use anyhow::Result;

use crate::context::{Context, Fallback};
use crate::engine::ledger::Ledger;
use crate::engine::migrations::Finding;
use crate::engine::operation::OpenError;

use crate::commands::open::{Chosen, choose};

/// The database of this run and what it records.
pub(super) struct Looked {
    pub(super) chosen: Chosen,
    pub(super) ledger: Ledger,
}

/// Look at the database, if it is to be had without waiting; where it is not, say why.
pub(super) fn looked(cx: &Context, command: &str) -> Result<Option<Looked>> {
    let tried = choose(cx, Fallback::DevCluster, command).and_then(|mut chosen| {
        chosen.opening.options = chosen.opening.options.at_once();
        let (_, ledger) = chosen.look(cx)?;
        Ok(Looked { chosen, ledger })
    });
    match tried {
        Ok(looked) => Ok(Some(looked)),
        Err(error) if cx.interrupt.is_raised() => Err(error),
        // The database answers, and has a record that this role sees a part of.
        Err(error) if matches!(error.downcast_ref(), Some(OpenError::Withheld(_))) => Err(error),
        Err(error) => {
            let why = format!("{error:#}");
            let why = why.lines().next().unwrap_or_default().to_owned();
            cx.ui.note(&format!("without a database, what is applied is not known: {why}"));
            Ok(None)
        }
    }
}

/// A path as seen from the project's folder.
pub(super) fn seen_from(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

/// A finding with its file as seen from the project's folder.
pub(super) fn from_root(finding: &Finding, root: &Path) -> Finding {
    let file = finding.file.strip_prefix(root).unwrap_or(&finding.file).to_path_buf();
    Finding { file, ..finding.clone() }
}
