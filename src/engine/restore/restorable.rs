//! Finds what of an archive the role that restores may not make, before any work.

use std::collections::BTreeSet;

use super::error::Obstacle;
use crate::engine::archive::{Archive, Entry};
use crate::engine::restorability::is_superusers;
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Session;
use crate::pg::shell;

/// How many objects an obstacle names.
const NAMED: usize = 5;

/// That the sessions of the database act as another role than the one that connects.
pub(super) fn acts_as(live: &mut Session) -> Result<Option<Obstacle>, PgError> {
    let rows = live.catalog(
        "SELECT session_user, current_user, pg_catalog.current_database() WHERE session_user OPERATOR(pg_catalog.<>) current_user",
    )?;
    let (Some(login), Some(role), Some(database)) = (rows.get(0, 0), rows.get(0, 1), rows.get(0, 2)) else {
        return Ok(None);
    };
    Ok(Some(Obstacle::new(
        format!(
            "sessions of `{database}` act as role `{role}`, not as `{login}`, which connects (`SET role`)"
        ),
        format!("add `options=-c%20role%3Dnone` to the URL to restore as {}", Ident::new(login)),
    )))
}

/// Objects that only a superuser makes (docs, the commands' "Notes").
pub(super) fn superuser_only(archive: &Archive, session: &mut Session) -> Result<Vec<Obstacle>, PgError> {
    if session.is_superuser() {
        return Ok(Vec::new());
    }
    let mut obstacles = Vec::new();
    let triggers: Vec<String> = of(archive, |entry| entry.desc == "EVENT TRIGGER");
    if !triggers.is_empty() {
        obstacles.push(Obstacle::new(
            format!("only a superuser can create an event trigger: {}", named(&triggers)),
            "give `--no-event-triggers`, or restore as a superuser",
        ));
    }
    let others: Vec<String> = of(archive, is_superusers);
    if !others.is_empty() {
        obstacles.push(Obstacle::new(
            format!("only a superuser can create {}", named(&others)),
            "restore as a superuser, or give `--schema NAME` for schemas without them",
        ));
    }
    Ok(obstacles)
}

/// Tablespaces that the server lacks, or in which this role may not create.
pub(super) fn tablespaces(archive: &Archive, session: &mut Session) -> Result<Vec<Obstacle>, PgError> {
    let wanted: BTreeSet<&str> =
        archive.entries.iter().filter_map(|entry| entry.tablespace.as_deref()).collect();
    let wanted: Vec<&str> = wanted.into_iter().filter(|name| *name != "pg_default").collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let list = wanted.iter().map(|name| Literal(name).to_string()).collect::<Vec<_>>().join(", ");
    let rows = session.catalog(&format!(
        "SELECT w.name, t.oid IS NOT NULL FROM pg_catalog.unnest(ARRAY[{list}]::pg_catalog.text[]) w (name) \
           LEFT JOIN pg_catalog.pg_tablespace t ON t.spcname OPERATOR(pg_catalog.=) w.name::pg_catalog.name \
         WHERE t.oid IS NULL OR NOT pg_catalog.has_tablespace_privilege(t.oid, 'CREATE')"
    ))?;
    let one = |row| {
        let name = rows.get(row, 0).unwrap_or_default();
        let what = match rows.get(row, 1) {
            Some("t") => format!("this role may not create in the tablespace `{name}`"),
            _ => format!("the server has no tablespace `{name}`"),
        };
        Obstacle::new(what, "give `--no-tablespaces`")
    };
    Ok((0..rows.rows.len()).map(one).collect())
}

/// Schemas of other roles, which a restore in place can neither empty nor fill.
pub(super) fn foreign_schemas(
    archive: &Archive,
    bookkeeping: &str,
    live: &mut Session,
) -> Result<Option<Obstacle>, PgError> {
    // An extension keeps its schema, and what comes into its tables is no object of the schema.
    let creates = |entry: &&Entry| {
        !matches!(
            entry.desc.as_str(),
            "SCHEMA" | "ACL" | "DEFAULT ACL" | "COMMENT" | "SECURITY LABEL" | "TABLE DATA" | "SEQUENCE SET"
        )
    };
    let in_archive: BTreeSet<&str> = archive
        .entries
        .iter()
        .filter(creates)
        .filter_map(|entry| entry.namespace.as_deref())
        .filter(|schema| *schema != bookkeeping)
        .collect();
    let list = in_archive.iter().map(|name| Literal(name).to_string()).collect::<Vec<_>>().join(", ");
    let rows = live.catalog(&format!(
        "SELECT n.nspname, pg_catalog.pg_get_userbyid(n.nspowner), \
           pg_catalog.pg_has_role(n.nspowner, 'USAGE') \
             OR n.nspname OPERATOR(pg_catalog.=) 'public' AND pg_catalog.has_schema_privilege(n.oid, 'CREATE') \
         FROM pg_catalog.pg_namespace n \
         WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) ANY (ARRAY[{list}]::pg_catalog.text[]) ORDER BY 1"
    ))?;
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for row in 0..rows.rows.len() {
        let name = rows.get(row, 0).unwrap_or_default().to_owned();
        match rows.get(row, 2) {
            Some("t") => ours.push(name),
            _ => theirs.push(format!("`{name}` of `{}`", rows.get(row, 1).unwrap_or_default())),
        }
    }
    if theirs.is_empty() {
        return Ok(None);
    }
    let there: BTreeSet<&str> = (0..rows.rows.len()).filter_map(|row| rows.get(row, 0)).collect();
    ours.extend(in_archive.iter().filter(|name| !there.contains(*name)).map(|name| (*name).to_owned()));
    let chosen: Vec<String> = ours.iter().map(|name| format!("--schema {}", shell::word(name))).collect();
    let what = format!("the backup has schemas that belong to other roles here: {}", theirs.join(", "));
    Ok(Some(match chosen.is_empty() {
        true => Obstacle::hopeless(what),
        false => Obstacle::new(what, format!("give `{}` to restore only your own", chosen.join(" "))),
    }))
}

/// Objects outside of the chosen schemas that depend on what is in them: replacing the schemas would drop these.
pub(super) fn dependents(schemas: &[String], live: &mut Session) -> Result<Option<Obstacle>, PgError> {
    let list = schemas.iter().map(|name| Literal(name).to_string()).collect::<Vec<_>>().join(", ");
    let rows = live.catalog(&format!(
        "SELECT DISTINCT pg_describe_object(d.classid, d.objid, 0), w.schema FROM pg_depend d \
           LEFT JOIN pg_trigger t ON d.classid = 'pg_trigger'::regclass AND t.oid = d.objid \
           LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid \
           LEFT JOIN pg_attrdef a ON d.classid = 'pg_attrdef'::regclass AND a.oid = d.objid \
           LEFT JOIN pg_policy p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid \
           LEFT JOIN pg_class c ON c.oid = coalesce(t.tgrelid, r.ev_class, a.adrelid, p.polrelid) \
           LEFT JOIN pg_namespace n ON n.oid = c.relnamespace, \
           LATERAL (SELECT coalesce(n.nspname::text, (pg_identify_object(d.classid, d.objid, 0)).schema)) w (schema) \
         WHERE d.deptype IN ('n', 'a') AND d.objid >= 16384 AND d.refobjid >= 16384 \
           AND w.schema <> ALL (ARRAY[{list}]::text[]) \
           AND (pg_identify_object(d.refclassid, d.refobjid, 0)).schema = ANY (ARRAY[{list}]::text[]) ORDER BY 1"
    ))?;
    if rows.rows.is_empty() {
        return Ok(None);
    }
    let all = 0..rows.rows.len();
    let objects: Vec<String> = all.clone().filter_map(|row| rows.get(row, 0).map(str::to_owned)).collect();
    let more: BTreeSet<&str> = all.filter_map(|row| rows.get(row, 1)).collect();
    let chosen: Vec<String> = more.iter().map(|name| format!("--schema {}", shell::word(name))).collect();
    Ok(Some(Obstacle::new(
        format!(
            "objects in other schemas depend on these and would be dropped with them: {}",
            named(&objects)
        ),
        format!("restore their schemas as well: `{}`; or restore without `--in-place`", chosen.join(" ")),
    )))
}

fn of(archive: &Archive, is: impl Fn(&Entry) -> bool) -> Vec<String> {
    let one = |entry: &Entry| {
        let schema = entry.namespace.as_ref().map(|schema| format!("{}.", Ident::new(schema)));
        format!("{} {}{}", entry.desc.to_lowercase(), schema.unwrap_or_default(), entry.tag)
    };
    archive.entries.iter().filter(|entry| is(entry)).map(one).collect()
}

fn named(all: &[String]) -> String {
    let mut text = all.iter().take(NAMED).map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ");
    if all.len() > NAMED {
        text.push_str(&format!(" and {} more", all.len() - NAMED));
    }
    text
}
