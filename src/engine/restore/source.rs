//! What can be restored: one of our backups, or what stock pg_dump wrote: a plain script, a custom-format file, a folder.
//! A foreign file is read whole before anything is done with it (`reading`), as it brings no manifest along.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::engine::archive::{Archive, ArchiveError, Compression, script};
use crate::engine::backup::manifest::{Code, Layout, Manifest};
use crate::engine::backup::record::InUse;
use crate::engine::migrations::folder::sha256;
use crate::pg::interrupt::Interrupt;
use crate::pg::plain;

use super::RestoreError;
use super::decrypt::plaintext;
use super::expected::Expected;
use super::fill::Stamps;
use super::staged::Staged;

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
    Foreign(Box<Foreign>),
}

/// Something that pg_dump wrote.
#[derive(Debug)]
pub struct Foreign {
    /// The file or folder, as it was named.
    pub(super) path: PathBuf,
    /// What is read in its place.
    pub(super) staged: Option<Staged>,
    /// Its form.
    layout: Layout,
    /// The size of its files, in bytes.
    pub bytes: u64,
    /// What was read of it, and of which files.
    pub(super) read: OnceLock<(Stamps, Expected)>,
}

impl Foreign {
    pub(super) fn new(path: &Path, staged: Option<Staged>, layout: Layout, bytes: u64) -> Self {
        Self { path: path.to_owned(), staged, layout, bytes, read: OnceLock::new() }
    }
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
    /// No room for the copy of what psql and pg_restore cannot read as it is.
    #[error("could not write a copy of the dump to `{}`", path.display())]
    Unwritable {
        /// The copy, or its folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}

impl SourceError {
    /// The same of the file that a person has named, where it is about our copy of it.
    #[must_use]
    pub(super) fn shown_as(mut self, copy: &Path, named: &Path) -> Self {
        if let Self::Io { path, .. }
        | Self::Unknown { path, .. }
        | Self::Damaged { path, .. }
        | Self::Leaves { path, .. }
        | Self::Drops { path } = &mut self
            && path == copy
        {
            named.clone_into(path);
        }
        self
    }
}

impl Source {
    /// Our manifest.
    pub fn manifest(&self) -> Option<&Manifest> {
        match self {
            Self::Backup { manifest, .. } => Some(manifest),
            Self::Foreign(_) => None,
        }
    }

    /// In which form it is.
    pub fn layout(&self) -> Layout {
        match self {
            Self::Backup { manifest, .. } => manifest.layout,
            Self::Foreign(foreign) => foreign.layout,
        }
    }

    /// Whether it has to be decrypted.
    pub fn is_encrypted(&self) -> bool {
        self.manifest().is_some_and(|manifest| manifest.encryption.is_some())
    }

    /// The file or folder that pg_restore or psql reads.
    pub fn payload(&self) -> PathBuf {
        match self {
            Self::Foreign(foreign) => foreign.staged.as_ref().map_or(&*foreign.path, Staged::path).to_owned(),
            Self::Backup { dir, .. } => dir.join(self.payload_name()),
        }
    }

    /// The command that prints what pg_restore or psql read, where no file of the user's has it.
    pub fn made_by(&self) -> Option<&str> {
        match self {
            Self::Foreign(foreign) => foreign.staged.as_ref().map(|staged| staged.made_by.as_str()),
            Self::Backup { .. } => None,
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
            Self::Foreign(foreign) => foreign.path.display().to_string(),
        }
    }

    /// What the names of databases that belong to it end in.
    pub fn suffix(&self) -> String {
        match self {
            Self::Backup { manifest, .. } => manifest.id.suffix().to_owned(),
            Self::Foreign(foreign) => sha256(foreign.path.display().to_string().as_bytes())[..6].to_owned(),
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
}

pub(super) fn open(path: &Path) -> Result<File, SourceError> {
    plain::open(path).map_err(|source| SourceError::Io { path: path.to_owned(), source })
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
