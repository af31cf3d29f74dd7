//! Whether a catalog was changed while it was read. It only counts.

use crate::pg::error::PgError;
use crate::pg::session::{Rows, Session};

/// The catalogs that say what is where; whatever changes a definition writes a row of one of them.
const WATCHED: [&str; 22] = [
    "pg_class",
    "pg_attribute",
    "pg_attrdef",
    "pg_constraint",
    "pg_index",
    "pg_type",
    "pg_enum",
    "pg_proc",
    "pg_rewrite",
    "pg_trigger",
    "pg_policy",
    "pg_namespace",
    "pg_sequence",
    "pg_inherits",
    "pg_operator",
    "pg_cast",
    "pg_description",
    "pg_default_acl",
    "pg_statistic_ext",
    "pg_publication",
    "pg_depend",
    "pg_extension",
];

/// Who has begun and who has ended in the whole server: where this is the same, nothing has changed (docs 9.27.8).
pub(super) const SNAPSHOT: &str = "SELECT pg_catalog.pg_current_snapshot()::pg_catalog.text";

/// The number of rows of each.
pub(super) fn counts() -> String {
    let parts: Vec<String> =
        WATCHED.iter().map(|name| format!("(SELECT count(*) FROM pg_catalog.{name})")).collect();
    format!("SELECT concat_ws(' ', {})", parts.join(", "))
}

/// Whether nothing differs from what a snapshot saw: no row was added since, nor is there one less.
pub(super) fn is_unchanged(session: &mut Session, snapshot: &Rows, before: &Rows) -> Result<bool, PgError> {
    if session.catalog(&counts())?.rows != before.rows {
        return Ok(false);
    }
    let seen = snapshot.get(0, 0).unwrap_or_default();
    Ok(session.catalog(&written_since(seen))?.get(0, 0).is_none())
}

/// Finds a row that the snapshot did not see. Numbers of transactions are of 32 bits and begin anew, so that only those
/// between the snapshot's oldest and now are looked at (docs 25.1.5).
fn written_since(seen: &str) -> String {
    let part = |name: &&str| {
        format!(
            "SELECT 1 FROM pg_catalog.{name} t, s WHERE age(t.xmin) BETWEEN 0 AND s.age \
             AND NOT pg_visible_in_snapshot((s.oldest + s.age - age(t.xmin))::text::xid8, s.seen)"
        )
    };
    let parts: Vec<String> = WATCHED.iter().map(part).collect();
    format!(
        "WITH s AS MATERIALIZED (SELECT x.seen, x.oldest, age((x.oldest % 4294967296)::text::xid) AS age \
         FROM (SELECT v.seen, pg_snapshot_xmin(v.seen)::text::int8 AS oldest \
         FROM (VALUES ('{seen}'::pg_snapshot)) v (seen)) x) SELECT 1 FROM ({} LIMIT 1) AS r",
        parts.join(" UNION ALL ")
    )
}
