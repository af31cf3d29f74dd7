//! The one way in which a script cannot be split: something was opened and never closed.

/// What was opened and not closed before the end of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unterminated {
    /// `'…`, with or without `E`, `B`, `X`, `N` or `U&` before it.
    String,
    /// `"…`, with or without `U&` before it.
    QuotedIdentifier,
    /// `$tag$…`; the delimiter as written, dollars included.
    DollarQuote(String),
    /// `/*…`; the outermost one, however deep the nesting.
    Comment,
    /// A statement longer than the server takes, with the comments before it.
    Statement,
}

impl Unterminated {
    /// What helps.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Statement => "split it, or load its rows with COPY (psql's `\\copy`)",
            _ => "close it",
        }
    }
}

/// The longest statement, in bytes: a message of the protocol holds 1 GiB less two bytes (MaxAllocSize - 1), of which four
/// are its length, one ends the text, and the rest is for what of ours goes before and after it.
pub const LONGEST: usize = 0x3fff_fffe - 5 - (64 << 10);

impl std::fmt::Display for Unterminated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unterminated::String => {
                f.write_str("the string that begins here is never closed: its `'` is missing")
            }
            Unterminated::QuotedIdentifier => {
                f.write_str("the quoted identifier that begins here is never closed: its `\"` is missing")
            }
            Unterminated::DollarQuote(delimiter) => {
                write!(f, "the dollar quote that begins here is never closed: its `{delimiter}` is missing")
            }
            Unterminated::Statement => write!(
                f,
                "the statement that begins here is longer than {LONGEST} bytes, which is all that PostgreSQL takes in one message"
            ),
            Unterminated::Comment => {
                f.write_str("the comment that begins here is never closed: its `*/` is missing")
            }
        }
    }
}

/// A text that ends inside a quote or a comment. It points at the opening, not at the end of the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct LexError {
    /// Line of the opening, from 1.
    pub line: u32,
    /// Column of the opening in characters, from 1.
    pub column: u32,
    /// Bytes before the opening, from the beginning of the whole text.
    pub offset: usize,
    /// What is not closed.
    pub what: Unterminated,
}
