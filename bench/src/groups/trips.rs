//! Round trips, counted by a relay in front of the server, and what they cost on a long way. Targets: one per
//! migration, at most 6 for a deploy with nothing to do, at most 0.3 times Diesel's time at 30 ms.

use std::time::Duration;

use anyhow::Result;

use super::deploy::{Prepared, applied, checked, made};
use super::status::WORDS;
use super::{Bench, Group};
use crate::contest::{self, Entry, Outcome, Rounds};
use crate::measure::Job;
use crate::project::{Project, TRACKING};
use crate::relay::{Relay, Traffic};
use crate::server::{Database, Via};
use crate::stats::{shown, spread};
use crate::table::{Table, Target, verdict, within};
use crate::tools::{TOOLS, Tool};

pub(super) const GROUP: Group =
    Group { name: "trips", about: "round trips, and 100 migrations at 30 ms each", peers: true, run };

const PSQL: &str = "psql, transaction and row per file";
const FAR: Duration = Duration::from_millis(30);

fn run(bench: &Bench) -> Result<Table> {
    let far = bench.size(100, 20);
    let mut table = Table::new(
        "trips: round trips",
        &["case", "tool", "connections", "trips", "per migration", "median s", "ratio", "target"],
    )
    .about(
        "A round trip is: the client sends, the server answers; TLS probe and SCRAM are included, TCP's opening is not.",
    )
    .about("Each tool has applied something before, so its own tables are there.")
    .about("Per migration: at 10, a tenth of the trips above a deploy of 0; at 20, a tenth of those above 10.")
    .about("Times are with 30 ms added to each round trip, TCP's opening included.");
    let past = Past::prepare(bench)?;
    counted(bench, &past, &mut table)?;
    timed(bench, &past, &mut table, far)?;
    Ok(table)
}

/// The limit, `status`, and deploys of 0, 10 and 20 migrations, over the relay.
fn counted(bench: &Bench, past: &Past, table: &mut Table) -> Result<()> {
    let Bench { server, programs, .. } = bench;
    let relay = Relay::start(server.running.port(), Duration::ZERO)?;
    let over = Via::Tcp(relay.port);
    let watched = |job: Job| {
        relay.take();
        job.run()?;
        Ok(relay.take())
    };
    let status = |tool, words: &[&str]| {
        let copy = past.copy(bench, tool)?;
        watched(programs.ask(tool, &past.project, &server.url(over, &copy.name)?, words)?)
    };
    let status = &status;
    server.template("trips_limit")?;
    let url = server.url(over, "trips_limit")?;
    let dir = past.project.layout(Tool::Pgkeel);
    let mut entries: Vec<_> =
        WORDS.into_iter().map(|(name, tool, words)| Entry::new(name, move || status(tool, words))).collect();
    entries.push(Entry::new("connect + SELECT 1", || watched(programs.limit(&dir, &url)?)));
    for outcome in exact(contest::hold("trips, status", TWICE, entries)) {
        show(table, "status", &outcome, None, None);
    }

    let deploys = |count: usize| {
        let project = Project::of_tables(&bench.place.files("trips")?, count + 1)?;
        let deploy = |tool| {
            let copy = past.copy(bench, tool)?;
            let traffic = watched(programs.deploy(tool, &project, &server.url(over, &copy.name)?)?)?;
            made(bench, &copy.name, count + 1)?;
            Ok(traffic)
        };
        let deploy = &deploy;
        let entries = TOOLS.into_iter().map(|tool| Entry::new(tool.name(), move || deploy(tool))).collect();
        Ok::<_, anyhow::Error>(exact(contest::hold(&format!("trips, {count} pending"), TWICE, entries)))
    };
    let (nothing, ten, twenty) = (deploys(0)?, deploys(10)?, deploys(20)?);
    for outcome in &nothing {
        let trips = last(outcome).map(|t| t.trips as f64);
        show(table, "deploy of 0", outcome, None, trips.map(|trips| within(trips, 6.0, " trips")));
    }
    let each = |less: &Outcome<Traffic>, more: &Outcome<Traffic>| {
        Some((last(more)?.trips as f64 - last(less)?.trips as f64) / 10.0)
    };
    for (less, more) in nothing.iter().zip(&ten) {
        show(table, "deploy of 10", more, each(less, more), None);
    }
    for (less, more) in ten.iter().zip(&twenty) {
        let each = each(less, more);
        show(table, "deploy of 20", more, each, each.map(|each| within(each, 1.0, " each")));
    }
    Ok(())
}

/// A count does not depend on the machine: two runs must agree.
const TWICE: Rounds = Rounds { warming: 0, counted: 2 };

fn exact(outcomes: Vec<Outcome<Traffic>>) -> Vec<Outcome<Traffic>> {
    let agreed = |samples: Vec<Traffic>| match samples.as_slice() {
        [first, rest @ ..] if rest.iter().all(|other| other == first) => Ok(samples),
        _ => Err(format!("two runs differ: {samples:?}")),
    };
    outcomes.into_iter().map(|o| Outcome { samples: o.samples.and_then(agreed), ..o }).collect()
}

fn last(outcome: &Outcome<Traffic>) -> Option<Traffic> {
    outcome.samples.as_ref().ok()?.last().copied()
}

/// A row; the target is pgkeel's alone.
fn show(
    table: &mut Table,
    case: &str,
    outcome: &Outcome<Traffic>,
    each: Option<f64>,
    target: Option<String>,
) {
    match (last(outcome), &outcome.samples) {
        (Some(Traffic { connections, trips }), _) => {
            let (connections, trips) = (connections.to_string(), trips.to_string());
            let each = each.map(shown).unwrap_or_default();
            let target = target.filter(|_| outcome.name == "pgkeel").unwrap_or_default();
            let cells = [case, &outcome.name, &connections, &trips, &each, "", "", &target];
            table.row(cells.map(str::to_owned));
        }
        (None, samples) => {
            table.failed(case, &outcome.name, samples.as_ref().err().map_or("no samples", String::as_str));
        }
    }
}

/// Wall time of `far` migrations with 30 ms added to each round trip.
fn timed(bench: &Bench, past: &Past, table: &mut Table, far: usize) -> Result<()> {
    let Bench { server, programs, .. } = bench;
    let relay = Relay::start(server.running.port(), FAR)?;
    let all = far + 1;
    let project = &Project::of_tables(&bench.place.files("far")?, all)?;
    let over = Via::Tcp(relay.port);
    let mut entries = Vec::new();
    for tool in TOOLS {
        entries.push(Entry::new(tool.name(), move || {
            let copy = past.copy(bench, tool)?;
            let job = programs.deploy(tool, project, &server.url(over, &copy.name)?)?;
            checked(bench, &copy.name, all, job.run())
        }));
    }
    server.template("trips_psql")?;
    server.run("trips_psql", &format!("{TRACKING}; CREATE TABLE t_1 (id int PRIMARY KEY)"))?;
    let script = project.script_with_rows(2..=all)?;
    entries.push(Entry::new(PSQL, move || {
        let copy = server.copy("trips_psql")?;
        let url = server.url(over, &copy.name)?;
        let job = programs.psql(&project.layout(Tool::Pgkeel), &url, &["-f"]).args([script.clone()]);
        checked(bench, &copy.name, all, job.run())
    }));
    let case = format!("{far} migrations at {} ms", FAR.as_millis());
    let outcomes = contest::hold(&format!("trips, {case}"), bench.rounds(0, 3), entries);
    let median = |o: &Outcome<_>| {
        let samples: &Vec<crate::measure::Sample> = o.samples.as_ref().ok()?;
        Some(spread(samples.iter().map(|s| s.wall.as_secs_f64())).median)
    };
    let diesel = outcomes.iter().find(|o| o.name == "diesel").and_then(median);
    for outcome in &outcomes {
        let Some(seconds) = median(outcome) else {
            let why = outcome.samples.as_ref().err().map_or("no samples", String::as_str);
            table.failed(&case, &outcome.name, why);
            continue;
        };
        let ratio = diesel.map(|diesel| seconds / diesel);
        let target = Some(verdict(ratio, Target { at_most: 0.3, of: "diesel" }));
        let target = target.filter(|_| outcome.name == "pgkeel").unwrap_or_default();
        let shown_ratio = ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        let cells = [&case, &outcome.name, "", "", "", &shown(seconds), &shown_ratio, &target];
        table.row(cells.map(str::to_owned));
    }
    Ok(())
}

/// Where all runs begin: each tool has applied one migration.
struct Past {
    project: Project,
    ready: [(Tool, Prepared); TOOLS.len()],
}

impl Past {
    fn prepare(bench: &Bench) -> Result<Past> {
        let project = Project::of_tables(&bench.place.files("trips_past")?, 1)?;
        let ready = TOOLS.map(|tool| (tool, applied(bench, tool, &project, "trips", 1)));
        Ok(Past { project, ready })
    }

    fn copy<'a>(&self, bench: &'a Bench, tool: Tool) -> Result<Database<'a>> {
        let (_, database) = self.ready.iter().find(|(there, _)| *there == tool).expect("all are prepared");
        bench.server.copy(database.name()?)
    }
}
