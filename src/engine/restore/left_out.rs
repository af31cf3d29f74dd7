//! What of an archive is left out because every new database has it already: the schema public, which `pg_dump -n public`
//! creates, its comment, and the comment on plpgsql, which only the owner of that extension may set.

use std::collections::BTreeSet;

use crate::engine::archive::{Archive, Entry};
use crate::engine::operation::Opening;
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;

use super::RestoreError;
use super::load::Ownership;
use super::reach::Guarded;

/// The entries of an archive that are left out, and what takes their place.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    ids: BTreeSet<i32>,
    /// The owner of the schema public, which its entry would have set.
    owner: Option<String>,
}

impl LeftOut {
    /// Of an archive that goes into a new database as this role.
    pub(super) fn of(archive: &Archive, ownership: Ownership, is_superuser: bool) -> Self {
        let of_public = archive.entries.iter().find(|entry| creates_public(entry));
        let left_out = |entry: &&Entry| {
            creates_public(entry)
                || is_usual_comment(entry)
                || (!is_superuser && entry.desc == "COMMENT" && entry.tag == "EXTENSION plpgsql")
        };
        Self {
            ids: archive.entries.iter().filter(left_out).map(|entry| entry.dump_id).collect(),
            owner: of_public
                .map(|entry| entry.owner.clone())
                .filter(|owner| !ownership.no_owner && !owner.is_empty()),
        }
    }

    /// Nothing is.
    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Give public its owner, which requires nothing where it has it.
    ///
    /// # Errors
    /// What the server says.
    pub(super) fn prepare(&self, opening: &Opening) -> Result<(), RestoreError> {
        let Some(owner) = &self.owner else { return Ok(()) };
        let mut inside = opening.connect()?;
        let has_it = inside.catalog(&format!(
            "SELECT pg_catalog.pg_get_userbyid(nspowner) OPERATOR(pg_catalog.=) {} FROM pg_catalog.pg_namespace \
             WHERE nspname OPERATOR(pg_catalog.=) 'public'",
            Literal(owner)
        ))?;
        if has_it.get(0, 0) == Some("f") {
            inside.query(&format!("ALTER SCHEMA public OWNER TO {}", Ident::new(owner)))?;
        }
        Ok(())
    }

    /// Whether this entry is left out.
    pub(super) fn has(&self, id: i32) -> bool {
        self.ids.contains(&id)
    }

    /// The same plan without them.
    pub(super) fn without(&self, guarded: &Guarded) -> Guarded {
        let mut guarded = guarded.clone();
        let batches = guarded.batches.iter_mut().map(|batch| &mut batch.entries);
        for entries in batches.chain([&mut guarded.first, &mut guarded.last]) {
            entries.retain(|id| !self.ids.contains(id));
        }
        guarded
    }
}

/// A whole dump has the entry too, with a comment in the place of the statement.
fn creates_public(entry: &Entry) -> bool {
    entry.desc == "SCHEMA" && entry.tag == "public" && entry.definition.starts_with("CREATE SCHEMA ")
}

fn is_usual_comment(entry: &Entry) -> bool {
    entry.desc == "COMMENT"
        && entry.tag == "SCHEMA public"
        && entry.definition.ends_with(" IS 'standard public schema';\n")
}
