//! Names of NOT NULL constraints, which PostgreSQL catalogues since 18: those that it gives are no difference, those that
//! people give are.

use diesel::connection::SimpleConnection;
use pgkeel::engine::catalog::read::read;
use pgkeel::engine::catalog::{Catalog, Scope};
use pgkeel::engine::plan::{Wishes, plan};
use pgkeel::pg::connect::ConnectOptions;
use pgkeel::pg::interrupt::Interrupt;
use pgkeel::pg::session::Session;
use pgkeel::pg::url::DatabaseUrl;

use crate::support::cluster::TestDb;

fn made_by(sql: &str) -> Catalog {
    let db = TestDb::new();
    db.connect().batch_execute(sql).unwrap();
    let url = DatabaseUrl::parse(&db.url).unwrap();
    let mut session = Session::connect(&url, &ConnectOptions::default(), &Interrupt::default()).unwrap();
    read(&mut session, "pgkeel").unwrap()
}

/// As they are after a history of renames, or restored from a server that had no such names.
const GROWN: &str = r#"
    CREATE TABLE "Old one" (i int PRIMARY KEY, "a b" text NOT NULL);
    ALTER TABLE "Old one" RENAME TO "New one";
    ALTER TABLE "New one" RENAME COLUMN "a b" TO "c d";
    CREATE TABLE m (id int NOT NULL) PARTITION BY RANGE (id);
    CREATE TABLE m_1 (id int NOT NULL);
    ALTER TABLE m ATTACH PARTITION m_1 FOR VALUES FROM (0) TO (10);
    CREATE TABLE base (k int NOT NULL);
    CREATE TABLE child (k int NOT NULL);
    ALTER TABLE child INHERIT base;
    CREATE TABLE a_b (c int NOT NULL);
    CREATE TABLE a (b_c int NOT NULL);
    CREATE DOMAIN old_domain AS int NOT NULL;
    ALTER DOMAIN old_domain RENAME TO new_domain;
"#;

const FRESH: &str = r#"
    CREATE TABLE "New one" (i int PRIMARY KEY, "c d" text NOT NULL);
    ALTER TABLE "New one" RENAME CONSTRAINT "New one_pkey" TO "Old one_pkey";
    CREATE TABLE m (id int NOT NULL) PARTITION BY RANGE (id);
    CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (0) TO (10);
    CREATE TABLE base (k int NOT NULL);
    CREATE TABLE child (k int) INHERITS (base);
    CREATE TABLE a (b_c int NOT NULL);
    CREATE TABLE a_b (c int NOT NULL);
    CREATE DOMAIN new_domain AS int NOT NULL;
"#;

#[test]
fn names_that_the_server_gave_are_no_difference() {
    let (grown, fresh) = (made_by(GROWN), made_by(FRESH));
    assert_eq!(grown.differences(&fresh, &Scope::default()), []);
    assert_eq!(grown.fingerprint(&Scope::default()), fresh.fingerprint(&Scope::default()));
    for (one, other) in [(&grown, &fresh), (&fresh, &grown)] {
        assert_eq!(plan(one, other, &Wishes::default()).unwrap().script(), "");
    }
    assert_eq!((grown.unmodelled, fresh.unmodelled), (vec![], vec![]));
}

#[test]
fn a_name_that_a_user_gave_is_a_difference_where_the_server_keeps_it() {
    let unnamed = made_by("CREATE TABLE t (price int NOT NULL)");
    let named = made_by("CREATE TABLE t (price int CONSTRAINT price_not_null NOT NULL)");
    let script = plan(&unnamed, &named, &Wishes::default()).unwrap().script();
    match unnamed.server {
        180_000.. => {
            assert_eq!(
                script,
                "ALTER TABLE public.t RENAME CONSTRAINT t_price_not_null TO price_not_null;\n"
            );
        }
        _ => assert_eq!(script, ""),
    }
}
