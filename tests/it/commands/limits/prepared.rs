//! A forgotten prepared transaction has no session: it is named, with what ends it.

use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use insta::assert_snapshot;

use crate::support::cluster::{PrivateCluster, private_cluster_with};
use crate::support::project::Project;

/// Any text may be the name of one.
const GID: &str = "it''s \"a\"\nnight job";

/// A project on a server of its own, and a prepared transaction that holds the table.
fn held() -> (PrivateCluster, Project, PgConnection) {
    let server = private_cluster_with(|spec| {
        spec.settings.push(("max_prepared_transactions".into(), "5".into()));
    });
    let mut admin = server.connect("postgres");
    admin.batch_execute("CREATE ROLE \"Job\"").unwrap();
    admin.batch_execute("CREATE DATABASE shop").unwrap();
    let mut project = Project::with_migrations(&[(
        "20260101000000_crate",
        "CREATE TABLE crate (id int PRIMARY KEY); GRANT ALL ON crate TO PUBLIC;",
        "DROP TABLE crate;",
    )]);
    project.connect_to(&server.running.url("shop"));
    project.run(&["deploy"]).exits(0);
    let mut shop = server.connect("shop");
    shop.batch_execute("SET SESSION AUTHORIZATION \"Job\"; BEGIN; INSERT INTO crate VALUES (1)").unwrap();
    shop.batch_execute(&format!("PREPARE TRANSACTION '{GID}'")).unwrap();
    shop.batch_execute("RESET SESSION AUTHORIZATION").unwrap();
    (server, project, shop)
}

fn seconds(text: &str) -> String {
    let mut out = String::new();
    let mut digits = false;
    for part in text.split_inclusive(' ') {
        let is_number = part.trim_end().parse::<f64>().is_ok();
        if !(is_number && digits) {
            out.push_str(if is_number { "N " } else { part });
        }
        digits = is_number;
    }
    out
}

#[test]
fn deploy_names_the_prepared_transaction_that_holds_its_table() {
    let (_server, project, mut shop) = held();
    project.migration(
        "20260102000000_note",
        "ALTER TABLE crate ADD note text;",
        "ALTER TABLE crate DROP note;",
    );
    let mut deploy = project.command(&["deploy", "--lock-timeout", "200ms"]);
    deploy.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = deploy.spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_secs(3));
    let end = format!("ROLLBACK PREPARED '{GID}'");
    shop.batch_execute(&end).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let told = said.lines().find(|line| line.contains("prepared transaction")).unwrap_or(&said);
    assert_snapshot!(seconds(told), @r#"20260102000000_note: `public.crate` is locked by prepared transaction E'it''s "a"\nnight job' (owner Job, database shop, prepared N s ago), holds RowExclusiveLock; end it: ROLLBACK PREPARED E'it''s "a"\nnight job'; or COMMIT PREPARED E'it''s "a"\nnight job'; trying again in N s"#);
}

#[test]
fn reset_names_it_before_any_work() {
    let (_server, project, mut shop) = held();
    let ran = project.run(&["reset", "--yes"]);
    assert_eq!(ran.code, 7, "{}", ran.text());
    assert_snapshot!(seconds(ran.stderr.split("error: ").last().unwrap_or_default()), @r#"
    the database `shop` cannot be renamed while it has prepared transactions: prepared transaction E'it''s "a"\nnight job' (owner Job, database shop, prepared N s ago); the live database is as it was
    next: end the prepared transaction in database `shop` as `Job` or a superuser: `ROLLBACK PREPARED E'it''s "a"\nnight job';` (or `COMMIT PREPARED E'it''s "a"\nnight job';`); `SELECT * FROM pg_prepared_xacts;` lists all
    "#);
    let forced = project.run(&["reset", "--yes", "--force"]);
    assert!(forced.exits(7).stderr.contains("ROLLBACK PREPARED E'it''s"), "{}", forced.text());
    shop.batch_execute(&format!("COMMIT PREPARED '{GID}'")).unwrap();
    drop(shop);
    project.run(&["reset", "--yes"]).exits(0);
}

#[test]
fn a_backup_names_it() {
    let (_server, project, mut shop) = held();
    shop.batch_execute(&format!("ROLLBACK PREPARED '{GID}'")).unwrap();
    shop.batch_execute("BEGIN; LOCK TABLE crate IN ACCESS EXCLUSIVE MODE").unwrap();
    shop.batch_execute(&format!("PREPARE TRANSACTION '{GID}'")).unwrap();
    let ran = project.run(&["backup", "--lock-wait", "1s"]);
    assert!(ran.exits(1).stderr.contains("database shop, prepared "), "{}", ran.text());
    assert!(
        ran.stderr.contains("s ago): ROLLBACK PREPARED E'it''s \"a\"\\nnight job'; or COMMIT PREPARED"),
        "{}",
        ran.text()
    );
    shop.batch_execute(&format!("ROLLBACK PREPARED '{GID}'")).unwrap();
}
