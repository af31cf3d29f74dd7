//! The schema of a backup, brought into a shadow database by the program that brings back all of it.

use std::path::Path;

use super::refuse::Server;
use super::roles::{make, missing};
use super::{LeftOut, Shadow, ShadowError};
use crate::engine::backup::manifest::Scope;
use crate::engine::restore::{Source, schema};
use crate::pg::tools::Search;

/// What is brought back.
#[derive(Debug, Clone, Copy)]
pub struct Restored<'a> {
    /// The backup.
    pub source: &'a Source,
    /// Where PostgreSQL's programs are looked for.
    pub search: &'a Search,
    /// The file with the secret keys.
    pub identity: Option<&'a Path>,
}

impl Shadow {
    /// Bring back the schema of a backup, its owners and grants with it. Roles that the server lacks are made on one of our
    /// own.
    ///
    /// # Errors
    /// `NoSchema`; `BackupRoles` on a server that others use; `Restore`, `Pg`.
    pub fn restore(&self, what: &Restored<'_>) -> Result<Vec<LeftOut>, ShadowError> {
        if what.source.manifest().is_some_and(|manifest| manifest.scope == Scope::Data) {
            return Err(ShadowError::NoSchema { backup: what.source.name() });
        }
        let mut session = self.connect()?;
        let roles = schema::roles(what.source)?;
        let lacking = missing(&mut session, &roles)?;
        match self.server() {
            Server::Private => make(&mut session, &lacking)?,
            Server::Shared if lacking.is_empty() => {}
            Server::Shared => {
                return Err(ShadowError::BackupRoles { backup: what.source.name(), roles: lacking });
            }
        }
        let version = session.server_version();
        drop(session);
        schema::bring_back(what.source, self.opening(), what.search, what.identity, version)?;
        Ok(Vec::new())
    }
}
