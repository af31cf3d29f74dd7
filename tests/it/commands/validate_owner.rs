//! `validate` runs the migrations as an ordinary owner where its own role bypasses policies; what needs more rights is run by
//! that role and named, and the catalog is the one that it would have made itself.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use insta::assert_snapshot;

use crate::support::project::Project;
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

#[test]
fn a_backfill_that_policies_would_hide_rows_from_is_not_valid() {
    let project = Project::with_migrations(&[
        FORCED,
        ("20260102000000_slug", "UPDATE doc SET slug = 'x';", "UPDATE doc SET slug = NULL;"),
    ]);
    assert_snapshot!(project.run(&["validate", "--replay"]).text(), @r#"
    exit 1
    --- stdout
    check   result  what
    layout  passed  2 migrations
    replay  failed  2 migrations from nothing

    error replay-fails: migrations/20260102000000_slug/up.sql:1
      migration `20260102000000_slug` could not be applied
        migrations/20260102000000_slug/up.sql:1:1
          |
        1 | UPDATE doc SET slug = 'x';
          | ^
        query would be affected by row-level security policy for table "doc" (SQLSTATE 42501)
        HINT: To disable the policy for the table's owner, use ALTER TABLE NO FORCE ROW LEVEL SECURITY.
        row-level security of doc (policies: hidden) applies to an ordinary owner, as which the migrations run here;
        with row_security = off that is an error, so that no row is left out silently
        the database is as it was: the migrations and seeds ran in a new one, which is dropped
      next: to reach every row: ALTER TABLE doc NO FORCE ROW LEVEL SECURITY before the statement, FORCE after it; or let the policies filter: write `-- pgkeel: row_security = on` into migrations/20260102000000_slug/up.sql; a role with BYPASSRLS still reaches every row

    not valid: 1 error, 0 notes
    --- stderr
    migrations: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    "#);
    // The server's own role reaches every row.
    project.run(&["deploy"]).exits(0);
    assert_eq!(project.number("SELECT count(slug) FROM doc"), 1);
    let up = "ALTER TABLE doc NO FORCE ROW LEVEL SECURITY; UPDATE doc SET slug = 'x'; \
              ALTER TABLE doc FORCE ROW LEVEL SECURITY;";
    let project = Project::with_migrations(&[FORCED, ("20260102000000_slug", up, "SELECT 1;")]);
    project.run(&["validate"]).exits(0);
    let up = "-- pgkeel: row_security = on\nUPDATE doc SET slug = 'x';";
    let project = Project::with_migrations(&[FORCED, ("20260102000000_slug", up, "SELECT 1;")]);
    project.run(&["validate"]).exits(0);
    let down = "DELETE FROM doc;";
    let project = Project::with_migrations(&[FORCED, ("20260102000000_slug", "SELECT 1;", down)]);
    project.run(&["validate"]).exits(1);
    let project = Project::with_migrations(&[FORCED]);
    project.migration("20260102000000_slug", "UPDATE doc SET slug = 'x';", "SELECT 1;");
    project.file("migrations/20260102000000_slug/metadata.toml", "run_in_transaction = false\n");
    project.run(&["validate", "--replay"]).exits(1);
}

#[test]
fn what_needs_more_rights_is_run_by_the_servers_own_role_and_named_in_one_line() {
    let project = Project::with_migrations(&[
        (
            "20260101000000_all",
            "CREATE TABLE a (id int);
             CREATE PUBLICATION everything FOR ALL TABLES;
             CREATE FUNCTION told() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
             CREATE EVENT TRIGGER told ON ddl_command_end EXECUTE FUNCTION told();
             CREATE TABLE b (id int);",
            "DROP EVENT TRIGGER told; DROP FUNCTION told(); DROP PUBLICATION everything; DROP TABLE a, b;",
        ),
        (
            "20260102000000_alone",
            "CREATE INDEX CONCURRENTLY a_id ON a (id);\nALTER FUNCTION told() SET log_statement = 'all';",
            "ALTER FUNCTION told() RESET log_statement;\nDROP INDEX CONCURRENTLY a_id;",
        ),
    ]);
    project.file("migrations/20260102000000_alone/metadata.toml", "run_in_transaction = false\n");
    let ran = project.run(&["validate"]);
    // Its words about wal_level are not the same in all versions.
    let text: Vec<&str> =
        ran.text().lines().filter(|line| !line.starts_with("WARNING") && !line.starts_with("HINT")).collect();
    assert_snapshot!(text.join("\n"), @r#"
    exit 0
    --- stdout
    check          result   what
    layout         passed   2 migrations
    replay         passed   2 migrations from nothing
    up-down-up     passed   2 migrations
    desired state  skipped  there is no desired state `schema.sql`
    seeds          skipped  there are none in `seeds`
    generated      skipped  diesel.toml names no file that is generated

    valid: 0 errors, 0 notes, 3 checks skipped
    --- stderr
    migrations: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    `20260101000000_all` needs more rights than an ordinary owner has; with those of `dev` ran: CREATE PUBLICATION (line 2), CREATE EVENT TRIGGER (line 4)
    `20260102000000_alone` needs more rights than an ordinary owner has; with those of `dev` ran: ALTER FUNCTION (line 2)
    "#);
}

#[test]
fn owners_grants_and_default_privileges_are_those_of_the_servers_own_role() {
    let mut project = Project::with_migrations(&[]);
    let app = Role::new(&mut project, "");
    let boss = Role::new(&mut project, "SUPERUSER");
    let me = project.words("SELECT current_user::text");
    let sql = format!(
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {app};
         ALTER DEFAULT PRIVILEGES FOR ROLE \"{me}\" GRANT USAGE ON SEQUENCES TO {app};
         REVOKE CREATE ON SCHEMA public FROM PUBLIC;
         GRANT USAGE ON SCHEMA public TO {app};
         CREATE SCHEMA \"{me}\";
         CREATE TABLE mine (id serial PRIMARY KEY);
         CREATE TABLE public.ours (id int);
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO {app};
         ALTER TABLE public.ours OWNER TO \"{me}\";
         CREATE TABLE public.theirs (id int);
         ALTER TABLE public.theirs OWNER TO {app};
         CREATE INDEX ON public.theirs (id);
         CREATE POLICY p ON public.ours TO \"{me}\", {app} USING (true);
         SET ROLE {app};
         SET search_path = public;
         COMMENT ON TABLE theirs IS 'theirs';
         GRANT SELECT ON public.ours TO {boss};
         RESET ROLE;
         CREATE TABLE after (id int);
         SET ROLE {boss};
         CREATE TABLE public.of_boss (id int);
         RESET ROLE;
         CREATE TABLE at_last (id int);",
        app = app.name,
        boss = boss.name
    );
    project.migration("20260101000000_all", &sql, "SELECT 1;");
    project.file("schema.sql", &sql);
    project.sql(&format!("GRANT CREATE ON SCHEMA public TO {}", app.name));
    let told = project.run(&["validate"]);
    // It is what schema.sql makes as the server's own role; the down migration undoes nothing.
    told.exits(6);
    assert!(told.text().contains("desired state  passed   schema.sql"), "{}", told.text());
    project.remove("migrations/20260101000000_all");
    drop(boss);
    drop(app);
}

#[test]
fn a_role_that_bypasses_policies_and_makes_no_roles_says_what_is_not_checked() {
    let mut project = Project::with_migrations(&[
        FORCED,
        ("20260102000000_slug", "UPDATE doc SET slug = 'x';", "UPDATE doc SET slug = NULL;"),
    ]);
    let role = Role::owner(&mut project, "NOSUPERUSER CREATEDB NOCREATEROLE BYPASSRLS");
    let told = project.run(&["validate"]);
    told.exits(0);
    assert!(told.text().contains("from nothing; row-level security not checked"), "{}", told.text());
    // Where it may make one, it does.
    project.sql(&format!("ALTER ROLE {} CREATEROLE", role.name));
    project.run(&["validate"]).exits(1);
    project.sql(&format!("ALTER ROLE {} NOBYPASSRLS NOCREATEROLE", role.name));
    project.run(&["validate"]).exits(1);
    // A role that it makes goes with the run.
    let left = format!(
        "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid \
         WHERE m.member = '{}'::regrole AND r.rolname ~ '^pgkeel_shadow_'",
        role.name
    );
    assert_eq!(project.number(&left), 0);
    drop(role);
}

#[test]
fn a_role_that_a_killed_run_left_is_dropped_by_a_later_one_and_no_other_role_is() {
    let project = Project::with_migrations(&[FORCED]);
    let name = |end: &str| format!("pgkeel_shadow_{:08x}{end}", std::process::id());
    let (left, held, other) = (name("00000001"), name("00000002"), name("00000003"));
    let comment = r#"{"pgkeel":"shadow","host":"elsewhere","pid":1,"at":"2026-01-01T00:00:00Z"}"#;
    for (role, comment) in [(&left, comment), (&held, comment), (&other, "another")] {
        project.sql(&format!("CREATE ROLE {role}; COMMENT ON ROLE {role} IS '{comment}'"));
    }
    // As a run does whose session stays in the maintenance database.
    let mut run = PgConnection::establish(&project.db.url.replace(&project.db.name, "postgres")).unwrap();
    let key = format!("hashtextextended(concat_ws(chr(1), 'pgkeel shadow', '{held}'), 0)");
    run.batch_execute(&format!("SELECT pg_advisory_lock({key})")).unwrap();
    project.run(&["validate", "--replay"]).exits(0);
    let there =
        |role: &str| project.number(&format!("SELECT count(*) FROM pg_roles WHERE rolname = '{role}'"));
    assert_eq!((there(&left), there(&held), there(&other)), (0, 1, 1));
    drop(run);
    project.sql(&format!("DROP ROLE {held}, {other}"));
}
