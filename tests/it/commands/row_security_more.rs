//! Row-level security through the commands that run migrations and seeds elsewhere, and those that compare rows: every row
//! or an error.

use crate::support::project::Project;
use crate::support::role::Role;

const DOC: (&str, &str, &str) = (
    "20260101000000_doc",
    "CREATE TABLE doc (id int PRIMARY KEY, slug text);
     INSERT INTO doc SELECT n FROM generate_series(1, 3) n;
     CREATE POLICY nothing ON doc USING (false);
     ALTER TABLE doc ENABLE ROW LEVEL SECURITY;
     ALTER TABLE doc FORCE ROW LEVEL SECURITY;",
    "DROP TABLE doc;",
);

/// The database of an ordinary role, with a table whose policies hide every row from it.
fn forced(options: &str) -> (Project, Role) {
    let mut project = Project::with_migrations(&[DOC]);
    let role = Role::owner(&mut project, options);
    project.run(&["deploy"]).exits(0);
    (project, role)
}

/// The role of its test owns databases of its name; they go before it does.
fn ends(project: &Project, role: Role) {
    project.run(&["restore", "--drop-quarantine", "--yes"]);
    drop(role);
}

#[test]
fn a_backup_and_its_restore_have_every_row_or_fail() {
    let (project, role) = forced("CREATEDB");
    let rows = || project.number("SELECT count(*) FROM doc");
    project.run(&["backup"]).exits(3);
    project.sql(&format!("ALTER ROLE {} BYPASSRLS", role.name));
    project.run(&["backup"]).exits(0);
    project.run(&["backup", "verify", "latest", "--level", "3"]).exits(0);
    for options in ["BYPASSRLS", "NOBYPASSRLS"] {
        project.sql(&format!("ALTER ROLE {} {options}", role.name));
        project.sql("DELETE FROM doc WHERE id = 3");
        project.run(&["restore", "latest", "--yes"]).exits(0);
        assert_eq!(rows(), 3);
        project.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
        project.run(&["backup", "verify", "latest", "--level", "2"]).exits(0);
        project.run(&["backup", "verify", "latest", "--level", "3"]).exits(0);
        assert_eq!(
            project.number("SELECT count(*) FROM pg_class WHERE relname = 'doc' AND relforcerowsecurity"),
            1
        );
    }
    // It replaces the contents, and backs them up before that.
    project.sql("DELETE FROM doc WHERE id = 3");
    project.run(&["restore", "latest", "--in-place", "--yes"]).exits(3);
    project.run(&["restore", "latest", "--in-place", "--no-backup", "--yes"]).exits(0);
    assert_eq!(rows(), 3);
    project.sql("DELETE FROM doc WHERE id = 3");
    project.run(&["rollback", "--to-backup", "latest", "--yes"]).exits(0);
    assert_eq!(rows(), 3);
    ends(&project, role);
}

#[test]
fn rows_that_policies_hide_in_the_live_database_are_an_error_where_tables_are_compared() {
    let (project, role) = forced("CREATEDB BYPASSRLS");
    project.run(&["backup"]).exits(0);
    let beside = || {
        let ran = project.run(&["restore", "latest", "--tables", "doc", "--yes"]);
        let made = format!(
            "SELECT datname::text FROM pg_database WHERE datname LIKE '{}\\_\\_r\\_%'",
            project.db.name
        );
        let made = project.words(&made);
        project.sql(&format!("DROP DATABASE \"{made}\""));
        ran
    };
    beside().exits(0);
    project.sql(&format!("ALTER ROLE {} NOBYPASSRLS", role.name));
    let told = beside();
    told.exits(1);
    assert!(told.text().contains("no policy applies to"), "{}", told.text());
    println!("{}", told.text());
    drop(role);
}

#[test]
fn reset_runs_migrations_and_seeds_as_deploy_and_seed_do() {
    let (project, role) = forced("CREATEDB");
    project.migration("20260102000000_slug", "UPDATE doc SET slug = 'x';", "SELECT 1;");
    let told = project.run(&["reset", "--yes"]);
    told.exits(1);
    assert!(told.text().contains("row-level security of doc (policies: nothing)"), "{}", told.text());
    project.remove("migrations/20260102000000_slug");
    project.file("seeds/10_doc.sql", "RESET ALL;\nUPDATE doc\n  SET slug = 'x';");
    let told = project.run(&["reset", "--yes"]);
    told.exits(1);
    assert!(told.text().contains("seeds/10_doc.sql:2:1"), "{}", told.text());
    assert!(told.text().contains("row-level security of doc (policies: nothing)"), "{}", told.text());
    assert_eq!(project.number("SELECT count(*) FROM doc"), 3);
    project.file(
        "seeds/10_doc.sql",
        "-- pgkeel: row_security = on\nRESET ALL; UPDATE doc SET slug = 'x'; RESET ALL",
    );
    project.run(&["reset", "--yes"]).exits(0);
    assert_eq!(project.number("SELECT count(slug) FROM doc"), 0);
    drop(role);
}

#[test]
fn seeds_that_run_twice_are_compared_by_every_row() {
    let (project, role) = forced("");
    let free = |sql: &str| {
        format!(
            "ALTER TABLE doc NO FORCE ROW LEVEL SECURITY; {sql}; ALTER TABLE doc FORCE ROW LEVEL SECURITY;"
        )
    };
    project.file("seeds/10_doc.sql", free("INSERT INTO doc SELECT max(id) + 1, 'x' FROM doc"));
    let told = project.run(&["seed", "--verify-idempotent"]);
    told.exits(10);
    assert!(told.text().contains("public.doc (4 rows, then 5)"), "{}", told.text());
    project.file("seeds/10_doc.sql", free("INSERT INTO doc VALUES (4, 'x') ON CONFLICT DO NOTHING"));
    project.run(&["seed", "--verify-idempotent"]).exits(0);
    assert_eq!(
        project.number("SELECT count(*) FROM pg_class WHERE relname = 'doc' AND relforcerowsecurity"),
        1
    );
    drop(role);
}

#[test]
fn only_the_servers_own_check_is_taken_for_a_policy() {
    let (mut project, role) = forced("");
    let says = |project: &Project, up: &str| {
        project.migration("20260102000000_next", up, "SELECT 1;");
        let told = project.run(&["deploy"]);
        told.exits(1);
        told.text().contains("row-level security of")
    };
    // The words of the message and the SQLSTATE are those of the server, which did not raise it.
    let raised = "DO $$ BEGIN PERFORM 1 FROM pg_class WHERE relname = 'doc';
        RAISE 'query would be affected by row-level security policy for table \"doc\"'
            USING ERRCODE = 'insufficient_privilege'; END $$;";
    assert!(!says(&project, raised));
    assert!(says(&project, "UPDATE doc SET slug = 'x';"));
    // Policies apply to a member of no owner, too, and are not why it may not do this.
    let other = Role::new(&mut project, "");
    project.sql(&format!(
        "GRANT ALL ON SCHEMA public, pgkeel TO {role}; GRANT SELECT ON doc TO {role}; \
         GRANT ALL ON ALL TABLES IN SCHEMA pgkeel TO {role}; GRANT ALL ON __diesel_schema_migrations TO {role}; \
         GRANT ALL ON ALL SEQUENCES IN SCHEMA pgkeel TO {role}",
        role = other.name
    ));
    project.connect_as(&other);
    assert!(!says(&project, "ALTER TABLE doc ADD COLUMN more int;"));
    assert!(says(&project, "CREATE TABLE copy AS SELECT * FROM doc;"));
    // A member of the owner has what the owner has.
    project.sql(&format!("GRANT {} TO {}", role.name, other.name));
    assert!(says(&project, "UPDATE doc SET slug = 'x';"));
    project.sql("ALTER TABLE doc NO FORCE ROW LEVEL SECURITY");
    project.run(&["deploy"]).exits(0);
    assert_eq!(project.number("SELECT count(slug) FROM doc"), 3);
    drop(other);
    drop(role);
}
