//! Where something is in a text, for people: line and column, and the line itself with a caret below it.
//! Lines end with `\n` (or `\r\n`); columns count characters, not bytes and not terminal cells.

/// A place in a text, as editors count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// From 1, in characters. A byte order mark at the beginning of the text does not count.
    pub column: u32,
}

impl Position {
    /// The beginning of a text.
    pub const START: Position = Position { line: 1, column: 1 };

    /// Where one is after reading `text` from here. The caller has taken off a byte order mark.
    #[must_use]
    pub(super) fn after(self, text: &str) -> Position {
        let bytes = text.as_bytes();
        match bytes.iter().rposition(|byte| *byte == b'\n') {
            None => Position { line: self.line, column: self.column + count(bytes) },
            Some(last) => {
                let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u32;
                Position { line: self.line + lines, column: 1 + count(&bytes[last + 1..]) }
            }
        }
    }
}

/// Characters in UTF-8: the bytes that do not continue one.
fn count(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u32
}

/// `text` without the byte order mark that some editors put first.
pub(super) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The largest character boundary of `text` that is not after `offset`.
fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Line and column of the byte at `offset`. An offset after the end counts as the end, one inside a character as
/// its first byte.
#[must_use]
pub fn position(text: &str, offset: usize) -> Position {
    Position::START.after(without_mark(&text[..floor(text, offset)]))
}

/// The byte offset of PostgreSQL's error position: 1 is the first **character** of the text that was sent (message
/// field `P`, "52.8. Error and Notice Message Fields"). Positions after the end give the end.
#[must_use]
pub fn offset_of_character(text: &str, position: usize) -> usize {
    text.char_indices().nth(position.saturating_sub(1)).map_or(text.len(), |(offset, _)| offset)
}

/// One line of a text and a caret that points into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The line's number, from 1.
    pub line_no: u32,
    /// The column of the place in the whole line, from 1, in characters.
    pub column: u32,
    /// The line, or the part of it around the place; `…` stands where something was cut off.
    pub line_text: String,
    /// What to print below `line_text`: blanks, its tabs kept so that both lines expand alike, and `^`.
    pub caret: String,
}

/// Longer lines are cut around the caret, so that a line of a megabyte does not drown its error.
const WIDTH: usize = 100;

/// The line around byte `offset` of `text`, ready for display.
#[must_use]
pub fn excerpt(text: &str, offset: usize) -> Excerpt {
    let offset = floor(text, offset);
    let Position { line: line_no, column } = position(text, offset);
    let start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |newline| offset + newline);
    let line = without_mark(&text[start..end]);
    let line = line.strip_suffix('\r').unwrap_or(line);

    let at = column as usize - 1;
    let length = line.chars().count();
    let (from, to) = if length <= WIDTH {
        (0, length)
    } else {
        let from = at.saturating_sub(WIDTH * 2 / 3).min(length - WIDTH);
        (from, from + WIDTH)
    };
    let mut line_text = String::new();
    let mut caret = String::new();
    if from > 0 {
        line_text.push('…');
        caret.push(' ');
    }
    for (index, character) in line.chars().enumerate().skip(from).take(to - from) {
        line_text.push(character);
        if index < at {
            caret.push(if character == '\t' { '\t' } else { ' ' });
        }
    }
    if to < length {
        line_text.push('…');
    }
    caret.push('^');
    Excerpt { line_no, column, line_text, caret }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_skip_the_byte_order_mark() {
        let check = |text: &str, offset, line, column| {
            assert_eq!(position(text, offset), Position { line, column }, "{text:?} at {offset}");
        };
        check("", 0, 1, 1);
        check("abc", 2, 1, 3);
        check("abc", 99, 1, 4);
        check("a\nb", 2, 2, 1);
        check("a\r\nb", 3, 2, 1);
        check("ää€x", 7, 1, 4);
        check("ää", 1, 1, 1);
        check("\u{feff}a", 3, 1, 1);
        check("\u{feff}a\n€b", 8, 2, 2);
    }

    #[test]
    fn a_position_from_the_server_becomes_an_offset() {
        let check = |text: &str, character, offset| {
            assert_eq!(offset_of_character(text, character), offset, "{text:?}")
        };
        check("select", 1, 0);
        check("select", 0, 0);
        check("ä€x", 3, 5);
        check("ä€x", 4, 6);
        check("ä€x", 40, 6);
    }

    #[test]
    fn an_excerpt_shows_the_line_and_points_into_it() {
        let check = |text: &str, at: &str, line_no, column, line_text: &str, caret: &str| {
            let found = excerpt(text, text.find(at).expect("the case contains it"));
            let wanted =
                Excerpt { line_no, column, line_text: line_text.to_owned(), caret: caret.to_owned() };
            assert_eq!(found, wanted, "{text:?}");
        };
        check("select 1;\nselekt 2;\n", "selekt", 2, 1, "selekt 2;", "^");
        check("a\r\n\tb\tcd\r\ne", "cd", 2, 4, "\tb\tcd", "\t \t^");
        check("\u{feff}ä bad", "bad", 1, 3, "ä bad", "  ^");
        check("ab\ncd", "\n", 1, 3, "ab", "  ^");
        let long = format!("{}!{}", "x".repeat(500), "y".repeat(500));
        let found = excerpt(&long, 500);
        assert_eq!(found.column, 501);
        assert_eq!(found.line_text.chars().count(), 102);
        assert_eq!(found.line_text.chars().nth(found.caret.chars().count() - 1), Some('!'));
        let found = excerpt(&long, 1000);
        assert!(found.line_text.starts_with('…') && found.line_text.ends_with("yy"));
        let found = excerpt(&long, 3);
        assert!(
            found.line_text.starts_with("xxx") && found.line_text.ends_with('…') && found.caret == "   ^"
        );
    }
}
