//! Creates tables of the copy in the live database, by pg_dump and pg_restore, without what comes once all rows are there.

use std::collections::BTreeSet;
use std::ffi::OsString;

use super::apply::{Applying, OPTIONS};
use super::shape::{Key, Part};
use crate::engine::Observer;
use crate::engine::archive::{Archive, Entry, Section};
use crate::engine::operation::Opening;
use crate::engine::restore::fill::Filling;
use crate::engine::restore::load::{Extent, Load, failed};
use crate::engine::restore::source::{Source, SourceError};
use crate::engine::restore::{EVERYTHING, Ownership, RestoreError};
use crate::pg::error::PgError;
use crate::pg::interrupt::Interrupt;
use crate::pg::literal::Literal;
use crate::pg::session::Session;
use crate::pg::statements::{name, tokens};
use crate::pg::tools::client::Client;

/// What is not created with the tables.
#[derive(Debug, Default)]
pub(super) struct Without<'a> {
    /// Foreign keys to other tables.
    pub(super) keys: Vec<&'a Key>,
    /// Partitions that are attached to a table that is there: schema and name.
    pub(super) attached: Vec<(&'a str, &'a str)>,
}

impl Without<'_> {
    fn ids(&self, archive: &Archive) -> BTreeSet<i32> {
        let is_key = |entry: &&Entry| {
            entry.desc == "FK CONSTRAINT"
                && self.keys.iter().any(|key| key.oid.parse::<u32>() == Ok(entry.oid))
        };
        let is_attached = |entry: &&Entry| {
            let schema = entry.namespace.as_deref().unwrap_or_default();
            entry.desc == "TABLE ATTACH" && self.attached.contains(&(schema, entry.tag.as_str()))
        };
        let entries = || archive.entries.iter();
        let keys: BTreeSet<i32> = entries().filter(is_key).map(|entry| entry.dump_id).collect();
        let comments = entries()
            .filter(|entry| entry.desc == "COMMENT" && entry.dependencies.iter().any(|id| keys.contains(id)));
        let others = entries().filter(is_attached).chain(comments);
        let others = others.chain(entries().filter(|entry| is_to_another_index(archive, entry)));
        let others = others.map(|entry| entry.dump_id);
        others.chain(keys.iter().copied()).collect()
    }
}

/// Whether it attaches an index to one that the archive does not create: attaching the partition does that.
fn is_to_another_index(archive: &Archive, entry: &Entry) -> bool {
    if entry.desc != "INDEX ATTACH" {
        return false;
    }
    let tokens = tokens(&entry.definition);
    let [_, _, schema, ".", index, ..] = tokens.as_slice() else { return false };
    let (Some(schema), Some(index)) = (name(schema), name(index)) else { return false };
    let constraint = format!(" {index}");
    !archive.entries.iter().any(|other| {
        other.namespace.as_deref() == Some(schema.as_str())
            && match other.desc.as_str() {
                "INDEX" => other.tag == index,
                "CONSTRAINT" => other.tag.ends_with(&constraint),
                _ => false,
            }
    })
}

impl Applying<'_> {
    /// Take back what default privileges gave these relations, and the backup has not: they may be newer than it.
    pub(super) fn as_granted(&self, session: &mut Session, parts: &[&Part]) -> Result<(), RestoreError> {
        if self.filling.ownership.no_privileges {
            return Ok(());
        }
        for part in parts {
            let kind = if part.is_sequence { "SEQUENCE" } else { "TABLE" };
            let others = part.grants.as_ref().map(|grants| {
                format!(
                    " AND NOT EXISTS (SELECT FROM (VALUES {grants}) k (role, privilege) \
                       WHERE k.role OPERATOR(pg_catalog.=) CASE WHEN a.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid \
                         THEN '' ELSE pg_catalog.pg_get_userbyid(a.grantee)::pg_catalog.text END \
                       AND k.privilege OPERATOR(pg_catalog.=) a.privilege_type)"
                )
            });
            let body = format!(
                "DECLARE one pg_catalog.text; BEGIN FOR one IN SELECT pg_catalog.format('%s ON {kind} %s FROM %s', \
                   a.privilege_type, c.oid::pg_catalog.regclass, \
                   CASE WHEN a.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'PUBLIC' \
                     ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END) \
                 FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a \
                 WHERE c.oid OPERATOR(pg_catalog.=) {}::pg_catalog.regclass \
                   AND a.grantee OPERATOR(pg_catalog.<>) c.relowner{} LOOP \
                 EXECUTE 'REVOKE ' OPERATOR(pg_catalog.||) one OPERATOR(pg_catalog.||) ' CASCADE'; END LOOP; END",
                Literal(&part.path),
                others.unwrap_or_default()
            );
            session.query(&format!("DO {}", Literal(&body)))?;
        }
        Ok(())
    }

    /// The table as it is in the copy.
    ///
    /// # Errors
    /// See `RestoreError`; nothing is created then, unless logins create it.
    pub(super) fn create(
        &self,
        parts: &[&Part],
        without: &Without,
        observer: &mut dyn Observer,
    ) -> Result<(), RestoreError> {
        let interrupt = &self.live.interrupt;
        let dir =
            tempfile::tempdir().map_err(|source| SourceError::Io { path: std::env::temp_dir(), source })?;
        let path = dir.path().join("table.pgdump");
        let mut arguments: Vec<OsString> = vec!["-Fc".into(), "-f".into(), path.clone().into()];
        arguments.extend(parts.iter().flat_map(|part| ["-t".into(), part.pattern.clone().into()]));
        let client = |program, url, arguments| Client {
            program,
            url,
            arguments,
            options: Some(OPTIONS.to_owned()),
            application_name: "pgkeel restore",
            interrupt,
        };
        let dump = client(&self.filling.programs.pg_dump, Some(&self.copy.url), arguments);
        dump.output().map_err(failed("reading the table of the backup failed"))?;
        let source = Source::foreign(&path, interrupt)?;
        let mut session = self.live.connect()?;
        session.query(&session.generated_prelude())?;
        let ownership = Ownership { create_roles: false, ..self.filling.ownership };
        let filling =
            Filling { source: &source, ownership, select: &EVERYTHING, identity: None, ..self.filling };
        let load = filling.load(Extent::Everything);
        let archive = load.contents(interrupt)?;
        let out = without.ids(&archive);
        if let Some(mut found) = filling.guarded(&mut session, None, interrupt)? {
            let batches = found.batches.iter_mut().map(|batch| &mut batch.entries);
            for entries in batches.chain([&mut found.first, &mut found.last]) {
                entries.retain(|id| !out.contains(id));
            }
            return load.guarded(&found, self.live, None, None, &mut session, observer);
        }
        let mut flags = load.flags();
        if filling.programs.is_direct() {
            flags.push("--single-transaction".into());
        }
        let one = Load { jobs: 1, ..load };
        let wanted = archive.entries.iter().filter(|entry| !out.contains(&entry.dump_id));
        // Relations get the altered default privileges: these go before there is a row in them.
        let ids = |entries: Vec<&Entry>| entries.into_iter().map(|entry| entry.dump_id).collect::<Vec<i32>>();
        if !has_altered(&mut session)? {
            return one.list(&ids(wanted.collect()), self.live, flags, &mut session, observer);
        }
        let (first, rest): (Vec<&Entry>, Vec<&Entry>) =
            wanted.partition(|entry| entry.section == Section::PreData && !entry.desc.contains("ACL"));
        one.list(&ids(first), self.live, flags.clone(), &mut session, observer)?;
        let done = as_new(&mut session, parts)
            .map_err(RestoreError::from)
            .and_then(|()| one.list(&ids(rest), self.live, flags, &mut session, observer));
        if done.is_err() {
            self.drop_made(parts);
        }
        done
    }

    /// Drop what was created by a part that was committed. Also after Ctrl-C.
    fn drop_made(&self, parts: &[&Part]) {
        let calm = Opening { interrupt: Interrupt::default(), ..self.live.clone() };
        let Ok(mut session) = calm.connect() else { return };
        let rows = session.catalog(&format!(
            "SELECT pg_catalog.format('DROP %s IF EXISTS %s CASCADE', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' \
               WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END, p.path) \
             FROM pg_catalog.unnest({}) p (path) \
               JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(p.path)::pg_catalog.oid \
             ORDER BY c.relkind DESC",
            paths(parts)
        ));
        for sql in rows.into_iter().flat_map(|rows| rows.rows).filter_map(|mut row| row.remove(0)) {
            drop(session.query(&format!("SET lock_timeout = '10s'; {sql}")));
        }
    }
}

fn paths(parts: &[&Part]) -> String {
    let all: Vec<String> = parts.iter().map(|part| Literal(&part.path).to_string()).collect();
    format!("ARRAY[{}]::pg_catalog.text[]", all.join(", "))
}

fn has_altered(session: &mut Session) -> Result<bool, PgError> {
    let found = session.catalog(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_default_acl d JOIN pg_catalog.pg_roles r \
           ON r.oid OPERATOR(pg_catalog.=) d.defaclrole WHERE r.rolname OPERATOR(pg_catalog.=) current_user)",
    )?;
    Ok(found.get(0, 0) == Some("t"))
}

/// Give new relations the privileges that PostgreSQL gives without altered default privileges.
fn as_new(session: &mut Session, parts: &[&Part]) -> Result<(), PgError> {
    let rows = session.catalog(&format!(
        "SELECT pg_catalog.format('REVOKE ALL ON %s %s FROM %s', k.word, p.path, \
             CASE WHEN x.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'PUBLIC' \
               ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(x.grantee)) END), \
           pg_catalog.format('GRANT ALL ON %s %s TO %I', k.word, p.path, pg_catalog.pg_get_userbyid(c.relowner)) \
         FROM pg_catalog.unnest({}) p (path) \
           JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(p.path)::pg_catalog.oid \
           CROSS JOIN LATERAL (SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END) k (word) \
           CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) x",
        paths(parts)
    ))?;
    let all = |column: usize| -> BTreeSet<String> {
        (0..rows.rows.len()).filter_map(|row| rows.get(row, column).map(str::to_owned)).collect()
    };
    let sql: Vec<String> = all(0).into_iter().chain(all(1)).collect();
    if sql.is_empty() { Ok(()) } else { session.query(&sql.join("; ")).map(drop) }
}
