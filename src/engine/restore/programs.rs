//! Chooses PostgreSQL's programs for a restore, and how an archive gets from them into the server.

use crate::engine::archive::Archive;
use crate::engine::backup::manifest::Layout;
use crate::pg::attver::{self, ATTRIBUTE_VERSION};
use crate::pg::tools::{Program, Search, Tools, Wanted};

use super::RestoreError;
use super::error::Obstacle;
use super::source::{Source, major};

/// PostgreSQL's programs for a server and a source. Of the server's major version where they are installed, else of the
/// nearest later one that can read the source.
#[derive(Debug, Clone)]
pub struct Programs {
    /// Restores archives.
    pub pg_restore: Program,
    /// Writes the schema that is compared.
    pub pg_dump: Program,
    psql: Option<Program>,
    /// How archives get into the server.
    pub(super) route: Route,
}

/// How an archive gets into the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// pg_restore connects.
    Direct,
    /// pg_restore writes a script, which is adapted to the server and run by psql; there are no parallel jobs then.
    Script,
}

/// The first version whose pg_restore begins with a setting that older servers do not have: `transaction_timeout`.
const NEW_SETTING: u32 = 17;

/// The newest version whose pg_restore is known to set nothing else.
const NEWEST_KNOWN: u32 = 19;

impl Programs {
    /// Whether pg_restore connects by itself.
    pub(super) fn is_direct(&self) -> bool {
        self.route == Route::Direct
    }

    /// Find them.
    ///
    /// # Errors
    /// `ToolError`; `Source` where the archive cannot be read.
    pub fn find(search: &Search, server_version: i32, source: &Source) -> Result<Self, RestoreError> {
        let server = u32::try_from(server_version / 10_000).unwrap_or_default();
        let archive = source.archive()?;
        let needed = reader(source, archive.as_ref());
        // What comes from a newer server is refused whatever programs there are.
        let is_newer =
            origin(source, archive.as_ref()).is_some_and(|origin| i64::from(origin) > i64::from(server));
        let least = if is_newer { server } else { server.max(needed) };
        let find = |name: &str| {
            let exact = Tools::find(search, name, Wanted::Major(server));
            match exact {
                Ok(program) if server >= least => Ok(program),
                exact => {
                    let later = Tools::find(search, name, Wanted::AtLeast(least));
                    if server >= least { later.or(exact) } else { later }
                }
            }
        };
        let pg_restore = find("pg_restore")?;
        let route = route(source, archive.as_ref(), &pg_restore, server_version);
        Ok(Self { pg_restore, pg_dump: find("pg_dump")?, psql: find("psql").ok(), route })
    }

    /// psql, one that knows `\restrict`.
    ///
    /// # Errors
    /// `Refused` where there is none, or one that runs meta-commands which it finds in a dump (CVE-2025-8714).
    pub fn psql(&self) -> Result<&Program, RestoreError> {
        let refuse = |obstacle| Err(RestoreError::Refused(vec![obstacle]));
        let Some(psql) = &self.psql else {
            return refuse(Obstacle::new(
                format!("there is no psql of PostgreSQL {}", self.pg_restore.version.major),
                "install it beside pg_restore",
            ));
        };
        let least = match psql.version.major {
            ..13 => u32::MAX,
            13 => 22,
            14 => 19,
            15 => 14,
            16 => 10,
            17 => 6,
            _ => 0,
        };
        if psql.version.minor < least {
            return refuse(Obstacle::new(
                format!(
                    "psql {} does not know `\\restrict`, with which scripts of pg_dump keep psql from running commands of \
                     this machine (CVE-2025-8714)",
                    psql.version
                ),
                "update PostgreSQL's client programs",
            ));
        }
        Ok(psql)
    }
}

/// The major version of the server that it comes from.
pub(super) fn origin(source: &Source, archive: Option<&Archive>) -> Option<i32> {
    match source.manifest() {
        Some(manifest) => Some(manifest.source.server_version / 10_000),
        None => major(&archive?.server_version),
    }
}

/// The oldest major version whose pg_restore can read it (pg_backup_archiver.h: 1.15 came with 16, 1.16 with 17).
fn reader(source: &Source, archive: Option<&Archive>) -> u32 {
    match (source.manifest(), archive.map(|archive| archive.version)) {
        // psql has no format of its own.
        (Some(manifest), _) if manifest.layout == Layout::Plain => 0,
        (Some(manifest), _) => manifest.pg_restore_min_major,
        (None, Some((1, 16.., _))) => 17,
        (None, Some((1, 15, _))) => 16,
        _ => 0,
    }
}

fn route(source: &Source, archive: Option<&Archive>, pg_restore: &Program, server_version: i32) -> Route {
    let server = u32::try_from(server_version / 10_000).unwrap_or_default();
    let restore = pg_restore.version.major;
    let sets_more =
        restore > server && (restore > NEWEST_KNOWN || (server < NEW_SETTING && restore >= NEW_SETTING));
    let has_own_options = !attver::is_written_by(server_version)
        && match (archive, source.manifest()) {
            (Some(archive), _) => {
                archive.entries.iter().any(|entry| entry.definition.contains(ATTRIBUTE_VERSION))
            }
            // Its table of contents is encrypted.
            (None, Some(manifest)) => attver::is_written_by(manifest.source.server_version),
            (None, None) => false,
        };
    if sets_more || has_own_options { Route::Script } else { Route::Direct }
}
