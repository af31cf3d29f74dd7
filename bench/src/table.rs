//! What a group found: one Markdown table, the sentences around it, and what could not be measured.

use std::fmt;

use crate::contest::{Figures, Outcome};
use crate::measure::Sample;
use crate::stats::shown;

/// The result of a group.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) title: String,
    /// What was done, in sentences.
    pub(crate) about: Vec<String>,
    pub(crate) header: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<String>>,
    /// What has no number, and why.
    pub(crate) failures: Vec<String>,
}

/// What a figure is measured by: so many times what `of` takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) at_most: f64,
    pub(crate) of: &'static str,
}

impl Table {
    pub(crate) fn new(title: &str, header: &[&'static str]) -> Table {
        Table { title: title.to_owned(), header: header.to_vec(), ..Table::default() }
    }

    /// A table for `timed`.
    pub(crate) fn of_times(title: &str) -> Table {
        let header = [
            "case",
            "tool",
            "median ms",
            "min ms",
            "CPU ms",
            "peak MB",
            "ratio",
            "ratio of minima",
            "target",
        ];
        Table::new(title, &header)
    }

    pub(crate) fn about(mut self, sentence: &str) -> Table {
        self.about.push(sentence.to_owned());
        self
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// A row for what has no number.
    pub(crate) fn failed(&mut self, case: &str, name: &str, why: &str) {
        self.failures.push(format!("{case}: {name}: {why}"));
        let blanks = self.header.len().saturating_sub(3);
        self.row(
            [case, name, "failed: see below"]
                .into_iter()
                .map(str::to_owned)
                .chain(vec![String::new(); blanks]),
        );
    }

    /// The rows of one case. Ratios are to `reference`, of medians and of minima; `target` is pgkeel's.
    pub(crate) fn timed(
        &mut self,
        case: &str,
        outcomes: &[Outcome<Sample>],
        reference: &'static str,
        target: Option<f64>,
    ) {
        let base = outcomes.iter().find(|o| o.name == reference);
        let base = base.and_then(|o| o.samples.as_deref().ok()).map(Figures::of);
        for outcome in outcomes {
            let samples = match &outcome.samples {
                Ok(samples) => samples,
                Err(why) => {
                    self.failed(case, &outcome.name, why);
                    continue;
                }
            };
            let figures = Figures::of(samples);
            let ratio = base.map(|base| figures.wall.median / base.wall.median);
            let of_minima = base.map(|base| figures.wall.min / base.wall.min);
            let target = target.filter(|_| outcome.name == "pgkeel");
            let verdict = target.map(|at_most| verdict(ratio, Target { at_most, of: reference }));
            let times = |ratio: Option<f64>| ratio.map(|r| format!("{r:.2}")).unwrap_or_default();
            self.row([
                case.to_owned(),
                outcome.name.clone(),
                shown(figures.wall.median),
                shown(figures.wall.min),
                shown(figures.cpu.median),
                shown(figures.memory.max),
                times(ratio),
                times(of_minima),
                verdict.unwrap_or_default(),
            ]);
        }
        self.about.push(format!("{case}: ratios are to {reference}."));
    }
}

/// Whether a ratio reached its target.
pub(crate) fn verdict(ratio: Option<f64>, target: Target) -> String {
    let Target { at_most, of } = target;
    match ratio {
        Some(ratio) if ratio <= at_most => format!("≤ {at_most} × {of}: met"),
        Some(_) => format!("≤ {at_most} × {of}: **missed**"),
        None => format!("≤ {at_most} × {of}: unknown"),
    }
}

/// Whether a value reached its target.
pub(crate) fn within(value: f64, at_most: f64, unit: &str) -> String {
    let result = if value <= at_most { "met" } else { "**missed**" };
    format!("≤ {}{unit}: {result}", at_most.round())
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## {}\n", self.title)?;
        for sentence in &self.about {
            writeln!(f, "{sentence}")?;
        }
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            cells.chain([self.header[column].chars().count()]).max().unwrap_or_default()
        };
        let widths: Vec<_> = (0..self.header.len()).map(width).collect();
        let line = |f: &mut fmt::Formatter<'_>, cells: &mut dyn Iterator<Item = &str>| {
            let cells: Vec<_> = cells.zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            writeln!(f, "| {} |", cells.join(" | "))
        };
        writeln!(f)?;
        line(f, &mut self.header.iter().copied())?;
        let dashes: Vec<_> = widths.iter().map(|width| "-".repeat(*width)).collect();
        line(f, &mut dashes.iter().map(String::as_str))?;
        for row in &self.rows {
            line(f, &mut row.iter().map(String::as_str))?;
        }
        if !self.failures.is_empty() {
            writeln!(f, "\nNot measured:\n")?;
        }
        self.failures.iter().try_for_each(|failure| writeln!(f, "- {failure}"))
    }
}
