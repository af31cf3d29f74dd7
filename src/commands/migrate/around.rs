//! What `list`, `show`, `squash` and `rebase` share: the database, where it is to be had without waiting, and the migration that
//! a person means.

use std::path::Path;

use anyhow::Result;

use crate::context::{Context, Fallback};
use crate::engine::ledger::Ledger;
use crate::engine::migrations::Finding;
use crate::engine::operation::OpenError;
use crate::exit::CommandError;

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

/// The one that is meant: by its version, its folder's name, or a part of that which no other has. Names are folders' names.
pub(super) fn meant<'a>(text: &str, names: &[(&'a str, &'a str)]) -> Result<&'a str> {
    let exact = |(version, name): &&(&str, &str)| *version == text || *name == text;
    if let Some((version, _)) = names.iter().find(exact) {
        return Ok(version);
    }
    let begins = |(version, name): &&(&str, &str)| {
        let rest = name.split_once('_').map_or("", |(_, rest)| rest);
        !text.is_empty() && (version.starts_with(text) || name.starts_with(text) || rest == text)
    };
    let contains = |(_, name): &&(&str, &str)| !text.is_empty() && name.contains(text);
    let mut found: Vec<_> = names.iter().filter(begins).collect();
    if found.is_empty() {
        found = names.iter().filter(contains).collect();
    }
    let (message, hint) = match found.as_slice() {
        [(version, _)] => return Ok(version),
        [] => (format!("there is no migration `{text}`"), "`pgkeel migrate list` shows all"),
        several => {
            let names: Vec<String> = several.iter().map(|(_, name)| format!("`{name}`")).collect();
            (format!("`{text}` may mean {}", names.join(", ")), "give more of the name, or the version")
        }
    };
    Err(CommandError::Usage { message, hint: hint.into() }.into())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_migration_is_meant_by_version_name_or_part() {
        let names = [("1", "1_users"), ("2", "2_users_email"), ("20", "20_plan"), ("21", "21_plan_price")];
        let check = |text: &str, expected: Result<&str, &str>| {
            let found = meant(text, &names).map_err(|error| error.to_string());
            assert_eq!(found.as_deref().map_err(|error| error.as_str()), expected);
        };
        check("1", Ok("1"));
        check("2", Ok("2"));
        check("20_plan", Ok("20"));
        check("email", Ok("2"));
        check("plan", Ok("20"));
        check("users", Ok("1"));
        check("user", Err("`user` may mean `1_users`, `2_users_email`"));
        check("21", Ok("21"));
        check("x", Err("there is no migration `x`"));
        check("", Err("there is no migration ``"));
    }
}
