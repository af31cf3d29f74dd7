//! `validate` as an ordinary owner has the result that the server's own role has: where rights are lacking without an error,
//! where SQL depends on the role, and where the SQL chooses roles itself. What a killed run leaves is listed and dropped.

use std::process::Stdio;
use std::thread;

use diesel::connection::SimpleConnection;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::cluster::{number, private_cluster};
use crate::support::poll;
use crate::support::project::{Project, Ran};
use crate::support::role::Role;

const FORCED: (&str, &str, &str) = (
    "20260101000000_doc",
    "CREATE TABLE doc (id int PRIMARY KEY, slug text);
     INSERT INTO doc VALUES (1);
     CREATE POLICY hidden ON doc USING (false);
     ALTER TABLE doc ENABLE ROW LEVEL SECURITY;
     ALTER TABLE doc FORCE ROW LEVEL SECURITY;",
    "DROP TABLE doc;",
);

fn says(ran: &Ran, code: i32, text: &str) {
    assert!(ran.exits(code).text().contains(text), "{text}: {}", ran.text());
}

fn says_not(ran: &Ran, text: &str) {
    assert!(!ran.text().contains(text), "{text}: {}", ran.text());
}

#[test]
fn a_grant_that_only_warns_is_made_with_the_rights_of_the_servers_own_role() {
    let mut project = Project::with_migrations(&[]);
    let app = Role::new(&mut project, "");
    let boss = Role::new(&mut project, "SUPERUSER");
    let (a, b) = (&app.name, &boss.name);
    let objects = format!(
        "CREATE TABLE bosses (id int); GRANT SELECT ON bosses TO PUBLIC; ALTER TABLE bosses OWNER TO {b};
         CREATE TABLE more (id int); GRANT SELECT ON more TO PUBLIC; ALTER TABLE more OWNER TO {b};
         CREATE TABLE again (id int); GRANT SELECT ON again TO PUBLIC; ALTER TABLE again OWNER TO {b};
         CREATE TABLE mine (id int);
         CREATE TABLE counted (id int PRIMARY KEY);
         CREATE FUNCTION grants() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
           EXECUTE 'GRANT INSERT ON more TO {a}'; INSERT INTO counted VALUES (1); END $$;"
    );
    let first = format!("GRANT INSERT, SELECT ON bosses, mine TO {a};");
    let called = "SELECT grants();";
    let block = format!("DO $$ BEGIN GRANT UPDATE ON more TO {a}; INSERT INTO counted VALUES (2); END $$;");
    let silent = format!("SET client_min_messages = error; GRANT DELETE ON again, mine TO {a};");
    let alone = format!("GRANT UPDATE ON again, mine TO {a};\nREVOKE SELECT ON bosses FROM PUBLIC;");
    let drops = "DROP TABLE bosses, more, again, mine, counted; DROP FUNCTION grants();";
    project.migration("20260101000000_objects", &objects, drops);
    project.migration("20260102000000_first", &first, &format!("REVOKE ALL ON bosses, mine FROM {a};"));
    project.migration(
        "20260103000000_called",
        called,
        &format!("REVOKE ALL ON more FROM {a}; DELETE FROM counted;"),
    );
    project.migration(
        "20260104000000_block",
        &block,
        &format!("REVOKE UPDATE ON more FROM {a}; DELETE FROM counted WHERE id = 2;"),
    );
    project.migration("20260105000000_silent", &silent, &format!("REVOKE DELETE ON again, mine FROM {a};"));
    let down = format!("REVOKE UPDATE ON again, mine FROM {a};\nGRANT SELECT ON bosses TO PUBLIC;");
    project.migration("20260106000000_alone", &alone, &down);
    project.file("migrations/20260106000000_alone/metadata.toml", "run_in_transaction = false\n");
    project.file("schema.sql", [objects.as_str(), &first, called, &block, &silent, &alone].join("\n"));
    let ran = project.run(&["validate"]);
    says(
        &ran,
        0,
        "`20260102000000_first` needs more rights than an ordinary owner has; with those of `dev` ran: GRANT (line 1)",
    );
    says(
        &ran,
        0,
        "`20260106000000_alone` needs more rights than an ordinary owner has; with those of `dev` ran: GRANT (line 1), REVOKE (line 2)",
    );
    // What SQL code grants is not run with more rights unseen.
    says(&ran, 0, "not checked in `20260103000000_called`, `20260104000000_block`\n");
    says(
        &ran,
        0,
        "as an ordinary owner migration `20260103000000_called` fails (SELECT granted or revoked rights that an ordinary owner \
         does not have, which had no effect); it runs with the rights of the role that connects",
    );
    says_not(&ran, "WARNING");
    drop(boss);
    drop(app);
}

#[test]
fn the_owner_stays_whatever_role_the_sql_resets() {
    let check = |role: &str, sql: &str, code| {
        let mut project = Project::with_migrations(&[FORCED]);
        let role = (!role.is_empty()).then(|| Role::owner(&mut project, role));
        project.migration("20260102000000_slug", &format!("{sql}; UPDATE doc SET slug = 'x';"), "SELECT 1;");
        let ran = project.run(&["validate", "--replay"]);
        says(&ran, code, "");
        project.file("migrations/20260102000000_slug/metadata.toml", "run_in_transaction = false\n");
        says(&project.run(&["validate", "--replay"]), code, "");
        drop(role);
    };
    for sql in ["RESET ROLE", "SET SESSION AUTHORIZATION DEFAULT", "RESET ALL", "SET ROLE none"] {
        check("", sql, 1);
        check("CREATEDB CREATEROLE BYPASSRLS", sql, 1);
    }
}

#[test]
fn what_is_another_thing_as_an_ordinary_owner_is_what_the_servers_own_role_makes() {
    let publication = "CREATE PUBLICATION p FOR ALL TABLES;";
    let tries = "DO $$ BEGIN CREATE PUBLICATION p FOR ALL TABLES; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;";
    let project = Project::with_migrations(&[("20260101000000_a", tries, "DROP PUBLICATION IF EXISTS p;")]);
    project.file("schema.sql", publication);
    let ran = project.run(&["validate"]);
    says(&ran, 0, "1 migration from nothing; row-level security not checked");
    says(
        &ran,
        0,
        "as an ordinary owner the migrations make something else (publication p); they are checked as the role that connects",
    );
    let asks = "DO $$ BEGIN IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        RAISE EXCEPTION 'superusers only'; END IF; END $$;";
    let project = Project::with_migrations(&[("20260101000000_a", asks, asks)]);
    let ran = project.run(&["validate"]);
    says(&ran, 0, "1 migration from nothing; row-level security not checked in `20260101000000_a`\n");
    says(
        &ran,
        0,
        "as an ordinary owner migration `20260101000000_a` fails (superusers only (SQLSTATE P0001)); it runs with the rights of",
    );
    let project = Project::with_migrations(&[("20260101000000_a", "SELECT 1;", asks)]);
    project.run(&["validate"]).exits(0);
    // What fails for both is an error as before, and said once.
    let project = Project::with_migrations(&[("20260101000000_a", "SELECT 1/0;", "SELECT 1;")]);
    let ran = project.run(&["validate"]);
    says(&ran, 1, "division by zero");
    says_not(&ran, "as an ordinary owner");
}

#[test]
fn code_with_the_rights_of_its_owner_has_enough_of_them_and_schemas_have_the_names_of_before() {
    let project = Project::with_migrations(&[(
        "20260101000000_all",
        "CREATE FUNCTION secret() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM pg_authid';
         CREATE TABLE n AS SELECT secret();
         CREATE VIEW logins AS SELECT rolname, rolpassword FROM pg_authid;
         CREATE TABLE m AS SELECT * FROM logins;
         CREATE SCHEMA AUTHORIZATION CURRENT_USER;
         CREATE TABLE dev.t (id int);
         CREATE TABLE first_of_path (id int);
         RESET search_path;
         CREATE TABLE second_of_path (id int);",
        "DROP SCHEMA dev CASCADE; DROP TABLE m, n; DROP VIEW logins; DROP FUNCTION secret();",
    )]);
    let sql = std::fs::read_to_string(project.root().join("migrations/20260101000000_all/up.sql")).unwrap();
    project.file("schema.sql", sql);
    let ran = project.run(&["validate"]);
    says(&ran, 0, "1 migration from nothing; row-level security not checked in `20260101000000_all`\n");
}

#[test]
fn two_runs_on_one_server_do_not_meet_each_others_role() {
    let project = Project::with_migrations(&[FORCED]);
    let ran: Vec<Ran> = thread::scope(|scope| {
        let all: Vec<_> = (0..3).map(|_| scope.spawn(|| project.run(&["validate"]))).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for ran in ran {
        says(&ran, 0, "valid: 0 errors");
        says_not(&ran, "not checked");
    }
}

#[test]
fn status_lists_the_role_of_a_killed_run_and_the_next_one_drops_it() {
    let cluster = private_cluster();
    let mut admin = cluster.connect("postgres");
    admin.batch_execute("CREATE DATABASE shop").unwrap();
    let mut project = Project::with_migrations(&[FORCED]);
    project.connect_to(&cluster.running.url("shop"));
    project.run(&["deploy"]).exits(0);
    let flag = project.root().join("flag");
    let mut command = project.command(&["validate"]);
    command.env("PGKEEL_FAULT", format!("shadow-owner:{}", flag.display()));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    poll::until(60, "the role is there", || flag.exists().then_some(()));
    // A run that lives has left nothing, and no other drops its role.
    assert_eq!(project.run(&["status", "--json"]).json()["abandoned"], serde_json::json!([]));
    project.run(&["validate"]).exits(0);
    let roles = "SELECT count(*) AS value FROM pg_roles WHERE rolname LIKE 'pgkeel\\_shadow\\_%'";
    assert_eq!(number(&mut admin, roles), 1);
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGKILL).unwrap();
    child.wait().unwrap();
    poll::until(60, "its sessions have ended", || {
        let listed = project.run(&["status", "--json"]).json();
        (listed["abandoned"].as_array().map(Vec::len) == Some(1)
            && listed["shadowOwners"].as_array().map(Vec::len) == Some(1))
        .then_some(())
    });
    says(
        &project.run(&["status"]),
        0,
        "the owner of a shadow database of a killed run: the next run that makes one drops it",
    );
    project.run(&["diff", "migrations", project.url_text().as_str(), "-q"]).exits(0);
    assert_eq!(number(&mut admin, roles), 0);
    assert!(project.run(&["status", "--json"]).json()["shadowOwners"].is_null());
}

#[test]
fn a_statement_that_reads_or_writes_rows_gets_no_more_rights_so_that_policies_apply_to_it() {
    let check = |sql: &str, code: i32, text: &str| {
        let project = Project::with_migrations(&[FORCED]);
        project.migration("20260102000000_next", sql, "SELECT 1;");
        says(&project.run(&["validate", "--replay"]), code, text);
        if code != 0 {
            return;
        }
        // Another migration is held to every row nevertheless.
        project.migration("20260103000000_slug", "UPDATE doc SET slug = 'x';", "SELECT 1;");
        says(&project.run(&["validate", "--replay"]), 1, "20260103000000_slug");
    };
    let not_checked = "2 migrations from nothing; row-level security not checked in `20260102000000_next`\n";
    let block = |sql: &str| format!("DO $$ BEGIN {sql} END $$;");
    check(&block("UPDATE doc SET slug = 'x'; PERFORM 1 FROM pg_authid;"), 1, "row-level security of doc");
    check(&block("PERFORM 1 FROM pg_authid; UPDATE doc SET slug = 'x';"), 0, not_checked);
    check(&block("CREATE PUBLICATION p FOR ALL TABLES;"), 0, not_checked);
    check("CREATE TABLE copied AS SELECT rolname FROM pg_authid;", 0, not_checked);
    for sql in [
        "RESET SESSION AUTHORIZATION; UPDATE doc SET slug = 'x';",
        "PERFORM set_config('session_authorization', 'dev', true); UPDATE doc SET slug = 'x';",
        "BEGIN UPDATE doc SET slug = 'x'; EXCEPTION WHEN OTHERS THEN NULL; END;",
        "BEGIN UPDATE doc SET slug = 'x'; EXCEPTION WHEN insufficient_privilege THEN NULL; END;",
    ] {
        check(&block(sql), 0, not_checked);
    }
    // What a block chose is over at its end.
    check(
        &(block("RESET SESSION AUTHORIZATION;") + "UPDATE doc SET slug = 'x';"),
        1,
        "row-level security of doc",
    );
}

#[test]
fn a_block_that_grants_to_the_role_that_connects_means_the_one_that_stands_for_it() {
    let project = Project::with_migrations(&[FORCED]);
    let sql =
        "DO $$ BEGIN CREATE TABLE t (id int); GRANT SELECT ON t TO dev; ALTER TABLE t OWNER TO dev; END $$;";
    project.migration("20260102000000_grant", sql, "DROP TABLE t;");
    project.file("schema.sql", format!("{}{sql}", FORCED.1));
    let ran = project.run(&["validate"]);
    says(&ran, 0, "valid: 0 errors");
    says_not(&ran, "not checked");
}

#[test]
fn seeds_are_loaded_as_an_ordinary_owner_too() {
    let project = Project::with_migrations(&[FORCED]);
    project.file("seeds/10_doc.sql", "SELECT 1;\nUPDATE doc SET slug = 'x';");
    let ran = project.run(&["validate"]);
    says(&ran, 1, "seeds/10_doc.sql:2");
    says(&ran, 1, "row-level security of doc (policies: hidden) applies to an ordinary owner");
    project.file("seeds/10_doc.sql", "-- pgkeel: row_security = on\nUPDATE doc SET slug = 'x';");
    let ran = project.run(&["validate"]);
    says(&ran, 0, "1 file, twice\n");
    project.file("seeds/10_doc.sql", "DO $$ BEGIN PERFORM 1 FROM pg_authid; END $$;");
    says(&project.run(&["validate"]), 0, "1 file, twice; row-level security not checked\n");
}
