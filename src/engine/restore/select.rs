//! Says which part of an archive is restored: not what this role may not make, or some schemas alone.

use std::collections::BTreeSet;
use std::ffi::OsString;

use super::expected::Expected;
use crate::engine::archive::{Archive, Entry};
use crate::pg::shell;

/// What is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Event triggers.
    pub no_event_triggers: bool,
    /// The tablespaces of tables and indexes.
    pub no_tablespaces: bool,
    /// All schemas but these; nothing: every schema is restored.
    pub schemas: Vec<String>,
}

/// Nothing is left out.
pub static EVERYTHING: Selection =
    Selection { no_event_triggers: false, no_tablespaces: false, schemas: Vec::new() };

impl Selection {
    /// Whether nothing is left out.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        *self == EVERYTHING
    }

    /// Whether entries are left out.
    pub(super) fn has_list(&self) -> bool {
        self.no_event_triggers || !self.schemas.is_empty()
    }

    /// As pg_dump's and pg_restore's flags.
    pub(super) fn flags(&self) -> impl Iterator<Item = OsString> + use<> {
        self.no_tablespaces.then(|| "--no-tablespaces".into()).into_iter()
    }

    /// As flags of `pgkeel restore`.
    #[must_use]
    pub fn as_typed(&self) -> String {
        let mut text = String::new();
        if self.no_event_triggers {
            text.push_str(" --no-event-triggers");
        }
        if self.no_tablespaces {
            text.push_str(" --no-tablespaces");
        }
        for schema in &self.schemas {
            text.push_str(&format!(" --schema {}", shell::word(schema)));
        }
        text
    }

    /// Whether what is in this schema is restored.
    pub(super) fn has_schema(&self, schema: &str) -> bool {
        self.schemas.is_empty() || self.schemas.iter().any(|one| one == schema)
    }

    /// Leave entries out.
    pub(super) fn apply(&self, archive: &mut Archive) {
        if !self.has_list() {
            return;
        }
        let needed = if self.schemas.is_empty() { BTreeSet::new() } else { self.needed(archive) };
        archive.entries.retain(|entry| {
            let is_trigger = entry.desc == "EVENT TRIGGER" || entry.tag.starts_with("EVENT TRIGGER ");
            !(self.no_event_triggers && is_trigger)
                && (self.schemas.is_empty() || self.has_entry(entry) || needed.contains(&entry.dump_id))
        });
    }

    /// Whether it belongs to one of the schemas.
    fn has_entry(&self, entry: &Entry) -> bool {
        // What sets the encoding and the like is in no schema and of no object.
        if matches!(entry.desc.as_str(), "ENCODING" | "STDSTRINGS" | "SEARCHPATH") {
            return true;
        }
        match &entry.namespace {
            Some(schema) => self.has_schema(schema),
            None => self.schemas.iter().any(|schema| {
                let of = entry.tag.strip_prefix("SCHEMA ").unwrap_or("");
                entry.desc == "SCHEMA" && entry.tag == *schema || of.trim_matches('"') == schema
            }),
        }
    }

    /// The extensions that these schemas depend on, and the schemas of those.
    fn needed(&self, archive: &Archive) -> BTreeSet<i32> {
        let mut open: Vec<i32> = Vec::new();
        for entry in archive.entries.iter().filter(|entry| self.has_entry(entry)) {
            open.extend(&entry.dependencies);
        }
        let (mut seen, mut needed) = (BTreeSet::new(), BTreeSet::new());
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let Some(entry) = archive.entry(id) else { continue };
            open.extend(&entry.dependencies);
            if matches!(entry.desc.as_str(), "EXTENSION" | "SCHEMA") {
                needed.insert(id);
            }
        }
        needed
    }

    /// Entries of these schemas that depend on others, which are left out.
    pub(super) fn lacking(&self, archive: &Archive) -> Vec<String> {
        let mut all = Vec::new();
        if self.schemas.is_empty() {
            return all;
        }
        for entry in archive.entries.iter().filter(|entry| self.has_entry(entry)) {
            let mut others = entry.dependencies.iter().filter_map(|id| archive.entry(*id));
            let left_out =
                |other: &&Entry| other.namespace.as_ref().is_some_and(|schema| !self.has_schema(schema));
            if let Some(other) = others.rfind(left_out) {
                let schema = other.namespace.as_deref().unwrap_or_default();
                all.push(format!("`{}` ({}) depends on `{schema}.{}`", entry.tag, entry.desc, other.tag));
            }
        }
        all
    }

    /// Schemas that the archive does not have.
    pub(super) fn unknown<'a>(&'a self, archive: &'a Archive) -> impl Iterator<Item = String> + 'a {
        let is_in = |schema: &str| {
            archive.entries.iter().any(|entry| {
                entry.namespace.as_deref() == Some(schema) || entry.desc == "SCHEMA" && entry.tag == schema
            })
        };
        let unknown = self.schemas.iter().filter(move |schema| !is_in(schema));
        unknown.map(|schema| format!("the backup has no schema `{schema}`"))
    }

    /// What of the expected is not looked for.
    pub(super) fn narrow(&self, expected: &mut Expected) {
        if self.schemas.is_empty() {
            if self.no_event_triggers {
                expected.schema_sha256 = None;
            }
            return;
        }
        expected.tables.retain(|table| self.has_schema(&table.schema));
        expected.sequences.retain(|sequence| self.has_schema(&sequence.schema));
        expected.extensions.clear();
        expected.extension_names.clear();
        expected.large_objects = None;
        expected.schema_sha256 = None;
    }
}
