//! Writes the part of a restore in place that counts rows before COMMIT, for psql. What decides how a table is counted, an
//! extension's configuration tables and trees with HASH partitions, is read from the restored catalog in the same transaction.

use crate::engine::restore::expected::ExpectedTable;
use crate::pg::literal::Literal;

/// Fails where a table is missing or has another number of rows. Partitions that are filled through their root are counted
/// together.
pub(super) fn counted<'a>(tables: impl Iterator<Item = &'a ExpectedTable>) -> String {
    let wanted: Vec<String> = tables
        // A name of another encoding cannot be written here.
        .filter(|table| ![&table.schema, &table.name].into_iter().any(|name| name.contains('\u{fffd}')))
        .map(|table| {
            let (schema, name) = (Literal(&table.schema), Literal(&table.name));
            format!("({schema}::pg_catalog.name, {name}::pg_catalog.name, {}::pg_catalog.int8)", table.rows)
        })
        .collect();
    if wanted.is_empty() {
        return String::new();
    }
    // Another number is a division by zero, and no COMMIT. As pg_dump does, rows that an extension filled in are left out
    // (docs 38.17.3 "Extension Configuration Tables").
    format!(
        "SELECT CASE WHEN pg_catalog.bool_or(t.oid IS NULL) THEN 'SELECT 1 OPERATOR(pg_catalog./) 0' \
           ELSE pg_catalog.format('SELECT 1 OPERATOR(pg_catalog./) (%s OPERATOR(pg_catalog.=) %s)::pg_catalog.int4', \
             pg_catalog.string_agg(DISTINCT pg_catalog.format('(SELECT pg_catalog.count(*) FROM ONLY %I.%I %s)', \
               t.schema, t.name, t.condition), ' OPERATOR(pg_catalog.+) '), pg_catalog.sum(t.rows)) END \
         FROM (SELECT w.schema, w.name, w.rows, c.oid, \
             (SELECT u.condition FROM pg_catalog.pg_extension e, \
               ROWS FROM (pg_catalog.unnest(e.extconfig), pg_catalog.unnest(e.extcondition)) u (oid, condition) \
              WHERE u.oid OPERATOR(pg_catalog.=) c.oid LIMIT 1) AS condition, \
             CASE WHEN (c.relispartition OR c.relkind OPERATOR(pg_catalog.=) 'p') AND EXISTS (\
               SELECT FROM pg_catalog.pg_partitioned_table p WHERE p.partstrat OPERATOR(pg_catalog.=) 'h' \
                 AND pg_catalog.pg_partition_root(p.partrelid) OPERATOR(pg_catalog.=) pg_catalog.pg_partition_root(c.oid)) \
               THEN pg_catalog.pg_partition_root(c.oid)::pg_catalog.oid ELSE c.oid END AS counted_as \
           FROM (VALUES {}) w (schema, name, rows) \
             LEFT JOIN (pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON c.relnamespace OPERATOR(pg_catalog.=) n.oid) \
               ON n.nspname OPERATOR(pg_catalog.=) w.schema AND c.relname OPERATOR(pg_catalog.=) w.name) t \
         GROUP BY t.counted_as \\gexec\n",
        wanted.join(", ")
    )
}
