//! What can be restored: one of our backups, or what stock pg_dump wrote: a plain script, a custom-format file, a folder.
//! A foreign file is read whole before anything is done with it, as it brings no manifest along.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use crate::engine::archive::{
    Archive, ArchiveError, Compression, Format, read_custom, read_table_data, script,
};
use crate::engine::backup::manifest::{Code, Layout, Manifest};
use crate::engine::backup::record::InUse;
use crate::engine::migrations::folder::sha256;
use crate::pg::interrupt::Interrupt;
use crate::pg::plain;

use super::RestoreError;
use super::decrypt::plaintext;
use super::expected::{Expected, ExpectedTable};
use super::reach::evaluated;

/// What is to be restored.
#[derive(Debug)]
pub enum Source {
    /// One of our backups.
    Backup {
        /// Its folder.
        dir: PathBuf,
        /// What it says of itself.
        manifest: Box<Manifest>,
        /// Nobody removes it meanwhile.
        in_use: InUse,
    },
    /// Something that pg_dump wrote.
    Foreign {
        /// The file or folder.
        path: PathBuf,
        /// Its form.
        layout: Layout,
        /// The size of its files, in bytes.
        bytes: u64,
    },
}

/// Why something cannot be restored.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file system said no.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is nothing that pg_dump writes.
    #[error("`{}` is {what}", path.display())]
    Unknown {
        /// What.
        path: PathBuf,
        /// What it is instead.
        what: String,
    },
    /// It is damaged or cut.
    #[error("`{}` is not whole: {why}", path.display())]
    Damaged {
        /// What.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// It would not stay in the database that it is restored into.
    #[error("`{}` {why}", path.display())]
    Leaves {
        /// What.
        path: PathBuf,
        /// What it does.
        why: &'static str,
    },
    /// It begins by dropping what a new database does not have.
    #[error(
        "`{}` begins by dropping what a new database does not have (`pg_dump --clean`), and would end there",
        path.display()
    )]
    Drops {
        /// What.
        path: PathBuf,
    },
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}

impl Source {
    /// Look at a file or folder that is no backup of ours: what is it (pg_dump docs, `--format`)?
    ///
    /// # Errors
    /// `Io`, `Unknown`.
    pub fn foreign(path: &Path) -> Result<Self, SourceError> {
        let io = |source| SourceError::Io { path: path.to_owned(), source };
        let unknown = |what: &str| SourceError::Unknown { path: path.to_owned(), what: what.to_owned() };
        let about = std::fs::metadata(path).map_err(io)?;
        if !about.is_dir() && !about.is_file() {
            return Err(unknown(&format!(
                "{}, and only a plain file or a folder is restored",
                plain::kind(about.file_type())
            )));
        }
        if about.is_dir() {
            if !path.join("toc.dat").is_file() {
                return Err(unknown(
                    "a folder without `toc.dat`: neither a backup nor what `pg_dump -Fd` writes",
                ));
            }
            let mut bytes = 0;
            for entry in std::fs::read_dir(path).map_err(io)? {
                let entry = entry.map_err(io)?;
                // A link that leads nowhere is missing, which is for the reading to say.
                let Ok(about) = std::fs::metadata(entry.path()) else { continue };
                // pg_restore would open it, and wait.
                if !about.is_file() && !about.is_dir() {
                    let what =
                        format!("{}, and pg_dump writes plain files only", plain::kind(about.file_type()));
                    return Err(SourceError::Unknown { path: entry.path(), what });
                }
                bytes += about.len();
            }
            return Ok(Self::Foreign { path: path.to_owned(), layout: Layout::Directory, bytes });
        }
        let mut head = [0; 262];
        let mut read = 0;
        let mut file = plain::open(path).map_err(io)?;
        while read < head.len() {
            match file.read(&mut head[read..]).map_err(io)? {
                0 => break,
                n => read += n,
            }
        }
        let head = &head[..read];
        let layout = match head {
            [] => return Err(unknown("empty")),
            [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x04, 0x22, 0x4d, 0x18, ..] => {
                return Err(unknown("compressed as a whole: decompress it first, and look how that ends"));
            }
            head if head.starts_with(b"PGDMP") => Layout::Custom,
            head if head.starts_with(b"toc.dat\0") => {
                return Err(unknown(
                    "made by `pg_dump -Ft`: make a script of it with `pg_restore -f dump.sql`, and restore that",
                ));
            }
            head if head.starts_with(b"age-encryption.org/") => {
                return Err(unknown("encrypted, and is no backup of ours: decrypt it first"));
            }
            _ => Layout::Plain,
        };
        Ok(Self::Foreign { path: path.to_owned(), layout, bytes: about.len() })
    }

    /// Our manifest.
    pub fn manifest(&self) -> Option<&Manifest> {
        match self {
            Self::Backup { manifest, .. } => Some(manifest),
            Self::Foreign { .. } => None,
        }
    }

    /// In which form it is.
    pub fn layout(&self) -> Layout {
        match self {
            Self::Backup { manifest, .. } => manifest.layout,
            Self::Foreign { layout, .. } => *layout,
        }
    }

    /// Whether it has to be decrypted.
    pub fn is_encrypted(&self) -> bool {
        self.manifest().is_some_and(|manifest| manifest.encryption.is_some())
    }

    /// The file or folder that pg_restore or psql reads.
    pub fn payload(&self) -> PathBuf {
        match self {
            Self::Foreign { path, .. } => path.clone(),
            Self::Backup { dir, .. } => dir.join(self.payload_name()),
        }
    }

    fn payload_name(&self) -> &'static str {
        match (self.layout(), self.is_encrypted()) {
            (Layout::Directory, _) => "dump",
            (Layout::Custom, false) => "dump.pgdump",
            (Layout::Custom, true) => "dump.pgdump.age",
            (Layout::Plain, false) => "dump.sql",
            (Layout::Plain, true) => "dump.sql.age",
        }
    }

    /// What it is called where a restore is recorded: a backup's name, or the foreign path.
    pub fn name(&self) -> String {
        match self {
            Self::Backup { manifest, .. } => manifest.id.to_string(),
            Self::Foreign { path, .. } => path.display().to_string(),
        }
    }

    /// What the names of databases that belong to it end in.
    pub fn suffix(&self) -> String {
        match self {
            Self::Backup { manifest, .. } => manifest.id.suffix().to_owned(),
            Self::Foreign { path, .. } => sha256(path.display().to_string().as_bytes())[..6].to_owned(),
        }
    }

    /// The size of the database that it was made of, as a guess at how large it becomes, in bytes.
    pub fn database_bytes(&self) -> Option<u64> {
        u64::try_from(self.manifest()?.source.bytes).ok()
    }

    /// The table of contents; `None` where there is none to be read without keys.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn archive(&self) -> Result<Option<Archive>, SourceError> {
        let path = match self.layout() {
            Layout::Plain => return Ok(None),
            _ if self.is_encrypted() => return Ok(None),
            Layout::Directory => self.payload().join("toc.dat"),
            Layout::Custom => self.payload(),
        };
        let damaged =
            |error: ArchiveError| SourceError::Damaged { path: path.clone(), why: error.to_string() };
        // A folder that has a manifest lost it.
        if self.manifest().is_some() && !path.exists() {
            return Err(SourceError::Damaged { path, why: "it is missing".into() });
        }
        let mut file = BufReader::new(open(&path)?);
        Archive::read_toc(&mut file).map(Some).map_err(damaged)
    }

    /// Read a foreign file to its end: is it whole, and what must be there once it is restored?
    ///
    /// # Errors
    /// See `SourceError`.
    pub(super) fn read(&self, interrupt: &Interrupt) -> Result<Expected, SourceError> {
        let path = self.payload();
        match self.layout() {
            Layout::Plain => plain(&path, interrupt),
            Layout::Custom => custom(&path, interrupt),
            Layout::Directory => directory(&path, interrupt),
        }
    }
}

fn open(path: &Path) -> Result<File, SourceError> {
    plain::open(path).map_err(|source| SourceError::Io { path: path.to_owned(), source })
}

/// A file that ends in an error once Ctrl-C was pressed.
struct Watched<'a> {
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

fn watched<'a>(path: &Path, interrupt: &'a Interrupt) -> Result<Watched<'a>, SourceError> {
    Ok(Watched { file: BufReader::with_capacity(1 << 20, open(path)?), interrupt })
}

fn damaged(path: &Path, interrupt: &Interrupt) -> impl Fn(ArchiveError) -> SourceError {
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
    for table in script.tables {
        let schema = table.schema.unwrap_or_else(|| "public".into());
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
            let schema = entry.namespace.clone().unwrap_or_default();
            expected.tables.push(ExpectedTable::counted(schema, entry.tag.clone(), content.rows));
        }
    }
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
            continue;
        };
        // Tools that compress or decompress the files afterwards are none of ours.
        let (data, compression) = data_file(path, file)?;
        let content = read_table_data(&mut watched(&data, interrupt)?, compression)
            .map_err(damaged(&data, interrupt))?;
        let schema = entry.namespace.clone().unwrap_or_default();
        expected.tables.push(ExpectedTable::counted(schema, entry.tag.clone(), content.rows));
    }
    if skipped > 0 {
        expected.notes.push(format!("the rows of {skipped} tables are INSERT commands and were not counted"));
    }
    if archive.entries.iter().any(|entry| entry.desc == "BLOBS") {
        expected.notes.push("large objects were not read before".into());
    }
    Ok(expected)
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
        notes: vec![
            "pg_dump writes its table of contents without a checksum: that the schema is as it was dumped was not verified"
                .into(),
        ],
        ..Expected::default()
    }
}

/// The code that running a plain script evaluates.
///
/// # Errors
/// As for reading it.
pub(super) fn code_of_script(
    source: &Source,
    identity: Option<&Path>,
    interrupt: &Interrupt,
) -> Result<Vec<Code>, RestoreError> {
    let mut text = plaintext(source, identity, interrupt)?;
    let script = script::read(&mut text, Compression::None)
        .map_err(|error| RestoreError::Damaged(vec![error.to_string()]))?;
    Ok(script.code.into_iter().map(|(object, owner)| Code { object, owner }).collect())
}

/// 15 in `15.18 (Debian …)`.
pub(super) fn major(version: &str) -> Option<i32> {
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}
