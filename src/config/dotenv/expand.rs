//! Expands `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME-default}`, as a POSIX shell does ("2.6.2 Parameter Expansion").
//! What cannot be expanded is an error, never nothing.

use super::scan::{DOLLAR, LITERAL};

/// Why a value could not be expanded. It quotes no more than a name in braces: a `$` may be a piece of a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unexpanded {
    /// The variable is not set.
    #[error("it uses {}, which is set neither in the environment nor above in the file", .0.as_ref().map_or_else(|| "a variable after `$`".to_owned(), |name| format!("`${{{name}}}`")))]
    NotSet(Option<String>),
    /// No name follows the `$`, or braces hold something else.
    #[error("it holds a `$` that is not followed by a variable's name")]
    NoName,
}

/// The text with its variables expanded.
pub(super) fn expand(raw: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<String, Unexpanded> {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find([DOLLAR, LITERAL]) {
        text.push_str(&rest[..at]);
        let is_literal = rest[at..].starts_with(LITERAL);
        rest = &rest[at + DOLLAR.len_utf8()..];
        if is_literal {
            text.push('$');
        } else if let Some(inside) = rest.strip_prefix('{') {
            let end = inside.find('}').ok_or(Unexpanded::NoName)?;
            text.push_str(&braces(&inside[..end], lookup)?);
            rest = &inside[end + 1..];
        } else {
            let end = name_end(rest);
            if end == 0 {
                return Err(Unexpanded::NoName);
            }
            text.push_str(&lookup(&rest[..end]).ok_or(Unexpanded::NotSet(None))?);
            rest = &rest[end..];
        }
    }
    text.push_str(rest);
    Ok(text)
}

/// `NAME`, `NAME:-default` or `NAME-default`.
fn braces(inside: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<String, Unexpanded> {
    let (name, rest) = inside.split_at(name_end(inside));
    if name.is_empty() {
        return Err(Unexpanded::NoName);
    }
    let value = lookup(name);
    if rest.is_empty() {
        return value.ok_or_else(|| Unexpanded::NotSet(Some(name.to_owned())));
    }
    let (value, default) = match rest.strip_prefix(":-") {
        Some(default) => (value.filter(|value| !value.is_empty()), default),
        None => (value, rest.strip_prefix('-').ok_or(Unexpanded::NoName)?),
    };
    match value {
        Some(value) => Ok(value),
        None => expand(default, lookup),
    }
}

fn name_end(text: &str) -> usize {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return 0;
    }
    text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len())
}
