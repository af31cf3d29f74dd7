//! Finds tables whose expressions call functions of a role that the session's role does not act for. The planner evaluates
//! constant calls in index, statistics and partition expressions with the rights of whoever reads the table, and so does a
//! read of a virtual generated column.

mod code;
mod written;

use std::collections::BTreeSet;

use crate::pg::error::PgError;
use crate::pg::ident::Tidy;
use crate::pg::session::Session;

pub use code::{Code, Roles, code, recorded};
pub(crate) use written::{Deed, query as reached_query};
pub use written::{Reached, written};

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
