//! Finds tables whose expressions call functions of a role that the session's role does not act for. The planner evaluates
//! constant calls in index, statistics and partition expressions with the rights of whoever reads the table, and so does a
//! read of a virtual generated column. And finds functions of such roles that PostgreSQL runs while it builds the same
//! definitions in a shadow database.

use std::collections::BTreeSet;

use crate::pg::error::PgError;
use crate::pg::ident::Tidy;
use crate::pg::session::Session;

/// The tables, qualified and quoted as `Id::path` writes them, with those that they are partitions or children of.
///
/// # Errors
/// What the server says.
pub fn tables(session: &mut Session) -> Result<BTreeSet<String>, PgError> {
    let rows = session.catalog(QUERY)?;
    let text = |row, column| rows.get(row, column).unwrap_or_default();
    let name = |row| format!("{}.{}", Tidy(text(row, 0)), Tidy(text(row, 1)));
    Ok((0..rows.rows.len()).map(name).collect())
}

/// Functions of roles that the session's role does not act for, and which building the definitions of its database in another
/// one would run: `public.f(integer) of mallory`. At most five.
///
/// # Errors
/// What the server says.
pub fn code(session: &mut Session) -> Result<Vec<String>, PgError> {
    let rows = session.catalog(&code_query())?;
    Ok(rows.rows.into_iter().filter_map(|mut row| row.pop().flatten()).collect())
}

/// What PostgreSQL evaluates while it builds a definition: checks, defaults, expressions of indexes and statistics, bounds of
/// partitions, the rows of materialized views, and whatever these call, by way of views, operators, aggregates and domains. A
/// call of a function of PostgreSQL's own leaves no row in pg_depend: those that run SQL given as text are found by their
/// names, in what such roles own.
fn code_query() -> String {
    let running = "'(to_xml|dblink|lo_import|lo_export|pg_read_|set_config)'";
    format!(
        "WITH RECURSIVE me AS (SELECT oid, rolsuper FROM pg_roles WHERE rolname = current_user), \
         lesser (oid, name) AS (SELECT owner.oid, owner.rolname FROM pg_roles owner, me WHERE NOT owner.rolsuper \
           AND owner.oid <> me.oid AND owner.rolname !~ '^pg_' \
           AND (me.rolsuper OR NOT pg_has_role(me.oid, owner.oid, 'MEMBER'))), \
         reached (class, object) AS (\
           SELECT * FROM (SELECT 'pg_class'::regclass::oid, indexrelid FROM pg_index \
               WHERE (indexprs IS NOT NULL OR indpred IS NOT NULL) AND indexrelid >= 16384 \
             UNION ALL SELECT 'pg_statistic_ext'::regclass, oid FROM pg_statistic_ext WHERE stxexprs IS NOT NULL \
             UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_constraint WHERE contype IN ('c', 'x') AND oid >= 16384 \
             UNION ALL SELECT 'pg_class'::regclass, partrelid FROM pg_partitioned_table \
             UNION ALL SELECT 'pg_attrdef'::regclass, oid FROM pg_attrdef WHERE oid >= 16384 \
             UNION ALL SELECT 'pg_class'::regclass, oid FROM pg_class WHERE relkind = 'm') first \
           UNION SELECT next.class, next.object FROM reached r CROSS JOIN LATERAL (\
             SELECT refclassid, refobjid FROM pg_depend WHERE classid = r.class AND objid = r.object \
               AND refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass, 'pg_opclass'::regclass, \
                 'pg_opfamily'::regclass, 'pg_class'::regclass) \
             UNION ALL SELECT 'pg_rewrite'::regclass, oid FROM pg_rewrite \
               WHERE r.class = 'pg_class'::regclass AND ev_class = r.object \
             UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_constraint \
               WHERE r.class = 'pg_type'::regclass AND contypid = r.object) next (class, object)), \
         texts (owner, what, definition) AS (\
           SELECT c.relowner, c.oid::regclass, pg_get_viewdef(c.oid) FROM pg_class c WHERE c.relkind = 'm' \
           UNION ALL SELECT c.relowner, c.oid::regclass, pg_get_constraintdef(k.oid) FROM pg_constraint k \
             JOIN pg_class c ON c.oid = k.conrelid WHERE k.contype = 'c' AND c.oid >= 16384 \
           UNION ALL SELECT c.relowner, c.oid::regclass, pg_get_indexdef(i.indexrelid) FROM pg_index i \
             JOIN pg_class c ON c.oid = i.indrelid WHERE i.indexrelid >= 16384 AND (indexprs IS NOT NULL OR indpred IS NOT NULL) \
           UNION ALL SELECT c.relowner, c.oid::regclass, pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d \
             JOIN pg_class c ON c.oid = d.adrelid WHERE c.oid >= 16384) \
         SELECT DISTINCT found FROM (\
           SELECT format('%s of %s', p.oid::regprocedure, l.name) FROM reached r JOIN pg_proc p \
             ON r.class = 'pg_proc'::regclass AND p.oid = r.object JOIN lesser l ON l.oid = p.proowner \
             WHERE NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid \
               AND e.deptype = 'e') \
           UNION ALL SELECT format('an expression in %s of %s', t.what, l.name) FROM texts t \
             JOIN lesser l ON l.oid = t.owner WHERE t.definition ~ {running}) all_of_it (found) ORDER BY found LIMIT 5"
    )
}

/// Follows pg_depend from the expressions to functions, by way of operators, types and the constraints of domains. A
/// superuser acts for superusers alone; pg_has_role would say that it is a member of every role.
const QUERY: &str = "WITH RECURSIVE me AS (SELECT oid, rolsuper FROM pg_roles WHERE rolname = current_user), \
     reached (rel, class, object) AS (\
       SELECT * FROM (SELECT indrelid, 'pg_class'::regclass::oid, indexrelid FROM pg_index \
           WHERE (indexprs IS NOT NULL OR indpred IS NOT NULL) AND indexrelid >= 16384 \
         UNION ALL SELECT stxrelid, 'pg_statistic_ext'::regclass, oid FROM pg_statistic_ext WHERE stxexprs IS NOT NULL \
         UNION ALL SELECT conrelid, 'pg_constraint'::regclass, oid FROM pg_constraint \
           WHERE contype = 'c' AND conrelid >= 16384 \
         UNION ALL SELECT partrelid, 'pg_class'::regclass, partrelid FROM pg_partitioned_table WHERE partexprs IS NOT NULL \
         UNION ALL SELECT adrelid, 'pg_attrdef'::regclass, d.oid FROM pg_attrdef d \
           JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum WHERE attgenerated = 'v') first \
       UNION SELECT r.rel, next.class, next.object FROM reached r CROSS JOIN LATERAL (\
         SELECT refclassid, refobjid FROM pg_depend WHERE classid = r.class AND objid = r.object \
           AND refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass, 'pg_opclass'::regclass, \
             'pg_opfamily'::regclass) \
         UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_constraint \
           WHERE r.class = 'pg_type'::regclass AND contypid = r.object) next (class, object)), \
     touched (rel) AS (\
       SELECT r.rel FROM reached r JOIN pg_proc p ON r.class = 'pg_proc'::regclass AND p.oid = r.object \
         JOIN pg_roles owner ON owner.oid = p.proowner, me \
         WHERE NOT owner.rolsuper AND owner.oid <> me.oid \
           AND (me.rolsuper OR NOT pg_has_role(me.oid, owner.oid, 'MEMBER')) \
       UNION SELECT inhparent FROM touched JOIN pg_inherits ON inhrelid = rel) \
     SELECT n.nspname, c.relname FROM touched JOIN pg_class c ON c.oid = rel JOIN pg_namespace n ON n.oid = c.relnamespace";
