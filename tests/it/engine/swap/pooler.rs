//! PgBouncer is paused around a swap, and resumed whatever happens.

use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use pgkeel::engine::Event;
use pgkeel::engine::swap::{Swap, SwapError};
use pgkeel::pg::bouncer::Console;
use pgkeel::pg::connect::ConnectOptions;
use pgkeel::pg::error::PgError;
use pgkeel::pg::interrupt::Interrupt;
use pgkeel::pg::url::DatabaseUrl;

use crate::support::bouncer::Bouncer;
use crate::support::poll;

use super::load::nothing_is_lost;
use super::stage::{ASIDE, Clients, FRESH, Stage, run};

fn before(stage: &Stage, mode: &str) -> (Bouncer, DatabaseUrl) {
    let bouncer = Bouncer::before(mode, &stage.cluster.running.tcp_url("shop").unwrap());
    // Without its database: it is always the same.
    let console = DatabaseUrl::parse(&bouncer.url_of("")).unwrap();
    (bouncer, console)
}

fn console(url: &DatabaseUrl) -> Console {
    Console::connect(url, &ConnectOptions::default()).unwrap()
}

fn paused(url: &DatabaseUrl) -> Vec<(String, bool)> {
    console(url).pools_of("shop").unwrap().into_iter().map(|pool| (pool.name, pool.paused)).collect()
}

#[test]
fn through_a_pooler_by_transaction_no_client_sees_an_error() {
    let stage = Stage::new();
    let (bouncer, console) = before(&stage, "transaction");
    let clients = Clients::start(8, &bouncer.url_of("shop"));
    let mut gaps = Vec::new();
    for what in [stage.there(), stage.back(), stage.there()] {
        let sells = || {
            let sql = "SELECT count(*) AS value FROM sold";
            crate::support::cluster::number(&mut stage.cluster.connect("shop"), sql)
        };
        let before = sells();
        poll::until(20, "the clients sell", || (sells() > before + 50).then_some(()));
        let (done, events) = run(&Swap { bouncer: Some(&console), ..what });
        gaps.push(done.unwrap().gap);
        assert_eq!(events, []);
    }
    let tally = clients.stop();
    eprintln!("gaps behind a paused pooler: {gaps:?}, clients saw {:?}", tally.longest_gap);
    assert_eq!(tally.errors, Vec::<String>::new());
    assert_eq!(paused(&console), [("shop".to_owned(), false)]);
    assert_eq!(stage.databases(), format!("{ASIDE} closed put aside, shop the new one"));
    nothing_is_lost(&stage, &tally);
}

#[test]
fn a_pool_that_cannot_be_paused_leaves_everything_as_it_was() {
    let stage = Stage::new();
    let (bouncer, console) = before(&stage, "session");
    let before = stage.databases();
    let mut keeps = PgConnection::establish(&bouncer.url_of("shop")).unwrap();
    keeps.batch_execute("INSERT INTO sold VALUES (1, 1)").unwrap();
    let begin = Instant::now();
    let (done, events) = run(&Swap { bouncer: Some(&console), ..stage.there() });
    let error = done.unwrap_err();
    assert!(
        matches!(&error, SwapError::Bouncer { pool: Some(pool), source: PgError::Abandoned, .. } if pool == "shop"),
        "{error}"
    );
    assert!(error.to_string().contains("could not pause its pool `shop` within 5 s"), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(9), "{:?}", begin.elapsed());
    assert_eq!((stage.databases(), events), (before, vec![]));
    assert_eq!(paused(&console), [("shop".to_owned(), false)]);
    keeps.batch_execute("INSERT INTO sold VALUES (1, 2)").unwrap();
    drop(keeps);
    run(&Swap { bouncer: Some(&console), ..stage.there() }).0.unwrap();
}

#[test]
fn ctrl_c_while_a_pool_is_being_paused_resumes_it() {
    let stage = Stage::new();
    let (bouncer, console) = before(&stage, "transaction");
    let before = stage.databases();
    let mut busy = PgConnection::establish(&bouncer.url_of("shop")).unwrap();
    busy.batch_execute("BEGIN; INSERT INTO sold VALUES (1, 1)").unwrap();
    let done = thread::scope(|scope| {
        let swap = scope.spawn(|| run(&Swap { bouncer: Some(&console), ..stage.there() }).0);
        poll::until(5, "the pool is paused", || {
            (paused(&console) == [("shop".to_owned(), true)]).then_some(())
        });
        stage.opening.interrupt.raise();
        swap.join().unwrap()
    });
    assert!(matches!(done, Err(SwapError::Pg(PgError::Interrupted))), "{done:?}");
    assert_eq!(paused(&console), [("shop".to_owned(), false)]);
    assert_eq!(stage.databases(), before);
    busy.batch_execute("COMMIT").unwrap();
}

#[test]
fn what_a_killed_run_left_paused_is_resumed_by_the_next_one() {
    let stage = Stage::new();
    let (bouncer, url) = before(&stage, "transaction");
    // A pool comes to be with its first client.
    PgConnection::establish(&bouncer.url_of("shop")).unwrap();
    console(&url).pause("shop", Duration::from_secs(5), &Interrupt::default()).unwrap();
    assert_eq!(paused(&url), [("shop".to_owned(), true)]);
    let (done, events) = run(&Swap { bouncer: Some(&url), ..stage.there() });
    done.unwrap();
    assert_eq!(events, []);
    assert_eq!(paused(&url), [("shop".to_owned(), false)]);
    PgConnection::establish(&bouncer.url_of("shop")).unwrap();
}

#[test]
fn a_pooler_that_knows_nothing_of_the_database_or_does_not_answer_is_told() {
    let stage = Stage::new();
    let (bouncer, url) = before(&stage, "transaction");
    let (done, events) = run(&Swap { bouncer: Some(&url), ..stage.there() });
    done.unwrap();
    assert!(matches!(events[..], [Event::Cannot { what }] if what.contains("no pool")), "{events:?}");
    drop(bouncer);
    let before = stage.databases();
    let error = run(&Swap { bouncer: Some(&url), ..stage.back() }).0.unwrap_err();
    assert!(error.to_string().starts_with("PgBouncer's admin console: cannot connect to"), "{error}");
    assert_eq!(stage.databases(), before);
    assert!(before.contains(ASIDE) && !before.contains(FRESH));
}
