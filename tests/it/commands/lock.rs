//! Several runs at once, held locks, and other sessions in the way.

use std::process::{Child, Stdio};
use std::thread;

use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use insta::assert_snapshot;

use crate::support::cluster::{number, words};
use crate::support::poll;
use crate::support::project::Project;

/// A migration that takes so long that others come while it runs.
const SLOW: (&str, &str, &str) = (
    "20260101000000_slow",
    "CREATE TABLE slow (id int); INSERT INTO slow VALUES (1); SELECT pg_sleep(0.4);",
    "DROP TABLE slow;",
);

fn spawn(project: &Project, arguments: &[&str]) -> Child {
    project.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Exit code, stdout and stderr.
fn ended(child: Child) -> (i32, String, String) {
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A migration that waits at a gate until the test opens it.
const GATED: (&str, &str, &str) = (
    "20260101000000_gated",
    "CREATE TABLE gated (id int); INSERT INTO gated VALUES (1); SELECT pg_advisory_xact_lock(4711);",
    "DROP TABLE gated;",
);

/// Five replicas deploy at once: all end with 0, one of them applied, the others named it and waited.
#[track_caller]
fn one_of_five_applies(project: &Project) {
    let mut gate = project.db.connect();
    gate.batch_execute("SELECT pg_advisory_lock(4711)").unwrap();
    let replicas: Vec<_> = (0..5).map(|_| spawn(project, &["deploy"])).collect();
    // Who waits has asked who holds the lock.
    let waiters = "SELECT count(*) AS value FROM pg_stat_activity WHERE datname = current_database() \
                   AND application_name = 'pgkeel deploy' AND query LIKE '%pg_locks%'";
    poll::until(60, "four replicas wait", || (number(&mut gate, waiters) == 4).then_some(()));
    let named = "SELECT count(*) AS value FROM pg_stat_activity WHERE datname = current_database() \
                 AND query LIKE '/* migration 20260101000000_gated */%'";
    poll::until(60, "the activity names the migration", || (number(&mut gate, named) == 1).then_some(()));
    gate.batch_execute("SELECT pg_advisory_unlock(4711)").unwrap();
    let ended: Vec<_> = replicas.into_iter().map(ended).collect();
    for (code, _, stderr) in &ended {
        assert_eq!(*code, 0, "{stderr}");
    }
    let applied = ended.iter().filter(|(_, stdout, _)| stdout.contains("applied 1 migration")).count();
    let nothing = ended.iter().filter(|(_, stdout, _)| stdout.contains("nothing to apply")).count();
    assert_eq!((applied, nothing), (1, 4), "{ended:#?}");
    let waited = ended.iter().filter(|(_, _, stderr)| {
        stderr.contains("another run holds the migration lock (pid ")
            && stderr.contains("application pgkeel deploy")
            && stderr.contains("got the migration lock after ")
    });
    assert_eq!(waited.count(), 4, "{ended:#?}");
    assert_eq!(project.number("SELECT count(*) FROM pgkeel.operation"), 1);
}

#[test]
fn of_five_replicas_one_applies_and_all_succeed() {
    let project = Project::with_migrations(&[GATED]);
    one_of_five_applies(&project);
    assert_eq!(project.number("SELECT count(*) FROM gated"), 1);
}

#[test]
fn of_five_replicas_one_applies_although_the_schema_of_the_url_is_yet_to_be_created() {
    let project = Project::with_migrations(&[GATED]);
    let url = format!("{}&schema=app", project.db.url);
    let project = project.url(&url);
    one_of_five_applies(&project);
    assert_eq!(project.number("SELECT count(*) FROM app.gated"), 1);
}

/// The key of the migration lock, as a deploy shows it while it runs `SLOW`.
fn key_of_a_running_deploy(project: &Project, watcher: &mut PgConnection) -> String {
    let deploy = spawn(project, &["deploy"]);
    // While the migration runs: not the locks of the sessions that create our own tables.
    let held = "SELECT coalesce((SELECT (classid::bigint << 32 | objid::bigint)::text \
                FROM pg_locks JOIN pg_stat_activity USING (pid) \
                WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND datname = current_database() \
                AND application_name = 'pgkeel deploy' AND query LIKE '/* migration %'), '') AS value";
    let key = poll::until(20, "a deploy takes the lock", || {
        Some(words(watcher, held)).filter(|key| !key.is_empty())
    });
    assert_eq!(ended(deploy).0, 0);
    key
}

#[test]
fn a_held_lock_is_exit_7_and_its_holder_is_named() {
    let project = Project::with_migrations(&[SLOW]);
    let mut holder = project.db.connect();
    let key = key_of_a_running_deploy(&project, &mut holder);
    project.migration("20260102000000_next", "CREATE TABLE next (id int);", "DROP TABLE next;");
    holder
        .batch_execute(&format!("SET application_name = 'night shift'; SELECT pg_advisory_lock({key})"))
        .unwrap();
    let text = project.run(&["deploy", "--lock-wait", "100ms"]).text().to_owned();
    let connected = text.find("connected for ").map(|at| text[at..].split(' ').nth(2).unwrap().to_owned());
    assert_snapshot!(text.replace(&format!("for {} s", connected.unwrap()), "for N s"), @"
    exit 7
    --- stderr
    another run holds the migration lock (pid PID, role dev, application night shift, client local, connected for N s); waiting for it
    error: another run holds the migration lock of `DB` (pid PID, role dev, application night shift, client local, connected for N s); waited 0 s
    next: wait for it, or look at what it does: SELECT * FROM pg_stat_activity; `--lock-wait 5m` waits longer
    ");
    project.run(&["rollback", "--dry-run"]).exits(0);
    project.run(&["deploy", "--dry-run"]).exits(0);
    project.run(&["status"]).exits(4);
    // Its end lets the next one through.
    let waiting = spawn(&project, &["deploy"]);
    drop(holder);
    let (code, _, stderr) = ended(waiting);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(project.number("SELECT count(*) FROM next"), 0);
}

#[test]
fn no_lock_stays_after_a_run() {
    let project = Project::with_migrations(&[SLOW]);
    project.run(&["deploy"]).exits(0);
    let held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' \
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    // A backend ends a moment after its client.
    poll::until(20, "its backends end", || (project.number(held) == 0).then_some(()));
}

#[test]
fn a_table_that_another_session_has_locked_is_tried_again_until_it_is_free() {
    let project =
        Project::with_migrations(&[("20260101000000_t", "CREATE TABLE t (id int);", "DROP TABLE t;")]);
    project.run(&["deploy"]).exits(0);
    project.migration("20260102000000_alter", "ALTER TABLE t ADD name text;", "ALTER TABLE t DROP name;");
    let mut other = project.db.connect();
    other.batch_execute("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE").unwrap();
    let deploy = spawn(&project, &["deploy", "--lock-timeout", "50ms"]);
    let mut watcher = project.db.connect();
    // It looks who is in the way, and waits outside of the queue until they have gone.
    let looks = "SELECT count(*) AS value FROM pg_stat_activity WHERE datname = current_database() \
                 AND application_name = 'pgkeel deploy (watcher)'";
    poll::until(20, "it looks", || (number(&mut watcher, looks) == 1).then_some(()));
    let queued = "SELECT count(*) AS value FROM pg_locks WHERE NOT granted AND relation = 't'::regclass";
    assert_eq!(number(&mut watcher, queued), 0);
    other.batch_execute("COMMIT").unwrap();
    let (code, stdout, stderr) = ended(deploy);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("applied 1 migration"), "{stdout}");
    let told = stderr.lines().find(|line| line.contains("trying again")).unwrap_or_default();
    let why = ["`public.t` is locked by pid", "an old transaction held", "lock timeout"];
    assert!(why.iter().any(|why| told.contains(why)), "{stderr}");
    assert_eq!(
        project
            .number("SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'name'"),
        1
    );
    assert_eq!(project.words("SELECT string_agg(outcome, ' ') FROM pgkeel.operation"), "done done");
}

#[test]
fn a_deadlock_is_tried_again() {
    let project = Project::with_migrations(&[(
        "20260101000000_t",
        "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY); INSERT INTO t VALUES (1); INSERT INTO u VALUES (1);",
        "DROP TABLE t, u;",
    )]);
    project.run(&["deploy"]).exits(0);
    project.migration(
        "20260102000000_both",
        "SET deadlock_timeout = '10ms'; UPDATE t SET id = 2; SELECT pg_advisory_xact_lock(4711); UPDATE u SET id = 2;",
        "SELECT 1;",
    );
    let (mut gate, mut other) = (project.db.connect(), project.db.connect());
    gate.batch_execute("SELECT pg_advisory_lock(4711)").unwrap();
    other
        .batch_execute(
            "SET application_name = 'other'; SET deadlock_timeout = '60s'; BEGIN; UPDATE u SET id = 3",
        )
        .unwrap();
    let deploy = spawn(&project, &["deploy"]);
    let waits = |who: &str| {
        format!(
            "SELECT count(*) AS value FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
             AND application_name = '{who}' AND datname = current_database()"
        )
    };
    poll::until(20, "it holds t", || (number(&mut gate, &waits("pgkeel deploy")) == 1).then_some(()));
    let crossing = thread::spawn(move || other.batch_execute("UPDATE t SET id = 3; COMMIT"));
    poll::until(20, "the other waits for t", || (number(&mut gate, &waits("other")) == 1).then_some(()));
    // Now it asks for u, and is the one that finds the circle.
    gate.batch_execute("SELECT pg_advisory_unlock(4711)").unwrap();
    let (code, _, stderr) = ended(deploy);
    crossing.join().unwrap().unwrap();
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("deadlock detected (SQLSTATE 40P01); trying again"), "{stderr}");
    assert_eq!(project.number("SELECT id FROM t"), 2);
}

#[test]
fn the_orphan_of_a_killed_run_is_named_and_ended_on_request() {
    let project = Project::with_migrations(&[SLOW]);
    let mut holder = project.db.connect();
    let key = key_of_a_running_deploy(&project, &mut holder);
    project.migration("20260102000000_next", "CREATE TABLE next (id int);", "DROP TABLE next;");
    // As a run that was killed leaves it: its backend lives on with the lock, its process is gone.
    let mut gone = project.command(&["--version"]).stdout(std::process::Stdio::null()).spawn().unwrap();
    gone.wait().unwrap();
    holder
        .batch_execute(&format!(
            "SELECT pg_advisory_lock({key}); UPDATE pgkeel.operation SET outcome = NULL, finished_at = NULL, \
             client_pid = {0}, backend_pid = pg_backend_pid(); UPDATE pgkeel.last_operation SET outcome = NULL, \
             client_pid = {0}, backend_pid = pg_backend_pid()",
            gone.id()
        ))
        .unwrap();
    let ran = project.run(&["deploy", "--lock-wait", "100ms"]);
    ran.exits(7);
    let named =
        format!("it is an orphan: its process {} is gone; `--terminate-orphan` ends its session", gone.id());
    assert!(ran.stderr.contains(&named), "{}", ran.text());
    let ran = project.run(&["deploy", "--terminate-orphan", "--lock-wait", "20s"]);
    ran.exits(0);
    assert!(ran.stderr.contains("is gone; ended its session"), "{}", ran.text());
    assert!(ran.stderr.contains("was killed, or lost its connection"), "{}", ran.text());
    assert_eq!(project.number("SELECT count(*) FROM next"), 0);
    assert_eq!(
        project.words("SELECT string_agg(outcome, ' ' ORDER BY id) FROM pgkeel.operation"),
        "interrupted done"
    );
}
