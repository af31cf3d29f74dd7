//! What a command has to show: one value that can be text for people or one JSON document.

use std::borrow::Cow;

use anyhow::Result;
use console::Style;
use serde::Serialize;
use serde_json::{Map, Value};

/// A result.
pub(crate) trait Report: Serialize {
    /// For people.
    fn text(&self, page: &mut Page);

    /// For programs: the fields of the document, to which `"format": 1` is added.
    fn json(&self) -> Result<Map<String, Value>> {
        match serde_json::to_value(self)? {
            Value::Object(map) => Ok(map),
            other => Ok(Map::from_iter([("result".to_owned(), other)])),
        }
    }
}

/// What a piece of text means; never colour alone, every state has a word too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Warn,
    Bad,
    Dim,
    Strong,
}

/// Text under way to a stream.
#[derive(Debug)]
pub(crate) struct Page {
    text: String,
    coloured: bool,
    width: u16,
}

impl Page {
    pub(crate) fn new(coloured: bool, width: u16) -> Self {
        Self { text: String::new(), coloured, width }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The width to keep to; 0: any.
    pub(crate) fn width(&self) -> u16 {
        self.width
    }

    pub(crate) fn line(&mut self, line: &str) {
        self.text.push_str(&shown(line.trim_end()));
        self.text.push('\n');
    }

    pub(crate) fn blank(&mut self) {
        self.text.push('\n');
    }

    pub(crate) fn paint(&self, tone: Tone, text: &str) -> String {
        if !self.coloured {
            return text.to_owned();
        }
        let style = Style::new().force_styling(true);
        let style = match tone {
            Tone::Good => style.green(),
            Tone::Warn => style.yellow(),
            Tone::Bad => style.red().bold(),
            Tone::Dim => style.dim(),
            Tone::Strong => style.bold(),
        };
        style.apply_to(text).to_string()
    }
}

/// Text that others wrote (a manifest, a label, a server's message) must not steer the terminal: of its control characters
/// only line ends and tabs stay, and of all sequences those that colour.
fn shown(line: &str) -> Cow<'_, str> {
    let steers = |c: char| c.is_control() && c != '\n' && c != '\t';
    if !line.contains(steers) {
        return line.into();
    }
    let mut text = String::with_capacity(line.len());
    for (at, c) in line.char_indices() {
        match c {
            '\x1b' if is_colour(&line[at + 1..]) => text.push(c),
            c if steers(c) => text.extend(c.escape_unicode()),
            c => text.push(c),
        }
    }
    text.into()
}

/// Whether this follows the ESC of a colour: `[1;31m`.
fn is_colour(rest: &str) -> bool {
    let inside = rest.strip_prefix('[').and_then(|rest| rest.split_once('m')).map(|(inside, _)| inside);
    inside.is_some_and(|inside| inside.chars().all(|c| c.is_ascii_digit() || c == ';'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_shown_and_colours_stay() {
        let check = |line: &str, shown: &str| {
            let mut page = Page::new(true, 0);
            page.line(line);
            assert_eq!(page.as_str(), format!("{shown}\n"));
        };
        check("a\tb\nc é", "a\tb\nc é");
        check("\x1b[1;31mred\x1b[0m", "\x1b[1;31mred\x1b[0m");
        check("\x1b[2Jgone", "\\u{1b}[2Jgone");
        check("\x1b]0;title\x07m", "\\u{1b}]0;title\\u{7}m");
        check("all well\rerror\u{9b}2J", "all well\\u{d}error\\u{9b}2J");
    }
}
