//! The migrations of a folder in a shadow database, up and down one by one, by the runner of every other run.

use std::collections::BTreeSet;

use crate::engine::Observer;
use crate::engine::catalog::Catalog;
use crate::engine::catalog::read::{ReadError, read};
use crate::engine::migrations::plan::{Plan, Step};
use crate::engine::migrations::runner::{By, Settings};
use crate::engine::operation::Operation;
use crate::engine::seeds::{self, Loading, SeedError, SeedFile};
use crate::pg::error::PgError;
use crate::pg::statements::{split, tokens};

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
    /// The names of those that run with the rights of the session's own role.
    pub(super) lent: BTreeSet<String>,
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

    /// Run the migrations of these names with the rights of the session's own role. What they make has the same owner.
    pub fn lend(&mut self, names: &BTreeSet<String>) {
        self.lent = names.clone();
    }

    /// Whether it can.
    pub fn lends(&self) -> bool {
        self.settings.acting.as_ref().is_some_and(|acting| acting.by == By::SessionAuthorization)
    }

    /// The migrations whose code chooses a role or catches a lack of rights, where some table has FORCE: what policies hide
    /// from it is not seen.
    pub fn blind(&self) -> Vec<String> {
        let all = || self.ups.iter().filter_map(|step| Some((step, step.body.text()?)));
        let forces = |text: &str| {
            tokens(text)
                .windows(2)
                .any(|pair| pair[0].eq_ignore_ascii_case("FORCE") && pair[1].eq_ignore_ascii_case("ROW"))
        };
        if !all().any(|(_, text)| forces(text)) {
            return Vec::new();
        }
        let named = all().filter(|(_, text)| is_blind(text)).map(|(step, _)| step.name.clone());
        named.collect()
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

    /// Load seeds twice in one transaction: as an ordinary owner where the migrations ran so. What fails then for another reason
    /// than policies is loaded as the session's own role. Returns whether policies applied.
    ///
    /// # Errors
    /// See `SeedError`.
    pub fn seed_twice(&mut self, files: &[SeedFile], observer: &mut dyn Observer) -> Result<bool, SeedError> {
        let Operation { session, place, known, .. } = &mut self.operation;
        if let Some(acting) = &self.settings.acting {
            let loading = Loading::TwiceAs(acting);
            match seeds::load(session, (place, known), files, loading, observer) {
                Err(SeedError::File { filtered: None, cause: PgError::Server(_), .. }) => {}
                ended => return ended.map(|_| true),
            }
            seeds::load(session, (place, known), files, Loading::Twice, observer)?;
            return Ok(false);
        }
        seeds::load(session, (place, known), files, Loading::Twice, observer).map(|_| true)
    }

    fn run(&mut self, steps: Vec<Step>, observer: &mut dyn Observer) -> Result<(), ShadowError> {
        let role = self.settings.acting.as_ref().filter(|_| self.lends()).map(|acting| acting.role.clone());
        let Some(role) = role.filter(|_| !self.lent.is_empty()) else {
            return self.run_plan(steps, observer);
        };
        let lent = self.lent.clone();
        for run in steps.chunk_by(|a, b| lent.contains(&a.name) == lent.contains(&b.name)) {
            if run.iter().all(|step| !lent.contains(&step.name)) {
                self.run_plan(run.to_vec(), observer)?;
                continue;
            }
            let prelude = self.operation.session.prelude();
            self.operation.session.query(&format!("{prelude}ALTER ROLE {role} SUPERUSER"))?;
            let ended = self.run_plan(run.to_vec(), observer);
            let back = self.operation.session.query(&format!("{prelude}ALTER ROLE {role} NOSUPERUSER"));
            ended?;
            back?;
        }
        Ok(())
    }

    fn run_plan(&mut self, steps: Vec<Step>, observer: &mut dyn Observer) -> Result<(), ShadowError> {
        match self.operation.run(&Plan { steps, marks: Vec::new() }, &self.settings, observer) {
            Ok(_) => Ok(()),
            Err(stopped) => Err(self.shadow.told(stopped)?),
        }
    }
}

/// Whether a DO block of a text chooses a role, or catches a lack of rights.
fn is_blind(text: &str) -> bool {
    let all = split(text).unwrap_or_default();
    let blocks = all.iter().filter(|one| one.facts.verb == "DO").map(|one| &text[one.body.clone()]);
    blocks.into_iter().any(|block| {
        let lower = block.to_ascii_lowercase();
        let words: Vec<&str> = lower
            .split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .filter(|word| !word.is_empty())
            .collect();
        let has = |phrase: &[&str]| words.windows(phrase.len()).any(|at| at == phrase);
        let catches = has(&["exception", "when"]) && (has(&["others"]) || has(&["insufficient_privilege"]));
        let chooses = has(&["session", "authorization"])
            || has(&["set", "role"])
            || has(&["local", "role"])
            || has(&["reset", "role"])
            || has(&["set_config", "role"])
            || has(&["set_config", "session_authorization"]);
        catches || chooses
    })
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
    fn a_block_that_chooses_a_role_or_catches_everything_hides_what_policies_do() {
        let check = |sql: &str, expected: bool| assert_eq!(is_blind(sql), expected, "{sql}");
        check("DO $$ BEGIN RESET SESSION AUTHORIZATION; UPDATE doc SET a = 1; END $$", true);
        check("DO $$ BEGIN PERFORM set_config('role', 'none', true); END $$", true);
        check("DO $$ BEGIN SET LOCAL ROLE x; END $$", true);
        check("DO $$ BEGIN UPDATE doc SET a = 1; EXCEPTION WHEN OTHERS THEN NULL; END $$", true);
        check(
            "DO $$ BEGIN NULL; EXCEPTION WHEN insufficient_privilege OR undefined_table THEN NULL; END $$",
            true,
        );
        check(
            "DO $$ BEGIN CREATE TYPE t AS ENUM (); EXCEPTION WHEN duplicate_object THEN NULL; END $$",
            false,
        );
        check("RESET ROLE; UPDATE doc SET a = 1", false);
    }

    #[test]
    fn what_depends_on_the_role_names_it_or_its_rights() {
        assert!(asks_for_rights("DO $$ BEGIN … EXCEPTION WHEN insufficient_privilege THEN NULL; END $$"));
        assert!(asks_for_rights("SELECT Current_User"));
        assert!(!asks_for_rights("CREATE TABLE t (a int); GRANT SELECT ON t TO app"));
    }
}
