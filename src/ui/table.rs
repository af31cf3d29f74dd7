//! Tables by comfy-table, in the project's one style: no frame, a header, two blanks between.

use comfy_table::{Cell, ContentArrangement, presets};

use super::report::{Page, Tone};

/// A table under way to a page.
#[derive(Debug)]
pub(crate) struct Table {
    inner: comfy_table::Table,
    width: u16,
}

impl Table {
    pub(crate) fn new(page: &Page, header: &[&str]) -> Self {
        let mut inner = comfy_table::Table::new();
        inner.load_style(presets::NOTHING);
        inner.set_header(header.iter().map(|name| Cell::new(page.paint(Tone::Dim, name))));
        let mut table = Self { inner, width: page.width() };
        if table.width > 0 {
            table.inner.set_content_arrangement(ContentArrangement::Dynamic);
            table.inner.set_width(table.width);
        }
        table
    }

    pub(crate) fn row<I: IntoIterator<Item = String>>(&mut self, cells: I) {
        self.inner.add_row(cells);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.inner.row_count() == 0
    }

    pub(crate) fn end(mut self, page: &mut Page) {
        for column in self.inner.column_iter_mut() {
            column.set_padding((0, 2));
        }
        for line in self.inner.to_string().lines() {
            page.line(line);
        }
    }
}
