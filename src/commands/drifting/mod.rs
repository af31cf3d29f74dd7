//! What a live database is compared with, and the comparison: shared by `drift` and `status --check drift`.

mod reach;
mod replayed;
mod sides;

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::context::Context;
use crate::engine::catalog::{Catalog, Scope, read::read};
use crate::engine::drift::expected::{self, Answer, Found};
use crate::engine::drift::ignore::Rule;
use crate::engine::drift::verdict::{Unknown, Verdict, verdict};
use crate::engine::ledger::Ledger;
use crate::engine::shadow::ShadowError;
use crate::engine::source::Source;
use crate::exit::{CommandError, Exit};
use crate::pg::connect::sleep;
use crate::pg::error::PgError;
use crate::pg::ident::Tidy;
use crate::pg::lock::Holder;
use crate::pg::session::Session;

use super::open::Chosen;
use super::sources::{self, Needs, catalog, same_version};

pub(crate) use reach::look;
pub(crate) use sides::{Basis, Sides, with_owners};

/// How long the session of a run that has ended may hold the lock.
const LINGERING: Duration = Duration::from_secs(1);

/// How often the database is looked at that others change meanwhile.
const ATTEMPTS: usize = 3;

/// What counts.
#[derive(Debug)]
pub(crate) struct Counting {
    /// What is left out.
    pub(crate) rules: Vec<Rule>,
    /// What of the rest is compared.
    pub(crate) scope: Scope,
}

impl Counting {
    /// By the configuration.
    pub(crate) fn of(cx: &Context) -> Result<Self> {
        let drift = &cx.config.drift;
        let read = |text: &String| {
            Rule::read(text).map_err(|why| CommandError::Usage {
                message: format!("the rule `{text}` ({}): {why}", drift.ignore.origin),
                hint: "write it as `[kind ]schema.name[.part]`, as in `table cron.*` or `schema tmp_*`"
                    .into(),
            })
        };
        let rules = drift.ignore.value.iter().map(read).collect::<Result<_, _>>()?;
        let scope = Scope { owners: drift.owners.value, no_privileges: !drift.privileges.value };
        Ok(Self { rules, scope })
    }
}

/// A database that is looked at.
pub(crate) struct Looking<'a> {
    pub(crate) cx: &'a Context,
    pub(crate) chosen: &'a Chosen,
    pub(crate) command: &'static str,
    pub(crate) counting: &'a Counting,
}

impl Looking<'_> {
    /// Read both sides: the database once, and what is stored of it.
    ///
    /// # Errors
    /// `CommandError::Ends` with 7 while a run is changing the database, with 1 where it cannot be known what should be.
    pub(crate) fn sides(&self, session: &mut Session, ledger: &Ledger) -> Result<Sides> {
        let mut ledger = ledger.clone();
        let mut attempt = 1;
        loop {
            let answer = self.answer(session, &ledger)?;
            let (verdict, live) = self.both(session, &ledger, &answer)?;
            // What a run has changed since we looked must be taken neither for drift nor for unknown.
            if attempt < ATTEMPTS && matches!(verdict, Verdict::Unknown(Unknown::Versions { .. })) {
                let (_, now) = self.chosen.opening.look()?;
                if now.applied != ledger.applied {
                    (ledger, attempt) = (now, attempt + 1);
                    continue;
                }
            }
            let sides = self.judged(session, &ledger, &answer, verdict, live)?;
            let count = sides.objects();
            if count > 0 && attempt < ATTEMPTS {
                let now = self.answer(session, &ledger)?;
                if now.facts() != answer.facts() {
                    (ledger, attempt) = (self.chosen.opening.look()?.1, attempt + 1);
                    continue;
                }
            }
            if answer.writable {
                self.record(session, &ledger, if count == 0 { Found::None } else { Found::Differs(count) });
            }
            return Ok(sides);
        }
    }

    /// Compare with anything else.
    ///
    /// # Errors
    /// As of any comparison of sources.
    pub(crate) fn against(&self, session: &mut Session, source: &Source) -> Result<Sides> {
        let live = self.live(session)?;
        let major = u32::try_from(live.server / 10_000).ok();
        let prepared = sources::prepare(source, self.cx, self.command, Needs { major, ..Needs::default() })?;
        let label = prepared.label().to_owned();
        let other = same_version(self.cx, false, &live, catalog(prepared, self.cx)?.0)?;
        Ok(Sides::of(self.counting, (other, live), Basis::Source { label }))
    }

    /// What the applied migrations make, by a replay.
    ///
    /// # Errors
    /// Where no shadow database is to be had, or the SQL of a migration is not.
    pub(crate) fn replayed(&self, ledger: &Ledger) -> Result<Catalog> {
        let mine = ledger.facts.ledger_schema.as_deref().unwrap_or("public");
        let others =
            expected::others(&mut self.chosen.opening.connect()?, &self.chosen.opening.bookkeeping, mine)?;
        anyhow::ensure!(
            others.is_empty(),
            "the database has other ledgers ({}), and what their migrations make is in no replay of this one",
            others.join(", ")
        );
        replayed::replayed(self.cx, self.chosen, ledger, self.command)
    }

    /// What is stored, where it is good enough to be believed.
    ///
    /// # Errors
    /// What the server says.
    pub(crate) fn known(&self, session: &mut Session, ledger: &Ledger) -> Result<Option<Catalog>> {
        let answer = expected::read(session, &self.chosen.opening.bookkeeping, &ledger.facts)?;
        let applied: Vec<String> = ledger.applied.iter().map(|row| row.version.clone()).collect();
        Ok(match verdict(answer.stored.as_ref(), &applied, ledger.facts.server_version, None) {
            Verdict::Known(expected) => Some(*expected),
            Verdict::Unproved(..) | Verdict::Unknown(_) => None,
        })
    }

    /// What there is.
    pub(crate) fn live(&self, session: &mut Session) -> Result<Catalog> {
        Ok(read(session, &self.cx.config.bookkeeping_schema.value)?)
    }

    /// Record what was found, where that may be.
    pub(crate) fn record(&self, session: &mut Session, ledger: &Ledger, found: Found) {
        let (bookkeeping, facts) = (&self.chosen.opening.bookkeeping, &ledger.facts);
        let schema = facts.ledger_schema.as_deref().unwrap_or("public");
        // The result is told anyway; whoever may only read has told it.
        let owners = self.chosen.opening.owners(facts);
        let hold = owners.hold(bookkeeping).ours(&["expected"]);
        drop(expected::record(session, &hold, bookkeeping, schema, found));
    }

    /// What is stored, unless a run is changing the database.
    fn answer(&self, session: &mut Session, ledger: &Ledger) -> Result<Answer> {
        let begin = Instant::now();
        // A backup holds the same lock, and changes nothing.
        let changes = |application: &str| !application.starts_with("pgkeel backup");
        let answer = loop {
            let answer = expected::read(session, &self.chosen.opening.bookkeeping, &ledger.facts)?;
            let busy = |holder: &Holder| holder.application.as_deref().is_none_or(changes);
            // The server notices a moment later that a run has ended.
            if !answer.holder.as_ref().is_some_and(busy) || begin.elapsed() > LINGERING {
                break answer;
            }
            sleep(Duration::from_millis(100), session.interrupt())?;
        };
        match &answer.holder {
            Some(holder) if holder.application.as_deref().is_none_or(changes) => Err(CommandError::Ends {
                exit: Exit::Locked,
                message: format!(
                    "a run is changing `{}` ({holder}): what differs at this moment says nothing",
                    ledger.facts.database
                ),
                hint: format!("`pgkeel {}` again, once it has ended", self.command),
            }
            .into()),
            _ => Ok(answer),
        }
    }

    fn both(&self, session: &mut Session, ledger: &Ledger, answer: &Answer) -> Result<(Verdict, Catalog)> {
        let _progress = self.cx.ui.progress("reading the database");
        let applied: Vec<String> = ledger.applied.iter().map(|row| row.version.clone()).collect();
        let live = self.live(session)?;
        let stored = answer.stored.as_ref();
        Ok((verdict(stored, &applied, ledger.facts.server_version, Some(&live)), live))
    }

    fn judged(
        &self,
        session: &mut Session,
        ledger: &Ledger,
        answer: &Answer,
        verdict: Verdict,
        live: Catalog,
    ) -> Result<Sides> {
        let (expected, basis) = match verdict {
            Verdict::Known(expected) => (*expected, Basis::Stored),
            Verdict::Unproved(expected, why) => match self.replayed(ledger) {
                Ok(replayed) => {
                    (replayed, Basis::Replay { why: format!("what is stored is unproved: {why}") })
                }
                Err(error) if is_interrupted(&error) => return Err(error),
                Err(error) => {
                    let since = answer.stored.as_ref().map(|stored| stored.about.stored_at.clone());
                    let since = since.unwrap_or_default();
                    (*expected, Basis::Unproved { why, no_replay: format!("{error:#}"), since })
                }
            },
            Verdict::Unknown(why) => {
                let why = if answer.forbidden { self.forbidden(ledger) } else { why };
                match self.replayed(ledger) {
                    Ok(replayed) => (replayed, Basis::Replay { why: why.to_string() }),
                    Err(error) if is_interrupted(&error) => return Err(error),
                    Err(error) => {
                        if answer.writable {
                            self.record(session, ledger, Found::Unknown);
                        }
                        return Err(unknown(&ledger.facts.database, &why, &error));
                    }
                }
            }
        };
        Ok(Sides::of(self.counting, (expected, live), basis))
    }

    fn forbidden(&self, ledger: &Ledger) -> Unknown {
        let (schema, role) = (Tidy(self.chosen.opening.bookkeeping.as_str()), ledger.facts.role.clone());
        let grant = format!("GRANT SELECT ON {schema}.expected TO {};", Tidy(&role));
        Unknown::Forbidden { role, grant }
    }
}

/// What a message of ours says beyond that it is unknown.
pub(crate) fn reason<'a>(message: &'a str, database: &str) -> &'a str {
    message.strip_prefix(&begins(database)).unwrap_or(message)
}

fn begins(database: &str) -> String {
    format!("the drift of `{database}` is unknown: ")
}

fn unknown(database: &str, why: &Unknown, error: &anyhow::Error) -> anyhow::Error {
    CommandError::Ends {
        exit: Exit::Failed,
        message: format!(
            "{}{why}; and the applied migrations cannot be replayed: {error:#}",
            begins(database)
        ),
        hint: "let SHADOW_DATABASE_URL name an empty database, or run it where the dev cluster can be; \
               `pgkeel drift --refresh` then stores what is expected"
            .into(),
    }
    .into()
}

fn is_interrupted(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        matches!(cause.downcast_ref(), Some(PgError::Interrupted | PgError::Abandoned))
            || matches!(
                cause.downcast_ref::<ShadowError>(),
                Some(ShadowError::Pg(PgError::Interrupted | PgError::Abandoned))
            )
    })
}
