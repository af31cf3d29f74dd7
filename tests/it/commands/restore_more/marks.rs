//! The environment's mark belongs to the place, not to the data.

use diesel::Connection;
use diesel::connection::SimpleConnection;

use crate::support::restored::Place;

#[test]
fn a_copy_by_template_of_production_is_protected() {
    let mut place = Place::shop();
    place.run(&["env", "set", "production"]).exits(0);
    let copy = format!("{}_twin", place.db.name);
    let mut admin = diesel::PgConnection::establish(&place.url_of("postgres")).unwrap();
    admin.batch_execute(&format!("CREATE DATABASE {copy} TEMPLATE {}", place.db.name)).unwrap();
    let url = place.url_of(&copy);
    place.connect_to(&url);
    for flags in [&[][..], &["--yes"], &["--yes", "--force"]] {
        place.run(&[&["reset"], flags].concat()).exits(3);
    }
    assert_eq!(place.number_in(&copy, "SELECT count(*) FROM customers"), 100);
}

#[test]
fn a_copy_of_a_backup_is_nobodys_production_and_says_where_it_came_from() {
    let mut place = Place::shop();
    place.run(&["env", "set", "production"]).exits(0);
    place.run(&["backup", "--label", "first"]).exits(0);
    let copy = format!("{}_copy", place.db.name);
    place.run(&["restore", "first", "--into", &copy]).exits(0);
    let id = place.backups("backups")[0].file_name().unwrap().to_str().unwrap().to_owned();
    let said = format!(
        "SELECT count(*) FROM pgkeel.operation WHERE command = 'restore' AND outcome = 'done' \
         AND message LIKE 'a copy of {} on %, from {id}'",
        place.db.name
    );
    assert_eq!(place.number_in(&copy, &said), 1);
    assert_eq!(place.number_in(&copy, "SELECT count(*) FROM pgkeel.environment"), 0);
    // What a copy is for: migrations are tried on it, and it is thrown away.
    let url = place.url_of(&copy);
    place.connect_to(&url);
    place.migration("20250102000000_later", "CREATE TABLE later (id int);", "DROP TABLE later;");
    place.run(&["deploy"]).exits(0);
    place.run(&["reset", "--yes", "--force"]).exits(0);
}

#[test]
fn a_backup_of_another_database_goes_into_this_one_only_by_a_word() {
    let here = Place::shop();
    let there = Place::shop();
    there.sql("UPDATE customers SET name = 'theirs'");
    there.run(&["backup", "--dir", "out"]).exits(0);
    let backup = there.backups("out").remove(0);
    let backup = backup.to_str().unwrap();
    for command in [
        &["restore", backup, "--yes"][..],
        &["restore", backup, "--yes", "--in-place"],
        &["rollback", "--to-backup", backup, "--yes"],
    ] {
        let ran = here.run(command);
        ran.exits(3);
        assert!(ran.stderr.contains("--from-elsewhere"), "{}", ran.text());
    }
    there.dump("-Fc", "foreign.pgdump");
    let foreign = there.root().join("foreign.pgdump");
    here.run(&["restore", foreign.to_str().unwrap(), "--yes"]).exits(3);
    assert_eq!(here.number("SELECT count(*) FROM customers WHERE name = 'theirs'"), 0);
    assert!(here.beside().is_empty());
    here.run(&["restore", backup, "--yes", "--from-elsewhere"]).exits(0);
    assert_eq!(here.number("SELECT count(*) FROM customers WHERE name = 'theirs'"), 100);
    assert_eq!(here.number("SELECT count(*) FROM pgkeel.environment"), 0);
}
