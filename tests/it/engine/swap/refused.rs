//! When it does not come to a swap, everything is as it was; and what a person can type instead.

use std::thread;

use diesel::connection::SimpleConnection;
use insta::assert_snapshot;
use pgkeel::engine::Event;
use pgkeel::engine::swap::{Sessions, Swap, SwapError, sql};
use pgkeel::pg::error::PgError;

use crate::support::cluster::number;
use crate::support::poll;

use super::stage::{ASIDE, Events, FRESH, Stage, run};

/// Somebody waits for the lock of a rename.
fn rename_waits(stage: &Stage) {
    let sql = "SELECT count(*) AS value FROM pg_locks WHERE locktype = 'object' AND NOT granted \
               AND mode = 'AccessExclusiveLock'";
    let mut watcher = stage.cluster.connect("postgres");
    poll::until(10, "the rename waits", || (number(&mut watcher, sql) == 1).then_some(()));
}

#[test]
fn others_are_named_and_stay_where_they_are_not_to_be_disconnected() {
    let stage = Stage::new();
    let before = stage.databases();
    let refuse = Swap { sessions: Sessions::Refuse, ..stage.there() };
    let mut other = stage.cluster.connect("shop");
    other.batch_execute("SET application_name = 'colleague'").unwrap();
    let error = run(&refuse).0.unwrap_err();
    let SwapError::InUse { sessions, .. } = &error else { panic!("{error}") };
    assert!(sessions.len() == 1 && sessions[0].ends_with("role dev, application colleague, idle"), "{error}");
    assert_eq!(stage.databases(), before);
    other.batch_execute("SELECT 1").unwrap();
    drop(other);
    assert_eq!(run(&refuse).0.unwrap().terminated, 0);
}

#[test]
fn a_name_that_is_missing_or_taken_is_told() {
    let stage = Stage::new();
    let before = stage.databases();
    let error = run(&Swap { fresh: "shop__r_2", ..stage.there() }).0.unwrap_err();
    assert_eq!(error.to_string(), "there is no database `shop__r_2` to take the place of another");
    let error = run(&Swap { aside: "postgres", ..stage.there() }).0.unwrap_err();
    assert_eq!(error.to_string(), "there is a database `postgres` already");
    assert_eq!(stage.databases(), before);
}

#[test]
fn a_lock_that_is_not_had_is_tried_again() {
    let stage = Stage::new();
    let mut holder = stage.cluster.connect("postgres");
    holder.batch_execute("BEGIN; COMMENT ON DATABASE shop IS 'in the way'").unwrap();
    let (mut session, swapping) = (stage.cluster.connect("shop"), stage.there());
    struct LetGo<'a>(&'a mut diesel::PgConnection, Events);
    impl pgkeel::engine::Observer for LetGo<'_> {
        fn event(&mut self, event: Event) {
            self.0.batch_execute("ROLLBACK").unwrap();
            self.1.event(event);
        }
    }
    let mut observer = LetGo(&mut holder, Events::default());
    let done = pgkeel::engine::swap::swap(&swapping, &mut observer).unwrap();
    assert_eq!((done.attempts, done.terminated), (2, 1));
    assert!(matches!(&observer.1.0[..], [Event::Retry { why, .. }] if why.contains("55P03")));
    assert!(session.batch_execute("SELECT 1").is_err());
}

#[test]
fn nobody_is_disconnected_before_the_lock_is_had_and_ctrl_c_is_obeyed() {
    let stage = Stage::new();
    let before = stage.databases();
    let mut holder = stage.cluster.connect("postgres");
    holder.batch_execute("BEGIN; COMMENT ON DATABASE shop IS 'in the way'").unwrap();
    let mut client = stage.cluster.connect("shop");
    let done = thread::scope(|scope| {
        let swap = scope.spawn(|| run(&stage.there()).0);
        rename_waits(&stage);
        client.batch_execute("INSERT INTO sold VALUES (1, 1)").unwrap();
        stage.opening.interrupt.raise();
        swap.join().unwrap()
    });
    assert!(matches!(done, Err(SwapError::Pg(PgError::Interrupted))), "{done:?}");
    client.batch_execute("INSERT INTO sold VALUES (1, 2)").unwrap();
    holder.batch_execute("ROLLBACK").unwrap();
    assert_eq!(stage.databases(), before);
    stage.cluster.connect("shop");
}

#[test]
fn databases_that_somebody_renames_meanwhile_are_not_swapped() {
    let stage = Stage::new();
    stage.sql("CREATE DATABASE shop_spare");
    let mut other = stage.cluster.connect("postgres");
    other
        .batch_execute(
            "BEGIN; ALTER DATABASE shop RENAME TO shop_old; ALTER DATABASE shop_spare RENAME TO shop",
        )
        .unwrap();
    let done = thread::scope(|scope| {
        let swap = scope.spawn(|| run(&stage.there()).0);
        rename_waits(&stage);
        other.batch_execute("COMMIT").unwrap();
        swap.join().unwrap()
    });
    assert!(matches!(done, Err(SwapError::Changed { .. })), "{done:?}");
    assert_eq!(stage.databases(), format!("shop_old the old one, {FRESH}, shop"));
}

#[test]
fn what_is_printed_for_a_person_does_the_same() {
    let stage = Stage::new();
    let statements = sql(&Swap { aside_comment: "it's old", ..stage.there() });
    assert_snapshot!(statements.join("\n"), @r#"
    BEGIN;
    SET LOCAL search_path = pg_catalog, pg_temp;
    SET LOCAL lock_timeout = '3s';
    SET LOCAL statement_timeout = '15s';
    -- while the next statement waits, in a second session, again and again:
    --   SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN (E'shop', E'shop__r_1');
    ALTER DATABASE "shop" RENAME TO "shop__q_1";
    ALTER DATABASE "shop__r_1" RENAME TO "shop";
    COMMENT ON DATABASE "shop__q_1" IS E'it''s old';
    ALTER DATABASE "shop__q_1" WITH ALLOW_CONNECTIONS false;
    COMMENT ON DATABASE "shop" IS E'the new one';
    ALTER DATABASE "shop" WITH ALLOW_CONNECTIONS true;
    COMMIT;
    "#);
    stage.cluster.connect("postgres").batch_execute(&statements.join("\n")).unwrap();
    assert_eq!(stage.databases(), format!("{ASIDE} closed it's old, shop the new one"));
}
