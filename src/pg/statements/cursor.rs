//! Token after token through a buffer that may still grow. It knows the two things that one token cannot tell by
//! itself: a byte order mark begins the text, and a string goes on after a line break.

use super::error::Unterminated;
use super::token::{Ending, Kind, Quote, Scan, scan};

/// A token; offsets are those of the whole text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The part of a text that is in memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window<'a> {
    pub(super) text: &'a str,
    /// Offset of its first byte in the whole text.
    pub(super) base: usize,
    pub(super) ending: Ending,
}

impl<'a> Window<'a> {
    /// A whole text, or a part of one that ends between two tokens.
    pub(super) fn whole(text: &'a str) -> Window<'a> {
        Window { text, base: 0, ending: Ending::Final }
    }

    pub(super) fn slice(&self, from: usize, to: usize) -> &'a str {
        &self.text[from - self.base..to - self.base]
    }

    pub(super) fn end(&self) -> usize {
        self.base + self.text.len()
    }
}

/// What the cursor found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Token(Token),
    /// The window ends inside a token.
    More,
    /// The window ends between two tokens.
    End,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Cursor {
    /// Offset of the next token.
    pub(super) at: usize,
    gap: Gap,
}

/// "Two string constants that are only separated by whitespace with at least one newline are concatenated"
/// (4.1.2.1); scan.l counts `--` comments as such white space, and reads the second part like the first.
#[derive(Debug, Clone, Copy, Default)]
enum Gap {
    #[default]
    NoString,
    SameLine(Quote),
    NextLine(Quote),
}

impl Cursor {
    /// A cursor at a place between two statements.
    pub(super) fn starting(at: usize) -> Cursor {
        Cursor { at, gap: Gap::NoString }
    }

    /// Whether a string that begins now is the continuation of the last one.
    pub(super) fn continues_string(&self) -> bool {
        matches!(self.gap, Gap::NextLine(_))
    }

    pub(super) fn next(&mut self, window: Window<'_>) -> Result<Next, Unterminated> {
        let bytes = window.text.as_bytes();
        let index = self.at - window.base;
        if index >= bytes.len() {
            return Ok(Next::End);
        }
        let continues = if let Gap::NextLine(quote) = self.gap { Some(quote) } else { None };
        let found = if self.at == 0 && bytes.starts_with("\u{feff}".as_bytes()) {
            Scan::Token(Kind::Space, '\u{feff}'.len_utf8())
        } else {
            scan(bytes, index, window.ending, continues)?
        };
        let Scan::Token(kind, end) = found else { return Ok(Next::More) };
        let token = Token { kind, start: self.at, end: window.base + end };
        self.at = token.end;
        self.gap = match (kind, self.gap) {
            (Kind::Str(quote), _) => Gap::SameLine(quote),
            (Kind::Space, Gap::SameLine(quote))
                if bytes[index..end].iter().any(|b| matches!(b, b'\n' | b'\r')) =>
            {
                Gap::NextLine(quote)
            }
            (Kind::Space | Kind::LineComment, gap) => gap,
            _ => Gap::NoString,
        };
        Ok(Next::Token(token))
    }
}
