//! Configuration tables of extensions: an archive has their rows, and the extension makes the tables, with their foreign keys
//! and sequences.

use std::collections::BTreeSet;

use crate::engine::archive::{Archive, Entry};
use crate::pg::error::PgError;
use crate::pg::session::Session;

/// Whether it has rows of tables that it does not make.
pub(super) fn fills(archive: &Archive) -> bool {
    let of = |entry: &Entry| (entry.namespace.clone(), entry.tag.clone());
    let made: BTreeSet<_> = archive.entries.iter().filter(|entry| entry.desc == "TABLE").map(of).collect();
    archive.entries.iter().any(|entry| entry.desc == "TABLE DATA" && !made.contains(&of(entry)))
}

/// Moves the sequences of extensions beyond the rows of their configuration tables: pg_dump has the rows alone.
///
/// # Errors
/// What the server says.
pub(super) fn move_sequences(session: &mut Session) -> Result<(), PgError> {
    let all = session.catalog(
        "SELECT pg_catalog.format('SELECT pg_catalog.setval(%L, m.value, true) FROM (SELECT pg_catalog.max(%I) \
             ::pg_catalog.int8 AS value FROM ONLY %I.%I) m, %I.%I s WHERE m.value OPERATOR(pg_catalog.>) s.last_value \
               OR m.value OPERATOR(pg_catalog.=) s.last_value AND NOT s.is_called', \
             pg_catalog.format('%I.%I', sn.nspname, s.relname), a.attname, n.nspname, c.relname, sn.nspname, s.relname) \
           FROM pg_catalog.pg_extension e CROSS JOIN LATERAL pg_catalog.unnest(e.extconfig) x (oid) \
             JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) x.oid \
               AND c.relkind OPERATOR(pg_catalog.=) 'r' \
             JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
             JOIN pg_catalog.pg_depend d ON d.refobjid OPERATOR(pg_catalog.=) c.oid \
               AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass \
               AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass \
               AND d.deptype OPERATOR(pg_catalog.=) ANY ('{a,i}') \
             JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid \
               AND a.attnum OPERATOR(pg_catalog.=) d.refobjsubid \
             JOIN pg_catalog.pg_class s ON s.oid OPERATOR(pg_catalog.=) d.objid \
               AND s.relkind OPERATOR(pg_catalog.=) 'S' AND s.oid OPERATOR(pg_catalog.<>) ALL (e.extconfig) \
             JOIN pg_catalog.pg_namespace sn ON sn.oid OPERATOR(pg_catalog.=) s.relnamespace \
           WHERE CASE s.relkind WHEN 'S' THEN pg_catalog.has_sequence_privilege(s.oid, 'UPDATE') \
                 AND pg_catalog.has_sequence_privilege(s.oid, 'SELECT') ELSE false END \
             AND pg_catalog.has_table_privilege(c.oid, 'SELECT')",
    )?;
    for statement in all.rows.into_iter().filter_map(|mut row| row.remove(0)) {
        session.query(&statement)?;
    }
    Ok(())
}
