//! A function in SQL over a table with FORCE ROW LEVEL SECURITY is created wherever SQL runs, and the statements around it are
//! still held to every row.

use crate::support::project::Project;
use crate::support::role::Role;

const DOC: (&str, &str, &str) = (
    "20260101000000_doc",
    "CREATE TABLE doc (id int PRIMARY KEY, slug text); INSERT INTO doc VALUES (1), (2);
     CREATE POLICY nothing ON doc USING (false);
     ALTER TABLE doc ENABLE ROW LEVEL SECURITY; ALTER TABLE doc FORCE ROW LEVEL SECURITY;",
    "DROP TABLE doc;",
);

const MAKES: &str =
    "CREATE OR REPLACE FUNCTION mine() RETURNS SETOF doc LANGUAGE sql STABLE AS 'SELECT * FROM doc';
     CREATE OR REPLACE FUNCTION atomic() RETURNS bigint LANGUAGE sql STABLE BEGIN ATOMIC SELECT count(*) FROM doc; END;
     CREATE OR REPLACE PROCEDURE p() LANGUAGE sql AS 'DELETE FROM doc';";

const WRITES: &str = "UPDATE doc SET slug = 'x' WHERE id > 0;";

fn forced() -> (Project, Role) {
    let mut project = Project::with_migrations(&[DOC]);
    let role = Role::owner(&mut project, "CREATEDB");
    project.run(&["deploy"]).exits(0);
    (project, role)
}

fn functions(project: &Project) -> i64 {
    project.number("SELECT count(*) FROM pg_proc WHERE proname IN ('mine', 'atomic', 'p')")
}

#[track_caller]
fn fails_for_policies(project: &Project, arguments: &[&str], place: &str) {
    let ran = project.run(arguments);
    let text = ran.exits(1).text();
    assert!(text.contains("row-level security of doc (policies: nothing)"), "{text}");
    assert!(text.contains(place), "{place}: {text}");
}

#[test]
fn in_a_migration_that_runs_statement_by_statement() {
    let (project, _role) = forced();
    let name = "20260102000000_functions";
    let whole = format!("{MAKES}\nRESET ALL;\n{MAKES}");
    project.migration(name, &whole, "DROP FUNCTION mine(), atomic(); DROP PROCEDURE p();");
    let metadata = format!("migrations/{name}/metadata.toml");
    project.file(&metadata, "run_in_transaction = false\n");
    project.run(&["deploy"]).exits(0);
    project.run(&["validate"]).exits(0);
    assert_eq!(functions(&project), 3);
    project.migration("20260103000000_late", &format!("{MAKES}\n{WRITES}"), "SELECT 1;");
    project.file("migrations/20260103000000_late/metadata.toml", "run_in_transaction = false\n");
    fails_for_policies(&project, &["deploy"], "up.sql:4");
    // After its own SET, policies filter, also after a function.
    project.migration(
        "20260103000000_late",
        &format!("{MAKES}\nSET row_security = on;\n{MAKES}\n{WRITES}"),
        "SELECT 1;",
    );
    project.file("migrations/20260103000000_late/metadata.toml", "run_in_transaction = true\n");
    project.sql("DELETE FROM pgkeel.migration WHERE version = '20260103000000'");
    project.run(&["deploy"]).exits(0);
    assert_eq!(project.number("SELECT count(slug) FROM doc"), 0);
}

#[test]
fn in_a_seed_file() {
    let (project, _role) = forced();
    project.file("seeds/10_functions.sql", format!("RESET ALL;\n{MAKES}\n-- the end"));
    project.run(&["seed"]).exits(0);
    assert_eq!(functions(&project), 3);
    project.file("seeds/10_functions.sql", format!("{MAKES}\n{WRITES}"));
    fails_for_policies(&project, &["seed"], "seeds/10_functions.sql:4:1");
    project.file("seeds/10_functions.sql", format!("{MAKES}\nSET row_security = on;\n{MAKES}{WRITES}"));
    project.run(&["seed"]).exits(0);
    assert_eq!(project.number("SELECT count(slug) FROM doc"), 0);
}

#[test]
fn in_sql_that_is_executed() {
    let (project, _role) = forced();
    project.run(&["execute", "--sql", MAKES]).exits(0);
    assert_eq!(functions(&project), 3);
    project.sql("DROP FUNCTION mine()");
    project.file("some.sql", format!("SELECT 1 AS first;\n{MAKES}\n-- no row\n{WRITES}"));
    fails_for_policies(&project, &["execute", "--file", "some.sql"], "some.sql:6:1");
    // It was one transaction.
    assert_eq!(functions(&project), 2);
    project.file("some.sql", format!("SELECT 1 AS first;\n{MAKES}\nSELECT 2 AS second;\nSELECT 1/0"));
    let text = project.run(&["execute", "--file", "some.sql"]);
    assert!(text.exits(1).text().contains("some.sql:6:1"), "{}", text.text());
    assert!(text.text().contains("rolled back, nothing of it stays"), "{}", text.text());
    project.file("some.sql", format!("SELECT 1 AS first;\n{MAKES}\nSELECT 2 AS second;"));
    let ran = project.run(&["execute", "--file", "some.sql", "--format", "csv"]);
    assert_eq!(ran.exits(0).stdout, "first\n1\nsecond\n2\n", "{}", ran.text());
    assert_eq!(functions(&project), 3);
    // Each statement for itself.
    project.run(&["execute", "--sql", &format!("VACUUM doc; {MAKES}")]).exits(0);
    fails_for_policies(&project, &["execute", "--sql", &format!("VACUUM doc; {MAKES} {WRITES}")], "--sql:3");
    project.run(&["execute", "--sql", &format!("BEGIN; {MAKES} COMMIT")]).exits(0);
    fails_for_policies(
        &project,
        &["execute", "--sql", &format!("BEGIN; {MAKES} {WRITES} COMMIT")],
        "--sql:3",
    );
}
