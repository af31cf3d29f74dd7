//! The stall: an ALTER TABLE arrives while an idle transaction holds the table, and everybody else queues up behind
//! the ALTER. Target: nobody waits longer than the lock timeout and 300 ms.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::{Bench, Group};
use crate::contest::{self, Entry};
use crate::measure::Job;
use crate::project::Project;
use crate::server::{Server, Via, session};
use crate::stats::{shown, spread};
use crate::table::{Table, within};
use crate::tools::Tool;

pub(super) const GROUP: Group =
    Group { name: "locks", about: "ALTER TABLE under load, behind a lock holder", peers: false, run };

const CLIENTS: usize = 4;
const ROWS: u32 = 10_000;

/// Clients that never pause would measure the processor.
const PAUSE: Duration = Duration::from_millis(5);

/// What happens before the ALTER.
const LEAD: Duration = Duration::from_millis(500);

/// A way to run the ALTER.
struct Way {
    name: &'static str,
    run: Alter,
    /// What the longest wait may take, in milliseconds.
    target: Option<f64>,
}

#[derive(Clone, Copy)]
enum Alter {
    No,
    Psql,
    Pgkeel(&'static [&'static str]),
}

const WAYS: [Way; 4] = [
    Way { name: "nobody alters the table", run: Alter::No, target: None },
    Way { name: "psql, no lock timeout", run: Alter::Psql, target: None },
    Way { name: "pgkeel, 500 ms by default", run: Alter::Pgkeel(&["deploy"]), target: Some(800.0) },
    Way {
        name: "pgkeel --lock-timeout 2s",
        run: Alter::Pgkeel(&["deploy", "--lock-timeout", "2s"]),
        target: Some(2300.0),
    },
];

/// What a run showed, in milliseconds.
#[derive(Debug, Clone, Copy)]
struct Stall {
    /// The longest wait of an update.
    longest: f64,
    /// How many updates took longer than 100 ms.
    slow: usize,
    /// From the end of the holder's transaction to the end of the ALTER's program.
    until_done: Option<f64>,
}

fn run(bench: &Bench) -> Result<Table> {
    let Bench { server, programs, .. } = bench;
    let hold = bench.hold.unwrap_or(Duration::from_secs(bench.size(20, 4) as u64));
    let project = Project::new(&bench.place.files("locks")?)?;
    project.migration(1, "ALTER TABLE account ADD note text;\n", "ALTER TABLE account DROP note;\n")?;
    server.template("locks")?;
    server.run(
        "locks",
        &format!(
            "CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL) WITH (fillfactor = 50); \
             INSERT INTO account SELECT id, 0 FROM generate_series(1, {ROWS}) id"
        ),
    )?;
    let mut entries = Vec::new();
    for way in &WAYS {
        let project = &project;
        entries.push(Entry::new(way.name, move || {
            let copy = server.copy("locks")?;
            let url = server.url(server.tcp(), &copy.name)?;
            let alter = match way.run {
                Alter::No => None,
                Alter::Psql => {
                    let job = programs.psql(&project.layout(Tool::Pgkeel), &url, &["-f"]);
                    Some(job.args([project.up(1)]))
                }
                Alter::Pgkeel(words) => Some(programs.ask(Tool::Pgkeel, project, &url, words)?),
            };
            stall(server, &copy.name, hold, alter)
        }));
    }
    let outcomes = contest::hold("locks", bench.rounds(0, 3), entries);

    let case = format!("held for {} s", hold.as_secs());
    let header = [
        "case",
        "the ALTER",
        "longest wait ms (median)",
        "(worst)",
        "updates over 100 ms",
        "release to done ms (median)",
        "target",
    ];
    let mut table = Table::new("locks: stall of other sessions", &header)
        .about(&format!("{CLIENTS} sessions update single rows with pauses of {} ms.", PAUSE.as_millis()))
        .about("The target is for the worst wait of all rounds: lock timeout + 300 ms.");
    for (outcome, way) in outcomes.iter().zip(&WAYS) {
        let samples = match &outcome.samples {
            Ok(samples) => samples,
            Err(why) => {
                table.failed(&case, &outcome.name, why);
                continue;
            }
        };
        let longest = spread(samples.iter().map(|s| s.longest));
        let slow = spread(samples.iter().map(|s| s.slow as f64));
        let done = spread(samples.iter().filter_map(|s| s.until_done));
        table.row([
            case.clone(),
            outcome.name.clone(),
            shown(longest.median),
            shown(longest.max),
            format!("{:.0}", slow.median),
            if done.median.is_nan() { String::new() } else { shown(done.median) },
            way.target.map(|target| within(longest.max, target, " ms")).unwrap_or_default(),
        ]);
    }
    Ok(table)
}

/// One run: load, a holder, the ALTER half a second later, the release.
fn stall(server: &Server, database: &str, hold: Duration, alter: Option<Job>) -> Result<Stall> {
    let url = server.url(Via::Socket, database)?;
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let (url, stop) = (&url, &stop);
        let begin = |number| scope.spawn(move || updates(number, url, stop));
        let clients: Vec<_> = (0..CLIENTS).map(begin).collect();
        // However this ends, the clients must.
        let observed = observe(server, database, hold, alter);
        stop.store(true, Ordering::SeqCst);
        let mut waits = Vec::new();
        for client in clients {
            waits.extend(client.join().expect("a client does not panic")?);
        }
        let (from, to, until_done) = observed?;
        let inside = |wait: &&(Instant, Duration)| wait.0 <= to && wait.0 + wait.1 >= from;
        let waits: Vec<f64> = waits.iter().filter(inside).map(|wait| wait.1.as_secs_f64() * 1e3).collect();
        ensure!(!waits.is_empty(), "no update was seen");
        let slow = waits.iter().filter(|wait| **wait > 100.0).count();
        Ok(Stall { longest: spread(waits.into_iter()).max, slow, until_done })
    })
}

/// Holds the table and lets the ALTER run: from when to when, and how long it took after the release.
fn observe(
    server: &Server,
    database: &str,
    hold: Duration,
    alter: Option<Job>,
) -> Result<(Instant, Instant, Option<f64>)> {
    let mut holder = server.session(database)?;
    thread::sleep(LEAD);
    holder.query("BEGIN; SELECT FROM account LIMIT 1")?;
    thread::scope(|scope| {
        thread::sleep(LEAD);
        let from = Instant::now();
        let running = alter.map(|job| scope.spawn(move || job.run().map(|_| Instant::now())));
        thread::sleep(hold.saturating_sub(LEAD));
        let released = Instant::now();
        holder.query("COMMIT")?;
        let done = running.map(|thread| thread.join().expect("a run does not panic")).transpose()?;
        ensure!(done.is_none_or(|done| done > released), "it was done before the table was free");
        let until_done = done.map(|done| (done - released).as_secs_f64() * 1e3);
        // The queue behind the ALTER moves on.
        thread::sleep(LEAD);
        Ok((from, Instant::now(), until_done))
    })
}

/// Updates one row after the other until it is told to stop; when each began and what it took.
fn updates(number: usize, url: &str, stop: &AtomicBool) -> Result<Vec<(Instant, Duration)>> {
    let mut session = session(url)?;
    let mut waits = Vec::new();
    // Any order will do, and the same one every time.
    let mut id = u32::try_from(number)? * 2503;
    while !stop.load(Ordering::SeqCst) {
        id = (id * 37 + 11) % ROWS;
        let begin = Instant::now();
        session.query(&format!("UPDATE account SET balance = balance + 1 WHERE id = {}", id + 1))?;
        waits.push((begin, begin.elapsed()));
        thread::sleep(PAUSE);
    }
    Ok(waits)
}
