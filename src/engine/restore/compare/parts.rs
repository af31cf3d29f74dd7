//! Reads which tables of a restored database are not compared row by row as they are: configuration tables of extensions,
//! of which pg_dump writes a part, and partitions that are filled through their root.

use std::collections::BTreeMap;

use crate::pg::error::PgError;
use crate::pg::session::Session;

/// Schema and name.
type Name = (String, String);

/// A configuration table of an extension, with the condition of the rows that pg_dump writes (docs 38.17.3
/// "Extension Configuration Tables").
const CONFIGURED: &str = "SELECT n.nspname, c.relname, u.condition FROM pg_catalog.pg_extension e, \
     ROWS FROM (pg_catalog.unnest(e.extconfig), pg_catalog.unnest(e.extcondition)) u (oid, condition), \
     pg_catalog.pg_class c, pg_catalog.pg_namespace n \
     WHERE c.oid OPERATOR(pg_catalog.=) u.oid AND n.oid OPERATOR(pg_catalog.=) c.relnamespace \
       AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p}')";

/// Partitions of a tree in which some table is partitioned by HASH, and their root. Where the hash of a type differs
/// between databases, as that of an enum does, pg_dump writes the rows for the root.
const HASHED: &str = "SELECT n.nspname, c.relname, rn.nspname, r.relname FROM pg_catalog.pg_class c \
     JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
     JOIN pg_catalog.pg_class r ON r.oid OPERATOR(pg_catalog.=) pg_catalog.pg_partition_root(c.oid) \
     JOIN pg_catalog.pg_namespace rn ON rn.oid OPERATOR(pg_catalog.=) r.relnamespace \
     WHERE (c.relispartition OR c.relkind OPERATOR(pg_catalog.=) 'p') \
       AND r.oid OPERATOR(pg_catalog.=) ANY (SELECT pg_catalog.pg_partition_root(p.partrelid) \
         FROM pg_catalog.pg_partitioned_table p WHERE p.partstrat OPERATOR(pg_catalog.=) 'h')";

/// What was read.
#[derive(Debug, Default)]
pub(in crate::engine::restore) struct Parts {
    conditions: BTreeMap<Name, String>,
    roots: BTreeMap<Name, Name>,
}

impl Parts {
    /// Read it.
    ///
    /// # Errors
    /// What the server says.
    pub(in crate::engine::restore) fn of(session: &mut Session) -> Result<Self, PgError> {
        let mut parts = Self::default();
        let rows = session.catalog(CONFIGURED)?;
        for row in 0..rows.rows.len() {
            let cell = |column| rows.get(row, column).unwrap_or_default().to_owned();
            parts.conditions.insert((cell(0), cell(1)), cell(2));
        }
        let rows = session.catalog(HASHED)?;
        for row in 0..rows.rows.len() {
            let cell = |column| rows.get(row, column).unwrap_or_default().to_owned();
            parts.roots.insert((cell(0), cell(1)), (cell(2), cell(3)));
        }
        Ok(parts)
    }

    /// `WHERE …` of the rows that pg_dump writes; empty: all of them.
    pub(in crate::engine::restore) fn condition(&self, schema: &str, name: &str) -> &str {
        self.conditions.get(&(schema.to_owned(), name.to_owned())).map_or("", String::as_str)
    }

    /// The configuration tables of extensions.
    pub(in crate::engine::restore) fn configured(&self) -> impl Iterator<Item = (&str, &str)> {
        self.conditions.keys().map(|(schema, name)| (schema.as_str(), name.as_str()))
    }

    /// The root through which the rows of this partition may come.
    pub(in crate::engine::restore) fn root(&self, schema: &str, name: &str) -> Option<(&str, &str)> {
        let root = self.roots.get(&(schema.to_owned(), name.to_owned()))?;
        Some((&root.0, &root.1))
    }
}
