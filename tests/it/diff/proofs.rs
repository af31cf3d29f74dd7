//! Plans of case folders, proved as `diff --prove` and `migrate` do it: whole, and only what they touch; each migration's way
//! back is found there, too.

use pgkeel::engine::plan::{Rename, Wishes, plan};
use pgkeel::engine::proof::{Extent, Proving};
use pgkeel::engine::shadow::{Place, Server, Shadow};
use pgkeel::pg::session::Session;

use crate::support::cluster::variable;
use crate::support::opening::opening;
use crate::support::skipped::skipped;

use super::case::{Case, wanted};
use super::cases::roles;
use super::lab::Lab;

/// Every so many cases, unless all are asked for.
const EVERY: usize = 12;

/// What cannot be built from a catalog: whether a child was given a check by itself that it also has from its parent. And a new
/// column in which a child alone refuses NULL: the rows that the proof puts into the child are refused, as a person's are.
const KNOWN: [&str; 2] = ["check-inherited-and-local", "column-added-to-a-parent-whose-children-differ"];

/// Into how many tests they are dealt.
const PARTS: usize = 2;

#[test]
fn plans_of_cases_can_be_proved_part_1() {
    run_part(0);
}

#[test]
fn plans_of_cases_can_be_proved_part_2() {
    run_part(1);
}

fn run_part(part: usize) {
    roles();
    let every = if variable("PGKEEL_LONG").is_some() || wanted().is_some() { 1 } else { EVERY };
    let mut failures = Vec::new();
    for case in Case::all().iter().step_by(every).skip(part).step_by(PARTS) {
        if KNOWN.contains(&case.name.as_str()) {
            continue;
        }
        // What people have to do by hand differs afterwards.
        if case.up.refuses || case.down.refuses || !(case.up.leaves.is_empty() && case.down.leaves.is_empty())
        {
            continue;
        }
        // No publisher answers an empty database either.
        if [&case.up, &case.down].iter().any(|way| way.fails.as_deref() == Some("08006")) {
            continue;
        }
        for extent in [Extent::Whole, Extent::Touched] {
            if let Err(why) = proved(case, extent) {
                failures.push(format!("{} ({extent:?}): {why}", case.name));
            }
        }
    }
    assert!(failures.is_empty(), "{} fail\n\n{}\n", failures.len(), failures.join("\n"));
}

fn proved(case: &Case, extent: Extent) -> Result<(), String> {
    let (old, new) = (Lab::new(), Lab::new());
    if old.session().server_version() / 10_000 < i32::try_from(case.server).unwrap() {
        skipped(&format!("{} proved", case.name));
        return Ok(());
    }
    old.load("old.sql", &case.old)?;
    new.load("new.sql", &case.new)?;
    let (old, new) = (old.state()?.catalog, new.state()?.catalog);
    let renames = Rename::parse_all(&case.rename, &old, &new).map_err(|error| error.to_string())?;
    let wishes = Wishes { renames, ..Wishes::default() };
    let up = plan(&old, &new, &wishes).map_err(|error| error.to_string())?;
    let bookkeeping = "pgkeel";
    // As a superuser, and as the ordinary owner that stands for one, for whom each statement is the same.
    for owner in [false, true] {
        let empty = Lab::new();
        let shadow = owner.then(|| shadow_of(&empty));
        let acting = shadow.as_ref().map(|shadow| shadow.acting([&old, &new]).unwrap().expect("it is made"));
        let mut session = match &shadow {
            Some(shadow) => shadow.connect().unwrap(),
            None => empty.session(),
        };
        let acting = acting.as_ref();
        let (old, new, up, wishes, guard) = (&old, &new, &up, &wishes, None);
        let proving = Proving { old, new, up, wishes, bookkeeping, extent, guard, acting };
        proves(&proving, &mut session).map_err(|why| format!("as an ordinary owner {owner}: {why}"))?;
    }
    Ok(())
}

fn shadow_of(lab: &Lab) -> Shadow {
    let opening = Box::new(opening(&lab.db.url));
    Shadow::create(&Place::Beside { opening, server: Server::Shared, like: None }).unwrap()
}

fn proves(proving: &Proving<'_>, session: &mut Session) -> Result<(), String> {
    let proved = proving.run(session).map_err(|error| {
        let mut text = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            text.push_str(&format!(": {cause}"));
            source = cause.source();
        }
        text
    })?;
    assert_eq!(proved.stages.iter().map(|stage| stage.up.steps.len()).sum::<usize>(), proving.up.steps.len());
    Ok(())
}
