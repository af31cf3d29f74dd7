//! Whether a backup is what its manifest says: L0 looks at sizes, L1 reads every byte back. It changes nothing; what it
//! finds is recorded by whoever asked.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use super::crypt::CryptError;
use super::folder::MANIFEST;
use super::manifest::{FileSum, Layout, Manifest, Scope};
use super::readback::{Contents, Form, read_back, stream_file, walk};
use crate::engine::Observer;
use crate::pg::interrupt::Interrupt;

/// How to read a backup.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The file with the secret keys of age.
    pub identity: Option<&'a Path>,
    /// Files that are read at a time.
    pub jobs: u32,
    /// Ctrl-C.
    pub interrupt: &'a Interrupt,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The file, as seen from the backup's folder.
    pub file: String,
    /// What is wrong with it.
    pub what: String,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}`: {}", self.file, self.what)
    }
}

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What is wrong; nothing: it passed.
    pub damages: Vec<Damage>,
    /// What could not be looked at.
    pub notes: Vec<String>,
    /// Whether nothing was decoded, for want of a key.
    pub is_sealed: bool,
}

/// Why nothing can be said about a backup.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Its folder cannot be read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The keys do not fit.
    #[error(transparent)]
    Crypt(#[from] CryptError),
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}

/// Each file is there with its size, and nothing else is.
///
/// # Errors
/// `CheckError::Io`.
pub fn verify_l0(dir: &Path, manifest: &Manifest) -> Result<Vec<Damage>, CheckError> {
    let there = walk(dir).map_err(|source| CheckError::Io { path: dir.to_owned(), source })?;
    let there: BTreeSet<&str> = there.iter().map(String::as_str).filter(|file| *file != MANIFEST).collect();
    let listed: BTreeSet<&str> = manifest.files.iter().map(|file| file.path.as_str()).collect();
    let damage = |file: &str, what: String| Damage { file: file.to_owned(), what };
    let mut damages = Vec::new();
    for file in &manifest.files {
        if !is_plain(&file.path) {
            damages.push(damage(&file.path, "its name leads out of the backup".into()));
        } else if !there.contains(file.path.as_str()) {
            damages.push(damage(&file.path, "it is missing".into()));
        } else if let Ok(meta) = dir.join(&file.path).symlink_metadata() {
            if !meta.is_file() {
                damages.push(damage(&file.path, "it is no file".into()));
            } else if meta.len() != file.size {
                damages.push(damage(
                    &file.path,
                    format!("it has {} bytes, and the manifest says {}", meta.len(), file.size),
                ));
            }
        }
    }
    let strange = there.difference(&listed).map(|file| damage(file, "the manifest does not list it".into()));
    damages.extend(strange);
    Ok(damages)
}

/// And every byte: checksums, a full decoding, the rows of each table and their digest. An encrypted backup is decoded
/// only with a key, and only after its checksum was found right.
///
/// # Errors
/// `CheckError`: nothing was found out.
pub fn verify_l1(
    dir: &Path,
    manifest: &Manifest,
    reading: &Reading<'_>,
    observer: &mut dyn Observer,
) -> Result<Verdict, CheckError> {
    let mut damages = verify_l0(dir, manifest)?;
    let usable =
        |file: &&FileSum| is_plain(&file.path) && damages.iter().all(|damage| damage.file != file.path);
    let files: Vec<String> = manifest.files.iter().filter(usable).map(|file| file.path.clone()).collect();
    let listed: BTreeMap<&str, &FileSum> =
        manifest.files.iter().map(|file| (file.path.as_str(), file)).collect();
    let mut notes = Vec::new();
    let sealed = match (&manifest.encryption, manifest.layout) {
        (None, _) => None,
        (Some(_), layout) => {
            let dump = listed.get(stream_file(layout, true));
            Some(dump.map_or("", |file| file.sha256.as_str()))
        }
    };
    let is_sealed = sealed.is_some() && reading.identity.is_none();
    if is_sealed {
        notes.push("it is encrypted, and without a secret key only its checksums were looked at".to_owned());
    }
    let form = Form { layout: manifest.layout, sealed };
    let found = read_back(dir, &files, form, reading, observer)?;
    for (path, sum) in &found.files {
        match listed.get(path.as_str()) {
            Some(file) if file.sha256 == sum.sha256 => {}
            Some(_) => damages.push(changed(path)),
            None => damages.push(Damage { file: path.clone(), what: "the manifest does not list it".into() }),
        }
    }
    // One word per file: that its checksum is wrong says it all.
    for damage in found.damages {
        if damages.iter().all(|known| known.file != damage.file) {
            damages.push(damage);
        }
    }
    if let Some(contents) = found.contents.filter(|_| damages.is_empty()) {
        damages.extend(compare(manifest, &contents));
    }
    Ok(Verdict { damages, notes, is_sealed })
}

fn changed(path: &str) -> Damage {
    Damage {
        file: path.to_owned(),
        what: "its checksum is not that of the manifest: it was damaged or edited".into(),
    }
}

/// Whether the contents are those that the manifest lists. Where files and hashes fit, a difference means that the
/// manifest was written by somebody else.
fn compare(manifest: &Manifest, contents: &Contents) -> Vec<Damage> {
    let file = match manifest.layout {
        Layout::Directory => "dump",
        layout => stream_file(layout, manifest.encryption.is_some()),
    };
    let damage = |what: String| Damage { file: file.to_owned(), what };
    let mut found: BTreeMap<(&str, &str), _> = contents
        .tables
        .iter()
        .map(|rows| ((rows.name.0.as_str(), rows.name.1.as_str()), rows.content))
        .collect();
    let mut damages = Vec::new();
    for table in &manifest.tables {
        let name = format!("{}.{}", table.schema, table.name);
        match found.remove(&(table.schema.as_str(), table.name.as_str())) {
            None => damages
                .push(damage(format!("it holds no rows of {name}, and the manifest lists {}", table.rows))),
            Some(content) if content.rows != table.rows => damages.push(damage(format!(
                "it holds {} rows of {name}, and the manifest says {}",
                content.rows, table.rows
            ))),
            Some(content) if table.digest.is_some_and(|digest| digest != content.digest) => {
                damages.push(damage(format!("the rows of {name} are not those of the manifest")));
            }
            Some(_) => {}
        }
    }
    damages.extend(
        found.keys().map(|(schema, name)| {
            damage(format!("it holds rows of {schema}.{name}, which the manifest lacks"))
        }),
    );
    if manifest.scope != Scope::Schema && manifest.layout != Layout::Plain {
        let (said, is) = (manifest.large_objects, contents.large_objects);
        if said != is {
            damages.push(damage(format!(
                "it holds {} large objects, and the manifest says {}",
                is.count, said.count
            )));
        }
    }
    damages
}

/// A manifest may have been made by somebody else.
fn is_plain(path: &str) -> bool {
    path.split('/').all(|part| !part.is_empty() && part != "." && part != "..") && !path.contains('\0')
}
