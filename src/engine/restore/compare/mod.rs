//! Whether a restored database holds what it must: rows counted, sequences, extensions, large objects, the schema's text,
//! indexes, and on request the contents of every table.

mod parts;
mod rows;
mod schema;

use std::collections::BTreeMap;

use crate::engine::backup::manifest::Level;
use crate::engine::operation::Opening;
use crate::engine::row_security::Forced;
use crate::engine::{Event, Observer};
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

use super::RestoreError;
use super::careful::Relaxed;
use super::expected::Expected;
use super::load::Ownership;
use super::programs::Programs;
use super::select::Selection;
use super::source::Source;

pub(super) use parts::Parts;

/// How many tables one question counts.
const BATCH: usize = 100;

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compare<'a> {
    pub(super) source: &'a Source,
    pub(super) expected: &'a Expected,
    pub(super) programs: &'a Programs,
    pub(super) ownership: Ownership,
    pub(super) level: Level,
    /// No query over tables is planned: code of lesser roles may have changed what these roles own, or a function in an
    /// index needs a search_path to be read.
    pub(super) plans_nothing: bool,
    /// Constraints that are NOT VALID now.
    pub(super) relaxed: &'a [Relaxed],
    /// What was left out.
    pub(super) select: &'a Selection,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// What is not as it must be.
    pub differences: Vec<String>,
    /// What is worth a word, and what could not be compared.
    pub notes: Vec<String>,
}

impl Compare<'_> {
    /// Look at the database.
    ///
    /// # Errors
    /// What the server or pg_dump says; a difference is no error.
    pub(super) fn run(
        &self,
        opening: &Opening,
        observer: &mut dyn Observer,
    ) -> Result<Compared, RestoreError> {
        let mut found = Compared { notes: self.expected.notes.clone(), ..Compared::default() };
        let mut session = opening.connect()?;
        // A policy must not hide rows from the count: then it is an error (docs 5.8, `row_security`).
        session.query(&format!("{}SET row_security = off", session.own_prelude()))?;
        let phase = |what: &str| Event::Phase { what: what.to_owned() };
        observer.event(Event::Begin { name: "what was restored".into(), verb: "compare" });
        observer.event(phase("counting rows"));
        let there = relations(&mut session)?;
        let forced = Forced::of(&mut session)?;
        let parts = Parts::of(&mut session)?;
        self.rows(&mut session, (&there, &forced, &parts), &mut found, observer)?;
        self.sequences(&mut session, &there, &mut found)?;
        self.extensions(&mut session, &mut found)?;
        self.large_objects(&mut session, &mut found)?;
        invalid(&mut session, self.relaxed, &mut found)?;
        observer.event(phase("comparing the schema"));
        let here = session.server_version() / 10_000;
        let dumper = i32::try_from(self.programs.pg_dump.version.major).ok();
        match self.expected.server_version {
            // Another version writes the same schema in other words; rows, sequences and extensions speak for it.
            Some(there) if there != here => found.notes.push(format!(
                "the schema's text was not compared: it was written by PostgreSQL {there}, and this is {here}"
            )),
            _ if self.expected.dump_version.is_some() && self.expected.dump_version != dumper => {
                found.notes.push(format!(
                    "the schema's text was not compared: pg_dump {} wrote it, and pg_dump {} is used here",
                    self.expected.dump_version.unwrap_or_default(),
                    dumper.unwrap_or_default()
                ))
            }
            _ if !self.select.schemas.is_empty() => {
                found.notes.push("the schema's text was not compared: some schemas were left out".into());
            }
            _ => self.schema(opening, &mut found)?,
        }
        if self.level >= Level::L3 {
            self.contents(&mut session, (&there, &forced, &parts), &mut found, observer)?;
        }
        observer.event(Event::End { name: "what was restored".into(), took: std::time::Duration::ZERO });
        Ok(found)
    }

    fn sequences(
        &self,
        session: &mut Session,
        there: &Relations,
        found: &mut Compared,
    ) -> Result<(), PgError> {
        for batch in self.expected.sequences.chunks(BATCH) {
            let mut questions = Vec::new();
            for sequence in batch {
                let name = format!("{}.{}", sequence.schema, sequence.name);
                // A view of that name would run code.
                if there.get(&(sequence.schema.clone(), sequence.name.clone())).map(String::as_str)
                    != Some("S")
                {
                    found.differences.push(format!("sequence `{name}` is missing"));
                    continue;
                }
                questions.push(format!(
                    "SELECT {}, {}, {}, last_value, is_called FROM {}.{}",
                    Literal(&name),
                    sequence.last_value,
                    sequence.is_called,
                    Ident::new(&sequence.schema),
                    Ident::new(&sequence.name)
                ));
            }
            if questions.is_empty() {
                continue;
            }
            let answers = session.query(&questions.join(" UNION ALL "))?;
            for row in answers.iter().flat_map(|rows| &rows.rows) {
                let cell = |column: usize| row.get(column).and_then(Option::as_deref).unwrap_or_default();
                if cell(1) != cell(3) || cell(2) != cell(4) {
                    found.differences.push(format!(
                        "sequence `{}` stands at {} instead of {}",
                        cell(0),
                        cell(3),
                        cell(1)
                    ));
                }
            }
        }
        Ok(())
    }

    fn extensions(&self, session: &mut Session, found: &mut Compared) -> Result<(), PgError> {
        let rows = session.catalog("SELECT extname, extversion FROM pg_extension")?;
        let here: BTreeMap<&str, &str> =
            (0..rows.rows.len()).filter_map(|row| Some((rows.get(row, 0)?, rows.get(row, 1)?))).collect();
        for extension in &self.expected.extensions {
            match here.get(extension.name.as_str()) {
                None => found.differences.push(format!("extension `{}` is missing", extension.name)),
                Some(version) if *version != extension.version => found.notes.push(format!(
                    "extension `{}` was {} there, and is {version} here",
                    extension.name, extension.version
                )),
                Some(_) => {}
            }
        }
        for name in self.expected.extension_names.iter().filter(|name| !here.contains_key(name.as_str())) {
            found.differences.push(format!("extension `{name}` is missing"));
        }
        Ok(())
    }

    fn large_objects(&self, session: &mut Session, found: &mut Compared) -> Result<(), PgError> {
        let Some(expected) = self.expected.large_objects else { return Ok(()) };
        let rows = session.catalog("SELECT count(*) FROM pg_largeobject_metadata")?;
        let count = rows.get(0, 0).unwrap_or_default();
        if count != expected.count.to_string() {
            found.differences.push(format!("there are {count} large objects instead of {}", expected.count));
        }
        Ok(())
    }
}

/// The kinds (`pg_class.relkind`) of tables and sequences by schema and name.
type Relations = BTreeMap<(String, String), String>;

fn relations(session: &mut Session) -> Result<Relations, PgError> {
    let rows = session.catalog(
        "SELECT nspname, relname, relkind FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace \
         WHERE relkind IN ('r', 'p', 'S', 'f', 'm', 'v')",
    )?;
    let one = |row| {
        let cell = |column| rows.get(row, column).map(str::to_owned);
        Some(((cell(0)?, cell(1)?), cell(2)?))
    };
    Ok((0..rows.rows.len()).filter_map(one).collect())
}

/// pg_dump leaves invalid indexes out, so that none can come back; constraints may have been NOT VALID there already.
fn invalid(session: &mut Session, relaxed: &[Relaxed], found: &mut Compared) -> Result<(), PgError> {
    let rows = session.catalog(
        "SELECT 'i', format('%s', indexrelid::regclass) FROM pg_index i JOIN pg_class c ON c.oid = indexrelid \
           WHERE NOT indisvalid AND c.relkind = 'i' \
         UNION ALL SELECT 'c', format('%I on %s', conname, conrelid::regclass) FROM pg_constraint WHERE NOT convalidated \
         ORDER BY 1, 2",
    )?;
    for row in 0..rows.rows.len() {
        let name = rows.get(row, 1).unwrap_or_default();
        match rows.get(row, 0) {
            Some("i") => found.differences.push(format!("index `{name}` is not valid")),
            // It was told why.
            _ if relaxed.iter().any(|relaxed| {
                relaxed
                    .now
                    .contains(&format!("ADD CONSTRAINT {} ", name.split(" on ").next().unwrap_or(name)))
            }) => {}
            _ => found.notes.push(format!("constraint {name} is NOT VALID, as it may have been")),
        }
    }
    Ok(())
}
