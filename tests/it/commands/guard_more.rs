//! What else must not happen by accident: a mark that goes unconfirmed, stored SQL that a superuser runs for somebody
//! else, a rollback that undoes twice, a probe that starts a server; and how it is told.

use insta::assert_snapshot;

use crate::support::project::Project;
use crate::support::role::Role;

const A: (&str, &str, &str) = ("20260101000000_a", "CREATE TABLE a (id int);", "DROP TABLE a;");
const B: (&str, &str, &str) = ("20260102000000_b", "CREATE TABLE b (id int);", "DROP TABLE b;");

#[test]
fn the_production_mark_is_not_taken_away_unconfirmed_whatever_the_environment_is_called() {
    let project = Project::with_migrations(&[A]).env("PGKEEL_ENV", "production");
    project.run(&["env", "set", "production"]).exits(0);
    assert_snapshot!(project.run(&["env", "set", "development"]).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    this takes the protection of `DB` away
    error: refused: the place is protected (the environment's name is `production`; the database is marked `production` (by dev, TIME  UTC)), and nobody can be asked: this is no terminal
    next: give `--confirm production/DB` if it is meant; `--yes` is not enough here
    ");
    project.run(&["env", "set", "development", "--yes"]).exits(3);
    assert_eq!(project.words("SELECT name FROM pgkeel.environment"), "production");
    let confirm = format!("production/{}", project.db.name);
    project.run(&["env", "set", "development", "--confirm", &confirm]).exits(0);
}

#[test]
fn a_copy_is_not_named_unconfirmed_in_an_environment_that_is_protected_anyway() {
    let project = Project::with_migrations(&[A]).env("PGKEEL_ENV", "live");
    project.run(&["env", "set", "staging"]).exits(0);
    project.sql("UPDATE pgkeel.environment SET database = 'shop'");
    project.run(&["env", "set", "staging", "--yes"]).exits(3);
}

#[test]
fn a_superuser_does_not_run_sql_that_another_role_could_have_stored() {
    let mut project = Project::with_migrations(&[A]);
    let superuser = project.db.url.clone();
    let role = Role::owner(&mut project, "");
    project.sql(&format!("GRANT CREATE ON SCHEMA public TO {}", role.name));
    project.run(&["deploy"]).exits(0);
    project.remove("migrations/20260101000000_a");
    project.sql("UPDATE pgkeel.migration SET down_sql = 'ALTER ROLE CURRENT_USER SUPERUSER'");
    project.connect_to(&superuser);
    assert_snapshot!(project.run(&["rollback", "--yes"]).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the folder of `20260101000000_a` is gone, and its stored down.sql is not trusted: the bookkeeping schema belongs to a role that `dev` is not a member of, or that has fewer rights; nothing was undone
    next: bring the folder back, or connect as that role or a member of it
    ");
    project.sql("ALTER SCHEMA pgkeel OWNER TO CURRENT_USER");
    project.run(&["rollback", "--dry-run"]).exits(0);
}

#[test]
fn a_probe_without_a_database_starts_none() {
    let project = Project::new().url("");
    assert_snapshot!(project.run(&["health"]).text(), @"
    exit 2
    --- stderr
    error: No database is configured, and this command does not fall back to the dev cluster. Set DATABASE_URL, or give `--dev` for the project's own dev cluster.
    ");
    assert!(!project.root().join("state").exists());
}

#[test]
fn the_last_deploy_is_not_undone_twice() {
    let project = Project::with_migrations(&[A]);
    project.run(&["deploy"]).exits(0);
    project.migration(B.0, B.1, B.2);
    project.run(&["deploy"]).exits(0);
    project.run(&["rollback", "--yes", "--last-deploy"]).exits(0);
    assert_snapshot!(project.run(&["rollback", "--yes", "--last-deploy"]).text(), @"
    exit 0
    --- stdout
    DB: nothing to undo
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    the last run was a rollback already; what was deployed before it stays (`--steps`, `--to`)
    ");
    project.run(&["env", "set", "development"]).exits(0);
    project.run(&["rollback", "--yes", "--last-deploy"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM a"), 0);
    // What did not come to its end goes on.
    project.run(&["deploy"]).exits(0);
    project.file(&format!("migrations/{}/down.sql", B.0), "SELECT 1/0;");
    project.run(&["rollback", "--yes", "--last-deploy"]).exits(1);
    project.file(&format!("migrations/{}/down.sql", B.0), B.2);
    project.run(&["rollback", "--yes", "--last-deploy"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname IN ('a', 'b')"), 1);
}

#[test]
fn trouble_in_the_history_is_told_before_a_folder_that_must_be_mended() {
    let project = Project::with_migrations(&[A]);
    project.run(&["deploy"]).exits(0);
    project.file(&format!("migrations/{}/up.sql", A.0), "CREATE TABLE a (id bigint);");
    project.migration("20260103000000_broken", "SELECT 1;\nCOMMIT;", "SELECT 1;");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 5
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the history of migrations is in trouble, and nothing was run
      20260101000000_a: edited (up.sql is f76305fcce25 now, a79422e6feea was applied)
    and the migrations folder must be mended
      migrations/20260103000000_broken/up.sql:2: `COMMIT` would end the transaction that holds the migration and its record together
        take BEGIN, COMMIT and ROLLBACK out: pgkeel runs the file in one transaction
    next: edited: bring up.sql back as it was applied, or `pgkeel resolve --accept-edit VERSION`; `--allow-edited` goes on this once
    next: mend the folder and run the command again
    ");
    project.run(&["migrate"]).exits(5);
    project.run(&["status"]).exits(5);
    project.run(&["deploy", "--allow-edited"]).exits(2);
}

#[test]
fn status_says_which_sql_was_too_large_to_be_stored() {
    let project = Project::new();
    let large = format!("DROP TABLE a; -- {}", "x".repeat(1 << 20));
    project.migration(A.0, A.1, &large).migration(B.0, &large.replacen("DROP TABLE a", B.1, 1), B.2);
    project.run(&["deploy"]).exits(0);
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 0
    --- stdout
    DB: 2 applied, 0 pending

       migration  state  applied at (UTC)  took  note
    +  20260101000000_a  applied  TIME  N ms  its down.sql is larger than 1 MB and not stored: a rollback needs its folder
    +  20260102000000_b  applied  TIME  N ms  its up.sql is larger than 1 MB and not stored
    drift: never checked (`pgkeel drift`)
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
}

#[test]
fn a_mark_that_cannot_be_set_ends_the_operation() {
    let project = Project::with_migrations(&[A]);
    project.file("pgkeel.toml", "[environments.production]\nurl = \"env:DATABASE_URL\"\n");
    project.run(&["deploy"]).exits(0);
    project.sql(
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END';
         CREATE TRIGGER no BEFORE INSERT ON pgkeel.environment FOR EACH ROW EXECUTE FUNCTION no()",
    );
    project.run(&["deploy", "--env", "production"]).exits(1);
    project.run(&["env", "set", "staging"]).exits(1);
    let operations =
        "SELECT string_agg(command || ' ' || coalesce(outcome, '-'), ', ' ORDER BY id) FROM pgkeel.operation";
    assert_eq!(project.words(operations), "deploy done, deploy failed, env set failed");
}
