//! Rows alone, `backup --data-only` or `pg_dump --data-only`, into the schema that the live database has: a new database gets
//! that schema without indexes, keys and triggers, then the rows, then the rest. It is compared like any other restore.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::time::Instant;

use crate::engine::archive::{Archive, Section};
use crate::engine::backup::manifest::{Layout, Scope};
use crate::engine::ledger::Ledger;
use crate::engine::operation::Opening;
use crate::engine::properties::Properties;
use crate::engine::{Event, Observer, fault};
use crate::pg::error::PgFailure;
use crate::pg::session::Session;
use crate::pg::tools::client::Client;

use super::RestoreError;
use super::analyze::analyze;
use super::cause;
use super::compare::Compare;
use super::error::Obstacle;
use super::expected::Expected;
use super::fill::{Filled, Filling, stamps};
use super::guarded::refused;
use super::journal::Role;
use super::left_out::LeftOut;
use super::load::{Extent, Load, Part, failed};
use super::scratch::Scratch;
use super::source::{Source, SourceError};

/// How many tables an obstacle names.
const NAMED: usize = 5;

impl Source {
    /// Whether it holds rows and makes no table. Of a plain script it is known once it was read.
    pub fn is_rows_alone(&self) -> bool {
        match self {
            Self::Backup { manifest, .. } => manifest.scope == Scope::Data,
            Self::Foreign(foreign) => match (foreign.read.get(), self.archive()) {
                (Some((_, expected)), _) => expected.rows_alone,
                (None, Ok(Some(archive))) => holds_rows_alone(&archive),
                (None, _) => false,
            },
        }
    }
}

/// Whether an archive makes nothing that its rows go into.
pub(super) fn holds_rows_alone(archive: &Archive) -> bool {
    let is_setting = |desc: &str| {
        let begins = ["ENCODING", "STDSTRINGS", "SEARCHPATH", "DATABASE", "BLOB"];
        begins.iter().any(|word| desc.starts_with(word))
    };
    let makes = |section, desc: &str| section == Section::PreData && !is_setting(desc);
    archive.entries.iter().any(|entry| entry.section == Section::Data)
        && !archive.entries.iter().any(|entry| makes(entry.section, &entry.desc))
}

/// Look whether the rows of a backup go into the schema of the live database.
///
/// # Errors
/// `Refused`.
pub fn rows_fit(source: &Source, live: Option<&Ledger>) -> Result<(), RestoreError> {
    if !source.is_rows_alone() {
        return Ok(());
    }
    let refuse = |what: String, remedy: &str| Err(RestoreError::Refused(vec![Obstacle::new(what, remedy)]));
    let Some(live) = live else {
        let what =
            format!("`{}` has rows alone, and there is no database whose schema they go into", source.name());
        return refuse(what, "make one first, with `pgkeel deploy` or from a backup with a schema");
    };
    let Some(manifest) = source.manifest() else { return Ok(()) };
    let here: Vec<&str> = live.applied.iter().map(|applied| applied.version.as_str()).collect();
    if manifest.migrations.applied.iter().map(String::as_str).eq(here.iter().copied()) {
        return Ok(());
    }
    let head = |head: Option<&str>| head.unwrap_or("none").to_owned();
    let what = format!(
        "`{}` has rows alone, of a schema whose newest migration is {}, and that of the live database is {}",
        source.name(),
        head(manifest.migrations.head()),
        head(here.last().copied())
    );
    refuse(
        what,
        "bring the live database to the same migrations first, with `pgkeel deploy --to` or `rollback --to`",
    )
}

impl Filling<'_> {
    /// Make a database with the schema of the live one and these rows, and compare it.
    ///
    /// # Errors
    /// See `RestoreError`; the database is dropped then.
    pub(super) fn fill_rows<'a>(
        &self,
        opening: &'a Opening,
        admin: &mut Session,
        name: &str,
        role: Role,
        place: Option<&Properties>,
        observer: &mut dyn Observer,
    ) -> Result<Filled<'a>, RestoreError> {
        let before = stamps(&self.source.payload()).ok();
        let rows = self.read(opening, observer)?;
        let file = self.schema_of(opening)?;
        let schema = Source::foreign(file.path(), &opening.interrupt)?;
        let Some(archive) = schema.archive()? else { return Err(RestoreError::NoEnd) };
        fits(&rows, &archive, &config_tables(opening)?)?;
        let shape = Filling { source: &schema, ..*self };
        if let Some(found) = shape.guarded(admin, None, &opening.interrupt)? {
            return Err(refused(&found, "rows alone are loaded in the sessions of one role"));
        }
        let mut notes = Vec::new();
        let made = self.properties(admin, place, &mut notes)?;
        let scratch = Scratch::create(opening, admin, name, &made, role)?;
        let begin = Instant::now();
        observer.event(Event::Begin { name: self.source.name(), verb: "restore" });
        fault::point("restore-loading");
        let inside = scratch.opening();
        let loaded = (|| {
            shape.part(Extent::PreData).load(&inside, admin, observer)?;
            match self.source.layout() {
                Layout::Plain => self.part(Extent::Everything).script(&scratch, admin, observer)?,
                _ => self.part(Extent::Rows).load(&inside, admin, observer)?,
            }
            shape.part(Extent::PostData).whole(&inside, &LeftOut::default(), None, admin, observer)
        })();
        loaded.map_err(|error| cause::asked(error, &inside, admin))?;
        fault::point("restore-loaded");
        observer.event(Event::Phase { what: "filling materialized views".into() });
        let mut session = inside.connect()?;
        refresh(&mut session, opening)?;
        observer.event(Event::Phase { what: "ANALYZE".into() });
        notes.extend(analyze(&mut session)?);
        drop(session);
        observer.event(Event::End { name: self.source.name(), took: begin.elapsed() });
        let restore_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        if stamps(&self.source.payload()).ok() != before {
            let what = "its files were changed between reading them and loading them";
            return Err(RestoreError::Damaged(vec![what.to_owned()]));
        }
        let expected = Expected {
            extensions: Vec::new(),
            extension_names: archive.extensions(),
            schema_sha256: None,
            server_version: None,
            dump_version: None,
            ..rows
        };
        let compare = Compare {
            source: &schema,
            expected: &expected,
            programs: self.programs,
            ownership: self.ownership,
            level: self.level,
            plans_nothing: false,
            relaxed: &[],
            select: self.select,
        };
        let mut compared = compare.run(&inside, observer)?;
        notes.push("rows alone were restored, into the schema of the live database".to_owned());
        compared.notes.splice(..0, notes);
        if compared.differences.is_empty() {
            scratch.open(admin, &made)?;
        }
        Ok(Filled { scratch, compared, restore_ms })
    }

    fn part(&self, extent: Extent) -> Load<'_> {
        self.load(extent)
    }

    /// The schema of the live database, as an archive.
    fn schema_of(&self, live: &Opening) -> Result<tempfile::NamedTempFile, RestoreError> {
        let unwritable = |source| SourceError::Io { path: "a temporary file".into(), source };
        let file = tempfile::NamedTempFile::with_prefix("pgkeel-schema-").map_err(unwritable)?;
        let mut to = OsString::from("--file=");
        to.push(file.path());
        let client = Client {
            program: &self.programs.pg_dump,
            url: Some(&live.url),
            arguments: vec!["--schema-only".into(), "--format=custom".into(), to],
            options: None,
            application_name: "pgkeel restore",
            interrupt: &live.interrupt,
        };
        client.output().map_err(failed("pg_dump of the live database's schema failed"))?;
        Ok(file)
    }
}

impl Load<'_> {
    /// Run pg_restore for this part of the archive.
    fn load(
        &self,
        opening: &Opening,
        admin: &mut Session,
        observer: &mut dyn Observer,
    ) -> Result<(), RestoreError> {
        let part = Part { opening, flags: self.flags(), list: None };
        self.archive(&part, None, admin, observer)
    }
}

/// Tables of extensions that pg_dump reads rows of. Their extensions make them, and no entry of an archive.
fn config_tables(live: &Opening) -> Result<BTreeSet<(String, String)>, RestoreError> {
    let rows = live.connect()?.catalog(
        "SELECT n.nspname, c.relname FROM pg_catalog.pg_extension e \
           CROSS JOIN LATERAL pg_catalog.unnest(e.extconfig) x (oid) \
           JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) x.oid \
           JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace",
    )?;
    let cell = |row, column| rows.get(row, column).unwrap_or_default().to_owned();
    Ok((0..rows.rows.len()).map(|row| (cell(row, 0), cell(row, 1))).collect())
}

/// Every table with rows is there.
fn fits(rows: &Expected, schema: &Archive, config: &BTreeSet<(String, String)>) -> Result<(), RestoreError> {
    let there: BTreeSet<(&str, &str)> = schema
        .entries
        .iter()
        .filter(|entry| entry.desc == "TABLE")
        .map(|entry| (entry.namespace.as_deref().unwrap_or_default(), entry.tag.as_str()))
        .chain(config.iter().map(|(schema, name)| (schema.as_str(), name.as_str())))
        .collect();
    let counted = rows.tables.iter().map(|table| (table.schema.as_str(), table.name.as_str()));
    let all: BTreeSet<(&str, &str)> =
        counted.chain(rows.brings.iter().map(|(schema, name)| (schema.as_str(), name.as_str()))).collect();
    let lacking: Vec<String> =
        all.difference(&there).map(|(schema, name)| format!("`{schema}.{name}`")).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let some = lacking.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let more = lacking.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Err(RestoreError::Refused(vec![Obstacle::new(
        format!("the rows do not fit: the live database has no table {some}{more}"),
        "bring its schema to what it was when the rows were backed up, then restore them",
    )]))
}

/// Fill the materialized views that are filled in the live database; those that read others after these.
fn refresh(session: &mut Session, live: &Opening) -> Result<(), RestoreError> {
    let filled = live.connect()?.catalog(
        "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c \
           JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind = 'm' AND c.relispopulated ORDER BY c.oid",
    )?;
    let mut open: Vec<String> = filled.rows.into_iter().filter_map(|mut row| row.remove(0)).collect();
    while !open.is_empty() {
        let mut later = Vec::new();
        let mut last = None;
        for view in &open {
            match session.query(&format!("REFRESH MATERIALIZED VIEW {view}")) {
                Ok(_) => {}
                // It reads one that is not filled yet.
                Err(error) if error.failure() == PgFailure::NotInState => {
                    last = Some(error);
                    later.push(view.clone());
                }
                Err(error) => return Err(error.into()),
            }
        }
        if later.len() == open.len() {
            return last.map_or(Ok(()), |error| Err(error.into()));
        }
        open = later;
    }
    Ok(())
}
