//! Loads an archive step by step, after loading it in one go has failed: functions are given a search_path for as long as
//! it takes, tables that CHECKs read are filled before those that are checked, and a CHECK or foreign key that rows break
//! comes back as NOT VALID. A key that PostgreSQL cannot have in part is named, and nothing is restored.

pub(super) mod checks;
mod keys;
pub(super) mod order;
mod paths;
mod views;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use super::RestoreError;
use super::load::Load;
use super::reach::Guarded;
use crate::engine::archive::{Archive, Entry, Section};
use crate::engine::operation::Opening;
use crate::engine::{Event, Observer};
use crate::pg::error::PgError;
use crate::pg::session::Session;

pub(super) use paths::{Path, Schemas, functions_query};

/// How many functions a note names.
const NAMED: usize = 5;

/// A constraint that rows break, and that is NOT VALID now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Relaxed {
    /// What is told of it.
    pub(super) what: String,
    /// As pg_dump writes it now.
    pub(super) now: String,
    /// As pg_dump wrote it.
    pub(super) then: String,
    /// What begins the comment line above it, where only a constraint that is NOT VALID has one.
    pub(super) title: Option<String>,
}

/// An archive that is loaded step by step.
#[derive(Debug)]
pub(super) struct Careful<'a> {
    archive: &'a Archive,
    schemas: Schemas,
    path: Path,
    /// Functions that have a search_path of ours, as `regprocedure`.
    given: BTreeSet<String>,
    /// Constraints that were put back, by the statement that alters their table.
    checked: BTreeSet<String>,
    relaxed: Vec<Relaxed>,
    notes: Vec<String>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) relaxed: Vec<Relaxed>,
    pub(super) notes: Vec<String>,
}

/// The ways into the database.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ways<'a> {
    /// As the role that restores.
    pub(super) inside: &'a Opening,
    /// As the role that loads these entries.
    pub(super) theirs: &'a Opening,
}

/// Entries by the step in which they are loaded.
#[derive(Debug, Default)]
pub(super) struct Steps<'a> {
    /// Schemas with their privileges: a role can only be given what is in a schema in which it may create.
    pub(super) schemas: Vec<i32>,
    pub(super) before: Vec<i32>,
    pub(super) data: Vec<&'a Entry>,
    pub(super) after: Vec<&'a Entry>,
    pub(super) keys: Vec<&'a Entry>,
    /// `ENABLE ROW LEVEL SECURITY`: from here on policies apply to an owner that FORCE includes.
    pub(super) policies: Vec<i32>,
    pub(super) privileges: Vec<i32>,
    pub(super) views: Vec<&'a Entry>,
    pub(super) last: Vec<i32>,
}

impl<'a> Steps<'a> {
    /// Divide them. `ids` are in the order of the archive.
    pub(super) fn of(archive: &'a Archive, ids: &[i32]) -> Self {
        let wanted: BTreeSet<i32> = ids.iter().copied().collect();
        let keys: BTreeSet<i32> = archive
            .entries
            .iter()
            .filter(|entry| entry.desc == "FK CONSTRAINT")
            .map(|entry| entry.dump_id)
            .collect();
        let mut steps = Self::default();
        let mut section = Section::PreData;
        for entry in &archive.entries {
            // As pg_restore does: what has no section belongs to the one before.
            if entry.section != Section::None {
                section = entry.section;
            }
            if !wanted.contains(&entry.dump_id) {
                continue;
            }
            match (entry.desc.as_str(), section) {
                ("FK CONSTRAINT", _) => steps.keys.push(entry),
                ("MATERIALIZED VIEW DATA", _) => steps.views.push(entry),
                ("ROW SECURITY", _) => steps.policies.push(entry.dump_id),
                ("EVENT TRIGGER", _) => steps.last.push(entry.dump_id),
                ("SCHEMA", _) => steps.schemas.push(entry.dump_id),
                ("ACL", _) if entry.tag.starts_with("SCHEMA ") => steps.schemas.push(entry.dump_id),
                ("ACL" | "DEFAULT ACL", _) => steps.privileges.push(entry.dump_id),
                _ if entry.dependencies.iter().any(|on| keys.contains(on)) => steps.last.push(entry.dump_id),
                (_, Section::Data) => steps.data.push(entry),
                (_, Section::PostData) => steps.after.push(entry),
                _ => steps.before.push(entry.dump_id),
            }
        }
        steps
    }
}

/// What the role that restores loads all of an archive with, in the order of `Load::guarded`.
pub(super) fn unguarded(archive: &Archive) -> Guarded {
    let is_last = |entry: &&Entry| {
        let is_of_schema = entry.desc == "ACL" && entry.tag.starts_with("SCHEMA ");
        !is_of_schema
            && matches!(
                entry.desc.as_str(),
                "ACL" | "DEFAULT ACL" | "MATERIALIZED VIEW DATA" | "EVENT TRIGGER"
            )
    };
    let (last, first): (Vec<&Entry>, Vec<&Entry>) = archive.entries.iter().partition(is_last);
    let ids = |entries: Vec<&Entry>| entries.into_iter().map(|entry| entry.dump_id).collect();
    Guarded { first: ids(first), last: ids(last), ..Guarded::default() }
}

impl<'a> Careful<'a> {
    pub(super) fn new(archive: &'a Archive, schemas: Schemas, path: Path) -> Self {
        Self {
            archive,
            schemas,
            path,
            given: BTreeSet::new(),
            checked: BTreeSet::new(),
            relaxed: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// What is loaded.
    pub(super) fn archive(&self) -> &'a Archive {
        self.archive
    }

    /// Load these entries.
    ///
    /// # Errors
    /// `Broken` where rows break a key; see `RestoreError`.
    pub(super) fn list(
        &mut self,
        load: &Load<'_>,
        ids: &[i32],
        ways: Ways<'_>,
        flags: &[OsString],
        admin: &mut Session,
        observer: &mut dyn Observer,
    ) -> Result<(), RestoreError> {
        let steps = Steps::of(self.archive, ids);
        let mut run = |ids: &[i32], observer: &mut dyn Observer| {
            load.list(ids, ways.theirs, flags.to_vec(), admin, observer)
        };
        run(&steps.schemas, observer)?;
        run(&steps.before, observer)?;
        if !steps.before.is_empty() {
            self.give(ways.inside)?;
        }
        if !steps.data.is_empty() {
            let taken = self.take_out(ways.theirs)?;
            for batch in order::batches(&self.archive.entries, &steps.data) {
                run(&batch, observer)?;
            }
            self.put_back(ways.theirs, taken, observer)?;
        }
        let after: Vec<i32> = steps.after.iter().map(|entry| entry.dump_id).collect();
        if let Err(error) = run(&after, observer) {
            return Err(keys::broken(ways.theirs, &steps.after)?.unwrap_or(error));
        }
        self.keys(ways.theirs, &steps.keys, observer)?;
        run(&steps.policies, observer)?;
        run(&steps.privileges, observer)?;
        self.fill(ways.inside, &steps.views, observer)?;
        run(&steps.last, observer)
    }

    /// Take back what was given for the time of the load.
    ///
    /// # Errors
    /// What the server says.
    pub(super) fn finish(mut self, inside: &Opening) -> Result<Outcome, PgError> {
        let given: Vec<String> = std::mem::take(&mut self.given).into_iter().collect();
        if !given.is_empty() {
            let mut session = inside.connect()?;
            for batch in given.chunks(100) {
                let sql: Vec<String> = batch
                    .iter()
                    .map(|function| format!("ALTER FUNCTION {function} RESET search_path"))
                    .collect();
                session.query(&sql.join("; "))?;
            }
        }
        let told = self.relaxed.iter().map(|relaxed| relaxed.what.clone());
        self.notes.extend(told);
        Ok(Outcome { relaxed: self.relaxed, notes: self.notes })
    }

    /// Give functions a search_path.
    fn give(&mut self, inside: &Opening) -> Result<(), PgError> {
        let mut session = inside.connect()?;
        let mut by_path: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for function in paths::functions(&mut session)? {
            if self.given.contains(&function.name) {
                continue;
            }
            if let Some(path) = self.schemas.path(&self.path, &function.schema, &function.owner) {
                session.query(&format!("ALTER FUNCTION {} SET search_path = {path}", function.name))?;
                by_path.entry(path).or_default().push(function.name.clone());
                self.given.insert(function.name);
            }
        }
        for (path, functions) in by_path {
            let more = functions.len().saturating_sub(NAMED);
            let named = functions.into_iter().take(NAMED).collect::<Vec<_>>().join(", ");
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            self.notes.push(format!(
                "functions without a search_path of their own had `{path}` while it was loaded: {named}{more}"
            ));
        }
        Ok(())
    }
}

/// Run the SQL of an entry as pg_restore would.
fn run_as_restored(session: &mut Session, sql: &str) -> Result<(), PgError> {
    session.query(sql).map(drop)
}

/// A session with the settings of pg_restore's (`pg_backup_archiver.c`, `_doSetFixedOutputState`).
fn restoring(opening: &Opening) -> Result<Session, PgError> {
    let mut session = opening.connect()?;
    session.query(&format!(
        "{}SET check_function_bodies = off; SET xmloption = content; SET client_min_messages = warning; \
         SET row_security = off; SELECT pg_catalog.set_config('search_path', '', false)",
        session.prelude()
    ))?;
    Ok(session)
}

fn phase(observer: &mut dyn Observer, what: &str) {
    observer.event(Event::Phase { what: what.to_owned() });
}
