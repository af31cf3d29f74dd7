//! The table of databases and steps, and what went wrong.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;

use super::case::{Case, Runner, Step};
use super::text_of;

/// How a step ended.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    /// Well, and everything was as before.
    Pass,
    /// As it is documented, with this exit code, and everything was as before.
    Refused(i32),
    /// Well, and everything was as before but for what is documented.
    Changed,
    /// As it goes wrong today.
    Fault(i32),
    /// Otherwise: why.
    Failed(String),
    /// It was not reached, because a step before it left another database.
    NotRun,
    /// The server cannot have such a database.
    NotHere,
}

impl Cell {
    fn word(&self) -> String {
        match self {
            Self::Pass => "pass".to_owned(),
            Self::Refused(code) => format!("refused {code}"),
            Self::Changed => "changed".to_owned(),
            Self::Fault(code) => format!("fault {code}"),
            Self::Failed(_) => "FAILED".to_owned(),
            Self::NotRun => "not run".to_owned(),
            Self::NotHere => "-".to_owned(),
        }
    }
}

/// What happened so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    rows: Vec<(String, Runner, Vec<String>)>,
    specials: Vec<String>,
    wrong: Vec<String>,
}

impl Report {
    pub(super) fn note(&mut self, case: &Case, runner: Runner, cells: &[Cell]) {
        // A run of all of them takes long: what is done so far can be looked at.
        let is_campaign = text_of("PGKEEL_ROUNDTRIP").is_some();
        for (step, cell) in Step::ALL.iter().zip(cells) {
            if let Cell::Failed(why) = cell {
                let wrong = format!("=== {} as {}, {}: {why}", case.name, runner.word(), step.word());
                if is_campaign {
                    eprintln!("{wrong}");
                }
                self.wrong.push(wrong);
            }
        }
        if cells.iter().any(|cell| matches!(cell, Cell::Failed(_))) {
            self.specials.push(format!("{}: {}", case.name, case.special));
        }
        self.rows.push((case.name.clone(), runner, cells.iter().map(Cell::word).collect()));
        if is_campaign {
            eprintln!("{}", row(&case.name, runner.word(), &self.rows[self.rows.len() - 1].2));
        }
    }

    fn table(&self) -> String {
        let steps = Step::ALL.map(|step| step.word().to_owned());
        let mut text = row("database", "as", &steps);
        let mut rows = self.rows.clone();
        rows.sort();
        for (name, runner, cells) in &rows {
            write!(text, "\n{}", row(name, runner.word(), cells)).expect("a String takes all");
        }
        let count = |start: &str| {
            rows.iter().flat_map(|(.., cells)| cells).filter(|cell| cell.starts_with(start)).count()
        };
        write!(
            text,
            "\n{} passed, {} refused and {} changed as documented, {} with a fault that is known, {} failed, {} not run, {} not on this server\n",
            count("pass"),
            count("refused"),
            count("changed"),
            count("fault"),
            count("FAILED"),
            count("not run"),
            count("-")
        )
        .expect("a String takes all");
        text
    }

    /// Fail unless everything ended as it may.
    #[track_caller]
    pub(super) fn judge(self) {
        let table = self.table();
        if let Some(path) = text_of("PGKEEL_ROUNDTRIP_TABLE") {
            let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
            file.write_all(table.as_bytes()).unwrap();
        }
        let mut specials = self.specials;
        specials.sort();
        specials.dedup();
        assert!(
            self.wrong.is_empty(),
            "{table}{}\n{}\n{} wrong",
            self.wrong.join("\n"),
            specials.join("\n"),
            self.wrong.len()
        );
    }
}

fn row(name: &str, runner: &str, cells: &[String]) -> String {
    let mut text = format!("{name:26} {runner:10}");
    for cell in cells {
        write!(text, " {cell:10}").expect("a String takes all");
    }
    text.trim_end().to_owned()
}
