//! The head and the table of contents of an archive, as pg_backup_archiver.c of PostgreSQL 9.0 to 19 writes them: `toc.dat`
//! of the directory format, the beginning of the custom format.

use std::collections::BTreeSet;

use super::source::{Source, malformed};
use super::{Archive, ArchiveError, Compression, DataState, Entry, Format, Section, safe_name};

/// What the archive calls itself, before anything else.
const MAGIC: &[u8] = b"PGDMP";

/// The versions that we read; the revision does not matter.
const VERSIONS: std::ops::RangeInclusive<(u8, u8)> = (1, 12)..=(1, 16);

const TABLE_AM: (u8, u8) = (1, 14);
const ALGORITHM: (u8, u8) = (1, 15);
const RELKIND: (u8, u8) = (1, 16);

const HEAD: &str = "the head of the archive";
const ENTRY: &str = "the table of contents";

/// What the entries' layout depends on.
pub(super) struct Layout {
    version: (u8, u8),
    format: Format,
    offset_size: u8,
}

pub(super) fn read(source: &mut Source<'_>) -> Result<(Archive, Layout), ArchiveError> {
    for expected in MAGIC {
        match source.byte(HEAD) {
            Ok(byte) if byte == *expected => {}
            Ok(_) | Err(ArchiveError::Ended { .. }) => return Err(ArchiveError::NotAnArchive),
            Err(error) => return Err(error),
        }
    }
    let found = (source.byte(HEAD)?, source.byte(HEAD)?, source.byte(HEAD)?);
    let version = (found.0, found.1);
    if !VERSIONS.contains(&version) {
        return Err(ArchiveError::Version { found });
    }
    one_of(source, &[4], "the size of a number, 4")?;
    let offset_size = one_of(source, &[4, 8], "the size of an offset, 4 or 8")?;
    let format = match one_of(source, &[1, 3, 4, 5], "the archive's format, 1, 3, 4 or 5")? {
        1 => Format::Custom,
        4 => Format::Null,
        // pg_dump -Fd calls its `toc.dat` one of the tar format, which it is like.
        _ => Format::Directory,
    };
    let compression = if version >= ALGORITHM {
        match one_of(source, &[0, 1, 2, 3], "the compression's number, 0 to 3")? {
            0 => Compression::None,
            1 => Compression::Gzip,
            2 => Compression::Lz4,
            _ => Compression::Zstd,
        }
    } else {
        let offset = source.at();
        match source.int(HEAD)? {
            0 => Compression::None,
            // -1 is zlib's default level.
            -1..=9 => Compression::Gzip,
            other => return Err(malformed(offset, "a compression level, -1 to 9", other)),
        }
    };
    let created = created(source)?;
    let database = source.string(HEAD)?.unwrap_or_default();
    let server_version = source.string(HEAD)?.unwrap_or_default();
    let dump_version = source.string(HEAD)?.unwrap_or_default();
    let layout = Layout { version, format, offset_size };
    let entries = entries(source, &layout)?;
    let archive = Archive {
        version: found,
        format,
        compression,
        created,
        database,
        server_version,
        dump_version,
        entries,
    };
    Ok((archive, layout))
}

/// The entries, after their number.
pub(super) fn entries(source: &mut Source<'_>, layout: &Layout) -> Result<Vec<Entry>, ArchiveError> {
    let offset = source.at();
    let count = source.int(ENTRY)?;
    if count < 0 {
        return Err(malformed(offset, "the number of entries", count));
    }
    let mut entries = Vec::new();
    let mut seen = BTreeSet::new();
    for _ in 0..count {
        let offset = source.at();
        let entry = entry(source, layout)?;
        if !seen.insert(entry.dump_id) {
            return Err(malformed(offset, "an entry with a number of its own", entry.dump_id));
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn one_of(source: &mut Source<'_>, allowed: &[u8], expected: &'static str) -> Result<u8, ArchiveError> {
    let offset = source.at();
    let byte = source.byte(HEAD)?;
    if allowed.contains(&byte) { Ok(byte) } else { Err(malformed(offset, expected, byte)) }
}

/// The seven numbers of C's `struct tm`, as text; None if they are no date.
fn created(source: &mut Source<'_>) -> Result<Option<String>, ArchiveError> {
    let mut parts = [0; 6];
    for part in &mut parts {
        *part = source.int(HEAD)?;
    }
    source.int(HEAD)?; // daylight saving time
    let [second, minute, hour, day, month, year] = parts;
    let number = |part: i32| u32::try_from(part).ok();
    let time = || {
        let year = year.checked_add(1900)?;
        let date = chrono::NaiveDate::from_ymd_opt(year, number(month)?.checked_add(1)?, number(day)?)?;
        date.and_hms_opt(number(hour)?, number(minute)?, number(second)?)
    };
    Ok(time().map(|time| time.format("%Y-%m-%d %H:%M:%S").to_string()))
}

fn entry(source: &mut Source<'_>, layout: &Layout) -> Result<Entry, ArchiveError> {
    let offset = source.at();
    let dump_id = source.int(ENTRY)?;
    if dump_id <= 0 {
        return Err(malformed(offset, "the number of an entry, above 0", dump_id));
    }
    let offset = source.at();
    let had_dumper = match source.int(ENTRY)? {
        0 => false,
        1 => true,
        other => return Err(malformed(offset, "whether an entry has data, 0 or 1", other)),
    };
    let table_oid = number(source, "a catalog's oid")?;
    let oid = number(source, "an oid")?;
    let tag = source.string(ENTRY)?.unwrap_or_default();
    let desc = source.string(ENTRY)?.unwrap_or_default();
    let offset = source.at();
    let section = match source.int(ENTRY)? {
        1 => Section::None,
        2 => Section::PreData,
        3 => Section::Data,
        4 => Section::PostData,
        other => return Err(malformed(offset, "a section's number, 1 to 4", other)),
    };
    let definition = source.string(ENTRY)?.unwrap_or_default();
    let drop = source.string(ENTRY)?.unwrap_or_default();
    let copy = source.string(ENTRY)?.filter(|copy| !copy.is_empty());
    let namespace = source.string(ENTRY)?.filter(|name| !name.is_empty());
    let tablespace = source.string(ENTRY)?.filter(|name| !name.is_empty());
    if layout.version >= TABLE_AM {
        source.string(ENTRY)?; // the table's access method, which its definition does not need
    }
    if layout.version >= RELKIND {
        source.int(ENTRY)?;
    }
    let owner = source.string(ENTRY)?.unwrap_or_default();
    source.string(ENTRY)?; // "WITH OIDS", gone since PostgreSQL 12
    let dependencies = dependencies(source)?;
    let (file, state) = place(source, layout)?;
    Ok(Entry {
        dump_id,
        table_oid,
        oid,
        tag,
        desc,
        section,
        definition,
        drop,
        copy,
        namespace,
        tablespace,
        owner,
        had_dumper,
        dependencies,
        file,
        state,
    })
}

/// A number that is written as text; nothing is 0.
fn number(source: &mut Source<'_>, expected: &'static str) -> Result<u32, ArchiveError> {
    let offset = source.at();
    let text = source.string(ENTRY)?.unwrap_or_default();
    if text.is_empty() {
        return Ok(0);
    }
    text.parse().map_err(|_| malformed(offset, expected, format!("`{text}`")))
}

/// Numbers of entries, up to a missing string.
fn dependencies(source: &mut Source<'_>) -> Result<Vec<i32>, ArchiveError> {
    let mut list = Vec::new();
    loop {
        let offset = source.at();
        let Some(text) = source.string(ENTRY)? else { return Ok(list) };
        list.push(
            text.parse().map_err(|_| malformed(offset, "the number of an entry", format!("`{text}`")))?,
        );
    }
}

/// Where the data is.
fn place(source: &mut Source<'_>, layout: &Layout) -> Result<(Option<String>, DataState), ArchiveError> {
    let offset = source.at();
    match layout.format {
        Format::Null => Ok((None, DataState::Absent)),
        Format::Directory => {
            let file = source.string(ENTRY)?.filter(|file| !file.is_empty());
            if let Some(name) = file.as_deref().filter(|name| !safe_name(name)) {
                return Err(malformed(offset, "the name of a file beside this one", format!("`{name}`")));
            }
            let state = if file.is_some() { DataState::Unplaced } else { DataState::Absent };
            Ok((file, state))
        }
        Format::Custom => {
            let flag = source.byte(ENTRY)?;
            let value = source.offset(layout.offset_size, ENTRY)?;
            match flag {
                1 => Ok((None, DataState::Unplaced)),
                2 => Ok((None, DataState::At(value))),
                3 => Ok((None, DataState::Absent)),
                other => Err(malformed(offset, "the state of an entry's data, 1 to 3", other)),
            }
        }
    }
}
