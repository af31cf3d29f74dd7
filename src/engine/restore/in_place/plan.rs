//! Decides what of the live database goes and what stays when a backup is restored into it, and which entries of the archive
//! are loaded.

use super::super::compare::Parts;
use super::super::select::Selection;
use super::defaults::{self, Altered};
use crate::engine::archive::{Archive, Entry};
use crate::engine::ledger::{Facts, LEDGER_TABLE};
use crate::engine::operation::Opening;
use crate::engine::reset;
use crate::engine::restore::{Ownership, RestoreError};
use crate::pg::ident::Ident;
use crate::pg::session::Session;

/// What lives in no schema, or in one that stays, and only a superuser makes; in the order in which it goes. Objects of
/// initdb have oids below 16384.
const SUPERUSERS: &str = "SELECT statement FROM (\
       SELECT 1, o.oid, 'pg_cast'::pg_catalog.regclass, pg_catalog.format('DROP CAST IF EXISTS (%s AS %s) CASCADE', \
           pg_catalog.format_type(castsource, NULL), pg_catalog.format_type(casttarget, NULL)) FROM pg_catalog.pg_cast o \
       UNION ALL SELECT 1, o.oid, 'pg_transform'::pg_catalog.regclass, \
           pg_catalog.format('DROP TRANSFORM IF EXISTS FOR %s LANGUAGE %I CASCADE', \
             pg_catalog.format_type(trftype, NULL), l.lanname) \
         FROM pg_catalog.pg_transform o JOIN pg_catalog.pg_language l ON l.oid = trflang \
       UNION ALL SELECT 2, o.oid, 'pg_foreign_data_wrapper'::pg_catalog.regclass, \
           pg_catalog.format('DROP FOREIGN DATA WRAPPER IF EXISTS %I CASCADE', fdwname) \
         FROM pg_catalog.pg_foreign_data_wrapper o \
       UNION ALL SELECT 3, o.oid, 'pg_ts_template'::pg_catalog.regclass, \
           pg_catalog.format('DROP TEXT SEARCH TEMPLATE IF EXISTS %I.%I CASCADE', n.nspname, tmplname) \
         FROM pg_catalog.pg_ts_template o JOIN pg_catalog.pg_namespace n ON n.oid = tmplnamespace \
       UNION ALL SELECT 3, o.oid, 'pg_ts_parser'::pg_catalog.regclass, \
           pg_catalog.format('DROP TEXT SEARCH PARSER IF EXISTS %I.%I CASCADE', n.nspname, prsname) \
         FROM pg_catalog.pg_ts_parser o JOIN pg_catalog.pg_namespace n ON n.oid = prsnamespace \
       UNION ALL SELECT 4, o.oid, 'pg_language'::pg_catalog.regclass, \
           pg_catalog.format('DROP LANGUAGE IF EXISTS %I CASCADE', lanname) FROM pg_catalog.pg_language o \
       UNION ALL SELECT 5, o.oid, 'pg_am'::pg_catalog.regclass, \
           pg_catalog.format('DROP ACCESS METHOD IF EXISTS %I CASCADE', amname) FROM pg_catalog.pg_am o) \
     AS all_of_it (step, oid, class, statement) \
     WHERE oid OPERATOR(pg_catalog.>=) 16384::pg_catalog.oid \
       AND (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname OPERATOR(pg_catalog.=) current_user) \
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype OPERATOR(pg_catalog.=) 'e' \
         AND d.classid OPERATOR(pg_catalog.=) class AND d.objid OPERATOR(pg_catalog.=) all_of_it.oid) \
     ORDER BY step, statement";

/// An event trigger would run for what a restore does.
const EVENT_TRIGGERS: &str = "SELECT pg_catalog.format('DROP EVENT TRIGGER IF EXISTS %I', evtname) \
     FROM pg_catalog.pg_event_trigger t WHERE pg_catalog.pg_has_role(evtowner, 'USAGE') \
       AND (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname OPERATOR(pg_catalog.=) current_user) \
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype OPERATOR(pg_catalog.=) 'e' \
         AND d.objid OPERATOR(pg_catalog.=) t.oid) ORDER BY 1";

/// What goes and what stays.
pub(super) struct Plan {
    /// Whether everything is restored. Large objects are in no schema: else they stay.
    is_whole: bool,
    drops: Vec<String>,
    /// Altered default privileges.
    altered: Vec<Altered>,
    /// Schemas that are not dropped.
    kept: Vec<String>,
    /// Extensions that are not dropped.
    extensions: Vec<String>,
    ledger: Option<String>,
    /// Rows of configuration tables of extensions, which stay.
    configured: Vec<(String, String)>,
    /// Which rows of those.
    parts: Parts,
    /// Whether what ran in the database is restored with it.
    pub(super) has_ledger: bool,
}

impl Plan {
    pub(super) fn make(
        session: &mut Session,
        facts: &Facts,
        bookkeeping: &Ident,
        select: &Selection,
    ) -> Result<Self, RestoreError> {
        let ledger_schema = Ident::new(facts.ledger_schema.as_deref().unwrap_or("public"));
        let has_ledger = select.has_schema(ledger_schema.as_str());
        let is_whole = select.schemas.is_empty();
        let altered = defaults::read(session)?;
        let mut drops = Vec::new();
        if is_whole && !select.no_event_triggers {
            drops.extend(column(session, EVENT_TRIGGERS)?);
        }
        drops.extend(column(session, &reset::drops_of(bookkeeping, &ledger_schema, &select.schemas))?);
        if is_whole {
            drops.extend(column(session, SUPERUSERS)?);
        }
        let schemas =
            session.catalog("SELECT nspname, format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace")?;
        let kept = (0..schemas.rows.len())
            .filter(|row| drops.iter().all(|drop| Some(drop.as_str()) != schemas.get(*row, 1)))
            .filter_map(|row| schemas.get(row, 0).map(str::to_owned))
            .collect();
        let extensions = column(session, "SELECT extname FROM pg_extension")?;
        let parts = Parts::of(session)?;
        let configured = parts.configured().filter(|(schema, _)| select.has_schema(schema));
        let configured = configured.map(|(schema, name)| (schema.to_owned(), name.to_owned())).collect();
        let configured = referring_first(session, configured)?;
        Ok(Self {
            is_whole,
            drops,
            altered,
            kept,
            extensions,
            ledger: (facts.has_ledger && has_ledger).then(|| format!("{ledger_schema}.{LEDGER_TABLE}")),
            configured,
            parts,
            has_ledger,
        })
    }

    /// Whether this entry is restored: not what stays.
    fn is_wanted(&self, entry: &Entry, bookkeeping: &str) -> bool {
        let is_ours = entry.namespace.as_deref() == Some(bookkeeping)
            || entry.tag == bookkeeping
            || entry.tag == format!("SCHEMA {bookkeeping}");
        match entry.desc.as_str() {
            // What the migrations and seeds of the backup were belongs to its rows; all else of ours to the place.
            "TABLE DATA" if is_ours => {
                self.has_ledger && ["migration", "seed", "expected"].contains(&entry.tag.as_str())
            }
            _ if is_ours => false,
            "EXTENSION" => !self.extensions.contains(&entry.tag),
            "COMMENT" => !self.extensions.iter().any(|name| {
                entry.tag == format!("EXTENSION {name}")
                    || entry.tag == format!("EXTENSION {}", Ident::new(name))
            }),
            "SCHEMA" => !self.kept.contains(&entry.tag),
            _ => true,
        }
    }

    /// The entries of the archive that are restored.
    pub(super) fn narrow(&self, archive: &mut Archive, bookkeeping: &str) {
        archive.entries.retain(|entry| self.is_wanted(entry, bookkeeping));
    }

    pub(super) fn head(&self, bookkeeping: &Ident, facts: &Facts, opening: &Opening) -> String {
        let owners = opening.owners(facts);
        let hold =
            owners.hold(bookkeeping).ours(&["operation", "last_operation", "migration", "seed", "expected"]);
        let mut sql = format!(
            "SET client_encoding = 'UTF8';\nBEGIN;\nSET LOCAL client_min_messages = warning;\n\
             SET LOCAL lock_timeout = '5s';\nSET LOCAL search_path = pg_catalog, pg_temp;\n{}\n",
            hold.all()
        );
        if self.has_ledger {
            for table in ["migration", "seed"] {
                sql.push_str(&format!(
                    "ALTER TABLE {bookkeeping}.{table} DROP CONSTRAINT IF EXISTS {table}_operation_id_fkey;\n\
                     DELETE FROM {bookkeeping}.{table};\n"
                ));
            }
            // A backup that has none leaves it unknown, which is the truth.
            sql.push_str(&format!("DELETE FROM {bookkeeping}.expected;\n"));
        }
        sql.push_str(&defaults::reset(&self.altered));
        for statement in &self.drops {
            sql.push_str(&format!("{statement};\n"));
        }
        if let Some(ledger) = &self.ledger {
            sql.push_str(&format!("DROP TABLE IF EXISTS {ledger} CASCADE;\n"));
        }
        // The extension stays with its own rows, and the archive has the others.
        for (schema, name) in &self.configured {
            let condition = self.parts.condition(schema, name);
            sql.push_str(&format!(
                "DELETE FROM ONLY {}.{} {condition};\n",
                Ident::new(schema),
                Ident::new(name)
            ));
        }
        if self.is_whole {
            sql.push_str(
                "SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata \
                 WHERE pg_catalog.pg_has_role(lomowner, 'USAGE');\n",
            );
        }
        sql
    }
}

impl Plan {
    /// The altered default privileges that the archive does not bring, at the end.
    pub(super) fn put_back(
        &self,
        select: &Selection,
        ownership: Ownership,
        foreign: Option<&Archive>,
    ) -> String {
        // A dump from elsewhere may leave them out; a backup of ours that has none says that there were none.
        let has = |schema: Option<&str>| {
            foreign.is_none_or(|archive| {
                let of = |entry: &Entry| entry.namespace.as_deref().filter(|name| !name.is_empty()) == schema;
                archive.entries.iter().any(|entry| entry.desc == "DEFAULT ACL" && of(entry))
            })
        };
        defaults::put_back(&self.altered, |schema| {
            !ownership.no_privileges
                && has(schema)
                && match schema {
                    None => select.schemas.is_empty(),
                    Some(schema) => select.has_schema(schema),
                }
        })
    }
}

/// These tables, each before those that its foreign keys refer to.
fn referring_first(
    session: &mut Session,
    mut tables: Vec<(String, String)>,
) -> Result<Vec<(String, String)>, RestoreError> {
    let rows = session.catalog(
        "SELECT n.nspname, c.relname, rn.nspname, r.relname FROM pg_catalog.pg_constraint k \
           JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
           JOIN pg_catalog.pg_class r ON r.oid = k.confrelid JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace \
         WHERE k.contype = 'f' AND k.conrelid <> k.confrelid",
    )?;
    let cell = |row, column| rows.get(row, column).unwrap_or_default();
    let mut sorted = Vec::new();
    while !tables.is_empty() {
        let is_free = |(schema, name): &(String, String)| {
            !(0..rows.rows.len()).any(|row| {
                cell(row, 2) == schema
                    && cell(row, 3) == name
                    && tables.iter().any(|(of, table)| cell(row, 0) == of && cell(row, 1) == table)
            })
        };
        // In a circle any order is as good.
        let at = tables.iter().position(is_free).unwrap_or_default();
        sorted.push(tables.remove(at));
    }
    Ok(sorted)
}

fn column(session: &mut Session, query: &str) -> Result<Vec<String>, RestoreError> {
    Ok(session.catalog(query)?.rows.into_iter().filter_map(|mut row| row.remove(0)).collect())
}
