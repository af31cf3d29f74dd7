//! Rows on their way to stdout: table, JSON or CSV. JSON and CSV are streamed; a table must know
//! its widths, so it is cut.

use anyhow::Result;

use crate::pg::session::{Column, Incoming};
use crate::ui::{Page, Problem, Table, Ui};

use super::Format;

/// More rows than this make no table for people.
const TABLE_ROWS: usize = 1_000;

/// As much as is collected before it is written: a write for every row would cost more than the row.
const CHUNK: usize = 32 << 10;

/// Writes results as they come.
#[derive(Debug)]
pub(super) struct Writer {
    format: Format,
    columns: Vec<Column>,
    rows: Vec<Vec<Option<String>>>,
    count: usize,
    results: usize,
    out: String,
}

impl Writer {
    pub(super) fn new(format: Format) -> Self {
        Self { format, columns: vec![], rows: vec![], count: 0, results: 0, out: String::new() }
    }

    pub(super) fn take(&mut self, incoming: Incoming<'_>, ui: &mut Ui) -> Result<()> {
        match incoming {
            Incoming::Columns(columns) => self.columns(columns),
            Incoming::Row(row) => self.row(row),
            Incoming::Done(tag) => self.done(tag, ui),
            Incoming::CopyRow(bytes) if self.format == Format::Json => {
                if self.columns.is_empty() {
                    self.columns(&[Column { name: "copy".into(), type_oid: 25 }]);
                }
                let line = String::from_utf8_lossy(bytes);
                self.row(vec![Some(line.trim_end_matches('\n').to_owned())]);
            }
            Incoming::CopyRow(bytes) => return ui.stream(bytes),
            Incoming::Notice(_) | Incoming::MoreNotices(_) | Incoming::Waiting => {}
        }
        if self.out.len() > CHUNK { self.flush(ui) } else { Ok(()) }
    }

    fn flush(&mut self, ui: &mut Ui) -> Result<()> {
        ui.stream(self.out.as_bytes())?;
        self.out.clear();
        Ok(())
    }

    fn columns(&mut self, columns: &[Column]) {
        self.columns = columns.to_vec();
        self.count = 0;
        let names = columns.iter().map(|column| column.name.as_str());
        match self.format {
            Format::Table => {}
            Format::Csv => csv_line(names.map(Some), &mut self.out),
            Format::Json => {
                let names: Vec<_> = names.map(quoted).collect();
                self.begin_result();
                self.out.push_str(&format!("{{\"columns\":[{}],\"rows\":[", names.join(",")));
            }
        }
    }

    fn row(&mut self, row: Vec<Option<String>>) {
        self.count += 1;
        match self.format {
            Format::Table if self.rows.len() < TABLE_ROWS => self.rows.push(row),
            Format::Table => {}
            Format::Csv => csv_line(row.iter().map(Option::as_deref), &mut self.out),
            Format::Json => {
                let values: Vec<_> =
                    row.iter().zip(&self.columns).map(|(cell, column)| value(cell, column)).collect();
                let comma = if self.count > 1 { "," } else { "" };
                self.out.push_str(&format!("{comma}\n[{}]", values.join(",")));
            }
        }
    }

    fn done(&mut self, tag: &str, ui: &mut Ui) {
        let columns = std::mem::take(&mut self.columns);
        match self.format {
            Format::Csv => {}
            Format::Json => {
                if columns.is_empty() {
                    self.begin_result();
                    self.out.push_str("{\"columns\":[],\"rows\":[");
                }
                self.out.push_str(&format!("],\"tag\":{}}}", quoted(tag)));
            }
            Format::Table if columns.is_empty() => self.out.push_str(&format!("{tag}\n")),
            Format::Table => {
                let mut page = Page::new(false, 0);
                let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
                let mut table = Table::new(&page, &names);
                for row in self.rows.drain(..) {
                    table.row(row.into_iter().map(|cell| cell.unwrap_or_else(|| "NULL".into())));
                }
                table.end(&mut page);
                let count = if self.count == 1 { "1 row".into() } else { format!("{} rows", self.count) };
                page.line(&format!("({count})"));
                if self.count > TABLE_ROWS {
                    ui.warn(&format!(
                        "the table shows the first {TABLE_ROWS} rows; `--format csv` prints all"
                    ));
                }
                self.out.push_str(page.as_str());
            }
        }
    }

    /// Write what is left, and close the document; an error becomes its last field.
    pub(super) fn end(&mut self, error: Option<&Problem>, ui: &mut Ui) -> Result<()> {
        if self.format == Format::Json {
            if self.results == 0 {
                self.out.push_str("{\"format\":1,\"results\":[");
            }
            // An error in the middle of rows: the result that was begun is closed first.
            if !self.columns.is_empty() {
                self.out.push_str("],\"tag\":null}");
            }
            self.out.push_str("\n]");
            if let Some(problem) = error {
                self.out.push_str(&format!(",\"error\":{}", serde_json::Value::Object(problem.fields())));
            }
            self.out.push_str("}\n");
        }
        self.flush(ui)
    }

    fn begin_result(&mut self) {
        self.results += 1;
        self.out.push_str(if self.results == 1 { "{\"format\":1,\"results\":[\n" } else { ",\n" });
    }
}

/// As COPY writes it: nothing is NULL, and `""` is an empty text.
fn csv_line<'a>(cells: impl Iterator<Item = Option<&'a str>>, out: &mut String) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            out.push(',');
        }
        match cell {
            None => {}
            Some(text) if text.is_empty() || text == "\\." || text.contains([',', '"', '\n', '\r']) => {
                out.push('"');
                out.push_str(&text.replace('"', "\"\""));
                out.push('"');
            }
            Some(text) => out.push_str(text),
        }
    }
    out.push('\n');
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Numbers, booleans and JSON as PostgreSQL prints them, to the last digit; everything else as a text.
fn value(cell: &Option<String>, column: &Column) -> String {
    let Some(text) = cell else { return "null".into() };
    // Type oids are fixed (pg_type.dat): bool 16, int8 20, int2 21, int4 23, oid 26, json 114,
    // float4 700, float8 701, jsonb 3802. numeric stays text: it does not fit a double.
    match column.type_oid {
        16 => if text == "t" { "true" } else { "false" }.into(),
        20 | 21 | 23 | 26 | 114 | 3802 => text.clone(),
        700 | 701 if text.parse().is_ok_and(f64::is_finite) => text.clone(),
        _ => quoted(text),
    }
}
