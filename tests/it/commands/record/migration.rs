//! Migrations and their downs that would take the record with them.

use insta::assert_snapshot;

use crate::support::poll::until;
use crate::support::project::Project;
use crate::support::role::Role;

use super::{BOTH, deployed, record};

const BAD: &str = "20260103000000_bad";

/// The migration is refused for what it would remove, and nothing has changed.
#[track_caller]
fn is_refused(project: &Project, up: &str, lost: &str) {
    project.migration(BAD, up, "SELECT 1;");
    let ran = project.run(&["deploy", "--json"]);
    assert_eq!(ran.exits(1).json()["error"]["lost"], lost, "{up}: {}", ran.text());
    assert_eq!(record(project), BOTH, "{up}");
    assert_eq!(project.number("SELECT count(*) FROM ward"), 1000, "{up}");
    project.run(&["status"]).exits(4);
}

#[test]
fn the_message_names_the_statement_and_what_it_would_have_removed() {
    let project = deployed();
    project.migration(
        BAD,
        "CREATE TABLE x (id int);\n\nDROP SCHEMA public CASCADE;\nCREATE SCHEMA public;",
        "SELECT 1;",
    );
    assert_snapshot!(project.run(&["deploy", "-q"]).text(), @"
    exit 1
    --- stderr
    error: migration `20260103000000_bad` could not be applied
      migrations/20260103000000_bad/up.sql:3:1
        |
      3 | DROP SCHEMA public CASCADE;
        | ^
      this DROP SCHEMA removes the ledger `public.__diesel_schema_migrations`: the next deploy would apply every migration again, over existing rows
      the database now: rolled back, nothing of this migration stays
    next: change migrations/20260103000000_bad/up.sql:3 so that it leaves `public.__diesel_schema_migrations` as it was (drop or empty the other objects by name), then `pgkeel deploy`
    ");
    project.migration(BAD, "DELETE FROM __diesel_schema_migrations;", "SELECT 1;");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: migration `20260103000000_bad` could not be applied
      migrations/20260103000000_bad/up.sql:1:1
        |
      1 | DELETE FROM __diesel_schema_migrations;
        | ^
      this DELETE removes 2 rows (`20260101000000`, `20260102000000`) from the ledger `public.__diesel_schema_migrations`: the next deploy would apply those migrations again, over existing rows
      the database now: rolled back, nothing of this migration stays
    next: change migrations/20260103000000_bad/up.sql:1 so that it leaves `public.__diesel_schema_migrations` as it was (drop or empty the other objects by name), then `pgkeel deploy`
    ");
    project.migration(BAD, "CREATE FUNCTION wipe() RETURNS void LANGUAGE sql AS 'TRUNCATE __diesel_schema_migrations';\nSELECT 2;\nSELECT wipe();", "SELECT 1;");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: migration `20260103000000_bad` could not be applied
      migrations/20260103000000_bad/up.sql:1:1
        |
      1 | CREATE FUNCTION wipe() RETURNS void LANGUAGE sql AS 'TRUNCATE __diesel_schema_migrations';
        | ^
      its SQL, probably this CREATE FUNCTION, removes 2 rows (`20260101000000`, `20260102000000`) from the ledger `public.__diesel_schema_migrations`: the next deploy would apply those migrations again, over existing rows
      the database now: rolled back, nothing of this migration stays
    next: change migrations/20260103000000_bad/up.sql:1 so that it leaves `public.__diesel_schema_migrations` as it was (drop or empty the other objects by name), then `pgkeel deploy`
    ");
}

#[test]
fn whatever_removes_the_record_is_rolled_back() {
    let project = deployed();
    let all_tables = "DO $$ DECLARE t record; BEGIN \
        FOR t IN SELECT schemaname, tablename FROM pg_tables WHERE schemaname <> ALL ('{pg_catalog,information_schema}') \
        LOOP EXECUTE format('TRUNCATE %I.%I CASCADE', t.schemaname, t.tablename); END LOOP; END $$;";
    for (up, lost) in [
        ("DROP SCHEMA public CASCADE; CREATE SCHEMA public;", "ledger"),
        ("DROP TABLE __diesel_schema_migrations;", "ledger"),
        ("ALTER SCHEMA public RENAME TO old; CREATE SCHEMA public;", "ledger"),
        ("ALTER TABLE __diesel_schema_migrations RENAME TO old;", "ledger"),
        (
            "ALTER TABLE __diesel_schema_migrations RENAME TO old; CREATE VIEW __diesel_schema_migrations AS TABLE old;",
            "ledger",
        ),
        ("CREATE SCHEMA app; ALTER TABLE __diesel_schema_migrations SET SCHEMA app;", "ledger"),
        ("TRUNCATE __diesel_schema_migrations;", "ledger-rows"),
        ("DELETE FROM __diesel_schema_migrations WHERE version = '20260101000000';", "ledger-rows"),
        ("DELETE FROM __diesel_schema_migrations WHERE version = '20260103000000';", "ledger-rows"),
        ("UPDATE __diesel_schema_migrations SET version = version || 'x';", "ledger-rows"),
        (all_tables, "ledger-rows"),
        ("DROP SCHEMA pgkeel CASCADE;", "bookkeeping"),
        ("DROP TABLE pgkeel.environment;", "bookkeeping"),
        ("ALTER SCHEMA pgkeel RENAME TO other;", "bookkeeping"),
        ("TRUNCATE pgkeel.migration;", "bookkeeping-rows"),
        ("TRUNCATE pgkeel.operation CASCADE;", "bookkeeping-rows"),
        ("DELETE FROM pgkeel.migration WHERE version = '20260101000000';", "bookkeeping-rows"),
        ("UPDATE pgkeel.migration SET state = 'rolled-back';", "bookkeeping-rows"),
    ] {
        is_refused(&project, up, lost);
    }
}

#[test]
fn the_check_depends_on_no_setting_of_the_migration() {
    let project = deployed();
    let shadowing = "CREATE SCHEMA evil; \
        CREATE FUNCTION evil.eq(text, text) RETURNS bool LANGUAGE sql AS 'SELECT true'; \
        CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.eq); \
        SET search_path = evil, pg_catalog; SET standard_conforming_strings = off; \
        SET ROLE pg_monitor; RESET ROLE; SET statement_timeout = 0; ";
    is_refused(
        &project,
        &format!("{shadowing}DELETE FROM public.__diesel_schema_migrations;"),
        "ledger-rows",
    );
    project.sql("CREATE ROLE helper_of_record").migration(
        BAD,
        "SET ROLE helper_of_record; SET search_path = ''; SET default_transaction_read_only = on;",
        "SELECT 1;",
    );
    let ran = project.run(&["deploy"]);
    project.sql("DROP ROLE helper_of_record");
    ran.exits(0);
}

#[test]
fn deferred_triggers_run_before_the_check_and_fail_as_deferred_constraints() {
    let project = deployed();
    let trigger = |body: &str| {
        format!(
            "CREATE TABLE a (id int); CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {body} END$$; \
             CREATE CONSTRAINT TRIGGER late AFTER INSERT ON a DEFERRABLE INITIALLY DEFERRED FOR EACH ROW \
             EXECUTE FUNCTION late(); SET search_path = public; INSERT INTO a VALUES (1);"
        )
    };
    is_refused(&project, &trigger("DELETE FROM __diesel_schema_migrations; RETURN NULL;"), "ledger-rows");
    project.migration(BAD, &trigger("RAISE EXCEPTION 'too late'; RETURN NULL;"), "SELECT 1;");
    let ran = project.run(&["deploy"]);
    assert!(
        ran.exits(1).text().contains("at COMMIT, when deferred constraints are checked\n  too late"),
        "{}",
        ran.text()
    );
}

#[test]
fn a_file_that_is_sent_in_pieces_is_checked_at_its_end() {
    let project = deployed();
    let rows: String = (0..60_000).map(|n| format!("INSERT INTO bed VALUES ({n}); -- filler\n")).collect();
    is_refused(&project, &format!("{rows}\nTRUNCATE __diesel_schema_migrations; -- the end"), "ledger-rows");
    project.migration(BAD, &rows, "SELECT 1;").run(&["deploy"]).exits(0);
}

#[test]
fn a_down_that_empties_the_ledger_is_refused_too() {
    let project = deployed();
    for (down, lost) in [
        ("DELETE FROM __diesel_schema_migrations;", "ledger-rows"),
        ("INSERT INTO __diesel_schema_migrations VALUES ('20260102000000');", "ledger-row-added"),
        ("DROP SCHEMA public CASCADE;", "ledger"),
        ("TRUNCATE pgkeel.migration;", "bookkeeping-rows"),
    ] {
        project.file("migrations/20260102000000_bed/down.sql", down);
        let ran = project.run(&["rollback", "--yes", "--json"]);
        assert_eq!(ran.exits(1).json()["error"]["lost"], lost, "{}", ran.text());
        assert_eq!(record(&project), BOTH);
    }
    project.file("migrations/20260102000000_bed/down.sql", "DROP TABLE bed;");
    project.run(&["rollback", "--yes"]).exits(0);
    project.run(&["status"]).exits(4);
}

#[test]
fn an_ordinary_owner_is_kept_from_it_as_well() {
    let mut project = Project::with_migrations(&super::APPLIED);
    let role = Role::owner(&mut project, "");
    project.connect_as(&role);
    project.run(&["deploy"]).exits(0);
    project.migration(BAD, "DROP OWNED BY CURRENT_USER;", "SELECT 1;");
    let ran = project.run(&["deploy", "--json"]);
    assert_eq!(ran.exits(1).json()["error"]["lost"], "ledger", "{}", ran.text());
    assert_eq!(record(&project), BOTH);
}

#[test]
fn a_row_that_another_tool_removes_at_that_moment_is_not_the_migrations_doing() {
    let project = deployed();
    project.migration(BAD, "CREATE TABLE good (id int);", "DROP TABLE good;");
    let flag = project.root().join("flag");
    let mut command = project.command(&["deploy"]);
    command.env("PGKEEL_FAULT", format!("before-message:{}", flag.display()));
    let child =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    until(60, "the run stands at its message", || flag.exists().then_some(()));
    project.sql("DELETE FROM __diesel_schema_migrations WHERE version = '20260102000000'");
    std::fs::remove_file(&flag).unwrap();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && stderr.contains("another session removed rows of the ledger"),
        "{stderr}"
    );
    assert_eq!(
        project.words("SELECT string_agg(version, ' ' ORDER BY 1) FROM __diesel_schema_migrations"),
        "20260101000000 20260103000000"
    );
}
