//! Decides which tables of a backup are brought back, and in which order: those that were named, each once, the tables that
//! inherit from them, partitions that the live table has lost, and tables that others refer to before these.

use std::collections::BTreeSet;

use super::shape::{self, Wanted};
use crate::engine::restore::RestoreError;
use crate::pg::error::PgError;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

/// The tables that these texts name, with what belongs to them.
pub(super) fn choose(
    there: &mut Session,
    here: &mut Session,
    texts: &[String],
) -> Result<Vec<Wanted>, RestoreError> {
    let mut all: Vec<Wanted> = Vec::new();
    for text in texts {
        let oid = shape::find(there, text)?;
        let mut oids = vec![oid.clone()];
        oids.extend(inheriting(there, &oid)?);
        for oid in oids {
            add(&mut all, shape::read(there, &oid)?);
        }
    }
    for at in 0..all.len() {
        if all[at].is_root && exists(here, &all[at])? {
            for oid in lost_partitions(there, here, &all[at])? {
                let lost = shape::read(there, &oid)?;
                let is_in = |member: &String| lost.family.contains(member);
                // Its rows come with it.
                let inside = members(there, &lost.family)?;
                all[at].filled.retain(|path| !inside.contains(path));
                all[at].family.retain(|member| !is_in(member));
                all[at].without.push(lost.path());
                add(&mut all, lost);
            }
        }
    }
    // What is a part of another comes with it.
    let covered: Vec<bool> = all
        .iter()
        .map(|one| all.iter().any(|other| other.oid != one.oid && other.family.contains(&one.oid)))
        .collect();
    let mut covered = covered.into_iter();
    all.retain(|_| !covered.next().unwrap_or_default());
    sorted(there, all)
}

fn add(all: &mut Vec<Wanted>, one: Wanted) {
    if !all.iter().any(|other| other.oid == one.oid) {
        all.push(one);
    }
}

fn exists(here: &mut Session, wanted: &Wanted) -> Result<bool, PgError> {
    let found = here.catalog(&format!("SELECT to_regclass({}) IS NOT NULL", Literal(&wanted.path())))?;
    Ok(found.get(0, 0) == Some("t"))
}

/// The tables that inherit from it, and are no partitions: they have columns and rows of their own.
fn inheriting(there: &mut Session, oid: &str) -> Result<Vec<String>, PgError> {
    column(
        there,
        &format!(
            "WITH RECURSIVE below (oid) AS (SELECT {oid}::oid UNION SELECT inhrelid FROM pg_inherits \
               JOIN below ON inhparent = below.oid JOIN pg_class c ON c.oid = inhrelid \
               WHERE c.relkind = 'r' AND NOT c.relispartition) \
             SELECT oid FROM below WHERE oid <> {oid}::oid ORDER BY 1"
        ),
    )
}

/// The topmost partitions that the live database does not have under any kind. Where the live table has partitions that the
/// backup lacks, its rows may have other places: then none.
fn lost_partitions(there: &mut Session, here: &mut Session, root: &Wanted) -> Result<Vec<String>, PgError> {
    let below = "WITH RECURSIVE below (oid, parent) AS (SELECT {}::oid, NULL::oid UNION SELECT inhrelid, inhparent \
         FROM pg_inherits JOIN below ON inhparent = below.oid) \
         SELECT b.oid, b.parent, format('%I.%I', nspname, relname) FROM below b JOIN pg_class c ON c.oid = b.oid \
           JOIN pg_namespace n ON n.oid = relnamespace WHERE b.parent IS NOT NULL ORDER BY b.oid";
    let theirs = there.catalog(&below.replace("{}", &root.oid))?;
    let ours = here.catalog(&below.replace("{}", &format!("{}::regclass", Literal(&root.path()))))?;
    let cell = |row, column| theirs.get(row, column).unwrap_or_default();
    let known: BTreeSet<&str> = (0..theirs.rows.len()).map(|row| cell(row, 2)).collect();
    if (0..ours.rows.len()).filter_map(|row| ours.get(row, 2)).any(|path| !known.contains(path)) {
        return Ok(Vec::new());
    }
    let mut lost: Vec<(&str, &str)> = Vec::new();
    for row in 0..theirs.rows.len() {
        let found = here.catalog(&format!("SELECT to_regclass({}) IS NULL", Literal(cell(row, 2))))?;
        if found.get(0, 0) == Some("t") {
            lost.push((cell(row, 0), cell(row, 1)));
        }
    }
    let is_top = |parent: &str| !lost.iter().any(|(oid, _)| *oid == parent);
    Ok(lost.iter().filter(|(_, parent)| is_top(parent)).map(|(oid, _)| (*oid).to_owned()).collect())
}

/// The paths of tables of the copy.
fn members(there: &mut Session, oids: &[String]) -> Result<BTreeSet<String>, PgError> {
    let paths = column(
        there,
        &format!(
            "SELECT format('%I.%I', nspname, relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace \
             WHERE c.oid IN ({})",
            oids.join(", ")
        ),
    )?;
    Ok(paths.into_iter().collect())
}

/// Each after those that it refers to and those that it inherits from or is a partition of; in a circle as they were named.
fn sorted(there: &mut Session, mut all: Vec<Wanted>) -> Result<Vec<Wanted>, RestoreError> {
    let edges = there.catalog(
        "SELECT conrelid, confrelid FROM pg_constraint WHERE contype = 'f' \
         UNION SELECT inhrelid, inhparent FROM pg_inherits",
    )?;
    let edges: Vec<(&str, &str)> =
        (0..edges.rows.len()).filter_map(|row| Some((edges.get(row, 0)?, edges.get(row, 1)?))).collect();
    let is_of = |one: &Wanted, oid: &str| one.family.iter().any(|member| member == oid);
    let mut sorted = Vec::new();
    while !all.is_empty() {
        let waits = |one: &Wanted| {
            edges.iter().any(|(from, to)| {
                is_of(one, from)
                    && !is_of(one, to)
                    && all.iter().any(|other| other.oid != one.oid && is_of(other, to))
            })
        };
        let at = all.iter().position(|one| !waits(one)).unwrap_or_default();
        sorted.push(all.remove(at));
    }
    Ok(sorted)
}

fn column(session: &mut Session, query: &str) -> Result<Vec<String>, PgError> {
    Ok(session.catalog(query)?.rows.into_iter().filter_map(|mut row| row.remove(0)).collect())
}
