//! Reads what seed files left in the tables that they touched, to compare it with what a second run leaves.

use crate::pg::error::PgError;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

use super::Touched;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) rows: String,
    hash: String,
}

/// Row count and an order-free hash of each table: of all its rows, also where FORCE ROW LEVEL SECURITY makes policies apply
/// to the owner.
pub(super) fn contents(
    session: &mut Session,
    touched: &[Touched],
) -> Result<Vec<(String, Content)>, PgError> {
    let tables: Vec<String> = touched.iter().map(|one| Literal(&one.table).to_string()).collect();
    let forced = session.query(&format!(
        "SELECT n FROM pg_catalog.unnest(ARRAY[{}]::pg_catalog.text[]) n \
           JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(n) \
         WHERE c.relforcerowsecurity AND pg_catalog.row_security_active(c.oid) \
           AND pg_catalog.pg_has_role(c.relowner, 'USAGE')",
        tables.join(", ")
    ))?;
    let forced = forced.into_iter().next_back().unwrap_or_default();
    let is_forced = |table: &str| (0..forced.rows.len()).any(|row| forced.get(row, 0) == Some(table));
    touched
        .iter()
        .map(|Touched { table, .. }| {
            let (before, after) = match is_forced(table) {
                true => (
                    format!("ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; "),
                    format!("; ALTER TABLE {table} FORCE ROW LEVEL SECURITY"),
                ),
                false => Default::default(),
            };
            let rows = session.query(&format!(
                "{before}SELECT pg_catalog.count(*), coalesce(pg_catalog.sum(pg_catalog.hashtextextended((t.*)::pg_catalog.text, 0)::pg_catalog.numeric), 0) \
                 FROM {table} t{after}"
            ))?;
            let rows = rows.iter().find(|rows| !rows.columns.is_empty());
            let cell = |column| rows.and_then(|r| r.get(0, column)).unwrap_or_default().to_owned();
            Ok((table.clone(), Content { rows: cell(0), hash: cell(1) }))
        })
        .collect()
}
