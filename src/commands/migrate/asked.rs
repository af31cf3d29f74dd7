//! The flags that answer what nobody but a person can know.

use std::collections::BTreeMap;

use anyhow::Result;
use clap::Args;

use crate::engine::catalog::{Catalog, Id, Kind};
use crate::exit::CommandError;
use crate::pg::ident::quoted;

/// Answers.
#[derive(Debug, Default, Args)]
pub(crate) struct AskedArgs {
    /// Something has another name now: [SCHEMA.]TABLE=NEW, [SCHEMA.]TABLE.COLUMN=NEW, or with the kind before it
    #[arg(long, value_name = "OLD=NEW")]
    pub(super) rename: Vec<String>,

    /// What goes and what comes is not the same under a new name: its data may go
    #[arg(long)]
    pub(super) no_rename: bool,

    /// The value that existing rows get where NULL is no longer allowed, as SQL
    #[arg(long, value_name = "TABLE.COLUMN=EXPRESSION")]
    pub(super) fill: Vec<String>,

    /// How the values of a column become those of its new type, as SQL
    #[arg(long, value_name = "TABLE.COLUMN=EXPRESSION")]
    pub(super) using: Vec<String>,
}

/// What a flag says of columns of the new catalog.
pub(super) fn columns(flag: &str, said: &[String], new: &Catalog) -> Result<BTreeMap<Id, String>> {
    said.iter().map(|text| one(flag, text, new)).collect()
}

/// An answer to what nobody asked is a mistake.
pub(super) fn are_about_changes(
    answers: [(&str, &BTreeMap<Id, String>); 2],
    changes: &[Id],
) -> Result<(), CommandError> {
    for (flag, said) in answers {
        if let Some(id) = said.keys().find(|id| !changes.contains(id)) {
            return Err(CommandError::Usage {
                message: format!("--{flag}: {id} does not change"),
                hint: "leave it out".into(),
            });
        }
    }
    Ok(())
}

fn one(flag: &str, text: &str, new: &Catalog) -> Result<(Id, String)> {
    let wrong = |message: String| CommandError::Usage {
        message: format!("--{flag}: {message}"),
        hint: format!("write it as `--{flag} 'table.column=expression'`"),
    };
    let Some((path, value)) = path(text) else {
        return Err(wrong(format!("`{text}` does not say which column and what value")).into());
    };
    let is_meant = |id: &Id| match path.as_slice() {
        [table, column] => id.name == *table && id.sub == *column,
        [schema, table, column] => id.schema == *schema && id.name == *table && id.sub == *column,
        _ => false,
    };
    let all = new.facts().iter().map(|fact| &fact.id).filter(|id| id.kind == Kind::Column && is_meant(id));
    match all.collect::<Vec<_>>().as_slice() {
        [only] => Ok(((*only).clone(), value.to_owned())),
        [] => Err(wrong(format!("the desired state has no column `{}`", path.join("."))).into()),
        several => {
            let these: Vec<String> = several.iter().map(ToString::to_string).collect();
            Err(wrong(format!("`{}` may be {}", path.join("."), these.join(" or "))).into())
        }
    }
}

/// `[schema.]table.column`, quoted or not, and what follows the `=`.
fn path(text: &str) -> Option<(Vec<String>, &str)> {
    let mut path = Vec::new();
    let mut rest = text.trim();
    loop {
        let (name, after) = match quoted(rest) {
            Some((name, after)) => (name, after),
            None => {
                let end = rest.find(['.', '='])?;
                (rest[..end].trim().to_owned(), &rest[end..])
            }
        };
        path.push(name);
        let after = after.trim_start();
        match (after.strip_prefix('.'), after.strip_prefix('=')) {
            (Some(more), _) => rest = more,
            (None, Some(value)) if !value.trim().is_empty() => return Some((path, value.trim())),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn a_column_and_its_value_are_read_with_and_without_quotes() {
        let check = |text: &str, names: &[&str], value: &str| {
            let (found, rest) = path(text).unwrap();
            assert_eq!((found.iter().map(String::as_str).collect::<Vec<_>>(), rest), (names.to_vec(), value));
        };
        check("users.phone=''", &["users", "phone"], "''");
        check("app.users.age = age::int", &["app", "users", "age"], "age::int");
        check("\"Odd.one\".\"a=b\"=a.b || '='", &["Odd.one", "a=b"], "a.b || '='");
        for wrong in ["", "users", "users.phone", "users.phone=", "users.phone= "] {
            assert_eq!(path(wrong), None, "{wrong}");
        }
    }
}
