//! What a restore sets to refuse writes stays out of every backup, and goes again.

use std::path::Path;
use std::process::{Child, Stdio};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use pgkeel::engine::backup::manifest::Manifest;
use pgkeel::engine::properties::DatabaseSetting;

use crate::support::poll;
use crate::support::restored::Place;
use crate::support::role::Role;

/// The database's own settings, one a line.
const SETTINGS: &str = "(SELECT coalesce(string_agg(one, E'\\n' ORDER BY one), '') FROM pg_db_role_setting s \
     JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) one \
     WHERE d.datname = current_database() AND s.setrole = 0)";

fn standing(place: &Place, words: &[&str], point: &str) -> Child {
    let flag = place.root().join("fault");
    let mut command = place.command(words);
    command.env("PGKEEL_FAULT", format!("{point}:{}", flag.display()));
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    poll::until(30, point, || flag.exists().then_some(()));
    child
}

fn kill(place: &Place, mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_file(place.root().join("fault")).unwrap();
    poll::until(20, "its sessions are gone", || {
        let ours = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                    AND application_name LIKE 'pgkeel%'";
        (place.number(ours) == 0).then_some(())
    });
}

fn write(place: &Place) -> Result<(), diesel::result::Error> {
    place.db.connect().batch_execute("UPDATE customers SET name = 'written' WHERE id = 1")
}

fn newest(place: &Place) -> std::path::PathBuf {
    let mut all = place.backups("backups");
    all.sort_by_key(|dir| manifest(dir).sequence);
    all.pop().unwrap()
}

fn manifest(dir: &Path) -> Manifest {
    Manifest::from_bytes(&std::fs::read(dir.join("manifest.json")).unwrap()).unwrap()
}

/// The settings that a manifest's file holds, whatever reading it does to them.
fn written(dir: &Path) -> serde_json::Value {
    let text = std::fs::read_to_string(dir.join("manifest.json")).unwrap();
    serde_json::from_str::<serde_json::Value>(&text).unwrap()["source"]["properties"]["settings"].clone()
}

/// The database is lost, and comes back from this backup.
fn lost_and_restored(place: &Place, dir: &Path) -> String {
    let name = place.db.name.clone();
    let mut elsewhere = PgConnection::establish(&place.url_of("postgres")).unwrap();
    elsewhere.batch_execute(&format!("DROP DATABASE \"{name}\" WITH (FORCE)")).unwrap();
    let ran = place.run(&["restore", dir.to_str().unwrap(), "--yes"]);
    ran.exits(0);
    ran.stdout.clone()
}

#[test]
fn the_backup_that_a_restore_in_place_takes_first_holds_only_the_databases_own_settings() {
    for role in ["superuser", "owner"] {
        let mut place = Place::new();
        let owner = (role == "owner").then(|| Role::owner(&mut place, "CREATEDB"));
        if let Some(owner) = &owner {
            place.sql(&format!("GRANT pg_signal_backend TO {}", owner.name));
        }
        place.migration(
            "20250101000000_shop",
            "CREATE TABLE customers (id int PRIMARY KEY, name text); INSERT INTO customers VALUES (1, 'n')",
            "DROP TABLE customers",
        );
        place.run(&["deploy"]).exits(0);
        let name = place.db.name.clone();
        place.sql(&format!(
            "ALTER DATABASE \"{name}\" SET application_name = 'the shop''s'; ALTER DATABASE \"{name}\" SET work_mem = '7MB'"
        ));
        let own = place.words(SETTINGS);
        place.run(&["backup"]).exits(0);
        let child = standing(&place, &["restore", "--in-place", "--yes"], "restore-loading");
        assert_eq!(
            place.words(SETTINGS),
            "application_name=writing stopped by a pgkeel restore; before: the shop's\n\
             default_transaction_read_only=true\nwork_mem=7MB",
            "{role}"
        );
        assert!(write(&place).is_err());
        assert_eq!(place.backups("backups").len(), 2);
        let safety = newest(&place);
        let expected = serde_json::json!([
            {"role": null, "name": "application_name", "value": "the shop's"},
            {"role": null, "name": "work_mem", "value": "7MB"},
        ]);
        assert_eq!(written(&safety), expected, "{role}");

        // Killed: an ordinary backup does not hold it either, and the next run lets the others write.
        kill(&place, child);
        place.run(&["backup"]).exits(0);
        assert_eq!(written(&newest(&place)), expected, "{role}");
        assert!(write(&place).is_err());
        place.run(&["restore", "--in-place", "--yes"]).exits(0);
        assert_eq!(place.words(SETTINGS), own, "{role}");
        write(&place).unwrap();

        lost_and_restored(&place, &safety);
        assert_eq!(place.words(SETTINGS), own, "{role}");
        write(&place).unwrap();
        drop(owner);
    }
}

#[test]
fn a_backup_of_an_earlier_version_that_holds_the_stop_gives_a_database_that_accepts_writes() {
    let place = Place::shop();
    place.run(&["backup"]).exits(0);
    let dir = newest(&place);
    let mut old = manifest(&dir);
    old.source.properties.settings.push(DatabaseSetting {
        role: None,
        name: "default_transaction_read_only".into(),
        value: "tru".into(),
    });
    std::fs::write(dir.join("manifest.json"), old.to_bytes()).unwrap();
    let said = lost_and_restored(&place, &dir);
    let words = "its setting default_transaction_read_only was left out, and the database accepts writes";
    assert!(said.contains(words), "{said}");
    assert_eq!(place.words(SETTINGS), "");
    write(&place).unwrap();

    let copy = format!("{}_copy", place.db.name);
    let ran = place.run(&["restore", dir.to_str().unwrap(), "--into", &copy]);
    assert!(ran.exits(0).stdout.contains(words), "{}", ran.text());
    let mut inside = PgConnection::establish(&place.url_of(&copy)).unwrap();
    inside.batch_execute("DELETE FROM customers").unwrap();
}

#[test]
fn a_stop_of_an_earlier_version_is_known_and_goes() {
    let place = Place::shop();
    place.run(&["backup"]).exits(0);
    let name = place.db.name.clone();
    place.sql(&format!("ALTER DATABASE \"{name}\" SET default_transaction_read_only = tru"));
    let ran = place.run(&["status"]);
    assert!(ran.stdout.contains("writing is stopped by a restore"), "{}", ran.text());
    place.run(&["restore", "--yes"]).exits(0);
    assert_eq!(place.words(SETTINGS), "");
    write(&place).unwrap();
}

#[test]
fn the_statements_that_status_names_give_the_database_its_settings_back() {
    let place = Place::shop();
    let name = place.db.name.clone();
    place.sql(&format!("ALTER DATABASE \"{name}\" SET application_name = shop"));
    place.run(&["backup"]).exits(0);
    let child = standing(&place, &["restore", "--stop-writing", "--yes"], "restore-stopped");
    kill(&place, child);
    assert!(write(&place).is_err());
    let ran = place.run(&["status"]);
    let (_, rest) = ran.stdout.split_once("`ALTER DATABASE ").unwrap();
    let sql = format!("ALTER DATABASE {}", rest.split('`').next().unwrap());
    let mut elsewhere = PgConnection::establish(&place.url_of("postgres")).unwrap();
    elsewhere.batch_execute(&sql).unwrap();
    assert_eq!(place.words(SETTINGS), "application_name=shop");
    write(&place).unwrap();
}

#[test]
fn a_reset_after_a_killed_restore_gives_a_database_that_accepts_writes() {
    let place = Place::shop();
    let name = place.db.name.clone();
    place.sql(&format!("COMMENT ON DATABASE \"{name}\" IS 'the shop''s'"));
    place.run(&["backup"]).exits(0);
    let child = standing(&place, &["restore", "--stop-writing", "--yes"], "restore-stopped");
    kill(&place, child);
    let ran = place.run(&["reset", "--yes", "--force", "--no-backup"]);
    if ran.code != 0 {
        // It may refuse; then the way out works.
        assert!(ran.stderr.contains("`pgkeel status`"), "{}", ran.text());
        place.run(&["restore", "--yes"]).exits(0);
    }
    assert_eq!(place.words(SETTINGS), "");
    let comment =
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()";
    assert_eq!(place.words(comment), "the shop's");
    write(&place).unwrap();
}

#[test]
fn a_kept_database_that_got_its_name_back_by_hand_is_not_dropped_and_its_backup_has_its_own_comment() {
    let place = Place::shop();
    let name = place.db.name.clone();
    place.sql(&format!("COMMENT ON DATABASE \"{name}\" IS 'the shop''s'"));
    place.run(&["backup"]).exits(0);
    place.run(&["restore", "--yes"]).exits(0);
    let kept = place.beside().remove(0);
    let mut elsewhere = PgConnection::establish(&place.url_of("postgres")).unwrap();
    elsewhere
        .batch_execute(&format!(
            "DROP DATABASE \"{name}\" WITH (FORCE); ALTER DATABASE \"{kept}\" RENAME TO \"{name}\""
        ))
        .unwrap_err();
    for sql in [
        format!("DROP DATABASE \"{name}\" WITH (FORCE)"),
        format!("ALTER DATABASE \"{kept}\" RENAME TO \"{name}\""),
        format!("ALTER DATABASE \"{name}\" ALLOW_CONNECTIONS true"),
    ] {
        elsewhere.batch_execute(&sql).unwrap();
    }
    place.run(&["restore", "--drop-quarantine", "--yes"]).exits(2);
    place.run(&["backup"]).exits(0);
    assert_eq!(manifest(&newest(&place)).source.properties.comment.as_deref(), Some("the shop's"));
    place.sql(&format!("COMMENT ON DATABASE \"{name}\" IS NULL"));
}
