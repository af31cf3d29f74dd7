//! What of an archive the role of this session may not make, on the server of this session.

use std::collections::BTreeSet;

use super::Finding;
use crate::engine::archive::{Archive, Entry};
use crate::pg::error::PgError;
use crate::pg::ident::Tidy;
use crate::pg::literal::Literal;
use crate::pg::session::{Rows, Session};

/// Look at what an archive needs. Nothing is found for a role that may create nothing in its database: it takes backups, and
/// another role restores them.
///
/// # Errors
/// What the server says.
pub(crate) fn role(archive: &Archive, session: &mut Session) -> Result<Vec<Finding>, PgError> {
    if session.is_superuser() || !may_create(session)? {
        return Ok(Vec::new());
    }
    let mut findings = superuser_only(archive);
    findings.sort();
    findings.extend(tablespaces(archive, session)?);
    findings.extend(extensions(archive, session)?);
    findings.extend(owners(archive, session)?);
    Ok(findings)
}

fn may_create(session: &mut Session) -> Result<bool, PgError> {
    let rows = session.catalog(
        "SELECT pg_catalog.has_database_privilege(oid, 'CREATE') FROM pg_catalog.pg_database \
         WHERE datname = pg_catalog.current_database()",
    )?;
    Ok(rows.get(0, 0) == Some("t"))
}

/// Objects that only a superuser makes (docs, the commands' "Notes").
pub(crate) fn superuser_only(archive: &Archive) -> Vec<Finding> {
    let all = archive.entries.iter().filter_map(|entry| match entry.desc.as_str() {
        "EVENT TRIGGER" => Some(Finding::event_trigger(&entry.tag)),
        _ if is_superusers(entry) => Some(Finding::superuser_only(&described(entry))),
        _ => None,
    });
    all.collect()
}

/// Whether only a superuser makes it; event triggers apart, which a flag leaves out.
pub(crate) fn is_superusers(entry: &Entry) -> bool {
    let says = |text: &str| entry.definition.contains(text);
    match entry.desc.as_str() {
        "ACCESS METHOD"
        | "FOREIGN DATA WRAPPER"
        | "OPERATOR CLASS"
        | "OPERATOR FAMILY"
        | "TEXT SEARCH TEMPLATE"
        | "TEXT SEARCH PARSER" => true,
        "CAST" => says("WITHOUT FUNCTION"),
        "FUNCTION" | "PROCEDURE" => says("LANGUAGE c\n") || says("LANGUAGE c ") || says("LANGUAGE internal"),
        "TYPE" => says("INPUT = "),
        "PUBLICATION" => says("FOR ALL TABLES") || says("FOR ALL SEQUENCES"),
        _ => false,
    }
}

/// `FUNCTION public.f(integer)`; a cast's name says what it is.
fn described(entry: &Entry) -> String {
    if entry.desc == "CAST" {
        return entry.tag.clone();
    }
    let schema = entry.namespace.as_ref().map(|schema| format!("{}.", Tidy(schema)));
    format!("{} {}{}", entry.desc, schema.unwrap_or_default(), entry.tag)
}

fn tablespaces(archive: &Archive, session: &mut Session) -> Result<Vec<Finding>, PgError> {
    let wanted: BTreeSet<&str> =
        archive.entries.iter().filter_map(|entry| entry.tablespace.as_deref()).collect();
    let rows = session.catalog(&format!(
        "SELECT w.name, t.oid IS NOT NULL FROM pg_catalog.unnest({}) w (name) \
           LEFT JOIN pg_catalog.pg_tablespace t ON t.spcname = w.name::pg_catalog.name \
         WHERE w.name NOT IN ('', 'pg_default') \
           AND (t.oid IS NULL OR NOT pg_catalog.has_tablespace_privilege(t.oid, 'CREATE')) ORDER BY 1",
        array(&wanted)
    ))?;
    Ok(each(&rows, |row| match rows.get(row, 1) {
        Some("t") => Finding::closed_tablespace(rows.get(row, 0).unwrap_or_default()),
        _ => Finding::no_tablespace(rows.get(row, 0).unwrap_or_default()),
    }))
}

fn extensions(archive: &Archive, session: &mut Session) -> Result<Vec<Finding>, PgError> {
    let wanted = archive.extensions();
    let wanted: BTreeSet<&str> =
        wanted.iter().map(String::as_str).filter(|name| *name != "plpgsql").collect();
    let rows = session.catalog(&format!(
        "SELECT w.name, a.name IS NOT NULL FROM pg_catalog.unnest({}) w (name) \
           LEFT JOIN pg_catalog.pg_available_extensions a ON a.name = w.name::pg_catalog.name \
           LEFT JOIN pg_catalog.pg_available_extension_versions v \
             ON v.name = a.name AND v.version = a.default_version \
         GROUP BY 1, 2 HAVING NOT coalesce(pg_catalog.bool_or(v.trusted OR NOT v.superuser), false) ORDER BY 1",
        array(&wanted)
    ))?;
    Ok(each(&rows, |row| match rows.get(row, 1) {
        Some("t") => Finding::superusers_extension(rows.get(row, 0).unwrap_or_default()),
        _ => Finding::no_extension(rows.get(row, 0).unwrap_or_default()),
    }))
}

/// Owners that the role cannot become. Who owns a new database is a member of pg_database_owner in it.
fn owners(archive: &Archive, session: &mut Session) -> Result<Vec<Finding>, PgError> {
    let is_of_public = |entry: &&Entry| {
        (entry.desc == "SCHEMA" && entry.tag == "public")
            || (entry.desc == "ACL" && entry.tag == "SCHEMA public")
    };
    let all = archive.entries.iter().filter(|entry| !is_of_public(entry)).map(|entry| entry.owner.as_str());
    let wanted: BTreeSet<&str> =
        all.filter(|owner| !owner.is_empty() && *owner != "pg_database_owner").collect();
    // Since 16 a member may be one without becoming the role (docs GRANT, `WITH SET`).
    let becomes = if session.server_version() >= 160_000 { "SET" } else { "MEMBER" };
    let rows = session.catalog(&format!(
        "SELECT r.rolname, r.rolsuper FROM pg_catalog.pg_roles r \
         WHERE r.rolname::pg_catalog.text = ANY ({}) AND NOT pg_catalog.pg_has_role(r.oid, '{becomes}') ORDER BY 1",
        array(&wanted)
    ))?;
    let me = session.role().unwrap_or_default();
    Ok(each(&rows, |row| {
        Finding::foreign_owner(&me, rows.get(row, 0).unwrap_or_default(), rows.get(row, 1) == Some("t"))
    }))
}

fn array(names: &BTreeSet<&str>) -> String {
    let list = names.iter().map(|name| Literal(name).to_string()).collect::<Vec<_>>().join(", ");
    format!("ARRAY[{list}]::pg_catalog.text[]")
}

fn each(rows: &Rows, one: impl Fn(usize) -> Finding) -> Vec<Finding> {
    (0..rows.rows.len()).map(one).collect()
}
