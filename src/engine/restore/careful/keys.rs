//! Adds keys and constraints one by one, to know by SQLSTATE which of them rows break.

use super::{Careful, Relaxed, phase, restoring, run_as_restored};
use crate::engine::Observer;
use crate::engine::archive::Entry;
use crate::engine::operation::Opening;
use crate::engine::restore::RestoreError;
use crate::engine::restore::cause::is_of_the_server;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::statements::{name, tokens};

impl Careful<'_> {
    /// Add foreign keys; those that rows break as NOT VALID.
    pub(super) fn keys(
        &mut self,
        opening: &Opening,
        keys: &[&Entry],
        observer: &mut dyn Observer,
    ) -> Result<(), RestoreError> {
        if keys.is_empty() {
            return Ok(());
        }
        phase(observer, "adding foreign keys");
        let mut session = restoring(opening)?;
        let mut broken = Vec::new();
        for entry in keys {
            let Err(error) = run_as_restored(&mut session, &entry.definition) else { continue };
            if error.failure() != PgFailure::ForeignKeyBroken {
                return Err(error.into());
            }
            let then = entry.definition.trim_end().trim_end_matches(';').to_owned();
            let now = format!("{then} NOT VALID");
            match run_as_restored(&mut session, &now) {
                Ok(()) => self.relaxed.push(Relaxed {
                    what: format!(
                        "rows break the foreign key {}, which is NOT VALID now: {} Repair them, then VALIDATE CONSTRAINT",
                        named(entry),
                        detail(&error)
                    ),
                    now: format!("{now};"),
                    then: format!("{then};"),
                    title: None,
                }),
                // A partitioned table cannot have one before 18.
                Err(PgError::Server(refused)) if !is_of_the_server(refused.failure()) => {
                    broken.push(format!("foreign key {}: {}", named(entry), detail(&error)));
                }
                Err(error) => return Err(error.into()),
            }
        }
        if broken.is_empty() { Ok(()) } else { Err(RestoreError::Broken(broken)) }
    }
}

/// Which of these entries could not be made because rows break them, where some were not made.
///
/// # Errors
/// Of the connection.
pub(super) fn broken(opening: &Opening, entries: &[&Entry]) -> Result<Option<RestoreError>, PgError> {
    let mut session = restoring(opening)?;
    let mut broken = Vec::new();
    for entry in entries.iter().filter(|entry| ["INDEX", "CONSTRAINT"].contains(&entry.desc.as_str())) {
        match run_as_restored(&mut session, &entry.definition) {
            Err(error) if matches!(error.failure(), PgFailure::UniqueBroken | PgFailure::ExclusionBroken) => {
                let what = if entry.desc == "INDEX" { "unique index" } else { "constraint" };
                broken.push(format!("{what} {}: {}", named(entry), detail(&error)));
            }
            Ok(()) | Err(PgError::Server(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(if broken.is_empty() { None } else { Some(RestoreError::Broken(broken)) })
}

/// `b b_a_fkey` of the table of contents as `b_a_fkey` of `public.b`; an index by its own name.
fn named(entry: &Entry) -> String {
    let schema = entry.namespace.as_deref().unwrap_or_default();
    let mut words = tokens(&entry.definition).into_iter();
    let constraint = words.find(|word| *word == "CONSTRAINT").and_then(|_| words.next()).and_then(name);
    let of = constraint.as_ref().and_then(|constraint| entry.tag.strip_suffix(constraint.as_str()));
    match (constraint.as_ref(), of) {
        (Some(constraint), Some(table)) => format!("`{constraint}` of `{schema}.{}`", table.trim_end()),
        _ => format!("`{schema}.{}`", entry.tag),
    }
}

/// The server's detail, which names a key, or its message.
pub(super) fn detail(error: &PgError) -> String {
    match error {
        PgError::Server(error) => error.0.detail.clone().unwrap_or_else(|| error.0.message.clone()),
        error => error.to_string(),
    }
}
