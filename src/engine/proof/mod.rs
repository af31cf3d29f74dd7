//! Proves a plan before anybody sees it: the old catalog is built in an empty database, rows are put into it, and the plan is
//! applied, undone and applied again; after each step the catalog is read and compared, and rows that nobody said would be
//! lost are counted.

mod acting;
mod rows;
mod text;
mod touched;

use acting::By;
pub use rows::value_of;
pub use text::drafted;

use std::collections::BTreeMap;

use crate::engine::catalog::read::{ReadError, read};
use crate::engine::catalog::{Catalog, Difference, Fact, Id, Kind};
use crate::engine::migrations::runner::{Acting, Reach};
use crate::engine::plan::{Hazard, Plan, PlanError, Rename, Step, Wishes, plan};
use crate::engine::room::Cut;
use crate::engine::shadow::{Guard, Ran, Statement, as_ours};
use crate::pg::error::PgError;
use crate::pg::session::Session;

/// A plan that was proved, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// How many rows were put into tables that both catalogs have, and survived.
    pub rows: u64,
    /// In how many tables.
    pub tables: usize,
    /// Tables in which no row could be put, for their constraints.
    pub empty: Vec<String>,
    /// What the way back does not bring back.
    pub lossy: Vec<String>,
    /// Where only a part was built: how many objects.
    pub part: Option<usize>,
    /// The statements that need more rights than an ordinary owner has, in words.
    pub elevated: Vec<String>,
}

/// Why a plan is not proved.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// A statement failed.
    #[error("{way}: the statement failed that is about {about}: {sql}")]
    Failed {
        /// Which way.
        way: Way,
        /// What it is about.
        about: Box<Id>,
        /// The statement.
        sql: String,
        /// Why.
        source: PgError,
    },
    /// The catalog is another than it should be afterwards.
    #[error("{way}: afterwards {these} differ from what is wanted; please report this")]
    Differs {
        /// Which way.
        way: Way,
        /// What differs.
        these: String,
    },
    /// Rows are gone, and no hazard said so.
    #[error(
        "{way}: `{table}` had {before} rows and has {after}, and no hazard of the plan says so; please report this"
    )]
    Lost {
        /// Which way.
        way: Way,
        /// The table.
        table: String,
        /// Before.
        before: u64,
        /// Afterwards.
        after: u64,
    },
    /// There is no plan.
    #[error("{way}")]
    Plan {
        /// Which way.
        way: Way,
        /// Why.
        source: PlanError,
    },
    /// The catalog cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The server said no.
    #[error(transparent)]
    Pg(#[from] PgError),
}

impl ProofError {
    /// Whether the plan fails, other than by policies that would have hidden rows.
    pub fn is_of_the_plan(&self) -> bool {
        match self {
            Self::Failed { source: PgError::Server(server), .. } => server.met_policy() != Some(true),
            Self::Differs { .. } | Self::Lost { .. } | Self::Plan { .. } => true,
            Self::Failed { .. } | Self::Read(_) | Self::Pg(_) => false,
        }
    }
}

/// Which way a plan goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From nothing to the old catalog.
    Build,
    /// From old to new.
    Up,
    /// And back.
    Down,
    /// And forth again.
    Again,
}

impl std::fmt::Display for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Way::Build => "building the old side in an empty database",
            Way::Up => "applying the plan",
            Way::Down => "undoing it",
            Way::Again => "applying it again",
        })
    }
}

/// What is proved.
#[derive(Debug)]
pub struct Proving<'a> {
    /// The catalog before.
    pub old: &'a Catalog,
    /// The catalog after.
    pub new: &'a Catalog,
    /// The plan between them.
    pub up: &'a Plan,
    /// What is wanted of the plans.
    pub wishes: &'a Wishes,
    /// The name of our own schema.
    pub bookkeeping: &'a str,
    /// How much is built.
    pub extent: Extent,
    /// The login that the session is of, where it is not of the role that made the database.
    pub guard: Option<&'a Guard>,
    /// The ordinary role that the statements run as.
    pub acting: Option<&'a Acting>,
}

/// How much of the old catalog is built to prove a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// What the plan touches, and what that stands on.
    Touched,
    /// All of it, unless it is large.
    Fitting,
}

/// One migration of a plan: what must be committed before the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stage {
    /// Its statements.
    pub up: Plan,
    /// What undoes them.
    pub down: Plan,
    /// Whether both run in one transaction each.
    pub in_transaction: bool,
}

/// A plan that was proved, cut into the migrations that it takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proved {
    /// How.
    pub proof: Proof,
    /// In order.
    pub stages: Vec<Stage>,
}

impl Proving<'_> {
    /// Prove it in an empty database, which is of no use afterwards.
    ///
    /// # Errors
    /// See `ProofError`.
    pub fn run(&self, session: &mut Session) -> Result<Proved, ProofError> {
        let is_large = self.old.facts().len().max(self.new.facts().len()) >= touched::LARGE;
        if self.extent == Extent::Whole || self.extent == Extent::Fitting && !is_large {
            return self.prove(session);
        }
        let (old, new) = touched::touched(self.old, self.new, self.up, &self.wishes.scope);
        let part = Proving { old: &old, new: &new, extent: Extent::Whole, ..*self };
        let mut proved = part.prove(session)?;
        let left = self.new.facts().len() - new.facts().len();
        proved.proof.part = (left > 0).then_some(new.facts().len());
        Ok(proved)
    }

    fn prove(&self, session: &mut Session) -> Result<Proved, ProofError> {
        let empty = self.read(session)?;
        let build = plan(&empty, self.old, &Wishes { scope: self.wishes.scope, ..Wishes::default() })
            .map_err(|source| ProofError::Plan { way: Way::Build, source })?;
        apply_as(session, self.by(), (Way::Build, &build), &mut 0)?;
        self.compare(session, Way::Build, self.old)?;
        // A column that takes no NULL any more has values in the rows, unless the plan gives them.
        let may_be_null = |column: &Fact| {
            let is = self.new.fact(&column.id).is_some_and(|is| is.is("not_null"));
            !column.is("not_null") && (!is || self.wishes.fill.contains_key(&column.id))
        };
        let seeded = rows::seed(session, self.old, &may_be_null)?;
        let mut proof = Proof { empty: seeded.empty, ..Proof::default() };

        let mut stages = stages(self.up);
        let mut between = Vec::new();
        let mut rows = seeded.rows;
        for (at, stage) in stages.iter().enumerate() {
            proof.elevated.extend(self.bear(session, (Way::Up, &stage.up), self.old, &mut rows)?);
            if at + 1 < stages.len() {
                between.push(self.read(session)?);
            }
        }
        self.compare(session, Way::Up, self.new)?;
        let kept = self.survived(session, Way::Up, &rows, self.up)?;
        proof.rows = kept.values().sum();
        proof.tables = kept.len();

        for at in (0..stages.len()).rev() {
            let before = at.checked_sub(1).map_or(self.old, |before| &between[before]);
            let after = between.get(at).unwrap_or(self.new);
            let stage = &mut stages[at];
            stage.down = self.back(stage, at, after, before)?.decided();
            // What cannot be undone in one transaction is not done in one either: the two go by one mode.
            stage.in_transaction &= stage.down.parts().len() <= 1 && is_transactional(&stage.down);
            self.bear(session, (Way::Down, &stage.down), self.new, &mut rows)?;
            self.compare(session, Way::Down, before)?;
            proof.lossy.extend(losses(&stage.down));
        }
        for stage in &stages {
            self.bear(session, (Way::Again, &stage.up), self.old, &mut rows)?;
        }
        self.compare(session, Way::Again, self.new)?;
        Ok(Proved { proof, stages })
    }

    /// The way back over one stage.
    fn back(&self, stage: &Stage, at: usize, from: &Catalog, to: &Catalog) -> Result<Plan, ProofError> {
        // Renames come first of all, so they are in the first stage.
        let renames = match at {
            0 => self.wishes.renames.iter().map(Rename::reversed).collect(),
            _ => Vec::new(),
        };
        let wishes = Wishes {
            scope: self.wishes.scope,
            renames,
            online: self.wishes.online && !stage.in_transaction,
            whole: stage.in_transaction,
            ..Wishes::default()
        };
        plan(from, to, &wishes).map_err(|source| ProofError::Plan { way: Way::Down, source })
    }

    /// The catalog, as the role would have made it that made the database.
    fn read(&self, session: &mut Session) -> Result<Catalog, ReadError> {
        let found = read(session, self.bookkeeping)?;
        Ok(match self.by() {
            By::Login(guard) => guard.as_ours(&found, self.wishes.scope, &[self.new, self.old]),
            By::Owner(acting) => as_ours(found, acting),
            By::Ourselves => found,
        })
    }

    fn by(&self) -> By<'_> {
        match (self.guard, self.acting) {
            (Some(guard), _) => By::Login(guard),
            (None, Some(acting)) => By::Owner(acting),
            (None, None) => By::Ourselves,
        }
    }

    fn compare(&self, session: &mut Session, way: Way, wanted: &Catalog) -> Result<(), ProofError> {
        let found = match self.by() {
            By::Login(guard) => {
                guard.as_ours(&read(session, self.bookkeeping)?, self.wishes.scope, &[wanted])
            }
            By::Owner(_) | By::Ourselves => self.read(session)?,
        };
        let usable = wanted.wanted_from(&found);
        let mut differences = found.differences(usable.as_ref().unwrap_or(wanted), &self.wishes.scope);
        // They hold secrets, which are never read and so cannot be written.
        differences.retain(|one| !matches!(one.id().kind, Kind::UserMapping | Kind::Subscription));
        if differences.is_empty() {
            return Ok(());
        }
        let these: Vec<String> = differences.iter().take(5).map(described).collect();
        Err(ProofError::Differs { way, these: these.join(", ") })
    }

    fn bear(
        &self,
        session: &mut Session,
        way: (Way, &Plan),
        catalog: &Catalog,
        rows: &mut BTreeMap<Id, u64>,
    ) -> Result<Vec<String>, ProofError> {
        bear(session, self.by(), way, catalog, rows)
    }

    /// The rows of tables that are there afterwards, unless a hazard says that they go.
    fn survived(
        &self,
        session: &mut Session,
        way: Way,
        before: &BTreeMap<Id, u64>,
        plan: &Plan,
    ) -> Result<BTreeMap<Id, u64>, ProofError> {
        let mut kept = BTreeMap::new();
        for (table, before) in before {
            let renamed = self
                .wishes
                .renames
                .iter()
                .find(|rename| rename.from == *table)
                .map(|rename| rename.to.clone());
            let now = renamed.as_ref().unwrap_or(table);
            // What a column loses are values, not rows.
            let is_told = plan.steps.iter().filter(|step| step.about.kind == Kind::Table).any(|step| {
                let loses = |hazard: &Hazard| matches!(hazard, Hazard::DataLoss { .. });
                (step.about == *table || step.about == *now) && step.hazards.iter().any(loses)
            });
            if is_told || self.new.fact(now).is_none() {
                continue;
            }
            let after = rows::count(session, self.new, now)?;
            if after < *before {
                return Err(ProofError::Lost { way, table: now.path(), before: *before, after });
            }
            kept.insert(table.clone(), after);
        }
        Ok(kept)
    }
}

fn described(difference: &Difference<'_>) -> String {
    match difference {
        Difference::Missing(fact) => format!("{} (missing)", fact.id),
        Difference::Extra(fact) => format!("{} (too much)", fact.id),
        Difference::Other(fact, _, attributes) => format!("{} ({})", fact.id, attributes.join(", ")),
    }
}

/// Apply a plan that may say of a statement that it fails for certain rows: where it does, it is tried without those of the
/// table, and then without any.
fn bear(
    session: &mut Session,
    by: By<'_>,
    (way, plan): (Way, &Plan),
    catalog: &Catalog,
    rows: &mut BTreeMap<Id, u64>,
) -> Result<Vec<String>, ProofError> {
    let mut cleared: Vec<Id> = Vec::new();
    let mut done = 0;
    loop {
        let error = match apply_as(session, by, (way, plan), &mut done) {
            Ok(elevated) => return Ok(elevated),
            Err(error) => error,
        };
        let ProofError::Failed { about, sql, source: PgError::Server(_), .. } = &error else {
            return Err(error);
        };
        let told = |step: &&Step| step.hazards.iter().any(|hazard| matches!(hazard, Hazard::WillFail { .. }));
        let is_told = plan.steps.iter().filter(told).any(|step| step.sql == *sql);
        if !is_told || !is_transactional(plan) || rows.is_empty() {
            return Err(error);
        }
        let table = about.of(Kind::Table);
        if rows.contains_key(&table) && rows::is_there(session, &table)? && !cleared.contains(&table) {
            rows::clear(session, &table)?;
            for (table, count) in rows.iter_mut() {
                // An earlier stage may have given it another name.
                *count = match rows::is_there(session, table)? {
                    true => rows::count(session, catalog, table)?,
                    false => 0,
                };
            }
            cleared.push(table);
        } else {
            rows::clear_all(session)?;
            rows.clear();
        }
    }
}

/// The parts of a plan as migrations: each transaction is one, and so is what runs without any between two of them.
fn stages(plan: &Plan) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    for part in plan.parts() {
        let up = Plan { steps: part.to_vec() };
        let in_transaction = is_transactional(&up);
        match stages.last_mut() {
            Some(last) if !in_transaction && !last.in_transaction => last.up.steps.extend(up.steps),
            _ => stages.push(Stage { up, down: Plan::default(), in_transaction }),
        }
    }
    stages
}

fn is_transactional(plan: &Plan) -> bool {
    plan.steps.iter().all(|step| step.in_transaction)
}

/// What a plan loses, in words.
pub fn losses(plan: &Plan) -> Vec<String> {
    let what = |hazard: &Hazard| match hazard {
        Hazard::DataLoss { what, .. } => Some(what.clone()),
        _ => None,
    };
    plan.steps.iter().flat_map(|step| &step.hazards).filter_map(what).collect()
}

/// Run a plan's statements, each of its parts in one transaction.
///
/// # Errors
/// `ProofError::Failed`, the part rolled back.
pub fn apply(session: &mut Session, way: Way, plan: &Plan) -> Result<(), ProofError> {
    apply_as(session, By::Ourselves, (way, plan), &mut 0).map(drop)
}

/// The same by another role, without the first `done` statements, which grows by what is committed. Returns the statements
/// that needed more rights, in words.
fn apply_as(
    session: &mut Session,
    by: By<'_>,
    (way, plan): (Way, &Plan),
    done: &mut usize,
) -> Result<Vec<String>, ProofError> {
    let prelude = session.generated_prelude();
    let begin = match by {
        By::Owner(acting) => acting.begin(Reach::Session),
        By::Login(_) | By::Ourselves => String::new(),
    };
    session.query(&format!("{prelude}SET check_function_bodies = off; {begin}"))?;
    let ended = run(session, by, (way, plan), done);
    // Also after an error: rows are looked at by ourselves.
    let back = if matches!(by, By::Owner(_)) { session.query(&prelude).map(drop) } else { Ok(()) };
    let elevated = ended?;
    back?;
    session.query("RESET check_function_bodies")?;
    Ok(elevated)
}

/// A part with more locks than the server has room for is cut into several transactions.
fn run(
    session: &mut Session,
    by: By<'_>,
    (way, plan): (Way, &Plan),
    done: &mut usize,
) -> Result<Vec<String>, ProofError> {
    let mut elevated = Vec::new();
    let mut before = 0;
    for part in plan.parts() {
        let begin = done.saturating_sub(before).min(part.len());
        before += part.len();
        let part = &part[begin..];
        if part.is_empty() {
            continue;
        }
        let grouped = part[0].in_transaction;
        if grouped {
            session.query("BEGIN")?;
        }
        let mut cut = Cut::default();
        for (at, step) in part.iter().enumerate() {
            let place = if grouped { Statement::InTransaction } else { Statement::Alone };
            let ran = match acting::run(session, by, place, &step.sql) {
                Ok((ran, is_elevated)) => {
                    elevated.extend(is_elevated.then(|| step.about.to_string()));
                    ran
                }
                Err(source) => {
                    if grouped {
                        session.query("ROLLBACK")?;
                    }
                    return Err(failed(way, step, source));
                }
            };
            if !grouped {
                *done += 1;
            } else if ran == Ran::Committed {
                *done = before - part.len() + at + 1;
            } else if at + 1 < part.len() && cut.is_due(session)? {
                session.query("COMMIT; BEGIN").map_err(|source| failed(way, step, source))?;
                *done = before - part.len() + at + 1;
            }
        }
        if grouped && let Err(source) = session.query("COMMIT") {
            return Err(failed(way, &part[part.len() - 1], source));
        }
        *done = before;
    }
    Ok(elevated)
}

fn failed(way: Way, step: &Step, source: PgError) -> ProofError {
    ProofError::Failed { way, about: Box::new(step.about.clone()), sql: step.sql.clone(), source }
}
