//! Finds the `$` of a .env file that dotenvy would expand, and the line on which each variable begins. dotenvy's quoting decides:
//! nothing in single quotes is expanded, nor is `\\$`.

/// Stands for a `$` that is to be expanded; no character of any text (Unicode 23.7 "Noncharacters").
pub(super) const DOLLAR: char = '\u{fdd0}';
/// Stands for a `$` that is one.
pub(super) const LITERAL: char = '\u{fdd1}';

/// A text without a `$`, and where its variables begin.
pub(super) struct Scanned {
    /// The text, with `DOLLAR` and `LITERAL` for each `$`.
    pub(super) text: String,
    /// Names in order, each with its line, from 1.
    pub(super) starts: Vec<(String, usize)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum In {
    Start,
    Value,
    Single,
    Double,
    Comment,
}

/// Scan a whole file.
pub(super) fn scan(text: &str) -> Scanned {
    let mut scanned = Scanned { text: String::with_capacity(text.len()), starts: Vec::new() };
    let (mut place, mut line, mut name, mut blank) = (In::Start, 1, String::new(), true);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let mut out = c;
        match (place, c) {
            (In::Single | In::Double, '\n') => line += 1,
            (_, '\n') => {
                line += 1;
                name.clear();
                (place, blank) = (In::Start, true);
            }
            (In::Comment, _) => {}
            (In::Start, '=') => {
                let written = name.trim();
                let written = written
                    .strip_prefix("export")
                    .filter(|rest| rest.starts_with(char::is_whitespace))
                    .unwrap_or(written);
                scanned.starts.push((written.trim().to_owned(), line));
                (place, blank) = (In::Value, true);
            }
            (In::Start, '#') if name.trim().is_empty() => place = In::Comment,
            (In::Start, _) => name.push(c),
            (In::Value, '#') if blank => place = In::Comment,
            (In::Value, '\'') => (place, blank) = (In::Single, false),
            (In::Value, '"') => (place, blank) = (In::Double, false),
            (In::Single, '\'') | (In::Double, '"') => place = In::Value,
            (In::Single, '$') => out = LITERAL,
            (In::Value | In::Double, '$') => (out, blank) = (DOLLAR, false),
            (In::Value | In::Double, '\\') => {
                blank = false;
                if chars.next_if_eq(&'$').is_some() {
                    out = LITERAL;
                } else if let Some(next) = chars.next_if(|next| *next != '\n') {
                    scanned.text.push('\\');
                    out = next;
                }
            }
            (In::Value, _) => blank = c.is_whitespace(),
            (In::Single | In::Double, _) => {}
        }
        scanned.text.push(out);
    }
    scanned
}
