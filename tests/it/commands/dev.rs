//! `dev`: the project's own server, through the binary. Each test has a cluster of its own beside the tests' clusters,
//! copied from the same template; it is destroyed with the test, and by the reaper if the test could not.

use std::ops::Deref;
use std::path::Path;

use insta::assert_snapshot;
use nix::sys::signal::kill;
use nix::unistd::Pid;

use crate::support::cluster;
use crate::support::poll;
use crate::support::project::Project;
use crate::support::reaper::Lease;
use crate::support::terminal::Terminal;

const NOTE: (&str, &str, &str) = ("20260101000000_note", "CREATE TABLE note (id int);", "DROP TABLE note;");

/// A project in which nothing is configured.
struct Dev {
    project: Project,
    _lease: Option<Lease>,
}

/// Whoever inherited the process may take a moment to bury it.
fn has_ended(server: Pid) {
    poll::until(10, "the server ends", || kill(server, None).is_err().then_some(()));
}

impl Dev {
    fn new() -> Self {
        let base = cluster::base();
        let lease = Lease::take(&base);
        let project =
            Project::with_migrations(&[NOTE]).url("").env("PGKEEL_STATE_DIR", base.to_str().unwrap());
        Self { project, _lease: Some(lease) }
    }

    /// The folder of the socket, as `dev url` tells it.
    fn socket_dir(&self) -> String {
        let url = self.run(&["dev", "url"]).exits(0).stdout.trim().to_owned();
        url.split_once("host=").expect("a socket").1.split('&').next().unwrap_or_default().to_owned()
    }

    /// The server's process, as it says itself.
    fn server(&self) -> Pid {
        let sql = "SELECT pg_read_file('postmaster.pid')";
        let pid = self.run(&["execute", "--dev", "--format", "csv", "--sql", sql]);
        Pid::from_raw(pid.exits(0).stdout.lines().nth(1).unwrap().trim_matches('"').parse().unwrap())
    }
}

impl Deref for Dev {
    type Target = Project;

    fn deref(&self) -> &Project {
        &self.project
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        self.project.run(&["dev", "destroy", "--yes"]);
    }
}

#[test]
fn the_cluster_starts_stops_and_leaves_nothing_when_it_is_destroyed() {
    let dev = Dev::new();
    assert_snapshot!(dev.run(&["dev", "status"]).text(), @"
    exit 0
    --- stdout
    there is no dev cluster for this project yet
    ");
    assert_snapshot!(dev.run(&["dev", "stop"]).text(), @"
    exit 0
    --- stdout
    the dev cluster was not running
    ");
    assert_snapshot!(dev.run(&["dev", "destroy"]).text(), @"
    exit 0
    --- stdout
    there was no dev cluster
    ");
    let started = dev.run(&["dev", "start", "--json"]).exits(0).json();
    assert_eq!((started["format"].as_i64(), started["state"].as_str()), (Some(1), Some("running")));
    let url = dev.run(&["dev", "url"]).exits(0).stdout.trim().to_owned();
    assert_eq!(started["url"], url);
    assert_eq!(dev.run(&["dev", "status", "--json"]).json()["url"], url);
    let (server, socket) = (dev.server(), dev.socket_dir());

    let psql = dev.run(&["dev", "psql", "--", "-Atc", "SELECT 'from psql', current_user"]);
    assert_eq!(psql.exits(0).stdout, "from psql|dev\n");
    assert_eq!(dev.run(&["dev", "psql", "-Atc", "SELECT 1"]).exits(0).stdout, "1\n");
    dev.run(&["dev", "psql", "--", "-c", "SELCT"]).exits(1);
    // What `dev url` prints works where it is copied to.
    dev.run(&["status", "--exit-zero", "--database-url", &url]).exits(0);

    assert_snapshot!(dev.run(&["dev", "stop"]).text(), @"
    exit 0
    --- stdout
    stopped the dev cluster; its data stays
    ");
    has_ended(server);
    let stopped = dev.run(&["dev", "status"]);
    assert!(stopped.exits(0).stdout.contains("the dev cluster is stopped"), "{}", stopped.text());
    assert_eq!(dev.run(&["dev", "url"]).exits(0).stdout.trim(), url, "a copied URL stays valid");

    let server = dev.server();
    assert_snapshot!(dev.run(&["dev", "destroy"]).text(), @"
    exit 3
    --- stderr
    error: refused: nobody can be asked: this is no terminal
    next: give `--yes` if it is meant
    ");
    assert!(kill(server, None).is_ok(), "nothing happened without leave");
    let (shown, code) = Terminal::start(dev.command(&["dev", "destroy"])).sees("[y/N]").types("n").ends();
    assert_eq!(code, 130, "{shown}");
    assert_snapshot!(dev.run(&["dev", "destroy", "--yes"]).text(), @"
    exit 0
    --- stdout
    destroyed the dev cluster and its data
    ");
    has_ended(server);
    assert!(!Path::new(&socket).exists(), "{socket}");
    let clusters = std::fs::read_dir(cluster::base().join("clusters")).unwrap();
    let project = dev.root().file_name().unwrap().to_string_lossy().to_lowercase();
    let left: Vec<_> = clusters.map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains(&project)), "{left:?}");
}

#[test]
fn two_processes_that_start_it_at_once_get_the_same_server() {
    let dev = Dev::new();
    let start =
        || dev.command(&["dev", "start", "--json"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let both = [start(), start(), start()].map(|child| {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()["url"].clone()
    });
    assert!(both.iter().all(|url| *url == both[0]), "{both:?}");
}

#[test]
fn the_developers_commands_fall_back_to_it_and_those_of_production_do_not() {
    let dev = Dev::new();
    assert_snapshot!(dev.run(&["deploy"]).text(), @"
    exit 2
    --- stderr
    error: No database is configured, and this command does not fall back to the dev cluster. Set DATABASE_URL, or give `--dev` for the project's own dev cluster.
    ");
    dev.run(&["rollback", "--yes"]).exits(2);
    let ci = dev.command(&["migrate"]).env("CI", "1").output().unwrap();
    assert_eq!(ci.status.code(), Some(2));
    let absent = dev.run(&["dev", "status", "--json"]).json();
    assert_eq!(absent["state"], "absent", "nobody started it");

    assert_snapshot!(dev.run(&["migrate"]).text().replace(&cluster_name(&dev), "NAME"), @"
    exit 0
    --- stdout
    applied 20260101000000_note  N ms
    NAME: applied 1 migration
    --- stderr
    database `NAME` of the dev cluster as `dev` (nothing else is configured)
    ");
    dev.run(&["status"]).exits(0);
    dev.run(&["deploy", "--dev"]).exits(0);
    dev.run(&["reset", "--yes"]).exits(0);
    dev.run(&["rollback", "--dev", "--yes"]).exits(0);
    let ci = dev.command(&["migrate", "--dev"]).env("CI", "1").output().unwrap();
    assert_eq!(ci.status.code(), Some(0));
    assert_eq!(dev.run(&["env", "show", "--json"]).json()["environment"], "development");
    // What is configured is stronger, unless `--dev` says otherwise.
    let url = format!("DATABASE_URL={}\n", dev.db.url);
    dev.file(".env", url);
    dev.run(&["status"]).exits(4);
    dev.run(&["status", "--dev"]).exits(0);
}

/// The name of the project's database, which is made of its folder's.
fn cluster_name(dev: &Dev) -> String {
    let url = dev.run(&["dev", "url"]).exits(0).stdout.trim().to_owned();
    url.split_once("@/").unwrap().1.split('?').next().unwrap().to_owned()
}

#[test]
fn over_tcp_it_wants_the_password_that_its_url_holds() {
    let dev = Dev::new();
    let started = dev.run(&["dev", "start", "--tcp"]);
    assert!(
        !started.exits(0).text().contains(":****@") && !started.stdout.contains("127.0.0.1"),
        "{}",
        started.text()
    );
    let url = dev.run(&["dev", "url", "--tcp"]).exits(0).stdout.trim().to_owned();
    dev.run(&["health", "--database-url", &url]).exits(0);
    let (head, tail) = url.split_once('@').unwrap();
    let wrong = format!("{}:wrong@{tail}", head.rsplit_once(':').unwrap().0);
    dev.run(&["health", "--database-url", &wrong]).exits(8);
}

#[test]
fn a_state_folder_in_the_project_works_also_for_root() {
    let project = Dev { project: Project::with_migrations(&[NOTE]).url(""), _lease: None };
    let state = project.root().join("state");
    project.run(&["migrate"]).exits(0);
    assert!(state.join("clusters").is_dir());
    assert!(project.run(&["execute", "--sql", "SELECT * FROM note"]).exits(0).stdout.contains("(0 rows)"));
    project.run(&["dev", "destroy", "--yes"]).exits(0);
    assert_eq!(std::fs::read_dir(state.join("clusters")).unwrap().count(), 0);
}
