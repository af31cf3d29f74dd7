//! Whether policies filter the rows that the user's SQL sees. pgkeel runs migrations, down migrations and seeds with
//! `row_security = off`: a policy then raises an error instead of hiding rows. A file can opt out.

mod explain;
mod forced;

pub use explain::{Filtered, Protected, Standing, explain, explain_inside};
pub use forced::Forced;

use crate::pg::statements::{Statement, tokens};

/// How a file runs with regard to row-level security.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowSecurity {
    /// A policy that applies raises an error.
    #[default]
    Off,
    /// Policies filter, from the file's own SET on.
    OnBySet,
    /// Policies filter: the file has the comment.
    OnByComment,
}

/// The comment by which a file opts out.
pub const COMMENT: &str = "-- pgkeel: row_security = on";

impl RowSecurity {
    /// What one statement says, with the comments before it; `text` is that of the statement's range.
    pub fn of(statement: &Statement, text: &str) -> Self {
        let (start, end) =
            (statement.body.start - statement.range.start, statement.body.end - statement.range.start);
        // A COPY's text ends before its data.
        let (before, after) = (&text[..start], text.get(end..).unwrap_or_default());
        if comments(before).chain(comments(after)).any(is_opt_out) {
            return Self::OnByComment;
        }
        if statement.facts.sets.as_deref() != Some("row_security") {
            let is_set = !makes_function(statement) && sets_in_code(&text[start..end]);
            return if is_set { Self::OnBySet } else { Self::Off };
        }
        let words = tokens(&text[start..end]);
        let value = words.last().map(|word| word.trim_matches('\'').to_ascii_lowercase()).unwrap_or_default();
        // The server reads a boolean by any unique beginning of these words (docs 20.1.1).
        let is_off = ["off", "false", "no", "0"]
            .iter()
            .any(|no| no.starts_with(value.as_str()) && !value.is_empty() && value != "o");
        if is_off { Self::Off } else { Self::OnBySet }
    }

    /// What a whole text says.
    pub fn of_text(text: &str) -> Self {
        let all = crate::pg::statements::split(text).unwrap_or_default();
        all.iter().map(|one| Self::of(one, &text[one.range.clone()])).max().unwrap_or_default()
    }

    /// Whether policies filter somewhere in the file.
    pub fn is_on(self) -> bool {
        self != Self::Off
    }

    /// Whether they filter before the file's own SQL says so.
    pub fn is_on_from_the_start(self) -> bool {
        self == Self::OnByComment
    }

    /// What the file's SQL begins with, where that differs from what every message of ours begins with.
    pub fn setting(self) -> Option<String> {
        self.is_on_from_the_start().then(|| self.set("SET LOCAL"))
    }

    /// What comes before a statement that reads no row, but is an error with `row_security = off`: PostgreSQL rewrites the
    /// body of a function in SQL when it is created (docs, CREATE FUNCTION; `check_function_bodies`). What was set is kept in
    /// a setting of ours.
    pub fn before(self, statement: &Statement, set: &str) -> Option<String> {
        (self != Self::OnByComment && makes_function(statement)).then(|| {
            let is_local = set == "SET LOCAL";
            format!(
                "SELECT pg_catalog.set_config('pgkeel.row_security', \
                 pg_catalog.current_setting('row_security'), {is_local}); {}",
                Self::OnByComment.set(set)
            )
        })
    }

    /// What follows a statement of the file that takes the setting away, RESET ALL, or that `before` gave another.
    pub fn after(self, statement: &Statement, set: &str) -> Option<String> {
        if statement.facts.sets.as_deref() == Some("all") {
            return Some(self.set(set));
        }
        (self != Self::OnByComment && makes_function(statement)).then(|| {
            let is_local = set == "SET LOCAL";
            format!(
                "SELECT pg_catalog.set_config('row_security', \
                 pg_catalog.current_setting('pgkeel.row_security'), {is_local}); "
            )
        })
    }

    /// The statement, as SQL text that ends in `; `; `set` is `SET` or `SET LOCAL`.
    pub fn set(self, set: &str) -> String {
        let value = if self == Self::OnByComment { "on" } else { "off" };
        format!("{set} row_security = {value}; ")
    }

    /// By what the file opts out.
    pub fn how(self) -> Option<&'static str> {
        match self {
            Self::Off => None,
            Self::OnBySet => Some("SET row_security"),
            Self::OnByComment => Some(COMMENT),
        }
    }
}

/// Whether the code of a DO block, or a call of set_config, sets it to anything but off.
fn sets_in_code(body: &str) -> bool {
    if !body.contains("row_security") && !body.contains("ROW_SECURITY") {
        return false;
    }
    let lower = body.to_ascii_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    words.iter().enumerate().filter(|(_, word)| **word == "row_security").any(|(at, _)| {
        let before = at.checked_sub(1).map_or("", |at| words[at]);
        let mut after = words[at + 1..].iter().copied().filter(|word| *word != "to");
        let is_off = matches!(after.next(), Some("off" | "false" | "no" | "0"));
        ["set", "local", "session", "set_config"].contains(&before) && !is_off || before == "reset"
    })
}

fn makes_function(statement: &Statement) -> bool {
    matches!(statement.facts.verb.as_str(), "CREATE FUNCTION" | "CREATE PROCEDURE")
}

/// The line comments in white space and comments.
fn comments(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let line = rest.find("--");
            let block = rest.find("/*");
            match (line, block) {
                (Some(line), block) if block.is_none_or(|block| line < block) => {
                    let end = rest[line..].find('\n').map_or(rest.len(), |end| line + end);
                    let found = &rest[line + 2..end];
                    rest = &rest[end..];
                    return Some(found);
                }
                (_, Some(block)) => rest = after_block(&rest[block..]),
                _ => return None,
            }
        }
    })
}

/// What follows a block comment, which may hold others (docs 4.1.5).
fn after_block(text: &str) -> &str {
    let (mut depth, mut at) = (0usize, 0usize);
    while let Some(found) = text[at..].find(['/', '*']) {
        at += found;
        let step = match text.get(at..at + 2) {
            Some("/*") => {
                depth += 1;
                2
            }
            Some("*/") => {
                depth = depth.saturating_sub(1);
                2
            }
            _ => 1,
        };
        at += step;
        if step == 2 && depth == 0 {
            return &text[at..];
        }
    }
    ""
}

/// Whether the text of a line comment is the opt-out.
fn is_opt_out(comment: &str) -> bool {
    let Some(rest) = comment.trim().strip_prefix("pgkeel:") else { return false };
    let Some((key, value)) = rest.split_once('=') else { return false };
    key.trim().eq_ignore_ascii_case("row_security") && value.trim().eq_ignore_ascii_case("on")
}

#[cfg(test)]
mod tests {
    use super::RowSecurity::{self, Off, OnByComment, OnBySet};

    #[test]
    fn a_file_opts_out_by_a_comment_or_by_its_own_set() {
        let check = |sql: &str, expected| assert_eq!(RowSecurity::of_text(sql), expected, "{sql}");
        check("UPDATE t SET a = 1", Off);
        check("-- pgkeel: row_security = on\nUPDATE t SET a = 1", OnByComment);
        check("SELECT 1;\n  --pgkeel:row_security=ON  \n", OnByComment);
        check("UPDATE t SET a = 1; -- pgkeel: row_security = on", OnByComment);
        check("-- pgkeel: row_security = off\nUPDATE t SET a = 1", Off);
        check("/* -- pgkeel: row_security = on\n */ UPDATE t SET a = 1", Off);
        check("/* /* */ -- pgkeel: row_security = on\n */ SELECT 1", Off);
        check("/* x */ -- pgkeel: row_security = on\nSELECT 1", OnByComment);
        check("SELECT '\n-- pgkeel: row_security = on\n'", Off);
        check("SET row_security = on", OnBySet);
        check("SET LOCAL Row_Security TO 'on'", OnBySet);
        check("SET row_security TO DEFAULT", OnBySet);
        check("RESET row_security", OnBySet);
        check("SET row_security = off", Off);
        check("SET row_security = 'false'", Off);
        check("SET row_security TO f", Off);
        check("RESET ALL", Off);
        check("DO $$ BEGIN SET LOCAL row_security = on; UPDATE t SET a = 1; END $$", OnBySet);
        check("SELECT set_config('row_security', 'on', true)", OnBySet);
        check("SELECT pg_catalog.set_config('row_security', 'off', true)", Off);
        check("SELECT row_security FROM t", Off);
        check("CREATE FUNCTION f() RETURNS int LANGUAGE sql SET row_security = on AS 'SELECT 1'", Off);
        check("SET row_security = on; -- pgkeel: row_security = on\n", OnByComment);
    }
}
