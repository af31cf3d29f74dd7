//! Rows that an application holds for a while: plain DML waits for them, and does not begin again.

use std::process::Stdio;
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;

use crate::support::cluster::number;
use crate::support::poll;
use crate::support::project::Project;

use super::shop::ended;

#[test]
fn a_data_migration_waits_for_rows_that_an_application_holds_and_is_not_begun_again() {
    let project = Project::with_migrations(&[(
        "20260101000000_raise",
        "UPDATE account SET balance = balance + 1;",
        "UPDATE account SET balance = balance - 1;",
    )]);
    project.sql(
        "CREATE TABLE account (id int PRIMARY KEY, balance int); \
         INSERT INTO account SELECT i, 0 FROM generate_series(1, 10000) i",
    );
    // An application that holds a row at the beginning, then one at the end.
    let (mut first, mut second, mut watcher) =
        (project.db.connect(), project.db.connect(), project.db.connect());
    first.batch_execute("BEGIN; UPDATE account SET balance = 100 WHERE id = 1").unwrap();
    second.batch_execute("BEGIN; UPDATE account SET balance = 100 WHERE id = 9999").unwrap();
    let deploy = project.command(&["deploy"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let waits = "SELECT count(*) AS value FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
                 AND application_name = 'pgkeel deploy' AND datname = current_database()";
    for holder in [&mut first, &mut second] {
        poll::until(20, "it waits for the row", || (number(&mut watcher, waits) == 1).then_some(()));
        // Longer than a statement may wait for a table.
        thread::sleep(Duration::from_secs(2));
        holder.batch_execute("COMMIT").unwrap();
    }
    let (code, stdout, stderr) = ended(deploy);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(!stderr.contains("trying again"), "{stderr}");
    assert_eq!(project.number("SELECT sum(balance) FROM account"), 10_000 + 200);
    assert_eq!(project.number("SELECT count(*) FROM account WHERE balance = 101"), 2);
}
