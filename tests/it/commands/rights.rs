//! What a plain role leaves behind, and whose stored SQL it does not run.

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
    error: the folder of `20260101000000_a` is gone, and its stored down.sql is not trusted: the bookkeeping schema belongs to a role that `ROLE` is not a member of, or that has fewer rights; nothing was undone
    next: bring the folder back, or connect as that role or a member of it
    ");
    project.run(&["rollback", "--dry-run"]).exits(3);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname IN ('a', 'evil')"), 1);
    // A member of the owner may.
    project.sql(&format!("GRANT {stranger} TO {role}"));
    project.run(&["rollback", "--dry-run"]).exits(0);
    project.sql(&format!("DROP OWNED BY {stranger} CASCADE; DROP ROLE {stranger}"));
    dropped(&project, &role);
}
