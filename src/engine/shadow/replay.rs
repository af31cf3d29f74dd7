//! Replays migrations in a shadow database: with the reader, the plan and the runner of every other run. What is taken out of
//! them is what must not run there and changes no schema; their files stay as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use crate::engine::Observer;
use crate::engine::ledger::lock::{LockWait, Orphan, Waiting};
use crate::engine::migrations::body::{Body, BodyError};
use crate::engine::migrations::plan::{Allow, Plan, PlanError, Source, Step};
use crate::engine::migrations::runner::{Done, RunError, Settings, StateNow, Stopped};
use crate::engine::migrations::{Folder, reconcile};
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

use super::refuse::Server;
use super::rehearsal::Rehearsal;
use super::roles::{make, missing, named};
use super::statement::{LeftOut, runs};
use super::{End, Shadow, ShadowError};

impl Shadow {
    /// Apply all migrations of the folder. Returns what was left out of them.
    ///
    /// # Errors
    /// `Plan` for what is wrong in the folder, `Refused`, `Roles`, `Migrations`, `Open`, `Pg`.
    pub fn replay(
        &self,
        folder: &Folder,
        settings: &Settings,
        observer: &mut dyn Observer,
    ) -> Result<Vec<LeftOut>, ShadowError> {
        let mut rehearsal = self.rehearse(folder, settings, observer)?;
        rehearsal.all_up(observer)?;
        Ok(std::mem::take(&mut rehearsal.left_out))
    }

    /// Make ready to apply and undo the migrations of the folder one by one. Nothing is applied yet.
    ///
    /// # Errors
    /// As `replay`.
    pub fn rehearse(
        &self,
        folder: &Folder,
        settings: &Settings,
        observer: &mut dyn Observer,
    ) -> Result<Rehearsal<'_>, ShadowError> {
        let (mut session, ledger) = self.opening.look()?;
        let standing = reconcile(&folder.migrations, &[], &[]);
        let mut ups = Plan::up(folder, &ledger, &standing, None, Allow::default())?.steps;
        let mut downs = Vec::new();
        for step in &ups {
            let version = std::slice::from_ref(&step.version);
            downs.push(match Plan::down(folder, &ledger, version, &[], &BTreeMap::new()) {
                Ok(plan) => plan.steps.into_iter().next(),
                Err(PlanError::NoDown { .. }) => None,
                Err(error) => return Err(error.into()),
            });
        }
        let mut left_out = Vec::new();
        let mut roles = BTreeSet::new();
        for step in &mut ups {
            self.fit(step, &mut session, &mut roles, &mut left_out)?;
        }
        if self.server == Server::Private {
            let missing = missing(&mut session, &roles)?;
            make(&mut session, &missing)?;
        }
        let role = self.role(settings.role.as_ref(), &mut session)?;
        drop(session);
        let settings = Settings { role, may_split: true, ..settings.clone() };
        let waiting = Waiting { wait: LockWait::AtMost(Duration::from_secs(60)), orphan: Orphan::Name };
        let locked = self.opening.lock(self.opening.connect()?, waiting, observer)?;
        let operation = locked.begin("shadow", None)?;
        Ok(Rehearsal { shadow: self, operation, settings, ups, downs, left_out })
    }

    /// Take out of a step what must not run here.
    pub(super) fn fit(
        &self,
        step: &mut Step,
        session: &mut Session,
        roles: &mut BTreeSet<String>,
        left_out: &mut Vec<LeftOut>,
    ) -> Result<(), ShadowError> {
        let path = file(step);
        let unreadable = |source: BodyError| ShadowError::Lex { path: path.clone(), source };
        let mut taken = Vec::new();
        for streamed in step.body.statements().map_err(unreadable)? {
            let streamed = streamed.map_err(unreadable)?;
            if streamed.statement.is_empty() {
                continue;
            }
            let body = streamed.body();
            if runs(&streamed.statement, body, &path, self.server, session, left_out)? {
                roles.extend(named(body));
            } else {
                taken.push(streamed.statement.body.clone());
            }
        }
        if taken.is_empty() {
            return Ok(());
        }
        let mut text = match &step.body {
            Body::Text(text) => text.clone(),
            Body::Large { path, .. } => super::files::text(path)?,
        };
        for range in taken {
            // Blanks for every byte but line ends: lines and positions stay.
            let blank: String =
                text[range.clone()].bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }).collect();
            text.replace_range(range, &blank);
        }
        step.body = Body::Text(text);
        Ok(())
    }

    /// The role that the migrations run as (`[deploy] role`): the shadow becomes its own. Where the server has no such role, or
    /// it may nothing here, they run as we are; who owns what is then ours, and owners are not compared.
    fn role(&self, role: Option<&Ident>, session: &mut Session) -> Result<Option<Ident>, PgError> {
        let Some(role) = role else { return Ok(None) };
        let lacking = missing(session, &BTreeSet::from([role.as_str().to_owned()]))?;
        match (lacking.is_empty(), self.server) {
            (false, Server::Shared) => return Ok(None),
            (false, Server::Private) => make(session, &lacking)?,
            (true, _) => {}
        }
        if let End::Drop { name, .. } = &self.end {
            match session.query(&format!("ALTER DATABASE {} OWNER TO {role}", Ident::new(name))) {
                Err(error) if error.failure() != PgFailure::NoPrivilege => return Err(error),
                _ => {}
            }
        }
        let may = session.catalog(&format!(
            "SELECT has_database_privilege({name}, current_database(), 'CREATE') \
               AND has_schema_privilege({name}, 'public', 'CREATE') AND pg_has_role({name}, 'MEMBER')",
            name = Literal(role.as_str())
        ))?;
        Ok((may.get(0, 0) == Some("t")).then(|| role.clone()))
    }

    /// The error of a run that stopped, of which nothing stays.
    pub(super) fn told(&self, stopped: Stopped) -> Result<ShadowError, ShadowError> {
        let Stopped::Migration(error) = stopped else { return Ok(stopped.into()) };
        if error.cause.failure() == PgFailure::UndefinedObject && self.server == Server::Shared {
            let mut session = self.connect()?;
            let path = file(&error.step);
            let unreadable = |source: BodyError| ShadowError::Lex { path: path.clone(), source };
            for streamed in error.step.body.statements().map_err(unreadable)? {
                let streamed = streamed.map_err(unreadable)?;
                let roles = missing(&mut session, &named(streamed.body()))?;
                if !roles.is_empty() {
                    return Ok(ShadowError::Roles { path, line: streamed.statement.line, roles });
                }
            }
        }
        let error = RunError { state: StateNow::Untouched, done: Done::default(), ..*error };
        Ok(Stopped::Migration(Box::new(error)).into())
    }
}

fn file(step: &Step) -> PathBuf {
    match &step.source {
        Source::File(path) => path.clone(),
        Source::Stored | Source::Derived => PathBuf::from(&step.name),
    }
}
