//! `restore --tables --apply` where other tables refer to the values that come back: their rows are neither emptied nor deleted.

use super::{Hard, Who};

const OWNERS: [Who; 2] = [Who::Superuser, Who::Createdb];

fn codes(hard: &Hard) -> String {
    hard.place.words("SELECT string_agg(coalesce(p_code, 'NULL'), ' ' ORDER BY id) FROM c")
}

#[test]
fn rows_that_follow_a_changed_value_follow_it_back() {
    for who in OWNERS {
        let hard = Hard::new(
            who,
            &[],
            "CREATE TABLE p (id int PRIMARY KEY, code text UNIQUE); \
             CREATE TABLE c (id int PRIMARY KEY, p_code text REFERENCES p (code) ON UPDATE CASCADE); \
             INSERT INTO p VALUES (1, 'a'), (2, 'b'); INSERT INTO c VALUES (1, 'a'), (2, 'b')",
        );
        hard.backup();
        hard.place.sql("UPDATE p SET code = 'z' WHERE id = 2");
        assert_eq!(codes(&hard), "a z");
        let ran = hard.place.run(&["restore", "latest", "--tables", "p", "--apply", "--yes"]);
        ran.exits(0);
        assert_eq!(codes(&hard), "a b", "{who:?}");

        // Values that changed places would be NULL for a moment, and so would those that refer to them.
        hard.place.sql(
            "UPDATE p SET code = 'x' WHERE id = 1; UPDATE p SET code = 'a' WHERE id = 2; UPDATE p SET code = 'b' WHERE id = 1",
        );
        assert_eq!(codes(&hard), "b a");
        hard.place.run(&["restore", "latest", "--tables", "p", "--apply", "--yes"]).exits(1);
        assert_eq!(codes(&hard), "b a", "{who:?}");
    }
}

#[test]
fn rows_that_refer_to_a_partition_stay() {
    for who in OWNERS {
        let hard = Hard::new(
            who,
            &[],
            "CREATE TABLE p (id int PRIMARY KEY, code text) PARTITION BY LIST (id); \
             CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1, 2); CREATE UNIQUE INDEX ON p1 (code); \
             CREATE TABLE c (id int PRIMARY KEY, p_id int REFERENCES p1 (id) ON DELETE CASCADE); \
             INSERT INTO p VALUES (1, 'a'), (2, 'b'); INSERT INTO c VALUES (1, 1), (2, 2)",
        );
        hard.backup();
        hard.place.sql("UPDATE p SET code = 'x' WHERE id = 1; UPDATE p SET code = 'a' WHERE id = 2; UPDATE p SET code = 'b' WHERE id = 1");
        hard.place.run(&["restore", "latest", "--tables", "p", "--apply", "--yes"]);
        assert_eq!(hard.place.number("SELECT count(*) FROM c"), 2, "{who:?}");
        assert_eq!(hard.place.number("SELECT count(*) FROM p"), 2, "{who:?}");
    }
}

#[test]
fn a_unique_value_that_may_not_be_empty_is_simply_updated() {
    let hard = Hard::new(
        Who::Createdb,
        &[],
        "CREATE TABLE p (id int PRIMARY KEY, code text UNIQUE CHECK (code IS NOT NULL)); \
         CREATE TABLE c (p_id int REFERENCES p); INSERT INTO p VALUES (1, 'a'); INSERT INTO c VALUES (1)",
    );
    hard.backup();
    hard.place.sql("UPDATE p SET code = 'z'");
    hard.place.run(&["restore", "latest", "--tables", "p", "--apply", "--yes"]).exits(0);
    assert_eq!(hard.place.words("SELECT code FROM p"), "a");
}
