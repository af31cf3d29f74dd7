//! `drift --refresh`: what a replay of the applied migrations makes is stored as expected, proved.

use anyhow::{Result, bail};

use crate::context::Context;
use crate::engine::drift::expected::{Expected, is_there, store};
use crate::engine::ledger::Ledger;
use crate::engine::operation::Operation;
use crate::exit::Exit;

use crate::commands::drifting::{Counting, Looking, with_owners};
use crate::commands::open::{Chosen, lock_wait, tell_killed};
use crate::commands::watch::Watch;

use super::{Args, Compare, tell};

pub(super) fn run(args: &Args, cx: &mut Context, chosen: &Chosen, counting: &Counting) -> Result<Exit> {
    let session = chosen.opening.connect().inspect_err(|_| chosen.unreached(cx))?;
    let mut locked = chosen.opening.lock(session, lock_wait(&cx.config, None), &mut Watch::new(&cx.ui))?;
    chosen.announce(cx, &locked.ledger.facts);
    tell_killed(cx, &locked.ledger);
    locked.may_write()?;
    // It idles while the migrations are replayed, and goes on holding the lock.
    let prelude = locked.session.prelude();
    locked.session.query(&prelude)?;
    let looking = Looking { cx, chosen, command: "drift", counting };
    let replayed = looking.replayed(&locked.ledger)?;
    let live = looking.live(&mut locked.session)?;
    let replayed = with_owners(&replayed, &live);
    let versions: Vec<String> = locked.ledger.applied.iter().map(|row| row.version.clone()).collect();
    let environment = cx.config.environment.as_ref().map(|environment| environment.value.clone());
    let mut operation = locked.begin("drift", environment.as_deref())?;
    let expected = Expected { catalog: &replayed, versions: &versions, unproved: None };
    let row = store(&operation.place, operation.place.ledger_schema.as_str(), expected);
    operation.record(|operation| {
        let Operation { session, place, .. } = operation;
        place.alone(session, &["expected"], &row).map(drop)
    })?;
    drop(operation);

    // Read back, as the next look will find it.
    let (mut session, ledger) = chosen.opening.look()?;
    if !has_row(&ledger) {
        bail!("what is expected was stored, and is not there any more");
    }
    let sides = looking.sides(&mut session, &ledger)?;
    tell(&sides, &ledger.facts.database, cx);
    let compare = Compare { args, cx, database: &ledger.facts.database, applied: ledger.applied.len() };
    let report = compare.report(&sides, &compare.renames(&sides)?, None)?.0.refreshed();
    let exit = if report.is_same() { Exit::Ok } else { Exit::Different };
    cx.ui.result(&report)?;
    Ok(exit)
}

fn has_row(ledger: &Ledger) -> bool {
    is_there(&ledger.facts)
}
