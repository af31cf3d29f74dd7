//! `deploy`: the main job.

use insta::assert_snapshot;

use crate::support::project::Project;

const CUSTOMERS: (&str, &str, &str) =
    ("20260101000000_customers", "CREATE TABLE customer (id int PRIMARY KEY);\n", "DROP TABLE customer;");
const ORDERS: (&str, &str, &str) =
    ("20260102000000_orders", "-- What they buy.\nCREATE TABLE \"order\" (id int);", "DROP TABLE \"order\";");

fn project() -> Project {
    Project::with_migrations(&[CUSTOMERS, ORDERS])
}

#[test]
fn pending_migrations_are_applied_once() {
    let project = project();
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 0
    --- stdout
    applied 20260101000000_customers  N ms
    applied 20260102000000_orders  N ms
    DB: applied 2 migrations
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 0
    --- stdout
    DB: nothing to apply
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(project.number("SELECT count(*) FROM __diesel_schema_migrations"), 2);
}

#[test]
fn a_dry_run_prints_the_sql_and_creates_nothing() {
    let project = project();
    assert_snapshot!(project.run(&["deploy", "--dry-run"]).text(), @r#"
    exit 0
    --- stdout
    -- migrations/20260101000000_customers/up.sql
    CREATE TABLE customer (id int PRIMARY KEY);
    -- migrations/20260102000000_orders/up.sql
    -- What they buy.
    CREATE TABLE "order" (id int);
    DB: would apply 2 migrations
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    "#);
    let created = "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = 'pgkeel') \
                   + (SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace)";
    assert_eq!(project.number(created), 0);
    let json = project.run(&["deploy", "--dry-run", "--json"]).exits(0).json();
    assert_eq!(json["dryRun"], true);
    assert_eq!(json["applied"].as_array().unwrap().len(), 2);
    project.run(&["deploy"]).exits(0);
    let ran = project.run(&["deploy", "--dry-run"]);
    assert!(ran.stdout.ends_with(": nothing to apply\n"), "{}", ran.stdout);
}

#[test]
fn it_stops_after_the_version_of_to() {
    let project = project();
    assert_snapshot!(project.run(&["deploy", "--to", "20260101000000"]).text(), @"
    exit 0
    --- stdout
    applied 20260101000000_customers  N ms
    DB: applied 1 migration, 1 still pending
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(project.number("SELECT count(*) FROM __diesel_schema_migrations"), 1);
    assert_snapshot!(project.run(&["deploy", "--to", "20260101000000"]).text(), @"
    exit 0
    --- stdout
    DB: nothing to apply, 1 still pending
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_snapshot!(project.run(&["deploy", "--to", "20260103"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: there is no migration `20260103`
    next: `pgkeel migrate list` shows all
    ");
    project.run(&["deploy", "--to", "20260102000000"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM __diesel_schema_migrations"), 2);
}

#[test]
fn a_deploy_that_has_nothing_to_do_writes_nothing() {
    let project = project();
    project.run(&["deploy"]).exits(0);
    // Any write would take a transaction id.
    let written = || {
        project.words(
            "SELECT concat_ws(' ', (SELECT count(*) FROM pgkeel.operation), (SELECT max(xmin::text::bigint) FROM pgkeel.operation), \
             (SELECT max(xmin::text::bigint) FROM pgkeel.migration), (SELECT count(*) FROM pg_class))",
        )
    };
    let before = written();
    project.run(&["deploy"]).exits(0);
    project.run(&["status"]).exits(0);
    assert_eq!(written(), before);
}

#[test]
fn it_is_json_for_programs() {
    let project = project();
    let json = project.run(&["deploy", "--json", "--to", "20260101000000"]).exits(0).json();
    assert_eq!(json["format"], 1);
    assert_eq!(json["database"], project.db.name);
    assert_eq!(json["dryRun"], false);
    assert_eq!(json["pending"], 1);
    assert_eq!(json["applied"][0]["version"], "20260101000000");
    assert_eq!(json["applied"][0]["name"], "20260101000000_customers");
    assert!(json["applied"][0]["durationMs"].is_u64());
    let ran = project.run(&["deploy", "--json", "--quiet", "--to", "7"]);
    let error = &ran.exits(2).json()["error"];
    assert_eq!(error["message"], "there is no migration `7`");
}

#[test]
fn everything_that_happened_is_recorded() {
    let project = project().env("PGKEEL_ENV", "staging");
    project.run(&["deploy"]).exits(0);
    assert_eq!(
        project.words("SELECT concat_ws(' ', command, environment, ledger_schema, role, outcome, finished_at >= started_at) FROM pgkeel.operation"),
        "deploy staging public dev done t"
    );
    assert_eq!(
        project.words("SELECT concat_ws(' | ', version, name, state, transactional, up_sql, down_sql, statements_done, operation_id, duration_ms >= 0) FROM pgkeel.migration WHERE version = '20260101000000'"),
        "20260101000000 | 20260101000000_customers | applied | t | CREATE TABLE customer (id int PRIMARY KEY);\n | DROP TABLE customer; | 0 | 1 | t"
    );
    assert_eq!(
        project.words("SELECT checksum FROM pgkeel.migration WHERE version = '20260101000000'").len(),
        64
    );
}

#[test]
fn sql_of_more_than_a_megabyte_runs_and_its_checksum_alone_is_kept() {
    let project = project();
    let large = format!("CREATE TABLE large AS SELECT length('{}') AS n;", "x".repeat(1 << 20));
    project.migration("20260103000000_large", &large, "DROP TABLE large;");
    project.run(&["deploy"]).exits(0);
    assert_eq!(project.number("SELECT n FROM large"), 1 << 20);
    assert_eq!(
        project.number("SELECT count(*) FROM pgkeel.migration WHERE up_sql IS NULL AND checksum <> ''"),
        1
    );
    project.run(&["status"]).exits(0);
    project.run(&["rollback", "--yes"]).exits(0);
}

#[test]
fn what_the_server_says_is_passed_on() {
    let project = Project::with_migrations(&[(
        "20260101000000_talk",
        "DROP TABLE IF EXISTS gone; DO $$ BEGIN RAISE WARNING 'mind the gap' USING HINT = 'jump'; END $$;",
        "SELECT 1;",
    )]);
    assert_snapshot!(project.run(&["deploy"]).text(), @r#"
    exit 0
    --- stdout
    applied 20260101000000_talk  N ms
    DB: applied 1 migration
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    NOTICE: table "gone" does not exist, skipping
    WARNING: mind the gap
    HINT: jump
    "#);
}

#[test]
fn it_runs_as_the_role_of_the_configuration() {
    use crate::support::cluster::unique;
    let role = unique("r").chars().take(60).collect::<String>();
    let project = project();
    project.sql(&format!("CREATE ROLE {role}; GRANT CREATE ON SCHEMA public TO {role}"));
    project.file("pgkeel.toml", format!("[deploy]\nrole = \"{role}\"\n"));
    project.run(&["deploy"]).exits(0);
    assert_eq!(project.words("SELECT tableowner FROM pg_tables WHERE tablename = 'customer'"), role);
    assert_eq!(
        project.words("SELECT tableowner FROM pg_tables WHERE tablename = '__diesel_schema_migrations' AND schemaname = 'public'"),
        "dev"
    );
    project.run(&["rollback", "--yes", "--steps", "2"]).exits(0);
    project.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}
