//! The migrations of a folder in a shadow database, up and down one by one, by the runner of every other run.

use crate::engine::Observer;
use crate::engine::catalog::Catalog;
use crate::engine::catalog::read::{ReadError, read};
use crate::engine::migrations::plan::{Plan, Step};
use crate::engine::migrations::runner::Settings;
use crate::engine::operation::Operation;
use crate::engine::seeds::{self, Loading, SeedError, SeedFile};

use super::owner::as_ours;
use super::refuse::Server;
use super::replay::{Roles, stand_in};
use super::roles::{make, missing};
use super::{LeftOut, Shadow, ShadowError};

/// A shadow database in which migrations are tried. It lives no longer than its database.
#[derive(Debug)]
pub struct Rehearsal<'s> {
    pub(super) shadow: &'s Shadow,
    pub(super) operation: Operation,
    pub(super) settings: Settings,
    pub(super) ups: Vec<Step>,
    pub(super) downs: Vec<Option<Step>>,
    /// What was taken out of the migrations, because no schema holds it.
    pub left_out: Vec<LeftOut>,
    /// Whether they run as a role that policies apply to.
    pub is_checked: bool,
}

impl Rehearsal<'_> {
    /// How many migrations there are.
    pub fn len(&self) -> usize {
        self.ups.len()
    }

    /// Whether they run as a role that was made for it.
    pub fn stands_in(&self) -> bool {
        self.settings.acting.is_some()
    }

    /// Whether the result of some migration may depend on who runs it, without an error that says so.
    pub fn depends_on_role(&self) -> bool {
        let all = self.ups.iter().chain(self.downs.iter().flatten());
        all.filter_map(|step| step.body.text()).any(asks_for_rights)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ups.is_empty()
    }

    /// Apply all, as a deploy does.
    ///
    /// # Errors
    /// `Migrations`, `Roles`, `Pg`.
    pub fn all_up(&mut self, observer: &mut dyn Observer) -> Result<(), ShadowError> {
        self.run(self.ups.clone(), observer)
    }

    /// Apply one, by its place in the folder.
    ///
    /// # Errors
    /// As `all_up`.
    pub fn up(&mut self, at: usize, observer: &mut dyn Observer) -> Result<(), ShadowError> {
        self.run(vec![self.ups[at].clone()], observer)
    }

    /// Undo one; nothing where it has no way down.
    ///
    /// # Errors
    /// As `all_up`; also `Refused` for what must not run in a shadow database.
    pub fn down(&mut self, at: usize, observer: &mut dyn Observer) -> Result<Option<()>, ShadowError> {
        let Some(mut step) = self.downs[at].clone() else { return Ok(None) };
        let mut roles = Roles::default();
        let mut left_out = Vec::new();
        self.shadow.fit(&mut step, &mut self.operation.session, &mut roles, &mut left_out)?;
        if self.shadow.server() == Server::Private && !roles.all.is_empty() {
            let missing = missing(&mut self.operation.session, &roles.all)?;
            make(&mut self.operation.session, &missing)?;
        }
        if let Some(acting) = &self.settings.acting {
            stand_in(&mut step, acting)?;
        }
        self.run(vec![step], observer).map(Some)
    }

    /// The step that undoes one.
    pub fn way_down(&self, at: usize) -> Option<&Step> {
        self.downs[at].as_ref()
    }

    /// The step that applies one.
    pub fn way_up(&self, at: usize) -> &Step {
        &self.ups[at]
    }

    /// The catalog now.
    ///
    /// # Errors
    /// See `ReadError`.
    pub fn catalog(&mut self) -> Result<Catalog, ReadError> {
        let catalog = read(&mut self.operation.session, self.operation.place.bookkeeping.as_str())?;
        Ok(match &self.settings.acting {
            Some(acting) => as_ours(catalog, acting),
            None => catalog,
        })
    }

    /// Load seeds twice in one transaction.
    ///
    /// # Errors
    /// See `SeedError`.
    pub fn seed_twice(&mut self, files: &[SeedFile], observer: &mut dyn Observer) -> Result<(), SeedError> {
        let Operation { session, place, known, .. } = &mut self.operation;
        seeds::load(session, (place, known), files, Loading::Twice, observer).map(drop)
    }

    fn run(&mut self, steps: Vec<Step>, observer: &mut dyn Observer) -> Result<(), ShadowError> {
        match self.operation.run(&Plan { steps, marks: Vec::new() }, &self.settings, observer) {
            Ok(_) => Ok(()),
            Err(stopped) => Err(self.shadow.told(stopped)?),
        }
    }
}

/// Words that SQL has whose result depends on the rights of the role, in lower case: what asks for them, what catches a lack of
/// them, and what shows less to those who have fewer.
const OF_RIGHTS: [&str; 12] = [
    "privilege",
    "others",
    "superuser",
    "rolsuper",
    "current_user",
    "session_user",
    "current_role",
    "has_role",
    "pg_roles",
    "pg_user",
    "pg_authid",
    "information_schema",
];

fn asks_for_rights(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    OF_RIGHTS.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_depends_on_the_role_names_it_or_its_rights() {
        assert!(asks_for_rights("DO $$ BEGIN … EXCEPTION WHEN insufficient_privilege THEN NULL; END $$"));
        assert!(asks_for_rights("SELECT Current_User"));
        assert!(!asks_for_rights("CREATE TABLE t (a int); GRANT SELECT ON t TO app"));
    }
}
