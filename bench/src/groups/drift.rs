//! What `drift` costs next to reading one catalog through the library and doing nothing with it. Target: at most 1.3 times
//! that, client and server together; a few round trips.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::{Bench, Group};
use crate::backends::Backends;
use crate::contest::{self, Entry, Outcome};
use crate::measure::{Job, Sample};
use crate::project::Project;
use crate::relay::Relay;
use crate::server::Via;
use crate::stats::{shown, spread};
use crate::table::{Table, Target, verdict};
use crate::tools::Tool;

pub(super) const GROUP: Group = Group {
    name: "drift",
    about: "a database of 100 and 1,000 tables (10,000: --large), as deployed and altered by hand",
    peers: false,
    run,
};

const LIMIT: &str = "reading one catalog";
const PATIENCE: u64 = 1800;

/// Tables per migration.
const EACH: usize = 10;

fn run(bench: &Bench) -> Result<Table> {
    let header =
        ["case", "what", "client CPU s", "server CPU s", "both s", "wall s", "× limit", "peak MB", "target"];
    let mut table = Table::new("drift: the live database against what its migrations make", &header)
        .about("8 columns, primary key, 2 indexes, foreign key and check each, a tenth as many views and functions; ten tables per migration.")
        .about("Medians. The limit connects and reads the catalog once, through the library; × is of CPU, the target too.")
        .about("`status` tells the last result from a row; `deploy` applies one more table, with both of its readings.");
    let mut sizes = vec![100];
    if !bench.quick {
        sizes.push(1_000);
    }
    if bench.large {
        sizes.push(10_000);
    }
    for tables in sizes {
        measured(bench, &mut table, tables)?;
    }
    Ok(table)
}

/// What a run took.
struct Cost {
    client: Sample,
    server: Duration,
}

fn measured(bench: &Bench, table: &mut Table, tables: usize) -> Result<()> {
    let Bench { server, programs, .. } = bench;
    eprintln!("  drift: deploying {tables} tables");
    let (name, altered) = (format!("drift_{tables}"), format!("altered_{tables}"));
    let project = Project::new(&bench.place.files(&format!("drift_{tables}"))?)?;
    for number in 1..=tables / EACH {
        project.migration(number, &up(number), "SELECT 1;\n")?;
    }
    server.template(&name)?;
    let url = |name: &str| server.url(server.tcp(), name);
    programs.deploy(Tool::Pgkeel, &project, &url(&name)?)?.patience(PATIENCE).run()?;
    server.run(&name, "VACUUM ANALYZE")?;
    server.run("postgres", &format!("CREATE DATABASE {altered} TEMPLATE {name}"))?;
    server.run(&altered, "ALTER TABLE t_1 ADD by_hand int; CREATE INDEX by_hand ON t_2 (title)")?;
    server.run("postgres", "CHECKPOINT")?;
    let dir = project.layout(Tool::Pgkeel);

    let backends = Backends::of(server)?;
    let cost = |job: Job| {
        let before = backends.cpu()?;
        let client = job.patience(PATIENCE).run()?;
        Ok(Cost { client, server: backends.cpu()?.saturating_sub(before) })
    };
    let cost = &cost;
    let ask = |name: &str, words: &[&str]| programs.ask(Tool::Pgkeel, &project, &url(name)?, words);
    let ask = &ask;
    let more = Project::new(&bench.place.files(&format!("more_{tables}"))?)?;
    for number in 1..=tables / EACH {
        more.migration(number, &up(number), "SELECT 1;\n")?;
    }
    more.migration(
        tables / EACH + 1,
        "CREATE TABLE one_more (id int PRIMARY KEY);\n",
        "DROP TABLE one_more;\n",
    )?;
    let entries = vec![
        Entry::new("pgkeel drift, none", || cost(ask(&name, &["drift"])?)),
        Entry::new("pgkeel drift, two differ", || cost(ask(&altered, &["drift"])?.ends_with(6))),
        Entry::new(LIMIT, || cost(programs.read(&dir, &url(&name)?)?)),
        Entry::new("pgkeel status", || cost(ask(&name, &["status"])?)),
        Entry::new("pgkeel deploy, one more", || {
            let copy = server.copy(&name)?;
            let done = cost(programs.deploy(Tool::Pgkeel, &more, &url(&copy.name)?)?)?;
            ensure!(server.tables(&copy.name, "one_more")? == 1, "the table is not there");
            Ok(done)
        }),
    ];
    let case = format!("{tables} tables");
    let outcomes = contest::hold(&format!("drift, {case}"), bench.rounds(1, 5), entries);
    rows(table, &case, &outcomes);
    let relay = Relay::start(server.running.port(), Duration::ZERO)?;
    let far = server.url(Via::Tcp(relay.port), &name)?;
    let mut trips = Vec::new();
    for job in [
        programs.ask(Tool::Pgkeel, &project, &far, &["drift"])?,
        programs.read(&dir, &far)?,
        programs.limit(&dir, &far)?,
    ] {
        job.patience(PATIENCE).run()?;
        trips.push(relay.take().trips);
    }
    let size = server.session(&name)?.query_value("SELECT octet_length(facts) FROM pgkeel.expected")?;
    table.about.push(format!(
        "{case}: {} round trips, reading one catalog {}, connect + SELECT 1 {}; the facts take {} bytes.",
        trips[0],
        trips[1],
        trips[2],
        size.unwrap_or_default()
    ));
    Ok(())
}

fn rows(table: &mut Table, case: &str, outcomes: &[Outcome<Cost>]) {
    let median = |outcome: &Outcome<Cost>, value: fn(&Cost) -> f64| {
        let samples = outcome.samples.as_ref().ok()?;
        Some(spread(samples.iter().map(value)).median)
    };
    let both = |cost: &Cost| (cost.client.cpu + cost.server).as_secs_f64();
    let limit = outcomes.iter().find(|outcome| outcome.name == LIMIT);
    let limit = limit.and_then(|outcome| median(outcome, both));
    for outcome in outcomes {
        let Some(sum) = median(outcome, both) else {
            let why = outcome.samples.as_ref().err().map_or("no samples", String::as_str);
            table.failed(case, &outcome.name, why);
            continue;
        };
        let cell = |value: fn(&Cost) -> f64| median(outcome, value).map(shown).unwrap_or_default();
        let ratio = limit.map(|limit| sum / limit);
        let is_target = outcome.name.starts_with("pgkeel drift");
        table.row([
            case.to_owned(),
            outcome.name.clone(),
            cell(|cost| cost.client.cpu.as_secs_f64()),
            cell(|cost| cost.server.as_secs_f64()),
            shown(sum),
            cell(|cost| cost.client.wall.as_secs_f64()),
            ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default(),
            cell(|cost| cost.client.memory_kb as f64 / 1024.0),
            if is_target { verdict(ratio, Target { at_most: 1.3, of: LIMIT }) } else { String::new() },
        ]);
    }
}

/// Ten tables, a view and a function.
fn up(number: usize) -> String {
    let mut sql = String::new();
    let first = (number - 1) * EACH + 1;
    for i in first..first + EACH {
        let other = if i > 1 { i - 1 } else { 1 };
        writeln!(
            sql,
            "CREATE TABLE t_{i} (id bigint PRIMARY KEY, parent_id bigint REFERENCES t_{other}, title text NOT NULL, \
             amount numeric(12,2) DEFAULT 0, state varchar(20) DEFAULT 'new', made timestamptz DEFAULT now(), \
             active boolean NOT NULL DEFAULT true, payload jsonb, CONSTRAINT t_{i}_amount CHECK (amount >= 0));\n\
             CREATE INDEX t_{i}_parent ON t_{i} (parent_id);\n\
             CREATE INDEX t_{i}_open ON t_{i} (state, made) WHERE active;"
        )
        .expect("a String takes all");
    }
    writeln!(
        sql,
        "CREATE VIEW v_{number} AS SELECT t.id, t.title, p.title AS parent FROM t_{first} t \
         LEFT JOIN t_{last} p ON p.id = t.parent_id WHERE t.active;\n\
         CREATE FUNCTION f_{number}(a int) RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM t_{first}';",
        last = first + 1
    )
    .expect("a String takes all");
    sql
}
