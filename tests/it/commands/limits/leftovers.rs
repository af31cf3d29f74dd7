//! Throw-away databases of killed runs: listed by `status`, and dropped by the next run, also where the server is still
//! making one when that run begins.

use std::thread;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use crate::support::cluster::{number, private_cluster, unique, words};
use crate::support::poll;
use crate::support::project::Project;

/// What the names of this database's shadows begin with.
fn prefix(project: &Project) -> String {
    let sql = format!("SELECT 'pgkeel_shadow_' || left(encode(sha256('{}'), 'hex'), 8)", project.db.name);
    words(&mut project.db.connect(), &format!("{sql} AS value"))
}

fn count(project: &Project, prefix: &str) -> i64 {
    let sql = format!("SELECT count(*) AS value FROM pg_database WHERE starts_with(datname, '{prefix}')");
    number(&mut project.db.connect(), &sql)
}

fn project() -> Project {
    let project =
        Project::with_migrations(&[("20260101000000_a", "CREATE TABLE a (id int);", "DROP TABLE a;")]);
    project.run(&["deploy"]).exits(0);
    project
}

#[test]
fn status_lists_what_a_killed_run_left_and_the_next_one_drops_it() {
    // On a server of its own: other tests' runs would drop it.
    let server = private_cluster();
    let mut admin = server.connect("postgres");
    admin.batch_execute("CREATE DATABASE shop").unwrap();
    let mut project =
        Project::with_migrations(&[("20260101000000_a", "CREATE TABLE a (id int);", "DROP TABLE a;")]);
    project.connect_to(&server.running.url("shop"));
    project.run(&["deploy"]).exits(0);
    let name = words(
        &mut admin,
        "SELECT 'pgkeel_shadow_' || left(encode(sha256('shop'), 'hex'), 8) || '0000abcd' AS value",
    );
    // Made, and killed before its comment.
    admin.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    let ran = project.run(&["status"]);
    let line = ran.exits(0).stdout.lines().find(|line| line.contains(&name)).unwrap_or_default();
    assert!(
        line.ends_with("a shadow database of a killed run: the next run that makes one drops it"),
        "{}",
        ran.text()
    );
    let listed = project.run(&["status", "--json"]).json();
    assert_eq!(listed["abandoned"][0]["name"], name.as_str(), "{listed}");
    // One whose run lives is not abandoned.
    let key = format!("hashtextextended(concat_ws(chr(1), 'pgkeel shadow', '{name}'), 0)");
    admin.batch_execute(&format!("SELECT pg_advisory_lock({key})")).unwrap();
    assert_eq!(project.run(&["status", "--json"]).json()["abandoned"], serde_json::json!([]));
    admin.batch_execute("SELECT pg_advisory_unlock_all()").unwrap();
    project.run(&["diff", "migrations", project.url_text().as_str(), "-q"]).exits(0);
    let left = format!("SELECT count(*) AS value FROM pg_database WHERE datname = '{name}'");
    assert_eq!(number(&mut admin, &left), 0);
}

#[test]
fn what_the_server_still_makes_for_a_killed_run_is_dropped_at_the_end_of_the_next() {
    let project = project();
    let prefix = prefix(&project);
    let template = unique("slow");
    project.sql(&format!("CREATE DATABASE {template}"));
    // CREATE DATABASE waits while another session is in the template.
    let held = PgConnection::establish(&project.db.url.replace(&project.db.name, &template)).unwrap();
    let name = format!("{prefix}0000beef");
    let mut orphan = project.db.connect();
    let key = format!("hashtextextended(concat_ws(chr(1), 'pgkeel shadow', '{name}'), 0)");
    orphan.batch_execute(&format!("SET lock_timeout = 0; SELECT pg_advisory_lock({key})")).unwrap();
    let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
    let working = thread::spawn(move || orphan.batch_execute(&create).map(drop));
    let seen = "SELECT count(*) AS value FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'CREATE DATABASE pgkeel_shadow%'";
    poll::until(10, "the orphan works", || (number(&mut project.db.connect(), seen) > 0).then_some(()));
    let mut run = project.command(&["diff", "migrations", project.url_text().as_str(), "-q"]);
    let child = run.spawn().unwrap();
    poll::until(20, "the run has made its own", || (count(&project, &prefix) > 0).then_some(()));
    drop(held);
    working.join().unwrap().unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    assert_eq!(count(&project, &prefix), 0);
    project.sql(&format!("DROP DATABASE {template}"));
}
