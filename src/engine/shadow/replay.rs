//! Replays migrations in a shadow database: with the reader, the plan and the runner of every other run. What is taken out of
//! them is what must not run there and changes no schema; their files stay as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use crate::engine::Observer;
use crate::engine::ledger::LEDGER_TABLE;
use crate::engine::ledger::lock::{LockWait, Orphan, Waiting};
use crate::engine::migrations::body::{Body, BodyError};
use crate::engine::migrations::plan::{Allow, Plan, PlanError, Source, Step};
use crate::engine::migrations::runner::{Acting, Done, RunError, Settings, StateNow, Stopped};
use crate::engine::migrations::{Folder, reconcile};
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

use super::owner::{Owned, bypasses};
use super::refuse::Server;
use super::rehearsal::Rehearsal;
use super::roles::{acted_as, make, missing, named, with_role};
use super::statement::{LeftOut, runs};
use super::{End, Shadow, ShadowError};

/// As whom migrations run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum As {
    /// As the session's own role.
    Ourselves,
    /// As an ordinary owner that bypasses no policy, where that can be.
    Owner,
}

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
        let mut rehearsal = self.rehearse(folder, settings, As::Ourselves, observer)?;
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
        run: As,
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
        let mut roles = Roles::default();
        for step in &mut ups {
            self.fit(step, &mut session, &mut roles, &mut left_out)?;
        }
        if self.server == Server::Private {
            let missing = missing(&mut session, &roles.all)?;
            make(&mut session, &missing)?;
        }
        let role = self.role(settings.role.as_ref(), &mut session)?;
        let owned = match (run, &role) {
            (As::Owner, None) => Some(self.owned(&mut session, &roles.acted_as)?),
            _ => None,
        };
        let is_checked = match (&owned, &role) {
            (Some(owned), _) => *owned != Owned::Bypassing,
            (None, Some(role)) => !bypasses(&mut session, role)?,
            (None, None) => false,
        };
        drop(session);
        let acting = match owned {
            Some(Owned::Made(acting)) => {
                // A file that is read in pieces is not read for this.
                let all = ups.iter().chain(downs.iter().flatten());
                let grants = all.map(|step| step.body.text()).any(|text| text.is_none_or(Acting::may_grant));
                Some(Acting { grants, ..acting })
            }
            _ => None,
        };
        if let Some(acting) = &acting {
            for step in &mut ups {
                stand_in(step, acting)?;
            }
        }
        let settings = Settings { role, acting, may_split: true, ..settings.clone() };
        let waiting = Waiting { wait: LockWait::AtMost(Duration::from_secs(60)), orphan: Orphan::Name };
        // It gets the ledger below.
        let mut opening = self.opening.clone();
        opening.trusted_owners.extend(settings.acting.iter().map(|acting| acting.role.as_str().to_owned()));
        let locked = opening.lock(opening.connect()?, waiting, observer)?;
        let mut operation = locked.begin("shadow", None)?;
        if let Some(acting) = &settings.acting {
            // As where an ordinary owner deploys: it grants on all tables of a schema.
            let ledger = format!("{}.{LEDGER_TABLE}", operation.place.ledger_schema);
            match operation.session.query(&format!("ALTER TABLE {ledger} OWNER TO {}", acting.role)) {
                Err(error) if !matches!(error, PgError::Server(_)) => return Err(error.into()),
                Err(_) => {}
                Ok(_) => operation.place.given(&acting.role),
            }
        }
        let lent = BTreeSet::new();
        Ok(Rehearsal { shadow: self, operation, settings, ups, downs, left_out, is_checked, lent })
    }

    /// Take out of a step what must not run here.
    pub(super) fn fit(
        &self,
        step: &mut Step,
        session: &mut Session,
        roles: &mut Roles,
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
                roles.all.extend(named(body));
                roles.acted_as.extend(acted_as(body));
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

/// The roles that statements name.
#[derive(Debug, Default)]
pub(super) struct Roles {
    /// All.
    pub(super) all: BTreeSet<String>,
    /// Those that statements act as.
    acted_as: BTreeSet<String>,
}

/// Where a step names the session's own role, the one that stands for it is meant.
pub(super) fn stand_in(step: &mut Step, acting: &Acting) -> Result<(), ShadowError> {
    let path = file(step);
    let unreadable = |source: BodyError| ShadowError::Lex { path: path.clone(), source };
    let mut text = String::new();
    let mut is_changed = false;
    for streamed in step.body.statements().map_err(unreadable)? {
        let streamed = streamed.map_err(unreadable)?;
        let body = streamed.body();
        let start = streamed.statement.body.start - streamed.statement.range.start;
        match with_role(body, &acting.ourselves, &acting.role) {
            Some(changed) => {
                is_changed = true;
                text.push_str(&streamed.text[..start]);
                text.push_str(&changed);
                text.push_str(&streamed.text[start + body.len()..]);
            }
            None => text.push_str(&streamed.text),
        }
    }
    if is_changed {
        step.body = Body::Text(text);
    }
    Ok(())
}

fn file(step: &Step) -> PathBuf {
    match &step.source {
        Source::File(path) => path.clone(),
        Source::Stored | Source::Derived => PathBuf::from(&step.name),
    }
}
