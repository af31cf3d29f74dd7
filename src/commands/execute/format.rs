//! Rows on their way to stdout: table, JSON or CSV. JSON and CSV are streamed; a table must know
//! its widths, so it is cut.

use anyhow::Result;
use serde_json::Value;

use crate::pg::session::{Column, Incoming};
use crate::ui::{Page, Table, Ui};

use super::Format;

/// More rows than this make no table for people.
const TABLE_ROWS: usize = 1_000;

/// Writes results as they come.
#[derive(Debug)]
pub(super) struct Writer {
    format: Format,
    columns: Vec<Column>,
    rows: Vec<Vec<Option<String>>>,
    count: usize,
    results: usize,
    begun: bool,
}

impl Writer {
    pub(super) fn new(format: Format) -> Self {
        Self { format, columns: vec![], rows: vec![], count: 0, results: 0, begun: false }
    }

    pub(super) fn take(&mut self, incoming: Incoming<'_>, ui: &mut Ui) -> Result<()> {
        match incoming {
            Incoming::Columns(columns) => self.columns(columns, ui),
            Incoming::Row(row) => self.row(row, ui),
            Incoming::Done(tag) => self.done(tag, ui),
            Incoming::CopyRow(bytes) => ui.stream(bytes),
            Incoming::Notice(_) => Ok(()),
        }
    }

    fn columns(&mut self, columns: &[Column], ui: &mut Ui) -> Result<()> {
        self.columns = columns.to_vec();
        self.count = 0;
        match self.format {
            Format::Table => Ok(()),
            Format::Csv => csv_line(columns.iter().map(|column| column.name.as_str()), ui),
            Format::Json => {
                let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
                let begin = format!(
                    "{}{{\"columns\":{},\"rows\":[",
                    self.separator(),
                    serde_json::to_string(&names)?
                );
                ui.stream(begin.as_bytes())
            }
        }
    }

    fn row(&mut self, row: Vec<Option<String>>, ui: &mut Ui) -> Result<()> {
        self.count += 1;
        match self.format {
            Format::Table => {
                if self.rows.len() < TABLE_ROWS {
                    self.rows.push(row);
                }
                Ok(())
            }
            Format::Csv => csv_line(row.iter().map(|cell| cell.as_deref().unwrap_or_default()), ui),
            Format::Json => {
                let values: Vec<_> =
                    row.into_iter().zip(&self.columns).map(|(cell, column)| value(cell, column)).collect();
                let comma = if self.count > 1 { "," } else { "" };
                ui.stream(format!("{comma}\n{}", serde_json::to_string(&values)?).as_bytes())
            }
        }
    }

    fn done(&mut self, tag: &str, ui: &mut Ui) -> Result<()> {
        let columns = std::mem::take(&mut self.columns);
        match self.format {
            Format::Csv => Ok(()),
            Format::Json if columns.is_empty() => {
                let text = format!(
                    "{}{{\"columns\":[],\"rows\":[],\"tag\":{}}}",
                    self.separator(),
                    serde_json::to_string(tag)?
                );
                ui.stream(text.as_bytes())
            }
            Format::Json => ui.stream(format!("],\"tag\":{}}}", serde_json::to_string(tag)?).as_bytes()),
            Format::Table if columns.is_empty() => ui.stream(format!("{tag}\n").as_bytes()),
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
                ui.stream(page.as_str().as_bytes())
            }
        }
    }

    /// Close the document; an error becomes its last field.
    pub(super) fn end(&mut self, error: Option<&str>, ui: &mut Ui) -> Result<()> {
        if self.format != Format::Json || (error.is_some() && !self.begun) {
            return Ok(());
        }
        // An error in the middle of rows: the result that was begun is closed first.
        let open = if error.is_some() && !self.columns.is_empty() { "],\"tag\":null}" } else { "" };
        let begin = if self.begun { "" } else { "{\"format\":1,\"results\":[" };
        let error = match error {
            Some(error) => format!(",\"error\":{{\"message\":{}}}", serde_json::to_string(error)?),
            None => String::new(),
        };
        ui.stream(format!("{begin}{open}\n]{error}}}\n").as_bytes())
    }

    fn separator(&mut self) -> &'static str {
        self.results += 1;
        self.begun = true;
        if self.results == 1 { "{\"format\":1,\"results\":[\n" } else { ",\n" }
    }
}

fn csv_line<'a>(cells: impl Iterator<Item = &'a str>, ui: &mut Ui) -> Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells)?;
    ui.stream(&writer.into_inner()?)
}

/// Numbers, booleans and JSON as such, everything else as the text that PostgreSQL prints.
fn value(cell: Option<String>, column: &Column) -> Value {
    let Some(text) = cell else { return Value::Null };
    // Type oids are fixed (pg_type.dat): bool 16, int8 20, int2 21, int4 23, oid 26, json 114,
    // float4 700, float8 701, jsonb 3802. numeric stays text: it does not fit a double.
    let parsed = match column.type_oid {
        16 => Some(Value::Bool(text == "t")),
        20 | 21 | 23 | 26 | 114 | 700 | 701 | 3802 => serde_json::from_str(&text).ok(),
        _ => None,
    };
    parsed.unwrap_or(Value::String(text))
}
