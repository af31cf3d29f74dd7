//! Keeps a superuser from running code of lesser roles while it brings rows back into a table of its own: whatever writing
//! into the table reaches must belong to roles that can do as much.

use std::collections::BTreeSet;

use super::Work;
use super::shape::Live;
use crate::engine::restore::RestoreError;
use crate::engine::restore::error::Obstacle;
use crate::engine::untrusted::{Deed, Reached, reached_query, written};
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Session;
use crate::pg::shell;

/// How many objects an error names.
const NAMED: usize = 5;

/// Refuse where writing into the live table runs code of other roles than these.
pub(super) fn harmless(
    session: &mut Session,
    table: &str,
    work: &Work,
    trusted: &BTreeSet<String>,
) -> Result<(), RestoreError> {
    let reached = written(session, table, trusted)?;
    if reached.is_empty() {
        return Ok(());
    }
    let mut named: Vec<String> =
        reached.iter().take(NAMED).map(|Reached { what, owner }| format!("{what} of `{owner}`")).collect();
    if reached.len() > NAMED {
        named.push(format!("and {} more", reached.len() - NAMED));
    }
    let owners: BTreeSet<&str> = reached.iter().map(|one| one.owner.as_str()).collect();
    let trust: Vec<String> =
        owners.iter().map(|owner| format!("--trust-code-of {}", shell::word(owner))).collect();
    Err(RestoreError::Refused(vec![Obstacle::new(
        format!(
            "writing rows into {} as a superuser would run code of lesser roles: {}",
            work.wanted.path(),
            named.join(", ")
        ),
        format!("look at it, and give `{}`", trust.join(" ")),
    )]))
}

/// After both tables were locked: another session can have replaced them since they were looked at.
pub(super) fn still_ours(
    session: &mut Session,
    work: &Work,
    live: &Live,
    trusted: &BTreeSet<String>,
) -> Result<(), RestoreError> {
    let schema = Ident::new(&work.wanted.schema);
    let stage = format!("{schema}.{}", Ident::new(&work.names.stage));
    let oid = |path: &str| format!("{}::pg_catalog.regclass::pg_catalog.oid", Literal(path));
    let (table, stage) = (oid(&work.wanted.path()), oid(&stage));
    let is = session.query(&format!(
        "SELECT pg_catalog.pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class c \
         WHERE c.oid OPERATOR(pg_catalog.=) {table} \
           AND c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'p']::pg_catalog.\"char\"[])"
    ))?;
    if is.last().and_then(|rows| rows.get(0, 0)) != Some(live.owner.as_str()) {
        return Err(RestoreError::Refused(vec![Obstacle::hopeless(format!(
            "another session replaced {} while its rows were brought back",
            work.wanted.path()
        ))]));
    }
    for one in [&table, &stage] {
        harmless(session, one, work, trusted)?;
    }
    Ok(())
}

/// The SQL that copies rows from standard input into the table that was created for them. A superuser's is locked and checked
/// before: the owner of its schema can have put another one in its place, with code.
pub(super) fn into(stage: &str, columns: &str, trusted: Option<&BTreeSet<String>>) -> String {
    let copy = format!("COPY {stage} ({columns}) FROM STDIN");
    let Some(trusted) = trusted else { return copy };
    let oid = format!("{}::pg_catalog.regclass::pg_catalog.oid", Literal(stage));
    format!(
        "BEGIN; LOCK TABLE {stage} IN SHARE ROW EXCLUSIVE MODE; \
         SELECT 1 OPERATOR(pg_catalog./) (NOT EXISTS ({}) AND EXISTS (SELECT FROM pg_catalog.pg_class c \
           WHERE c.oid OPERATOR(pg_catalog.=) {oid} AND c.relkind OPERATOR(pg_catalog.=) 'r'::pg_catalog.\"char\" \
             AND NOT c.relhastriggers AND NOT c.relhasrules))::pg_catalog.int4 AS unchanged; {copy}; COMMIT",
        reached_query(&oid, trusted, Deed::Write)
    )
}

/// A query that answers with rows where planning a statement over these tables could call code of other roles.
pub(super) fn unchecked(tables: &[&str], trusted: &BTreeSet<String>) -> String {
    let one = |table: &&str| {
        let oid = format!("pg_catalog.to_regclass({})::pg_catalog.oid", Literal(table));
        format!("(SELECT 1 FROM ({}) code)", reached_query(&oid, trusted, Deed::Plan))
    };
    let all: Vec<String> = tables.iter().map(one).collect();
    all.join(" UNION ALL ")
}
