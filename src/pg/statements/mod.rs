//! The statements of a PostgreSQL script: where each begins and ends, on which line, and what its leading key words
//! say about it. Pure and streaming: text in, values out; no connection, no path, no tree. What is valid SQL is the
//! server's to say: here an invalid statement is merely a stretch of text up to its semicolon.
//!
//! [`split`] for a text in memory, [`Splitter`] for one that comes in chunks, [`normalise`] for checksums,
//! [`position`](fn@position), [`offset_of_character`] and [`excerpt`] to show a place to people.

mod cursor;
mod error;
mod facts;
mod machine;
mod normalise;
mod position;
mod splitter;
mod token;

#[cfg(test)]
mod tests;

use std::ops::Range;

pub use error::{LONGEST, LexError, Unterminated};
pub use facts::{
    ConcurrentIndex, Control, EnumValue, Evidence, Facts, Lock, Loss, Reindexed, Transaction, uses_value,
};
pub use normalise::{NORMALISATION, Normaliser, normalise};
pub use position::{Excerpt, Position, excerpt, offset_of_character, position};
pub use splitter::{Splitter, Streamed};

/// One statement of a text. The ranges of all statements, one after another, are the whole text: white space and
/// comments belong to the statement that follows them, the semicolon to the one that it ends. What follows the last
/// semicolon is a statement too, an empty one if it is white space and comments only.
///
/// A semicolon ends a statement unless it is in quotes, in a comment, in parentheses (`CREATE RULE … DO (a; b)`) or
/// in the `BEGIN ATOMIC … END` of a CREATE FUNCTION or CREATE PROCEDURE. A psql meta-command ends one too, at the end
/// of its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// From the first token to the end of the last one, without the semicolon; this is what to send. In an empty
    /// statement it is empty and lies at the semicolon, or at the end of the text.
    pub body: Range<usize>,
    /// Line of the body's beginning, from 1.
    pub line: u32,
    /// Column of the body's beginning, from 1, in characters.
    pub column: u32,
    /// What the leading key words say.
    pub facts: Facts,
    /// The name of the psql meta-command that is this statement or ends it, as in `\set` or `\gset`. The server
    /// does not know it.
    pub meta_command: Option<String>,
    /// Present after `COPY … FROM STDIN;`: what psql would send as data. It is not SQL.
    pub copy_data: Option<CopyData>,
}

impl Statement {
    /// Only white space and comments, perhaps a semicolon: nothing to run.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// A COPY that waits for data from the client; in a script the data follows it.
    #[must_use]
    pub fn copy_from_stdin(&self) -> bool {
        self.copy_data.is_some()
    }
}

/// The lines after a `COPY … FROM STDIN;`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyData {
    /// Bytes of the data, without the line `\.`.
    pub range: Range<usize>,
    /// Whether a line `\.` ended it; otherwise it is the rest of the text.
    pub terminated: bool,
}

/// Splits a whole text into its statements.
///
/// # Errors
/// If the text ends inside a quote or a comment.
pub fn split(text: &str) -> Result<Vec<Statement>, LexError> {
    let window = cursor::Window::whole(text);
    let mut machine = machine::Machine::default();
    let mut statements = Vec::new();
    while let Some((statement, _)) = machine.step(window, &mut ())? {
        statements.push(statement);
    }
    Ok(statements)
}

/// The tokens of a statement's text, each as it is written, without white space and comments. A text that ends inside a
/// quote or a comment has the tokens before it.
#[must_use]
pub fn tokens(text: &str) -> Vec<&str> {
    let window = cursor::Window::whole(text);
    let mut cursor = cursor::Cursor::default();
    let mut tokens = Vec::new();
    while let cursor::Next::Token(token) = cursor.next(window) {
        if !token.kind.is_trivia() {
            tokens.push(window.slice(token.start, token.end));
        }
    }
    tokens
}

/// The name that a token stands for: an identifier is lower case unless it is in double quotes (4.1.1). None if it is no
/// identifier; what is none because it is a key word is not known here.
#[must_use]
pub fn name(token: &str) -> Option<String> {
    if let Some(quoted) = token.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return Some(quoted.replace("\"\"", "\""));
    }
    let begins = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
    (token.starts_with(begins) && !token.contains(['\'', '"'])).then(|| token.to_ascii_lowercase())
}
