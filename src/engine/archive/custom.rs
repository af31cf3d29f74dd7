//! A whole custom-format archive (`pg_dump -Fc`), from its first byte to its last: the table of contents, then every
//! data block decoded. Each entry that has data must have its block, where the table of contents says it is.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead, BufReader, Read};

use super::codec::{self, Container};
use super::data::{TableData, explain};
use super::source::{Source, malformed};
use super::{Archive, ArchiveError, Compression, Content, DataState, Entry, Format, toc};

/// What a block turned out to hold; for whoever watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// The rows of a table.
    Rows(Content),
    /// A table's data as INSERT commands (`pg_dump --inserts`): their rows cannot be counted.
    Statements {
        /// Decoded.
        bytes: u64,
    },
    /// One large object; a block has many.
    Object {
        /// Which.
        oid: u32,
        /// Decoded.
        bytes: u64,
    },
}

/// Everything that a custom-format archive holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomContents {
    /// The head and the table of contents.
    pub archive: Archive,
    /// Per `TABLE DATA` entry, by its number.
    pub tables: BTreeMap<i32, Content>,
    /// `TABLE DATA` entries that are INSERT commands, by number: their size in bytes, decoded.
    pub statements: BTreeMap<i32, u64>,
    /// How many large objects.
    pub objects: u64,
    /// The large objects' bytes, decoded.
    pub object_bytes: u64,
    /// The size of the whole archive in bytes.
    pub size: u64,
}

const BLOCK: &str = "a data block";
const GATHERED: usize = 64 * 1024;
const DATA: u8 = 1;
const BLOBS: u8 = 3;
/// The sign of the number of entries, where a block's kind would be.
const AGAIN: u8 = 0;

/// Reads a custom-format archive to its end; `on` sees each table and each large object as soon as it is read.
///
/// # Errors
/// If anything is cut, damaged, missing or too much; if the input fails.
pub fn read_custom(
    input: &mut dyn Read,
    on: &mut dyn FnMut(&Entry, Block),
) -> Result<CustomContents, ArchiveError> {
    let mut source = Source::new(input);
    let (archive, layout) = toc::read(&mut source)?;
    if archive.format != Format::Custom {
        let found = format!("{:?}", archive.format).to_lowercase();
        return Err(malformed(0, "an archive in the custom format", format!("one in the {found} format")));
    }
    let mut waiting: HashMap<i32, &Entry> = archive
        .entries
        .iter()
        .filter(|entry| entry.had_dumper && entry.state != DataState::Absent)
        .map(|entry| (entry.dump_id, entry))
        .collect();
    let mut found = Found::default();
    let mut places = HashMap::new();
    while let Some(kind) = source.peek()?.first().copied() {
        let offset = source.at();
        if kind == AGAIN && waiting.is_empty() {
            entries_again(&mut source, &layout, &archive, &places)?;
            break;
        }
        source.byte(BLOCK)?;
        if kind != DATA && kind != BLOBS {
            return Err(malformed(offset, "a block's kind, 1 or 3", kind));
        }
        let dump_id = source.int(BLOCK)?;
        let entry = expected(&archive, &mut waiting, dump_id, kind, offset)?;
        places.insert(dump_id, offset);
        if kind == BLOBS {
            objects(&mut source, archive.compression, &mut |block| found.add(entry, block, on))?;
        } else {
            let block = table(&mut source, archive.compression, entry)?;
            found.add(entry, block, on);
        }
    }
    if let Some(entry) = archive.entries.iter().find(|entry| waiting.contains_key(&entry.dump_id)) {
        return Err(ArchiveError::MissingData {
            count: waiting.len(),
            dump_id: entry.dump_id,
            desc: entry.desc.clone(),
            tag: entry.tag.clone(),
        });
    }
    let Found { tables, statements, objects, object_bytes } = found;
    Ok(CustomContents { size: source.at(), tables, statements, objects, object_bytes, archive })
}

/// `pg_dump -Fc > file` of PostgreSQL 16 to 18: it goes back to add the places of the data to the table of contents, but
/// standard output only appends by then, so that the second table follows the data. pg_restore never comes there.
fn entries_again(
    source: &mut Source<'_>,
    layout: &toc::Layout,
    archive: &Archive,
    places: &HashMap<i32, u64>,
) -> Result<(), ArchiveError> {
    let offset = source.at();
    let mut again = toc::entries(source, layout)?;
    for entry in &mut again {
        if places.get(&entry.dump_id).is_some_and(|place| entry.state == DataState::At(*place)) {
            entry.state = DataState::Unplaced;
        }
    }
    if again != archive.entries {
        return Err(malformed(offset, "the end, or the table of contents once more", "another one"));
    }
    if !source.is_at_end()? {
        return Err(ArchiveError::Trailing { offset: source.at(), after: "the archive" });
    }
    Ok(())
}

#[derive(Default)]
struct Found {
    tables: BTreeMap<i32, Content>,
    statements: BTreeMap<i32, u64>,
    objects: u64,
    object_bytes: u64,
}

impl Found {
    fn add(&mut self, entry: &Entry, block: Block, on: &mut dyn FnMut(&Entry, Block)) {
        match block {
            Block::Rows(content) => drop(self.tables.insert(entry.dump_id, content)),
            Block::Statements { bytes } => drop(self.statements.insert(entry.dump_id, bytes)),
            Block::Object { bytes, .. } => {
                self.objects += 1;
                self.object_bytes += bytes;
            }
        }
        on(entry, block);
    }
}

/// The entry that a block is of, if a block of it can be here.
fn expected<'a>(
    archive: &'a Archive,
    waiting: &mut HashMap<i32, &'a Entry>,
    dump_id: i32,
    kind: u8,
    offset: u64,
) -> Result<&'a Entry, ArchiveError> {
    let stray = |why| ArchiveError::StrayData { offset, dump_id, why };
    let Some(entry) = waiting.remove(&dump_id) else {
        return Err(stray(match archive.entry(dump_id) {
            None => "which is not in the table of contents",
            Some(entry) if !entry.had_dumper => "which has no data",
            Some(_) => "whose data was already there, or should not be",
        }));
    };
    if (entry.desc == "BLOBS") != (kind == BLOBS) {
        return Err(stray("which has another kind of data"));
    }
    match entry.state {
        DataState::At(place) if place != offset => Err(stray("whose data should be elsewhere")),
        _ => Ok(entry),
    }
}

fn table(source: &mut Source<'_>, compression: Compression, entry: &Entry) -> Result<Block, ArchiveError> {
    if entry.copy.is_none() {
        let mut bytes = 0;
        block(source, compression, &mut |piece| {
            bytes += piece.len() as u64;
            Ok(())
        })?;
        return Ok(Block::Statements { bytes });
    }
    let mut data = TableData::default();
    block(source, compression, &mut |piece| data.feed(piece))?;
    Ok(Block::Rows(data.finish()?))
}

/// Large objects, each its oid and its data, up to the oid 0.
fn objects(
    source: &mut Source<'_>,
    compression: Compression,
    found: &mut dyn FnMut(Block),
) -> Result<(), ArchiveError> {
    loop {
        // An oid above 2^31 is written as the negative number of the same bits.
        let oid = source.int("the large objects")?.cast_unsigned();
        if oid == 0 {
            return Ok(());
        }
        let mut bytes = 0;
        block(source, compression, &mut |piece| {
            bytes += piece.len() as u64;
            Ok(())
        })?;
        found(Block::Object { oid, bytes });
    }
}

/// Decodes the chunks of one block, to the chunk of length 0 that ends them.
fn block(
    source: &mut Source<'_>,
    compression: Compression,
    sink: &mut dyn FnMut(&[u8]) -> Result<(), ArchiveError>,
) -> Result<(), ArchiveError> {
    let mut chunks = Chunks { source, left: 0, ended: false };
    let decoded = if compression == Compression::None {
        codec::decode(&mut chunks, compression, Container::Block, sink)
    } else {
        // pg_dump writes chunks of 4 kB, and decoders are faster in longer strides.
        let mut gathered = BufReader::with_capacity(GATHERED, &mut chunks);
        codec::decode(&mut gathered, compression, Container::Block, sink)
    };
    let source = chunks.source;
    decoded.map_err(|failure| explain(failure, source, compression))
}

/// The chunks of a block as one stream.
struct Chunks<'s, 'a> {
    source: &'s mut Source<'a>,
    /// Of the chunk.
    left: usize,
    ended: bool,
}

impl Chunks<'_, '_> {
    fn next(&mut self) -> Result<(), ArchiveError> {
        let offset = self.source.at();
        let length = self.source.int(BLOCK)?;
        self.ended = length == 0;
        self.left = usize::try_from(length)
            .map_err(|_| malformed(offset, "the length of a piece of data", length))?;
        Ok(())
    }
}

impl BufRead for Chunks<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 && !self.ended {
            self.next().map_err(|error| self.source.fail(error))?;
        }
        if self.ended {
            return Ok(&[]);
        }
        let offset = self.source.at();
        if self.source.fill_buf()?.is_empty() {
            return Err(self.source.fail(ArchiveError::Ended { offset, inside: BLOCK }));
        }
        let there = self.source.fill_buf()?;
        Ok(&there[..there.len().min(self.left)])
    }

    fn consume(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count);
        self.source.consume(count);
    }
}

impl Read for Chunks<'_, '_> {
    /// Less than was asked for is the end.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < into.len() {
            let there = self.fill_buf()?;
            let count = there.len().min(into.len() - filled);
            if count == 0 {
                break;
            }
            into[filled..filled + count].copy_from_slice(&there[..count]);
            self.consume(count);
            filled += count;
        }
        Ok(filled)
    }
}
