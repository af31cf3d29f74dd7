//! Partitions on another server, and partitions whose rows come through their root.

use super::{EVERYBODY, Hard, Who};

#[test]
fn statistics_that_cannot_be_gathered_do_not_stop_a_restore() {
    for who in [Who::Superuser, Who::SuperuserInPlace] {
        let hard = Hard::new(
            who,
            &["postgres_fdw"],
            "CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '1', dbname 'x'); \
             CREATE USER MAPPING FOR PUBLIC SERVER far OPTIONS (user 'u', password 'p'); \
             CREATE TABLE pt (id int, k int) PARTITION BY LIST (k); CREATE TABLE pt1 PARTITION OF pt FOR VALUES IN (1); \
             CREATE FOREIGN TABLE pt_far PARTITION OF pt FOR VALUES IN (9) SERVER far; INSERT INTO pt1 VALUES (5, 1)",
        );
        hard.goes_round();
        assert_eq!(hard.place.number("SELECT count(*) FROM pt1"), 1, "{who:?}");
        let analyzed = "SELECT count(*) FROM pg_statistic WHERE starelid = 'pt1'::regclass";
        assert_eq!(hard.place.number(analyzed), 2, "{who:?}");
    }
}

#[test]
fn hash_partitions_over_an_enum_are_compared_as_a_whole() {
    for who in EVERYBODY {
        let hard = Hard::new(
            who,
            &[],
            "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy', 'a', 'b', 'c', 'd', 'e'); \
             CREATE TABLE h (m mood, i int) PARTITION BY HASH (m); \
             CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (MODULUS 3, REMAINDER 0); \
             CREATE TABLE h1 PARTITION OF h FOR VALUES WITH (MODULUS 3, REMAINDER 1); \
             CREATE TABLE h2 PARTITION OF h FOR VALUES WITH (MODULUS 3, REMAINDER 2); \
             INSERT INTO h SELECT m, i FROM unnest(enum_range(NULL::mood)) m, generate_series(1, 4) i",
        );
        hard.goes_round();
        assert_eq!(hard.place.number("SELECT count(*) FROM h"), 32, "{who:?}");
        if who == Who::Superuser {
            hard.place.run(&["backup", "verify", "latest", "--level", "3"]).exits(0);
        }
    }
}

#[test]
fn hash_partitions_come_back_into_an_emptied_database() {
    for who in [Who::SuperuserInPlace, Who::Owner] {
        let hard = Hard::new(
            who,
            &[],
            "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy', 'a', 'b', 'c', 'd', 'e'); \
             CREATE TABLE h (m mood, i int) PARTITION BY HASH (m); \
             CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (MODULUS 3, REMAINDER 0); \
             CREATE TABLE h1 PARTITION OF h FOR VALUES WITH (MODULUS 3, REMAINDER 1); \
             CREATE TABLE h2 PARTITION OF h FOR VALUES WITH (MODULUS 3, REMAINDER 2); \
             INSERT INTO h SELECT m, i FROM unnest(enum_range(NULL::mood)) m, generate_series(1, 4) i",
        );
        let before = hard.backup().schema();
        hard.sql_as_owner("DROP TABLE h; DROP TYPE mood; CREATE TABLE h (other text)");
        hard.restore(0);
        assert_eq!(hard.place.number("SELECT count(*) FROM h"), 32, "{who:?}");
        assert_eq!(hard.schema(), before, "{who:?}");
    }
}
