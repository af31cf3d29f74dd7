//! Rows that break their constraints: what came in with triggers off, or before a function was changed.

use super::{EVERYBODY, Hard, Who};

const KEYS: &str = "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (a int REFERENCES a); \
     COMMENT ON CONSTRAINT b_a_fkey ON b IS 'kept'; INSERT INTO b VALUES (NULL)";

/// As a replica writes, or an import with triggers off.
const ORPHAN: &str = "SET session_replication_role = replica; INSERT INTO b VALUES (7)";

#[test]
fn a_foreign_key_that_rows_break_comes_back_not_valid_and_is_named() {
    for who in EVERYBODY {
        let hard = Hard::new(who, &[], KEYS);
        hard.place.sql(ORPHAN);
        hard.backup();
        if who == Who::Superuser {
            let ran = hard.place.run(&["backup", "verify", "latest", "--level", "2"]);
            ran.exits(0);
            assert!(ran.text().contains("`b_a_fkey`"), "{}", ran.text());
        }
        let text = hard.restore(0);
        assert!(text.contains("b_a_fkey") && text.contains("NOT VALID"), "{who:?}: {text}");
        assert_eq!(hard.place.number("SELECT count(*) FROM b"), 2, "{who:?}");
        let state = "SELECT convalidated || ' ' || obj_description(oid, 'pg_constraint') FROM pg_constraint \
                     WHERE conname = 'b_a_fkey'";
        assert_eq!(hard.place.words(state), "false kept", "{who:?}");
        // The next backup and restore have it so.
        hard.backup();
        hard.restore(0);
        assert_eq!(hard.place.words(state), "false kept", "{who:?}");
    }
}

#[test]
fn drift_names_the_foreign_key_that_is_not_valid_any_more() {
    let hard = Hard::new(Who::Superuser, &[], "SELECT 1");
    hard.place.migration("20250101000000_keys", &format!("{KEYS};"), "DROP TABLE b, a;");
    hard.place.run(&["deploy"]).exits(0);
    hard.place.sql(ORPHAN);
    hard.backup();
    hard.place.run(&["drift"]).exits(0);
    hard.restore(0);
    let ran = hard.place.run(&["drift"]);
    assert_ne!(ran.code, 0, "{}", ran.text());
    assert!(ran.text().contains("b_a_fkey"), "{}", ran.text());
}

#[test]
fn a_check_that_rows_break_comes_back_not_valid_and_is_named() {
    for who in EVERYBODY {
        let hard = Hard::new(
            who,
            &[],
            "CREATE FUNCTION fine(n int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT n > 0'; \
             CREATE DOMAIN small AS int CONSTRAINT small_enough CHECK (VALUE < 100); \
             CREATE TABLE t (n int, m small, CONSTRAINT n_fine CHECK (fine(n)), CONSTRAINT other CHECK (n < 1000)); \
             CREATE TABLE parts (n int, CONSTRAINT part_fine CHECK (fine(n))) PARTITION BY LIST (n); \
             CREATE TABLE part PARTITION OF parts DEFAULT; \
             INSERT INTO t VALUES (1, 5), (5, 5); INSERT INTO parts VALUES (1); \
             CREATE OR REPLACE FUNCTION fine(n int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT n > 3'",
        );
        hard.backup();
        let text = hard.restore(0);
        assert!(text.contains("n_fine") && text.contains("part_fine"), "{who:?}: {text}");
        assert_eq!(hard.place.number("SELECT count(*) FROM t"), 2, "{who:?}");
        let broken = "SELECT string_agg(conname, ' ' ORDER BY conname, conrelid::regclass::text) FROM pg_constraint \
                      WHERE NOT convalidated";
        assert_eq!(hard.place.words(broken), "n_fine part_fine part_fine", "{who:?}");
    }
}

#[test]
fn a_unique_key_that_rows_break_is_named_and_nothing_is_restored() {
    for who in EVERYBODY {
        let hard = Hard::new(
            who,
            &[],
            "CREATE FUNCTION norm(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT t'; \
             CREATE TABLE t (t text); CREATE UNIQUE INDEX \"t Norm\" ON t (norm(t)); INSERT INTO t VALUES ('a'), ('A'); \
             CREATE OR REPLACE FUNCTION norm(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(t)'",
        );
        hard.backup();
        let text = hard.restore(10);
        assert!(text.contains("t Norm"), "{who:?}: {text}");
        assert_eq!(hard.place.number("SELECT count(*) FROM t"), 2, "{who:?}");
        if who == Who::Superuser {
            hard.place.run(&["backup", "verify", "latest", "--level", "2"]).exits(10);
        }
    }
}
