//! `rollback --to-backup`: which backup, who has to agree, what others notice of it, and what is left when it fails.

use diesel::Connection;
use diesel::connection::SimpleConnection;
use insta::assert_snapshot;
use pgkeel::engine::backup::name::folder_of;

use crate::support::cluster::{private_cluster, words};
use crate::support::poll;
use crate::support::project::Project;
use crate::support::restored::{Place, files};
use crate::support::role::Role;
use crate::support::terminal::Terminal;

/// A shop with a backup before its last deploy, and rows written since.
fn deployed() -> Place {
    let place = Place::shop();
    place.file("pgkeel.toml", "[deploy]\nbackup = \"always\"\n");
    place.migration("20250102000000_tags", "CREATE TABLE tags (id int)", "DROP TABLE tags");
    place.run(&["deploy"]).exits(0);
    place.sql("UPDATE customers SET name = 'edited'");
    place
}

fn id(place: &Place) -> String {
    place.backups("backups").pop().unwrap().file_name().unwrap().to_str().unwrap().to_owned()
}

fn edited(place: &Place) -> i64 {
    place.number("SELECT count(*) FROM customers WHERE name = 'edited'")
}

#[test]
fn without_a_name_it_is_the_backup_of_the_last_deploy_even_where_later_ones_exist() {
    let place = deployed();
    let of_the_deploy = id(&place);
    place.run(&["backup", "--label", "later"]).exits(0);
    let ran = place.run(&["rollback", "--to-backup", "--yes", "--json"]);
    ran.exits(0);
    assert_eq!(ran.json()["backup"], of_the_deploy.as_str());
    assert_eq!(edited(&place), 0);
    place.run(&["status"]).exits(4);
    let latest = place.run(&["rollback", "--to-backup", "latest", "--yes", "--json"]);
    latest.exits(0);
    assert!(latest.json()["backup"].as_str().unwrap().contains("-later-"), "{}", latest.text());
    assert_eq!(edited(&place), 100);
    place.run(&["rollback", "--to-backup", &of_the_deploy, "--yes"]).exits(0);
    assert_eq!(edited(&place), 0);
}

#[test]
fn that_a_later_deploy_took_none_is_told() {
    let place = deployed();
    let words = ["rollback", "--to-backup", "--dry-run"];
    let ran = place.run(&words);
    assert!(ran.stderr.contains("the `deploy` begun ") && !ran.stderr.contains("warning"), "{}", ran.text());
    place.file("pgkeel.toml", "[deploy]\nbackup = \"never\"\n");
    place.migration("20250103000000_more", "CREATE TABLE more (id int)", "DROP TABLE more");
    place.run(&["deploy"]).exits(0);
    let ran = place.run(&words);
    ran.exits(0);
    assert!(ran.stderr.contains("warning: a later `deploy` took none"), "{}", ran.text());
}

#[test]
fn where_no_run_recorded_one_it_says_so_and_takes_the_latest() {
    let place = Place::shop();
    let ran = place.run(&["rollback", "--to-backup", "--yes"]);
    ran.exits(2);
    assert!(ran.stderr.contains("no run has recorded a backup here"), "{}", ran.text());
    assert!(ran.stderr.contains("`pgkeel backup` takes one"), "{}", ran.text());
    place.run(&["backup"]).exits(0);
    place.sql("UPDATE customers SET name = 'edited'");
    let ran = place.run(&["rollback", "--to-backup", "--yes"]);
    ran.exits(0);
    assert!(ran.stderr.contains("the latest one is taken"), "{}", ran.text());
    assert_eq!(edited(&place), 0);
}

#[test]
fn typed_twice_it_says_that_it_was_done_unless_something_was_written_since() {
    for written in [
        "UPDATE customers SET name = 'edited'",
        "DELETE FROM customers WHERE id = 7",
        "TRUNCATE customers",
        "INSERT INTO customers (name) VALUES ('new')",
        "DROP TABLE customers",
        "CREATE TABLE later (i int)",
    ] {
        let place = deployed();
        place.run(&["rollback", "--to-backup", "--yes"]).exits(0);
        let beside = place.beside();
        let again = place.run(&["rollback", "--to-backup", "--yes"]);
        again.exits(0);
        assert!(again.stdout.contains("already"), "{}", again.text());
        assert!(again.stdout.contains(&format!("pgkeel restore {}", id(&place))), "{}", again.text());
        assert_eq!(place.beside(), beside);
        place.sql(written);
        let asked = place.run(&["rollback", "--to-backup"]);
        assert!(asked.exits(3).stderr.contains("has changed since"), "{written}: {}", asked.text());
        let ran = place.run(&["rollback", "--to-backup", "--yes"]);
        assert!(!ran.exits(0).stdout.contains("already"), "{written}: {}", ran.text());
        let customers = "SELECT count(*) FROM customers WHERE name <> 'edited' AND name <> 'new'";
        assert_eq!(place.number(customers), 100, "{written}");
        assert_eq!(place.number("SELECT count(*) FROM pg_class WHERE relname = 'later'"), 0);
        // What was replaced is kept.
        assert_eq!(place.beside().len(), beside.len() + 1, "{written}");
    }
}

#[test]
fn a_recorded_backup_that_is_gone_or_damaged_is_told_with_what_to_do() {
    let mut place = deployed();
    let folder = folder_of(&place.db.name);
    place.shows(&folder, "FOLDER");
    let path = place.backups("backups").pop().unwrap();
    let manifest = path.join("manifest.json");
    let data = files(&path.join("dump"));
    let file = data.iter().find(|path| path.extension().is_some_and(|end| end != "dat")).unwrap();
    let whole = std::fs::read(file).unwrap();
    let mut bytes = whole.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(file, &bytes).unwrap();
    let ran = place.run(&["rollback", "--to-backup", "--yes"]);
    ran.exits(10);
    assert!(ran.stderr.contains("pgkeel backup list"), "{}", ran.text());
    assert_eq!((edited(&place), stopped(&place)), (100, 0), "{}", ran.text());
    place.sql("UPDATE customers SET name = 'edited'");

    std::fs::write(&manifest, "{").unwrap();
    let ran = place.run(&["rollback", "--to-backup", "--yes"]);
    assert_snapshot!(ran.text(), @"
    exit 10
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    the `deploy` begun TIME  UTC took the backup BACKUP first
    error: the backup is damaged: ROOT/backups/FOLDER/BACKUP: it cannot be read as a manifest: it does not begin with its checksum; nothing was changed
    next: `pgkeel backup list` shows the others; `pgkeel backup verify --all` reads them all
    ");

    std::fs::remove_dir_all(&path).unwrap();
    let ran = place.run(&["rollback", "--to-backup", "--yes"]);
    assert_snapshot!(ran.text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    the `deploy` begun TIME  UTC took the backup BACKUP first
    error: the backup BACKUP, which the `deploy` took first, is not in `ROOT/backups`: it was pruned, or is kept elsewhere; nothing was done
    next: `--dir DIR` looks elsewhere; `pgkeel rollback --to-backup latest` goes back to the newest there is
    ");
    place.run(&["backup"]).exits(0);
    let ran = place.run(&["rollback", "--to-backup", "--yes"]);
    assert_snapshot!(ran.text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    the `deploy` begun TIME  UTC took the backup BACKUP first
    error: the backup BACKUP, which the `deploy` took first, is not in `ROOT/backups`: it was pruned, or is kept elsewhere; nothing was done
    next: `--dir DIR` looks elsewhere; `pgkeel rollback --to-backup latest` goes back to the newest there is
    ");
    assert_eq!(edited(&place), 100);
}

#[test]
fn a_protected_place_wants_its_name() {
    let place = deployed();
    place.run(&["env", "set", "production"]).exits(0);
    place.run(&["rollback", "--to-backup", "--yes"]).exits(3);
    place.run(&["rollback", "--to-backup", "--confirm", "production/other"]).exits(3);
    let mut terminal = Terminal::start(place.command(&["rollback", "--to-backup"]));
    let (seen, code) = terminal.sees("to go on").types("shop").ends();
    assert_eq!(code, 3, "{seen}");
    assert_eq!((edited(&place), stopped(&place)), (100, 0));
    let confirm = format!("production/{}", place.db.name);
    place.run(&["rollback", "--to-backup", "--confirm", &confirm]).exits(0);
    assert_eq!(edited(&place), 0);
}

#[test]
fn a_dry_run_shows_how_writing_stops_and_stops_nothing() {
    let place = deployed();
    let ran = place.run(&["rollback", "--to-backup", "--dry-run"]);
    ran.exits(0);
    assert!(ran.stdout.contains("SET default_transaction_read_only = true;"), "{}", ran.text());
    assert!(ran.stdout.contains("RENAME TO"), "{}", ran.text());
    assert_eq!((edited(&place), stopped(&place), place.beside().len()), (100, 0, 0));
    let ran = place.run(&["rollback", "--to-backup", "--keep-writing", "--dry-run"]);
    assert!(!ran.stdout.contains("default_transaction_read_only = true;"), "{}", ran.text());
}

#[test]
fn what_its_owner_made_read_only_stays_so() {
    let mut place = deployed();
    let name = place.db.name.clone();
    place.sql(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    // What the URL says of its own for the session stays beside what we add.
    let url = format!("{}&options=-c%20work_mem%3D7MB", place.db.url);
    place.connect_to(&url);
    let own = "(SELECT one FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, \
               unnest(s.setconfig) one WHERE d.datname = current_database())";
    place.run(&["rollback", "--to-backup", "--yes"]).exits(0);
    assert_eq!((edited(&place), place.words(own).as_str()), (0, "default_transaction_read_only=on"));
    place.run(&["restore", "--undo", "--yes"]).exits(0);
    assert_eq!((edited(&place), place.words(own).as_str()), (100, "default_transaction_read_only=on"));
    let writes = place.db.connect().batch_execute("UPDATE customers SET name = 'x'");
    assert!(writes.is_err(), "its owner said so");
    let mut elsewhere = diesel::PgConnection::establish(&place.url_of("postgres")).unwrap();
    elsewhere.batch_execute(&format!("ALTER DATABASE {name} RESET default_transaction_read_only")).unwrap();
}

#[test]
fn both_databases_can_be_written_again_after_it_and_after_its_undo() {
    let place = deployed();
    place.run(&["rollback", "--to-backup", "--yes"]).exits(0);
    assert_eq!(stopped(&place), 0);
    place.sql("UPDATE customers SET name = 'new'");
    place.run(&["restore", "--undo", "--yes"]).exits(0);
    assert_eq!((edited(&place), stopped(&place)), (100, 0));
    place.sql("UPDATE customers SET name = 'newer'");
}

/// How many databases of this place are stopped.
fn stopped(place: &Place) -> i64 {
    place.number(&format!(
        "(SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, \
         unnest(s.setconfig) one WHERE starts_with(d.datname, '{}') AND one LIKE 'default_transaction_read_only=%')",
        place.db.name
    ))
}

#[test]
fn where_the_writing_cannot_be_stopped_it_goes_on_and_the_run_is_closed() {
    let mut place = Place::new();
    place.file("pgkeel.toml", "");
    place.migration("20250101000000_shop", "CREATE TABLE customers (id int)", "DROP TABLE customers");
    let owner = Role::owner(&mut place, "CREATEDB");
    place.run(&["deploy"]).exits(0);
    place.run(&["backup"]).exits(0);
    let flag = place.root().join("fault");
    let mut command = place.command(&["rollback", "--to-backup", "--yes"]);
    command.env("PGKEEL_FAULT", format!("after-lock:{}", flag.display()));
    let child =
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    poll::until(30, "the lock is had", || flag.exists().then_some(()));
    // A superuser comes after the preflight: nobody but a superuser may end his session.
    let superuser = place.db.connect();
    std::fs::remove_file(&flag).unwrap();
    let ended = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert!(matches!(ended.status.code(), Some(1 | 3)), "{stderr}");
    drop(superuser);
    assert_eq!(stopped(&place), 0, "{stderr}");
    assert_eq!(place.number("SELECT count(*) FROM pgkeel.operation WHERE outcome IS NULL"), 0, "{stderr}");
    place.run(&["rollback", "--to-backup", "--yes"]).exits(0);
    place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
    drop(owner);
}

#[test]
fn a_standby_is_refused_before_any_work() {
    let private = private_cluster();
    private.connect("postgres").batch_execute("CREATE DATABASE shop").unwrap();
    let project = Project::new().url(&private.running.url("shop"));
    project.file("pgkeel.toml", "[deploy]\nbackup = \"always\"\n");
    project.migration("20250101000000_shop", "CREATE TABLE customers (id int)", "DROP TABLE customers");
    project.run(&["deploy"]).exits(0);
    project.migration("20250102000000_more", "CREATE TABLE more (id int)", "DROP TABLE more");
    let data = words(&mut private.connect("postgres"), "SELECT current_setting('data_directory') AS value");
    private.cluster.stop().unwrap();
    // Recovery without an end, and nobody to recover from: what reads finds a standby.
    std::fs::write(std::path::Path::new(&data).join("standby.signal"), "").unwrap();
    // It serves reads; what comes after its start wants to write.
    drop(private.cluster.start(&mut |_| {}));
    let backups = files(&project.root().join("backups")).len();
    for words in [vec!["deploy"], vec!["rollback", "--to-backup", "--yes"], vec!["restore", "--yes"]] {
        let ran = project.run(&words);
        ran.exits(1);
        assert!(ran.stderr.contains("at the primary"), "{words:?}: {}", ran.text());
    }
    assert_eq!(files(&project.root().join("backups")).len(), backups);
}
