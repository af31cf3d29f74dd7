//! Finds code of other roles that runs when rows are written into a table, whoever writes them: its checks, defaults,
//! generated columns, indexes, rules and the types of its columns, and the same of its partitions and of tables that its
//! foreign keys cascade to.

use std::collections::BTreeSet;

use crate::pg::error::PgError;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

/// An object of such a role, and the role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reached {
    /// As PostgreSQL describes it.
    pub what: String,
    /// Its owner.
    pub owner: String,
}

/// What writing into the table reaches, without what belongs to these roles. `table` is an expression of type oid. Also
/// inside of a transaction.
///
/// # Errors
/// What the server says.
pub fn written(
    session: &mut Session,
    table: &str,
    trusted: &BTreeSet<String>,
) -> Result<Vec<Reached>, PgError> {
    let rows =
        session.query(&query(table, trusted, Deed::Write))?.into_iter().next_back().unwrap_or_default();
    let cell = |row, column| rows.get(row, column).unwrap_or_default().to_owned();
    Ok((0..rows.rows.len()).map(|row| Reached { what: cell(row, 0), owner: cell(row, 1) }).collect())
}

/// What is done with the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// A statement over it is planned, which calls functions with constant arguments in some of its expressions.
    Plan,
    /// Rows are written.
    Write,
}

/// The query. Types of other roles count as code, but enums and ranges: a check can be added to a domain without a lock on
/// the tables that use it.
pub(crate) fn query(table: &str, trusted: &BTreeSet<String>, deed: Deed) -> String {
    let trusted: Vec<String> = trusted.iter().map(|role| Literal(role).to_string()).collect();
    let class = |name: &str| format!("'pg_catalog.{name}'::pg_catalog.regclass::pg_catalog.oid");
    let (rel, con, def) = (class("pg_class"), class("pg_constraint"), class("pg_attrdef"));
    let (stat, rule, trigger) = (class("pg_statistic_ext"), class("pg_rewrite"), class("pg_trigger"));
    let (kind, proc) = (class("pg_type"), class("pg_proc"));
    let eq = "OPERATOR(pg_catalog.=)";
    let seeds = format!(
        "SELECT f.oid, {rel}, f.oid FROM family f \
         UNION ALL SELECT f.oid, {rel}, i.indexrelid FROM family f JOIN pg_catalog.pg_index i ON i.indrelid {eq} f.oid \
         UNION ALL SELECT f.oid, {con}, c.oid FROM family f JOIN pg_catalog.pg_constraint c ON c.conrelid {eq} f.oid \
         UNION ALL SELECT f.oid, {def}, d.oid FROM family f JOIN pg_catalog.pg_attrdef d ON d.adrelid {eq} f.oid \
         UNION ALL SELECT f.oid, {stat}, s.oid FROM family f JOIN pg_catalog.pg_statistic_ext s ON s.stxrelid {eq} f.oid \
         UNION ALL SELECT f.oid, {rule}, r.oid FROM family f JOIN pg_catalog.pg_rewrite r ON r.ev_class {eq} f.oid \
         UNION ALL SELECT f.oid, {trigger}, t.oid FROM family f JOIN pg_catalog.pg_trigger t ON t.tgrelid {eq} f.oid \
           WHERE NOT t.tgisinternal AND f.oid OPERATOR(pg_catalog.<>) {table}"
    );
    // A plan expands no rule of a table that it reads, and fires no trigger.
    let seeds = match deed {
        Deed::Write => seeds,
        Deed::Plan => format!(
            "SELECT * FROM ({seeds}) seed (rel, class, object) WHERE seed.class OPERATOR(pg_catalog.<>) ALL (ARRAY[{rule}, {trigger}])"
        ),
    };
    let counted = match deed {
        Deed::Write => 0..6,
        Deed::Plan => 1..2,
    };
    let owned = [
        ("pg_class", "relowner", "object.relkind OPERATOR(pg_catalog.<>) 'S'::pg_catalog.\"char\""),
        ("pg_proc", "proowner", "true"),
        ("pg_operator", "oprowner", "true"),
        ("pg_opclass", "opcowner", "true"),
        ("pg_opfamily", "opfowner", "true"),
        (
            "pg_type",
            "typowner",
            "object.typtype OPERATOR(pg_catalog.<>) ALL (ARRAY['e', 'r', 'm']::pg_catalog.\"char\"[]) \
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray OPERATOR(pg_catalog.=) object.oid)",
        ),
    ];
    let owned: Vec<String> = owned[counted]
        .iter()
        .map(|(catalog, owner, counts)| {
            format!(
                "SELECT reached.class, object.oid, object.{owner} FROM reached JOIN pg_catalog.{catalog} object \
                 ON reached.class {eq} {} AND object.oid {eq} reached.object WHERE {counts}",
                class(catalog)
            )
        })
        .collect();
    format!(
        "WITH RECURSIVE family (oid) AS (SELECT {table} \
           UNION SELECT next.oid FROM family f CROSS JOIN LATERAL (\
             SELECT i.inhrelid FROM pg_catalog.pg_inherits i WHERE i.inhparent {eq} f.oid \
             UNION ALL SELECT c.conrelid FROM pg_catalog.pg_constraint c \
               WHERE c.confrelid {eq} f.oid AND c.contype {eq} 'f'::pg_catalog.\"char\" \
                 AND c.confupdtype {eq} ANY (ARRAY['c', 'n', 'd']::pg_catalog.\"char\"[])) next (oid)), \
         reached (rel, class, object) AS (SELECT * FROM ({seeds}) first \
           UNION SELECT r.rel, next.class, next.object FROM reached r CROSS JOIN LATERAL (\
             SELECT d.refclassid, d.refobjid FROM pg_catalog.pg_depend d \
               WHERE d.classid {eq} r.class AND d.objid {eq} r.object AND d.refobjid OPERATOR(pg_catalog.>=) 16384::pg_catalog.oid \
                 AND (d.refclassid {eq} ANY (ARRAY[{proc}, {}, {kind}, {}, {}]) \
                   OR d.refclassid {eq} {rel} AND r.class {eq} {rule}) \
             UNION ALL SELECT {con}, c.oid FROM pg_catalog.pg_constraint c \
               WHERE r.class {eq} {kind} AND c.contypid {eq} r.object \
             UNION ALL SELECT {rel}, t.typrelid FROM pg_catalog.pg_type t \
               WHERE r.class {eq} {kind} AND t.oid {eq} r.object AND t.typrelid OPERATOR(pg_catalog.<>) 0::pg_catalog.oid \
             UNION ALL SELECT {rule}, w.oid FROM pg_catalog.pg_rewrite w \
               WHERE r.class {eq} {rel} AND w.ev_class {eq} r.object) next (class, object)), \
         found (class, object, owner) AS ({}) \
         SELECT DISTINCT pg_catalog.pg_describe_object(found.class, found.object, 0), o.rolname \
         FROM found JOIN pg_catalog.pg_roles o ON o.oid {eq} found.owner \
         WHERE o.rolname::pg_catalog.text OPERATOR(pg_catalog.<>) ALL (ARRAY[{}]::pg_catalog.text[]) ORDER BY 1, 2",
        class("pg_operator"),
        class("pg_opclass"),
        class("pg_opfamily"),
        owned.join(" UNION ALL "),
        trusted.join(", ")
    )
}
