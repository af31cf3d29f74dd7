//! Ordinary roles: one that owns its database does the whole job; one that lacks a right is told which, and whom to ask.

use insta::assert_snapshot;

use crate::support::project::Project;
use crate::support::role::Role;

const CUSTOMER: (&str, &str, &str) =
    ("20260101000000_customer", "CREATE TABLE customer (id int PRIMARY KEY);", "DROP TABLE customer;");

#[test]
fn an_ordinary_role_that_owns_its_database_does_the_whole_job() {
    let mut project = Project::with_migrations(&[
        CUSTOMER,
        ("20260102000000_orders", "CREATE TABLE orders (id int);", "DROP TABLE orders;"),
    ]);
    project.file("seeds/10_customers.sql", "INSERT INTO customer VALUES (1) ON CONFLICT DO NOTHING;");
    let _role = Role::owner(&mut project, "NOSUPERUSER NOCREATEDB NOCREATEROLE");
    project.run(&["status"]).exits(4);
    project.run(&["deploy"]).exits(0);
    project.run(&["seed"]).exits(0);
    project.run(&["status"]).exits(0);
    project.run(&["rollback", "--yes"]).exits(0);
    project.run(&["status"]).exits(4);
    project.run(&["deploy"]).exits(0);
    project.run(&["env", "set", "development"]).exits(0);
    project.run(&["reset", "--yes"]).exits(0);
    project.run(&["status"]).exits(0);
    project.run(&["execute", "--sql", "DROP TABLE orders", "--yes"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM customer"), 1);
    assert_eq!(
        project.words("SELECT string_agg(command || ' ' || outcome, ', ' ORDER BY id) FROM pgkeel.operation"),
        "deploy done, seed done, rollback done, deploy done, env set done, reset done"
    );
}

#[test]
fn a_superuser_in_a_database_of_a_lesser_role_is_advised_once_to_connect_as_the_owner() {
    let mut project = Project::with_migrations(&[
        CUSTOMER,
        ("20260102000000_orders", "CREATE TABLE orders (id int);", "DROP TABLE orders;"),
    ]);
    let owner = Role::owner(&mut project, "");
    let url = project.db.tcp_url.clone();
    project.connect_to(&url);
    let first = project.run(&["deploy", "--to", "20260101000000"]);
    let note = first.exits(0).text().lines().find(|line| line.contains("superuser")).unwrap_or_default();
    assert_snapshot!(note, @"`DB` belongs to `ROLE`, and `dev` is a superuser: functions and triggers of other roles that a migration reaches run with a superuser's rights. Connect as `ROLE` to avoid it");
    assert!(!project.run(&["deploy"]).exits(0).text().contains("superuser"));
    drop(owner);
}

#[test]
fn a_role_that_may_not_create_the_bookkeeping_schema_is_told_what_its_dba_can_type() {
    let mut project = Project::with_migrations(&[CUSTOMER]);
    let role = Role::new(&mut project, "");
    project.sql(&format!("GRANT CREATE ON SCHEMA public TO {}", role.name));
    project.connect_as(&role);
    assert_snapshot!(project.run(&["deploy"]).text(), @r#"
    exit 1
    --- stderr
    database `DB` on TCP as `ROLE` (`DATABASE_URL` in the environment)
    error: the role `ROLE` may not create the bookkeeping schema `pgkeel` in database `DB`
    next: ask the owner of the database to run: CREATE SCHEMA "pgkeel" AUTHORIZATION "ROLE";
    "#);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname IN ('customer', 'operation')"), 0);
    // What it says works.
    project.sql(&format!("CREATE SCHEMA pgkeel AUTHORIZATION {}", role.name));
    project.run(&["deploy"]).exits(0);
    project.run(&["status"]).exits(0);
}

#[test]
fn a_role_that_may_not_create_tables_fails_before_anything_is_recorded() {
    let mut project = Project::with_migrations(&[CUSTOMER]);
    let role = Role::new(&mut project, "");
    project.sql(&format!("CREATE SCHEMA pgkeel AUTHORIZATION {}", role.name));
    project.sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    project.connect_as(&role);
    assert_snapshot!(project.run(&["deploy"]).text(), @r#"
    exit 1
    --- stderr
    database `DB` on TCP as `ROLE` (`DATABASE_URL` in the environment)
    error: cannot create the ledger `"public".__diesel_schema_migrations`: permission denied for schema public (SQLSTATE 42501)
    next: ask its owner to run: GRANT CREATE ON SCHEMA "public" TO "ROLE";
    "#);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname = 'customer'"), 0);
}

#[test]
fn a_role_that_may_not_read_the_ledger_is_told_so_and_never_that_all_is_pending() {
    let mut project = Project::with_migrations(&[CUSTOMER]);
    project.run(&["deploy"]).exits(0);
    let role = Role::new(&mut project, "");
    project.connect_as(&role);
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 1
    --- stderr
    tried postgres://ROLE:****@TCP/DB (`DATABASE_URL` in the environment)
    error: permission denied for table __diesel_schema_migrations (SQLSTATE 42501)
    next: the role lacks a right: connect as the owner, or ask for the GRANT
    ");
    project.run(&["deploy"]).exits(1);
    // With the ledger alone it can tell what is applied, though not what we know beside it.
    project.sql(&format!("GRANT SELECT ON __diesel_schema_migrations TO {}", role.name));
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 1
    --- stderr
    tried postgres://ROLE:****@TCP/DB (`DATABASE_URL` in the environment)
    error: permission denied for schema pgkeel (SQLSTATE 42501)
    next: the role lacks a right: connect as the owner, or ask for the GRANT
    ");
    project.sql(&format!(
        "GRANT USAGE ON SCHEMA pgkeel TO {0}; GRANT SELECT ON ALL TABLES IN SCHEMA pgkeel TO {0}",
        role.name
    ));
    project.run(&["status"]).exits(0);
}

#[test]
fn a_migration_on_another_owners_table_says_whose_right_is_lacking() {
    let mut project = Project::with_migrations(&[CUSTOMER]);
    project.run(&["deploy"]).exits(0);
    let role = Role::new(&mut project, "");
    project.sql(&format!(
        "GRANT ALL ON SCHEMA pgkeel, public TO {0}; GRANT ALL ON ALL TABLES IN SCHEMA pgkeel, public TO {0}; \
         GRANT ALL ON ALL SEQUENCES IN SCHEMA pgkeel TO {0}",
        role.name
    ));
    project.migration("20260102000000_note", "ALTER TABLE customer ADD COLUMN note text;", "SELECT 1;");
    project.connect_as(&role);
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 1
    --- stderr
    database `DB` on TCP as `ROLE` (`DATABASE_URL` in the environment)
    error: migration `20260102000000_note` could not be applied
      migrations/20260102000000_note/up.sql:1:1
        |
      1 | ALTER TABLE customer ADD COLUMN note text;
        | ^
      must be owner of table customer (SQLSTATE 42501)
      the database now: rolled back, nothing of this migration stays
    next: connect as the owner of the objects, or set `[deploy] role` in pgkeel.toml, then `pgkeel deploy`
    ");
}

#[test]
fn a_role_that_logs_in_as_another_role_creates_what_that_one_owns() {
    let mut project = Project::with_migrations(&[CUSTOMER]);
    let owner = Role::owner(&mut project, "");
    let login = Role::new(&mut project, "");
    project.sql(&format!(
        "GRANT {owner} TO {login}; ALTER ROLE {login} SET role = {owner}",
        owner = owner.name,
        login = login.name
    ));
    project.connect_as(&login);
    project.run(&["deploy"]).exits(0);
    assert_eq!(
        project
            .words("SELECT tableowner FROM pg_tables WHERE schemaname = 'public' AND tablename = 'customer'"),
        owner.name
    );
    assert_eq!(
        project.words("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname IN ('public', 'pgkeel')"),
        owner.name
    );
}

#[test]
fn a_database_of_which_the_role_may_be_in_only_once_is_told_as_such() {
    let mut project = Project::with_migrations(&[CUSTOMER]);
    let role = Role::owner(&mut project, "CONNECTION LIMIT 1");
    project.connect_to(&format!("{}?pool_timeout=1", role.url()));
    assert_snapshot!(project.run(&["deploy"]).text(), @r#"
    exit 8
    --- stderr
    database `DB` on TCP as `ROLE` (`DATABASE_URL` in the environment)
    error: no connection for the bookkeeping tables: timed out waiting for connection: connection to server at "127.0.0.1", port PORT failed: FATAL:  too many connections for role "ROLE"
    next: beside the session of the migrations one more connection is needed: look at the CONNECTION LIMIT of role and database
    "#);
}
