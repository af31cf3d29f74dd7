//! Proves a backup on a server: restored into a database of its own, compared, dropped, whatever comes of it. What a killed
//! proof left is dropped by the next.

use std::io;
use std::path::Path;

use super::manifest::{Layout, Level, Manifest};
use super::record::hold;
use crate::engine::Observer;
use crate::engine::operation::Opening;
use crate::engine::restore::{
    EVERYTHING, Filling, Goal, Ownership, RestoreError, Selection, Source, SourceError, Wish, on_trial,
    preflight,
};
use crate::pg::tools::Search;

/// What is proved, and where.
#[derive(Debug, Clone, Copy)]
pub struct Prove<'a> {
    /// The backup's folder.
    pub dir: &'a Path,
    /// What it says of itself.
    pub manifest: &'a Manifest,
    /// `L2` or `L3`.
    pub level: Level,
    /// The way to the server: to any database of it.
    pub opening: &'a Opening,
    /// Where PostgreSQL's programs are looked for.
    pub search: &'a Search,
    /// Jobs of pg_restore.
    pub jobs: u32,
    /// The file with the secret keys.
    pub identity: Option<&'a Path>,
    /// Lesser roles whose code may run under the role that restores.
    pub trust: &'a [String],
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// What is not as the manifest says; nothing: it passed.
    pub differences: Vec<String>,
    /// What could not be compared.
    pub notes: Vec<String>,
    /// How long the restore took, in ms.
    pub restore_ms: u64,
    /// The server's version, as PQserverVersion.
    pub server_version: i32,
}

/// Restore it on trial.
///
/// Roles that the server lacks are no reason against it: then owners and privileges are left out, and that is a note.
///
/// # Errors
/// See `RestoreError`: `Damaged` where reading it back found damage, `Refused` where the server cannot take it.
pub fn prove(what: &Prove<'_>, observer: &mut dyn Observer) -> Result<Proof, RestoreError> {
    let dir = what.dir.to_owned();
    let gone = |error| SourceError::Io { path: dir.clone(), source: io::Error::other(error) };
    let in_use = hold(&dir).map_err(gone)?;
    let source = Source::Backup { dir, manifest: Box::new(what.manifest.clone()), in_use };
    let database = &what.manifest.source.database;
    let mut admin = what.opening.maintenance(database)?;
    admin.query(&admin.prelude())?;
    let mut notes = Vec::new();
    let mut ownership = Ownership::default();
    // What the role may not make here says nothing about the backup.
    let less = Selection { no_event_triggers: true, no_tablespaces: true, schemas: Vec::new() };
    let mut select = &EVERYTHING;
    let wish = |ownership, select| Wish {
        ownership,
        select,
        goal: Goal::Beside,
        bookkeeping: what.opening.bookkeeping.as_str(),
    };
    let cleared = match preflight(&source, wish(ownership, select), what.search, &mut admin, None) {
        Err(RestoreError::Refused(obstacles)) => {
            ownership = Ownership { no_owner: true, no_privileges: true, create_roles: false };
            if source.layout() != Layout::Plain {
                select = &less;
            }
            let why = obstacles.into_iter().map(|obstacle| obstacle.what).collect::<Vec<_>>().join("; ");
            let left_out = match select.is_everything() {
                true => "owners and privileges",
                false => "owners, privileges, event triggers and tablespaces",
            };
            notes.push(format!("{left_out} were left out: {why}"));
            preflight(&source, wish(ownership, select), what.search, &mut admin, None)?
        }
        cleared => cleared?,
    };
    let filling = Filling {
        source: &source,
        programs: &cleared.programs,
        roles: &[],
        ownership,
        jobs: what.jobs,
        identity: what.identity,
        level: what.level.max(Level::L2),
        keep: false,
        trust: what.trust,
        select,
    };
    let (compared, restore_ms) = on_trial(what.opening, &mut admin, database, &filling, observer)?;
    notes.extend(compared.notes);
    Ok(Proof { differences: compared.differences, notes, restore_ms, server_version: admin.server_version() })
}
