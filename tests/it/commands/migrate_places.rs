//! `migrate` where a shadow database is not simply to be had: each place with its own message, and nothing written.

use insta::assert_snapshot;

use crate::support::bouncer::Bouncer;
use crate::support::cluster::{TestDb, number};
use crate::support::project::Project;
use crate::support::role::Role;

const WORDS: [&str; 3] = ["migrate", "--name", "init"];

fn project() -> Project {
    let project = Project::new();
    project.file("schema.sql", "CREATE TABLE users (id bigint PRIMARY KEY);\n");
    project
}

fn is_unwritten(project: &Project) {
    assert_eq!(project.root().join("migrations").read_dir().unwrap().count(), 0);
}

#[test]
fn a_role_that_may_not_create_databases_proves_on_the_dev_cluster() {
    let mut project = project();
    let _role = Role::owner(&mut project, "");
    project.set("CI", "true");
    let refused = project.run(&WORDS);
    refused.exits(3);
    assert!(refused.stderr.contains("may not create databases beside"), "{}", refused.text());
    is_unwritten(&project);
    project.set("CI", "");
    let ran = project.run(&WORDS);
    assert!(ran.exits(0).stderr.contains("on the dev cluster, because the role"), "{}", ran.text());
    project.run(&["dev", "destroy", "--yes"]).exits(0);
}

#[test]
fn a_shadow_that_is_the_database_itself_is_refused() {
    let mut project = project();
    project.sql("CREATE TABLE kept (a int)");
    let url = project.db.url.clone();
    project.set("SHADOW_DATABASE_URL", &url);
    assert_snapshot!(project.run(&WORDS).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: `postgres://dev@/DB?host=SOCKET` is not used as a shadow database, which is emptied: it is the database itself; nothing was changed
    next: point SHADOW_DATABASE_URL at a database that nothing else uses, or unset it
    ");
    assert_eq!(project.number("SELECT count(*) FROM kept"), 0);
    is_unwritten(&project);
}

#[test]
fn a_shadow_of_its_own_serves_all_steps_one_after_the_other() {
    let mut project = project();
    let shadow = TestDb::new();
    project.set("SHADOW_DATABASE_URL", &shadow.url);
    project.run(&WORDS).exits(0);
    project.file("schema.sql", "CREATE TABLE users (id bigint PRIMARY KEY, name text);\n");
    project.run(&["migrate", "--name", "name"]).exits(0);
    let tables = "SELECT count(*) AS value FROM pg_class WHERE oid >= 16384 AND relkind = 'r'";
    assert_eq!(number(&mut shadow.connect(), tables), 0);
}

#[test]
fn through_a_pooler_the_direct_way_is_asked_for() {
    let mut project = project();
    let direct = project.db.url.clone();
    let bouncer = Bouncer::start("transaction", &project.db);
    let url = bouncer.url(&project.db);
    project.connect_to(&url);
    let refused = project.run(&WORDS);
    assert_ne!(refused.code, 0);
    assert!(refused.stderr.contains("DIRECT_URL"), "{}", refused.text());
    is_unwritten(&project);
    project.set("DIRECT_URL", &direct);
    project.run(&WORDS).exits(0);
}

#[test]
fn an_extension_that_the_shadows_server_lacks_is_named_with_its_place() {
    let project = project();
    project.file("schema.sql", "CREATE TABLE a (id int);\n\nCREATE EXTENSION nowhere;\n");
    let ran = project.run(&WORDS);
    // Which file the server looked for depends on its version and on where it is installed.
    let text: Vec<&str> = ran.text().lines().filter(|line| !line.starts_with("  DETAIL: ")).collect();
    assert_snapshot!(text.join("\n"), @r#"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    migrations (0): in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    schema.sql: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    error: cannot build schema.sql in a shadow database: the schema does not load
      schema.sql:3:1
      CREATE EXTENSION nowhere;
      ^
      extension "nowhere" is not available (SQLSTATE 0A000)
      HINT: The extension must first be installed on the system where PostgreSQL is running.
    "#);
    is_unwritten(&project);
}
