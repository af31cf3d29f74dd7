//! The readers, on small real archives and on damaged ones. `tests/cases/archive/awkward.sql` says what is in them.

mod damage;
mod made;
mod real;
mod roles;
mod scripts;

use std::io::Read;

use super::*;

macro_rules! case {
    ($name:literal) => {
        ($name, include_bytes!(concat!("../../../../tests/cases/archive/", $name)).as_slice())
    };
}

/// Every way in which the custom format is written.
const CUSTOM: &[(&str, &[u8])] = &[
    case!("pg15-z0.dump"),
    case!("pg15-z6.dump"),
    case!("pg16-z6.dump"),
    case!("pg18-z0.dump"),
    case!("pg18-z6.dump"),
    PIPED,
    REDIRECTED,
];

/// `pg_dump -Fc | cat`: nobody could go back to write the places of the data.
const PIPED: (&str, &[u8]) = case!("pg18-pipe.dump");

/// `pg_dump -Fc > file`: the table of contents comes twice.
const REDIRECTED: (&str, &[u8]) = case!("pg16-redirected.dump");

const INSERTS: &[u8] = case!("pg18-inserts.dump").1;

/// `pg_dump -Fp --create`.
const SCRIPT: &[u8] = case!("pg18.sql").1;

fn custom(mut bytes: &[u8]) -> Result<CustomContents, ArchiveError> {
    read_custom(&mut bytes, &mut |_, _| {})
}

fn table_data(mut bytes: &[u8], compression: Compression) -> Result<Content, ArchiveError> {
    read_table_data(&mut bytes, compression)
}

/// The content of these rows.
fn content_of(rows: &[&str]) -> Content {
    let mut sum = DigestSum::default();
    rows.iter().for_each(|row| sum.add_line(row.as_bytes()));
    let bytes = rows.iter().map(|row| row.len() as u64 + 1).sum::<u64>() + END.len() as u64;
    Content { rows: sum.rows(), bytes, digest: sum.finish() }
}

/// What ends the rows.
const END: &str = "\\.\n\n\n";

/// Numbers that look random and are the same in each run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next()).unwrap() % limit
    }
}

/// Gives a few bytes at a time.
struct Drip<'a>(&'a [u8], Random);

impl Read for Drip<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let most = 1 + self.1.below(7);
        let count = most.min(into.len()).min(self.0.len());
        into[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}
