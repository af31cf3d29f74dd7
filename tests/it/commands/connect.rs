//! No connection: every cause has its own sentence and its own next step, in whatever language the server speaks.

use insta::assert_snapshot;

use crate::support::project::Project;

const CUSTOMER: (&str, &str, &str) =
    ("20260101000000_customer", "CREATE TABLE customer (id int PRIMARY KEY);", "DROP TABLE customer;");

/// The tests' server by TCP, with other words for `user:password` and for the database.
fn tcp(project: &Project, credentials: &str, database: &str) -> String {
    format!("postgresql://{credentials}@{}/{database}", project.db.tcp_address())
}

/// A port of the loopback address on which nobody listens.
fn closed_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

#[test]
fn a_wrong_password_says_where_the_password_comes_from() {
    let project = Project::with_migrations(&[CUSTOMER]);
    let url = tcp(&project, "dev:wrong", &project.db.name);
    let project = project.url(&url);
    assert_snapshot!(project.run(&["deploy"]).text(), @r#"
    exit 8
    --- stderr
    tried postgres://dev:****@TCP/DB (`DATABASE_URL` in the environment)
    error: cannot connect to postgres://dev:****@TCP/DB: password authentication failed for user "dev" (SQLSTATE 28P01)
    next: check user and password in DATABASE_URL, and pg_hba.conf on the server
    "#);
    let json = project.run(&["status", "--json"]);
    json.exits(8);
    assert_eq!(json.json()["error"]["exitCode"], 8);
}

#[test]
fn a_missing_database_is_told_as_such() {
    let project = Project::with_migrations(&[CUSTOMER]);
    let url = project.db.url.replace(&project.db.name, "nowhere");
    let project = project.url(&url);
    assert_snapshot!(project.run(&["deploy"]).text(), @r#"
    exit 8
    --- stderr
    tried postgres://dev@/nowhere?host=SOCKET (`DATABASE_URL` in the environment)
    error: cannot connect to postgres://dev@/nowhere?host=SOCKET: database "nowhere" does not exist (SQLSTATE 3D000)
    next: `pgkeel migrate` creates it where the role may; else: CREATE DATABASE
    "#);
}

#[test]
fn an_unknown_host_is_told_as_such() {
    let project =
        Project::with_migrations(&[CUSTOMER]).url("postgres://app:secret@no-such-host.invalid/shop");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 8
    --- stderr
    tried postgres://app:****@no-such-host.invalid/shop (`DATABASE_URL` in the environment)
    error: cannot connect to postgres://app:****@no-such-host.invalid/shop: the host name `no-such-host.invalid` does not resolve
    next: check the host in DATABASE_URL, and the name server of this machine
    ");
}

#[test]
fn a_closed_port_is_told_as_such() {
    let port = closed_port();
    let mut project =
        Project::with_migrations(&[CUSTOMER]).url(&format!("postgres://app:secret@127.0.0.1:{port}/shop"));
    project.shows(&port.to_string(), "PORT");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 8
    --- stderr
    tried postgres://app:****@127.0.0.1:PORT/shop (`DATABASE_URL` in the environment)
    error: cannot connect to postgres://app:****@127.0.0.1:PORT/shop: nothing listens on 127.0.0.1:PORT
    next: is the server running, and is the port right? `--wait 60s` waits for it
    ");
    let begin = std::time::Instant::now();
    project.run(&["deploy", "--wait", "1s"]).exits(8);
    assert!(begin.elapsed() > std::time::Duration::from_millis(500), "it waited for the server");
}

#[test]
fn a_missing_socket_is_told_as_such() {
    let project =
        Project::with_migrations(&[CUSTOMER]).url("postgres:///shop?host=/nowhere/sockets&user=app");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 8
    --- stderr
    tried postgres://app@/shop?host=/nowhere/sockets (`DATABASE_URL` in the environment)
    error: cannot connect to postgres://app@/shop?host=/nowhere/sockets: there is no server socket `/nowhere/sockets/.s.PGSQL.5432`
    next: is the server running here, and is the socket's folder right?
    ");
}

#[test]
fn every_command_that_needs_a_database_ends_with_8_without_one() {
    let url = format!("postgres://app:secret@127.0.0.1:{}/shop", closed_port());
    let project = Project::with_migrations(&[CUSTOMER]).url(&url);
    project.file("seeds/10.sql", "SELECT 1;");
    for command in [
        &["migrate"][..],
        &["deploy"],
        &["deploy", "--dry-run"],
        &["status"],
        &["rollback"],
        &["reset", "--yes"],
        &["seed"],
        &["seed", "--list"],
        &["execute", "--sql", "SELECT 1"],
        &["resolve", "--applied", "20260101000000"],
        &["env", "show"],
        &["env", "set", "production"],
        &["health"],
    ] {
        let ran = project.run(command);
        assert_eq!(ran.code, 8, "{command:?}: {}", ran.text());
        assert!(command[0] == "health" || ran.stderr.contains("next: "), "{command:?}: {}", ran.text());
    }
}

#[test]
fn three_env_files_that_disagree_are_named_and_the_strongest_is_used() {
    let project = Project::with_migrations(&[CUSTOMER]);
    let url = project.db.url.clone();
    let project = project.url("");
    project
        .file(".env", "DATABASE_URL=postgres://app:one@old.invalid/shop\n")
        .file(".env.development", "DATABASE_URL=postgres://app:two@old.invalid/shop\nPGKEEL_ENV=staging\n")
        .file(".env.local", format!("PGKEEL_ENV=development\nDATABASE_URL={url}\n"));
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 0
    --- stdout
    applied 20260101000000_customer  N ms
    DB: applied 1 migration
    --- stderr
    warning: `DATABASE_URL` in .env.local is used (`postgres://dev@/DB?host=SOCKET`), and `DATABASE_URL` in .env.development is not (`postgres://app:****@old.invalid/shop`): the files disagree.
    warning: `DATABASE_URL` in .env.local is used (`postgres://dev@/DB?host=SOCKET`), and `DATABASE_URL` in .env is not (`postgres://app:****@old.invalid/shop`): the files disagree.
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in .env.local)
    ");
}

#[test]
fn what_is_said_to_be_used_is_the_direct_way_where_there_is_one() {
    let project = Project::with_migrations(&[CUSTOMER]);
    let (direct, pooled) = (project.db.url.clone(), project.db.tcp_url.clone());
    let mut project = project.url(&pooled).env("DIRECT_URL", &direct);
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 0
    --- stdout
    applied 20260101000000_customer  N ms
    DB: applied 1 migration
    --- stderr
    database `DB` on SOCKET as `dev` (`DIRECT_URL` in the environment)
    ");
    project.connect_to("postgres://app:secret@pooler.invalid/shop");
    project.run(&["status"]).exits(0);
}
