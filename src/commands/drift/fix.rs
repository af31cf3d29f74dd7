//! `drift --fix`: what was done by hand becomes a migration, which other databases get and which counts as applied here.
//! Nothing in the live schema is touched.

use anyhow::Result;

use crate::context::Context;
use crate::engine::catalog::{Catalog, Fact, Scope};
use crate::engine::drift::merge::advanced;
use crate::engine::ledger::Ledger;
use crate::engine::migrations::plan::PlanError;
use crate::engine::migrations::{Folder, State, reconcile};
use crate::engine::plan::{Wishes, plan};
use crate::engine::untrusted::{Code, Roles, code, recorded};
use crate::exit::{CommandError, Exit};

use crate::commands::drafts::{self, Home, Made, Wanted};
use crate::commands::drifting::{Basis, Counting, Looking, Sides, look};
use crate::commands::open::{Chosen, lock_wait, tell_killed};
use crate::commands::watch::Watch;
use crate::commands::wishes::decided;

use super::{Args, Compare, tell};
use crate::commands::said::folder_if_any;

pub(super) fn run(
    args: &Args,
    name: &str,
    cx: &mut Context,
    chosen: &Chosen,
    counting: &Counting,
) -> Result<Exit> {
    let slug = drafts::slug(name)?;
    let folder = folder_if_any(cx)?;
    // Asked and proved without the lock: a person may take his time, and a deploy must not wait for it.
    let (mut session, ledger) = look(cx, chosen)?;
    in_order(&folder, &ledger)?;
    let looking = Looking { cx, chosen, command: "drift", counting };
    let mut sides = looking.sides(&mut session, &ledger)?;
    let code = written(&sides, &ledger, &Roles::read(&mut session)?);
    drop(session);
    tell(&sides, &ledger.facts.database, cx);
    let compare = Compare { args, cx, database: &ledger.facts.database, applied: ledger.applied.len() };
    let renames = compare.renames(&sides)?;
    let (report, _) = compare.report(&sides, &renames, None)?;
    if report.is_same() {
        cx.ui.result(&report)?;
        return Ok(Exit::Ok);
    }
    match &sides.basis {
        Basis::Unproved { why, no_replay, .. } => {
            return Err(CommandError::Ends {
                exit: Exit::Failed,
                message: format!(
                    "what is expected is unproved ({why}), and the migrations could not be replayed ({no_replay}): a \
                     migration of the difference would leave out what nobody knows of; nothing was written"
                ),
                hint: "let SHADOW_DATABASE_URL name an empty database".into(),
            }
            .into());
        }
        Basis::Replay { .. } => sides.own(),
        Basis::Stored | Basis::Source { .. } => {}
    }
    let wishes = Wishes { scope: sides.scope, renames: renames.said, ..Wishes::default() };
    let mut way = plan(&sides.expected, &sides.live, &wishes)?;
    if !args.no_rename {
        decided(&way, cx)?;
    }
    way = way.decided();
    let wanted = Wanted {
        command: "drift",
        slug: &slug,
        old: &sides.expected,
        new: &sides.live,
        way: &way,
        wishes: &wishes,
        code: &code,
        trust: &args.trust_code_of,
    };
    let drafts = drafts::draft(cx, wanted)?;
    drafts::show(cx, &drafts, &way);

    let session = chosen.opening.connect()?;
    let mut locked = chosen.opening.lock(session, lock_wait(&cx.config, None), &mut Watch::new(&cx.ui))?;
    tell_killed(cx, &locked.ledger);
    locked.may_write()?;
    let prelude = locked.session.prelude();
    locked.session.query(&prelude)?;
    let now = looking.live(&mut locked.session)?;
    let differs =
        !now.differences(sides.whole_live(), &Scope { owners: true, no_privileges: false }).is_empty();
    anyhow::ensure!(
        locked.ledger.applied == ledger.applied && !differs,
        "the database was changed meanwhile, and nothing was written; run `pgkeel drift --fix` again"
    );
    let compared = as_compared(&sides);
    // What is left out stays as it was expected.
    let made = advanced(sides.whole_expected(), &sides.expected.clone().into(), &compared.clone().into());
    let home = Home { locked, command: "drift", expected: &made, change: (&sides.expected, &compared) };
    let written = home.takes(cx, &drafts.news)?;
    let migrations = Made::all(&drafts.news, &written, &cx.config.root);
    cx.ui.result(&report.fixed(migrations))?;
    let schema = &cx.config.schema.value;
    if schema.exists() {
        let shown = schema.strip_prefix(&cx.config.root).unwrap_or(schema).display();
        cx.ui.note(&format!(
            "next: bring `{shown}` up to date as well (`pgkeel pull`, or by hand): the next `pgkeel migrate` takes back what it \
             does not have"
        ));
    }
    Ok(Exit::Ok)
}

/// The code in both catalogs that roles other than superusers wrote. The expected catalog is stored in the database, where the
/// owner of its table may have changed it.
fn written(sides: &Sides, ledger: &Ledger, roles: &Roles) -> Vec<Code> {
    let mut found = code(sides.whole_live(), roles);
    if let Basis::Stored | Basis::Unproved { .. } = sides.basis {
        let is_ours = ledger.facts.owned.iter().all(|owned| roles.trusts(&owned.owner));
        found.extend(match is_ours {
            true => code(sides.whole_expected(), roles),
            false => recorded(sides.whole_expected(), sides.whole_live(), roles),
        });
    }
    found
}

/// Only where the folder and the ledger agree can a migration be recorded as the newest.
fn in_order(folder: &Folder, ledger: &Ledger) -> Result<()> {
    let standing = reconcile(&folder.migrations, &ledger.applied, &ledger.recorded);
    if standing.is_trouble() {
        let entries = standing.entries.iter().filter(|entry| entry.state.is_trouble()).cloned().collect();
        return Err(PlanError::Trouble { entries, findings: Vec::new() }.into());
    }
    if !folder.findings.is_empty() {
        return Err(PlanError::Findings(folder.findings.clone()).into());
    }
    match standing.count(State::Pending) {
        0 => Ok(()),
        pending => Err(CommandError::Ends {
            exit: Exit::Pending,
            message: format!(
                "{} pending: a migration of what was done by hand must come after them; nothing was written",
                if pending == 1 { "1 migration is".to_owned() } else { format!("{pending} migrations are") }
            ),
            hint: "`pgkeel deploy` (or `pgkeel migrate` on your own database) first".into(),
        }
        .into()),
    }
}

/// What there is, as far as it was compared: the migration says nothing of the rest.
fn as_compared(sides: &Sides) -> Catalog {
    let (expected, scope) = (&sides.expected, sides.scope);
    let compared = |fact: &Fact| {
        let was = expected.fact(&fact.id);
        let left_out: Vec<&str> = fact.names().filter(|name| !scope.compares(name)).collect();
        left_out.into_iter().fold(fact.clone(), |fact, name| match was {
            Some(was) => fact.with(name, was.get(name)),
            None if name == "owner" => fact,
            None => fact.with(name, None),
        })
    };
    let there = |fact: &&Fact| scope.has(fact.id.kind);
    let kept = expected.facts().iter().filter(|fact| !scope.has(fact.id.kind)).cloned();
    let facts = sides.live.facts().iter().filter(there).map(compared).chain(kept).collect();
    sides.live.assembled(facts, sides.live.pairs())
}
