//! What a role or database sets for an application's sessions reaches the person's SQL, and none of our own statements.

use insta::assert_snapshot;

use crate::support::project::Project;
use crate::support::role::Role;

/// Everything that a hosted database may set, as short or as strict as possible.
const LIMITS: &[&str] = &[
    "statement_timeout = '1ms'",
    "lock_timeout = '1ms'",
    "idle_in_transaction_session_timeout = '1ms'",
    "idle_session_timeout = '1ms'",
    "default_transaction_isolation = 'serializable'",
    "default_transaction_read_only = on",
    "default_transaction_deferrable = on",
];

/// Two hundred tables take a while to read.
const TABLES: &str = "DO $$ BEGIN FOR i IN 1..200 LOOP \
    EXECUTE format('CREATE TABLE t%s (id serial PRIMARY KEY, x int UNIQUE)', i); END LOOP; END $$;";

/// The setting of this database, or of the role in all of them.
fn limit(project: &Project, whose: &str) {
    let knows = project.number("SELECT count(*) FROM pg_settings WHERE name = 'transaction_timeout'") == 1;
    // By one session: the next one is under them.
    let all = LIMITS.iter().copied().chain(knows.then_some("transaction_timeout = '10ms'"));
    let all: Vec<_> = all.map(|setting| format!("ALTER {whose} SET {setting}")).collect();
    project.sql(&all.join("; "));
}

/// The commands of a day: each must do its work.
#[track_caller]
fn everything_works(project: &Project) {
    project.migration("20260101000000_tables", TABLES, "");
    let slow = "CREATE TABLE slow (id int); SELECT pg_sleep(0.05); INSERT INTO slow VALUES (1);";
    project.migration("20260102000000_slow", slow, "DROP TABLE slow;");
    project.file("migrations/20260103000000_index/up.sql", "CREATE INDEX CONCURRENTLY slow_id ON slow (id);");
    project.file("migrations/20260103000000_index/down.sql", "DROP INDEX CONCURRENTLY slow_id;");
    project.file("migrations/20260103000000_index/metadata.toml", "run_in_transaction = false\n");
    project.file("seeds/01.sql", "INSERT INTO slow VALUES (2); SELECT pg_sleep(0.05);");
    project.run(&["status"]).exits(4);
    project.run(&["deploy"]).exits(0);
    project.run(&["deploy"]).exits(0);
    project.run(&["status"]).exits(0);
    project.run(&["seed", "--yes"]).exits(0);
    project.run(&["drift"]).exits(0);
    project.run(&["pull", "--print", "-q"]).exits(0);
    project.run(&["diff", "empty", project.url_text().as_str(), "-q"]).exits(0);
    project.run(&["diff", "migrations", project.url_text().as_str(), "-q"]).exits(0);
    project.run(&["rollback", "--yes"]).exits(0);
    project.run(&["health"]).exits(0);
    project.run(&["backup"]).exits(0);
    project.run(&["backup", "verify", "--level", "2"]).exits(0);
}

#[test]
fn limits_of_a_database_do_not_reach_our_own_statements() {
    let project = Project::new();
    project.file("pgkeel.toml", "");
    limit(&project, &format!("DATABASE {}", project.db.name));
    everything_works(&project);
}

#[test]
fn limits_of_an_ordinary_role_do_not_reach_our_own_statements() {
    let mut project = Project::new();
    project.file("pgkeel.toml", "");
    let role = Role::owner(&mut project, "CREATEDB");
    project.sql(&format!("GRANT ALL ON SCHEMA public TO {}", role.name));
    limit(&project, &format!("ROLE {}", role.name));
    everything_works(&project);
    drop(role);
}

#[test]
fn a_limit_in_the_url_is_for_the_sql_of_the_person_alone() {
    let project = Project::new();
    project.file("pgkeel.toml", "");
    project.migration("20260101000000_tables", TABLES, "");
    let slow = "CREATE TABLE slow (id int);\nSELECT pg_sleep(20);";
    let url = format!("{}&options=-c%20statement_timeout%3D9s", project.db.url);
    let project = project.url(&url);
    project.run(&["deploy"]).exits(0);
    // Tables of the other one stay; the limit is shorter now, and reaches no reading of the catalog.
    let url = format!("{}&options=-c%20statement_timeout%3D1ms", project.db.url);
    let project = project.url(&url);
    project.run(&["pull", "--print", "-q"]).exits(0);
    project.migration("20260102000000_slow", slow, "DROP TABLE slow;");
    let ran = project.run(&["deploy"]);
    let told = ran.exits(1).stderr.lines().filter(|line| line.contains("57014")).collect::<String>();
    assert_snapshot!(told, @"  canceling statement due to statement timeout (SQLSTATE 57014)");
}

#[test]
fn the_sql_of_execute_has_the_limits_of_its_role() {
    let mut project = Project::new();
    project.file("pgkeel.toml", "");
    let role = Role::owner(&mut project, "");
    project.sql(&format!(
        "ALTER ROLE {0} SET statement_timeout = '77s'; ALTER ROLE {0} SET default_transaction_read_only = on; \
         ALTER ROLE {0} SET lock_timeout = '66s'",
        role.name
    ));
    let shown = |setting: &str| {
        let ran = project.run(&["execute", "--format", "csv", "--sql", &format!("SHOW {setting}")]);
        ran.exits(0).stdout.lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!(shown("statement_timeout"), "77s");
    assert_eq!(shown("lock_timeout"), "66s");
    assert_eq!(shown("transaction_read_only"), "on");
    drop(role);
}

#[test]
fn what_pgoptions_says_still_counts() {
    let project = Project::new().env("PGOPTIONS", "-c work_mem=1234kB");
    project.file("pgkeel.toml", "");
    project.migration(
        "20260101000000_memory",
        "CREATE TABLE memory AS SELECT current_setting('work_mem') AS value;",
        "DROP TABLE memory;",
    );
    project.run(&["deploy"]).exits(0);
    assert_eq!(project.words("SELECT value FROM memory"), "1234kB");
}
