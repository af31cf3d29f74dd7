//! A restore is put in the place of the database while eight clients write. Target: nobody waits longer than 250 ms, and
//! no acknowledged write is lost.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::{Bench, Group};
use crate::contest::{self, Entry};
use crate::project::Project;
use crate::server::{Server, Via, session};
use crate::stats::{shown, spread};
use crate::table::{Table, within};
use crate::tools::Tool;

pub(super) const GROUP: Group =
    Group { name: "swap", about: "a restore is swapped in under eight writing clients", peers: false, run };

const CLIENTS: usize = 8;

/// Clients that never pause would measure the processor.
const PAUSE: Duration = Duration::from_millis(2);

/// A client that was thrown out comes back so soon.
const AGAIN: Duration = Duration::from_millis(1);

/// What one swap showed.
#[derive(Debug, Clone, Copy)]
struct Gap {
    /// The longest time, in milliseconds, in which no client had an answer.
    nobody: f64,
    /// The longest time in which one client had none.
    longest: f64,
    acknowledged: usize,
}

fn run(bench: &Bench) -> Result<Table> {
    let Bench { server, programs, .. } = bench;
    let project = Project::new(&bench.place.files("swap")?)?;
    let dir = project.layout(Tool::Pgkeel);
    fs::write(dir.join("pgkeel.toml"), "")?;
    server.template("swap")?;
    server.run("swap", "CREATE TABLE written (client int, n int, PRIMARY KEY (client, n))")?;
    let entry = Entry::new("pgkeel restore", || {
        let copy = server.copy("swap")?;
        let url = server.url(server.tcp(), &copy.name)?;
        programs.ask(Tool::Pgkeel, &project, &url, &["backup", "--label", "swap"])?.run()?;
        let job = programs.ask(Tool::Pgkeel, &project, &url, &["restore", "latest", "--yes"])?;
        let gap = under_load(server, &copy.name, || job.run().map(drop));
        fs::remove_dir_all(dir.join("backups"))?;
        let gap = gap?;
        let kept = kept(server, &copy.name)?;
        ensure!(
            kept >= gap.acknowledged,
            "{kept} rows are there of {} that were acknowledged",
            gap.acknowledged
        );
        Ok(gap)
    });
    let outcomes = contest::hold("swap", bench.rounds(0, 10), vec![entry]);
    let header = [
        "case",
        "tool",
        "nobody answered ms (median)",
        "(worst)",
        "one client ms (median)",
        "(worst)",
        "target",
    ];
    let mut table = Table::new("swap: a restore takes the place of the database", &header).about(&format!(
        "{CLIENTS} clients insert with pauses of {} ms and come back when they are thrown out; every acknowledged row is in \
         the live database or the quarantined one.",
        PAUSE.as_millis()
    ));
    for outcome in &outcomes {
        let case = format!("{CLIENTS} clients");
        match &outcome.samples {
            Err(why) => table.failed(&case, &outcome.name, why),
            Ok(samples) => {
                let nobody = spread(samples.iter().map(|gap| gap.nobody));
                let longest = spread(samples.iter().map(|gap| gap.longest));
                table.row([
                    case,
                    outcome.name.clone(),
                    shown(nobody.median),
                    shown(nobody.max),
                    shown(longest.median),
                    shown(longest.max),
                    within(longest.max, 250.0, " ms"),
                ]);
            }
        }
    }
    Ok(table)
}

fn under_load(server: &Server, database: &str, work: impl FnOnce() -> Result<()>) -> Result<Gap> {
    let url = server.url(Via::Socket, database)?;
    let stop = AtomicBool::new(false);
    let answers = thread::scope(|scope| {
        let (url, stop) = (&url, &stop);
        let clients: Vec<_> =
            (0..CLIENTS).map(|number| scope.spawn(move || insert(number, url, stop))).collect();
        thread::sleep(Duration::from_millis(300));
        let worked = work();
        thread::sleep(Duration::from_millis(300));
        stop.store(true, Ordering::SeqCst);
        let answers: Vec<_> =
            clients.into_iter().map(|client| client.join().expect("a client does not panic")).collect();
        worked.map(|()| answers)
    })?;
    let gap = |times: &[Instant]| {
        times.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64() * 1e3).fold(0.0, f64::max)
    };
    let mut all: Vec<Instant> = answers.iter().flatten().copied().collect();
    all.sort();
    Ok(Gap {
        nobody: gap(&all),
        longest: answers.iter().map(|times| gap(times)).fold(0.0, f64::max),
        acknowledged: all.len(),
    })
}

/// Inserts until it is told to stop, through every lost connection; when each row was acknowledged.
fn insert(number: usize, url: &str, stop: &AtomicBool) -> Vec<Instant> {
    let (mut acknowledged, mut n) = (Vec::new(), 0);
    while !stop.load(Ordering::SeqCst) {
        let Ok(mut session) = session(url) else {
            thread::sleep(AGAIN);
            continue;
        };
        while !stop.load(Ordering::SeqCst) {
            n += 1;
            if session.query(&format!("INSERT INTO written VALUES ({number}, {n})")).is_err() {
                break;
            }
            acknowledged.push(Instant::now());
            thread::sleep(PAUSE);
        }
    }
    acknowledged
}

/// Rows in the live database and the quarantined one together, which is then dropped.
fn kept(server: &Server, live: &str) -> Result<usize> {
    let mut admin = server.session("postgres")?;
    let aside =
        admin.query(&format!("SELECT datname FROM pg_database WHERE datname LIKE '{live}\\_\\_q%'"))?;
    let aside: Vec<String> = aside
        .last()
        .map_or_else(Vec::new, |rows| rows.rows.iter().filter_map(|row| row[0].clone()).collect());
    let count = |database: &str| -> Result<usize> {
        let found = server.session(database)?.query_value("SELECT count(*) FROM written")?;
        Ok(found.unwrap_or_default().parse()?)
    };
    let mut rows = count(live)?;
    for name in aside {
        admin.query(&format!("ALTER DATABASE \"{name}\" ALLOW_CONNECTIONS true"))?;
        rows += count(&name)?;
        admin.query(&format!("DROP DATABASE \"{name}\" WITH (FORCE)"))?;
    }
    Ok(rows)
}
