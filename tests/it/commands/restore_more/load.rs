//! Others write all the time: while a backup is taken, and while a restored database is swapped in.

use std::collections::BTreeSet;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::sql_types::Integer;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use pgkeel::pg::tools::{Tools, Wanted};

use crate::support::clients::{Clients, Tally};
use crate::support::cluster::{search, variable};
use crate::support::poll;
use crate::support::restored::Place;

/// What a client does that is never done: into several tables, one of them partitioned, with a sequence of its own.
const WORK: &str = "INSERT INTO orders (day, n) SELECT n % 4, n FROM generate_series(1, 20) n; \
     UPDATE orders SET n = n + 1 WHERE id % 7 = 0; DELETE FROM orders WHERE id % 5 = 0; \
     UPDATE orders SET day = (day + 1) % 4 WHERE id % 11 = 0; \
     INSERT INTO notes VALUES (nextval('loose'), 'note'); DELETE FROM notes WHERE id % 3 = 0; \
     UPDATE balance SET amount = amount + 1";

fn orders() -> Place {
    let place = Place::new();
    place.sql(
        "CREATE TABLE orders (id bigserial, day int, n int) PARTITION BY LIST (day); \
         CREATE TABLE orders_0 PARTITION OF orders FOR VALUES IN (0); CREATE TABLE orders_1 PARTITION OF orders FOR VALUES IN (1); \
         CREATE TABLE orders_rest PARTITION OF orders DEFAULT; \
         CREATE TABLE notes (id bigint, note text); CREATE SEQUENCE loose CACHE 10; \
         CREATE TABLE balance (amount int); INSERT INTO balance VALUES (0)",
    );
    place
}

/// Stops those who write, however the test ends.
struct Stopping<'a>(&'a AtomicBool);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_backup_under_writing_holds_what_its_manifest_says() {
    let place = orders();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _stopping = Stopping(&stop);
        for _ in 0..2 {
            scope.spawn(|| {
                let mut session = place.db.connect();
                while !stop.load(Ordering::Relaxed) {
                    // A row that another has moved to another partition cannot be updated: as in life.
                    session.batch_execute(WORK).ok();
                }
            });
        }
        poll::until(20, "work", || (place.number("SELECT amount FROM balance") > 20).then_some(()));
        for round in 0..3 {
            let label = format!("round-{round}");
            place.run(&["backup", "--label", &label]).exits(0);
            place.run(&["backup", "verify", &label, "--level", "3"]).exits(0);
        }
    });
    for backup in place.backups("backups") {
        let manifest: serde_json::Value =
            serde_json::from_slice(&std::fs::read(backup.join("manifest.json")).unwrap()).unwrap();
        let copy = format!("{}_copy", place.db.name);
        place.run(&["restore", backup.to_str().unwrap(), "--into", &copy]).exits(0);
        for table in manifest["tables"].as_array().unwrap() {
            let name = table["name"].as_str().unwrap();
            let rows = place.number_in(&copy, &format!("SELECT count(*) FROM ONLY {name}"));
            assert_eq!(Some(rows), table["rows"].as_i64(), "{name}");
        }
        let last =
            manifest["sequences"].as_array().unwrap().iter().find(|one| one["name"] == "loose").unwrap();
        assert_eq!(Some(place.number_in(&copy, "SELECT last_value FROM loose")), last["lastValue"].as_i64());
        place.sql(&format!("DROP DATABASE {copy}"));
    }
}

#[derive(QueryableByName)]
struct Sold {
    #[diesel(sql_type = Integer)]
    client: i32,
    #[diesel(sql_type = Integer)]
    n: i32,
}

/// What was acknowledged is in the live database or in one that was put aside.
#[track_caller]
fn nothing_is_lost(place: &Place, tally: &Tally) {
    let mut there = BTreeSet::new();
    for name in place.beside().iter().chain([&place.db.name]) {
        place.sql(&format!("UPDATE pg_database SET datallowconn = true WHERE datname = '{name}'"));
        let mut session = PgConnection::establish(&place.url_of(name)).unwrap();
        let rows = sql_query("SELECT client, n FROM sold").load::<Sold>(&mut session).unwrap();
        there.extend(rows.into_iter().map(|row| (row.client as usize, row.n as usize)));
    }
    let lost: Vec<_> = tally.acknowledged.iter().filter(|row| !there.contains(row)).collect();
    assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
    assert!(there.len() <= tally.acknowledged.len() + tally.errors.len());
}

/// More load beside, where pgbench is found; it ends with the swap, as its clients do not connect again.
fn pgbench(place: &Place) -> Option<Child> {
    let program = Tools::find(&search(), "pgbench", Wanted::Any).ok()?;
    place.file("bench.sql", "INSERT INTO bench VALUES (:client_id);\n\\sleep 5 ms\n");
    place.sql("CREATE TABLE bench (n int)");
    let mut command = program.command();
    command.args(["--no-vacuum", "--client=8", "--time=120", "--file"]).arg(place.root().join("bench.sql"));
    command.arg(&place.db.url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn().unwrap();
    poll::until(20, "pgbench works", || (place.number("SELECT count(*) FROM bench") > 50).then_some(()));
    Some(child)
}

#[test]
fn a_restore_under_load_loses_no_acknowledged_row() {
    let rounds = if variable("PGKEEL_LONG").is_some() { 10 } else { 2 };
    let place = Place::new();
    place.file("pgkeel.toml", "");
    place.sql("CREATE TABLE sold (client int, n int, PRIMARY KEY (client, n))");
    let clients = Clients::start(8, &place.db.url);
    let mut gaps = Vec::new();
    let mut benched = false;
    for _ in 0..rounds {
        let rows = || place.number("SELECT count(*) FROM sold");
        let before = rows();
        poll::until(30, "the clients sell", || (rows() > before + 100).then_some(()));
        place.run(&["backup"]).exits(0);
        place.sql("DROP TABLE IF EXISTS bench");
        let bench = pgbench(&place);
        let ran = place.run(&["restore", "latest", "--yes", "--json"]);
        ran.exits(0);
        let report = ran.json();
        let there = if bench.is_some() { 16 } else { 8 };
        assert!(report["sessionsEnded"].as_u64().unwrap() >= there, "{report}");
        gaps.push(report["gapMs"].as_u64().unwrap());
        if let Some(mut bench) = bench {
            benched = true;
            assert!(!bench.wait().unwrap().success(), "its sessions were ended");
        }
    }
    let tally = clients.stop();
    eprintln!(
        "{rounds} restores, pgbench {}: gaps {gaps:?} ms, clients saw {:?}; {} rows acknowledged, {} errors",
        if benched { "beside" } else { "not found" },
        tally.longest_gap,
        tally.acknowledged.len(),
        tally.errors.len()
    );
    assert!(tally.longest_gap < Duration::from_secs(10), "{:?}", tally.longest_gap);
    nothing_is_lost(&place, &tally);
    place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
}
