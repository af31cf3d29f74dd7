//! Plants that are committed while a command runs: after it has looked at a table, and before it uses it.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use crate::support::cluster::{number, variable};
use crate::support::poll;

use super::cast::{Cast, Powers, Records, Runner, Stage};
use super::commands::{Command, RECORDS};
use super::report::Report;
use super::tables::{KINDS, TABLES, Table};

/// A run stops here after it has locked tables of the record and looked at their shape.
#[cfg(feature = "fault-points")]
const LOCKED: &str = "record-held";

fn named(name: &str) -> Command {
    *RECORDS.iter().find(|command| command.name == name).expect("it is one of them")
}

/// The sessions of pgkeel in this database that wait for a lock that this condition on `pg_locks` describes.
fn waits(admin: &mut PgConnection, lock: &str) -> bool {
    let sql = format!(
        "SELECT count(*) AS value FROM pg_locks l JOIN pg_stat_activity a USING (pid) \
         WHERE NOT l.granted AND a.datname = current_database() AND a.application_name LIKE 'pgkeel%' AND {lock}"
    );
    number(admin, &sql) > 0
}

/// The planter holds the table when the command comes to it, plants, and lets it go.
fn in_the_queue(
    stage: &mut Stage<'_>,
    table: &Table,
    kind: (&str, &str),
    command: &Command,
) -> super::report::Cell {
    let mut mallory = stage.mallory();
    let place = format!("{}.{}", table.schema, table.name);
    mallory.batch_execute(&format!("BEGIN; LOCK TABLE {place} IN ACCESS EXCLUSIVE MODE")).unwrap();
    let mut running = stage.start(command, None);
    let mut admin = stage.project.db.connect();
    let lock = format!("l.relation = '{place}'::regclass");
    poll::until(20, "the command comes to the table", || {
        (waits(&mut admin, &lock) || running.try_wait().unwrap().is_some()).then_some(())
    });
    mallory.batch_execute(&format!("{}; COMMIT", table.planted(0, kind.1))).unwrap();
    drop(mallory);
    stage.ended(command, running)
}

/// Tables with the commands that come to them.
const QUEUES: [(usize, &str); 8] = [
    (0, "status"),
    (0, "deploy"),
    (0, "rollback"),
    (2, "deploy"),
    (2, "seed"),
    (3, "status"),
    (3, "deploy"),
    (4, "env set"),
];

#[test]
fn nothing_that_is_planted_while_a_command_waits_for_the_table_runs() {
    let mut report = Report::new("planted while the command waits for the table");
    let cast = Cast::new(Powers::OwnsDatabase, Runner::Superuser, Records::Planter);
    for (turn, (table, command)) in QUEUES.into_iter().enumerate() {
        for (at, kind) in KINDS.into_iter().enumerate() {
            if variable("PGKEEL_LONG").is_none() && at % QUEUES.len() != turn {
                continue;
            }
            let mut stage = cast.stage();
            let table = TABLES[table];
            stage.plant(&table.functions(&stage.planter(), 0, kind.0));
            let command = named(command);
            let cell = in_the_queue(&mut stage, &table, kind, &command);
            report.note(&format!("{}: {}", table.name, kind.0), command.name, &cell);
        }
    }
    report.judge();
}

/// What the owner of a table can try while others use it, each in a transaction of its own. What waits gives up.
fn tries(stage: &Stage<'_>, tables: &[Table]) {
    for (n, table) in tables.iter().enumerate() {
        for kind in KINDS {
            let mut mallory = stage.mallory();
            let sql = format!("SET lock_timeout = '60ms'; BEGIN; {}; COMMIT", table.planted(n, kind.1));
            // It waits for a lock of the command, or does it.
            mallory.batch_execute(&sql).ok();
        }
        let mut mallory = stage.mallory();
        let concurrently = table.planted(
            n,
            "SET statement_timeout = '200ms'; CREATE INDEX CONCURRENTLY {n}_late ON {t} (({f}('a constant')))",
        );
        mallory.batch_execute(&concurrently).ok();
    }
}

/// Functions for all tables, so that only what fills them is planted in between.
fn prepared(cast: &Cast) -> Stage<'_> {
    let stage = cast.stage();
    let planter = stage.planter();
    for (n, table) in TABLES.iter().enumerate() {
        stage.plant(&table.functions(&planter, n, "late"));
    }
    stage
}

#[test]
fn nothing_that_is_planted_while_a_migration_runs_is_run_by_the_rest_of_it() {
    let mut report = Report::new("planted while a migration runs");
    let cast = Cast::new(Powers::OwnsDatabase, Runner::Superuser, Records::Planter);
    let mut stage = prepared(&cast);
    // The migration waits here, after its rows were written and before they are looked at again.
    stage.project.migration(
        "20260102000000_b",
        "CREATE TABLE public.b (id int PRIMARY KEY); SELECT pg_catalog.pg_advisory_xact_lock(77::pg_catalog.int8);",
        "DROP TABLE public.b;",
    );
    let mut holder = PgConnection::establish(&stage.project.db.url).unwrap();
    holder.batch_execute("SELECT pg_advisory_lock(77)").unwrap();
    let command = named("deploy");
    let mut running = stage.start(&command, None);
    poll::until(20, "the migration waits", || {
        (waits(&mut holder, "l.locktype = 'advisory'") || running.try_wait().unwrap().is_some()).then_some(())
    });
    tries(&stage, &TABLES);
    drop(holder);
    let cell = stage.ended(&command, running);
    report.note("all kinds, all tables", command.name, &cell);
    report.judge();
}

/// The command stops at a point of the program, and the planter plants one kind in all tables.
#[cfg(feature = "fault-points")]
#[test]
fn nothing_that_is_planted_between_two_messages_runs() {
    let mut report = Report::new("planted between two messages");
    let cast = Cast::new(Powers::OwnsDatabase, Runner::Superuser, Records::Planter);
    let points = [("after-lock", "deploy"), ("before-message", "deploy"), (LOCKED, "env set")];
    for (turn, (point, command)) in points.into_iter().enumerate() {
        for (at, kind) in KINDS.into_iter().enumerate() {
            if variable("PGKEEL_LONG").is_none() && at % 3 != turn {
                continue;
            }
            let mut stage = prepared(&cast);
            let command = named(command);
            let mut running = stage.start(&command, Some(point));
            let flag = stage.flag();
            poll::until(20, point, || (flag.exists() || running.try_wait().unwrap().is_some()).then_some(()));
            assert!(flag.exists(), "{point}: {}", stage.ended(&command, running).shown);
            for (n, table) in TABLES.iter().enumerate() {
                let sql = format!("SET lock_timeout = '60ms'; BEGIN; {}; COMMIT", table.planted(n, kind.1));
                stage.mallory().batch_execute(&sql).ok();
            }
            std::fs::remove_file(flag).unwrap();
            let cell = stage.ended(&command, running);
            report.note(&format!("{point}: {}", kind.0), command.name, &cell);
        }
    }
    report.judge();
}
