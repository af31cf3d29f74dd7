//! What fell with a dropped table (DROP … CASCADE): views and materialized views are created again, and put back into its
//! publications it is; what is left is named.

use std::collections::BTreeSet;

use super::Work;
use super::apply::{Applying, prepared};
use super::create::Without;
use super::shape::{GRANTS, Part};
use crate::engine::Observer;
use crate::engine::restore::RestoreError;
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

/// How many objects a note names.
const NAMED: usize = 10;

impl Applying<'_> {
    /// Bring back what depended on tables that were created. Returns what is worth a word.
    pub(super) fn dependents(
        &self,
        works: &[Work],
        observer: &mut dyn Observer,
    ) -> Result<Vec<String>, RestoreError> {
        let created = || works.iter().filter(|work| work.live.is_none());
        let made: Vec<String> = created().flat_map(|work| work.wanted.family.clone()).collect();
        if made.is_empty() {
            return Ok(Vec::new());
        }
        let made = format!("ARRAY[{}]::oid[]", made.join(", "));
        let (mut there, mut here) = (self.copy.connect()?, prepared(self.live)?);
        let mut notes = Vec::new();
        let views = views(&mut there, &mut here, &made)?;
        if !views.is_empty() {
            let names = named(views.iter().map(|view| view.path.clone()));
            let parts: Vec<&Part> = views.iter().collect();
            let created = self.create(&parts, &Without::default(), observer);
            match created.and_then(|()| self.as_granted(&mut here, &parts)) {
                Ok(()) => notes.push(format!("created again, as they depended on what was dropped: {names}")),
                Err(RestoreError::Pg(error @ (PgError::Interrupted | PgError::Abandoned))) => {
                    return Err(error.into());
                }
                Err(error) => {
                    notes.push(format!("not created again, though they depended on it: {names}: {error}"))
                }
            }
        }
        let others = others(&mut there, &mut here, &made)?;
        if !others.is_empty() {
            notes.push(format!("not created again, though they depended on it: {}", named(others)));
        }
        notes.extend(publications(&mut there, &mut here, &made)?);
        Ok(notes)
    }
}

/// The views of the copy that read these tables, and that the live database does not have.
fn views(there: &mut Session, here: &mut Session, made: &str) -> Result<Vec<Part>, PgError> {
    let rows = there.catalog(&format!(
        "WITH RECURSIVE below (oid) AS (SELECT unnest({made}) UNION SELECT r.ev_class FROM below \
           JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = below.oid \
             AND d.classid = 'pg_rewrite'::regclass \
           JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')) \
         SELECT format('\"%s\".\"%s\"', replace(nspname, '\"', '\"\"'), replace(relname, '\"', '\"\"')), \
           format('%I.%I', nspname, relname), {GRANTS} \
         FROM below JOIN pg_class c ON c.oid = below.oid AND c.relkind IN ('v', 'm') \
           JOIN pg_namespace n ON n.oid = c.relnamespace ORDER BY c.oid"
    ))?;
    let mut all = Vec::new();
    for row in 0..rows.rows.len() {
        let text = |column| rows.get(row, column).unwrap_or_default().to_owned();
        let found = here.catalog(&format!("SELECT to_regclass({}) IS NULL", Literal(&text(1))))?;
        if found.get(0, 0) == Some("t") {
            let grants = rows.get(row, 2).map(str::to_owned);
            all.push(Part { pattern: text(0), path: text(1), is_sequence: false, grants });
        }
    }
    Ok(all)
}

/// Policies and rules of other tables, and functions, that name these tables, and that the live database does not have.
fn others(there: &mut Session, here: &mut Session, made: &str) -> Result<Vec<String>, PgError> {
    let wanted = column(
        there,
        &format!(
            "WITH made (class, oid) AS (SELECT 'pg_class'::regclass::oid, unnest({made}) UNION ALL \
               SELECT 'pg_type'::regclass::oid, t.oid FROM pg_type t LEFT JOIN pg_type e ON e.oid = t.typelem \
               WHERE t.typrelid = ANY ({made}) OR t.typcategory = 'A' AND e.typrelid = ANY ({made})) \
             SELECT DISTINCT pg_describe_object(d.classid, d.objid, 0) FROM made JOIN pg_depend d \
               ON d.refclassid = made.class AND d.refobjid = made.oid AND d.deptype = 'n' \
               LEFT JOIN pg_policy p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid \
               LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid \
               LEFT JOIN pg_class c ON c.oid = r.ev_class \
             WHERE d.classid = 'pg_proc'::regclass OR p.polrelid <> ALL ({made}) \
               OR c.relkind NOT IN ('v', 'm') AND c.oid <> ALL ({made}) ORDER BY 1"
        ),
    )?;
    if wanted.is_empty() {
        return Ok(wanted);
    }
    let found: BTreeSet<String> = column(
        here,
        "SELECT pg_describe_object('pg_policy'::regclass, oid, 0) FROM pg_policy \
         UNION SELECT pg_describe_object('pg_rewrite'::regclass, oid, 0) FROM pg_rewrite WHERE oid >= 16384 \
         UNION SELECT pg_describe_object('pg_proc'::regclass, oid, 0) FROM pg_proc WHERE oid >= 16384",
    )?
    .into_iter()
    .collect();
    Ok(wanted.into_iter().filter(|one| !found.contains(one)).collect())
}

/// Put the tables back into publications that still exist.
fn publications(there: &mut Session, here: &mut Session, made: &str) -> Result<Vec<String>, PgError> {
    let is_plain = match there.server_version() >= 150_000 {
        true => "r.prqual IS NULL AND r.prattrs IS NULL",
        false => "true",
    };
    let rows = there.catalog(&format!(
        "SELECT p.pubname, format('%I.%I', n.nspname, c.relname), {is_plain} FROM pg_publication_rel r \
           JOIN pg_publication p ON p.oid = r.prpubid JOIN pg_class c ON c.oid = r.prrelid \
           JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY ({made}) ORDER BY 1, 2"
    ))?;
    let mut notes = Vec::new();
    for row in 0..rows.rows.len() {
        let text = |column| rows.get(row, column).unwrap_or_default();
        let (publication, table) = (text(0), text(1));
        let found = here.catalog(&format!(
            "SELECT EXISTS (SELECT FROM pg_publication_rel WHERE prpubid = p.oid AND prrelid = to_regclass({})) \
             FROM pg_publication p WHERE pubname = {}",
            Literal(table),
            Literal(publication)
        ))?;
        if found.get(0, 0) != Some("f") {
            continue;
        }
        let sql = format!("ALTER PUBLICATION {} ADD TABLE {table}", Ident::new(publication));
        if text(2) != "t" {
            notes.push(format!(
                "{table} is not in the publication `{publication}`, which had it with a condition or some columns: {sql} …"
            ));
        } else if let Err(error) = here.query(&sql) {
            notes.push(format!(
                "{table} is not in the publication `{publication}`: {error}; to add it: {sql}"
            ));
        } else {
            notes.push(format!("{table} was added to the publication `{publication}` again"));
        }
    }
    Ok(notes)
}

fn named(all: impl IntoIterator<Item = String>) -> String {
    let mut all: Vec<String> = all.into_iter().collect();
    let more = all.len().saturating_sub(NAMED);
    all.truncate(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", all.join(", "))
}

fn column(session: &mut Session, query: &str) -> Result<Vec<String>, PgError> {
    Ok(session.catalog(query)?.rows.into_iter().filter_map(|mut row| row.remove(0)).collect())
}
