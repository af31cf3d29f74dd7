//! Runs that are interrupted, killed or cut off: nothing half recorded, no lock left.

use std::process::{Child, Stdio};

use insta::{allow_duplicates, assert_snapshot};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::cluster::number;
use crate::support::poll;
use crate::support::project::Project;

/// The second migration sleeps until somebody ends it.
fn project() -> Project {
    Project::with_migrations(&[
        ("20260101000000_first", "CREATE TABLE first (id int);", "DROP TABLE first;"),
        (
            "20260102000000_sleeper",
            "CREATE TABLE half (id int);\nSELECT pg_sleep(300);\n",
            "DROP TABLE half;",
        ),
    ])
}

/// Start a deploy and wait until it sleeps.
fn asleep(project: &Project) -> Child {
    let deploy = project.command(&["deploy"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut watcher = project.db.connect();
    poll::until(20, "the migration sleeps", || (number(&mut watcher, SLEEPERS) == 1).then_some(()));
    deploy
}

const SLEEPERS: &str = "SELECT count(*) AS value FROM pg_stat_activity WHERE datname = current_database() \
                        AND application_name = 'pgkeel deploy' AND wait_event = 'PgSleep'";

/// Nothing of the second migration stays, nothing holds the lock, and a mended one goes through.
#[track_caller]
fn is_clean(project: &Project) {
    let mut watcher = project.db.connect();
    let left = "SELECT count(*) AS value FROM pg_stat_activity WHERE datname = current_database() \
                AND application_name = 'pgkeel deploy'";
    poll::until(20, "no backend is left", || (number(&mut watcher, left) == 0).then_some(()));
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname = 'half'"), 0);
    assert_eq!(
        project.words("SELECT string_agg(version, ' ') FROM __diesel_schema_migrations"),
        "20260101000000"
    );
    assert_eq!(project.words("SELECT string_agg(version, ' ') FROM pgkeel.migration"), "20260101000000");
    project.run(&["status"]).exits(4);
    project.file("migrations/20260102000000_sleeper/up.sql", "CREATE TABLE half (id int);");
    project.run(&["deploy", "--lock-wait", "1s"]).exits(0);
}

fn ended(project: &Project, child: Child) -> String {
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    project.shown(&text(&output.stdout), &text(&output.stderr), output.status.code().unwrap_or(-1))
}

#[test]
fn ctrl_c_cancels_on_the_server_and_is_exit_130() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let project = project();
        let deploy = asleep(&project);
        kill(Pid::from_raw(deploy.id().cast_signed()), signal).unwrap();
        allow_duplicates!(assert_snapshot!(ended(&project, deploy), @"
        exit 130
        --- stderr
        database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
        error: migration `20260102000000_sleeper` could not be applied
          migrations/20260102000000_sleeper/up.sql:2:1
            |
          2 | SELECT pg_sleep(300);
            | ^
          interrupted
          the database now: rolled back, nothing of this migration stays; 1 migration before it is done: 20260101000000_first
        next: `pgkeel deploy` goes on from here
        "));
        assert_eq!(project.words("SELECT outcome FROM pgkeel.operation"), "interrupted");
        is_clean(&project);
    }
}

#[test]
fn a_killed_run_leaves_nothing_half_done_and_status_says_so() {
    let project = project();
    let mut deploy = asleep(&project);
    deploy.kill().unwrap();
    deploy.wait().unwrap();
    let status = project.run(&["status"]);
    assert!(
        status.exits(4).stdout.contains("has no end recorded: it is still running, or it was killed"),
        "{}",
        status.stdout
    );
    is_clean(&project);
}

#[test]
fn a_backend_that_somebody_ends_is_told_as_such() {
    let project = project();
    let deploy = asleep(&project);
    project.sql(&SLEEPERS.replace("count(*) AS value", "pg_terminate_backend(pid)"));
    assert_snapshot!(ended(&project, deploy), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: migration `20260102000000_sleeper` could not be applied
      migrations/20260102000000_sleeper/up.sql:2:1
        |
      2 | SELECT pg_sleep(300);
        | ^
      terminating connection due to administrator command (SQLSTATE 57P01)
      the database now: rolled back, nothing of this migration stays; 1 migration before it is done: 20260101000000_first
    next: somebody ended the session, or the server stops; `pgkeel deploy` when it may run again
    ");
    assert_eq!(project.words("SELECT outcome FROM pgkeel.operation"), "failed");
    is_clean(&project);
}
