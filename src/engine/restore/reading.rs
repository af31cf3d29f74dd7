//! Reads what stock pg_dump wrote to its end: is it whole, and what must be there once it is restored.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use crate::engine::archive::{
    Archive, ArchiveError, Compression, Entry, Format, read_custom, read_table_data, script,
};
use crate::engine::backup::manifest::{Code, Layout};
use crate::pg::interrupt::Interrupt;

use super::expected::{Expected, ExpectedTable};
use super::fill::stamps;
use super::reach::evaluated;
use super::rows_alone::holds_rows_alone;
use super::source::{Source, SourceError, major, open};

impl Source {
    /// Read a foreign file to its end: is it whole, and what must be there once it is restored? It is read once, as long as
    /// its files stay as they are.
    ///
    /// # Errors
    /// See `SourceError`.
    pub(super) fn read(&self, interrupt: &Interrupt) -> Result<Expected, SourceError> {
        let path = self.payload();
        let Self::Foreign(foreign) = self else {
            let what = "a backup of ours, which has a manifest".to_owned();
            return Err(SourceError::Unknown { path, what });
        };
        let before = stamps(&path)?;
        if let Some((_, expected)) = foreign.read.get().filter(|(then, _)| *then == before) {
            return Ok(expected.clone());
        }
        let read = match self.layout() {
            Layout::Plain => plain(&path, interrupt),
            Layout::Custom => custom(&path, interrupt),
            Layout::Directory => directory(&path, interrupt),
        };
        let mut expected = read.map_err(|error| error.shown_as(&path, &foreign.path))?;
        expected.notes.extend(foreign.staged.iter().flat_map(|staged| staged.notes.iter().cloned()));
        drop(foreign.read.set((before, expected.clone())));
        Ok(expected)
    }
}

/// A file that ends in an error once Ctrl-C was pressed.
pub(super) struct Watched<'a> {
    file: BufReader<File>,
    interrupt: &'a Interrupt,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.interrupt.is_raised() {
            return Err(io::Error::other("interrupted"));
        }
        self.file.read(buffer)
    }
}

pub(super) fn watched<'a>(path: &Path, interrupt: &'a Interrupt) -> Result<Watched<'a>, SourceError> {
    Ok(Watched { file: BufReader::with_capacity(1 << 20, open(path)?), interrupt })
}

pub(super) fn damaged(path: &Path, interrupt: &Interrupt) -> impl Fn(ArchiveError) -> SourceError {
    let (path, interrupt) = (path.to_owned(), interrupt.clone());
    move |error| match error {
        _ if interrupt.is_raised() => SourceError::Interrupted,
        ArchiveError::Read { source, .. } => SourceError::Io { path: path.clone(), source },
        error => SourceError::Damaged { path: path.clone(), why: error.to_string() },
    }
}

/// psql takes the end of its input for the end of the data: a cut script is restored without an error.
fn plain(path: &Path, interrupt: &Interrupt) -> Result<Expected, SourceError> {
    let read = script::read(&mut watched(path, interrupt)?, Compression::None);
    let script = read.map_err(damaged(path, interrupt))?;
    if !script.complete {
        let why =
            "it does not end as pg_dump ends its scripts (`-- PostgreSQL database dump complete`)".into();
        return Err(SourceError::Damaged { path: path.to_owned(), why });
    }
    if script.connects || script.creates_database {
        let why = "creates a database of its own and connects to it (`pg_dump --create`, or pg_dumpall), so it would not \
                   stay in the one that it is restored into";
        return Err(SourceError::Leaves { path: path.to_owned(), why });
    }
    if script.drops {
        return Err(SourceError::Drops { path: path.to_owned() });
    }
    let mut expected = Expected {
        server_version: script.server_version.as_deref().and_then(major),
        dump_version: script.dump_version.as_deref().and_then(major),
        code: Some(script.code.into_iter().map(|(object, owner)| Code { object, owner }).collect()),
        ..Expected::default()
    };
    let public = |schema: Option<String>| schema.unwrap_or_else(|| "public".into());
    expected.brings = script.inserted.into_iter().map(|(schema, name)| (public(schema), name)).collect();
    expected.holds = script.dumped;
    expected.rows_alone = !script.creates && (script.inserts > 0 || !script.tables.is_empty());
    for table in script.tables {
        let schema = public(table.schema);
        if table.content.rows > 0 {
            expected.brings.insert((schema.clone(), table.name.clone()));
        }
        expected.holds.insert((schema.clone(), table.name.clone()));
        expected.tables.push(ExpectedTable::counted(schema, table.name, table.content.rows));
    }
    if script.inserts > 0 {
        expected.notes.push(format!(
            "{} INSERT commands are not counted by table: that all rows are there was not compared",
            script.inserts
        ));
    }
    expected.notes.push(
        "a plain script has no table of contents: roles and extensions were not looked at before".into(),
    );
    Ok(expected)
}

fn custom(path: &Path, interrupt: &Interrupt) -> Result<Expected, SourceError> {
    let read = read_custom(&mut watched(path, interrupt)?, &mut |_, _| {});
    let contents = read.map_err(damaged(path, interrupt))?;
    let mut expected = of_archive(&contents.archive);
    for (id, content) in &contents.tables {
        if let Some(entry) = contents.archive.entry(*id) {
            counted(&mut expected, entry, content.rows);
        }
    }
    let statements = contents.statements.iter().filter(|(_, bytes)| **bytes > 0);
    let inserted = statements.filter_map(|(id, _)| contents.archive.entry(*id)).map(named);
    expected.brings.extend(inserted);
    if !contents.statements.is_empty() {
        expected.notes.push(format!(
            "the rows of {} tables are INSERT commands and were not counted",
            contents.statements.len()
        ));
    }
    Ok(expected)
}

fn directory(path: &Path, interrupt: &Interrupt) -> Result<Expected, SourceError> {
    let toc = path.join("toc.dat");
    let archive = Archive::read_toc(&mut watched(&toc, interrupt)?).map_err(damaged(&toc, interrupt))?;
    if archive.format != Format::Directory {
        let what = "a folder whose `toc.dat` is of another format".into();
        return Err(SourceError::Unknown { path: path.to_owned(), what });
    }
    let mut expected = of_archive(&archive);
    let mut skipped = 0;
    for entry in archive.entries.iter().filter(|entry| entry.desc == "TABLE DATA") {
        let Some(file) = entry.file.as_ref().filter(|_| entry.copy.is_some()) else {
            skipped += 1;
            expected.brings.insert(named(entry));
            continue;
        };
        // Tools that compress or decompress the files afterwards are none of ours.
        let (data, compression) = data_file(path, file)?;
        let content = read_table_data(&mut watched(&data, interrupt)?, compression)
            .map_err(damaged(&data, interrupt))?;
        counted(&mut expected, entry, content.rows);
    }
    if skipped > 0 {
        expected.notes.push(format!("the rows of {skipped} tables are INSERT commands and were not counted"));
    }
    if archive.entries.iter().any(|entry| entry.desc == "BLOBS") {
        expected.notes.push("large objects were not read before".into());
    }
    Ok(expected)
}

/// The rows of a table were counted.
fn counted(expected: &mut Expected, entry: &Entry, rows: u64) {
    let (schema, name) = named(entry);
    if rows > 0 {
        expected.brings.insert((schema.clone(), name.clone()));
    }
    expected.tables.push(ExpectedTable::counted(schema, name, rows));
}

fn named(entry: &Entry) -> (String, String) {
    (entry.namespace.clone().unwrap_or_default(), entry.tag.clone())
}

/// pg_restore, too, looks for the bare name first, then for each suffix.
fn data_file(dir: &Path, name: &str) -> Result<(PathBuf, Compression), SourceError> {
    for compression in [Compression::None, Compression::Gzip, Compression::Lz4, Compression::Zstd] {
        let path = dir.join(format!("{name}{}", compression.suffix()));
        if path.is_file() {
            return Ok((path, compression));
        }
    }
    Err(SourceError::Damaged { path: dir.to_owned(), why: format!("`{name}` is missing") })
}

fn of_archive(archive: &Archive) -> Expected {
    Expected {
        server_version: major(&archive.server_version),
        dump_version: major(&archive.dump_version),
        extension_names: archive.extensions(),
        code: Some(evaluated(archive)),
        holds: archive.entries.iter().filter(|entry| entry.desc == "TABLE DATA").map(named).collect(),
        rows_alone: holds_rows_alone(archive),
        notes: vec![
            "pg_dump writes its table of contents without a checksum: that the schema is as it was dumped was not verified"
                .into(),
        ],
        ..Expected::default()
    }
}
