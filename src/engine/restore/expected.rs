//! What must be in a database once something was restored into it: what a manifest says, or what was read of a foreign
//! file.

use std::collections::BTreeSet;

use crate::engine::archive::Digest;
use crate::engine::backup::manifest::{Code, Extension, LargeObjects, Manifest, Scope, SequenceState};
use crate::pg::attver;

use super::source::major;

/// What a restored database must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// Tables with their rows.
    pub tables: Vec<ExpectedTable>,
    /// Where the sequences stand.
    pub sequences: Vec<SequenceState>,
    /// Extensions with their versions.
    pub extensions: Vec<Extension>,
    /// Extensions of which the version is not known.
    pub extension_names: Vec<String>,
    /// Large objects, where they are counted.
    pub large_objects: Option<LargeObjects>,
    /// Hash of the normalised schema text.
    pub schema_sha256: Option<String>,
    /// Settings under which rows are written.
    pub session: Vec<(String, String)>,
    /// The source server's major version.
    pub server_version: Option<i32>,
    /// The major version of the pg_dump that wrote it.
    pub dump_version: Option<i32>,
    /// The hash may be of a text with options that the server wrote for itself, which differ in every database.
    pub hash_has_own_options: bool,
    /// The code that loading it evaluates; `None` where it is not known.
    pub code: Option<Vec<Code>>,
    /// Of a foreign file: the tables of which it brings rows, by COPY or INSERT.
    pub brings: BTreeSet<(String, String)>,
    /// Of a foreign file: the tables whose rows are in it, also where there are none.
    pub holds: BTreeSet<(String, String)>,
    /// Of a foreign file: it makes nothing that its rows go into.
    pub rows_alone: bool,
    /// What cannot be verified.
    pub notes: Vec<String>,
}

/// A table that must be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedTable {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// Their digest.
    pub digest: Option<Digest>,
    /// The columns of which: `(id, "Name")`.
    pub columns: String,
}

/// 150018 of `15.18`, as `server_version_num`.
fn version_number(version: &str) -> Option<i32> {
    let minor = version.split_once('.')?.1;
    Some(major(version)?.checked_mul(10_000)? + minor.parse::<i32>().ok()?)
}

impl ExpectedTable {
    /// Of which nothing is known but its rows.
    pub(super) fn counted(schema: String, name: String, rows: u64) -> Self {
        Self { schema, name, rows, digest: None, columns: String::new() }
    }
}

impl Expected {
    /// What a manifest says.
    pub fn of(manifest: &Manifest) -> Self {
        let mut notes = Vec::new();
        if manifest.schema_sha256.is_none() {
            notes.push(
                "the manifest has no hash of the schema: it was compared with the archive's own text".into(),
            );
        }
        let tables = manifest.tables.iter().map(|table| ExpectedTable {
            schema: table.schema.clone(),
            name: table.name.clone(),
            rows: if manifest.scope == Scope::Schema { 0 } else { table.rows },
            digest: table.digest.filter(|_| manifest.scope != Scope::Schema),
            columns: table.columns.clone(),
        });
        Self {
            tables: tables.collect(),
            // pg_dump -s writes no positions.
            sequences: if manifest.scope == Scope::Schema { Vec::new() } else { manifest.sequences.clone() },
            extensions: manifest.extensions.clone(),
            extension_names: Vec::new(),
            large_objects: Some(manifest.large_objects).filter(|_| manifest.scope != Scope::Schema),
            schema_sha256: manifest.schema_sha256.clone(),
            session: manifest.source.session.clone(),
            server_version: Some(manifest.source.server_version / 10_000),
            dump_version: major(&manifest.pg_dump),
            hash_has_own_options: attver::is_written_by(manifest.source.server_version)
                && !version_number(&manifest.pg_dump).is_some_and(attver::is_written_by),
            code: manifest.code.clone(),
            brings: BTreeSet::new(),
            holds: BTreeSet::new(),
            rows_alone: manifest.scope == Scope::Data,
            notes,
        }
    }
}
