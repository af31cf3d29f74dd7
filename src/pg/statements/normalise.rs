//! The text of a script without what does not matter, for checksums that survive reformatting.

use super::cursor::{Cursor, Next, Window};
use super::error::LexError;
use super::split;
use super::token::Kind;

/// The version of the algorithm below; it is stored beside each checksum and grows when a result changes.
///
/// 1: tokens as PostgreSQL's scanner has them, verbatim (no case folding, quoted text and bodies untouched), joined by
/// one blank; comments dropped, semicolons kept. A line break instead of the blank stands where it means something:
/// before a string that continues the last one (4.1.2.1), after a psql meta-command, around the data of a COPY, which
/// is verbatim.
pub const NORMALISATION: i32 = 1;

/// The same SQL in one canonical layout: editing white space or comments leaves it unchanged, anything else changes
/// it. The result is itself a script of the same meaning, and its own normal form.
///
/// # Errors
/// If the text ends inside a quote or a comment.
pub fn normalise(text: &str) -> Result<String, LexError> {
    let window = Window::whole(text);
    let mut out = String::with_capacity(text.len());
    for statement in split(text)? {
        let mut cursor = Cursor::starting(statement.range.start);
        while cursor.at < statement.range.end {
            let continues = cursor.continues_string();
            let Next::Token(token) = cursor.next(window) else { break };
            if token.kind.is_trivia() {
                continue;
            }
            if !out.is_empty() && !out.ends_with('\n') {
                out.push(if continues && token.kind.is_string() { '\n' } else { ' ' });
            }
            out.push_str(&text[token.start..token.end]);
            if token.kind == Kind::Meta {
                out.push('\n');
            }
            if token.start >= statement.body.end {
                break;
            }
        }
        if let Some(data) = &statement.copy_data {
            let same_line = text[cursor.at..data.range.start].trim();
            out.push_str(same_line);
            out.push('\n');
            out.push_str(&text[data.range.clone()]);
            if data.terminated {
                out.push_str("\\.\n");
            }
        }
    }
    Ok(out)
}
