//! Reads a backup's files back: each is hashed and decoded in one pass, several at a time. What it finds are values; what
//! they mean is `check`'s matter.

mod run;

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::check::{CheckError, Damage, Reading};
use super::manifest::{Code, FileSum, LargeObjects, Layout, SequenceState};
use super::setval::{Setvals, of_entry};
use crate::engine::Observer;
use crate::engine::archive::{
    Archive, ArchiveError, BlobFile, Compression, Content, CustomContents, read_blob_list, script,
};
use crate::engine::restore::reach::evaluated;
use crate::pg::plain::open_itself as open_file;
use run::{Ended, run};

/// The table of contents of the directory format.
pub(super) const TOC: &str = "dump/toc.dat";

/// The rows of a table, as they were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rows {
    /// The table's oid, where the format says it.
    pub(super) oid: Option<u32>,
    /// Its schema and name.
    pub(super) name: (String, String),
    pub(super) content: Content,
}

/// What a dump holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Contents {
    pub(super) tables: Vec<Rows>,
    pub(super) sequences: Vec<SequenceState>,
    pub(super) large_objects: LargeObjects,
    /// The code that loading it evaluates.
    pub(super) code: Vec<Code>,
    /// The table of contents; a script has none.
    pub(super) archive: Option<Archive>,
}

impl Contents {
    pub(super) fn of_custom(found: &CustomContents) -> Self {
        let mut contents = Self::of_toc(&found.archive);
        contents.large_objects = LargeObjects { count: found.objects, bytes: found.object_bytes };
        for (dump_id, content) in &found.tables {
            contents.add(&found.archive, *dump_id, *content);
        }
        contents
    }

    pub(super) fn of_script(found: script::Script, sequences: Vec<SequenceState>) -> Self {
        let rows = |table: script::ScriptTable| Rows {
            oid: None,
            name: (table.schema.unwrap_or_default(), table.name),
            content: table.content,
        };
        let code = found.code.into_iter().map(|(object, owner)| Code { object, owner }).collect();
        Self { tables: found.tables.into_iter().map(rows).collect(), sequences, code, ..Self::default() }
    }

    fn of_toc(archive: &Archive) -> Self {
        let sequences = archive.entries.iter().filter_map(of_entry).collect();
        Self { sequences, code: evaluated(archive), archive: Some(archive.clone()), ..Self::default() }
    }

    fn add(&mut self, archive: &Archive, dump_id: i32, content: Content) {
        let Some(entry) = archive.entry(dump_id) else { return };
        let name = (entry.namespace.clone().unwrap_or_default(), entry.tag.clone());
        self.tables.push(Rows { oid: Some(entry.oid), name, content });
    }
}

/// What reading back found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Each file that could be read to its end.
    pub(super) files: BTreeMap<String, FileSum>,
    /// What is wrong in itself.
    pub(super) damages: Vec<Damage>,
    /// What the dump holds; `None` where it is encrypted and there is no key.
    pub(super) contents: Option<Contents>,
}

/// One file, and as what it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Job {
    file: String,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// Only hashed.
    Hashed,
    Table {
        dump_id: i32,
        compression: Compression,
    },
    Object {
        compression: Compression,
    },
    Custom,
    Script,
    /// Hashed first, and decrypted if that is the hash.
    Sealed {
        sha256: String,
        layout: Layout,
    },
}

#[derive(Debug)]
enum Decoded {
    Nothing,
    Table(i32, Content),
    Object(u64),
    Whole(Contents),
}

/// What a backup is read as.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form<'a> {
    pub(super) layout: Layout,
    /// Of an encrypted dump: what its SHA-256 must be before anything of it is decrypted.
    pub(super) sealed: Option<&'a str>,
}

/// Name of the one file of a layout.
pub(super) fn stream_file(layout: Layout, encrypted: bool) -> &'static str {
    match (layout, encrypted) {
        (Layout::Plain, false) => "dump.sql",
        (Layout::Plain, true) => "dump.sql.age",
        (_, false) => "dump.pgdump",
        (_, true) => "dump.pgdump.age",
    }
}

/// Read these files of the folder (as seen from it).
///
/// # Errors
/// `CheckError`; what is wrong with the files is no error.
pub(super) fn read_back(
    dir: &Path,
    files: &[String],
    form: Form<'_>,
    reading: &Reading<'_>,
    observer: &mut dyn Observer,
) -> Result<Found, CheckError> {
    let mut found = Found::default();
    let mut archive = None;
    let mut jobs = Vec::new();
    if form.layout == Layout::Directory {
        archive = read_contents(dir, &mut found, &mut jobs);
    } else {
        let file = stream_file(form.layout, form.sealed.is_some());
        let kind = match (form.sealed, form.layout) {
            (Some(sha256), layout) => Kind::Sealed { sha256: sha256.to_owned(), layout },
            (None, Layout::Plain) => Kind::Script,
            (None, _) => Kind::Custom,
        };
        jobs.push(Job { file: file.to_owned(), kind });
    }
    for file in files {
        if jobs.iter().all(|job| job.file != *file) {
            jobs.push(Job { file: file.clone(), kind: Kind::Hashed });
        }
    }
    let mut contents = archive.as_ref().map(Contents::of_toc);
    for (job, ended) in run(dir, jobs, reading, observer)? {
        match ended {
            Ended::Read(sum, decoded) => {
                found.files.insert(job.file, sum);
                match (decoded, &archive, &mut contents) {
                    (Decoded::Table(dump_id, content), Some(archive), Some(contents)) => {
                        contents.add(archive, dump_id, content);
                    }
                    (Decoded::Object(bytes), _, Some(contents)) => {
                        contents.large_objects.count += 1;
                        contents.large_objects.bytes += bytes;
                    }
                    (Decoded::Whole(whole), ..) => contents = Some(whole),
                    _ => {}
                }
            }
            Ended::Damaged(sum, what) => {
                if let Some(sum) = sum {
                    found.files.insert(job.file.clone(), sum);
                }
                found.damages.push(Damage { file: job.file, what });
            }
            Ended::Crypt(error) => return Err(CheckError::Crypt(error)),
        }
    }
    found.contents = contents;
    Ok(found)
}

/// Read the table of contents, and make a job of each file that it names.
fn read_contents(dir: &Path, found: &mut Found, jobs: &mut Vec<Job>) -> Option<Archive> {
    let read = || -> Result<Archive, String> {
        let mut toc = open_file(&dir.join(TOC)).map_err(|error| error.to_string())?;
        Archive::read_toc(&mut toc).map_err(|error| described(&error))
    };
    let archive = match read() {
        Ok(archive) => archive,
        Err(what) => {
            found.damages.push(Damage { file: TOC.into(), what });
            return None;
        }
    };
    for entry in &archive.entries {
        let Some(file) = &entry.file else { continue };
        let compression = archive.compression;
        if entry.desc == "TABLE DATA" {
            let kind = Kind::Table { dump_id: entry.dump_id, compression };
            jobs.push(Job { file: format!("dump/{file}{}", compression.suffix()), kind });
        } else if entry.desc.starts_with("BLOB") || entry.desc.starts_with("LARGE OBJECT") {
            match read_list(dir, file) {
                Ok(objects) => {
                    let object = |object: BlobFile| Job {
                        file: format!("dump/{}{}", object.file, compression.suffix()),
                        kind: Kind::Object { compression },
                    };
                    jobs.extend(objects.into_iter().map(object));
                }
                Err(what) => found.damages.push(Damage { file: format!("dump/{file}"), what }),
            }
        }
    }
    Some(archive)
}

fn read_list(dir: &Path, file: &str) -> Result<Vec<BlobFile>, String> {
    let mut list = open_file(&dir.join("dump").join(file)).map_err(|error| error.to_string())?;
    read_blob_list(&mut list).map_err(|error| described(&error))
}

/// Read a plain script to its end.
pub(super) fn decode_script(input: &mut dyn Read) -> Result<Contents, String> {
    let mut input = Setvals::new(input);
    let found = script::read(&mut input, Compression::None).map_err(|error| described(&error))?;
    if !found.complete {
        return Err("it does not end as pg_dump ends its scripts: it is cut short".into());
    }
    Ok(Contents::of_script(found, input.finish()))
}

/// The error and its cause.
pub(super) fn described(error: &ArchiveError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// Bytes as hex digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All files below the folder, as seen from it, sorted; anything else than a file or folder is an error.
///
/// # Errors
/// What the file system says.
pub(super) fn walk(dir: &Path) -> io::Result<Vec<String>> {
    fn below(dir: &Path, prefix: &str, files: &mut Vec<String>) -> io::Result<()> {
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                below(&entry.path(), &format!("{name}/"), files)?;
            } else {
                files.push(name);
            }
        }
        Ok(())
    }
    let mut files = Vec::new();
    below(&PathBuf::from(dir), "", &mut files)?;
    files.sort();
    Ok(files)
}
