//! `status` on what restores leave beside a database and in it; and whose word about such databases is believed.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use crate::support::cluster::unique;
use crate::support::restored::Place;
use crate::support::role::Role;

fn restored() -> Place {
    let place = Place::shop();
    place.run(&["backup"]).exits(0);
    place.run(&["restore", "--yes"]).exits(0);
    place
}

/// A shop of a plain role that may create databases, with a backup.
fn owned() -> (Place, Role) {
    let mut place = Place::new();
    place.file("pgkeel.toml", "");
    place.migration("20250101000000_shop", "CREATE TABLE customers (id int)", "DROP TABLE customers");
    let owner = Role::owner(&mut place, "CREATEDB");
    place.run(&["deploy"]).exits(0);
    place.run(&["backup"]).exits(0);
    (place, owner)
}

#[test]
fn what_a_restore_put_aside_is_told_with_its_size_and_the_old_ones_with_their_end() {
    let place = restored();
    let aside = place.beside().remove(0);
    let ran = place.run(&["status"]);
    ran.exits(0);
    let line =
        ran.stdout.lines().find(|line| line.contains(&aside)).unwrap_or_else(|| panic!("{}", ran.text()));
    assert!(line.starts_with("put aside: ") && line.contains("MiB") && !line.contains("drop"), "{line}");
    let document = place.run(&["status", "--json"]).json();
    assert_eq!(document["quarantined"][0]["name"], aside.as_str(), "{document}");
    assert_eq!(document["quarantined"][0]["expired"], false);
    assert_eq!(
        (&document["leftovers"], &document["writingStopped"]),
        (&serde_json::json!([]), &false.into())
    );

    place.file("pgkeel.toml", "[backup]\nquarantine = \"0s\"\n");
    let ran = place.run(&["status"]);
    assert!(ran.stdout.contains("drop it: `pgkeel restore --drop-quarantine`"), "{}", ran.text());
    assert_eq!(place.run(&["status", "--json"]).json()["quarantined"][0]["expired"], true);
    place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
    assert_eq!(place.run(&["status", "--json"]).json()["quarantined"], serde_json::json!([]));
}

#[test]
fn a_database_that_a_stranger_calls_ours_is_not_believed() {
    let (mut place, owner) = owned();
    place.run(&["restore", "--yes"]).exits(0);
    let aside = place.beside().remove(0);
    let stranger = Role::new(&mut place, "CREATEDB");
    let hostile = unique("hostile");
    let admin = |sql: &str| {
        let mut session = PgConnection::establish(&place.url_of("postgres")).unwrap();
        session.batch_execute(sql).unwrap();
    };
    let comment = |role: &str, rest: &str| {
        format!(
            "COMMENT ON DATABASE {hostile} IS '{{\"pgkeel\":\"{role}\",\"of\":\"{}\",{rest}}}'",
            place.db.name
        )
    };
    admin(&format!("CREATE DATABASE {hostile} TEMPLATE {}", place.db.name));
    admin(&format!("ALTER DATABASE {hostile} OWNER TO {}", stranger.name));
    let mut theirs = PgConnection::establish(&stranger.url().replace(&place.db.name, "postgres")).unwrap();
    theirs
        .batch_execute(&comment(
            "quarantine",
            "\"since\":\"2099-01-01T00:00:00Z\",\"backup\":null,\"comment\":null",
        ))
        .unwrap();

    let document = place.run(&["status", "--json"]).json();
    assert_eq!(document["quarantined"].as_array().unwrap().len(), 1, "{document}");
    assert_eq!(document["quarantined"][0]["name"], aside.as_str());
    let list = place.run(&["restore", "--list"]);
    assert!(!list.stdout.contains(&hostile), "{}", list.text());
    place.run(&["restore", "--drop-quarantine", &hostile, "--yes"]).exits(2);
    let undone = place.run(&["restore", "--undo", "--yes", "--json"]);
    undone.exits(0);
    assert_eq!(undone.json()["back"]["name"], aside.as_str(), "{}", undone.text());

    let restoring = "\"backup\":\"latest\",\"phase\":\"loading\",\"at\":\"2026-01-01T00:00:00Z\",\"host\":\"h\",\"pid\":1";
    theirs.batch_execute(&comment("restore", restoring)).unwrap();
    assert_eq!(place.run(&["status", "--json"]).json()["leftovers"], serde_json::json!([]));
    place.run(&["restore", "--yes"]).exits(0);
    assert_eq!(
        place.number(&format!("SELECT count(*) FROM pg_database WHERE datname = '{hostile}'")),
        1,
        "it is not ours to drop"
    );
    admin(&format!("DROP DATABASE {hostile}"));
    place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
    drop((stranger, owner));
}

#[test]
fn a_verified_restore_of_a_stranger_never_becomes_the_live_database() {
    let (mut place, owner) = owned();
    let id = place.backups("backups").remove(0).file_name().unwrap().to_str().unwrap().to_owned();
    let dry = place.run(&["restore", "--dry-run"]);
    dry.exits(0);
    let (_, rest) = dry.stdout.split_once("CREATE DATABASE \"").expect("it names the database that it makes");
    let name = rest.split('"').next().unwrap().to_owned();
    let stranger = Role::new(&mut place, "CREATEDB");
    let mut theirs = PgConnection::establish(&stranger.url().replace(&place.db.name, "postgres")).unwrap();
    theirs.batch_execute(&format!("CREATE DATABASE \"{name}\"")).unwrap();
    theirs
        .batch_execute(&format!(
            "COMMENT ON DATABASE \"{name}\" IS '{{\"pgkeel\":\"restore\",\"of\":\"{}\",\"backup\":\"{id}\",\
             \"phase\":\"verified\",\"at\":\"2026-01-01T00:00:00Z\",\"host\":\"h\",\"pid\":1}}'",
            place.db.name
        ))
        .unwrap();
    let ran = place.run(&["restore", "--yes"]);
    ran.exits(3);
    assert!(ran.stderr.contains(&name), "{}", ran.text());
    assert_eq!(place.number("SELECT count(*) FROM customers"), 0);
    theirs.batch_execute(&format!("DROP DATABASE \"{name}\"")).unwrap();
    place.run(&["restore", "--yes"]).exits(0);
    place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
    drop((stranger, owner));
}
