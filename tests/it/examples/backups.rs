//! The five systems with their seeds, backed up and brought back: what pg_dump says of the schema and of every row is the
//! same before and after, and the way back to a backup makes later migrations pending again.

use super::{CONTEXTKEEPER, DEVMETRICS, Example, KEYFLASH, PROMPTSTASH, VIRAL_DASHBOARD};
use crate::support::restored::{Place, key};

/// In which form a backup is taken.
const FORMS: [(&str, &[&str]); 2] = [("folder", &[]), ("plain", &["--plain"])];

#[test]
fn promptstash_is_backed_up_and_brought_back() {
    there_and_back(&PROMPTSTASH, "\"User\"", false);
}

#[test]
fn contextkeeper_is_backed_up_and_brought_back() {
    there_and_back(&CONTEXTKEEPER, "users", false);
}

#[test]
fn devmetrics_is_backed_up_and_brought_back() {
    there_and_back(&DEVMETRICS, "users", true);
}

#[test]
fn viral_dashboard_is_backed_up_and_brought_back() {
    there_and_back(&VIRAL_DASHBOARD, "users", false);
}

pub(super) fn keyflash_is_backed_up_and_brought_back() {
    there_and_back(&KEYFLASH, "users", false);
}

fn there_and_back(example: &Example, damaged: &str, sealed: bool) {
    let place = Place(example.seeded());
    let before = user_text(&place.contents(&place.db.name));
    for (label, flags) in FORMS {
        place.run(&[&["backup", "--label", label], flags].concat()).exits(0);
    }
    place.run(&["backup", "verify", "folder", "--level", "3"]).exits(0);
    let identity: &[&str] = if sealed { &["--identity", "key.txt"] } else { &[] };
    if sealed {
        let public = key(&place);
        place.run(&["backup", "--label", "sealed", "--encrypt-to", &public]).exits(0);
        place.run(&[&["backup", "verify", "sealed", "--level", "3"], identity].concat()).exits(0);
    }

    let copy = format!("{}_copy", place.db.name);
    place.run(&["restore", "folder", "--into", &copy]).exits(0);
    same(&user_text(&place.contents(&copy)), &before);

    place.sql(&format!("DROP TABLE {damaged} CASCADE"));
    let which = if sealed { "sealed" } else { "plain" };
    place.run(&[&["restore", which, "--yes"], identity].concat()).exits(0);
    same(&user_text(&place.contents(&place.db.name)), &before);
    place.run(&["status"]).exits(0);

    place.migration("29990101000000_later", "CREATE TABLE later (id int);", "DROP TABLE later;");
    place.run(&["deploy"]).exits(0);
    place.run(&["rollback", "--to-backup", "folder", "--yes"]).exits(0);
    let status = place.run(&["status", "--json"]);
    status.exits(4);
    let migrations = status.json()["migrations"].as_array().unwrap().clone();
    let pending: Vec<_> = migrations.iter().filter(|one| one["state"] == "pending").collect();
    assert_eq!((pending.len(), pending[0]["version"].as_str()), (1, Some("29990101000000")));
    same(&user_text(&place.contents(&place.db.name)), &before);
    place.run(&["deploy"]).exits(0);
    place.run(&["status"]).exits(0);
    assert_eq!(place.number("SELECT count(*) FROM later"), 0);
}

/// The dump without our own records, which say what was done meanwhile.
fn user_text(dump: &str) -> String {
    let mut text = String::new();
    let mut ours = false;
    for line in dump.lines() {
        if line.starts_with("COPY ") {
            ours = line.starts_with("COPY pgkeel.");
        }
        if let Some(about) = line.strip_prefix("-- ").filter(|line| line.contains("; Type: ")) {
            ours = about.contains("Schema: pgkeel;");
        }
        if !ours {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[track_caller]
fn same(found: &str, wanted: &str) {
    for (found, wanted) in found.lines().zip(wanted.lines()) {
        assert_eq!(found, wanted);
    }
    assert_eq!(found.lines().count(), wanted.lines().count());
}
