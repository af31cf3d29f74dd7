//! Files of a schema, in any order.

use pgkeel::engine::shadow::{Server, ShadowError, Why};

use super::stage::Stage;
use crate::support::dump::{lines, written};

const TABLES: &str = "SELECT string_agg(oid::regclass::text, ' ' ORDER BY relname) FROM pg_class \
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm')";

#[test]
fn files_load_in_whatever_order_they_are() {
    let (found, left_out) = Stage::new().loads(
        Server::Shared,
        &[
            ("a/views.sql", "CREATE VIEW newest AS SELECT * FROM orders_of(7);\nCREATE VIEW v2 AS SELECT * FROM newest;"),
            ("b/orders.sql", "ALTER TABLE orders ADD CHECK (n > 0);\nCREATE TABLE orders (id int PRIMARY KEY, who int REFERENCES person, n positive);"),
            ("c/functions.sql", "CREATE FUNCTION orders_of(int) RETURNS SETOF orders LANGUAGE sql AS 'SELECT * FROM orders WHERE who = $1 AND later()';"),
            ("d/people.SQL", "-- the end\nCREATE TABLE person (id int PRIMARY KEY) -- no semicolon"),
            ("e/types.sql", "CREATE DOMAIN positive AS int CHECK (VALUE > 0);\nCREATE FUNCTION later() RETURNS bool LANGUAGE sql AS 'SELECT true';"),
            (".hidden.sql", "nonsense"),
            ("README.md", "nonsense"),
        ],
        TABLES,
    );
    assert_eq!(found, "newest orders person v2");
    assert_eq!(left_out, []);
}

#[test]
fn what_no_transaction_can_hold_and_what_needs_a_commit_before_it_loads() {
    let (found, _) = Stage::new().loads(
        Server::Shared,
        &[(
            "schema.sql",
            "BEGIN;\nCREATE TYPE mood AS ENUM ('sad');\nALTER TYPE mood ADD VALUE 'ok';\n\
             CREATE TABLE t (a int, m mood DEFAULT 'ok');\nCOMMIT;\n\
             CREATE INDEX CONCURRENTLY i ON t (a);\nCREATE INDEX j ON t (m) WHERE m = 'ok';\nVACUUM t;\n",
        )],
        "SELECT string_agg(indexrelid::regclass::text, ' ' ORDER BY 1) FROM pg_index WHERE indrelid = 't'::regclass AND indisvalid",
    );
    assert_eq!(found, "i j");
}

#[test]
fn settings_of_one_file_do_not_reach_another_and_come_before_what_is_tried_again() {
    let (found, _) = Stage::new().loads(
        Server::Shared,
        &[
            ("1.sql", "SET search_path = app;\nCREATE VIEW v AS SELECT * FROM public.t;\nCREATE TABLE inside (a int);"),
            ("2.sql", "CREATE TABLE t (a int);\nCREATE SCHEMA app;"),
            ("3.sql", "BEGIN;\nSET LOCAL search_path = app;\nCREATE VIEW w AS SELECT * FROM x;\nCOMMIT;\n"),
            ("4.sql", "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE VIEW app.x AS SELECT * FROM app.v;"),
        ],
        "SELECT string_agg(oid::regclass::text, ' ' ORDER BY oid::regclass::text COLLATE \"C\") FROM pg_class \
         WHERE relkind IN ('r', 'v') AND relnamespace IN ('public'::regnamespace, 'app'::regnamespace)",
    );
    assert_eq!(found, "app.inside app.v app.w app.x t");
}

#[test]
fn an_error_names_the_file_the_line_and_the_statement_that_explains_the_others() {
    let (error, text) = Stage::new().fails(
        Server::Shared,
        &[
            ("a.sql", "CREATE VIEW v AS SELECT a FROM t;\nCREATE VIEW w AS SELECT * FROM v;"),
            (
                "b.sql",
                "-- größer\nCREATE TABLE ok (a int);\n\nCREATE TABLE t (\n  a int,\n  b inet DEFAULT,\n);",
            ),
        ],
    );
    assert!(text.starts_with("the schema does not load: b.sql:6: syntax error"), "{text}");
    let ShadowError::Statement { at, statement, others, error } = error else { panic!("{error:?}") };
    assert_eq!(
        (at.line, at.column, at.line_text.as_str(), at.caret.as_str()),
        (6, 17, "  b inet DEFAULT,", "                ^")
    );
    assert_eq!((others, error.0.sqlstate.as_str()), (2, "42601"));
    assert!(statement.starts_with("CREATE TABLE t"), "{statement}");
    let (error, text) =
        Stage::new().fails(Server::Shared, &[("a.sql", "CREATE VIEW v AS\n  SELECT nope FROM pg_class;")]);
    assert!(text.starts_with("the schema does not load: a.sql:2: "), "{text}");
    assert!(matches!(error, ShadowError::Statement { others: 0, .. }), "{error:?}");
}

#[test]
fn what_acts_beyond_the_database_is_refused_by_name_before_anything_runs() {
    let check = |sql: &str, line: u32, says: &str, expected: Why| {
        let (error, text) = Stage::new().fails(Server::Shared, &[("a.sql", sql)]);
        assert!(text.starts_with(&format!("a.sql:{line}: `{says}` ")), "{text}");
        assert!(matches!(error, ShadowError::Refused { why, .. } if why == expected), "{text}");
    };
    check("CREATE TABLE t ();\nCREATE DATABASE x;", 2, "CREATE DATABASE", Why::Cluster);
    check("\n\nALTER SYSTEM SET a = 1;", 3, "ALTER SYSTEM", Why::Cluster);
    check("CREATE ROLE nobody_has_this;", 1, "CREATE ROLE", Why::Roles);
    check("GRANT pg_monitor TO dev;", 1, "GRANT", Why::Roles);
    check("COPY t FROM PROGRAM 'true';", 1, "COPY", Why::Files);
    check("CREATE TABLE t (a int);\nCOPY t FROM stdin;\n1\n\\.\n", 2, "COPY", Why::Data);
    check("CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p;", 1, "CREATE SUBSCRIPTION", Why::Connects);
    check("\\connect shop\n", 1, "\\connect", Why::MetaCommand);
    check("\\i other.sql\n", 1, "\\i", Why::MetaCommand);
    check("LOAD 'x';", 1, "LOAD", Why::Library);
    check("ROLLBACK;", 1, "ROLLBACK", Why::Transaction);
}

#[test]
fn a_quote_that_is_never_closed_is_named() {
    let (_, text) = Stage::new().fails(Server::Shared, &[("a.sql", "SELECT 1;\nSELECT 'x;\n")]);
    assert!(text.starts_with("a.sql:2: "), "{text}");
}

#[test]
fn a_subscription_that_connects_to_nobody_loads_and_goes_with_the_shadow() {
    let stage = Stage::new();
    let sql = "CREATE SUBSCRIPTION s CONNECTION 'host=nowhere' PUBLICATION p WITH (connect = false);";
    let folder = super::stage::folder(&[("a.sql", sql)]);
    let shadow = stage.shadow(Server::Shared);
    shadow.load(&super::stage::read(folder.path())).unwrap();
    let name = shadow.opening().url.database().unwrap().to_owned();
    drop(shadow);
    assert!(!super::stage::exists(&stage.db, &name));
}

#[test]
fn what_pg_dump_wrote_loads() {
    let stage = Stage::new();
    let mut session = crate::support::opening::opening(&stage.db.url).connect().unwrap();
    let sql = "CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('a', 'b'); \
        CREATE TABLE app.t (id serial PRIMARY KEY, m app.mood DEFAULT 'a', n int GENERATED ALWAYS AS (1) STORED); \
        CREATE VIEW v AS SELECT * FROM app.t; \
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$; \
        CREATE TRIGGER t BEFORE INSERT ON app.t FOR EACH ROW EXECUTE FUNCTION f(); \
        GRANT SELECT ON app.t TO PUBLIC; COMMENT ON TABLE app.t IS 'it''s; a table'";
    session.query(sql).unwrap();
    let text = written(&stage.db.url);
    assert!(text.contains("set_config('search_path', '', false)"), "{text}");
    // As newer versions write them.
    let plain: String =
        text.lines().filter(|line| !line.starts_with('\\')).map(|line| format!("{line}\n")).collect();
    let guarded = format!("\\restrict AbC\n\n{plain}\n\\unrestrict AbC\n");
    let folder = super::stage::folder(&[("dump.sql", &guarded)]);
    let shadow = stage.shadow(Server::Shared);
    shadow.load(&super::stage::read(folder.path())).unwrap();
    assert_eq!(lines(&written(shadow.opening().url.uri().expose())), lines(&text));
}
