//! Under load, no acknowledged row is lost, there and back.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::sql_types::Integer;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use pgkeel::pg::cluster::Durability;

use crate::support::cluster::{number, variable};
use crate::support::poll;

use super::stage::{ASIDE, Clients, FRESH, Stage, Tally, run};

#[derive(QueryableByName)]
struct Sold {
    #[diesel(sql_type = Integer)]
    client: i32,
    #[diesel(sql_type = Integer)]
    n: i32,
}

/// The rows of both databases together are those that were acknowledged, and at most one per error beside.
#[track_caller]
pub(super) fn nothing_is_lost(stage: &Stage, tally: &Tally) {
    for name in [FRESH, ASIDE] {
        let open = format!("UPDATE pg_database SET datallowconn = true WHERE datname = '{name}'");
        stage.sql(&open);
    }
    let other = if stage.databases().contains(ASIDE) { ASIDE } else { FRESH };
    let sold = |name| {
        sql_query("SELECT client, n FROM sold").load::<Sold>(&mut stage.cluster.connect(name)).unwrap()
    };
    let (live, aside) = (sold("shop"), sold(other));
    let rows = live.len() + aside.len();
    let there: BTreeSet<_> =
        live.iter().chain(&aside).map(|row| (row.client as usize, row.n as usize)).collect();
    assert_eq!(there.len(), rows, "no row is in both");
    let lost: Vec<_> = tally.acknowledged.iter().filter(|row| !there.contains(row)).collect();
    assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
    assert!(rows <= tally.acknowledged.len() + tally.errors.len(), "{rows} rows, {tally:?}");
}

#[test]
fn clients_lose_no_acknowledged_row_while_two_databases_swap_there_and_back() {
    // With all that a commit and a busy server cost.
    let stage = Stage::with(|spec| spec.durability = Durability::Persistent);
    let clients = Clients::start(8, &stage.cluster.running.url("shop"));
    let mut bench = pgbench(&stage);
    let rounds = if variable("PGKEEL_LONG").is_some() { 10 } else { 2 };
    let (mut gaps, mut ended) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        for what in [stage.there(), stage.back()] {
            let sells = |stage: &Stage| {
                number(&mut stage.cluster.connect("shop"), "SELECT count(*) AS value FROM sold")
            };
            let before = sells(&stage);
            poll::until(20, "the clients sell", || (sells(&stage) > before + 50).then_some(()));
            let (done, events) = run(&what);
            let done = done.unwrap();
            assert!(done.gap < Duration::from_secs(5), "{done:?}");
            assert!(events.is_empty() || done.attempts > 1, "{events:?}");
            gaps.push(done.gap);
            ended.push(done.terminated);
        }
    }
    let tally = clients.stop();
    if let Some(bench) = &mut bench {
        bench.kill().ok();
        bench.wait().unwrap();
    }
    let there = if bench.is_some() { 16 } else { 8 };
    assert!(ended[0] >= there, "so many sessions were ended: {ended:?}");
    assert!(!tally.errors.is_empty());
    assert!(tally.longest_gap < Duration::from_secs(5), "{:?}", tally.longest_gap);
    gaps.sort();
    eprintln!(
        "gaps p50 {:?} max {:?}, clients saw {:?}; {} rows, {} errors, sessions ended: {ended:?}",
        gaps[gaps.len() / 2],
        gaps[gaps.len() - 1],
        tally.longest_gap,
        tally.acknowledged.len(),
        tally.errors.len()
    );
    assert_eq!(stage.databases(), format!("shop, {FRESH} closed put aside"));
    nothing_is_lost(&stage, &tally);
}

/// More load beside, where the server's programs come with pgbench. Its clients do not connect again: it ends with the
/// first swap.
fn pgbench(stage: &Stage) -> Option<std::process::Child> {
    // The folder may hold links to the server's programs alone.
    let server = stage.cluster.running.bin_dir().join("postgres").canonicalize().unwrap();
    let program = server.with_file_name("pgbench");
    if !program.exists() {
        return None;
    }
    stage.cluster.connect("shop").batch_execute("CREATE TABLE bench (n int)").unwrap();
    let script = stage.cluster.running.socket_dir().join("bench.sql");
    std::fs::write(&script, "INSERT INTO bench VALUES (:client_id);\n\\sleep 5 ms\n").unwrap();
    #[expect(clippy::disallowed_methods, reason = "a program of the server's; its argv holds no secret")]
    let mut command = Command::new(program);
    command.args(["--no-vacuum", "--client=8", "--time=60", "--file"]).arg(script);
    command.arg(stage.cluster.running.url("shop"));
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut shop = stage.cluster.connect("shop");
    poll::until(20, "pgbench works", || {
        (number(&mut shop, "SELECT count(*) AS value FROM bench") > 50).then_some(())
    });
    Some(child)
}

#[test]
fn the_name_goes_to_the_new_database_and_comments_and_doors_go_with_it() {
    let stage = Stage::new();
    assert_eq!(stage.databases(), format!("shop the old one, {FRESH}"));
    run(&stage.there()).0.unwrap();
    assert_eq!(stage.databases(), format!("{ASIDE} closed put aside, shop the new one"));
    run(&stage.back()).0.unwrap();
    assert_eq!(stage.databases(), format!("shop, {FRESH} closed put aside"));
}

#[test]
fn where_nobody_has_the_name_the_new_database_takes_it() {
    let stage = Stage::new();
    stage.sql("DROP DATABASE shop");
    let done = run(&stage.there()).0.unwrap();
    assert_eq!((done.terminated, done.attempts), (0, 1));
    assert_eq!(stage.databases(), "shop the new one");
}
