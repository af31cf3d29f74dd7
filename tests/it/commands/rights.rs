//! Roles that may do little, and stored SQL that must not be trusted.

use insta::assert_snapshot;

use crate::support::cluster::unique;
use crate::support::project::Project;

const A: (&str, &str, &str) = ("20260101000000_a", "CREATE TABLE a (id int);", "DROP TABLE a;");

/// A project that connects as a plain role, with what `grants` (`ROLE` is the role, `DB` the database) allow.
fn as_role(grants: &str) -> (Project, String) {
    let role = unique("r").chars().take(60).collect::<String>();
    let project = Project::with_migrations(&[A]);
    project.sql(&format!("CREATE ROLE {role} LOGIN PASSWORD 'secret'"));
    project.sql(&grants.replace("ROLE", &role).replace("DB", &project.db.name));
    let url = project.db.url.replacen("dev@", &format!("{role}:secret@"), 1);
    (project.url(&url), role)
}

fn dropped(project: &Project, role: &str) {
    project.sql(&format!("REASSIGN OWNED BY {role} TO dev; DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn a_role_that_may_not_create_schemas_is_told_what_to_ask_for() {
    let (project, role) = as_role("GRANT CREATE ON SCHEMA public TO ROLE");
    assert_snapshot!(project.run(&["deploy"]).text().replace(&role, "ROLE"), @r#"
    exit 1
    --- stderr
    database `DB` on SOCKET as `ROLE` (`DATABASE_URL` in the environment)
    error: the role `ROLE` may not create the bookkeeping schema `pgkeel` in database `DB`
    next: ask the owner of the database to run: CREATE SCHEMA "pgkeel" AUTHORIZATION "ROLE";
    "#);
    assert_eq!(
        project.number("SELECT count(*) FROM pg_class WHERE relname IN ('a', '__diesel_schema_migrations')"),
        0
    );
    project.run(&["status"]).exits(4);
    // What the hint says is enough.
    project.sql(&format!("CREATE SCHEMA pgkeel AUTHORIZATION {role}"));
    project.run(&["deploy"]).exits(0);
    project.run(&["status"]).exits(0);
    project.run(&["rollback", "--yes"]).exits(0);
    dropped(&project, &role);
}

#[test]
fn a_role_that_may_not_create_the_ledger_leaves_no_operation_behind() {
    let (project, role) = as_role("GRANT CREATE ON DATABASE DB TO ROLE");
    assert_snapshot!(project.run(&["deploy"]).text().replace(&role, "ROLE"), @r#"
    exit 1
    --- stderr
    database `DB` on SOCKET as `ROLE` (`DATABASE_URL` in the environment)
    error: cannot create the ledger `"public".__diesel_schema_migrations`: permission denied for schema public (SQLSTATE 42501)
    next: ask its owner to run: GRANT CREATE ON SCHEMA "public" TO "ROLE";
    "#);
    assert_snapshot!(project.run(&["status"]).text().replace(&role, "ROLE"), @"
    exit 4
    --- stdout
    DB: 0 applied, 1 pending

       migration  state  applied at (UTC)  took  note
    .  20260101000000_a  pending

    next: `pgkeel deploy`, or `pgkeel migrate` on your own database
    --- stderr
    database `DB` on SOCKET as `ROLE` (`DATABASE_URL` in the environment)
    ");
    project.sql(&format!("GRANT CREATE ON SCHEMA public TO {role}"));
    project.run(&["deploy"]).exits(0);
    dropped(&project, &role);
}

#[test]
fn a_role_that_may_only_read_can_ask_for_the_status() {
    let (project, role) = as_role("GRANT CONNECT ON DATABASE DB TO ROLE");
    let owner = Project::with_migrations(&[A]);
    let owner = {
        let url = project.db.url.clone();
        owner.url(&url)
    };
    owner.run(&["deploy"]).exits(0);
    assert_snapshot!(project.run(&["status"]).text().replace(&role, "ROLE"), @"
    exit 1
    --- stderr
    error: permission denied for table __diesel_schema_migrations (SQLSTATE 42501)
    next: the role lacks a right: connect as the owner, or ask for the GRANT
    ");
    project.sql(&format!(
        "GRANT SELECT ON __diesel_schema_migrations TO {role}; GRANT USAGE ON SCHEMA pgkeel TO {role}; \
         GRANT SELECT ON ALL TABLES IN SCHEMA pgkeel TO {role}"
    ));
    project.run(&["status"]).exits(0);
    project.run(&["deploy"]).exits(0);
    dropped(&project, &role);
}

#[test]
fn stored_sql_of_a_stranger_s_schema_is_not_run() {
    let (project, role) =
        as_role("GRANT CREATE ON SCHEMA public TO ROLE; CREATE SCHEMA pgkeel AUTHORIZATION ROLE");
    project.run(&["deploy"]).exits(0);
    let stranger = unique("s").chars().take(60).collect::<String>();
    project.sql(&format!(
        "CREATE ROLE {stranger}; ALTER SCHEMA pgkeel OWNER TO {stranger}; GRANT USAGE ON SCHEMA pgkeel TO {role}; \
         UPDATE pgkeel.migration SET down_sql = 'DROP TABLE a; CREATE TABLE evil ()'"
    ));
    project.remove("migrations/20260101000000_a");
    assert_snapshot!(project.run(&["rollback", "--yes"]).text().replace(&role, "ROLE"), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `ROLE` (`DATABASE_URL` in the environment)
    error: the folder of `20260101000000_a` is gone, and its stored down.sql is not trusted: the bookkeeping schema belongs to a role that `ROLE` is not a member of; nothing was undone
    next: bring the folder back, or connect as a member of that role
    ");
    project.run(&["rollback", "--dry-run"]).exits(3);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname IN ('a', 'evil')"), 1);
    // A member of the owner may.
    project.sql(&format!("GRANT {stranger} TO {role}"));
    project.run(&["rollback", "--dry-run"]).exits(0);
    project.sql(&format!("DROP OWNED BY {stranger} CASCADE; DROP ROLE {stranger}"));
    dropped(&project, &role);
}

#[test]
fn what_the_role_may_not_alter_fails_with_a_way_out() {
    let (project, role) = as_role(
        "GRANT CREATE ON SCHEMA public TO ROLE; CREATE SCHEMA pgkeel AUTHORIZATION ROLE; CREATE TABLE owned (id int)",
    );
    project.migration("20260102000000_alter", "ALTER TABLE owned ADD name text;", "SELECT 1;");
    assert_snapshot!(project.run(&["deploy"]).text().replace(&role, "ROLE"), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `ROLE` (`DATABASE_URL` in the environment)
    error: migration `20260102000000_alter` could not be applied
      migrations/20260102000000_alter/up.sql:1:1
        |
      1 | ALTER TABLE owned ADD name text;
        | ^
      must be owner of table owned (SQLSTATE 42501)
      the database now: rolled back, nothing of this migration stays; 1 migration before it is done: 20260101000000_a
    next: connect as the owner of the objects, or set `[deploy] role` in pgkeel.toml, then `pgkeel deploy`
    ");
    project.sql("DROP TABLE owned");
    dropped(&project, &role);
}
