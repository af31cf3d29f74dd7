//! Brings a development database to a catalog without a migration: what that costs, asked of the rows that are there, and the
//! plan applied, each part in one transaction. Whether it may be done is the guard's and the command's to say.

mod weighed;

pub use weighed::{Loss, Obstacle, Weighed, weighed};

use crate::engine::catalog::Id;
use crate::engine::migrations::patience::{Patience, may_pass};
use crate::engine::migrations::runner::Settings;
use crate::engine::plan::{Plan, Step};
use crate::engine::{Event, Observer, fault};
use crate::pg::connect::sleep;
use crate::pg::error::PgError;
use crate::pg::session::Session;

/// What stops a push.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// Rows that are there are in the way: nothing was begun.
    #[error("the rows that are there are in the way")]
    Blocked(Vec<Obstacle>),
    /// Somebody changed the database while it was planned and asked.
    #[error("the database was changed by somebody else meanwhile: {0}; nothing was done")]
    Changed(String),
    /// A statement failed.
    #[error("the statement failed that is about {about}")]
    Failed {
        /// What it is about.
        about: Box<Id>,
        /// The statement.
        sql: String,
        /// What the database looks like now.
        state: Standing,
        /// Why.
        #[source]
        cause: PgError,
    },
    /// All went through, and the catalog is another than it should be.
    #[error("everything was applied, and these differ from what is wanted: {0}")]
    Differs(String),
    /// What surrounds the statements failed.
    #[error(transparent)]
    Pg(#[from] PgError),
}

/// What the database looks like after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The first so many parts of a plan stay; nothing of the one that failed.
    After {
        /// How many.
        done: usize,
        /// Of how many.
        of: usize,
    },
    /// The answer to COMMIT never came.
    Unknown,
}

/// Apply a plan, each part in one transaction; waits for locks as migrations do.
///
/// # Errors
/// `PushError::Failed`: nothing of its part stays.
pub fn apply(
    session: &mut Session,
    plan: &Plan,
    settings: &Settings,
    observer: &mut dyn Observer,
) -> Result<(), PushError> {
    let parts = plan.parts();
    let mut patience = Patience::new(settings.budget);
    for (done, part) in parts.iter().enumerate() {
        loop {
            let (at, cause) = match run(session, part, settings) {
                Ok(()) => break,
                Err(failed) => failed,
            };
            let lost = matches!(cause, PgError::Lost { .. } | PgError::Abandoned);
            if !lost {
                // What failed says more than this could.
                drop(session.query("ROLLBACK"));
            }
            let step = at.or(part.last()).expect("a part has steps");
            let pause = may_pass(&cause).then(|| patience.pause()).flatten();
            if let Some(pause) = pause {
                let why = cause.to_string();
                observer.event(Event::Retry { name: step.about.to_string(), why, pause });
                sleep(pause, session.interrupt())?;
                continue;
            }
            let committing = at.is_none();
            let state = match lost && committing {
                true => Standing::Unknown,
                false => Standing::After { done, of: parts.len() },
            };
            let (about, sql) = (Box::new(step.about.clone()), step.sql.clone());
            return Err(PushError::Failed { about, sql, state, cause });
        }
        patience.relax();
        fault::point("pushed-part");
    }
    Ok(())
}

/// Run one part. The error has the step that failed; none at COMMIT.
fn run<'a>(
    session: &mut Session,
    part: &'a [Step],
    settings: &Settings,
) -> Result<(), (Option<&'a Step>, PgError)> {
    let grouped = part[0].in_transaction;
    // A waiting ALTER TABLE blocks every reader behind it; a build CONCURRENTLY waits for others and blocks nobody.
    let timeout = if grouped { settings.timeouts.strong_ms } else { 0 };
    let mut head = format!(
        "{}SET check_function_bodies = off; SET lock_timeout = {timeout}",
        session.generated_prelude()
    );
    if let Some(role) = &settings.role {
        head.push_str(&format!("; SET ROLE {role}"));
    }
    if grouped {
        head.push_str("; BEGIN");
    }
    session.query(&head).map_err(|error| (part.first(), error))?;
    for step in part {
        session.query(&step.sql).map_err(|error| (Some(step), error))?;
    }
    if grouped {
        session.query("COMMIT").map_err(|error| (None, error))?;
    }
    let prelude = session.prelude();
    session.query(&prelude).map(drop).map_err(|error| (part.last(), error))
}
