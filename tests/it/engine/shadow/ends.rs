//! However a shadow database ends, nothing of it stays; and nobody else's goes.

use std::process::Child;
use std::sync::Arc;
use std::thread;

use diesel::connection::SimpleConnection;
use pgkeel::engine::shadow::{PREFIX, Server, Shadow, drop_leftovers};

use super::stage::{Stage, ask, exists, folder, read};
use crate::support::helper::{self, Role};
use crate::support::opening::opening;
use crate::support::poll;

fn name(shadow: &Shadow) -> String {
    shadow.opening().url.database().unwrap().to_owned()
}

#[test]
fn a_shadow_database_is_like_the_one_it_stands_for_and_goes_with_its_value() {
    let stage = Stage::new();
    let shadow = stage.shadow(Server::Shared);
    let made = name(&shadow);
    assert!(made.starts_with(PREFIX), "{made}");
    let mut session = shadow.connect().unwrap();
    assert_eq!(ask(&mut session, "SELECT count(*) FROM pg_class WHERE oid >= 16384"), "0");
    let limit = "SELECT datconnlimit > 0 FROM pg_database WHERE datname = current_database()";
    assert_eq!(ask(&mut session, limit), "t");
    // A session that is still there is no reason to stay.
    drop(shadow);
    assert!(!exists(&stage.db, &made));
}

#[test]
fn a_schema_that_does_not_load_leaves_nothing() {
    let stage = Stage::new();
    let folder = folder(&[("a.sql", "nonsense")]);
    let shadow = stage.shadow(Server::Shared);
    let made = name(&shadow);
    shadow.load(&read(folder.path())).unwrap_err();
    drop(shadow);
    assert!(!exists(&stage.db, &made));
}

#[test]
fn a_shadow_database_goes_also_after_an_interrupt() {
    let stage = Stage::new();
    let shadow = stage.shadow(Server::Shared);
    let made = name(&shadow);
    shadow.opening().interrupt.raise();
    shadow.connect().unwrap_err();
    drop(shadow);
    assert!(!exists(&stage.db, &made));
}

/// A process that works in a shadow database, and its name.
fn working(stage: &Stage) -> (Child, String) {
    let base = folder(&[("url", &stage.db.url)]);
    let child = helper::spawn(Role::Shadow, base.path());
    let held = base.path().join("held");
    let name = poll::until(60, "a shadow database is there", || std::fs::read_to_string(&held).ok());
    (child, name)
}

#[test]
fn what_a_killed_run_left_goes_with_the_next_and_what_one_works_in_stays() {
    let stage = Stage::new();
    let (mut child, made) = working(&stage);
    let (mut other, others) = working(&stage);
    drop_leftovers(&opening(&stage.db.url)).unwrap();
    assert!(exists(&stage.db, &made) && exists(&stage.db, &others));
    child.kill().unwrap();
    child.wait().unwrap();
    // Its sessions end when the server notices.
    poll::until(20, "the next run drops it", || {
        drop(stage.shadow(Server::Shared));
        (!exists(&stage.db, &made)).then_some(())
    });
    assert!(exists(&stage.db, &others));
    other.kill().unwrap();
    other.wait().unwrap();
    poll::until(20, "the one after that too", || {
        drop_leftovers(&opening(&stage.db.url)).unwrap();
        (!exists(&stage.db, &others)).then_some(())
    });
}

#[test]
fn only_what_is_ours_is_taken_for_a_leftover() {
    let stage = Stage::new();
    let names = ["0000000000000001", "0000000000000002", "mine"]
        .map(|end| format!("{PREFIX}{end}_{}", stage.db.name));
    let plain = format!("{PREFIX}{:016x}", u64::from(std::process::id()) << 20);
    let sql = |sql: String| stage.db.connect().batch_execute(&sql).unwrap();
    for name in &names {
        sql(format!("CREATE DATABASE \"{name}\""));
    }
    // It gets its name with the comment: another test's run would drop it before.
    let unnamed = format!("unnamed_{}", stage.db.name);
    sql(format!("CREATE DATABASE \"{unnamed}\""));
    sql(format!("COMMENT ON DATABASE \"{unnamed}\" IS 'do not touch'"));
    sql(format!("ALTER DATABASE \"{unnamed}\" RENAME TO \"{plain}\""));
    drop_leftovers(&opening(&stage.db.url)).unwrap();
    for name in names.iter().chain([&plain]) {
        assert!(exists(&stage.db, name), "{name}");
        sql(format!("COMMENT ON DATABASE \"{name}\" IS NULL"));
    }
    drop_leftovers(&opening(&stage.db.url)).unwrap();
    // As a run leaves it that is killed between CREATE DATABASE and its comment.
    // The run of another test may hold it at this moment, and drop it itself.
    poll::until(20, "the leftover is dropped", || (!exists(&stage.db, &plain)).then_some(()));
    for name in &names {
        sql(format!("DROP DATABASE \"{name}\""));
    }
}

#[test]
fn many_at_once_do_not_drop_one_anothers() {
    let stage = Arc::new(Stage::new());
    let runs: Vec<_> = (0..4)
        .map(|n| {
            let stage = Arc::clone(&stage);
            thread::spawn(move || {
                for _ in 0..3 {
                    let folder = folder(&[("a.sql", &format!("CREATE TABLE t{n} (a int);"))]);
                    let shadow = stage.shadow(Server::Shared);
                    shadow.load(&read(folder.path())).unwrap();
                    let count = "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND oid >= 16384";
                    assert_eq!(ask(&mut shadow.connect().unwrap(), count), "1");
                }
            })
        })
        .collect();
    runs.into_iter().for_each(|run| run.join().unwrap());
}
