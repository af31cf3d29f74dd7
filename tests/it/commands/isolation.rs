//! What one migration does to its session never reaches its bookkeeping rows or the next migration.

use insta::assert_snapshot;

use crate::support::cluster::unique;
use crate::support::project::Project;

/// A migration that only works with fresh settings: unqualified, in the default search_path, as the
/// connected role.
const PLAIN: (&str, &str, &str) = (
    "20260102000000_plain",
    "CREATE TABLE plain (id int); INSERT INTO plain SELECT 1 WHERE current_user = session_user;",
    "DROP TABLE plain;",
);

/// Both ledgers' versions: Diesel's, and ours with its state.
fn recorded(project: &Project) -> String {
    project.words(
        "SELECT concat_ws(' | ', (SELECT string_agg(version, ' ' ORDER BY version) FROM public.__diesel_schema_migrations), \
         (SELECT string_agg(version || ' ' || state, ' ' ORDER BY version) FROM pgkeel.migration))",
    )
}

const BOTH: &str = "20260101000000 20260102000000 | 20260101000000 applied 20260102000000 applied";

/// Deploy `up` and `PLAIN` in one run; both must be recorded, and `PLAIN` must have had a fresh session.
#[track_caller]
fn both_apply(up: &str) -> Project {
    let project = Project::with_migrations(&[("20260101000000_odd", up, "SELECT 1;"), PLAIN]);
    project.run(&["deploy"]).exits(0);
    assert_eq!(recorded(&project), BOTH);
    assert_eq!(project.number("SELECT count(*) FROM public.plain"), 1, "as the connected role");
    project.run(&["status"]).exits(0);
    project
}

#[test]
fn a_pg_dump_file_empties_the_search_path_of_itself_only() {
    let project = both_apply(
        "-- PostgreSQL database dump\n\
         SET statement_timeout = 0;\nSET lock_timeout = 0;\nSET client_encoding = 'UTF8';\n\
         SET standard_conforming_strings = on;\n\
         SELECT pg_catalog.set_config('search_path', '', false);\n\
         SET check_function_bodies = false;\nSET default_table_access_method = heap;\nSET row_security = off;\n\
         CREATE TABLE public.dumped (id integer NOT NULL);\n\
         ALTER TABLE ONLY public.dumped ADD CONSTRAINT dumped_pkey PRIMARY KEY (id);",
    );
    assert_eq!(project.number("SELECT count(*) FROM pg_index WHERE indrelid = 'dumped'::regclass"), 1);
}

#[test]
fn set_role_and_session_authorization_end_with_their_migration() {
    let role = unique("r").chars().take(60).collect::<String>();
    let project = both_apply(&format!(
        "CREATE ROLE {role}; SET ROLE {role}; SELECT 1; SET SESSION AUTHORIZATION {role};"
    ));
    project.sql(&format!("DROP ROLE {role}"));
}

#[test]
fn a_last_line_of_comment_does_not_swallow_the_commit() {
    both_apply("CREATE TABLE noted (id int); -- the end");
    both_apply("CREATE TABLE noted (id int) -- the end, without a semicolon");
    both_apply("CREATE TABLE noted (id int); /* the end */");
}

#[test]
fn settings_that_would_break_the_next_message_are_gone_after_it() {
    both_apply(
        "SET standard_conforming_strings = off; SET client_encoding = 'LATIN1'; \
         SET default_transaction_read_only = on; SET default_transaction_isolation = 'serializable'; \
         SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY; SET session_replication_role = replica; \
         SET statement_timeout = '1ms'; SET DateStyle = 'German'; SET search_path = pg_temp;",
    );
}

#[test]
fn a_table_named_like_the_ledger_in_its_own_search_path_stays_empty() {
    let project = both_apply(
        "CREATE SCHEMA mine; SET search_path = mine; \
         CREATE TABLE __diesel_schema_migrations (version text, run_on timestamp DEFAULT now()); \
         CREATE TABLE migration (version text); CREATE TABLE operation (id int);",
    );
    for table in ["__diesel_schema_migrations", "migration", "operation"] {
        assert_eq!(project.number(&format!("SELECT count(*) FROM mine.{table}")), 0, "{table}");
    }
}

#[test]
fn a_temporary_table_named_like_the_ledger_does_not_shadow_it() {
    let project = both_apply("CREATE TEMP TABLE __diesel_schema_migrations (version text);");
    project.run(&["deploy"]).exits(0);
}

#[test]
fn a_deferred_constraint_that_fails_at_commit_leaves_nothing() {
    let project = Project::with_migrations(&[
        PLAIN,
        (
            "20260103000000_orders",
            "CREATE TABLE customer (id int PRIMARY KEY);\n\
             CREATE TABLE purchase (customer_id int REFERENCES customer DEFERRABLE INITIALLY DEFERRED);\n\
             INSERT INTO purchase VALUES (7);\n",
            "SELECT 1;",
        ),
        ("20260104000000_later", "CREATE TABLE later (id int);", "DROP TABLE later;"),
    ]);
    assert_snapshot!(project.run(&["deploy"]).text(), @r#"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: migration `20260103000000_orders` could not be applied
      migrations/20260103000000_orders/up.sql: at COMMIT, when deferred constraints are checked
      insert or update on table "purchase" violates foreign key constraint "purchase_customer_id_fkey" (SQLSTATE 23503)
      DETAIL: Key (customer_id)=(7) is not present in table "customer".
      the database now: rolled back, nothing of this migration stays; 1 migration before it is done: 20260102000000_plain
    next: mend migrations/20260103000000_orders/up.sql, then `pgkeel deploy`
    "#);
    assert_eq!(recorded(&project), "20260102000000 | 20260102000000 applied");
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname IN ('customer', 'later')"), 0);
}

#[test]
fn a_migration_that_would_give_the_lock_away_is_refused() {
    for sql in ["SELECT pg_advisory_unlock_all();", "DISCARD ALL;"] {
        let project = Project::with_migrations(&[("20260101000000_odd", sql, "SELECT 1;")]);
        let ran = project.run(&["deploy"]);
        ran.exits(2);
        assert!(ran.stderr.contains("would give the migration lock away"), "{}", ran.text());
    }
}
