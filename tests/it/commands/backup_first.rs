//! A backup before what changes or destroys: where one is taken, what is recorded, what stops it, and the way back.

use diesel::connection::SimpleConnection;

use crate::support::cluster::private_cluster_with;
use crate::support::project::Project;
use crate::support::restored::{Place, files};
use crate::support::terminal::Terminal;

const WAYS: &str = "coalesce((SELECT string_agg(concat_ws(' ', command, outcome, (backup IS NOT NULL)::text, \
     (lsn IS NOT NULL)::text), ', ' ORDER BY id) FROM pgkeel.operation WHERE command <> 'env set'), '')";

/// The shop, marked as production, with one more migration that goes well.
fn production() -> Place {
    let place = Place::shop();
    place.run(&["env", "set", "production"]).exits(0);
    place.migration("20250102000000_tags", "CREATE TABLE tags (id int)", "DROP TABLE tags");
    place
}

/// Production, and after it a migration that fails in its second step.
fn failing() -> Place {
    let place = production();
    place.migration("20250103000000_bad", "DELETE FROM customers;\nSELECT 1/0;", "SELECT 1;");
    place.file("migrations/20250103000000_bad/metadata.toml", "run_in_transaction = false\n");
    place
}

fn ids(place: &Place) -> Vec<String> {
    if !place.root().join("backups").exists() {
        return vec![];
    }
    let name = |path: &std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    place.backups("backups").iter().map(name).collect()
}

#[test]
fn a_deploy_takes_one_in_protected_places_only_and_none_where_nothing_is_pending() {
    let place = Place::shop();
    assert_eq!(ids(&place).len(), 0);
    place.run(&["env", "set", "production"]).exits(0);
    place.run(&["deploy"]).exits(0);
    assert_eq!(ids(&place).len(), 0, "nothing was pending");
    place.migration("20250102000000_tags", "CREATE TABLE tags (id int)", "DROP TABLE tags");
    place.run(&["deploy", "--dry-run"]).exits(0);
    assert_eq!(ids(&place).len(), 0, "a dry run takes none");
    let ran = place.run(&["deploy"]);
    ran.exits(0);
    assert!(ran.stderr.contains("took the backup"), "{}", ran.text());
    let ids = ids(&place);
    assert_eq!(ids.len(), 1);
    assert!(ids[0].contains("-pre-deploy-"), "{ids:?}");
    assert_eq!(place.words("(SELECT backup FROM pgkeel.operation ORDER BY id DESC LIMIT 1)"), ids[0]);
    assert_eq!(place.words(WAYS), "deploy done false false, deploy done true true");
    let verified = place.run(&["backup", "list", "--json"]).json();
    assert_eq!(verified["backups"][0]["reason"], "pre-deploy", "{verified}");
}

#[test]
fn a_deploy_with_nothing_to_do_asks_the_server_no_more_where_the_place_is_protected() {
    let private = private_cluster_with(|spec| spec.settings.push(("log_statement".into(), "all".into())));
    private.connect("postgres").batch_execute("CREATE DATABASE shop").unwrap();
    let project = Project::new().url(&private.running.url("shop"));
    project.migration("20250101000000_shop", "CREATE TABLE customers (id int)", "DROP TABLE customers");
    project.run(&["deploy"]).exits(0);
    let asked = || {
        let count = || {
            let log = std::fs::read_to_string(private.running.log()).unwrap();
            log.matches("statement: ").count() + log.matches("execute ").count()
        };
        let before = count();
        project.run(&["deploy"]).exits(0);
        count() - before
    };
    let unprotected = asked();
    assert!((1..=6).contains(&unprotected), "{unprotected}");
    project.run(&["env", "set", "production"]).exits(0);
    assert_eq!(asked(), unprotected);
}

#[test]
fn the_configuration_says_whether_one_is_taken() {
    let place = production();
    place.file("pgkeel.toml", "[deploy]\nbackup = \"never\"\n");
    place.run(&["deploy"]).exits(0);
    assert_eq!((ids(&place).len(), place.words(WAYS).ends_with("deploy done false false")), (0, true));

    place.file("pgkeel.toml", "[deploy]\nbackup = \"external\"\n");
    place.migration("20250103000000_more", "CREATE TABLE more (id int)", "DROP TABLE more");
    let ran = place.run(&["deploy"]);
    ran.exits(0);
    assert!(ran.stderr.contains("point-in-time recovery is the way back (log position "), "{}", ran.text());
    assert_eq!((ids(&place).len(), place.words(WAYS).ends_with("deploy done false true")), (0, true));

    place.file("pgkeel.toml", "[deploy]\nbackup = \"always\"\n");
    let confirm = format!("production/{}", place.db.name);
    place.run(&["env", "set", "development", "--confirm", &confirm]).exits(0);
    place.migration("20250104000000_most", "CREATE TABLE most (id int)", "DROP TABLE most");
    place.run(&["deploy"]).exits(0);
    assert_eq!((ids(&place).len(), place.words(WAYS).ends_with("deploy done true true")), (1, true));
}

#[test]
fn without_a_backup_where_one_belongs_the_position_of_the_log_is_kept() {
    let place = production();
    let ran = place.run(&["deploy", "--no-backup"]);
    ran.exits(0);
    assert!(ran.stderr.contains("no backup is taken before the deploy: `--no-backup`"), "{}", ran.text());
    assert_eq!(ids(&place).len(), 0);
    assert!(place.words(WAYS).ends_with("deploy done false true"), "{}", place.words(WAYS));
}

#[test]
fn one_that_would_take_too_long_stops_the_deploy_before_anything() {
    let place = production();
    place.file("pgkeel.toml", "[deploy]\nbackup_budget = \"1s\"\n");
    let ran = place.run(&["deploy"]);
    ran.exits(3);
    for text in
        ["would take about 2s", "`[deploy] backup_budget` is 1s", "--no-backup", "backup = \"external\""]
    {
        assert!(ran.stderr.contains(text), "{text}: {}", ran.text());
    }
    assert_eq!(place.words(WAYS), "deploy done false false", "no run was begun");
    place.run(&["deploy", "--no-backup"]).exits(0);
}

#[test]
fn without_pg_dump_a_protected_deploy_stops_and_says_how_to_go_without() {
    let place = production();
    std::fs::create_dir(place.root().join("none")).unwrap();
    let mut command = place.command(&["deploy"]);
    command.env("PGKEEL_PG_BIN", place.root().join("none")).env("PATH", place.root().join("none"));
    let ran = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(9), "{stderr}");
    assert!(stderr.contains("--no-backup") && stderr.contains("pg_dump"), "{stderr}");
    assert_eq!(place.words(WAYS), "deploy done false false");
    let mut command = place.command(&["deploy", "--no-backup"]);
    command.env("PGKEEL_PG_BIN", place.root().join("none")).env("PATH", place.root().join("none"));
    assert_eq!(command.output().unwrap().status.code(), Some(0));
}

#[test]
fn a_folder_that_cannot_be_written_stops_the_deploy_and_names_the_ways_out() {
    let place = production();
    // As root nothing is read-only; below a device nobody makes a folder.
    place.file("pgkeel.toml", "[backup]\ndir = \"/dev/null/backups\"\n");
    let ran = place.run(&["deploy"]);
    ran.exits(1);
    for text in ["/dev/null/backups", "`[backup] dir`", "backup = \"external\"", "nothing else was done"] {
        assert!(ran.stderr.contains(text), "{text}: {}", ran.text());
    }
    assert_eq!(place.words(WAYS), "deploy done false false");
}

#[test]
fn a_failing_deploy_prints_the_command_that_goes_back_and_it_does_as_printed() {
    let place = failing();
    let before = place.number("SELECT count(*) FROM customers");
    let ran = place.run(&["deploy"]);
    ran.exits(1);
    assert_eq!(place.number("SELECT count(*) FROM customers"), 0, "it did its worst: {}", ran.text());
    let (_, rest) = ran.stderr.split_once("`pgkeel rollback --to-backup").expect("the way back is told");
    let line = format!("rollback --to-backup{}", rest.split('`').next().unwrap());
    let words: Vec<_> = line.split_whitespace().collect();
    assert_eq!(words[2], ids(&place)[0]);

    place.run(&words).exits(3);
    let mut terminal = Terminal::start(place.command(&words));
    let (seen, code) = terminal.sees("to go on").types(&place.db.name).ends();
    assert_eq!(code, 0, "{seen}");
    assert_eq!(place.number("SELECT count(*) FROM customers"), before);
    place.run(&["status"]).exits(4);
    let status = place.run(&["status", "--json"]).json();
    assert_eq!((status["applied"].as_i64(), status["pending"].as_i64()), (Some(1), Some(2)), "{status}");
    assert_eq!(status["environment"], "production");
    assert!(
        place.words(WAYS).ends_with("deploy failed true true, restore done true false"),
        "{}",
        place.words(WAYS)
    );
}

#[test]
fn the_printed_command_carries_the_environment_that_was_named() {
    let place = failing();
    let url = place.db.url.clone();
    place.file("pgkeel.toml", format!("[environments.production]\nurl = \"{url}\"\nprotected = true\n"));
    let ran = place.run(&["deploy", "--env", "production"]);
    ran.exits(1);
    let told = format!("`pgkeel rollback --to-backup {} --env production`", ids(&place)[0]);
    assert!(ran.stderr.contains(&told), "{}", ran.text());
}

#[test]
fn a_rollback_that_loses_rows_takes_one_first_and_one_that_does_not_takes_none() {
    let place = production();
    place.file("pgkeel.toml", "[deploy]\nbackup = \"never\"\n");
    place.migration(
        "20250103000000_name",
        "ALTER TABLE tags RENAME id TO tag",
        "ALTER TABLE tags RENAME tag TO id",
    );
    place.run(&["deploy"]).exits(0);
    place.file("pgkeel.toml", "");
    let confirm = format!("production/{}", place.db.name);
    place.run(&["rollback", "--confirm", &confirm]).exits(0);
    assert_eq!(ids(&place).len(), 0, "a name holds no rows");
    place.sql("INSERT INTO tags VALUES (7)");
    place.run(&["rollback", "--dry-run"]).exits(0);
    place.run(&["rollback", "--confirm", &confirm]).exits(0);
    let all = ids(&place);
    assert_eq!(all.len(), 1);
    assert!(all[0].contains("-pre-rollback-"), "{all:?}");
    assert!(place.words(WAYS).ends_with("rollback done true true"), "{}", place.words(WAYS));
    place.run(&["rollback", "--to-backup", "--confirm", &confirm]).exits(0);
    assert_eq!(place.number("SELECT id FROM tags"), 7);
}

#[test]
fn a_reset_takes_one_first_and_what_it_took_is_the_way_back() {
    let place = production();
    place.sql("UPDATE customers SET name = 'real'");
    let confirm = format!("production/{}", place.db.name);
    place.run(&["reset", "--allow-production", "--confirm", &confirm, "--skip-seed"]).exits(0);
    assert_eq!(place.number("SELECT count(*) FROM customers WHERE name = 'real'"), 0);
    let all = ids(&place);
    assert!(all.len() == 1 && all[0].contains("-pre-reset-"), "{all:?}");
    assert!(place.words(WAYS).ends_with("reset done true true"), "{}", place.words(WAYS));
    let ran = place.run(&["rollback", "--to-backup", "--confirm", &confirm]);
    ran.exits(0);
    assert!(ran.stderr.contains(&all[0]), "{}", ran.text());
    assert_eq!(place.number("SELECT count(*) FROM customers WHERE name = 'real'"), 100);
}

#[test]
fn sql_that_destroys_gets_one_first_and_other_sql_does_not() {
    let place = production();
    let confirm = format!("production/{}", place.db.name);
    place.run(&["execute", "--sql", "INSERT INTO customers (name) VALUES ('x')"]).exits(0);
    place.run(&["execute", "--sql", "DELETE FROM customers", "--confirm", "production/other"]).exits(3);
    place.run(&["execute", "--sql", "DELETE FROM customers", "--read-only"]).exits(1);
    assert_eq!(ids(&place).len(), 0);
    place.run(&["execute", "--sql", "DELETE FROM customers", "--confirm", &confirm]).exits(0);
    let all = ids(&place);
    assert!(all.len() == 1 && all[0].contains("-pre-execute-"), "{all:?}");
    place.run(&["rollback", "--to-backup", "latest", "--confirm", &confirm]).exits(0);
    assert_eq!(place.number("SELECT count(*) FROM customers"), 101);
    let ran = place.run(&["execute", "--sql", "DELETE FROM customers", "--confirm", &confirm, "--no-backup"]);
    ran.exits(0);
    assert_eq!(ids(&place).len(), 1);
    assert!(files(&place.root().join("backups")).iter().all(|path| path.is_dir()));
}
