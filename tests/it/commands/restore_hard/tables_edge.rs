//! `restore --tables --apply` where the table is not alone: who may read what is kept, what depends on it, what it inherits,
//! and what the live table has become.

use super::{Hard, Who};
use crate::support::project::Ran;

const OWNERS: [Who; 3] = [Who::Superuser, Who::SuperuserForOwner, Who::Createdb];

fn apply(hard: &Hard, tables: &str) -> Ran {
    hard.place.run(&["restore", "latest", "--tables", tables, "--apply", "--yes"])
}

#[track_caller]
fn applied(hard: &Hard, tables: &str) -> Ran {
    let ran = apply(hard, tables);
    assert_eq!(ran.code, 0, "{:?}: {}", hard.who, ran.text());
    assert_eq!(hard.place.beside(), [""; 0], "{:?}", hard.who);
    ran
}

/// Default privileges give new tables to roles whose rows policies choose.
#[test]
fn replaced_rows_are_readable_by_the_owner_alone() {
    for who in OWNERS {
        let hard = Hard::new(
            who,
            &[],
            "CREATE TABLE secret (id int PRIMARY KEY, tenant text, word text); \
             ALTER TABLE secret ENABLE ROW LEVEL SECURITY; \
             CREATE POLICY own ON secret USING (tenant = current_user); \
             INSERT INTO secret SELECT g, 't' || g, 'x' FROM generate_series(1, 9) g; \
             ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, DELETE ON TABLES TO PUBLIC; \
             ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pg_monitor WITH GRANT OPTION",
        );
        hard.backup();
        hard.place.sql("UPDATE secret SET word = 'y'");
        applied(&hard, "secret");
        assert_eq!(
            hard.place.words(
                "SELECT count(*) || ' ' || relrowsecurity FROM pg_class c, aclexplode(relacl) \
                 WHERE relname = 'pgkeel_replaced_secret' AND grantee <> relowner GROUP BY relrowsecurity \
                 UNION ALL SELECT 'rows ' || count(*) FROM pgkeel_replaced_secret"
            ),
            "rows 9",
            "{who:?}"
        );
        assert_eq!(
            hard.place.number(
                "SELECT count(*) FROM pg_class WHERE relname = 'pgkeel_replaced_secret' AND relrowsecurity"
            ),
            1
        );
    }
}
