//! The table of a test: what happened to each plant with each command, and what must not have.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;

use crate::support::cluster::variable;

use super::evidence::Trace;

/// One command in one stage.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) code: i32,
    pub(super) shown: String,
    pub(super) traces: Vec<Trace>,
    pub(super) complaints: Vec<String>,
}

/// The rows of a test.
#[derive(Debug)]
pub(super) struct Report {
    title: String,
    columns: Vec<String>,
    rows: BTreeMap<String, Vec<String>>,
    wrong: Vec<String>,
}

impl Report {
    pub(super) fn new(title: &str) -> Self {
        Self { title: title.to_owned(), columns: vec![], rows: BTreeMap::new(), wrong: vec![] }
    }

    /// What became of a plant, or of several at once, in this command.
    pub(super) fn note(&mut self, plant: &str, command: &str, cell: &Cell) {
        let column = self.columns.iter().position(|name| name == command).unwrap_or_else(|| {
            self.columns.push(command.to_owned());
            self.columns.len() - 1
        });
        let ran: Vec<_> = cell.traces.iter().filter(|trace| !trace.is_fine).collect();
        let mut shown = cell.code.to_string();
        if !ran.is_empty() {
            shown.push_str(" RAN");
        } else if !cell.traces.is_empty() {
            shown.push_str(" own");
        }
        let row = self.rows.entry(plant.to_owned()).or_default();
        row.resize(row.len().max(column + 1), String::new());
        row[column] = shown;
        let mut said: Vec<String> = Vec::new();
        for trace in ran {
            let place: String = trace.place.chars().take(600).collect();
            let line = format!("{} ran as {} in {place}", trace.plant, trace.could);
            if !said.contains(&line) {
                said.push(line);
            }
        }
        let all = said.iter().chain(&cell.complaints);
        self.wrong.extend(all.map(|line| format!("{plant}, {command}: {line}")));
    }

    fn table(&self) -> String {
        let mut text = format!("{}\n{:32}", self.title, "plant");
        for column in &self.columns {
            write!(text, " {column:10}").expect("a String takes all");
        }
        for (plant, cells) in &self.rows {
            write!(text, "\n{plant:32}").expect("a String takes all");
            for cell in cells {
                write!(text, " {cell:10}").expect("a String takes all");
            }
        }
        text.push_str("\n\n");
        text
    }

    /// Fail unless nothing ran and every command ended as it may.
    #[track_caller]
    pub(super) fn judge(&self) {
        let table = self.table();
        if let Some(path) = variable("PGKEEL_RIGHTS_TABLE") {
            let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
            file.write_all(table.as_bytes()).unwrap();
        }
        assert!(self.wrong.is_empty(), "{table}{} wrong:\n{}", self.wrong.len(), self.wrong.join("\n"));
    }
}
