//! Who reads and who writes while a restore runs, after it was killed, and what `status` says then.

use std::process::{Child, Stdio};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};

use crate::support::poll;
use crate::support::restored::Place;

fn backed_up() -> Place {
    let place = Place::shop();
    place.run(&["backup"]).exits(0);
    place.sql("UPDATE customers SET name = 'edited'");
    place
}

/// A run that stands at this point.
fn standing(place: &Place, words: &[&str], point: &str) -> Child {
    let flag = place.root().join("fault");
    let mut command = place.command(words);
    command.env("PGKEEL_FAULT", format!("{point}:{}", flag.display()));
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    poll::until(30, point, || flag.exists().then_some(()));
    child
}

fn go_on(place: &Place, child: Child) -> Option<i32> {
    std::fs::remove_file(place.root().join("fault")).unwrap();
    child.wait_with_output().unwrap().status.code()
}

fn write(place: &Place) -> Result<(), diesel::result::Error> {
    place.db.connect().batch_execute("UPDATE customers SET name = 'written' WHERE id = 1")
}

#[track_caller]
fn reads_but_does_not_write(place: &Place) {
    assert_eq!(place.number("SELECT count(*) FROM customers"), 100);
    let refused = write(place).expect_err("writing is stopped");
    assert!(refused.to_string().contains("read-only transaction"), "{refused}");
}

#[test]
fn while_going_back_to_a_backup_readers_go_on_and_writers_are_refused() {
    let place = backed_up();
    let mut before = place.db.connect();
    let child = standing(&place, &["rollback", "--to-backup", "latest", "--yes"], "restore-loaded");
    let ended = sql_query("UPDATE customers SET name = 'late'").execute(&mut before);
    assert!(ended.is_err(), "a session that could write has ended");
    reads_but_does_not_write(&place);
    assert_eq!(go_on(&place, child), Some(0));
    write(&place).unwrap();
    place.run(&["restore", "--undo", "--yes"]).exits(0);
    write(&place).unwrap();
}

#[test]
fn a_restore_lets_others_write_unless_it_is_told_to_stop_them() {
    for (flag, keeps) in [("--yes", true), ("--stop-writing", false)] {
        let place = backed_up();
        let child =
            standing(&place, &["restore", "--yes", flag][..if keeps { 2 } else { 3 }], "restore-loaded");
        assert_eq!(write(&place).is_ok(), keeps, "{flag}");
        assert_eq!(go_on(&place, child), Some(0));
        write(&place).unwrap();
    }
    let place = backed_up();
    let words = ["rollback", "--to-backup", "latest", "--keep-writing", "--yes"];
    let child = standing(&place, &words, "restore-loaded");
    write(&place).unwrap();
    assert_eq!(go_on(&place, child), Some(0));
    assert_eq!(place.number("SELECT count(*) FROM customers WHERE name = 'written'"), 0);
    place.run(&["restore", "--undo", "--yes"]).exits(0);
    assert_eq!(place.number("SELECT count(*) FROM customers WHERE name = 'written'"), 1);
}

#[test]
fn after_a_kill_status_says_that_writing_is_stopped_and_both_ways_out_work() {
    for point in ["restore-stopped", "restore-loaded", "restore-carried", "swap-before-commit"] {
        let place = backed_up();
        let words = ["rollback", "--to-backup", "latest", "--yes"];
        let mut child = standing(&place, &words, point);
        child.kill().unwrap();
        child.wait().unwrap();
        poll::until(20, "its sessions are gone", || {
            let ours = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                        AND application_name LIKE 'pgkeel%'";
            (place.number(ours) == 0).then_some(())
        });
        reads_but_does_not_write(&place);
        let status = place.run(&["status"]);
        status.exits(0);
        assert!(status.stdout.contains("writing is stopped by a restore"), "{point}: {}", status.text());
        let id = place.backups("backups")[0].file_name().unwrap().to_str().unwrap().to_owned();
        let document = place.run(&["status", "--json"]).json();
        assert_eq!(document["writingStopped"], true, "{document}");
        if point == "restore-stopped" {
            assert!(status.stdout.contains("(`pgkeel rollback --to-backup`)"), "{}", status.text());
            let (_, rest) = status.stdout.split_once("`ALTER DATABASE ").unwrap();
            let sql = format!("ALTER DATABASE {}", rest.split('`').next().unwrap());
            let mut elsewhere = PgConnection::establish(&place.url_of("postgres")).unwrap();
            elsewhere.batch_execute(&sql).unwrap();
            write(&place).unwrap();
            assert_eq!(place.run(&["status", "--json"]).json()["writingStopped"], false);
        } else {
            assert!(
                status.stdout.contains(&format!("(`pgkeel rollback --to-backup {id}`)")),
                "{}",
                status.text()
            );
            assert!(document["leftovers"][0]["backup"].as_str().unwrap().starts_with(&id), "{document}");
        }
        place.run(&words).exits(0);
        assert_eq!(place.number("SELECT count(*) FROM customers WHERE name LIKE 'n%'"), 100, "{point}");
        write(&place).unwrap();
        assert_eq!(place.run(&["status", "--json"]).json()["leftovers"], serde_json::json!([]), "{point}");
    }
}

#[test]
fn what_fails_or_is_interrupted_lets_the_others_write_again() {
    let place = backed_up();
    let child = standing(&place, &["rollback", "--to-backup", "latest", "--yes"], "restore-loaded");
    reads_but_does_not_write(&place);
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    assert_eq!(go_on(&place, child), Some(130));
    write(&place).unwrap();
    assert_eq!(place.run(&["status", "--json"]).json()["writingStopped"], false);
}

#[test]
fn a_deploy_into_a_stopped_database_says_what_stops_it() {
    let place = backed_up();
    let mut child = standing(&place, &["rollback", "--to-backup", "latest", "--yes"], "restore-loaded");
    child.kill().unwrap();
    child.wait().unwrap();
    place.migration("20250102000000_tags", "CREATE TABLE tags (id int)", "DROP TABLE tags");
    let ran = place.run(&["deploy", "--lock-wait", "20s"]);
    ran.exits(1);
    assert!(ran.stderr.contains("a restore has stopped the writing in"), "{}", ran.text());
    place.run(&["rollback", "--to-backup", "latest", "--yes"]).exits(0);
    place.run(&["deploy"]).exits(0);
}

#[test]
fn in_place_nothing_is_written_between_the_backup_of_what_is_there_and_the_restore() {
    let place = backed_up();
    let mut before = place.db.connect();
    let backup = place.backups("backups").remove(0);
    let words = ["restore", backup.to_str().unwrap(), "--in-place", "--yes"];
    let child = standing(&place, &words, "restore-loading");
    assert_eq!(place.backups("backups").len(), 2, "what is there was backed up");
    let late = sql_query("INSERT INTO customers (name) VALUES ('late')").execute(&mut before);
    assert!(late.is_err(), "a session that could write has ended");
    reads_but_does_not_write(&place);
    assert_eq!(go_on(&place, child), Some(0));
    write(&place).unwrap();

    // Also where it fails.
    place.sql(
        "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END'; \
         CREATE EVENT TRIGGER no ON sql_drop EXECUTE FUNCTION no()",
    );
    place.run(&words).exits(1);
    write(&place).unwrap();
}
