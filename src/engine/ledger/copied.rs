//! Reads rows of our own tables by COPY TO, over the pool: unlike SELECT, it plans nothing and runs no code that belongs
//! to a table. In text format: Diesel's own reader of the binary one loses its place at a NULL (2.3.14).

use std::io::BufRead as _;
use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::QueryResult;
use diesel::connection::SimpleConnection as _;
use diesel::pg::{CopyFormat, CopyTarget, PgConnection};
use diesel::result::Error;

use crate::pg::copy_text::columns;

use super::records::{OperationRow, Run, SeedRow, StoredSql};
use super::schema::{migration, operation, seed};

/// Rows that are read so.
pub(super) trait Copied: Sized {
    /// The columns, in the order in which `of` takes them.
    fn target() -> impl CopyTarget;

    /// A row of its cells.
    fn of(cells: &mut Cells) -> Option<Self>;

    /// All rows of the table, in no order.
    fn copied(conn: &mut PgConnection) -> QueryResult<Vec<Self>> {
        let unreadable = |why: String| Error::DeserializationError(why.into());
        let text = diesel::copy_to(Self::target()).with_format(CopyFormat::Text).load_raw(conn)?;
        let rows: Vec<Self> = text
            .split(b'\n')
            .map(|line| {
                let line = line.map_err(|error| unreadable(error.to_string()))?;
                let row = Self::of(&mut Cells(columns(&line).into_iter()));
                row.ok_or_else(|| unreadable("a column is not of the type that pgkeel gave it".into()))
            })
            .collect::<QueryResult<_>>()?;
        // Diesel leaves the end of the COPY unread, and this takes it in.
        conn.batch_execute("SELECT 1")?;
        Ok(rows)
    }
}

/// The cells of a row that are left.
pub(super) struct Cells(std::vec::IntoIter<Option<String>>);

impl Cells {
    fn nullable(&mut self) -> Option<Option<String>> {
        self.0.next()
    }

    fn text(&mut self) -> Option<String> {
        self.nullable()?
    }

    fn parsed<T: FromStr>(&mut self) -> Option<T> {
        self.text()?.parse().ok()
    }

    fn nullable_id(&mut self) -> Option<Option<i64>> {
        match self.nullable()? {
            None => Some(None),
            Some(text) => text.parse().ok().map(Some),
        }
    }

    fn yes(&mut self) -> Option<bool> {
        Some(self.text()? == "t")
    }

    fn time(&mut self) -> Option<DateTime<Utc>> {
        utc(&self.text()?)
    }

    fn nullable_time(&mut self) -> Option<Option<DateTime<Utc>>> {
        match self.nullable()? {
            None => Some(None),
            Some(text) => utc(&text).map(Some),
        }
    }
}

/// A time in the ISO style of a session in UTC.
fn utc(text: &str) -> Option<DateTime<Utc>> {
    let time = NaiveDateTime::parse_from_str(text.strip_suffix("+00")?, "%Y-%m-%d %H:%M:%S%.f").ok()?;
    Some(time.and_utc())
}

impl Copied for Run {
    fn target() -> impl CopyTarget {
        (
            operation::id,
            operation::command,
            operation::ledger_schema,
            operation::role,
            operation::os_user,
            operation::host,
            operation::started_at,
            operation::outcome,
        )
    }

    fn of(cells: &mut Cells) -> Option<Self> {
        Some(Self {
            id: cells.parsed()?,
            command: cells.text()?,
            ledger_schema: cells.text()?,
            role: cells.text()?,
            os_user: cells.text()?,
            host: cells.text()?,
            started_at: cells.time()?,
            outcome: cells.nullable()?,
        })
    }
}

impl Copied for OperationRow {
    fn target() -> impl CopyTarget {
        operation::table
    }

    fn of(cells: &mut Cells) -> Option<Self> {
        Some(Self {
            id: cells.parsed()?,
            command: cells.text()?,
            environment: cells.nullable()?,
            ledger_schema: cells.text()?,
            role: cells.text()?,
            os_user: cells.text()?,
            host: cells.text()?,
            client_pid: cells.parsed()?,
            backend_pid: cells.parsed()?,
            tool_version: cells.text()?,
            started_at: cells.time()?,
            finished_at: cells.nullable_time()?,
            outcome: cells.nullable()?,
            message: cells.nullable()?,
            backup: cells.nullable()?,
            lsn: cells.nullable()?,
        })
    }
}

impl Copied for StoredSql {
    fn target() -> impl CopyTarget {
        (
            migration::ledger_schema,
            migration::version,
            migration::name,
            migration::transactional,
            migration::up_sql,
            migration::down_sql,
            migration::operation_id,
        )
    }

    fn of(cells: &mut Cells) -> Option<Self> {
        Some(Self {
            ledger_schema: cells.text()?,
            version: cells.text()?,
            name: cells.text()?,
            transactional: cells.yes()?,
            up_sql: cells.nullable()?,
            down_sql: cells.nullable()?,
            operation_id: cells.nullable_id()?,
        })
    }
}

impl Copied for SeedRow {
    fn target() -> impl CopyTarget {
        seed::table
    }

    fn of(cells: &mut Cells) -> Option<Self> {
        Some(Self {
            ledger_schema: cells.text()?,
            seed_set: cells.text()?,
            file: cells.text()?,
            checksum: cells.text()?,
            operation_id: cells.nullable_id()?,
            applied_at: cells.time()?,
            duration_ms: cells.parsed()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_and_without_a_fraction() {
        let read = |text| utc(text).map(|time| time.to_rfc3339());
        assert_eq!(read("2026-12-01 01:02:03.5+00").as_deref(), Some("2026-12-01T01:02:03.500+00:00"));
        assert_eq!(read("2026-12-01 01:02:03+00").as_deref(), Some("2026-12-01T01:02:03+00:00"));
        assert_eq!(read("01.12.2026 01:02:03 UTC"), None);
    }
}
