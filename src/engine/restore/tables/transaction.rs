//! Brings tables back in one transaction: rows are copied beside and dropped tables are created first, then all that changes
//! a live table happens under its lock, and is committed together. Rows of a table of a lesser role have a transaction of
//! their own, over a login.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::apply::{Applied, Applying, prepared};
use super::create::Without;
use super::merge::{BEGIN, CHECK, lock};
use super::safe::{into, still_ours, unchecked};
use super::steps::{Step, add, attach, refer};
use super::{Work, shape::Part};
use crate::engine::login::Login;
use crate::engine::migrations::blockers::holders;
use crate::engine::migrations::patience::{Patience, may_pass};
use crate::engine::operation::Opening;
use crate::engine::restore::{Obstacle, RestoreError};
use crate::engine::{Event, Observer, fault};
use crate::pg::connect::sleep;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Session;
use crate::pg::shell;

/// What a run has done so far.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// By the table's oid in the copy.
    pub(super) applied: BTreeMap<String, Applied>,
    /// Tables that were created, and are not used yet.
    pub(super) created: Vec<String>,
    /// Their sequences.
    pub(super) sequences: Vec<String>,
    /// Schemas that were created.
    pub(super) schemas: Vec<String>,
}

/// All tables of a run.
pub(super) struct All<'a> {
    pub(super) applying: &'a Applying<'a>,
    pub(super) works: &'a [Work],
    /// By owner.
    pub(super) logins: &'a BTreeMap<String, Login>,
    /// Roles whose code may run; nothing: that of all.
    pub(super) trusted: Option<&'a BTreeSet<String>>,
}

impl<'a> All<'a> {
    pub(super) fn run(
        &self,
        progress: &mut Progress,
        observer: &mut dyn Observer,
    ) -> Result<(), RestoreError> {
        for work in self.works.iter().filter(|work| work.live.is_some()) {
            self.stage(work)?;
        }
        fault::point("tables-copied");
        self.create(progress, observer)?;
        let mut committed: Vec<String> = Vec::new();
        for part in self.transactions() {
            part.run(progress, observer).map_err(|error| {
                let error = self.named(error);
                match committed.is_empty() {
                    true => error,
                    false => RestoreError::Partly { done: committed.clone(), source: Box::new(error) },
                }
            })?;
            committed.extend(part.works.iter().map(|work| work.wanted.tidy()));
        }
        progress.created.clear();
        progress.sequences.clear();
        progress.schemas.clear();
        Ok(())
    }

    fn login(&self, work: &Work) -> Option<&'a Login> {
        self.logins.get(&work.live.as_ref()?.owner)
    }

    /// Copy the rows beside the live table.
    fn stage(&self, work: &Work) -> Result<(), RestoreError> {
        let login = self.login(work);
        let way = login.map_or(self.applying.live, Login::opening);
        let guarded = self.trusted.filter(|_| login.is_none());
        for step in &work.steps {
            match step {
                Step::Sql(sql) => {
                    prepared(way)?.query(sql)?;
                    fault::point("tables-created");
                }
                // All partitions that it had are brought back as tables of their own.
                Step::Rows { from, .. } if from.is_empty() => {}
                Step::Rows { from, stage, columns } => {
                    self.applying.copy(from, &into(stage, columns, guarded), way)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Create the tables that are not there, all of them together.
    fn create(&self, progress: &mut Progress, observer: &mut dyn Observer) -> Result<(), RestoreError> {
        let (mut parts, mut without): (Vec<&Part>, Without<'_>) = (Vec::new(), Without::default());
        let mut session = prepared(self.applying.live)?;
        for work in self.works.iter().filter(|work| work.live.is_none()) {
            let schema = Ident::new(&work.wanted.schema).to_string();
            let is_there = session.catalog(&format!(
                "SELECT 1 FROM pg_namespace WHERE nspname = {}",
                Literal(&work.wanted.schema)
            ))?;
            if is_there.rows.is_empty() && !progress.schemas.contains(&schema) {
                progress.schemas.push(schema);
            }
            for step in &work.steps {
                match step {
                    Step::Sql(sql) => drop(session.query(sql)?),
                    Step::Create(all) => parts.extend(all),
                    Step::Key(key) => without.keys.push(key),
                    Step::Attach { .. } => {
                        without.attached.push((work.wanted.schema.as_str(), work.wanted.name.as_str()));
                    }
                    _ => {}
                }
            }
        }
        parts.sort_by(|one, other| one.pattern.cmp(&other.pattern));
        parts.dedup();
        if parts.is_empty() {
            return Ok(());
        }
        self.applying.create(&parts, &without, observer)?;
        let roots = self.works.iter().filter(|work| work.live.is_none());
        progress.created = roots.map(|work| work.wanted.path()).collect();
        let sequences = parts.iter().filter(|part| part.is_sequence);
        progress.sequences = sequences.map(|part| part.path.clone()).collect();
        Ok(())
    }

    /// Tables of the same way in one, and the rest in the last of the role that restores.
    fn transactions(&self) -> Vec<Transaction<'a, '_>> {
        let mut all: Vec<Transaction<'a, '_>> = Vec::new();
        let new = |login| Transaction { all: self, login, works: Vec::new(), closes: false };
        for work in self.works.iter().filter(|work| work.live.is_some()) {
            let owner = self.login(work).map(Login::name);
            match all.iter_mut().find(|one| one.login.map(Login::name) == owner) {
                Some(one) => one.works.push(work),
                None => {
                    let mut one = new(self.login(work));
                    one.works.push(work);
                    all.push(one);
                }
            }
        }
        if self.works.iter().any(|work| work.live.is_none()) {
            match all.last_mut().filter(|one| one.login.is_none()) {
                Some(last) => last.closes = true,
                None => all.push(Transaction { closes: true, ..new(None) }),
            }
        }
        all
    }

    /// A missing row is one of a table that can be brought back, too.
    fn named(&self, error: RestoreError) -> RestoreError {
        let RestoreError::Pg(PgError::Server(server)) = &error else { return error };
        if server.failure() != PgFailure::ForeignKeyBroken {
            return error;
        }
        let name = server.0.constraint.as_deref();
        let keys = self.works.iter().flat_map(|work| &work.wanted.keys);
        let Some(key) = keys.into_iter().find(|key| Some(key.name.as_str()) == name) else { return error };
        let tables: Vec<String> = [key.to.clone()]
            .into_iter()
            .chain(self.works.iter().map(|work| work.wanted.tidy()).filter(|path| *path != key.to))
            .collect();
        RestoreError::Refused(vec![Obstacle::new(
            format!(
                "rows of {} in the backup refer to rows that {} does not have in the live database: {server}",
                key.table, key.to
            ),
            format!(
                "bring the rows of {} back as well: `--tables {}`",
                key.to,
                shell::word(&tables.join(","))
            ),
        )])
    }
}

/// What is committed together.
struct Transaction<'a, 'b> {
    all: &'b All<'a>,
    login: Option<&'a Login>,
    works: Vec<&'a Work>,
    /// The foreign keys of tables that were created, and those that refer to them, come at its end.
    closes: bool,
}

impl Transaction<'_, '_> {
    fn way(&self) -> &Opening {
        self.login.map_or(self.all.applying.live, Login::opening)
    }

    fn guarded(&self) -> Option<&BTreeSet<String>> {
        self.all.trusted.filter(|_| self.login.is_none())
    }

    /// Try until the locks are acquired, at most as long as other writers of ours do.
    fn run(&self, progress: &mut Progress, observer: &mut dyn Observer) -> Result<(), RestoreError> {
        let (timeout, budget) = self.all.applying.patience;
        let mut patience = Patience::new(budget);
        loop {
            let mut session = prepared(self.way())?;
            let oids = self.oids(&mut session)?;
            let begin = Instant::now();
            let error = match self.once(&mut session, timeout.as_millis(), progress) {
                Err(RestoreError::Pg(error)) if may_pass(&error) => error,
                done => return done,
            };
            let holders = holders(&session, &oids).map(|sample| sample.to_string());
            let names: Vec<String> = self.works.iter().map(|work| work.wanted.tidy()).collect();
            let name = if names.is_empty() { "the tables".to_owned() } else { names.join(", ") };
            let why = holders.unwrap_or_else(|| error.to_string());
            drop(session.query("ROLLBACK"));
            patience.spend(begin.elapsed());
            let Some(pause) = patience.pause() else {
                return Err(RestoreError::Locked { tables: name, holders: why });
            };
            observer.event(Event::Retry { name, why, pause });
            sleep(pause, &self.all.applying.live.interrupt)?;
        }
    }

    /// The tables that are locked, and those that foreign keys are added to.
    fn oids(&self, session: &mut Session) -> Result<Vec<String>, PgError> {
        let mut names: Vec<String> = self.works.iter().map(|work| work.wanted.path()).collect();
        for step in self.closing() {
            match step {
                Step::Key(key) => names.push(key.to.clone()),
                Step::Refer { table, .. } => names.push(table.clone()),
                Step::Attach { parent, .. } => names.push(parent.clone()),
                _ => {}
            }
        }
        let list: Vec<String> = names.iter().map(|name| Literal(name).to_string()).collect();
        let rows = session.catalog(&format!(
            "SELECT to_regclass(name)::oid FROM unnest(ARRAY[{}]::text[]) t (name) WHERE to_regclass(name) IS NOT NULL",
            list.join(", ")
        ))?;
        Ok(rows.rows.into_iter().filter_map(|mut row| row.remove(0)).collect())
    }

    fn closing(&self) -> impl Iterator<Item = &Step> {
        let created = self.all.works.iter().filter(|work| self.closes && work.live.is_none());
        created.flat_map(|work| &work.steps)
    }

    fn once(
        &self,
        session: &mut Session,
        timeout_ms: u128,
        progress: &mut Progress,
    ) -> Result<(), RestoreError> {
        let mut merges = Vec::new();
        for work in &self.works {
            let merge = work.steps.iter().find_map(|step| match step {
                Step::Merge(merge) => Some(merge),
                _ => None,
            });
            merges.extend(merge.map(|merge| (*work, merge)));
        }
        session.query(&format!("{BEGIN}SET LOCAL lock_timeout = {timeout_ms}"))?;
        let locks: Vec<String> = merges.iter().flat_map(|(_, merge)| merge.locks.clone()).collect();
        if !locks.is_empty() {
            session.query(&lock(&locks))?;
        }
        for (work, _) in &merges {
            if let (Some(roles), Some(live)) = (self.guarded(), &work.live) {
                still_ours(session, work, live, roles)?;
            }
        }
        for (_, merge) in merges.iter().filter(|(_, merge)| !merge.off.is_empty()) {
            session.query(&merge.off)?;
        }
        for (work, merge) in &merges {
            for rows in session.query(&merge.merge)? {
                if rows.columns.iter().any(|column| column.name == "inserted") {
                    let number = |column| rows.get(0, column).and_then(|n| n.parse().ok()).unwrap_or(0);
                    let applied = Applied {
                        inserted: number(0),
                        updated: number(1),
                        left: number(2),
                        ..Applied::default()
                    };
                    progress.applied.insert(work.wanted.oid.clone(), applied);
                }
            }
        }
        session.query(CHECK)?;
        for (_, merge) in &merges {
            session.query(&merge.on)?;
        }
        for step in self.closing() {
            self.close(session, step)?;
        }
        session.query("COMMIT")?;
        Ok(())
    }

    fn close(&self, session: &mut Session, step: &Step) -> Result<(), RestoreError> {
        let code = |tables: &[&str]| self.guarded().map(|roles| unchecked(tables, roles));
        match step {
            Step::Create(parts) => {
                self.all.applying.as_granted(session, &parts.iter().collect::<Vec<_>>())?;
            }
            Step::Key(key) => {
                let is_unsafe = match code(&[&key.table, &key.to]) {
                    None => false,
                    Some(query) => {
                        session.query(&lock(&[key.table.clone(), key.to.clone()]))?;
                        has_rows(session, &query)?
                    }
                };
                // Its check is planned, and planning can call code of the tables.
                let is_valid = is_unsafe && !key.definition.ends_with(" NOT VALID");
                session.query(&format!("{}{}", add(key), if is_valid { " NOT VALID" } else { "" }))?;
            }
            Step::Attach { table, parent, bound } => {
                if let Some(query) = code(&[table, parent])
                    && has_rows(session, &query)?
                {
                    return Err(RestoreError::Refused(vec![Obstacle::new(
                        format!(
                            "attaching {table} to {parent} as a superuser would run code of lesser roles"
                        ),
                        "connect as the owner of the table",
                    )]));
                }
                session.query(&attach(table, parent, bound))?;
            }
            Step::Refer { table, name, definition, to } => {
                session.query(&refer((table, to), name, definition, code(&[table, to]).as_deref()))?;
            }
            _ => {}
        }
        Ok(())
    }
}

fn has_rows(session: &mut Session, query: &str) -> Result<bool, PgError> {
    let rows = session.query(&format!("SELECT EXISTS ({query})"))?;
    Ok(rows.last().and_then(|rows| rows.get(0, 0)) == Some("t"))
}
