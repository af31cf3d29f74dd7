//! The network breaks: the run says what it knows, the next one knows more, says so and finishes.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::relay::Relay;
use super::shop::{LARGE, PLAIN, STEPS, Shop, Size, ended};

/// A project whose database is behind a relay.
fn relayed(size: Size) -> (Shop, Relay) {
    let mut shop = Shop::new(size);
    let address = shop.project.db.tcp_address().to_owned();
    let relay = Relay::to(&address);
    let url = shop.project.db.tcp_url.replace(&address, &relay.address);
    shop.project.connect_to(&url);
    (shop, relay)
}

/// Around the relay again.
fn mend(shop: &mut Shop) {
    let url = shop.project.db.url.clone();
    shop.project.connect_to(&url);
}

const KNOWS: &str =
    "was killed, or lost its connection; what it had finished stands, and this run goes on from there";

#[test]
fn a_connection_that_breaks_is_told_and_the_next_run_finishes() {
    let begin = |point: &'static str| {
        let size = if point == "mid-script" { Size::Large } else { Size::Small };
        let (shop, relay) = relayed(size);
        let child = shop.start_to(point);
        (point, shop, relay, child)
    };
    let points =
        ["after-lock", "mid-script", "after-commit", "after-statement:2", "after-record:3", "before-ledger"];
    let all = points.map(begin);
    for (point, shop, relay, _) in &all {
        shop.stands(point);
        relay.cut();
        std::fs::remove_file(shop.flag()).unwrap();
    }
    for (point, mut shop, _, child) in all {
        let (code, stdout, stderr) = ended(child);
        assert!(matches!(code, Some(1 | 8)), "{point}: {code:?} {stdout}{stderr}");
        assert!(stderr.contains("error: ") && stderr.contains("next: "), "{point}: {stderr}");
        mend(&mut shop);
        let next = shop.recovers(point);
        // After `after-lock` nothing had begun.
        assert_eq!(next.stderr.contains(KNOWS), point != "after-lock", "{point}: {}", next.stderr);
    }
}

#[test]
fn an_error_is_not_kept_back_until_a_server_that_is_gone_comes_again() {
    let (shop, relay) = relayed(Size::Small);
    let child = shop.start_to("before-ledger");
    shop.stands("before-ledger");
    relay.cut();
    let begin = Instant::now();
    std::fs::remove_file(shop.flag()).unwrap();
    let (code, stdout, stderr) = ended(child);
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    // The pool's own patience is ten seconds.
    assert!(begin.elapsed() < Duration::from_secs(8), "{:?}", begin.elapsed());
}

#[test]
fn the_lost_answer_to_a_commit_is_told_as_such_and_nothing_runs_twice() {
    for (version, text) in [(PLAIN, "VALUES ('plain')"), (LARGE, "SET CONSTRAINTS ALL IMMEDIATE")] {
        let (mut shop, relay) = relayed(Size::Large);
        if version == LARGE {
            // The messages of the others end alike: they go first.
            mend(&mut shop);
            shop.project.run(&["deploy", "--to", STEPS]).exits(0);
            let url = shop.project.db.tcp_url.replace(shop.project.db.tcp_address(), &relay.address);
            shop.project.connect_to(&url);
        }
        relay.swallow_the_answer_to(text);
        let deploy = shop.project.command(&["deploy"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let (code, stdout, stderr) = ended(deploy.unwrap());
        assert!(relay.is_cut(), "{text}: {stdout}{stderr}");
        assert_eq!(code, Some(1), "{text}: {stdout}{stderr}");
        assert!(
            stderr
                .contains("the answer never came; `pgkeel status` tells whether this migration came through"),
            "{text}: {stderr}"
        );
        mend(&mut shop);
        let applied = format!("SELECT count(*) FROM __diesel_schema_migrations WHERE version = '{version}'");
        shop.forgets(text);
        assert_eq!(shop.number(&applied), 1, "{text}");
        let next = shop.recovers(text);
        assert!(next.stderr.contains(KNOWS), "{text}: {}", next.stderr);
    }
}
