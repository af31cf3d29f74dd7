//! The significant tokens of a statement, and what to ask of them: key words, phrases, names.

use super::super::cursor::{Cursor, Next, Window};
use super::super::token::Kind;
use super::literal;

/// A token that is neither white space nor comment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lexeme<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    /// Bytes before it.
    pub(super) start: usize,
}

impl Lexeme<'_> {
    /// Whether it is this key word, in any case; a quoted identifier is none.
    pub(super) fn is(&self, keyword: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    pub(super) fn is_any(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.is(keyword))
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }

    /// The identifier that it is: unquoted, or folded to lower case ("4.1.1. Identifiers and Key Words").
    pub(super) fn identifier(&self) -> Option<String> {
        match self.kind {
            Kind::Word => Some(self.text.to_ascii_lowercase()),
            Kind::QuotedIdent => match self.text.strip_prefix('"') {
                Some(rest) => Some(rest.strip_suffix('"')?.replace("\"\"", "\"")),
                None => self.escaped_identifier('\\'),
            },
            _ => None,
        }
    }

    /// `U&"…"`; its UESCAPE follows it.
    fn escaped_identifier(&self, escape: char) -> Option<String> {
        unescape(&self.text.get(3..)?.strip_suffix('"')?.replace("\"\"", "\""), escape)
    }
}

/// What stands in `U&"…"` and `U&'…'`: `\0061`, `\+01F600`, `\\`; surrogates come in pairs.
pub(super) fn unescape(text: &str, escape: char) -> Option<String> {
    let mut units = Vec::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        if character != escape {
            units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
            continue;
        }
        let (digits, length) = match rest.chars().next()? {
            doubled if doubled == escape => {
                units.extend_from_slice(escape.encode_utf16(&mut [0; 2]));
                rest = &rest[escape.len_utf8()..];
                continue;
            }
            '+' => (rest.get(1..7)?, 7),
            _ => (rest.get(..4)?, 4),
        };
        let code = u32::from_str_radix(digits, 16).ok()?;
        match u16::try_from(code) {
            Ok(unit) => units.push(unit),
            Err(_) => units.extend_from_slice(char::from_u32(code)?.encode_utf16(&mut [0; 2])),
        }
        rest = &rest[length..];
    }
    String::from_utf16(&units).ok()
}

/// All significant tokens, one after another.
#[derive(Debug, Clone)]
pub(super) struct Lexemes<'a> {
    window: Window<'a>,
    cursor: Cursor,
}

impl<'a> Lexemes<'a> {
    pub(super) fn of(sql: &'a str) -> Lexemes<'a> {
        Lexemes { window: Window::whole(sql), cursor: Cursor::starting(0) }
    }
}

impl<'a> Iterator for Lexemes<'a> {
    type Item = Lexeme<'a>;

    fn next(&mut self) -> Option<Lexeme<'a>> {
        loop {
            let Next::Token(token) = self.cursor.next(self.window) else { return None };
            if !token.kind.is_trivia() {
                let text = self.window.slice(token.start, token.end);
                return Some(Lexeme { kind: token.kind, text, start: token.start });
            }
        }
    }
}

/// The first tokens of a statement: enough for every rule that looks at a fixed place.
pub(super) struct Head<'a> {
    pub(super) sql: &'a str,
    lexemes: Vec<Lexeme<'a>>,
}

/// The longest beginning that any rule needs is an EXPLAIN with all its options.
const LENGTH: usize = 64;

impl<'a> Head<'a> {
    pub(super) fn of(sql: &'a str) -> Head<'a> {
        Head { sql, lexemes: Lexemes::of(sql).take(LENGTH).collect() }
    }

    pub(super) fn get(&self, at: usize) -> Option<&Lexeme<'a>> {
        self.lexemes.get(at)
    }

    /// Whether these key words, written with one blank between them, stand at `at`.
    pub(super) fn has(&self, at: usize, phrase: &str) -> bool {
        // Most phrases fail at their first letter.
        let first = |text: &str| text.as_bytes().first().map(u8::to_ascii_uppercase);
        self.get(at).is_some_and(|lexeme| first(lexeme.text) == first(phrase))
            && phrase.split(' ').enumerate().all(|(index, keyword)| {
                self.get(at + index).is_some_and(|lexeme| lexeme.is(keyword) || lexeme.is_symbol(keyword))
            })
    }

    pub(super) fn has_any(&self, at: usize, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.has(at, phrase))
    }

    /// The place after `phrase` if it stands at `at`, else `at`.
    pub(super) fn past(&self, at: usize, phrase: &str) -> usize {
        if self.has(at, phrase) { at + phrase.split(' ').count() } else { at }
    }

    /// The name at `at`, of one or more parts, and the place after it.
    pub(super) fn name(&self, at: usize) -> Option<(Vec<String>, usize)> {
        let (part, mut at) = self.part(at)?;
        let mut parts = vec![part];
        while self.has(at, ".") {
            let (part, after) = self.part(at + 1)?;
            parts.push(part);
            at = after;
        }
        Some((parts, at))
    }

    /// One part of a name, with the UESCAPE that may follow it.
    fn part(&self, at: usize) -> Option<(String, usize)> {
        let lexeme = self.get(at)?;
        let escaped = lexeme.kind == Kind::QuotedIdent && !lexeme.text.starts_with('"');
        match literal::uescape(self.rest(at + 1)) {
            Some(escape) if escaped => Some((lexeme.escaped_identifier(escape)?, at + 3)),
            _ => Some((lexeme.identifier()?, at + 1)),
        }
    }

    /// The lexemes from `at` on.
    pub(super) fn rest(&self, at: usize) -> &[Lexeme<'a>] {
        self.lexemes.get(at..).unwrap_or_default()
    }

    /// The lexemes of the parenthesis that opens at `at`, and the place after it; nothing if none opens there.
    pub(super) fn parenthesis(&self, at: usize) -> (&[Lexeme<'a>], usize) {
        if !self.has(at, "(") {
            return (&[], at);
        }
        let mut depth = 0usize;
        for (index, lexeme) in self.lexemes.iter().enumerate().skip(at) {
            depth += usize::from(lexeme.is_symbol("("));
            depth -= usize::from(lexeme.is_symbol(")"));
            if depth == 0 {
                return (&self.lexemes[at + 1..index], index + 1);
            }
        }
        (&self.lexemes[at + 1..], self.lexemes.len())
    }
}

/// The value of the option `name` in `(a, name, b false)`: no value means true. None if it is not there.
pub(super) fn option(options: &[Lexeme<'_>], name: &str) -> Option<bool> {
    let at = options
        .iter()
        .enumerate()
        .position(|(index, lexeme)| lexeme.is(name) && (index == 0 || options[index - 1].is_symbol(",")))?;
    let value = options[at + 1..].iter().find(|lexeme| lexeme.text != "=");
    Some(value.is_none_or(|value| {
        let text = value.text.trim_matches(['\'', '"']);
        !["false", "off", "no", "0"].iter().any(|no| text.eq_ignore_ascii_case(no))
    }))
}
