//! Whether a restored database holds what it must: rows counted, sequences, extensions, large objects, the schema's text,
//! indexes, and on request the contents of every table.

use std::collections::BTreeMap;
use std::ffi::OsString;

use crate::engine::archive::DigestSum;
use crate::engine::backup::manifest::{Layout, Level};
use crate::engine::backup::schema_text::{different_lines, fingerprint};
use crate::engine::operation::Opening;
use crate::engine::row_security::Forced;
use crate::engine::{Event, Observer};
use crate::pg::error::PgError;
use crate::pg::ident::{self, Ident};
use crate::pg::literal::Literal;
use crate::pg::session::{Incoming, Session};

use super::RestoreError;
use super::expected::{Expected, ExpectedTable};
use super::load::{Ownership, printed};
use super::programs::Programs;
use super::source::Source;

/// How many tables one question counts.
const BATCH: usize = 100;

/// How many lines of a schema are told.
const LINES: usize = 20;

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compare<'a> {
    pub(super) source: &'a Source,
    pub(super) expected: &'a Expected,
    pub(super) programs: &'a Programs,
    pub(super) ownership: Ownership,
    pub(super) level: Level,
    /// Code of lesser roles ran while it was loaded, and may have changed what these roles own: nothing is planned here.
    pub(super) ran_code: bool,
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
        self.rows(&mut session, (&there, &forced), &mut found, observer)?;
        self.sequences(&mut session, &there, &mut found)?;
        self.extensions(&mut session, &mut found)?;
        self.large_objects(&mut session, &mut found)?;
        invalid(&mut session, &mut found)?;
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
            _ => self.schema(opening, &mut found)?,
        }
        if self.level >= Level::L3 {
            self.contents(&mut session, (&there, &forced), &mut found, observer)?;
        }
        observer.event(Event::End { name: "what was restored".into(), took: std::time::Duration::ZERO });
        Ok(found)
    }

    fn rows(
        &self,
        session: &mut Session,
        (there, forced): (&Relations, &Forced),
        found: &mut Compared,
        observer: &mut dyn Observer,
    ) -> Result<(), PgError> {
        // A table may be written in pieces.
        let mut expected: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for table in &self.expected.tables {
            *expected.entry((&table.schema, &table.name)).or_default() += table.rows;
        }
        let all: Vec<_> = expected.into_iter().collect();
        let total = all.len() as u64;
        for (at, batch) in all.chunks(BATCH).enumerate() {
            observer
                .event(Event::Phase { what: format!("counting rows, table {} of {total}", at * BATCH + 1) });
            let mut counts = Vec::new();
            for ((schema, name), rows) in batch {
                // A foreign file in another encoding: nobody knows what it is called.
                if schema.contains('\u{fffd}') || name.contains('\u{fffd}') {
                    found
                        .notes
                        .push(format!("`{schema}.{name}` is not named in UTF-8: its rows were not counted"));
                    continue;
                }
                if !there.contains_key(&((*schema).to_owned(), (*name).to_owned())) {
                    found.differences.push(format!("table `{schema}.{name}` is missing"));
                    continue;
                }
                let named = format!("{}.{}", Ident::new(*schema), Ident::new(*name));
                if self.ran_code {
                    let kind = there.get(&((*schema).to_owned(), (*name).to_owned())).map(String::as_str);
                    // A partitioned table has no rows but those of its partitions.
                    let counted = if kind == Some("p") { 0 } else { copied(session, &named)? };
                    if counted != *rows {
                        found
                            .differences
                            .push(format!("`{schema}.{name}` has {counted} rows instead of {rows}"));
                    }
                    continue;
                }
                counts.push(format!(
                    "SELECT {}, {rows}, count(*) FROM ONLY {named}",
                    Literal(&format!("{schema}.{name}"))
                ));
            }
            if counts.is_empty() {
                continue;
            }
            let tables: Vec<(&str, &str)> = batch.iter().map(|(table, _)| *table).collect();
            let counted =
                forced.read(session, &tables, |session| session.query(&counts.join(" UNION ALL ")))?;
            for row in counted.iter().flat_map(|rows| &rows.rows) {
                let cell = |column: usize| row.get(column).and_then(Option::as_deref).unwrap_or_default();
                if cell(1) != cell(2) {
                    found.differences.push(format!(
                        "`{}` has {} rows instead of {}",
                        cell(0),
                        cell(2),
                        cell(1)
                    ));
                }
            }
        }
        Ok(())
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

    /// The text that pg_dump writes of it now against the hash of the text then; where they differ, line by line against
    /// the archive's own text. The order of objects is none of their properties.
    fn schema(&self, opening: &Opening, found: &mut Compared) -> Result<(), RestoreError> {
        let flags = self.ownership.flags();
        let mut arguments = vec!["--schema-only".into()];
        arguments.extend(flags.iter().cloned());
        arguments.extend(self.encoding_flag()?);
        let now = printed(
            &self.programs.pg_dump,
            Some(&opening.url),
            arguments,
            &opening.interrupt,
            "pg_dump of the restored schema failed",
        )?;
        let expected = self.expected.schema_sha256.as_deref();
        if flags.is_empty() && expected == Some(fingerprint(&now).as_str()) {
            return Ok(());
        }
        if self.source.layout() == Layout::Plain || self.source.is_encrypted() {
            match expected {
                Some(_) if flags.is_empty() && self.expected.hash_has_own_options => found.notes.push(
                    "the schema's text was not compared: an older pg_dump may have written numbers of the server's own \
                     into it"
                        .into(),
                ),
                Some(_) if flags.is_empty() => {
                    found.differences.push("the schema's text is another one".into())
                }
                _ => found.notes.push("the schema's text was not compared".into()),
            }
            return Ok(());
        }
        let mut arguments = vec!["--schema-only".into(), "--file=-".into()];
        arguments.extend(flags);
        arguments.push("--".into());
        arguments.push(self.source.payload().into());
        let then = printed(
            &self.programs.pg_restore,
            None,
            arguments,
            &opening.interrupt,
            "pg_restore of the archive's schema failed",
        )?;
        let different = different_lines(&then, &now);
        let more = different.len().saturating_sub(LINES);
        found.differences.extend(different.into_iter().take(LINES).map(|line| format!("schema: {line}")));
        if more > 0 {
            found.differences.push(format!("schema: and {more} lines more"));
        }
        Ok(())
    }

    /// In the encoding in which the source is written, so that texts can be compared.
    fn encoding_flag(&self) -> Result<Option<OsString>, RestoreError> {
        if let Some(manifest) = self.source.manifest() {
            return Ok(Some(manifest.source.properties.encoding_flag().into()));
        }
        let archive = self.source.archive()?;
        let entry = archive.as_ref().and_then(|a| a.entries.iter().find(|entry| entry.desc == "ENCODING"));
        // SET client_encoding = 'LATIN1';
        let name = entry.and_then(|entry| entry.definition.split('\'').nth(1));
        Ok(name.map(|name| format!("--encoding={name}").into()))
    }

    /// Every row as pg_dump would write it again.
    fn contents(
        &self,
        session: &mut Session,
        (there, forced): (&Relations, &Forced),
        found: &mut Compared,
        observer: &mut dyn Observer,
    ) -> Result<(), PgError> {
        // As pg_dump sets them (setup_connection).
        session.query(
            "SET DateStyle = ISO; SET IntervalStyle = postgres; SET extra_float_digits = 3; SET TimeZone = 'UTC'; \
             SET search_path = ''",
        )?;
        // The server converts nothing of it, and takes it for damaged if it is to be anything else.
        session.query(
            "SELECT set_config('client_encoding', 'SQL_ASCII', false) WHERE current_setting('server_encoding') = 'SQL_ASCII'",
        )?;
        for (name, value) in &self.expected.session {
            session.query(&format!("SET {} = {}", Ident::new(name), Literal(value)))?;
        }
        let tables: Vec<_> = self
            .expected
            .tables
            .iter()
            .filter(|table| there.contains_key(&(table.schema.clone(), table.name.clone())))
            .collect();
        for (at, table) in tables.iter().enumerate() {
            observer.event(Event::Phase {
                what: format!("comparing contents, table {} of {}: {}", at + 1, tables.len(), table.name),
            });
            let Some(expected) = table.digest else {
                found.notes.push(format!(
                    "`{}.{}` has no digest: its contents were not compared",
                    table.schema, table.name
                ));
                continue;
            };
            let Some(copy) = copy(table) else {
                let what = format!("the columns of `{}.{}` cannot be read", table.schema, table.name);
                found.differences.push(what);
                continue;
            };
            let mut sum = DigestSum::default();
            let mut add = |incoming: Incoming<'_>| {
                if let Incoming::CopyRow(row) = incoming {
                    sum.add_line(row.strip_suffix(b"\n").unwrap_or(row));
                }
            };
            forced.read(session, &[(&table.schema, &table.name)], |session| {
                session.run(&copy, &mut add).map(drop).map_err(|failed| failed.error)
            })?;
            if sum.finish() != expected {
                found
                    .differences
                    .push(format!("the contents of `{}.{}` are not the same", table.schema, table.name));
            }
        }
        Ok(())
    }
}

/// The number of rows, by COPY: it plans nothing, so it evaluates nothing, and it refuses views.
fn copied(session: &mut Session, table: &str) -> Result<u64, PgError> {
    let mut rows = 0;
    session
        .run(&format!("COPY {table} TO STDOUT"), &mut |incoming| {
            rows += u64::from(matches!(incoming, Incoming::CopyRow(_)));
        })
        .map_err(|failed| failed.error)?;
    Ok(rows)
}

/// `None` where the columns are no list of names.
fn copy(table: &ExpectedTable) -> Option<String> {
    let columns = match table.columns.as_str() {
        "" | "()" => String::new(),
        columns => column_list(columns)?,
    };
    Some(format!("COPY {}.{} {columns} TO STDOUT", Ident::new(&table.schema), Ident::new(&table.name)))
}

/// A list of names as `quote_ident` writes them, once more by our own hand: a manifest may say anything.
fn column_list(text: &str) -> Option<String> {
    let mut rest = text.strip_prefix('(')?.strip_suffix(')')?;
    let mut names = Vec::new();
    loop {
        let mut name = String::new();
        if rest.starts_with('"') {
            let (quoted, after) = ident::quoted(rest)?;
            (name, rest) = (quoted, after);
        } else {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            let end = rest.find(|c| !plain(c)).unwrap_or(rest.len());
            name.push_str(&rest[..end]);
            rest = &rest[end..];
        }
        if name.is_empty() {
            return None;
        }
        names.push(Ident::new(&name).to_string());
        if rest.is_empty() {
            return Some(format!("({})", names.join(", ")));
        }
        rest = rest.strip_prefix(", ")?;
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
fn invalid(session: &mut Session, found: &mut Compared) -> Result<(), PgError> {
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
            _ => found.notes.push(format!("constraint {name} is NOT VALID, as it may have been")),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_columns_is_names_and_nothing_else() {
        let check = |text: &str, list: Option<&str>| assert_eq!(column_list(text).as_deref(), list, "{text}");
        check("(id, \"Name\", \"a\"\"b, c\")", Some("(\"id\", \"Name\", \"a\"\"b, c\")"));
        check("(id)", Some("(\"id\")"));
        check("TO PROGRAM $$touch x$$ --", None);
        check("(id) TO PROGRAM 'x' --)", None);
        check("(id, )", None);
        check("(\"open)", None);
    }
}
