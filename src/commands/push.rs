//! `pgkeel push`: the desired state straight into a development database, without a migration.

use anyhow::{Context as _, Result};
use clap::Args as ClapArgs;
use serde::Serialize;

use crate::context::{Context, Fallback};
use crate::engine::catalog::{Catalog, Id, Scope, read::read};
use crate::engine::guard;
use crate::engine::ledger::Ledger;
use crate::engine::operation::OpenError;
use crate::engine::plan::{Hazard, Plan, Wishes, plan};
use crate::engine::push::{Loss, Obstacle, PushError, Weighed, apply, weighed};
use crate::engine::shadow::major;
use crate::engine::source::Source;
use crate::exit::{CommandError, Exit};
use crate::pg::error::PgFailure;
use crate::pg::session::Session;
use crate::ui::{Page, Report, Tone};

use super::open::{Chosen, choose, lock_wait, settings, tell_killed};
use super::said::migrations;
use super::sources::{self, Live, Needs, catalog};
use super::watch::Watch;
use super::wishes::Renames;

/// Bring a development database to the desired state, without a migration
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "For trying things out: nothing is recorded that could be deployed elsewhere. When it is right,
`pgkeel migrate --name …` makes a migration of it. Protected environments are always refused.

Exit status: 0 done; 1 rows are in the way, or a statement failed; 2 there is no desired state;
3 refused: protected, migrations are applied here, or something would be lost.

Examples:
  pgkeel push                              schema.sql into the database
  pgkeel push --dry-run                    show the SQL, and what would be lost
  pgkeel push --accept-data-loss           also where rows or columns go
  pgkeel push --rename users.name=full_name
  pgkeel push --from migrations            another source"
)]
pub(crate) struct Args {
    /// Take another schema than the desired state: any source that `diff` knows
    #[arg(long, value_name = "SOURCE")]
    from: Option<String>,

    /// Go on although rows or columns with values in them go
    #[arg(long)]
    accept_data_loss: bool,

    /// Go on although migrations are applied here: drift until a migration takes it in
    #[arg(long)]
    despite_history: bool,

    /// Something has another name in the desired state: [SCHEMA.]TABLE=NEW, [SCHEMA.]TABLE.COLUMN=NEW
    #[arg(long, value_name = "OLD=NEW")]
    rename: Vec<String>,

    /// Leave grants and default privileges as they are
    #[arg(long)]
    no_privileges: bool,

    /// Show the SQL and what would be lost, and stop
    #[arg(long)]
    dry_run: bool,
}

/// One statement.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StepReport {
    about: String,
    sql: String,
    /// Which transaction it belongs to, from 1.
    part: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PushReport {
    database: String,
    from: String,
    created_database: bool,
    dry_run: bool,
    steps: Vec<StepReport>,
    losses: Vec<Loss>,
    obstacles: Vec<Obstacle>,
    #[serde(skip)]
    script: String,
}

impl Report for PushReport {
    fn text(&self, page: &mut Page) {
        if self.created_database {
            page.line(&format!("{} database {}", page.paint(Tone::Good, "created"), self.database));
        }
        if self.dry_run && !self.script.is_empty() {
            page.line(&self.script);
            page.blank();
            self.losses.iter().for_each(|loss| page.line(&page.paint(Tone::Warn, &said(loss))));
            for one in &self.obstacles {
                let text = format!("fails: {}: {}\n  {}", one.about, one.why, one.query);
                page.line(&page.paint(Tone::Bad, &text));
            }
        }
        let parts = self.steps.last().map_or(0, |step| step.part);
        let statements = match self.steps.len() {
            1 => "1 statement".to_owned(),
            n => format!("{n} statements"),
        };
        let within = if parts > 1 { format!(" in {parts} transactions") } else { String::new() };
        page.line(&match (self.steps.is_empty(), self.dry_run) {
            (true, _) => format!("{}: nothing to do, it is as {} says", self.database, self.from),
            (false, true) => format!("{}: would run {statements}{within}", self.database),
            (false, false) => {
                format!("{}: ran {statements}{within}; it is as {} says", self.database, self.from)
            }
        });
    }
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    let to = desired(args, cx)?;
    let chosen = choose(cx, Fallback::DevCluster, "push")?;
    let (mut session, ledger, created_database) = looked(&chosen, args, cx)?;
    may(&chosen, &ledger, args, cx)?;
    let live = Live::configured(chosen.place.clone(), cx);
    let needs = Needs { major: Some(major(&session)), beside: Some(&live) };
    let prepared = sources::prepare(&to, cx, "push", needs)?;
    let from = prepared.label().to_owned();
    let (new, read_by) = catalog(prepared, cx)?;
    drop(read_by);
    let old = read(&mut session, &cx.config.bookkeeping_schema.value)?;
    let Renames { said: renames, unsaid } = Renames::between((&old, &new), &args.rename, &to, cx)?;
    for candidate in &unsaid {
        let rename = &candidate.rename;
        cx.ui.note(&format!(
            "{} goes and {} comes: if they are the same, say `--rename '{rename}'`",
            rename.from, rename.to
        ));
    }
    let scope = Scope { owners: false, no_privileges: args.no_privileges };
    let way = plan(&old, &new, &Wishes { scope, renames, ..Wishes::default() })?;
    let Weighed { losses, obstacles } = weighed(&mut session, &way)?;
    let report = PushReport {
        database: ledger.facts.database.clone(),
        from,
        created_database,
        dry_run: args.dry_run,
        steps: steps(&way),
        losses,
        obstacles,
        script: way.script().trim_end().to_owned(),
    };
    if args.dry_run || way.is_empty() {
        cx.ui.result(&report)?;
        return Ok(Exit::Ok);
    }
    if !report.obstacles.is_empty() {
        return Err(PushError::Blocked(report.obstacles).into());
    }
    agreed(&report.losses, args, cx)?;
    drop(session);
    let agreed = Agreed { way: &way, scope, losses: &report.losses };
    pushed(&chosen, (&old, &new), &agreed, args, cx)?;
    for hazard in way.steps.iter().flat_map(|step| &step.hazards) {
        if let Hazard::ByHand { what } = hazard {
            cx.ui.warn(&format!("by hand: {what}"));
        }
    }
    if !ledger.applied.is_empty() {
        cx.ui.note("`pgkeel drift` shows it until `pgkeel migrate --name …` has made a migration of it");
    }
    cx.ui.result(&report)?;
    Ok(Exit::Ok)
}

/// What is wanted.
fn desired(args: &Args, cx: &Context) -> Result<Source> {
    if let Some(from) = &args.from {
        return sources::parse(from, cx);
    }
    if let Some(source) = sources::desired(cx)? {
        return Ok(source);
    }
    let schema = &cx.config.schema;
    Err(CommandError::Usage {
        message: format!("there is no desired state `{}` ({})", schema.value.display(), schema.origin),
        hint: "write it (`pgkeel pull` makes one of a database), or name another source: `--from SOURCE`"
            .into(),
    }
    .into())
}

/// Connect and look; a missing database is created, unless the configuration protects it.
fn looked(chosen: &Chosen, args: &Args, cx: &Context) -> Result<(Session, Ledger, bool)> {
    let looked = {
        let _progress = cx.ui.progress("connecting");
        chosen.opening.look()
    };
    let (session, ledger, created) = match looked {
        Ok((session, ledger)) => (session, ledger, false),
        Err(OpenError::Pg(error)) if error.failure() == PgFailure::NoSuchDatabase && !args.dry_run => {
            let name =
                chosen.opening.url.database().or(chosen.opening.url.user()).unwrap_or_default().to_owned();
            let place = guard::Place {
                environment: cx.config.environment.as_ref().map(|environment| environment.value.clone()),
                protected_by_config: cx
                    .config
                    .protected
                    .as_ref()
                    .map(|protected| protected.value.to_string()),
                dev_cluster: chosen.place.dev,
                ..guard::Place::default()
            };
            unprotected(&place)?;
            let created = chosen
                .opening
                .create_database(&name)
                .with_context(|| format!("the database `{name}` is missing, and it could not be created"))?;
            let (session, ledger) = chosen.opening.look()?;
            (session, ledger, created)
        }
        Err(error) => {
            chosen.unreached(cx);
            return Err(error.into());
        }
    };
    chosen.announce(cx, &ledger.facts);
    Ok((session, ledger, created))
}

/// Whether this is a place for it at all.
fn may(chosen: &Chosen, ledger: &Ledger, args: &Args, cx: &Context) -> Result<()> {
    unprotected(&chosen.guarded(&cx.config, ledger))?;
    if ledger.applied.is_empty() || args.despite_history {
        return Ok(());
    }
    Err(CommandError::Refused {
        why: format!(
            "{} applied here, and what is pushed is in none of them: the database would differ from its history",
            match ledger.applied.len() {
                1 => "1 migration is".to_owned(),
                n => format!("{} are", migrations(n)),
            }
        ),
        remedy: "`pgkeel migrate --name …` makes a migration of the change; or push it with `--despite-history`: `pgkeel drift` \
                 then shows it until `pgkeel migrate --name …` takes it into a migration"
            .into(),
    }
    .into())
}

fn unprotected(place: &guard::Place) -> Result<(), CommandError> {
    let protection = place.protection();
    if !protection.protected {
        return Ok(());
    }
    Err(CommandError::Refused {
        why: format!(
            "`push` is for development, and this place is protected ({}); nothing was changed",
            protection.because.join("; ")
        ),
        remedy: "make a migration (`pgkeel migrate --name …` on a development database) and `pgkeel deploy` it here".into(),
    })
}

fn steps(plan: &Plan) -> Vec<StepReport> {
    let parts = plan.parts().into_iter().enumerate();
    parts
        .flat_map(|(part, steps)| {
            steps.iter().map(move |step| StepReport {
                about: step.about.to_string(),
                sql: step.sql.clone(),
                part: part + 1,
            })
        })
        .collect()
}

fn said(loss: &Loss) -> String {
    let rows = match loss.rows {
        Some(1) => " (1 row)".to_owned(),
        Some(rows) => format!(" ({rows} rows)"),
        None => String::new(),
    };
    let wishes: Vec<String> = loss.may_be.iter().map(|wish| format!("`--rename '{wish}'`")).collect();
    let instead = match wishes.is_empty() {
        true => String::new(),
        false => format!("; if it is the same under a new name, say {}", wishes.join(" or ")),
    };
    format!("lost: {}{rows}{instead}", loss.what)
}

/// Whether what would be lost may be lost.
fn agreed(losses: &[Loss], args: &Args, cx: &Context) -> Result<()> {
    if losses.is_empty() {
        return Ok(());
    }
    losses.iter().for_each(|loss| cx.ui.warn(&said(loss)));
    if args.accept_data_loss {
        return Ok(());
    }
    if cx.ui.is_interactive() && !cx.ui.is_json() {
        return match cx.ui.confirm("Lose that?")? {
            true => Ok(()),
            false => Err(CommandError::Declined.into()),
        };
    }
    let what = match losses {
        [one] => one.what.clone(),
        all => format!("{} things, among them {}", all.len(), all[0].what),
    };
    Err(CommandError::Refused {
        why: format!("this would lose {what}; nothing was changed"),
        remedy: "`--accept-data-loss` if it is meant; `--rename OLD=NEW` keeps what only has another name"
            .into(),
    }
    .into())
}

/// What a person has agreed to.
struct Agreed<'a> {
    way: &'a Plan,
    scope: Scope,
    losses: &'a [Loss],
}

/// Apply it under the lock, if the database is still what was planned for, and look.
fn pushed(
    chosen: &Chosen,
    (old, new): (&Catalog, &Catalog),
    Agreed { way, scope, losses }: &Agreed<'_>,
    args: &Args,
    cx: &Context,
) -> Result<()> {
    let bookkeeping = &cx.config.bookkeeping_schema.value;
    let mut locked = {
        let mut watch = Watch::new(&cx.ui);
        chosen.opening.lock(chosen.opening.connect()?, lock_wait(&cx.config, None), &mut watch)?
    };
    tell_killed(cx, &locked.ledger);
    // While we waited for the lock a deploy may have come, and rows, and a mark.
    may(chosen, &locked.ledger, args, cx)?;
    let now = read(&mut locked.session, bookkeeping)?;
    if let Some(first) = now.differences(old, scope).first() {
        return Err(PushError::Changed(first.id().to_string()).into());
    }
    let again = weighed(&mut locked.session, way)?;
    if again.losses != *losses || !again.obstacles.is_empty() {
        return Err(PushError::Changed("rows that the push is about".to_owned()).into());
    }
    let environment = cx.config.environment.as_ref().map(|environment| environment.value.clone());
    let mut operation = locked.begin("push", environment.as_deref())?;
    let settings = settings(&cx.config, None);
    operation.record(|operation| -> Result<()> {
        let _progress = cx.ui.progress("pushing");
        apply(&mut operation.session, way, &settings, &mut Watch::new(&cx.ui))?;
        let now = read(&mut operation.session, bookkeeping)?;
        let by_hand = |about: &Id| {
            let step = way.steps.iter().find(|step| step.about == *about);
            step.is_some_and(|step| step.hazards.iter().any(|one| matches!(one, Hazard::ByHand { .. })))
        };
        let left: Vec<String> = now
            .differences(new, scope)
            .iter()
            .map(|difference| difference.id())
            .filter(|id| !by_hand(id))
            .map(ToString::to_string)
            .collect();
        if left.is_empty() { Ok(()) } else { Err(PushError::Differs(left.join(", ")).into()) }
    })
}
