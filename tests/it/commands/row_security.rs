//! Row-level security on the user's tables: a policy that would hide rows from a migration, a down migration, a seed or a
//! writing statement is an error that names table, policy and role; a file can let policies filter.

use insta::assert_snapshot;

use crate::support::project::Project;
use crate::support::role::Role;

const DOC: (&str, &str, &str) = (
    "20260101000000_doc",
    "CREATE TABLE doc (id int PRIMARY KEY, tenant text, slug text);
     INSERT INTO doc SELECT n, 'a', NULL FROM generate_series(1, 3) n;
     ALTER TABLE doc ENABLE ROW LEVEL SECURITY;
     CREATE POLICY \"Only mine\" ON doc USING (tenant = current_setting('app.tenant', true));",
    "DROP TABLE doc;",
);

const SLUG: (&str, &str, &str) =
    ("20260102000000_slug", "UPDATE doc SET slug = 'x' || id;", "UPDATE doc SET slug = NULL;");

/// The table with FORCE, and a role without rights of its own that owns the database.
fn forced(migrations: &[(&str, &str, &str)]) -> (Project, Role) {
    let mut project = Project::with_migrations(&[DOC]);
    let role = Role::owner(&mut project, "NOSUPERUSER NOCREATEDB NOCREATEROLE");
    project.run(&["deploy"]).exits(0);
    project.sql("ALTER TABLE doc FORCE ROW LEVEL SECURITY");
    for (name, up, down) in migrations {
        project.migration(name, up, down);
    }
    (project, role)
}

#[test]
fn a_policy_that_would_hide_rows_from_a_migration_is_an_error_with_every_way_on() {
    let (project, role) = forced(&[SLUG]);
    assert_snapshot!(project.run(&["deploy"]).text(), @r#"
    exit 1
    --- stderr
    database `DB` on TCP as `ROLE` (`DATABASE_URL` in the environment)
    error: migration `20260102000000_slug` could not be applied
      migrations/20260102000000_slug/up.sql:1:1
        |
      1 | UPDATE doc SET slug = 'x' || id;
        | ^
      query would be affected by row-level security policy for table "doc" (SQLSTATE 42501)
      HINT: To disable the policy for the table's owner, use ALTER TABLE NO FORCE ROW LEVEL SECURITY.
      row-level security of doc (policies: "Only mine") applies to role "ROLE";
      with row_security = off that is an error, so that no row is left out silently
      the database now: rolled back, nothing of this migration stays
    next: to reach every row: ALTER ROLE "ROLE" BYPASSRLS, or connect as a role that has it
    next: or, as the owner: ALTER TABLE doc NO FORCE ROW LEVEL SECURITY before the statement, FORCE after it
    next: or let the policies filter: write `-- pgkeel: row_security = on` into migrations/20260102000000_slug/up.sql
    "#);
    assert_eq!(project.number("SELECT count(slug) FROM doc"), 0);
    project.run(&["status"]).exits(4);
    // Each way that it names works.
    project.sql(&format!("ALTER ROLE {} BYPASSRLS", role.name));
    project.run(&["deploy"]).exits(0);
    assert_eq!(project.number("SELECT count(slug) FROM doc"), 3);
    project.sql(&format!("ALTER ROLE {} NOBYPASSRLS", role.name));
    project.run(&["rollback", "--yes"]).exits(1);
    assert_eq!(project.number("SELECT count(slug) FROM doc"), 3);
    let (up, down) = (
        "ALTER TABLE doc NO FORCE ROW LEVEL SECURITY; UPDATE doc SET slug = 'y';
         ALTER TABLE doc FORCE ROW LEVEL SECURITY;",
        "SELECT 1;",
    );
    project.migration("20260103000000_again", up, down);
    project.run(&["deploy"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM doc WHERE slug = 'y'"), 3);
}

#[test]
fn the_owner_without_force_a_superuser_and_a_role_that_bypasses_policies_reach_every_row() {
    let project = Project::with_migrations(&[DOC, SLUG]);
    project.run(&["deploy"]).exits(0);
    assert_eq!(project.number("SELECT count(slug) FROM doc"), 3);
    project.run(&["rollback", "--yes"]).exits(0);
    project.sql("ALTER TABLE doc FORCE ROW LEVEL SECURITY");
    project.run(&["deploy"]).exits(0);
    assert_eq!(project.number("SELECT count(slug) FROM doc"), 3);
    let mut project = Project::with_migrations(&[DOC, SLUG]);
    let _role = Role::owner(&mut project, "NOSUPERUSER NOCREATEDB NOCREATEROLE");
    project.run(&["deploy"]).exits(0);
    assert_eq!(project.number("SELECT count(slug) FROM doc"), 3);
}

#[test]
fn a_table_that_the_same_migration_made_and_forced_is_named_too() {
    let mut project = Project::with_migrations(&[(
        "20260101000000_doc",
        "CREATE TABLE doc (id int); INSERT INTO doc VALUES (1);
         ALTER TABLE doc ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
         -- It comes too late.
         DELETE FROM doc WHERE id = 1;",
        "DROP TABLE doc;",
    )]);
    let _role = Role::owner(&mut project, "NOSUPERUSER NOCREATEDB NOCREATEROLE");
    assert_snapshot!(project.run(&["deploy"]).text(), @r#"
    exit 1
    --- stderr
    database `DB` on TCP as `ROLE` (`DATABASE_URL` in the environment)
    error: migration `20260101000000_doc` could not be applied
      migrations/20260101000000_doc/up.sql:4:10
        |
      4 |          DELETE FROM doc WHERE id = 1;
        |          ^
      query would be affected by row-level security policy for table "doc" (SQLSTATE 42501)
      HINT: To disable the policy for the table's owner, use ALTER TABLE NO FORCE ROW LEVEL SECURITY.
      row-level security of doc applies to role "ROLE";
      with row_security = off that is an error, so that no row is left out silently
      the database now: rolled back, nothing of this migration stays
    next: to reach every row: ALTER ROLE "ROLE" BYPASSRLS, or connect as a role that has it
    next: or, as the owner: ALTER TABLE doc NO FORCE ROW LEVEL SECURITY before the statement, FORCE after it
    next: or let the policies filter: write `-- pgkeel: row_security = on` into migrations/20260101000000_doc/up.sql
    "#);
}

#[test]
fn a_migration_statement_by_statement_is_held_to_it_and_reset_all_does_not_end_it() {
    let (project, _role) = forced(&[(
        "20260102000000_slug",
        "RESET ALL;\nSELECT 1;\nUPDATE doc SET slug = 'x';",
        "RESET ALL; DELETE FROM doc;",
    )]);
    project.run(&["deploy"]).exits(1);
    project.file("migrations/20260102000000_slug/metadata.toml", "run_in_transaction = false\n");
    project.run(&["deploy"]).exits(1);
    assert_eq!(project.number("SELECT count(slug) FROM doc"), 0);
    project.run(&["resolve", "--rolled-back", "20260102000000", "--yes"]);
}

#[test]
fn a_file_lets_policies_filter_by_a_comment_or_its_own_set_and_migrate_show_says_so() {
    let (project, role) = forced(&[
        (
            "20260102000000_comment",
            "-- pgkeel: row_security = on\nSET app.tenant = 'b';\nUPDATE doc SET slug = 'x';",
            "SELECT 1; -- pgkeel: row_security = on\n",
        ),
        (
            "20260103000000_set",
            "SET LOCAL row_security = on; SELECT set_config('app.tenant', 'a', true); UPDATE doc SET slug = 'y';",
            "SELECT 1;",
        ),
    ]);
    project.run(&["deploy", "--to", "20260102000000"]).exits(0);
    assert_eq!(project.number("SELECT count(slug) FROM doc"), 0);
    project.run(&["deploy"]).exits(0);
    assert_eq!(project.number("SELECT count(slug) FROM doc"), 3);
    let shown = |name: &str| project.run(&["migrate", "show", name]).text().to_owned();
    assert_snapshot!(shown("20260102000000"), @"
    exit 0
    --- stdout
    20260102000000_comment
      state       applied since TIME  UTC, in N ms
      by          `deploy` (operation 2), root on vm, as role `ROLE`
      up.sql      as it was applied
      runs        in one transaction
      policies    filter the rows of up.sql (`-- pgkeel: row_security = on`)
      policies    filter the rows of down.sql (`-- pgkeel: row_security = on`)
      hazards     loses data

    -- migrations/20260102000000_comment/up.sql
    -- pgkeel: row_security = on
    SET app.tenant = 'b';
    UPDATE doc SET slug = 'x';

    -- migrations/20260102000000_comment/down.sql
    SELECT 1; -- pgkeel: row_security = on
    --- stderr
    database `DB` on TCP as `ROLE` (`DATABASE_URL` in the environment)
    ");
    assert!(shown("20260103000000").contains("filter the rows of up.sql (`SET row_security`)"));
    assert!(!shown("20260101000000").contains("policies  "));
    drop(role);
}

#[test]
fn a_function_that_runs_as_its_owner_is_named_with_the_owner() {
    let (mut project, role) = forced(&[]);
    project.sql(
        "CREATE FUNCTION fill() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS
           $$ BEGIN UPDATE doc SET slug = 'x'; END $$",
    );
    let caller = Role::new(&mut project, "BYPASSRLS");
    project.sql(&format!(
        "ALTER FUNCTION fill() OWNER TO {owner}; GRANT ALL ON SCHEMA public, pgkeel TO {caller}; \
         GRANT ALL ON ALL TABLES IN SCHEMA public, pgkeel TO {caller}; \
         GRANT ALL ON ALL SEQUENCES IN SCHEMA pgkeel TO {caller}",
        owner = role.name,
        caller = caller.name
    ));
    project.migration("20260102000000_fill", "SELECT fill();", "SELECT 1;");
    project.shows(&caller.name, "CALLER");
    project.connect_as(&caller);
    assert_snapshot!(project.run(&["deploy"]).text(), @r#"
    exit 1
    --- stderr
    database `DB` on TCP as `ROLE` (`DATABASE_URL` in the environment)
    error: migration `20260102000000_fill` could not be applied
      migrations/20260102000000_fill/up.sql:1:1
        |
      1 | SELECT fill();
        | ^
      query would be affected by row-level security policy for table "doc" (SQLSTATE 42501)
      HINT: To disable the policy for the table's owner, use ALTER TABLE NO FORCE ROW LEVEL SECURITY.
      CONTEXT: SQL statement "UPDATE doc SET slug = 'x'"
      PL/pgSQL function fill() line 1 at SQL statement
      row-level security of doc (policies: "Only mine") applies to role "ROLE", with whose rights function fill() runs;
      with row_security = off that is an error, so that no row is left out silently
      the database now: rolled back, nothing of this migration stays
    next: to reach every row: ALTER ROLE "ROLE" BYPASSRLS, or connect as a role that has it
    next: or, as the owner: ALTER TABLE doc NO FORCE ROW LEVEL SECURITY before the statement, FORCE after it
    next: or let the policies filter: write `-- pgkeel: row_security = on` into migrations/20260102000000_fill/up.sql
    "#);
    drop(caller);
    drop(role);
}

#[test]
fn a_view_and_a_function_in_sql_lead_to_the_table() {
    let (project, _role) = forced(&[("20260102000000_fill", "SELECT fill();", "SELECT 1;")]);
    project.sql("CREATE VIEW seen AS SELECT * FROM doc");
    project.sql(
        "CREATE FUNCTION fill() RETURNS void LANGUAGE sql AS $$ UPDATE seen SET slug = 'x' WHERE id > 0 $$",
    );
    let owner = project.words("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'doc'");
    project.sql(&format!("ALTER VIEW seen OWNER TO {owner}"));
    let told = project.run(&["deploy"]);
    told.exits(1);
    assert!(told.text().contains("row-level security of doc"), "{}", told.text());
}

#[test]
fn another_lack_of_rights_is_not_taken_for_a_policy() {
    let (project, role) = forced(&[("20260102000000_more", "INSERT INTO other SELECT 1;", "SELECT 1;")]);
    project.sql("CREATE TABLE other (doc int)");
    let told = project.run(&["deploy"]);
    told.exits(1);
    assert!(!told.text().contains("row-level security"), "{}", told.text());
    project.sql(&format!("ALTER TABLE other OWNER TO {}", role.name));
    project.run(&["deploy"]).exits(0);
}

#[test]
fn seeds_are_held_to_it_and_may_opt_out() {
    let (project, _role) = forced(&[]);
    project.file("seeds/10_doc.sql", "INSERT INTO doc VALUES (10, 'a', 'x') ON CONFLICT DO NOTHING;");
    assert_snapshot!(project.run(&["seed"]).text(), @r#"
    exit 1
    --- stderr
    database `DB` on TCP as `ROLE` (`DATABASE_URL` in the environment)
    error: the seed file `main/10_doc.sql` failed
      seeds/10_doc.sql:1:1
        |
      1 | INSERT INTO doc VALUES (10, 'a', 'x') ON CONFLICT DO NOTHING;
        | ^
      query would be affected by row-level security policy for table "doc" (SQLSTATE 42501)
      HINT: To disable the policy for the table's owner, use ALTER TABLE NO FORCE ROW LEVEL SECURITY.
      row-level security of doc (policies: "Only mine") applies to role "ROLE";
      with row_security = off that is an error, so that no row is left out silently
      the database now: rolled back, nothing of the seeds stays
    next: to reach every row: ALTER ROLE "ROLE" BYPASSRLS, or connect as a role that has it
    next: or, as the owner: ALTER TABLE doc NO FORCE ROW LEVEL SECURITY before the statement, FORCE after it
    next: or let the policies filter: write `-- pgkeel: row_security = on` into seeds/10_doc.sql
    "#);
    assert_eq!(project.number("SELECT count(*) FROM doc"), 3);
    project.file(
        "seeds/10_doc.sql",
        "-- pgkeel: row_security = on\nSET app.tenant = 'a';\n\
         INSERT INTO doc VALUES (10, 'a', 'x') ON CONFLICT DO NOTHING;",
    );
    project.run(&["seed"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM doc"), 4);
    // The next file is held to it again.
    project.file("seeds/20_doc.sql", "DELETE FROM doc WHERE id = 10;");
    project.run(&["seed"]).exits(1);
    assert_eq!(project.number("SELECT count(*) FROM doc"), 4);
}

#[test]
fn execute_reads_as_the_role_does_and_writes_every_row_or_none() {
    let (mut project, role) = forced(&[]);
    let read = |project: &Project| {
        let told = project.run(&["execute", "--format", "csv", "--sql", "SELECT count(*) FROM doc"]);
        told.exits(0);
        told.text().contains("count\n3\n")
    };
    assert!(!read(&project));
    project.run(&["execute", "--sql", "SELECT count(*) FROM doc", "--read-only"]).exits(0);
    assert_snapshot!(project.run(&["execute", "--sql", "UPDATE doc SET slug = 'x' WHERE id = 1"]).text(), @r#"
    exit 1
    --- stderr
    database `DB` on TCP as `ROLE` (`DATABASE_URL` in the environment)
    error: the SQL failed
      --sql:1:1
        |
      1 | UPDATE doc SET slug = 'x' WHERE id = 1
        | ^
      query would be affected by row-level security policy for table "doc" (SQLSTATE 42501)
      HINT: To disable the policy for the table's owner, use ALTER TABLE NO FORCE ROW LEVEL SECURITY.
      row-level security of doc (policies: "Only mine") applies to role "ROLE";
      with row_security = off that is an error, so that no row is left out silently
      the database now: rolled back, nothing of it stays
    next: to reach every row: ALTER ROLE "ROLE" BYPASSRLS, or connect as a role that has it
    next: or, as the owner: ALTER TABLE doc NO FORCE ROW LEVEL SECURITY before the statement, FORCE after it
    next: or let the policies filter: `--row-security`
    "#);
    let more = [
        "WITH x AS (DELETE FROM doc WHERE id = 1 RETURNING 1) SELECT * FROM x",
        "CREATE TABLE copy AS SELECT * FROM doc",
        "DO $$ BEGIN UPDATE doc SET slug = 'x' WHERE id = 1; END $$",
        "BEGIN; UPDATE doc SET slug = 'x' WHERE id = 1; COMMIT",
        "SELECT fill()",
    ];
    project.sql(
        "CREATE FUNCTION fill() RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE doc SET slug = 'x'; END $$",
    );
    for sql in more {
        project.run(&["execute", "--yes", "--sql", sql]).exits(1);
    }
    project.run(&["execute", "--row-security", "--sql", "UPDATE doc SET slug = 'x' WHERE id = 1"]).exits(0);
    project.run(&["execute", "--row-security", "--sql", "SELECT fill()"]).exits(0);
    assert_eq!(project.number("SELECT count(slug) FROM doc"), 0);
    // A reading one keeps the role's own setting.
    project.sql(&format!("ALTER ROLE {} SET row_security = off", role.name));
    project.run(&["execute", "--sql", "SELECT count(*) FROM doc"]).exits(1);
    project.run(&["execute", "--row-security", "--sql", "SELECT count(*) FROM doc"]).exits(0);
    project.sql(&format!("ALTER ROLE {} BYPASSRLS", role.name));
    assert!(read(&project));
    project.run(&["execute", "--sql", "UPDATE doc SET slug = 'x' WHERE id = 1"]).exits(0);
    assert_eq!(project.number("SELECT count(slug) FROM doc"), 1);
    // A member of the owner, and somebody who may only read.
    let member = Role::new(&mut project, "");
    project.sql(&format!(
        "GRANT {} TO {}; GRANT USAGE ON SCHEMA pgkeel TO {}",
        role.name, member.name, member.name
    ));
    project.connect_as(&member);
    assert!(!read(&project));
    project.run(&["execute", "--sql", "UPDATE doc SET slug = 'y' WHERE id = 1"]).exits(1);
    project.sql("ALTER TABLE doc NO FORCE ROW LEVEL SECURITY");
    assert!(read(&project));
    project.run(&["execute", "--sql", "UPDATE doc SET slug = 'y' WHERE id = 1"]).exits(0);
    drop(member);
    drop(role);
}

#[test]
fn a_generated_backfill_reaches_every_row_of_a_forced_table() {
    let mut project = Project::with_migrations(&[]);
    let _role = Role::owner(&mut project, "NOSUPERUSER CREATEDB NOCREATEROLE");
    let table = |column: &str| {
        format!(
            "CREATE TABLE doc (id int PRIMARY KEY, tenant text{column});
             ALTER TABLE doc ENABLE ROW LEVEL SECURITY;
             ALTER TABLE doc FORCE ROW LEVEL SECURITY;
             CREATE POLICY p ON doc USING (tenant = current_setting('app.tenant', true));"
        )
    };
    project.file("schema.sql", table(""));
    project.run(&["migrate", "--name", "doc"]).exits(0);
    project.sql("INSERT INTO doc SELECT n, 'a' FROM generate_series(1, 3) n");
    project.file("schema.sql", table(", slug text NOT NULL"));
    project.run(&["migrate", "--name", "slug", "--fill", "doc.slug='x' || id"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM doc WHERE slug = 'x' || id"), 3);
    assert_eq!(
        project.number("SELECT count(*) FROM pg_class WHERE relname = 'doc' AND relforcerowsecurity"),
        1
    );
    project.file("schema.sql", table(", slug text NOT NULL").replace("tenant text", "tenant text NOT NULL"));
    project.sql("UPDATE doc SET tenant = NULL WHERE id = 1");
    project.run(&["migrate", "--name", "tenant", "--fill", "doc.tenant=slug"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM doc WHERE tenant = 'x1'"), 1);
    project.file(
        "schema.sql",
        table(", slug text NOT NULL")
            .replace("tenant text", "tenant text NOT NULL")
            .replace("id int PRIMARY KEY", "id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
    );
    project.run(&["migrate", "--name", "identity"]).exits(0);
    assert_eq!(project.number("SELECT nextval(pg_get_serial_sequence('doc', 'id'))"), 4);
}

#[test]
fn a_generated_foreign_key_is_checked_by_every_row_of_a_forced_table() {
    let mut project = Project::with_migrations(&[]);
    let _role = Role::owner(&mut project, "NOSUPERUSER CREATEDB NOCREATEROLE");
    let tables = |kind: &str, key: &str| {
        format!(
            "CREATE TABLE tenant (id {kind} PRIMARY KEY);
             CREATE TABLE doc (id int, tenant {kind}{key});
             ALTER TABLE tenant ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
             ALTER TABLE doc ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
        )
    };
    let key = " REFERENCES tenant";
    project.file("schema.sql", tables("int", ""));
    project.run(&["migrate", "--name", "doc"]).exits(0);
    project.sql("INSERT INTO tenant VALUES (1); INSERT INTO doc VALUES (1, 1), (2, 2)");
    project.file("schema.sql", tables("int", key));
    // A row that policies hide from the owner breaks it.
    project.run(&["migrate", "--name", "key"]).exits(1);
    project.sql("DELETE FROM doc WHERE tenant = 2");
    project.run(&["migrate", "--name", "key"]).exits(0);
    project.file("schema.sql", tables("bigint", key));
    project.run(&["migrate", "--name", "wide"]).exits(0);
    assert_eq!(
        project.number(
            "SELECT count(*) FROM pg_class WHERE relname IN ('doc', 'tenant') AND relforcerowsecurity"
        ),
        2
    );
}

#[test]
fn a_function_in_sql_over_a_forced_table_is_created_and_what_follows_is_held_to_it() {
    let (project, _role) = forced(&[(
        "20260102000000_mine",
        "ALTER TABLE doc FORCE ROW LEVEL SECURITY; \
         CREATE FUNCTION mine() RETURNS SETOF doc LANGUAGE sql STABLE AS 'SELECT * FROM doc'; \
         CREATE OR REPLACE FUNCTION mine() RETURNS SETOF doc LANGUAGE sql STABLE AS 'SELECT * FROM doc';",
        "DROP FUNCTION mine(); ALTER TABLE doc NO FORCE ROW LEVEL SECURITY;",
    )]);
    project.run(&["deploy"]).exits(0);
    project.run(&["validate"]).exits(0);
    project.migration(
        "20260103000000_late",
        "CREATE OR REPLACE FUNCTION mine() RETURNS SETOF doc LANGUAGE sql STABLE AS 'SELECT * FROM doc'; \
         DELETE FROM doc;",
        "SELECT 1;",
    );
    project.run(&["deploy"]).exits(1);
    project.run(&["validate"]).exits(1);
}
