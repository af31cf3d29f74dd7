//! The tests' own server: a database per test, and nothing left behind.

use std::fs;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use nix::sys::signal::kill;
use nix::unistd::Pid;

use crate::support::cluster::{self, TestDb, number, words};
use crate::support::helper::{self, Role};
use crate::support::poll;

#[test]
fn every_test_has_a_database_of_its_own_by_socket_and_by_tcp() {
    let (one, other) = (TestDb::new(), TestDb::new());
    one.connect().batch_execute("CREATE TABLE mine (id int)").unwrap();
    let here = "SELECT count(*) AS value FROM pg_tables WHERE tablename = 'mine'";
    assert_eq!(number(&mut one.connect(), here), 1);
    assert_eq!(number(&mut other.connect(), here), 0);
    let mut tcp = PgConnection::establish(&one.tcp_url).unwrap();
    assert_eq!(words(&mut tcp, "SELECT current_database()::text AS value"), one.name);
}

#[test]
fn a_database_is_dropped_with_its_test_even_when_somebody_is_connected() {
    let (gone, watcher) = (TestDb::new(), TestDb::new());
    let (name, _session) = (gone.name.clone(), gone.connect());
    drop(gone);
    let there = format!("SELECT count(*) AS value FROM pg_database WHERE datname = '{name}'");
    assert_eq!(number(&mut watcher.connect(), &there), 0);
}

#[test]
fn a_killed_test_run_leaves_no_server_and_no_data_behind() {
    let base = cluster::base_named(&cluster::unique("pgkeel-kill"));
    let mut holder = helper::spawn(Role::Holder, &base);
    let server = poll::until(60, "a server starts", || fs::read_to_string(base.join("held")).ok());
    let server = Pid::from_raw(server.parse().unwrap());
    assert!(kill(server, None).is_ok(), "the server runs");
    let data = base.join("clusters/shared");
    assert!(data.exists());

    holder.kill().unwrap();
    holder.wait().unwrap();

    poll::until(30, "the server ends", || kill(server, None).is_err().then_some(()));
    poll::until(30, "the data goes", || (!data.exists()).then_some(()));
    fs::remove_dir_all(base).unwrap();
}
