//! What string constants say: manual sections 4.1.2.1 to 4.1.2.4, as PostgreSQL's scanner reads them.

use super::super::token::Kind;
use super::head::{Lexeme, Lexemes, unescape};

/// A string constant of a statement, of any kind but bit strings.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Literal {
    pub(super) value: String,
    /// The key word right before it, in lower case: `as` of a body, `do`.
    pub(super) after: String,
}

/// All string constants of a text. What cannot be read (a wrong escape) is left out: the server will refuse it.
pub(super) fn all(sql: &str) -> Vec<Literal> {
    let lexemes: Vec<_> = Lexemes::of(sql).collect();
    let mut found = Vec::new();
    let mut index = 0;
    while index < lexemes.len() {
        if let Some((value, length)) = at(&lexemes[index..]) {
            let before = index.checked_sub(1).map_or("", |before| lexemes[before].text);
            found.push(Literal { value, after: before.to_ascii_lowercase() });
            index += length;
        } else {
            index += 1;
        }
    }
    found
}

/// The string constant that begins with the first of these lexemes, and how many of them it is.
pub(super) fn at(lexemes: &[Lexeme<'_>]) -> Option<(String, usize)> {
    let first = lexemes.first()?;
    if first.kind == Kind::Dollar {
        let tag = first.text[1..].find('$')? + 2;
        return Some((first.text[tag..first.text.len() - tag].to_owned(), 1));
    }
    if !matches!(first.kind, Kind::Str | Kind::EscapeStr) {
        return None;
    }
    // Only the continuation of a string follows a string, and it has no prefix.
    let goes_on = |lexeme: &&Lexeme<'_>| lexeme.kind == first.kind && lexeme.text.starts_with('\'');
    let length = 1 + lexemes[1..].iter().take_while(goes_on).count();
    let raw: Option<String> = lexemes[..length]
        .iter()
        .map(|part| part.text.split_once('\'').and_then(|(_, text)| text.strip_suffix('\'')))
        .collect();
    let raw = raw?;
    if first.kind == Kind::EscapeStr {
        return Some((backslashes(&raw)?, length));
    }
    let text = raw.replace("''", "'");
    if first.text.starts_with(['u', 'U']) {
        return match uescape(&lexemes[length..]) {
            Some(escape) => Some((unescape(&text, escape)?, length + 2)),
            None => Some((unescape(&text, '\\')?, length)),
        };
    }
    Some((text, length))
}

/// The character of `UESCAPE '!'`.
pub(super) fn uescape(lexemes: &[Lexeme<'_>]) -> Option<char> {
    let [word, character, ..] = lexemes else { return None };
    let mut text = character.text.strip_prefix('\'')?.strip_suffix('\'')?.chars();
    let escape = text.next()?;
    (word.is("UESCAPE") && text.next().is_none()).then_some(escape)
}

/// The text between the quotes of `E'…'`. Octal and hexadecimal escapes are bytes, and the bytes must be UTF-8.
fn backslashes(raw: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        if character == '\'' {
            rest = rest.strip_prefix('\'').unwrap_or(rest);
        }
        if character != '\\' {
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        let escaped = rest.chars().next()?;
        let digits = |from: usize, radix: u32, most: usize| {
            rest[from..].chars().take(most).take_while(|digit| digit.is_digit(radix)).count()
        };
        let (from, length, radix) = match escaped {
            '0'..='7' => (0, digits(0, 8, 3), 8),
            'x' if digits(1, 16, 2) > 0 => (1, digits(1, 16, 2), 16),
            'u' | 'U' => {
                let (character, length) = code_point(rest)?;
                bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[length..];
                continue;
            }
            _ => {
                let plain = match escaped {
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'v' => '\u{b}',
                    other => other,
                };
                bytes.extend_from_slice(plain.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[escaped.len_utf8()..];
                continue;
            }
        };
        let value = u32::from_str_radix(&rest[from..from + length], radix).ok()?;
        bytes.push((value & 0xFF) as u8);
        rest = &rest[from + length..];
    }
    String::from_utf8(bytes).ok()
}

/// The character of `uXXXX`, `UXXXXXXXX`, or of two that are a surrogate pair; and its length.
fn code_point(text: &str) -> Option<(char, usize)> {
    let unit = |text: &str| {
        let length = if text.starts_with('u') { 5 } else { 9 };
        Some((u32::from_str_radix(text.get(1..length)?, 16).ok()?, length))
    };
    let (first, length) = unit(text)?;
    if !(0xD800..0xDC00).contains(&first) {
        return char::from_u32(first).map(|character| (character, length));
    }
    let (second, more) = unit(text.get(length..)?.strip_prefix('\\')?)?;
    let pair = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    let character = char::decode_utf16(pair).next()?.ok()?;
    Some((character, length + 1 + more))
}
