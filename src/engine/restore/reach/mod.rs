//! Decides from a table of contents which entries would run code of a lesser role under the role that restores, and under
//! which role each of them is loaded instead. Pure: no connection, no path.
//!
//! An entry is *guarded* where making or filling it evaluates code of a role that is not a superuser, or where it depends on
//! such an entry. pg_dump writes what depends on what from `pg_depend`. The texts of definitions are read as well, because a
//! function may run a text as SQL, which `pg_depend` does not show, and because pg_dump leaves out dependencies that form
//! loops. Not followed are the bodies of a superuser's functions: what they call, they call in the live database as well.

mod batches;
mod closure;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::archive::{Archive, Entry};
use crate::engine::backup::manifest::Code;

/// Whose code may run under the role that restores.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trust<'a> {
    /// Superusers, their members, and the roles that the user named.
    pub(crate) roles: &'a BTreeSet<String>,
    /// Everything is to belong to the role that restores.
    pub(crate) no_owner: bool,
}

impl Trust<'_> {
    fn is_lesser(&self, owner: &str) -> bool {
        !owner.is_empty() && !self.roles.contains(owner)
    }
}

/// Under which role entries are loaded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Runner {
    /// The role that restores.
    Admin,
    /// A login that is a member of this owner alone.
    Owner(String),
    /// A login that is a member of no role: for what belongs to this superuser; empty, to the role that restores.
    Alone(String),
}

/// Entries that one run of pg_restore loads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Batch {
    /// Under which role.
    pub(crate) runner: Runner,
    /// Their numbers, in the order of the archive.
    pub(crate) entries: Vec<i32>,
}

/// What a login must be granted, and what it may leave behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// Schemas in which it creates.
    pub(crate) schemas: BTreeSet<String>,
    /// Tablespaces in which it creates.
    pub(crate) tablespaces: BTreeSet<String>,
    /// Tables of others that its foreign keys refer to.
    pub(crate) references: BTreeSet<(String, String)>,
    /// Whether it makes foreign tables.
    pub(crate) servers: bool,
    /// The tables, views and sequences that it makes.
    pub(crate) relations: BTreeSet<(String, String)>,
    /// How many routines it makes.
    pub(crate) routines: usize,
}

/// How an archive is loaded of which some entries are guarded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Guarded {
    /// The code of lesser roles that would run, `FUNCTION public.f(integer)`, with its owner.
    pub(crate) code: BTreeSet<(String, String)>,
    /// What the role that restores loads first.
    pub(crate) first: Vec<i32>,
    /// Then the guarded entries, in order.
    pub(crate) batches: Vec<Batch>,
    /// What comes last, once everything has its owner: privileges, comments, rows of materialized views.
    pub(crate) last: Vec<i32>,
    /// By login.
    pub(crate) needs: BTreeMap<Runner, Needs>,
    /// Materialized views that are filled last, to be analyzed.
    pub(crate) filled: Vec<(String, String)>,
    /// Why some of it cannot be loaded by logins.
    pub(crate) obstacles: Vec<String>,
}

/// Look at an archive. Nothing: everything is loaded by the role that restores.
pub(crate) fn guarded(archive: &Archive, trust: Trust<'_>) -> Option<Guarded> {
    let entries = &archive.entries;
    if !entries.iter().any(|entry| trust.is_lesser(&entry.owner)) {
        return None;
    }
    let found = closure::close(entries, trust);
    if !found.guarded.contains(&true) {
        return None;
    }
    Some(batches::plan(entries, &found, trust))
}

/// The code that loading this archive evaluates, of any owner.
pub(crate) fn evaluated(archive: &Archive) -> Vec<Code> {
    let none = BTreeSet::new();
    let found = guarded(archive, Trust { roles: &none, no_owner: false });
    let code = found.into_iter().flat_map(|found| found.code);
    code.map(|(object, owner)| Code { object, owner }).collect()
}

/// A routine, operator or the like: what an expression calls.
fn is_code(entry: &Entry) -> bool {
    matches!(entry.desc.as_str(), "FUNCTION" | "PROCEDURE" | "AGGREGATE" | "OPERATOR")
}

/// Schema and name.
fn named(entry: &Entry) -> (String, String) {
    (entry.namespace.clone().unwrap_or_default(), entry.tag.clone())
}
