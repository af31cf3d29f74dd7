//! DATABASE_URL is PgBouncer and DIRECT_URL the server, as most hosts have it.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use crate::support::bouncer::Bouncer;
use crate::support::clients::Clients;
use crate::support::poll;
use crate::support::project::Project;
use crate::support::restored::Place;

/// A shop behind a pooler in this mode, with a table for the clients; and whether pgkeel knows the pooler's console.
fn pooled(mode: &str, knows_console: bool) -> (Place, Bouncer) {
    let project = Project::new();
    let bouncer = Bouncer::start(mode, &project.db);
    let (url, direct) = (bouncer.url(&project.db), project.db.tcp_url.clone());
    let mut project = project.url(&url).env("DIRECT_URL", &direct);
    if knows_console {
        project = project.env("PGBOUNCER_ADMIN_URL", &bouncer.url_of("pgbouncer"));
    }
    let place = Place(project);
    place.file("pgkeel.toml", "");
    place.migration(
        "20250101000000_shop",
        "CREATE TABLE sold (client int, n int, PRIMARY KEY (client, n));",
        "DROP TABLE sold;",
    );
    place.run(&["deploy"]).exits(0);
    (place, bouncer)
}

fn sells(place: &Place) {
    let rows = || place.number("SELECT count(*) FROM sold");
    let before = rows();
    poll::until(30, "the clients sell", || (rows() > before + 50).then_some(()));
}

#[test]
fn with_its_console_no_client_of_a_pooler_sees_an_error() {
    let (place, bouncer) = pooled("transaction", true);
    let clients = Clients::start(8, &bouncer.url(&place.db));
    sells(&place);
    place.run(&["backup"]).exits(0);
    sells(&place);
    for arguments in [&["restore", "latest", "--yes"][..], &["restore", "--undo", "--yes"]] {
        let ran = place.run(arguments);
        ran.exits(0);
        assert!(!ran.stderr.contains("server_login_retry"), "{}", ran.text());
        sells(&place);
    }
    let tally = clients.stop();
    eprintln!("behind a paused pooler, clients saw {:?} between two rows", tally.longest_gap);
    assert_eq!(tally.errors, Vec::<String>::new());
    place.run(&["status"]).exits(0);
}

#[test]
fn without_its_console_the_swap_works_and_the_wait_of_its_clients_is_told() {
    let (place, bouncer) = pooled("transaction", false);
    let clients = Clients::start(4, &bouncer.url(&place.db));
    sells(&place);
    place.run(&["backup"]).exits(0);
    let ran = place.run(&["restore", "latest", "--yes"]);
    ran.exits(0);
    assert!(ran.stderr.contains("server_login_retry"), "{}", ran.text());
    assert!(ran.stderr.contains("PGBOUNCER_ADMIN_URL"), "{}", ran.text());
    sells(&place);
    clients.stop();
    let ran = place.run(&["rollback", "--to-backup", "latest", "--yes"]);
    assert!([0].contains(&ran.code), "{}", ran.text());
}

#[test]
fn a_pool_that_cannot_be_paused_changes_nothing() {
    let (place, bouncer) = pooled("session", true);
    place.run(&["backup"]).exits(0);
    place.sql("INSERT INTO sold VALUES (0, 0)");
    let mut keeps = PgConnection::establish(&bouncer.url(&place.db)).unwrap();
    keeps.batch_execute("INSERT INTO sold VALUES (1, 1)").unwrap();
    let begin = Instant::now();
    let ran = place.run(&["restore", "latest", "--yes"]);
    ran.exits(1);
    assert!(ran.stderr.contains("PgBouncer could not pause its pool"), "{}", ran.text());
    assert!(ran.stderr.contains("the live database is as it was"), "{}", ran.text());
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
    keeps.batch_execute("INSERT INTO sold VALUES (1, 2)").unwrap();
    assert_eq!(place.number("SELECT count(*) FROM sold"), 3);
    drop(keeps);
    place.run(&["restore", "latest", "--yes"]).exits(0);
    assert_eq!(place.number("SELECT count(*) FROM sold"), 0);
    place.run(&["status"]).exits(0);
}
