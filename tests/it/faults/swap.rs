//! A reset at each point of its swap: whatever happens there, the name leads to the old database or to the new one, open,
//! and the next reset cleans up.

use std::path::PathBuf;
use std::process::{Child, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::cluster::number;
use crate::support::poll;
use crate::support::project::Project;

use super::relay::Relay;
use super::shop::ended;

const POINTS: [&str; 5] =
    ["swap-before-lock", "swap-locked", "swap-renamed-once", "swap-before-commit", "swap-after-commit"];

const OID: &str = "SELECT oid FROM pg_database WHERE datname = current_database()";

/// A reset that stands at its point.
struct Standing {
    point: &'static str,
    project: Project,
    before: i64,
    child: Child,
}

fn shop() -> Project {
    let project = Project::with_migrations(&[(
        "20260101000000_customer",
        "CREATE TABLE customer (id int);",
        "DROP TABLE customer;",
    )]);
    project.run(&["deploy"]).exits(0);
    project
}

impl Standing {
    fn at(point: &'static str, project: Project) -> Self {
        let before = project.number(OID);
        let mut command = project.command(&["reset", "--yes", "--force", "--skip-seed"]);
        command.env("PGKEEL_FAULT", format!("{point}:{}", flag(&project).display()));
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        poll::until(20, point, || flag(&project).exists().then_some(()));
        Self { point, project, before, child }
    }

    /// Let it go on, to its end.
    fn goes_on(self) -> (Project, Option<i32>, String) {
        std::fs::remove_file(flag(&self.project)).unwrap();
        let (code, stdout, stderr) = ended(self.child);
        (self.project, code, format!("{}: {stdout}{stderr}", self.point))
    }
}

fn flag(project: &Project) -> PathBuf {
    project.root().join("fault")
}

/// The old database has its name and lets people in, unless the swap was committed; the next reset ends the matter.
#[track_caller]
fn is_whole(project: &Project, before: i64, point: &str) {
    // Who comes while the old one is being renamed back waits.
    let now = project.number(OID);
    assert_eq!(now == before, point != "swap-after-commit", "{point}");
    project.run(&["status"]).exits(0);
    project.run(&["reset", "--yes", "--force", "--skip-seed"]).exits(0);
    assert_ne!(project.number(OID), now, "{point}");
    let beside = format!(
        "SELECT count(*) FROM pg_database WHERE shobj_description(oid, 'pg_database') LIKE '%a reset of {};%'",
        project.db.name
    );
    assert_eq!(project.number(&beside), 0, "{point}");
    project.run(&["status"]).exits(0);
}

#[test]
fn a_reset_that_is_killed_at_its_swap_leaves_the_old_database_or_the_new_one() {
    for point in POINTS {
        let mut run = Standing::at(point, shop());
        run.child.kill().unwrap();
        run.child.wait().unwrap();
        is_whole(&run.project, run.before, point);
    }
}

#[test]
fn a_reset_that_is_interrupted_at_its_swap_leaves_the_old_database_or_the_new_one() {
    for point in POINTS {
        let run = Standing::at(point, shop());
        let before = run.before;
        kill(Pid::from_raw(i32::try_from(run.child.id()).unwrap()), Signal::SIGINT).unwrap();
        // What was sent has not arrived yet, and a COMMIT that was sent before wins.
        let heard = flag(&run.project).with_extension("heard");
        poll::until(20, point, || heard.exists().then_some(()));
        let (project, code, said) = run.goes_on();
        if point != "swap-after-commit" {
            assert_eq!(code, Some(130), "{said}");
        }
        is_whole(&project, before, point);
    }
}

#[test]
fn a_reset_whose_rename_somebody_ends_leaves_the_old_database() {
    // Before the lock nobody else can tell its backend.
    for point in &POINTS[1..4] {
        let run = Standing::at(point, shop());
        let before = run.before;
        let end = format!(
            "SELECT count(pg_terminate_backend(pid)) AS value FROM pg_locks WHERE locktype = 'object' AND objid = {before} \
             AND classid = 'pg_database'::regclass AND mode = 'AccessExclusiveLock' AND granted"
        );
        assert_eq!(number(&mut admin(&run.project), &end), 1, "{point}");
        let (project, code, said) = run.goes_on();
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("the database is as it was"), "{said}");
        is_whole(&project, before, point);
    }
}

/// Beside: who connects to the database itself waits.
fn admin(project: &Project) -> diesel::PgConnection {
    let url = project.db.url.replace(&format!("/{}?", project.db.name), "/postgres?");
    diesel::Connection::establish(&url).unwrap()
}

/// A reset that stands before its COMMIT, whose answer will not come.
fn unanswered() -> (Standing, Relay) {
    let mut project = shop();
    let address = project.db.tcp_address().to_owned();
    let relay = Relay::to(&address);
    let url = project.db.tcp_url.replace(&address, &relay.address);
    project.connect_to(&url);
    let run = Standing::at("swap-before-commit", project);
    // The message that is nothing but this: its length is before it.
    relay.swallow_the_answer_to("\u{b}COMMIT\0");
    (run, relay)
}

#[test]
fn a_commit_whose_answer_is_lost_is_found_out_where_the_server_can_be_asked() {
    let (asked, relay) = unanswered();
    let (alone, _cut) = unanswered();
    let before = [asked.before, alone.before];
    std::fs::remove_file(flag(&alone.project)).unwrap();
    std::fs::remove_file(flag(&asked.project)).unwrap();
    poll::until(10, "the answer is lost", || relay.is_cut().then_some(()));
    relay.heal();
    let (code, stdout, stderr) = ended(asked.child);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(stdout.contains("the old database could not be dropped"), "{stdout}{stderr}");
    assert_ne!(asked.project.number(OID), before[0]);
    let (code, stdout, stderr) = ended(alone.child);
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    assert!(stderr.contains("the server cannot be asked whether"), "{stderr}");
    assert!(stderr.contains("the swap was done if there is no database `pgkeel_new_"), "{stderr}");
    assert_ne!(alone.project.number(OID), before[1]);
    for mut project in [asked.project, alone.project] {
        let url = project.db.url.clone();
        project.connect_to(&url);
        project.run(&["reset", "--yes", "--force", "--skip-seed"]).exits(0);
    }
}
