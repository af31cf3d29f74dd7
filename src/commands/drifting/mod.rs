//! What a live database is compared with, and the comparison: shared by `drift` and `status --check drift`.

mod replayed;

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::context::Context;
use crate::engine::catalog::{Catalog, Fact, Scope, read::read};
use crate::engine::drift::expected::{self, Answer, Found};
use crate::engine::drift::ignore::{Rule, without};
use crate::engine::drift::verdict::{Unknown, Verdict, verdict};
use crate::engine::ledger::{LEDGER_TABLE, Ledger};
use crate::engine::operation::OpenError;
use crate::engine::shadow::ShadowError;
use crate::engine::source::Source;
use crate::exit::{CommandError, Exit};
use crate::pg::connect::sleep;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Tidy;
use crate::pg::literal::Literal;
use crate::pg::lock::Holder;
use crate::pg::session::Session;

use super::compared::objects;
use super::open::Chosen;
use super::sources::{self, Needs, catalog, same_version};

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

/// Where the other side of a comparison comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Basis {
    /// The stored facts.
    Stored,
    /// The stored facts, of which it is not sure that the migrations make them.
    Unproved {
        /// Why not.
        why: String,
        /// Why nothing better was to be had.
        no_replay: String,
        /// Since when they are kept, in UTC.
        since: String,
    },
    /// A replay, because nothing better was stored.
    Replay {
        /// Why the stored facts were not good enough.
        why: String,
    },
    /// What a person named.
    Source {
        /// What it is called.
        label: String,
    },
}

/// A live database, and what it should be.
#[derive(Debug)]
pub(crate) struct Sides {
    /// What should be.
    pub(crate) expected: Catalog,
    /// What is.
    pub(crate) live: Catalog,
    /// Where the first comes from.
    pub(crate) basis: Basis,
    /// What is compared.
    pub(crate) scope: Scope,
    /// How many objects were left out.
    pub(crate) ignored: usize,
    /// Both with what was left out, where anything was.
    whole: Option<(Catalog, Catalog)>,
}

impl Sides {
    fn of(counting: &Counting, (expected, live): (Catalog, Catalog), basis: Basis) -> Self {
        let (counted, seen, ignored, whole) = match counting.rules.is_empty() {
            true => (expected, live, 0, None),
            false => {
                let (counted, _) = without(&expected, &counting.rules);
                let (seen, ignored) = without(&live, &counting.rules);
                (counted, seen, ignored, Some((expected, live)))
            }
        };
        // Who owns what is the shadow's own affair.
        let owners = counting.scope.owners && matches!(basis, Basis::Stored | Basis::Unproved { .. });
        Self {
            expected: counted,
            live: seen,
            basis,
            scope: Scope { owners, ..counting.scope },
            ignored,
            whole,
        }
    }

    /// Who owns what cannot be known from a replay: what is, is taken.
    pub(crate) fn own(&mut self) {
        self.expected = with_owners(&self.expected, &self.live);
        if let Some((expected, live)) = &mut self.whole {
            *expected = with_owners(expected, live);
        }
    }

    /// What should be, with what was left out.
    pub(crate) fn whole_expected(&self) -> &Catalog {
        self.whole.as_ref().map_or(&self.expected, |(expected, _)| expected)
    }

    /// What is, with what was left out.
    pub(crate) fn whole_live(&self) -> &Catalog {
        self.whole.as_ref().map_or(&self.live, |(_, live)| live)
    }

    /// How many objects differ, a table with its parts being one.
    pub(crate) fn objects(&self) -> usize {
        objects(&self.expected, &self.live, &self.scope)
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
        Ok(match verdict(answer.stored.as_ref(), &applied, ledger.facts.server_version) {
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
        drop(expected::record(session, bookkeeping, schema, found));
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

    /// The stored facts are unpacked while the server is busy.
    fn both(&self, session: &mut Session, ledger: &Ledger, answer: &Answer) -> Result<(Verdict, Catalog)> {
        let _progress = self.cx.ui.progress("reading the database");
        let applied: Vec<String> = ledger.applied.iter().map(|row| row.version.clone()).collect();
        thread::scope(|scope| {
            let stored = answer.stored.as_ref();
            let judging = scope.spawn(move || verdict(stored, &applied, ledger.facts.server_version));
            let live = self.live(session);
            let verdict = judging.join().expect("judging does not panic");
            Ok((verdict, live?))
        })
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

/// A ledger that the URL names, and whose schema the role may not enter, looks as if it were not there.
fn reachable(chosen: &Chosen, session: &mut Session, ledger: &Ledger) -> Result<()> {
    let Some(schema) = chosen.opening.url.schema().filter(|_| !ledger.facts.has_ledger) else {
        return Ok(());
    };
    let there = format!(
        "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = {} AND c.relname = {}",
        Literal(schema),
        Literal(LEDGER_TABLE)
    );
    if session.catalog(&there)?.rows.is_empty() {
        return Ok(());
    }
    let (schema, role) = (Tidy(schema), Tidy(&ledger.facts.role));
    Err(CommandError::Ends {
        exit: Exit::Failed,
        message: format!(
            "the drift is unknown: `{role}` may not enter the schema {schema}, in which the ledger is"
        ),
        hint: format!(
            "ask the owner to run: GRANT USAGE ON SCHEMA {schema} TO {role}; \
             GRANT SELECT ON {schema}.{LEDGER_TABLE} TO {role};"
        ),
    }
    .into())
}

/// Open the database; a role that may not read what pgkeel has recorded is told what would let it.
pub(crate) fn look(cx: &Context, chosen: &Chosen) -> Result<(Session, Ledger)> {
    let (mut session, ledger) = opened(cx, chosen)?;
    reachable(chosen, &mut session, &ledger)?;
    Ok((session, ledger))
}

fn opened(cx: &Context, chosen: &Chosen) -> Result<(Session, Ledger)> {
    chosen.look(cx).map_err(|error| {
        let is_forbidden = error.chain().any(|cause| {
            cause.downcast_ref::<OpenError>().is_some_and(|error| {
                matches!(error, OpenError::Pg(error)
                    if error.failure() == PgFailure::NoPrivilege)
            })
        });
        if !is_forbidden {
            return error;
        }
        let schema = Tidy(chosen.opening.bookkeeping.as_str());
        let role = Tidy(chosen.opening.url.user().unwrap_or("…"));
        let ledgers = chosen.opening.url.schema().map(|schema| format!("{}.", Tidy(schema))).unwrap_or_default();
        CommandError::Ends {
            exit: Exit::Failed,
            message: format!("the drift is unknown: {error:#}"),
            hint: format!(
                "ask the owner to run: GRANT USAGE ON SCHEMA {schema} TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA \
                 {schema} TO {role}; GRANT SELECT ON {ledgers}__diesel_schema_migrations TO {role};"
            ),
        }
        .into()
    })
}

/// Who owns what cannot be known from a replay: in the shadow it is all ours.
pub(crate) fn with_owners(replayed: &Catalog, live: &Catalog) -> Catalog {
    let owned = |fact: &Fact| match live.fact(&fact.id) {
        Some(there) if fact.names().any(|name| name == "owner") => fact.with("owner", there.get("owner")),
        _ => fact.clone(),
    };
    replayed.assembled(replayed.facts().iter().map(owned).collect(), replayed.pairs())
}
