//! Sources through `diff`: where the database of each side is, what is refused, and that nothing stays of it.

use std::process::Stdio;

use diesel::connection::SimpleConnection;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::cluster::{TestDb, number, private_cluster};
use crate::support::poll;
use crate::support::project::{Project, Ran};
use crate::support::role::Role;

const UP: &str = "CREATE TABLE person (id int PRIMARY KEY);";

/// A project whose schema.sql is what its migrations make.
fn project() -> Project {
    let project = Project::with_migrations(&[("20260101000000_person", UP, "DROP TABLE person;")]);
    project.file("pgkeel.toml", "").file("schema.sql", UP);
    project
}

fn compares(project: &Project, from: &str, to: &str) -> Ran {
    project.run(&["diff", from, to, "--exit-code"])
}

#[track_caller]
fn same(project: &Project, from: &str, to: &str) -> Ran {
    let ran = compares(project, from, to);
    ran.exits(0);
    ran
}

#[track_caller]
fn refuses(project: &Project, from: &str, to: &str, code: i32, says: &str) {
    let ran = compares(project, from, to);
    assert!(ran.exits(code).text().contains(says), "{}", ran.text());
}

/// The shadow databases of this project's runs: those that belong to the role of a test, or to nobody else.
fn shadows(project: &Project) -> i64 {
    project.number("SELECT count(*) FROM pg_database WHERE datname LIKE 'pgkeel\\_shadow\\_%'")
}

#[test]
fn every_kind_of_source_gives_the_same_schema() {
    let mut project = project();
    let url = project.db.url.clone();
    let other = TestDb::new();
    other.connect().batch_execute(UP).unwrap();
    project.set("STAGING_URL", &other.url);
    project.file("pgkeel.toml", "[environments.staging]\nurl = \"env:STAGING_URL\"\n");
    project.file("tables/a/person.sql", UP);
    project.run(&["deploy"]).exits(0);
    project.run(&["backup"]).exits(0);
    for source in ["schema.sql", "tables", "./migrations", "migrations", &url, "env:staging", "backup:latest"]
    {
        let ran = same(&project, source, "migrations");
        assert!(!ran.stderr.contains("postgres://dev:"), "{}", ran.text());
    }
    let ran = same(&project, "empty", "empty");
    assert!(ran.stderr.contains("empty: in a shadow database on the server of "), "{}", ran.text());
}

#[test]
fn a_backup_of_any_form_gives_its_schema() {
    let mut project = project();
    project.run(&["deploy"]).exits(0);
    project.sql("INSERT INTO person SELECT generate_series(1, 5)");
    let key = age::x25519::Identity::generate();
    let public = key.to_public().to_string();
    project.file("key.txt", age::secrecy::ExposeSecret::expose_secret(&key.to_string()));
    for (label, more) in [
        ("plain", &["--plain"][..]),
        ("bare", &["--schema-only"]),
        ("shut", &["--encrypt-to", &public]),
        ("both", &["--plain", "--encrypt-to", &public]),
    ] {
        project.run(&[&["backup", "--label", label], more].concat()).exits(0);
    }
    refuses(&project, "backup:shut", "empty", 3, "the backup is encrypted, and no secret key was named");
    project.file("pgkeel.toml", "[backup]\nidentity = \"key.txt\"\n");
    for label in ["plain", "bare", "shut", "both"] {
        same(&project, &format!("backup:{label}"), "migrations");
    }
    project.run(&["backup", "--data-only", "--label", "rows"]).exits(0);
    refuses(&project, "backup:rows", "empty", 2, "has rows alone, and no schema");
    project.set("UNUSED", "");
}

#[test]
fn what_is_no_source_is_told_what_one_is() {
    let project = project();
    refuses(&project, "shcema.sql", "empty", 2, "there is no file and no folder `ROOT/shcema.sql`");
    refuses(&project, "env:nowhere", "empty", 2, "has no database of its own");
    refuses(&project, "backup:nothing", "empty", 2, "no backup is called `nothing`");
    refuses(&project, "mysql://app:hunter2@db/shop", "empty", 2, "cannot be read");
    project.file("both/a/up.sql", "").file("both/b.sql", "");
    refuses(&project, "both", "empty", 2, "which of the two is meant");
}

#[test]
fn an_environment_is_its_own_and_never_this_runs() {
    let mut project = project();
    let other = TestDb::new();
    project.set("UNUSED", "");
    project.file("pgkeel.toml", "[environments.staging]\nprotected = true\n");
    refuses(&project, "env:staging", "empty", 2, "The environment `staging` has no database of its own");
    // A file of that environment counts, although this run is given another database.
    project.file(".env.staging", format!("DATABASE_URL={}\n", other.url));
    let ran = same(&project, "env:staging", "empty");
    assert!(ran.stderr.contains(&other.name), "{}", ran.text());
}

#[test]
fn a_protected_server_gets_no_shadow_database() {
    let mut project = project();
    project.set("PGKEEL_ENV", "production");
    project.set("CI", "true");
    refuses(&project, "schema.sql", "empty", 3, "is protected (the environment's name is `production`)");
    assert_eq!(shadows(&project).min(0), 0);
    project.set("CI", "");
    let ran = same(&project, "schema.sql", "migrations");
    assert!(ran.stderr.contains("on the dev cluster, because the server of `"), "{}", ran.text());
    project.run(&["dev", "destroy", "--yes"]).exits(0);
}

#[test]
fn a_marked_database_that_is_named_by_its_url_gets_none_beside_it() {
    let mut project = project();
    project.run(&["env", "set", "production", "--yes"]).exits(0);
    project.set("CI", "true");
    let url = project.db.url.clone();
    refuses(&project, &url, "schema.sql", 3, "the database is marked `production`");
}

#[test]
fn a_role_that_may_not_create_databases_uses_the_dev_cluster() {
    let mut project = project();
    let role = Role::owner(&mut project, "");
    let ran = same(&project, "schema.sql", "migrations");
    assert!(ran.stderr.contains("may not create databases beside"), "{}", ran.text());
    assert!(!ran.stderr.contains(&role.password), "{}", ran.text());
    project.run(&["dev", "destroy", "--yes"]).exits(0);
}

#[test]
fn a_shadow_that_is_given_is_emptied_and_never_another_database() {
    let mut project = project();
    let given = TestDb::new();
    given.connect().batch_execute("CREATE TABLE leftover (a int)").unwrap();
    project.set("SHADOW_DATABASE_URL", &given.url);
    same(&project, "schema.sql", "schema.sql");
    let tables = "SELECT count(*) AS value FROM pg_class WHERE oid >= 16384 AND relkind = 'r'";
    assert_eq!(number(&mut given.connect(), tables), 0);
    let url = project.db.url.clone();
    project.sql("CREATE TABLE kept (a int)");
    project.set("SHADOW_DATABASE_URL", &url);
    refuses(&project, "schema.sql", "empty", 3, "it is the database itself");
    // By another way it is the same one.
    let tcp = project.db.tcp_url.clone();
    project.set("SHADOW_DATABASE_URL", &tcp);
    refuses(&project, "schema.sql", "empty", 3, "it is the database itself");
    project.set("STAGING_URL", &given.url);
    project.set("SHADOW_DATABASE_URL", &given.url);
    project.file("pgkeel.toml", "[environments.staging]\nurl = \"env:STAGING_URL\"\n");
    refuses(&project, "schema.sql", "empty", 3, "it is that of the environment `staging`");
    assert_eq!(project.number("SELECT count(*) FROM kept"), 0);
}

#[test]
fn a_schema_that_does_not_load_is_shown_with_its_place() {
    let project = project();
    project.file("schema.sql", "CREATE TABLE t (\n  a inet,\n  b nope\n);\n");
    let ran = compares(&project, "schema.sql", "empty");
    assert!(ran.exits(1).stderr.contains("schema.sql:3:5\n    b nope\n"), "{}", ran.text());
}

/// A run that stands where its shadow database has just been made, on a server of its own.
fn ends(signal: Signal) {
    let cluster = private_cluster();
    cluster.connect("postgres").batch_execute("CREATE DATABASE shop").unwrap();
    let mut project = project();
    project.connect_to(&cluster.running.url("shop"));
    let flag = project.root().join("flag");
    let there = || {
        let count = "SELECT count(*) AS value FROM pg_database WHERE datname LIKE 'pgkeel\\_shadow\\_%'";
        number(&mut cluster.connect("postgres"), count)
    };
    let mut command = project.command(&["diff", "schema.sql", "migrations"]);
    command.env("PGKEEL_FAULT", format!("shadow-created:{}", flag.display()));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    poll::until(60, "the shadow database is there", || flag.exists().then_some(()));
    assert_eq!(there(), 1);
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
    if signal == Signal::SIGKILL {
        child.wait().unwrap();
        assert_eq!(there(), 1);
        same(&project, "schema.sql", "schema.sql");
    } else {
        std::fs::remove_file(&flag).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130));
    }
    assert_eq!(there(), 0);
}

#[test]
fn after_ctrl_c_nothing_stays() {
    ends(Signal::SIGINT);
}

#[test]
fn what_a_killed_run_left_goes_with_the_next() {
    ends(Signal::SIGKILL);
}
