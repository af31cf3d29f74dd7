//! From a source to a database that was compared with what it must hold: read back, created, loaded, compared. What
//! replacing, restoring beside and proving share.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::engine::backup::check::{CheckError, Reading, verify_l1};
use crate::engine::backup::manifest::{Layout, Level};
use crate::engine::login::trusted;
use crate::engine::operation::Opening;
use crate::engine::properties::Properties;
use crate::engine::{Event, Observer};
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Session;
use crate::pg::tools::client::ClientError;

use super::RestoreError;
use super::careful::{Careful, Path, Schemas};
use super::compare::{Compare, Compared};
use super::decrypt::no_key;
use super::error::Obstacle;
use super::expected::Expected;
use super::extensions;
use super::journal::{Phase, Role};
use super::load::{Extent, Load, Ownership};
use super::preflight::properties;
use super::programs::Programs;
use super::scratch::Scratch;
use super::select::Selection;
use super::source::{Source, SourceError};

/// How something is restored, wherever it goes.
#[derive(Debug, Clone, Copy)]
pub struct Filling<'a> {
    /// What.
    pub source: &'a Source,
    /// The programs.
    pub programs: &'a Programs,
    /// Roles that are created before, without login.
    pub roles: &'a [String],
    /// Which owners and privileges come back.
    pub ownership: Ownership,
    /// Jobs of pg_restore.
    pub jobs: u32,
    /// The file with the secret keys.
    pub identity: Option<&'a std::path::Path>,
    /// How far it is compared: `L2` or `L3`.
    pub level: Level,
    /// Whether a database that differs is kept to be looked at.
    pub keep: bool,
    /// Lesser roles whose code may run under the role that restores.
    pub trust: &'a [String],
    /// What is left out.
    pub select: &'a Selection,
}

/// A database was filled.
#[derive(Debug)]
pub(super) struct Filled<'a> {
    pub(super) scratch: Scratch<'a>,
    pub(super) compared: Compared,
    pub(super) restore_ms: u64,
}

impl Filling<'_> {
    /// Read all of the source: L1 for a backup of ours, a full decode for a foreign file.
    ///
    /// # Errors
    /// `Damaged`, `Source`; `Refused` without a key.
    pub(super) fn read(
        &self,
        opening: &Opening,
        observer: &mut dyn Observer,
    ) -> Result<Expected, RestoreError> {
        let (dir, manifest) = match self.source {
            Source::Foreign(_) => return Ok(self.source.read(&opening.interrupt)?),
            Source::Backup { dir, manifest, .. } => (dir, manifest),
        };
        if self.source.is_encrypted() && self.identity.is_none() {
            return Err(RestoreError::Refused(vec![no_key()]));
        }
        let reading = Reading { identity: self.identity, jobs: self.jobs, interrupt: &opening.interrupt };
        let verdict = verify_l1(dir, manifest, &reading, observer).map_err(|error| match error {
            CheckError::Io { path, source } => SourceError::Io { path, source }.into(),
            CheckError::Crypt(error) => RestoreError::Refused(vec![Obstacle::hopeless(error.to_string())]),
            CheckError::Interrupted => PgError::Interrupted.into(),
        })?;
        if verdict.damages.is_empty() {
            return Ok(Expected::of(manifest));
        }
        Err(RestoreError::Damaged(verdict.damages.iter().map(ToString::to_string).collect()))
    }

    /// Make the database, fill it, compare it. Differences are returned, not an error.
    ///
    /// # Errors
    /// See `RestoreError`; the database is dropped then.
    pub(super) fn fill<'a>(
        &self,
        opening: &'a Opening,
        admin: &mut Session,
        name: &str,
        role: Role,
        place: Option<&Properties>,
        observer: &mut dyn Observer,
    ) -> Result<Filled<'a>, RestoreError> {
        // That something is missing is for the reading to say.
        let before = stamps(&self.source.payload()).ok();
        let mut expected = self.read(opening, observer)?;
        if expected.rows_alone {
            return self.fill_rows(opening, admin, name, role, place, observer);
        }
        self.select.narrow(&mut expected);
        let guarded = self.guarded(admin, expected.code.as_deref(), &opening.interrupt)?;
        self.create_roles(admin, observer)?;
        let mut notes = Vec::new();
        let made = self.properties(admin, place, &mut notes)?;
        let load = self.load(Extent::Everything);
        let begin = Instant::now();
        let scratch = Scratch::create(opening, admin, name, &made, role.clone())?;
        let (scratch, loaded) = match load.run(&scratch, guarded.as_ref(), None, admin, observer) {
            Err(error) if self.source.layout() != Layout::Plain && is_refused(&error) => {
                drop(scratch);
                let archive = load.contents(&opening.interrupt)?;
                // Tables of extensions have their foreign keys while they are filled: one job fills them in pg_dump's order.
                let mut jobs = if extensions::fills(&archive) { 1 } else { self.jobs };
                let mut why = error;
                let owner = self.source.manifest().map(|manifest| manifest.source.properties.owner.as_str());
                let owner = owner.or(place.map(|place| place.owner.as_str()));
                let trusted = trusted(admin, self.trust)?;
                let schemas = Schemas::of(&archive, trusted, owner, opening.bookkeeping.as_str());
                let path =
                    Path::of(self.source.manifest().map(|manifest| &manifest.source.properties).or(place));
                loop {
                    let careful = Careful::new(&archive, schemas.clone(), path.clone());
                    observer.event(retry(self.source, &why));
                    let scratch = Scratch::create(opening, admin, name, &made, role.clone())?;
                    let load = Load { jobs, ..load };
                    match load.run(&scratch, guarded.as_ref(), Some(careful), admin, observer) {
                        // What several jobs fail at says nothing about the backup: they load in no fixed order.
                        Err(error) if load.is_parallel() && is_refused(&error) => {
                            drop(scratch);
                            (jobs, why) = (1, error);
                        }
                        loaded => break (scratch, loaded?),
                    }
                }
            }
            loaded => (scratch, loaded?),
        };
        let restore_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX).max(loaded.ms);
        if stamps(&self.source.payload()).ok() != before {
            let what = "its files were changed between reading them and loading them";
            return Err(RestoreError::Damaged(vec![what.to_owned()]));
        }
        let compare = Compare {
            source: self.source,
            expected: &expected,
            programs: self.programs,
            ownership: self.ownership,
            level: self.level,
            // A function in an index can be read with a search_path alone.
            plans_nothing: guarded.is_some() || loaded.is_careful,
            relaxed: &loaded.relaxed,
            select: self.select,
        };
        let mut compared = compare.run(&scratch.opening(), observer)?;
        compared.notes.splice(..0, notes.into_iter().chain(loaded.notes));
        if compared.differences.is_empty() {
            scratch.open(admin, &made)?;
        }
        Ok(Filled { scratch, compared, restore_ms })
    }

    /// How it is loaded.
    pub(super) fn load(&self, extent: Extent) -> Load<'_> {
        Load {
            source: self.source,
            programs: self.programs,
            ownership: self.ownership,
            jobs: self.jobs,
            identity: self.identity,
            extent,
            select: self.select,
        }
    }

    /// What the new database is like; where nothing says it, as the server makes new ones. Our jobs and pools must all be let
    /// in: the limit of the place comes last (`carry::limit`).
    pub(super) fn properties(
        &self,
        admin: &mut Session,
        place: Option<&Properties>,
        notes: &mut Vec<String>,
    ) -> Result<Properties, PgError> {
        let me = admin.catalog("SELECT current_user")?.get(0, 0).unwrap_or_default().to_owned();
        if let Some(made) = properties(self.source, place, &me, notes) {
            let made = Properties { connection_limit: -1, ..made };
            // The tablespace of another server may be none of this one.
            if place.is_some() || has_tablespace(admin, &made.tablespace)? {
                return Ok(made);
            }
            notes.push(format!("there is no tablespace `{}` here: the default one is used", made.tablespace));
            let tablespace = Properties::read(admin, "template0")?.unwrap_or_default().tablespace;
            return Ok(Properties { tablespace, ..made });
        }
        let template = Properties::read(admin, "template1")?.unwrap_or_default();
        Ok(Properties {
            owner: me,
            settings: Vec::new(),
            grants: None,
            comment: None,
            connection_limit: -1,
            ..template
        })
    }

    /// Create the roles that are missing, each told as it is made: they stay, however this ends. Who is no superuser becomes
    /// a member, which giving them what they own takes.
    pub(super) fn create_roles(
        &self,
        admin: &mut Session,
        observer: &mut dyn Observer,
    ) -> Result<(), PgError> {
        if self.roles.is_empty() {
            return Ok(());
        }
        let me = admin.catalog("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")?;
        let is_superuser = me.get(0, 0) == Some("t");
        for name in self.roles {
            let role = Ident::new(name);
            match admin.query(&format!("CREATE ROLE {role} NOLOGIN")) {
                Ok(_) => observer.event(Event::RoleCreated { name: name.clone() }),
                // Somebody else was faster.
                Err(error) if error.failure() != PgFailure::NoPrivilege && exists(admin, name)? => {}
                Err(error) => return Err(error),
            }
            if !is_superuser {
                admin.query(&format!("GRANT {role} TO CURRENT_USER"))?;
            }
        }
        Ok(())
    }
}

/// It is loaded once more, step by step.
pub(super) fn retry(source: &Source, error: &RestoreError) -> Event {
    let said = match error {
        RestoreError::Client { source: ClientError::Failed { said, .. }, .. }
        | RestoreError::Unloadable { source: ClientError::Failed { said, .. }, .. } => {
            // Warnings may come before what the program itself says.
            let own = said.iter().find(|line| line.starts_with("pg_restore:") || line.starts_with("psql:"));
            own.or(said.first()).cloned()
        }
        _ => None,
    };
    let why = said.unwrap_or_else(|| error.to_string());
    let why = format!("it could not be loaded in one go ({why}), and is loaded step by step");
    Event::Retry { name: source.name(), why, pause: Duration::ZERO }
}

/// Whether the server refused something of the backup, as opposed to lacking something itself. Where one job of several
/// fails, the sessions of the others are ended, too.
pub(super) fn is_refused(error: &RestoreError) -> bool {
    match error {
        RestoreError::Unloadable { .. } => true,
        RestoreError::Client { source: ClientError::Failed { .. }, why, .. } => {
            matches!(why, None | Some(PgFailure::Terminated))
        }
        _ => false,
    }
}

/// What changes with a file: where it lies, its size, and when it was last written or renamed.
type Stamp = (u64, u64, u64, i64, i64, i64, i64);

/// Of a file, or of a folder and its files.
pub(super) type Stamps = BTreeMap<PathBuf, Stamp>;

/// The stamps of a file, or of all files of a folder: what was verified must be what is loaded.
pub(super) fn stamps(path: &std::path::Path) -> Result<Stamps, SourceError> {
    let io = |source| SourceError::Io { path: path.to_owned(), source };
    let stamp = |about: &Metadata| {
        let (written, changed) = ((about.mtime(), about.mtime_nsec()), (about.ctime(), about.ctime_nsec()));
        (about.dev(), about.ino(), about.len(), written.0, written.1, changed.0, changed.1)
    };
    let about = std::fs::metadata(path).map_err(io)?;
    let mut all = BTreeMap::from([(path.to_owned(), stamp(&about))]);
    if about.is_dir() {
        for entry in std::fs::read_dir(path).map_err(io)? {
            let entry = entry.map_err(io)?;
            all.insert(entry.path(), stamp(&entry.metadata().map_err(io)?));
        }
    }
    Ok(all)
}

fn exists(admin: &mut Session, role: &str) -> Result<bool, PgError> {
    let sql = format!("SELECT FROM pg_roles WHERE rolname = {}", Literal(role));
    Ok(!admin.catalog(&format!("SELECT 1 WHERE EXISTS ({sql})"))?.rows.is_empty())
}

fn has_tablespace(admin: &mut Session, name: &str) -> Result<bool, PgError> {
    let sql = format!("SELECT 1 FROM pg_tablespace WHERE spcname = {}", Literal(name));
    Ok(!admin.catalog(&sql)?.rows.is_empty())
}

/// What was restored is compared, and may be used: else it is dropped, or kept to be looked at.
///
/// # Errors
/// `Differs`.
pub(super) fn accept(filled: &mut Filled<'_>, admin: &mut Session, keep: bool) -> Result<(), RestoreError> {
    if filled.compared.differences.is_empty() {
        return Ok(());
    }
    let differences = std::mem::take(&mut filled.compared.differences);
    if keep {
        filled.scratch.say(admin, Phase::Kept)?;
        filled.scratch.keep();
    }
    Err(RestoreError::Differs { differences, kept: keep.then(|| filled.scratch.name.clone()) })
}
