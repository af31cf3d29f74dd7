//! Token after token through a buffer that may still grow. It knows the two things that one token cannot tell by
//! itself: a byte order mark begins the text, and a string goes on after a line break.

use super::token::{Ending, Kind, Scan, scan};

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
    /// The text ends inside a token of this kind, which begins where the cursor is.
    Unclosed(Kind),
}

#[derive(Debug, Clone, Default)]
pub(super) struct Cursor {
    /// Offset of the next token.
    pub(super) at: usize,
    gap: Gap,
}

/// "Two string constants that are only separated by whitespace with at least one newline are concatenated"
/// (4.1.2.1); scan.l counts `--` comments as such white space, and reads the second part like the first. (psql reads
/// line by line and forgets that an `E'…'` goes on; the server does not, and we follow the server.)
#[derive(Debug, Clone, Copy, Default)]
enum Gap {
    /// Nothing is read yet, and a byte order mark may come.
    #[default]
    Beginning,
    NoString,
    SameLine(Kind),
    NextLine(Kind),
}

impl Cursor {
    /// A cursor at the beginning of a statement; unlike a text, it has no byte order mark.
    pub(super) fn starting(at: usize) -> Cursor {
        Cursor { at, gap: Gap::NoString }
    }

    /// Whether a string that begins now is the continuation of the last one.
    pub(super) fn continues_string(&self) -> bool {
        matches!(self.gap, Gap::NextLine(_))
    }

    #[inline]
    pub(super) fn next(&mut self, window: Window<'_>) -> Next {
        let bytes = window.text.as_bytes();
        let start = self.at;
        let index = start - window.base;
        if index >= bytes.len() {
            return Next::End;
        }
        let found = match self.gap {
            Gap::NextLine(kind) => scan(bytes, index, window.ending, Some(kind)),
            Gap::Beginning if bytes[index..].starts_with(MARK) => Scan::Token(Kind::Space, MARK.len()),
            _ => scan(bytes, index, window.ending, None),
        };
        let (kind, end) = match found {
            Scan::Token(kind, end) => (kind, end),
            Scan::More => return Next::More,
            Scan::Unclosed(kind) => return Next::Unclosed(kind),
        };
        self.at = window.base + end;
        if kind.is_string() {
            self.gap = Gap::SameLine(kind);
        } else if !matches!(self.gap, Gap::NoString) {
            self.gap = self.gap.after(kind, &bytes[index..end]);
        }
        Next::Token(Token { kind, start, end: self.at })
    }
}

/// The byte order mark in UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

impl Gap {
    fn after(self, kind: Kind, text: &[u8]) -> Gap {
        match (kind, self) {
            (Kind::Space, Gap::SameLine(string)) if text.iter().any(|byte| matches!(byte, b'\n' | b'\r')) => {
                Gap::NextLine(string)
            }
            (Kind::Space | Kind::LineComment, Gap::SameLine(_) | Gap::NextLine(_)) => self,
            _ => Gap::NoString,
        }
    }
}
