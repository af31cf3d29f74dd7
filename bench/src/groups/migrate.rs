//! What one `migrate` with one change costs on a large project: with what was read of the migrations before in the cache, and
//! without. Target: less than five seconds of CPU at 1,000 tables, client and server together, with the cache.

use std::cell::Cell;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::drift::{EACH, up};
use super::{Bench, Group};
use crate::backends::Backends;
use crate::contest::{self, Entry, Outcome};
use crate::measure::{Job, Sample};
use crate::project::Project;
use crate::stats::{shown, spread};
use crate::table::{Table, within};
use crate::tools::Tool;

pub(super) const GROUP: Group = Group {
    name: "migrate",
    about: "one change to a project of 100 and 1,000 tables, with and without what was read before",
    peers: false,
    run,
};

const WARM: &str = "pgkeel migrate, migrations in the cache";
const COLD: &str = "pgkeel migrate, nothing in the cache";
const SAME: &str = "pgkeel migrate, nothing to do";
const LIMIT: &str = "psql: schema.sql into an empty database";
const PATIENCE: u64 = 1800;

/// Seconds of CPU.
const MOST: f64 = 5.0;

fn run(bench: &Bench) -> Result<Table> {
    let header = ["case", "what", "client CPU s", "server CPU s", "both s", "wall s", "peak MB", "target"];
    let mut table = Table::new("migrate: one more column in schema.sql", &header)
        .about("The tables of `drift`, ten to a migration. A run replays or recalls the migrations, loads schema.sql, plans, proves, writes and applies.")
        .about("Medians. psql loads the same schema.sql, which every run that sees it for the first time has to do, too.");
    bench.server.template("nothing")?;
    for tables in if bench.quick { vec![100] } else { vec![100, 1_000] } {
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
    eprintln!("  migrate: deploying {tables} tables");
    let name = format!("migrate_{tables}");
    let project = Project::new(&bench.place.files(&name)?)?;
    let mut schema = String::new();
    for number in 1..=tables / EACH {
        project.migration(number, &up(number), "SELECT 1;\n")?;
        schema.push_str(&up(number));
    }
    let dir = project.layout(Tool::Pgkeel);
    server.template(&name)?;
    let url = |name: &str| server.url(server.tcp(), name);
    programs.deploy(Tool::Pgkeel, &project, &url(&name)?)?.patience(PATIENCE).run()?;
    server.run(&name, "VACUUM ANALYZE")?;
    server.run("postgres", "CHECKPOINT")?;

    let backends = Backends::of(server)?;
    let cost = |job: Job| {
        let before = backends.cpu()?;
        let client = job.patience(PATIENCE).run()?;
        Ok(Cost { client, server: backends.cpu()?.saturating_sub(before) })
    };
    let (cost, schema, dir) = (&cost, &schema, &dir);
    let rounds = Cell::new(0);
    // Another column each time, so that nobody has seen this schema.sql before.
    let changed = || {
        rounds.set(rounds.get() + 1);
        let mut text = schema.clone();
        writeln!(text, "ALTER TABLE t_5 ADD COLUMN phone_{} text;", rounds.get())
            .expect("a String takes all");
        fs::write(dir.join("schema.sql"), text)
    };
    let migrate = |words: &[&str]| {
        let copy = server.copy(&name)?;
        let done = cost(programs.ask(Tool::Pgkeel, &project, &url(&copy.name)?, words)?)?;
        let columns = "SELECT count(*) FROM pg_attribute WHERE attname LIKE 'phone%'";
        let found = server.session(&copy.name)?.query_value(columns)?;
        ensure!(found.as_deref() == Some(if words.len() > 1 { "1" } else { "0" }), "the column is not there");
        unwritten(dir)?;
        Ok(done)
    };
    let (migrate, changed) = (&migrate, &changed);
    let cache = dir.join(".cache");
    let entries = vec![
        Entry::new(WARM, || {
            programs.ask(Tool::Pgkeel, &project, &url(&name)?, &["diff", "migrations", "empty"])?.run()?;
            changed()?;
            migrate(&["migrate", "--name", "phone"])
        }),
        Entry::new(COLD, || {
            fs::remove_dir_all(&cache).ok();
            changed()?;
            migrate(&["migrate", "--name", "phone"])
        }),
        Entry::new(SAME, || {
            fs::write(dir.join("schema.sql"), schema)?;
            programs
                .ask(Tool::Pgkeel, &project, &url(&name)?, &["diff", "migrations", "schema.sql"])?
                .run()?;
            migrate(&["migrate"])
        }),
        Entry::new(LIMIT, || {
            changed()?;
            let copy = server.copy("nothing")?;
            cost(programs.psql(dir, &url(&copy.name)?, &["-1", "-f", "schema.sql"]))
        }),
    ];
    let case = format!("{tables} tables");
    let outcomes = contest::hold(&format!("migrate, {case}"), bench.rounds(1, 3), entries);
    rows(table, &case, &outcomes);
    Ok(())
}

/// Take the new migration away again, for the next run.
fn unwritten(dir: &Path) -> Result<()> {
    for entry in fs::read_dir(dir.join("migrations"))? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with("_phone") {
            fs::remove_dir_all(path)?;
        }
    }
    Ok(())
}

fn rows(table: &mut Table, case: &str, outcomes: &[Outcome<Cost>]) {
    for outcome in outcomes {
        let samples = match &outcome.samples {
            Ok(samples) if !samples.is_empty() => samples,
            Ok(_) => continue,
            Err(why) => {
                table.failed(case, &outcome.name, why);
                continue;
            }
        };
        let median = |value: fn(&Cost) -> f64| spread(samples.iter().map(value)).median;
        let both = median(|cost| (cost.client.cpu + cost.server).as_secs_f64());
        let is_target = outcome.name == WARM;
        table.row([
            case.to_owned(),
            outcome.name.clone(),
            shown(median(|cost| cost.client.cpu.as_secs_f64())),
            shown(median(|cost| cost.server.as_secs_f64())),
            shown(both),
            shown(median(|cost| cost.client.wall.as_secs_f64())),
            shown(median(|cost| cost.client.memory_kb as f64 / 1024.0)),
            if is_target { within(both, MOST, "s") } else { String::new() },
        ]);
    }
}
