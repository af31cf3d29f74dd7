//! What a command has to show: one value that can be text for people or one JSON document.

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
        self.text.push_str(line.trim_end());
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
