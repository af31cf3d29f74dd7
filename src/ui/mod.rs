//! The terminal: results on stdout, everything else on stderr. Knows no domain type: it shows
//! `Report`s, sentences and numbers that others made.

mod progress;
mod prompt;
mod report;
mod table;

pub(crate) use progress::Progress;
pub(crate) use prompt::Answer;
pub(crate) use report::{Page, Report, Tone};
pub(crate) use table::Table;

use std::io::{self, IsTerminal, Write};

use anyhow::Result;
use serde_json::{Map, Value};

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How to tell.
#[derive(Debug, Clone)]
pub(crate) struct Manner {
    /// Whether the result is one JSON document.
    pub(crate) json: bool,
    /// Whether stderr holds errors only.
    pub(crate) quiet: bool,
    /// How much more is told.
    pub(crate) verbose: u8,
    /// When to colour.
    pub(crate) colour: Colour,
    /// A terminal driven by a program counts as none.
    pub(crate) driven: bool,
    /// Whether GitHub Actions reads along.
    pub(crate) github: bool,
    /// The width of tables, where it is given.
    pub(crate) columns: Option<u16>,
}

/// The two streams.
pub(crate) struct Ui {
    manner: Manner,
    /// Whether Ctrl-C was pressed: a prompt that waits must know.
    interrupted: Box<dyn Fn() -> bool>,
    told: bool,
}

impl std::fmt::Debug for Ui {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ui").field("manner", &self.manner).finish_non_exhaustive()
    }
}

impl Ui {
    pub(crate) fn new(manner: Manner, interrupted: impl Fn() -> bool + 'static) -> Self {
        Self { manner, interrupted: Box::new(interrupted), told: false }
    }

    /// Whether a person can be asked: stdin and stderr are terminals, and no program drives them.
    pub(crate) fn is_interactive(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal() && !self.manner.driven
    }

    pub(crate) fn is_verbose(&self) -> bool {
        self.manner.verbose > 0
    }

    /// The result is to be one JSON document, and an error too.
    pub(crate) fn answer_in_json(&mut self) {
        self.manner.json = true;
    }

    pub(crate) fn is_json(&self) -> bool {
        self.manner.json
    }

    fn coloured(&self, terminal: bool) -> bool {
        match self.manner.colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => terminal,
        }
    }

    /// The result: once per run, on stdout.
    pub(crate) fn result<R: Report>(&mut self, report: &R) -> Result<()> {
        self.told = true;
        if self.manner.json {
            return write_stdout(&document(report.json()?));
        }
        let page_width = self.manner.columns.unwrap_or_else(|| terminal_width(io::stdout().is_terminal()));
        let mut page = Page::new(self.coloured(io::stdout().is_terminal()), page_width);
        report.text(&mut page);
        write_stdout(page.as_str())
    }

    /// Raw lines of a result that is too large to hold, such as rows of a query.
    pub(crate) fn stream(&mut self, bytes: &[u8]) -> Result<()> {
        self.told = true;
        match io::stdout().lock().write_all(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(NobodyReads.into()),
            written => Ok(written?),
        }
    }

    /// What is worth knowing, on stderr.
    pub(crate) fn note(&self, text: &str) {
        if !self.manner.quiet {
            self.err_line("", None, text);
        }
    }

    /// What may go wrong.
    pub(crate) fn warn(&self, text: &str) {
        if self.manner.github {
            self.err_line("::warning::", None, &one_line(text));
        }
        if !self.manner.quiet {
            self.err_line("warning: ", Some(Tone::Warn), text);
        }
    }

    /// A finding at its place in a file, where GitHub Actions reads along; nothing elsewhere.
    pub(crate) fn annotate(&self, note: &Annotation<'_>) {
        if !self.manner.github {
            return;
        }
        let mut properties = Vec::new();
        properties.extend(note.file.map(|file| format!("file={}", property(file))));
        properties.extend(note.line.map(|line| format!("line={line}")));
        properties.push(format!("title={}", property(note.title)));
        let command = format!("::{} {}::{}", note.level, properties.join(","), one_line(note.message));
        self.err_line(&command, None, "");
    }

    /// An error, with what to do next; also as JSON where the result would have been.
    pub(crate) fn error(&mut self, problem: &Problem) {
        if self.manner.github {
            let place = problem.place.as_ref().map_or_else(String::new, |(file, line)| match line {
                Some(line) => format!(" file={file},line={line}"),
                None => format!(" file={file}"),
            });
            self.err_line(&format!("::error{place}::"), None, &one_line(&problem.message));
        }
        self.err_line("error: ", Some(Tone::Bad), &problem.message);
        for hint in &problem.hints {
            self.err_line("next: ", Some(Tone::Good), hint);
        }
        if self.manner.json && !self.told {
            let mut map = Map::new();
            map.insert("error".into(), Value::Object(problem.fields()));
            // Nothing is left to tell an error to if stdout is gone.
            drop(write_stdout(&document(map)));
        }
    }

    fn err_line(&self, prefix: &str, tone: Option<Tone>, text: &str) {
        let mut page = Page::new(self.coloured(io::stderr().is_terminal()), 0);
        match tone {
            Some(tone) if prefix.is_empty() => page.line(&page.paint(tone, text)),
            Some(tone) => page.line(&format!("{}{text}", page.paint(tone, prefix))),
            None => page.line(&format!("{prefix}{text}")),
        }
        // A closed stderr must not stop a deploy half way.
        drop(io::stderr().lock().write_all(page.as_str().as_bytes()));
    }
}

/// Nobody reads stdout any more (`pgkeel execute … | head -1`): stop, and end quietly.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads the result any more")]
pub(crate) struct NobodyReads;

/// An error as it is told.
#[derive(Debug, Default)]
pub(crate) struct Problem {
    pub(crate) message: String,
    pub(crate) hints: Vec<String>,
    pub(crate) code: u8,
    pub(crate) sqlstate: Option<String>,
    /// What else programs want to know, as fields of the JSON error.
    pub(crate) details: Map<String, Value>,
    /// File and line, for annotations.
    pub(crate) place: Option<(String, Option<u32>)>,
}

impl Problem {
    /// The fields of an error in a JSON document.
    pub(crate) fn fields(&self) -> Map<String, Value> {
        let mut error = Map::new();
        error.insert("message".into(), self.message.clone().into());
        error.insert("hints".into(), self.hints.clone().into());
        error.insert("exitCode".into(), self.code.into());
        if let Some(sqlstate) = &self.sqlstate {
            error.insert("sqlstate".into(), sqlstate.clone().into());
        }
        if let Some((file, line)) = &self.place {
            error.insert("file".into(), file.clone().into());
            error.insert("line".into(), (*line).into());
        }
        error.append(&mut self.details.clone());
        error
    }
}

/// A finding as GitHub Actions shows it beside the line.
#[derive(Debug)]
pub(crate) struct Annotation<'a> {
    /// `error`, `warning` or `notice`.
    pub(crate) level: &'static str,
    pub(crate) title: &'a str,
    pub(crate) message: &'a str,
    pub(crate) file: Option<&'a str>,
    pub(crate) line: Option<u32>,
}

/// A value of a workflow command's property: there a colon and a comma mean something too.
fn property(text: &str) -> String {
    one_line(text).replace(':', "%3A").replace(',', "%2C")
}

fn one_line(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn terminal_width(terminal: bool) -> u16 {
    if terminal { console::Term::stdout().size().1 } else { 0 }
}

fn document(mut fields: Map<String, Value>) -> String {
    let mut map = Map::new();
    map.insert("format".into(), 1.into());
    map.append(&mut fields);
    let mut text = serde_json::to_string_pretty(&Value::Object(map)).unwrap_or_default();
    text.push('\n');
    text
}

fn write_stdout(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    quiet_if_closed(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

/// A closed pipe on stdout (`pgkeel status | head -1`) is a quiet end.
fn quiet_if_closed(written: io::Result<()>) -> Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}
