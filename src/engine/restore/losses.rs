//! What a restore would lose, told before anybody agrees: time, rows that were written since, migrations.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::engine::backup::manifest::Manifest;
use crate::engine::ledger::Ledger;
use crate::pg::error::PgError;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

use super::journal::now;

/// What goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Losses {
    /// The moment that comes back; `None` for a foreign file, which does not say.
    pub since: Option<DateTime<Utc>>,
    /// How long ago that was, in seconds.
    pub seconds: Option<i64>,
    /// Rows inserted, updated and deleted since, as the server counts; `None` where the counts were reset since.
    pub written: Option<u64>,
    /// Migrations that become pending again, sorted.
    pub pending_again: Vec<String>,
}

/// Whether a database still is what a restore of this backup made of it, by what the server counts: as many rows inserted into
/// each table as the backup has, none updated or deleted, no table more or less, no other migration. `false` where the counts
/// were reset.
///
/// # Errors
/// What the server says.
pub fn is_untouched(
    live: &mut Session,
    ledger: &Ledger,
    manifest: &Manifest,
    bookkeeping: &str,
) -> Result<bool, PgError> {
    let applied = ledger.applied.iter().map(|applied| applied.version.as_str());
    if !applied.eq(manifest.migrations.applied.iter().map(String::as_str)) {
        return Ok(false);
    }
    if live.server_version() < 150_000 {
        // The statistics collector writes its file every 500 ms.
        std::thread::sleep(std::time::Duration::from_millis(700));
    }
    let rows = live.catalog(&format!(
        "SELECT s.schemaname, s.relname, s.n_tup_ins, \
           s.n_tup_upd OPERATOR(pg_catalog.+) s.n_tup_del, pg_catalog.pg_relation_size(s.relid), \
           EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype OPERATOR(pg_catalog.=) 'e' \
             AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass \
             AND d.objid OPERATOR(pg_catalog.=) s.relid) \
         FROM pg_catalog.pg_stat_user_tables s \
           JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) s.relid \
         WHERE s.schemaname OPERATOR(pg_catalog.<>) {} AND c.relkind OPERATOR(pg_catalog.=) 'r'",
        Literal(bookkeeping)
    ))?;
    let mut found = BTreeSet::new();
    for row in 0..rows.rows.len() {
        let cell = |column| rows.get(row, column).unwrap_or_default();
        let number = |column| cell(column).parse::<u64>().unwrap_or_default();
        let then = manifest.tables.iter().find(|table| table.schema == cell(0) && table.name == cell(1));
        found.insert((cell(0), cell(1)));
        // Their scripts fill them, and another version of one makes others.
        if cell(5) == "t" {
            continue;
        }
        let Some(then) = then else { return Ok(false) };
        // TRUNCATE is not counted, but leaves nothing.
        let is_emptied = then.rows > 0 && number(4) == 0;
        if number(2) != then.rows || number(3) != 0 || is_emptied {
            return Ok(false);
        }
    }
    let mut all = manifest.tables.iter().filter(|table| table.schema != bookkeeping);
    Ok(all.all(|table| found.contains(&(table.schema.as_str(), table.name.as_str()))))
}

/// Ask the live database, and compare (docs 28.2.19, `pg_stat_all_tables`).
///
/// # Errors
/// What the server says.
pub fn losses(
    live: &mut Session,
    ledger: &Ledger,
    manifest: Option<&Manifest>,
    bookkeeping: &str,
) -> Result<Losses, PgError> {
    let Some(manifest) = manifest else {
        return Ok(Losses { since: None, seconds: None, written: None, pending_again: Vec::new() });
    };
    let since = manifest.snapshot.at;
    let seconds = (now(live)? - since).num_seconds().max(0);
    let rows = live.catalog(&format!(
        // A refresh of a materialized view writes what other tables have.
        "SELECT schemaname, s.relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables s \
           JOIN pg_class c ON c.oid = relid WHERE relkind <> 'm' AND schemaname <> {}",
        Literal(bookkeeping)
    ))?;
    let mut written = Some(0u64);
    for row in 0..rows.rows.len() {
        let cell = |column| rows.get(row, column).unwrap_or_default();
        let now: u64 = cell(2).parse().unwrap_or_default();
        let then = manifest.tables.iter().find(|table| table.schema == cell(0) && table.name == cell(1));
        let then = then.map_or(Some(0), |table| table.written);
        written = match (written, then.and_then(|then| now.checked_sub(then))) {
            (Some(sum), Some(more)) => Some(sum + more),
            _ => None,
        };
    }
    let then = &manifest.migrations.applied;
    let applied = ledger.applied.iter().map(|applied| applied.version.clone());
    Ok(Losses {
        since: Some(since),
        seconds: Some(seconds),
        written,
        pending_again: applied.filter(|version| !then.contains(version)).collect(),
    })
}
